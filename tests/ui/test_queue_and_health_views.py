"""The queue and the health page, by mouse and by keys."""

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
from tests.ui.view_rig import FakePresenter, make_view

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
ASKING = replace(view_samples.QUEUE_SELECTED, asking=view_samples.QUEUE_CHOICES[2])


@pytest.fixture
def queue(dressed: QApplication, qtbot: QtBot) -> tuple[Any, FakePresenter]:
    view, presenter = make_view("queue", view_samples.QUEUE)
    qtbot.addWidget(view)
    view.resize(1192, 662)
    view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    presenter.calls.clear()
    return view, presenter


def test_a_filter_is_chosen_by_a_press_and_marked_by_the_screen(queue: tuple[Any, FakePresenter]) -> None:
    view, presenter = queue
    button = view.filters.button("parked")
    QTest.mouseClick(button, LEFT)
    assert presenter.asked("choose_filter") == [("parked",)]
    assert not button.isChecked()
    view.render(replace(view_samples.QUEUE, chosen_filter="parked"))
    assert button.isChecked()
    assert not view.filters.button("open").isChecked()


def test_a_row_is_looked_into_by_a_press_and_by_keys(queue: tuple[Any, FakePresenter]) -> None:
    view, presenter = queue
    at = QPoint(60, view.table.rowViewportPosition(2) + 30)
    QTest.mouseClick(view.table.viewport(), LEFT, NONE, at)
    assert presenter.asked("select")[-1] == (view_samples.QUEUE_ROWS[2].entry_id,)
    press_key(view, "Down")
    assert presenter.asked("select")[-1] == (view_samples.QUEUE_ROWS[3].entry_id,)


def test_the_selected_entry_shows_its_history_and_choices(queue: tuple[Any, FakePresenter]) -> None:
    view, presenter = queue
    assert not view.history.isVisible()
    view.render(view_samples.QUEUE_SELECTED)
    assert view.history.isVisible()
    assert view.history.rows.rowCount() == 3
    QTest.mouseClick(view.choices.button("attention"), LEFT)
    assert presenter.asked("choose") == [("attention",)]


def test_withdrawing_is_asked_about_in_place(queue: tuple[Any, FakePresenter]) -> None:
    view, presenter = queue
    view.render(ASKING)
    assert view.ask.isVisible()
    assert not view.choices.isVisible()
    assert QApplication.focusWidget() is view.ask.cancel
    press_key(view, "Return")
    assert presenter.asked("confirm") == []
    QTest.mouseClick(view.ask.accept, LEFT)
    assert presenter.asked("confirm") == [()]
    press_key(view, "Esc")
    assert presenter.asked("dismiss") == [()]


def test_a_queue_of_a_thousand_is_drawn_at_once(queue: tuple[Any, FakePresenter], qtbot: QtBot) -> None:
    view, _ = queue
    view.render(view_samples.QUEUE_LONG)
    assert view.table.rows.rowCount() == 1000
    assert view.height() == 662
    assert view.table.verticalScrollBar().maximum() > 0


def test_looking_again_waits_for_the_running_checks(dressed: QApplication, qtbot: QtBot) -> None:
    view, presenter = make_view("health", view_samples.HEALTH)
    qtbot.addWidget(view)
    view.resize(1192, 662)
    view.show()
    QTest.mouseClick(view.again, LEFT)
    assert presenter.asked("check") == [()]
    view.render(view_samples.HEALTH_RUNNING)
    QTest.mouseClick(view.again, LEFT)
    assert presenter.asked("check") == [()]
    assert not view.table.isVisible()


def test_the_details_for_it_are_one_press_away(dressed: QApplication, qtbot: QtBot) -> None:
    view, presenter = make_view("health", view_samples.HEALTH)
    qtbot.addWidget(view)
    view.resize(1192, 662)
    view.show()
    assert view.table.isVisible()
    assert not view.figures.isVisible()
    assert not view.checks.isVisible()
    QTest.mouseClick(view.details, LEFT)
    assert presenter.asked("unfold") == [()]
    view.render(view_samples.HEALTH_DETAILS)
    assert view.figures.isVisible()
    assert view.checks.isVisible()
    assert not view.table.isVisible()
    assert view.details.accessibleName() == "Back to the sentences"
