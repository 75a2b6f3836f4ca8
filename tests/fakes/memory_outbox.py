"""The outbox in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from loopdesk.domain.errors import RuleBroken, StageMoved
from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.domain.outbox.actions import NOTE_MOST, Action, Kind, canonical, marked, payload_sha
from loopdesk.domain.outbox.hub_key import HubKey, hub_key
from loopdesk.domain.outbox.process_body import with_words
from loopdesk.domain.outbox.stages import (
    LEGAL_MOVES,
    Attempt,
    Cause,
    Entry,
    Move,
    ParkReason,
    Stage,
    has_open_gate,
    is_closed_for_changes,
    marker_of,
)
from loopdesk.domain.returns.grading import Draft
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.ports.store import Counts, HeldSettlement, KeepRequest, LaneHead
from tests.fakes.memory_audit import MemoryAudit
from tests.fakes.memory_drafts import MemoryDrafts
from tests.fakes.memory_returns import MemoryReturns
from tests.kinds import FINALIZERS, GATED

_KEPT = frozenset({Stage.HELD, Stage.READY})
_SENT = frozenset({Stage.SENDING, Stage.UNCERTAIN, Stage.SETTLING})


@dataclass
class _Settlement:
    settlement_id: str
    request: KeepRequest


class MemoryOutbox:
    """Fake of the outbox; what the database's triggers and indexes forbid is checked here in code."""

    def __init__(self, returns: MemoryReturns, drafts: MemoryDrafts, audit: MemoryAudit) -> None:
        self._returns = returns
        self._drafts = drafts
        self._audit = audit
        self._settlements: dict[str, _Settlement] = {}
        self._attempts: dict[str, list[Attempt]] = {}
        self._waived: set[str] = set()
        self.kept: dict[str, Entry] = {}

    async def keep(self, request: KeepRequest) -> tuple[Entry, ...]:
        """Append a settlement as held entries and empty the draft."""
        assert not request.photos, "the twins know no photos: use the real file"
        lane = await self.lane(request.return_id)
        gates = any(action.kind in GATED for action in request.actions)
        if is_closed_for_changes(lane):
            raise RuleBroken("closed_for_changes")
        if has_open_gate(lane) and (gates or any(x.kind in FINALIZERS and not x.is_finished for x in lane)):
            raise RuleBroken("already_settling")
        if not request.actions:
            raise RuleBroken("nothing_to_settle")
        settlement_id = uuid4().hex
        new = tuple(
            self._entry(len(self.kept) + n, settlement_id, request, action)
            for n, action in enumerate(request.actions, 1)
        )
        self.kept |= {entry.entry_id: entry for entry in new}
        self._settlements[settlement_id] = _Settlement(settlement_id, request)
        self._drafts.kept.pop(request.return_id, None)
        detail = {"settlement": settlement_id, "kind": request.kind, "entries": [x.entry_id for x in new]}
        detail |= request.clock_detail
        self._write("kept", request.decided_at, new[0], request.operator, detail, entry_id="")
        return new

    def requests(self) -> list[tuple[str, KeepRequest]]:
        """Return every settlement with its id, in order."""
        return [(x.settlement_id, x.request) for x in self._settlements.values()]

    async def held(self) -> tuple[HeldSettlement, ...]:
        """Return the settlements that are held, oldest first."""
        return tuple(
            HeldSettlement(x.settlement_id, y.return_id, y.order_name, y.kind, y.hold_seconds)
            for x in self._settlements.values()
            for y in (x.request,)
            if any(entry.stage is Stage.HELD for entry in self._of(x.settlement_id))
        )

    async def unsent(self) -> tuple[HeldSettlement, ...]:
        """Return the settlements that ``withdraw`` would still take, oldest first."""
        return tuple(
            HeldSettlement(
                x.settlement_id,
                y.return_id,
                y.order_name,
                y.kind,
                y.hold_seconds,
                is_held=any(entry.stage is Stage.HELD for entry in self._of(x.settlement_id)),
            )
            for x in self._settlements.values()
            for y in (x.request,)
            if all(self._is_unsent(entry) for entry in self._of(x.settlement_id))
        )

    async def release(self, settlement_id: str) -> bool:
        """End the undo window."""
        held = [entry for entry in self._of(settlement_id) if entry.stage is Stage.HELD]
        for entry in held:
            self.kept[entry.entry_id] = replace(entry, stage=Stage.READY, due_at=None)
        return bool(held)

    async def withdraw(self, settlement_id: str, by: Operator, at: datetime) -> Draft | None:
        """Withdraw a whole settlement if nothing of it was sent."""
        entries = self._of(settlement_id)
        if not entries or not all(self._is_unsent(entry) for entry in entries):
            return None
        for entry in entries:
            self.kept[entry.entry_id] = replace(entry, stage=Stage.WITHDRAWN, moved_at=at, due_at=None)
        draft = self._settlements[settlement_id].request.draft
        replaced = self._drafts.kept.get(draft.return_id)
        self._drafts.kept[draft.return_id] = draft
        detail = {"settlement": settlement_id, "replaced": replaced is not None}
        self._write("withdrawn", at, entries[0], by, detail, entry_id="")
        return draft

    async def lanes(self, stages: Sequence[Stage], most: int | None = 200) -> tuple[LaneHead, ...]:
        """Return the lanes that have entries in these stages, oldest entry first."""
        heads: dict[str, LaneHead] = {}
        for entry in self._in_order():
            if entry.stage in stages:
                heads.setdefault(entry.return_id, LaneHead(entry.return_id, entry.seq))
        return tuple(heads.values())[:most]

    async def lane(self, return_id: str) -> tuple[Entry, ...]:
        """Return all entries of a return in order."""
        return tuple(entry for entry in self._in_order() if entry.return_id == return_id)

    def settled_drafts(self, return_id: str) -> tuple[Draft, ...]:
        """Return what was entered for the settlements that were not withdrawn, oldest first."""
        return tuple(
            x.request.draft
            for x in self._settlements.values()
            if x.request.return_id == return_id
            and any(entry.stage is not Stage.WITHDRAWN for entry in self._of(x.settlement_id))
        )

    async def waived(self, return_id: str) -> frozenset[str]:
        """Return ids of parked entries that a person allowed the finalizer to leave behind."""
        lane = await self.lane(return_id)
        return frozenset(x.entry_id for x in lane if x.stage is Stage.PARKED) & self._waived

    async def waive(self, entry_id: str, by: Operator, at: datetime) -> None:
        """Allow the finalizer to go without this parked entry."""
        entry = self.kept.get(entry_id)
        if entry is None or entry.stage is not Stage.PARKED:
            raise StageMoved(entry_id)
        self._waived.add(entry_id)
        self._write("waived", at, entry, by, {})

    async def claim(
        self, batch: Sequence[Entry], before: str, at: datetime, hub: str | None = None
    ) -> HubKey | None:
        """Move a batch to ``sending`` with one attempt an entry."""
        now = [self.kept.get(entry.entry_id) for entry in batch]
        if not batch or any(entry is None or entry.stage is not Stage.READY for entry in now):
            return None
        if any(x.stage is Stage.SENDING and x.return_id == batch[0].return_id for x in self.kept.values()):
            return None
        key = hub_key(batch, len(self._attempts.get(batch[0].entry_id, ())) + 1, hub or "")
        asked_as = "" if hub is None else key.text
        for entry in batch:
            attempts = self._attempts.setdefault(entry.entry_id, [])
            attempts.append(
                Attempt(entry.entry_id, len(attempts) + 1, before, "", None, "", at, None, asked_as)
            )
            self.kept[entry.entry_id] = replace(
                self.kept[entry.entry_id], stage=Stage.SENDING, reason=None, moved_at=at
            )
        ids = [entry.entry_id for entry in batch]
        self._write(
            "claimed", at, batch[0], PROGRAM, {"kind": batch[0].kind.value, "entries": ids}, entry_id=""
        )
        return key

    async def apply(
        self,
        moves: Sequence[Move],
        *,
        at: datetime,
        evidence: str = "",
        http_status: int | None = None,
        code: str = "",
        saw: Fetched | None = None,
        event: str = "moved",
        mark: tuple[str, str] | None = None,
    ) -> None:
        """Write moves, the end of their open attempts, and Loop's answer."""
        for move in moves:
            if (move.source, move.target) not in LEGAL_MOVES:
                raise RuleBroken("illegal_move")
            entry = self.kept.get(move.entry_id)
            if entry is None or entry.stage is not move.source:
                raise StageMoved(move.entry_id)
        for move in moves:
            self._move(move, at, event)
            if evidence:
                self._close(move.entry_id, at, evidence, http_status, code)
        if saw is not None:
            self._returns.keep(saw, at)
        if mark is not None:
            self._returns.marks[mark[0]] = mark[1]

    async def remark(self, entry: Entry, cause: Cause, *, at: datetime, saw: Fetched | None = None) -> None:
        """Record what Loop shows so far about an entry, without moving it."""
        kept = self.kept.get(entry.entry_id)
        if kept is None or kept.stage is not entry.stage:
            raise StageMoved(entry.entry_id)
        self.kept[entry.entry_id] = replace(kept, cause=cause)
        self._write("remarked", at, kept, PROGRAM, {"kind": kept.kind.value, "cause": cause.plain})
        if saw is not None:
            self._returns.keep(saw, at)

    async def recover(self, at: datetime) -> int:
        """Make every ``sending`` entry ``uncertain``."""
        cut = [entry for entry in self._in_order() if entry.stage is Stage.SENDING]
        for entry in cut:
            move = Move(entry.entry_id, Stage.SENDING, Stage.UNCERTAIN, counts=True, unresolved=1)
            self._move(move, at, "recovered")
            self._close(entry.entry_id, at, "ambiguous", None, "restart")
        return len(cut)

    async def entries(self, stage: Stage | None = None, most: int | None = 1000) -> tuple[Entry, ...]:
        """Return entries: unfinished before finished, newest settlement first, its entries in order."""
        age = {name: n for n, name in enumerate(self._settlements)}
        found = [entry for entry in self.kept.values() if stage in (None, entry.stage)]
        found.sort(key=lambda x: (x.is_finished, -age[x.settlement_id], x.seq))
        return tuple(found[:most])

    async def attempts(self, entry_id: str) -> tuple[Attempt, ...]:
        """Return the attempts of an entry in order."""
        return tuple(self._attempts.get(entry_id, ()))

    async def counts(self) -> Counts:
        """Return the figures of the status strip."""
        stages: dict[str, set[Stage]] = {}
        for entry in self.kept.values():
            stages.setdefault(entry.return_id, set()).add(entry.stage)
        since = [x.moved_at for x in self.kept.values() if x.stage is Stage.PARKED and x.moved_at]
        return Counts(
            kept=sum(bool(found & _KEPT) for found in stages.values()),
            sent=sum(bool(found & _SENT) and Stage.PARKED not in found for found in stages.values()),
            attention=sum(Stage.PARKED in found for found in stages.values()),
            oldest_attention_at=min(since, default=None),
        )

    async def payload_is_whole(self, entry: Entry) -> bool:
        """Check the payload given and kept against the hash that was kept."""
        kept = self.kept.get(entry.entry_id)
        if kept is None:
            return False
        return (
            payload_sha(canonical(entry.payload)) == kept.payload_sha == payload_sha(canonical(kept.payload))
        )

    async def key_fingerprints(self) -> frozenset[str]:
        """Return the fingerprints of the keys that unfinished entries were made with."""
        return frozenset(entry.key_fingerprint for entry in self.kept.values() if not entry.is_finished)

    def rot(self, entry_id: str, payload: Mapping[str, Any]) -> None:
        """Change a kept payload without its hash, as a failing disk would; for tests."""
        self.kept[entry_id] = replace(self.kept[entry_id], payload=payload)

    def _entry(self, seq: int, settlement_id: str, request: KeepRequest, action: Action) -> Entry:
        entry_id = uuid4().hex
        marker = marker_of(entry_id) if action.kind is Kind.NOTE else ""
        words = {
            "station": request.station,
            "operator": request.operator.name,
            "settlement": settlement_id,
            "return": request.return_id,
            "order": request.order_name,
        }
        payload = json.loads(canonical(with_words(action.payload, words)))
        if action.kind is Kind.NOTE:
            payload["content"] = marked(payload["content"], marker)
            if len(payload["content"]) > NOTE_MOST:
                raise RuleBroken("note_too_long")
        return Entry(
            seq=seq,
            entry_id=entry_id,
            settlement_id=settlement_id,
            return_id=request.return_id,
            order_name=request.order_name,
            kind=action.kind,
            target=action.target,
            payload=payload,
            payload_sha=payload_sha(canonical(payload)),
            marker=marker,
            stage=Stage.HELD,
            reason=None,
            seen=request.seen if action.kind in GATED else None,
            found=None,
            operator=request.operator,
            station=request.station,
            key_fingerprint=request.key_fingerprint,
            hold_seconds=request.hold_seconds,
            decided_at=request.decided_at,
            due_at=request.decided_at + timedelta(seconds=request.hold_seconds),
            moved_at=request.decided_at,
        )

    def _move(self, move: Move, at: datetime, event: str) -> None:
        entry = self.kept[move.entry_id]
        unresolved = 0 if move.unresolved < 0 else entry.unresolved + move.unresolved
        self.kept[move.entry_id] = replace(
            entry,
            stage=move.target,
            reason=move.reason,
            cause=move.cause,
            found=move.found,
            tries=entry.tries + move.counts,
            unresolved=unresolved,
            due_at=None,
            moved_at=at,
        )
        if move.source is Stage.PARKED:
            self._waived.discard(move.entry_id)
        reason = move.reason.value if isinstance(move.reason, ParkReason) else ""
        detail = {
            "kind": entry.kind.value,
            "from": move.source.value,
            "to": move.target.value,
            "reason": reason,
        }
        if move.belief:
            detail["belief"] = move.belief
        self._write(event, at, entry, move.by, detail | {"cause": move.cause.plain})

    def _close(self, entry_id: str, at: datetime, evidence: str, http_status: int | None, code: str) -> None:
        self._attempts[entry_id] = [
            replace(x, evidence=evidence, http_status=http_status, code=code, ended_at=at)
            if x.ended_at is None
            else x
            for x in self._attempts.get(entry_id, ())
        ]

    def _is_unsent(self, entry: Entry) -> bool:
        if entry.stage is Stage.HELD:
            return True
        tried = self._attempts.get(entry.entry_id, ())
        harmless = all(attempt.evidence in ("not_sent", "key") for attempt in tried)
        return entry.stage is Stage.READY and harmless and not entry.tries and not entry.unresolved

    def _of(self, settlement_id: str) -> tuple[Entry, ...]:
        return tuple(entry for entry in self._in_order() if entry.settlement_id == settlement_id)

    def _in_order(self) -> tuple[Entry, ...]:
        return tuple(sorted(self.kept.values(), key=lambda entry: entry.seq))

    def _write(
        self,
        event: str,
        at: datetime,
        entry: Entry,
        by: Operator,
        detail: Mapping[str, Any],
        entry_id: str | None = None,
    ) -> None:
        self._audit.append(
            event,
            at,
            operator=by,
            station=entry.station,
            return_id=entry.return_id,
            entry_id=entry.entry_id if entry_id is None else entry_id,
            detail=detail,
        )
