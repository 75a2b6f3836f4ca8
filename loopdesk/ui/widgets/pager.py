"""Turns the pages of a long list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.fitted import FittedLabel


class Pager(QWidget):
    """The way back, which part is shown, and the way on; hidden while there is one page.

    Signals:
        turned(int): Another page is wanted: 1 for the next, -1 for the previous one.
    """

    turned = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.previous = KeyCapButton("previous", parent=self)
        self.next = KeyCapButton("next", parent=self)
        self.words = FittedLabel("body", 2, self)
        self._row.addWidget(self.previous)
        self._row.addWidget(self.words, 1)
        self._row.addWidget(self.next)
        self.previous.clicked.connect(self._go_back)
        self.next.clicked.connect(self._go_on)
        self.retranslate()
        self._space()
        self.hide()

    def show_pages(self, words: str, *, has_previous: bool, has_next: bool) -> None:
        """Say which part is shown, "" for all."""
        self.words.show_text(words)
        self.previous.setEnabled(has_previous)
        self.next.setEnabled(has_next)
        self.setVisible(bool(words))

    def _go_back(self) -> None:
        self.turned.emit(-1)

    def _go_on(self) -> None:
        self.turned.emit(1)

    def retranslate(self) -> None:
        """Set the buttons' texts in the window's language."""
        self.previous.show_words(_("Previous"), "", enabled=self.previous.isEnabled())
        self.next.show_words(_("Next"), "", enabled=self.next.isEnabled())

    def _space(self) -> None:
        self._row.setSpacing(look().px(12))

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
