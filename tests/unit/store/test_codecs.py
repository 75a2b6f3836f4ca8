"""Values survive a round trip through the store's encoding."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.operators import Operator, Role
from loopdesk.domain.returns.grading import Disposition, Draft, ExtraItem, Grade, Inspection
from loopdesk.domain.returns.returns import Fingerprint, LineSeen
from loopdesk.store.codecs import (
    draft_json,
    fingerprint_json,
    json_draft,
    json_fingerprint,
    operator_text,
    pack,
    text_operator,
    text_time,
    time_text,
    unpack,
)
from loopdesk.store.codes import storable

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
TIMES = st.datetimes(timezones=st.just(UTC))
TEXTS = st.tuples(ANY_TEXT) | st.just(())

PEOPLE = st.builds(Operator, ANY_TEXT, ANY_TEXT, st.sampled_from(Role))

INSPECTIONS = st.builds(
    Inspection,
    ANY_TEXT,
    st.sampled_from(Grade),
    st.sampled_from(Disposition),
    PEOPLE,
    TIMES,
    ANY_TEXT,
    TEXTS,
)
DRAFTS = st.builds(
    Draft,
    ANY_TEXT,
    inspections=st.lists(INSPECTIONS, max_size=3).map(tuple),
    seen=st.lists(st.tuples(ANY_TEXT, TIMES), max_size=3).map(tuple),
    carried=st.lists(st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT), max_size=2).map(tuple),
    extras=st.lists(
        st.builds(
            ExtraItem,
            TIMES,
            ANY_TEXT,
            ANY_TEXT,
            item_id=ANY_TEXT,
            instead_of=ANY_TEXT,
            title=ANY_TEXT,
            carried=st.lists(st.tuples(ANY_TEXT, ANY_TEXT), max_size=2).map(tuple),
            grade=st.none() | st.sampled_from(Grade),
            disposition=st.none() | st.sampled_from(Disposition),
            photos=TEXTS,
            decided_at=st.none() | TIMES,
        ),
        max_size=2,
    ).map(tuple),
    notes=TEXTS,
    flag_reason=ANY_TEXT,
    empty_box=st.booleans(),
    wrong_parcel=st.booleans(),
    chosen=ANY_TEXT,
    selected=ANY_TEXT,
    parked=st.booleans(),
    updated_at=st.none() | TIMES,
)
FINGERPRINTS = st.builds(
    Fingerprint,
    state=ANY_TEXT,
    outcome=ANY_TEXT,
    lines=st.lists(st.builds(LineSeen, *[ANY_TEXT] * 8), max_size=2).map(tuple),
    totals=TEXTS,
    exchanges=st.lists(st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT), max_size=2).map(tuple),
    edited_at=ANY_TEXT,
    currency=ANY_TEXT,
    handling_fee=ANY_TEXT,
    destination_id=ANY_TEXT,
    kind=ANY_TEXT,
)


def halves_joined(text: str) -> str:
    """Two adjacent surrogate halves are read back as one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


@given(DRAFTS)
def test_a_draft_comes_back_exactly(draft: Draft) -> None:
    text = draft_json(draft)
    assert text.isascii()
    assert draft_json(json_draft(text)) == text
    if halves_joined(repr(draft)) == repr(draft):
        assert json_draft(text) == draft


@given(FINGERPRINTS)
def test_a_fingerprint_comes_back_exactly(seen: Fingerprint) -> None:
    text = fingerprint_json(seen)
    assert text is not None
    assert fingerprint_json(json_fingerprint(text)) == text


@pytest.mark.fault(166)
def test_a_fingerprint_of_an_older_version_has_what_it_had_and_knows_that_it_is_older() -> None:
    old = {
        "state": "open",
        "outcome": "refund",
        "lines": [["1", "default", ""]],
        "totals": ["46.00", "46.00", "0.00", "0.00", "0.00"],
        "exchanges": ["31"],
        "edited_at": "",
    }
    seen = json_fingerprint(json.dumps(old))
    assert seen is not None
    assert (seen.version, seen.lines, seen.exchanges) == (
        1,
        (LineSeen("1", "default", ""),),
        (("31", "", ""),),
    )
    assert (seen.currency, seen.handling_fee, seen.destination_id, seen.kind) == ("", "", "", "")


def test_no_fingerprint_stays_none() -> None:
    assert fingerprint_json(None) is None
    assert json_fingerprint(None) is None


@given(ANY_TEXT)
def test_a_body_comes_back_exactly(body: str) -> None:
    assert unpack(pack(body)) == body


@given(TIMES, TIMES)
def test_times_sort_as_their_texts(one: datetime, other: datetime) -> None:
    assert (one < other) == (time_text(one) < time_text(other))
    assert text_time(time_text(one)) == one


def test_a_time_elsewhere_is_stored_as_utc() -> None:
    there = datetime(2026, 3, 2, 1, 0, tzinfo=timezone(timedelta(hours=5)))
    assert time_text(there) == "2026-03-01T20:00:00.000000+00:00"


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        time_text(datetime(2026, 3, 2))  # noqa: DTZ001


@given(ANY_TEXT)
def test_any_text_can_be_made_fit_for_a_file(text: str) -> None:
    storable(text).encode()
    if text.isprintable():
        assert storable(text) == text


@given(PEOPLE)
def test_a_person_is_written_in_one_text_and_read_back_whole(who: Operator) -> None:
    sound = Operator(storable(who.id), storable(who.name), who.role)
    assert text_operator(operator_text(who)) == sound


@given(ANY_TEXT)
def test_whatever_a_name_says_it_makes_nobody_a_lead(name: str) -> None:
    assert text_operator(operator_text(Operator(name=name))) == Operator(name=storable(name))


def test_where_no_people_are_set_up_the_name_stands_alone_as_it_did_before() -> None:
    assert operator_text(Operator(name="Åse")) == "Åse"
    assert text_operator("Åse") == Operator(name="Åse")
    assert text_operator("{not JSON") == Operator(name="{not JSON")
    assert text_operator('{"name": "half"}') == Operator(name='{"name": "half"}')


def test_the_name_can_be_read_beside_id_and_role() -> None:
    assert operator_text(Operator("k7", "Åse", Role.LEAD)) == '{"id":"k7","name":"Åse","role":"lead"}'


AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_draft_from_before_people_were_values_reads_as_it_was() -> None:
    found = Inspection(
        "80000001", Grade.A, Disposition.DONATE, Operator(name="Ana"), datetime(2026, 1, 1, tzinfo=UTC)
    )
    text = draft_json(Draft("70000001", (found,)))
    assert json.loads(text)["inspections"][0]["operator"] == "Ana"
    assert json_draft(text).inspections == (found,)
