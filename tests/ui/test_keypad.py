"""Codes and order names are written on the screen, without keyboard and mouse, and no scan is disturbed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from loopdesk.presenters.bench import questions
from loopdesk.ui.input.scan_filter import ScanFilter
from loopdesk.ui.main_window import MainWindow
from loopdesk.ui.theme import apply_theme
from loopdesk.ui.widgets.keypad import Keypad
from tests.ui import keys, samples, view_samples
from tests.ui.test_question_codes import SIZES, asked, choice, settle, show
from tests.ui.view_rig import make_view


@pytest.fixture(scope="module")
def finger() -> QPointingDevice:
    return QTest.createTouchDevice()


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot) -> Iterator[MainWindow]:
    del dressed
    made = MainWindow(samples.KEYS, samples.ICONS)
    qtbot.addWidget(made)
    made.resize(*SIZES[0])
    made.show()
    made.activateWindow()
    yield made
    made.finish()


def touch(finger: QPointingDevice, target: QWidget) -> None:
    """Touch the middle of a widget that is in reach of a finger."""
    window = target.window()
    at = target.mapTo(window, target.rect().center())
    assert window.childAt(at) is target, target.accessibleName()
    QTest.touchEvent(window.windowHandle(), finger).press(0, at).commit()
    QTest.touchEvent(window.windowHandle(), finger).release(0, at).commit()
    settle()


def write(finger: QPointingDevice, pad: Keypad, *names: str) -> None:
    for name in names:
        touch(finger, pad.key(name))


@pytest.mark.parametrize("size", [*SIZES, (960, 600)])
@pytest.mark.parametrize(
    "question", [questions.CodeAsked(), questions.ExtraAsked(), questions.MysteryAsked()]
)
def test_a_code_is_written_and_taken_by_touch_alone(
    window: MainWindow,
    finger: QPointingDevice,
    qtbot: QtBot,
    question: questions.Question,
    size: tuple[int, int],
) -> None:
    window.resize(*size)
    show(window, asked(question))
    prompt = window.bench.prompt
    touch(finger, prompt.pad_button)
    write(finger, prompt.pad, "#", "1", "1", "7", "delete", "6", "4", "-", "A", "/", "Z")
    assert prompt.field.toPlainText() == "#1164-A/Z"
    with qtbot.waitSignal(window.bench.prompt_answered) as told:
        write(finger, prompt.pad, "enter")
    assert told.args == ["#1164-A/Z"]


@pytest.mark.parametrize("size", [*SIZES, (960, 600)])
@pytest.mark.parametrize("scale", [100, 125])
def test_every_key_is_big_enough_for_a_glove_and_in_sight(
    dressed: QApplication, window: MainWindow, size: tuple[int, int], scale: int
) -> None:
    apply_theme(dressed, "light", scale)
    window.resize(size[0] * scale // 100, size[1] * scale // 100)
    show(window, asked(questions.CodeAsked()))
    prompt = window.bench.prompt
    prompt.pad_button.click()
    settle()
    for name in (
        *"1234567890QWERTYUIOPASDFGHJKLZXCVBNM-/#",
        *("delete", "space", "enter", "small", "signs"),
    ):
        key = prompt.pad.key(name)
        assert min(key.width(), key.height()) >= 56 * scale // 100, name
        assert window.childAt(key.mapTo(window, key.rect().center())) is key, name
        low = key.mapTo(window, QPoint(key.width() // 2, key.height() - 2))
        assert window.childAt(low) is key, f"{name} is cut off"


def test_the_shelf_is_written_too_once_it_is_touched(
    window: MainWindow, finger: QPointingDevice, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    show(window, asked(questions.MysteryAsked()))
    prompt = window.bench.prompt
    touch(finger, prompt.pad_button)
    write(finger, prompt.pad, "B")
    touch(finger, prompt.second.viewport())
    qtbot.waitUntil(prompt.second.hasFocus)
    write(finger, prompt.pad, "M", "space", "2")
    assert (prompt.field.toPlainText(), prompt.second.toPlainText()) == ("B", "M 2")


def test_words_are_written_where_answers_are_numbered(window: MainWindow, finger: QPointingDevice) -> None:
    show(window, asked(questions.NoteAsked()))
    prompt = window.bench.prompt
    touch(finger, prompt.pad_button)
    assert not prompt.answers.isVisible()
    write(finger, prompt.pad, "W", "E", "T")
    assert prompt.field.toPlainText() == "WET"
    touch(finger, prompt.pad_button)
    assert prompt.answers.isVisible()
    assert prompt.templates()[0].isVisible()


def test_an_email_address_and_an_order_with_an_umlaut_are_written(
    window: MainWindow, finger: QPointingDevice
) -> None:
    show(window, asked(questions.CodeAsked()))
    prompt = window.bench.prompt
    touch(finger, prompt.pad_button)
    write(finger, prompt.pad, "small", "K", "I", "M", "signs", "W", "signs", "L", "E", "E")
    write(finger, prompt.pad, "signs", "Q", "signs", "E", "X", "signs", "W", "signs", "D", "E")
    assert prompt.field.toPlainText() == "kim.lee@ex.de"
    prompt.field.clear()
    write(finger, prompt.pad, "small", "M", "signs", "D", "signs", "-", "1")
    assert prompt.field.toPlainText() == "MÜ-1"


def test_the_keypad_shows_what_its_keys_write_and_begins_with_capitals(
    window: MainWindow, finger: QPointingDevice
) -> None:
    show(window, asked(questions.CodeAsked()))
    prompt = window.bench.prompt
    touch(finger, prompt.pad_button)
    key = prompt.pad.key("A")
    assert key.accessibleName() == "A"
    write(finger, prompt.pad, "small")
    assert (key.accessibleName(), prompt.pad.key("small").isChecked()) == ("a", True)
    write(finger, prompt.pad, "signs")
    assert (key.accessibleName(), prompt.pad.key("Q").accessibleName()) == ("ä", "@")
    touch(finger, prompt.pad_button)
    touch(finger, prompt.pad_button)
    assert (key.accessibleName(), prompt.pad.key("small").isChecked()) == ("A", False)


@pytest.mark.fault(150)
@pytest.mark.parametrize("gap_ms", [2, 20])
def test_a_scan_goes_its_way_while_the_keypad_is_open(
    qapp: QApplication, window: MainWindow, finger: QPointingDevice, gap_ms: int
) -> None:
    scan_filter = ScanFilter(qapp)
    scans = list[str]()
    scan_filter.scanned.connect(scans.append)
    show(window, asked(questions.CodeAsked()))
    prompt = window.bench.prompt
    touch(finger, prompt.pad_button)
    write(finger, prompt.pad, "7")
    focused = QApplication.focusWidget()
    keys.scan(window, "1Z999AA10123456784", gap_ms=gap_ms)
    scan_filter.remove()
    scan_filter.setParent(None)
    scan_filter.deleteLater()
    assert scans == ["1Z999AA10123456784"]
    assert prompt.field.toPlainText() == "7"
    assert QApplication.focusWidget() is focused, "the keypad takes no focus"


def test_any_script_can_still_be_typed_while_the_keypad_is_open(window: MainWindow) -> None:
    show(window, asked(questions.CodeAsked()))
    prompt = window.bench.prompt
    prompt.pad_button.click()
    QTest.keyClicks(prompt.field, "MÜ-1164")
    prompt.field.insertPlainText("注文")
    assert prompt.field.toPlainText() == "MÜ-1164注文"


def test_the_next_question_begins_without_the_keypad(window: MainWindow) -> None:
    show(window, asked(questions.CodeAsked()))
    window.bench.prompt.pad_button.click()
    show(window, choice(3))
    assert not window.bench.prompt.pad.isVisible()
    show(window, asked(questions.CodeAsked()))
    assert not window.bench.prompt.pad.isVisible()
    assert window.bench.prompt.pad_button.isVisible()


@pytest.mark.parametrize("page", ["search", "mystery"])
def test_a_page_is_searched_by_touch_alone(
    dressed: QApplication, qtbot: QtBot, finger: QPointingDevice, page: str
) -> None:
    del dressed
    view, presenter = make_view(
        page, view_samples.SEARCH if page == "search" else view_samples.MYSTERY_LINKING
    )
    qtbot.addWidget(view)
    view.resize(1100, 1000)
    view.show()
    settle()
    field, keypad = (
        (view.field, view.keypad) if page == "search" else (view.panel.link_field, view.panel.link_keypad)
    )
    field.clear()
    touch(finger, keypad.button)
    write(finger, keypad.pad, "2", "0", "4", "1", "delete")
    assert field.text() == "204"
    assert presenter.asked("search" if page == "search" else "type_link")[-1] == ("204",)
    write(finger, keypad.pad, "enter")
    assert presenter.asked("open" if page == "search" else "ask_loop")
