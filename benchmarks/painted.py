"""Tells when a widget was painted with what it should show."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


class Painted(QObject):
    """Calls back at the first paint event of a widget at which something holds.

    Args:
        holds: Whether the widget shows now what is waited for.
        then: Called while that paint event is on its way; the painting is over one turn of the loop later.
    """

    def __init__(self, widget: QWidget, holds: Callable[[], bool], then: Callable[[], None]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._holds = holds
        self._then = then
        self._is_over = False
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Look at the paint events."""
        if event.type() == QEvent.Type.Paint and not self._is_over and self._holds():
            self._is_over = True
            self._then()
        return False

    def remove(self) -> None:
        """Look no more."""
        self._widget.removeEventFilter(self)
        self.deleteLater()
