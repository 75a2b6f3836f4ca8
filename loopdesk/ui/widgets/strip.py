"""The status strip at the foot of the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.window import StripScreen
from loopdesk.ui import texts
from loopdesk.ui.theme import look, mark


class ToneDot(QWidget):
    """A dot in the color of a tone; hollow unless the tone is ok, to be distinguishable without color."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone = "plain"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_tone(self, tone: str) -> None:
        """Change the tone."""
        if tone != self._tone:
            self._tone = tone
            self.update()

    def sizeHint(self) -> QSize:
        """Return the square of the dot."""
        edge = look().px(12)
        return QSize(edge, edge)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the dot."""
        now = look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = now.tone(self._tone, "muted")
        width = now.px(3)
        painter.setPen(QPen(ink, width))
        painter.setBrush(ink if self._tone == "ok" else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2))
        painter.end()


class StripFigure(QWidget):
    """A quiet caption and its figure: "kept **2**"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        self.caption = QLabel(self)
        self.caption.setProperty("role", "secondary")
        self.value = QLabel(self)
        self.value.setProperty("role", "figure")
        row.addWidget(self.caption)
        row.addWidget(self.value)
        self.is_wanted = False

    def show_figure(self, caption: str, value: str, tone: str = "plain") -> None:
        """Show a caption and a figure; an empty figure hides both."""
        texts.plain(self.caption, caption, 60)
        texts.plain(self.value, value, 60)
        mark(self.value, "tone", tone)
        self.caption.setVisible(bool(caption))
        self.setAccessibleName(f"{caption} {value}".strip())
        self.is_wanted = bool(value)
        self.setVisible(self.is_wanted)


class StatusStrip(QFrame):
    """Connection, what is kept, sent and waiting for a person, and who works here.

    A press on a figure leads to the view that tells more of it; keys reach the same views by the rail.

    Signals:
        place_wanted(str): The view that tells more of what was pressed; carries its name.
    """

    place_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self._screen: StripScreen | None = None
        self._row = QHBoxLayout(self)
        self.dot = ToneDot(self)
        self.connection = StripFigure(self)
        self.kept = StripFigure(self)
        self.sent = StripFigure(self)
        self.attention = StripFigure(self)
        self.mysteries = StripFigure(self)
        self.synced = StripFigure(self)
        self.speed = StripFigure(self)
        self.practice = StripFigure(self)
        self.station = StripFigure(self)
        line = QHBoxLayout()
        line.setSpacing(look().px(8))
        line.addWidget(self.dot)
        line.addWidget(self.connection)
        self._row.addLayout(line)
        left = (self.kept, self.sent, self.attention, self.mysteries, self.synced, self.speed)
        for figure in left:
            self._row.addWidget(figure)
        self._row.addStretch(1)
        self._row.addWidget(self.practice)
        self._row.addWidget(self.station)
        self._places: tuple[tuple[QWidget, str], ...] = (
            (self.dot, "health"),
            (self.connection, "health"),
            (self.kept, "queue"),
            (self.sent, "queue"),
            (self.attention, "attention"),
            (self.mysteries, "mystery"),
            (self.synced, "health"),
            (self.speed, "health"),
        )
        # Hidden first if the strip is too narrow, in this order.
        self._least_needed = (self.speed, self.synced, self.mysteries, self.sent)
        self._space()

    def render_strip(self, screen: StripScreen) -> None:
        """Draw this strip."""
        if screen == self._screen:
            return
        self._screen = screen
        self.dot.show_tone(screen.connection_tone)
        tone = "plain" if screen.connection_tone == "ok" else screen.connection_tone
        self.connection.show_figure("", screen.connection, tone)
        self.kept.show_figure(_("kept"), str(screen.kept))
        self.sent.show_figure(_("sent"), str(screen.sent))
        tone = "blocked" if screen.attention else "plain"
        self.attention.show_figure(_("needs you"), str(screen.attention), tone)
        mysteries = str(screen.mysteries) if screen.mysteries else ""
        self.mysteries.show_figure(_("mystery"), mysteries)
        self.synced.show_figure(_("returns read") if screen.is_reading else _("synced"), screen.synced)
        self.speed.show_figure(_("Loop answered in"), screen.speed)
        practice = _("PRACTICE") if screen.practice else ""
        self.practice.show_figure("", practice, "unknown")
        station = texts.clean(screen.station, 40)
        self.station.show_figure(f"{station} ·" if screen.operator else station, screen.operator or " ")
        self._make_room()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lead to the view of the figure below the press; the height of the strip counts, not the word's."""
        super().mouseReleaseEvent(event)
        at = event.position().toPoint()
        is_inside = self.rect().contains(at)
        if event.button() is Qt.MouseButton.LeftButton and is_inside and (place := self._place_at(at)):
            self.place_wanted.emit(place)

    def _place_at(self, at: QPoint) -> str:
        """Return the view of the figure at or next to a point; "" beside all of them."""
        near = look().px(11)
        for part, place in self._places:
            box = part.geometry()
            if part.isVisible() and box.left() - near <= at.x() <= box.right() + near:
                return place
        return ""

    def _make_room(self) -> None:
        """Hide the least needed figures until the rest fits."""
        for figure in self._least_needed:
            figure.setVisible(figure.is_wanted)
        for figure in self._least_needed:
            if self._row.minimumSize().width() <= self.width():
                return
            figure.hide()
            self._row.invalidate()

    def _space(self) -> None:
        """Set height and spacing for the scale."""
        now = look()
        self.setFixedHeight(now.px(34))
        self._row.setContentsMargins(now.px(18), 0, now.px(18), 0)
        self._row.setSpacing(now.px(22))

    def minimumSizeHint(self) -> QSize:
        """Return only a minimum height: the width is the window's."""
        return QSize(1, look().px(34))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many figures as fit."""
        super().resizeEvent(event)
        self._make_room()

    def event(self, event: QEvent) -> bool:
        """Show fewer figures once they need more room: each gets the font of another scale in its turn."""
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest and self._row.minimumSize().width() > self.width():
            self._make_room()
        return done

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
        elif event.type() is QEvent.Type.LanguageChange and self._screen is not None:
            screen, self._screen = self._screen, None
            self.render_strip(screen)
