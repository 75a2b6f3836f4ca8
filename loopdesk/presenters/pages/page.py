"""What the parts of the window beside the bench share: they read and draw only while they are seen."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from loopdesk.services.ports.station import Clock
from loopdesk.services.station.tasks import Tasks

S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)

AGE_SECONDS = 20.0
"""How often what is shown is read again although nothing was told: ages go on."""


class Surface(Protocol[S_contra]):
    """Something that draws one kind of screen."""

    def render(self, screen: S_contra) -> None:
        """Draw this screen; called for every change, cheap when little changed."""
        ...


class Page(Generic[S]):
    """A part of the window with one screen.

    A subclass says in ``_load`` what is read and in ``_screen`` how it looks. However often
    something changes, one reading runs at a time and one more follows it.

    Args:
        name: Names the page's tasks in logs.
    """

    def __init__(self, *, tasks: Tasks, clock: Clock, name: str) -> None:
        self._tasks = tasks
        self._clock = clock
        self._name = name
        self._surface: Surface[S] | None = None
        self._reading = False
        self._stale = False
        self.is_visible = False

    def attach(self, surface: Surface[S]) -> None:
        """Draw on this surface from now on, beginning at once."""
        self._surface = surface
        self._draw()

    def show(self) -> None:
        """The page came to the front: read and keep it fresh until it is hidden; again is no harm."""
        if self.is_visible:
            return
        self.is_visible = True
        self.refresh()
        self._tasks.spawn(self._grow_older(), name=f"{self._name} ages", replaces=f"{self._name} ages")

    def hide(self) -> None:
        """The page is covered: nothing is read for it any more."""
        self.is_visible = False

    def refresh(self, *_: object) -> None:
        """Read again if the page is seen; takes any event, so that it can listen on the feed."""
        if not self.is_visible:
            return
        self._stale = True
        if not self._reading:
            self._reading = True
            self._tasks.spawn(self._read(), name=f"{self._name} refresh")

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

    def _draw(self) -> None:
        if self._surface is not None:
            self._surface.render(self._screen())

    async def _load(self) -> None:
        """Read what the screen needs; local things only, it must not wait for the network."""
        raise NotImplementedError

    def _screen(self) -> S:
        """Make the screen from what was read."""
        raise NotImplementedError
