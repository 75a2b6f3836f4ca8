"""Which return is open at which bench: what it said last, until it says nothing for a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import row, rows
from loopdesk.hub.sharing.feed import append

KIND: Final = "presence"

SILENT_SECONDS: Final = 90.0
"""A bench says every 30 s what is open there; three times missed, it is off."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A return that is open at a bench.

    Attributes:
        shop: Whose it is.
        since: When it was opened.
    """

    shop: str
    return_id: str
    order_name: str
    person: str
    since: datetime


class HubPresence:
    """What is open at the benches of the site.

    Args:
        ring: Tells readers of the feed, after a commit.
    """

    def __init__(self, database: Database, ring: Callable[[], None]) -> None:
        self._database = database
        self._ring = ring

    async def show(self, bench: UUID, opened: Opened) -> None:
        """Say what is open at a bench, anew or again. Only what is new is told the others."""
        async with self._database.transaction() as connection:
            before = await row(connection, "presence.shown", bench=bench)
            await rows(
                connection,
                "presence.show",
                bench=bench,
                shop=opened.shop,
                return_id=opened.return_id,
                order_name=opened.order_name,
                person=opened.person,
                since=opened.since,
            )
            told_before = (before["shop"], before["return_id"], before["person"]) if before else None
            is_new = told_before != (opened.shop, opened.return_id, opened.person)
            if before and before["shop"] != opened.shop:
                await append(connection, KIND, [_key(bench, before["shop"])], shop=before["shop"], gone=True)
            if is_new:
                await append(connection, KIND, [_key(bench, opened.shop)], shop=opened.shop)
        if is_new:
            self._ring()

    async def hide(self, bench: UUID) -> None:
        """Say that nothing is open at a bench."""
        await self._end("presence.hide", bench=bench)

    async def expire(self) -> None:
        """End what benches say no more, by PostgreSQL's clock."""
        await self._end("presence.expire", seconds=SILENT_SECONDS)

    async def _end(self, name: str, **values: Any) -> None:
        async with self._database.transaction() as connection:
            ended = await rows(connection, name, **values)
            for each in ended:
                key = _key(each["bench_id"], each["shop"])
                await append(connection, KIND, [key], shop=each["shop"], gone=True)
        if ended:
            self._ring()


async def told(database: Database, keys: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return what is open at some benches, by ``bench id:shop``."""
    found = await database.read("presence.told", keys=list(keys))
    return {
        _key(each["bench_id"], each["shop"]): {
            "bench_id": str(each["bench_id"]),
            "bench": each["bench"],
            "return_id": each["return_id"],
            "order": each["order_name"],
            "person": each["person"],
            "since": each["since"].isoformat(),
        }
        for each in found
    }


def _key(bench: UUID, shop: str) -> str:
    """Return the key under which the benches of a shop are told what of it is open at a bench."""
    return f"{bench}:{shop}"
