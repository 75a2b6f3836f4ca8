"""What is measured of every window is found where it is wrong, and the band and the themes keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from loopdesk.presenters.screens.window import BandScreen, Signal
from loopdesk.ui.main_window import MainWindow
from loopdesk.ui.theme import THEMES, apply_theme, look
from loopdesk.ui.widgets.band import LEAST, SignalBand
from loopdesk.ui.widgets.buttons import KeyCapButton
from tests.pairwise import pairwise
from tests.ui import samples
from tests.ui.legible import texts_of
from tests.ui.measured import apart, faint, faults, laid_out, nested, pale, small, unreachable


@pytest.fixture
def light(dressed: QApplication) -> Iterator[QApplication]:
    yield dressed
    apply_theme(dressed, "light", 100)


@pytest.fixture
def page(light: QApplication, qtbot: QtBot) -> QWidget:
    made = QWidget()
    made.setObjectName("ground")
    qtbot.addWidget(made)
    made.resize(400, 300)
    return made


def shown(page: QWidget) -> QWidget:
    """Show a page, laid out."""
    page.show()
    laid_out(page, page.width(), page.height())
    return page


# --- the band and the themes ----------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [960, 1280])
def test_word_and_number_of_every_band_are_large_and_strong_enough_for_three_meters(
    theme: str, width: int, light: QApplication, qtbot: QtBot
) -> None:
    apply_theme(light, theme)
    band = SignalBand()
    qtbot.addWidget(band)
    band.resize(width, band.height())
    band.show()
    for signal in Signal:
        band.render(
            BandScreen(signal, "Not on this return", "It stays open.", letter="D", progress="188 of 200")
        )
        big = [text for text in texts_of(band) if text.widget in (band.word, band.progress)]
        assert len(big) >= 2
        assert min(text.pixels for text in big) >= LEAST
        assert [*faint(texts_of(band), band), *pale(texts_of(band), band)] == [], signal


@pytest.mark.parametrize("theme", THEMES)
def test_placeholders_captions_and_what_is_off_reach_the_contrast_of_their_theme(
    theme: str, page: QWidget, light: QApplication
) -> None:
    apply_theme(light, theme)
    fields: tuple[QLineEdit | QPlainTextEdit, ...] = (QLineEdit(page), QPlainTextEdit(page))
    for place, edit in enumerate(fields):
        edit.setPlaceholderText("An order, a name, an item")
        edit.setGeometry(10, 10 + 60 * place, 380, 50)
    for place, role in enumerate(("caption", "secondary", "sentence")):
        label = QLabel("What will happen", page)
        label.setProperty("role", role)
        label.setGeometry(10, 140 + 30 * place, 180, 24)
    KeyCapButton("park", "Put aside", "F9", parent=page).setGeometry(200, 140, 180, 60)
    off = KeyCapButton("confirm", "Confirm", "F12", variant="primary", parent=page)
    off.setEnabled(False)
    off.setGeometry(200, 210, 180, 60)
    texts = texts_of(shown(page))
    assert len(texts) >= 9
    assert list(pale(texts, page)) == []


# --- that it would be found -----------------------------------------------------------------------------


def test_a_pale_text_is_found(page: QWidget) -> None:
    label = QLabel("Put aside", page)
    label.setGeometry(10, 10, 300, 40)
    colors = label.palette()
    colors.setColor(QPalette.ColorRole.WindowText, look().color("line"))
    label.setPalette(colors)
    assert any(what.startswith("contrast 1") for what in faults(shown(page)))


def a_button(parent: QWidget) -> QPushButton:
    made = QPushButton("Put aside", parent)
    made.setAccessibleName("Put aside")
    return made


def test_a_button_beyond_the_edge_is_found(page: QWidget) -> None:
    a_button(page).setGeometry(10, 280, 200, 60)
    assert any(what.startswith("out of reach: Put aside") for what in _told(unreachable, shown(page)))


def test_a_button_that_a_wheel_brings_into_sight_is_not_complained_of(page: QWidget) -> None:
    area, sheet = QScrollArea(page), QWidget()
    area.setGeometry(0, 0, 400, 300)
    sheet.resize(380, 900)
    a_button(sheet).setGeometry(10, 700, 200, 60)
    area.setWidget(sheet)
    assert _told(unreachable, shown(page)) == []


def test_a_button_under_something_is_found(page: QWidget) -> None:
    a_button(page).setGeometry(10, 10, 200, 60)
    over = QFrame(page)
    over.setGeometry(0, 0, 300, 100)
    assert _told(unreachable, shown(page)) == ["covered: Put aside, by QFrame"]


def test_what_scrolls_within_something_that_scrolls_is_found_and_what_scrolls_sideways(page: QWidget) -> None:
    outer, sheet = QScrollArea(page), QWidget()
    outer.setGeometry(0, 0, 400, 300)
    sheet.resize(600, 900)
    inner, within = QScrollArea(sheet), QWidget()
    inner.setGeometry(0, 0, 300, 200)
    within.resize(200, 800)
    inner.setWidget(within)
    outer.setWidget(sheet)
    assert _told(nested, shown(page)) == [
        "scrolls sideways: QScrollArea",
        "scrolls within QScrollArea, which scrolls: QScrollArea",
    ]


def test_a_command_too_small_for_a_glove_is_found(page: QWidget) -> None:
    KeyCapButton("note", "Note", "F2", height=40, parent=page).setGeometry(10, 10, 200, 40)
    assert _told(small, shown(page)) == ["200x40 px: Note"]


def test_a_small_word_in_the_band_is_found(light: QApplication, qtbot: QtBot) -> None:
    band = SignalBand()
    qtbot.addWidget(band)
    band.resize(1280, band.height())
    band.show()
    band.render(BandScreen(Signal.FOUND, "Found", "", progress="1 of 3"))
    band.word.show_lines(["Found"], LEAST - 1)
    assert list(faint(texts_of(band), band)) == [f"{LEAST - 1} px in the band: 'Found'"]


def test_a_confirm_that_is_not_seen_whole_is_found(light: QApplication, qtbot: QtBot) -> None:
    window = MainWindow(samples.KEYS, samples.ICONS)
    qtbot.addWidget(window, before_close_func=MainWindow.finish)
    window.show()
    window.render(samples.bench())
    laid_out(window, 1280, 800)
    assert list(apart(window)) == []
    laid_out(window, 960, 470)
    assert any(what.startswith("not whole: Confirm") for what in apart(window))
    QApplication.processEvents()  # what waits for its turn finds the window


def _told(measure: Callable[[QWidget], Iterator[str]], page: QWidget) -> list[str]:
    return sorted(measure(page))


# --- the choice -----------------------------------------------------------------------------------------


def test_a_pairwise_choice_lets_every_two_values_meet_and_is_the_same_each_time() -> None:
    factors = {"size": "abcdef", "theme": "ldc", "scale": "123", "language": "edp"}
    cases = pairwise(factors)
    for (one, values), (other, others) in combinations(factors.items(), 2):
        met = {(case[one], case[other]) for case in cases}
        assert met == {(a, b) for a in values for b in others}
    assert len(cases) <= 21
    assert pairwise(factors) == cases
