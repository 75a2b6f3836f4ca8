"""Search: draws a ``SearchScreen`` and emits what was typed and pressed."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import SearchRow, SearchScreen
from loopdesk.ui.pages.page_view import PageView
from loopdesk.ui.widgets.keypad import FieldWithKeypad
from loopdesk.ui.widgets.rows_model import Cell, Columns
from loopdesk.ui.widgets.rows_shape import Column, RowsShape
from loopdesk.ui.widgets.rows_view import RowsView

if TYPE_CHECKING:
    from loopdesk.presenters.pages.search import SearchPresenter


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


_TABLE = RowsShape(
    {
        SearchColumn.ORDER: Column(136, 1),
        SearchColumn.ITEMS: Column(180, 4),
        SearchColumn.SHOPPER: Column(130, 2, from_width=520),
        SearchColumn.TRACKING: Column(200, 1, from_width=860),
        SearchColumn.STATE: Column(128),
    }
)


def _keeps_escape(event: QEvent) -> bool:
    """Claim an Escape that is about to become a shortcut: it comes as a key press then."""
    if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    is_escape = event.key() == Qt.Key.Key_Escape
    if is_escape:
        event.accept()
    return is_escape


class SearchField(QLineEdit):
    """Where one types; the arrow down continues to what was found, Escape empties it before it leaves.

    Signals:
        left_down(): The arrow down was pressed.
    """

    left_down = Signal()

    def event(self, event: QEvent) -> bool:
        """Take Escape before the window's shortcut does, as long as there is something to empty."""
        return (bool(self.text()) and _keeps_escape(event)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on to the table with the arrow down; empty the field with Escape."""
        if event.key() == Qt.Key.Key_Down:
            self.left_down.emit()
            return
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.textEdited.emit("")
            return
        super().keyPressEvent(event)


class FoundRows(RowsView[SearchRow]):
    """What was found; the arrow up at its first row, and Escape, go back to the field.

    Signals:
        left_up(): One of these was pressed.
    """

    left_up = Signal()

    def event(self, event: QEvent) -> bool:
        """Take Escape before the window's shortcut does."""
        return _keeps_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back to the field from the first row."""
        is_up = event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= 0
        if is_up or event.key() == Qt.Key.Key_Escape:
            self.left_up.emit()
            return
        super().keyPressEvent(event)


class SearchView(PageView):
    """A large field over what was found; one press opens a return at the bench.

    Signals:
        typed(str), return_opened(str).
    """

    typed = Signal(str)
    return_opened = Signal(str)

    def __init__(self, presenter: SearchPresenter, parent: QWidget | None = None) -> None:
        super().__init__(presenter, with_side=False, parent=parent)
        self._presenter = presenter
        self.field = SearchField(self)
        self.field.setMaxLength(200)
        self.table = FoundRows(SEARCH, _TABLE, parent=self)
        self.keypad = FieldWithKeypad(self.field, self)
        self.work.insertWidget(0, self.keypad)
        self.add_table(self.table)
        self.work.addStretch(0)
        self.setFocusProxy(self.field)
        self.retranslate()
        self._connect()
        presenter.attach(self)

    def _connect(self) -> None:
        """Connect the parts to the view's signals, and those to the presenter."""
        self.field.textEdited.connect(self.typed)
        self.field.returnPressed.connect(self._open_first)
        self.field.left_down.connect(self._to_table)
        self.table.opened.connect(self.return_opened)
        self.table.left_up.connect(self._to_field)
        self.typed.connect(self._presenter.search)
        self.return_opened.connect(self._presenter.open)

    def _open_first(self) -> None:
        self.return_opened.emit("")

    def _to_table(self) -> None:
        if not self.table.isHidden():
            self.table.setFocus(Qt.FocusReason.TabFocusReason)

    def _to_field(self) -> None:
        self.field.setFocus(Qt.FocusReason.BacktabFocusReason)

    def render(self, screen: SearchScreen) -> None:  # type: ignore[override]
        """Draw this screen."""
        self.show_heading(screen.problem, screen.message, "blocked" if screen.problem else "plain")
        self.setAccessibleName(screen.problem or screen.message)
        if not self.field.hasFocus() and self.field.text() != screen.text:
            self.field.setText(screen.text)
        self.table.show_rows(screen.rows, self.table.rows.key_at(self.table.currentIndex().row()))
        self.table.setVisible(bool(screen.rows))

    def showEvent(self, event: QShowEvent) -> None:
        """Focus the field: one comes here to type."""
        super().showEvent(event)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.selectAll()

    def retranslate(self) -> None:
        """Set the view's own texts in the window's language."""
        self.field.setPlaceholderText(_("Order, name, item, or a part of a number"))
        self.field.setAccessibleName(_("Search"))
        self.table.retranslate(_("Returns found"))
        self.space()
