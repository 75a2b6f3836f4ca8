"""The outbox's entries. Every method is one transaction, and what it changes is audited in the same commit.

The invariants are enforced by the database itself, whatever this code does: legal moves, frozen payloads and
unique indexes (``migrations/0001_initial.sql``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import apsw

from loopdesk.domain.errors import RuleBroken, StageMoved, StoreError
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import canonical, payload_sha
from loopdesk.domain.outbox.hub_key import HubKey, hub_key
from loopdesk.domain.outbox.stages import LEGAL_MOVES, Attempt, Cause, Entry, Move, Stage, Why
from loopdesk.domain.returns.grading import Draft
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.ports.store import Counts, HeldSettlement, KeepRequest, LaneHead
from loopdesk.store.chain import append
from loopdesk.store.codecs import (
    cause_text,
    draft_json,
    fingerprint_json,
    optional_text_time,
    time_text,
    to_json,
)
from loopdesk.store.codes import storable
from loopdesk.store.database import Database
from loopdesk.store.open_database import BUSY_MILLISECONDS
from loopdesk.store.outbox.photo_queue import fix_links, keep_photos
from loopdesk.store.outbox.rows import (
    attempt_of,
    check_may_keep,
    entry_of,
    entry_rows,
    is_addressed_right,
    kept_entries,
    settlement_values,
)
from loopdesk.store.returns import drafts
from loopdesk.store.returns.returns import save_all, set_mark
from loopdesk.store.share_marks import mark
from loopdesk.store.sql import fetch, queries, translated

T = TypeVar("T")

_SQL = queries("outbox")
_STORE = queries("store")
_DRAFTS = queries("drafts")


class Outbox:
    """What this station has asked, is asking and will ask of Loop."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, request: KeepRequest) -> tuple[Entry, ...]:
        """Append a settlement as held entries and empty the draft, in one commit.

        Raises:
            RuleBroken: ``closed_for_changes``, ``already_settling``, ``nothing_to_settle`` or
                ``note_too_long``.
            DiskFull: Nothing was kept.
        """
        return await self._database.write(lambda db: _keep(db, request), counted=True)

    async def held(self) -> tuple[HeldSettlement, ...]:
        """Return the settlements that are held, oldest first."""
        rows = await self._rows("held")
        return tuple(HeldSettlement(*row) for row in rows)

    async def unsent(self) -> tuple[HeldSettlement, ...]:
        """Return the settlements that ``withdraw`` would still accept, oldest first."""
        rows = await self._rows("unsent", {"settlement_id": None})
        return tuple(
            HeldSettlement(settlement_id, return_id, name, kind, seconds, bool(held))
            for settlement_id, return_id, name, kind, seconds, held in rows
        )

    async def release(self, settlement_id: str) -> bool:
        """End the undo window: held becomes ready, with the links of photos that are there by now.

        False if it is no longer held.
        """
        return await self._drain(lambda db: _release(db, settlement_id))

    async def withdraw(self, settlement_id: str, by: Operator, at: datetime) -> Draft | None:
        """Withdraw a whole settlement and restore its draft, if none of it was sent.

        An attempt that is proven never to have left, or that Loop turned away at the door, does not count as
        sent. A draft started for the return in the meantime is replaced; the audit log keeps it.
        """
        return await self._drain(lambda db: _withdraw(db, settlement_id, by, at))

    async def lanes(self, stages: Sequence[Stage], most: int | None = 200) -> tuple[LaneHead, ...]:
        """Return the lanes that have entries in these stages, by their oldest such entry."""
        names = to_json([stage.value for stage in stages])
        rows = await self._rows("lanes", {"stages": names, "most": _limit(most)})
        return tuple(LaneHead(return_id, first_seq) for return_id, first_seq in rows)

    async def lane(self, return_id: str) -> tuple[Entry, ...]:
        """Return all entries of a return in order."""
        return await self._database.read(lambda db: lane_of(db, return_id))

    async def waived(self, return_id: str) -> frozenset[str]:
        """Return the ids of parked entries that a person allowed the finalizer to leave behind."""
        return frozenset(row[0] for row in await self._rows("waived", (return_id,)))

    async def waive(self, entry_id: str, by: Operator, at: datetime) -> None:
        """Let the finalizer go without this parked entry; ends when the entry leaves ``parked``.

        Raises:
            StageMoved: The entry is not parked.
        """
        await self._drain(lambda db: _waive(db, entry_id, by, at))

    async def claim(
        self, batch: Sequence[Entry], before: str, at: datetime, hub: str | None = None
    ) -> HubKey | None:
        """Commit ``sending`` and one attempt row per entry, so that both survive a crash.

        Args:
            hub: The generation of the hub that it goes through, "" if the hub has not told it; None without a
                hub.

        Returns:
            What names the attempt. None (nothing written) if any entry moved in the meantime, if another call
                of the return is in flight, or until ``recover`` has dealt with a restored copy.
        """
        if not batch:
            return None
        try:
            return await self._drain(lambda db: _claim(db, batch, before, at, hub))
        except StageMoved:
            return None

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
        """Write moves, the end of their open attempts, and Loop's answer, in one commit.

        The entry's reason, last error and findings are replaced by those of the move, even by empty ones.

        Raises:
            StageMoved: One entry was not in its source stage; nothing was written.
            RuleBroken: ``illegal_move``: no such move exists; nothing was written.
        """
        if any((move.source, move.target) not in LEGAL_MOVES for move in moves):
            raise RuleBroken("illegal_move")
        end = {"evidence": evidence, "http_status": http_status, "code": storable(code), "at": time_text(at)}

        def write(connection: apsw.Connection) -> None:
            for move in moves:
                _move(connection, move, at, event)
                if evidence:
                    connection.execute(_SQL["close_attempt"], end | {"entry_id": move.entry_id})
            if saw is not None:
                save_all(connection, (saw,), at)
            if mark is not None:
                set_mark(connection, *mark)

        await self._drain(write)

    async def remark(self, entry: Entry, cause: Cause, *, at: datetime, saw: Fetched | None = None) -> None:
        """Record what Loop shows so far about an entry, without moving it.

        Raises:
            StageMoved: It has left that stage; nothing was written.
        """

        def write(connection: apsw.Connection) -> None:
            _remark(connection, entry, cause, at)
            if saw is not None:
                save_all(connection, (saw,), at)

        await self._drain(write)

    async def recover(self, at: datetime) -> int:
        """At startup: make uncertain whatever the previous process was sending.

        In a store restored from an older copy, every other unfinished entry that may have been sent since
        becomes uncertain too; parked entries stay parked.

        Returns:
            How many entries became uncertain.
        """
        return await self._drain(lambda db: _recover(db, at))

    async def entries(self, stage: Stage | None = None, most: int | None = 1000) -> tuple[Entry, ...]:
        """Return entries: unfinished before finished, newest settlement first, each settlement's in order."""
        return await self._database.read(lambda db: _entries(db, stage, most))

    async def attempts(self, entry_id: str) -> tuple[Attempt, ...]:
        """Return the attempts of an entry in order."""
        return tuple(attempt_of(row) for row in await self._rows("attempts", (entry_id,)))

    async def counts(self) -> Counts:
        """Return the counts of the status strip."""
        kept, sent, attention, since = (await self._rows("counts"))[0]
        return Counts(kept, sent, attention, optional_text_time(since))

    async def payload_is_whole(self, entry: Entry) -> bool:
        """Check that the stored payload matches its hash, equals what the entry carries, and is for its
        return.
        """
        rows = await self._rows("payload", (entry.entry_id,))
        return is_addressed_right(entry) and any(
            payload_sha(text) == sha == entry.payload_sha
            and text == canonical(entry.payload)
            and return_id == entry.return_id
            for text, sha, return_id in rows
        )

    async def key_fingerprints(self) -> frozenset[str]:
        """Return the fingerprints of the keys with which entries were made that are unfinished, or owed links
        of photos.
        """
        return frozenset(row[0] for row in await self._rows("key_fingerprints"))

    async def _rows(self, name: str, values: Any = None) -> list[tuple[Any, ...]]:
        return await self._database.read(lambda db: fetch(db, _SQL[name], values))

    async def _drain(self, work: Callable[[apsw.Connection], T]) -> T:
        return await self._database.write(work, drains=True, counted=True)


