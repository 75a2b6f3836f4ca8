"""What was finished last: draws a ``FinishedScreen`` and emits what was pressed."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import DoneRow, FinishedScreen, HistoryRow, QueueRow
from loopdesk.ui.pages.page_view import PageView
from loopdesk.ui.pages.return_tables import HISTORY, HISTORY_SHAPE, rung_cell
from loopdesk.ui.widgets.card import IconLabel, WordsCard
from loopdesk.ui.widgets.choices import ChoiceColumn
from loopdesk.ui.widgets.fitted import Message
from loopdesk.ui.widgets.rows_model import Cell, Columns
from loopdesk.ui.widgets.rows_shape import Column, RowsShape
from loopdesk.ui.widgets.rows_view import RowsView

if TYPE_CHECKING:
    from loopdesk.presenters.pages.finished import FinishedPresenter

# --- the returns ------------------------------------------------------------------------------------


class FinishedColumn(IntEnum):
    """The columns of what was finished."""

    WHAT = 0
    RUNG = 1
    STAGE = 2
    DECIDED = 3


def _captions() -> tuple[str, ...]:
    return (_("Return, and what was done"), _("How far"), _("Where it stands"), _("When"))


def _cell(row: QueueRow, column: int) -> Cell:
    match column:
        case FinishedColumn.WHAT:
            return Cell(row.what, row.detail, look="strong")
        case FinishedColumn.RUNG:
            return rung_cell(row)
        case FinishedColumn.STAGE:
            return Cell(row.stage, row.error, row.tone)
        case _:
            return Cell(row.decided)


def _key(row: QueueRow) -> str:
    return row.key


FINISHED_ROWS = Columns(FinishedColumn, _captions, _cell, _key)
"""What was finished last, latest first."""

_TABLE = RowsShape(
    {
        FinishedColumn.WHAT: Column(170, 5),
        FinishedColumn.RUNG: Column(108),
        FinishedColumn.STAGE: Column(140, 4),
        FinishedColumn.DECIDED: Column(84, 1),
    },
    most=5,
)

# --- what was entered for one -----------------------------------------------------------------------


class DoneColumn(IntEnum):
    """The columns of what was entered."""

    WHAT = 0
    FOUND = 1


def _done_captions() -> tuple[str, ...]:
    return (_("Line"), _("Decided"))


def _done_cell(row: DoneRow, column: int) -> Cell:
    return Cell(row.what if column == DoneColumn.WHAT else row.found)


def _done_key(row: DoneRow) -> str:
    return f"{row.what} {row.found}"


DONE = Columns(DoneColumn, _done_captions, _done_cell, _done_key)
"""What was entered for a finished return."""

_DONE = RowsShape(
    {DoneColumn.WHAT: Column(120, 1), DoneColumn.FOUND: Column(110, 1)}, row=40, most=4, chooses=False
)

# --- the view ---------------------------------------------------------------------------------------

ICONS = {"undo": "undo-2", "open_at_bench": "scan-barcode", "evidence": "printer"}


class FinishedView(PageView):
    """The returns at the left; at the right the chosen one: its undo, what was entered, what happened.

    Signals:
        row_selected(str), choice_made(str).
    """

    row_selected = Signal(str)
    choice_made = Signal(str)

    def __init__(self, presenter: FinishedPresenter, parent: QWidget | None = None) -> None:
        super().__init__(presenter, parent=parent)
        self._presenter = presenter
        self.table: RowsView[QueueRow] = RowsView(FINISHED_ROWS, _TABLE, parent=self)
        self.calm = IconLabel("clock", 96, "muted", self)
        self.add_table(self.table)
        self.work.addWidget(self.calm, 1, Qt.AlignmentFlag.AlignCenter)
        self.work.addStretch(0)
        self.selected = WordsCard((("caption", 1), ("strong", 4), ("body", 3)), self)
        self.choices = ChoiceColumn(ICONS, self)
        self.message = Message("body-strong", 4, self)
        self.done: RowsView[DoneRow] = RowsView(DONE, _DONE, parent=self)
        self.history: RowsView[HistoryRow] = RowsView(HISTORY, HISTORY_SHAPE, parent=self)
        for part in (self.selected, self.choices, self.message):
            self.side.addWidget(part)
        self.add_side_table(self.done)
        self.add_side_table(self.history)
        self.side.addStretch(0)
        self.table.chosen.connect(self.row_selected)
        self.table.opened.connect(self.row_selected)
        self.choices.chosen.connect(self.choice_made)
        self.row_selected.connect(presenter.select)
        self.choice_made.connect(presenter.choose)
        self.message.left.connect(presenter.dismiss)
        self.retranslate()
        presenter.attach(self)

    def render(self, screen: FinishedScreen) -> None:  # type: ignore[override]
        """Draw this screen."""
        has_any = bool(screen.rows)
        self.show_heading(_("Finished here last") if has_any else _("Nothing was finished here yet."))
        self.table.show_rows(screen.rows, screen.selected)
        self.table.setVisible(has_any)
        self.calm.setVisible(not has_any)
        caption = _("FINISHED") if has_any else ""
        self.selected.show_words(caption, screen.title, (screen.stage, screen.tone))
        self.choices.show_choices(screen.choices)
        self.message.show_text(screen.message, screen.message_tone)
        self.done.show_rows(screen.lines)
        self.done.setVisible(bool(screen.lines))
        self.history.show_rows(screen.history)
        self.history.setVisible(bool(screen.history))

    def retranslate(self) -> None:
        """Set the view's own texts in the window's language."""
        self.table.retranslate(_("Last finished"))
        self.done.retranslate(_("What was entered"))
        self.history.retranslate(_("What happened"))
