"""Looks at Loop before sending: what a finalizer was decided on, and what an earlier run may have sent.

A machine restored from an image knows nothing about what it sent since: no counter is ahead, no file is a
different one. But Loop shows it. Flags and finalizers are compared with Loop before every send; the first
look does the same for what would otherwise be sent blindly: notes by their marker, grades and dispositions
by their value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loopdesk.domain.errors import NotFound, Refused, RuleBroken
from loopdesk.domain.outbox.claims import Missing, Ours
from loopdesk.domain.outbox.effects import has_effect, marker_count
from loopdesk.domain.outbox.reconcile import AlreadyTrue, Conflict, before, picture_text
from loopdesk.domain.outbox.stages import Cause, Entry, Move, ParkReason, Stage, Why
from loopdesk.domain.returns.parcels import expected_parcels, parcel_with
from loopdesk.domain.returns.returns import fingerprint
from loopdesk.services.outbox.claims import Claims
from loopdesk.services.outbox.hub_questions import HubQuestions
from loopdesk.services.outbox.key_binding import KeyBinding
from loopdesk.services.outbox.readback import Reader, Sight
from loopdesk.services.outbox.stage_writer import StageWriter
from loopdesk.services.ports.loop import FRESH_SECONDS, TURN_SECONDS, Fetched, Priority, ReadingGateway
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import Outbox, ReturnCache

# --- a flag or finalizer ----------------------------------------------------------------------------

MISSING_READS = 3
"""How often Loop may say "no such return" about a known one before a person is asked."""

CLAIM_PAUSE_SECONDS = 2.0
"""How long to wait until our claim shows."""

MISSING_PAUSE_SECONDS = 30.0
"""Between those reads, so that the last one comes after a minute."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Loop shows what the operator saw; ``snapshot`` is that state as JSON, for the attempt row."""

    snapshot: str


@dataclass(frozen=True, slots=True)
class Moved:
    """Entries were ended or parked instead: look at the lane again."""


@dataclass(frozen=True, slots=True)
class Later:
    """Loop does not show the return right now: look again after that many seconds."""

    seconds: float


