"""The signal band: one color, one big word, a sentence, and a shape that shows from three meters away.

In a window too narrow for everything the word shrinks before the sentence is cut: color and shape say the
same as the word.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.window import BandScreen, Countdown
from loopdesk.presenters.screens.window import Signal as BandSignal
from loopdesk.ui import texts
from loopdesk.ui.theme import look, mark
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.fitted import FittedLabel, draw_lines, line_spacing

# --- shapes -----------------------------------------------------------------------------------------

TONE_OF = {
    BandSignal.READY: "plain",
    BandSignal.FOUND: "ok",
    BandSignal.UNKNOWN: "unknown",
    BandSignal.DOUBLE: "accent",
    BandSignal.BLOCKED: "blocked",
    BandSignal.KEPT: "offline",
    BandSignal.DONE: "ok",
    BandSignal.TAKEN_BACK: "unknown",
    BandSignal.ATTENTION: "blocked",
}
"""The theme's tone of each signal; the shapes distinguish signals of the same tone."""

# All shapes are drawn in a square of 56 units with strokes of 5.
_EDGE = 56.0
_STROKE = 5.0


def _check(painter: QPainter) -> None:
    painter.drawPolyline([QPointF(17, 29), QPointF(25, 37), QPointF(40, 20)])


def _polygon(sides: int, turn: float) -> QPolygonF:
    """Return a regular polygon that fills the square; ``turn`` is the angle of its first corner."""
    radius = _EDGE / 2 - _STROKE / 2
    angles = (turn + 2 * math.pi * corner / sides for corner in range(sides))
    return QPolygonF([QPointF(28 + radius * math.cos(a), 28 + radius * math.sin(a)) for a in angles])


def _letter(painter: QPainter, letter: str) -> None:
    font = QFont(painter.font())
    font.setPixelSize(30)
    font.setBold(True)
    painter.setFont(font)
    painter.drawText(QRectF(0, 0, _EDGE, _EDGE), int(Qt.AlignmentFlag.AlignCenter), letter)


def _frame() -> QRectF:
    return QRectF(_STROKE / 2, _STROKE / 2, _EDGE - _STROKE, _EDGE - _STROKE)


def _draw_ready(painter: QPainter) -> None:
    """The corners of a scanner's frame around the bars of a label."""
    near, far, arm = 4.0, 52.0, 12.0
    for x, y in ((near, near), (far, near), (near, far), (far, far)):
        inward_x = arm if x == near else -arm
        inward_y = arm if y == near else -arm
        painter.drawPolyline([QPointF(x, y + inward_y), QPointF(x, y), QPointF(x + inward_x, y)])
    for x in (18.0, 28.0, 38.0):
        painter.drawLine(QPointF(x, 19), QPointF(x, 37))


def _draw_found(painter: QPainter) -> None:
    painter.drawEllipse(_frame())
    _check(painter)


