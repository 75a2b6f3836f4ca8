"""What the tests of the feed share: shops, returns that change, readers that prove what they read."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection
from loopdesk.hub.index.feed import ChangeFeed
from loopdesk.hub.index.tail import BEAT, ChangeTail, Outdated
from loopdesk.hub.index.telling import mark_of
from loopdesk.hub.shops.registry import CHANNEL
from loopdesk.services.station.tasks import Tasks
from loopdesk.system.host.clock import SystemClock

IS_FULL = os.environ.get("TORTURE") == "full"

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

TOKEN = "token of dock 1"

_PUT = b"""
    INSERT INTO return_copy (shop_id, return_id, body, is_details, has_details, mark, updated_at, fetched_at)
    VALUES (%s, %s, %s, true, true, %s, %s, %s)
    ON CONFLICT (shop_id, return_id) DO UPDATE SET body = EXCLUDED.body, mark = EXCLUDED.mark
"""


def say(text: str) -> None:
    """Print a figure."""
    sys.stdout.write(f"\n{text}\n")


async def add_shops(database: Database, *shops: str) -> None:
    """Add shops, and a bench that may use them all."""
    async with database.transaction() as connection:
        for shop in shops:
            values = (shop, shop, "#000000")
            await connection.execute(b"INSERT INTO shop (id, name, colour) VALUES (%s, %s, %s)", values)
        await connection.execute(
            b"INSERT INTO bench (name, token_hash) VALUES ('Dock 1', sha256(%s))", [TOKEN.encode()]
        )
    await database.notify(CHANNEL)


async def put(connection: Connection, shop: str, return_id: str, body: str) -> None:
    """Store an answer about a return, without telling anybody."""
    raw = body.encode()
    await connection.execute(_PUT, (shop, return_id, raw, mark_of(raw, None), AT, AT))


async def change(feed: ChangeFeed, shop: str, returns: Mapping[str, str]) -> None:
    """Change returns to new bodies in one transaction."""
    async with feed.transaction() as batch:
        for return_id, body in returns.items():
            await put(batch.connection, shop, return_id, body)
            batch.note(shop, return_id)


@asynccontextmanager
async def process(url: str, *, most: int = 4) -> AsyncIterator[tuple[Database, ChangeFeed, ChangeTail]]:
    """The parts of one process of a hub that write and read the feed."""
    faults: list[BaseException] = []
    tasks = Tasks(lambda _where, failure: faults.append(failure))
    clock = SystemClock()
    database = Database(url, clock, tasks, most=most)
    feed, tail = ChangeFeed(database, clock, tasks), ChangeTail(database, tasks)
    await database.open()
    try:
        yield database, feed, tail
    finally:
        tail.end()
        await database.close()
        await tasks.aclose()
    assert faults == []


def events_in(text: bytes) -> list[dict[str, Any]]:
    """Read the events of a piece of a stream, each whole."""
    return [
        json.loads(line.removeprefix("data: "))
        for event in text.decode().split("\n\n")
        for line in event.split("\n")
        if line.startswith("data: ")
    ]


class Reader:
    """Follows the feed, now and then from another stream, and counts what should not be.

    Attributes:
        position: The last change that it has of each shop.
        bodies: The newest body of each return.
    """

    def __init__(self, position: dict[str, int]) -> None:
        self.position = position
        self.bodies: dict[tuple[str, str], str | None] = {}
        self.read = 0
        self.doubled = 0
        self.jumps = 0
        self.refused = 0

    def take(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Take events in their order."""
        for one in events:
            shop, seq = one["shop"], one["seq"]
            self.doubled += seq <= self.position[shop]
            self.jumps += seq > self.position[shop] + 1
            self.position[shop] = max(seq, self.position[shop])
            self.bodies[shop, one["return_id"]] = one["body"]
            self.read += 1

    def has(self, ends: Mapping[str, int]) -> bool:
        """Whether it has all changes up to these."""
        return all(self.position[shop] >= end for shop, end in ends.items())

    async def follow(
        self, tail: ChangeTail, generation: str, pieces: int, ends: Mapping[str, int] | None = None
    ) -> None:
        """Read at most so many pieces of one stream, or until it has everything."""
        try:
            stream = await tail.follow(self.position, generation)
        except Outdated:
            self.refused += 1
            return
        async with aclosing(stream):
            async for text in stream:
                self.take(events_in(text))
                pieces -= 1
                if pieces <= 0 or text == BEAT or (ends and self.has(ends)):
                    return

    async def follow_until(self, tail: ChangeTail, generation: str, ends: Mapping[str, int]) -> None:
        """Read until it has everything."""
        async with asyncio.timeout(120):
            while not self.has(ends):
                await self.follow(tail, generation, 3, ends)