class MissingReads:
    """Counts how often in a row Loop said that a known return does not exist."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}

    def missed(self, return_id: str) -> Later | None:
        """Count once more. None when that is to be believed now; then the count begins again."""
        times = self._times[return_id] = self._times.get(return_id, 0) + 1
        if times < MISSING_READS:
            return Later(MISSING_PAUSE_SECONDS)
        self.forget(return_id)
        return None

    def forget(self, return_id: str) -> None:
        """Begin again: Loop shows the return, or nothing of it is to be sent."""
        self._times.pop(return_id, None)


class Precheck:
    """Reads a return and compares it with what the operator saw.

    Args:
        cache: What the operator may have seen of a return.
        questions: Asks the hub, if there is one, which bench did what Loop shows already.
        claims: Decides which of several stations finishes a return; None if there is only one.
    """

    def __init__(
        self,
        *,
        cache: ReturnCache,
        gateway: ReadingGateway,
        clock: Clock,
        stage_writer: StageWriter,
        keys: KeyBinding,
        questions: HubQuestions,
        claims: Claims | None = None,
    ) -> None:
        self._keys = keys
        self._payment = questions.payment
        self._questions = questions
        self._cache = cache
        self._claims = claims
        self._gateway = gateway
        self._clock = clock
        self._stage_writer = stage_writer
        self._reads: dict[str, tuple[float, Fetched]] = {}
        self._ours: dict[str, str] = {}
        self._missing = MissingReads()

    def forget(self, return_id: str) -> None:
        """Drop what was read of a return: something of it was sent."""
        self._reads.pop(return_id, None)

    def leave(self, return_id: str) -> None:
        """Drop all that is known of a return: nothing of it is to be sent now."""
        self.forget(return_id)
        self._ours.pop(return_id, None)
        self._missing.forget(return_id)

    def shown(self, return_id: str) -> Fetched | None:
        """Return what was just read of a return; None if that was too long ago, or never."""
        return self._reads[return_id][1] if self._is_fresh(return_id) else None

    async def check(self, gate: Entry, lane: Sequence[Entry]) -> Passed | Moved | Later:
        """Compare Loop with what was seen when the gate was decided.

        If Loop already is in the requested state, the gate ends as superseded and the rest of the settlement
        continues. If Loop differs, everything unsent of the settlement parks, with Loop's state.

        Args:
            gate: The flag or finalizer.
            lane: All entries of its return.

        Raises:
            ApiError: Loop could not be asked; nothing was written.
            StageMoved, StoreError: As ``StageWriter.write``.
        """
        unsent = [x for x in lane if x.settlement_id == gate.settlement_id and x.stage is Stage.READY]
        try:
            fetched = await self._read(gate)
        except (NotFound, Refused) as failure:
            self._keys.must_fit(gate)
            return await self._not_shown(unsent, failure)
        except RuleBroken as failure:
            return await self._refused(unsent, Cause(failure.detail))
        found = before(gate, fetched.ret, tells=await self._payment.learn(fetched))
        if isinstance(found, AlreadyTrue):
            belief = found.belief or ""
            cause = await self._questions.ended_by(gate)
            move = Move(
                gate.entry_id, gate.stage, Stage.SUPERSEDED, cause=cause, found=found.found, belief=belief
            )
            await self._stage_writer.write(gate, [move], saw=fetched, event="superseded")
            return Moved()
        if isinstance(found, Conflict):
            await self._stage_writer.park(
                unsent, ParkReason.CONFLICT, Cause(Why.CHANGED), found=found.found, saw=fetched
            )
            return Moved()
        if gate.kind.spec.removes_lines and await self._has_more_parcels(fetched):
            more = Cause(Why.MORE_PARCELS)
            await self._stage_writer.park(unsent, ParkReason.CONFLICT, more, found=found.found, saw=fetched)
            return Moved()
        return await self._contested(gate, lane, unsent, fetched) or Passed(picture_text(found.found))

    async def _has_more_parcels(self, fetched: Fetched) -> bool:
        """Whether Loop names a parcel that this station does not know: what is missing may be in it."""
        stored = await self._cache.get(fetched.ret.return_id)
        return stored is not None and any(
            parcel_with(stored.ret, x.tracking_number) is None for x in expected_parcels(fetched.ret)
        )

    async def _contested(
        self, gate: Entry, lane: Sequence[Entry], unsent: Sequence[Entry], fetched: Fetched
    ) -> Moved | Later | None:
        """Park what another station finishes; None if nobody else does.

        What a person resent after having seen such a claim is sent without asking. Once our claim was first
        it stays first, so it is read once.
        """
        if self._claims is None or not gate.kind.spec.is_final or gate.cause.code == Why.CLAIMED:
            return None
        if self._ours.get(gate.return_id) == gate.entry_id:
            return None
        try:
            claim = await self._claims.contest(gate, lane)
        except Refused as failure:
            return await self._refused(unsent, _unread(failure))
        if isinstance(claim, Missing):
            return Later(CLAIM_PAUSE_SECONDS)
        if isinstance(claim, Ours):
            self._ours[gate.return_id] = gate.entry_id
            return None if self._is_fresh(gate.return_id) else Later(0.0)  # claiming took some time
        found = fingerprint(fetched.ret)
        cause = Cause(Why.CLAIMED, claim.station)
        await self._stage_writer.park(unsent, ParkReason.CONFLICT, cause, found=found, saw=fetched)
        return Moved()

    async def _read(self, gate: Entry) -> Fetched:
        """Return details that are fresh, even after the wait that may follow."""
        return_id = gate.return_id
        if self._is_fresh(return_id):
            return self._reads[return_id][1]
        began = self._clock.monotonic()
        fetched = await self._gateway.details(return_id, priority=Priority.READ_BACK)
        self._keys.must_fit(gate)
        self._missing.forget(return_id)
        self._reads[return_id] = (began, fetched)
        return fetched

    def _is_fresh(self, return_id: str) -> bool:
        known = self._reads.get(return_id)
        return known is not None and self._clock.monotonic() - known[0] <= FRESH_SECONDS - TURN_SECONDS

    async def _not_shown(self, unsent: Sequence[Entry], failure: NotFound | Refused) -> Moved | Later:
        """Loop does not show the return: ask again, and after three times in a minute ask a person."""
        later = self._missing.missed(unsent[0].return_id)
        return later or await self._refused(unsent, _unread(failure))

    async def _refused(self, unsent: Sequence[Entry], cause: Cause) -> Moved:
        """Park what cannot be sent since Loop refused a look at the return.

        That refusal says nothing of an earlier request: what a person sent again may have come true already.
        """
        moves = [
            Move(
                x.entry_id,
                x.stage,
                Stage.PARKED,
                reason=ParkReason.UNDECIDED if x.may_have_left else ParkReason.REFUSED,
                cause=cause,
            )
            for x in unsent
        ]
        await self._stage_writer.write(unsent[0], moves, event="parked")
        return Moved()


# --- what an earlier run kept -----------------------------------------------------------------------

NEWEST = 2_000
"""More entries than one settlement has: among this many of the newest is the last one that was kept."""


class FirstLook:
    """Remembers what was kept before this run, and what of it was looked for."""

    def __init__(
        self, *, outbox: Outbox, reader: Reader, stage_writer: StageWriter, keys: KeyBinding
    ) -> None:
        self._keys = keys
        self._outbox = outbox
        self._reader = reader
        self._stage_writer = stage_writer
        self._upto = 0
        self._looked: set[str] = set()

    async def begin(self) -> None:
        """Load what an earlier run has kept. Called before anything is sent."""
        newest = await self._outbox.entries(None, NEWEST)
        self._upto = max((entry.seq for entry in newest if not entry.is_finished), default=0)

    async def has_moved(self, lane: Sequence[Entry], shown: Fetched | None) -> bool:
        """Look for everything of a lane that waits to be sent, and end what Loop shows already.

        Args:
            lane: All entries of a return.
            shown: What was just read of it; None if nothing was.

        Returns:
            Whether anything moved: the lane must be looked at again.

        Raises:
            ApiError: Loop could not be asked; nothing was written.
            StageMoved, StoreError: As ``StageWriter.write``.
        """
        waiting = [entry for entry in lane if self._is_due(entry)]
        if not waiting:
            return False
        notes = [entry for entry in waiting if entry.kind.spec.is_marked]
        try:
            sight = await self._reader.look(lane[0].return_id, waiting if shown is None else notes)
        except Refused:  # Loop shows nothing of this return: it is sent as if there were no look
            sight = Sight(0.0)
        self._keys.must_fit(*waiting)
        self._looked |= {entry.entry_id for entry in waiting}
        there = _with_older([x for x in waiting if _is_there(x, shown or sight.fetched, sight)], waiting)
        if not there:
            return False
        moves = [Move(entry.entry_id, entry.stage, Stage.SUPERSEDED) for entry in there]
        await self._stage_writer.write(there[0], moves, saw=sight.fetched, event="found_at_loop")
        return True

    def _is_due(self, entry: Entry) -> bool:
        is_earlier = entry.seq <= self._upto and entry.entry_id not in self._looked
        return is_earlier and entry.stage is Stage.READY and not entry.kind.spec.is_gated


def _with_older(there: list[Entry], waiting: Sequence[Entry]) -> list[Entry]:
    """Add what was decided before a value that Loop already has: sent now, it would overwrite the newer
    one.
    """
    newest = {(x.kind, x.target): x.seq for x in there if x.kind.spec.sets_value}
    return [x for x in waiting if x in there or x.seq < newest.get((x.kind, x.target), 0)]


def _is_there(entry: Entry, fetched: Fetched | None, sight: Sight) -> bool:
    if entry.kind.spec.is_marked:
        return marker_count(entry, sight.notes or ()) > 0
    return fetched is not None and bool(has_effect(entry, fetched.ret))


def _unread(failure: NotFound | Refused) -> Cause:
    """Say why Loop does not show the return."""
    if isinstance(failure, NotFound):
        return Cause(Why.NOT_FOUND)
    return Cause(Why.REFUSED, failure.text) if failure.text else Cause(Why.UNREADABLE)
