"""One hub process from outside: that it lives, what it tells whom, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopdesk.hub.compose import Hub
from tests.hub.running import IT, asked, settings_for


async def test_a_hub_says_that_it_lives_and_can_work(hub_url: str, tmp_path: Path) -> None:
    async with asked(settings_for(hub_url, tmp_path)) as (hub, client):
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"ready": True, "restored_seconds": 0})
        assert ready.headers["X-Loopdesk-Generation"] == hub.database.generation
        assert ready.headers["Date"].endswith("GMT")


async def test_measures_are_its_alone(hub_url: str, tmp_path: Path) -> None:
    async with asked(settings_for(hub_url, tmp_path)) as (_, client):
        assert (await client.get("/metrics")).status_code == 401
        wrong = await client.get("/metrics", headers={"Authorization": "Bearer x"})
        assert wrong.status_code == 401
        told = await client.get("/metrics", headers={"Authorization": f"Bearer {IT}"})
        assert "loopdesk_hub_whole 1.0" in told.text


async def test_a_taken_port_is_told_and_leaves_nothing_open(hub_url: str, tmp_path: Path) -> None:
    async with asked(settings_for(hub_url, tmp_path)) as (hub, _):
        port = int(hub.url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            await Hub(settings_for(hub_url, tmp_path, port=port)).start()


@pytest.mark.expects_log("sealing_key_unusable")
async def test_without_its_encryption_key_a_hub_still_starts(hub_url: str) -> None:
    async with asked(settings_for(hub_url)) as (_, client):
        assert (await client.get("/readyz")).status_code == 200
