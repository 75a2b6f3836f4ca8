"""Reading back: when, how often, by what, and what a person may do with what stays in doubt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loopdesk.domain.errors import AnswerLost, RuleBroken, Unreachable
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Cause, Entry, ParkReason, Stage, Why
from loopdesk.domain.returns.returns import Note, Return, ReturnState, fingerprint
from loopdesk.services.station.events import NeedsPerson, NextSync, OutboxChanged, Settled
from tests.builders import RETURN_ID, a_fetched, a_keep_request, a_paid_return, a_return, an_action, lines
from tests.fakes.gateway import lost_after, lost_before, refused, swallowed, unsent
from tests.kinds import FINALIZERS
from tests.unit.services.outbox_rig import Rig, many, running

pytestmark = pytest.mark.expects_log("breaker_opened", "key_binding", "twice")

READY, SENDING, UNCERTAIN, SETTLING = Stage.READY, Stage.SENDING, Stage.UNCERTAIN, Stage.SETTLING
PARKED, DONE, SUPERSEDED, WITHDRAWN = Stage.PARKED, Stage.DONE, Stage.SUPERSEDED, Stage.WITHDRAWN
CLOSED = ReturnState.CLOSED


def two_lines() -> Return:
    """Build the default return with two lines, so that one can be removed."""
    return a_return(lines=lines(2))


def reads_of(rig: Rig, what: str = "details") -> int:
    """Count the reads of a kind so far."""
    return sum(1 for name, _ in rig.gateway.reads if name == what)


# --- when -----------------------------------------------------------------------------------------


async def test_read_backs_come_at_two_five_ten_twenty_forty_sixty_seconds_then_each_minute() -> None:
    async with running() as rig:
        rig.gateway.plant("process", swallowed())
        await rig.keep(Kind.PROCESS)
        await rig.clock.settle()
        start, times = reads_of(rig), []
        for second in range(1, 301):
            await rig.clock.turn(1.0)
            if reads_of(rig) > start:
                start = reads_of(rig)
                times.append(second)
        assert times == [2, 5, 10, 20, 40, 60, 120, 180, 240, 300]


async def test_one_read_of_a_return_serves_all_its_entries_in_doubt() -> None:
    async with running() as rig:
        ret = a_return(lines=lines(6))
        rig.gateway.add(ret)
        actions = tuple(an_action(Kind.GRADE, line.line_item_id) for line in ret.lines)
        rig.gateway.plant("grade", lost_after())
        entries = await rig.outbox.keep(
            a_keep_request(actions=actions, seen=fingerprint(ret), hold_seconds=0.0)
        )
        rig.feed.tell(OutboxChanged(ret.return_id))
        await rig.clock.turn(2.1)
        assert set(rig.stages(*entries)) == {DONE}
        assert reads_of(rig) == 1


@pytest.mark.fault(48)
@pytest.mark.parametrize("kind", sorted(Kind))
async def test_hours_without_a_read_never_park_or_resend(kind: Kind) -> None:
    async with running() as rig:
        rig.gateway.plant(kind.value, lost_after())
        (entry,) = await rig.keep(kind, ret=two_lines(), target="80000002")
        await rig.clock.settle()
        rig.gateway.chance = lambda what: lost_before() if what in ("details", "notes", "list") else None
        await rig.clock.turn(6 * 3600.0)
        assert rig.stages(entry) == (UNCERTAIN,)
        assert rig.gateway.seen(kind) == 1
        rig.gateway.chance = lambda what: None
        await rig.clock.turn(61.0)
        assert rig.stages(entry) == (DONE,)
        assert rig.gateway.seen(kind) == 1


async def test_when_the_line_is_up_again_doubts_are_read_back_within_ten_seconds() -> None:
    async with running() as rig:
        rig.gateway.plant("process", lost_after())
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.settle()
        rig.gateway.chance = lambda what: unsent()
        await rig.clock.turn(1000.0)
        assert rig.stages(entry) == (UNCERTAIN,)
        rig.gateway.chance = lambda what: None
        await rig.clock.turn(10.0)
        assert rig.stages(entry) == (DONE,)


@pytest.mark.fault(86)
async def test_after_a_restart_the_limit_begins_anew() -> None:
    async with running() as rig:
        rig.gateway.plant("process", lost_before())
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.turn(890.0)
        await rig.crash()
        rig.start()
        await rig.clock.turn(890.0)
        assert rig.stages(entry) == (UNCERTAIN,)
        await rig.clock.turn(60.0)
        assert rig.stages(entry) == (PARKED,)


# --- what the reads prove -------------------------------------------------------------------------


@pytest.mark.fault(38)
async def test_a_process_that_takes_nine_minutes_is_done_without_a_second_request() -> None:
    async with running() as rig:
        rig.gateway.processing_seconds = 540.0
        rig.gateway.plant("process", lost_after())
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.turn(530.0)
        assert rig.stages(entry) == (UNCERTAIN,)
        await rig.clock.turn(80.0)
        assert rig.stages(entry) == (DONE,)
        assert rig.gateway.seen(Kind.PROCESS) == 1


@pytest.mark.fault(25)
async def test_accepted_and_then_failed_silently_ends_in_front_of_a_person() -> None:
    async with running() as rig:
        rig.gateway.plant("process", swallowed())
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.turn(890.0)
        assert rig.stages(entry) == (SETTLING,)
        await rig.clock.turn(20.0)
        now = rig.now(entry)
        assert (now.stage, now.reason, now.cause) == (PARKED, ParkReason.UNDECIDED, Cause(Why.NO_EFFECT))
        assert rig.told(NeedsPerson) == [NeedsPerson(RETURN_ID, "#1164", "undecided")]


@pytest.mark.fault(24, 40)
async def test_a_partial_removal_parks_at_once() -> None:
    async with running() as rig:
        rig.gateway.plant("remove", lost_before())
        (entry,) = await rig.keep(Kind.REMOVE, ret=two_lines(), target="80000002")
        await rig.clock.settle()
        rig.gateway.change(RETURN_ID, lines=lines(1))
        await rig.clock.turn(2.1)
        now = rig.now(entry)
        assert (now.stage, now.cause) == (PARKED, Cause(Why.PARTIAL))
        assert rig.gateway.seen(Kind.PROCESS) == 0


@pytest.mark.fault(41)
async def test_a_lost_cancel_of_a_return_that_closed_meanwhile_is_a_conflict() -> None:
    async with running() as rig:
        rig.gateway.plant("cancel", lost_before())
        (entry,) = await rig.keep(Kind.CANCEL)
        await rig.clock.settle()
        rig.gateway.change(RETURN_ID, state=CLOSED, was_processed=True)
        await rig.clock.turn(2.1)
        assert rig.now(entry).reason is ParkReason.CONFLICT
        assert rig.now(entry).found == fingerprint(rig.gateway.truth[RETURN_ID].ret)


@pytest.mark.fault(47)
async def test_a_lost_flag_is_sent_again_at_most_three_times_in_all() -> None:
    async with running() as rig:
        rig.gateway.chance = lambda what: lost_before() if what == "flag" else None
        (entry,) = await rig.keep(Kind.FLAG)
        await rig.clock.turn(600.0)
        assert rig.gateway.seen(Kind.FLAG) == 3
        assert (rig.now(entry).stage, rig.now(entry).reason) == (PARKED, ParkReason.UNDECIDED)


@pytest.mark.fault(43)
async def test_a_lost_note_is_looked_for_by_its_marker_and_not_doubled() -> None:
    async with running() as rig:
        rig.gateway.plant("note", lost_after())
        (entry,) = await rig.keep(Kind.NOTE)
        await rig.clock.turn(2.1)
        assert rig.stages(entry) == (DONE,)
        assert rig.gateway.effects(Kind.NOTE, RETURN_ID) == 1


async def test_a_note_that_never_arrived_is_sent_once_more_and_then_shown() -> None:
    async with running() as rig:
        rig.gateway.chance = lambda what: lost_before() if what == "note" else None
        (entry,) = await rig.keep(Kind.NOTE)
        await rig.clock.turn(300.0)
        assert rig.gateway.seen(Kind.NOTE) == 2
        assert (rig.now(entry).stage, rig.now(entry).reason) == (PARKED, ParkReason.UNDECIDED)


@pytest.mark.fault(44)
async def test_a_note_that_loop_shows_late_is_not_sent_again_inside_its_window() -> None:
    async with running() as rig:
        rig.gateway.plant("note", lost_before())
        (entry,) = await rig.keep(Kind.NOTE)
        await rig.clock.turn(25.0)
        note = Note("1", str(entry.payload["content"]), rig.clock.now())
        rig.gateway.truth[RETURN_ID].notes.append(note)
        await rig.clock.turn(30.0)
        assert rig.stages(entry) == (DONE,)
        assert rig.gateway.seen(Kind.NOTE) == 1


@pytest.mark.fault(44)
async def test_a_note_that_stands_there_twice_is_done_and_stands_as_twice_in_the_audit() -> None:
    async with running() as rig:
        rig.gateway.plant("note", lost_before(), lost_after())
        (entry,) = await rig.keep(Kind.NOTE)
        await rig.clock.turn(41.0)
        note = Note("0", str(entry.payload["content"]), rig.clock.now())
        rig.gateway.truth[RETURN_ID].notes.append(note)
        await rig.clock.turn(60.0)
        assert rig.stages(entry) == (DONE,)
        assert [row.entry_id for row in await rig.audit.rows("twice")] == [entry.entry_id]


async def test_a_twin_of_a_note_that_was_sent_again_and_accepted_stands_in_the_audit() -> None:
    async with running() as rig:
        rig.gateway.plant("note", lost_before())
        (entry,) = await rig.keep(Kind.NOTE)
        await rig.clock.turn(39.0)
        gate = rig.gateway.hold("note")
        await rig.clock.turn(2.0)
        assert rig.stages(entry) == (SENDING,)
        note = Note("0", str(entry.payload["content"]), rig.clock.now())
        rig.gateway.truth[RETURN_ID].notes.append(note)
        gate.set()
        await rig.clock.turn(1.0)
        assert rig.stages(entry) == (DONE,)
        assert [row.entry_id for row in await rig.audit.rows("twice")] == [entry.entry_id]


@pytest.mark.fault(45)
@pytest.mark.parametrize("kind", [Kind.GRADE, Kind.ASSESS])
async def test_a_lost_value_is_sent_again_with_the_same_bytes_at_most_five_times(kind: Kind) -> None:
    async with running() as rig:
        rig.gateway.chance = lambda what: lost_before() if what == kind.value else None
        (entry,) = await rig.keep(kind)
        await rig.clock.turn(300.0)
        assert rig.gateway.seen(kind) == 5
        assert len({str(x.payload) for x in rig.gateway.requests}) == 1
        assert (rig.now(entry).stage, rig.now(entry).reason) == (PARKED, ParkReason.UNDECIDED)


@pytest.mark.fault(45)
@pytest.mark.parametrize("kind", [Kind.GRADE, Kind.ASSESS])
async def test_a_lost_value_is_left_out_when_a_newer_one_came_true(kind: Kind) -> None:
    """As in a restored copy, where both may have left before: Loop shows the newer one only."""
    async with running() as rig:
        rig.gateway.chance = lambda what: lost_before() if what == kind.value else None
        (old,) = await rig.keep(kind)
        await rig.clock.turn(1.0)
        assert rig.stages(old) == (UNCERTAIN,)
        (new,) = await rig.keep(kind)
        rig.store.outbox.kept[new.entry_id] = replace(rig.now(new), stage=DONE, tries=1)
        asked = rig.gateway.seen(kind)
        await rig.clock.turn(300.0)
        assert (rig.now(old).stage, rig.now(old).cause) == (SUPERSEDED, Cause(Why.OVERTAKEN))
        assert rig.gateway.seen(kind) == asked


async def test_where_loop_shows_no_inspections_a_value_is_confirmed_by_being_accepted_again() -> None:
    async with running() as rig:
        rig.gateway.shows_inspections = False
        rig.gateway.plant("grade", lost_after())
        (entry,) = await rig.keep(Kind.GRADE)
        await rig.clock.turn(10.0)
        assert rig.stages(entry) == (DONE,)
        assert rig.gateway.seen(Kind.GRADE) == 2


async def test_a_confirmed_settlement_is_told_once_with_what_loop_showed() -> None:
    async with running() as rig:
        await rig.keep(Kind.GRADE, Kind.PROCESS)
        await rig.clock.turn(30.0)
        assert rig.told(Settled) == [Settled(RETURN_ID, "#1164", "process")]
        stored = await rig.returns.get(RETURN_ID)
        assert stored is not None
        assert stored.ret.state is CLOSED


async def test_an_earlier_settlement_of_the_return_is_not_told_again_when_a_later_one_ends() -> None:
    async with running() as rig:
        await rig.keep(Kind.NOTE)
        await rig.clock.turn(1.0)
        await rig.keep(Kind.GRADE)
        await rig.clock.turn(1.0)
        assert [x.kind for x in rig.told(Settled)] == ["set_aside", "grade_only"]


async def test_a_return_that_vanished_is_shown_to_a_person_in_the_end() -> None:
    async with running() as rig:
        rig.gateway.plant("cancel", swallowed())
        (entry,) = await rig.keep(Kind.CANCEL)
        await rig.clock.settle()
        del rig.gateway.truth[RETURN_ID]
        await rig.clock.turn(130.0)
        assert (rig.now(entry).stage, rig.now(entry).cause) == (PARKED, Cause(Why.NOT_FOUND))


# --- many at once ---------------------------------------------------------------------------------


async def test_many_states_are_read_by_the_list_instead_of_one_by_one() -> None:
    async with running() as rig:
        entries = [x for ret in many(8) for x in await rig.keep(Kind.PROCESS, ret=ret)]
        await rig.clock.turn(1.0)
        assert set(rig.stages(*entries)) == {SETTLING}
        before = reads_of(rig)
        await rig.clock.turn(1.5)
        assert set(rig.stages(*entries)) == {DONE}
        assert reads_of(rig) == before
        assert [state for what, state in rig.gateway.reads if what == "list"] == [""]


async def test_states_that_settle_one_after_another_are_gathered_for_one_call() -> None:
    async with running() as rig:
        entries: list[Entry] = []
        for ret in many(30):
            entries += await rig.keep(Kind.PROCESS, ret=ret)
            await rig.clock.turn(1.0)
        await rig.clock.turn(15.0)
        assert set(rig.stages(*entries)) == {DONE}
        lists = sum(what == "list" for what, _ in rig.gateway.reads)
        read_alone = reads_of(rig) - 30  # each was read once before it was sent
        assert lists + read_alone <= 10


async def test_a_return_on_a_quiet_bench_waits_for_no_other() -> None:
    async with running() as rig:
        for ret in many(3):
            (entry,) = await rig.keep(Kind.PROCESS, ret=ret)
            await rig.clock.turn(3.0)
            assert rig.now(entry).stage is DONE
            await rig.clock.turn(12.0)


async def test_what_nobody_looks_at_waits_for_the_list_that_is_read_anyway() -> None:
    async with running() as rig:
        seen, unseen = many(2)
        rig.shown.add(seen.return_id)
        rig.feed.tell(NextSync(60.0))
        (one,) = await rig.keep(Kind.PROCESS, ret=seen)
        (other,) = await rig.keep(Kind.PROCESS, ret=unseen)
        await rig.clock.turn(6.0)
        assert rig.stages(one, other) == (DONE, SETTLING)
        row = replace(unseen, state=CLOSED, was_processed=True)
        await rig.confirmer.observe(a_fetched(row, is_details=False))
        assert rig.now(other).stage is DONE
        assert reads_of(rig) == 3  # one each before it was sent, and one to confirm what was looked at


async def test_what_somebody_looks_at_waits_for_the_list_too_where_all_benches_share_one_hub() -> None:
    async with running() as rig:
        (ret,) = many(1)
        rig.shown.add(ret.return_id)
        rig.feed.tell(NextSync(60.0, is_shared=True))
        (entry,) = await rig.keep(Kind.PROCESS, ret=ret)
        await rig.clock.turn(6.0)
        assert (rig.now(entry).stage, reads_of(rig)) == (SETTLING, 1)
        row = replace(ret, state=CLOSED, was_processed=True)
        await rig.confirmer.observe(a_fetched(row, is_details=False))
        assert (rig.now(entry).stage, reads_of(rig)) == (DONE, 1)


@pytest.mark.fault(160)
async def test_a_row_that_says_no_more_than_closed_lets_the_details_decide() -> None:
    async with running() as rig:
        (ret,) = many(1)
        rig.feed.tell(NextSync(60.0))
        (entry,) = await rig.keep(Kind.PROCESS, ret=ret)
        await rig.clock.turn(6.0)
        assert (rig.now(entry).stage, reads_of(rig)) == (SETTLING, 1)
        await rig.confirmer.observe(a_fetched(replace(ret, state=CLOSED), is_details=False))
        assert rig.now(entry).stage is SETTLING
        await rig.clock.turn(1.0)
        assert (rig.now(entry).stage, reads_of(rig)) == (DONE, 2)


@pytest.mark.fault(160, 161)
async def test_closed_without_payment_is_said_and_asked_about_less_and_less_often() -> None:
    async with running() as rig:
        rig.gateway.pays = False
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.turn(10.0)
        assert (rig.now(entry).stage, rig.now(entry).cause) == (SETTLING, Cause(Why.UNPAID))
        stored = await rig.returns.get(entry.return_id)
        assert stored is not None
        assert stored.ret.state is CLOSED
        await rig.clock.turn(3600.0)
        in_an_hour = reads_of(rig)
        await rig.clock.turn(17_800.0)
        assert rig.now(entry).stage is SETTLING
        assert reads_of(rig) <= 35
        assert in_an_hour <= 25
        rig.gateway.change(entry.return_id, was_processed=True)
        await rig.clock.turn(200.0)
        assert rig.now(entry).stage is DONE
        rows = [x for x in await rig.audit.of_return(entry.return_id) if x.entry_id == entry.entry_id]
        assert [x.event for x in rows].count("remarked") == 1
        assert rows[-1].detail["belief"] == "by_processed"


@pytest.mark.fault(160)
async def test_what_nobody_paid_needs_a_person_after_the_limit_and_is_closed_by_a_late_payment() -> None:
    async with running() as rig:
        rig.gateway.pays = False
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.turn(21_700.0)
        now = rig.now(entry)
        assert (now.stage, now.reason, now.cause) == (PARKED, ParkReason.UNDECIDED, Cause(Why.NO_WITNESS))
        unpaid = await rig.gateway.details(entry.return_id)
        await rig.confirmer.observe(unpaid)
        assert rig.now(entry).stage is PARKED
        rig.gateway.change(entry.return_id, refunds_paid=1)
        await rig.confirmer.observe(await rig.gateway.details(entry.return_id))
        assert rig.now(entry).stage is DONE


async def test_where_no_answer_of_the_shop_ever_told_of_payment_closed_is_enough() -> None:
    async with running() as rig:
        first, second = many(2)
        rig.gateway.tells = False
        (entry,) = await rig.keep(Kind.PROCESS, ret=first)
        await rig.clock.turn(10.0)
        assert rig.now(entry).stage is DONE
        rig.gateway.tells, rig.gateway.pays = True, False
        await rig.confirmer.observe(a_fetched(replace(second, tells_payment=True)))
        rig.gateway.tells = False
        (other,) = await rig.keep(Kind.PROCESS, ret=second)
        await rig.clock.turn(10.0)
        assert (rig.now(other).stage, rig.now(other).cause) == (SETTLING, Cause(Why.UNPAID))


@pytest.mark.parametrize(("planned", "after"), [(60.0, 75.0), (None, 6.0), (300.0, 6.0)])
async def test_no_doubt_waits_longer_for_that_list_than_a_minute_and_a_bit(
    planned: float | None, after: float
) -> None:
    async with running() as rig:
        rig.feed.tell(NextSync(planned))
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.turn(after)
        assert rig.now(entry).stage is DONE


@pytest.mark.parametrize(("is_shared", "after"), [(False, 14.0), (True, 34.0)])
async def test_a_list_that_is_late_is_waited_for_as_long_as_word_of_it_may_take(
    is_shared: bool, after: float
) -> None:
    async with running() as rig:
        rig.feed.tell(NextSync(0.0, is_shared=is_shared))
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.turn(after - 6.0)
        assert rig.now(entry).stage is SETTLING
        await rig.clock.turn(12.0)
        assert rig.now(entry).stage is DONE


async def test_a_lost_answer_waits_for_no_list() -> None:
    async with running() as rig:
        rig.feed.tell(NextSync(60.0))
        rig.gateway.plant("process", lost_after())
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.turn(3.0)
        assert rig.now(entry).stage is DONE


async def test_many_that_nobody_looks_at_are_worth_a_call_of_their_own() -> None:
    async with running() as rig:
        rig.feed.tell(NextSync(60.0))
        entries = [x for ret in many(6) for x in await rig.keep(Kind.PROCESS, ret=ret)]
        await rig.clock.turn(15.0)
        assert set(rig.stages(*entries)) == {DONE}
        assert reads_of(rig, "list") == 1


async def test_the_list_is_asked_for_review_and_cancelled_only_when_something_waits_for_them() -> None:
    async with running() as rig:
        some = many(9)
        kinds = [Kind.PROCESS, Kind.FLAG, Kind.CANCEL] * 3
        entries = [x for r, k in zip(some, kinds, strict=True) for x in await rig.keep(k, ret=r)]
        await rig.clock.turn(2.5)
        assert set(rig.stages(*entries)) == {DONE}
        assert {state for what, state in rig.gateway.reads if what == "list"} == {"", "review", "cancelled"}


async def test_what_a_whole_list_does_not_show_is_read_one_by_one_once_its_doubt_is_a_minute_old() -> None:
    async with running() as rig:
        some = many(6)
        rig.gateway.plant("process", swallowed(), swallowed())
        entries = [x for ret in some for x in await rig.keep(Kind.PROCESS, ret=ret)]
        await rig.clock.turn(1.0)
        before = reads_of(rig)
        await rig.clock.turn(1.5)
        assert sorted(rig.stages(*entries)) == sorted([DONE] * 4 + [SETTLING] * 2)
        assert reads_of(rig) == before
        await rig.clock.turn(65.0)
        assert reads_of(rig) >= before + 2


async def test_a_removal_of_which_the_list_shows_a_conflict_is_judged_by_details() -> None:
    async with running() as rig:
        some = [replace(x, lines=(*x.lines, replace(x.lines[0], line_item_id=x.return_id))) for x in many(5)]
        rig.gateway.chance = lambda what: swallowed() if what == "remove" else None
        entries = [x for ret in some for x in await rig.keep(Kind.REMOVE, ret=ret)]
        await rig.clock.turn(1.0)
        for ret in some:
            rig.gateway.change(ret.return_id, state=CLOSED)
        before = reads_of(rig)
        await rig.clock.turn(1.5)
        assert {rig.now(x).cause for x in entries} == {Cause(Why.TARGETS_REMAIN)}
        assert reads_of(rig) == before + 5


async def test_a_close_is_never_confirmed_by_the_list_since_it_shows_no_refunds() -> None:
    async with running() as rig:
        for ret in many(7):
            await rig.keep(Kind.CLOSE, ret=ret)
        await rig.clock.turn(3.0)
        assert reads_of(rig, "list") == 0


async def test_a_sweep_that_fails_falls_back_to_single_reads() -> None:
    async with running() as rig:
        rig.gateway.plant("list", lost_before())
        entries = [x for ret in many(5) for x in await rig.keep(Kind.PROCESS, ret=ret)]
        await rig.clock.turn(3.0)
        assert set(rig.stages(*entries)) == {DONE}


# --- late observations ----------------------------------------------------------------------------


@pytest.mark.fault(26)
@pytest.mark.parametrize("kind", sorted(FINALIZERS))
async def test_a_late_observation_by_anyone_closes_a_parked_entry(kind: Kind) -> None:
    async with running() as rig:
        rig.gateway.plant(kind.value, lost_before())
        (entry,) = await rig.keep(kind, ret=two_lines(), target="80000002")
        await rig.clock.turn(1200.0)
        assert rig.stages(entry) == (PARKED,)
        effect = {
            Kind.CANCEL: a_return(state=ReturnState.CANCELLED),
            Kind.REMOVE: a_paid_return(lines=lines(1)),
            Kind.PROCESS: a_paid_return(lines=lines(2)),
        }.get(kind, a_return(lines=lines(2), state=CLOSED))
        await rig.confirmer.observe(a_fetched(effect))
        assert rig.stages(entry) == (DONE,)


async def test_an_observation_that_shows_no_effect_changes_nothing_however_late() -> None:
    async with running() as rig:
        rig.gateway.plant("process", swallowed())
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.turn(899.0)
        for state in (ReturnState.OPEN, ReturnState.REVIEW, ReturnState.CANCELLED):
            await rig.confirmer.observe(a_fetched(a_return(state=state)))
        assert rig.stages(entry) == (SETTLING,)


async def test_an_observation_from_the_list_cannot_confirm_a_close() -> None:
    async with running() as rig:
        rig.gateway.plant("close", swallowed())
        (entry,) = await rig.keep(Kind.CLOSE)
        await rig.clock.settle()
        await rig.confirmer.observe(a_fetched(a_return(state=CLOSED), is_details=False))
        assert rig.stages(entry) == (SETTLING,)
        await rig.confirmer.observe(a_fetched(a_return(state=CLOSED)))
        assert rig.stages(entry) == (DONE,)


async def test_observing_thousands_of_other_returns_costs_no_look_into_the_outbox() -> None:
    async with running() as rig:
        rig.gateway.plant("process", swallowed())
        await rig.keep(Kind.PROCESS)
        await rig.clock.settle()
        looks = 0
        lane = rig.store.outbox.lane

        async def counted(return_id: str) -> tuple[Entry, ...]:
            nonlocal looks
            looks += 1
            return await lane(return_id)

        rig.store.outbox.lane = counted  # type: ignore[method-assign]
        for ret in many(1000, first=50000000):
            await rig.confirmer.observe(a_fetched(ret))
        assert looks == 0


async def test_what_another_keys_entries_wait_for_is_not_asked_with_this_key() -> None:
    async with running() as rig:
        rig.gateway.plant("process", swallowed())
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.settle()
        await rig.crash()
        rig.station = replace(rig.station, key_fingerprint="kf-other")
        rig.start()
        before = len(rig.gateway.reads)
        await rig.clock.turn(3600.0)
        assert len(rig.gateway.reads) == before
        assert rig.stages(entry) == (SETTLING,)
        await rig.confirmer.observe(a_fetched(a_return(state=CLOSED)))
        assert rig.stages(entry) == (SETTLING,)


# --- people ---------------------------------------------------------------------------------------


async def parked_process(rig: Rig) -> Entry:
    """Bring a process to parked (undecided): its answer was lost and it had no effect."""
    rig.gateway.plant("process", lost_before())
    (entry,) = await rig.keep(Kind.PROCESS)
    await rig.clock.turn(960.0)
    assert rig.stages(entry) == (PARKED,)
    return entry


async def test_send_again_reads_before_keeps_the_entry_and_adds_an_attempt() -> None:
    async with running() as rig:
        entry = await parked_process(rig)
        reads = reads_of(rig)
        await rig.attention.send_again([entry.entry_id], Operator(name="Lea"))
        await rig.clock.turn(5.0)
        assert rig.stages(entry) == (DONE,)
        assert reads_of(rig) > reads
        attempts = await rig.outbox.attempts(entry.entry_id)
        assert [x.evidence for x in attempts] == ["ambiguous", "accepted"]
        assert rig.gateway.effects(Kind.PROCESS, RETURN_ID) == 1
        (row,) = await rig.audit.rows("sent_again")
        assert (row.operator.name, row.entry_id) == ("Lea", entry.entry_id)


async def test_send_again_of_what_came_true_meanwhile_sends_nothing() -> None:
    async with running() as rig:
        entry = await parked_process(rig)
        rig.gateway.change(RETURN_ID, state=CLOSED, was_processed=True)
        await rig.attention.send_again([entry.entry_id], Operator(name="Lea"))
        await rig.clock.turn(5.0)
        assert rig.stages(entry) == (SUPERSEDED,)
        assert rig.gateway.seen(Kind.PROCESS) == 1


async def test_a_refused_look_before_sending_again_leaves_what_may_have_come_true_undecided() -> None:
    async with running() as rig:
        entry = await parked_process(rig)
        rig.gateway.plant("details", *(refused("Not allowed."),) * 3)
        await rig.attention.send_again([entry.entry_id], Operator(name="Lea"))
        await rig.clock.turn(120.0)
        now = rig.now(entry)
        assert (now.stage, now.reason, now.cause) == (
            PARKED,
            ParkReason.UNDECIDED,
            Cause(Why.REFUSED, "Not allowed."),
        )
        assert rig.gateway.seen(Kind.PROCESS) == 1


@pytest.mark.fault(39)
async def test_two_ambiguous_attempts_both_stand_in_the_ledger_and_are_done_once() -> None:
    async with running() as rig:
        entry = await parked_process(rig)
        rig.gateway.plant("process", lost_after())
        await rig.attention.send_again([entry.entry_id], Operator(name="Lea"))
        await rig.clock.turn(5.0)
        assert rig.stages(entry) == (DONE,)
        assert [x.evidence for x in await rig.outbox.attempts(entry.entry_id)] == ["ambiguous"] * 2
        assert rig.now(entry).unresolved == 0


async def test_after_a_conflict_that_a_person_saw_send_again_goes_through() -> None:
    async with running() as rig:
        entries = await rig.keep(Kind.GRADE, Kind.PROCESS, hold_seconds=8.0)
        rig.gateway.change(RETURN_ID, lines=lines(2))
        await rig.clock.turn(10.0)
        assert set(rig.stages(*entries)) == {PARKED}
        await rig.attention.send_again([x.entry_id for x in entries], Operator(name="Lea"))
        await rig.clock.turn(5.0)
        assert rig.stages(*entries) == (DONE, DONE)


async def test_after_a_conflict_send_again_parks_again_when_loop_changed_once_more() -> None:
    async with running() as rig:
        entries = await rig.keep(Kind.GRADE, Kind.PROCESS, hold_seconds=8.0)
        rig.gateway.change(RETURN_ID, lines=lines(2))
        await rig.clock.turn(10.0)
        rig.gateway.change(RETURN_ID, lines=lines(3))
        await rig.attention.send_again([x.entry_id for x in entries], Operator(name="Lea"))
        await rig.clock.turn(5.0)
        assert set(rig.stages(*entries)) == {PARKED}
        assert rig.gateway.requests == []


async def refused_note(rig: Rig) -> tuple[Entry, Entry]:
    """Bring a note to parked (refused) with a process that waits for it."""
    rig.gateway.plant("note", refused("Too long."))
    note, process = await rig.keep(Kind.NOTE, Kind.PROCESS)
    await rig.clock.turn(2.0)
    assert rig.stages(note, process) == (PARKED, PARKED)
    return note, process


async def test_a_waived_note_stays_parked_and_lets_the_finalizer_go() -> None:
    async with running() as rig:
        note, process = await refused_note(rig)
        await rig.attention.waive(note.entry_id, Operator(name="Lea"))
        await rig.clock.turn(5.0)
        assert rig.stages(note, process) == (PARKED, DONE)
        (row,) = await rig.audit.rows("waived")
        assert row.operator.name == "Lea"


async def test_a_dropped_note_counts_as_waived_by_that_name_and_lets_the_finalizer_go() -> None:
    async with running() as rig:
        note, process = await refused_note(rig)
        await rig.attention.drop([note.entry_id], "not needed", Operator(name="Lea"))
        await rig.clock.turn(5.0)
        assert rig.stages(note, process) == (WITHDRAWN, DONE)
        (waived,), (dropped,) = await rig.audit.rows("waived"), await rig.audit.rows("dropped")
        assert (waived.operator.name, dropped.operator.name) == ("Lea", "Lea")
        assert dropped.detail["cause"] == {"code": "dropped", "value": "not needed"}


async def test_a_note_sent_again_releases_the_finalizer_once_it_is_done() -> None:
    async with running() as rig:
        note, process = await refused_note(rig)
        await rig.attention.send_again([note.entry_id], Operator(name="Lea"))
        await rig.clock.turn(5.0)
        assert rig.stages(note, process) == (DONE, DONE)
        assert [x.kind for x in rig.gateway.requests] == [Kind.NOTE, Kind.NOTE, Kind.PROCESS]


async def test_what_a_person_says_is_done_ends_in_that_name() -> None:
    async with running() as rig:
        note, process = await refused_note(rig)
        await rig.attention.it_is_done([note.entry_id], Operator(name="Lea"))
        await rig.clock.turn(5.0)
        assert rig.stages(note, process) == (DONE, DONE)
        (row,) = await rig.audit.rows("said_done")
        assert row.operator.name == "Lea"
        assert [x.is_said for x in rig.told(Settled)] == [True]


async def test_a_dropped_finalizer_is_not_called_settled() -> None:
    async with running() as rig:
        entry = await parked_process(rig)
        await rig.attention.drop([entry.entry_id], "customer called", Operator(name="Lea"))
        await rig.clock.turn(60.0)
        assert rig.stages(entry) == (WITHDRAWN,)
        assert rig.told(Settled) == []
        assert rig.gateway.seen(Kind.PROCESS) == 1


async def test_check_again_reads_loop_at_once_and_closes_what_came_true() -> None:
    async with running() as rig:
        entry = await parked_process(rig)
        assert await rig.attention.check_again(RETURN_ID) == 0
        rig.gateway.change(RETURN_ID, state=CLOSED, was_processed=True)
        assert await rig.attention.check_again(RETURN_ID) == 1
        assert rig.stages(entry) == (DONE,)


async def test_check_again_finds_a_parked_note_by_its_marker() -> None:
    async with running() as rig:
        rig.gateway.chance = lambda what: lost_before() if what == "note" else None
        (entry,) = await rig.keep(Kind.NOTE)
        await rig.clock.turn(300.0)
        assert rig.stages(entry) == (PARKED,)
        rig.gateway.truth[RETURN_ID].notes.append(Note("1", str(entry.payload["content"])))
        assert await rig.attention.check_again(RETURN_ID) == 1
        assert rig.stages(entry) == (DONE,)


@pytest.mark.parametrize("failure", [lost_before(), unsent()])
async def test_check_again_without_an_answer_changes_nothing_and_says_so(failure: Any) -> None:
    async with running() as rig:
        entry = await parked_process(rig)
        rig.gateway.plant("details", failure)
        with pytest.raises((AnswerLost, Unreachable)):
            await rig.attention.check_again(RETURN_ID)
        assert rig.stages(entry) == (PARKED,)


@pytest.mark.fault(123)
async def test_nothing_is_done_to_an_entry_without_a_persons_name() -> None:
    async with running() as rig:
        entry = await parked_process(rig)
        ids = [entry.entry_id]
        for act in (
            rig.attention.send_again(ids, Operator(name=" ")),
            rig.attention.it_is_done(ids, Operator(name="")),
            rig.attention.drop(ids, "why", Operator(name="")),
            rig.attention.waive(ids[0], Operator(name="")),
        ):
            with pytest.raises(RuleBroken, match="no_name"):
                await act
        with pytest.raises(RuleBroken, match="no_reason"):
            await rig.attention.drop(ids, " ", Operator(name="Lea"))
        assert rig.stages(entry) == (PARKED,)


async def test_only_what_is_parked_can_be_sent_again_ended_or_dropped() -> None:
    async with running() as rig:
        (entry,) = await rig.keep(Kind.NOTE)
        await rig.clock.turn(1.0)
        for ids in ([entry.entry_id], ["f" * 32], []):
            with pytest.raises(RuleBroken, match="not_parked"):
                await rig.attention.send_again(ids, Operator(name="Lea"))
        assert rig.stages(entry) == (DONE,)


async def test_a_finalizer_that_waits_for_a_parked_note_is_not_sent_again_by_itself() -> None:
    async with running() as rig:
        note, process = await refused_note(rig)
        with pytest.raises(RuleBroken, match="waits_for_parked"):
            await rig.attention.send_again([process.entry_id], Operator(name="Lea"))
        with pytest.raises(RuleBroken, match="not_waivable"):
            await rig.attention.waive(process.entry_id, Operator(name="Lea"))
        await rig.attention.send_again([note.entry_id, process.entry_id], Operator(name="Lea"))
        await rig.clock.turn(5.0)
        assert rig.stages(note, process) == (DONE, DONE)


@pytest.mark.fault(45)
async def test_an_old_grade_is_not_sent_again_over_a_newer_one() -> None:
    async with running() as rig:
        rig.gateway.plant("grade", refused("No."))
        (old,) = await rig.keep(Kind.GRADE)
        await rig.clock.turn(1.0)
        (new,) = await rig.keep(Kind.GRADE)
        await rig.clock.turn(1.0)
        assert rig.stages(old, new) == (PARKED, DONE)
        with pytest.raises(RuleBroken, match="newer_value"):
            await rig.attention.send_again([old.entry_id], Operator(name="Lea"))


async def test_a_damaged_entry_is_never_sent_again() -> None:
    async with running() as rig:
        (note,) = await rig.keep(Kind.NOTE, hold_seconds=8.0)
        rig.store.outbox.rot(note.entry_id, {"content": "x"})
        await rig.clock.turn(10.0)
        with pytest.raises(RuleBroken, match="damaged"):
            await rig.attention.send_again([note.entry_id], Operator(name="Lea"))
