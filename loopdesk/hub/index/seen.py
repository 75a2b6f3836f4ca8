"""What benches read through the hub goes into the index, so that it is told to all of them."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from datetime import datetime
from typing import Any

import psycopg

from loopdesk.api.lenient_json import elements
from loopdesk.api.translate import from_body, to_fetched
from loopdesk.domain.errors import ApiError
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.hub.index.copies import ShopIndex
from loopdesk.hub.index.feed import ChangeFeed
from loopdesk.hub.index.wishes import ShopWishes
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.ports.station import Clock

log = logging.getLogger("loopdesk.hub.index")


class _Anyone:
    """An answer of Loop is one, whoever read it; the newest counts."""

    async def check(self, connection: Connection) -> None:
        """Let everyone write."""


class SeenReturns:
    """Writes details that were read for a bench into the index, one answer of a shop at a time."""

    def __init__(self, database: Database, feed: ChangeFeed, clock: Clock) -> None:
        self._database = database
        self._feed = feed
        self._clock = clock
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def answered(self, shop_id: str, value: Any, began: datetime, is_details: bool) -> None:
        """Keep an answer that has details; without the database it is only given to whoever asked.

        Args:
            value: A return's details, or an array of them, decoded.
            began: When the read began, by the database's clock.
        """
        if not is_details:
            return
        fetched = await asyncio.to_thread(_fetched, value)
        if not fetched:
            return
        index = ShopIndex(shop_id, self._database, self._feed, from_body, _Anyone())
        async with self._turns[shop_id]:
            try:
                await index.save(fetched, self._clock.now())
                await ShopWishes(shop_id, self._database).fulfil([x.ret.return_id for x in fetched], began)
            except (psycopg.Error, DatabaseUnusable) as failure:
                log.warning("seen_not_kept shop=%s kind=%s", shop_id, type(failure).__name__)


def _fetched(value: Any) -> tuple[Fetched, ...]:
    found: list[Fetched] = []
    for each in elements(value) if isinstance(value, list) else [value]:
        try:
            found.append(to_fetched(each, True))
        except ApiError as failure:
            log.info("seen_unread code=%s", failure.code)
    return tuple(found)
