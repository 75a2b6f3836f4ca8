"""Search and the mystery parcels, by mouse and by keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui import view_samples
from tests.ui.keys import press_key, type_text
from tests.ui.view_rig import FakePresenter, shown

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
Given = tuple[Any, FakePresenter]


@pytest.fixture
def search(dressed: QApplication, qtbot: QtBot) -> Given:
    return shown("search", view_samples.SEARCH_EMPTY, qtbot)


@pytest.fixture
def mysteries(dressed: QApplication, qtbot: QtBot) -> Given:
    return shown("mystery", view_samples.MYSTERIES, qtbot)


def test_one_comes_to_search_to_type(search: Given) -> None:
    view, presenter = search
    assert QApplication.focusWidget() is view.field
    type_text(view, "jac")
    assert presenter.asked("search") == [("j",), ("ja",), ("jac",)]


def test_a_screen_never_changes_what_is_being_typed(search: Given) -> None:
    view, _ = search
    type_text(view, "jacket m")
    view.render(view_samples.SEARCH)
    assert view.field.text() == "jacket m"


def test_enter_opens_the_first_and_the_arrow_goes_to_the_others(search: Given) -> None:
    view, presenter = search
    view.render(view_samples.SEARCH)
    press_key(view, "Return")
    assert presenter.asked("open") == [("",)]
    press_key(view, "Down")
    assert QApplication.focusWidget() is view.table
    press_key(view, "Down")
    press_key(view, "Return")
    assert presenter.asked("open")[-1] == (view_samples.SEARCH_ROWS[1].return_id,)


def test_the_arrow_up_and_escape_lead_back_to_the_field_and_escape_empties_it(search: Given) -> None:
    view, presenter = search
    type_text(view, "ja")
    view.render(view_samples.SEARCH)
    for back in ("Up", "Escape"):
        press_key(view, "Down")
        assert QApplication.focusWidget() is view.table
        press_key(view, back)
        assert QApplication.focusWidget() is view.field
    assert view.field.text() == "ja"
    press_key(view, "Escape")
    assert view.field.text() == ""
    assert presenter.asked("search")[-1] == ("",)


def test_the_arrow_down_stays_in_the_field_when_nothing_was_found(search: Given) -> None:
    view, _ = search
    view.render(view_samples.SEARCH_NOTHING)
    press_key(view, "Down")
    assert QApplication.focusWidget() is view.field


def test_a_failing_store_is_told_in_words(search: Given) -> None:
    view, _ = search
    view.render(view_samples.SEARCH_BROKEN)
    assert view_samples.SEARCH_BROKEN.problem in view.accessibleName()
    assert view.heading.isVisible()
    assert view.table.isHidden()
    view.render(view_samples.SEARCH)
    assert not view.heading.text()


def test_a_press_opens_what_was_found(search: Given) -> None:
    view, presenter = search
    view.render(view_samples.SEARCH)
    at = QPoint(60, view.table.rowViewportPosition(3) + 30)
    QTest.mouseClick(view.table.viewport(), LEFT, NONE, at)
    assert presenter.asked("open") == [(view_samples.SEARCH_ROWS[3].return_id,)]


def test_a_parcel_is_selected_and_its_return_found(mysteries: Given) -> None:
    view, presenter = mysteries
    at = QPoint(20, view.table.rowViewportPosition(0) + 30)
    QTest.mouseClick(view.table.viewport(), LEFT, NONE, at)
    assert presenter.asked("select")[-1] == (17,)
    view.render(view_samples.MYSTERY_LINKING)
    view.panel.link_field.setFocus()
    type_text(view, "ja")
    assert presenter.asked("type_link") == [("j",), ("ja",)]
    QApplication.processEvents()
    QTest.mouseClick(view.panel.links.viewport(), LEFT, NONE, QPoint(40, 20))
    assert presenter.asked("link") == [("91000123",)]


def test_what_is_written_about_a_parcel_is_kept_when_one_leaves_the_field(mysteries: Given) -> None:
    view, presenter = mysteries
    view.render(view_samples.MYSTERY_LINKING)
    view.panel.looks.setFocus()
    view.panel.looks.selectAll()
    type_text(view, "red box\t")
    assert presenter.asked("describe") == [("red box", "M 2")]
    rows = (replace(view_samples.MYSTERY_ROWS[0], words="red box"),)
    view.render(replace(view_samples.MYSTERY_LINKING, rows=rows))
    view.panel.shelf.setFocus()
    press_key(view, "Tab")
    assert len(presenter.asked("describe")) == 1


def test_a_parcel_ends_waits_again_and_opens(mysteries: Given) -> None:
    view, presenter = mysteries
    view.render(view_samples.MYSTERY_LINKING)
    QTest.mouseClick(view.panel.close_button, LEFT)
    view.render(view_samples.MYSTERY_ALL)
    assert not view.panel.close_button.isVisible()
    QTest.mouseClick(view.panel.reopen, LEFT)
    QTest.mouseClick(view.panel.bench, LEFT)
    calls = [call[0] for call in presenter.calls]
    assert calls == ["close_record", "reopen_record", "open_at_bench"]


def test_a_label_is_printed_by_a_button_where_there_is_a_printer(mysteries: Given) -> None:
    view, presenter = mysteries
    view.render(view_samples.MYSTERY_LINKING)
    assert not view.panel.label.isVisible()
    view.render(replace(view_samples.MYSTERY_LINKING, prints=True))
    QTest.mouseClick(view.panel.label, LEFT)
    assert presenter.asked("print_label") == [()]


def test_the_filters_list_what_was_found_and_all(mysteries: Given) -> None:
    view, presenter = mysteries
    for name in ("found", "all", "waiting"):
        QTest.mouseClick(view.filters.button(name), LEFT)
    assert presenter.asked("show_only") == [("found",), ("all",), ("waiting",)]


def test_enter_asks_loop_and_a_picture_file_is_given_once(mysteries: Given) -> None:
    view, presenter = mysteries
    view.render(view_samples.MYSTERY_LINKING)
    view.panel.link_field.setFocus()
    press_key(view, "Return")
    assert presenter.asked("ask_loop") == [()]
    view.panel.photo.setFocus()
    type_text(view, "box.jpg\t")
    view.panel.photo.setFocus()
    press_key(view, "Tab")
    assert presenter.asked("take_photo") == [("box.jpg",)]


def test_several_returns_for_a_code_are_offered(mysteries: Given) -> None:
    view, presenter = mysteries
    view.render(view_samples.MYSTERY_UNCLEAR)
    assert view.panel.links.isVisible()
    assert view.panel.problem.isVisible()
    QApplication.processEvents()
    QTest.mouseClick(view.panel.links.viewport(), LEFT, NONE, QPoint(40, 84))
    assert presenter.asked("link") == [("91000456",)]


def test_a_parcel_without_a_code_is_one_press(mysteries: Given) -> None:
    view, presenter = mysteries
    QTest.mouseClick(view.new, LEFT)
    assert presenter.asked("new_record") == [()]
