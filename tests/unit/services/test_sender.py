"""The sending half of the outbox: order, claims, evidence, conflicts, keys, and recovery after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from loopdesk.domain.errors import AnswerLost, DiskFull, RuleBroken, StoreBusy
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Action, Kind, canonical, payload_sha
from loopdesk.domain.outbox.stages import Cause, Entry, Move, ParkReason, Stage, Why
from loopdesk.domain.returns.returns import ReturnState, fingerprint
from loopdesk.services.station.connection import LinkState
from loopdesk.services.station.events import NeedsPerson, OutboxChanged, Settled, StationChanged
from loopdesk.services.station.tasks import RESTART_SECONDS
from tests.builders import (
    RETURN_ID,
    a_draft,
    a_fetched,
    a_keep_request,
    a_parcel,
    a_return,
    an_action,
    lines,
)
from tests.fakes.gateway import (
    Fault,
    bug,
    key_refused,
    lost_after,
    lost_before,
    refused,
    server_error,
    swallowed,
    throttled,
    unsent,
)
from tests.kinds import FINALIZERS, GATED
from tests.unit.services.outbox_rig import Rig, many, running, slow_down

pytestmark = pytest.mark.expects_log(
    "store_busy", "breaker_opened", "key_refused", "key_binding", "recovered", "halted"
)

READY, SENDING, UNCERTAIN, SETTLING = Stage.READY, Stage.SENDING, Stage.UNCERTAIN, Stage.SETTLING
PARKED, DONE, SUPERSEDED, HELD = Stage.PARKED, Stage.DONE, Stage.SUPERSEDED, Stage.HELD
WHOLE = (Kind.GRADE, Kind.ASSESS, Kind.NOTE, Kind.PROCESS)


# --- holds ----------------------------------------------------------------------------------------


async def test_a_settlement_is_held_for_its_undo_window_and_then_sent() -> None:
    async with running() as rig:
        entries = await rig.keep(*WHOLE, hold_seconds=8.0)
        await rig.clock.turn(7.9)
        assert set(rig.stages(*entries)) == {HELD}
        assert rig.gateway.requests == []
        await rig.clock.turn(0.2)
        assert rig.stages(*entries) == (DONE, DONE, DONE, SETTLING)


async def test_the_seconds_left_of_an_undo_window_can_be_shown() -> None:
    async with running() as rig:
        (entry,) = await rig.keep(Kind.NOTE, hold_seconds=8.0)
        await rig.clock.turn(3.0)
        assert rig.sender.hold_left(entry.settlement_id) == 5.0
        assert rig.sender.hold_left("another") is None
        await rig.clock.turn(5.0)
        assert rig.sender.hold_left(entry.settlement_id) is None


async def test_undo_during_the_window_sends_nothing() -> None:
    async with running() as rig:
        entries = await rig.keep(*WHOLE, hold_seconds=8.0)
        await rig.clock.turn(7.9)
        draft = await rig.outbox.withdraw(entries[0].settlement_id, Operator(name="Ana"), rig.clock.now())
        await rig.clock.turn(60.0)
        assert draft == a_draft()
        assert rig.gateway.requests == []
        assert rig.sender.hold_left(entries[0].settlement_id) is None


@pytest.mark.fault(86)
async def test_after_a_restart_an_undo_window_begins_anew_in_full() -> None:
    async with running() as rig:
        entries = await rig.keep(Kind.NOTE, hold_seconds=8.0)
        await rig.clock.turn(7.0)
        await rig.crash()
        rig.start()
        await rig.clock.turn(7.9)
        assert rig.stages(*entries) == (HELD,)
        await rig.clock.turn(0.2)
        assert rig.stages(*entries) == (DONE,)


@pytest.mark.fault(87)
async def test_an_undo_window_that_lapsed_while_the_machine_slept_begins_anew() -> None:
    async with running() as rig:
        entries = await rig.keep(Kind.NOTE, hold_seconds=8.0)
        await rig.clock.turn(1.0)
        rig.clock.suspend(8 * 3600.0)
        await rig.clock.turn(7.9)
        assert rig.stages(*entries) == (HELD,)
        await rig.clock.turn(0.2)
        assert rig.stages(*entries) == (DONE,)


@pytest.mark.fault(85)
@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0, 315_360_000.0, -315_360_000.0])
async def test_no_hold_order_or_stage_depends_on_the_wall_clock(jump: float) -> None:
    async with running() as rig:
        entries = await rig.keep(*WHOLE, hold_seconds=8.0)
        await rig.clock.turn(4.0)
        rig.clock.jump(jump)
        await rig.clock.turn(3.9)
        assert set(rig.stages(*entries)) == {HELD}
        await rig.clock.turn(10.0)
        assert set(rig.stages(*entries)) == {DONE}


# --- order and lanes ------------------------------------------------------------------------------


async def test_a_settlement_reaches_loop_in_the_order_decided_and_the_finalizer_last() -> None:
    async with running() as rig:
        await rig.keep(*WHOLE)
        await rig.clock.turn(5.0)
        assert [x.kind for x in rig.gateway.requests] == list(WHOLE)


async def test_the_finalizer_of_a_settlement_waits_until_everything_before_it_is_done() -> None:
    async with running() as rig:
        rig.gateway.plant("note", lost_after())
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(1.9)
        assert rig.stages(*entries) == (DONE, DONE, UNCERTAIN, READY)
        assert rig.gateway.seen(Kind.PROCESS) == 0
        await rig.clock.turn(4.0)
        assert rig.stages(*entries) == (DONE,) * 4


async def test_lines_of_one_kind_go_in_one_call() -> None:
    async with running() as rig:
        ret = a_return(lines=lines(3))
        entries: list[Entry] = []
        for line in ret.lines:
            entries += await rig.keep(Kind.GRADE, ret=ret, target=line.line_item_id)
        same = {x.entry_id: replace(x, settlement_id="5" * 32, stage=READY) for x in entries}
        rig.store.outbox.kept = same
        rig.feed.tell(OutboxChanged(RETURN_ID))
        await rig.clock.turn(1.0)
        assert [len(x.payload) for x in rig.gateway.requests] == [3]
        assert set(rig.stages(*entries)) == {DONE}


async def test_at_most_four_returns_are_sent_at_the_same_time_and_never_two_calls_of_one() -> None:
    async with running() as rig:
        gate = rig.gateway.hold("note")
        for ret in many(9):
            await rig.keep(Kind.NOTE, Kind.NOTE, ret=ret)
        await rig.clock.turn(1.0)
        assert rig.gateway.most_at_once == 4
        gate.set()
        await rig.clock.turn(1.0)
        assert rig.gateway.seen(Kind.NOTE) == 18
        assert rig.gateway.most_at_once == 4
        assert rig.gateway.overlaps == 0


async def test_the_oldest_return_goes_first() -> None:
    async with running() as rig:
        rig.gateway.on_exchange = None
        gate = rig.gateway.hold("note")
        some = many(6)
        for ret in some:
            await rig.keep(Kind.NOTE, ret=ret)
        await rig.clock.turn(1.0)
        gate.set()
        await rig.clock.turn(1.0)
        assert [x.return_id for x in rig.gateway.requests] == [x.return_id for x in some]


async def test_a_lane_that_hangs_holds_nobody_else_up() -> None:
    async with running() as rig:
        first, second = many(2)
        gate = rig.gateway.hold("process")
        (stuck,) = await rig.keep(Kind.PROCESS, ret=first)
        await rig.clock.settle()
        (note,) = await rig.keep(Kind.NOTE, ret=second)
        await rig.clock.settle()
        assert rig.stages(stuck, note) == (SENDING, DONE)
        gate.set()


@pytest.mark.fault(51)
async def test_every_request_has_its_attempt_committed_before_it() -> None:
    async with running() as rig:
        gate = rig.gateway.hold("process")
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.settle()
        assert rig.stages(entry) == (SENDING,)
        (attempt,) = await rig.outbox.attempts(entry.entry_id)
        assert (attempt.evidence, attempt.ended_at) == ("", None)
        assert '"state":"open"' in attempt.before
        gate.set()
        await rig.clock.settle()
        (attempt,) = await rig.outbox.attempts(entry.entry_id)
        assert (attempt.evidence, attempt.http_status) == ("accepted", 200)


@pytest.mark.fault(45)
async def test_a_line_graded_anew_ends_with_the_newest_grade() -> None:
    async with running() as rig:
        rig.gateway.plant("grade", lost_after())
        (old,) = await rig.keep(Kind.GRADE)
        await rig.clock.turn(1.0)
        newer = replace(old, entry_id="f" * 32, seq=99, settlement_id="7" * 32, stage=READY)
        payload = dict(old.payload) | {"condition_category": "grade_b"}
        rig.store.outbox.kept[newer.entry_id] = rehashed(newer, payload)
        rig.feed.tell(OutboxChanged(RETURN_ID))
        await rig.clock.turn(60.0)
        assert rig.stages(old, newer) == (DONE, DONE)
        held = rig.gateway.truth[RETURN_ID].ret.lines[0].condition
        assert held is not None
        assert held.grade == "grade_b"


def rehashed(entry: Entry, payload: Mapping[str, Any]) -> Entry:
    """Give an entry another payload with the hash that fits it."""
    return replace(entry, payload=payload, payload_sha=payload_sha(canonical(payload)))


# --- what an exchange proves ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(Kind))
async def test_what_was_proven_unsent_goes_again_and_counts_as_no_try(kind: Kind) -> None:
    async with running() as rig:
        rig.gateway.plant(kind.value, unsent(), unsent(), unsent())
        (entry,) = await rig.keep(kind, ret=two_lines(), target="80000002")
        await rig.clock.turn(30.0)
        assert rig.now(entry).stage is DONE
        assert rig.now(entry).tries == 1
        assert rig.gateway.seen(kind) == 1
        attempts = await rig.outbox.attempts(entry.entry_id)
        assert [x.evidence for x in attempts] == ["not_sent"] * 3 + ["accepted"]


@pytest.mark.fault(22)
async def test_throttled_is_not_counted_and_pauses_the_whole_queue() -> None:
    async with running() as rig:
        first, second = many(2)
        rig.gateway.plant("note", throttled(20.0))
        (one,) = await rig.keep(Kind.NOTE, ret=first)
        await rig.clock.settle()
        (two,) = await rig.keep(Kind.NOTE, ret=second)
        await rig.clock.turn(19.9)
        assert rig.stages(one, two) == (READY, READY)
        await rig.clock.turn(0.2)
        assert rig.stages(one, two) == (DONE, DONE)
        assert rig.now(one).tries == 1


@pytest.mark.parametrize("kind", sorted(set(Kind) - GATED))
async def test_an_accepted_note_grade_or_disposition_is_done(kind: Kind) -> None:
    async with running() as rig:
        (entry,) = await rig.keep(kind)
        await rig.clock.settle()
        assert rig.stages(entry) == (DONE,)


@pytest.mark.parametrize("kind", sorted(GATED))
async def test_an_accepted_flag_or_finalizer_is_done_only_when_read_back(kind: Kind) -> None:
    async with running() as rig:
        rig.gateway.plant(kind.value, swallowed())
        (entry,) = await rig.keep(kind, ret=two_lines(), target="80000002")
        await rig.clock.turn(30.0)
        assert rig.stages(entry) == (SETTLING,)


@pytest.mark.fault(36, 37)
@pytest.mark.parametrize("kind", sorted(FINALIZERS))
@pytest.mark.parametrize("fault", [lost_before(), lost_after(), server_error(), server_error(acts=True)])
async def test_a_finalizer_with_a_lost_answer_is_read_back_and_never_sent_again(
    kind: Kind, fault: Fault
) -> None:
    async with running() as rig:
        rig.gateway.plant(kind.value, fault)
        (entry,) = await rig.keep(kind, ret=two_lines(), target="80000002")
        await rig.clock.turn(1200.0)
        assert rig.gateway.seen(kind) == 1
        happened = rig.gateway.effects(kind, RETURN_ID) == 1
        assert rig.now(entry).stage is (DONE if happened else PARKED)
        assert happened or rig.now(entry).reason is ParkReason.UNDECIDED


async def test_a_bug_in_the_middle_of_a_call_is_ambiguous_and_reaches_the_fault_sink() -> None:
    rig = Rig()
    rig.start()
    rig.gateway.plant("process", bug(acts=True))
    (entry,) = await rig.keep(Kind.PROCESS)
    await rig.clock.turn(1.0)
    assert rig.stages(entry) == (UNCERTAIN,)
    assert [type(x) for x in rig.faults] == [ZeroDivisionError]
    await rig.clock.turn(5.0)
    assert rig.stages(entry) == (DONE,)
    assert rig.gateway.seen(Kind.PROCESS) == 1
    await rig.tasks.aclose()


async def test_a_canceled_call_is_uncertain_before_the_cancellation_goes_on() -> None:
    rig = Rig()
    rig.start()
    rig.gateway.hold("process")
    (entry,) = await rig.keep(Kind.PROCESS)
    await rig.clock.settle()
    assert rig.stages(entry) == (SENDING,)
    await rig.tasks.aclose()
    assert rig.stages(entry) == (UNCERTAIN,)
    assert rig.now(entry).unresolved == 1


async def test_an_answer_that_does_not_echo_every_line_is_not_taken_for_success() -> None:
    async with running() as rig:

        async def answers_without_echo(items: Any) -> Any:
            return replace(await type(rig.gateway).grade(rig.gateway, items), echoed=())

        rig.gateway.grade = answers_without_echo  # type: ignore[method-assign]
        (entry,) = await rig.keep(Kind.GRADE)
        await rig.clock.settle()
        assert rig.stages(entry) == (UNCERTAIN,)
        await rig.clock.turn(3.0)
        assert rig.stages(entry) == (DONE,)


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(Kind))
async def test_a_refused_action_parks_with_loops_words(kind: Kind) -> None:
    async with running() as rig:
        rig.gateway.plant(kind.value, refused("Not today."))
        (entry,) = await rig.keep(kind, ret=two_lines(), target="80000002")
        await rig.clock.turn(2.0)
        now = rig.now(entry)
        assert (now.stage, now.reason, now.cause) == (
            PARKED,
            ParkReason.REFUSED,
            Cause(Why.REFUSED, "Not today."),
        )
        assert rig.told(NeedsPerson) == [NeedsPerson(RETURN_ID, "#1164", "refused")]
        await rig.clock.turn(3600.0)
        assert rig.gateway.seen(kind) == 1


@pytest.mark.fault(17, 27)
async def test_a_refused_process_of_a_return_that_closed_meanwhile_is_superseded() -> None:
    async with running() as rig:
        gate = rig.gateway.hold("process")
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.settle()
        rig.gateway.change(RETURN_ID, state=ReturnState.CLOSED, was_processed=True)
        gate.set()
        await rig.clock.settle()
        assert rig.stages(entry) == (SUPERSEDED,)
        refused = rig.now(entry).cause  # Loop's own word stays beside it
        assert refused.code is Why.REFUSED
        assert rig.told(Settled) == [Settled(RETURN_ID, "#1164", "process", is_ours=False, cause=refused)]


@pytest.mark.fault(160)
async def test_what_a_person_closed_unpaid_needs_a_person_at_once_and_is_never_called_done() -> None:
    async with running() as rig:
        gate = rig.gateway.hold("process")
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.settle()
        rig.gateway.change(RETURN_ID, state=ReturnState.CLOSED)
        gate.set()
        await rig.clock.settle()
        now = rig.now(entry)
        assert (now.stage, now.reason) == (PARKED, ParkReason.REFUSED)
    async with running() as rig:
        (entry,) = await rig.keep(Kind.PROCESS, hold_seconds=8.0)
        rig.gateway.change(RETURN_ID, state=ReturnState.CLOSED)
        await rig.clock.turn(9.0)
        now = rig.now(entry)
        assert (now.stage, now.reason) == (PARKED, ParkReason.CONFLICT)
        assert rig.gateway.seen(Kind.PROCESS) == 0
        assert rig.told(Settled) == []


async def test_a_refused_process_that_cannot_be_looked_into_is_decided_at_the_next_read() -> None:
    async with running() as rig:
        rig.gateway.plant("process", refused("Return is closed."))
        (entry,) = await rig.keep(Kind.PROCESS)
        rig.gateway.plant("details", Fault(acts=True), lost_before(), lost_before())
        await rig.clock.turn(1.0)
        assert rig.stages(entry) == (UNCERTAIN,)
        rig.gateway.change(RETURN_ID, state=ReturnState.CLOSED, was_processed=True)
        await rig.clock.turn(10.0)
        assert rig.stages(entry) == (SUPERSEDED,)


@pytest.mark.fault(21)
async def test_a_refused_batch_is_split_and_only_the_bad_line_parks() -> None:
    async with running() as rig:
        ret = a_return(lines=lines(5))
        entries = await keep_grades(rig, ret)
        bad = ret.lines[2].line_item_id

        async def grade(items: Any) -> Any:
            if any(item["line_item_id"] == bad for item in items):
                rig.gateway.plant("grade", refused("items.2 is wrong", http_status=422))
            return await type(rig.gateway).grade(rig.gateway, items)

        rig.gateway.grade = grade  # type: ignore[method-assign]
        await rig.clock.turn(5.0)
        assert rig.stages(*entries) == (DONE, DONE, PARKED, DONE, DONE)
        assert rig.now(entries[2]).cause == Cause(Why.REFUSED, "items.2 is wrong")
        assert [len(x.payload) for x in rig.gateway.requests] == [5, 1, 1, 1, 1, 1]


async def keep_grades(rig: Rig, ret: Any) -> tuple[Entry, ...]:
    """Keep one settlement that grades every line of a return."""
    rig.gateway.add(ret)
    request = a_keep_request(
        actions=tuple(an_action(Kind.GRADE, line.line_item_id) for line in ret.lines),
        seen=fingerprint(ret),
        hold_seconds=0.0,
    )
    entries = await rig.outbox.keep(request)
    rig.feed.tell(OutboxChanged(ret.return_id))
    return entries


async def test_a_finalizer_waits_visibly_behind_a_refused_grade() -> None:
    async with running() as rig:
        rig.gateway.plant("grade", refused("No."))
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(60.0)
        assert rig.stages(*entries) == (PARKED, DONE, DONE, PARKED)
        gate = rig.now(entries[3])
        assert (gate.reason, gate.cause) == (ParkReason.DEPENDENCY, Cause(Why.WAITS))
        assert rig.gateway.seen(Kind.PROCESS) == 0


# --- before a flag or finalizer -------------------------------------------------------------------


@pytest.mark.fault(29)
@pytest.mark.parametrize("kind", sorted(GATED))
async def test_a_return_that_the_shopper_edited_parks_the_whole_settlement_and_sends_nothing(
    kind: Kind,
) -> None:
    async with running() as rig:
        entries = await rig.keep(
            Kind.GRADE, Kind.NOTE, kind, ret=two_lines(), target="80000002", hold_seconds=8.0
        )
        rig.gateway.change(RETURN_ID, lines=lines(3))
        await rig.clock.turn(60.0)
        assert set(rig.stages(*entries)) == {PARKED}
        assert {rig.now(x).reason for x in entries} == {ParkReason.CONFLICT}
        edited = rig.gateway.truth[RETURN_ID].ret
        assert {rig.now(x).found for x in entries} == {fingerprint(edited)}
        assert rig.gateway.requests == []
        assert rig.told(NeedsPerson) == [NeedsPerson(RETURN_ID, "#1164", "conflict")]
        stored = await rig.returns.get(RETURN_ID)
        assert stored is not None
        assert stored.ret == edited


@pytest.mark.parametrize(("kind", "expected"), [(Kind.REMOVE, PARKED), (Kind.PROCESS, SETTLING)])
async def test_lines_are_not_removed_while_loop_names_a_parcel_that_was_not_known(
    kind: Kind, expected: Stage
) -> None:
    """A label may be made without a change of its return; what is missing may lie in that parcel."""
    async with running() as rig:
        ret = replace(two_lines(), parcels=(a_parcel("1Z1", line_item_ids=("80000001",)),))
        await rig.returns.save((a_fetched(ret),), rig.clock.now())
        entries = await rig.keep(Kind.GRADE, kind, ret=ret, target="80000002")
        rig.gateway.change(RETURN_ID, parcels=(*ret.parcels, a_parcel("1Z2", line_item_ids=("80000002",))))
        await rig.clock.turn(1.0)
        assert rig.now(entries[1]).stage is expected
        assert rig.gateway.seen(kind) == (expected is SETTLING)
        if expected is PARKED:
            assert {rig.now(x).cause for x in entries} == {Cause(Why.MORE_PARCELS)}
            await rig.attention.send_again([x.entry_id for x in entries], Operator(name="Lea"))
            await rig.clock.turn(10.0)
            assert rig.stages(*entries) == (DONE, DONE)


@pytest.mark.fault(28, 133)
async def test_a_conflict_that_shows_up_only_before_the_finalizer_parks_what_is_left() -> None:
    async with running() as rig:
        gate = rig.gateway.hold("note")
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(11.0)
        rig.gateway.change(RETURN_ID, state=ReturnState.REVIEW)
        gate.set()
        await rig.clock.turn(1.0)
        assert rig.stages(*entries) == (DONE, DONE, DONE, PARKED)
        assert rig.now(entries[3]).reason is ParkReason.CONFLICT
        assert rig.gateway.seen(Kind.PROCESS) == 0


async def test_when_the_wish_is_already_true_grades_and_notes_still_go() -> None:
    async with running() as rig:
        entries = await rig.keep(*WHOLE, hold_seconds=8.0)
        rig.gateway.change(RETURN_ID, state=ReturnState.CLOSED, was_processed=True)
        await rig.clock.turn(20.0)
        assert rig.stages(*entries) == (DONE, DONE, DONE, SUPERSEDED)
        assert rig.gateway.seen(Kind.PROCESS) == 0
        assert rig.told(Settled) == [Settled(RETURN_ID, "#1164", "process", is_ours=False)]


async def test_a_fresh_read_is_reused_for_ten_seconds_and_no_longer() -> None:
    async with running() as rig:
        await rig.keep(*WHOLE)
        await rig.clock.turn(1.0)
        assert rig.gateway.reads.count(("details", RETURN_ID)) == 1
    async with running() as rig:
        gate = rig.gateway.hold("note")
        await rig.keep(*WHOLE)
        await rig.clock.turn(10.1)
        gate.set()
        await rig.clock.turn(1.0)
        assert rig.gateway.reads.count(("details", RETURN_ID)) == 2


async def test_a_settlement_without_flag_or_finalizer_is_sent_without_a_read() -> None:
    async with running() as rig:
        await rig.keep(Kind.GRADE, Kind.NOTE)
        await rig.clock.turn(1.0)
        assert rig.gateway.reads == []
        assert len(rig.gateway.requests) == 2


async def test_without_a_successful_read_before_nothing_is_sent_and_nothing_parks() -> None:
    async with running() as rig:
        rig.gateway.chance = lambda what: lost_before() if what in ("details", "notes") else None
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(6 * 3600.0)
        assert set(rig.stages(*entries)) == {READY}
        assert rig.gateway.requests == []


@pytest.mark.fault(20)
async def test_a_return_that_loop_does_not_know_parks_after_three_reads_in_a_minute() -> None:
    async with running() as rig:
        entries = await rig.keep(*WHOLE)
        del rig.gateway.truth[RETURN_ID]
        await rig.clock.turn(59.0)
        assert set(rig.stages(*entries)) == {READY}
        await rig.clock.turn(2.0)
        assert set(rig.stages(*entries)) == {PARKED}
        assert rig.now(entries[0]).cause == Cause(Why.NOT_FOUND)
        assert rig.gateway.reads.count(("details", RETURN_ID)) == 3


# --- payloads and keys ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.NOTE, Kind.PROCESS])
async def test_what_our_own_client_lets_no_request_carry_is_parked_by_the_rules_name(kind: Kind) -> None:
    async with running() as rig:
        rig.gateway.plant(kind.value, Fault(RuleBroken("bad_id"), arrives=False))
        (entry,) = await rig.keep(kind)
        await rig.clock.turn(60.0)
        now = rig.now(entry)
        assert (now.stage, now.reason, now.cause, now.tries) == (
            PARKED,
            ParkReason.REFUSED,
            Cause("bad_id"),
            0,
        )
        assert rig.gateway.requests == []


async def test_a_return_that_no_request_may_carry_parks_its_settlement() -> None:
    async with running() as rig:
        rig.gateway.plant("details", Fault(RuleBroken("bad_id"), arrives=False))
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(60.0)
        assert {(rig.now(x).stage, rig.now(x).cause) for x in entries} == {(PARKED, Cause("bad_id"))}


@pytest.mark.fault(74)
async def test_a_payload_that_rotted_on_disk_is_parked_and_not_sent() -> None:
    async with running() as rig:
        entries = await rig.keep(Kind.NOTE, Kind.PROCESS, hold_seconds=8.0)
        rig.store.outbox.rot(entries[0].entry_id, {"content": "something else"})
        await rig.clock.turn(60.0)
        assert rig.stages(*entries) == (PARKED, PARKED)
        assert [rig.now(x).reason for x in entries] == [ParkReason.DAMAGED, ParkReason.DEPENDENCY]
        assert rig.gateway.requests == []


@pytest.mark.fault(116)
async def test_entries_made_with_another_key_are_not_sent_and_the_queue_says_so() -> None:
    async with running() as rig:
        rig.station = replace(rig.station, key_fingerprint="kf-other")
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(600.0)
        assert set(rig.stages(*entries)) == {READY}
        assert rig.gateway.requests == []
        assert rig.gateway.reads == []
        assert rig.connection.state.link is LinkState.LOCKED
        assert rig.connection.state.foreign_keys == {"kf-0001"}


@pytest.mark.fault(116)
async def test_a_renewed_key_of_the_same_shop_unlocks_the_queue_in_a_persons_name() -> None:
    async with running() as rig:
        rig.station = replace(rig.station, key_fingerprint="kf-renewed")
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(6.0)
        await rig.keys.same_shop(Operator(name="Lea"))
        await rig.clock.turn(10.0)
        assert set(rig.stages(*entries)) == {DONE}
        assert rig.connection.state.link is LinkState.ONLINE
        (row,) = await rig.audit.rows("same_shop")
        assert (row.operator.name, row.detail) == ("Lea", {"made_with": "kf-0001", "in_use": "kf-renewed"})


async def test_the_queue_is_locked_no_longer_when_nothing_made_with_another_key_is_left() -> None:
    async with running() as rig:
        rig.station = replace(rig.station, key_fingerprint="kf-other")
        entries = await rig.keep(*WHOLE, hold_seconds=60.0)
        rig.sender.resume()
        await rig.clock.turn(6.0)
        assert rig.connection.state.foreign_keys == {"kf-0001"}
        await rig.parts.inspection.withdraw(entries[0].settlement_id)
        await rig.clock.turn(6.0)
        assert rig.connection.state.link is LinkState.ONLINE


@pytest.mark.fault(165)
async def test_what_was_decided_for_one_address_goes_to_no_other_before_a_person_says_so() -> None:
    async with running() as rig:
        rig.station = replace(rig.station, key_fingerprint="kf-0001@api.loopreturns.com")
        bound = await rig.keep(*WHOLE, key_fingerprint="kf-0001@api.loopreturns.com")
        rig.station = replace(rig.station, key_fingerprint="kf-0001@evil.example")
        rig.sender.resume()
        await rig.clock.turn(600.0)
        assert set(rig.stages(*bound)) == {READY}
        assert rig.gateway.requests == []
        assert rig.gateway.reads == []
        assert rig.connection.state.link is LinkState.LOCKED
        await rig.keys.same_shop(Operator(name="Lea"))
        await rig.clock.turn(10.0)
        assert set(rig.stages(*bound)) == {DONE}
        (row,) = await rig.audit.rows("same_shop")
        assert row.detail == {"made_with": "kf-0001@api.loopreturns.com", "in_use": "kf-0001@evil.example"}


@pytest.mark.fault(165)
@pytest.mark.parametrize("what", ["details", "claim"])
async def test_an_address_set_while_a_settlement_is_on_its_way_lets_nothing_of_it_leave(what: str) -> None:
    """Neither after the look at Loop, which may have been at the other shop, nor once it is claimed."""
    async with running() as rig:
        home, other = "kf-0001@api.loopreturns.com", "kf-0001@other-shop.example"
        rig.station = replace(rig.station, key_fingerprint=home)
        released, sound = rig.gateway.hold("details"), rig.outbox.claim

        async def claim(*args: Any) -> Any:
            if what == "claim":
                rig.station = replace(rig.station, key_fingerprint=other)
            return await sound(*args)

        rig.outbox.claim = claim  # type: ignore[method-assign,assignment]
        entries = await rig.keep(*WHOLE, key_fingerprint=home)
        await rig.clock.turn(1.0)
        assert [name for name, _ in rig.gateway.reads] == ["details"]
        if what == "details":
            rig.station = replace(rig.station, key_fingerprint=other)
        released.set()
        await rig.clock.turn(120.0)
        assert rig.gateway.requests == []
        assert set(rig.stages(*entries)) == {READY}
        rig.outbox.claim = sound  # type: ignore[method-assign]
        rig.station = replace(rig.station, key_fingerprint=home)
        rig.sender.resume()
        await rig.clock.turn(60.0)
        assert set(rig.stages(*entries)) == {DONE}


async def test_what_a_person_said_about_a_key_still_holds_after_a_restart() -> None:
    async with running() as rig:
        rig.station = replace(rig.station, key_fingerprint="kf-renewed")
        entries = await rig.keep(Kind.NOTE, hold_seconds=60.0)
        await rig.clock.turn(1.0)
        await rig.keys.same_shop(Operator(name="Lea"))
        await rig.crash()
        rig.start()
        await rig.clock.turn(61.0)
        assert rig.stages(*entries) == (DONE,)


@pytest.mark.fault(19)
async def test_a_refused_key_pauses_the_whole_queue_and_fails_nothing() -> None:
    async with running() as rig:
        rig.gateway.chance = lambda what: key_refused()
        first, second = many(2)
        entries = (*await rig.keep(Kind.NOTE, ret=first), *await rig.keep(Kind.NOTE, ret=second))
        await rig.clock.turn(45.0)
        assert set(rig.stages(*entries)) == {READY}
        assert {rig.now(x).tries for x in entries} == {0}
        assert rig.connection.state.link is LinkState.KEY_REFUSED
        tried = [x for entry in entries for x in await rig.outbox.attempts(entry.entry_id)]
        assert 1 <= len(tried) <= 2
        assert {x.evidence for x in tried} == {"key"}


@pytest.mark.fault(19, 117)
async def test_the_queue_goes_on_when_told_of_a_new_key() -> None:
    async with running() as rig:
        rig.gateway.plant("note", key_refused())
        (entry,) = await rig.keep(Kind.NOTE)
        await rig.clock.turn(5.0)
        assert rig.stages(entry) == (READY,)
        rig.feed.tell(StationChanged())
        await rig.clock.turn(1.0)
        assert rig.stages(entry) == (DONE,)
        assert rig.now(entry).tries == 1


@pytest.mark.fault(19)
async def test_a_key_that_loop_accepts_again_is_noticed_within_a_minute() -> None:
    async with running() as rig:
        rig.gateway.plant("note", key_refused())
        (entry,) = await rig.keep(Kind.NOTE)
        await rig.clock.turn(61.0)
        assert rig.stages(entry) == (DONE,)


# --- offline --------------------------------------------------------------------------------------


@pytest.mark.fault(1)
async def test_twelve_hours_offline_lose_nothing_and_count_no_try() -> None:
    async with running() as rig:
        rig.gateway.chance = lambda what: unsent()
        entries = [entry for ret in many(20) for entry in await rig.keep(*WHOLE, ret=ret)]
        await rig.clock.turn(12 * 3600.0)
        assert set(rig.stages(*entries)) == {READY}
        assert {rig.now(x).tries for x in entries} == {0}
        assert rig.connection.state.link is LinkState.OFFLINE
        rig.gateway.chance = lambda what: None
        await rig.clock.turn(30.0)
        assert set(rig.stages(*entries)) == {DONE}
        assert rig.gateway.seen(Kind.PROCESS) == 20


async def test_while_the_breaker_is_open_only_probes_go_out() -> None:
    async with running() as rig:
        rig.gateway.chance = lambda what: unsent()
        for ret in many(6):
            await rig.keep(Kind.NOTE, ret=ret)
        await rig.clock.turn(30.0)
        calls = len(rig.gateway.reads)
        await rig.clock.turn(60.0)
        assert {what for what, _ in rig.gateway.reads[calls:]} == {"probe"}


@pytest.mark.fault(14)
async def test_a_flapping_line_moves_something_in_every_window_in_which_it_is_up() -> None:
    async with running() as rig:
        for ret in many(200):
            await rig.keep(Kind.NOTE, ret=ret)
        rig.gateway.chance = lambda what: unsent() if int(rig.clock.monotonic() / 6.0) % 2 else None
        before = 0
        for _ in range(3):
            await rig.clock.turn(12.0)
            moved = rig.gateway.seen(Kind.NOTE)
            assert moved > before or moved == 200
            before = moved


# --- after a crash --------------------------------------------------------------------------------


@pytest.mark.parametrize("acts", [True, False])
async def test_after_a_crash_in_the_middle_of_a_call_loop_is_asked_before_anything_is_sent(
    acts: bool,
) -> None:
    async with running() as rig:
        rig.gateway.hold("process")
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.settle()
        await rig.crash()
        assert rig.stages(entry) == (SENDING,)
        if acts:
            rig.gateway.change(RETURN_ID, state=ReturnState.CLOSED, was_processed=True)
        rig.start()
        await rig.clock.settle()
        assert rig.stages(entry) == (UNCERTAIN,)
        await rig.clock.turn(1000.0)
        assert rig.stages(entry) == ((DONE,) if acts else (PARKED,))
        assert rig.gateway.requests == []
        (attempt,) = await rig.outbox.attempts(entry.entry_id)
        assert attempt.evidence == "ambiguous"


async def test_after_a_crash_a_waived_finalizer_that_had_waited_goes_on() -> None:
    async with running() as rig:
        rig.gateway.plant("note", refused("No."))
        note, process = await rig.keep(Kind.NOTE, Kind.PROCESS)
        await rig.clock.turn(1.0)
        assert rig.stages(note, process) == (PARKED, PARKED)
        await rig.outbox.waive(note.entry_id, Operator(name="Lea"), rig.clock.now())
        await rig.crash()
        rig.start()
        await rig.clock.turn(5.0)
        assert rig.stages(note, process) == (PARKED, DONE)


# --- stopping and the store -----------------------------------------------------------------------


@pytest.mark.fault(59, 127)
async def test_stopping_begins_nothing_new_and_waits_for_the_call_in_flight() -> None:
    async with running() as rig:
        gate = rig.gateway.hold("note")
        entries = await rig.keep(Kind.NOTE, Kind.NOTE)
        await rig.clock.settle()
        stopping = rig.tasks.spawn(rig.sender.stop(), name="stop")
        await rig.clock.turn(2.0)
        assert not stopping.done()
        gate.set()
        await rig.clock.settle()
        assert stopping.done()
        assert rig.stages(*entries) == (DONE, READY)


@pytest.mark.fault(59, 127)
async def test_stopping_gives_a_hanging_call_five_seconds_and_leaves_it_sending() -> None:
    async with running() as rig:
        gate = rig.gateway.hold("process")
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.settle()
        stopping = rig.tasks.spawn(rig.sender.stop(), name="stop")
        await rig.clock.turn(4.9)
        assert not stopping.done()
        await rig.clock.turn(0.2)
        assert stopping.done()
        assert rig.stages(entry) == (SENDING,)
        gate.set()


@pytest.mark.fault(64)
async def test_a_failing_commit_stops_the_sender_and_the_entry_stays_sending() -> None:
    rig = Rig()
    rig.start()
    await rig.clock.settle()
    apply = rig.store.outbox.apply

    async def full(*args: Any, **kwargs: Any) -> None:
        raise DiskFull

    rig.store.outbox.apply = full  # type: ignore[method-assign]
    note, process = await rig.keep(Kind.NOTE, Kind.PROCESS)
    await rig.clock.turn(RESTART_SECONDS - 1.0)
    assert rig.stages(note, process) == (SENDING, READY)
    assert isinstance(rig.sender.halted, DiskFull)
    assert [type(x) for x in rig.faults] == [DiskFull]
    assert len(rig.gateway.requests) == 1
    rig.store.outbox.apply = apply  # type: ignore[method-assign]
    await rig.tasks.aclose()


@pytest.mark.fault(69)
async def test_a_busy_store_is_asked_again_and_nothing_is_sent_twice() -> None:
    async with running() as rig:
        apply = rig.store.outbox.apply
        left = [3]

        async def busy(*args: Any, **kwargs: Any) -> None:
            if left[0]:
                left[0] -= 1
                raise StoreBusy
            await apply(*args, **kwargs)

        rig.store.outbox.apply = busy  # type: ignore[method-assign]
        (entry,) = await rig.keep(Kind.NOTE)
        await rig.clock.turn(5.0)
        assert rig.stages(entry) == (DONE,)
        assert rig.gateway.seen(Kind.NOTE) == 1


async def test_a_store_that_another_program_holds_for_a_while_ends_neither_loop() -> None:
    async with running() as rig:
        entries = await rig.keep(*WHOLE)
        for name in ("held", "lanes", "lane"):
            ask = getattr(rig.store.outbox, name)
            setattr(rig.store.outbox, name, busy_for_a_while(ask, 3))
        await rig.clock.turn(60.0)
        assert set(rig.stages(*entries)) == {DONE}
        assert rig.gateway.effects(Kind.PROCESS, RETURN_ID) == 1


def busy_for_a_while(ask: Any, times: int) -> Any:
    """Let the first calls find the store busy."""
    left = [times]

    async def asked(*args: Any, **kwargs: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise StoreBusy
        return await ask(*args, **kwargs)

    return asked


async def test_a_sender_that_halted_reads_back_and_goes_on_when_started_again() -> None:
    rig = Rig()
    rig.start()
    await rig.clock.settle()
    apply = rig.store.outbox.apply

    async def full(*args: Any, **kwargs: Any) -> None:
        raise DiskFull

    rig.store.outbox.apply = full  # type: ignore[method-assign]
    (process,) = await rig.keep(Kind.PROCESS)
    await rig.clock.turn(5.0)
    assert rig.stages(process) == (SENDING,)
    rig.store.outbox.apply = apply  # type: ignore[method-assign]
    rig.tasks.spawn(rig.sender.run(), name="sender")
    await rig.clock.turn(5.0)
    assert rig.stages(process) == (DONE,)
    assert rig.gateway.seen(Kind.PROCESS) == 1
    await rig.tasks.aclose()


async def test_a_station_without_a_key_does_not_call_its_queue_another_shops() -> None:
    async with running() as rig:
        rig.station = replace(rig.station, key_fingerprint="")
        rig.gateway.chance = lambda what: key_refused()
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(5.0)
        assert rig.connection.state.link is LinkState.KEY_REFUSED
        assert rig.connection.state.foreign_keys == frozenset()
        assert set(rig.stages(*entries)) == {READY}


@pytest.mark.fault(84, 135)
async def test_an_undo_that_wins_the_race_against_the_claim_sends_nothing() -> None:
    async with running() as rig:
        claim = rig.store.outbox.claim

        async def late(batch: Any, before: str, at: Any, hub: Any) -> Any:
            await rig.outbox.withdraw(batch[0].settlement_id, Operator(name="Ana"), at)
            return await claim(batch, before, at, hub)

        rig.store.outbox.claim = late  # type: ignore[method-assign,assignment]
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(5.0)
        assert set(rig.stages(*entries)) == {Stage.WITHDRAWN}
        assert rig.gateway.requests == []


# --- draining once --------------------------------------------------------------------------------


async def drained(rig: Rig) -> Any:
    """Drain on the hand-turned clock."""
    task = rig.tasks.spawn(rig.drain.drain_once(), name="drain")
    await rig.clock.until(task.done)
    return task.result()


@pytest.mark.parametrize("why", [Fault(AnswerLost(why="not_json")), throttled(1.0)], ids=["empty", "429"])
async def test_draining_once_ends_when_loop_answers_and_nothing_can_be_sent(why: Fault) -> None:
    rig = Rig()
    rig.gateway.plant("details", *[why] * 2_000)
    entries = await rig.keep(*WHOLE)
    found = await drained(rig)
    assert Stage.DONE not in rig.stages(*entries)
    assert found.needs_attention
    assert rig.gateway.requests == []
    await rig.tasks.aclose()


async def test_what_is_stopped_before_its_first_step_ends_all_the_same() -> None:
    rig = Rig()
    runs = [
        rig.tasks.spawn(rig.sender.run(), name="sender"),
        rig.tasks.spawn(rig.confirmer.run(), name="confirmer"),
    ]
    await rig.sender.stop()
    rig.confirmer.stop()
    await rig.clock.until(lambda: all(run.done() for run in runs))
    await rig.tasks.aclose()


async def test_draining_once_waits_for_holds_and_for_loop_to_show_what_it_accepted() -> None:
    rig = Rig()
    rig.gateway.processing_seconds = 25.0
    entries = await rig.keep(*WHOLE, hold_seconds=8.0)
    found = await drained(rig)
    assert set(rig.stages(*entries)) == {DONE}
    assert (found.settled, found.link, found.needs_attention) == (1, LinkState.ONLINE, False)
    await rig.tasks.aclose()


async def test_draining_once_is_not_ended_by_a_slow_disk() -> None:
    for seed in range(8):
        rig = Rig()
        slow_down(rig.store.outbox, rig.clock, Random(seed))
        entries = [x for ret in many(9) for x in await rig.keep(*WHOLE, ret=ret)]
        found = await drained(rig)
        assert set(rig.stages(*entries)) == {DONE}
        assert (found.settled, found.needs_attention) == (9, False)
        await rig.tasks.aclose()


async def test_draining_once_ends_soon_when_loop_cannot_be_reached() -> None:
    rig = Rig()
    rig.gateway.chance = lambda what: unsent()
    entries = await rig.keep(*WHOLE)
    found = await drained(rig)
    assert rig.clock.monotonic() < 30.0
    assert set(rig.stages(*entries)) == {READY}
    assert (found.link, found.counts.kept, found.needs_attention) == (LinkState.OFFLINE, 1, True)
    await rig.tasks.aclose()


async def test_draining_once_ends_with_a_refused_key_and_with_a_locked_queue() -> None:
    for setup in ("refused", "locked"):
        rig = Rig()
        if setup == "refused":
            rig.gateway.chance = lambda what: key_refused()
        else:
            rig.station = replace(rig.station, key_fingerprint="kf-other")
        await rig.keep(*WHOLE)
        found = await drained(rig)
        assert found.link is (LinkState.KEY_REFUSED if setup == "refused" else LinkState.LOCKED)
        assert rig.clock.monotonic() < 30.0
        await rig.tasks.aclose()


async def test_draining_once_does_not_wait_for_what_a_person_must_decide() -> None:
    rig = Rig()
    rig.gateway.plant("grade", refused("No."))
    entries = await rig.keep(*WHOLE)
    found = await drained(rig)
    assert rig.stages(*entries) == (PARKED, DONE, DONE, PARKED)
    assert found.counts.attention == 1
    assert rig.clock.monotonic() < 30.0
    await rig.tasks.aclose()


async def test_draining_once_ends_after_a_return_that_loop_does_not_know_was_parked() -> None:
    rig = Rig()
    entries = await rig.keep(*WHOLE)
    del rig.gateway.truth[RETURN_ID]
    found = await drained(rig)
    assert set(rig.stages(*entries)) == {PARKED}
    assert found.counts.attention == 1
    assert rig.clock.monotonic() < 90.0
    await rig.tasks.aclose()


async def test_draining_once_gives_up_on_an_effect_that_does_not_come() -> None:
    rig = Rig()
    rig.gateway.processing_seconds = None
    (entry,) = await rig.keep(Kind.PROCESS)
    found = await drained(rig)
    assert rig.stages(entry) == (SETTLING,)
    assert found.counts.sent == 1
    assert 120.0 <= rig.clock.monotonic() < 150.0
    await rig.tasks.aclose()


def two_lines() -> Any:
    """Build the default return with two lines, so that one can be removed."""
    return a_return(lines=lines(2))


async def test_a_processing_takes_the_body_it_was_kept_with_and_none_by_default() -> None:
    async with running() as rig:
        first, second = many(2)
        await rig.keep(Kind.PROCESS, ret=first)
        action = Action(Kind.PROCESS, "", {"body": {"rmaid": "{return}"}})
        await rig.keep(Kind.PROCESS, ret=second, actions=(action,))
        await rig.clock.turn(5.0)
        assert rig.gateway.bodies == [None, {"rmaid": second.return_id}]


@pytest.mark.fault(163)
async def test_what_an_earlier_run_kept_is_looked_for_before_it_is_sent() -> None:
    """As after a machine was put back from an image: Loop has it all, and the store does not know."""
    async with running() as rig:
        entries = await rig.keep(Kind.GRADE, Kind.ASSESS, Kind.NOTE, Kind.PROCESS)
        before = dict(rig.store.outbox.kept)
        await rig.clock.turn(10.0)
        assert set(rig.stages(*entries)) == {DONE}
        sent = len(rig.gateway.requests)
        rig.store.outbox.kept = before
        await rig.crash()
        rig.start()
        await rig.clock.turn(10.0)
        assert set(rig.stages(*entries)) == {SUPERSEDED}
        assert len(rig.gateway.requests) == sent


@pytest.mark.fault(163)
async def test_what_loop_does_not_show_of_an_earlier_run_is_sent_once() -> None:
    async with running() as rig:
        entries = await rig.keep(*WHOLE, hold_seconds=60.0)
        await rig.crash()
        rig.start()
        await rig.clock.turn(80.0)
        assert set(rig.stages(*entries)) == {DONE}
        assert len(rig.gateway.requests) == len(entries)


async def test_two_ends_of_a_settlement_at_the_same_time_are_told_as_one_and_then_forgotten() -> None:
    rig = Rig()
    entries = await rig.keep(Kind.GRADE, Kind.NOTE)
    await rig.outbox.release(entries[0].settlement_id)
    assert await rig.outbox.claim([rig.now(entry) for entry in entries], "", rig.clock.now())
    read = rig.outbox.lane

    async def read_later(return_id: str) -> tuple[Entry, ...]:
        for _ in range(5):  # so that both ends are on disk before either is read
            await asyncio.sleep(0)
        return await read(return_id)

    rig.store.outbox.lane = read_later  # type: ignore[method-assign]
    writer = rig.sender._stage_writer
    await asyncio.gather(*(writer.write(x, [Move(x.entry_id, SENDING, DONE)]) for x in entries))
    assert [told.return_id for told in rig.told(Settled)] == [entries[0].return_id]
    assert not writer._told
