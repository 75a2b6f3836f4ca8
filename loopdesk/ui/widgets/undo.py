"""Undo, far from Confirm: names the return that it is about, with the seconds that it still costs nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.window import BandScreen, Countdown
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.fitted import draw_lines


class CountdownRing(QWidget):
    """The undo window as a ring that empties. The only animation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left, self._total = 0, 1
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_countdown(self, countdown: Countdown) -> None:
        """Show the remaining seconds out of the total."""
        self._left, self._total = max(0, countdown.left), max(1, countdown.total)
        words = _("Seconds left: {n}", n=self._left)
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the square of the ring."""
        edge = look().px(56)
        return QSize(edge, edge)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ring from the top, and the number inside."""
        now = look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = now.px(5)
        box = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        ink = now.color("offline")
        rest = now.color("offline")
        rest.setAlphaF(0.25)
        painter.setPen(QPen(rest, width))
        painter.drawEllipse(box)
        painter.setPen(QPen(ink, width, c=Qt.PenCapStyle.RoundCap))
        share = min(1.0, self._left / self._total)
        painter.drawArc(box, 90 * 16, round(share * 360 * 16))
        font = now.font(20, QFont.Weight.Bold)
        draw_lines(painter, QRectF(self.rect()), [str(self._left)], font, ink, Qt.AlignmentFlag.AlignHCenter)
        painter.end()


class UndoBar(QWidget):
    """The ring and the button.

    Signals:
        requested(str): Undo was pressed; carries its command.
    """

    requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._order, self._key = "", "F10"
        self.ring = CountdownRing(self)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.button = KeyCapButton("undo", variant="undo", height=56, icon="undo-2", parent=self)
        self.button.requested.connect(self.requested)
        self.ring.hide()
        self._name()

    def set_key(self, key: str) -> None:
        """Set the shown key."""
        self._key = key
        self._name()

    def render(self, screen: BandScreen) -> None:  # type: ignore[override]
        """Show what can be undone, and how long it costs nothing."""
        if screen.countdown is not None:
            self.ring.show_countdown(screen.countdown)
        if self.ring.isHidden() is (screen.countdown is not None):
            self.ring.setVisible(screen.countdown is not None)
            self._place()
        if screen.undo != self._order:
            self._order = screen.undo
            self._name()

    @property
    def has_any(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self._order)

    def _name(self) -> None:
        """Name on the button the return that undo applies to."""
        words = _("Undo")
        self.button.show_words(f"{words} {self._order}".strip(), self._key, enabled=bool(self._order))

    def sizeHint(self) -> QSize:
        """Return the size where it stands alone."""
        return QSize(look().px(320), look().px(56))

    def minimumSizeHint(self) -> QSize:
        """Return the size that a gloved finger presses."""
        return self.sizeHint()

    def _place(self) -> None:
        edge = min(self.height(), look().px(56))
        left = 0 if self.ring.isHidden() else edge + look().px(8)
        self.ring.setGeometry(0, (self.height() - edge) // 2, edge, edge)
        self.button.setGeometry(left, 0, self.width() - left, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new size."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and hasattr(self, "button"):
            self._place()
        elif event.type() is QEvent.Type.LanguageChange:
            self._name()
