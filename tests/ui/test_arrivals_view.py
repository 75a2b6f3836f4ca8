"""Arrivals, by mouse and by keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui import view_samples
from tests.ui.keys import press_key
from tests.ui.view_rig import FakePresenter, shown

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
Given = tuple[Any, FakePresenter]


@pytest.fixture
def arrivals(dressed: QApplication, qtbot: QtBot) -> Given:
    return shown("arrivals", view_samples.ARRIVALS, qtbot)


def test_a_press_or_enter_opens_a_parcels_return(arrivals: Given) -> None:
    view, presenter = arrivals
    at = QPoint(60, view.table.rowViewportPosition(1) + 30)
    QTest.mouseClick(view.table.viewport(), LEFT, NONE, at)
    view.table.setFocus(Qt.FocusReason.TabFocusReason)
    press_key(view, "Down")
    press_key(view, "Return")
    keys = [row.key for row in view_samples.ARRIVAL_ROWS]
    assert presenter.asked("open") == [(keys[1],), (keys[2],)]


def test_filters_and_carriers_are_chosen(arrivals: Given) -> None:
    view, presenter = arrivals
    QTest.mouseClick(view.filters.button("not_seen"), LEFT)
    assert presenter.asked("choose_filter") == [("not_seen",)]
    at = QPoint(40, view.carriers.rowViewportPosition(2) + 20)
    QTest.mouseClick(view.carriers.viewport(), LEFT, NONE, at)
    assert presenter.asked("choose_carrier")[-1] == (view_samples.CARRIER_ROWS[2].key,)


def test_the_keyboard_goes_from_the_filters_to_the_parcels_to_the_carriers(arrivals: Given) -> None:
    view, _ = arrivals
    view.filters.button("today").setFocus(Qt.FocusReason.TabFocusReason)
    seen = []
    for _ in range(4):
        press_key(view, "Tab")
        seen.append(QApplication.focusWidget())
    assert seen == [view.filters.button("week"), view.filters.button("not_seen"), view.table, view.carriers]


def test_without_parcels_the_sentence_stands_alone(arrivals: Given) -> None:
    view, _ = arrivals
    view.render(view_samples.ARRIVALS_EMPTY)
    assert not view.table.isVisible()
    assert view.calm.isVisible()
    assert view.accessibleName() == view_samples.ARRIVALS_EMPTY.message


@pytest.mark.parametrize("count", [200, 5000])
def test_a_long_list_stays_one_table_that_scrolls_itself(arrivals: Given, count: int) -> None:
    view, _ = arrivals
    first = view_samples.ARRIVAL_ROWS[0]
    rows = tuple(replace(first, key=str(n), order_name=f"#{n}") for n in range(count))
    view.render(replace(view_samples.ARRIVALS, rows=rows))
    QApplication.processEvents()
    assert view.table.rows.rowCount() == count
    assert view.scroll_bar().maximum() == 0
    view.table.setCurrentIndex(view.table.rows.index(count - 1, 0))
    assert view.table.visualRect(view.table.rows.index(count - 1, 0)).isValid()
    assert view.table.rows.key_at(view.table.currentIndex().row()) == str(count - 1)
