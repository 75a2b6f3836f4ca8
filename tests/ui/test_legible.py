"""Nothing that must be read is cut off, elided, overdrawn or too small; and the check would find it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from loopdesk.ui.main_window import MainWindow
from loopdesk.ui.theme import apply_theme
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.card import FiguresCard
from loopdesk.ui.widgets.fitted import FittedLabel
from tests.ui import samples, view_samples
from tests.ui.legible import SIZES, illegible, settle
from tests.ui.view_rig import make_view


@pytest.fixture
def light(dressed: QApplication) -> Iterator[QApplication]:
    yield dressed
    apply_theme(dressed, "light", 100)


def a_window(size: tuple[int, int], qtbot: QtBot) -> MainWindow:
    """Show the window in a size."""
    window = MainWindow(samples.KEYS, samples.ICONS)
    qtbot.addWidget(window)
    window.resize(*size)
    window.show()
    return window


def seen_of(window: QWidget, name: str) -> list[str]:
    """Return what of a sample cannot be read; for hostile texts, which are endless, only the plain ones
    count."""
    is_hostile = "hostile" in name
    found = illegible(window, may_elide=is_hostile)
    return [what for what in found if what.isascii() or not is_hostile]


@pytest.mark.parametrize("size", SIZES)
def test_no_sample_of_the_bench_has_a_text_that_cannot_be_read(
    size: tuple[int, int], light: QApplication, qtbot: QtBot
) -> None:
    window = a_window(size, qtbot)
    found = []
    for name, sample in samples.all_samples().items():
        window.render(sample.screen)
        window.render_strip(sample.strip)
        found += [f"{name}: {what}" for what in seen_of(window, name)]
    QApplication.processEvents()  # what waits for its turn finds the window
    window.finish()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", SIZES)
def test_no_sample_of_a_page_has_a_text_that_cannot_be_read(
    size: tuple[int, int], light: QApplication, qtbot: QtBot
) -> None:
    window = a_window(size, qtbot)
    found = []
    for name, (place, screen) in view_samples.SAMPLES.items():
        view, _ = make_view(place, screen)
        page = _in_front(window, place, view, size)
        found += [f"{name}: {what}" for what in seen_of(page, name)]
        view.hide()
        view.deleteLater()
    QApplication.processEvents()  # what waits for its turn finds the window
    window.finish()
    assert not found, "\n".join(found)


def _in_front(window: MainWindow, place: str, view: QWidget, size: tuple[int, int]) -> QWidget:
    """Show a page in the window; the first run has none yet and is one itself."""
    if place == "first_run":
        view.resize(*size)
        view.show()
        return view
    window.add_view(place, view)
    window.show_view("bench")
    window.show_view(place)
    return window


def test_a_figure_without_a_value_says_so_in_full(light: QApplication, qtbot: QtBot) -> None:
    """At 1024 px Health has three figures beside each other; the words are longer than any number."""
    card = FiguresCard()
    qtbot.addWidget(card)
    card.resize(530, 300)
    card.show_figures(tuple((name, "noch nicht bekannt") for name in ("Tempo", "Takt", "Anfragen")))
    card.show()
    assert illegible(card) == []


# --- that it would be found ---------------------------------------------------------------------------


@pytest.fixture
def page(light: QApplication, qtbot: QtBot) -> QWidget:
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(400, 300)
    return page


def shown(page: QWidget) -> list[str]:
    page.show()
    settle()
    return illegible(page)


def test_a_page_that_can_be_read_is_not_complained_of(page: QWidget) -> None:
    label = QLabel("Scan the label of the next parcel.", page)
    label.setGeometry(10, 10, 300, 30)
    assert shown(page) == []


def test_an_elided_text_is_found(page: QWidget) -> None:
    label = FittedLabel("body", 1, page)
    label.show_text("Goes to Loop in 6 seconds. Undo costs nothing until then.")
    label.setGeometry(10, 10, 120, 30)
    assert any(what.startswith("elided") for what in shown(page))


def test_an_ellipsis_of_the_text_itself_is_no_elision(page: QWidget) -> None:
    button = QPushButton("Choose a picture…", page)
    button.setGeometry(10, 10, 300, 50)
    assert shown(page) == []


@pytest.mark.parametrize(("width", "height"), [(60, 30), (300, 6)])
def test_a_text_cut_off_at_the_side_or_at_its_feet_is_found(page: QWidget, width: int, height: int) -> None:
    label = QLabel("Put aside", page)
    label.setGeometry(10, 10, width, height)
    assert any(what.startswith("cut off") for what in shown(page))


def test_a_text_cut_off_by_what_holds_its_widget_is_found(page: QWidget) -> None:
    holder = QWidget(page)
    holder.setGeometry(10, 10, 60, 60)
    QLabel("Put this parcel aside", holder).setGeometry(0, 0, 300, 30)
    assert any(what.startswith("cut off") for what in shown(page))


def test_texts_drawn_over_each_other_are_found(page: QWidget) -> None:
    QLabel("Remove and process", page).setGeometry(10, 10, 300, 30)
    QLabel("Flag for review", page).setGeometry(20, 16, 300, 30)
    assert any(what.startswith("overlapping") for what in shown(page))


def test_a_text_that_its_widget_does_not_draw_is_found(page: QWidget) -> None:
    class Silent(QLabel):
        def paintEvent(self, _event: object) -> None:
            pass

    Silent("Put aside", page).setGeometry(10, 10, 300, 30)
    assert any(what.startswith("not drawn") for what in shown(page))


def test_a_text_below_the_smallest_size_is_found_but_no_key_cap(page: QWidget) -> None:
    KeyCapButton("note", "Note", "F2", parent=page).setGeometry(10, 10, 200, 56)
    assert shown(page) == []
    small = QLabel("Put aside", page)
    small.setProperty("role", "")
    font = small.font()
    font.setPixelSize(12)
    small.setFont(font)
    small.setGeometry(10, 100, 300, 30)
    small.show()
    assert any(what.startswith("12 px") for what in shown(page))
