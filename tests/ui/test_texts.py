"""Foreign text is shown as it is, does nothing, and costs little."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from loopdesk.ui import texts
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.fitted import FittedLabel, fit


@pytest.mark.fault(103)
def test_markup_is_shown_and_not_obeyed(dressed: QApplication, qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    texts.plain(label, "<b>free</b> & more")
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.text() == "<b>free</b> & more"


@pytest.mark.fault(104)
@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("invoice\u202egnp.exe", "invoice‹U+202E›gnp.exe"),
        ("a\u2066b\u2069c", "a‹U+2066›b‹U+2069›c"),
        ("bell\x07 escape\x1b[31m", "bell‹U+0007› escape‹U+001B›[31m"),
        ("half \ud800 emoji", "half \ufffd emoji"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("zero\u200bwidth", "zerowidth"),
        ("tag\U000e0041", "tag‹U+E0041›"),
        ("فستان أحمر", "فستان أحمر"),
        ("👩\u200d👧", "👩\u200d👧"),
    ],
)
def test_characters_that_act_are_made_visible(given_text: str, shown: str) -> None:
    assert texts.clean(given_text) == shown


@given(st.text(alphabet=st.characters(), max_size=200))
def test_nothing_that_acts_is_left(given_text: str) -> None:
    shown = texts.clean(given_text)
    assert not any(0xD800 <= ord(c) <= 0xDFFF or ord(c) < 0x20 or 0x202A <= ord(c) <= 0x202E for c in shown)
    assert shown == texts.clean(shown)


def test_piled_up_marks_are_cut() -> None:
    assert len(texts.clean("z" + "\u0335" * 50)) == 5


@pytest.mark.fault(103)
def test_a_tool_tip_escapes_its_text() -> None:
    assert "&lt;img src=x&gt;" in texts.tip_text("<img src=x>")
    assert texts.tip_text("") == ""


def test_an_ampersand_in_a_button_is_no_shortcut(dressed: QApplication, qtbot: QtBot) -> None:
    button = KeyCapButton("x", "Fish & &Chips", "F4")
    qtbot.addWidget(button)
    assert button.text() == "Fish && &&Chips"
    assert button.shortcut().isEmpty()
    assert button.accessibleName() == "Fish & &Chips"


def test_the_unsaved_mark_in_a_title_stays_text() -> None:
    assert texts.title("a [*] b") == "a [*][*] b"


@pytest.mark.fault(104)
def test_a_text_of_100_kilobytes_does_not_stop_the_window(dressed: QApplication, qtbot: QtBot) -> None:
    label = FittedLabel("strong", 2)
    qtbot.addWidget(label)
    label.resize(300, 60)
    label.show_text("endless title " * 8000)
    label.grab()
    assert len(label.text()) < 700  # nothing is laid out but what is left of it


def test_what_does_not_fit_ends_in_dots_and_can_be_read_in_the_tool_tip(
    dressed: QApplication, qtbot: QtBot
) -> None:
    label = FittedLabel("body", 2)
    qtbot.addWidget(label)
    label.resize(200, 60)
    label.show()
    label.show_text("one two three four five six seven eight nine ten eleven twelve thirteen fourteen")
    assert len(label.shown_lines()) == 2
    assert label.shown_lines()[1].endswith("…")
    assert "fourteen" in label.toolTip()
    label.show_text("short")
    assert label.shown_lines() == ["short"]
    assert label.toolTip() == ""


def test_a_label_that_may_have_more_lines_asks_for_their_height(dressed: QApplication, qtbot: QtBot) -> None:
    label = FittedLabel("body", 2)
    qtbot.addWidget(label)
    label.show_text("one two three " * 20)
    two = label.heightForWidth(120)
    label.set_most(3)
    assert label.heightForWidth(120) == two * 3 // 2


def test_lines_break_at_words_also_after_wide_characters(dressed: QApplication) -> None:
    lines, cut = fit("👩 alpha beta gamma", look().font(15), 90, 5)
    assert " ".join(lines) == "👩 alpha beta gamma"
    assert not cut


def test_what_is_read_aloud_in_a_row_ends_each_sentence_once() -> None:
    parts = ("The hub has revoked this bench.", "", "Since 09:25", "Ask IT!", "Look")
    assert texts.sentences(parts) == "The hub has revoked this bench. Since 09:25. Ask IT! Look"
    assert texts.sentences(("", "")) == ""
