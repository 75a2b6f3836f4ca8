"""What can be done with the selected item: one button per choice, with its consequence, confirmed in
place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.ui import assets, texts
from loopdesk.ui.input.focus import FocusLoan
from loopdesk.ui.theme import SMALLEST, look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.card import Card
from loopdesk.ui.widgets.fitted import FittedLabel, draw_lines, fit

if TYPE_CHECKING:
    from loopdesk.presenters.screens.pages import CaseChoice
    from loopdesk.presenters.screens.returns import Choice


_STRONG = QFont.Weight.DemiBold


class ChoiceButton(QPushButton):
    """One way to finish a return.

    Signals:
        picked(str): Pressed; carries the kind of the choice.
    """

    picked = Signal(str)

    def __init__(self, choice: Choice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = choice
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setText(texts.caption(choice.text))
        self.setAccessibleName(texts.clean(choice.text))
        self.setAccessibleDescription(texts.clean(choice.consequence))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.clicked.connect(self._tell)

    def _tell(self) -> None:
        self.picked.emit(self.choice.kind)

    def _icon(self) -> str:
        """Return the icon, so that the meaning does not depend on color."""
        if self.choice.chosen:
            return "check"
        return "triangle-alert" if self.choice.irreversible else ""

    def _measure(self, width: int) -> tuple[list[str], list[str], bool]:
        """Wrap title and consequence at a width, and tell whether something was left out."""
        now = look()
        room = width - 2 * now.px(14) - (now.px(28) if self._icon() else 0)
        title, cut_title = fit(texts.clean(self.choice.text), now.font(15, _STRONG), room, 2)
        if not self.choice.consequence:
            return title, [], cut_title
        consequence, cut = fit(texts.clean(self.choice.consequence), now.font(SMALLEST), room, 4)
        return title, consequence, cut or cut_title

    def heightForWidth(self, width: int) -> int:
        """Return the height of title and consequence."""
        now = look()
        title, consequence, _ = self._measure(max(1, width))
        height = len(title) * QFontMetrics(now.font(15, _STRONG)).lineSpacing()
        height += len(consequence) * QFontMetrics(now.font(SMALLEST)).lineSpacing()
        return max(now.px(56), height + 2 * now.px(10))

    def sizeHint(self) -> QSize:
        """Return the size at the present width."""
        width = look().px(280)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size that can be pressed with a glove."""
        return QSize(look().px(120), look().px(56))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show in the tool tip what the new width cuts."""
        super().resizeEvent(event)
        cut = self._measure(self.width())[2]
        texts.tip(self, f"{self.choice.text}\n{self.choice.consequence}" if cut else "")

    def changeEvent(self, event: QEvent) -> None:
        """Measure again at another scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw background, words and icon."""
        now = look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.choice.chosen
        role = "selected" if self.isDown() or chosen else "hover" if self.underMouse() else "raised"
        width = now.px(3) if self.hasFocus() else now.px(2) if chosen else now.px(now.border)
        painter.setPen(QPen(now.color("accent" if chosen or self.hasFocus() else "line"), width))
        painter.setBrush(now.color(role))
        box = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        painter.drawRoundedRect(box, now.px(10), now.px(10))
        room = QRectF(self.rect()).adjusted(now.px(14), now.px(10), -now.px(14), -now.px(10))
        if self._icon():
            size = now.px(20)
            ink = now.color("accent" if chosen else "blocked")
            at = QPoint(round(room.right()) - size, round(room.top()))
            painter.drawPixmap(at, assets.tinted(self._icon(), size, ink, self.devicePixelRatioF()))
            room.setRight(room.right() - now.px(28))
        strong, quiet = now.font(15, _STRONG), now.font(SMALLEST)
        title, consequence, _ = self._measure(self.width())
        upper = len(title) * QFontMetrics(strong).lineSpacing()
        lower = len(consequence) * QFontMetrics(quiet).lineSpacing()
        top = room.center().y() - (upper + lower) / 2
        above = QRectF(room.left(), top, room.width(), upper)
        draw_lines(painter, above, title, strong, now.color("text"))
        below = QRectF(room.left(), top + upper, room.width(), lower)
        draw_lines(painter, below, consequence, quiet, now.color("muted"))
        painter.end()


_MOST = 8


class ChoiceColumn(QWidget):
    """The buttons of some choices, in order.

    Args:
        icons: Icon name by intent.

    Signals:
        chosen(str): A choice was pressed; carries its intent.
    """

    chosen = Signal(str)

    def __init__(self, icons: Mapping[str, str] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons or {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._large = KeyCapButton(variant="primary", height=76, parent=self)
        self._plain = [KeyCapButton(parent=self) for _ in range(_MOST)]
        for button in (self._large, *self._plain):
            button.requested.connect(self.chosen)
            button.hide()
            self._column.addWidget(button)
        self._space()

    def show_choices(self, choices: Sequence[CaseChoice], *, enabled: bool = True) -> None:
        """Show these choices; the primary one is first and large."""
        primary = next((x for x in choices if x.primary), None)
        self._large.setVisible(primary is not None)
        if primary is not None:
            self._fill(self._large, primary, enabled=enabled)
        rest = [x for x in choices if x is not primary][:_MOST]
        for number, button in enumerate(self._plain):
            button.setVisible(number < len(rest))
            if number < len(rest):
                self._fill(button, rest[number], enabled=enabled)
        self.setVisible(bool(choices))

    def _fill(self, button: KeyCapButton, choice: CaseChoice, *, enabled: bool) -> None:
        button.command = choice.intent
        button.set_icon_name(self._icons.get(choice.intent, ""))
        button.show_words(choice.text, "", enabled=enabled)

    def button(self, intent: str) -> KeyCapButton | None:
        """Return the button of a visible choice, or None."""
        shown = (x for x in (self._large, *self._plain) if not x.isHidden())
        return next((x for x in shown if x.command == intent), None)

    def _space(self) -> None:
        self._column.setSpacing(look().px(12))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()


class AskPanel(QWidget):
    """Consequence, a field for the reason if one is needed, and two buttons.

    Signals:
        confirmed(str): Confirmed; carries the reason, "" if none is asked for.
        dismissed(): Left without confirming.
    """

    confirmed = Signal(str)
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asking: CaseChoice | None = None
        self._loan = FocusLoan(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        card = Card(self)
        self._inner = QVBoxLayout(card)
        self.title = FittedLabel("heading", 3, card)
        self.consequence = FittedLabel("body", 14, card)
        self.caption = FittedLabel("secondary", 1, card)
        self.reason = QLineEdit(card)
        self.reason.setMaxLength(200)
        self.problem = FittedLabel("body-strong", 3, card)
        for part in (self.title, self.consequence, self.caption, self.reason, self.problem):
            self._inner.addWidget(part)
        self.accept = KeyCapButton("accept", variant="primary", height=76, parent=self)
        self.cancel = KeyCapButton("cancel", parent=self)
        self._column.addWidget(card)
        self._column.addWidget(self.accept)
        self._column.addWidget(self.cancel)
        self.reason.returnPressed.connect(self._to_accept)
        self.accept.requested.connect(self._accept)
        self.cancel.requested.connect(self.leave)
        self._space()
        self.retranslate()
        self.hide()

    def show_choice(self, asking: CaseChoice | None, problem: str = "") -> None:
        """Ask about a choice; None hides the panel and clears the reason."""
        before, self._asking = self._asking, asking
        if before is None and asking is not None:
            self._loan.take()
        if asking is None:
            self._loan.end()
        self.setVisible(asking is not None)
        if asking is None:
            self.reason.clear()
            return
        self.title.show_text(asking.text.removesuffix("…"))
        self.consequence.show_text(asking.consequence, limit=2000)
        self.caption.setVisible(asking.needs_reason)
        self.reason.setVisible(asking.needs_reason)
        self.problem.show_text(problem, "blocked")
        self.accept.show_words(asking.accept, "")
        self.setAccessibleName(texts.clean(asking.text))
        self.setAccessibleDescription(texts.clean(asking.consequence, 2000))
        if before is None or before.intent != asking.intent:
            self.reason.clear()
            first = self.reason if asking.needs_reason else self.cancel
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _to_accept(self) -> None:
        """Move from the reason to the button on Enter; pressing the button is a second, deliberate step."""
        self.accept.setFocus(Qt.FocusReason.TabFocusReason)

    def _accept(self) -> None:
        self.confirmed.emit(self.reason.text().strip())

    def leave(self) -> None:
        """Dismiss the question."""
        self.dismissed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Dismiss with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
            return
        super().keyPressEvent(event)

    def retranslate(self) -> None:
        """Set the panel's own texts in the window's language."""
        words = _("Why?")
        self.caption.show_text(words)
        self.caption.setVisible(self._asking is not None and self._asking.needs_reason)
        self.reason.setAccessibleName(words)
        self.reason.setPlaceholderText(_("a few words"))
        self.cancel.show_words(_("Leave it as it is"), "Esc")

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self._column.setSpacing(now.px(12))
        self._inner.setContentsMargins(now.px(16), now.px(14), now.px(16), now.px(16))
        self._inner.setSpacing(now.px(8))

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
