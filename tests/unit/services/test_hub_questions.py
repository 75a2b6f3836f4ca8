"""Benches that have a hub: after a lost answer it is asked first, and who claimed a return is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from loopdesk.domain.errors import HubUnsent
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.hub_word import HubClaim
from loopdesk.domain.outbox.stages import ParkReason, Stage, Why
from loopdesk.domain.returns.returns import Note, ReturnState
from loopdesk.services.station.connection import LinkState
from loopdesk.services.station.events import Settled
from tests.builders import RETURN_ID, a_return
from tests.fakes.gateway import lost_after, lost_before, refused, swallowed, unsent
from tests.fakes.hub import Hub, HubbedGateway
from tests.unit.services.outbox_rig import Rig

WHOLE = (Kind.GRADE, Kind.PROCESS)


class HubRig(Rig):
    """A bench with a hub."""

    line: HubbedGateway


@asynccontextmanager
async def benches(count: int = 1) -> AsyncIterator[tuple[Hub, list[HubRig]]]:
    """Run benches with one hub, by one clock."""
    rigs = [HubRig()]
    rigs += [HubRig(clock=rigs[0].clock) for _ in range(count - 1)]
    hub = Hub(rigs[0].clock)
    hub.loop.add(a_return())
    for number, rig in enumerate(rigs, 1):
        rig.gateway = rig.line = HubbedGateway(hub)
        rig.station = replace(rig.station, station=f"dock {number}", operator=Operator(name=f"Ana {number}"))
        rig.build()
        rig.start()
    await hub.clock.turn(0.0)
    try:
        yield hub, rigs
    finally:
        for rig in rigs:
            rig.sender._stopping = True
            await rig.tasks.aclose()
    assert [rig.faults for rig in rigs] == [[]] * count


async def test_a_settlement_goes_through_the_hub_under_a_name_of_its_own() -> None:
    async with benches() as (hub, (rig,)):
        grade, process = await rig.keep(*WHOLE, operator=Operator(name="Zoë"))
        await hub.clock.turn(30.0)
        assert rig.stages(grade, process) == (Stage.DONE, Stage.DONE)
        assert [key.header for key in rig.line.keys] == [f"{grade.entry_id}.1", f"{process.entry_id}.1"]
        assert {(key.person, key.generation) for key in rig.line.keys} == {("Zoë", "g-1")}
        attempts = [x for entry in (grade, process) for x in await rig.outbox.attempts(entry.entry_id)]
        assert [x.asked_as for x in attempts] == [f"{grade.entry_id}.1@g-1", f"{process.entry_id}.1@g-1"]


async def test_without_a_hub_nothing_is_named_and_nothing_is_asked() -> None:
    rig = Rig()  # its gateway fails at every question for a hub
    rig.gateway.plant("process", lost_before())
    rig.start()
    entries = await rig.keep(*WHOLE)
    await rig.clock.turn(30.0)
    attempts = [x for entry in entries for x in await rig.outbox.attempts(entry.entry_id)]
    assert [x.asked_as for x in attempts] == ["", ""]
    await rig.tasks.aclose()
    assert rig.faults == []


@pytest.mark.fault(36, 37)
@pytest.mark.parametrize("kind", [Kind.PROCESS, Kind.FLAG, Kind.NOTE, Kind.GRADE])
@pytest.mark.parametrize("cut", ["before", "after"])
async def test_a_line_to_the_hub_that_broke_is_settled_by_asking_the_hub(kind: Kind, cut: str) -> None:
    async with benches() as (hub, (rig,)):
        rig.line.cuts.append(cut)
        (entry,) = await rig.keep(kind)
        await hub.clock.turn(40.0)
        assert rig.now(entry).stage is Stage.DONE
        assert hub.questions == [f"{entry.entry_id}.1"]
        assert hub.loop.seen(kind) == 1
        assert [key.attempt for key in rig.line.keys] == ([1, 2] if cut == "before" else [1])
        assert rig.now(entry).tries == 1


async def test_what_the_hub_says_it_never_sent_does_not_count_as_a_try() -> None:
    async with benches() as (hub, (rig,)):
        rig.line.cuts.append("before")
        hub.loop.hold("process")
        (entry,) = await rig.keep(Kind.PROCESS)
        await hub.clock.turn(6.0)
        assert rig.now(entry).stage is Stage.SENDING
        assert (rig.now(entry).tries, rig.now(entry).unresolved) == (0, 0)
        hub.loop.release()


async def test_a_request_that_arrives_after_the_question_is_not_sent_to_loop_any_more() -> None:
    async with benches() as (hub, (rig,)):
        rig.line.cuts.append("late")
        (entry,) = await rig.keep(Kind.PROCESS)
        await hub.clock.turn(40.0)
        assert rig.now(entry).stage is Stage.DONE
        assert [type(said) for said in await rig.line.deliver()] == [HubUnsent]
        assert hub.loop.seen(Kind.PROCESS) == 1


async def test_while_the_hub_is_at_work_nothing_that_loop_shows_counts() -> None:
    """Another bench may have done what is seen there."""
    async with benches() as (hub, (rig,)):
        rig.line.cuts.append("after")
        (entry,) = await rig.keep(Kind.PROCESS)
        await hub.clock.turn(1.0)
        hub.rows[f"{entry.entry_id}.1"].outcome = "sending"
        assert hub.loop.truth[RETURN_ID].ret.state is ReturnState.CLOSED
        await rig.confirmer.observe(await hub.loop.details(RETURN_ID))
        await hub.clock.turn(20.0)
        assert rig.now(entry).stage is Stage.UNCERTAIN
        assert len(hub.questions) > 1, "it is asked again"
        hub.rows[f"{entry.entry_id}.1"].outcome = "stored"
        await hub.clock.turn(60.0)
        assert rig.now(entry).stage is Stage.DONE


async def test_only_what_the_hub_does_not_know_is_read_back_at_loop() -> None:
    async with benches() as (hub, (rig,)):
        hub.loop.plant("process", lost_after())
        (entry,) = await rig.keep(Kind.PROCESS)
        await hub.clock.turn(30.0)
        assert rig.now(entry).stage is Stage.DONE
        assert hub.questions == [f"{entry.entry_id}.1"], "once is enough"


async def test_an_unreachable_hub_leaves_everything_as_it_is_and_is_asked_when_it_is_back() -> None:
    async with benches() as (hub, (rig,)):
        rig.line.cuts.append("after")
        (entry,) = await rig.keep(Kind.PROCESS)
        await hub.clock.turn(0.5)
        rig.line.is_down = True
        await hub.clock.turn(4 * 3600.0)
        assert rig.now(entry).stage is Stage.UNCERTAIN
        assert hub.questions == []
        rig.line.is_down = False
        await hub.clock.turn(120.0)
        assert rig.now(entry).stage is Stage.DONE
        assert hub.loop.seen(Kind.PROCESS) == 1


async def test_a_refusal_that_the_hub_stored_parks_with_loops_words() -> None:
    async with benches() as (hub, (rig,)):
        rig.line.cuts.append("after")
        hub.loop.plant("process", refused("Not today."))
        (entry,) = await rig.keep(Kind.PROCESS)
        await hub.clock.turn(30.0)
        now = rig.now(entry)
        assert (now.stage, now.reason) == (Stage.PARKED, ParkReason.REFUSED)
        assert (now.cause.code, now.cause.value) == (Why.REFUSED, "Not today.")
        assert (now.tries, now.unresolved) == (1, 0)


async def test_what_the_hub_proves_unsent_waits_and_goes_out_by_itself() -> None:
    async with benches() as (hub, (rig,)):
        hub.loop.plant("process", unsent(), unsent())
        (entry,) = await rig.keep(Kind.PROCESS)
        await hub.clock.turn(60.0)
        assert rig.now(entry).stage is Stage.DONE
        assert [key.attempt for key in rig.line.keys] == [1, 2, 3]
        assert rig.now(entry).tries == 1


async def test_after_a_restart_the_hub_is_asked_about_what_was_on_its_way() -> None:
    async with benches() as (hub, (rig,)):
        hub.loop.hold("process")
        (entry,) = await rig.keep(Kind.PROCESS)
        await hub.clock.turn(1.0)
        assert rig.now(entry).stage is Stage.SENDING
        await rig.crash()
        hub.loop.release()
        hub.rows.clear()  # the hub never got it
        rig.start()
        await hub.clock.turn(40.0)
        assert rig.now(entry).stage is Stage.DONE
        assert hub.questions == [f"{entry.entry_id}.1"]


@pytest.mark.fault(68)
async def test_a_hub_that_was_put_back_to_an_older_copy_proves_nothing() -> None:
    async with benches() as (hub, (rig,)):
        rig.line.cuts.append("after")
        (entry,) = await rig.keep(Kind.PROCESS)
        await hub.clock.turn(0.5)
        hub.rows.clear()
        hub.generation = "g-2"
        await hub.clock.turn(60.0)
        assert rig.now(entry).stage is Stage.DONE, "Loop was read"
        assert hub.loop.seen(Kind.PROCESS) == 1


async def test_what_went_to_loop_before_there_was_a_hub_is_not_asked_there() -> None:
    async with benches() as (hub, (rig,)):
        rig.line.is_hub = False
        rig.line._pass_on = lambda kind, return_id, send: send()  # type: ignore[method-assign,assignment,return-value]
        hub.loop.plant("process", lost_after())
        (entry,) = await rig.keep(Kind.PROCESS)
        await hub.clock.turn(0.5)
        assert rig.now(entry).stage is Stage.UNCERTAIN
        rig.line.is_hub = True
        await hub.clock.turn(30.0)
        assert rig.now(entry).stage is Stage.DONE
        assert hub.questions == []


@pytest.mark.fault(83)
async def test_of_two_benches_one_finishes_the_return_and_the_other_is_told_who_and_when() -> None:
    async with benches(2) as (hub, (first, second)):
        hub.loop.processing_seconds = 600.0
        mine = await first.keep(*WHOLE, operator=Operator(name="Ana"))
        await hub.clock.turn(3.0)
        theirs = await second.keep(*WHOLE, operator=Operator(name="Ben"))
        await hub.clock.turn(10.0)
        assert first.now(mine[1]).stage is Stage.SETTLING
        stood = second.now(theirs[1])
        assert (stood.stage, stood.reason) == (Stage.PARKED, ParkReason.CONFLICT)
        assert stood.cause.code == Why.CLAIMED_AT_HUB
        claim = HubClaim.of(stood.cause.value)
        assert (claim.station, claim.person) == ("dock of Ana", "Ana")
        assert claim.at
        assert hub.loop.seen(Kind.PROCESS) == 1
        attempts = await second.outbox.attempts(theirs[1].entry_id)
        assert [x.evidence for x in attempts] == ["claimed"]


@pytest.mark.fault(83)
async def test_who_waited_for_another_bench_calls_nothing_its_own_that_the_other_did() -> None:
    async with benches(2) as (hub, (first, second)):
        hub.loop.processing_seconds = 600.0
        mine = await first.keep(*WHOLE, operator=Operator(name="Ana"))
        await hub.clock.turn(3.0)
        theirs = await second.keep(*WHOLE, operator=Operator(name="Ben"))
        await hub.clock.turn(700.0)
        assert second.now(theirs[1]).stage is Stage.PARKED
        await second.confirmer.observe(await hub.loop.details(RETURN_ID))
        stood = second.now(theirs[1])
        assert (first.now(mine[1]).stage, stood.stage) == (Stage.DONE, Stage.SUPERSEDED)
        assert HubClaim.of(stood.cause.value).person == "Ana", "it still says who has done it"
        (ours,), (others,) = first.told(Settled), second.told(Settled)
        assert (ours.is_ours, others.is_ours) == (True, False)
        assert others.cause == stood.cause


@pytest.mark.fault(83)
async def test_who_comes_back_and_finds_the_return_finished_is_told_by_whom() -> None:
    async with benches(2) as (hub, (first, second)):
        second.line.is_down = True
        theirs = await second.keep(*WHOLE, operator=Operator(name="Ben"))
        await first.keep(*WHOLE, operator=Operator(name="Ana"))
        await hub.clock.turn(30.0)
        second.line.is_down = False
        second.sender.wake()
        await hub.clock.turn(60.0)
        stood = second.now(theirs[1])
        assert stood.stage is Stage.SUPERSEDED
        assert HubClaim.of(stood.cause.value).person == "Ana"
        assert [(x.is_ours, x.cause) for x in second.told(Settled)] == [(False, stood.cause)]
        assert hub.loop.seen(Kind.PROCESS) == 1


async def _another_finishes_meanwhile(hub: Hub, other: HubRig) -> None:
    """The hub is put back to an older copy, and another bench finishes what it knows nothing of any more."""
    hub.rows.clear()
    hub.claims.clear()
    hub.generation = "g-2"
    (theirs,) = await other.keep(Kind.PROCESS, operator=Operator(name="Ben"))
    await hub.clock.turn(10.0)
    assert other.now(theirs).stage is Stage.DONE


@pytest.mark.fault(68, 83)
async def test_an_effect_that_may_be_another_benchs_is_not_called_ours_where_the_hub_lost_sight_of_ours() -> (
    None
):
    async with benches(2) as (hub, (first, second)):
        hub.loop.plant("process", lost_before())
        (mine,) = await first.keep(Kind.PROCESS, operator=Operator(name="Ana"))
        await hub.clock.turn(0.5)
        assert first.now(mine).unresolved == 1
        first.line.is_down = True
        await _another_finishes_meanwhile(hub, second)
        first.line.is_down = False
        await hub.clock.turn(120.0)
        stood = first.now(mine)
        assert (stood.stage, stood.reason) == (Stage.PARKED, ParkReason.CONFLICT)
        assert HubClaim.of(stood.cause.value).person == "Ben"
        await first.confirmer.observe(await hub.loop.details(RETURN_ID))
        assert first.now(mine).stage is Stage.SUPERSEDED


@pytest.mark.fault(68, 83)
async def test_who_has_the_return_is_asked_when_the_effect_shows_not_only_before() -> None:
    async with benches(2) as (hub, (first, second)):
        hub.loop.plant("process", lost_before())
        (mine,) = await first.keep(Kind.PROCESS, operator=Operator(name="Ana"))
        await hub.clock.turn(30.0)
        assert hub.questions == [f"{mine.entry_id}.1"], "nobody else had it then"
        first.line.is_down = True
        await _another_finishes_meanwhile(hub, second)
        shown = await hub.loop.details(RETURN_ID)
        await first.confirmer.observe(shown)
        assert first.now(mine).stage is Stage.UNCERTAIN, "nobody says whose it is"
        first.line.is_down = False
        await first.confirmer.observe(shown)
        stood = first.now(mine)
        assert stood.stage is Stage.SUPERSEDED
        assert HubClaim.of(stood.cause.value).person == "Ben"


@pytest.mark.fault(68, 83)
async def test_what_loop_accepted_is_ours_unless_an_older_copy_of_the_hub_gave_the_return_to_another() -> (
    None
):
    async with benches(2) as (hub, (first, second)):
        hub.loop.plant("process", swallowed())
        (mine,) = await first.keep(Kind.PROCESS, operator=Operator(name="Ana"))
        await hub.clock.turn(0.5)
        assert first.now(mine).stage is Stage.SETTLING
        await _another_finishes_meanwhile(hub, second)
        await hub.clock.turn(60.0)
        assert first.now(mine).stage is Stage.SUPERSEDED


async def test_benches_of_one_hub_write_no_claims_and_take_no_note_of_each_others_marks() -> None:
    async with benches(2) as (hub, (first, second)):
        await first.keep(Kind.NOTE, Kind.PROCESS)
        await hub.clock.turn(30.0)
        await second.gateway.notes(RETURN_ID)
        await second.parts.gateway.notes(RETURN_ID)
        assert second.parts.second_bench.noticed is None
        assert not [note for note in hub.loop.truth[RETURN_ID].notes if " claims " in note.text]


async def test_a_bench_that_claims_by_notes_is_noticed_and_claimed_against_as_without_a_hub() -> None:
    async with benches() as (hub, (rig,)):
        await hub.clock.turn(600.0)
        await rig.parts.gateway.probe()
        hub.loop.truth[RETURN_ID].notes.append(
            Note("1", "loopdesk dock 9 claims [ld:ABCDEF]", hub.clock.now())
        )
        hub.clock.skew_seconds = 0.0
        await rig.parts.gateway.notes(RETURN_ID)
        assert rig.parts.second_bench.noticed is not None
        (entry,) = await rig.keep(Kind.PROCESS)
        await hub.clock.turn(30.0)
        assert rig.now(entry).cause.code == Why.CLAIMED
        assert len({key.entry_id for key in rig.line.keys} - {entry.entry_id}) == 1, (
            "the note has its own key"
        )


@pytest.mark.fault(19)
async def test_a_revoked_bench_keeps_everything_and_sends_nothing() -> None:
    async with benches() as (hub, (rig,)):
        hub.is_revoked = True
        (entry,) = await rig.keep(Kind.PROCESS)
        await hub.clock.turn(60.0)
        assert rig.now(entry).stage is Stage.READY
        assert rig.connection.state.link is LinkState.KEY_REFUSED
        assert hub.loop.requests == []
