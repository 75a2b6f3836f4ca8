"""A table of frozen rows: a function decides what each cell shows, instead of a class per table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from loopdesk.ui import texts

CELL_ROLE = Qt.ItemDataRole.UserRole
"""The ``Cell`` itself, for the delegate."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Cell:
    """The content of one cell; every text may be foreign.

    Attributes:
        detail: A quieter second text below.
        tone: Color of the text.
        look: ``plain``, ``strong``, ``quiet``, ``pill``, or ``ladder`` for a word over ``steps``.
        is_marked: Drawn on the soft background of its tone, with a bar, to draw attention.
        said: What a screen reader says instead of the texts, "" for the texts.
        steps: How many steps of a ladder are reached, and of how many.
        fold: Of a row that has rows below it: ``folded`` or ``unfolded``.
        level: How deep a row stands below others.
    """

    text: str
    detail: str = ""
    tone: str = "plain"
    look: str = "plain"
    is_marked: bool = False
    said: str = ""
    steps: tuple[int, int] = (0, 0)
    fold: str = ""
    level: int = 0


WRAPPED = (
    Qt.AlignmentFlag.AlignLeft.value | Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextWordWrap.value
)
"""A caption takes more lines in a narrow column. A number, because it is made of flags of two kinds."""


@dataclass(frozen=True, slots=True)
class Columns(Generic[R]):
    """The columns of a table.

    Attributes:
        kinds: The enum that names them, numbered from 0.
        captions: Returns the captions in the window's language.
        cell: Returns the content of a row's cell.
        key: Returns the identity of a row across screens.
    """

    kinds: type[IntEnum]
    captions: Callable[[], Sequence[str]]
    cell: Callable[[R, int], Cell]
    key: Callable[[R], str]


class RowsModel(QAbstractTableModel, Generic[R]):
    """Rows as a table; only changed rows emit ``dataChanged``, a different list resets the model."""

    def __init__(self, columns: Columns[R], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._rows: tuple[R, ...] = ()
        self._places: dict[str, int] = {}
        self._captions: tuple[str, ...] = ()

    def set_captions(self, captions: tuple[str, ...]) -> None:
        """Replace the table's own captions by these foreign texts."""
        if captions != self._captions:
            self._captions = captions
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._columns.kinds) - 1)

    def set_rows(self, rows: tuple[R, ...]) -> bool:
        """Replace the rows.

        Returns:
            Whether the list or its order is different.
        """
        keys = [self._columns.key(row) for row in rows]
        if keys != [self._columns.key(row) for row in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self._places = {key: place for place, key in enumerate(keys)}
            self.endResetModel()
            return True
        before, self._rows = self._rows, rows
        last = len(self._columns.kinds) - 1
        for place, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(place, 0), self.index(place, last))
        return False

    def rows(self) -> tuple[R, ...]:
        """Return the rows in order."""
        return self._rows

    def row(self, place: int) -> R:
        """Return the row at a position."""
        return self._rows[place]

    def key_at(self, place: int) -> str:
        """Return the key of the row at a position, "" outside."""
        return self._columns.key(self._rows[place]) if 0 <= place < len(self._rows) else ""

    def place_of(self, key: str) -> int:
        """Return the position of a row, -1 if it is missing."""
        return self._places.get(key, -1)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self._columns.kinds)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the captions of the columns, and that they wrap."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return WRAPPED
        roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        if orientation is not Qt.Orientation.Horizontal or role not in roles:
            return None
        captions = self._captions or self._columns.captions()
        return texts.clean(captions[section]) if 0 <= section < len(captions) else None

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the display, accessible or tool tip text of a cell."""
        if not self.checkIndex(index, QAbstractTableModel.CheckIndexOption.IndexIsValid):
            return None
        cell = self._columns.cell(self._rows[index.row()], index.column())
        match role:
            case Qt.ItemDataRole.UserRole:
                return cell
            case Qt.ItemDataRole.DisplayRole:
                return texts.clean(cell.text)
            case Qt.ItemDataRole.AccessibleTextRole:
                return texts.clean(cell.said or texts.sentences((cell.text, cell.detail)))
            case Qt.ItemDataRole.ToolTipRole:
                return texts.tip_text("\n".join(filter(None, (cell.text, cell.detail))))
            case _:
                return None
