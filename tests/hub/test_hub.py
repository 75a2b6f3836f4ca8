"""One hub process from outside: who may ask what, and how it ends."""

from __future__ import annotations

import hashlib

import httpx
import pytest

from loopdesk.hub.compose import Hub
from loopdesk.hub.http.callers import Anyone, GuardedRoute, ItStaff
from loopdesk.hub.settings import DatabaseSettings, HttpSettings, HubSettings

IT = "token of it"


def settings_for(url: str) -> HubSettings:
    """Return the settings of a hub on a free port of loopback."""
    sha = hashlib.sha256(IT.encode()).hexdigest()
    return HubSettings(database=DatabaseSettings(url=url), http=HttpSettings(port=0, it_token_sha256=sha))


async def test_a_hub_says_that_it_lives_and_can_work(hub_url: str) -> None:
    async with Hub(settings_for(hub_url)) as hub, httpx.AsyncClient(base_url=hub.url) as client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"ready": True})
        assert ready.headers["X-Loopdesk-Generation"] == hub.database.generation
        assert ready.headers["Date"].endswith("GMT")


async def test_measures_are_its_alone(hub_url: str) -> None:
    async with Hub(settings_for(hub_url)) as hub, httpx.AsyncClient(base_url=hub.url) as client:
        assert (await client.get("/metrics")).status_code == 401
        wrong = await client.get("/metrics", headers={"Authorization": "Bearer x"})
        assert wrong.status_code == 401
        told = await client.get("/metrics", headers={"Authorization": f"Bearer {IT}"})
        assert "loopdesk_hub_whole 1.0" in told.text


async def test_every_route_says_who_may_use_it(hub_url: str) -> None:
    hub = Hub(settings_for(hub_url))
    who = {route.path: route.who for route in hub.faces()}
    assert all(isinstance(route, GuardedRoute) for route in hub.faces())
    assert {path for path, each in who.items() if each is Anyone} == {"/healthz", "/readyz"}
    assert who["/metrics"] is ItStaff


@pytest.mark.expects_log("fault", "lock")
async def test_a_taken_port_is_told_and_leaves_nothing_open(hub_url: str) -> None:
    async with Hub(settings_for(hub_url)) as hub:
        port = int(hub.url.rpartition(":")[2])
        taken = settings_for(hub_url).model_copy(update={"http": HttpSettings(port=port)})
        with pytest.raises(OSError, match="in use"):
            await Hub(taken).start()
