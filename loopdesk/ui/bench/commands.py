"""The column at the right: what will happen, the commands, and Confirm in its one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtWidgets import QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import Choice, CommandButton, PlanScreen
from loopdesk.ui.bench.arrangement import Arrangement
from loopdesk.ui.bench.more import MorePanel
from loopdesk.ui.bench.plan import PlanCard
from loopdesk.ui.input.focus import FocusLoan
from loopdesk.ui.widgets.buttons import ButtonGrid, KeyCapButton

MORE = "more"
_LIFTED = ("type_code", "mystery")
"""What has a button of its own where there is room: a label that no scanner reads, a parcel without one."""


class CommandPanel(QObject):
    """Plan, commands and Confirm; ``MORE`` opens the rest over the plan.

    Args:
        icons: Icon name by command id, for the big button.
        parent: The widget that all of them stand in.

    Signals:
        requested(str): A command was pressed.
        settlement_chosen(str): Another way to finish was chosen; carries its kind.
    """

    requested = Signal(str)
    settlement_chosen = Signal(str)

    def __init__(self, icons: Mapping[str, str], parent: QWidget) -> None:
        super().__init__(parent)
        self._return_id = ""
        self._icons = icons
        self._is_shown = True
        self._is_roomy = False
        self._choices: tuple[Choice, ...] = ()
        self._commands: tuple[CommandButton, ...] = ()
        self._further: tuple[CommandButton, ...] = ()
        self._column = QRect()
        self.plan = PlanCard(parent)
        self.commands = ButtonGrid(least=104, most=2, gap=8, parent=parent)
        self.confirm = KeyCapButton("confirm", variant="primary", parent=parent)
        self.more = MorePanel(parent)
        self._loan = FocusLoan(self.more)
        self.confirm.requested.connect(self.requested)
        self.commands.requested.connect(self._press)
        self.more.requested.connect(self.requested)
        self.more.settlement_chosen.connect(self.settlement_chosen)
        self.more.left.connect(self.leave_more)
        self.retranslate()

    def render(
        self,
        plan: PlanScreen | None,
        commands: Sequence[CommandButton],
        more: Sequence[CommandButton],
        return_id: str,
    ) -> None:
        """Draw plan and commands; what is opened closes with another return."""
        self.plan.setVisible(plan is not None and self._is_shown)
        self.confirm.setVisible(plan is not None and self._is_shown)
        if plan is not None:
            self.plan.render(plan)
            button = plan.button
            self.confirm.command = button.command
            self.confirm.set_icon_name(self._icons.get(button.command, ""))
            self.confirm.show_words(button.text, button.key, enabled=button.enabled)
        if return_id != self._return_id:
            self._return_id = return_id
            self.leave_more()
        self._choices = plan.choices if plan is not None else ()
        self._commands, self._further = tuple(commands), tuple(more)
        self._share()

    def set_roomy(self, roomy: bool) -> bool:
        """Show what leads to another parcel beside the commands, where there is room.

        Returns:
            Whether it moved.
        """
        is_other = roomy is not self._is_roomy
        if is_other:
            self._is_roomy = roomy
            self._share()
        return is_other

    def _share(self) -> None:
        """Share the commands between the column and what ``MORE`` opens."""
        lifted = [each for each in self._further if self._is_roomy and each.command in _LIFTED]
        further = [each for each in self._further if each not in lifted]
        self.more.render(self._choices, further)
        opener = (CommandButton(MORE, _("More…"), ""),) if further else ()
        self.commands.show_buttons((*self._commands, *lifted, *opener))
        self.commands.setVisible(bool(self._commands) and self._is_shown)

    def set_shown(self, shown: bool) -> None:
        """Give way to a question, or come back."""
        self._is_shown = shown
        if not shown:
            self.leave_more()

    def count(self) -> int:
        """Return how many commands stand above Confirm."""
        return len(self.commands.buttons())

    def place(self, where: Arrangement) -> None:
        """Stand at these places."""
        self.plan.setGeometry(where.plan)
        self.commands.set_most(where.abreast)
        self.commands.setGeometry(where.commands)
        self.confirm.setGeometry(where.confirm)
        self.more.setGeometry(where.more)

    def _press(self, command: str) -> None:
        if command != MORE:
            self.requested.emit(command)
        elif not self.leave_more():
            self.open_more()

    def open_more(self) -> None:
        """Open the further commands over the plan."""
        self._loan.take()
        self.more.show()
        self.more.raise_()
        self.more.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave_more(self) -> bool:
        """Close what ``MORE`` opened; False if it is not open."""
        was_open = not self.more.isHidden()
        if was_open:
            self._loan.end()
        self.more.hide()
        return was_open

    def buttons(self) -> list[QWidget]:
        """Return all buttons in tab order."""
        return [self.confirm, *self.commands.buttons(), *self.more.buttons()]

    def retranslate(self) -> None:
        """Set the own texts in the window's language."""
        self.commands.setAccessibleName(_("Commands"))
