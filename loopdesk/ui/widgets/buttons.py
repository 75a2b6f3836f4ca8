"""The buttons of the bench: a caption, its key, and an optional icon; and a grid of equal ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from loopdesk.ui import assets, texts
from loopdesk.ui.theme import SMALLEST, Look, look
from loopdesk.ui.widgets.fitted import draw_lines, fit, line_spacing

if TYPE_CHECKING:
    from loopdesk.presenters.screens.returns import CommandButton

_BOLD = QFont.Weight.Bold
_PAD, _NARROW_PAD, _CAP = 12, 6, 11
_LOW_CAP, _CORNER = 18, 5
_ICON_ALONE = 64
"""Below this width, in px at 100 %, a button with an icon shows it alone."""

_MOST_GROWN = 6
_STRONG = QFont.Weight.DemiBold
KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
"""Focus reasons of the keyboard: only then a ring shows the focus."""


@dataclass(frozen=True, slots=True)
class Inks:
    """The four colors of a button."""

    ground: QColor
    edge: QColor
    text: QColor
    quiet: QColor


class KeyCapButton(QPushButton):
    """A big button with a key cap.

    Args:
        command: What ``requested`` carries.
        text: Caption, foreign text.
        key: The equivalent key, as the table of commands writes it; "" for none.
        variant: ``plain``, ``primary`` (the next step), or ``undo`` (visibly different from it).
        height: In px at 100 %.
        grows: Whether it is higher where its caption needs more lines.

    Signals:
        requested(str): Pressed; carries the command.
    """

    requested = Signal(str)

    def __init__(
        self,
        command: str = "",
        text: str = "",
        key: str = "",
        *,
        icon: str = "",
        variant: str = "plain",
        height: int = 56,
        grows: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.command = command
        self._key = ""
        self._key_named = ""
        self._words = ""
        self._icon_name = icon
        self._variant = variant
        self._height = height
        self._grows = grows
        self._lines: list[str] = []
        self._font = QFont()
        self._in_corner = False
        self._pad = _PAD
        self.is_capless = False
        self._leaves_cap = False
        self._ring = False
        self._pending = 0
        self.setAutoDefault(False)
        # A touch or click leaves the focus alone; the keyboard still reaches every button.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        upright = QSizePolicy.Policy.Preferred if grows else QSizePolicy.Policy.Fixed
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, upright)
        policy.setHeightForWidth(grows)
        self.setSizePolicy(policy)
        self.clicked.connect(self._tell)
        self.show_words(text, key)

    def show_words(self, text: str, key: str, *, chosen: bool = False, enabled: bool = True) -> bool:
        """Set caption, key and state. Returns whether caption or key are others now."""
        named = texts.key_name(key)
        is_other = (text, key, named) != (self._words, self._key, self._key_named)
        if is_other:
            self._words, self._key, self._key_named = texts.clean(text), key, named
            self.setAccessibleName(self._words)
            self.setAccessibleDescription(named)
            self._refit()
            self.updateGeometry()
        if chosen and not self.isCheckable():
            self.setCheckable(True)
        self.setChecked(chosen)
        self.setEnabled(enabled)
        return is_other

    def show_pending(self, keys: tuple[str, ...]) -> None:
        """Show how many presses of its key are still undecided."""
        pending = keys.count(self._key) if self._key else 0
        if pending != self._pending:
            self._pending = pending
            self.update()

    def leave_cap(self, leave: bool) -> None:
        """Do without the key cap, or show it where it fits."""
        if leave is not self._leaves_cap:
            self._leaves_cap = leave
            self._refit()

    def set_icon_name(self, name: str) -> None:
        """Change the icon, "" for none."""
        if name != self._icon_name:
            self._icon_name = name
            self._refit()

    def _tell(self) -> None:
        """Emit the pressed command; the next screen decides whether the button is chosen."""
        if self.isCheckable():
            self.setChecked(not self.isChecked())
        self.requested.emit(self.command)

    def sizeHint(self) -> QSize:
        """Return the size of the caption on one line plus the cap."""
        now = look()
        return QSize(self._wide(now, is_capless=self._leaves_cap), now.px(self._height))

    def capless_width(self) -> int:
        """Return the width of the caption on one line without the cap, which gives way first."""
        return self._wide(look(), is_capless=True)

    def _wide(self, now: Look, *, is_capless: bool) -> int:
        """Return the width of the caption on one line and what is beside it, however it stands now."""
        font = self._fonts(now)[0]
        caption = QFontMetrics(font).horizontalAdvance(self._words[:60]) + now.px(2)  # rounded down otherwise
        return caption + self._beside(now, is_capless=is_capless) + self._end(now) + 2 * now.px(_PAD)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size that can be pressed with a glove."""
        now = look()
        return QSize(now.px(56), now.px(self._height))

    def heightForWidth(self, width: int) -> int:
        """Return the height of the caption, for a button that grows."""
        now = look()
        font = self._fonts(now)[0]
        lines, _ = fit(self._words, font, max(1, self._room(now, width)), _MOST_GROWN)
        return max(now.px(self._height), len(lines) * QFontMetrics(font).lineSpacing() + now.px(20))

    def _room(self, now: Look, width: int) -> int:
        """Return the width of the caption in a button of this width, beside its cap."""
        return width - 2 * now.px(self._pad) - self._beside(now) - self._end(now)

    def _end(self, _now: Look) -> int:
        """Return the width that is kept free at the right end."""
        return 0

    def _fonts(self, now: Look) -> list[QFont]:
        """Return the fonts to try, in order of preference."""
        sizes = (20, 17, 15) if self._variant == "primary" else (15, SMALLEST)
        weight = _BOLD if self._variant != "plain" else _STRONG
        return [now.font(size, weight) for size in sizes]

    def _tries(self, now: Look) -> list[tuple[int, QFont, bool]]:
        """Return lines and fonts to try, and whether the cap goes into the corner under a long caption.

        Commands wrap before they shrink, the others shrink first.
        """
        fonts = self._fonts(now)
        if self._grows:
            return [(most, fonts[0], False) for most in range(1, _MOST_GROWN + 1)]
        if self._variant == "plain" and self._key and not self.is_capless:
            ways = ((1, False), (2, False), (2, True), (3, True))
            return [(most, font, in_corner) for font in fonts for most, in_corner in ways]
        if self._variant == "plain":
            return [(most, font, False) for font in fonts for most in (1, 2, 3)]
        return [(most, font, False) for most in (1, 2, 3) for font in fonts]

    def _beside(self, now: Look, *, is_capless: bool | None = None) -> int:
        """Return the width of what is next to the caption; without ``is_capless`` as it stands."""
        leaves = self.is_capless if is_capless is None else is_capless
        cap = 0 if leaves else self._whole_cap(now)
        icon = now.px(20 + 10) if self._icon_name else 0
        return icon + (cap + now.px(6) if cap else 0)

    def _cap(self) -> str:
        """Return the text of the key cap: the key, and dots while presses are undecided."""
        return f"{self._key_named} {'·' * self._pending}" if self._pending else self._key_named

    def _cap_width(self, now: Look) -> int:
        """Return the width of the key cap as it stands, 0 without one."""
        return 0 if self.is_capless else self._whole_cap(now)

    def _whole_cap(self, now: Look) -> int:
        """Return the width of the key cap where it has room, 0 without a key."""
        if not self._key:
            return 0
        return max(now.px(26), QFontMetrics(now.font(_CAP)).horizontalAdvance(self._cap()) + now.px(10))

    def _refit(self) -> None:
        """Choose font and lines for the current size.

        Where there is no room for whole words, the cap goes first, then the margins become narrower.

        What is cut is in the tool tip.
        """
        now = look()
        is_alone = bool(self._icon_name) and 0 < self.width() < now.px(_ICON_ALONE)
        self.setText("" if is_alone else texts.caption(self._words))
        self.is_capless, self._pad = self._leaves_cap, _PAD
        cut = self._fit_caption(now)
        if self._key and not self._grows and (cut or self._breaks_a_word()):
            self.is_capless = True
            cut = self._fit_caption(now)
        if not self._grows and (cut or self._breaks_a_word()):
            self._pad = _NARROW_PAD
            cut = self._fit_caption(now)
        texts.tip(self, self._words if cut else "")
        self.update()

    def _fit_caption(self, now: Look) -> bool:
        """Take the first font, lines and place of the cap that fit, and tell whether something is cut."""
        room = self._room(now, self.width())
        height = self.height() - now.px(4)
        cut = True
        for most, font, in_corner in self._tries(now):
            spacing = QFontMetrics(font).lineSpacing()
            if most > 1 and most * spacing > height:
                continue
            if in_corner:
                whole = room + self._cap_width(now) + now.px(6)
                lines, is_cut = fit(self._words, font, whole, most, max(1, room))
                if self._meets_cap(now, len(lines), most, spacing):
                    continue
            else:
                lines, is_cut = fit(self._words, font, room, most)
            self._lines, cut, self._font, self._in_corner = lines, is_cut, font, in_corner
            if not cut and not self._breaks_a_word():
                break
        return cut

    def _meets_cap(self, now: Look, count: int, most: int, spacing: int) -> bool:
        """Tell whether a line of full width would run into the cap in the corner."""
        full = count - 1 if count == most else count
        return now.px(_CORNER) + full * spacing > self.height() - now.px(_LOW_CAP + _CORNER) + now.px(2)

    def _breaks_a_word(self) -> bool:
        """Tell whether a line ends within a word."""
        return len(self._lines) > 1 and " ".join(self._lines).split() != self._words.split()

    def is_whole(self) -> bool:
        """Tell whether the whole caption is seen, with no word broken."""
        return not self.toolTip() and not self._breaks_a_word()

    def shown_lines(self) -> list[str]:
        """Return the caption as displayed."""
        return list(self._lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the caption."""
        super().resizeEvent(event)
        self._refit()

    def changeEvent(self, event: QEvent) -> None:
        """Measure again when the theme or the scale changed."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._refit()
            self.updateGeometry()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring if the keyboard brought the focus."""
        self._ring = event.reason() in KEYBOARD
        super().focusInEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw background, caption, cap and ring."""
        now = look()
        inks = self._inks(now)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_ground(painter, now, inks)
        self._draw_beside_cap(painter, now, inks)
        painter.end()

    def _inks(self, now: Look) -> Inks:
        """Choose the colors for the current state."""
        accent, on_accent = now.color("accent"), now.color("on_accent")
        if not self.isEnabled():
            off = now.color("on_disabled")
            return Inks(now.color("disabled"), now.color("line" if now.border > 1 else "disabled"), off, off)
        if self._variant == "primary" or self.isChecked():
            ground = accent.darker(112) if self.isDown() else accent
            return Inks(ground, accent, on_accent, on_accent)
        is_hot = self._pending or self.underMouse()
        role = "selected" if self.isDown() else "hover" if is_hot else "raised"
        edge = now.color("muted" if self._pending else "line")
        if self._variant == "undo":
            edge = now.tone("unknown", "line")
        return Inks(now.color(role), edge, now.color("text"), now.color("muted"))

    def _draw_ground(self, painter: QPainter, now: Look, inks: Inks) -> None:
        """Draw the rounded background, its edge, and the focus ring."""
        edge = now.px(now.border + 1 if self._variant == "undo" else now.border)
        box = QRectF(self.rect()).adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2)
        painter.setPen(QPen(inks.edge, edge))
        painter.setBrush(inks.ground)
        painter.drawRoundedRect(box, now.px(10), now.px(10))
        if self.hasFocus() and self._ring:
            filled = inks.ground == now.color("accent")
            width = now.px(3)
            inner = QRectF(self.rect()).adjusted(width, width, -width, -width)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(now.color("on_accent" if filled else "accent"), width))
            painter.drawRoundedRect(inner, now.px(8), now.px(8))

    def _draw_beside_cap(self, painter: QPainter, now: Look, inks: Inks) -> None:
        """Draw icon and caption at the left and the cap at the right; in a square there is only the icon."""
        pad = now.px(self._pad)
        if self._icon_name and self.width() < now.px(_ICON_ALONE):
            size = now.px(24)
            pixmap = assets.tinted(self._icon_name, size, inks.text, self.devicePixelRatioF())
            painter.drawPixmap(QPoint((self.width() - size) // 2, (self.height() - size) // 2), pixmap)
            return
        left, right = pad, self.width() - pad - self._end(now)
        if self._icon_name:
            size = now.px(20)
            pixmap = assets.tinted(self._icon_name, size, inks.text, self.devicePixelRatioF())
            painter.drawPixmap(QPoint(left, (self.height() - size) // 2), pixmap)
            left += size + now.px(10)
        room = QRectF(left, 0, right - left, self.height())
        cap = self._cap_width(now)
        if cap:
            height = now.px(_LOW_CAP if self._in_corner else 22)
            top = (
                self.height() - height - now.px(_CORNER) if self._in_corner else (self.height() - height) / 2
            )
            box = QRectF(right - cap, top, cap, height)
            self._draw_cap(painter, now, inks, box)
            room.setRight(right - cap - now.px(6))
        if self._in_corner:
            tall = len(self._lines) * line_spacing(self._font)
            room = QRectF(left, now.px(_CORNER), right - left, tall)
        draw_lines(painter, room, self._lines, self._font, inks.text)

    def _draw_cap(self, painter: QPainter, now: Look, inks: Inks, box: QRectF) -> None:
        """Draw the key cap."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(inks.quiet if inks.quiet == inks.text else now.color("line"), 1))
        painter.drawRoundedRect(box, now.px(5), now.px(5))
        draw_lines(painter, box, [self._cap()], now.font(_CAP), inks.quiet, Qt.AlignmentFlag.AlignHCenter)


class ButtonGrid(QWidget):
    """A grid of command buttons, with rows as even as their number allows.

    Args:
        least: Minimum width of a button in px at 100 %.
        most: Maximum number of columns.
        variant, height: As of ``KeyCapButton``.

    Signals:
        requested(str): A button was pressed; carries its command.
    """

    requested = Signal(str)

    def __init__(
        self,
        *,
        least: int,
        most: int,
        variant: str = "plain",
        height: int = 56,
        gap: int = 8,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._least, self._most, self._gap = least, most, gap
        self._variant, self._height = variant, height
        self._buttons: list[KeyCapButton] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_buttons(self, wanted: Sequence[CommandButton]) -> None:
        """Show these commands; a button whose command stays keeps its focus."""
        if [button.command for button in self._buttons] != [one.command for one in wanted]:
            self._rebuild(wanted)
        for button, one in zip(self._buttons, wanted, strict=True):
            button.show_words(one.text, one.key, chosen=one.chosen, enabled=one.enabled)
        self.setVisible(bool(wanted))

    def _rebuild(self, wanted: Sequence[CommandButton]) -> None:
        """Reuse existing buttons, make missing ones, delete the others."""
        while len(self._buttons) > len(wanted):
            gone = self._buttons.pop()
            gone.hide()
            gone.deleteLater()
        while len(self._buttons) < len(wanted):
            made = KeyCapButton(variant=self._variant, height=self._height, parent=self)
            made.requested.connect(self.requested)
            self._buttons.append(made)
            made.show()
        for button, one in zip(self._buttons, wanted, strict=True):
            button.command = one.command
        self._place()
        self.updateGeometry()

    def set_most(self, most: int) -> None:
        """Set the maximum number of columns."""
        if most != self._most:
            self._most = most
            self._place()
            self.updateGeometry()

    def buttons(self) -> list[KeyCapButton]:
        """Return the buttons in order."""
        return list(self._buttons)

    def _columns(self, width: int) -> int:
        """Return the number of columns at a width."""
        now = look()
        gap = now.px(self._gap)
        room = max(1, min(self._most, (width + gap) // (now.px(self._least) + gap)))
        count = max(1, len(self._buttons))
        rows = -(-count // room)
        return -(-count // rows)

    def heightForWidth(self, width: int) -> int:
        """Return the height of all rows."""
        if not self._buttons:
            return 0
        now = look()
        rows = -(-len(self._buttons) // self._columns(width))
        return rows * now.px(self._height) + (rows - 1) * now.px(self._gap)

    def sizeHint(self) -> QSize:
        """Return the size with the preferred number of columns."""
        now = look()
        width = self._most * now.px(self._least) + (self._most - 1) * now.px(self._gap)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return the size of one column; the height depends on the width."""
        now = look()
        return QSize(now.px(self._least), now.px(self._height) if self._buttons else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rearrange the buttons."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Rearrange the buttons for another scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._place()
            self.updateGeometry()

    def _place(self) -> None:
        """Give each button its cell."""
        if not self._buttons:
            return
        now = look()
        gap, height = now.px(self._gap), now.px(self._height)
        columns = self._columns(self.width())
        cell = (self.width() - gap * (columns - 1)) / columns
        for number, button in enumerate(self._buttons):
            row, column = divmod(number, columns)
            left, right = round(column * (cell + gap)), round(column * (cell + gap) + cell)
            button.setGeometry(left, row * (height + gap), right - left, height)
