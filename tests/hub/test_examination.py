"""What check and doctor find, and that a pooler before PostgreSQL is refused."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loopdesk.hub.benches.certificate import make_certificate
from loopdesk.hub.commands import words
from loopdesk.hub.compose import Hub
from loopdesk.hub.database.pool import Database
from loopdesk.hub.examination import Examination, HubFinding
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.hub.settings import HubSettings, LoopSettings
from loopdesk.simulator.http.server import Server
from loopdesk.simulator.samples import practice_loop
from tests.hub.poolers import pooler
from tests.hub.running import settings_for
from tests.hub.spare_postgres import SparePostgres


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="loopdesk-") as folder:
        yield Path(folder)


async def _codes(settings: HubSettings, now: datetime | None = None) -> dict[str, str]:
    examination = Examination(settings, lambda: now or _now())
    found = await examination.needs()
    assert all(words.finding(each) for each in found)
    return {each.check: each.code for each in found}


async def test_a_hub_that_is_whole_needs_nothing(hub_url: str, tmp_path: Path) -> None:
    assert await _codes(settings_for(hub_url, tmp_path)) == {
        "key": "ok",
        "certificate": "ok",
        "database": "ok",
    }


async def test_what_is_missing_is_told(empty_hub_url: str, tmp_path: Path) -> None:
    certificate = tmp_path / "none.crt"
    settings = settings_for(empty_hub_url, certificate=certificate, certificate_key=certificate)
    assert await _codes(settings) == {
        "key": "key_missing",
        "certificate": "certificate_unusable",
        "database": "empty",
    }
    unreachable = settings_for("postgresql://x@/x?host=/nowhere", tmp_path, host="0.0.0.0")
    assert await _codes(unreachable) == {
        "key": "ok",
        "certificate": "plain_http",
        "database": "unreachable",
    }


async def test_a_certificate_near_its_end_is_told(hub_url: str, tmp_path: Path) -> None:
    files = tmp_path / "hub.crt", tmp_path / "hub.pem"
    make_certificate("127.0.0.1", _now(), *files)
    settings = settings_for(hub_url, tmp_path, certificate=files[0], certificate_key=files[1])
    assert (await _codes(settings))["certificate"] == "ok"
    late = _now() + timedelta(days=3650 - 59)
    assert (await _codes(settings, late))["certificate"] == "certificate_ends"


async def test_the_doctor_looks_at_clocks_safety_room_and_shops(hub_url: str, tmp_path: Path) -> None:
    async with Server(practice_loop(clock=lambda: _now() + timedelta(minutes=5))) as loop:
        settings = settings_for(hub_url, tmp_path).model_copy(update={"loop": LoopSettings(url=loop.url)})
        found = await Examination(settings, _now).all()
    codes = {each.check: each.code for each in found}
    assert codes == {
        "key": "ok",
        "certificate": "ok",
        "database": "ok",
        "loop": "ok",
        "clock": "clock_off",
        "ledger": "ok",
        "safety": "unsafe",  # the tests' server runs without fsync
        "connections": "ok",
        "disk": codes["disk"],
        "webhooks": "ok",
        "shops": "no_shop",
    }
    assert all(words.finding(each) for each in found)


async def test_loop_out_of_reach_is_told_and_the_rest_looked_at(hub_url: str, tmp_path: Path) -> None:
    gone = LoopSettings(url="http://127.0.0.1:1")
    settings = settings_for(hub_url, tmp_path).model_copy(update={"loop": gone})
    found = {each.check: each.code for each in await Examination(settings, _now).all()}
    assert (found["loop"], found["clock"]) == ("loop_unreachable", "ok")


async def test_the_doctor_says_when_another_process_has_no_room(hub_url: str, tmp_path: Path) -> None:
    """The tests' server has room for 117; a process needs six besides its pool."""
    for connections, code in ((100, "ok"), (112, "few_connections")):
        settings = settings_for(hub_url, tmp_path)
        database = settings.database.model_copy(update={"connections": connections})
        wide = settings.model_copy(update={"database": database})
        found = {each.check: each for each in await Examination(wide, _now).all()}
        assert found["connections"].code == code
        assert words.finding(found["connections"])


async def test_a_pooler_is_found_and_refused(
    hub_url: str, spare_postgres: SparePostgres, tmp_path: Path, short: Path
) -> None:
    pooled = hub_url.replace(str(spare_postgres.folder), str(short))
    async with pooler(spare_postgres.folder, short):
        assert (await _codes(settings_for(pooled, tmp_path)))["database"] == "pooled"
        hub = Hub(settings_for(pooled, tmp_path))
        with pytest.raises(DatabaseUnusable, match="pooled"):
            await hub.start()
        await hub.tasks.aclose()


async def test_a_shop_whose_key_does_not_open_is_named(hub_database: Database, tmp_path: Path) -> None:
    hub = Hub(settings_for(hub_database.url, tmp_path))
    async with hub:
        await hub.shops.add("acme", "Acme", "#112233")
        await hub.shops.give_key("acme", "loop-key-of-acme")
        await hub.shops.add("other", "Other", "#112233")
    settings = hub.settings.model_copy(update={"loop": LoopSettings(url="http://127.0.0.1:1")})
    found = await Examination(settings, _now).all()
    assert found[-1] == HubFinding("shops", "no_shop_key", {"shop": "other"})
    (tmp_path / "hub.key").unlink()
    lost = [each.values["shop"] for each in await Examination(settings, _now).all() if each.check == "shops"]
    assert lost == ["acme", "other"]
