"""The columns of the attention list and of a case's two sides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import CaseRow, CaseScreen, FactRow
from loopdesk.ui.models.rows import Cell, Columns


class CaseColumn(IntEnum):
    """The list of cases has one column."""

    CASE = 0


def _case_captions() -> tuple[str, ...]:
    return (_("Needs you"),)


def _case_cell(row: CaseRow, _column: int) -> Cell:
    return Cell(row.title, " · ".join(part for part in (row.reason, row.waited) if part), look="strong")


def _case_key(row: CaseRow) -> str:
    return row.return_id


CASES = Columns(CaseColumn, _case_captions, _case_cell, _case_key)
"""The returns that need a person."""


class SideColumn(IntEnum):
    """The two sides of a case."""

    THEN = 0
    NOW = 1


@dataclass(frozen=True, slots=True)
class PictureRow:
    """One fact on both sides."""

    number: int
    then: FactRow
    now: FactRow


def picture_rows(case: CaseScreen) -> tuple[PictureRow, ...]:
    """Pair the facts of a case's two sides; the shorter side is padded with empty facts."""
    count = max(len(case.then), len(case.now))
    nothing = FactRow("")
    then = (*case.then, *(nothing for _ in range(count - len(case.then))))
    now = (*case.now, *(nothing for _ in range(count - len(case.now))))
    return tuple(PictureRow(n, a, b) for n, (a, b) in enumerate(zip(then, now, strict=True)))


def _picture_captions() -> tuple[str, ...]:
    return (_("When it was decided"), _("At Loop"))


def _picture_cell(row: PictureRow, column: int) -> Cell:
    if column == SideColumn.THEN:
        return Cell(row.then.text)
    differs = row.now.differs and bool(row.now.text)
    said = _("{value}, not the same", value=row.now.text) if differs else ""
    return Cell(row.now.text, tone="blocked" if differs else "plain", is_marked=differs, said=said)


def _picture_key(row: PictureRow) -> str:
    return str(row.number)


PICTURES = Columns(SideColumn, _picture_captions, _picture_cell, _picture_key)
"""Both sides of a case, fact by fact."""
