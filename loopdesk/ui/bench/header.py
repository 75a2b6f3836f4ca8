"""The card that says which return is open."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from loopdesk.presenters.screens.returns import HeaderScreen
from loopdesk.ui import texts
from loopdesk.ui.theme import Look, look, mark
from loopdesk.ui.widgets.card import Card, ChipRow, IconLabel
from loopdesk.ui.widgets.fitted import FittedLabel

_MOST_DETAILS = 2
_MOST_WARNINGS = 4
_NARROW = 500
_EDGE = 4
"""Pixels of the shop's color at the card's edge."""

_LEVELS = 7
"""How much the head gives up in a low window, from nothing to all but name, promise, state and warnings."""


class SignedText(QWidget):
    """A text with an icon before it: a warning, or a note."""

    def __init__(self, icon: str, tone: str, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look().px(8))
        row.addWidget(IconLabel(icon, 18, tone if tone != "plain" else "muted", self))
        role = "secondary" if tone == "plain" else "body-strong"
        self.label = FittedLabel(role, most, self)
        row.addWidget(self.label, 1)
        self._tone = tone

    def show_text(self, text: str) -> None:
        """Show a text; "" hides the row."""
        self.label.show_text(text, self._tone)
        self.setVisible(bool(text))


class HeaderCard(Card):
    """Order, promise, state, warnings, notes and siblings.

    Signals:
        picked(str): A sibling was pressed; carries its return id.
        painted(str): The return was painted; carries its id.
    """

    picked = Signal(str)
    painted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._screen: HeaderScreen | None = None
        self._measured: tuple[HeaderScreen | None, int, Look | None, tuple[int, ...]] = (None, 0, None, ())
        self._wanted = 0
        self._fitted = -1
        self._level = 0
        self._grid = QGridLayout(self)
        self._is_narrow: bool | None = None
        self._build_name()
        self._build_promise()
        self.state = QLabel(self)
        self.state.setProperty("role", "pill")
        self._build_more()
        self._labels = self.findChildren(FittedLabel)
        self._lay_out(narrow=False)
        self._grid.setColumnStretch(1, 1)
        self._space()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card, and say which return is before the operator's eyes."""
        super().paintEvent(event)
        if self._screen is not None and self._screen.shop_colour:
            with QPainter(self) as painter:
                painter.fillRect(0, 0, look().px(_EDGE), self.height(), QColor(self._screen.shop_colour))
        if self._screen is not None:
            self.painted.emit(self._screen.return_id)

    def _build_name(self) -> None:
        """Make the order's name over RMA and parcel."""
        self._named = QWidget(self)
        column = QVBoxLayout(self._named)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.name = FittedLabel("name", 1, self._named)
        self.rma = FittedLabel("secondary", 2, self._named)
        column.addStretch(1)
        column.addWidget(self.name)
        column.addWidget(self.rma)
        column.addStretch(1)

    def _build_promise(self) -> None:
        """Make the promise over the details."""
        self._promised = QWidget(self)
        column = QVBoxLayout(self._promised)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.promise = FittedLabel("body-strong", 3, self._promised)
        column.addStretch(1)
        column.addWidget(self.promise)
        self.details = [FittedLabel("secondary", 4, self._promised) for _ in range(_MOST_DETAILS)]
        for label in self.details:
            column.addWidget(label)
        column.addStretch(1)

    def _lay_out(self, narrow: bool) -> None:
        """Put the promise beside the name, or below it in a narrow card."""
        if narrow is self._is_narrow:
            return
        self._is_narrow = narrow
        middle = Qt.AlignmentFlag.AlignVCenter
        for part in (self._named, self._promised, self.state, self._more):
            self._grid.removeWidget(part)
        self._grid.addWidget(self._named, 0, 0, 1, 2 if narrow else 1)
        self._grid.addWidget(self.state, 0, 2, middle)
        if narrow:
            self._grid.addWidget(self._promised, 1, 0, 1, 3)
        else:
            self._grid.addWidget(self._promised, 0, 1)
        self._grid.addWidget(self._more, 2, 0, 1, 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width: the name never takes the room of the promise."""
        super().resizeEvent(event)
        self._share(self.width())

    def _share(self, width: int) -> None:
        narrow = width < look().px(_NARROW)
        self._lay_out(narrow)
        self._named.setMaximumWidth(16_777_215 if narrow else round(width * 0.36))

    def _build_more(self) -> None:
        """Make the rows below: warnings, notes, siblings. Each is hidden while it is empty."""
        self._more = QWidget(self)
        column = QVBoxLayout(self._more)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look().px(6))
        self.warnings = [
            SignedText("triangle-alert", "offline", 4, self._more) for _ in range(_MOST_WARNINGS)
        ]
        for warning in self.warnings:
            column.addWidget(warning)
        self.note = SignedText("sticky-note", "plain", 1, self._more)
        column.addWidget(self.note)
        self.siblings = ChipRow(self._more)
        self.siblings.picked.connect(self.picked)
        column.addWidget(self.siblings)

    def render(self, screen: HeaderScreen) -> None:  # type: ignore[override]
        """Draw this header."""
        if screen == self._screen:
            return
        self._screen = screen
        self.name.show_text(screen.order_name, limit=120)
        self.promise.show_text(screen.promise)
        self._show_details(screen.details)
        mark(self.state, "tone", screen.state_tone)
        texts.plain(self.state, screen.state, 28)
        texts.tip(self.state, screen.state if len(screen.state) > 28 else "")
        self.state.setVisible(bool(screen.state))
        self._show_warnings(screen.warnings)
        self.note.show_text(texts.clean(screen.notes[-1], 300) if screen.notes else "")
        self.siblings.show_links(screen.siblings)
        self._more.setVisible(bool(screen.warnings or screen.notes or screen.siblings))
        named = (screen.order_name, screen.shop, screen.rma, screen.state)
        self.setAccessibleName(texts.clean(", ".join(filter(None, named))))

    def _show_details(self, details: tuple[str, ...]) -> None:
        """Show each detail on a line of its own; what is too much shares the last."""
        shown = [*details[: _MOST_DETAILS - 1], " · ".join(details[_MOST_DETAILS - 1 :])]
        shown += [""] * (_MOST_DETAILS - len(shown))
        for label, text in zip(self.details, shown, strict=True):
            label.show_text(text)

    def _show_warnings(self, warnings: tuple[str, ...]) -> None:
        """Show each warning; what is too much shares the last row."""
        shown = [*warnings[: _MOST_WARNINGS - 1], " ".join(warnings[_MOST_WARNINGS - 1 :])]
        shown += [""] * (_MOST_WARNINGS - len(shown))
        for row, text in zip(self.warnings, shown, strict=True):
            row.show_text(text)

    def wanted_height(self, width: int) -> int:
        """Return the height that shows everything at a width."""
        for label in self._labels:
            label.ensurePolished()
        # Under another theme or scale the labels get their fonts one by one, and the state its margins.
        sizes = [label.font().pixelSize() for label in self._labels]
        measured = (self._screen, width, look(), (*sizes, self.state.sizeHint().width()))
        if measured != self._measured:
            self._measured, self._fitted = measured, -1
            self._give_up(0)
            self._share(width)
            self._wanted = self._grid.totalHeightForWidth(width)
        return self._wanted

    def fit(self, width: int, height: int) -> None:
        """Leave out what is shown elsewhere too, until the rest fits: the note, the siblings, the details."""
        if height == self._fitted:
            return
        self._fitted = height
        for self._level in range(_LEVELS):
            self._give_up(self._level)
            if self._grid.totalHeightForWidth(width) <= height:
                return

    def _give_up(self, level: int) -> None:
        """Show as much as a level allows; 0 shows all."""
        screen = self._screen
        if screen is None:
            return
        self.note.setVisible(bool(screen.notes) and level < 1)
        self.siblings.setVisible(bool(screen.siblings) and level < 2)
        self._more.setVisible(
            bool(screen.warnings or (screen.notes and level < 1) or (screen.siblings and level < 2))
        )
        self.details[-1].setVisible(bool(self.details[-1].text()) and level < 3)
        self.details[0].setVisible(bool(self.details[0].text()) and level < 4)
        # The band says which parcel it is, and the window's title has the RMA too; the shop stands only here.
        parts = (screen.shop, screen.rma if level < 6 else "", screen.parcels if level < 3 else "")
        self.rma.show_text(" · ".join(part for part in parts if part))
        self.rma.set_most(1 if level > 2 else 2)
        self.promise.set_most(2 if level > 4 else 3)
        for part in (self._named, self._promised, self._more):
            if (inner := part.layout()) is not None:  # Qt would tell each level in a turn of its own
                inner.invalidate()
            part.updateGeometry()
        self._grid.invalidate()

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self._grid.setContentsMargins(now.px(16), now.px(6), now.px(16), now.px(6))
        self._grid.setHorizontalSpacing(now.px(24))
        self._grid.setVerticalSpacing(now.px(4))

    def event(self, event: QEvent) -> bool:
        """Leave out more once a label needs more lines than it needed when everything was measured."""
        done = super().event(event)
        may_give = event.type() is QEvent.Type.LayoutRequest and self._level + 1 < _LEVELS
        if may_give and self.height() == self._fitted < self._grid.totalHeightForWidth(self.width()):
            self._fitted = -1
            self.fit(self.width(), self.height())
        return done

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
