"""The columns of the mystery parcels."""

from __future__ import annotations

from enum import IntEnum

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import MysteryRow
from loopdesk.ui.models.rows import Cell, Columns


class MysteryColumn(IntEnum):
    """The columns of the mystery parcels."""

    NUMBER = 0
    CODE = 1
    WORDS = 2
    SHELF = 3
    FOUND = 4
    MATCH = 5


def _captions() -> tuple[str, ...]:
    return (
        _("No."),
        _("Code"),
        _("Looks like"),
        _("Shelf"),
        _("Found"),
        _("Its return"),
    )


def _cell(row: MysteryRow, column: int) -> Cell:
    match column:
        case MysteryColumn.NUMBER:
            return Cell(str(row.number), look="strong")
        case MysteryColumn.CODE:
            return Cell(row.code)
        case MysteryColumn.WORDS:
            return Cell(row.words or "–", _("with a photo") if row.photo else "")
        case MysteryColumn.SHELF:
            return Cell(row.shelf or "–")
        case MysteryColumn.FOUND:
            return Cell(row.found, row.operator)
        case _:
            return Cell(row.match, tone=_tone(row), is_marked=row.is_unclear)


def _tone(row: MysteryRow) -> str:
    if row.return_id:
        return "ok"
    return "blocked" if row.is_unclear else "unknown" if row.is_open else "plain"


def _key(row: MysteryRow) -> str:
    return str(row.number)


MYSTERIES = Columns(MysteryColumn, _captions, _cell, _key)
"""The mystery parcels."""
