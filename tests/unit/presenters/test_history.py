"""The audit log of a return as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import NO_CAUSE, Cause, Why
from loopdesk.presenters.pages.history import history, summed
from loopdesk.services.ports.store import AuditRow
from tests import builders
from tests.builders import AT
from tests.unit.presenters.rig import ZONE

LANE = (
    builders.an_entry(1, Kind.GRADE),
    builders.an_entry(2, Kind.GRADE),
    builders.an_entry(3, Kind.PROCESS),
)


def a_row(event: str, entry: int = 0, by: str = "", after: float = 0, **detail: Any) -> AuditRow:
    entry_id = LANE[entry - 1].entry_id if entry else ""
    at = AT + timedelta(seconds=after)
    return AuditRow(1, at, event, Operator(name=by), "dock 1", builders.RETURN_ID, entry_id, detail)


def moved(source: str, target: str, cause: Cause = NO_CAUSE, **detail: Any) -> Mapping[str, Any]:
    return {"from": source, "to": target, "reason": "", "cause": cause.plain, **detail}


def told(*rows: AuditRow) -> list[str]:
    return [x.what for x in history(rows, LANE, ZONE, AT)]


def test_kinds_are_summed_up() -> None:
    assert summed([Kind.GRADE, Kind.GRADE, Kind.NOTE]) == "grade 2 lines, 1 note"


def test_moves_of_one_moment_are_told_together() -> None:
    detail = moved("sending", "done")
    assert told(a_row("moved", 1, **detail), a_row("moved", 2, **detail)) == [
        "Confirmed by Loop: grade 2 lines."
    ]
    apart = told(a_row("moved", 1, **detail), a_row("moved", 2, after=5, **detail))
    assert apart == ["Confirmed by Loop: grade 1 line."] * 2


def test_each_move_has_its_sentence() -> None:
    assert told(
        a_row("moved", 3, **moved("sending", "settling")),
        a_row("moved", 3, after=2, **moved("sending", "uncertain")),
        a_row("moved", 3, after=4, **moved("sending", "ready")),
        a_row("moved", 3, after=6, **moved("parked", "ready")),
        a_row("moved", 3, after=8, **moved("ready", "superseded")),
        a_row("confirmed", 3, after=9, **moved("parked", "superseded", cause=Cause(Why.CLAIMED, "dock 3"))),
        a_row("recovered", 3, after=10, **moved("sending", "uncertain")),
        a_row("moved", 3, after=11, **moved("ready", "parked", reason="undecided")),
    ) == [
        "Accepted by Loop, waiting for it to finish: process.",
        "The answer got lost; Loop is asked what happened: process.",
        "Not sent, tried again later: process.",
        "Goes on: process.",
        "Loop had done it already: process.",
        "Loop had done it already: process; it was finished at dock 3.",
        "The program was interrupted while sending: process.",
        "Stopped: process. Loop does not show whether it happened.",
    ]


def test_no_code_of_the_outbox_is_told() -> None:
    assert told(
        a_row("parked", 3, **moved("settling", "parked", reason="undecided", cause=Cause(Why.NO_EFFECT))),
        a_row(
            "moved",
            3,
            after=2,
            **moved("sending", "parked", reason="refused", cause=Cause(Why.REFUSED, "Not yours")),
        ),
        a_row("moved", 3, after=4, **moved("ready", "parked", reason="conflict", cause=Cause(Why.CHANGED))),
        a_row("moved", 3, after=6, **moved("uncertain", "done", cause=Cause(Why.TWICE))),
    ) == [
        "Stopped: process. Loop does not show whether it happened: Loop shows no effect of it so far.",
        "Stopped: process. Loop refused: Not yours.",
        "Asked Loop again (process). Loop shows something else than the operator saw. Stopped.",
        "Confirmed by Loop: process; the note stands twice at Loop.",
    ]


def test_what_a_person_did_carries_the_name() -> None:
    assert told(
        a_row("moved", 3, "Kim", **moved("parked", "ready")),
        a_row("moved", 3, "Kim", after=2, **moved("parked", "done")),
        a_row(
            "moved",
            3,
            "Kim",
            after=4,
            **moved("parked", "withdrawn", cause=Cause(Why.DROPPED, "went back")),
        ),
        a_row("waived", 1, "Kim", after=6),
        a_row("withdrawn", 0, "Kim", after=8, settlement="s"),
    ) == [
        "Kim chose to send again: process.",
        "Kim said it is done: process.",
        "Kim dropped: process: “went back”.",
        "Kim allowed the return to go on without: grade 1 line.",
        "Withdrawn by Kim before anything was sent.",
    ]


def test_a_settlement_of_unknown_entries_is_still_told() -> None:
    assert told(a_row("kept", 0, "Ana", kind="process", entries=["gone"])) == [
        "Kept on dock 1 by Ana: Process."
    ]
    assert told(a_row("something_new", 0)) == ["Something new."]
