"""The queue: draws a ``QueueScreen`` and emits what was pressed."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import HistoryRow, QueueRow, QueueScreen
from loopdesk.ui.pages.page_view import PageView
from loopdesk.ui.widgets.card import IconLabel, WordsCard
from loopdesk.ui.widgets.choices import AskPanel, ChoiceColumn
from loopdesk.ui.widgets.filters import FilterRow
from loopdesk.ui.widgets.fitted import FittedLabel
from loopdesk.ui.widgets.rows_model import Cell, Columns
from loopdesk.ui.widgets.rows_view import Column, RowsShape, RowsView

if TYPE_CHECKING:
    from loopdesk.presenters.pages.queue import QueuePresenter


class QueueColumn(IntEnum):
    """The columns of the queue."""

    WHAT = 0
    STAGE = 1
    TRIES = 2
    DECIDED = 3


def _captions() -> tuple[str, ...]:
    return (
        _("Action"),
        _("Where it stands"),
        _("Tries"),
        _("Decided"),
    )


def _cell(row: QueueRow, column: int) -> Cell:
    match column:
        case QueueColumn.WHAT:
            return Cell(row.what, row.order_name, look="strong")
        case QueueColumn.STAGE:
            return Cell(row.stage, row.error, row.tone)
        case QueueColumn.TRIES:
            return Cell(str(row.tries) if row.tries else "–")
        case _:
            return Cell(row.decided, row.age)


def _key(row: QueueRow) -> str:
    return row.entry_id


QUEUE = Columns(QueueColumn, _captions, _cell, _key)
"""The queue."""


class HistoryColumn(IntEnum):
    """The columns of the history."""

    WHEN = 0
    WHAT = 1


def _history_captions() -> tuple[str, ...]:
    return (_("When"), _("What happened"))


def _history_cell(row: HistoryRow, column: int) -> Cell:
    return Cell(row.when, look="quiet") if column == HistoryColumn.WHEN else Cell(row.what)


def _history_key(row: HistoryRow) -> str:
    return f"{row.when} {row.what}"


HISTORY = Columns(HistoryColumn, _history_captions, _history_cell, _history_key)
"""The history, oldest first."""


_TABLE = RowsShape(
    {
        QueueColumn.WHAT: Column(220, 5),
        QueueColumn.STAGE: Column(190, 4),
        QueueColumn.TRIES: Column(64, from_width=640),
        QueueColumn.DECIDED: Column(116),
    },
    most=4,
)
_HISTORY = RowsShape(
    {HistoryColumn.WHEN: Column(84), HistoryColumn.WHAT: Column(120, 1)}, row=40, most=4, chooses=False
)
ICONS = {"open_at_bench": "scan-barcode", "attention": "triangle-alert", "withdraw": "undo-2"}


class QueueView(PageView):
    """Filters and the table at the left; the selected entry, its history and choices at the right.

    Signals:
        filter_chosen(str), entry_selected(str), choice_made(str), confirmed(), dismissed().
    """

    filter_chosen = Signal(str)
    entry_selected = Signal(str)
    choice_made = Signal(str)
    confirmed = Signal()
    dismissed = Signal()

    def __init__(self, presenter: QueuePresenter, parent: QWidget | None = None) -> None:
        super().__init__(presenter, parent=parent)
        self._presenter = presenter
        self.filters = FilterRow(self)
        self.table: RowsView[QueueRow] = RowsView(QUEUE, _TABLE, parent=self)
        self.calm = IconLabel("check-check", 96, "ok", self)
        self.work.addWidget(self.filters)
        self.add_table(self.table)
        self.work.addWidget(self.calm, 1, Qt.AlignmentFlag.AlignCenter)
        self.work.addStretch(0)
        self.selected = WordsCard((("caption", 1), ("strong", 4), ("body", 3)), self)
        self.history: RowsView[HistoryRow] = RowsView(HISTORY, _HISTORY, grows=True, parent=self)
        self.choices = ChoiceColumn(ICONS, self)
        self.ask = AskPanel(self)
        self.message = FittedLabel("body", 4, self)
        for part in (self.ask, self.selected, self.choices, self.message, self.history):
            self.side.addWidget(part)
        self.side.addStretch(1)
        self.retranslate()
        self._connect()
        presenter.attach(self)

    def _connect(self) -> None:
        """Connect the parts to the view's signals, and those to the presenter."""
        self.filters.chosen.connect(self.filter_chosen)
        self.table.chosen.connect(self.entry_selected)
        self.table.opened.connect(self.entry_selected)
        self.choices.chosen.connect(self.choice_made)
        self.ask.confirmed.connect(self._confirm)
        self.ask.dismissed.connect(self.dismissed)
        self.filter_chosen.connect(self._presenter.choose_filter)
        self.entry_selected.connect(self._presenter.select)
        self.choice_made.connect(self._presenter.choose)
        self.confirmed.connect(self._presenter.confirm)
        self.dismissed.connect(self._presenter.dismiss)

    def _confirm(self, _reason: str) -> None:
        self.confirmed.emit()

    def render(self, screen: QueueScreen) -> None:  # type: ignore[override]
        """Draw this screen."""
        self.show_heading(screen.summary)
        self.filters.show_filters(screen.filters, screen.chosen_filter)
        self.table.show_rows(screen.rows, screen.selected)
        self.table.setVisible(bool(screen.rows))
        self.calm.setVisible(not screen.rows)
        row = next((x for x in screen.rows if x.entry_id == screen.selected), None)
        asking = screen.asking is not None
        self.ask.show_choice(screen.asking)
        self._show_selected(row)
        if asking:
            self.selected.hide()
        self.choices.show_choices(() if asking else screen.choices)
        self.history.show_rows(screen.history)
        self.history.setVisible(bool(screen.history) and not asking)
        self.message.show_text(screen.message)

    def _show_selected(self, row: QueueRow | None) -> None:
        """Name the selected entry, or ask for one."""
        caption = _("SELECTED")
        if row is None and not self.table.rows.rowCount():
            self.selected.show_words("", "", "")
        elif row is None:
            invitation = _("Choose an action to see what happened to it.")
            self.selected.show_words(caption, invitation, "")
        else:
            self.selected.show_words(caption, f"{row.order_name} · {row.what}", (row.stage, row.tone))

    def retranslate(self) -> None:
        """Set the view's own texts in the window's language."""
        self.table.retranslate(_("Actions"))
        self.history.retranslate(_("What happened"))
        self.filters.setAccessibleName(_("Which actions are shown"))
