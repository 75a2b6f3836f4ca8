"""The program broken on purpose, one rule at a time. A harness that cannot find these proves nothing.

Each mutant is applied from outside with ``monkeypatch``; the product has no switch for any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from loopdesk.api import judgement, translate
from loopdesk.api import transport as wire_errors
from loopdesk.api.photo_storage import PhotoStorage
from loopdesk.domain.errors import AnswerLost, ApiError, KeyRefused, Throttled, Unreachable
from loopdesk.domain.outbox import effects, reconcile, stages
from loopdesk.domain.outbox.claims import Claim, Ours
from loopdesk.domain.outbox.effects import Belief, is_ended
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.domain.outbox.reconcile import Evidence
from loopdesk.domain.outbox.stages import Entry, Rest, Send, Stage, Step
from loopdesk.domain.returns.returns import Fingerprint, LineSeen, Return, fingerprint
from loopdesk.services.outbox.claims import Claims
from loopdesk.services.outbox.confirmer import Confirmer
from loopdesk.services.outbox.exchange import BatchCall
from loopdesk.services.outbox.lanes import UndoWindows
from loopdesk.services.outbox.precheck import FirstLook, Passed, Precheck
from loopdesk.services.outbox.sender import Sender
from loopdesk.services.ports.loop import Fetched
from loopdesk.store.outbox.entries import Outbox
from loopdesk.store.recovery.generation import FileId, Generation, Seen, Tally
from loopdesk.store.recovery.generation import _read as read_tally
from loopdesk.store.recovery.generation import _write as write_tally
from tests.kinds import GATED


@dataclass(frozen=True, slots=True)
class Mutant:
    """One way to break the program.

    Attributes:
        damage: Columns of the table in which it must show; any of them will do.
        stations: How many benches share the shop in which it shows.
        with_photos: Its walks have a place for photos.
        often: How often steps of its walks come, by name, where the usual walk takes them too seldom.
        seen_on: The walk that shows it, counted from the usual seed: a hunt begins with it. A change of the
            program or of the walks may move it; the hunt then only takes longer.
    """

    name: str
    damage: tuple[str, ...]
    apply: Callable[[pytest.MonkeyPatch], None]
    stations: int = 1
    often: Mapping[str, int] = field(default_factory=dict)
    seen_on: int = 0
    with_photos: bool = False


def _blind_retry(patch: pytest.MonkeyPatch) -> None:
    """What may have happened is resent immediately."""
    sound = reconcile.verdict

    def verdict(entry: Entry, *args: Any, **kwargs: Any) -> reconcile.Verdict:
        return reconcile.Again() if entry.stage is Stage.UNCERTAIN else sound(entry, *args, **kwargs)

    patch.setattr("loopdesk.services.outbox.readback.verdict", verdict)


def _yes_is_done(patch: pytest.MonkeyPatch) -> None:
    """Loop's 200 to a flag or finalizer is treated as its effect."""
    sound = reconcile.verdict

    def verdict(entry: Entry, *args: Any, **kwargs: Any) -> reconcile.Verdict:
        return reconcile.Done() if entry.stage is Stage.SETTLING else sound(entry, *args, **kwargs)

    patch.setattr("loopdesk.services.outbox.readback.verdict", verdict)


def _lost_is_unsent(patch: pytest.MonkeyPatch) -> None:
    """A connection that broke while the answer was read is treated as one that was never made."""
    sound = wire_errors.failure_of

    def failure_of(error: Exception, *args: Any) -> ApiError:
        return Unreachable("lost") if "Read" in type(error).__name__ else sound(error, *args)

    patch.setattr("loopdesk.api.transport.failure_of", failure_of)


def _no_read_before(patch: pytest.MonkeyPatch) -> None:
    """A finalizer is sent without a precheck."""

    async def check(self: Precheck, gate: Entry, lane: Sequence[Entry]) -> Passed:
        del self, lane
        assert gate.seen is not None
        return Passed(reconcile.picture_text(gate.seen))

    patch.setattr(Precheck, "check", check)


def _no_comparing(patch: pytest.MonkeyPatch) -> None:
    """Loop is looked at, and whatever it shows is agreed to."""

    def before(entry: Entry, now: Return, *, tells: bool) -> reconcile.Before:
        del entry, tells
        return reconcile.Go(fingerprint(now))

    patch.setattr("loopdesk.services.outbox.precheck.before", before)


