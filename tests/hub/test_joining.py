"""A bench joins by a code that is good once and for a quarter of an hour, and can be revoked."""

from __future__ import annotations

from pathlib import Path

import httpx

from loopdesk.domain.hub_join import JoinRefusal
from loopdesk.hub.benches.registry import BenchRegistry, Joined, hashed
from loopdesk.hub.database.pool import Database
from loopdesk.hub.shops.registry import ShopRegistry
from tests.hub.running import asked, joined, settings_for


async def test_a_code_gives_a_token_once(hub_database: Database) -> None:
    benches = BenchRegistry(hub_database)
    secret = await benches.add("Dock 3")
    first = await benches.join(secret)
    assert isinstance(first, Joined)
    assert await benches.by_token(first.token) == first.bench
    assert await benches.join(secret) is JoinRefusal.USED
    assert await benches.join(bytes(16)) is JoinRefusal.UNKNOWN
    assert await benches.join(b"short") is JoinRefusal.UNKNOWN


async def test_a_code_ends_after_a_quarter_of_an_hour(hub_database: Database) -> None:
    benches = BenchRegistry(hub_database)
    secret = await benches.add("Dock 3")
    async with hub_database.transaction() as connection:
        left = await connection.execute(b"SELECT ends_at - made_at AS left FROM join_code")
        assert [each["left"].total_seconds() // 60 for each in await left.fetchall()] in ([15], [14])
        await connection.execute(b"UPDATE join_code SET ends_at = clock_timestamp()")
    assert await benches.join(secret) is JoinRefusal.EXPIRED


async def test_another_code_ends_the_one_before_and_then_the_token(hub_database: Database) -> None:
    benches = BenchRegistry(hub_database)
    first = await benches.add("Dock 3")
    second = await benches.new_code("Dock 3")
    assert await benches.join(first) is JoinRefusal.EXPIRED
    held = await benches.join(second)
    assert isinstance(held, Joined)
    third = await benches.join(await benches.new_code("Dock 3"))
    assert isinstance(third, Joined)
    assert third.bench.id == held.bench.id
    assert await benches.by_token(held.token) is None


async def test_a_revoked_bench_does_not_join_and_its_name_is_free(hub_database: Database) -> None:
    benches = BenchRegistry(hub_database)
    secret = await benches.add("Dock 3")
    await benches.revoke("Dock 3")
    assert await benches.join(secret) is JoinRefusal.EXPIRED
    other = await benches.join(await benches.add("Dock 3"))
    assert isinstance(other, Joined)
    await benches.revoke("Dock 3")
    gone = await benches.by_token(other.token)
    assert gone is not None
    assert gone.is_revoked


async def test_only_hashes_of_codes_and_tokens_are_stored(hub_database: Database) -> None:
    benches = BenchRegistry(hub_database)
    secret = await benches.add("Dock 3")
    found = await benches.join(secret)
    assert isinstance(found, Joined)
    async with hub_database.transaction() as connection:
        rows = await connection.execute(
            b"SELECT hash AS stored FROM join_code UNION ALL SELECT token_hash FROM bench"
        )
        stored = [bytes(each["stored"]) for each in await rows.fetchall()]
    assert stored == [hashed(secret), hashed(found.token.encode())]
    assert secret not in stored
    assert found.token not in repr(found)


async def test_a_bench_has_the_shops_that_it_was_given(hub_database: Database) -> None:
    shops, benches = ShopRegistry(hub_database, None), BenchRegistry(hub_database)
    await shops.add("one", "One", "#000000")
    some = await benches.join(await benches.add("Some", ["one"]))
    every = await benches.join(await benches.add("Every"))
    await shops.add("two", "Two", "#000000")
    assert isinstance(some, Joined)
    assert isinstance(every, Joined)
    known = [await benches.by_token(each.token) for each in (some, every)]
    assert [each.shops for each in known if each] == [("one",), ("one", "two")]


async def test_a_bench_joins_over_http_and_learns_its_shops_without_their_keys(
    hub_url: str, tmp_path: Path
) -> None:
    async with asked(settings_for(hub_url, tmp_path)) as (hub, client):
        await hub.shops.add("acme", "Acme", "#112233")
        fingerprint = await hub.shops.give_key("acme", "loop-key-of-acme")
        await hub.shops.add("other", "Other", "#112233")
        secret = await hub.benches.add("Dock 3", ["acme"])
        answer = await _join(client, {"secret": secret.hex(), "bench": "PC-17"})
        told = answer.json()
        assert told["shops"] == [
            {"id": "acme", "name": "Acme", "colour": "#112233", "key_fingerprint": fingerprint}
        ]
        assert (told["bench"], told["generation"]) == ("Dock 3", hub.database.generation)
        assert "loop-key-of-acme" not in answer.text
        assert await hub.benches.by_token(told["token"]) is not None
        again = await _join(client, {"secret": secret.hex(), "bench": "PC-17"})
        assert (again.status_code, again.json()) == (410, {"error": {"code": "join_used"}})
        unknown = await _join(client, {"secret": "00" * 16, "bench": "PC-17"})
        assert (unknown.status_code, unknown.json()) == (403, {"error": {"code": "join_unknown"}})


async def test_what_is_no_request_to_join_is_refused(hub_url: str, tmp_path: Path) -> None:
    async with asked(settings_for(hub_url, tmp_path)) as (_, client):
        for body in (b"", b"[]", b'{"secret": 1}', b'{"secret": "x"}', b"[" * 5000, b"{" + b" " * 9000):
            answer = await client.post("/hub/v1/join", content=body)
            assert (answer.status_code, answer.json()) == (400, {"error": {"code": "malformed"}})


async def test_a_revoked_bench_is_told_so(hub_url: str, tmp_path: Path) -> None:
    async with asked(settings_for(hub_url, tmp_path)) as (hub, client):
        token = await joined(hub)
        await hub.benches.revoke("Dock 1")
        answer = await client.get("/metrics", headers={"X-Authorization": token})
        assert (answer.status_code, answer.json()) == (403, {"error": {"code": "revoked"}})


async def _join(client: httpx.AsyncClient, body: dict[str, str]) -> httpx.Response:
    return await client.post("/hub/v1/join", json=body)
