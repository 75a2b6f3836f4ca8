"""The base of the pages' views: pauses the presenter while covered, and follows the language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from loopdesk.ui.widgets.two_columns import TwoColumns

if TYPE_CHECKING:
    from loopdesk.presenters.pages.page import PagePresenter


class PageView(TwoColumns):
    """A view of two columns, or of one.

    Args:
        presenter: Reads and draws while the view is visible.
        with_side: Whether there is a right column.
    """

    def __init__(
        self, presenter: PagePresenter[Any], *, with_side: bool = True, parent: QWidget | None = None
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
