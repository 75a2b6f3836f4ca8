"""Loop's keys at rest: sealed, bound to their shop and row, changed while the hub runs, never told."""

from __future__ import annotations

import base64
import logging
from pathlib import Path
from typing import Any

import pytest

from loopdesk.hub.compose import Hub
from loopdesk.hub.database.pool import Database
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.settings import IndexSettings, LoopSettings
from loopdesk.hub.shops.registry import ShopRegistry
from loopdesk.hub.shops.sealing import SealingKey, new_key_text, sealing_key
from loopdesk.services.station.tasks import Tasks
from loopdesk.system.host.clock import SystemClock
from tests.hub.running import settings_for, until
from tests.simulator_thread import SimulatorThread

KEY = "loop-key-of-acme-0123456789"


def _sealing() -> SealingKey:
    return SealingKey(base64.b64decode(new_key_text()))


def test_a_sealed_key_opens_in_its_place_alone() -> None:
    sealing = _sealing()
    sealed = sealing.seal(KEY, "acme", 7)
    assert KEY.encode() not in sealed
    assert sealing.open(sealed, "acme", 7) == KEY
    assert sealing.open(sealed, "acme", 8) is None
    assert sealing.open(sealed, "other", 7) is None
    assert sealing.open(sealed[:-1] + bytes((sealed[-1] ^ 1,)), "acme", 7) is None
    assert sealing.open(b"", "acme", 7) is None
    assert _sealing().open(sealed, "acme", 7) is None
    assert sealing.seal(KEY, "acme", 7) != sealed


def test_the_encryption_key_comes_from_the_environment_or_a_file_of_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "hub.key"
    with pytest.raises(HubFailure, match="key_missing"):
        sealing_key(file, {})
    text = new_key_text()
    assert sealing_key(file, {"LOOPDESK_HUB_KEY": text}).open(_with(text), "a", 1) == KEY
    file.touch(mode=0o600)
    file.write_text(text + "\n", "ascii")
    assert sealing_key(file, {}).open(_with(text), "a", 1) == KEY
    file.chmod(0o640)
    with pytest.raises(HubFailure, match="key_open"):
        sealing_key(file, {})
    for wrong in ("short", "%%%", base64.b64encode(bytes(31)).decode()):
        with pytest.raises(HubFailure, match="key_malformed"):
            sealing_key(file, {"LOOPDESK_HUB_KEY": wrong})


def _with(text: str) -> bytes:
    return SealingKey(base64.b64decode(text)).seal(KEY, "a", 1)


async def test_a_key_is_stored_sealed_and_the_one_before_is_wiped(hub_database: Database) -> None:
    shops = ShopRegistry(hub_database, _sealing())
    await shops.add("acme", "Acme", "#112233")
    with pytest.raises(HubFailure, match="no_shop_key"):
        await shops.key_of("acme")
    await shops.give_key("acme", "the-first-key-of-acme")
    await shops.give_key("acme", f'  "{KEY}"\n')
    assert (await shops.key_of("acme")).reveal() == KEY
    async with hub_database.transaction() as connection:
        found = await connection.execute(b"SELECT sealed, ended_at FROM shop_key ORDER BY id")
        first, second = await found.fetchall()
    assert first["sealed"] is None
    assert first["ended_at"] is not None
    assert KEY.encode() not in bytes(second["sealed"])


async def test_rows_that_were_swapped_do_not_open(hub_database: Database) -> None:
    shops = ShopRegistry(hub_database, _sealing())
    for name in ("one", "two"):
        await shops.add(name, name, "#112233")
        await shops.give_key(name, f"loop-key-of-{name}")
    async with hub_database.transaction() as connection:
        await connection.execute(
            b"UPDATE shop_key SET sealed = other.sealed FROM shop_key AS other WHERE other.id <> shop_key.id"
        )
    again = ShopRegistry(_unopened(hub_database), shops._sealing)
    again._database = hub_database
    assert [(shop.key, len(shop.fingerprint)) for shop in await again.shops()] == [(None, 16)] * 2


def _unopened(database: Database) -> Database:
    """A database that a registry can register with."""
    return Database(database.url, SystemClock(), Tasks(lambda where, failure: None))


async def test_a_key_that_another_process_gave_is_used_at_once(hub_url: str) -> None:
    sealing = _sealing()
    tasks = Tasks(lambda where, failure: None)
    databases = [Database(hub_url, SystemClock(), tasks) for _ in range(2)]
    here, there = (ShopRegistry(database, sealing) for database in databases)
    for database in databases:
        await database.open()
    await here.add("acme", "Acme", "#112233")
    await here.give_key("acme", "the-first-key-of-acme")
    assert (await there.key_of("acme")).reveal() == "the-first-key-of-acme"
    await here.give_key("acme", KEY)

    async def is_known() -> bool:
        return (await there.key_of("acme")).reveal() == KEY

    await until(is_known)
    for database in databases:
        await database.close()
    await tasks.aclose()


async def test_a_shop_is_read_at_once_when_another_process_gives_its_key(
    hub_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loopdesk.hub.index.reading.SHOPS_SECONDS", 3600.0)
    with SimulatorThread() as loop:
        giving = settings_for(hub_url, tmp_path).model_copy(update={"loop": LoopSettings(url=loop.url)})
        reading = giving.model_copy(update={"index": IndexSettings(seconds=3600.0)})
        async with Hub(giving) as other:
            await other.shops.add("first", "First", "#112233")
            await other.shops.give_key("first", loop.key)
            async with Hub(reading) as hub:
                await until(lambda: hub.index.led == ("first",))  # so it has looked by itself
                await other.shops.add("late", "Late", "#112233")
                await other.shops.give_key("late", loop.key)
                await until(lambda: hub.index.led == ("first", "late"))


async def test_no_key_is_logged_or_shown(hub_database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shops = ShopRegistry(hub_database, _sealing())
    await shops.add("acme", "Acme", "#112233")
    await shops.give_key("acme", KEY)
    found = await shops.shop("acme")
    assert KEY not in repr(found)
    assert KEY not in caplog.text


async def test_what_is_no_shop_or_key_is_refused(hub_database: Database) -> None:
    shops = ShopRegistry(hub_database, _sealing())
    await shops.add("acme", "Acme", "#112233")
    for shop_id, colour in (("Acme", "#112233"), ("", "#112233"), ("a" * 41, "#112233"), ("b", "red")):
        with pytest.raises(HubFailure, match="shop_malformed"):
            await shops.add(shop_id, "x", colour)
    with pytest.raises(HubFailure, match="shop_exists"):
        await shops.add("acme", "x", "#112233")
    with pytest.raises(HubFailure, match="shop_key"):
        await shops.give_key("acme", "two words")
    with pytest.raises(HubFailure, match="shop_unknown"):
        await shops.give_key("none", KEY)
    with pytest.raises(HubFailure, match="no_sealing_key"):
        await ShopRegistry(_unopened(hub_database), None).give_key("acme", KEY)


async def test_a_shop_that_is_added_while_the_shops_are_read_is_known_after(
    hub_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry, read = ShopRegistry(hub_database, None), hub_database.read

    async def slow(name: str, **values: Any) -> Any:
        found = await read(name, **values)
        if name == "shops.all":
            monkeypatch.setattr(hub_database, "read", read)
            await registry.add("acme", "Acme", "#112233")
        return found

    monkeypatch.setattr(hub_database, "read", slow)
    assert await registry.shops() == ()
    assert [shop.id for shop in await registry.shops()] == ["acme"]
