"""A button's caption keeps its words whole, as long as any way of writing it does."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from loopdesk.ui.widgets.buttons import KeyCapButton


@pytest.mark.parametrize(
    ("caption", "key", "width"),
    [("Ausschuss", "7", 97), ("Zurückstellen", "F9", 122), ("Abbrechen", "Esc", 97)],
)
def test_a_narrow_button_gives_up_its_cap_and_its_margins_before_it_breaks_a_word(
    dressed: QApplication, qtbot: QtBot, caption: str, key: str, width: int
) -> None:
    button = KeyCapButton("command", caption, key)
    qtbot.addWidget(button)
    button.resize(width, 56)
    button.show()
    assert button.shown_lines() == [caption]
    button.resize(300, 56)
    assert button.shown_lines() == [caption]
    assert not button.is_capless


def test_a_button_asks_for_the_room_of_its_cap_however_narrow_it_stands(
    dressed: QApplication, qtbot: QtBot
) -> None:
    button = KeyCapButton("command", "Foto", "F8", icon="camera")
    qtbot.addWidget(button)
    button.resize(300, 56)
    button.show()
    wanted = button.sizeHint()
    button.resize(70, 56)
    assert button.is_capless
    assert button.sizeHint() == wanted