def lane_of(connection: apsw.Connection, return_id: str) -> tuple[Entry, ...]:
    """Return all entries of a return in order, inside the caller's transaction."""
    return tuple(entry_of(row) for row in connection.execute(_SQL["lane"], (return_id,)))


def settled_drafts_of(connection: apsw.Connection, return_id: str) -> tuple[Draft, ...]:
    """Return what was entered for the settlements that were not withdrawn, oldest first."""
    return tuple(drafts.read(row[0]) for row in fetch(connection, _SQL["drafts_of"], (return_id,)))


def _keep(connection: apsw.Connection, request: KeepRequest) -> tuple[Entry, ...]:
    lane = lane_of(connection, request.return_id)
    check_may_keep(lane, request.actions)
    settlement = settlement_values(request)
    number = fetch(connection, _SQL["add_settlement"], settlement)[0][0]
    markers = {entry.marker for entry in lane}
    rows = entry_rows(request, number, settlement["settlement_id"], markers)
    seqs = [seq for (seq,) in connection.executemany(_SQL["add_entry"], rows)]
    keep_photos(connection, request.photos, rows, request.decided_at)
    drafts.remove(connection, request.return_id)
    mark(connection, "draft", request.return_id)  # that it is settled, whether anything was entered or not
    append(
        connection,
        "kept",
        request.decided_at,
        operator=request.operator,
        station=request.station,
        return_id=request.return_id,
        detail={
            "settlement": settlement["settlement_id"],
            "kind": request.kind,
            "entries": [row["entry_id"] for row in rows],
            **request.clock_detail,
        },
    )
    return kept_entries(request, settlement["settlement_id"], zip(seqs, rows, strict=True))


