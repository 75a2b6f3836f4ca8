"""Faults to practice with: the imitation of Loop misbehaves until all is well again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.pages.page import Surface

ALL_WELL = "well"

DRILLS: tuple[tuple[str, str, str], ...] = (
    (ALL_WELL, "All is well", "Loop answers as usual."),
    (
        "offline",
        "No network",
        "Nothing reaches Loop. Go on working: everything is kept, and goes out when all is well again.",
    ),
    (
        "lost",
        "Lost answers",
        "What is sent takes effect, its answer never comes. Loop is asked before anything goes out again.",
    ),
    ("slow", "Slow Loop", "Every answer takes five seconds. The bench does not wait for them."),
    ("errors", "Errors", "Loop answers with errors of its own. What is kept is tried again."),
    (
        "login",
        "Login page",
        "A guest network answers in place of Loop. Its page is never taken for an answer.",
    ),
)
"""(id, caption, what happens) of each, in the order of the buttons."""


class Playground(Protocol):
    """The imitation of Loop, as far as it can be told to misbehave."""

    def play(self, drill: str) -> None:
        """Misbehave in this way from now on, and in no other; ``ALL_WELL`` ends it."""
        ...


@dataclass(frozen=True, slots=True)
class DrillsScreen:
    """The faults, which one is played, and what it does; ``drills`` are (id, caption)."""

    drills: tuple[tuple[str, str], ...]
    playing: str
    sentence: str


class DrillsPresenter:
    """Plays one fault at a time."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._playing = ALL_WELL
        self._surface: Surface[DrillsScreen] | None = None

    def attach(self, surface: Surface[DrillsScreen]) -> None:
        """Draw on this surface from now on, beginning at once."""
        self._surface = surface
        surface.render(self.screen())

    def choose(self, drill: str) -> None:
        """Play a fault in place of the one before."""
        if drill not in {known for known, _caption, _text in DRILLS}:
            return
        self._playing = drill
        self._playground.play(drill)
        if self._surface is not None:
            self._surface.render(self.screen())

    def screen(self) -> DrillsScreen:
        """Build the screen as it stands."""
        sentence = next(text for drill, _caption, text in DRILLS if drill == self._playing)
        captions = tuple((drill, _(caption)) for drill, caption, _text in DRILLS)
        return DrillsScreen(captions, self._playing, _(sentence))
