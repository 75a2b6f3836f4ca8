"""A hub inside a test: its settings, and the callers that ask it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from loopdesk.hub.compose import Hub
from loopdesk.hub.settings import DatabaseSettings, HttpSettings, HubSettings, IndexSettings, KeySettings
from loopdesk.hub.shops.sealing import new_key_text

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


@asynccontextmanager
async def asked(settings: HubSettings) -> AsyncIterator[tuple[Hub, httpx.AsyncClient]]:
    """A hub that runs, and a client of it, as the program's settings of the machine do not matter to it."""
    async with Hub(settings) as hub, httpx.AsyncClient(base_url=hub.url, trust_env=False) as client:
        yield hub, client


async def joined(hub: Hub, name: str = "Dock 1", shops: tuple[str, ...] = ()) -> str:
    """Add a bench and let it join; returns its token."""
    found = await hub.benches.join(await hub.benches.add(name, shops))
    assert not isinstance(found, str)
    return found.token
