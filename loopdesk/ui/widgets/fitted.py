"""Text that fits: a maximum number of lines, the last one elided, the full text in the tool tip."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from loopdesk.ui import texts
from loopdesk.ui.theme import mark


def fit(text: str, font: QFont, width: int, most: int, last: int = 0) -> tuple[list[str], bool]:
    """Wrap a text into lines.

    Args:
        text: Plain text, already cleaned.
        font: Its font.
        width: Available width in device-independent pixels.
        most: Maximum number of lines.
        last: Available width of the last of so many lines, where it is another; 0 where it is not.

    Returns:
        The lines, and whether something had to be left out.
    """
    lines, is_cut = _fit(text, font, width, most, last)
    return list(lines), is_cut


@lru_cache(maxsize=500)  # layouts and paints ask for the same ones repeatedly
def _fit(text: str, font: QFont, width: int, most: int, last: int) -> tuple[list[str], bool]:
    """Wrap a text into lines, uncached; see ``fit``."""
    metrics = QFontMetrics(font)
    if most == 1:
        one = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        return [one], one != text
    if "\n" not in text and metrics.horizontalAdvance(text) < width:
        return [text.strip()], False
    layout = QTextLayout(text.replace("\n", "\u2028"), font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    lines: list[str] = []
    layout.beginLayout()
    while len(lines) < most:
        line = layout.createLine()
        if not line.isValid():
            break
        is_last = len(lines) + 1 == most
        room = last if is_last and last else width
        line.setLineWidth(max(1, room))
        start, length = _utf16(text, line.textStart(), line.textLength())
        rest = text[start:].replace("\n", " ")
        if is_last and len(rest.rstrip()) > length:
            layout.endLayout()
            lines.append(metrics.elidedText(rest, Qt.TextElideMode.ElideRight, room))
            return lines, True
        lines.append(text[start : start + length].strip())
    layout.endLayout()
    return lines, False


def _utf16(text: str, start: int, length: int) -> tuple[int, int]:
    """Convert a position in UTF-16 code units, as Qt counts, to one in characters."""
    if text.isascii() or all(ord(character) < 0x10000 for character in text):
        return start, length
    units = text.encode("utf-16-le")
    before = len(units[: start * 2].decode("utf-16-le", "replace"))
    return before, len(units[start * 2 : (start + length) * 2].decode("utf-16-le", "replace"))


@lru_cache(maxsize=128)
def line_spacing(font: QFont) -> int:
    """Return the line spacing of a font, in device-independent pixels."""
    return QFontMetrics(font).lineSpacing()


_FITTED = Qt.TextFlag.TextSingleLine.value | Qt.TextFlag.TextDontClip.value
_FLAGS = {
    align: align.value | Qt.AlignmentFlag.AlignVCenter.value | _FITTED
    for align in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
}
"""How each line is drawn. It was fitted before; looking for line ends and clips takes as long as drawing."""


def draw_lines(
    painter: QPainter,
    room: QRectF,
    lines: list[str],
    font: QFont,
    ink: QColor,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Draw lines one below the other, centered vertically."""
    height = line_spacing(font)
    top = room.top() + (room.height() - height * len(lines)) / 2
    painter.setFont(font)
    painter.setPen(ink)
    left, width, flags = room.left(), room.width(), _FLAGS[align]
    for number, line in enumerate(lines):
        painter.drawText(QRectF(left, top + number * height, width, height), flags, line)


class FittedLabel(QLabel):
    """A label of plain foreign text that never asks for more lines than it is given.

    Its font and color come from the style sheet by ``role`` and ``tone``; a text that does not fit ends in
    "…", and is available in full in the tool tip and to a screen reader.
    """

    def __init__(
        self, role: str, most: int = 1, parent: QWidget | None = None, *, lines: bool = False
    ) -> None:
        super().__init__(parent)
        self._most = most
        self._lines = lines
        self._shown: list[str] = []
        self._said: tuple[str, str, int] | None = None
        self._heights: dict[int, int] = {}
        self._hint: QSize | None = None
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str, tone: str = "plain", limit: int = texts.SHOWN_CHARACTERS) -> None:
        """Show a foreign text in a tone; "" hides the label."""
        said = (text, tone, limit)
        if said == self._said and self.isHidden() is not bool(text):
            return
        self._said = said
        mark(self, "tone", tone)
        before = self.text()
        texts.plain(self, text, limit, lines=self._lines)
        self.setVisible(bool(text))
        if self.text() != before:
            self._measure_again()

    def _measure_again(self) -> None:
        """Forget what was measured of another text, font or number of lines."""
        self._heights.clear()
        self._hint = None
        self._refit()
        self.updateGeometry()

    def set_most(self, most: int) -> None:
        """Change the maximum number of lines."""
        if most != self._most:
            self._most = most
            self._measure_again()

    def lines_at(self, width: int, most: int) -> int | None:
        """Return the number of lines that the text needs at a width; None if it is more than ``most``."""
        self.ensurePolished()
        lines, cut = fit(self.text(), self.font(), max(1, width), most)
        return None if cut else len(lines) if self.text() else 0

    def _refit(self) -> None:
        """Wrap the text for the current width."""
        self._shown, cut = fit(self.text(), self.font(), self.contentsRect().width(), self._most)
        texts.tip(self, self.text() if cut else "")
        self.update()

    def shown_lines(self) -> list[str]:
        """Return the lines as displayed."""
        return list(self._shown)

    def hasHeightForWidth(self) -> bool:
        """Return True: narrow text needs more lines."""
        return self._most > 1

    def heightForWidth(self, width: int) -> int:
        """Return the height of the text, limited to the allowed lines."""
        if width not in self._heights:  # a layout asks for the same few again and again
            self.ensurePolished()
            lines, _ = fit(self.text(), self.font(), max(1, width), self._most)
            self._heights[width] = max(1, len(lines)) * self.fontMetrics().lineSpacing()
        return self._heights[width]

    def sizeHint(self) -> QSize:
        """Return the size of the text on one line."""
        if self._hint is None:
            self.ensurePolished()
            metrics, lines = self.fontMetrics(), self.text()[:200].split("\n")
            widest = max((metrics.horizontalAdvance(line) for line in lines), default=0)
            self._hint = QSize(widest + 2, metrics.lineSpacing())
        return self._hint

    def minimumSizeHint(self) -> QSize:
        """Return the size of a few characters: the rest is elided."""
        self.ensurePolished()
        metrics = self.fontMetrics()
        return QSize(min(self.sizeHint().width(), metrics.averageCharWidth() * 8), metrics.lineSpacing())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap the text for the new width."""
        super().resizeEvent(event)
        self._refit()

    def changeEvent(self, event: QEvent) -> None:
        """Measure again in a new font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._measure_again()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the lines."""
        painter = QPainter(self)
        ink = self.palette().color(self.foregroundRole())
        room = QRectF(self.contentsRect())
        align = self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask
        draw_lines(painter, room, self._shown, self.font(), ink, align or Qt.AlignmentFlag.AlignLeft)
        painter.end()


class Message(FittedLabel):
    """Says on a page how the last choice went, until Esc or another choice puts it away.

    Signals:
        left(): It is to be put away.
    """

    left = Signal()

    def leave(self) -> bool:
        """Ask for it to be put away. False if nothing is said."""
        is_said = not self.isHidden()
        if is_said:
            self.left.emit()
        return is_said
