"""What opens takes the focus, Esc closes it, and the focus is where it was before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from loopdesk.ui.main_window import PLACES, MainWindow
from loopdesk.ui.widgets.choices import AskPanel
from tests.ui import samples, view_samples
from tests.ui.test_question_codes import ASKED, asked, choice, on_screen, settle
from tests.ui.view_rig import FakePresenter, make_view

PANELS = {
    "attention": (view_samples.ATTENTION, view_samples.ATTENTION_ASKING),
    "queue": (
        view_samples.QUEUE_SELECTED,
        replace(view_samples.QUEUE_SELECTED, asking=view_samples.QUEUE_CHOICES[-1]),
    ),
    "settings": (view_samples.SETTINGS, view_samples.SETTINGS_ASKING),
}
"""Each page that asks: without and with its question."""


SAID = {
    "finished": (view_samples.FINISHED, replace(view_samples.FINISHED, message="Too late.")),
    "queue": (view_samples.QUEUE_SELECTED, replace(view_samples.QUEUE_SELECTED, message="Taken back.")),
    "attention": (view_samples.ATTENTION, replace(view_samples.ATTENTION, message="Asked again.")),
    "settings": (view_samples.SETTINGS, replace(view_samples.SETTINGS, saved="Saved at 09:30.")),
}
"""Each page that says how a choice went: without and with its message."""


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot) -> Iterator[MainWindow]:
    del dressed
    made = MainWindow(samples.KEYS, samples.ICONS)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is made)
    yield made
    made.finish()


def heard(window: MainWindow) -> list[str]:
    """Return a list that keeps what was asked of the presenters."""
    out = list[str]()
    window.command_requested.connect(out.append)
    window.bench.prompt_cancelled.connect(lambda: out.append("dismiss"))
    return out


def esc(window: MainWindow) -> None:
    handle = window.windowHandle()
    assert handle is not None
    QTest.keyClick(handle, Qt.Key.Key_Escape)
    settle()


@pytest.mark.parametrize("name", [*ASKED, "return"])
def test_a_question_takes_the_focus_and_esc_leaves_it(window: MainWindow, qtbot: QtBot, name: str) -> None:
    prompt = choice(3) if name == "return" else asked(ASKED[name])
    screen = on_screen(prompt)
    is_open = screen.header is not None
    window.render(samples.bench() if is_open else samples.READY)
    before: QWidget = window.bench.lines if is_open else window.bench
    before.setFocus()
    qtbot.waitUntil(before.hasFocus)
    told = heard(window)
    window.render(screen)
    qtbot.waitUntil(window.bench.prompt.home().hasFocus)
    assert window.bench.prompt.home().isVisible()
    esc(window)
    assert told == ["dismiss"]
    window.render(samples.bench() if is_open else samples.READY)
    qtbot.waitUntil(before.hasFocus)
    if is_open:
        QTest.keyClick(before, Qt.Key.Key_1)
        assert told == ["dismiss", "grade_a"]


@pytest.mark.parametrize("name", [*ASKED, "return"])
def test_the_digits_of_a_question_are_never_grades_wherever_the_focus_is(
    window: MainWindow, qtbot: QtBot, name: str
) -> None:
    prompt = choice(3) if name == "return" else asked(ASKED[name])
    window.render(on_screen(prompt))
    settle()
    told = heard(window)
    panel = window.bench.prompt
    for place in [each for each in (panel, *panel.buttons()) if each.isVisible()]:
        place.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.waitUntil(place.hasFocus)
        QTest.keyClick(place, Qt.Key.Key_1)
    assert "grade_a" not in told


def test_more_takes_the_focus_and_esc_gives_it_back(window: MainWindow, qtbot: QtBot) -> None:
    window.render(samples.bench(plan=samples.plan(choices=samples.CHOICES)))
    window.bench.lines.setFocus()
    qtbot.waitUntil(window.bench.lines.hasFocus)
    told = heard(window)
    window.bench.commands.open_more()
    qtbot.waitUntil(window.bench.commands.more.hasFocus)
    esc(window)
    assert not window.bench.commands.more.isVisible()
    assert told == []
    qtbot.waitUntil(window.bench.lines.hasFocus)


@pytest.mark.parametrize("name", PANELS)
def test_the_question_of_a_page_takes_the_focus_and_esc_gives_it_back(
    window: MainWindow, qtbot: QtBot, name: str
) -> None:
    plain, asking = PANELS[name]
    view, presenter = make_view(name, plain)
    window.add_view(name, view)
    window.show_view(name)
    settle()
    before = _first_with_focus(view, qtbot)
    view.render(asking)
    (panel,) = view.findChildren(AskPanel)
    qtbot.waitUntil(lambda: panel.isAncestorOf(QApplication.focusWidget() or view))
    told = heard(window)
    esc(window)
    assert presenter.asked("dismiss") == [()]
    assert told == [], "the bench's message stays"
    view.render(plain)
    qtbot.waitUntil(before.hasFocus)


@pytest.mark.parametrize("name", SAID)
def test_esc_puts_the_message_of_a_page_away_before_anything_at_the_bench(
    window: MainWindow, name: str
) -> None:
    plain, said = SAID[name]
    view, presenter = make_view(name, said)
    window.add_view(name, view)
    window.show_view(name)
    settle()
    told = heard(window)
    esc(window)
    assert (presenter.asked("dismiss"), told) == ([()], [])
    view.render(plain)
    settle()
    esc(window)
    assert (presenter.asked("dismiss"), told) == ([()], ["dismiss"])


def _first_with_focus(view: QWidget, qtbot: QtBot) -> QWidget:
    """Give the focus to a button of the page, as Tab does, and return it."""
    chosen = next(
        each
        for each in view.findChildren(QWidget)
        if each.isVisible() and each.isEnabled() and each.focusPolicy() == Qt.FocusPolicy.TabFocus
    )
    chosen.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(chosen.hasFocus)
    return chosen


@pytest.mark.parametrize("name", ["search", "mystery"])
def test_esc_closes_the_keypad_of_a_page_first(window: MainWindow, qtbot: QtBot, name: str) -> None:
    view: Any
    screens = {"search": view_samples.SEARCH, "mystery": view_samples.MYSTERY_LINKING}
    view, _presenter = make_view(name, screens[name])
    window.add_view(name, view)
    window.show_view(name)
    settle()
    keypad = view.keypad if name == "search" else view.panel.link_keypad
    keypad.button.click()
    qtbot.waitUntil(keypad.pad.isVisible)
    told = heard(window)
    view.setFocus()
    if name == "search":
        view.field.clear()
    esc(window)
    assert (keypad.pad.isVisible(), told) == (False, [])


@pytest.mark.parametrize("name", [name for name, _ in PLACES if name not in ("bench", "shift")])
def test_a_page_has_the_focus_once_it_is_shown(window: MainWindow, qtbot: QtBot, name: str) -> None:
    made: dict[str, tuple[Any, FakePresenter]] = {}

    def make() -> QWidget:
        made[name] = make_view(name, _screen_of(name))
        view: QWidget = made[name][0]
        return view

    maker: Callable[[], QWidget] = make
    window.add_view(name, maker)
    window.bench.setFocus()
    window.show_view(name)
    settle()
    focused = QApplication.focusWidget()
    view = made[name][0]
    assert focused is None or focused is view or view.isAncestorOf(focused), focused
    assert not window.bench.isAncestorOf(focused or view), "no key goes to what is not in sight"


def _screen_of(name: str) -> Any:
    return next(screen for place, screen in view_samples.SAMPLES.values() if place == name)
