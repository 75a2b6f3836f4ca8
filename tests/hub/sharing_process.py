"""A hub's process that takes in one thing that benches share, and dies at a named place of it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection

from loopdesk.domain.audit_chain import BEGINNING, ChainLink, ChainRow, chained
from loopdesk.domain.operators import Role
from loopdesk.domain.site_mysteries import FoundParcel, MysteryPush, ParcelEnd, ParcelSide
from loopdesk.hub.audit.record import AuditRecord
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import statement
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.sharing.draft_rules import Put
from loopdesk.hub.sharing.drafts import HubDrafts, Written
from loopdesk.hub.sharing.mysteries import HubMysteries
from loopdesk.hub.sharing.people import HubPeople
from loopdesk.services.station.tasks import Tasks
from loopdesk.system.host.clock import SystemClock
from tests.builders import AT

SHOP: Final = "acme"
COMMITTED: Final = "committed"
PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "draft": ("drafts.take_turn", "drafts.current", "drafts.put", "sharing.append", COMMITTED),
    "mystery": (
        "mysteries.take_turn",
        "mysteries.count",
        "mysteries.give_series",
        "mysteries.put",
        "sharing.append",
        COMMITTED,
    ),
    "people": ("people.lock", "people.add", "sharing.append", COMMITTED),
    "audit": ("audit.lock", "audit.begin", "audit.add", COMMITTED),
}
"""After which statement of its transaction a process dies, or after the commit and before any answer."""

_SECONDS: Final = 60.0
_TOKEN: Final = "a" * 32
_STORE: Final = "b" * 32


def audit_rows(number: int = 3) -> tuple[ChainRow, ...]:
    """Return the first rows of a log."""
    rows: list[ChainRow] = []
    last = BEGINNING
    for seq in range(1, number + 1):
        line = f'[{seq},"seen"]'
        rows.append(ChainRow(seq, line, chained(last.sha, line)))
        last = ChainLink(seq, rows[-1].sha)
    return tuple(rows)


class Sharing:
    """What one process does of sharing.

    Args:
        ring: Told after a commit.
    """

    def __init__(self, database: Database, ring: Callable[[], None]) -> None:
        self._drafts = HubDrafts(database, ring)
        self._mysteries = HubMysteries(database, ring)
        self._people = HubPeople(database, None, ring)
        self._audit = AuditRecord(database)

    async def take(self, kind: str, bench: UUID) -> Any:
        """Take in what a bench, or IT, brings; the same each time."""
        made: dict[str, Callable[[UUID], Awaitable[Any]]] = {
            "draft": self._draft,
            "mystery": self._mystery,
            "people": self._person,
            "audit": self._rows,
        }
        return await made[kind](bench)

    async def _draft(self, bench: UUID) -> Any:
        put = Put(bench, None, "content", 1, None, AT)
        outcome, told = await self._drafts.put(SHOP, "1001", put, Written("#1", "Anna", "{}"))
        return outcome.value, told

    async def _mystery(self, bench: UUID) -> Any:
        parcel = FoundParcel("c" * 32, "", 1, "1Z1", AT, "Kim", "dock")
        push = MysteryPush(ParcelSide(), {"words": "box", "shelf": "", "photo": ""}, ParcelEnd(), "dock")
        taken = await self._mysteries.push(bench, _TOKEN, "", parcel, push)
        return taken.series, taken.value

    async def _person(self, _bench: UUID) -> Any:
        try:
            await self._people.add("Anna", Role.LEAD)
        except HubFailure as failure:
            return failure.why
        return "added"

    async def _rows(self, bench: UUID) -> Any:
        taken = await self._audit.take(bench, _STORE, BEGINNING, audit_rows(), anew=False)
        return taken.place, taken.refused


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _run(url: str, kind: str, place: str, bench: UUID) -> None:
    asyncio.run(_take_and_die(url, kind, place, bench))


async def _take_and_die(url: str, kind: str, place: str, bench: UUID) -> None:
    if place != COMMITTED:
        _die_after(statement(place))
    tasks = Tasks(lambda _where, _failure: None)
    database = Database(url, SystemClock(), tasks, most=2)
    await database.open()
    await Sharing(database, _die).take(kind, bench)
    _die()  # of the audit log nobody is told after the commit


def _die_after(wanted: bytes) -> None:
    whole = AsyncConnection.execute

    async def execute(self: Any, query: Any, *given: Any, **more: Any) -> Any:
        found = await whole(self, query, *given, **more)
        if query == wanted:
            _die()
        return found

    AsyncConnection.execute = execute  # type: ignore[method-assign]


def die_at(url: str, kind: str, place: str, bench: UUID) -> None:
    """Run such a process until it has died."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_run, args=(url, kind, place, bench), daemon=True)
    process.start()
    process.join(_SECONDS)
    assert process.exitcode == -signal.SIGKILL, (kind, place, process.exitcode)
    process.close()
