"""The navigation rail at the left: the current view, and how many items are waiting in each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from loopdesk.ui import assets, texts
from loopdesk.ui.theme import SMALLEST, look
from loopdesk.ui.widgets.buttons import KEYBOARD
from loopdesk.ui.widgets.fitted import draw_lines, fit, line_spacing

_ICON_FROM, _SLENDER, _WIDE = 52, 64, 104
_ROOMY = 1180
"""From this width of the window on, in px at 100 %, the rail has room to spare."""

_REST = 920
"""So much of it, in px at 100 %, is the bench's before the rail shows words."""


class NavButton(QPushButton):
    """One view's button on the rail: icon, word, and a badge with a number.

    Signals:
        chosen(str): Pressed, or reached with the arrow keys; carries the name of the view.
    """

    chosen = Signal(str)

    def __init__(self, name: str, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self._icon_name = icon
        self._words = ""
        self._badge = 0
        self._ring = False
        self._badge_tone = "blocked"
        self._is_wordless = False
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.clicked.connect(self._tell)

    def _tell(self) -> None:
        self.chosen.emit(self.name)

    def show_words(self, text: str, keys: str) -> None:
        """Set the word and the keys that lead there."""
        self._words = texts.clean(text, 40)
        self.setText("" if self._is_wordless else texts.caption(text))
        self.setAccessibleDescription(keys)
        texts.tip(self, f"{self._words} ({keys})")
        self._name_aloud()
        self.update()

    def show_badge(self, number: int, tone: str = "blocked") -> None:
        """Set the number of waiting items; 0 hides the badge."""
        if (number, tone) != (self._badge, self._badge_tone):
            self._badge, self._badge_tone = number, tone
            self._name_aloud()
            self.update()

    def _name_aloud(self) -> None:
        """Set the accessible name: the word and the number."""
        self.setAccessibleName(f"{self._words}, {self._badge}" if self._badge else self._words)

    def set_wordless(self, wordless: bool) -> None:
        """Show the icon without the word."""
        if wordless is not self._is_wordless:
            self._is_wordless = wordless
            self.setText("" if wordless else texts.caption(self._words))
            self.update()

    def word_width(self) -> int:
        """Return the width of the word on one line."""
        return QFontMetrics(look().font(SMALLEST, QFont.Weight.Medium)).horizontalAdvance(self._words)

    def badge_text(self) -> str:
        """Return the text of the badge, "" if there is none."""
        if not self._badge:
            return ""
        return "99+" if self._badge > 99 else str(self._badge)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring if the keyboard brought the focus."""
        self._ring = event.reason() in KEYBOARD
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the ring."""
        self._ring = False
        super().focusOutEvent(event)

    def sizeHint(self) -> QSize:
        """Return the size of a button."""
        return QSize(look().px(72), look().px(68))

    def minimumSizeHint(self) -> QSize:
        """Return the size with the word alone, for a very low window."""
        return QSize(look().px(56), look().px(30))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw background, icon, word and badge."""
        now = look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        role = "selected" if self.isChecked() else "hover" if self.underMouse() else "surface"
        edge = now.px(3)
        box = QRectF(self.rect()).adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2)
        ringed = self._ring or (self.isChecked() and now.border > 1)
        painter.setPen(QPen(now.color("accent"), edge) if ringed else Qt.PenStyle.NoPen)
        painter.setBrush(now.color(role))
        painter.drawRoundedRect(box, now.px(12), now.px(12))
        ink = now.color("accent" if self.isChecked() else "muted")
        # The chosen one is marked by color and ground, not by a bolder word that would need more room.
        font = now.font(SMALLEST, QFont.Weight.Medium)
        with_icon = self._is_wordless or self.height() >= now.px(_ICON_FROM)
        lines: list[str] = []
        if not self._is_wordless:
            lines, _ = fit(self._words, font, self.width() - now.px(4), 2 if with_icon else 1)
        word = QRectF(self.rect())
        if with_icon:
            size, height = now.px(24), len(lines) * line_spacing(font)
            top = (self.height() - size - now.px(2) - height) // 2
            at = QPoint((self.width() - size) // 2, top)
            painter.drawPixmap(at, assets.tinted(self._icon_name, size, ink, self.devicePixelRatioF()))
            word = QRectF(0, top + size + now.px(2), self.width(), height)
        draw_lines(painter, word, lines, font, ink, Qt.AlignmentFlag.AlignHCenter)
        self._draw_badge(painter, with_icon)
        painter.end()

    def _draw_badge(self, painter: QPainter, with_icon: bool) -> None:
        """Draw the number at the icon's upper right."""
        words = self.badge_text()
        if not words:
            return
        now = look()
        font = now.font(SMALLEST, QFont.Weight.Bold)
        height = now.px(20 if with_icon else 18)
        width = max(height, QFontMetrics(font).horizontalAdvance(words) + now.px(10))
        top = max(0, self.height() / 2 - now.px(30)) if with_icon else 0
        left = min(self.width() / 2 + now.px(4), self.width() - width)
        box = QRectF(left if with_icon else self.width() - width, top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.tone(self._badge_tone))
        painter.drawRoundedRect(box, height / 2, height / 2)
        draw_lines(painter, box, [words], font, now.color("on_tone"), Qt.AlignmentFlag.AlignHCenter)


class NavRail(QFrame):
    """The rail of all views; exactly one is current.

    Args:
        places: (name, icon) of each, in order.

    Signals:
        chosen(str): A view was chosen; carries its name.
    """

    chosen = Signal(str)

    def __init__(self, places: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self._group = QButtonGroup(self)
        self._buttons: dict[str, NavButton] = {}
        self._column = QVBoxLayout(self)
        for name, icon in places:
            button = NavButton(name, icon, self)
            button.chosen.connect(self.chosen)
            self._group.addButton(button)
            self._buttons[name] = button
            self._column.addWidget(button, 10)
        self._column.addStretch(1)
        self._width, self._is_wordless = _WIDE, False
        self._space()

    def share(self, width: int) -> None:
        """Be as wide as a window of this width allows: icons over their words, also in a narrow one.

        Icons are alone only where the bench needs the rest; then the words are in the tool tips.
        """
        now = look()
        words = max((button.word_width() for button in self._buttons.values()), default=0) + now.px(14)
        if width >= now.px(_ROOMY):
            self._width, self._is_wordless = _WIDE, False
        elif words <= now.px(_WIDE) and width - words >= now.px(_REST):
            self._width, self._is_wordless = max(_SLENDER, round(words * 100 / now.scale)), False
        else:
            self._width, self._is_wordless = _SLENDER, True
        self._space()

    def _space(self) -> None:
        """Set width and spacing for the scale."""
        now = look()
        self.setFixedWidth(now.px(self._width))
        beside = now.px(8) if self._is_wordless or self._width == _WIDE else now.px(2)
        self._column.setContentsMargins(beside, now.px(8), beside, now.px(8))
        self._column.setSpacing(now.px(6))
        for button in self._buttons.values():
            button.setMaximumHeight(now.px(68))
            button.set_wordless(self._is_wordless)

    def button(self, name: str) -> NavButton:
        """Return the button of a view."""
        return self._buttons[name]

    def mark_shown(self, name: str) -> None:
        """Mark the current view."""
        self._buttons[name].setChecked(True)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
