"""What the index is to read because a webhook or an action of our own said that it changed.

A wish is written in the transaction of whoever knows, so that none is lost, and ends when an answer is kept
whose read began after it. Whoever read that: what a bench did is shown by the next list, or its bench reads
it back, and the index reads only what nothing else showed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Final

from loopdesk.domain.errors import ApiError, NotFound, Refused, ScopeMissing
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, rows
from loopdesk.services.ports.loop import Fetched, Priority, ReadingGateway

log = logging.getLogger("loopdesk.hub.index")

CHANNEL: Final = "loopdesk_wishes"

BOXES: Final = ""
"""Instead of a return: the boxes of Happy Returns."""

OWN_SECONDS: Final = 75.0
"""How long what a bench did waits for the list that is read each minute anyway, or for the bench's own look,
before the index reads the return. Sooner it would be one request more for each return that is settled.
"""

PUT_OFF_SECONDS: Final = 30.0
"""After Loop did not answer."""

MOST: Final = 50
MANY: Final = 20
"""With more than this the list of changes is read first: it takes one request for hundreds of them."""

LOOK_SECONDS: Final = 2.0
"""A notification is a hint and may be lost."""


async def wish(connection: Connection, shop_id: str, return_id: str, after_seconds: float = 0.0) -> None:
    """Ask for a return, in the transaction of whoever knows that it changed.

    Args:
        return_id: Or ``BOXES``.
        after_seconds: Until then somebody else may have read it.
    """
    await rows(connection, "wishes.add", shop=shop_id, return_id=return_id, seconds=after_seconds)


class ShopWishes:
    """The wishes of one shop."""

    def __init__(self, shop_id: str, database: Database) -> None:
        self.shop_id = shop_id
        self._database = database

    async def now(self) -> datetime:
        """Return the database's time."""
        [found] = await self._database.read("wishes.now")
        at: datetime = found["at"]
        return at

    async def due(self) -> tuple[str, ...]:
        """Return the ids of what is to be read now, oldest first, at most fifty."""
        found = await self._database.read("wishes.due", shop=self.shop_id, most=MOST)
        return tuple(str(each["return_id"]) for each in found)

    async def fulfil(self, return_ids: Collection[str], began: datetime) -> None:
        """End wishes by answers that are kept.

        Args:
            began: When their read began, by the database's clock. What was wished later stays.
        """
        if return_ids:
            async with self._database.transaction() as connection:
                values = {"shop": self.shop_id, "return_ids": sorted(return_ids), "began": began}
                await rows(connection, "wishes.fulfil", **values)

    async def put_off(self, return_ids: Collection[str]) -> None:
        """Read these later."""
        async with self._database.transaction() as connection:
            values = {"shop": self.shop_id, "return_ids": sorted(return_ids), "seconds": PUT_OFF_SECONDS}
            await rows(connection, "wishes.put_off", **values)


class WishReader:
    """Reads what is wished of one shop.

    Whoever reads the list says so by ``lists``, ``showed`` and ``has_listed``: that fulfils wishes too.

    Args:
        keep: Stores an answer.
        catch_up: Reads what changed by Loop's list.
        read_boxes: Reads the boxes of Happy Returns that are new.
    """

    def __init__(
        self,
        wishes: ShopWishes,
        gateway: ReadingGateway,
        *,
        keep: Callable[[Sequence[Fetched]], Awaitable[None]],
        catch_up: Callable[[], Awaitable[None]],
        read_boxes: Callable[[], Awaitable[None]],
    ) -> None:
        self._wishes = wishes
        self._gateway = gateway
        self._keep = keep
        self._catch_up = catch_up
        self._read_boxes = read_boxes
        self._listed: set[str] = set()
        self._list_began: datetime | None = None

    async def lists(self) -> None:
        """The list is about to be read."""
        self._listed.clear()
        self._list_began = await self._wishes.now()

    def showed(self, return_id: str) -> None:
        """The list showed a return, which is kept."""
        self._listed.add(return_id)

    async def has_listed(self) -> None:
        """The list was read to its end: end the wishes for what it showed."""
        if self._list_began is not None:
            await self._wishes.fulfil(self._listed, self._list_began)

    async def run(self, wished: asyncio.Event) -> None:
        """Read what is due whenever there is something, until canceled.

        Args:
            wished: Set when there is more.

        Raises:
            Deposed: Another process leads the shop now.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        while True:
            wished.clear()
            await self.read_due()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await wished.wait()

    async def read_due(self) -> None:
        """Read everything that is due.

        Raises:
            Deposed: Another process leads the shop now.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        while due := await self._wishes.due():
            try:
                if len(due) > MANY:
                    due = await self._read_list(due)
                for each in due:
                    await self._read(each)
            except ApiError as failure:
                log.info("wishes_put_off shop=%s code=%s", self._wishes.shop_id, failure.code)
                await self._wishes.put_off(due)
                return

    async def _read_list(self, due: Sequence[str]) -> tuple[str, ...]:
        """Read many at once. Returns those that the list did not show."""
        await self._catch_up()
        left = set(await self._wishes.due())
        return tuple(each for each in due if each in left)

    async def _read(self, return_id: str) -> None:
        began = await self._wishes.now()
        try:
            if return_id == BOXES:
                await self._read_boxes()
            else:
                await self._keep((await self._gateway.details(return_id, priority=Priority.ACTION),))
        except (NotFound, Refused, ScopeMissing) as failure:
            log.info("wish_not_shown return=%s code=%s", return_id, failure.code)
        await self._wishes.fulfil((return_id,), began)
