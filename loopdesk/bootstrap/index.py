"""Builds what keeps the index of returns, and what looks into it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from loopdesk.services.ahead import Ahead
from loopdesk.services.announced import Announced
from loopdesk.services.events import Feed
from loopdesk.services.listing import ListReader
from loopdesk.services.lookup import Lookup
from loopdesk.services.loop_ports import Fetched, ReturnsGateway
from loopdesk.services.ports import Clock
from loopdesk.services.prefetch import Prefetch
from loopdesk.services.store_ports import Arrivals, Openings, ReturnCache
from loopdesk.services.tasks import Tasks


class Kept(Protocol):
    """The part of the store that is the index."""

    @property
    def returns(self) -> ReturnCache:
        """Loop's answers."""
        ...

    @property
    def arrivals(self) -> Arrivals:
        """What is on its way."""
        ...

    @property
    def openings(self) -> Openings:
        """The way from a scan to an open return."""
        ...


@dataclass(frozen=True, slots=True)
class Index:
    """The services around the index, wired."""

    announced: Announced
    prefetch: Prefetch
    lookup: Lookup
    ahead: Ahead


def build_index(
    store: Kept,
    gateway: ReturnsGateway,
    *,
    clock: Clock,
    feed: Feed,
    tasks: Tasks,
    zone: tzinfo,
    stations: Callable[[], int],
    observe: Callable[[Fetched], Awaitable[None]],
    after_sync: Callable[[], Awaitable[None]],
) -> Index:
    """Wire them.

    Args:
        zone: In which the nights are.
        stations: How many stations share the key, now.
        observe: Told of every fresh copy of a return.
        after_sync: Awaited after each complete synchronization.
    """
    returns, arrivals = store.returns, store.arrivals
    reader = ListReader(cache=returns, gateway=gateway, clock=clock, feed=feed, observe=observe)
    announced = Announced(cache=returns, arrivals=arrivals, gateway=gateway, clock=clock, zone=zone)

    async def finish() -> None:
        ahead.wake()
        await after_sync()

    prefetch = Prefetch(
        cache=returns,
        reader=reader,
        announced=announced,
        clock=clock,
        feed=feed,
        after_sync=finish,
        zone=zone,
    )
    lookup = Lookup(
        cache=returns,
        openings=store.openings,
        gateway=gateway,
        clock=clock,
        feed=feed,
        newest=prefetch.newest,
        synced_at=lambda: prefetch.synced_at,
        stations=stations,
        observe=observe,
    )
    ahead = Ahead(arrivals=arrivals, gateway=gateway, clock=clock, tasks=tasks, keep=lookup.keep)
    return Index(announced, prefetch, lookup, ahead)
