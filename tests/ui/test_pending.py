"""A decision by a key is shown as pending immediately, decides nothing yet, and is dropped for a scan."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from loopdesk.domain.scanner.keys import KeyKind
from tests.builders import a_parcel, a_return, lines
from tests.guns import Gun, Stroke
from tests.public.window_rig import WindowRig

LABEL, OTHER = "1Z999AA10123456784", "9261290336128704062441"


@pytest.fixture
async def rig(dressed: QApplication) -> AsyncIterator[WindowRig]:
    """A bench on which a return with three lines is open."""
    other = a_return("91000124", parcels=(a_parcel(OTHER),), lines=lines(1, 700))
    made = WindowRig(dressed, a_return("91000123", parcels=(a_parcel(LABEL),), lines=lines(3)), other)
    await made.begin()
    await made.scan(LABEL)
    await made.wait()
    yield made
    await made.end()


def picture(rig: WindowRig) -> QImage:
    """What the button of grade A looks like."""
    return rig.window.bench.item.buttons()[0].grab().toImage()


def press(rig: WindowRig, text: str, gap: float = 0.12) -> None:
    for each, at in Gun(gap, end="none").types(text, rig.chance):
        rig.send(each, round(at * 1000))


@pytest.mark.fault(150)
async def test_a_pressed_digit_is_shown_before_anything_else_happens_and_decides_nothing_yet(
    rig: WindowRig,
) -> None:
    calm = picture(rig)
    press(rig, "1")
    await rig.clock.settle()
    assert picture(rig) != calm
    assert rig.asked == []
    assert rig.decided() == set()
    await rig.rest()
    assert rig.asked == ["grade_a"]
    assert [row.decided for row in rig.screen.lines] == ["A", "", ""]
    assert picture(rig) == calm


@pytest.mark.fault(150)
async def test_three_taps_at_120_ms_grade_three_lines_in_order(rig: WindowRig) -> None:
    press(rig, "112")
    await rig.rest()
    assert [row.decided for row in rig.screen.lines] == ["A", "A", "B"]


@pytest.mark.fault(150)
async def test_what_a_slow_gun_left_pending_was_never_a_decision(rig: WindowRig) -> None:
    calm = picture(rig)
    timed = Gun(0.14).types(OTHER, rig.chance)
    for each, at in timed[:5]:
        rig.send(each, round(at * 1000))
    assert rig.asked == []
    for each, at in timed[5:]:
        rig.send(each, round(at * 1000))
    await rig.wait()
    assert rig.window.windowTitle().endswith("91000124 — loopdesk")
    assert rig.asked == []
    assert rig.decided() == set()
    assert picture(rig) == calm


async def test_a_key_that_no_gun_presses_decides_what_is_pending_before_it_acts(rig: WindowRig) -> None:
    press(rig, "11")
    rig.send(Stroke(KeyKind.OTHER, "", Qt.Key.Key_F10), 240)
    assert rig.asked == ["grade_a", "grade_a", "undo"]


async def test_a_touch_decides_what_is_pending_before_it_acts(rig: WindowRig) -> None:
    press(rig, "1")
    handle = rig.window.windowHandle()
    assert handle is not None
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(2, 2))
    assert rig.asked == ["grade_a"]
