"""What reaches the window, in every case of ``cases.json`` about keys: it opens, or something is said.

The layouts' own tables are here, because a gun sends codes of keys and the system makes signs of them.
"""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from loopdesk.domain.scanner.burst import WedgeRules
from loopdesk.domain.scanner.keys import KeyKind
from loopdesk.presenters.screens.window import Signal
from loopdesk.ui.app import make_app
from loopdesk.ui.theme import apply_theme
from tests.builders import a_line, a_parcel, a_return, lines
from tests.guns import Gun, Stroke
from tests.public.cases import Case, of_type
from tests.public.window_rig import WindowRig

ROOT = Path(__file__).resolve().parent.parent.parent
UPS, UPS_8, USPS, AMAZON = (
    "1Z5R89390357567127",
    "1Z879E930346834440",
    "9261290336128704062441",
    "TBA010000000000",
)
TITLES = {UPS: "91000201", UPS_8: "91000202", USPS: "91000203", AMAZON: "91000204"}
A, A_LABEL = "91000123", "1Z999AA10123456784"

_HOLD = "tests/unit/services/test_sender.py::test_no_hold_order_or_stage_depends_on_the_wall_clock"
_FIRST_WINDOW = (
    "tests/ui/test_screen_room.py::"
    "test_the_first_window_fills_the_screen_with_title_bar_and_status_strip_inside"
)
SHOWN_BY = {
    "window-382": (
        "tests/scenarios/test_14_hostile_text.py::"
        "test_what_loop_says_is_shown_as_plain_text_and_opens_nothing"
    ),
    "window-384": _FIRST_WINDOW,
    "window-385": _FIRST_WINDOW,
    "window-386": _FIRST_WINDOW,
    "window-387": (
        "tests/unit/services/test_sender.py::"
        "test_a_return_that_loop_does_not_know_parks_after_three_reads_in_a_minute"
    ),
    "window-388": (
        "tests/scenarios/test_07_conflict.py::"
        "test_what_somebody_else_processed_meanwhile_is_not_processed_again"
    ),
    "window-389": "tests/unit/presenters/test_bench.py::test_confirming_twice_keeps_one_settlement",
    "window-390": (
        "tests/unit/services/test_claims.py::test_of_two_stations_that_settle_a_return_at_once_one_does"
    ),
    "window-391": (
        "tests/scenarios/test_14_hostile_text.py::"
        "test_what_loop_says_is_shown_as_plain_text_and_opens_nothing"
    ),
    "window-392": _HOLD,
    "window-393": _HOLD,
    "window-394": _HOLD,
}
"""Cases about the outbox, texts and the first window, in which no key has a part, and their tests."""

CASES = [case for case in of_type("window") if case.id not in SHOWN_BY]


@pytest.fixture
async def rig(qapp: QApplication) -> AsyncIterator[WindowRig]:
    """A bench that knows the returns of the cases; return A with three lines is open."""
    known = [
        a_return(each, order_name=f"#{each[-4:]}", parcels=(a_parcel(label),), lines=lines(1, int(each)))
        for label, each in TITLES.items()
    ]
    pair = (a_line("501", barcode="5012345678900"), a_line("502", barcode="5012345678900"), a_line("503"))
    make_app(["loopdesk"])
    apply_theme(qapp, "light")
    made = WindowRig(qapp, a_return(A, parcels=(a_parcel(A_LABEL),), lines=pair), *known)
    await made.begin()
    await made.scan(A_LABEL)
    await made.wait()
    yield made
    await made.end()


def _opened(rig: WindowRig, label: str) -> bool:
    return TITLES[label] in rig.window.windowTitle()


def _said(rig: WindowRig) -> bool:
    """Whether the band says that something is wrong, in words."""
    band = rig.screen.band
    return band.signal not in (Signal.READY, Signal.FOUND) and bool(band.sentence)


# --- pace --------------------------------------------------------------------------------------------


async def _pace(rig: WindowRig, case: Case) -> None:
    given = case.input
    gun = Gun(given.get("gap_ms", 5) / 1000)
    if "pause_ms" not in given:
        await _types(rig, gun, given.get("type", UPS))
        return
    await rig.wait()
    at = 0.0
    for place, part in enumerate((given["type"], given["then"])):
        at += given["pause_ms"] if place else 0
        for each, after in Gun(0.005, end="cr" if place else "none").types(part, rig.chance):
            rig.send(each, round(at + after * 1000))
        at += 5 * (len(part) - 1)
    await rig.wait()
    assert _opened(rig, given["type"] + given["then"])


async def _types(rig: WindowRig, gun: Gun, code: str) -> None:
    view = rig.shown_view()
    await rig.type_gun(gun, code)
    assert _opened(rig, code)
    assert rig.shown_view() == view
    assert rig.decided() == set()


