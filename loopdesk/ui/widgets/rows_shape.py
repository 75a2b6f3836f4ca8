"""How a table of rows is drawn, and how its columns share its width."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Column:
    """The width of a column.

    Attributes:
        least: Width in px at 100 %; the minimum of a column with a share.
        share: Its share of the remaining width; 0 for a column of fixed width.
        from_width: The table's minimum width at which the column is shown, in px at 100 %.
    """

    least: int
    share: int = 0
    from_width: int = 0


@dataclass(frozen=True, slots=True)
class RowsShape:
    """How a table of rows is drawn.

    Attributes:
        columns: By number.
        row: Minimum height of a row in px at 100 %.
        most: Maximum lines of a text; with more than one, rows are as high as their texts.
        ruled: Whether rows are separated by lines.
        parted: Whether columns are separated by lines.
        chooses: Whether rows can be chosen.
        folds: Whether rows have others below them that can be shown and hidden.
    """

    columns: Mapping[int, Column] = field(default_factory=dict)
    row: int = 64
    most: int = 1
    ruled: bool = True
    parted: bool = False
    chooses: bool = True
    folds: bool = False


def shrunk(wanted: Mapping[int, int], leasts: Mapping[int, int], width: int) -> dict[int, int]:
    """Return the widths of columns when there may not be enough for what each wants.

    Args:
        wanted: In px; none below its least.
        leasts: Below which something would be cut; touched only if even these are too much together.
        width: What there is for all, in px.
    """
    whole, tight = sum(wanted.values()), sum(leasts.values())
    if whole <= width:
        return dict(wanted)
    if tight >= width:
        return {number: least * width // max(1, tight) for number, least in leasts.items()}
    return {
        number: least + (wanted[number] - least) * (width - tight) // (whole - tight)
        for number, least in leasts.items()
    }
