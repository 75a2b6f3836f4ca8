"""A hub inside a test: its settings, and the callers that ask it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from loopdesk.hub.compose import Hub
from loopdesk.hub.database.connecting import connect
from loopdesk.hub.database.migrate import migrate
from loopdesk.hub.database.sql import rows
from loopdesk.hub.settings import DatabaseSettings, HttpSettings, HubSettings, IndexSettings, KeySettings
from loopdesk.hub.shops.sealing import new_key_text
from tests.hub.described import compare

IT = "token of it"


def settings_for(url: str, folder: Path | None = None, **http: Any) -> HubSettings:
    """Return the settings of a hub on a free port of loopback, which reads no lists of Loop by itself.

    Args:
        url: Its database.
        folder: Where it has its encryption key; none by default.
        http: More of the table ``[http]``.
    """
    keys = KeySettings(file=(folder or Path("/nowhere")) / "hub.key")
    if folder is not None and not keys.file.exists():
        keys.file.touch(mode=0o600)
        keys.file.write_text(new_key_text(), "ascii")
    sha = hashlib.sha256(IT.encode()).hexdigest()
    found: dict[str, Any] = {"port": 0, "it_token_sha256": sha, "address": "http://127.0.0.1:1"} | http
    return HubSettings(
        database=DatabaseSettings(url=url),
        http=HttpSettings(**found),
        keys=keys,
        index=IndexSettings(seconds=0),
    )


async def make_site(url: str) -> None:
    """Bring an empty database up to date, and make its site."""
    connection = await connect(url)
    try:
        await migrate(connection)
        await rows(connection, "site.make", name="Site")
    finally:
        await connection.close()


@asynccontextmanager
async def asked(settings: HubSettings) -> AsyncIterator[tuple[Hub, httpx.AsyncClient]]:
    """A hub that runs, and a client of it that compares each answer with the description of its route."""
    async with Hub(settings) as hub:
        faces = hub.faces()
        hooks: dict[str, list[Callable[..., Any]]] = {"response": [partial(compare, faces)]}
        async with httpx.AsyncClient(base_url=hub.url, trust_env=False, event_hooks=hooks) as client:
            yield hub, client


async def until(is_so: Callable[[], Awaitable[bool] | bool], seconds: float = 60) -> None:
    """Wait for a condition that no event tells of, looking often."""
    async with asyncio.timeout(seconds):
        while True:
            found = is_so()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.02)


async def joined(hub: Hub, name: str = "Dock 1", shops: tuple[str, ...] = ()) -> str:
    """Add a bench and let it join; returns its token."""
    found = await hub.benches.join(await hub.benches.add(name, shops))
    assert not isinstance(found, str)
    return found.token
