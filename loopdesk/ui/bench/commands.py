"""The command column: what will happen, the one thing to press next, and the further commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import Choice, CommandButton, PlanScreen
from loopdesk.ui import texts
from loopdesk.ui.theme import look, mark
from loopdesk.ui.widgets.buttons import ButtonGrid, KeyCapButton
from loopdesk.ui.widgets.card import Card
from loopdesk.ui.widgets.choices import ChoiceButton
from loopdesk.ui.widgets.fitted import FittedLabel

_MOST_STEPS = 6


class PlanCard(Card):
    """What will happen, in a sentence, and what goes to Loop, in order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self.caption = FittedLabel("caption", 1, self)
        self.sentence = FittedLabel("strong", 7, self)
        self._column.addWidget(self.caption)
        self._column.addWidget(self.sentence)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self.numbers = [FittedLabel("secondary", 1, self) for _ in range(_MOST_STEPS)]
        self.steps = [FittedLabel("secondary", 4, self) for _ in range(_MOST_STEPS)]
        for row, (number, step) in enumerate(zip(self.numbers, self.steps, strict=True)):
            self._grid.addWidget(number, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(step, row, 1)
        self._column.addLayout(self._grid)
        self._column.addStretch(1)
        self._space()
        self.retranslate()

    def render(self, screen: PlanScreen) -> None:  # type: ignore[override]
        """Draw this plan."""
        mark(self.caption, "tone", screen.tone)
        self.sentence.show_text(screen.sentence)
        for number, label in enumerate(self.steps):
            label.show_text(self._step(screen.steps, number))
            is_rest = number == _MOST_STEPS - 1 and len(screen.steps) > _MOST_STEPS
            is_one_of_many = number < len(screen.steps) > 1 and not is_rest
            self.numbers[number].show_text(f"{number + 1}." if is_one_of_many else "")
        rest = screen.steps[_MOST_STEPS:]
        if rest:
            texts.tip(self.steps[-1], "\n".join(rest))
        self.setAccessibleName(texts.clean(screen.sentence))
        self.setAccessibleDescription(texts.clean("; ".join(screen.steps)))

    def _step(self, steps: tuple[str, ...], number: int) -> str:
        """Return the text of a row: a step, or how many more there are."""
        if number >= len(steps):
            return ""
        if number == _MOST_STEPS - 1 and len(steps) > _MOST_STEPS:
            return _("and {n} more", n=len(steps) - number)
        return steps[number]

    def retranslate(self) -> None:
        """Set the card\'s own texts in the window\'s language."""
        self.caption.show_text(_("WHAT WILL HAPPEN"))

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self._column.setContentsMargins(now.px(16), now.px(14), now.px(16), now.px(14))
        self._column.setSpacing(now.px(5))
        self._grid.setHorizontalSpacing(now.px(8))
        self._grid.setVerticalSpacing(now.px(4))

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()


class CommandPanel(QWidget):
    """The plan, the big button, other ways to finish, and the further commands.

    Args:
        icons: Icon name by command id, for the big button.

    Signals:
        requested(str): A command was pressed.
        settlement_chosen(str): Another way to finish was chosen; carries its kind.
    """

    requested = Signal(str)
    settlement_chosen = Signal(str)

    def __init__(self, icons: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[Choice, ...] = ()
        self._choice_buttons: list[ChoiceButton] = []
        self._return_id = ""
        self._icons = icons
        self.plan = PlanCard(self)
        self.confirm = KeyCapButton("confirm", variant="primary", height=76, parent=self)
        self.confirm.requested.connect(self.requested)
        self.more = KeyCapButton("more", icon="ellipsis", parent=self)
        self.more.requested.connect(self._toggle)
        self.commands = ButtonGrid(least=136, most=2, height=60, gap=10, parent=self)
        self.commands.requested.connect(self.requested)
        self._build_layout()
        self._space()
        self.retranslate()

    def _build_layout(self) -> None:
        """Stack all of it; a wide panel puts plan and button side by side."""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._head = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._press = QVBoxLayout()
        self._press.addWidget(self.confirm)
        self._press.addWidget(self.more)
        self._press.addStretch(1)
        self._head.addWidget(self.plan, 1)
        self._head.addLayout(self._press, 1)
        self._column.addLayout(self._head)
        self._list = QWidget(self)
        self._list_column = QVBoxLayout(self._list)
        self._list_column.setContentsMargins(0, 0, 0, 0)
        self._list.hide()
        self._column.addWidget(self._list)
        self._column.addWidget(self.commands)
        self._column.addStretch(1)

    def set_wide(self, wide: bool) -> None:
        """Stand beside the lines (narrow) or below them (wide)."""
        way = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._head.direction() != way:
            self._head.setDirection(way)
            self.commands.set_most(4 if wide else 2)

    def render(  # type: ignore[override]
        self, plan: PlanScreen | None, commands: Sequence[CommandButton], return_id: str
    ) -> None:
        """Draw plan and commands; the list of other ways closes with another return."""
        self.plan.setVisible(plan is not None)
        self.confirm.setVisible(plan is not None)
        if plan is not None:
            self.plan.render(plan)
            button = plan.button
            self.confirm.command = button.command
            self.confirm.set_icon_name(self._icons.get(button.command, ""))
            self.confirm.show_words(button.text, button.key, enabled=button.enabled)
        if return_id != self._return_id:
            self._return_id = return_id
            self._open(False)
        self._show_choices(plan.choices if plan is not None else ())
        self.commands.show_buttons(commands)

    def _show_choices(self, choices: tuple[Choice, ...]) -> None:
        """Show the ways to finish; a single one is no choice."""
        wanted = choices if len(choices) > 1 else ()
        self.more.setVisible(bool(wanted))
        if not wanted:
            self._open(False)
        if wanted == self._choices:
            return
        self._choices = wanted
        for gone in self._choice_buttons:
            gone.hide()
            gone.deleteLater()
        self._choice_buttons = [ChoiceButton(choice, self._list) for choice in wanted]
        for button in self._choice_buttons:
            button.picked.connect(self._choose)
            self._list_column.addWidget(button)

    def _choose(self, kind: str) -> None:
        """Report the choice and close the list."""
        self._open(False)
        self.settlement_chosen.emit(kind)

    def _toggle(self, _command: str) -> None:
        self._open(not self._list.isVisibleTo(self))

    def _open(self, opened: bool) -> None:
        """Open or close the list of other ways."""
        self._list.setVisible(opened)
        self._name_more(opened)

    def _name_more(self, opened: bool) -> None:
        """Say what the button does next."""
        words = _("Fewer ways") if opened else _("Other ways to finish…")
        self.more.show_words(words, "")

    def buttons(self) -> list[QWidget]:
        """Return all buttons in tab order."""
        return [self.confirm, self.more, *self._choice_buttons, *self.commands.buttons()]

    def choice_buttons(self) -> list[ChoiceButton]:
        """Return the buttons of the other ways, shown or not."""
        return list(self._choice_buttons)

    def retranslate(self) -> None:
        """Set the panel\'s own texts in the window\'s language."""
        self._name_more(self._list.isVisibleTo(self))
        self.commands.setAccessibleName(_("Further commands"))

    def _space(self) -> None:
        """Set the spacing for the scale."""
        gap = look().px(12)
        self._column.setSpacing(gap)
        self._head.setSpacing(gap)
        self._press.setSpacing(look().px(10))
        self._list_column.setSpacing(look().px(8))

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
