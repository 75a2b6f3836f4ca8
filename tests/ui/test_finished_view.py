"""What was finished last, by mouse and by keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from loopdesk.presenters.commands import COMMANDS
from loopdesk.ui.main_window import MainWindow
from tests.ui import samples, view_samples
from tests.ui.keys import press_key
from tests.ui.view_rig import FakePresenter, shown

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def finished(dressed: QApplication, qtbot: QtBot) -> tuple[Any, FakePresenter]:
    return shown("finished", view_samples.FINISHED, qtbot)


def test_a_row_is_shown_by_a_press_and_by_keys(finished: tuple[Any, FakePresenter]) -> None:
    view, presenter = finished
    at = QPoint(60, view.table.rowViewportPosition(2) + 30)
    QTest.mouseClick(view.table.viewport(), LEFT, NONE, at)
    assert presenter.asked("select")[-1] == (view_samples.FINISHED.rows[2].key,)
    press_key(view, "Down")
    assert presenter.asked("select")[-1] == (view_samples.FINISHED.rows[3].key,)


def test_undo_names_its_return_and_is_one_press(finished: tuple[Any, FakePresenter]) -> None:
    view, presenter = finished
    button = view.choices.button("undo")
    assert button.accessibleName() == "Undo #20417"
    QTest.mouseClick(button, LEFT)
    assert presenter.asked("choose") == [("undo",)]
    view.render(view_samples.FINISHED_LATE)
    assert view.choices.button("undo") is None
    assert view.message.isVisible()


def test_the_evidence_is_one_press_and_how_it_went_is_shown_in_its_tone(
    finished: tuple[Any, FakePresenter],
) -> None:
    view, presenter = finished
    button = view.choices.button("evidence")
    assert button.accessibleName() == "Evidence of #20417 as a PDF"
    QTest.mouseClick(button, LEFT)
    assert presenter.asked("choose") == [("evidence",)]
    for tone in ("plain", "blocked"):
        view.render(replace(view_samples.FINISHED, message="The evidence of #20417", message_tone=tone))
        assert view.message.isVisible()
        assert view.message.property("tone") == tone


def test_what_was_entered_is_shown_and_nothing_of_it_can_be_changed(
    finished: tuple[Any, FakePresenter],
) -> None:
    view, _ = finished
    assert view.done.rows.rowCount() == 3
    assert view.done.editTriggers() == view.done.EditTrigger.NoEditTriggers


def test_an_empty_list_says_so(finished: tuple[Any, FakePresenter]) -> None:
    view, _ = finished
    view.render(view_samples.FINISHED_NONE)
    assert view.heading.text() == "Nothing was finished here yet."
    assert not view.table.isVisible()
    assert not view.choices.isVisible()


def test_the_list_is_one_press_away_from_the_empty_bench_and_from_an_open_return(
    dressed: QApplication, qtbot: QtBot
) -> None:
    window = MainWindow([(command.id, command.key) for command in COMMANDS], samples.ICONS)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for screen in (samples.READY, samples.all_samples()["decided"].screen):
        window.render(screen)
        with qtbot.waitSignal(window.command_requested) as told:
            press_key(window, "Ctrl+H")
        assert told.args == ["finished"]


def test_the_list_stands_with_the_bench_on_the_rail(dressed: QApplication, qtbot: QtBot) -> None:
    window = MainWindow(samples.KEYS, samples.ICONS)
    qtbot.addWidget(window)
    window.add_view("finished", QWidget())
    window.add_view("queue", QWidget())
    window.show()
    window.show_view("queue")
    window.show_view("finished")
    assert window.shown_view() == "finished"
    assert window.rail.button("bench").isChecked()
    QTest.mouseClick(window.rail.button("bench"), LEFT)
    assert window.shown_view() == "bench"
