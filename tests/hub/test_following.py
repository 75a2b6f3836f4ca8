"""A bench follows its hub, each with a database of its own: the fill, the feed, and every way they break."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from loopdesk.hub.compose import Hub
from loopdesk.hub.settings import IndexSettings
from loopdesk.services.ports.following import HubWithout
from tests.hub.feed_rig import add_shops, change
from tests.hub.following_rig import FollowingBench, following_bench, running
from tests.hub.running import settings_for, until
from tests.unit.api.bench import PAYLOADS

_LOOPS = json.loads((PAYLOADS / "details_return.json").read_text("utf-8"))["answers"][0]["body"]

TOKEN = "token-of-dock-2"

IDS = [f"{910000000 + n}" for n in range(60)]


def body(return_id: str, n: int = 0) -> str:
    """Return the n-th answer of Loop about a return."""
    minute, second = divmod(n, 60)
    at = f"2026-11-05 10:{minute:02}:{second:02}"
    return json.dumps({**_LOOPS, "id": int(return_id), "order_name": f"#{n}", "updated_at": at})


def bodies(ids: Iterable[str], n: int = 0) -> dict[str, str]:
    """Return the n-th answers about some returns."""
    return {return_id: body(return_id, n) for return_id in ids}


@asynccontextmanager
async def serving(url: str, folder: Path, *shops: str, port: int = 0) -> AsyncIterator[Hub]:
    """A hub whose shops have no key, so that nothing but the test writes its index."""
    settings = settings_for(url, folder, port=port).model_copy(update={"index": IndexSettings(seconds=3600)})
    async with Hub(settings) as hub:
        if shops:
            await furnish(hub, *shops)
        yield hub


async def furnish(hub: Hub, *shops: str) -> None:
    """Add shops, and the bench that follows."""
    await add_shops(hub.database, *shops)
    async with hub.database.transaction() as connection:
        await connection.execute(
            b"INSERT INTO bench (name, token_hash) VALUES ('Dock 2', sha256(%s))", [TOKEN.encode()]
        )


async def names(bench: FollowingBench, ids: Iterable[str] = IDS) -> dict[str, str]:
    """Return what the bench's store calls the orders of some returns: which answer it has."""
    stored = [await bench.store.returns.get(return_id) for return_id in ids]
    return {x.ret.return_id: x.ret.order_name for x in stored if x is not None}


async def has_position(bench: FollowingBench, **after: int) -> None:
    async def is_there() -> bool:
        return (await bench.store.hub_told.position()).after == after

    await until(is_there)


async def _has_some(bench: FollowingBench, most: int, writing: asyncio.Future[None]) -> None:
    await until(lambda: len(bench.told) >= most or writing.done())


async def test_a_new_bench_is_filled_and_then_told_each_change(hub_url: str, tmp_path: Path) -> None:
    async with (
        serving(hub_url, tmp_path, "acme", "north") as hub,
        following_bench(hub.url, TOKEN, tmp_path / "bench") as bench,
    ):
        await change(hub.feed, "acme", bodies(IDS[:40]))
        await change(hub.feed, "north", bodies(IDS[40:]))
        async with running(bench):
            await has_position(bench, acme=40, north=20)
            await change(hub.feed, "north", bodies(IDS[40:42], 1))
            await has_position(bench, acme=40, north=22)
        assert await names(bench) == {**dict.fromkeys(IDS, "#0"), IDS[40]: "#1", IDS[41]: "#1"}
        assert sorted(bench.told) == IDS[40:42]
        stored = await bench.store.returns.get(IDS[40])
        assert stored is not None
        assert stored.shop == "north"
        assert {shop.name for shop in bench.following.shops.values()} == {"acme", "north"}


async def test_what_is_held_is_not_sent_again(hub_url: str, tmp_path: Path) -> None:
    async with (
        serving(hub_url, tmp_path, "acme") as hub,
        following_bench(hub.url, TOKEN, tmp_path / "bench") as bench,
    ):
        await change(hub.feed, "acme", bodies(IDS))
        async with hub.feed.transaction() as batch:
            await batch.connection.execute(
                b"INSERT INTO return_code VALUES ('acme', %s, 'BAG-1', 'package')", [IDS[0]]
            )
        async with running(bench):
            await has_position(bench, acme=60)
        await bench.store.returns.mark("hub_position", "")
        await change(hub.feed, "acme", bodies(IDS[:3], 1))
        bench.seen.clear()
        async with running(bench):
            await has_position(bench, acme=63)
        assert sorted(x.ret.return_id for x in bench.seen) == IDS[:3]


