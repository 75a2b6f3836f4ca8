"""The hub process that fills a new bench is killed while it does, and another one fills it with the rest."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from loopdesk.hub.database.pool import Database
from loopdesk.hub.index.feed import ChangeFeed
from loopdesk.hub.settings import HubSettings, IndexSettings
from tests.hub.feed_rig import add_shops, change, process
from tests.hub.following_rig import following_bench, running
from tests.hub.reading_process import HubProcess
from tests.hub.running import settings_for, until
from tests.hub.test_following import TOKEN, body
from tests.torture import figures

RETURNS = 800

NOISE = 400
"""Letters of each return that do not compress: a fill is at least half as many bytes long for each."""

KILLS = 3 if figures.is_full() else 2

RUNS = figures.size("fill_kills", 1, 40)


class Address:
    """One address of several processes, before which it kills the one that fills a bench.

    Args:
        cuts: After how many bytes of a fill, one fill after another; those that follow come through.

    Attributes:
        kills: How many processes it killed.
    """

    def __init__(self, processes: Sequence[HubProcess], cuts: Sequence[int]) -> None:
        self._living = list(processes)
        self._cuts = list(cuts)
        self._carrying: set[asyncio.Task[None]] = set()
        self.kills = 0

    def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection, to the first process that lives."""
        self._carrying.add(asyncio.ensure_future(self._carry_both(reader, writer)))

    async def close(self) -> None:
        """Break every connection."""
        for each in self._carrying:
            each.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _carry_both(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = int(self._living[0].url.rpartition(":")[2])
        from_hub, to_hub = await asyncio.open_connection("127.0.0.1", port)
        sending = None
        try:
            asked = await reader.readuntil(b"\r\n\r\n")
            is_fill = b" /hub/v1/fill" in asked.partition(b"\r\n")[0]
            left = self._cuts.pop(0) if is_fill and self._cuts else None
            to_hub.write(asked)
            sending = asyncio.ensure_future(_carry(reader, to_hub))
            if not await _carry(from_hub, writer, left):
                self._living.pop(0).kill()
                self.kills += 1
        finally:
            if sending is not None:
                sending.cancel()
            writer.transport.abort()
            to_hub.transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None = None) -> bool:
    """Carry bytes to the end, or so many. Returns whether it came to the end."""
    try:
        while part := await reader.read(4096 if most is None else min(4096, most)):
            writer.write(part)
            await writer.drain()
            if most is not None:
                most -= len(part)
                if most == 0:
                    return False
    except ConnectionError:
        pass  # either side has gone
    return True


@asynccontextmanager
async def an_address(address: Address) -> AsyncIterator[str]:
    """Serve it, and give its origin."""
    server = await asyncio.start_server(address.take, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await address.close()


def answer(return_id: str, chance: random.Random) -> str:
    """Return what Loop says of a return, with a text that does not compress."""
    return json.dumps({**json.loads(body(return_id)), "noise": chance.randbytes(NOISE // 2).hex()})


async def furnish(database: Database, feed: ChangeFeed, ids: Sequence[str], chance: random.Random) -> None:
    """Add a shop with returns, without a key, so that nobody reads it; and the bench that follows."""
    await add_shops(database, "acme")
    async with database.transaction() as connection:
        await connection.execute(
            b"INSERT INTO bench (name, token_hash) VALUES ('Dock 2', sha256(%s))", [TOKEN.encode()]
        )
    await change(feed, "acme", {return_id: answer(return_id, chance) for return_id in ids})


def the_settings(url: str, folder: Path) -> HubSettings:
    """Return the settings of the processes; they say that they read the lists."""
    return settings_for(url, folder).model_copy(update={"index": IndexSettings(seconds=3600)})


@pytest.mark.fault(230)
@pytest.mark.parametrize("seed", range(figures.seed(), figures.seed() + RUNS))
async def test_a_bench_gets_the_rest_of_its_fill_from_the_next_process(
    hub_url: str, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    ids = [f"{930000000 + n}" for n in range(RETURNS)]
    async with process(hub_url) as (database, feed, _tail):
        await furnish(database, feed, ids, chance)
        settings = the_settings(hub_url, tmp_path)
        starting = (asyncio.to_thread(HubProcess, settings) for _ in range(KILLS + 1))
        processes = await asyncio.gather(*starting)
        most = RETURNS * NOISE // 2 // (2 * KILLS)
        address = Address(processes, [chance.randint(1, most) for _ in range(KILLS)])
        try:
            async with (
                an_address(address) as url,
                following_bench(url, TOKEN, tmp_path / "bench") as bench,
                running(bench),
            ):

                async def is_told(number: int) -> bool:
                    return (await bench.store.hub_told.position()).after == {"acme": number}

                await until(lambda: is_told(RETURNS))
                assert address.kills == KILLS
                assert sorted(each.ret.return_id for each in bench.seen) == ids, "each once"
                await change(feed, "acme", {ids[0]: answer(ids[0], chance)})
                await until(lambda: is_told(RETURNS + 1))
                assert bench.told == ids[:1]
        finally:
            for each in processes:
                each.kill()
