"""Where rows of a bench's audit log belong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loopdesk.domain.audit_chain import BEGINNING, ChainLink, ChainRow
from loopdesk.hub.audit.decisions import Plan, Run, RunCause, holder_of, plan
from tests.unit.domain.test_audit_chain import chain

ROWS = chain(list("abcdef"))
OTHER = chain(list("xy"), ROWS[2].link)
"""What was written after the third row of an older copy."""


def run(number: int, rows: Sequence[ChainRow], after: ChainLink = BEGINNING, store: str = "s") -> Run:
    return Run(number, store, after, rows[-1].link if rows else after)


def held(number: int, rows: Sequence[ChainRow]) -> dict[ChainLink, int]:
    return {row.link: number for row in rows}


def planned(
    place: ChainLink,
    rows: Sequence[ChainRow],
    runs: Sequence[Run],
    known: Mapping[ChainLink, int],
    *,
    store: str = "s",
    refused: bool = False,
) -> Plan:
    return plan(place, rows, runs=runs, store=store, held=known, is_after_refusal=refused)


def test_the_first_rows_begin_the_first_run() -> None:
    found = planned(BEGINNING, ROWS, [], {})
    assert found == Plan(0, BEGINNING, cause=RunCause.FIRST)


def test_rows_that_follow_the_end_go_on_with_its_run() -> None:
    found = planned(ROWS[2].link, ROWS[3:], [run(7, ROWS[:3])], held(7, ROWS[2:3]))
    assert found == Plan(0, ROWS[2].link, run=7)


def test_rows_that_are_held_are_skipped_and_the_others_follow_them() -> None:
    found = planned(BEGINNING, ROWS, [run(7, ROWS[:4])], held(7, ROWS[:4]))
    assert found == Plan(4, ROWS[3].link, run=7)
    assert planned(BEGINNING, ROWS, [run(7, ROWS)], held(7, ROWS)) == Plan(6, ROWS[5].link)


def test_rows_that_go_on_differently_begin_a_fork_beside_the_run() -> None:
    found = planned(ROWS[0].link, [*ROWS[1:3], *OTHER], [run(7, ROWS)], held(7, ROWS))
    assert found == Plan(2, ROWS[2].link, parent=7, cause=RunCause.FORKED)


def test_a_fork_is_gone_on_with_and_the_run_that_it_left_too() -> None:
    runs = [run(7, ROWS[:5]), run(8, OTHER[:1], ROWS[2].link)]
    known = held(7, ROWS[:5]) | held(8, OTHER[:1])
    assert planned(OTHER[0].link, OTHER[1:], runs, known).run == 8
    assert planned(ROWS[4].link, ROWS[5:], runs, known).run == 7
    assert planned(ROWS[1].link, [ROWS[2], *OTHER], runs, known) == Plan(2, OTHER[0].link, run=8)


def test_a_new_store_is_another_run_with_its_cause() -> None:
    found = planned(BEGINNING, OTHER, [run(7, ROWS)], {}, store="new")
    assert (found.run, found.cause, found.parent) == (None, RunCause.REPLACED, None)


def test_a_place_beyond_the_end_is_a_gap_and_one_before_it_a_fork() -> None:
    beyond, before = ChainLink(9, b"9"), ChainLink(2, b"2")
    assert planned(beyond, chain(["z"], beyond), [run(7, ROWS)], {}).cause is RunCause.GAP
    assert planned(before, chain(["z"], before), [run(7, ROWS)], {}).cause is RunCause.FORKED


def test_what_follows_a_refused_row_says_so() -> None:
    after = ChainLink(7, b"stated")
    assert planned(after, chain(["z"], after), [run(7, ROWS)], {}, refused=True).cause is RunCause.REFUSED


def test_the_holder_of_a_place_is_found_in_rows_starts_and_ends() -> None:
    runs = [run(7, ROWS[:5]), run(8, OTHER, ROWS[2].link)]
    assert holder_of(ROWS[1].link, runs, held(7, ROWS[:2])) == 7
    assert holder_of(OTHER[-1].link, runs, {}) == 8
    assert holder_of(BEGINNING, runs, {}) == 7
    assert holder_of(ROWS[1].link, runs, {}) is None
    assert holder_of(ChainLink(2, b"else"), runs, held(7, ROWS)) is None