@pytest.mark.expects_log("feed_gap", "feed_broken", "feed_lacks")
@pytest.mark.parametrize("missing", [61, 62, 63], ids=["the next", "one between", "the last"])
async def test_a_number_that_the_hub_has_lost_costs_a_fill_and_nothing_else(
    hub_url: str, tmp_path: Path, missing: int
) -> None:
    async with (
        serving(hub_url, tmp_path, "acme") as hub,
        following_bench(hub.url, TOKEN, tmp_path / "bench") as bench,
    ):
        await change(hub.feed, "acme", bodies(IDS))
        async with running(bench):
            await has_position(bench, acme=60)
        bench.seen.clear()
        await change(hub.feed, "acme", bodies(IDS[:3], 1))
        async with hub.database.transaction() as connection:
            await connection.execute(b"DELETE FROM change WHERE seq = %s", [missing])
        async with running(bench):
            await has_position(bench, acme=63)
            await change(hub.feed, "acme", bodies(IDS[3:4], 1))
            await has_position(bench, acme=64)
        assert await names(bench) == {**dict.fromkeys(IDS, "#0"), **dict.fromkeys(IDS[:4], "#1")}
        assert sorted(x.ret.return_id for x in bench.seen) == IDS[:4], "only what it did not have is sent"


@pytest.mark.fault(212)
async def test_a_bench_killed_in_the_fill_gets_the_rest(hub_url: str, tmp_path: Path) -> None:
    async with serving(hub_url, tmp_path, "acme") as hub:
        many = [f"{920000000 + n}" for n in range(600)]
        await change(hub.feed, "acme", bodies(many))
        async with following_bench(hub.url, TOKEN, tmp_path / "bench") as bench, running(bench):
            await until(lambda: len(bench.seen) >= 50)
        assert 0 < len(bench.seen) < len(many)
        async with following_bench(hub.url, TOKEN, tmp_path / "bench") as again:
            kept = await again.store.returns.count()
            assert kept >= len(bench.seen) > 0
            async with running(again):
                await has_position(again, acme=600)
            assert await again.store.returns.count() == 600
            assert len(again.seen) == 600 - kept


@pytest.mark.fault(212)
async def test_kills_while_changes_come_lose_none_and_double_none(hub_url: str, tmp_path: Path) -> None:
    chance = random.Random(7)
    told: list[str] = []

    async def write(hub: Hub) -> None:
        for n in range(1, 41):
            await change(hub.feed, "acme", bodies(chance.sample(IDS, 10), n))
            await asyncio.sleep(0.01)

    async with serving(hub_url, tmp_path, "acme") as hub:
        await change(hub.feed, "acme", bodies(IDS))
        writing = asyncio.ensure_future(write(hub))
        for _ in range(8):
            async with following_bench(hub.url, TOKEN, tmp_path / "bench") as bench, running(bench):
                await _has_some(bench, chance.randrange(1, 30), writing)
            told += bench.told
        await writing
        async with following_bench(hub.url, TOKEN, tmp_path / "bench") as bench, running(bench):
            await has_position(bench, acme=460)
            found = await hub.database.read("fill.all", shops=["acme"])
            wanted = {x["return_id"]: json.loads(bytes(x["body"]))["order_name"] for x in found}
            assert await names(bench) == wanted
        told += bench.told
    assert len(told) <= 400


@pytest.mark.fault(214)
async def test_a_hub_that_was_away_goes_on_where_it_was(hub_url: str, tmp_path: Path) -> None:
    async with serving(hub_url, tmp_path, "acme") as hub:
        port = int(hub.url.rpartition(":")[2])
        await change(hub.feed, "acme", bodies(IDS))
        bench_of_it = following_bench(hub.url, TOKEN, tmp_path / "bench")
        bench = await bench_of_it.__aenter__()
        running_it = running(bench)
        await running_it.__aenter__()
        await has_position(bench, acme=60)
    try:
        async with serving(hub_url, tmp_path, port=port) as hub:
            await change(hub.feed, "acme", bodies(IDS[:2], 1))
            await has_position(bench, acme=62)
            assert sorted(bench.told) == IDS[:2]
    finally:
        await running_it.__aexit__(None, None, None)
        await bench_of_it.__aexit__(None, None, None)


