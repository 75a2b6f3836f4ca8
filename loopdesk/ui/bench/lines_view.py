"""The lines of the open return: the list, and above a long one what of it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QScroller, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import CommandButton, LineRow, LinesFilter
from loopdesk.ui.bench.arrangement import TOUCH
from loopdesk.ui.bench.lines_delegate import LinesDelegate
from loopdesk.ui.bench.lines_model import LinesModel
from loopdesk.ui.pictures import pictures
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import ButtonGrid
from loopdesk.ui.widgets.card import Card


class LinesList(QListView):
    """The list. A finger moves it, the arrow keys select, and what is selected is in sight.

    Signals:
        line_selected(int): A line was chosen by touch or key; carries its index in the return.
    """

    line_selected = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("leaves_keys", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.rows = LinesModel(self)
        self.setModel(self.rows)
        self._drawn = LinesDelegate(self.rows, self)
        self.setItemDelegate(self._drawn)
        self._is_rendering = False
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAutoScroll(False)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        pictures().loaded.connect(self._picture_loaded)
        self.retranslate()

    def retranslate(self) -> None:
        """Set the list's own texts in the window's language."""
        self.setAccessibleName(_("Lines of the return"))
        self.viewport().update()

    def show_lines(self, rows: tuple[LineRow, ...], selected: int) -> None:
        """Show rows, and the index of the selected one."""
        self._is_rendering = True
        is_other = self.rows.set_rows(rows)
        place = self.rows.place_of(selected)
        old = self._drawn.shape
        self._drawn.shape = replace(old, selected=place, apart=self.rows.first_unexpected())
        if self._drawn.shape != old and not is_other:
            for changed in {old.selected, place}:
                self.update(self.rows.index(changed))
        if is_other or place != old.selected:
            self.setCurrentIndex(self.rows.index(place) if place >= 0 else QModelIndex())
            self._bring_into_view(place)
        self.executeDelayedItemsLayout()  # else it waits for a turn of its own, and for a second paint
        self._is_rendering = False

    def _bring_into_view(self, place: int) -> None:
        """Scroll as little as shows the whole row; without one, to the top."""
        if place < 0:
            self.verticalScrollBar().setValue(0)
        else:
            self.scrollTo(self.rows.index(place), QAbstractItemView.ScrollHint.EnsureVisible)

    def _picture_loaded(self, key: str) -> None:
        """Draw a picture that came into memory, in the rows that show it."""
        for place in range(self.rows.rowCount()):
            if self.rows.row(place).picture.key == key:
                self.update(self.rows.index(place))

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        """Report a choice that a person made; one that the screen made is known already."""
        if not self._is_rendering and current.isValid():
            self.line_selected.emit(self.rows.row(current.row()).index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the selected line in sight."""
        super().resizeEvent(event)
        if event.oldSize().height() != event.size().height():
            self._bring_into_view(self._drawn.shape.selected)

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self.scheduleDelayedItemsLayout()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()


class LinesCard(Card):
    """The list under its filters.

    Signals:
        filter_chosen(str): A part of the lines is to be shown; carries its name.
    """

    filter_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = LinesList(self)
        self.filters = ButtonGrid(least=88, most=3, height=TOUCH, gap=6, parent=self)
        self.filters.requested.connect(self.filter_chosen)
        self.retranslate()

    def render(  # type: ignore[override]
        self, rows: tuple[LineRow, ...], selected: int, filters: Sequence[LinesFilter]
    ) -> None:
        """Show rows, the index of the selected one, and what else can be shown."""
        before = len(self.filters.buttons())
        self.filters.show_buttons(
            [CommandButton(one.name, f"{one.text} {one.count}", "", one.chosen) for one in filters]
        )
        if len(filters) != before:
            self._place()
        self.list.show_lines(rows, selected)

    def _place(self) -> None:
        """Stand the filters over the list."""
        now = look()
        edge, gap = now.px(2), now.px(6)
        inner = self.rect().adjusted(edge, edge, -edge, -edge)
        if self.filters.buttons():
            room = inner.adjusted(gap, gap, -gap, 0)
            room.setHeight(self.filters.heightForWidth(room.width()))
            self.filters.setGeometry(room)
            inner.setTop(room.bottom() + 1 + gap)
        self.list.setGeometry(inner)

    def retranslate(self) -> None:
        """Set the own texts in the window's language."""
        self.filters.setAccessibleName(_("Which lines are shown"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new size."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and hasattr(self, "filters"):
            self._place()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