async def _alt(rig: WindowRig, case: Case) -> None:
    await _types(rig, Gun(0.01, way="alt"), case.input["type_alt"])


async def _alt_separator(rig: WindowRig, case: Case) -> None:
    await rig.wait()
    alt = Gun(0.005, way="alt", end="none").types("\x1d", rig.chance)
    separator = [alt[0], (alt[1][0].__class__(KeyKind.ALT_DIGIT, "0", ord("0"), alt[1][0].modifiers), 0.0)]
    strokes = [
        each for each, _ in Gun(0.005, end="none").types(case.input.get("type", "") or "x", rig.chance)
    ]
    strokes = strokes if case.input.get("type") else []
    strokes += [each for each, _ in (*separator, *alt[1:])]
    strokes += [each for each, _ in Gun(0.005).types(case.input["then"], rig.chance)]
    for place, each in enumerate(strokes):
        rig.send(each, 5 * place)
    await rig.wait()
    assert _opened(rig, USPS)
    assert rig.shown_view() == "bench"


async def _keypad(rig: WindowRig, case: Case) -> None:
    await _types(rig, Gun(0.005, way="keypad"), case.input["type_keypad"])


async def _set_gap(rig: WindowRig, case: Case) -> None:
    rig.scans.use(WedgeRules(gap_seconds=0.1))
    await _types(rig, Gun(case.input["gap_ms"] / 1000), UPS)


# --- places -------------------------------------------------------------------------------------------


async def _focus(rig: WindowRig, where: str) -> Callable[[], object] | None:
    """Bring the focus where the case says. Returns what to close afterwards."""
    prompts = {
        "note dialog": "note",
        "flag dialog": "flag",
        "F3 field": "type_code",
        "extra item prompt": "extra_item",
    }
    if where in prompts:
        rig.bench.command(prompts[where])
        await rig.rest()
        rig.window.bench.prompt.field.setFocus()  # where answers are numbered, these have the focus first
        assert rig.window.bench.prompt.field.hasFocus()
        return None
    if where == "photo file dialog":
        dialog = QFileDialog(rig.window)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.open()
        await rig.rest()
        return dialog.close
    views = {
        f"view Alt+{number}": name
        for number, name in enumerate(
            ("queue", "attention", "mystery", "search", "arrivals", "health", "settings"), start=2
        )
    }
    name = views.get(where) or {"Search tabbed": "search", "Settings field": "settings"}.get(where, "")
    name = "settings" if where.startswith("Settings") else name
    if not name:
        return None
    rig.window.show_view(name)
    page = rig.window.view(name)
    assert page is not None
    page.setFocus()
    if where == "Search tabbed" or where.startswith("view"):
        page.focusNextChild()
    await rig.rest()
    if where == "Settings after space":
        await rig.type_person(" ")
    return None


async def _elsewhere(rig: WindowRig, case: Case) -> None:
    code = case.input["scan"]
    close = await _focus(rig, case.input["where"])
    fields = [field.text() for field in rig.window.findChildren(QLineEdit)]
    await rig.type_gun(Gun(0.004), code.lower() if case.input["where"] == "Caps Lock" else code)
    assert _opened(rig, AMAZON)
    assert [field.text() for field in rig.window.findChildren(QLineEdit)][: len(fields)] == fields
    assert rig.pressed == []
    assert rig.decided() == set()
    if close is not None:
        close()


# --- terminators --------------------------------------------------------------------------------------


async def _terminator(rig: WindowRig, case: Case) -> None:
    """Nothing is lost: what was scanned is opened, or kept with a word."""
    what = case.input["what"]
    ends = {"ctrlM": ("ctrl+m", 0), "two Ctrl+J": ("cr", 300), "two Tab": ("tab", 300)}
    silent = {"no terminator 200 ms": 200, "no terminator 60 ms": 60}
    if what in silent:
        await rig.type_gun(Gun(0.004, end="none"), UPS, AMAZON, apart_ms=silent[what])
        assert "".join(rig.raws).startswith(UPS)
        assert "".join(rig.raws).endswith(AMAZON)
        assert _opened(rig, UPS) or _opened(rig, AMAZON) or rig.screen.prompt is not None or _said(rig)
    elif what in ends:
        end, apart = ends[what]
        await rig.type_gun(Gun(0.004, end=end), UPS, AMAZON, apart_ms=max(apart, 300))
        assert _opened(rig, AMAZON)
        assert TITLES[UPS] in "".join(screen.title for screen in rig.screens)
    else:
        key = Qt.Key.Key_Down if what == "ends with Down" else Qt.Key.Key_F12
        await rig.wait()
        timed = Gun(0.004, end="none").types(UPS, rig.chance)
        for each, at in timed:
            rig.send(each, round(at * 1000))
        rig.send(Stroke(KeyKind.OTHER, "", key), 4 * len(timed))
        await rig.wait()
        assert _opened(rig, UPS)
        assert rig.asked == []
    assert rig.decided() == set()


