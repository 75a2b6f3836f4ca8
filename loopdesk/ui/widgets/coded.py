"""Buttons that a scanner presses too: each shows its printed code as a QR code, and a grid of such answers.

A code is dark on white in every theme, of whole pixels, with its quiet zone. A module is three to five pixels
wide at 100 %: 0.8 mm and more on a common screen, which a hand-held imager reads at arm's length. In a window
that is too low for that it is two, before an answer would be out of sight or lose a word.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from loopdesk.ui import texts
from loopdesk.ui.theme import SMALLEST, Look, look
from loopdesk.ui.widgets.buttons import Inks, KeyCapButton
from loopdesk.ui.widgets.fitted import draw_lines, fit, line_spacing
from loopdesk.ui.widgets.scroll_room import ScrollRoom

_MODULE, _WIDE_MODULE, _NARROW_MODULE = 3, 5, 2
_EDGE = 4
"""What is left free around a code, in px at 100 %."""

_BOLD = QFont.Weight.Bold
_MOST_LINES = 6
_LONGEST = 620
"""The longest way from the words to their code, in px at 100 %."""

_SIDE = 29
"""Modules of a code's edge with its quiet zones, before a code is known: that of 25 signs at most."""


def code_height(now: Look) -> int:
    """Return the height of a button with the smallest code."""
    return _SIDE * now.px(_MODULE) + 2 * now.px(_EDGE)


