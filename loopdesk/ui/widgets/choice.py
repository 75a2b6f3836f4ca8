"""A button for a settlement, with its consequence in words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from loopdesk.presenters.screens.returns import Choice
from loopdesk.ui import assets, texts
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.fitted import draw_lines, fit

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
        consequence, cut = fit(texts.clean(self.choice.consequence), now.font(13), room, 4)
        return title, consequence, cut or cut_title

    def heightForWidth(self, width: int) -> int:
        """Return the height of title and consequence."""
        now = look()
        title, consequence, _ = self._measure(max(1, width))
        height = len(title) * QFontMetrics(now.font(15, _STRONG)).lineSpacing()
        height += len(consequence) * QFontMetrics(now.font(13)).lineSpacing()
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
        strong, quiet = now.font(15, _STRONG), now.font(13)
        title, consequence, _ = self._measure(self.width())
        upper = len(title) * QFontMetrics(strong).lineSpacing()
        lower = len(consequence) * QFontMetrics(quiet).lineSpacing()
        top = room.center().y() - (upper + lower) / 2
        above = QRectF(room.left(), top, room.width(), upper)
        draw_lines(painter, above, title, strong, now.color("text"))
        below = QRectF(room.left(), top + upper, room.width(), lower)
        draw_lines(painter, below, consequence, quiet, now.color("muted"))
        painter.end()
