"""Beside every answer is a code that a scanner reads from the screen; digits and touch choose the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from loopdesk.domain.returns.grading import Grade
from loopdesk.domain.returns.shared_drafts import Presence, SharedDraft
from loopdesk.domain.sync import HubContact
from loopdesk.presenters.bench import questions
from loopdesk.presenters.bench.questions import Question
from loopdesk.presenters.screens.returns import Link, Prompt
from loopdesk.presenters.screens.window import BenchScreen
from loopdesk.ui import printing
from loopdesk.ui.input.scan_filter import ScanFilter
from loopdesk.ui.main_window import MainWindow
from loopdesk.ui.theme import THEMES, apply_theme, look
from loopdesk.ui.widgets.coded import CodedButton
from tests.bench_rig import VOCABULARY, issued
from tests.builders import AT, a_draft, an_inspection
from tests.ui import keys, samples

LEFT = Qt.MouseButton.LeftButton
ASKED: dict[str, Question] = {
    "note": questions.NoteAsked(),
    "flag": questions.FlagReasonAsked("#20402"),
    "extra": questions.ExtraAsked(),
    "what came": questions.ExtraAsked("1", "Linen shirt, sand"),
    "photo": questions.PhotoAsked("1", "1", "Linen shirt"),
    "code": questions.CodeAsked(),
    "stray": questions.StrayAsked("5901234123457", "#20417", is_label=False),
    "mystery": questions.MysteryAsked("9400111206206406"),
    "open photo": questions.PhotoShown("1", "1", "Linen shirt", "one.jpg", 0, 2),
    "mystery photo": questions.MysteryPhotoAsked(questions.MysteryAsked()),
    "open elsewhere": questions.OpenElsewhere(
        "1", "#20417", Presence("dock 3", "1", "#20417", "Anna", AT), HubContact(is_heard=True), UTC, AT
    ),
    "both entered": questions.BothEntered(
        "1",
        "#20417",
        a_draft(inspections=(an_inspection(grade=Grade.C),)),
        SharedDraft("1", "3@aa", "#20417", "dock 3", "b3", "Anna", AT, a_draft(notes=("torn",)), "c3"),
        UTC,
        AT,
    ),
    "entered twice here": questions.BothEntered(
        "1",
        "#20417",
        a_draft(inspections=(an_inspection(grade=Grade.C),)),
        SharedDraft("1", "3@aa", "#20417", "dock 1", "b1", "Anna", AT, a_draft(notes=("torn",)), "c3"),
        UTC,
        AT,
        is_ours=True,
    ),
}
"""Every question of the bench."""

SIZES = ((1024, 768), (1280, 800), (1920, 1080), (1080, 1920))


def asked(question: Question, page: int = 0) -> Prompt:
    """Return a question as the bench shows it."""
    made = questions.on_page(questions.prompt_of(question, VOCABULARY), page)
    return questions.with_codes(made, issued)


def choice(returns: int, page: int = 0) -> Prompt:
    """Return the choice between so many returns as the bench shows it."""
    links = tuple(Link(str(n), f"#{n} · RMA {91_000_000 + n}", f"line {n}") for n in range(1, returns + 1))
    made = questions.on_page(questions.picker_prompt(links, page * questions.PAGE), page)
    return questions.with_codes(made, issued)


def on_screen(prompt: Prompt) -> BenchScreen:
    """Return the bench with this question."""
    without = ("mystery", "mystery_photo", "return", "type_code")
    return replace(samples.READY if prompt.kind in without else samples.bench(), prompt=prompt)


def codes_of(prompt: Prompt) -> set[str]:
    """Return every code that stands beside an answer."""
    codes = prompt.codes
    return {*codes.ready, codes.more, codes.accept, codes.leave} - {""}


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


def show(window: MainWindow, prompt: Prompt) -> None:
    window.render(on_screen(prompt))
    window.render_strip(samples.all_samples()["prompt"].strip)
    settle()


def test_a_hint_that_the_band_says_stands_there_alone_and_is_still_read_aloud(window: MainWindow) -> None:
    prompt = asked(ASKED["code"])
    show(window, prompt)
    assert window.bench.prompt.hint.text() == prompt.hint
    show(window, replace(prompt, is_hint_told=True))
    assert window.bench.prompt.hint.isHidden()
    assert window.bench.prompt.field.accessibleDescription() == prompt.hint


def settle() -> None:
    for _ in range(6):
        QApplication.processEvents()


def read(window: MainWindow) -> set[str]:
    """Return what a scanner reads from a picture of the window."""
    return {text for text, _ in printing.read(window.grab().toImage())}


def test_every_question_of_the_bench_is_looked_at_here() -> None:
    assert {type(question) for question in ASKED.values()} == set(questions.ASKED_WORDS)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [*ASKED, "return"])
def test_each_answer_has_a_code_that_a_scanner_reads_from_the_screen(
    dressed: QApplication, window: MainWindow, name: str, theme: str
) -> None:
    apply_theme(dressed, theme)
    prompt = choice(3) if name == "return" else asked(ASKED[name])
    show(window, prompt)
    assert read(window) == codes_of(prompt)
    assert issued("LDCMDDISMISS") in codes_of(prompt)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("page", [0, 1])
def test_nine_answers_are_read_at_every_size(
    dressed: QApplication, window: MainWindow, size: tuple[int, int], page: int
) -> None:
    apply_theme(dressed, "dark")
    window.resize(*size)
    prompt = choice(18, page)
    show(window, prompt)
    assert len(prompt.templates) == 9
    assert read(window) == codes_of(prompt)


@pytest.mark.parametrize(
    ("scale", "size", "least"),
    [(100, (1024, 768), 3), (100, (1280, 800), 3), (100, (1920, 1080), 4), (125, (1366, 768), 2)],
)
def test_codes_are_large_enough_for_arms_length_dark_on_white_and_free_around(
    dressed: QApplication, window: MainWindow, scale: int, size: tuple[int, int], least: int
) -> None:
    apply_theme(dressed, "contrast", scale)
    window.resize(*size)
    show(window, asked(questions.FlagReasonAsked("#20402")))
    assert window.bench.prompt.templates()
    for button in window.bench.prompt.templates():
        place = button.code_place()
        image = button.grab().toImage()
        module = place.width() // 29
        assert module >= look().px(least)
        assert button.rect().contains(place)
        quiet = 4 * module
        edge = [image.pixelColor(place.left() + x, place.top() + quiet // 2) for x in range(place.width())]
        assert {color.name() for color in edge} == {"#ffffff"}
        inner = place.adjusted(quiet, quiet, -quiet, -quiet)
        colors = {
            image.pixelColor(x, y).name()
            for x in range(inner.left(), inner.right() + 1)
            for y in range(inner.top(), inner.bottom() + 1)
        }
        assert colors == {"#000000", "#ffffff"}, "nothing is blurred"


@pytest.mark.parametrize("size", SIZES)
def test_codes_of_all_answers_are_of_one_size_and_end_at_one_line(
    window: MainWindow, size: tuple[int, int]
) -> None:
    window.resize(*size)
    show(window, asked(questions.StrayAsked("NOT-A-CODE", "#20402", is_label=False)))
    prompt = window.bench.prompt
    answers = [button.code_place() for button in prompt.templates()]
    assert len({place.size().toTuple() for place in answers}) == 1
    ends = {
        button.mapTo(window, button.rect().topRight()).x()
        - button.mapTo(window, button.code_place().topRight()).x()
        for button in (*prompt.templates(), prompt.cancel)
    }
    assert ends == {4}


def test_a_picture_that_is_kept_holds_no_code(window: MainWindow) -> None:
    show(window, asked(questions.FlagReasonAsked("#20402")))
    window.bench.hide_codes(True)
    assert read(window) == set()
    window.bench.hide_codes(False)
    assert len(read(window)) == 9


def test_the_letters_of_a_code_are_in_no_text_of_a_screen() -> None:
    prompt = asked(questions.FlagReasonAsked("#20402"))
    told = f"{on_screen(prompt)!r} {prompt} {prompt.codes}"
    assert not [code for code in codes_of(prompt) if code in told]


def test_what_is_read_beside_an_answer_is_its_commands_code() -> None:
    prompt = asked(questions.FlagReasonAsked("#20402"))
    assert prompt.codes.ready[1] == issued("LDCMDTEXT2") != "LDCMDTEXT2"
    assert prompt.codes.accept == issued("LDCMDCONFIRM")


# --- digits and touch -----------------------------------------------------------------------------------


def test_more_than_nine_answers_are_shown_nine_at_a_time_and_zero_shows_the_next(
    window: MainWindow, qtbot: QtBot
) -> None:
    prompt = choice(11)
    assert (len(prompt.templates), prompt.more) == (9, "More: 1 to 9 of 11 are shown")
    show(window, prompt)
    qtbot.waitUntil(window.bench.prompt.hasFocus)
    with qtbot.waitSignal(window.bench.command_requested) as told:
        QTest.keyClicks(window.bench.prompt, "0")
    assert told.args == ["text_more"]
    with qtbot.waitSignal(window.bench.command_requested) as told:
        QTest.mouseClick(window.bench.prompt.more, LEFT)
    assert told.args == ["text_more"]
    show(window, choice(11, 1))
    assert [button.accessibleName() for button in window.bench.prompt.templates()] == [
        "#10 · RMA 91000010",
        "#11 · RMA 91000011",
    ]
    with (
        qtbot.assertNotEmitted(window.bench.template_chosen),
        qtbot.assertNotEmitted(window.command_requested),
    ):
        QTest.keyClicks(window.bench.prompt, "3")


@pytest.mark.parametrize("size", SIZES)
def test_every_answer_is_in_sight_and_big_enough_for_a_glove(
    window: MainWindow, size: tuple[int, int]
) -> None:
    window.resize(*size)
    show(window, choice(9))
    shown = [button for button in window.bench.prompt.findChildren(CodedButton) if button.isVisible()]
    assert len(shown) == 9 + 1
    for button in shown:
        assert min(button.width(), button.height()) >= 56
        middle = button.mapTo(window, button.rect().center())
        assert window.childAt(middle) is button


# --- no scanner decides by accident ---------------------------------------------------------------------


@pytest.mark.fault(150)
@pytest.mark.parametrize("gap_ms", [2, 20, 60, 100, 150])
@pytest.mark.parametrize("code", ["1Z999AA10123456784", "9405511899222319741011"])
def test_a_scanner_opens_no_return_of_a_choice_by_its_digits(
    qapp: QApplication, window: MainWindow, qtbot: QtBot, code: str, gap_ms: int
) -> None:
    scan_filter = ScanFilter(qapp)
    scans, chosen = list[str](), list[object]()
    scan_filter.scanned.connect(scans.append)
    window.bench.template_chosen.connect(chosen.append)
    window.bench.command_requested.connect(chosen.append)
    show(window, choice(3))
    qtbot.waitUntil(window.bench.prompt.hasFocus)
    keys.scan(window, code, gap_ms=gap_ms)
    scan_filter.remove()
    scan_filter.setParent(None)
    scan_filter.deleteLater()
    assert (scans, chosen) == ([code], [])