def _draw_done(painter: QPainter) -> None:
    """A full disc: nothing is left to do."""
    ink = painter.pen().color()
    painter.setBrush(ink)
    painter.drawEllipse(_frame())
    painter.setPen(QPen(look().soft("ok"), 6, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
    _check(painter)


def _draw_unknown(painter: QPainter) -> None:
    painter.drawPolygon(_polygon(6, math.pi / 6))
    _letter(painter, "?")


def _draw_double(painter: QPainter) -> None:
    painter.drawEllipse(_frame())
    painter.drawEllipse(_frame().adjusted(11, 11, -11, -11))


def _draw_blocked(painter: QPainter) -> None:
    painter.drawPolygon(_polygon(8, math.pi / 8))
    painter.drawLine(QPointF(20, 20), QPointF(36, 36))
    painter.drawLine(QPointF(36, 20), QPointF(20, 36))


def _draw_kept(painter: QPainter) -> None:
    painter.drawRoundedRect(_frame(), 10, 10)
    painter.drawLine(QPointF(22, 19), QPointF(22, 37))
    painter.drawLine(QPointF(34, 19), QPointF(34, 37))


def _draw_taken_back(painter: QPainter) -> None:
    """An arrow that turns back."""
    painter.drawArc(QRectF(10, 14, 36, 32), -90 * 16, 180 * 16)
    painter.drawLine(QPointF(28, 46), QPointF(12, 46))
    painter.drawLine(QPointF(28, 14), QPointF(10, 14))
    painter.drawPolyline([QPointF(19, 5), QPointF(10, 14), QPointF(19, 23)])


def _draw_attention(painter: QPainter) -> None:
    painter.drawRect(_frame())
    _letter(painter, "!")


_DRAW: dict[BandSignal, Callable[[QPainter], None]] = {
    BandSignal.READY: _draw_ready,
    BandSignal.FOUND: _draw_found,
    BandSignal.UNKNOWN: _draw_unknown,
    BandSignal.DOUBLE: _draw_double,
    BandSignal.BLOCKED: _draw_blocked,
    BandSignal.KEPT: _draw_kept,
    BandSignal.DONE: _draw_done,
    BandSignal.TAKEN_BACK: _draw_taken_back,
    BandSignal.ATTENTION: _draw_attention,
}


def draw_shape(painter: QPainter, signal: BandSignal, room: QRectF, ink: QColor) -> None:
    """Draw a signal's shape into a square room."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(room.topLeft())
    painter.scale(room.width() / _EDGE, room.height() / _EDGE)
    painter.setPen(QPen(ink, _STROKE, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _DRAW[signal](painter)
    painter.restore()


class SignalShape(QWidget):
    """The shape in the signal band; ``edge`` is its size in px at 100 %."""

    def __init__(self, edge: int = 56, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signal = BandSignal.READY
        self._edge = edge
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_signal(self, signal: BandSignal) -> None:
        """Change the signal."""
        if signal is not self._signal:
            self._signal = signal
            self.update()

    def set_edge(self, edge: int) -> None:
        """Change the size, in px at 100 %."""
        if edge != self._edge:
            self._edge = edge
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the square."""
        edge = look().px(self._edge)
        return QSize(edge, edge)

    def minimumSizeHint(self) -> QSize:
        """Return the square: a shape is never squeezed."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the shape in the color of its tone."""
        painter = QPainter(self)
        ink = look().tone(TONE_OF[self._signal], "accent")
        draw_shape(painter, self._signal, QRectF(self.rect()), ink)
        painter.end()


# --- the band ---------------------------------------------------------------------------------------

_HEIGHT, _LOW_HEIGHT = 104, 72
_TOP, _FOOT, _BETWEEN = 6, 10, 3
_SIZES = (60, 46, 40, 34, 28, 22)
"""The sizes of the word, in px at 100 %."""

_MOST_SENTENCE, _MOST_DETAIL = 3, 2
_SPARE = 6
"""What a layout may round away, in px at 100 %."""

_UNDO_WIDTH = 200
"""The width of the undo button where room is scarce: the order then stands below the word."""

_NO_LIMIT = 16_777_215
_URGENT = (BandSignal.BLOCKED, BandSignal.ATTENTION, BandSignal.UNKNOWN)


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


class BigWord(QLabel):
    """The band's word: as big as the width allows, shrunk before it is cut."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._size = 46
        self._room = 400
        self._tall = 0

    def show_word(self, word: str) -> None:
        """Change the word."""
        before = self.text()
        texts.plain(self, word, 60)
        if self.text() != before:
            self.updateGeometry()
            self.update()

    def set_tall(self, tall: int) -> None:
        """Set the available height, in device-independent pixels."""
        self._tall = tall

    def set_room(self, room: int, size: int) -> None:
        """Set the available width, in device-independent pixels, and the maximum size (px at 100 %)."""
        if (room, size) != (self._room, self._size):
            self._room, self._size = room, size
            self.updateGeometry()
            self.update()

    def shown_font(self) -> QFont:
        """Return the biggest font in which the word fits."""
        return self._fitted()[0]

    def widths_at(self, size: int) -> list[int]:
        """Return the widths that the word may have at a size (px at 100 %): on one line, and on two."""
        font = look().font(size, QFont.Weight.Bold)
        return [self._width_of(lines, font) for lines in self._ways(font)]

    def _fitted(self) -> tuple[QFont, list[str]]:
        """Return the biggest font in which the word fits, and its lines there."""
        for size in _SIZES:
            font = look().font(size, QFont.Weight.Bold)
            for lines in self._ways(font) if size <= self._size else ():
                if self._width_of(lines, font) <= self._room:
                    return font, lines
        return font, [self.text()]

    def _ways(self, font: QFont) -> list[list[str]]:
        """Return the word on one line, and on two where it has several words and the band is high enough."""
        words = self.text().split(" ")
        if len(words) == 1 or 2 * line_spacing(font) > self._tall:
            return [[self.text()]]
        halves = [[" ".join(words[:n]), " ".join(words[n:])] for n in range(1, len(words))]
        return [[self.text()], min(halves, key=lambda lines: self._width_of(lines, font))]

    @staticmethod
    def _width_of(lines: list[str], font: QFont) -> int:
        """Return the width below which a line would be cut."""
        metrics = QFontMetrics(font)
        return max(metrics.horizontalAdvance(line) for line in lines) + 2

    def sizeHint(self) -> QSize:
        """Return the size of the word in its font."""
        font, lines = self._fitted()
        return QSize(min(self._room, self._width_of(lines, font)), len(lines) * line_spacing(font))

    def minimumSizeHint(self) -> QSize:
        """Return the full size: the word must be readable from afar."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the word in the ink of the tone."""
        painter = QPainter(self)
        font, lines = self._fitted()
        metrics = QFontMetrics(font)
        shown = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, self.width()) for line in lines]
        ink = self.palette().color(self.foregroundRole())
        draw_lines(painter, QRectF(self.rect()), shown, font, ink)
        painter.end()


