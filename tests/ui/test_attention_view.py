"""The attention list, by mouse and by keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from loopdesk.ui.widgets.rows_model import CELL_ROLE
from tests.ui import view_samples
from tests.ui.keys import press_key, type_text
from tests.ui.view_rig import FakePresenter, shown

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def attention(dressed: QApplication, qtbot: QtBot) -> tuple[Any, FakePresenter]:
    return shown("attention", view_samples.ATTENTION, qtbot)


def test_what_differs_is_marked_at_loops_side_only(attention: tuple[Any, FakePresenter]) -> None:
    view, _ = attention
    model = view.pictures.rows
    marks = [[model.index(row, column).data(CELL_ROLE).is_marked for column in (0, 1)] for row in range(4)]
    assert marks == [[False, True], [False, False], [False, False], [False, True]]
    assert model.headerData(0, Qt.Orientation.Horizontal) == "When Kim decided · 10:02"


def test_another_case_is_chosen_by_a_press(attention: tuple[Any, FakePresenter]) -> None:
    view, presenter = attention
    at = QPoint(60, view.cases.rowViewportPosition(1) + 30)
    QTest.mouseClick(view.cases.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at)
    assert presenter.asked("select") == [("91000101",)]


def test_every_choice_is_a_button(attention: tuple[Any, FakePresenter]) -> None:
    view, presenter = attention
    intents = [choice.intent for choice in view_samples.CASE_CHOICES]
    for intent in intents:
        QTest.mouseClick(view.choices.button(intent), LEFT)
    assert [x[0] for x in presenter.asked("choose")] == intents


def test_a_reason_is_typed_and_a_stray_enter_drops_nothing(attention: tuple[Any, FakePresenter]) -> None:
    view, presenter = attention
    view.render(replace(view_samples.ATTENTION_DROP, message=""))
    assert QApplication.focusWidget() is view.ask.reason
    type_text(view, "parcel went back\n")
    assert presenter.asked("confirm") == []
    assert QApplication.focusWidget() is view.ask.accept
    press_key(view, "Space")
    assert presenter.asked("confirm") == [("parcel went back",)]


def test_a_missing_reason_keeps_what_was_typed(attention: tuple[Any, FakePresenter]) -> None:
    view, _ = attention
    view.render(replace(view_samples.ATTENTION_DROP, message=""))
    type_text(view, "par")
    view.render(view_samples.ATTENTION_DROP)
    assert view.ask.reason.text() == "par"
    assert view.ask.problem.isVisible()
    view.render(view_samples.ATTENTION)
    view.render(view_samples.ATTENTION_DROP)
    assert view.ask.reason.text() == ""


def test_esc_leaves_a_question(attention: tuple[Any, FakePresenter]) -> None:
    view, presenter = attention
    view.render(view_samples.ATTENTION_ASKING)
    press_key(view, "Esc")
    assert presenter.asked("dismiss") == [()]


def test_choices_wait_while_one_is_carried_out(attention: tuple[Any, FakePresenter]) -> None:
    view, presenter = attention
    view.render(replace(view_samples.ATTENTION, busy=True))
    QTest.mouseClick(view.choices.button("check_again"), LEFT)
    assert presenter.asked("choose") == []


def test_a_single_case_needs_no_list(attention: tuple[Any, FakePresenter]) -> None:
    view, _ = attention
    assert view.cases.isVisible()
    view.render(view_samples.ATTENTION_ONE)
    assert not view.cases.isVisible()
    view.render(view_samples.ATTENTION_EMPTY)
    assert not view.case.isVisible()
    assert not view.choices.isVisible()
    assert view.calm.isVisible()


def test_the_list_stands_over_the_case_in_a_narrow_window(
    attention: tuple[Any, FakePresenter], qtbot: QtBot
) -> None:
    view, _ = attention
    view.resize(1700, 900)
    QApplication.processEvents()
    beside = view.case.mapTo(view, QPoint(0, 0)).x() > view.cases.mapTo(view, QPoint(0, 0)).x()
    view.resize(760, 700)
    QApplication.processEvents()
    below = view.case.mapTo(view, QPoint(0, 0)).y() > view.cases.mapTo(view, QPoint(0, 0)).y()
    assert (beside, below) == (True, True)
