"""Whole hub processes that read a shop from Loop, to be killed at a named place or at any moment."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess

from loopdesk.hub.compose import Hub
from loopdesk.hub.index import reading
from loopdesk.hub.index.copies import ShopIndex
from loopdesk.hub.index.feed import Batch, ChangeFeed
from loopdesk.hub.settings import HubSettings
from loopdesk.services.sync import listing

PAGE = 50
"""Returns in a page of Loop's list, so that a shop of a few hundred has several."""

_PATIENCE_SECONDS = 60.0


def _run(pipe: Pipe, settings: HubSettings, place: str) -> None:
    asyncio.run(_serve(pipe, settings, place))


async def _serve(pipe: Pipe, settings: HubSettings, place: str) -> None:
    listing.PAGE_SIZE = PAGE
    if place:
        setattr(reading, "ShopIndex", _dying(place))  # noqa: B010 - in this process alone
    hub = Hub(settings, on_fault=_fail)
    await hub.start()
    pipe.send((hub.url, hub.database.owner))
    await asyncio.Event().wait()


class _DyingFeed(ChangeFeed):
    """A feed that kills this process in a write: ``before:7`` the commit of the seventh, or ``after:7``."""

    def __init__(self, feed: ChangeFeed, place: str) -> None:
        self._feed = feed
        self._at, _, number = place.partition(":")
        self._left = int(number)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Batch]:
        """Write, and perhaps die."""
        async with self._feed.transaction() as batch:
            yield batch
            self._pass_by("before")
        self._pass_by("after")

    def _pass_by(self, at: str) -> None:
        self._left -= at == self._at
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _dying(place: str) -> Callable[..., ShopIndex]:
    """Make indexes that write into a feed that kills; everything else of the hub goes on as ever."""
    return lambda shop_id, database, feed, *more: ShopIndex(shop_id, database, _DyingFeed(feed, place), *more)


def _fail(where: str, failure: BaseException) -> None:
    raise SystemExit(f"{where}: {failure!r}")


class HubProcess:
    """One process.

    Args:
        place: Where it dies by itself, while it leads; nowhere if empty.

    Attributes:
        url: Its origin.
        owner: Its number in the database.
    """

    def __init__(self, settings: HubSettings, place: str = "") -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        here, there = context.Pipe()
        self._process: BaseProcess = context.Process(target=_run, args=(there, settings, place))
        self._process.start()
        there.close()
        assert here.poll(_PATIENCE_SECONDS), "the process did not start"
        self.url, self.owner = here.recv()
        here.close()

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.is_alive()

    def kill(self) -> None:
        """Kill it, as the kernel does; harmless if it is dead."""
        self._process.kill()
        self._process.join(_PATIENCE_SECONDS)
        assert self._process.exitcode == -signal.SIGKILL, self._process.exitcode
