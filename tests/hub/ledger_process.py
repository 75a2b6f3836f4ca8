"""Hubs in processes of their own, to be killed: at a named place of an exchange, or at any moment."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess
from random import Random

import httpx

from loopdesk.api.connections import real_wire
from loopdesk.hub.database.sql import Connection
from loopdesk.hub.ledger.acts import Decide, Ledger
from loopdesk.hub.ledger.stages import Ruling
from tests.hub.ledger_rig import LedgerHub

PLACES = (
    "on_request:written",
    "on_request:committed",
    "on_headers:written",
    "on_headers:committed",
    "answered",
    "on_answer:written",
    "on_answer:committed",
)
"""Where a process can be told to die: an act was written or committed, or Loop's answer has begun to come."""

_PATIENCE_SECONDS = 60.0


_ACT = ContextVar("act", default="")
"""What the running task decides about."""


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingLedger(Ledger):
    """Dies at a place."""

    place = ""

    async def act(self, key: object, decide: Decide, *, shop_id: str = "", return_id: str = "") -> Ruling:
        """As the ledger's."""
        name = decide.func.__name__ if isinstance(decide, partial) else ""
        _ACT.set(name)
        ruling = await super().act(key, decide, shop_id=shop_id, return_id=return_id)  # type: ignore[arg-type]
        if self.place == f"{name}:committed":
            _die()
        return ruling

    async def _write(self, connection: Connection, ruling: Ruling) -> None:
        await super()._write(connection, ruling)
        if self.place == f"{_ACT.get()}:written":
            _die()


class DyingWire(httpx.AsyncBaseTransport):
    """Dies when the answer begins to come."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As the inner one."""
        response = await self._inner.handle_async_request(request)
        _die()
        return response

    async def aclose(self) -> None:
        """As the inner one."""
        await self._inner.aclose()


def _wire(place: str, *, keep_alive: bool, proxy: str) -> httpx.AsyncBaseTransport:
    wire = real_wire(keep_alive=keep_alive, proxy=proxy)
    return DyingWire(wire) if place == "answered" else wire


def _run(pipe: Pipe, url: str, loop_url: str, key: str, place: str) -> None:
    asyncio.run(_serve(pipe, url, loop_url, key, place))


async def _serve(pipe: Pipe, url: str, loop_url: str, key: str, place: str) -> None:
    DyingLedger.place = place
    hub = LedgerHub(url, loop_url, key, make_ledger=DyingLedger, make_wire=partial(_wire, place))
    await hub.start(sweeping=True)
    pipe.send(hub.url)
    await hub.serving


@dataclass
class Fleet:
    """Hub processes behind one address, so to speak: a bench takes any of them.

    Args:
        url: Of the database.
        loop_url, key: Of Loop.
    """

    url: str
    loop_url: str
    key: str

    def __post_init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])
        self._running: list[tuple[BaseProcess, str]] = []
        self._last = ""
        self.kills = 0

    async def start(self, place: str = "") -> None:
        """Start one more process, which dies at a place if one is named."""
        mine, theirs = self._context.Pipe()
        given = (theirs, self.url, self.loop_url, self.key, place)
        process = self._context.Process(target=_run, args=given, daemon=True)
        process.start()
        theirs.close()
        if not await asyncio.to_thread(mine.poll, _PATIENCE_SECONDS):
            raise TimeoutError
        self._last = mine.recv()
        self._running.append((process, self._last))
        mine.close()

    def any(self, chance: Random) -> str:
        """Return the address of one of them; between two, that of the last one."""
        return chance.choice([address for _, address in self._running] or [self._last])

    async def kill(self, n: int) -> None:
        """Kill one, and start another in its place."""
        await self._end(n)
        self.kills += 1
        await self.start()

    async def wait_for_death(self, n: int) -> None:
        """Wait until a process has died by itself, and start another in its place."""
        process, _ = self._running[n]
        await asyncio.to_thread(process.join, _PATIENCE_SECONDS)
        assert process.exitcode == -signal.SIGKILL
        await self.kill(n)

    async def close(self) -> None:
        """End all."""
        while self._running:
            await self._end(0)

    async def _end(self, n: int) -> None:
        process, _ = self._running.pop(n)
        process.kill()
        await asyncio.to_thread(process.join, _PATIENCE_SECONDS)
        process.close()
