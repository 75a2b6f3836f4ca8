"""The queue and the health page, by mouse and by keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from loopdesk.presenters.words import hub_words
from loopdesk.ui.pages.health import HealthColumn
from tests.ui import view_samples
from tests.ui.keys import press_key
from tests.ui.view_rig import FakePresenter, make_view, shown

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
ASKING = replace(view_samples.QUEUE_SELECTED, asking=view_samples.QUEUE_CHOICES[2])


@pytest.fixture
def queue(dressed: QApplication, qtbot: QtBot) -> tuple[Any, FakePresenter]:
    return shown("queue", view_samples.QUEUE, qtbot)


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
    assert presenter.asked("select")[-1] == (view_samples.QUEUE_ROWS[2].key,)
    assert presenter.asked("unfold")[-1] == (view_samples.QUEUE_ROWS[2].key,)
    press_key(view, "Down")
    assert presenter.asked("select")[-1] == (view_samples.QUEUE_ROWS[3].key,)


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


def test_a_row_is_unfolded_and_folded_by_the_arrows_to_the_side(queue: tuple[Any, FakePresenter]) -> None:
    view, presenter = queue
    view.table.clearFocus()
    press_key(view, "Right")
    assert presenter.asked("turn") == []
    view.table.setFocus(Qt.FocusReason.TabFocusReason)
    press_key(view, "Right")
    press_key(view, "Left")
    key = view_samples.QUEUE_ROWS[0].key
    assert presenter.asked("turn") == [(key, True), (key, False)]


def test_every_row_can_be_pressed_with_a_glove(queue: tuple[Any, FakePresenter]) -> None:
    view, _ = queue
    heights = [view.table.rowHeight(place) for place in range(view.table.rows.rowCount())]
    assert min(heights) >= 56


def test_a_long_queue_shows_a_page_and_turns_it(queue: tuple[Any, FakePresenter]) -> None:
    view, presenter = queue
    assert not view.pager.isVisible()
    view.render(view_samples.QUEUE_LONG)
    assert view.table.rows.rowCount() == 100
    assert view.height() == 662
    assert view.table.verticalScrollBar().maximum() > 0
    assert view.scroll_bar().maximum() == 0
    QTest.mouseClick(view.pager.next, LEFT)
    QTest.mouseClick(view.pager.previous, LEFT)
    assert presenter.asked("turn_page") == [(1,), (-1,)]
    view.render(replace(view_samples.QUEUE_LONG, has_next=False))
    assert not view.pager.next.isEnabled()


def test_rows_that_come_above_leave_what_is_read_in_its_place(queue: tuple[Any, FakePresenter]) -> None:
    view, _ = queue
    chosen = replace(view_samples.QUEUE_LONG, selected=view_samples.QUEUE_LONG.rows[2].key)
    view.render(chosen)
    view.table.verticalScrollBar().setValue(30 * view.table.rowHeight(0) + 11)
    top = view.table.rows.key_at(view.table.rowAt(0))
    at = view.table.rowViewportPosition(view.table.rowAt(0))
    new = tuple(view_samples.queue_row(n, f"#{n}", "Needs you", "blocked") for n in range(900, 905))
    view.render(replace(chosen, rows=(*new, *chosen.rows)))
    assert view.table.rows.key_at(view.table.rowAt(0)) == top
    assert view.table.rowViewportPosition(view.table.rowAt(0)) == at
    assert view.table.rows.key_at(view.table.currentIndex().row()) == chosen.selected


def test_a_filter_in_hand_stays_in_hand_when_its_number_changes(queue: tuple[Any, FakePresenter]) -> None:
    view, _ = queue
    button = view.filters.button("parked")
    button.setFocus()
    filters = tuple((key, "Needs you 2" if key == "parked" else text) for key, text in view_samples.FILTERS)
    view.render(replace(view_samples.QUEUE, filters=filters))
    assert view.filters.button("parked") is button
    assert button.text() == "Needs you 2"
    assert button.hasFocus()


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


def test_a_row_of_health_is_read_aloud_with_each_full_stop_once(dressed: QApplication, qtbot: QtBot) -> None:
    said, to_do = hub_words.WORDS["hub_revoked"]
    row = replace(view_samples.HEALTH.rows[0], sentence=said, since="Since 09:25.", advice=to_do)
    view, _ = make_view("health", replace(view_samples.HEALTH, rows=(row,)))
    qtbot.addWidget(view)
    index = view.table.model().index(0, HealthColumn.SENTENCE)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == f"{said} Since 09:25. {to_do}"


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


@pytest.mark.parametrize(("width", "height"), [(952, 560), (1192, 662), (976, 1700)])
def test_a_long_history_scrolls_by_itself_and_not_with_the_page(
    dressed: QApplication, qtbot: QtBot, width: int, height: int
) -> None:
    rows = tuple(replace(view_samples.HISTORY[0], when=f"10:02:{n:02}") for n in range(60))
    view, _ = make_view("queue", replace(view_samples.QUEUE_SELECTED, history=rows))
    qtbot.addWidget(view)
    view.resize(width, height)
    view.show()
    qtbot.waitExposed(view)
    assert view.history.verticalScrollBar().maximum() > 0
    assert view.scroll_bar().maximum() == 0
    assert view.history.height() >= 76
