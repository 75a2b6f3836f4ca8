"""What Loop accepted and then could not do is in Attention, once."""

from __future__ import annotations

from typing import Any

import pytest

from loopdesk.domain.errors import HubUnreachable
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Cause, Entry, Move, ParkReason, Stage, Why
from loopdesk.presenters.words import words
from loopdesk.services.outbox.late_failures import KNOWN, LateFailures
from loopdesk.services.ports.following import HubWithout, LateFailure
from loopdesk.services.station.events import NeedsPerson
from tests.builders import RETURN_ID, a_keep_request
from tests.unit.services.outbox_rig import Rig


class TellingHub:
    """Tells what a test has put in."""

    def __init__(self) -> None:
        self.failed: list[LateFailure] = []
        self.refusal: Exception | None = None
        self.asked: list[int] = []

    async def failures(self, after: int) -> tuple[LateFailure, ...]:
        """Return two at a time."""
        self.asked.append(after)
        if self.refusal is not None:
            raise self.refusal
        return tuple(x for x in self.failed if x.number > after)[:2]


class Bench:
    """A bench with one settlement that Loop has accepted."""

    def __init__(self) -> None:
        self.rig = Rig()
        self.hub = TellingHub()
        self.failures = self.built()

    def built(self) -> LateFailures:
        """Build the service as at a start of the program."""
        stream: Any = self.hub
        rig = self.rig
        return LateFailures(
            stream=stream, outbox=rig.outbox, cache=rig.returns, stage_writer=rig.parts.stage_writer
        )

    async def accepted(self) -> Entry:
        """Keep a processing, and let it be accepted."""
        [entry] = await self.rig.outbox.keep(a_keep_request(Kind.PROCESS))
        await self.rig.outbox.release(entry.settlement_id)
        for source, target in ((Stage.READY, Stage.SENDING), (Stage.SENDING, Stage.SETTLING)):
            await self.move(entry, source, target)
        return entry

    async def move(self, entry: Entry, source: Stage, target: Stage) -> None:
        """Move the entry."""
        at = self.rig.clock.now()
        await self.rig.outbox.apply([Move(entry.entry_id, source, target)], at=at)

    async def now(self, entry: Entry) -> Entry:
        """Return the entry as it is."""
        return next(x for x in await self.rig.outbox.lane(RETURN_ID) if x.entry_id == entry.entry_id)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def failed(entry: Entry, number: int = 1, message: str = "Gift card could not be made.") -> LateFailure:
    return LateFailure(number, entry.return_id, entry.entry_id, message)


@pytest.mark.fault(216)
async def test_a_processing_that_failed_later_needs_a_person_with_loops_words(bench: Bench) -> None:
    entry = await bench.accepted()
    bench.hub.failed = [failed(entry)]
    await bench.failures.ask_about([RETURN_ID])
    now = await bench.now(entry)
    assert (now.stage, now.reason) == (Stage.PARKED, ParkReason.REFUSED)
    assert now.cause == Cause(Why.FAILED_LATER, "Gift card could not be made.")
    assert words.failure(now.cause) == (
        "Loop accepted it, and then could not do it: Gift card could not be made."
    )
    assert [x.return_id for x in bench.rig.told(NeedsPerson)] == [RETURN_ID]
    assert await bench.rig.returns.marked(KNOWN) == "1"


@pytest.mark.fault(216)
async def test_it_is_told_once_whatever_was_decided_since(bench: Bench) -> None:
    entry = await bench.accepted()
    bench.hub.failed = [failed(entry)]
    await bench.failures.ask_about([])
    await bench.move(entry, Stage.PARKED, Stage.READY)
    await bench.move(entry, Stage.READY, Stage.SENDING)
    await bench.move(entry, Stage.SENDING, Stage.SETTLING)
    await bench.built().ask_about([])
    assert (await bench.now(entry)).stage is Stage.SETTLING
    assert len(bench.rig.told(NeedsPerson)) == 1
    bench.hub.failed.append(failed(entry, 2, ""))
    await bench.built().ask_about([])
    assert (await bench.now(entry)).cause == Cause(Why.FAILED_LATER)


async def test_what_is_parked_already_says_why(bench: Bench) -> None:
    entry = await bench.accepted()
    await bench.move(entry, Stage.SETTLING, Stage.PARKED)
    bench.hub.failed = [failed(entry)]
    await bench.failures.ask_about([RETURN_ID])
    assert (await bench.now(entry)).cause.code == Why.FAILED_LATER


@pytest.mark.parametrize("end", [Stage.DONE])
async def test_what_has_ended_is_left_alone(bench: Bench, end: Stage) -> None:
    entry = await bench.accepted()
    await bench.move(entry, Stage.SETTLING, end)
    bench.hub.failed = [failed(entry)]
    await bench.failures.ask_about([])
    assert (await bench.now(entry)).stage is end
    assert await bench.rig.returns.marked(KNOWN) == "1"


async def test_many_come_in_pages_and_a_stranger_is_only_counted(bench: Bench) -> None:
    entry = await bench.accepted()
    strangers = [LateFailure(n, "71", "0" * 32, "") for n in range(1, 6)]
    bench.hub.failed = [*strangers, failed(entry, 6)]
    await bench.failures.ask_about([])
    assert bench.hub.asked == [0, 2, 4, 6]
    assert (await bench.now(entry)).stage is Stage.PARKED


async def test_the_hub_is_asked_only_where_something_waits(bench: Bench) -> None:
    await bench.failures.ask_about([RETURN_ID])
    assert bench.hub.asked == []
    await bench.accepted()
    await bench.failures.ask_about(["71"])
    assert bench.hub.asked == []
    await bench.failures.ask_about(["71", RETURN_ID])
    assert bench.hub.asked == [0]


async def test_a_hub_that_tells_none_or_is_away_changes_nothing(bench: Bench) -> None:
    entry = await bench.accepted()
    bench.hub.refusal = HubWithout()
    await bench.failures.ask_about([])
    bench.hub.refusal = HubUnreachable()
    with pytest.raises(HubUnreachable):
        await bench.failures.ask_about([])
    assert (await bench.now(entry)).stage is Stage.SETTLING


async def test_a_hub_that_counts_anew_is_asked_from_the_beginning(bench: Bench) -> None:
    await bench.rig.returns.mark(KNOWN, "50")
    await bench.failures.begin_anew()
    entry = await bench.accepted()
    bench.hub.failed = [failed(entry)]
    await bench.failures.ask_about([])
    assert (await bench.now(entry)).stage is Stage.PARKED
