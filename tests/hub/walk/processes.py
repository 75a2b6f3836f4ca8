"""Whole hubs in processes of their own, on a hurried clock; what they send to Loop names its attempt."""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
from contextvars import ContextVar
from functools import partial
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

from loopdesk.api.connections import TIMEOUTS, real_wire
from loopdesk.hub import compose
from loopdesk.hub.compose import Hub
from loopdesk.hub.ledger.acts import Decide, Ledger
from loopdesk.hub.ledger.loop_line import DEADLINE_SECONDS, LoopLine
from loopdesk.hub.ledger.stages import ActionKey, Ruling
from loopdesk.hub.reads import reads
from loopdesk.hub.reads.loop_reader import LoopReader
from loopdesk.hub.settings import HubSettings
from tests.hub.walk.hurry import HurriedClock, Hurry

ATTEMPT = "attempt"
"""The parameter that names an attempt to the simulated Loop, which does not look at it."""

_PATIENCE_SECONDS = 60.0
_attempt = ContextVar("attempt", default="")


class NamingLedger(Ledger):
    """Lets the request that is decided about name its attempt."""

    async def act(self, key: ActionKey, decide: Decide, *, shop_id: str = "", return_id: str = "") -> Ruling:
        """As the ledger's."""
        _attempt.set(str(key))
        return await super().act(key, decide, shop_id=shop_id, return_id=return_id)


class NamingWire(httpx.AsyncBaseTransport):
    """Names the attempt of each action."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As the inner one."""
        request.url = request.url.copy_merge_params({ATTEMPT: _attempt.get()})
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """As the inner one."""
        await self._inner.aclose()


def _naming_wire(*, keep_alive: bool, proxy: str, certificate: bytes = b"") -> httpx.AsyncBaseTransport:
    return NamingWire(real_wire(keep_alive=keep_alive, proxy=proxy, certificate=certificate))


def hurried_hub(settings: HubSettings, hurry: Hurry, line: type[LoopLine]) -> Hub:
    """Make a hub whose parts are as shipped, but for the clock and the names of attempts.

    Args:
        line: What sends actions to Loop; a broken one in a control.
    """
    timeouts = httpx.Timeout(TIMEOUTS.read / hurry.haste if TIMEOUTS.read else None)
    changed = {
        "SystemClock": partial(HurriedClock, hurry),
        "Ledger": NamingLedger,
        "LoopLine": partial(
            line,
            make_wire=_naming_wire,
            timeouts=timeouts,
            deadline_seconds=DEADLINE_SECONDS / hurry.haste,
        ),
    }
    for name, part in changed.items():
        assert hasattr(compose, name)
        setattr(compose, name, part)
    setattr(reads, "LoopReader", partial(LoopReader, timeouts=timeouts))  # noqa: B010 - a module's name
    return Hub(settings)


def _run(pipe: Pipe, settings: HubSettings, hurry: Hurry, log: Path, line: type[LoopLine]) -> None:
    with log.open("a", encoding="utf-8") as sys.stderr:
        asyncio.run(_serve(pipe, settings, hurry, line))


async def _serve(pipe: Pipe, settings: HubSettings, hurry: Hurry, line: type[LoopLine]) -> None:
    hub = hurried_hub(settings, hurry, line)
    await hub.start()
    pipe.send(hub.url)
    assert hub._serving is not None
    await hub._serving


class Processes:
    """Hub processes behind one address: a bench is led to any that lives.

    Args:
        log: A file that they write to when something is wrong.
    """

    def __init__(
        self, settings: HubSettings, hurry: Hurry, log: Path, *, line: type[LoopLine] = LoopLine
    ) -> None:
        self._settings = settings
        self._hurry = hurry
        self._log = log
        self._line = line
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])
        self._running: list[tuple[BaseProcess, str]] = []
        self.kills = 0

    @property
    def urls(self) -> tuple[str, ...]:
        """Where those listen that live."""
        return tuple(url for process, url in self._running if process.is_alive())

    async def start(self, number: int) -> None:
        """Start so many more.

        Raises:
            RuntimeError: One did not come up.
        """
        begun = []
        for _ in range(number):
            mine, theirs = self._context.Pipe()
            given = (theirs, self._settings, self._hurry, self._log, self._line)
            process = self._context.Process(target=_run, args=given, daemon=True)
            process.start()
            theirs.close()
            begun.append((process, mine))
        for process, mine in begun:
            try:
                if not await asyncio.to_thread(mine.poll, _PATIENCE_SECONDS):
                    raise TimeoutError
                self._running.append((process, mine.recv()))
            except (EOFError, TimeoutError) as failure:
                process.kill()
                raise RuntimeError("a hub did not start") from failure
            finally:
                mine.close()

    async def kill(self, which: int) -> None:
        """End one by SIGKILL; nothing takes its place."""
        if self._running:
            process, _ = self._running.pop(which % len(self._running))
            process.kill()
            await asyncio.to_thread(process.join, _PATIENCE_SECONDS)
            process.close()
            self.kills += 1

    async def close(self) -> None:
        """End all."""
        while self._running:
            await self.kill(0)
