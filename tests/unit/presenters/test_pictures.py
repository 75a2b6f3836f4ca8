"""Two pictures of a return side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from loopdesk.domain.returns.returns import LineSeen, Note
from loopdesk.presenters.pages.cases import Telling, compare, sort_notes
from tests import builders
from tests.builders import AT
from tests.unit.presenters.rig import ZONE

NAMES = {"80000001": "Shirt", "80000002": "Cap"}
TELLING = Telling(lambda line_id: NAMES.get(line_id, line_id), "USD", ZONE, AT)
SEEN = builders.a_fingerprint()


def test_equal_pictures_differ_nowhere() -> None:
    both = compare(SEEN, SEEN, TELLING)
    assert both.then == both.now
    assert not any(x.differs for x in both.now)


def test_both_sides_have_the_same_rows() -> None:
    found = replace(
        SEEN,
        lines=(LineSeen("80000002", "default", ""),),
        exchanges=(("1", "", ""), ("2", "", "")),
        edited_at=AT.isoformat(),
    )
    both = compare(SEEN, found, TELLING, ("No notes", ("a", "b")))
    assert len(both.then) == len(both.now)
    pairs = [(a.text, b.text) for a, b in zip(both.then, both.now, strict=True) if b.differs]
    assert pairs == [
        ("Shirt", "Shirt: no longer there"),
        ("", "Cap: new"),
        ("No exchange item", "2 exchange items"),
        ("Not edited by the shopper", "Edited by the shopper 09:30"),
        ("No notes", "Note: “a”"),
        ("", "Note: “b”"),
    ]


def test_a_line_with_another_outcome_is_named() -> None:
    found = replace(SEEN, lines=(LineSeen("80000001", "keep", ""),))
    both = compare(SEEN, found, TELLING)
    assert ("Shirt: as promised", "Shirt: the shopper keeps it") in [
        (a.text, b.text) for a, b in zip(both.then, both.now, strict=True)
    ]


def test_another_sum_is_marked() -> None:
    found = replace(SEEN, totals=("92.00", "0.00", "92.00", "0.00", "0.00"), outcome="credit")
    both = compare(SEEN, found, TELLING)
    assert [(a.text, b.text) for a, b in zip(both.then, both.now, strict=True) if b.differs] == [
        ("Refund", "Store credit"),
        ("Refund 49.34 USD", "No refund"),
        ("No store credit", "Store credit 92.00 USD"),
    ]


def test_only_the_total_may_differ() -> None:
    found = replace(SEEN, totals=("40.00", *SEEN.totals[1:]))
    both = compare(SEEN, found, TELLING)
    assert [x.text for x in both.now if x.differs] == ["Total 40.00 USD"]


def test_swapped_exchange_items_are_told_apart() -> None:
    one, other = replace(SEEN, exchanges=(("1", "", ""),)), replace(SEEN, exchanges=(("2", "", ""),))
    both = compare(one, other, TELLING)
    assert [x.text for x in both.now if x.differs] == ["1 exchange item, other ones"]


def test_our_own_notes_are_no_change_at_loop() -> None:
    notes = (
        Note("1", "old", AT - timedelta(hours=1)),
        Note("2", "graded [ld:ABCDEF]", AT + timedelta(seconds=1)),
        Note("3", "new [sic]", AT + timedelta(seconds=2)),
        Note("4", "undated"),
    )
    assert sort_notes(notes, AT) == ("2 notes", ("new [sic]",))
    assert sort_notes((), AT) == ("No notes", ())
