"""What holds for every view beside the bench: names, sizes, plain text, nothing cut, idle while hidden."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QTableView, QWidget
from pytestqt.qtbot import QtBot

from loopdesk.presenters.screens.window import FINISHED
from loopdesk.ui.main_window import BENCH, PLACES
from loopdesk.ui.theme import THEMES, apply_theme, look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.fitted import FittedLabel
from tests.ui.view_rig import VIEWS, make_view
from tests.ui.view_samples import SAMPLES

SPEAKING = (QAbstractButton, QComboBox, QLineEdit, QTableView)


@pytest.fixture
def light(dressed: QApplication) -> Iterator[QApplication]:
    yield dressed
    apply_theme(dressed, "light", 100)


def shown(name: str, qtbot: QtBot, width: int = 1192, height: int = 662) -> QWidget:
    """Show a sample, laid out."""
    place, screen = SAMPLES[name]
    view, _ = make_view(place, screen)
    qtbot.addWidget(view)
    view.resize(width, height)
    view.show()
    for _ in range(4):
        QApplication.sendPostedEvents()
        QApplication.processEvents()
    return view  # type: ignore[no-any-return]


def visible(view: QWidget, kind: Any) -> list[Any]:
    """Return what of a kind is on screen."""
    inside = view.findChildren(QWidget)
    return [
        x for x in inside if isinstance(x, kind) and x.isVisible() and not x.objectName().startswith("qt_")
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_everything_that_can_be_used_has_a_name_for_screen_readers(
    name: str, light: QApplication, qtbot: QtBot
) -> None:
    for widget in visible(shown(name, qtbot), SPEAKING):
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            assert widget.accessibleName(), widget


@pytest.mark.parametrize(
    ("name", "scale"),
    [("search", 200), ("search", 150), ("arrivals", 150), ("queue-long", 150), ("queue", 150)],
)
def test_a_page_with_a_table_has_one_scroll_bar(
    name: str, scale: int, light: QApplication, qtbot: QtBot
) -> None:
    apply_theme(light, "light", scale)
    view: Any = shown(name, qtbot, 1130, 580)
    assert view.table.verticalScrollBar().maximum() > 0
    assert view.scroll_bar().maximum() == 0


@pytest.mark.parametrize("name", SAMPLES)
def test_everything_pressed_with_a_glove_is_large_enough(
    name: str, light: QApplication, qtbot: QtBot
) -> None:
    for button in visible(shown(name, qtbot), KeyCapButton):
        assert button.height() >= 56
        assert button.width() >= 56


@pytest.mark.parametrize("name", SAMPLES)
def test_no_text_is_ever_markup(name: str, light: QApplication, qtbot: QtBot) -> None:
    for label in visible(shown(name, qtbot), QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText or label.text() == ""


@pytest.mark.parametrize(("width", "height", "scale"), [(1192, 662, 100), (712, 1140, 100), (1100, 640, 200)])
@pytest.mark.parametrize("name", SAMPLES)
def test_no_text_is_cut_at_its_feet(
    name: str, width: int, height: int, scale: int, light: QApplication, qtbot: QtBot
) -> None:
    apply_theme(light, "light", scale)
    view = shown(name, qtbot, width, height)
    for label in visible(view, FittedLabel):
        needed = len(label.shown_lines()) * label.fontMetrics().lineSpacing()
        assert label.contentsRect().height() >= needed, label.text()


@pytest.mark.parametrize(("width", "scale"), [(1192, 100), (712, 100), (1100, 200)])
@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_stands_outside_of_what_holds_it(
    name: str, width: int, scale: int, light: QApplication, qtbot: QtBot
) -> None:
    apply_theme(light, "light", scale)
    view = shown(name, qtbot, width, 662)
    for widget in visible(view, (QAbstractButton, QLineEdit, QComboBox, FittedLabel)):
        parent = widget.parentWidget()
        assert parent is not None
        assert parent.rect().adjusted(-1, -1, 1, 1).contains(widget.geometry()), widget


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["queue-selected", "attention", "settings", "health", "mystery-linking"])
def test_every_theme_draws_every_view(name: str, theme: str, light: QApplication, qtbot: QtBot) -> None:
    apply_theme(light, theme)
    picture = shown(name, qtbot).grab().toImage()
    colors = {picture.pixelColor(x, y).name() for x in range(0, 1100, 13) for y in range(0, 600, 11)}
    assert look().color("surface").name() in colors
    assert len(colors) > 3


@pytest.mark.parametrize("name", [x for x in SAMPLES if not x.startswith("first-run")])
def test_a_view_works_only_while_it_is_seen(name: str, light: QApplication, qtbot: QtBot) -> None:
    place, screen = SAMPLES[name]
    view, presenter = make_view(place, screen)
    qtbot.addWidget(view)
    assert presenter.calls == []
    view.show()
    view.hide()
    assert [call[0] for call in presenter.calls] == ["show", "hide"]


@pytest.mark.parametrize("name", SAMPLES)
def test_drawing_a_screen_asks_nothing_of_the_presenter(name: str, light: QApplication, qtbot: QtBot) -> None:
    place, screen = SAMPLES[name]
    view, presenter = make_view(place, screen)
    qtbot.addWidget(view)
    view.show()
    presenter.calls.clear()
    for other, drawn in SAMPLES.values():
        if other == place:
            view.render(drawn)
    view.render(screen)
    assert presenter.calls == []


@pytest.mark.parametrize("name", VIEWS)
def test_another_language_is_taken_without_a_new_view(name: str, light: QApplication, qtbot: QtBot) -> None:
    sample = next(x for x, (place, _) in SAMPLES.items() if place == name)
    view = shown(sample, qtbot)
    before = {id(x): x.isVisible() for x in view.findChildren(QWidget)}
    for widget in [view, *view.findChildren(QWidget)]:
        QApplication.sendEvent(widget, QEvent(QEvent.Type.LanguageChange))
    after = {id(x): x.isVisible() for x in view.findChildren(QWidget)}
    assert after == before


@pytest.mark.parametrize("name", ["queue-selected", "attention", "settings", "mystery-linking", "first-run"])
def test_tab_reaches_every_button_and_field(name: str, light: QApplication, qtbot: QtBot) -> None:
    view = shown(name, qtbot)
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    wanted = {
        x
        for x in visible(view, SPEAKING)
        if x.isEnabled() and x.focusPolicy() & Qt.FocusPolicy.TabFocus and x.isVisible()
    }
    reached: set[QWidget] = set()
    for _ in range(80):
        view.focusNextChild()
        focused = QApplication.focusWidget()
        if focused is not None:
            reached.add(focused)
    assert wanted - reached == set()


def test_every_view_of_the_window_is_looked_at_here() -> None:
    places = {name for name, _ in PLACES} - {BENCH} | {FINISHED}
    assert places | {"first_run"} == set(VIEWS)
    assert places - {sample for sample, _ in SAMPLES.values()} == set()


def test_every_view_has_a_digit_with_alt() -> None:
    assert len(PLACES) <= 9, "Alt+10 is no key"
