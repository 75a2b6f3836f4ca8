"""Views with presenters that remember what was asked of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from loopdesk.ui.pages.arrivals import ArrivalsView
from loopdesk.ui.pages.attention import AttentionView
from loopdesk.ui.pages.first_run import FirstRunView
from loopdesk.ui.pages.health import HealthView
from loopdesk.ui.pages.mysteries import MysteriesView
from loopdesk.ui.pages.queue import QueueView
from loopdesk.ui.pages.search import SearchView
from loopdesk.ui.pages.settings import SettingsView

VIEWS: dict[str, Callable[[Any], QWidget]] = {
    "queue": QueueView,
    "attention": AttentionView,
    "mystery": MysteriesView,
    "search": SearchView,
    "arrivals": ArrivalsView,
    "health": HealthView,
    "settings": SettingsView,
    "first_run": FirstRunView,
}


class FakePresenter:
    """Draws one screen and keeps every intent with its arguments."""

    def __init__(self, screen: object) -> None:
        self.screen = screen
        self.calls: list[tuple[Any, ...]] = []
        self.surface: Any = None

    def attach(self, surface: Any) -> None:
        """Draw the screen."""
        self.surface = surface
        surface.render(self.screen)

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Return an intent that only remembers that it was called."""

        def intent(*arguments: Any) -> None:
            self.calls.append((name, *arguments))

        return intent

    def asked(self, name: str) -> list[tuple[Any, ...]]:
        """Return the arguments of each call of an intent."""
        return [call[1:] for call in self.calls if call[0] == name]


def make_view(name: str, screen: object) -> tuple[Any, FakePresenter]:
    """Make a view that shows a screen."""
    presenter = FakePresenter(screen)
    return VIEWS[name](presenter), presenter
