"""The bench: draws a ``BenchScreen`` and says what was pressed. It knows nothing of returns."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QScrollArea, QVBoxLayout, QWidget

from loopdesk.presenters.screens import BenchScreen, HeaderScreen, Prompt
from loopdesk.ui.theme import look
from loopdesk.ui.views.bench_commands import CommandPanel
from loopdesk.ui.views.bench_empty import EmptyBench, PickerBench
from loopdesk.ui.views.bench_header import HeaderCard
from loopdesk.ui.views.bench_prompt import PromptPanel
from loopdesk.ui.widgets.lines_view import LinesView

COLUMN = 316
_NARROW, _LOW = 860, 480


class BenchView(QWidget):
    """The open return at the left, the commands at the right or, in portrait, below.

    Args:
        icons: Icon name by command id, for the command buttons.

    Signals:
        command_requested(str): A command's button was pressed; carries its id.
        line_selected(int): A line was chosen; carries its index in the return.
        settlement_chosen(str): Another way to finish was chosen; carries its kind.
        return_picked(str): A candidate, sibling or parked return; carries its id.
        prompt_answered(str): The words in the prompt's field.
        template_chosen(int): A ready answer of the prompt; carries its place, from 0.
        prompt_cancelled(): The prompt was left.
        prompt_edited(str): What the prompt's field holds now.
    """

    command_requested = Signal(str)
    line_selected = Signal(int)
    settlement_chosen = Signal(str)
    return_picked = Signal(str)
    prompt_answered = Signal(str)
    template_chosen = Signal(int)
    prompt_cancelled = Signal()
    prompt_edited = Signal(str)

    def __init__(self, icons: Mapping[str, str] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._screen: BenchScreen | None = None
        self._ordered: tuple[QWidget, ...] = ()
        self._build_page()
        self._build_work()
        self._build_column(icons or {})
        self._connect()
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
        """Make the three pages of the work area: nothing open, several to choose from, one open."""
        work = QWidget()
        self._work = QVBoxLayout(work)
        self._work.setContentsMargins(0, 0, 0, 0)
        self.empty = EmptyBench(work)
        self.picker = PickerBench(work)
        self.header = HeaderCard(work)
        self.lines = LinesView(work)
        self._work.addWidget(self.empty, 100)
        self._work.addWidget(self.picker, 100)
        self._work.addWidget(self.header)
        # The lines take all the room there is, up to their last row; what is left stays empty below them.
        self._work.addWidget(self.lines, 100)
        self._work.addStretch(1)
        self._page.addWidget(work, 1)
        for part in (self.picker, self.header, self.lines):
            part.hide()

    def _build_column(self, icons: Mapping[str, str]) -> None:
        """Make the command column and the prompt that takes its place."""
        self._column = QWidget()
        column = QVBoxLayout(self._column)
        column.setContentsMargins(0, 0, 0, 0)
        self.commands = CommandPanel(icons, self._column)
        self.prompt = PromptPanel(self._column)
        self.prompt.hide()
        column.addWidget(self.commands)
        column.addWidget(self.prompt)
        self._page.addWidget(self._column)

    def _connect(self) -> None:
        """Hand on what the parts say."""
        self.commands.requested.connect(self.command_requested)
        self.commands.settlement_chosen.connect(self.settlement_chosen)
        self.lines.requested.connect(self.command_requested)
        self.lines.line_selected.connect(self.line_selected)
        self.header.picked.connect(self.return_picked)
        self.empty.picked.connect(self.return_picked)
        self.picker.picked.connect(self.return_picked)
        self.prompt.answered.connect(self.prompt_answered)
        self.prompt.template_chosen.connect(self.template_chosen)
        self.prompt.cancelled.connect(self.prompt_cancelled)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._show_field)
        self.prompt.edited.connect(self.prompt_edited)

    def render(self, screen: BenchScreen) -> None:  # type: ignore[override]
        """Draw this screen; parts that stay the same are not touched."""
        if screen == self._screen:
            return
        self._screen = screen
        focused = QApplication.focusWidget()
        if focused is not None and not self.isAncestorOf(focused):
            focused = None
        self._show_work(screen, screen.header)
        return_id = screen.header.return_id if screen.header else ""
        self.commands.render(screen.plan, screen.commands, return_id)
        self._show_prompt(screen.prompt)
        self._order_focus()
        self._keep_focus(focused)

    def _keep_focus(self, before: QWidget | None) -> None:
        """When what had the focus is gone, take it back: Qt would hand it to any next button."""
        if before is None or before.isVisible() or self.prompt.field.hasFocus():
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
            self.prompt.field.setFocus(Qt.FocusReason.OtherFocusReason)
            QTimer.singleShot(0, self._show_field)

    def _show_field(self) -> None:
        """Keep the field of a question in sight in a small window, whenever the layout moved it."""
        if self.prompt.field.hasFocus():
            field = self.prompt.field
            foot = field.mapTo(self._sheet, QPoint(0, field.height()))
            self._scroll.ensureVisible(0, foot.y(), 0, look().px(16))

    def focus_widgets(self) -> tuple[QWidget, ...]:
        """Return all that takes the focus, in the order in which Tab reaches it."""
        return (
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
        self.commands.set_wide(stacked)
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
