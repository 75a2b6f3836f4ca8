"""The language of the window, with missing or broken catalogs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from loopdesk.i18n import formats
from loopdesk.i18n.catalogue import _
from loopdesk.ui.language import speak
from loopdesk.ui.texts import key_name
from loopdesk.ui.widgets.buttons import KeyCapButton


@pytest.mark.expects_log("language_unreadable")
@pytest.mark.parametrize("damage", ["empty", "junk", "a folder in its place"])
def test_a_damaged_catalogue_costs_a_language_and_not_the_window(
    qapp: QApplication, tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "locales" / "de" / "LC_MESSAGES" / "loopdesk.mo"
    path.parent.mkdir(parents=True)
    if damage == "a folder in its place":
        path.mkdir()
    else:
        path.write_bytes(b"" if damage == "empty" else b"MZ\x90\0" * 100)
    assert speak(qapp, "de", tmp_path) == "en"
    assert _("Scan a label.") == "Scan a label."
    assert formats.current().number("49.34") == "49.34"


def test_keys_are_named_as_the_language_names_them(dressed: QApplication, qtbot: QtBot) -> None:
    button = KeyCapButton("disposition_stock", "Back to stock", "Ctrl+1")
    qtbot.addWidget(button)
    english = key_name("Ctrl+1")
    assert button.accessibleDescription() == english
    speak(dressed, "de")
    button.show_words("Back to stock", "Ctrl+1")
    assert button.accessibleDescription() == key_name("Ctrl+1") != english
    assert (key_name("Del"), key_name("F12"), key_name("")) == ("Entf", "F12", "")
    button.show_pending(("Ctrl+1",))
    assert button._cap() == f"{key_name('Ctrl+1')} ·"
