"""The columns of the queue, and of the history of one of its entries."""

from __future__ import annotations

from enum import IntEnum

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import HistoryRow, QueueRow
from loopdesk.ui.models.rows import Cell, Columns


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