class SignalBand(QFrame):
    """The band across the window.

    Signals:
        undo_requested(): The Undo button, shown while anything can be undone; far from Confirm.
        announced(str): What a screen reader was told.
    """

    undo_requested = Signal()
    announced = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._screen: BandScreen | None = None
        self._tone = "plain"
        self._practice = False
        self._serial = 0
        self._low = False
        self._undo_order = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(1)
        self.shape = SignalShape(parent=self)
        self.word = BigWord(self)
        self.sentence = FittedLabel("sentence", 2, self)
        self.detail = FittedLabel("secondary", 1, self)
        self.practice_mark = QLabel(self)
        self.practice_mark.setProperty("role", "practice")
        self.ring = CountdownRing(self)
        self.undo = KeyCapButton("undo", variant="undo", height=56, icon="undo-2", parent=self)
        self.undo.requested.connect(self._undo)
        self._build_row()
        self.set_undo_key("F10")
        self.retranslate()
        self.ring.hide()
        self.undo.hide()
        self.practice_mark.hide()

    def _build_row(self) -> None:
        """Put everything in one row."""
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.shape)
        self._row.addWidget(self.word)
        said = QVBoxLayout()
        said.setSpacing(look().px(_BETWEEN))
        said.addStretch(1)
        said.addWidget(self.sentence)
        said.addWidget(self.detail)
        said.addStretch(1)
        self._row.addLayout(said, 1)
        self._row.addWidget(self.ring)
        # One over the other, unless the band is too low for both.
        self._right = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._right.addWidget(self.practice_mark, 0, Qt.AlignmentFlag.AlignCenter)
        self._right.addWidget(self.undo, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addLayout(self._right)
        self._space()

    def set_undo_key(self, key: str) -> None:
        """Set the shown undo key."""
        self._undo_key = key

    def retranslate(self) -> None:
        """Set the band's own texts in the window's language."""
        self._name_undo()
        texts.plain(self.practice_mark, _("PRACTICE"))

    def render(self, screen: BandScreen) -> None:  # type: ignore[override]
        """Draw this band; a new ``serial`` is announced to screen readers."""
        if screen == self._screen:
            return
        self._screen = screen
        tone = TONE_OF[screen.signal]
        if (tone, screen.practice) != (self._tone, self._practice):
            self._tone, self._practice = tone, screen.practice
            self.update()
        self.shape.show_signal(screen.signal)
        mark(self.word, "tone", self._tone)
        self.word.show_word(screen.word)
        self.sentence.show_text(screen.sentence)
        self.detail.show_text(screen.detail)
        self.practice_mark.setVisible(screen.practice)
        counting = screen.countdown is not None
        if screen.countdown is not None:
            self.ring.show_countdown(screen.countdown)
        self.ring.setVisible(counting)
        self.undo.setVisible(bool(screen.undo))
        if screen.undo != self._undo_order:
            self._undo_order = screen.undo
            self._name_undo()
        self.setAccessibleName(texts.clean(f"{screen.word}. {screen.sentence}"))
        self._give_room()
        self._announce(screen)

    def _name_undo(self) -> None:
        """Name on the button the return that undo applies to."""
        words = _("Undo")
        self.undo.show_words(f"{words} {self._undo_order}".strip(), self._undo_key)

    def _announce(self, screen: BandScreen) -> None:
        """Announce a new message of the band to screen readers."""
        if screen.serial == self._serial:
            return
        self._serial = screen.serial
        # Imported late: the window is painted before it speaks.
        from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent  # noqa: PLC0415

        said = texts.clean(f"{screen.word}. {screen.sentence}")
        event = QAccessibleAnnouncementEvent(self, said)
        if screen.signal in _URGENT:
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)
        self.announced.emit(said)

    def _undo(self) -> None:
        self.undo_requested.emit()

    def set_low(self, low: bool) -> None:
        """Take less height in a small window."""
        if low != self._low:
            self._low = low
            self._space()
            self._give_room()

    def _space(self) -> None:
        """Set the spacing for scale and height."""
        now = look()
        side = now.px(16 if self._low else 24)
        self._row.setContentsMargins(side, now.px(_TOP), side, now.px(_FOOT))
        self._row.setSpacing(now.px(16 if self._low else 20))
        way = QBoxLayout.Direction.LeftToRight if self._low else QBoxLayout.Direction.TopToBottom
        self._right.setDirection(way)
        self._right.setSpacing(now.px(12 if self._low else 2))
        self.shape.set_edge(44 if self._low else 56)
        self.word.set_tall(self._tall())
        self.setFixedHeight(now.px(_LOW_HEIGHT if self._low else _HEIGHT))

    def _give_room(self) -> None:
        """Choose the biggest word that leaves room for the sentence and the detail."""
        now = look()
        best = 34 if self._low else 60 if self.width() >= now.px(1600) else 46
        sizes = [size for size in _SIZES if size <= best]
        for is_tight in (False, True):
            self.undo.setMaximumWidth(now.px(_UNDO_WIDTH) if is_tight else _NO_LIMIT)
            beside = self._beside()
            for size in sizes:
                for wide in self.word.widths_at(size):
                    if (most := self._lines_in(self.width() - beside - wide - now.px(_SPARE))) is not None:
                        self._share(size, wide, most)
                        return
        # A text of any length, as foreign ones may have: the word keeps its share.
        beyond = self.width() - beside - self.sentence.minimumSizeHint().width()
        least = min(*self.word.widths_at(sizes[-1]), beyond)
        room = max(now.px(120), least, round((self.width() - beside) * 0.45))
        self._share(best, room, (2 if self._low else _MOST_SENTENCE, 1))

    def _share(self, size: int, room: int, most: tuple[int, int]) -> None:
        """Give word, sentence and detail what they may take."""
        self.word.set_room(room, size)
        self.sentence.set_most(most[0])
        self.detail.set_most(most[1])

    def _beside(self) -> int:
        """Return the width of everything but the word and the sentence."""
        margins, gap = self._row.contentsMargins(), self._row.spacing()
        rest = [self.shape, *(x for x in (self.ring,) if x.isVisibleTo(self))]
        wide = sum(x.sizeHint().width() + gap for x in rest) + margins.left() + margins.right() + gap
        right = [x for x in (self.practice_mark, self.undo) if x.isVisibleTo(self)]
        if not right:
            return wide
        widths = [min(x.sizeHint().width(), x.maximumWidth()) for x in right]
        return wide + gap + (sum(widths) + self._right.spacing() if self._low else max(widths))

    def _lines_in(self, width: int) -> tuple[int, int] | None:
        """Return the lines of sentence and detail at a width; None if they do not fit there."""
        if width < self.sentence.minimumSizeHint().width():
            return None
        sentence = self.sentence.lines_at(width, _MOST_SENTENCE)
        detail = self.detail.lines_at(width, _MOST_DETAIL)
        if sentence is None or detail is None:
            return None
        height = sentence * line_spacing(self.sentence.font()) + detail * line_spacing(self.detail.font())
        height += look().px(_BETWEEN) if detail else 0
        return (max(1, sentence), max(1, detail)) if height <= self._tall() else None

    def _tall(self) -> int:
        """Return the height that word and sentence may have."""
        return look().px((_LOW_HEIGHT if self._low else _HEIGHT) - _TOP - _FOOT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Update the width of the word."""
        super().resizeEvent(event)
        self._give_room()

    def changeEvent(self, event: QEvent) -> None:
        """Follow theme, scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
            self._give_room()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the soft background and the strong edge, which is hatched in practice mode."""
        now = look()
        painter = QPainter(self)
        painter.fillRect(self.rect(), now.soft(self._tone))
        edge = now.px(4 if now.border == 1 else 6)
        strong = now.tone(self._tone, "line")
        foot = QRectF(0, self.height() - edge, self.width(), edge)
        painter.fillRect(foot, strong)
        if self._practice:
            self._hatch(painter, QRectF(0, 0, self.width(), now.px(8)))
            self._hatch(painter, foot.adjusted(0, -now.px(4), 0, 0))
        painter.end()

    def _hatch(self, painter: QPainter, room: QRectF) -> None:
        """Draw the diagonal stripes of practice mode."""
        now = look()
        painter.save()
        painter.setClipRect(room)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(room, now.color("on_practice"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.color("practice"))
        step, tall = now.px(24), room.height()
        for x in range(-step, self.width() + step, step):
            corners = ((x, tall), (x + step / 2, tall), (x + step / 2 + tall, 0), (x + tall, 0))
            painter.drawPolygon(QPolygonF([QPointF(a, room.top() + b) for a, b in corners]))
        painter.restore()
