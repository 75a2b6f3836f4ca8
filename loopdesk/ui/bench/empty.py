"""The bench without an open return: scan a label, look for a return, or take up one that was put aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.card import IconLabel
from loopdesk.ui.widgets.fitted import FittedLabel

if TYPE_CHECKING:
    from loopdesk.presenters.screens.returns import Link
    from loopdesk.ui.widgets.links import LinksCard

_WAYS = (("search", "search"), ("arrivals", "truck"), ("finished", "clock"))
"""(view, icon) of the ways to a return without a scanner, and back to the last ones."""


class EmptyBench(QWidget):
    """What to do now, the ways to a return without a scanner, and the returns that were put aside.

    Signals:
        picked(str): A return that was put aside; carries its id.
        place_wanted(str): The view that lists returns is wanted; carries its name.
    """

    picked = Signal(str)
    place_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parked: tuple[Link, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.icon = IconLabel("scan-barcode", 96, "muted", self)
        self.words = FittedLabel("invitation", 2, self)
        self.hint = FittedLabel("body", 2, self)
        self._column = column
        self._card: LinksCard | None = None
        column.addStretch(2)
        column.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self.words, self.hint):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        self.ways = tuple(KeyCapButton(name, icon=icon, parent=self) for name, icon in _WAYS)
        row = QHBoxLayout()
        row.addStretch(1)
        for button in self.ways:
            button.requested.connect(self.place_wanted)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(2)
        self._row = row
        self._space()
        self.retranslate()

    @property
    def parked(self) -> LinksCard:
        """The list of returns that were put aside; made when there is the first."""
        if self._card is None:
            from loopdesk.ui.widgets.links import LinksCard  # noqa: PLC0415 - not for the first paint

            self._card = LinksCard("caption", self)
            self._card.picked.connect(self.picked)
            self._card.hide()
            self._column.addWidget(self._card)
        return self._card

    def show_parked(self, parked: tuple[Link, ...]) -> None:
        """Show the returns that were put aside, latest first."""
        self._parked = parked
        if parked or self._card is not None:
            self.parked.show_links(_("PUT ASIDE"), parked)

    def retranslate(self) -> None:
        """Set the page's own texts in the window's language."""
        self.words.show_text(_("Scan a label"))
        self.hint.show_text(_("or press F3 and type what is printed on it"))
        find, arrivals, finished = self.ways
        find.show_words(_("Find a return"), "")
        arrivals.show_words(_("See arrivals"), "")
        finished.show_words(_("Last finished"), "")
        self.show_parked(self._parked)

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self._row.setContentsMargins(0, now.px(16), 0, now.px(16))
        self._row.setSpacing(now.px(12))

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and hasattr(self, "_row"):
            self._space()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