# --- layouts ------------------------------------------------------------------------------------------

_FRENCH = dict(zip("0123456789", "à&é\"'(-è_ç", strict=True)) | {"A": "Q", "]": "$"}
_RUSSIAN = dict(zip("CTBA]", "СЕИФъ", strict=True))
_GREEK = dict(zip("CTBA", "ΨΤΒΑ", strict=True))
LAYOUTS: dict[str, dict[str, str]] = {
    "us intl": {},
    "es": {"]": "+"},
    "pt": {"]": "´"},
    "no": {"]": "¨"},
    "de": {"]": "+"},
    "fr": _FRENCH,
    "hu": {"]": "ú", "0": "ö"},
    "br": {"]": "["},
    "ca": {"]": "ç"},
    "jp": {"]": "["},
    "ru": _RUSSIAN,
    "gr": _GREEK,
    "tr": {"]": "ü"},
    "ch fr": {"]": "¨"},
}
"""What keyboards of other countries make of the keys that a gun set to the US presses."""


async def _layout(rig: WindowRig, case: Case) -> None:
    signs = LAYOUTS[case.input["layout"]]
    for code, label in zip(case.input["codes"], (USPS, AMAZON), strict=True):
        await rig.scan(A_LABEL)
        await rig.type_gun(Gun(0.004), "".join(signs.get(sign, sign) for sign in code))
        assert _opened(rig, label) or _said(rig), (code, rig.screen.band)
        assert rig.decided() == set()


async def _same_item(rig: WindowRig, _case: Case) -> None:
    await rig.type_gun(Gun(0.004), "5012345678900")
    await rig.type_gun(Gun(0.004), "5012345678900")
    assert [row.seen[:1] for row in rig.screen.lines] == ["✓", "✓", ""]


ACTS: dict[str, Callable[[WindowRig, Case], Any]] = {
    "slow (Bluetooth) scanner": _pace,
    "slow scanner": _pace,
    "pause after 3 keys": _pace,
    "pause inside a scan": _pace,
    "ALT mode: each sign as Alt + keypad digits (NumLock on)": _alt,
    "GS as Alt+029 inside the code": _alt_separator,
    "GS as Alt+029 before the code": _alt_separator,
    "keypad digits, NumLock on": _keypad,
    "scanner.gap_ms = 100": _set_gap,
    "scan with focus elsewhere": _elsewhere,
    "terminators": _terminator,
    "real key map, same key codes": _layout,
    "two lines with one barcode": _same_item,
}


@pytest.mark.fault(94, 95, 96, 150, 151, 152)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_what_a_gun_types_opens_or_is_said_and_decides_nothing(rig: WindowRig, case: Case) -> None:
    await ACTS[case.kind](rig, case)


@pytest.mark.parametrize("case_id", SHOWN_BY)
def test_a_case_without_keys_is_shown_elsewhere(case_id: str) -> None:
    file, _, name = SHOWN_BY[case_id].partition("::")
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    tests = [x.name for x in ast.walk(tree) if isinstance(x, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert name in tests


# --- events made by hand ------------------------------------------------------------------------------


@pytest.mark.fault(151)
async def test_alt_codes_as_windows_delivers_them_are_whole_and_type_nothing(rig: WindowRig) -> None:
    """Case ``filter-337``."""
    rig.bench.command("type_code")
    await rig.rest()
    await rig.type_gun(Gun(0.004, way="alt of windows"), UPS)
    assert _opened(rig, UPS)
    assert rig.window.bench.prompt.field.toPlainText() == ""


@pytest.mark.fault(152)
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_code_committed_by_an_input_method_is_a_scan(rig: WindowRig, at_once: bool) -> None:
    """Case ``filter-341``."""
    rig.bench.command("note")
    await rig.rest()
    field = rig.window.bench.prompt.field
    code = UPS.lower()
    for part in (code,) if at_once else code:
        event = QInputMethodEvent()
        event.setCommitString(part)
        QCoreApplication.sendEvent(field, event)
    enter = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r")
    handle = rig.window.windowHandle()
    assert handle is not None
    QCoreApplication.sendEvent(handle, enter)
    await rig.wait()
    assert _opened(rig, UPS)
    assert field.toPlainText() == ""


def test_nothing_is_left_out() -> None:
    assert not [case for case in CASES if case.kind not in ACTS]
    assert len(CASES) + len(SHOWN_BY) == len(of_type("window"))
    assert {case.id for case in of_type("filter")} == {"filter-337", "filter-341"}
