"""The bench: what it draws, which signals it emits when touched, and how the keyboard moves through it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from loopdesk.presenters.screens.returns import CommandButton, Link, Prompt, QuestionKind
from loopdesk.presenters.screens.window import BenchScreen
from loopdesk.ui.bench.item import ItemCard
from loopdesk.ui.bench.view import BenchView
from loopdesk.ui.theme import apply_theme
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.fitted import FittedLabel
from tests.ui import samples

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bench(dressed: QApplication, qtbot: QtBot) -> BenchView:
    view = BenchView(samples.ICONS)
    qtbot.addWidget(view)
    view.resize(1192, 662)
    view.show()
    view.activateWindow()
    qtbot.waitExposed(view)
    qtbot.waitUntil(view.isActiveWindow)
    return view


def settle(view: QWidget) -> None:
    """Let layouts and posted events run."""
    for _ in range(3):
        QApplication.sendPostedEvents()
        QApplication.processEvents()


def show(view: BenchView, screen: BenchScreen) -> BenchView:
    view.render(screen)
    settle(view)
    return view


def press_row(view: BenchView, place: int) -> None:
    listed = view.lines
    at = listed.visualRect(listed.model().index(place, 0)).center()
    QTest.mouseClick(listed.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at)


def of_command(view: BenchView, command: str) -> KeyCapButton:
    return next(b for b in view.findChildren(KeyCapButton) if b.command == command and b.isVisible())


def top_of(view: BenchView, place: int) -> int:
    return (
        view.lines.viewport()
        .mapTo(view, view.lines.visualRect(view.lines.model().index(place, 0)).topLeft())
        .y()
    )


# --- touch ------------------------------------------------------------------------------------------


def test_a_grade_is_given_by_touch(bench: BenchView, qtbot: QtBot) -> None:
    show(bench, samples.bench())
    with qtbot.waitSignal(bench.command_requested) as told:
        QTest.mouseClick(of_command(bench, "grade_c"), LEFT)
    assert told.args == ["grade_c"]


def test_a_touch_never_moves_the_focus_or_marks_a_choice_by_itself(bench: BenchView) -> None:
    show(bench, samples.bench())
    bench.lines.setFocus()
    button = of_command(bench, "grade_a")
    QTest.mouseClick(button, LEFT)
    assert QApplication.focusWidget() is bench.lines
    assert not button.isChecked()


def test_pressing_a_chosen_grade_leaves_it_marked_until_the_screen_says_otherwise(bench: BenchView) -> None:
    show(bench, samples.bench(item=samples.decided_item("grade_c")))
    button = of_command(bench, "grade_c")
    QTest.mouseClick(button, LEFT)
    assert button.isChecked()
    show(bench, samples.bench(item=samples.decided_item("grade_a")))
    assert not button.isChecked()


def test_a_line_is_selected_by_touch(bench: BenchView, qtbot: QtBot) -> None:
    show(bench, samples.bench())
    with qtbot.waitSignal(bench.line_selected) as told:
        press_row(bench, 0)
    assert told.args == [0]


def test_drawing_a_selection_reports_nothing(bench: BenchView, qtbot: QtBot) -> None:
    show(bench, samples.bench())
    with qtbot.assertNotEmitted(bench.line_selected):
        show(bench, samples.bench(selected=0))
        show(bench, samples.bench(selected=-1))
        show(bench, samples.bench(selected=1))


def test_a_line_that_is_not_expected_still_says_its_own_index(bench: BenchView, qtbot: QtBot) -> None:
    gift = samples.line(0, "Gift wrap", is_expected=False)
    show(bench, samples.bench(lines=(gift, samples.JACKET_L, samples.BEANIE), selected=1))
    with qtbot.waitSignal(bench.line_selected) as told:
        press_row(bench, 2)
    assert told.args == [0]


@pytest.mark.fault(155)
def test_the_big_button_never_becomes_undo(bench: BenchView, qtbot: QtBot) -> None:
    show(bench, samples.all_samples()["decided"].screen)
    with qtbot.waitSignal(bench.command_requested) as told:
        QTest.mouseClick(bench.commands.confirm, LEFT)
    assert told.args == ["confirm"]
    show(bench, samples.all_samples()["kept"].screen)
    with qtbot.assertNotEmitted(bench.command_requested):
        QTest.mouseClick(bench.commands.confirm, LEFT)
    assert bench.commands.confirm.command == "confirm"


@pytest.mark.fault(153)
def test_a_choice_is_answered_by_its_numbers_and_by_nothing_else(bench: BenchView, qtbot: QtBot) -> None:
    answers = ("Extra item", "Wrong item", "Another parcel")
    prompt = Prompt(QuestionKind.STRAY, "Not on this return", "What is it?", answers, is_choice=True)
    show(bench, replace(samples.bench(), prompt=prompt))
    assert not bench.prompt.field.isVisible()
    assert not bench.prompt.accept.isVisible()
    bench.activateWindow()
    qtbot.waitUntil(bench.prompt.hasFocus)
    with qtbot.assertNotEmitted(bench.template_chosen), qtbot.assertNotEmitted(bench.prompt_answered):
        for key in ("\r", " ", "4", "0"):
            QTest.keyClicks(bench.prompt, key)
    for number, button in enumerate(bench.prompt.templates()):
        with qtbot.waitSignal(bench.template_chosen) as told:
            QTest.keyClicks(bench.prompt, str(number + 1))
        assert told.args == [number]
        with qtbot.waitSignal(bench.template_chosen) as told:
            QTest.mouseClick(button, LEFT)
        assert told.args == [number]


def test_ready_answers_are_chosen_by_digits_and_words_come_second(bench: BenchView, qtbot: QtBot) -> None:
    prompt = Prompt(QuestionKind.FLAG, "Why flag it?", "A person sees it.", ("Damaged", "Worn"))
    show(bench, replace(samples.bench(), prompt=prompt))
    bench.activateWindow()
    qtbot.waitUntil(bench.prompt.hasFocus)
    with qtbot.assertNotEmitted(bench.template_chosen), qtbot.assertNotEmitted(bench.prompt_answered):
        QTest.keyClicks(bench.prompt, "3")
        QTest.keyClick(bench.prompt, Qt.Key.Key_Return)
    with qtbot.waitSignal(bench.template_chosen) as told:
        QTest.keyClicks(bench.prompt, "2")
    assert told.args == [1]
    QTest.keyClicks(bench.prompt, "t")
    assert (bench.prompt.field.hasFocus(), bench.prompt.field.toPlainText()) == (True, "t")
    with qtbot.assertNotEmitted(bench.template_chosen):
        QTest.keyClicks(bench.prompt.field, "orn 1")
    assert bench.prompt.field.toPlainText() == "torn 1"


def test_a_disabled_confirm_cannot_be_pressed(bench: BenchView, qtbot: QtBot) -> None:
    show(bench, samples.bench())
    with qtbot.assertNotEmitted(bench.command_requested):
        QTest.mouseClick(bench.commands.confirm, LEFT)


def test_another_settlement_is_chosen_from_the_list_behind_more(bench: BenchView, qtbot: QtBot) -> None:
    show(bench, samples.bench(plan=samples.plan(choices=samples.CHOICES)))
    assert not any(button.isVisible() for button in bench.commands.more.choice_buttons())
    QTest.mouseClick(of_command(bench, "more"), LEFT)
    settle(bench)
    flag = bench.commands.more.choice_buttons()[1]
    assert flag.isVisible()
    with qtbot.waitSignal(bench.settlement_chosen) as told:
        QTest.mouseClick(flag, LEFT)
    assert told.args == ["flag"]
    assert not flag.isVisible()


def test_a_single_settlement_is_no_choice(bench: BenchView) -> None:
    show(bench, samples.bench(plan=samples.plan(choices=samples.CHOICES[:1])))
    assert bench.commands.more.choice_buttons() == []


def test_another_return_closes_the_list_of_settlements(bench: BenchView) -> None:
    show(bench, samples.bench(plan=samples.plan(choices=samples.CHOICES)))
    QTest.mouseClick(of_command(bench, "more"), LEFT)
    show(
        bench, samples.bench(plan=samples.plan(choices=samples.CHOICES), header=samples.header(return_id="2"))
    )
    assert not any(button.isVisible() for button in bench.commands.more.choice_buttons())


@pytest.mark.parametrize("way", ["touch", "key"])
def test_a_candidate_is_picked_by_touch_or_by_its_number(bench: BenchView, qtbot: QtBot, way: str) -> None:
    show(bench, samples.all_samples()["picker"].screen)
    qtbot.waitUntil(bench.prompt.hasFocus)
    with qtbot.waitSignal(bench.template_chosen) as told:
        if way == "touch":
            QTest.mouseClick(bench.prompt.templates()[1], LEFT)
        else:
            QTest.keyClicks(bench.prompt, "2")
    assert told.args == [1]


def test_a_parked_return_is_taken_up_again_by_touch(bench: BenchView, qtbot: QtBot) -> None:
    show(bench, samples.all_samples()["ready-parked"].screen)
    listed = bench.empty.parked.list
    with qtbot.waitSignal(bench.return_picked) as told:
        at = listed.visualRect(listed.model().index(0, 0)).center()
        QTest.mouseClick(listed.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at)
    assert told.args == [samples.PARKED[0].return_id]


def test_a_sibling_is_opened_by_touch(bench: BenchView, qtbot: QtBot) -> None:
    show(bench, samples.bench(header=samples.header(siblings=(Link("7", "RMA 7"), Link("8", "RMA 8")))))
    with qtbot.waitSignal(bench.return_picked) as told:
        QTest.mouseClick(bench.header.siblings.chips()[1], LEFT)
    assert told.args == ["8"]


def test_many_siblings_flow_over_several_rows_and_none_is_cut(bench: BenchView) -> None:
    links = tuple(Link(str(number), f"RMA 9100{number} · a rather long state") for number in range(8))
    for width in (1192, 712, 1192):
        bench.resize(width, 900)
        show(bench, samples.bench(header=samples.header(siblings=links)))
        row = bench.header.siblings
        assert all(row.rect().contains(chip.geometry()) for chip in row.chips())
        assert row.height() == row.heightForWidth(row.width())


def test_a_small_window_scrolls_to_the_question(bench: BenchView, qtbot: QtBot) -> None:
    bench.resize(700, 420)
    show(bench, samples.bench())
    show(bench, samples.all_samples()["prompt"].screen)
    field = bench.prompt.field
    qtbot.waitUntil(lambda: bench.rect().contains(field.mapTo(bench, field.rect().center())))


def test_everything_of_the_bench_is_big_enough_for_a_glove(bench: BenchView) -> None:
    for name in ("decided", "kept", "prompt", "choices"):
        sample = samples.all_samples()[name]
        show(bench, sample.screen)
        small = [
            (button.text(), button.height())
            for button in bench.findChildren(KeyCapButton)
            if button.isVisible() and (button.height() < 56 or button.width() < 56)
        ]
        assert not small
    assert bench.commands.confirm.height() >= 64


# --- the item in hand -------------------------------------------------------------------------------


def test_nothing_moves_when_another_line_is_selected(bench: BenchView) -> None:
    rows = tuple(samples.line(number) for number in range(4))
    show(bench, samples.bench(lines=rows, selected=1))
    before = [button.mapTo(bench, QPoint()) for button in bench.item.decisions.buttons()]
    above = top_of(bench, 0)
    show(bench, samples.bench(lines=rows, selected=2, item=samples.item(title="Another " * 30)))
    assert [button.mapTo(bench, QPoint()) for button in bench.item.decisions.buttons()] == before
    assert top_of(bench, 0) == above


def test_confirm_stays_where_it_is_whatever_the_text(bench: BenchView) -> None:
    show(bench, samples.bench())
    confirm = bench.commands.confirm.geometry()
    for name in ("hostile", "kept", "decided", "grade-only"):
        show(bench, samples.all_samples()[name].screen)
        assert bench.commands.confirm.geometry() == confirm
        assert not confirm.intersects(bench.undo.geometry())


def test_a_line_that_can_be_decided_no_more_is_shown_but_takes_no_press(
    bench: BenchView, qtbot: QtBot
) -> None:
    show(bench, samples.bench(selected=-1, item=samples.done_item()))
    assert bench.item.facts.title.isVisible()
    with qtbot.assertNotEmitted(bench.command_requested):
        QTest.mouseClick(of_command(bench, "grade_a"), LEFT)


def test_a_title_of_any_length_can_be_read_in_full(bench: BenchView) -> None:
    title = " ".join(f"Word{number}" for number in range(120))
    show(bench, samples.bench(item=samples.item(title=title)))
    label = bench.item.facts.title
    assert " ".join(label.shown_lines()) == title
    assert label.height() >= len(label.shown_lines()) * label.fontMetrics().lineSpacing()
    assert bench.item.facts.verticalScrollBar().maximum() > 0


def test_photos_stand_beside_their_button(bench: BenchView) -> None:
    bench.resize(1192, 800)
    show(bench, samples.bench(item=samples.item(photos=("one.jpg", "two.jpg"))))
    assert [thumb.isVisible() for thumb in bench.item.thumbs] == [True, True, False, False, False]
    assert bench.item.photo.accessibleName() == "Photo (2)"


def test_a_part_of_a_long_list_is_chosen_by_touch(bench: BenchView, qtbot: QtBot) -> None:
    show(bench, samples.all_samples()["found-200"].screen)
    with qtbot.waitSignal(bench.filter_chosen) as told:
        QTest.mouseClick(of_command(bench, "to_decide"), LEFT)
    assert told.args == ["to_decide"]
    show(bench, samples.bench())
    assert not any(button.isVisible() for button in bench.prepare().lines.filters.buttons())


def test_esc_closes_what_shows_esc(bench: BenchView) -> None:
    show(bench, samples.bench())
    QTest.mouseClick(of_command(bench, "more"), LEFT)
    assert bench.commands.more.isVisible()
    assert of_command(bench, "close").accessibleDescription() == "Esc"
    assert bench.leave_more()
    assert not bench.commands.more.isVisible()
    assert not bench.leave_more()


def test_undo_names_its_return_and_stands_apart(bench: BenchView, qtbot: QtBot) -> None:
    show(bench, samples.bench())
    undo = of_command(bench, "undo")
    assert undo.accessibleName() == "Undo #20417"
    assert not undo.geometry().intersects(bench.commands.confirm.geometry())
    with qtbot.waitSignal(bench.command_requested) as told:
        QTest.mouseClick(undo, LEFT)
    assert told.args == ["undo"]
    show(bench, samples.bench(band=replace(samples.band(), undo="")))
    assert not undo.isEnabled()


def test_the_selected_line_of_two_hundred_is_in_sight_with_its_grades(bench: BenchView, qtbot: QtBot) -> None:
    screen = samples.all_samples()["found-200"].screen
    for selected in (43, 199, 0, 120):
        show(bench, replace(screen, selected=selected))
        button = of_command(bench, "grade_d")
        row = bench.lines.visualRect(bench.lines.model().index(selected, 0))
        assert bench.lines.viewport().rect().contains(row)
        with qtbot.waitSignal(bench.command_requested):
            QTest.mouseClick(button, LEFT)


def test_the_same_screen_is_not_drawn_twice(bench: BenchView, qtbot: QtBot) -> None:
    screen = samples.bench()
    show(bench, screen)
    button = of_command(bench, "grade_a")
    with qtbot.assertNotEmitted(bench.lines.rows.dataChanged):
        show(bench, replace(screen, selected=0))
    assert of_command(bench, "grade_a") is button


# --- keyboard ---------------------------------------------------------------------------------------


def test_tab_goes_from_the_lines_to_the_decision_and_on_to_the_commands(bench: BenchView) -> None:
    show(
        bench,
        samples.bench(
            item=samples.decided_item(),
            plan=samples.plan(button=CommandButton("confirm", "Process", "F12")),
        ),
    )
    bench.activateWindow()
    bench.lines.setFocus()
    reached: list[str] = []
    for _ in range(22):
        QTest.keyClick(bench, Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        reached.append(widget.command if isinstance(widget, KeyCapButton) else type(widget).__name__)
    decisions = (*samples.grades(), *samples.exceptions(), *samples.dispositions())
    wanted = [button.command for button in decisions]
    wanted += ["photo", "confirm", *(button.command for button in samples.commands()), "more", "undo"]
    assert reached[: len(wanted)] == wanted


def test_space_presses_the_button_with_the_focus_and_enter_presses_none(
    bench: BenchView, qtbot: QtBot
) -> None:
    show(bench, samples.bench())
    button = of_command(bench, "grade_b")
    button.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.assertNotEmitted(bench.command_requested):
        QTest.keyClick(button, Qt.Key.Key_Return)
    with qtbot.waitSignal(bench.command_requested) as told:
        QTest.keyClick(button, Qt.Key.Key_Space)
    assert told.args == ["grade_b"]


@pytest.mark.fault(94)
def test_no_button_is_a_default_one(bench: BenchView) -> None:
    show(bench, samples.all_samples()["choices"].screen)
    buttons = bench.findChildren(QPushButton)
    assert len(buttons) > 20
    assert not [button.text() for button in buttons if button.autoDefault() or button.isDefault()]


def test_the_focus_does_not_stray_when_what_had_it_goes(bench: BenchView) -> None:
    show(bench, samples.all_samples()["prompt"].screen)
    assert bench.prompt.hasFocus()
    show(bench, samples.bench())
    assert QApplication.focusWidget() is bench.lines
    of_command(bench, "grade_a").setFocus()
    show(bench, samples.READY)
    assert QApplication.focusWidget() is bench


# --- prompt -----------------------------------------------------------------------------------------


def test_a_prompt_takes_the_place_of_the_commands_and_is_answered_with_enter(
    bench: BenchView, qtbot: QtBot
) -> None:
    show(bench, samples.all_samples()["prompt"].screen)
    assert not bench.commands.confirm.isVisible()
    QTest.keyClicks(bench.prompt.field, "Torn at the seam")
    with qtbot.waitSignal(bench.prompt_answered) as told:
        QTest.keyClick(bench.prompt.field, Qt.Key.Key_Return)
    assert told.args == ["Torn at the seam"]
    show(bench, samples.bench())
    assert bench.commands.confirm.isVisible()
    assert not bench.prompt.isVisible()


def test_what_was_typed_stays_while_the_screen_is_drawn_again(bench: BenchView) -> None:
    screen = samples.all_samples()["prompt"].screen
    show(bench, screen)
    QTest.keyClicks(bench.prompt.field, "half a rea")
    show(bench, replace(screen, band=replace(screen.band, sentence="Offline")))
    show(
        bench, replace(screen, prompt=replace(screen.prompt, hint="Another hint") if screen.prompt else None)
    )
    assert bench.prompt.field.toPlainText() == "half a rea"
    other = replace(screen.prompt, text="Extra item", number=1) if screen.prompt else None
    show(bench, replace(screen, prompt=other))
    assert bench.prompt.field.toPlainText() == "Extra item"


def test_a_picture_is_chosen_by_touch(bench: BenchView, qtbot: QtBot, tmp_path: Path) -> None:
    screen = samples.all_samples()["prompt"].screen
    assert screen.prompt is not None
    show(bench, screen)
    assert not bench.prompt.browse.isVisible()
    show(
        bench,
        replace(screen, prompt=replace(screen.prompt, kind=QuestionKind.PHOTO, title="Photo", templates=())),
    )
    picture = tmp_path / "torn seam.png"
    assert bench.grab().save(str(picture))
    QTest.mouseClick(bench.prompt.browse, LEFT)
    dialog = bench.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog), "a scan must not reach the system's own"
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile(str(picture))
    with qtbot.waitSignal(bench.prompt_answered) as told:
        dialog.accept()
    assert told.args == [str(picture)]
    QTest.mouseClick(bench.prompt.browse, LEFT)
    assert any(x.isVisible() for x in bench.findChildren(QFileDialog))
    show(bench, screen)
    left = [x for x in bench.findChildren(QFileDialog) if x.isVisible()]
    assert left == [], "its picture must not answer another question"


def test_a_second_prompt_starts_empty(bench: BenchView) -> None:
    screen = samples.all_samples()["prompt"].screen
    show(bench, screen)
    QTest.keyClicks(bench.prompt.field, "old words")
    show(bench, samples.bench())
    show(bench, screen)
    assert bench.prompt.field.toPlainText() == ""


def test_a_ready_answer_is_chosen_by_touch(bench: BenchView, qtbot: QtBot) -> None:
    show(bench, samples.all_samples()["prompt"].screen)
    with qtbot.waitSignal(bench.template_chosen) as told:
        QTest.mouseClick(bench.prompt.templates()[2], LEFT)
    assert told.args == [2]


def test_a_prompt_is_left_with_esc_or_by_touch(bench: BenchView, qtbot: QtBot) -> None:
    show(bench, samples.all_samples()["prompt"].screen)
    with qtbot.waitSignal(bench.prompt_cancelled):
        QTest.keyClick(bench.prompt.field, Qt.Key.Key_Escape)
    with qtbot.waitSignal(bench.prompt_cancelled):
        QTest.mouseClick(bench.prompt.cancel, LEFT)


def test_a_note_may_have_several_lines(bench: BenchView, qtbot: QtBot) -> None:
    show(bench, samples.bench(prompt=Prompt(QuestionKind.NOTE, "Note", "")))
    QTest.keyClicks(bench.prompt.field, "one")
    QTest.keyClick(bench.prompt.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(bench.prompt.field, "two")
    with qtbot.waitSignal(bench.prompt_answered) as told:
        QTest.mouseClick(bench.prompt.accept, LEFT)
    assert told.args == ["one\ntwo"]


# --- what is said aloud -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["found-3", "decided", "prompt", "picker", "ready-parked", "grade-only", "kept"]
)
def test_everything_that_takes_the_focus_has_a_name(bench: BenchView, name: str) -> None:
    show(bench, samples.all_samples()[name].screen)
    nameless = []
    for widget in bench.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            spoken = QAccessible.queryAccessibleInterface(widget)
            if not spoken.text(QAccessible.Text.Name):
                nameless.append(type(widget).__name__)
    assert not nameless


def test_a_button_says_its_key(bench: BenchView) -> None:
    show(bench, samples.bench())
    button = of_command(bench, "flag")
    assert (button.accessibleName(), button.accessibleDescription()) == ("Flag", "F4")


# --- hostile and long words -------------------------------------------------------------------------


@pytest.mark.fault(103)
@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_hostile_text_is_nowhere_read_as_markup(dressed: QApplication, bench: BenchView, theme: str) -> None:
    apply_theme(dressed, theme)
    show(bench, samples.all_samples()["hostile"].screen)
    bench.grab()
    labels = [label for label in bench.findChildren(QLabel) if label.text()]
    assert any("<b>Bold</b>" in label.text() for label in labels)
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)
    assert all(samples.BIDI[0] not in label.text() for label in labels)
    tips = [widget.toolTip() for widget in bench.findChildren(QWidget) if widget.toolTip()]
    assert tips
    assert not [text for text in tips if "<img" in text or "<b>" in text]


def longer(text: str) -> str:
    """Return a text of a pseudo-language: half as long again, with accents above and below."""
    return f"[{text.translate(str.maketrans('aeiouAEIOU', 'ăêíøųÅÉÎÕÜ'))}{' łøņğ' * (1 + len(text) // 10)}]"


def pseudo(screen: BenchScreen) -> BenchScreen:
    """Translate every command and text of a screen into the pseudo-language."""

    def all_of(buttons: tuple[CommandButton, ...]) -> tuple[CommandButton, ...]:
        return tuple(
            replace(button, text=longer(button.text), meaning=longer(button.meaning)) for button in buttons
        )

    assert screen.plan is not None
    assert screen.item is not None
    plan = replace(
        screen.plan,
        sentence=longer(screen.plan.sentence),
        steps=tuple(longer(step) for step in screen.plan.steps),
        button=replace(screen.plan.button, text=longer(screen.plan.button.text)),
    )
    return replace(
        screen,
        item=replace(
            screen.item,
            grades=all_of(screen.item.grades),
            exceptions=all_of(screen.item.exceptions),
            dispositions=all_of(screen.item.dispositions),
        ),
        commands=all_of(screen.commands),
        plan=plan,
    )


@pytest.mark.parametrize("scale", [100, 150, 200])
@pytest.mark.parametrize("size", [(1192, 662), (712, 1140), (936, 560)])
def test_a_long_language_is_never_clipped(
    dressed: QApplication, bench: BenchView, scale: int, size: tuple[int, int]
) -> None:
    apply_theme(dressed, "light", scale)
    bench.resize(*size)
    show(bench, pseudo(samples.all_samples()["decided"].screen))
    for label in bench.findChildren(FittedLabel):
        if label.isVisible():
            needed = len(label.shown_lines()) * label.fontMetrics().lineSpacing()
            assert label.height() >= needed, label.text()
            told = " ".join(" ".join(label.shown_lines()).split())
            assert told == " ".join(label.text().split()) or label.toolTip(), label.text()
    for button in bench.findChildren(KeyCapButton):
        if button.isVisible():
            whole = "".join(button.shown_lines()).replace(" ", "") == button.accessibleName().replace(" ", "")
            assert whole or button.toolTip(), button.accessibleName()


@pytest.mark.parametrize("scale", [100, 150, 200])
def test_nothing_stands_over_the_edge_or_over_something_else(
    dressed: QApplication, bench: BenchView, scale: int
) -> None:
    apply_theme(dressed, "light", scale)
    for size in ((1192, 662), (712, 1140), (1104, 584)):
        bench.resize(*size)
        show(bench, samples.all_samples()["decided"].screen)
        page = bench.header.parentWidget()
        assert page is not None
        buttons = [b for b in bench.findChildren(QAbstractButton) if b.isVisible()]
        boxes = [b.rect().translated(b.mapTo(page, QPoint(0, 0))) for b in buttons]
        side = [(a, b) for n, a in enumerate(boxes) for b in boxes[n + 1 :] if a.intersects(b)]
        assert not side
        assert all(page.rect().contains(box) for box in boxes)
        is_roomy = size[0] * 100 / scale >= 880 and size[1] * 100 / scale >= 480
        assert not is_roomy or page.size() == bench.size(), "nothing scrolls where there is room"


@pytest.mark.parametrize("scale", [100, 150])
@pytest.mark.parametrize("name", ["ready-parked", "picker"])
def test_without_a_return_no_command_stands_over_a_list(
    dressed: QApplication, bench: BenchView, name: str, scale: int
) -> None:
    apply_theme(dressed, "light", scale)
    for size in ((1192, 662), (712, 1140), (960, 584)):
        bench.resize(*size)
        show(bench, samples.all_samples()[name].screen)
        rows = bench.empty.parked if name == "ready-parked" else bench.prompt
        page = bench.header.parentWidget()
        assert page is not None
        box = rows.rect().translated(rows.mapTo(page, QPoint(0, 0)))
        assert rows.isVisible()
        for button in bench.commands.commands.buttons():
            own = button.rect().translated(button.mapTo(page, QPoint(0, 0)))
            assert button.isVisible()
            assert page.rect().contains(own)
            assert not own.intersects(box)


def test_in_portrait_the_commands_stand_below_the_lines(bench: BenchView) -> None:
    show(bench, samples.bench())
    confirm, item = bench.commands.confirm, bench.item
    assert confirm.x() > item.geometry().right()
    bench.resize(712, 1140)
    settle(bench)
    assert confirm.y() > item.geometry().bottom()
    lowest = max(button.mapTo(bench, QPoint()).y() for button in item.decisions.grades.buttons())
    assert confirm.y() - lowest < 400, "grades and Confirm are within a hand's reach of each other"


def test_the_language_can_change_while_a_return_is_open(bench: BenchView) -> None:
    show(bench, samples.bench())
    QApplication.sendEvent(bench.lines, QEvent(QEvent.Type.LanguageChange))
    QApplication.sendEvent(bench.commands.more, QEvent(QEvent.Type.LanguageChange))
    assert bench.commands.more.accessibleName() == "More"


def test_scanning_needs_no_field(bench: BenchView) -> None:
    show(bench, samples.READY)
    assert not bench.findChildren(QLineEdit)
    assert not bench.prompt.isVisible()


@pytest.mark.parametrize("photos", [(), ("one.jpg", "two.jpg")])
def test_the_photo_button_keeps_its_word_whole_under_a_small_picture(
    dressed: QApplication, qtbot: QtBot, photos: tuple[str, ...]
) -> None:
    card = ItemCard()
    qtbot.addWidget(card)
    card.set_bench_height(588)
    card.render(replace(samples.item(), photos=photos))
    card.show()
    for height in range(400, 520):
        card.resize(439, height)
        is_alone = card.photo.width() <= 56
        assert is_alone or card.photo.is_whole(), height
        assert not card.photo.geometry().intersects(card.facts.geometry()), height
