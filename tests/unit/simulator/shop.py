"""A small shop with a hand-turned clock, and a client for it without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from loopdesk.simulator.actors import act
from loopdesk.simulator.http.app import Face
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import ShopKey

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY = "k3y-canary"


async def until(claim: Callable[[], bool]) -> None:
    """Wait until the claim is true, at most five seconds."""
    async with asyncio.timeout(5):
        while not claim():  # noqa: ASYNC110 - the truth has no event to wait for
            await asyncio.sleep(0.005)


class HandClock:
    """Stands still until it is turned."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """The time."""
        return self.at

    def turn(self, seconds: float) -> None:
        """Advance it."""
        self.at += timedelta(seconds=seconds)


class Shop:
    """A simulated Loop without returns, and a client beside it.

    Attributes:
        clock: Its clock.
        loop: The simulated Loop.
        version: The version prefix that `get` and `post` use.
    """

    def __init__(self, *, version: str = "v1", keys: tuple[ShopKey, ...] = (), **settings: Any) -> None:
        self.clock = HandClock()
        made = Settings()
        made.change(**settings)
        self.loop = Loop(clock=self.clock, keys=keys or (ShopKey("dock", KEY),), settings=made)
        self.version = version
        self._transport = httpx.ASGITransport(Face(self.loop))

    def add(self, **spec: Any) -> str:
        """Bring a return in and give its id."""
        return act(self.loop, {"act": "add_return", "spec": spec})

    def line_ids(self, return_id: str) -> list[int]:
        """The ids of its lines, as numbers."""
        return [int(line.line_item_id) for line in self.loop.get(return_id).lines]

    async def ask(
        self, method: str, path: str, *, json: Any = None, key: str | None = KEY, **params: Any
    ) -> httpx.Response:
        """One request to a whole path."""
        headers = {} if key is None else {"X-Authorization": key}
        async with httpx.AsyncClient(transport=self._transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, json=json, params=params or None, headers=headers)

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """GET behind the version prefix."""
        return await self.ask("GET", f"/api/{self.version}{path}", **params)

    async def post(self, path: str, json: Any = None, **params: Any) -> httpx.Response:
        """POST behind the version prefix."""
        return await self.ask("POST", f"/api/{self.version}{path}", json=json, **params)

    async def do(self, action: str, return_id: str, json: Any = None, **params: Any) -> httpx.Response:
        """POST an action of one return."""
        return await self.post(f"/warehouse/return/{return_id}/{action}", json, **params)
