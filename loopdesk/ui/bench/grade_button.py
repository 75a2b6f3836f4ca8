"""A grade's button: its letter, what it means in words, and its digit."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from loopdesk.presenters.screens.returns import CommandButton
from loopdesk.ui import texts
from loopdesk.ui.theme import SMALLEST, Look, look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.fitted import draw_lines, fit, line_spacing

_LETTERS = (30, 24, 20, 17, 15)
_PAD, _TIGHT = 12, 6
_HEAD = 26
"""The height of the letter above its meaning, in px at 100 %."""

_BESIDE = 150
"""From this width on, in px at 100 %, the meaning stands beside the letter; else below it."""


class GradeButton(KeyCapButton):
    """The letter large, its meaning small; a long label of the station's own takes the letter's place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._meaning = ""
        self._letter: tuple[str, QFont] = ("", QFont())
        super().__init__(variant="plain", parent=parent)

    def show_button(self, one: CommandButton) -> None:
        """Show a grade."""
        self.command = one.command
        meaning = texts.clean(one.meaning)
        if meaning != self._meaning:
            self._meaning = meaning
            self._refit()
        self.show_words(one.text, one.key, chosen=one.chosen, enabled=one.enabled)
        self.setAccessibleName(" ".join(part for part in (self._words, meaning) if part))

    def sizeHint(self) -> QSize:
        """Return a size with the meaning beside the letter."""
        return QSize(look().px(_BESIDE), look().px(72))

    def _boxes(self, now: Look) -> tuple[QRectF, QRectF]:
        """Return the rooms of the letter and of its meaning."""
        box, cap = QRectF(self.rect()), self._cap_width(now) + now.px(6)
        if self.width() >= now.px(_BESIDE):
            pad = now.px(_PAD)
            wide = min(box.width() * 0.45, QFontMetrics(self._letter[1]).horizontalAdvance(self._words) + 4)
            letter = QRectF(pad, 0, wide, box.height())
            left = letter.right() + now.px(10)
            return letter, QRectF(left, 0, box.width() - left - cap - now.px(8), box.height())
        pad, tall = now.px(_TIGHT), now.px(_HEAD) if self._meaning else box.height()
        letter = QRectF(pad + 2, now.px(2), box.width() - 2 * pad - cap, tall)
        return letter, QRectF(pad, tall, box.width() - 2 * pad + 2, box.height() - tall - now.px(2))

    def _refit(self) -> None:
        """Choose the sizes of letter and meaning; what is cut is in the tool tip."""
        now = look()
        room = self.width() - 2 * now.px(_PAD) - self._cap_width(now)
        tall = self.height() if self.width() >= now.px(_BESIDE) else now.px(_HEAD)
        for size in _LETTERS:
            font = now.font(size, QFont.Weight.Bold)
            wide = room * (0.45 if self.width() >= now.px(_BESIDE) and len(self._words) > 2 else 1)
            self._letter = (self._words, font)
            if QFontMetrics(font).horizontalAdvance(self._words) <= wide and line_spacing(font) <= tall + 4:
                break
        inner, font = self._boxes(now)[1], now.font(SMALLEST)
        most = max(1, int((inner.height() + 2) // line_spacing(font)))
        self._lines, cut = fit(self._meaning, font, max(1, int(inner.width())), most)
        texts.tip(self, f"{self._words} · {self._meaning}" if cut else "")
        self.update()

    def shown_lines(self) -> list[str]:
        """Return letter and meaning as displayed."""
        return [self._words, *(line for line in self._lines if line)]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground, letter, meaning and cap."""
        now = look()
        inks = self._inks(now)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_ground(painter, now, inks)
        letter, meaning = self._boxes(now)
        words, font = self._letter
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, int(letter.width()) + 4)
        draw_lines(painter, letter, [shown], font, inks.text)
        draw_lines(painter, meaning, self._lines, now.font(SMALLEST), inks.quiet)
        if self._key:
            wide, tall = self._cap_width(now), now.px(20)
            top = (self.height() - tall) / 2 if self.width() >= now.px(_BESIDE) else now.px(6)
            self._draw_cap(painter, now, inks, QRectF(self.width() - wide - now.px(8), top, wide, tall))
        painter.end()
