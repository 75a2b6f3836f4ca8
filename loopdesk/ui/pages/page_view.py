"""The base of the pages' views: pauses the presenter while covered, and follows the language."""

from __future__ import annotations

from typing import Protocol, TypeVar

from PySide6.QtCore import QEvent
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from loopdesk.presenters.pages.page import Surface
from loopdesk.ui.widgets.two_columns import TwoColumns

S_co = TypeVar("S_co", covariant=True)


class PageIntents(Protocol[S_co]):
    """What every such view asks of its presenter."""

    def attach(self, surface: Surface[S_co]) -> None:
        """Draw on this surface."""
        ...

    def show(self) -> None:
        """The view came to the front."""
        ...

    def hide(self) -> None:
        """The view is covered."""
        ...


class PageView(TwoColumns):
    """A view of two columns, or of one.

    Args:
        presenter: Reads and draws while the view is visible.
        with_side: Whether there is a right column.
    """

    def __init__(
        self, presenter: PageIntents[object], *, with_side: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(with_side=with_side, parent=parent)
        self._reader = presenter

    def showEvent(self, event: QShowEvent) -> None:
        """Activate the presenter."""
        super().showEvent(event)
        self._reader.show()

    def hideEvent(self, event: QHideEvent) -> None:
        """Pause the presenter."""
        super().hideEvent(event)
        self._reader.hide()

    def retranslate(self) -> None:
        """Set the view's own texts in the window's language."""
        raise NotImplementedError

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