def _send_then_commit(patch: pytest.MonkeyPatch) -> None:
    """The request leaves first, and what came of it is committed with the claim afterwards."""
    claim = Outbox.claim

    async def send(self: Sender, return_id: str, batch: tuple[Entry, ...], lane: Sequence[Entry]) -> bool:
        del lane
        failure = None
        try:
            await self._exchange._call(batch, None)
        except ApiError as broken:
            failure = broken
        if not await claim(self._outbox, batch, "", self._clock.now()):  # type: ignore[arg-type]
            return False
        proof = reconcile.evidence_of(batch, failure, [x.target for x in batch])
        await self._exchange._write(batch, proof, failure, None)
        return return_id != ""

    patch.setattr(Sender, "_send", send)


def _commit_then_send(patch: pytest.MonkeyPatch) -> None:
    """What a yes would come to is committed first, and the request follows."""

    async def make(
        self: BatchCall, batch: tuple[Entry, ...], hub_key: HubKey | None = None
    ) -> tuple[Evidence, ApiError | None]:
        await self._write(batch, Evidence.ACCEPTED, None, None)
        try:
            await self._call(batch, hub_key)
        except ApiError as failure:
            return Evidence.ACCEPTED, failure
        return Evidence.ACCEPTED, None

    patch.setattr(BatchCall, "make", make)


def _nobody_claims(patch: pytest.MonkeyPatch) -> None:
    """Stations that share a shop finish a return without asking each other."""

    async def contest(self: Claims, *_: object) -> Claim:
        del self
        return Ours()

    patch.setattr(Claims, "contest", contest)


def _by_wall_clock(patch: pytest.MonkeyPatch) -> None:
    """The undo window ends, and the lane is sorted, by what the wall clock says."""
    sound = stages.next_step

    def next_step(lane: Sequence[Entry], waived: frozenset[str] = frozenset()) -> Step:
        return sound(sorted(lane, key=lambda x: x.moved_at or x.decided_at), waived)

    async def release_due(self: UndoWindows) -> None:
        for held in await self._outbox.held():
            lane = await self._outbox.lane(held.return_id)
            own = [x for x in lane if x.settlement_id == held.settlement_id]
            if (self._clock.now() - own[0].decided_at).total_seconds() >= held.hold_seconds:
                await self._outbox.release(held.settlement_id)

    patch.setattr("loopdesk.services.outbox.sender.next_step", next_step)
    patch.setattr(UndoWindows, "release_due", release_due)


def _eager_finalizer(patch: pytest.MonkeyPatch) -> None:
    """A finalizer does not wait for what was decided before it."""

    def next_step(lane: Sequence[Entry], waived: frozenset[str] = frozenset()) -> Step:
        ready = [x for x in lane if x.stage is Stage.READY]
        busy = any(x.stage in (Stage.SENDING, Stage.UNCERTAIN, Stage.SETTLING) for x in lane)
        return Send((ready[-1],)) if ready and not busy else Rest()

    patch.setattr("loopdesk.services.outbox.sender.next_step", next_step)


def _restart_is_ready(patch: pytest.MonkeyPatch) -> None:
    """What a dead process was sending is simply sent again: neither its stage nor a first look holds it."""

    async def recover(self: Outbox, at: Any) -> int:
        del at

        def again(db: Any) -> int:
            db.execute("UPDATE entry SET stage = 'ready', batch = NULL WHERE stage = 'sending'")
            db.execute("UPDATE attempt SET ended_at = began_at WHERE ended_at IS NULL")
            db.execute("UPDATE store SET restored = 0")
            return 0

        return await self._drain(again)

    patch.setattr(Outbox, "recover", recover)
    _send_unseen(patch)


def _send_unseen(patch: pytest.MonkeyPatch) -> None:
    """Send what an earlier run kept without looking for it at Loop."""

    async def has_moved(self: FirstLook, lane: Sequence[Entry], shown: Fetched | None) -> bool:
        del self, lane, shown
        return False

    patch.setattr(FirstLook, "has_moved", has_moved)


def _forgets_to_read_back(patch: pytest.MonkeyPatch) -> None:
    """Doubts are never read back."""

    async def run(self: Confirmer) -> None:
        self._stopping = False
        await self._wakeup.wait(None)

    patch.setattr(Confirmer, "run", run)


def _lost_is_yes(patch: pytest.MonkeyPatch) -> None:
    """A note, grade or disposition whose answer was lost is called done."""
    sound = reconcile.after

    def after(batch: Sequence[Entry], evidence: Evidence, **kwargs: Any) -> Any:
        if evidence is Evidence.AMBIGUOUS and batch[0].kind not in GATED:
            return sound(batch, Evidence.ACCEPTED, **kwargs)
        return sound(batch, evidence, **kwargs)

    patch.setattr("loopdesk.services.outbox.exchange.after", after)


