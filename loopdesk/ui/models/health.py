"""The columns of the station's checks."""

from __future__ import annotations

from enum import IntEnum

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import CheckRow
from loopdesk.ui.models.rows import Cell, Columns


class CheckColumn(IntEnum):
    """The columns of the checks."""

    NAME = 0
    STATUS = 1
    FOUND = 2


def _captions() -> tuple[str, ...]:
    return (
        _("Check"),
        _("Result"),
        _("Found, and what to do"),
    )


def _cell(row: CheckRow, column: int) -> Cell:
    match column:
        case CheckColumn.NAME:
            return Cell(row.name, look="strong")
        case CheckColumn.STATUS:
            return Cell(row.status, tone=row.tone, look="pill")
        case _:
            return Cell(row.found, row.advice)


def _key(row: CheckRow) -> str:
    return row.name


CHECKS = Columns(CheckColumn, _captions, _cell, _key)
"""The checks."""
