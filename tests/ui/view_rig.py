"""Views with presenters that remember what was asked of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from loopdesk.presenters.pages.arrivals import ArrivalsPresenter
from loopdesk.presenters.pages.attention import AttentionPresenter
from loopdesk.presenters.pages.finished import FinishedPresenter
from loopdesk.presenters.pages.first_run import FirstRunPresenter
from loopdesk.presenters.pages.health import HealthPresenter
from loopdesk.presenters.pages.mysteries import MysteriesPresenter
from loopdesk.presenters.pages.queue import QueuePresenter
from loopdesk.presenters.pages.search import SearchPresenter
from loopdesk.presenters.pages.settings import SettingsPresenter
from loopdesk.ui.pages.arrivals import ArrivalsView
from loopdesk.ui.pages.attention import AttentionView
from loopdesk.ui.pages.finished import FinishedView
from loopdesk.ui.pages.first_run import FirstRunView
from loopdesk.ui.pages.health import HealthView
from loopdesk.ui.pages.mysteries import MysteriesView
from loopdesk.ui.pages.queue import QueueView
from loopdesk.ui.pages.search import SearchView
from loopdesk.ui.pages.settings import SettingsView

VIEWS: dict[str, Callable[[Any], QWidget]] = {
    "queue": QueueView,
    "finished": FinishedView,
    "attention": AttentionView,
    "mystery": MysteriesView,
    "search": SearchView,
    "arrivals": ArrivalsView,
    "health": HealthView,
    "settings": SettingsView,
    "first_run": FirstRunView,
}


PRESENTERS: dict[str, type] = {
    "queue": QueuePresenter,
    "finished": FinishedPresenter,
    "attention": AttentionPresenter,
    "mystery": MysteriesPresenter,
    "search": SearchPresenter,
    "arrivals": ArrivalsPresenter,
    "health": HealthPresenter,
    "settings": SettingsPresenter,
    "first_run": FirstRunPresenter,
}


class FakePresenter:
    """Draws one screen and keeps every intent with its arguments.

    It has the intents of the presenter that it stands for, and takes their arguments, no others.
    """

    def __init__(self, screen: object, twin: type) -> None:
        self.screen = screen
        for name, method in inspect.getmembers(twin, inspect.isfunction):
            if not name.startswith("_") and name != "attach":
                setattr(self, name, partial(self._keep, name, inspect.signature(method)))
        self.calls: list[tuple[Any, ...]] = []
        self.surface: Any = None

    def attach(self, surface: Any) -> None:
        """Draw the screen."""
        self.surface = surface
        surface.render(self.screen)

    def _keep(self, name: str, signature: inspect.Signature, *arguments: Any) -> None:
        signature.bind(self, *arguments)  # raises TypeError for what the presenter does not take
        self.calls.append((name, *arguments))

    def asked(self, name: str) -> list[tuple[Any, ...]]:
        """Return the arguments of each call of an intent."""
        return [call[1:] for call in self.calls if call[0] == name]


def make_view(name: str, screen: object) -> tuple[Any, FakePresenter]:
    """Make a view that shows a screen."""
    presenter = FakePresenter(screen, PRESENTERS[name])
    return VIEWS[name](presenter), presenter


def shown(
    name: str, screen: object, qtbot: QtBot, size: tuple[int, int] = (1192, 662)
) -> tuple[Any, FakePresenter]:
    """Make a view that shows a screen, in front, with nothing asked of its presenter so far."""
    view, presenter = make_view(name, screen)
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    presenter.calls.clear()
    return view, presenter
