"""What the tables of several views say of a return: how far it got, and what happened to it."""

from __future__ import annotations

from enum import IntEnum

from loopdesk.domain.outbox.ladder import Rung
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import HistoryRow, QueueRow
from loopdesk.ui.widgets.rows_model import Cell, Columns
from loopdesk.ui.widgets.rows_shape import Column, RowsShape

_RUNGS = len(Rung)


def rung_cell(row: QueueRow) -> Cell:
    """Draw how far a row got, as a word over the steps of the ladder."""
    said = _("{rung}, step {n} of {of}", rung=row.rung, n=row.steps, of=_RUNGS)
    return Cell(row.rung, tone=row.tone, look="ladder", steps=(row.steps, _RUNGS), said=said)


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

HISTORY_SHAPE = RowsShape(
    {HistoryColumn.WHEN: Column(84), HistoryColumn.WHAT: Column(120, 1)}, row=40, most=4, chooses=False
)
