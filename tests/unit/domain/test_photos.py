"""The photos of a draft: attached once, replaced in their place, and compulsory by grade or by place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.returns.grading import (
    Disposition,
    Draft,
    ExtraItem,
    Grade,
    GradeRule,
    PhotoRule,
    Vocabulary,
)
from loopdesk.domain.returns.photos import photos_of, unphotographed, with_photo, without_photo
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.domain.settlement import SettlementKind, plan
from tests.builders import AT, LINE_ID, OPERATOR, RETURN_ID, STATION, a_line, a_return, an_inspection

RULES = {Grade.D: PhotoRule.REQUIRED}
VOCABULARY = Vocabulary(
    grades=tuple(
        GradeRule(
            x,
            x.name,
            x.name,
            Disposition.BACK_TO_STOCK,
            photo=RULES.get(x, PhotoRule.NONE),
        )
        for x in Grade
    ),
    dispositions={x: x.value for x in Disposition},
    photographed=frozenset({Disposition.DONATE}),
)
NAMES = st.sampled_from(["a.jpg", "b.jpg", "c.jpg"])


def draft_of(**fields: Any) -> Draft:
    return Draft(RETURN_ID, (an_inspection(**fields),))


@given(st.lists(st.tuples(st.booleans(), NAMES)))
def test_what_is_attached_is_there_once_and_what_is_taken_away_is_gone(acts: list[tuple[bool, str]]) -> None:
    draft, wanted = draft_of(), list[str]()
    for attaches, name in acts:
        if attaches:
            draft = with_photo(draft, LINE_ID, name)
            wanted += [] if name in wanted else [name]
        else:
            draft = without_photo(draft, LINE_ID, name)
            wanted = [x for x in wanted if x != name]
    assert photos_of(draft, LINE_ID) == tuple(wanted)


def test_another_photo_stands_where_the_one_before_it_stood() -> None:
    draft = draft_of(photos=("a.jpg", "b.jpg"))
    assert photos_of(with_photo(draft, LINE_ID, "c.jpg", instead_of="a.jpg"), LINE_ID) == ("c.jpg", "b.jpg")
    assert photos_of(with_photo(draft, LINE_ID, "b.jpg", instead_of="a.jpg"), LINE_ID) == ("b.jpg",)
    assert photos_of(with_photo(draft, LINE_ID, "c.jpg", instead_of="z.jpg"), LINE_ID)[-1] == "c.jpg"


def test_an_item_on_no_line_has_photos_of_its_own() -> None:
    draft = Draft(
        RETURN_ID, extras=(ExtraItem(AT, "sock", item_id="extra-1"), ExtraItem(AT, "hat", item_id="extra-2"))
    )
    draft = with_photo(draft, "extra-2", "a.jpg")
    assert (photos_of(draft, "extra-1"), photos_of(draft, "extra-2")) == ((), ("a.jpg",))
    assert without_photo(draft, "extra-2", "a.jpg").extras[1].photos == ()


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"grade": Grade.D}, ("Socks",)),
        ({"grade": Grade.D, "photos": ("a.jpg",)}, ()),
        ({"grade": Grade.A}, ()),
        ({"grade": Grade.A, "disposition": Disposition.DONATE}, ("Socks",)),
    ],
)
def test_a_photo_is_compulsory_by_grade_or_by_place(
    fields: dict[str, object], missing: tuple[str, ...]
) -> None:
    ret = a_return(lines=(a_line(title="Socks"),))
    assert unphotographed(ret, draft_of(**fields), VOCABULARY, PhotoRule.REQUIRED) == missing


@pytest.mark.parametrize("kind", list(SettlementKind))
def test_no_settlement_that_sends_grades_is_planned_without_a_compulsory_photo(kind: SettlementKind) -> None:
    line = a_line(title="Socks")
    aside = kind is SettlementKind.SET_ASIDE
    ret = a_return(lines=(line,), state=ReturnState.CANCELLED if aside else ReturnState.OPEN)
    draft = replace(draft_of(grade=Grade.D), flag_reason="bad" if kind is SettlementKind.FLAG else "")
    if kind is SettlementKind.REMOVE_AND_PROCESS:
        second = a_line("30000002", title="Hat")
        ret = replace(ret, lines=(line, second))
        draft = draft.with_inspection(an_inspection("30000002", grade=Grade.MISSING))

    def planned(draft: Draft) -> object:
        return plan(ret, draft, kind, VOCABULARY, operator=OPERATOR, station=STATION)

    assert planned(with_photo(draft, LINE_ID, "a.jpg"))
    if aside:
        assert planned(draft)
        return
    with pytest.raises(RuleBroken) as caught:
        planned(draft)
    assert (caught.value.detail, caught.value.values) == ("photo_missing", {"item": "Socks"})


def test_an_item_on_no_line_needs_its_photo_too() -> None:
    extra = ExtraItem(
        AT, words="a red hat", item_id="extra-1", grade=Grade.D, disposition=Disposition.RECYCLE
    )
    draft = replace(draft_of(), extras=(extra,))
    assert unphotographed(a_return(), draft, VOCABULARY, PhotoRule.REQUIRED) == ("a red hat",)
