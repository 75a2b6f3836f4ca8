"""Asks in place for confirmation of a choice, with its consequence: no window, and no default button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.ui import texts
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.card import Card
from loopdesk.ui.widgets.fitted import FittedLabel

if TYPE_CHECKING:
    from loopdesk.presenters.screens.pages import CaseChoice


class AskPanel(QWidget):
    """Consequence, a field for the reason if one is needed, and two buttons.

    Signals: confirmed(str): Confirmed; carries the reason, "" if none is asked for. dismissed(): Left without
    confirming.
    """

    confirmed = Signal(str)
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asking: CaseChoice | None = None
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
