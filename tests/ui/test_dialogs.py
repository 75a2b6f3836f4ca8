"""Questions are awaited without blocking anything else, and a stray Enter answers nothing."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from loopdesk.ui.dialogs import Question, QuestionDialog, ask

LEFT = Qt.MouseButton.LeftButton
QUESTION = Question(
    "Cancel the return?", "The shopper gets <b>nothing</b> for it.", "Cancel the return", "Keep it"
)


async def opened(parent: QWidget) -> QuestionDialog:
    """Wait until the question is shown."""
    while True:
        await asyncio.sleep(0)
        found = parent.findChildren(QuestionDialog)
        if found and found[0].isVisible():
            return found[0]


@pytest.fixture
def parent(dressed: QApplication, qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget


async def test_agreeing_is_an_answer(parent: QWidget) -> None:
    asked = asyncio.ensure_future(ask(parent, QUESTION))
    dialog = await opened(parent)
    assert not asked.done()
    QTest.mouseClick(dialog.accept_button, LEFT)
    assert await asked == ""


async def test_declining_is_no_answer(parent: QWidget) -> None:
    asked = asyncio.ensure_future(ask(parent, QUESTION))
    dialog = await opened(parent)
    QTest.mouseClick(dialog.cancel_button, LEFT)
    assert await asked is None


async def test_the_words_of_a_field_are_the_answer(parent: QWidget) -> None:
    asked = asyncio.ensure_future(ask(parent, Question("Key", "Paste it.", "Check", "Later", field="secret")))
    dialog = await opened(parent)
    assert dialog.field.echoMode() is QLineEdit.EchoMode.Password
    QTest.keyClicks(dialog.field, "abc")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    assert await asked == "abc"


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_answers_nothing(parent: QWidget, qtbot: QtBot, key: Qt.Key) -> None:
    dialog = QuestionDialog(QUESTION, parent)
    dialog.open()
    with qtbot.assertNotEmitted(dialog.finished):
        QTest.keyClick(dialog, key)
    dialog.reject()


@pytest.mark.fault(94)
def test_enter_in_the_field_of_a_destructive_question_answers_nothing(parent: QWidget, qtbot: QtBot) -> None:
    dialog = QuestionDialog(
        Question("Drop it?", "It is lost.", "Drop", "Keep", field="text", destructive=True), parent
    )
    dialog.open()
    with qtbot.assertNotEmitted(dialog.finished):
        QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    dialog.reject()


def test_a_question_shows_foreign_text_as_it_is(parent: QWidget) -> None:
    dialog = QuestionDialog(QUESTION, parent)
    assert dialog.text.text() == QUESTION.text
    assert dialog.text.textFormat() is Qt.TextFormat.PlainText


async def test_a_question_that_is_no_longer_needed_goes_away(parent: QWidget) -> None:
    asked = asyncio.ensure_future(ask(parent, QUESTION))
    dialog = await opened(parent)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert not dialog.isVisible()
