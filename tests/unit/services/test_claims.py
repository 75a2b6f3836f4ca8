"""Several stations settle the same return at the same time: one finishes it, the others show which."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.claims import claim_text
from loopdesk.domain.outbox.stages import Cause, ParkReason, Stage, Why, marker_of
from loopdesk.domain.returns.returns import Note, ReturnState
from loopdesk.presenters.words import words
from tests.builders import RETURN_ID, a_return
from tests.fakes.gateway import lost_after, lost_before, refused
from tests.unit.services.outbox_rig import Rig

WHOLE = (Kind.GRADE, Kind.PROCESS)


@asynccontextmanager
async def stations(count: int = 2) -> AsyncIterator[list[Rig]]:
    """Run stations in front of one Loop and by one clock."""
    rigs = [Rig()]
    rigs += [Rig(clock=rigs[0].clock) for _ in range(count - 1)]
    for number, rig in enumerate(rigs, 1):
        rig.gateway = rigs[0].gateway
        rig.stations = count
        rig.station = replace(rig.station, station=f"dock {number}")
        rig.build()
    rigs[0].gateway.add(a_return())
    for rig in rigs:
        rig.start()
    try:
        yield rigs
    finally:
        for rig in rigs:
            await rig.tasks.aclose()
    assert [rig.faults for rig in rigs] == [[]] * count


def claims(rig: Rig) -> list[str]:
    """Return the claims at Loop."""
    return [note.text for note in rig.gateway.truth[RETURN_ID].notes if " claims " in note.text]


@pytest.mark.fault(83)
async def test_of_two_stations_that_settle_a_return_at_once_one_does() -> None:
    async with stations() as (first, second):
        first.gateway.processing_seconds = 20.0
        mine = await first.keep(*WHOLE, hold_seconds=5.0)
        theirs = await second.keep(*WHOLE, hold_seconds=5.0)
        await first.clock.turn(15.0)
        assert first.gateway.seen(Kind.PROCESS) == 1
        assert len(claims(first)) == 2
        stood = sorted(rig.now(entries[1]).stage for rig, entries in ((first, mine), (second, theirs)))
        assert stood == [Stage.PARKED, Stage.SETTLING]


@pytest.mark.fault(83)
async def test_who_comes_second_is_told_who_finishes_it() -> None:
    async with stations() as (first, second):
        first.gateway.truth[RETURN_ID].notes.append(
            Note("1", claim_text("dock 3", marker_of("elsewhere")), first.clock.now())
        )
        entries = await second.keep(*WHOLE)
        await first.clock.turn(5.0)
        assert second.stages(*entries) == (Stage.PARKED, Stage.PARKED)
        stood = second.now(entries[1])
        assert stood.reason is ParkReason.CONFLICT
        assert stood.cause == Cause(Why.CLAIMED, "dock 3")
        assert "dock 3" in words.failure(stood.cause)
        assert [request.kind for request in first.gateway.requests] == [Kind.NOTE]


@pytest.mark.fault(83)
async def test_who_came_second_does_not_call_the_others_settlement_its_own() -> None:
    async with stations() as (first, second):
        mine = await first.keep(*WHOLE)
        await first.clock.turn(3.0)
        theirs = await second.keep(*WHOLE)
        await first.clock.turn(60.0)
        assert first.now(mine[1]).stage is Stage.DONE
        assert second.now(theirs[1]).stage in (Stage.PARKED, Stage.SUPERSEDED)
        await second.confirmer.observe(await second.gateway.details(RETURN_ID))
        assert second.now(theirs[1]).stage is Stage.SUPERSEDED


async def test_a_person_who_saw_the_other_claim_may_send_all_the_same() -> None:
    async with stations() as (first, second):
        first.gateway.truth[RETURN_ID].notes.append(
            Note("1", claim_text("dock 3", marker_of("elsewhere")), first.clock.now())
        )
        entries = await second.keep(*WHOLE)
        await first.clock.turn(5.0)
        await second.attention.send_again([entry.entry_id for entry in entries], Operator(name="Lee"))
        await first.clock.turn(30.0)
        assert second.stages(*entries) == (Stage.DONE, Stage.DONE)


async def test_a_person_who_saw_no_claim_still_asks_for_one() -> None:
    async with stations() as (first, second):
        entries = await second.keep(*WHOLE, hold_seconds=5.0)
        first.gateway.change(RETURN_ID, edited_at=first.clock.now())
        await first.clock.turn(10.0)
        assert second.now(entries[1]).cause == Cause(Why.CHANGED)
        first.gateway.truth[RETURN_ID].notes.insert(
            0, Note("0", claim_text("dock 3", marker_of("elsewhere")), first.clock.now())
        )
        await second.attention.send_again([entry.entry_id for entry in entries], Operator(name="Lee"))
        await first.clock.turn(30.0)
        assert second.now(entries[1]).cause == Cause(Why.CLAIMED, "dock 3")
        assert first.gateway.seen(Kind.PROCESS) == 0


async def test_after_a_claim_that_took_long_loop_is_looked_at_once_more() -> None:
    async with stations() as (rig, _):
        gate = rig.gateway.hold("notes")
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(12.0)
        rig.gateway.change(RETURN_ID, state=ReturnState.REVIEW)
        gate.set()
        await rig.clock.turn(10.0)
        assert rig.stages(*entries) == (Stage.PARKED, Stage.PARKED)
        assert rig.now(entries[1]).cause == Cause(Why.CHANGED)
        assert [request.kind for request in rig.gateway.requests] == [Kind.NOTE]


async def test_a_lone_station_writes_no_claim() -> None:
    async with stations(1) as (rig,):
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(30.0)
        assert rig.stages(*entries) == (Stage.DONE, Stage.DONE)
        assert claims(rig) == []


@pytest.mark.parametrize("fault", [lost_before, lost_after])
async def test_a_claim_whose_answer_was_lost_is_looked_for_and_not_doubled(fault: object) -> None:
    assert callable(fault)
    async with stations() as (rig, _):
        rig.gateway.plant("note", fault())
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(60.0)
        assert rig.stages(*entries) == (Stage.DONE, Stage.DONE)
        assert len(claims(rig)) == 1


async def test_a_claim_that_loop_refuses_is_shown_to_a_person() -> None:
    async with stations() as (rig, _):
        rig.gateway.plant("note", refused("No notes here."))
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(10.0)
        assert rig.stages(*entries) == (Stage.PARKED, Stage.PARKED)
        assert rig.now(entries[1]).cause == Cause(Why.REFUSED, "No notes here.")
        assert rig.gateway.seen(Kind.PROCESS) == 0


async def test_grades_and_flags_need_no_claim() -> None:
    async with stations() as (rig, _):
        entries = await rig.keep(Kind.GRADE, Kind.FLAG)
        await rig.clock.turn(30.0)
        assert rig.stages(*entries) == (Stage.DONE, Stage.DONE)
        assert claims(rig) == []


async def test_a_claim_is_forgotten_with_what_it_was_for() -> None:
    async with stations() as (rig, _):
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(30.0)
        assert rig.stages(*entries) == (Stage.DONE, Stage.DONE)
        assert len(claims(rig)) == 1
        precheck = rig.sender._precheck
        assert (precheck._ours, precheck._missing._times, precheck._reads) == ({}, {}, {})
