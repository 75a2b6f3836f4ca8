"""A list of returns under a caption: those put aside, or the candidates of a scan."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import Link
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.card import Card
from loopdesk.ui.widgets.fitted import FittedLabel
from loopdesk.ui.widgets.links import LinkList

_NO_LIMIT = 16_777_215  # QWIDGETSIZE_MAX


class LinksCard(Card):
    """A caption over a list of returns.

    Signals:
        picked(str): Carries the return id.
    """

    picked = Signal(str)

    def __init__(self, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self.caption = FittedLabel(role, 2, self)
        self.list = LinkList("", self)
        self.list.picked.connect(self.picked)
        self._column.addWidget(self.caption)
        self._column.addWidget(self.list)
        self._space()

    def show_links(self, caption: str, links: tuple[Link, ...]) -> None:
        """Show these links under a caption."""
        self.caption.show_text(caption)
        self.list.setAccessibleName(caption)
        self.list.show_links(links)
        self._limit()
        self.setVisible(bool(links))

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self._column.setContentsMargins(now.px(2), now.px(14), now.px(2), now.px(12))
        self._column.setSpacing(now.px(8))
        self.caption.setContentsMargins(now.px(18), 0, now.px(18), 0)
        self._limit()

    def _limit(self) -> None:
        """Shrink the card to its list."""
        margins = self._column.contentsMargins()
        above = 2 * self.caption.fontMetrics().lineSpacing() + self._column.spacing()
        height = self.list.maximumHeight() + above + margins.top() + margins.bottom()
        self.setMaximumHeight(min(height, _NO_LIMIT))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()


class PickerBench(QWidget):
    """The candidates of a scan that may stand for several returns.

    Signals: picked(str): Carries the return id.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.card = LinksCard("heading", self)
        self.card.picked.connect(self.picked)
        column.addWidget(self.card, 100)
        column.addStretch(1)

    def show_picker(self, links: tuple[Link, ...]) -> None:
        """Show the candidates."""
        words = _("Which return is it?")
        self.card.show_links(words, links)
