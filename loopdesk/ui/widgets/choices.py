"""What can be done with the selected item: one button per choice, the best one large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from loopdesk.presenters.screens.pages import CaseChoice
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton

_MOST = 8


class ChoiceColumn(QWidget):
    """The buttons of some choices, in order.

    Args:
        icons: Icon name by intent.

    Signals: chosen(str): A choice was pressed; carries its intent.
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
