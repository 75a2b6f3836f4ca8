"""The lines of the open return as a table model."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import LineRow
from loopdesk.ui import texts
from loopdesk.ui.pictures import shown_key
from loopdesk.ui.widgets.rows_model import WRAPPED


class LineColumn(IntEnum):
    """What each column shows."""

    PICTURE = 0
    LINE = 1
    REASON = 2
    SEEN = 3
    DECIDED = 4


class LinesModel(QAbstractTableModel):
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
        last = len(LineColumn) - 1
        for place, (old, new) in enumerate(zip(before, ordered, strict=False)):
            if old != new:
                self.dataChanged.emit(self.index(place, 0), self.index(place, last))
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
        """Return the row at a position of the table."""
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

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(LineColumn)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the captions of the columns, and that they wrap."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return WRAPPED
        roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        if orientation is not Qt.Orientation.Horizontal or role not in roles:
            return None
        captions = (
            "",
            _("Line"),
            _("Shopper says"),
            _("Seen"),
            _("Decided"),
        )
        return captions[section] if 0 <= section < len(captions) else None

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the display, accessible or tool tip text of a cell."""
        if not self.checkIndex(index, QAbstractTableModel.CheckIndexOption.IndexIsValid):
            return None
        row = self._rows[index.row()]
        column = LineColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return texts.clean(_shown(row, column))
            case Qt.ItemDataRole.AccessibleTextRole:
                return texts.clean(_said(row, column))
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return texts.clean(_described(row, column))
            case Qt.ItemDataRole.ToolTipRole:
                return texts.tip_text(_pointed(row, column))
            case _:
                return None


def _expected_first(row: LineRow) -> tuple[bool, int]:
    """Sort expected lines before the others, each in the order of the return."""
    return (not row.is_expected, row.index)


def _identity(rows: tuple[LineRow, ...]) -> list[tuple[int, str]]:
    """Return what identifies these as the rows of one return."""
    return [(row.index, row.line_item_id) for row in rows]


def _shown(row: LineRow, column: LineColumn) -> str:
    """Return the main text of a cell."""
    match column:
        case LineColumn.PICTURE:
            return ""
        case LineColumn.LINE:
            return row.title
        case LineColumn.REASON:
            return row.reason
        case LineColumn.SEEN:
            return row.seen or "–"
        case LineColumn.DECIDED:
            return row.decided or "—"


def _said(row: LineRow, column: LineColumn) -> str:
    """Return what a screen reader says for a cell."""
    match column:
        case LineColumn.PICTURE:
            return _("Picture") if shown_key(row.picture) else _("No picture")
        case LineColumn.LINE:
            return row.title
        case LineColumn.REASON:
            return f"{row.reason} {row.comment}".strip()
        case LineColumn.SEEN:
            return row.seen or _("not scanned")
        case LineColumn.DECIDED:
            return f"{row.decided} {row.decided_detail}".strip() or _("undecided")


def _described(row: LineRow, column: LineColumn) -> str:
    """Return the accessible description of a cell."""
    if column is not LineColumn.LINE:
        return ""
    return ". ".join(part for part in (row.subtitle, row.held, row.note) if part)


def _pointed(row: LineRow, column: LineColumn) -> str:
    """Return the full text of a cell that may have been cut."""
    match column:
        case LineColumn.LINE:
            parts: tuple[str, ...] = (row.title, row.subtitle, row.held, row.note)
        case LineColumn.REASON:
            parts = (row.reason, row.comment)
        case LineColumn.DECIDED:
            parts = (row.decided, row.decided_detail)
        case _:
            parts = ()
    return "\n".join(part for part in parts if part)
