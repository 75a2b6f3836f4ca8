"""The base of the pages: they read and draw only while they are visible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Generic, Protocol, TypeVar

from loopdesk.presenters.screens.window import Surface
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.connection import ConnectionState
from loopdesk.services.station.events import Feed
from loopdesk.services.station.tasks import Tasks

S = TypeVar("S")

AGE_SECONDS = 20.0
"""How often a page is refreshed without an event, because ages change."""

TICK_SECONDS = 1.0
"""How often the countdown of what is held is drawn."""


class ConnectionStatus(Protocol):
    """What a page asks of the connection."""

    @property
    def state(self) -> ConnectionState:
        """How the connection is, as the strip shows it."""
        ...


@dataclass(frozen=True, slots=True)
class PageServices:
    """What every page works with, of whatever it shows; ``zone`` is the station's."""

    feed: Feed
    tasks: Tasks
    clock: Clock
    zone: tzinfo


class PagePresenter(Generic[S]):
    """A view's presenter, with one screen.

    A subclass reads in ``_load`` and makes the screen in ``_screen``. However many changes arrive, at most
    one read runs and one more follows.

    Args:
        name: Names the page's tasks in logs.
    """

    def __init__(self, page: PageServices, name: str) -> None:
        self._feed, self._tasks, self._clock = page.feed, page.tasks, page.clock
        self._zone = page.zone
        self._name = name
        self._surface: Surface[S] | None = None
        self._reading = False
        self._stale = False
        self._is_counting = False
        self.is_visible = False

    def attach(self, surface: Surface[S]) -> None:
        """Draw on this surface, starting now."""
        self._surface = surface
        self._draw()

    def show(self) -> None:
        """The page came to the front: read, and keep it fresh until it is hidden. Idempotent."""
        if self.is_visible:
            return
        self.is_visible = True
        self.refresh()
        self._tasks.spawn(self._grow_older(), name=f"{self._name} ages", replaces=f"{self._name} ages")

    def hide(self) -> None:
        """The page is covered: stop reading."""
        self.is_visible = False

    def dismiss(self) -> None:
        """Put away what was said last, and the question that is open; a page may have neither."""

    def refresh(self, *_: object) -> None:
        """Read again if the page is visible; accepts any event, so that it can subscribe to the feed."""
        if not self.is_visible:
            return
        self._stale = True
        if not self._reading:
            self._reading = True
            self._tasks.spawn(self._read(), name=f"{self._name} refresh")

    def speak_anew(self) -> None:
        """Say everything in the language that is spoken now."""
        self._draw()
        self.refresh()

    async def _read(self) -> None:
        try:
            while self._stale and self.is_visible:
                self._stale = False
                await self._load()
                self._draw()
        finally:
            self._reading = False

    async def _grow_older(self) -> None:
        while self.is_visible:
            await self._clock.sleep(AGE_SECONDS)
            self.refresh()

    def _follow_countdown(self, is_holding: Callable[[], bool]) -> None:
        """Draw each second while something is held and the page is visible."""
        if not self._is_counting and is_holding():
            self._is_counting = True
            self._tasks.spawn(self._count_down(is_holding), name=f"{self._name} countdown")

    async def _count_down(self, is_holding: Callable[[], bool]) -> None:
        try:
            while is_holding():
                await self._clock.sleep(TICK_SECONDS)
                if not self.is_visible:
                    return
                if is_holding():
                    self._draw()
        finally:
            self._is_counting = False

    def _draw(self) -> None:
        if self._surface is not None:
            self._surface.render(self._screen())

    async def _load(self) -> None:
        """Read what the screen needs; only local data, it must not wait for the network."""
        raise NotImplementedError

    def _screen(self) -> S:
        """Make the screen from what was read."""
        raise NotImplementedError
