"""Tables of rows: their models, and how a row is chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from loopdesk.presenters.screens.pages import HealthRow, QueueRow
from loopdesk.ui.pages.arrivals import ARRIVALS, CARRIERS
from loopdesk.ui.pages.attention import CASES, PICTURES, picture_rows
from loopdesk.ui.pages.health import CHECKS, HEALTH
from loopdesk.ui.pages.mysteries import MYSTERIES
from loopdesk.ui.pages.queue import QUEUE, QueueColumn
from loopdesk.ui.pages.return_tables import HISTORY
from loopdesk.ui.pages.search import SEARCH
from loopdesk.ui.theme import apply_theme, look
from loopdesk.ui.widgets.rows_model import CELL_ROLE, Cell, Columns, RowsModel
from loopdesk.ui.widgets.rows_shape import Column, RowsShape, shrunk
from loopdesk.ui.widgets.rows_view import RowsView
from tests.ui import view_samples
from tests.ui.keys import press_key
from tests.ui.samples import HOSTILE

TABLES: dict[str, tuple[Columns[Any], tuple[Any, ...]]] = {
    "queue": (QUEUE, view_samples.QUEUE_ROWS),
    "history": (HISTORY, view_samples.HISTORY),
    "cases": (CASES, view_samples.CASES),
    "pictures": (PICTURES, picture_rows(view_samples.CASE)),
    "mysteries": (MYSTERIES, view_samples.MYSTERY_ROWS),
    "arrivals": (ARRIVALS, view_samples.ARRIVAL_ROWS),
    "carriers": (CARRIERS, view_samples.CARRIER_ROWS),
    "search": (SEARCH, view_samples.SEARCH_ROWS),
    "health": (HEALTH, view_samples.HEALTH.rows),
    "checks": (CHECKS, view_samples.HEALTH_DETAILS.checks),
}
ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
SHAPE = RowsShape({n: Column(100, 1) for n in QueueColumn})


@pytest.mark.parametrize("name", TABLES)
def test_every_model_is_a_proper_model(name: str, qtmodeltester: ModelTester, qapp: QApplication) -> None:
    columns, rows = TABLES[name]
    model: RowsModel[Any] = RowsModel(columns)
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    model.set_rows(rows)
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    model.set_rows(rows[:1])
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    assert model.rowCount() == 1


@pytest.mark.parametrize("name", TABLES)
def test_every_cell_and_caption_is_said_aloud(name: str, qapp: QApplication) -> None:
    columns, rows = TABLES[name]
    model: RowsModel[Any] = RowsModel(columns)
    model.set_rows(rows)
    for column in range(model.columnCount()):
        assert model.headerData(column, Qt.Orientation.Horizontal)
        for place in range(model.rowCount()):
            index = model.index(place, column)
            cell = index.data(CELL_ROLE)
            assert isinstance(cell, Cell)
            assert cell.text == "" or cell.text in str(index.data(ACCESSIBLE))


def test_what_differs_is_said_aloud(qapp: QApplication) -> None:
    model: RowsModel[Any] = RowsModel(PICTURES)
    model.set_rows(picture_rows(view_samples.CASE))
    assert model.index(0, 1).data(ACCESSIBLE) == "In review, not the same"
    assert model.index(1, 1).data(ACCESSIBLE) == "2 lines"


def test_only_rows_that_changed_are_drawn_again(qtbot: QtBot, qapp: QApplication) -> None:
    model: RowsModel[QueueRow] = RowsModel(QUEUE)
    model.set_rows(view_samples.QUEUE_ROWS)
    changed: list[int] = []

    def note(first: QModelIndex, last: QModelIndex) -> None:
        changed.extend(range(first.row(), last.row() + 1))

    model.dataChanged.connect(note)
    rows = list(view_samples.QUEUE_ROWS)
    rows[2] = replace(rows[2], stage="Being sent")
    with qtbot.assertNotEmitted(model.modelReset):
        assert not model.set_rows(tuple(rows))
    assert changed == [2]
    with qtbot.waitSignal(model.modelReset):
        assert model.set_rows(tuple(reversed(rows)))


def test_foreign_text_cannot_act(qapp: QApplication) -> None:
    model: RowsModel[QueueRow] = RowsModel(QUEUE)
    model.set_rows((view_samples.queue_row(1, HOSTILE, HOSTILE),))
    index = model.index(0, 0)
    assert "\u202e" not in str(index.data())
    assert "<img" not in str(index.data(Qt.ItemDataRole.ToolTipRole))


@pytest.fixture
def table(dressed: QApplication, qtbot: QtBot) -> RowsView[QueueRow]:
    view: RowsView[QueueRow] = RowsView(QUEUE, SHAPE)
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show_rows(view_samples.QUEUE_ROWS)
    view.show()
    view.activateWindow()
    qtbot.waitExposed(view)
    qtbot.waitUntil(view.isActiveWindow)
    return view


def key_of(place: int) -> str:
    return view_samples.QUEUE_ROWS[place].key


def press(view: RowsView[QueueRow], place: int) -> None:
    at = QPoint(60, view.rowViewportPosition(place) + 20)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def test_a_press_chooses_and_opens_a_row(table: RowsView[QueueRow], qtbot: QtBot) -> None:
    told: list[str] = []
    table.chosen.connect(told.append)
    table.opened.connect(told.append)
    press(table, 2)
    assert told == [key_of(2), key_of(2)]
    with qtbot.assertNotEmitted(table.chosen), qtbot.waitSignal(table.opened):
        press(table, 2)


def test_the_arrows_choose_and_enter_opens(table: RowsView[QueueRow], qtbot: QtBot) -> None:
    table.clearFocus()
    table.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(table.chosen) as told:
        press_key(table, "Down")
    assert told.args == [key_of(1)]
    with qtbot.waitSignal(table.opened) as opened:
        press_key(table, "Return")
    assert opened.args == [key_of(1)]


def test_a_choice_that_the_screen_makes_is_not_reported(table: RowsView[QueueRow], qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(table.chosen):
        table.show_rows(view_samples.QUEUE_ROWS, key_of(3))
        table.show_rows(view_samples.QUEUE_ROWS[2:], key_of(4))
        table.show_rows((), "")
    assert not table.currentIndex().isValid()


def test_a_table_that_only_tells_chooses_nothing(dressed: QApplication, qtbot: QtBot) -> None:
    view: RowsView[QueueRow] = RowsView(QUEUE, replace(SHAPE, chooses=False))
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show_rows(view_samples.QUEUE_ROWS)
    view.show()
    with qtbot.assertNotEmitted(view.chosen), qtbot.assertNotEmitted(view.opened):
        press(view, 1)


def test_a_short_table_hugs_its_rows_and_a_long_one_scrolls(table: RowsView[QueueRow]) -> None:
    table.show_rows(view_samples.QUEUE_ROWS[:2])
    assert table.maximumHeight() == table.content_height()
    assert table.content_height() < 200
    table.show_rows(view_samples.QUEUE_LONG.rows)
    assert table.content_height() > 6_000
    assert table.minimumSizeHint().height() < 200


def test_columns_fill_the_table_at_any_width(table: RowsView[QueueRow]) -> None:
    for width in (150, 300, 700, 1600):
        table.resize(width, 400)
        QApplication.processEvents()
        total = sum(table.columnWidth(n) for n in QueueColumn if not table.isColumnHidden(n))
        assert abs(total - table.viewport().width()) <= len(QueueColumn)


def test_what_a_narrow_table_lacks_is_taken_from_columns_that_lose_no_word() -> None:
    leasts = {0: 50, 1: 100}
    assert shrunk({0: 100, 1: 110}, leasts, 300) == {0: 100, 1: 110}
    assert shrunk({0: 100, 1: 110}, leasts, 180) == {0: 75, 1: 105}
    assert shrunk({0: 100, 1: 110}, leasts, 150) == leasts
    assert sum(shrunk({0: 100, 1: 110}, leasts, 90).values()) == 90


def test_rows_of_many_words_grow_and_shrink_with_the_width(dressed: QApplication, qtbot: QtBot) -> None:
    view: RowsView[QueueRow] = RowsView(QUEUE, replace(SHAPE, most=4, chooses=False), grows=True)
    qtbot.addWidget(view)
    long = "Asked Loop again before processing: state was review, not open. Stopped here for a person."
    view.resize(1600, 400)
    view.show()
    view.show_rows((view_samples.queue_row(1, long, "Needs you"),))
    QApplication.processEvents()
    wide = view.rowHeight(0)
    view.resize(500, 400)
    QApplication.processEvents()
    assert view.rowHeight(0) > wide


def test_the_scale_changes_rows_and_captions(table: RowsView[QueueRow], dressed: QApplication) -> None:
    before = table.rowHeight(0)
    apply_theme(dressed, "light", 200)
    assert table.rowHeight(0) == 2 * before
    apply_theme(dressed, "light", 100)
    assert table.rowHeight(0) == before


def test_a_column_of_names_has_room_for_their_longest_word_within_reason(
    dressed: QApplication, qtbot: QtBot
) -> None:
    del dressed
    rows: RowsView[HealthRow] = RowsView(
        HEALTH, RowsShape({0: Column(60, 1), 1: Column(60, 9), 2: Column(60)})
    )
    qtbot.addWidget(rows)
    rows.resize(560, 300)
    rows.show()
    first = replace(view_samples.HEALTH.rows[0], group="Etikettendrucker")
    rows.show_rows((first,))
    bold = QFontMetrics(look().font(16, QFont.Weight.Bold))
    assert rows.columnWidth(0) > bold.horizontalAdvance("Etikettendrucker")
    rows.show_rows((replace(first, key="other", group="W" * 80),))
    assert rows.columnWidth(0) < 240
