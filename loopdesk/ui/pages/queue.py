"""The queue by returns: draws a ``QueueScreen`` and emits what was pressed."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import HistoryRow, QueueRow, QueueScreen
from loopdesk.ui import texts
from loopdesk.ui.pages.page_view import PageView
from loopdesk.ui.pages.return_tables import HISTORY, HISTORY_SHAPE, rung_cell
from loopdesk.ui.widgets.card import IconLabel, WordsCard
from loopdesk.ui.widgets.choices import AskPanel, ChoiceColumn
from loopdesk.ui.widgets.filters import FilterRow
from loopdesk.ui.widgets.fitted import Message
from loopdesk.ui.widgets.pager import Pager
from loopdesk.ui.widgets.rows_model import Cell, Columns
from loopdesk.ui.widgets.rows_shape import Column, RowsShape
from loopdesk.ui.widgets.rows_view import RowsView

if TYPE_CHECKING:
    from loopdesk.presenters.pages.queue import QueuePresenter


class QueueColumn(IntEnum):
    """The columns of the queue."""

    WHAT = 0
    RUNG = 1
    STAGE = 2
    DECIDED = 3


def _captions() -> tuple[str, ...]:
    return (
        _("Return and its calls"),
        _("How far"),
        _("Where it stands"),
        _("Decided"),
    )


def _cell(row: QueueRow, column: int) -> Cell:
    match column:
        case QueueColumn.WHAT:
            return _what(row)
        case QueueColumn.RUNG:
            return rung_cell(row)
        case QueueColumn.STAGE:
            return Cell(row.stage, row.error, row.tone)
        case _:
            return Cell(row.decided, row.age)


def _what(row: QueueRow) -> Cell:
    if row.is_call:
        return Cell(row.what, row.detail, level=1)
    fold = "unfolded" if row.is_unfolded else "folded"
    state = _("unfolded") if row.is_unfolded else _("folded")
    said = texts.sentences((row.what, row.detail, state))
    return Cell(row.what, row.detail, look="strong", fold=fold, said=said)


def _key(row: QueueRow) -> str:
    return row.key


QUEUE = Columns(QueueColumn, _captions, _cell, _key)
"""The queue."""

_TABLE = RowsShape(
    {
        QueueColumn.WHAT: Column(180, 5),
        QueueColumn.RUNG: Column(128),
        QueueColumn.STAGE: Column(170, 4),
        QueueColumn.DECIDED: Column(92, 1),
    },
    most=8,
    folds=True,
)
ICONS = {
    "open_at_bench": "scan-barcode",
    "attention": "triangle-alert",
    "evidence": "printer",
    "withdraw": "undo-2",
}


class QueueView(PageView):
    """Filters and the returns at the left; what is selected, its history and choices at the right.

    Signals:
        filter_chosen(str), row_selected(str), unfolded(str), turned(str, bool), page_turned(int),
        choice_made(str), confirmed(), dismissed().
    """

    filter_chosen = Signal(str)
    row_selected = Signal(str)
    unfolded = Signal(str)
    turned = Signal(str, bool)
    page_turned = Signal(int)
    choice_made = Signal(str)
    confirmed = Signal()
    dismissed = Signal()

    def __init__(self, presenter: QueuePresenter, parent: QWidget | None = None) -> None:
        super().__init__(presenter, parent=parent)
        self._presenter = presenter
        self.filters = FilterRow(self)
        self.table: RowsView[QueueRow] = RowsView(QUEUE, _TABLE, parent=self)
        self.pager = Pager(self)
        self.calm = IconLabel("check-check", 96, "ok", self)
        self.work.addWidget(self.filters)
        self.add_table(self.table)
        self.work.addWidget(self.calm, 1, Qt.AlignmentFlag.AlignCenter)
        self.work.addStretch(0)
        self.selected = WordsCard((("caption", 1), ("strong", 4), ("body", 3)), self)
        self.history: RowsView[HistoryRow] = RowsView(HISTORY, HISTORY_SHAPE, parent=self)
        self.choices = ChoiceColumn(ICONS, self)
        self.ask = AskPanel(self)
        self.message = Message("body", 4, self)
        for part in (self.pager, self.ask, self.selected, self.choices, self.message):
            self.side.addWidget(part)
        self.add_side_table(self.history)
        self.side.addStretch(0)
        self.retranslate()
        self._connect()
        presenter.attach(self)

    def _connect(self) -> None:
        """Connect the parts to the view's signals, and those to the presenter."""
        self.filters.chosen.connect(self.filter_chosen)
        self.table.chosen.connect(self.row_selected)
        self.table.opened.connect(self._open)
        self.table.turned.connect(self.turned)
        self.pager.turned.connect(self.page_turned)
        self.choices.chosen.connect(self.choice_made)
        self.ask.confirmed.connect(self._confirm)
        self.ask.dismissed.connect(self.dismissed)
        self.filter_chosen.connect(self._presenter.choose_filter)
        self.row_selected.connect(self._presenter.select)
        self.unfolded.connect(self._presenter.unfold)
        self.turned.connect(self._presenter.turn)
        self.page_turned.connect(self._presenter.turn_page)
        self.choice_made.connect(self._presenter.choose)
        self.confirmed.connect(self._presenter.confirm)
        self.dismissed.connect(self._presenter.dismiss)
        self.message.left.connect(self._presenter.dismiss)

    def _open(self, key: str) -> None:
        """Select the row that was pressed, and show or hide what is below it."""
        self.row_selected.emit(key)
        self.unfolded.emit(key)

    def _confirm(self, _reason: str) -> None:
        self.confirmed.emit()

    def render(self, screen: QueueScreen) -> None:  # type: ignore[override]
        """Draw this screen."""
        self.show_heading(screen.summary)
        self.filters.show_filters(screen.filters, screen.chosen_filter)
        self.table.show_rows(screen.rows, screen.selected)
        self.table.setVisible(bool(screen.rows))
        self.pager.show_pages(screen.range, has_previous=screen.has_previous, has_next=screen.has_next)
        self.calm.setVisible(not screen.rows)
        asking = screen.asking is not None
        self.ask.show_choice(screen.asking)
        self._show_selected(screen)
        self.choices.show_choices(() if asking else screen.choices)
        self.history.show_rows(screen.history)
        self.history.setVisible(bool(screen.history) and not asking)
        self.message.show_text(screen.message, screen.message_tone)

    def _show_selected(self, screen: QueueScreen) -> None:
        """Name what is selected, or ask for it."""
        caption = _("SELECTED")
        if screen.asking is not None or not (screen.rows or screen.selected):
            self.selected.show_words("", "", "")
        elif not screen.selected:
            invitation = _("Press a return to see its calls and what happened to it.")
            self.selected.show_words(caption, invitation, "")
        else:
            self.selected.show_words(caption, screen.title, (screen.stage, screen.tone))

    def retranslate(self) -> None:
        """Set the view's own texts in the window's language."""
        self.table.retranslate(_("Returns"))
        self.history.retranslate(_("What happened"))
        self.filters.setAccessibleName(_("Which returns are shown"))
