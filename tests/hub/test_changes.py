"""A bench's copy over HTTP: the fill, then the feed; and how both end."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from loopdesk.hub.compose import Hub
from loopdesk.hub.database.pool import Database
from loopdesk.hub.http import changes
from loopdesk.hub.http.app import GENERATION_HEADER
from loopdesk.hub.http.callers import TOKEN_HEADER
from loopdesk.hub.http.changes import held_in
from loopdesk.hub.http.server import GRACE_SECONDS
from loopdesk.hub.index.fill import AT_ONCE, Fills, FillsBusy
from loopdesk.hub.index.telling import mark_of
from tests.hub.feed_rig import IS_FULL, TOKEN, Reader, add_shops, change, events_in, put, say
from tests.hub.running import settings_for, until

RETURNS = 30_000 if IS_FULL else 2_000


@asynccontextmanager
async def _serving(url: str, folder: Path, *shops: str) -> AsyncIterator[tuple[Hub, httpx.AsyncClient]]:
    """A hub with shops, and a bench's client of it."""
    headers = {TOKEN_HEADER: TOKEN}
    async with (
        Hub(settings_for(url, folder)) as hub,
        httpx.AsyncClient(base_url=hub.url, headers=headers) as client,
    ):
        await add_shops(hub.database, *shops)
        yield hub, client


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Yield each event with its id."""
    position = ""
    async for line in lines:
        if line.startswith("id: "):
            position = line.removeprefix("id: ")
        elif line.startswith("data: "):
            yield position, json.loads(line.removeprefix("data: "))


async def _fill(client: httpx.AsyncClient, have: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    if have is None:
        answer = await client.get("/hub/v1/fill", timeout=300)
    else:
        answer = await client.post("/hub/v1/fill", json={"have": have}, timeout=300)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Encoding"] == "gzip"
    return [json.loads(line) for line in answer.text.splitlines()]


async def _stock(database: Database, shop: str, count: int) -> None:
    async with database.transaction() as connection:
        for n in range(count):
            await put(connection, shop, f"7{n:07}", json.dumps({"id": n, "pad": "é" * 1400}))


async def test_changes_are_streamed_from_where_a_bench_stands(hub_url: str, tmp_path: Path) -> None:
    async with _serving(hub_url, tmp_path, "acme", "north") as (hub, client):
        await change(hub.feed, "acme", {"1": "a"})
        headers = {GENERATION_HEADER: hub.database.generation}
        url = "/hub/v1/changes?after=acme:1&after=north:0"
        async with client.stream("GET", url, headers=headers) as answer, asyncio.timeout(60):
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream")
            assert answer.headers["Cache-Control"] == "no-store"
            events = _events(answer.aiter_lines())
            await change(hub.feed, "north", {"9": "n"})
            await change(hub.feed, "acme", {"2": "b"})
            found = dict([await anext(events), await anext(events)])
    assert {at: (one["shop"], one["seq"], one["return_id"], one["body"]) for at, one in found.items()} == {
        "north:1": ("north", 1, "9", "n"),
        "acme:2": ("acme", 2, "2", "b"),
    }


async def test_only_whoever_misses_nothing_may_go_on(hub_url: str, tmp_path: Path) -> None:
    async with _serving(hub_url, tmp_path, "acme") as (hub, client):
        await change(hub.feed, "acme", {"1": "a"})
        headers = {GENERATION_HEADER: hub.database.generation}
        answers = [
            (await client.get(f"/hub/v1/changes?after={after}", headers=headers)).status_code
            for after in ("acme:2", "other:0", "acme", "")
        ]
        assert answers == [410, 403, 422, 422]
        restored = await client.get("/hub/v1/changes?after=acme:1", headers={GENERATION_HEADER: "older"})
        assert (restored.status_code, restored.json()) == (410, {"error": {"code": "outdated"}})
        for path in ("/hub/v1/changes?after=acme:0", "/hub/v1/fill"):
            assert (await client.get(path, headers={TOKEN_HEADER: "x"})).status_code == 401
        assert (await client.get("/hub/v1/fill?shop=other")).status_code == 403


async def test_a_hub_that_ends_waits_for_no_stream(hub_url: str, tmp_path: Path) -> None:
    hub = Hub(settings_for(hub_url, tmp_path))
    await hub.start()
    await add_shops(hub.database, "acme")
    path, headers = "/hub/v1/changes?after=acme:0", {TOKEN_HEADER: TOKEN}
    async with (
        asyncio.timeout(GRACE_SECONDS - 5),
        httpx.AsyncClient(base_url=hub.url) as client,
        client.stream("GET", path, headers=headers) as answer,
    ):
        ending = asyncio.ensure_future(answer.aread())
        await hub.stop()
        assert await ending == b""


async def test_a_revoked_bench_reads_no_further(
    hub_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "LOOK_SECONDS", 0.0)
    async with _serving(hub_url, tmp_path, "acme") as (hub, client):
        async with client.stream("GET", "/hub/v1/changes?after=acme:0") as answer, asyncio.timeout(60):
            lines = answer.aiter_lines()
            await change(hub.feed, "acme", {"1": "a"})
            assert (await anext(_events(lines)))[0] == "acme:1"
            async with hub.database.transaction() as connection:
                await connection.execute(b"UPDATE bench SET revoked_at = clock_timestamp()")
            await change(hub.feed, "acme", {"2": "b"})
            rest = [line async for line in lines if line.startswith("id: ")]  # and it ended
            assert rest in ([], ["id: acme:2"])  # it may have been on its way
        assert (await client.get("/hub/v1/changes?after=acme:0")).status_code == 403


async def test_a_bench_has_a_few_streams_and_gets_one_back_when_it_leaves(
    hub_url: str, tmp_path: Path
) -> None:
    async with _serving(hub_url, tmp_path, "acme") as (hub, client):
        path, open_ones = "/hub/v1/changes?after=acme:0", []
        for _ in range(changes.STREAMS_A_BENCH):
            answer = await client.send(client.build_request("GET", path), stream=True)
            open_ones.append(answer)
        await until(lambda: hub.tail.streams == changes.STREAMS_A_BENCH)
        refused = await client.get(path)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        for answer in open_ones:
            await answer.aclose()
        await until(lambda: hub.tail.streams == 0)
        assert (await client.head(path)).status_code == 200


async def test_a_fill_and_then_the_feed_give_exactly_what_the_hub_has(hub_url: str, tmp_path: Path) -> None:
    async with _serving(hub_url, tmp_path, "acme") as (hub, client):
        await _stock(hub.database, "acme", RETURNS)
        ended = asyncio.Event()

        async def disturb() -> None:
            turn = 0
            while not ended.is_set() and turn < 400:
                await change(hub.feed, "acme", {f"7{turn % RETURNS:07}": f"new {turn}", f"8{turn}": "added"})
                turn += 1

        disturbing = asyncio.ensure_future(disturb())

        async def is_changed() -> bool:
            return bool(await hub.database.read("changes.page", shops=["acme"], after=[0], most=1))

        await until(is_changed)
        began = time.perf_counter()
        first, *rows, last = await _fill(client)
        seconds = time.perf_counter() - began
        ended.set()
        await disturbing
        held = {row["return_id"]: row["body"] for row in rows}
        reader = Reader(first["after"])
        [end] = await hub.database.read("changes.feeds", shops=["acme"])
        await reader.follow_until(hub.tail, first["generation"], {"acme": end["last"]})
        held |= {return_id: body for (_, return_id), body in reader.bodies.items() if body is not None}
        async with hub.database.transaction() as connection:
            cursor = await connection.execute(b"SELECT return_id, body FROM return_copy")
            there = {each["return_id"]: each["body"].decode() for each in await cursor.fetchall()}
    differ = sum(held.get(key) != there.get(key) for key in held.keys() | there.keys())
    say(f"filled {len(rows)} in {seconds:.1f} s, {reader.read} changes meanwhile and after: {differ} differ")
    assert (differ, first["rows"], last) == (0, len(rows), {"end": True})
    assert (reader.jumps, reader.doubled) == (0, 0)


async def test_what_a_bench_holds_is_not_sent_again(hub_url: str, tmp_path: Path) -> None:
    async with _serving(hub_url, tmp_path, "acme") as (hub, client):
        await change(hub.feed, "acme", {"1": "same", "2": "newer here", "3": "same, with a code", "4": "new"})
        async with hub.database.transaction() as connection:
            await connection.execute(b"INSERT INTO return_code VALUES ('acme', '3', 'BOX7', 'box')")
        marks = {"1": mark_of(b"same", None), "2": mark_of(b"older", None), "5": mark_of(b"gone", None)}
        marks["3"] = mark_of(b"same, with a code", None)
        first, *rows, last = await _fill(client, {"acme": marks})
        assert (first["after"], first["rows"], last) == ({"acme": 4}, 4, {"end": True})
        told = {row["return_id"]: (row["body"], row["codes"]) for row in rows}
        assert told == {
            "2": ("newer here", []),
            "3": ("same, with a code", [["BOX7", "box"]]),
            "4": ("new", []),
        }
        assert (await client.post("/hub/v1/fill", content=b"{")).status_code == 422


async def test_few_fills_run_at_once_and_one_that_is_left_makes_room(hub_database: Database) -> None:
    await add_shops(hub_database, "acme")
    fills = Fills(hub_database)
    open_ones = [await fills.begin(["acme"], {}) for _ in range(AT_ONCE)]
    with pytest.raises(FillsBusy):
        await fills.begin(["acme"], {})
    await open_ones[0].aclose()
    whole = gzip.decompress(b"".join([part async for part in await fills.begin(["acme"], {})]))
    assert json.loads(whole.splitlines()[-1]) == {"end": True}
    for stream in open_ones:
        await stream.aclose()
    assert fills.running == 0


@pytest.mark.expects_log("fill_broken")
async def test_a_fill_whose_snapshot_was_ended_has_no_last_line(hub_database: Database) -> None:
    await add_shops(hub_database, "acme")
    await _stock(hub_database, "acme", 600)
    parts: list[bytes] = []
    async for part in await Fills(hub_database).begin(["acme"], {}):
        if not parts:
            async with hub_database.transaction() as connection:
                await connection.execute(
                    b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%%fill%%'"
                    b" AND pid <> pg_backend_pid() AND datname = current_database()"
                )
        parts.append(part)
    assert b'"end"' not in b"".join(parts)


@pytest.mark.parametrize(
    "body", [b"[]", b"1", b'{"have": 1}', b'{"have": {"acme": 1}}', b"\xff", b"[" * 9999]
)
def test_marks_of_another_form_are_refused(body: bytes) -> None:
    assert held_in(body) is None


def test_a_bench_that_says_nothing_holds_nothing() -> None:
    assert held_in(b"") == {}
    assert events_in(b": beat\n\n") == []