def _closed_is_paid(patch: pytest.MonkeyPatch) -> None:
    """A closed return is called processed, whoever closed it."""
    patch.setattr("loopdesk.domain.outbox.effects.belief_of", lambda *_, **__: Belief.PROCESSED)


def _rows_are_enough(patch: pytest.MonkeyPatch) -> None:
    """A row of the list that says "closed" counts as it is."""
    sound = effects.belief_of

    def belief_of(entry: Entry, ret: Return, *, is_details: bool, tells: bool) -> Belief | None:
        found = sound(entry, ret, is_details=is_details, tells=tells)
        return found if is_details else found or Belief.UNTOLD

    patch.setattr("loopdesk.domain.outbox.effects.belief_of", belief_of)


def _silence_is_consent(patch: pytest.MonkeyPatch) -> None:
    """What one answer does not tell is taken for what the shop never tells."""
    sound = effects.belief_of

    def belief_of(entry: Entry, ret: Return, *, is_details: bool, tells: bool) -> Belief | None:
        del tells
        return sound(entry, replace(ret, tells_payment=False), is_details=is_details, tells=False)

    patch.setattr("loopdesk.domain.outbox.effects.belief_of", belief_of)


def _nothing_is_paid(patch: pytest.MonkeyPatch) -> None:
    """A refund of zero counts as a refund."""
    sound = translate._payment

    def payment(found: Any, value: Any) -> dict[str, Any]:
        return sound(found, value) | {"refunds_paid": len(found.refunds)}

    patch.setattr("loopdesk.api.translate._payment", payment)


def _empty_is_a_time(patch: pytest.MonkeyPatch) -> None:
    """An empty object in place of a time counts as a time."""
    sound = translate._payment

    def payment(found: Any, value: Any) -> dict[str, Any]:
        stamps = value.get("outcomes_processed_at") or {}
        named = frozenset({"return"}) if any(each is not None for each in stamps.values()) else frozenset()
        return sound(found, value) | {"outcomes_processed": named}

    patch.setattr("loopdesk.api.translate._payment", payment)


def _already_closed_is_so(patch: pytest.MonkeyPatch) -> None:
    """What somebody closed before it was sent is taken for what was wished."""
    sound = reconcile.before

    def before(entry: Entry, now: Return, *, tells: bool) -> reconcile.Before:
        if is_ended(entry, now):
            return reconcile.AlreadyTrue(fingerprint(now))
        return sound(entry, now, tells=tells)

    patch.setattr("loopdesk.services.outbox.precheck.before", before)


def _late_closed_is_done(patch: pytest.MonkeyPatch) -> None:
    """A parked entry is closed by the first copy that shows its return closed."""
    sound = reconcile.verdict

    def verdict(entry: Entry, seen: Return | None, *args: Any, **kwargs: Any) -> reconcile.Verdict:
        if entry.stage is Stage.PARKED and seen is not None and is_ended(entry, seen):
            return reconcile.Done()
        return sound(entry, seen, *args, **kwargs)

    patch.setattr("loopdesk.services.outbox.confirmer.verdict", verdict)
    patch.setattr("loopdesk.services.outbox.readback.verdict", verdict)


def _waits_for_payment_for_ever(patch: pytest.MonkeyPatch) -> None:
    """What is closed and not paid is never parked for a person."""
    patch.setattr("loopdesk.domain.outbox.reconcile._unpaid", lambda *_: reconcile.Unpaid())


def _pages_are_loops(patch: pytest.MonkeyPatch) -> None:
    """A page with 401, 403 or 429 is taken for Loop's word that nothing was done."""
    sound = judgement.judge

    def judge(call: Any, raw: Any, *args: Any, **kwargs: Any) -> judgement.Verdict:
        found = sound(call, raw, *args, **kwargs)
        if raw.status in judgement.DOORS and isinstance(found.failure, AnswerLost):
            return judgement.Verdict(failure=Throttled() if raw.status == 429 else KeyRefused())
        return found

    patch.setattr("loopdesk.api.transport.judge", judge)


def _smaller_picture(patch: pytest.MonkeyPatch) -> None:
    """Of a return only what the first version looked at is compared."""

    def small(picture: Fingerprint) -> Fingerprint:
        lines = (LineSeen(x.line_item_id, x.outcome, x.exchange_variant) for x in picture.lines)
        return replace(picture, lines=tuple(lines), currency="", handling_fee="", destination_id="", kind="")

    def has_changed(seen: Fingerprint, found: Fingerprint) -> bool:
        return small(seen) != small(found)

    patch.setattr("loopdesk.domain.outbox.reconcile.has_changed", has_changed)


