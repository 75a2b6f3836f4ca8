"""The window: band, rail, views, strip, keys, and that it never closes by itself."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from benchmarks.painted import Painted
from loopdesk.presenters.commands import COMMANDS
from loopdesk.presenters.screens.window import Countdown, Signal
from loopdesk.ui.input.shortcuts import sequence_of
from loopdesk.ui.main_window import EVERYWHERE, PLACES, MainWindow
from loopdesk.ui.theme import apply_theme, look
from loopdesk.ui.widgets.choices import AskPanel
from loopdesk.ui.widgets.signal_shapes import TONE_OF
from tests.ui import samples, view_samples
from tests.ui.view_rig import make_view

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot) -> MainWindow:
    made = MainWindow([(command.id, command.key) for command in COMMANDS], samples.ICONS)
    qtbot.addWidget(made, before_close_func=MainWindow.finish)
    made.resize(1280, 800)
    made.show()
    made.activateWindow()
    qtbot.waitExposed(made)
    made.render(samples.bench())
    settle()
    return made


def settle() -> None:
    for _ in range(3):
        QApplication.sendPostedEvents()
        QApplication.processEvents()


def told(window: MainWindow) -> list[str]:
    """Collect the commands that the window asks for from now on."""
    heard: list[str] = []
    window.command_requested.connect(heard.append)
    return heard


# --- keys -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "modifier", "command"),
    [
        (Qt.Key.Key_1, NONE, "grade_a"),
        (Qt.Key.Key_7, NONE, "grade_junk"),
        (Qt.Key.Key_2, CTRL, "disposition_hold"),
        (Qt.Key.Key_A, CTRL, "select_all"),
        (Qt.Key.Key_Down, NONE, "next_line"),
        (Qt.Key.Key_F12, NONE, "confirm"),
        (Qt.Key.Key_F10, NONE, "undo"),
        (Qt.Key.Key_Escape, NONE, "dismiss"),
    ],
)
def test_every_key_asks_for_its_command(
    window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier, command: str
) -> None:
    heard = told(window)
    QTest.keyClick(window, key, modifier)
    assert heard == [command]


def test_the_rest_is_graded_by_the_sign_on_the_key_1_and_not_by_a_digit_typed_with_shift(
    window: MainWindow,
) -> None:
    heard = told(window)
    QTest.keyClick(window, Qt.Key.Key_Exclam, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(window, Qt.Key.Key_Exclam, NONE)
    assert heard == ["rest_a", "rest_a"]
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ShiftModifier)
    assert heard[2:] in ([], ["grade_a"]), "a French keyboard types digits with Shift"


def test_a_digit_of_the_number_pad_counts_like_one_of_the_top_row(window: MainWindow) -> None:
    heard = told(window)
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.KeypadModifier)
    assert heard == ["grade_c"]


def test_every_key_of_the_command_table_is_known_and_used_once(dressed: QApplication) -> None:
    keys = [sequence_of(command.key).toString() for command in COMMANDS if command.key]
    assert all(keys)
    assert len(keys) == len(set(keys))
    ids = {command.id for command in COMMANDS}
    assert set(EVERYWHERE) <= ids


def test_typing_in_a_field_gives_no_grades(window: MainWindow) -> None:
    heard = told(window)
    window.render(samples.all_samples()["prompt"].screen)
    settle()
    field = window.bench.prompt.field
    field.setFocus()
    QTest.keyClicks(field, "1 of 7 torn")
    QTest.keyClick(field, Qt.Key.Key_Up)
    QTest.keyClick(field, Qt.Key.Key_A, CTRL)
    assert heard == []
    assert field.toPlainText() == "1 of 7 torn"
    QTest.keyClick(field, Qt.Key.Key_F12)
    assert heard == ["confirm"]


def test_grades_are_given_by_key_again_once_the_field_is_left(window: MainWindow) -> None:
    window.render(samples.all_samples()["prompt"].screen)
    window.render(samples.bench())
    settle()
    heard = told(window)
    QTest.keyClick(window, Qt.Key.Key_1)
    assert heard == ["grade_a"]


def test_the_arrows_belong_to_a_list_that_has_the_focus(window: MainWindow) -> None:
    window.render(samples.all_samples()["ready-parked"].screen)
    settle()
    heard = told(window)
    listed = window.bench.empty.parked.list
    listed.setFocus()
    QTest.keyClick(listed, Qt.Key.Key_Down)
    assert heard == []
    assert listed.currentIndex().row() == 1


def test_the_arrows_in_the_lines_are_the_commands_of_the_bench(window: MainWindow) -> None:
    heard = told(window)
    window.bench.lines.setFocus()
    QTest.keyClick(window.bench.lines, Qt.Key.Key_Up)
    assert heard == ["previous_line"]


def test_esc_leaves_the_question_of_the_shown_view_wherever_the_focus_is(window: MainWindow) -> None:
    view = QWidget()
    field, panel = QLineEdit(view), AskPanel(view)
    left: list[bool] = []
    panel.dismissed.connect(lambda: left.append(True))
    window.add_view("settings", view)
    window.show_view("settings")
    choice = view_samples.QUEUE_CHOICES[-1]
    heard = told(window)
    panel.show_choice(choice)
    settle()
    for place in (panel.cancel, field):
        place.setFocus()
        QTest.keyClick(place, Qt.Key.Key_Escape)
    assert (left, heard) == ([True, True], [])
    panel.show_choice(None)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert heard == ["dismiss"]


def test_in_another_view_only_harmless_keys_act(window: MainWindow) -> None:
    window.add_view("queue", QListWidget())
    window.show_view("queue")
    settle()
    heard = told(window)
    for key in (Qt.Key.Key_1, Qt.Key.Key_F12, Qt.Key.Key_F4, Qt.Key.Key_Down):
        QTest.keyClick(window, key)
    assert heard == []
    for key in (Qt.Key.Key_F10, Qt.Key.Key_F5, Qt.Key.Key_F3, Qt.Key.Key_Escape):
        QTest.keyClick(window, key)
    assert heard == ["undo", "refresh", "type_code", "dismiss"]
    window.show_view("bench")
    QTest.keyClick(window, Qt.Key.Key_1)
    assert heard[-1] == "grade_a"


@pytest.mark.fault(132)
def test_a_held_key_confirms_once(window: MainWindow) -> None:
    autorepeat = {s.property("command"): s.autoRepeat() for s, _, _ in window.keys._keys}
    assert not autorepeat["confirm"]
    assert not autorepeat["grade_a"]


# --- views ------------------------------------------------------------------------------------------


def test_views_are_reached_with_alt_and_a_digit(window: MainWindow, qtbot: QtBot) -> None:
    window.add_view("attention", QWidget())
    with qtbot.waitSignal(window.view_shown) as shown:
        QTest.keyClick(window, Qt.Key.Key_3, ALT)
    assert shown.args == ["attention"]
    assert window.rail.button("attention").isChecked()
    QTest.keyClick(window, Qt.Key.Key_1, ALT)
    assert window.shown_view() == "bench"


def test_a_view_is_made_when_it_is_first_shown(window: MainWindow) -> None:
    made: list[QWidget] = []

    def make() -> QWidget:
        made.append(QWidget())
        return made[-1]

    window.add_view("health", make)
    assert made == []
    QTest.mouseClick(window.rail.button("health"), LEFT)
    QTest.mouseClick(window.rail.button("bench"), LEFT)
    QTest.mouseClick(window.rail.button("health"), LEFT)
    assert len(made) == 1
    assert made[0].isVisible()


def test_no_key_works_at_the_bench_behind_what_comes_first(window: MainWindow, qtbot: QtBot) -> None:
    window.add_view("queue", QWidget())
    first = QPushButton("Go on")
    window.show_first(first)
    first.setFocus()
    for name in ("queue", "bench"):
        window.show_view(name)
        assert (window.shown_view(), first.isVisible()) == ("", True)
    with qtbot.assertNotEmitted(window.command_requested):
        QTest.keyClick(first, Qt.Key.Key_1)
    window.end_first()
    assert window.shown_view() == "bench"
    with qtbot.waitSignal(window.command_requested):
        QTest.keyClick(window, Qt.Key.Key_1)


def test_the_empty_bench_leads_to_the_lists_of_returns(window: MainWindow) -> None:
    for button, name in zip(window.bench.empty.ways, ("search", "arrivals", "finished"), strict=True):
        window.add_view(name, QWidget())
        assert len(button.shown_lines()) == 1
        QTest.mouseClick(button, LEFT)
        assert window.shown_view() == name
        window.show_view("bench")


def test_a_place_without_a_view_leaves_the_bench_in_front(window: MainWindow) -> None:
    QTest.mouseClick(window.rail.button("search"), LEFT)
    assert window.shown_view() == "bench"
    assert window.rail.button("bench").isChecked()


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ("connection", "health"),
        ("synced", "health"),
        ("kept", "queue"),
        ("sent", "queue"),
        ("attention", "attention"),
        ("mysteries", "mystery"),
    ],
)
def test_a_press_on_the_strip_leads_to_the_view_that_tells_more(
    window: MainWindow, part: str, place: str
) -> None:
    window.add_view(place, QWidget())
    window.render_strip(samples.strip(mysteries=2))
    QApplication.processEvents()
    figure = getattr(window.strip, part)
    at = QPoint(figure.geometry().center().x(), window.strip.height() - 2)
    QTest.mouseClick(window.strip, LEFT, Qt.KeyboardModifier.NoModifier, at)
    assert window.shown_view() == place


def test_a_press_beside_the_figures_of_the_strip_leads_nowhere(window: MainWindow) -> None:
    window.add_view("health", QWidget())
    window.render_strip(samples.strip())
    QApplication.processEvents()
    at = QPoint(window.strip.station.geometry().center().x(), 10)
    QTest.mouseClick(window.strip, LEFT, Qt.KeyboardModifier.NoModifier, at)
    assert window.shown_view() == "bench"


def test_the_badges_say_what_waits(window: MainWindow) -> None:
    window.render_strip(samples.strip(attention=120, mysteries=3))
    assert window.rail.button("attention").badge_text() == "99+"
    assert window.rail.button("attention").accessibleName() == "Attention, 120"
    assert window.rail.button("mystery").badge_text() == "3"
    window.render_strip(samples.strip(attention=0))
    assert window.rail.button("attention").badge_text() == ""


# --- band -------------------------------------------------------------------------------------------


def test_the_band_is_announced_once_for_each_serial(window: MainWindow) -> None:
    heard: list[str] = []
    window.band.announced.connect(heard.append)
    kept = samples.all_samples()["kept"].screen.band
    window.band.render(kept)
    window.band.render(replace(kept, countdown=Countdown(5, 8), sentence="Goes to Loop in 5 seconds."))
    window.band.render(replace(kept, serial=kept.serial + 1))
    assert heard == [f"Kept. {kept.sentence}"] * 2


def test_the_band_is_painted_as_taken_before_the_loop_turns(window: MainWindow) -> None:
    painted: list[bool] = []
    watch = Painted(window.band, lambda: True, lambda: painted.append(True))
    shown = samples.bench()
    window.render(replace(shown, band=replace(shown.band, taken=True)))
    watch.remove()
    assert painted == [True]


def test_undo_is_offered_by_name_in_every_view(window: MainWindow) -> None:
    window.add_view("queue", QWidget())
    kept = samples.all_samples()["kept"].screen
    window.render(replace(kept, band=replace(kept.band, undo="#20417")))
    window.show_view("queue")
    settle()
    heard = told(window)
    assert window.undo.ring.isVisible()
    assert window.undo.ring.accessibleName() == "Seconds left: 6"
    assert window.undo.button.accessibleName() == "Undo #20417"
    QTest.mouseClick(window.undo.button, LEFT)
    assert heard == ["undo"]
    window.render(replace(kept, band=replace(kept.band, undo="#20417", countdown=None)))
    assert window.undo.button.isVisible(), "what waits offline can be undone without a countdown"
    window.render(samples.READY)
    assert not window.undo.button.isVisible()
    window.render(kept)
    window.show_view("bench")
    settle()
    assert window.bench.undo.button.isVisible()
    assert not window.undo.button.isVisible(), "the bench has its own place for it"


@pytest.mark.fault(136)
@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
@pytest.mark.parametrize("signal", list(Signal))
def test_every_signal_has_a_shape_and_a_word_in_its_color(
    dressed: QApplication, window: MainWindow, signal: Signal, theme: str
) -> None:
    apply_theme(dressed, theme)
    window.band.render(samples.band(signal, "Word", "Sentence."))
    settle()
    image = window.band.shape.grab().toImage()
    inks = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert look().tone(TONE_OF[signal], "accent").name() in inks
    ground = window.band.grab().toImage().pixelColor(5, 20).name()
    assert ground == look().soft(TONE_OF[signal]).name()


@pytest.mark.fault(136)
def test_no_two_signals_have_the_same_shape(window: MainWindow) -> None:
    drawn = set()
    for signal in Signal:
        window.band.shape.show_signal(signal, "")
        image = window.band.shape.grab().toImage()
        ground = image.pixelColor(0, 0).name()
        dots = "".join(
            "01"[image.pixelColor(x, y).name() != ground] for x in range(0, 56, 2) for y in range(0, 56, 2)
        )
        drawn.add(dots)
    assert len(drawn) == len(Signal)


def test_practice_looks_different_in_every_view(window: MainWindow) -> None:
    plain = samples.band()
    window.band.render(plain)
    settle()
    before = window.band.grab().toImage()
    window.band.render(replace(plain, practice=True))
    settle()
    after = window.band.grab().toImage()
    assert window.band.practice_mark.isVisible()
    assert window.band.practice_mark.text() == "PRACTICE"
    ink = look().color("practice").name()
    assert ink in {after.pixelColor(x, 3).name() for x in range(400)}
    assert ink not in {before.pixelColor(x, 3).name() for x in range(400)}


@pytest.mark.parametrize("word", ["Hold for resale", "A · As new", "Not on this return", "W" * 12])
@pytest.mark.parametrize("width", range(1276, 1292, 3))
def test_the_word_of_the_band_gets_a_font_that_fits_whole(window: MainWindow, width: int, word: str) -> None:
    window.resize(width, 800)
    window.band.render(replace(samples.band(Signal.FOUND, word, "Linen Shirt"), practice=True))
    settle()
    metrics = QFontMetrics(window.band.word.shown_font())
    assert metrics.elidedText(word, Qt.TextElideMode.ElideRight, window.band.word.width()) == word


@pytest.mark.parametrize("width", [700, 1280, 1920])
def test_the_word_of_the_band_is_never_cut(window: MainWindow, width: int) -> None:
    window.resize(width, 800)
    window.band.render(
        replace(samples.band(Signal.ATTENTION, "Aufmerksamkeit nötig", "Zwei Retouren."), practice=True)
    )
    settle()
    word = window.band.word
    assert word.width() >= word.sizeHint().width()


# --- window -----------------------------------------------------------------------------------------


def test_the_title_is_that_of_the_screen_and_nothing_is_added(window: MainWindow) -> None:
    assert window.windowTitle() == "#20417 · 91000123 — loopdesk"
    window.render(samples.READY)
    assert window.windowTitle() == "Ready — loopdesk"
    handle = window.windowHandle()
    assert handle is not None
    assert handle.title() == "Ready — loopdesk"


@pytest.mark.fault(127)
def test_closing_reports_the_wish_and_closes_nothing(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.close_requested):
        assert not window.close()
    assert window.isVisible()
    window.finish()
    assert not window.isVisible()


def test_the_last_window_does_not_end_the_program(dressed: QApplication) -> None:
    assert not dressed.quitOnLastWindowClosed()


def test_the_first_paint_is_told_once_and_before_the_icons(dressed: QApplication, qtbot: QtBot) -> None:
    made = MainWindow()
    qtbot.addWidget(made, before_close_func=MainWindow.finish)
    heard: list[bool] = []
    made.first_painted.connect(lambda: heard.append(True))
    made.show()
    qtbot.waitUntil(lambda: bool(heard))
    made.update()
    settle()
    assert heard == [True]


@pytest.mark.parametrize("size", [(640, 460), (800, 600), (1280, 800), (800, 1280)])
@pytest.mark.parametrize("scale", [100, 150, 200])
def test_rail_and_strip_fit_into_every_window(
    dressed: QApplication, window: MainWindow, size: tuple[int, int], scale: int
) -> None:
    apply_theme(dressed, "light", scale)
    window.resize(*size)
    window.render_strip(samples.OFFLINE_STRIP)
    settle()
    buttons = [window.rail.button(name) for name, _ in PLACES]
    for first, second in pairwise(buttons):
        assert first.geometry().bottom() < second.geometry().top()
    assert buttons[-1].geometry().bottom() <= window.rail.height()
    assert window.strip.geometry().bottom() <= window.height()
    shown = [w for w in (window.strip.connection, window.strip.kept, window.strip.attention) if w.isVisible()]
    assert len(shown) == 3


def test_the_rail_comes_before_the_bench_for_the_keyboard(window: MainWindow) -> None:
    window.rail.button("bench").setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(window.rail.button("bench"), Qt.Key.Key_Tab)
    focused = QApplication.focusWidget()
    assert focused is not None
    assert window.bench.isAncestorOf(focused)


def test_arrows_go_through_the_rail(window: MainWindow) -> None:
    window.add_view("queue", QWidget())
    first = window.rail.button("bench")
    first.setFocus(Qt.FocusReason.TabFocusReason)
    heard = told(window)
    QTest.keyClick(first, Qt.Key.Key_Down)
    assert heard == []
    assert window.rail.button("queue").hasFocus()


def test_everything_in_the_window_has_a_name(window: MainWindow) -> None:
    window.render(samples.all_samples()["kept"].screen)
    window.render_strip(samples.strip())
    settle()
    nameless = []
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            spoken = QAccessible.queryAccessibleInterface(widget)
            if not spoken.text(QAccessible.Text.Name):
                nameless.append(type(widget).__name__)
    assert not nameless
    assert window.band.accessibleName().startswith("Kept. ")


def test_a_field_in_another_view_takes_its_own_keys(window: MainWindow) -> None:
    field = QLineEdit()
    window.add_view("search", field)
    window.show_view("search")
    field.setFocus()
    heard = told(window)
    QTest.keyClicks(field, "1234")
    assert field.text() == "1234"
    assert heard == []


def test_escape_empties_the_search_first_and_leaves_it_then(window: MainWindow, qtbot: QtBot) -> None:
    view, _ = make_view("search", view_samples.SEARCH_EMPTY)
    window.add_view("search", view)
    window.show_view("search")
    qtbot.waitUntil(window.isActiveWindow)
    view.field.setFocus()
    view.field.setText("jacket")
    asked = told(window)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert (view.field.text(), asked) == ("", [])
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert asked == ["dismiss"]
