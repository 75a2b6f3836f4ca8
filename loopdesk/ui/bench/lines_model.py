"""The lines of the open return as a list model."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import LineRow
from loopdesk.ui import texts


class LinesModel(QAbstractListModel):
    """Rows in the order of the return, those that are not expected in the parcel last.

    Only what changed is announced: a different return of as many lines takes the places of the one before.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[LineRow, ...] = ()
        self._places: dict[int, int] = {}

    def set_rows(self, rows: tuple[LineRow, ...]) -> bool:
        """Replace the rows.

        Returns:
            Whether they belong to a different return.
        """
        ordered, before = tuple(sorted(rows, key=_expected_first)), self._rows
        is_other = _identity(ordered) != _identity(before)
        self._change_count(ordered)
        self._rows = ordered
        self._places = {row.index: place for place, row in enumerate(ordered)}
        for place, (old, new) in enumerate(zip(before, ordered, strict=False)):
            if old != new:
                index = self.index(place)
                self.dataChanged.emit(index, index)
        return is_other

    def _change_count(self, wanted: tuple[LineRow, ...]) -> None:
        """Add what rows are missing at the end, or remove those that are too many."""
        had, count, nowhere = len(self._rows), len(wanted), QModelIndex()
        if count > had:
            self.beginInsertRows(nowhere, had, count - 1)
            self._rows = (*self._rows, *wanted[had:])
            self.endInsertRows()
        elif count < had:
            self.beginRemoveRows(nowhere, count, had - 1)
            self._rows = self._rows[:count]
            self.endRemoveRows()

    def row(self, place: int) -> LineRow:
        """Return the row at a position of the list."""
        return self._rows[place]

    def place_of(self, index: int) -> int:
        """Return the position of the line with this index in the return, -1 if it is missing."""
        return self._places.get(index, -1)

    def first_unexpected(self) -> int:
        """Return the position of the first line that is not expected in the parcel, -1 if there is none."""
        return next((place for place, row in enumerate(self._rows) if not row.is_expected), -1)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of lines."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the display, accessible or tool tip text of a row."""
        if not self.checkIndex(index, QAbstractListModel.CheckIndexOption.IndexIsValid):
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return texts.clean(row.title)
            case Qt.ItemDataRole.AccessibleTextRole:
                return texts.clean(_said(row))
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return texts.clean(row.subtitle)
            case Qt.ItemDataRole.ToolTipRole:
                return texts.tip_text("\n".join((row.title, row.subtitle, decided(row))))
            case _:
                return None


def decided(row: LineRow) -> str:
    """Return the decision with what follows from it."""
    return " · ".join(part for part in (row.decided, row.decided_detail) if part)


def _expected_first(row: LineRow) -> tuple[bool, int]:
    """Sort expected lines before the others, each in the order of the return."""
    return (not row.is_expected, row.index)


def _identity(rows: tuple[LineRow, ...]) -> list[tuple[int, str]]:
    """Return what identifies these as the rows of one return."""
    return [(row.index, row.line_item_id) for row in rows]


def _said(row: LineRow) -> str:
    """Return what a screen reader says for a row."""
    expected = "" if row.is_expected else _("Not expected here")
    parts = (row.title, expected, row.seen or _("not scanned"), decided(row) or _("undecided"))
    return texts.sentences(parts)