class CodedButton(KeyCapButton):
    """A button with its printed code at the right end, and room for a second line.

    Args:
        command: What ``requested`` carries.
        variant: As of ``KeyCapButton``.
    """

    def __init__(self, command: str, *, variant: str = "plain", parent: QWidget | None = None) -> None:
        self._rows: tuple[str, ...] = ()
        self._code = ""
        self._is_hidden_code = False
        self._uses_code = True
        self._widest = self._most_module = _WIDE_MODULE
        self._detail = ""
        super().__init__(command, variant=variant, parent=parent)

    def show_code(self, code: str) -> None:
        """Show this printed code; "" for none."""
        if code == self._code:
            return
        # Not at the top: the writer of codes is loaded with the first question.
        from loopdesk.ui import printing  # noqa: PLC0415

        self._code = code
        self._rows = printing.modules(code, printing.Symbology.QR) if code else ()
        self._refit()
        self.updateGeometry()

    def hide_code(self, hidden: bool) -> None:
        """Leave the place of the code white, in a picture that is kept."""
        self._is_hidden_code = hidden
        self.update()

    @property
    def has_code(self) -> bool:
        """Whether it has a code, shown or not."""
        return bool(self._code)

    def use_code(self, used: bool) -> None:
        """Show the code, or do without it where there is no room."""
        if used is not self._uses_code:
            self._uses_code = used
            self._refit()

    def show_detail(self, detail: str) -> None:
        """Show a second, quiet line; "" for none."""
        if detail != self._detail:
            self._detail = texts.clean(detail)
            self.setAccessibleDescription(f"{self._key_named} {self._detail}".strip())
            self._refit()

    def code_place(self) -> QRect:
        """Return the square of the code with its quiet zones; empty without one.

        Codes of all sizes end at the same place, in buttons of any height.
        """
        now = look()
        side = self._side(now)
        left = self.width() - side - now.px(_EDGE)
        return QRect(left, (self.height() - side) // 2, side, side) if side else QRect()

    def module(self) -> int:
        """Return the width of the code's modules; 0 without a code."""
        return self._side(look()) // (len(self._rows) + 8)

    def limit_code(self, most: int) -> None:
        """Show a code with modules of this width at most, in px at 100 %."""
        if most != self._most_module:
            self._most_module = most
            self._refit()

    def _side(self, now: Look) -> int:
        """Return the edge of the code with its quiet zones: of the widest whole modules that fit."""
        if not self._rows or not self._uses_code:
            return 0
        modules = len(self._rows) + 8
        room = (self.height() - 2 * now.px(_EDGE)) // modules
        return modules * max(now.px(_NARROW_MODULE), min(now.px(self._widest), room))

    def _end(self, now: Look) -> int:
        """Return the width of the code, beyond the button's own margin."""
        return self._side(now)

    def minimumSizeHint(self) -> QSize:
        """Return the room of the smallest code and a few words."""
        now = look()
        if not self._rows:
            return super().minimumSizeHint()
        return QSize(code_height(now) + now.px(90), code_height(now))

    def sizeHint(self) -> QSize:
        """Return the size of the caption on one line, with cap and code."""
        hint = super().sizeHint()
        return QSize(hint.width(), max(hint.height(), self.minimumSizeHint().height()))

    def _refit(self) -> None:
        """Choose font and lines. The code gives way before a word is broken, and before one is left out also
        below its common width.
        """
        for widest in range(self._most_module, _NARROW_MODULE - 1, -1):
            self._widest = widest
            super()._refit()
            is_cut, is_common = bool(self.toolTip()), widest <= _MODULE
            if not self._rows or not (is_cut or (self._breaks_a_word() and not is_common)):
                return

    def _tries(self, now: Look) -> list[tuple[int, QFont, bool]]:
        """Return lines and fonts to try: there is room for several lines beside a code."""
        return [(most, font, False) for font in self._fonts(now) for most in range(1, _MOST_LINES + 1)]

    def _cap_width(self, _now: Look) -> int:
        """Return 0: the key stands at the left, and stays whatever the caption needs."""
        return 0

    def _beside(self, now: Look, *, is_capless: bool | None = None) -> int:
        """Return the width of the key before the caption, which is always there."""
        del is_capless
        return self._key_width(now) + now.px(10) if self._key else 0

    def _key_width(self, now: Look) -> int:
        return max(
            now.px(28), QFontMetrics(now.font(SMALLEST, _BOLD)).horizontalAdvance(self._cap()) + now.px(12)
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the key, the caption with its second line, and the code."""
        now = look()
        inks = self._inks(now)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_ground(painter, now, inks)
        pad = now.px(self._pad)
        if self._key:
            box = QRectF(pad, (self.height() - now.px(28)) / 2, self._key_width(now), now.px(28))
            self._draw_key(painter, now, inks, box)
        self._draw_words(painter, now, inks, pad + self._beside(now))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        if self._rows and self._uses_code:
            self._draw_code(painter)
        painter.end()

    def _draw_key(self, painter: QPainter, now: Look, inks: Inks, box: QRectF) -> None:
        """Draw the key that does the same, before the caption."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(inks.quiet, 1))
        painter.drawRoundedRect(box, now.px(6), now.px(6))
        draw_lines(
            painter, box, [self._cap()], now.font(SMALLEST, _BOLD), inks.text, Qt.AlignmentFlag.AlignHCenter
        )

    def _draw_words(self, painter: QPainter, now: Look, inks: Inks, left: int) -> None:
        """Draw the caption, and below it the second line, together in the middle."""
        quiet, room = now.font(SMALLEST), self._room(now, self.width())
        upper = len(self._lines) * line_spacing(self._font)
        detail = fit(self._detail, quiet, max(1, room), 2)[0] if self._detail else []
        lower = len(detail) * line_spacing(quiet)
        top = (self.height() - upper - lower) / 2
        draw_lines(painter, QRectF(left, top, room, upper), self._lines, self._font, inks.text)
        draw_lines(painter, QRectF(left, top + upper, room, lower), detail, quiet, inks.quiet)

    def _draw_code(self, painter: QPainter) -> None:
        """Draw the code from whole pixels of the screen, on white."""
        from loopdesk.ui import printing  # noqa: PLC0415

        ratio = self.devicePixelRatioF()
        where = self.code_place()
        painter.fillRect(where, Qt.GlobalColor.white)
        if self._is_hidden_code:
            return
        painter.scale(1 / ratio, 1 / ratio)
        dot = int(where.width() * ratio) // (len(self._rows) + 8)
        area = QRectF(round(where.left() * ratio), round(where.top() * ratio), 0, 0)
        printing.paint(painter, self._rows, printing.Symbology.QR, area, dot)


class AnswerGrid(ScrollRoom):
    """The numbered answers, as even columns of buttons; what does not fit scrolls.

    Signals:
        chosen(int): An answer was pressed; carries its place, from 0.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answers: list[CodedButton] = []
        self.setWidgetResizable(False)

    def show_answers(
        self, answers: Sequence[str], details: Sequence[str], chosen: int, codes: Sequence[str]
    ) -> None:
        """Show these answers with their keys and codes."""
        for gone in self._answers[len(answers) :]:
            gone.hide()
            gone.deleteLater()
        del self._answers[len(answers) :]
        while len(self._answers) < len(answers):
            made = CodedButton(str(len(self._answers)), parent=self.sheet)
            made.requested.connect(self._choose)
            made.show()
            self._answers.append(made)
        for number, (button, text) in enumerate(zip(self._answers, answers, strict=True)):
            button.show_words(text, str(number + 1), chosen=number == chosen)
            button.show_detail(details[number] if number < len(details) else "")
            button.show_code(codes[number] if number < len(codes) else "")
        self.setVisible(bool(answers))
        self._place()

    def answers(self) -> list[CodedButton]:
        """Return the buttons of the answers."""
        return list(self._answers)

    def needed(self, width: int, columns: int) -> int:
        """Return the height that all answers need at a width, in at most so many columns."""
        count = len(self._answers)
        if not count:
            return 0
        now = look()
        rows = -(-count // min(columns, self._most(width), count))
        return rows * code_height(now) + (rows - 1) * now.px(8)

    def _most(self, width: int) -> int:
        """Return how many columns have room for a code and its words."""
        now = look()
        return max(1, (width + now.px(8)) // (code_height(now) + now.px(150 + 8)))

    def _choose(self, place: str) -> None:
        self.chosen.emit(int(place))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the answers."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Arrange them for another scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._place()

    def _place(self) -> None:
        """Give each button its cell: few columns, as far as the height allows and none is long."""
        buttons = getattr(self, "_answers", ())
        if not buttons:
            return
        now, room = look(), self.maximumViewportSize()
        most = self._most(room.width())
        least = min(most, -(-room.width() // now.px(_LONGEST)))
        columns = next((n for n in range(least, most) if self.needed(room.width(), n) <= room.height()), most)
        # Wider columns with smaller codes, before an answer loses words.
        others = (
            n for n in range(columns - 1, least - 1, -1) if self._height(n, self._lowest()) <= room.height()
        )
        for tried in (columns, *others):
            self._arrange(tried)
            if not any(button.toolTip() for button in buttons):
                return
        self._arrange(columns)

    @staticmethod
    def _lowest() -> int:
        """Return the height of a button with the smallest code of all."""
        now = look()
        return _SIDE * now.px(_NARROW_MODULE) + 2 * now.px(_EDGE)

    def _height(self, columns: int, tall: int) -> int:
        """Return the height of all answers in so many columns of buttons of this height."""
        rows = -(-len(self._answers) // columns)
        return rows * tall + (rows - 1) * look().px(8)

    def _arrange(self, columns: int) -> None:
        """Give each button its cell in so many columns at most."""
        now, room = look(), self.maximumViewportSize()
        rows = -(-len(self._answers) // columns)
        columns = -(-len(self._answers) // rows)
        gap, tallest = now.px(8), _SIDE * now.px(_WIDE_MODULE) + 2 * now.px(_EDGE)
        tall = max(self._lowest(), min(tallest, (room.height() - (rows - 1) * gap) // rows))
        height = self._height(columns, tall)
        wide = room.width() - (self.verticalScrollBar().sizeHint().width() if height > room.height() else 0)
        self.sheet.resize(wide, height)
        cell = (wide - (columns - 1) * gap) / columns
        for number, button in enumerate(self._answers):
            row, column = divmod(number, columns)
            left, right = round(column * (cell + gap)), round(column * (cell + gap) + cell)
            button.limit_code(_WIDE_MODULE)
            button.setGeometry(left, row * (tall + gap), right - left, tall)
        self._even()

    def _even(self) -> None:
        """Show all codes in one size: that of the smallest, unless it had to give way to its words."""
        now = look()
        least = min((button.module() for button in self._answers if button.has_code), default=0)
        common = next((n for n in range(_WIDE_MODULE, _MODULE, -1) if now.px(n) <= least), _MODULE)
        for button in self._answers:
            button.limit_code(common)
