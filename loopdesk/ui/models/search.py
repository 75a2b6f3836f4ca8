"""The columns of found returns."""

from __future__ import annotations

from enum import IntEnum

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import SearchRow
from loopdesk.ui.models.rows import Cell, Columns


class SearchColumn(IntEnum):
    """The columns of the found returns."""

    ORDER = 0
    ITEMS = 1
    SHOPPER = 2
    TRACKING = 3
    STATE = 4


def _captions() -> tuple[str, ...]:
    return (
        _("Order"),
        _("Items"),
        _("Shopper"),
        _("Tracking number"),
        _("State"),
    )


def _cell(row: SearchRow, column: int) -> Cell:
    match column:
        case SearchColumn.ORDER:
            return Cell(row.order_name, row.rma, look="strong")
        case SearchColumn.ITEMS:
            return Cell(row.what)
        case SearchColumn.SHOPPER:
            return Cell(row.shopper)
        case SearchColumn.TRACKING:
            return Cell(row.tracking)
        case _:
            return Cell(row.state, tone=row.tone, look="pill")


def _key(row: SearchRow) -> str:
    return row.return_id


SEARCH = Columns(SearchColumn, _captions, _cell, _key)
"""Found returns."""
