"""In a question with numbered answers digits choose and words are written; no scanner does either."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from loopdesk.presenters.screens.returns import Prompt, QuestionKind
from loopdesk.ui.bench.prompt import PromptPanel
from loopdesk.ui.input.scan_filter import ScanFilter
from tests.ui import keys

CODES = ("1Z999AA10123456784", "JJD0099999999", "9405511899222319741011")
READY = ("Outer box damaged", "Packaging opened")


@pytest.fixture
def scan_filter(qapp: QApplication) -> Iterator[ScanFilter]:
    made = ScanFilter(qapp)
    yield made
    made.remove()
    made.setParent(None)
    made.deleteLater()


@pytest.fixture
def panel(dressed: QApplication, qtbot: QtBot, scan_filter: ScanFilter) -> PromptPanel:
    del dressed
    made = PromptPanel()
    qtbot.addWidget(made)
    made.render(Prompt(QuestionKind.NOTE, "Note", "It is kept.", READY))
    made.show()
    made.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is made)
    made.home().setFocus()
    qtbot.waitUntil(made.home().hasFocus)
    return made


@pytest.mark.fault(150)
@pytest.mark.parametrize("gap_ms", [70, 120, 300])
def test_words_are_written_without_a_touch_however_fast_a_person_types(
    panel: PromptPanel, scan_filter: ScanFilter, gap_ms: int
) -> None:
    scans = list[str]()
    scan_filter.scanned.connect(scans.append)
    keys.type_text(panel, "torn sleeve, 2 holes", gap_ms=gap_ms)
    assert (panel.field.toPlainText(), scans) == ("torn sleeve, 2 holes", [])


def test_what_is_written_stays_when_the_question_is_said_in_another_language(panel: PromptPanel) -> None:
    keys.type_text(panel, "wet")
    assert not panel.render(Prompt(QuestionKind.NOTE, "Notiz", "Sie bleibt beim Retourenvorgang.", READY))
    assert panel.field.toPlainText() == "wet"
    assert panel.render(Prompt(QuestionKind.NOTE, "Notiz", "Die nächste.", READY, number=1))
    assert panel.field.toPlainText() == ""


def test_a_digit_chooses_a_ready_answer(panel: PromptPanel) -> None:
    chosen = list[int]()
    panel.template_chosen.connect(chosen.append)
    keys.type_text(panel, "2")
    assert (chosen, panel.field.toPlainText()) == ([1], "")


@pytest.mark.fault(150)
@pytest.mark.parametrize("gap_ms", [2, 20, 60, 100, 150])
@pytest.mark.parametrize("code", CODES)
def test_a_scanner_chooses_and_writes_nothing_whatever_its_pace(
    panel: PromptPanel, scan_filter: ScanFilter, code: str, gap_ms: int
) -> None:
    chosen, scans = list[int](), list[str]()
    panel.template_chosen.connect(chosen.append)
    scan_filter.scanned.connect(scans.append)
    keys.scan(panel, code, gap_ms=gap_ms)
    assert (chosen, panel.field.toPlainText(), scans) == ([], "", [code])
