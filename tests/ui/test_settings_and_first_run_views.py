"""The settings and the first start, by mouse and by keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from loopdesk.presenters.pages.settings import Drill, DrillsPresenter
from loopdesk.ui.pages.settings import DrillsCard
from tests.ui import view_samples
from tests.ui.keys import press_key, type_text
from tests.ui.view_rig import FakePresenter, shown

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
Given = tuple[Any, FakePresenter]


@pytest.fixture
def settings(dressed: QApplication, qtbot: QtBot) -> Given:
    return shown("settings", view_samples.SETTINGS, qtbot, (1192, 800))


@pytest.fixture
def first_run(dressed: QApplication, qtbot: QtBot) -> Given:
    return shown("first_run", view_samples.FIRST, qtbot, (1192, 800))


# --- settings ---------------------------------------------------------------------------------------


def test_a_text_is_entered_letter_by_letter(settings: Given) -> None:
    view, presenter = settings
    editor = view.row("station.operator").editor
    assert isinstance(editor, QLineEdit)
    editor.setFocus()
    editor.selectAll()
    type_text(view, "An")
    assert presenter.asked("change") == [("station.operator", "A"), ("station.operator", "An")]


def test_a_switch_is_pressed_anywhere_and_by_space(settings: Given) -> None:
    view, presenter = settings
    switch = view.row("sound.on").editor
    assert isinstance(switch, QCheckBox)
    QTest.mouseClick(switch, LEFT, NONE, QPoint(switch.width() - 4, switch.height() // 2))
    assert presenter.asked("change") == [("sound.on", "false")]
    switch.setFocus()
    press_key(view, "Space")
    assert presenter.asked("change")[-1] == ("sound.on", "true")


def test_a_choice_is_made_by_keys_and_not_by_the_wheel(settings: Given) -> None:
    view, presenter = settings
    combo = view.row("theme").editor
    assert isinstance(combo, QComboBox)
    turned = QWheelEvent(
        QPointF(5, 5),
        combo.mapToGlobal(QPointF(5, 5)),
        QPoint(0, -120),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(combo, turned)
    assert presenter.asked("change") == []
    combo.setFocus()
    press_key(view, "Down")
    assert presenter.asked("change") == [("theme", "light")]


def test_a_locked_setting_cannot_be_touched(settings: Given) -> None:
    view, presenter = settings
    editor = view.row("station.name").editor
    QTest.mouseClick(editor, LEFT)
    QTest.keyClicks(editor, "x")
    assert presenter.calls == []
    assert "LOOPDESK_STATION" in editor.accessibleDescription()


def test_saving_waits_for_a_change(settings: Given) -> None:
    view, presenter = settings
    QTest.mouseClick(view.save, LEFT)
    QTest.mouseClick(view.discard, LEFT)
    assert [x[0] for x in presenter.calls] == ["save", "discard"]
    view.render(replace(view_samples.SETTINGS, changed=False, saved="Saved at 10:41."))
    QTest.mouseClick(view.save, LEFT)
    assert len(presenter.calls) == 2
    assert not view.discard.isVisible()
    assert view.problem.text() == "Saved at 10:41."


def test_a_key_leaves_the_field_at_once_and_is_never_readable(settings: Given) -> None:
    view, presenter = settings
    assert view.key.field.echoMode() is QLineEdit.EchoMode.Password
    assert not view.key.check.isEnabled()
    view.key.field.setFocus()
    type_text(view, "canary123")
    QTest.mouseClick(view.key.check, LEFT)
    assert presenter.asked("enter_key") == [("canary123",)]
    assert view.key.field.text() == ""
    view.render(replace(view_samples.SETTINGS, checking=True))
    type_text(view, "canary123\n")
    assert len(presenter.asked("enter_key")) == 1


def test_questions_take_the_place_of_the_buttons(settings: Given) -> None:
    view, presenter = settings
    QTest.mouseClick(view.practice, LEFT)
    view.render(view_samples.SETTINGS_LOCKED)
    QTest.mouseClick(view.key.choice, LEFT)
    assert presenter.asked("choose") == [("practice",), ("same_shop",)]
    view.render(view_samples.SETTINGS_ASKING)
    assert not view.save.isVisible()
    QTest.mouseClick(view.ask.accept, LEFT)
    QTest.mouseClick(view.ask.cancel, LEFT)
    assert presenter.asked("confirm") == [()]
    assert presenter.asked("dismiss") == [()]


def test_saving_stays_in_sight_while_the_settings_scroll(settings: Given, qtbot: QtBot) -> None:
    view, _ = settings
    many = tuple(replace(view_samples.SECTIONS[0][1][0], key=f"k{n}") for n in range(40))
    view.render(replace(view_samples.SETTINGS, sections=(("Bench", many),)))
    bar = view.scroll_bar()
    qtbot.waitUntil(lambda: bar.maximum() > 500)
    top = view.save.mapTo(view, QPoint(0, 0)).y()
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: view.save.mapTo(view, QPoint(0, 0)).y() == top)
    assert bar.value() == bar.maximum() > 500
    view.resize(700, 800)
    assert view.side.contentsMargins().top() == 0


def test_what_may_be_chosen_comes_and_goes_like_the_cameras(settings: Given) -> None:
    view, presenter = settings
    camera = replace(view_samples.SECTIONS[0][1][0], key="evidence.camera", kind="choice", value="Top")
    any_one = ("", "the first that is found")
    for names in (("Front", "Top", "Side"), ("Top",), ("Side", "Top")):
        options = (any_one, *((name, name) for name in names))
        field = replace(camera, options=options)
        view.render(replace(view_samples.SETTINGS, sections=(("Photos", (field,)),)))
        combo = view.row("evidence.camera").editor
        assert isinstance(combo, QComboBox)
        assert [(combo.itemData(n), combo.itemText(n)) for n in range(combo.count())] == list(options)
        assert combo.currentData() == "Top"
    assert presenter.asked("change") == []
    combo.setFocus()
    press_key(view, "Up")
    assert presenter.asked("change") == [("evidence.camera", "Side")]


def test_key_practice_and_new_codes_stand_on_the_page_of_lead_and_it_only(settings: Given) -> None:
    view, presenter = settings
    parts = (view.key, view.practice, view.codes)
    assert all(part.isVisible() for part in parts)
    QTest.mouseClick(view.pages.button("bench"), LEFT)
    assert presenter.asked("choose_page") == [("bench",)]
    view.render(view_samples.SETTINGS_OPERATOR)
    assert view.pages.button("bench").isChecked()
    assert not any(part.isVisible() for part in parts)
    assert view.save.isVisible()
    assert view.sheet.isVisible(), "a station's own sheet is what the bench asks an operator for"
    assert view.problem.text() == "Saved at 10:41."


def test_the_sheet_of_codes_has_a_button(settings: Given) -> None:
    view, presenter = settings
    QTest.mouseClick(view.sheet, LEFT)
    assert presenter.asked("print_codes") == [()]
    assert "labels" not in view.sheet.accessibleName()
    view.render(replace(view_samples.SETTINGS, practice=True))
    assert "practice labels" in view.sheet.accessibleName()


def test_a_fault_to_practice_with_is_chosen_and_explained(dressed: QApplication, qtbot: QtBot) -> None:
    played: list[str] = []

    class Playground:
        def play(self, drill: Drill) -> None:
            played.append(drill)

    card = DrillsCard(DrillsPresenter(Playground()))
    qtbot.addWidget(card)
    card.show()
    assert card.drills.button("well").isChecked()
    QTest.mouseClick(card.drills.button("offline"), LEFT)
    assert card.drills.button("offline").isChecked()
    assert not card.drills.button("well").isChecked()
    assert card.labels[1].text().startswith("Nothing reaches Loop.")
    QTest.mouseClick(card.drills.button("well"), LEFT)
    assert played == ["offline", "well"]


# --- the first start --------------------------------------------------------------------------------


def test_enter_goes_from_field_to_field_and_then_begins(first_run: Given) -> None:
    view, presenter = first_run
    assert QApplication.focusWidget() is view.fields["key"]
    type_text(view, "canary123\n")
    assert QApplication.focusWidget() is view.fields["station"]
    type_text(view, "dock 1\n")
    assert presenter.asked("begin") == []
    type_text(view, "Kim\n")
    assert presenter.asked("begin") == [("canary123", "dock 1", "Kim")]


def test_what_is_wrong_takes_the_focus_and_keeps_what_was_typed(first_run: Given) -> None:
    view, presenter = first_run
    type_text(view, "canary123")
    view.fields["operator"].setFocus()
    view.render(view_samples.FIRST_WRONG)
    key = view.fields["key"]
    assert key.hasFocus()
    assert key.text() == "canary123"
    assert key.accessibleDescription().startswith("Loop refuses this key.")
    QTest.mouseClick(view.begin, LEFT)
    assert len(presenter.asked("begin")) == 1


def test_one_may_begin_without_checking_only_when_the_screen_says_so(first_run: Given) -> None:
    view, presenter = first_run
    assert not view.go_on.isVisible()
    view.render(view_samples.FIRST_OFFLINE)
    type_text(view, "canary123")
    QTest.mouseClick(view.go_on, LEFT)
    assert presenter.asked("go_on") == [("canary123", "", "")]


def test_nothing_can_be_pressed_while_the_key_is_checked(first_run: Given) -> None:
    view, presenter = first_run
    view.render(replace(view_samples.FIRST, checking=True))
    for button in (view.begin, view.practice):
        QTest.mouseClick(button, LEFT)
    assert presenter.calls == []
    view.render(view_samples.FIRST)
    QTest.mouseClick(view.practice, LEFT)
    assert presenter.asked("practice") == [()]


def test_a_known_key_has_no_field(first_run: Given) -> None:
    view, _ = first_run
    view.render(replace(view_samples.FIRST, needs_key=False))
    assert not view.fields["key"].isVisible()
    assert not view.captions["key"].isVisible()


def test_a_site_with_a_hub_asks_for_its_code_in_the_place_of_the_key(first_run: Given) -> None:
    view, presenter = first_run
    type_text(view, "canary123")
    QTest.mouseClick(view.way, LEFT)
    assert presenter.asked("choose_way") == [()]
    view.render(view_samples.FIRST_HUB)
    key = view.fields["key"]
    assert view.captions["key"].text() == key.accessibleName() == "The hub's code"
    assert key.text() == "", "a key is not taken for a code"
    view.render(view_samples.FIRST)
    assert key.accessibleName() == "API key of the shop"


def test_a_scanned_code_fills_the_field_without_showing_it(first_run: Given) -> None:
    view, presenter = first_run
    view.render(view_samples.FIRST_HUB_SCANNED)
    key = view.fields["key"]
    assert (key.text(), key.placeholderText()) == ("", "it was scanned")
    view.fields["station"].setText("dock 1")
    view.fields["operator"].setText("Kim")
    view.fields["operator"].setFocus()
    type_text(view, "\n")
    assert presenter.asked("begin") == [("", "dock 1", "Kim")]


def test_who_has_a_key_is_asked_for_no_hub(first_run: Given) -> None:
    view, _ = first_run
    view.render(replace(view_samples.FIRST, needs_key=False))
    assert not view.way.isVisible()
