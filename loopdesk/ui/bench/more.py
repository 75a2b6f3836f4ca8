"""What is needed now and then: the other ways to finish, and the further commands. Stands over the plan."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import Choice, CommandButton
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import ButtonGrid, KeyCapButton
from loopdesk.ui.widgets.card import Card
from loopdesk.ui.widgets.choices import ChoiceButton
from loopdesk.ui.widgets.fitted import FittedLabel
from loopdesk.ui.widgets.scroll_room import ScrollRoom


class MorePanel(Card):
    """A list that scrolls, over the button that closes it.

    Signals:
        requested(str): A command was pressed; carries its id.
        settlement_chosen(str): Another way to finish was chosen; carries its kind.
        left(): It is to be closed.
    """

    requested = Signal(str)
    settlement_chosen = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[Choice, ...] = ()
        self._choice_buttons: list[ChoiceButton] = []
        scroll = ScrollRoom(self)
        self._sheet = sheet = scroll.sheet
        self._column = QVBoxLayout(sheet)
        self.caption = FittedLabel("caption", 2, sheet)
        self.commands = ButtonGrid(least=150, most=2, parent=sheet)
        self.commands.requested.connect(self._request)
        self._ways = QVBoxLayout()
        self._column.addWidget(self.caption)
        self._column.addLayout(self._ways)
        self._column.addWidget(self.commands)
        self._column.addStretch(1)
        self.close_button = KeyCapButton("close", parent=self)
        self.close_button.requested.connect(self._leave)
        self._outer = QVBoxLayout(self)
        self._outer.addWidget(scroll, 1)
        self._outer.addWidget(self.close_button)
        self._space()
        self.retranslate()
        self.hide()

    def render(  # type: ignore[override]
        self, choices: tuple[Choice, ...], commands: Sequence[CommandButton]
    ) -> None:
        """Show the ways to finish, of which a single one is no choice, and the commands."""
        self.commands.show_buttons(commands)
        wanted = choices if len(choices) > 1 else ()
        if wanted == self._choices:
            return
        self._choices = wanted
        for gone in self._choice_buttons:
            gone.hide()
            gone.deleteLater()
        self._choice_buttons = [ChoiceButton(choice, self._sheet) for choice in wanted]
        for button in self._choice_buttons:
            button.picked.connect(self._choose)
            self._ways.addWidget(button)
        self.retranslate()

    def _choose(self, kind: str) -> None:
        self.left.emit()
        self.settlement_chosen.emit(kind)

    def _request(self, command: str) -> None:
        self.left.emit()
        self.requested.emit(command)

    def _leave(self, _command: str) -> None:
        self.left.emit()

    def choice_buttons(self) -> list[ChoiceButton]:
        """Return the buttons of the other ways to finish."""
        return list(self._choice_buttons)

    def buttons(self) -> list[QWidget]:
        """Return all buttons in tab order."""
        return [*self._choice_buttons, *self.commands.buttons(), self.close_button]

    def retranslate(self) -> None:
        """Set the own texts in the window's language."""
        self.caption.show_text(_("WAYS TO FINISH") if self._choices else "")
        self.close_button.show_words(_("Close"), "Esc")
        self.commands.setAccessibleName(_("Further commands"))
        self.setAccessibleName(_("More"))

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self._outer.setContentsMargins(now.px(12), now.px(10), now.px(8), now.px(10))
        self._outer.setSpacing(now.px(8))
        self._column.setContentsMargins(0, 0, now.px(4), 0)
        self._column.setSpacing(now.px(10))
        self._ways.setSpacing(now.px(8))

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