def _release(connection: apsw.Connection, settlement_id: str) -> bool:
    fix_links(connection, settlement_id)
    return bool(fetch(connection, _SQL["release"], (settlement_id,)))


def _of_settlement(connection: apsw.Connection, settlement_id: str) -> tuple[Entry, ...]:
    return tuple(entry_of(row) for row in connection.execute(_SQL["of_settlement"], (settlement_id,)))


def _withdraw(connection: apsw.Connection, settlement_id: str, by: Operator, at: datetime) -> Draft | None:
    entries = _of_settlement(connection, settlement_id)
    if not fetch(connection, _SQL["unsent"], {"settlement_id": settlement_id}):
        return None
    fetch(connection, _SQL["withdraw"], {"settlement_id": settlement_id, "at": time_text(at)})
    draft = drafts.read(connection.execute(_SQL["draft_of"], (settlement_id,)).get)
    replaced = connection.execute(_DRAFTS["get"], (draft.return_id,)).get
    drafts.put(connection, draft)
    append(
        connection,
        "withdrawn",
        at,
        operator=by,
        station=entries[0].station,
        return_id=draft.return_id,
        detail={
            "settlement": settlement_id,
            "entries": [entry.entry_id for entry in entries],
            "replaced_draft": replaced if replaced != draft_json(draft) else None,
        },
    )
    return draft


def _waive(connection: apsw.Connection, entry_id: str, by: Operator, at: datetime) -> None:
    entry = next((entry_of(row) for row in fetch(connection, _SQL["by_id"], (entry_id,))), None)
    if entry is None or entry.stage is not Stage.PARKED:
        raise StageMoved(entry_id)
    values = {"entry_id": entry_id, "by": storable(by.name), "at": time_text(at)}
    connection.execute(_SQL["waive"], values)
    append(
        connection,
        "waived",
        at,
        operator=by,
        station=entry.station,
        return_id=entry.return_id,
        entry_id=entry_id,
        detail={"kind": entry.kind.value},
    )


def _claim(
    connection: apsw.Connection, batch: Sequence[Entry], before: str, at: datetime, hub: str | None
) -> HubKey:
    if connection.execute(_STORE["is_restored"]).get:
        raise StageMoved(why="restored")
    if connection.execute(_SQL["lane_is_sending"], (batch[0].return_id,)).get:
        raise StageMoved(why="under_way")
    values = {"batch": batch[0].seq, "before": storable(before), "at": time_text(at)}
    numbers: list[int] = []
    for entry in batch:
        if not fetch(connection, _SQL["claim"], values | {"entry_id": entry.entry_id}):
            raise StageMoved(entry.entry_id)
        numbers.append(fetch(connection, _SQL["add_attempt"], values | {"entry_id": entry.entry_id})[0][0])
    key = hub_key(batch, numbers[0], hub or "")
    if hub is not None:
        asked_as = [(entry.entry_id, n, key.text) for entry, n in zip(batch, numbers, strict=True)]
        connection.executemany(_SQL["ask_as"], asked_as)
    append(
        connection,
        "claimed",
        at,
        station=batch[0].station,
        return_id=batch[0].return_id,
        detail={"kind": batch[0].kind.value, "entries": [entry.entry_id for entry in batch]},
    )
    return key