def _folder_goes_unnoticed(patch: pytest.MonkeyPatch) -> None:
    """A folder that was put back is taken for what it was: neither the tally nor a first look tells of it.

    The counter lies in the folder and names no file, and what waits is sent without looking for it at Loop.
    """

    def read_(self: Tally) -> Seen | None:
        seen = read_tally(self._beside)
        return seen and replace(seen, file=None)

    def write(self: Tally, generation: Generation, file: FileId) -> bool:
        return write_tally(self._beside, generation, file)

    patch.setattr(Tally, "read", read_)
    patch.setattr(Tally, "write", write)
    _send_unseen(patch)


def _address_is_nothing(patch: pytest.MonkeyPatch) -> None:
    """The queue is bound to its key alone, wherever that goes."""

    def fits(made_with: str, in_use: str) -> bool:
        return made_with.partition("@")[0] in ("", in_use.partition("@")[0])

    patch.setattr("loopdesk.services.outbox.key_binding.fits", fits)


def _owed_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Which grades are owed links is known to the running program alone: a crash forgets it."""
    sound = Outbox.recover

    async def recover(self: Outbox, at: Any) -> Any:
        await self._drain(lambda db: db.execute("UPDATE grade_link SET owed = 0").fetchall())
        return await sound(self, at)

    patch.setattr(Outbox, "recover", recover)


def _photos_are_stored_blindly(patch: pytest.MonkeyPatch) -> None:
    """A photo whose answer was lost is stored again without a question."""

    async def has(self: PhotoStorage, name: str, size: int) -> bool:
        del self, name, size
        return False

    patch.setattr(PhotoStorage, "has", has)


MUTANTS: tuple[Mutant, ...] = (
    Mutant("blind retry", ("doubled",), _blind_retry),
    Mutant("a yes is taken for the effect", ("false_green",), _yes_is_done),
    Mutant("a lost answer is taken for unsent", ("doubled",), _lost_is_unsent, seen_on=9),
    Mutant("no read before", ("doubled",), _no_read_before),
    Mutant("no comparing with what was seen", ("doubled",), _no_comparing),
    Mutant("sent first, committed afterwards", ("lost",), _send_then_commit),
    Mutant("committed as done, then sent", ("lost", "false_green"), _commit_then_send),
    Mutant("stations do not claim", ("doubled",), _nobody_claims, stations=2, seen_on=8),
    Mutant("order by the wall clock", ("reordered", "stuck"), _by_wall_clock),
    Mutant("a finalizer that does not wait", ("reordered",), _eager_finalizer),
    Mutant("a restart sends again", ("doubled",), _restart_is_ready, often={"kill_after_effect": 12}),
    Mutant("nobody reads back", ("stuck",), _forgets_to_read_back),
    Mutant("a lost answer is taken for a yes", ("false_green",), _lost_is_yes),
    Mutant("closed is taken for paid", ("false_green",), _closed_is_paid),
    Mutant("a row that says closed is enough", ("false_green",), _rows_are_enough),
    Mutant("an answer's silence is the shop's", ("false_green",), _silence_is_consent),
    Mutant("a refund of zero counts", ("false_green",), _nothing_is_paid),
    Mutant("an empty object counts", ("false_green",), _empty_is_a_time),
    Mutant("closed already is as wished", ("false_green",), _already_closed_is_so, seen_on=20),
    Mutant("closed late is done", ("false_green",), _late_closed_is_done, seen_on=21),
    Mutant("payment is waited for for ever", ("stuck",), _waits_for_payment_for_ever),
    Mutant("a filter's page is taken for Loop", ("doubled",), _pages_are_loops, seen_on=13),
    Mutant("the smaller picture is compared", ("doubled",), _smaller_picture, seen_on=35),
    Mutant(
        "a profile put back goes unnoticed",
        ("doubled", "lost"),
        _folder_goes_unnoticed,
        often={"back_up_folder": 12, "restore_folder": 12},
        seen_on=5,
    ),
    Mutant("the binding ignores the address", ("lost",), _address_is_nothing),
    Mutant(
        "links owed are forgotten in a crash",
        ("lost",),
        _owed_is_forgotten,
        with_photos=True,
        often={"wait_in_vain": 30, "kill": 20},
    ),
    Mutant(
        "photos are stored blindly again",
        ("doubled",),
        _photos_are_stored_blindly,
        with_photos=True,
        often={"strike_place": 20},
        seen_on=3,
    ),
)
"""All but ``synchronous=NORMAL``, which only a power loss shows (``test_power_loss``)."""