@pytest.mark.fault(214)
async def test_a_restored_hub_is_read_anew_without_what_is_held(hub_url: str, tmp_path: Path) -> None:
    async with (
        serving(hub_url, tmp_path, "acme") as hub,
        following_bench(hub.url, TOKEN, tmp_path / "bench") as bench,
    ):
        await change(hub.feed, "acme", bodies(IDS))
        async with running(bench):
            await has_position(bench, acme=60)
        before = await bench.store.hub_told.position()
        async with hub.database.transaction() as connection:
            await connection.execute(b"SELECT hub_restored()")
            await connection.execute(b"UPDATE feed SET last = 3, dropped = 3")
    async with (
        serving(hub_url, tmp_path) as hub,
        following_bench(hub.url, TOKEN, tmp_path / "bench") as bench,
    ):
        async with running(bench):
            await has_position(bench, acme=3)
        assert (await bench.store.hub_told.position()).generation != before.generation
        assert bench.seen == []


@pytest.mark.fault(214)
async def test_a_bench_off_for_longer_than_changes_are_kept_is_filled_with_the_rest(
    hub_url: str, tmp_path: Path
) -> None:
    async with (
        serving(hub_url, tmp_path, "acme") as hub,
        following_bench(hub.url, TOKEN, tmp_path / "bench") as bench,
    ):
        await change(hub.feed, "acme", bodies(IDS))
        async with running(bench):
            await has_position(bench, acme=60)
        await change(hub.feed, "acme", bodies(IDS[:5], 1))
        async with hub.database.transaction() as connection:
            await connection.execute(b"DELETE FROM change")
            await connection.execute(b"UPDATE feed SET dropped = last")
        bench.seen.clear()
        async with running(bench):
            await has_position(bench, acme=65)
        assert sorted(x.ret.return_id for x in bench.seen) == IDS[:5]


async def test_a_shop_that_is_taken_from_a_bench_tells_it_nothing_more(hub_url: str, tmp_path: Path) -> None:
    async with (
        serving(hub_url, tmp_path, "acme", "north") as hub,
        following_bench(hub.url, TOKEN, tmp_path / "bench") as bench,
    ):
        await change(hub.feed, "acme", bodies(IDS[:1]))
        async with running(bench):
            await has_position(bench, acme=1, north=0)
        async with hub.database.transaction() as connection:
            await connection.execute(b"UPDATE bench SET every_shop = false")
            await connection.execute(
                b"INSERT INTO bench_shop SELECT id, 'acme' FROM bench WHERE name = 'Dock 2'"
            )
        await change(hub.feed, "north", bodies(IDS[1:2]))
        await change(hub.feed, "acme", bodies(IDS[2:3]))
        async with running(bench):
            await until(lambda: bench.told == IDS[2:3])
        assert set(await names(bench)) == {IDS[0], IDS[2]}


async def test_a_hub_that_reads_no_lists_leaves_them_to_the_benches(hub_url: str, tmp_path: Path) -> None:
    async with (
        Hub(settings_for(hub_url, tmp_path)) as hub,
        following_bench(hub.url, TOKEN, tmp_path / "bench") as bench,
    ):
        await furnish(hub, "acme")
        with pytest.raises(HubWithout):
            await bench.following.follow_once()


async def test_a_revoked_bench_is_told_nothing(hub_url: str, tmp_path: Path) -> None:
    async with (
        serving(hub_url, tmp_path, "acme") as hub,
        following_bench(hub.url, TOKEN, tmp_path / "bench") as bench,
    ):
        await change(hub.feed, "acme", bodies(IDS[:1]))
        await hub.benches.revoke("Dock 2")
        async with running(bench):
            await until(lambda: bench.following._failures > 0)
        assert await bench.store.returns.count() == 0


async def test_a_stream_that_nobody_reads_to_its_end_is_closed(hub_url: str, tmp_path: Path) -> None:
    async with (
        serving(hub_url, tmp_path, "acme") as hub,
        following_bench(hub.url, TOKEN, tmp_path / "bench") as bench,
    ):
        async with running(bench):
            await has_position(bench, acme=0)
            await until(lambda: hub.tail.streams == 1)
        async with aclosing(bench.stream.fill(("acme",), {"acme": {}})) as parts:
            await anext(parts)
        await until(lambda: hub.tail.streams == 0 and hub.fills.running == 0)
