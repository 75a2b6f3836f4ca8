"""The faults that can be practiced, as a card of the settings."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtWidgets import QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.pages.drills import DrillsScreen
from loopdesk.presenters.pages.page import Surface
from loopdesk.ui.widgets.filters import FilterRow
from loopdesk.ui.widgets.words_card import WordsCard


class DrillsIntents(Protocol):
    """What the card asks of its presenter."""

    def attach(self, surface: Surface[DrillsScreen]) -> None:
        """Draw on this surface."""
        ...

    def choose(self, drill: str) -> None:
        """Play a fault."""
        ...


class DrillsCard(WordsCard):
    """A button for each fault, and what the one that is played does."""

    def __init__(self, presenter: DrillsIntents, parent: QWidget | None = None) -> None:
        super().__init__((("strong", 1), ("secondary", 2)), parent, gap=12)
        self._presenter = presenter  # nobody else keeps it
        self.drills = FilterRow(self)
        self.column.insertWidget(1, self.drills)
        self.drills.chosen.connect(presenter.choose)
        presenter.attach(self)

    def render(self, screen: DrillsScreen) -> None:  # type: ignore[override]
        """Draw this screen."""
        self.show_words(_("Practice a fault"), screen.sentence)
        self.drills.show_filters(screen.drills, screen.playing)
