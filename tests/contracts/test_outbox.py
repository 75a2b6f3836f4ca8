"""The outbox, in memory and on disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from loopdesk.domain.errors import RuleBroken, StageMoved
from loopdesk.domain.operators import PROGRAM, Operator, Role
from loopdesk.domain.outbox.actions import NOTE_MOST, Action, Kind, canonical, payload_sha
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.domain.outbox.hub_word import to_ask, told
from loopdesk.domain.outbox.reconcile import Evidence
from loopdesk.domain.outbox.stages import LEGAL_MOVES, Cause, Entry, Move, ParkReason, Stage, Why, move
from loopdesk.services.ports.store import Counts, HeldSettlement, LaneHead
from tests.builders import (
    AT,
    KEY_FINGERPRINT,
    OPERATOR,
    RETURN_ID,
    STATION,
    a_draft,
    a_fetched,
    a_fingerprint,
    a_full_draft,
    a_keep_request,
    a_return,
    actions,
    an_action,
    ids_of,
)
from tests.contracts.conftest import AnyStore
from tests.kinds import FINALIZERS

LATER = AT + timedelta(minutes=1)


async def ready(store: AnyStore, *kinds: Kind, **fields: Any) -> tuple[Entry, ...]:
    """Keep a settlement and end its undo window."""
    kept = await store.outbox.keep(a_keep_request(*kinds, **fields))
    assert await store.outbox.release(kept[0].settlement_id)
    return await store.outbox.lane(kept[0].return_id)


async def sending(store: AnyStore, *kinds: Kind) -> Entry:
    """Bring the first entry of a new settlement to ``sending``."""
    entry = (await ready(store, *kinds))[0]
    assert await store.outbox.claim((entry,), "", LATER)
    return entry


async def reach(store: AnyStore, *path: Stage, kind: Kind = Kind.NOTE) -> Entry:
    """Move one entry along a path of stages that starts after ``sending``."""
    entry = await sending(store, kind)
    before = Stage.SENDING
    for stage in path:
        reason = ParkReason.REFUSED if stage is Stage.PARKED else None
        await store.outbox.apply((Move(entry.entry_id, before, stage, reason=reason),), at=LATER)
        before = stage
    return (await store.outbox.lane(RETURN_ID))[-1]


async def test_what_is_kept_stands_in_its_lane_held_and_in_order(store: AnyStore) -> None:
    request = a_keep_request()
    kept = await store.outbox.keep(request)
    assert kept == await store.outbox.lane(RETURN_ID)
    assert [x.kind for x in kept] == [Kind.GRADE, Kind.ASSESS, Kind.NOTE, Kind.PROCESS]
    assert [x.seq for x in kept] == sorted({x.seq for x in kept})
    assert {x.stage for x in kept} == {Stage.HELD}
    assert len({x.settlement_id for x in kept}) == 1
    first = kept[0]
    assert first.payload == request.actions[0].payload
    assert first.payload_sha == payload_sha(canonical(first.payload))
    assert (first.operator, first.station, first.key_fingerprint) == (OPERATOR, STATION, KEY_FINGERPRINT)
    assert (first.hold_seconds, first.decided_at, first.moved_at) == (8.0, AT, AT)
    assert first.due_at == AT + timedelta(seconds=8)
    assert (first.tries, first.unresolved, first.cause, first.reason) == (0, 0, Cause(), None)


async def test_only_what_cannot_be_taken_back_carries_what_was_seen(store: AnyStore) -> None:
    kept = await store.outbox.keep(a_keep_request())
    assert [x.seen for x in kept] == [None, None, None, a_fingerprint()]


async def test_a_note_ends_with_a_marker_of_its_own(store: AnyStore) -> None:
    kept = await store.outbox.keep(a_keep_request(Kind.NOTE, Kind.NOTE))
    assert len({x.marker for x in kept}) == 2
    for entry in kept:
        assert entry.payload["content"].endswith(f" {entry.marker}")
        assert len(entry.marker) == len("[ld:ABCDEF]")


async def test_a_note_that_leaves_no_room_for_its_marker_is_refused(store: AnyStore) -> None:
    room = NOTE_MOST - len(" [ld:ABCDEF]")
    fits = an_action(Kind.NOTE, payload={"content": "x" * room})
    longer = an_action(Kind.NOTE, payload={"content": "x" * (room + 1)})
    with pytest.raises(RuleBroken, match="note_too_long"):
        await store.outbox.keep(a_keep_request(actions=(longer,)))
    assert await store.outbox.lane(RETURN_ID) == ()
    (entry,) = await store.outbox.keep(a_keep_request(actions=(fits,)))
    assert len(entry.payload["content"]) == NOTE_MOST


async def test_keeping_empties_the_draft_and_writes_the_audit_log(store: AnyStore) -> None:
    await store.drafts.save(a_draft())
    kept = await store.outbox.keep(a_keep_request())
    assert (await store.drafts.get(RETURN_ID)).is_empty
    (row,) = await store.audit.of_return(RETURN_ID)
    assert (row.event, row.operator, row.station) == ("kept", OPERATOR, STATION)
    assert row.detail["entries"] == list(ids_of(kept))


@pytest.mark.fault(156)
async def test_the_audit_log_says_which_times_only_this_machine_knows(store: AnyStore) -> None:
    one, *rest = a_draft().inspections
    draft = replace(a_draft(), inspections=(replace(one, is_local_time=True), *rest))
    await store.drafts.save(draft)
    assert (await store.drafts.get(RETURN_ID)).inspections[0].is_local_time
    await store.outbox.keep(replace(a_keep_request(), draft=draft))
    (row,) = await store.audit.of_return(RETURN_ID)
    assert row.detail["local_time"] == [one.line_item_id]


async def test_a_settlement_without_actions_is_refused(store: AnyStore) -> None:
    with pytest.raises(RuleBroken, match="nothing_to_settle"):
        await store.outbox.keep(a_keep_request(actions=()))


@pytest.mark.fault(75)
@pytest.mark.parametrize("kind", sorted(FINALIZERS))
async def test_a_second_settlement_behind_a_held_finalizer_is_refused(store: AnyStore, kind: Kind) -> None:
    await store.outbox.keep(a_keep_request(kind))
    await store.drafts.save(a_draft())
    for second in (Kind.FLAG, Kind.PROCESS, Kind.GRADE):
        with pytest.raises(RuleBroken, match="already_settling"):
            await store.outbox.keep(a_keep_request(second))
    assert not (await store.drafts.get(RETURN_ID)).is_empty


async def test_a_flag_keeps_finalizers_out_but_not_grades(store: AnyStore) -> None:
    await ready(store, Kind.FLAG)
    with pytest.raises(RuleBroken, match="already_settling"):
        await store.outbox.keep(a_keep_request(Kind.PROCESS))
    await store.outbox.keep(a_keep_request(Kind.GRADE))
    assert [x.kind for x in await store.outbox.lane(RETURN_ID)] == [Kind.FLAG, Kind.GRADE]


async def test_nothing_is_kept_once_a_finalizer_left_held(store: AnyStore) -> None:
    await ready(store, Kind.PROCESS)
    with pytest.raises(RuleBroken, match="closed_for_changes"):
        await store.outbox.keep(a_keep_request(Kind.GRADE))
    await store.outbox.keep(a_keep_request(Kind.GRADE, return_id="70000002"))


async def test_held_settlements_come_oldest_first(store: AnyStore) -> None:
    first = await store.outbox.keep(a_keep_request(kind="flag", hold_seconds=3.0))
    second = await store.outbox.keep(a_keep_request(return_id="70000002", order_name="#1165"))
    assert await store.outbox.held() == (
        HeldSettlement(first[0].settlement_id, RETURN_ID, "#1164", "flag", 3.0),
        HeldSettlement(second[0].settlement_id, "70000002", "#1165", "process", 8.0),
    )


async def test_releasing_makes_a_settlement_ready_once(store: AnyStore) -> None:
    kept = await store.outbox.keep(a_keep_request())
    assert await store.outbox.release(kept[0].settlement_id)
    assert not await store.outbox.release(kept[0].settlement_id)
    assert not await store.outbox.release("no such settlement")
    assert {x.stage for x in await store.outbox.lane(RETURN_ID)} == {Stage.READY}
    assert await store.outbox.held() == ()


async def test_undo_gives_the_draft_back_exactly(store: AnyStore) -> None:
    draft = a_full_draft()
    await store.drafts.save(draft)
    kept = await store.outbox.keep(a_keep_request(draft=draft))
    assert await store.outbox.withdraw(kept[0].settlement_id, Operator(name="Bo"), LATER) == draft
    assert await store.drafts.get(RETURN_ID) == draft
    assert {x.stage for x in await store.outbox.lane(RETURN_ID)} == {Stage.WITHDRAWN}
    row = (await store.audit.of_return(RETURN_ID))[-1]
    assert (row.event, row.operator.name, row.at) == ("withdrawn", "Bo", LATER)


async def test_after_undo_the_return_can_be_settled_again(store: AnyStore) -> None:
    kept = await store.outbox.keep(a_keep_request())
    await store.outbox.withdraw(kept[0].settlement_id, Operator(name="Bo"), LATER)
    again = await store.outbox.keep(a_keep_request())
    assert again[0].seq > kept[-1].seq


async def test_undo_works_while_nothing_was_sent(store: AnyStore) -> None:
    entries = await ready(store)
    assert await store.outbox.withdraw(entries[0].settlement_id, Operator(name="Bo"), LATER) == a_draft()


@pytest.mark.parametrize(("evidence", "is_undone"), [("not_sent", True), ("key", True), ("refused", False)])
async def test_undo_works_after_an_attempt_only_if_it_never_counted(
    store: AnyStore, evidence: str, is_undone: bool
) -> None:
    entry = await sending(store)
    back = Move(entry.entry_id, Stage.SENDING, Stage.READY)
    await store.outbox.apply((back,), at=LATER, evidence=evidence)
    undone = await store.outbox.withdraw(entry.settlement_id, Operator(name="Bo"), LATER)
    assert (undone is not None) is is_undone


@pytest.mark.fault(84, 135)
async def test_undo_is_too_late_while_one_entry_is_on_its_way(store: AnyStore) -> None:
    entry = await sending(store)
    before = await store.outbox.lane(RETURN_ID)
    assert await store.outbox.withdraw(entry.settlement_id, Operator(name="Bo"), LATER) is None
    assert await store.outbox.withdraw("no such settlement", Operator(name="Bo"), LATER) is None
    assert await store.outbox.lane(RETURN_ID) == before
    assert (await store.drafts.get(RETURN_ID)).is_empty


async def test_lanes_come_by_their_oldest_entry_in_the_stages_asked_for(store: AnyStore) -> None:
    first = await ready(store, Kind.GRADE)
    second = await ready(store, Kind.GRADE, return_id="70000002")
    third = await store.outbox.keep(a_keep_request(Kind.GRADE, return_id="70000003"))
    heads = (LaneHead(RETURN_ID, first[0].seq), LaneHead("70000002", second[0].seq))
    assert await store.outbox.lanes((Stage.READY,)) == heads
    assert await store.outbox.lanes((Stage.READY,), most=1) == heads[:1]
    assert await store.outbox.lanes((Stage.HELD,)) == (LaneHead("70000003", third[0].seq),)
    assert len(await store.outbox.lanes((Stage.HELD, Stage.READY))) == 3
    assert await store.outbox.lanes((Stage.PARKED,)) == ()


async def test_a_claim_is_written_with_its_attempt(store: AnyStore) -> None:
    lane = await ready(store)
    assert await store.outbox.claim(lane[:1], '{"state":"open"}', LATER)
    entry = (await store.outbox.lane(RETURN_ID))[0]
    assert (entry.stage, entry.moved_at) == (Stage.SENDING, LATER)
    (attempt,) = await store.outbox.attempts(entry.entry_id)
    assert (attempt.n, attempt.before, attempt.evidence) == (1, '{"state":"open"}', "")
    assert (attempt.began_at, attempt.ended_at) == (LATER, None)


async def test_a_batch_is_claimed_as_a_whole_or_not_at_all(store: AnyStore) -> None:
    several = tuple(an_action(Kind.GRADE, str(80000001 + n)) for n in range(3))
    lane = await ready(store, actions=several)
    gone = lane[2]
    await store.outbox.apply((Move(gone.entry_id, Stage.READY, Stage.SUPERSEDED),), at=LATER)
    assert not await store.outbox.claim(lane, "", LATER)
    assert [x.stage for x in await store.outbox.lane(RETURN_ID)][:2] == [Stage.READY, Stage.READY]
    assert await store.outbox.attempts(lane[0].entry_id) == ()
    assert await store.outbox.claim(lane[:2], "", LATER)
    assert [x.stage for x in await store.outbox.lane(RETURN_ID)][:2] == [Stage.SENDING, Stage.SENDING]


async def test_a_lane_has_one_call_under_way(store: AnyStore) -> None:
    lane = await ready(store, Kind.GRADE, Kind.ASSESS)
    assert await store.outbox.claim(lane[:1], "", LATER)
    assert not await store.outbox.claim(lane[1:], "", LATER)
    other = await ready(store, Kind.GRADE, return_id="70000002")
    assert await store.outbox.claim(other, "", LATER)


async def test_nothing_can_be_claimed_twice_or_out_of_nothing(store: AnyStore) -> None:
    entry = await sending(store)
    assert not await store.outbox.claim((entry,), "", LATER)
    assert not await store.outbox.claim((), "", LATER)
    held = await store.outbox.keep(a_keep_request(Kind.GRADE, return_id="70000002"))
    assert not await store.outbox.claim(held, "", LATER)


async def test_an_attempt_through_a_hub_is_kept_with_the_name_that_the_hub_knows(store: AnyStore) -> None:
    several = tuple(an_action(Kind.GRADE, str(80000001 + n)) for n in range(2))
    lane = await ready(store, actions=several)
    named = await store.outbox.claim(lane[:2], "", LATER, "g-1")
    assert named is not None
    assert (named.header, named.person) == (f"{lane[0].entry_id}.1", lane[0].operator.name)
    for entry in lane[:2]:
        (attempt,) = await store.outbox.attempts(entry.entry_id)
        assert attempt.asked_as == f"{lane[0].entry_id}.1@g-1"
        assert HubKey.of(attempt.asked_as).generation == "g-1"


async def test_an_attempt_without_a_hub_has_no_such_name(store: AnyStore) -> None:
    (entry,) = await ready(store, Kind.NOTE)
    assert await store.outbox.claim((entry,), "", LATER)
    assert [x.asked_as for x in await store.outbox.attempts(entry.entry_id)] == [""]


async def test_each_attempt_has_a_number_of_its_own(store: AnyStore) -> None:
    (entry,) = await ready(store, Kind.NOTE)
    for number in (1, 2, 3):
        named = await store.outbox.claim((entry,), "", LATER, "")
        assert named is not None
        assert named.attempt == number
        await store.outbox.apply([move(entry, Stage.READY)], at=LATER, evidence="not_sent")


async def test_a_try_that_is_proven_never_to_have_left_is_taken_back(store: AnyStore) -> None:
    (entry,) = await ready(store, Kind.NOTE)
    await store.outbox.claim((entry,), "", LATER, "g-1")
    doubt = move(entry, Stage.UNCERTAIN, counts=True, unresolved=1)
    await store.outbox.apply([doubt], at=LATER, evidence="ambiguous")
    (doubted,) = await store.outbox.lane(entry.return_id)
    assert to_ask(doubted, await store.outbox.attempts(entry.entry_id)) == f"{entry.entry_id}.1@g-1"
    await store.outbox.apply(told((doubted,), Evidence.NOT_SENT), at=LATER)
    (now,) = await store.outbox.lane(entry.return_id)
    assert (now.stage, now.tries, now.unresolved) == (Stage.READY, 0, 0)


async def test_a_move_closes_the_attempt_and_keeps_what_loop_showed(store: AnyStore) -> None:
    entry = await sending(store)
    saw = a_fetched(a_return(state="closed"))
    move = Move(entry.entry_id, Stage.SENDING, Stage.DONE, counts=True)
    await store.outbox.apply(
        (move,), at=LATER, evidence="accepted", http_status=200, code="ok", saw=saw, event="sent"
    )
    now = (await store.outbox.lane(RETURN_ID))[0]
    assert (now.stage, now.tries, now.moved_at) == (Stage.DONE, 1, LATER)
    (attempt,) = await store.outbox.attempts(entry.entry_id)
    assert (attempt.evidence, attempt.http_status, attempt.code) == ("accepted", 200, "ok")
    assert attempt.ended_at == LATER
    stored = await store.returns.get(RETURN_ID)
    assert stored is not None
    assert (stored.ret, stored.fetched_at) == (saw.ret, LATER)
    row = (await store.audit.of_return(RETURN_ID))[-1]
    assert (row.event, row.entry_id, row.detail["to"]) == ("sent", entry.entry_id, "done")


async def test_a_conflict_is_parked_with_what_was_found(store: AnyStore) -> None:
    entry = (await ready(store, Kind.PROCESS))[0]
    found = a_fingerprint(state="review")
    park = Move(
        entry.entry_id,
        Stage.READY,
        Stage.PARKED,
        reason=ParkReason.CONFLICT,
        cause=Cause(Why.CHANGED),
        found=found,
    )
    await store.outbox.apply((park,), at=LATER)
    (now,) = await store.outbox.lane(RETURN_ID)
    assert (now.reason, now.found, now.cause) == (ParkReason.CONFLICT, found, Cause(Why.CHANGED))
    resend = Move(entry.entry_id, Stage.PARKED, Stage.READY, by=Operator(name="Lee"))
    await store.outbox.apply((resend,), at=LATER)
    (now,) = await store.outbox.lane(RETURN_ID)
    assert (now.reason, now.found, now.cause) == (None, None, Cause())
    assert (await store.audit.of_return(RETURN_ID))[-1].operator.name == "Lee"


async def test_doubts_are_counted_and_settled(store: AnyStore) -> None:
    entry = await sending(store, Kind.NOTE)
    doubt = Move(entry.entry_id, Stage.SENDING, Stage.UNCERTAIN, counts=True, unresolved=1)
    await store.outbox.apply((doubt,), at=LATER, evidence="ambiguous")
    (now,) = await store.outbox.lane(RETURN_ID)
    assert (now.tries, now.unresolved) == (1, 1)
    known = Move(entry.entry_id, Stage.UNCERTAIN, Stage.READY, unresolved=-1)
    await store.outbox.apply((known,), at=LATER)
    (now,) = await store.outbox.lane(RETURN_ID)
    assert (now.stage, now.tries, now.unresolved) == (Stage.READY, 1, 0)


async def test_moves_are_written_together_or_not_at_all(store: AnyStore) -> None:
    lane = await ready(store, Kind.GRADE, Kind.ASSESS)
    audit = await store.audit.rows()
    moves = (
        Move(lane[0].entry_id, Stage.READY, Stage.PARKED, reason=ParkReason.REFUSED),
        Move(lane[1].entry_id, Stage.SENDING, Stage.DONE),
    )
    with pytest.raises(StageMoved):
        await store.outbox.apply(moves, at=LATER, saw=a_fetched())
    assert await store.outbox.lane(RETURN_ID) == lane
    assert await store.audit.rows() == audit
    assert await store.returns.get(RETURN_ID) is None
    with pytest.raises(StageMoved):
        await store.outbox.apply((Move("nobody", Stage.READY, Stage.PARKED),), at=LATER)


@pytest.mark.parametrize(
    ("source", "target"), [(a, b) for a in Stage for b in Stage if (a, b) not in LEGAL_MOVES]
)
async def test_no_other_move_exists(store: AnyStore, source: Stage, target: Stage) -> None:
    with pytest.raises(RuleBroken, match="illegal_move"):
        await store.outbox.apply((Move("any", source, target),), at=LATER)


async def test_after_a_crash_what_was_sending_is_uncertain(store: AnyStore) -> None:
    entry = await sending(store, Kind.PROCESS)
    await ready(store, Kind.GRADE, return_id="70000002")
    assert await store.outbox.recover(LATER) == 1
    (now,) = await store.outbox.lane(RETURN_ID)
    assert (now.stage, now.tries, now.unresolved) == (Stage.UNCERTAIN, 1, 1)
    (attempt,) = await store.outbox.attempts(entry.entry_id)
    assert (attempt.evidence, attempt.ended_at) == ("ambiguous", LATER)
    (other,) = await store.outbox.lane("70000002")
    assert other.stage is Stage.READY
    assert await store.outbox.recover(LATER) == 0


async def test_attempts_are_numbered_in_order(store: AnyStore) -> None:
    entry = await reach(store, Stage.READY)
    assert await store.outbox.claim((entry,), "", LATER)
    assert [x.n for x in await store.outbox.attempts(entry.entry_id)] == [1, 2]
    assert await store.outbox.attempts("nobody") == ()


async def test_a_parked_entry_can_be_waived_until_it_moves(store: AnyStore) -> None:
    entry = await reach(store, Stage.PARKED)
    assert await store.outbox.waived(RETURN_ID) == frozenset()
    await store.outbox.waive(entry.entry_id, Operator(name="Lee"), LATER)
    assert await store.outbox.waived(RETURN_ID) == {entry.entry_id}
    assert (await store.audit.rows("waived"))[0].operator.name == "Lee"
    await store.outbox.apply((Move(entry.entry_id, Stage.PARKED, Stage.READY),), at=LATER)
    assert await store.outbox.waived(RETURN_ID) == frozenset()
    with pytest.raises(StageMoved):
        await store.outbox.waive(entry.entry_id, Operator(name="Lee"), LATER)
    with pytest.raises(StageMoved):
        await store.outbox.waive("nobody", Operator(name="Lee"), LATER)


async def test_the_queue_shows_unfinished_first_and_the_newest_settlement_first(store: AnyStore) -> None:
    oldest = await ready(store, Kind.GRADE, Kind.NOTE)
    middle = await ready(store, Kind.GRADE, return_id="70000002")
    newest = await store.outbox.keep(a_keep_request(Kind.GRADE, Kind.NOTE, return_id="70000003"))
    await store.outbox.apply((Move(oldest[0].entry_id, Stage.READY, Stage.SUPERSEDED),), at=LATER)
    await store.outbox.apply((Move(middle[0].entry_id, Stage.READY, Stage.SUPERSEDED),), at=LATER)
    shown = [newest[0], newest[1], oldest[1], middle[0], oldest[0]]
    assert ids_of(await store.outbox.entries()) == ids_of(shown)
    assert ids_of(await store.outbox.entries(most=4)) == ids_of(shown[:4])
    assert ids_of(await store.outbox.entries(Stage.HELD)) == ids_of(newest)
    assert ids_of(await store.outbox.entries(Stage.SUPERSEDED, most=1)) == ids_of(middle)


async def test_the_counts_are_of_returns(store: AnyStore) -> None:
    assert await store.outbox.counts() == Counts()
    await ready(store, Kind.GRADE, Kind.NOTE, return_id="70000002")
    await store.outbox.keep(a_keep_request(Kind.GRADE, return_id="70000003"))
    await sending(store, Kind.PROCESS)
    assert await store.outbox.counts() == Counts(kept=2, sent=1, attention=0)
    (entry,) = await store.outbox.lane(RETURN_ID)
    park = Move(entry.entry_id, Stage.SENDING, Stage.PARKED, reason=ParkReason.REFUSED)
    await store.outbox.apply((park,), at=LATER)
    assert await store.outbox.counts() == Counts(2, 0, 1, LATER)


@pytest.mark.fault(74)
async def test_a_payload_that_changed_is_noticed(store: AnyStore) -> None:
    (entry,) = await ready(store, Kind.GRADE)
    assert await store.outbox.payload_is_whole(entry)
    changed = replace(entry, payload=dict(entry.payload) | {"note": "other"})
    assert not await store.outbox.payload_is_whole(changed)
    assert not await store.outbox.payload_is_whole(replace(entry, entry_id="nobody"))


async def test_the_queue_knows_the_keys_it_was_made_with(store: AnyStore) -> None:
    (entry,) = await ready(store, Kind.GRADE)
    await ready(store, Kind.GRADE, return_id="70000002", key_fingerprint="kf-2")
    assert await store.outbox.key_fingerprints() == {KEY_FINGERPRINT, "kf-2"}
    await store.outbox.apply((Move(entry.entry_id, Stage.READY, Stage.SUPERSEDED),), at=LATER)
    assert await store.outbox.key_fingerprints() == {"kf-2"}


async def test_settlements_of_many_kinds_come_back_whole(store: AnyStore) -> None:
    await store.outbox.keep(a_keep_request(actions=actions(*(k for k in Kind if k not in FINALIZERS))))
    for n, kind in enumerate(sorted(FINALIZERS)):
        await store.outbox.keep(a_keep_request(kind, return_id=f"7000001{n}"))
    shown = await store.outbox.entries()
    assert {x.kind for x in shown} == set(Kind)
    assert all([await store.outbox.payload_is_whole(x) for x in shown])


async def test_a_remark_moves_nothing_and_stands_in_the_audit_with_what_was_seen(store: AnyStore) -> None:
    entry = await reach(store, Stage.SETTLING, kind=Kind.PROCESS)
    seen = a_fetched(a_return(order_name="#closed"))
    await store.outbox.remark(entry, Cause(Why.UNPAID), at=LATER, saw=seen)
    after = (await store.outbox.lane(RETURN_ID))[-1]
    assert after == replace(entry, cause=Cause(Why.UNPAID))
    stored = await store.returns.get(RETURN_ID)
    assert stored is not None
    assert stored.ret.order_name == "#closed"
    row = (await store.audit.of_return(RETURN_ID))[-1]
    assert (row.event, row.entry_id) == ("remarked", entry.entry_id)
    assert row.detail["cause"] == {"code": "unpaid"}
    await store.outbox.apply((Move(entry.entry_id, Stage.SETTLING, Stage.DONE),), at=LATER)
    with pytest.raises(StageMoved):
        await store.outbox.remark(entry, Cause(Why.UNPAID), at=LATER)


async def test_by_what_a_return_was_believed_stands_in_the_audit_alone(store: AnyStore) -> None:
    entry = await reach(store, Stage.SETTLING, kind=Kind.PROCESS)
    move = Move(entry.entry_id, Stage.SETTLING, Stage.DONE, belief="by_refund")
    await store.outbox.apply((move,), at=LATER, event="confirmed")
    row = (await store.audit.of_return(RETURN_ID))[-1]
    assert row.detail["belief"] == "by_refund"
    assert (await store.outbox.lane(RETURN_ID))[-1].cause == Cause()


async def test_the_words_of_a_processing_are_filled_in_when_kept_and_frozen_then(store: AnyStore) -> None:
    words = {"rmaid": "{return}", "custom1": "{station} {operator} {settlement}"}
    action = Action(Kind.PROCESS, "", {"body": words})
    (entry,) = await store.outbox.keep(a_keep_request(actions=(action,)))
    assert entry.payload == {
        "body": {"rmaid": RETURN_ID, "custom1": f"{STATION} {OPERATOR.name} {entry.settlement_id}"}
    }
    assert entry.payload_sha == payload_sha(canonical(entry.payload))
    assert await store.outbox.payload_is_whole(entry)


@pytest.mark.parametrize(
    "who", [Operator(name="Åse"), Operator("k7", "Åse", Role.LEAD), Operator(name='{"id": 1}'), PROGRAM]
)
async def test_who_decided_stands_whole_in_entry_and_audit_log(store: AnyStore, who: Operator) -> None:
    (entry,) = await store.outbox.keep(a_keep_request(Kind.FLAG, operator=who))
    assert (entry.operator, (await store.outbox.lane(RETURN_ID))[0].operator) == (who, who)
    await store.outbox.withdraw(entry.settlement_id, who, AT)
    assert [row.operator for row in await store.audit.of_return(RETURN_ID)] == [who, who]
    assert await store.audit.verify() is None


async def test_as_many_entries_and_lanes_are_returned_as_asked_for_or_all(store: AnyStore) -> None:
    for number in range(3):
        await store.outbox.keep(a_keep_request(Kind.FLAG, return_id=str(91_000_000 + number)))
    assert len(await store.outbox.entries(None, 2)) == len(await store.outbox.lanes((Stage.HELD,), 2)) == 2
    for stage in (None, Stage.HELD):
        assert len(await store.outbox.entries(stage, None)) == 3
    assert len(await store.outbox.lanes((Stage.HELD,), None)) == 3
