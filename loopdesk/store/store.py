"""The whole store of one station, opened and closed as a unit."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw

from loopdesk.store.audit import Audit
from loopdesk.store.codecs import time_text
from loopdesk.store.database import FILE_NAME, Database
from loopdesk.store.label_prints import LabelPrints
from loopdesk.store.label_prints import purge as purge_label_prints
from loopdesk.store.outbox.entries import Outbox
from loopdesk.store.outbox.overview import Overview
from loopdesk.store.outbox.photo_queue import PhotoQueue, forget_unnamed, named_in
from loopdesk.store.returns.drafts import Drafts
from loopdesk.store.returns.mysteries import Mysteries
from loopdesk.store.returns.parcels import Arrivals, SeenParcels
from loopdesk.store.returns.returns import Rebuild, Returns
from loopdesk.store.returns.search import begin_merge, merge_piece
from loopdesk.store.scan_transaction import ScanTransactions
from loopdesk.store.share_marks import own_bench
from loopdesk.store.sql import fetch, queries

if TYPE_CHECKING:
    from loopdesk.store.audit_upload import AuditUploads
    from loopdesk.store.people import People
    from loopdesk.store.returns.told import ToldReturns
    from loopdesk.store.sharing.drafts import KeptSharedDrafts
    from loopdesk.store.sharing.for_hub import ForHub
    from loopdesk.store.sharing.mysteries import KeptSiteMysteries
    from loopdesk.store.sharing.presence import KeptPresence
    from loopdesk.store.sharing.published import KeptGiven
    from loopdesk.store.sharing.shares import KeptShares

PURGED_AT_ONCE = 100
"""Rows deleted in one transaction, so that a scan never waits long."""

FREED_AT_ONCE = 500
"""Pages of the file freed in one transaction."""

_SQL = queries("store")
_SEARCH = queries("search")

_PHOTO = re.compile(r"[0-9a-f]{32}\.jpg")

_Purge = Callable[[apsw.Connection], int]


@dataclass(frozen=True, slots=True)
class Purged:
    """How much was purged because of its age."""

    settlements: int
    returns: int
    audit_rows: int


@dataclass(frozen=True, slots=True)
class Store:
    """Everything stored at this station; ``database.report`` says how it was found."""

    database: Database
    returns: Returns
    arrivals: Arrivals
    outbox: Outbox
    overview: Overview
    photo_queue: PhotoQueue
    drafts: Drafts
    audit: Audit
    mysteries: Mysteries
    seen_parcels: SeenParcels
    openings: ScanTransactions
    label_prints: LabelPrints

    async def close(self) -> None:
        """Finish pending work and close the file."""
        await self.database.close()

    async def purge(self, before: datetime) -> Purged:
        """Delete what ended or was last heard of before a moment; nothing unfinished, no draft.

        Backups of the store from before that moment are deleted too. Returns, with their codes and words,
        come back when Loop is asked for them again.
        """
        at = time_text(before)
        settlements = await self._until_none(lambda db: _purge_settlements(db, at))
        returns = await self._until_none(lambda db: _purge_returns(db, at))
        audit_rows = await self._until_none(lambda db: _purge_audit(db, at))
        await self._until_none(lambda db: purge_label_prints(db, at))
        if await self.database.write(lambda db: begin_merge(db, at[:10])):
            await self._until_none(merge_piece)
        await self._until_none(_shrink)
        await asyncio.to_thread(_remove_old_backups, self.database.path, before)
        return Purged(settlements, returns, audit_rows)

    async def photos_in_use(self) -> frozenset[str]:
        """Return the names of all photos that a draft, a kept settlement or an open mystery refers to."""
        rows = await self.database.read(lambda db: fetch(db, _SQL["photos_in_use"]))
        upto = 0
        while piece := await self.database.read(partial(_settled_photos, after=upto)):
            rows += piece
            upto = piece[-1][0]
        return frozenset(name for row in rows for name in _PHOTO.findall(str(row[-1])))

    async def _until_none(self, work: _Purge) -> int:
        total = 0
        while removed := await self.database.write(work, drains=True):
            total += removed
        return total

    # --- for a hub alone: loaded once there is one --------------------------------------------------------

    def _for_hub(self) -> ForHub:
        from loopdesk.store.sharing.for_hub import for_hub  # noqa: PLC0415 - as said

        return for_hub(self.database)

    @property
    def hub_told(self) -> ToldReturns:
        """What a hub told of returns."""
        return self._for_hub().told

    @property
    def audit_uploads(self) -> AuditUploads:
        """How far the audit log was brought to the hub."""
        return self._for_hub().audit_uploads

    @property
    def people(self) -> People:
        """The people of the site."""
        return self._for_hub().people

    @property
    def site_mysteries(self) -> KeptSiteMysteries:
        """The mystery parcels of the site."""
        return self._for_hub().mysteries

    @property
    def given(self) -> KeptGiven:
        """What IT gave through the hub."""
        return self._for_hub().given

    @property
    def shares(self) -> KeptShares:
        """What the hub is still to be told."""
        return self._for_hub().shares

    @property
    def shared_drafts(self) -> KeptSharedDrafts:
        """What is entered at the other benches."""
        return self._for_hub().drafts

    @property
    def shared_presence(self) -> KeptPresence:
        """What is open at the other benches."""
        return self._for_hub().presence

    async def is_shared(self) -> bool:
        """Whether something is kept of a hub that this bench has, or had when it ran last."""
        return await self.database.read(own_bench) is not None


async def open_store(
    folder: Path, rebuild: Rebuild, *, repair: bool = True, tally: Path | None = None
) -> Store:
    """Open the store in a profile folder, which is created if missing.

    Args:
        folder: Where the files are; afterwards accessible to this user only.
        rebuild: Makes a return from a body that was saved; the flag says whether it is details.
        repair: False for a second process that only reads: a damaged file is then rejected instead of moved
            aside.
        tally: As for ``Database``.

    Raises:
        StoreTooNew, StoreDamaged, StoreBusy, StoreError: As ``Database.open``.
    """
    return store_of(await Database.open(folder / FILE_NAME, repair=repair, tally=tally), rebuild)


def store_of(database: Database, rebuild: Rebuild) -> Store:
    """Return the store on a database that is already open; ``rebuild`` as for ``open_store``."""
    return Store(
        database=database,
        returns=Returns(database, rebuild),
        arrivals=Arrivals(database),
        outbox=Outbox(database),
        overview=Overview(database),
        photo_queue=PhotoQueue(database),
        drafts=Drafts(database),
        audit=Audit(database),
        mysteries=Mysteries(database),
        seen_parcels=SeenParcels(database),
        openings=ScanTransactions(database, rebuild),
        label_prints=LabelPrints(database),
    )


def _settled_photos(connection: apsw.Connection, *, after: int) -> list[tuple[Any, ...]]:
    return fetch(connection, _SQL["settled_photos"], {"after": after, "most": PURGED_AT_ONCE})


def _purge_settlements(connection: apsw.Connection, before: str) -> int:
    rows = fetch(connection, _SQL["old_settlements"], {"before": before, "most": PURGED_AT_ONCE})
    links = named_in(connection, rows)
    connection.execute(_SQL["begin_purging"])
    connection.executemany(_SQL["delete_entries"], rows)
    connection.executemany(_SQL["delete_settlement"], rows)
    forget_unnamed(connection, links)
    connection.executemany(_SEARCH["delete_noted"], rows)
    connection.execute(_SQL["end_purging"])
    return len(rows)


def _purge_returns(connection: apsw.Connection, before: str) -> int:
    rows = fetch(connection, _SQL["old_returns"], {"before": before, "most": PURGED_AT_ONCE})
    connection.executemany(_SEARCH["delete_words"], [(place,) for _, _, place in rows])
    connection.executemany(_SQL["delete_return"], [(number,) for number, _, _ in rows])
    connection.executemany(_SQL["delete_codes"], [(return_id,) for _, return_id, _ in rows])
    connection.executemany(_SQL["delete_lines"], [(return_id,) for _, return_id, _ in rows])
    connection.executemany(_SQL["delete_arrivals"], [(return_id,) for _, return_id, _ in rows])
    if rows:
        connection.execute(_SEARCH["note_removed"])
    return len(rows)


def _purge_audit(connection: apsw.Connection, before: str) -> int:
    """Delete the oldest rows; the hash of the last one is kept, so that the rest can be verified."""
    last = fetch(connection, _SQL["last_old_audit"], {"before": before, "most": PURGED_AT_ONCE})
    if not last:
        return 0
    upto, sha = last[0]
    connection.execute(_SQL["begin_purging"])
    connection.execute(_SQL["delete_audit"], {"upto": upto})
    removed = connection.changes()
    connection.execute(_SQL["end_purging"])
    connection.execute(_SQL["move_audit_anchor"], {"upto": upto, "sha": sha})
    return removed


def _remove_old_backups(path: Path, before: datetime) -> None:
    """Delete backups made before a moment: they contain shoppers who are purged by now."""
    for copy in path.parent.glob(f"backups/{path.stem}-*{path.suffix}"):
        if copy.stat().st_mtime < before.timestamp():
            copy.unlink(missing_ok=True)


def _shrink(connection: apsw.Connection) -> int:
    """Give the space of deleted rows back to the disk. Returns how many pages were freed."""
    before = int(connection.pragma("freelist_count"))
    fetch(connection, f"PRAGMA incremental_vacuum({FREED_AT_ONCE})")
    return before - int(connection.pragma("freelist_count"))
