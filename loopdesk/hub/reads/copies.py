"""Loop's answers as they came, kept in the database with the begin of their read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, rows
from loopdesk.hub.reads.freshness import ReadTime
from loopdesk.hub.reads.readings import LARGEST_KEPT, LoopRead

LONGEST_TARGET = 1000


@dataclass(frozen=True, slots=True)
class LoopPage:
    """An HTTP answer of Loop, as it came.

    Attributes:
        media: Its ``Content-Type``.
    """

    status: int
    media: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Copy:
    """A kept answer."""

    page: LoopPage
    seen: ReadTime


@dataclass(frozen=True, slots=True)
class KnownCopies:
    """What is kept of one target.

    Attributes:
        at: The database's time of looking.
        copies: By shop.
    """

    at: datetime
    copies: Mapping[str, Copy]


class Copies:
    """The table of kept answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self) -> datetime:
        """Return the database's time."""
        [found] = await self._database.read("reads.now")
        return _time(found["at"])

    async def known(self, reading: LoopRead, shops: Sequence[str]) -> KnownCopies:
        """Return what is kept of it in some shops, and the database's time."""
        found = await self._database.read(
            "reads.known", target=reading.target, shops=list(shops), hinted=reading.keeping.changes
        )
        copies = {
            one["shop"]: Copy(
                LoopPage(one["status"], one["media"], bytes(one["body"])),
                ReadTime(_time(one["began"]), one["hint_at"]),
            )
            for one in found
            if one["shop"] is not None
        }
        return KnownCopies(_time(found[0]["at"]), copies)

    async def forget_old(self) -> None:
        """Delete what has been kept for as long as its kind is."""
        for name in ("reads.forget", "reads.forget_hints"):
            async with self._database.transaction() as connection:
                await rows(connection, name)


async def keep(
    connection: Connection, shop_id: str, reading: LoopRead, page: LoopPage, began: datetime
) -> None:
    """Keep an answer, if its kind is kept, and unless one of a later read is there."""
    is_too_large = len(page.body) > LARGEST_KEPT or len(reading.target) > LONGEST_TARGET
    if not reading.keeping.days or is_too_large:
        return
    await rows(
        connection,
        "reads.keep",
        target=reading.target,
        shop=shop_id,
        kind=reading.kind,
        return_id=reading.return_id,
        status=page.status,
        media=page.media,
        body=page.body,
        began=began,
        days=reading.keeping.days,
    )


async def hint(connection: Connection, shop_id: str, return_id: str) -> None:
    """Say that a return changed, within the transaction of whoever knows: what was read before is old.

    Args:
        return_id: Decimal, without leading zeros.
    """
    await rows(connection, "reads.hint", shop=shop_id, return_id=return_id)


def _time(value: datetime) -> datetime:
    assert isinstance(value, datetime)
    return value