def _move(connection: apsw.Connection, move: Move, at: datetime, event: str) -> None:
    values = {
        "entry_id": move.entry_id,
        "source": move.source.value,
        "target": move.target.value,
        "reason": move.reason.value if move.reason else None,
        "error": cause_text(move.cause),
        "found": fingerprint_json(move.found),
        "counts": int(move.counts),
        "unresolved": move.unresolved,
        "at": time_text(at),
    }
    rows = fetch(connection, _SQL["move"], values)
    if not rows:
        raise StageMoved(move.entry_id)
    return_id, kind, station = rows[0]
    append(
        connection,
        event,
        at,
        operator=move.by,
        station=station,
        return_id=return_id,
        entry_id=move.entry_id,
        detail={
            "kind": kind,
            "from": move.source.value,
            "to": move.target.value,
            "reason": move.reason.value if move.reason else "",
            "cause": move.cause.plain,
            **({"belief": move.belief} if move.belief else {}),
        },
    )


def _remark(connection: apsw.Connection, entry: Entry, cause: Cause, at: datetime) -> None:
    values = {"entry_id": entry.entry_id, "stage": entry.stage.value, "error": cause_text(cause)}
    if not fetch(connection, _SQL["remark"], values):
        raise StageMoved(entry.entry_id)
    append(
        connection,
        "remarked",
        at,
        station=entry.station,
        return_id=entry.return_id,
        entry_id=entry.entry_id,
        detail={"kind": entry.kind.value, "cause": cause.plain},
    )


def _recover(connection: apsw.Connection, at: datetime) -> int:
    cut_off = [entry_of(row) for row in fetch(connection, _SQL["cut_off"])]
    end = {"evidence": "ambiguous", "http_status": None, "code": "restart", "at": time_text(at)}
    for entry in cut_off:
        move = Move(entry.entry_id, Stage.SENDING, Stage.UNCERTAIN, counts=True, unresolved=1)
        _move(connection, move, at, "recovered")
        connection.execute(_SQL["close_attempt"], end | {"entry_id": entry.entry_id})
    return len(cut_off) + _doubt_restored(connection, at)


def _doubt_restored(connection: apsw.Connection, at: datetime) -> int:
    """Make uncertain everything that may have been sent since an older copy of the store was made."""
    if not connection.execute(_STORE["is_restored"]).get:
        return 0
    connection.execute(_STORE["begin_restoring"])
    entries = [entry_of(row) for row in fetch(connection, _SQL["maybe_sent_since"])]
    error = cause_text(Cause(Why.RESTORED))
    for settlement_id in dict.fromkeys(x.settlement_id for x in entries if x.stage is Stage.HELD):
        fix_links(connection, settlement_id)  # it leaves ``held`` by another door than ``release``
    for entry in entries:
        values = {"entry_id": entry.entry_id, "error": error, "at": time_text(at)}
        connection.execute(_SQL["doubt"], values)
        append(
            connection,
            "restored",
            at,
            station=entry.station,
            return_id=entry.return_id,
            entry_id=entry.entry_id,
            detail={"kind": entry.kind.value, "from": entry.stage.value, "to": Stage.UNCERTAIN.value},
        )
    connection.execute(_STORE["end_restoring"])
    return len(entries)


def _limit(most: int | None) -> int:
    """What ``LIMIT`` takes for that many rows, or for all."""
    return -1 if most is None else most


def _entries(connection: apsw.Connection, stage: Stage | None, most: int | None) -> tuple[Entry, ...]:
    if stage is not None:
        rows = fetch(connection, _SQL["in_stage"], {"stage": stage.value, "most": _limit(most)})
        return tuple(entry_of(row) for row in rows)
    rows = fetch(connection, _SQL["unfinished"], (_limit(most),))
    rows += fetch(connection, _SQL["finished"], (_limit(None if most is None else most - len(rows)),))
    return tuple(entry_of(row) for row in rows)


# --- from outside -----------------------------------------------------------------------------------


def count_waiting(file: Path) -> int:
    """Return how many entries are unfinished; 0 if there is no store.

    Raises:
        StoreError: It cannot be read.
    """
    try:
        if not file.exists():
            return 0
        address = f"{file.absolute().as_uri()}?mode=ro"
        connection = apsw.Connection(address, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    except apsw.Error as failure:
        raise translated(failure) from failure
    except OSError as failure:
        raise StoreError(f"{type(failure).__name__}: {failure.strerror}") from failure
    try:
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        return int(connection.execute(_SQL["count_unfinished"]).get)
    except apsw.Error as failure:
        raise translated(failure, connection) from failure
    finally:
        connection.close()
