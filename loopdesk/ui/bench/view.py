"""The bench: draws a ``BenchScreen`` and says what was pressed. It knows nothing of returns."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QScrollArea, QVBoxLayout, QWidget

from loopdesk.presenters.screens.window import BenchScreen
from loopdesk.ui.bench.empty import EmptyBench
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton

if TYPE_CHECKING:
    from loopdesk.presenters.screens.returns import HeaderScreen, Prompt
    from loopdesk.ui.bench.commands import CommandPanel
    from loopdesk.ui.bench.header import HeaderCard
    from loopdesk.ui.bench.lines_view import LinesView
    from loopdesk.ui.bench.parts import BenchPanels
    from loopdesk.ui.bench.prompt import PromptPanel
    from loopdesk.ui.widgets.links import PickerBench

COLUMN = 316
_NARROW, _LOW = 860, 480


class BenchView(QWidget):
    """The open return at the left, the commands at the right or, in portrait, below.

    The invitation to scan is there at once; everything else is made by ``prepare``, so that the first paint
    does not wait for it.

    Args:
        icons: Icon name by command id, for the command buttons.

    Signals:
        command_requested(str): A command's button was pressed; carries its id.
        line_selected(int): A line was chosen; carries its index in the return.
        settlement_chosen(str): Another way to finish was chosen; carries its kind.
        place_wanted(str): Another view is wanted; carries its name.
        return_picked(str): A candidate, sibling or parked return; carries its id.
        prompt_answered(str): The words in the prompt's field.
        template_chosen(int): A ready answer of the prompt; carries its place, from 0.
        prompt_cancelled(): The prompt was left.
        prompt_edited(str): What the prompt's field holds now.
        prompt_second_edited(str): What its second field holds now.
        return_painted(str): The open return was painted; carries its id.
    """

    command_requested = Signal(str)
    line_selected = Signal(int)
    settlement_chosen = Signal(str)
    place_wanted = Signal(str)
    return_picked = Signal(str)
    prompt_answered = Signal(str)
    template_chosen = Signal(int)
    prompt_cancelled = Signal()
    prompt_edited = Signal(str)
    prompt_second_edited = Signal(str)
    return_painted = Signal(str)

    def __init__(self, icons: Mapping[str, str] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._screen: BenchScreen | None = None
        self._ordered: tuple[QWidget, ...] = ()
        self._icons = icons or {}
        self._parts: BenchPanels | None = None
        self._build_page()
        self._build_work()
        self._space()

    def _build_page(self) -> None:
        """Make the page; it scrolls as a whole in a window that is too small."""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(self._scroll)
        self._sheet = QWidget()
        self._sheet.setObjectName("page")
        self._page = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._sheet)
        self._scroll.setWidget(self._sheet)

    def _build_work(self) -> None:
        """Make the work area with its first page, nothing open, and the place of the command column."""
        work = QWidget(self._sheet)
        self._work = QVBoxLayout(work)
        self._work.setContentsMargins(0, 0, 0, 0)
        self.empty = EmptyBench(work)
        self.empty.picked.connect(self.return_picked)
        self.empty.place_wanted.connect(self.place_wanted)
        self._work.addWidget(self.empty, 100)
        self._page.addWidget(work, 1)
        self._column = QWidget(self._sheet)
        self._page.addWidget(self._column)

    def prepare(self) -> BenchPanels:
        """Make what a return needs, if it was not made before, and return it."""
        if self._parts is None:
            # Not at the top: the window is painted without it.
            from loopdesk.ui.bench.parts import BenchPanels  # noqa: PLC0415

            self._parts = BenchPanels(self._work, self._column, self._icons)
            self._parts.commands.render(None, (), "")
            self._connect(self._parts)
            self._lay_out()
            self._order_focus()
        return self._parts

    def _connect(self, parts: BenchPanels) -> None:
        """Forward the signals of the parts."""
        parts.commands.requested.connect(self.command_requested)
        parts.commands.settlement_chosen.connect(self.settlement_chosen)
        parts.lines.requested.connect(self.command_requested)
        parts.lines.line_selected.connect(self.line_selected)
        parts.header.picked.connect(self.return_picked)
        parts.header.painted.connect(self.return_painted)
        parts.picker.picked.connect(self.return_picked)
        parts.prompt.answered.connect(self.prompt_answered)
        parts.prompt.template_chosen.connect(self.template_chosen)
        parts.prompt.cancelled.connect(self.prompt_cancelled)
        parts.prompt.edited.connect(self.prompt_edited)
        parts.prompt.second_edited.connect(self.prompt_second_edited)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._show_field)

    @property
    def picker(self) -> PickerBench:
        """Several returns to choose from."""
        return self.prepare().picker

    @property
    def header(self) -> HeaderCard:
        """The head of the open return."""
        return self.prepare().header

    @property
    def lines(self) -> LinesView:
        """The lines of the open return."""
        return self.prepare().lines

    @property
    def commands(self) -> CommandPanel:
        """What can be done."""
        return self.prepare().commands

    @property
    def prompt(self) -> PromptPanel:
        """A question in place of the commands."""
        return self.prepare().prompt

    def render(self, screen: BenchScreen) -> None:  # type: ignore[override]
        """Draw this screen; unchanged parts are left alone."""
        if screen == self._screen:
            return
        self._screen = screen
        if self._parts is None and not _needs_parts(screen):
            self.empty.show_parked(screen.parked)
            return
        focused = QApplication.focusWidget()
        if focused is not None and not self.isAncestorOf(focused):
            focused = None
        self._show_work(screen, screen.header)
        return_id = screen.header.return_id if screen.header else ""
        self.commands.render(screen.plan, screen.commands, return_id)
        self._show_prompt(screen.prompt)
        self._order_focus()
        self._keep_focus(focused)

    def show_pending(self, keys: tuple[str, ...]) -> None:
        """Mark the buttons whose keys were pressed and decide in a moment."""
        if self._parts is not None:
            for button in (*self.lines.panel.buttons(), *self.commands.buttons()):
                if isinstance(button, KeyCapButton):
                    button.show_pending(keys)

    def _keep_focus(self, before: QWidget | None) -> None:
        """Take the focus back from a widget that is gone: Qt would hand it to whatever button is next."""
        if before is None or before.isVisible() or self.prompt.home().hasFocus():
            return
        home = self.lines if self.lines.isVisible() else self
        home.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_work(self, screen: BenchScreen, header: HeaderScreen | None) -> None:
        """Show the page of the work area that the screen is about."""
        choosing = bool(screen.picker)
        is_open = header is not None and not choosing
        self.picker.setVisible(choosing)
        self.empty.setVisible(header is None and not choosing)
        self.header.setVisible(is_open)
        self.lines.setVisible(is_open)
        if choosing:
            self.picker.show_picker(screen.picker)
        elif header is None:
            self.empty.show_parked(screen.parked)
        else:
            self.header.render(header)
            self.lines.show_lines(screen.lines, screen.selected, screen.grades, screen.dispositions)

    def _show_prompt(self, prompt: Prompt | None) -> None:
        """Put the question in place of the commands, and the focus into its field."""
        self.commands.setVisible(prompt is None)
        self.prompt.setVisible(prompt is not None)
        if prompt is None:
            self.prompt.forget()
        elif self.prompt.render(prompt):
            self.prompt.home().setFocus(Qt.FocusReason.OtherFocusReason)
            QTimer.singleShot(0, self._show_field)

    def _show_field(self) -> None:
        """Keep the field of a question in sight in a small window, whenever the layout moved it."""
        if self.prompt.field.hasFocus():
            field = self.prompt.field
            foot = field.mapTo(self._sheet, QPoint(0, field.height()))
            self._scroll.ensureVisible(0, foot.y(), 0, look().px(16))

    def focus_widgets(self) -> tuple[QWidget, ...]:
        """Return the widgets that take the focus, in tab order."""
        return (
            *self.empty.ways,
            self.empty.parked.list,
            self.picker.card.list,
            self.header.all_notes,
            *self.header.siblings.chips(),
            self.lines,
            *self.lines.panel.buttons(),
            *self.commands.buttons(),
            *self.prompt.buttons(),
        )

    def _order_focus(self) -> None:
        """Let Tab go from the lines to the decision and on to the commands."""
        wanted = self.focus_widgets()
        if wanted == self._ordered:
            return
        self._ordered = wanted
        for first, second in pairwise(wanted):
            QWidget.setTabOrder(first, second)

    def _space(self) -> None:
        """Set distances and the place of the command column for size and scale."""
        now = look()
        is_low = self.height() < now.px(_LOW)
        margin = now.px(8 if is_low else 16)
        self._page.setContentsMargins(margin, margin, margin, margin)
        self._page.setSpacing(margin)
        self._work.setSpacing(now.px(8 if is_low else 12))
        self._lay_out()

    def _lay_out(self) -> None:
        """Put the commands beside the lines, or below them in portrait and in a narrow window."""
        now = look()
        stacked = self.width() < self.height() or self.width() < now.px(_NARROW)
        way = QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight
        if self._page.direction() != way:
            self._page.setDirection(way)
        if self._parts is not None:
            self._parts.commands.set_wide(stacked)
        if stacked:
            self._column.setMinimumWidth(0)
            self._column.setMaximumWidth(16_777_215)
        else:
            self._column.setFixedWidth(now.px(COLUMN))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the place of the command column."""
        super().resizeEvent(event)
        self._space()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()


def _needs_parts(screen: BenchScreen) -> bool:
    """Say whether a screen shows more than the invitation to scan."""
    return bool(screen.header or screen.picker or screen.plan or screen.commands or screen.prompt)
