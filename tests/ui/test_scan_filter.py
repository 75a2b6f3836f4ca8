"""A scan types nothing, presses nothing and fires nothing, wherever the focus is; typing always works."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QMainWindow,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from loopdesk.domain.scanner.burst import WedgeRules
from loopdesk.ui.input.scan_filter import ScanFilter
from tests.ui import keys

UPS = "1Z999AA10123456784"
CODES = [UPS, "1164", "LDCMDGRADEA", "abcdefgh", "42010023\x1d9400111202555842332669", "#1164 x"]
LETTER_KEYS = [*string.ascii_uppercase, *string.digits, "Ctrl+A", "Ctrl+]", "F8", "F12", "Return", "Alt+X"]

Scan = Callable[..., None]
both_ways = pytest.mark.parametrize("scan", [keys.scan, keys.scan_through_qt])


@dataclass
class Bench:
    """A window with everything that could receive a key, and a record of what was received."""

    window: QMainWindow
    edit: QLineEdit
    words: QPlainTextEdit
    button: QPushButton
    combo: QComboBox
    spin: QSpinBox
    table: QTableWidget
    scans: list[str] = field(default_factory=list)
    fired: list[str] = field(default_factory=list)

    def cell(self, row: int) -> QTableWidgetItem:
        """The item of a row of the table."""
        item = self.table.item(row, 0)
        assert item is not None
        return item

    def state(self) -> tuple[object, ...]:
        """All that a key could change."""
        return (
            self.edit.text(),
            self.words.toPlainText(),
            self.combo.currentIndex(),
            self.spin.value(),
            self.table.currentRow(),
            [self.cell(row).text() for row in range(self.table.rowCount())],
            [editor.text() for editor in self.table.findChildren(QLineEdit)],
            list(self.fired),
            QApplication.focusWidget(),
            QApplication.activePopupWidget(),
        )


def record(fired: list[str], what: str) -> Callable[[], None]:
    def note(*_: object) -> None:
        fired.append(what)

    return note


PATIENT = WedgeRules(gap_seconds=0.25)
"""For keys in real time: this machine may be busy between two of them, a scanner is not."""


@pytest.fixture
def scan_filter(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[ScanFilter]:
    given = getattr(request.node, "callspec", None)
    in_real_time = given is not None and given.params.get("scan") is keys.scan_through_qt
    made = ScanFilter(qapp, PATIENT if in_real_time else None)
    yield made
    made.remove()
    made.setParent(None)
    made.deleteLater()


@pytest.fixture
def bench(qtbot: QtBot, scan_filter: ScanFilter) -> Bench:
    window, content = QMainWindow(), QWidget()
    made = Bench(
        window, QLineEdit(), QPlainTextEdit(), QPushButton("&Go"), QComboBox(), QSpinBox(), QTableWidget(3, 1)
    )
    layout = QVBoxLayout(content)
    for widget in (made.edit, made.words, made.button, made.combo, made.spin, made.table):
        layout.addWidget(widget)
    window.setCentralWidget(content)
    made.combo.addItems(["one", "1Z", "abc", "LD", "42"])
    made.spin.setRange(0, 1_000_000_000)
    for row, text in enumerate(("1Z", "abc", "LD")):
        made.table.setItem(row, 0, QTableWidgetItem(text))
    made.button.setDefault(True)
    made.button.clicked.connect(record(made.fired, "button"))
    for key in LETTER_KEYS:
        QShortcut(QKeySequence(key), window).activated.connect(record(made.fired, key))
    scan_filter.scanned.connect(made.scans.append)
    qtbot.addWidget(window)
    show(qtbot, window)
    return made


def show(qtbot: QtBot, window: QWidget) -> None:
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)


def edit_table(bench: Bench) -> QWidget:
    bench.table.setCurrentCell(0, 0)
    bench.table.editItem(bench.cell(0))
    return bench.table


FOCUS: dict[str, Callable[[Bench], QWidget]] = {
    "line edit": lambda bench: bench.edit,
    "text edit": lambda bench: bench.words,
    "button": lambda bench: bench.button,
    "combo box": lambda bench: bench.combo,
    "spin box": lambda bench: bench.spin,
    "table": lambda bench: bench.table,
    "table editor": edit_table,
}


@pytest.mark.fault(95)
@both_ways
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("where", FOCUS)
def test_a_scan_reaches_no_widget_that_has_the_focus(bench: Bench, where: str, code: str, scan: Scan) -> None:
    widget = FOCUS[where](bench)
    if where != "table editor":
        widget.setFocus()
    before = bench.state()
    scan(bench.window, code)
    assert bench.scans == [code]
    assert bench.state() == before


@pytest.mark.fault(96)
@both_ways
@pytest.mark.parametrize("terminator", ["\r", "\n", "\t", "\r\n", "\r\r", "\t\r", ""])
def test_no_terminator_moves_the_focus_or_presses_a_button(bench: Bench, terminator: str, scan: Scan) -> None:
    bench.button.setFocus()
    before = bench.state()
    scan(bench.window, UPS, terminator)
    assert bench.scans == [UPS]
    assert bench.state() == before


@pytest.mark.fault(94)
@both_ways
def test_a_scan_in_a_dialog_presses_no_default_button(qtbot: QtBot, bench: Bench, scan: Scan) -> None:
    dialog, edit = QDialog(bench.window), QLineEdit()
    accept = QPushButton("&OK")
    accept.setDefault(True)
    accept.clicked.connect(record(bench.fired, "default"))
    dialog.finished.connect(record(bench.fired, "closed"))
    layout = QVBoxLayout(dialog)
    layout.addWidget(edit)
    layout.addWidget(accept)
    qtbot.addWidget(dialog)
    dialog.open()
    show(qtbot, dialog)
    edit.setFocus()
    for code in CODES:
        scan(dialog, code)
    assert bench.scans == CODES
    assert bench.fired == []
    assert edit.text() == ""
    assert dialog.isVisible()
    keys.type_text(dialog, "ok\r")
    assert edit.text() == "ok"
    assert bench.fired == ["default"]


@pytest.mark.fault(94)
@both_ways
def test_a_scan_while_a_menu_is_open_triggers_no_action(bench: Bench, scan: Scan) -> None:
    menu = QMenu(bench.window)
    for text in ("&1 grade", "&Z undo", "&A all", "&LDCMD"):
        menu.addAction(text).triggered.connect(record(bench.fired, text))
    menu.popup(bench.window.mapToGlobal(QPoint(5, 5)))
    before = bench.state()
    for code in CODES:
        scan(bench.window, code)
    assert bench.scans == CODES
    assert bench.state() == before
    assert menu.isVisible()
    keys.type_text(bench.window, "z")
    assert bench.fired == ["&Z undo"]
    assert not menu.isVisible()


@both_ways
def test_a_scan_while_a_combo_box_is_open_chooses_nothing(bench: Bench, scan: Scan) -> None:
    bench.combo.setFocus()
    bench.combo.showPopup()
    before, row = bench.state(), bench.combo.view().currentIndex().row()
    for code in CODES:
        scan(bench.window, code)
    assert bench.scans == CODES
    assert bench.state() == before
    assert bench.combo.view().currentIndex().row() == row
    keys.type_text(bench.window, "a\r")
    assert bench.combo.currentText() == "abc"


def test_without_the_filter_the_same_scan_types_and_fires(bench: Bench, scan_filter: ScanFilter) -> None:
    """Negative control: without the filter, the bench of these tests records keys."""
    scan_filter.remove()
    bench.edit.setFocus()
    keys.scan_through_qt(bench.window, "1164")
    assert bench.edit.text() == "1164"
    bench.button.setFocus()
    keys.scan_through_qt(bench.window, "ab")
    assert bench.fired == ["Return", "A", "B", "Return"]
    bench.fired.clear()
    keys.scan(bench.window, "ab", "")
    assert bench.fired == ["A", "B"]


# --- every byte -----------------------------------------------------------------------------------

MODIFIERS = [
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.MetaModifier,
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier,
]


@pytest.mark.fault(100)
@pytest.mark.parametrize("modifiers", MODIFIERS, ids=lambda modifiers: modifiers.name)
@pytest.mark.parametrize("where", ["line edit", "button", "table editor"])
def test_no_byte_with_any_modifier_activates_anything_inside_a_burst(
    bench: Bench, where: str, modifiers: Qt.KeyboardModifier
) -> None:
    for row in range(bench.table.rowCount()):
        QShortcut(QKeySequence(f"Ctrl+{row}"), bench.window).activated.connect(record(bench.fired, "ctrl"))
    widget = FOCUS[where](bench)
    if where != "table editor":
        widget.setFocus()
    before = bench.state()
    for byte in range(1, 256):
        for sign in "1164":
            keys.send_key(bench.window, *keys.stroke(sign))
        key, _, text = keys.stroke(chr(byte))
        keys.send_key(bench.window, key, modifiers, text)
        keys.scan(bench.window, "", "")
        assert bench.state() == before, byte
    assert all(code.startswith("1164") for code in bench.scans)
    assert len(bench.scans) == 255


NAMED = [key for key in Qt.Key if key is not Qt.Key.Key_unknown]


@pytest.mark.fault(100)
def test_no_named_key_activates_anything_inside_a_burst(bench: Bench) -> None:
    bench.button.setFocus()
    before = bench.state()
    for key in NAMED:
        for sign in "1164":
            keys.send_key(bench.window, *keys.stroke(sign))
        keys.send_key(bench.window, key)
        keys.scan(bench.window, "", "")
        assert bench.state() == before, key
    assert set(bench.scans) == {"1164", "1164\x1d"}


# --- typing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap_ms", [60, 80, 120])
def test_a_person_types_everything_everywhere(bench: Bench, gap_ms: int) -> None:
    text = "Box was open, 1 of 2 missing! #1164 (see photo)"
    bench.edit.setFocus()
    keys.type_text(bench.window, text, gap_ms)
    bench.words.setFocus()
    keys.type_text(bench.window, f"{text}\n{text}", gap_ms)
    bench.spin.setFocus()
    bench.spin.selectAll()
    keys.type_text(bench.window, "1234", gap_ms)
    editor = edit_table(bench)
    keys.type_text(editor, "red\t", gap_ms)
    assert bench.edit.text() == text
    assert bench.words.toPlainText() == f"{text}\n{text}"
    assert bench.spin.value() == 1234
    assert bench.cell(0).text() == "red"
    assert bench.scans == []
    assert bench.fired == []


def test_tab_and_enter_of_a_person_do_what_they_do(bench: Bench) -> None:
    bench.words.setTabChangesFocus(True)
    bench.edit.setFocus()
    keys.type_text(bench.window, "ab\tcd\t")
    assert (bench.edit.text(), bench.words.toPlainText()) == ("ab", "cd")
    assert QApplication.focusWidget() is bench.button
    keys.press_key(bench.window, "Space")
    assert bench.fired == ["button"]


@pytest.mark.parametrize("key", ["1", "A", "Ctrl+A", "F8", "F12", "Ctrl+]", "Alt+X"])
def test_a_shortcut_of_a_person_fires_once(bench: Bench, key: str) -> None:
    bench.button.setFocus()
    keys.press_key(bench.window, key)
    assert bench.fired == [key]


def test_a_held_key_is_freed_with_what_holds_it(bench: Bench, scan_filter: ScanFilter) -> None:
    bench.button.setFocus()
    keys.send_key(bench.window, *keys.stroke("A"))
    commit = QInputMethodEvent()
    commit.setCommitString("B")
    bench.edit.setFocus()
    QCoreApplication.sendEvent(bench.edit, commit)
    copies = [copy for press in vars(scan_filter)["_held"] for copy in (press.event, press.release)]
    assert [type(copy).__name__ for copy in copies if copy] == ["QKeyEvent", "QKeyEvent", "QInputMethodEvent"]
    assert all(shiboken6.ownedByPython(copy) for copy in copies if copy)


def test_keys_that_no_code_begins_with_act_at_once(bench: Bench, scan_filter: ScanFilter) -> None:
    bench.combo.setFocus()
    keys.send_key(bench.window, Qt.Key.Key_F12)
    assert bench.fired == ["F12"]
    keys.send_key(bench.window, Qt.Key.Key_Down)
    assert bench.combo.currentIndex() == 1
    assert not scan_filter.is_holding


def test_a_held_key_repeats_at_once(bench: Bench, scan_filter: ScanFilter) -> None:
    bench.edit.setFocus()
    keys.type_text(bench.window, "a")
    for count in range(2, 20):
        keys.send_key(bench.window, Qt.Key.Key_A, text="a", is_repeat=True)
        assert bench.edit.text() == "a" * count
        assert not scan_filter.is_holding


def test_rolled_over_keys_keep_their_order(bench: Bench) -> None:
    bench.edit.setFocus()
    for pair in ("th", "e ", "box", " is", " em", "pty"):
        keys.type_text(bench.window, pair, gap_ms=10)
    assert bench.edit.text() == "the box is empty"


def test_a_single_key_arrives_by_itself_after_one_gap(qtbot: QtBot, bench: Bench) -> None:
    bench.edit.setFocus()
    keys.send_key(bench.window, *keys.stroke("7"))
    assert bench.edit.text() == ""
    qtbot.waitUntil(lambda: bench.edit.text() == "7")


@pytest.mark.fault(96)
def test_a_scan_without_terminator_ends_by_itself(
    qtbot: QtBot, bench: Bench, scan_filter: ScanFilter
) -> None:
    with qtbot.waitSignal(scan_filter.scanned) as caught:
        for sign in UPS:
            keys.send_key(bench.window, *keys.stroke(sign))
    assert caught.args == [UPS]


class Presses(QWidget):
    """Records the key events that it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.events.append(f"+{event.text()}")

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self.events.append(f"-{event.text()}")


def test_every_press_has_its_release_and_a_scan_has_neither(qtbot: QtBot, scan_filter: ScanFilter) -> None:
    widget = Presses()
    qtbot.addWidget(widget)
    show(qtbot, widget)
    keys.type_text(widget, "a1")
    keys.scan(widget, UPS)
    keys.type_text(widget, "b")
    assert widget.events == ["+a", "-a", "+1", "-1", "+b", "-b"]


def test_a_release_that_comes_after_the_decision_follows_its_press(
    qtbot: QtBot, scan_filter: ScanFilter
) -> None:
    widget = Presses()
    qtbot.addWidget(widget)
    show(qtbot, widget)
    handle = widget.windowHandle()
    none = Qt.KeyboardModifier.NoModifier
    QCoreApplication.sendEvent(handle, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, none, "a"))
    scan_filter.flush()
    QCoreApplication.sendEvent(handle, QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_A, none, "a"))
    assert widget.events == ["+a", "-a"]
    for sign in "1264\r":
        QCoreApplication.sendEvent(handle, QKeyEvent(QEvent.Type.KeyPress, ord(sign.upper()), none, sign))
    for sign in "1264":
        QCoreApplication.sendEvent(handle, QKeyEvent(QEvent.Type.KeyRelease, ord(sign), none, sign))
    assert widget.events == ["+a", "-a"]


# --- time -----------------------------------------------------------------------------------------


class Stalled:
    """A monotonic clock that a test turns by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stalled(qapp: QApplication) -> Iterator[tuple[ScanFilter, Stalled]]:
    clock = Stalled()
    made = ScanFilter(qapp, monotonic=clock)
    yield made, clock
    made.remove()
    made.setParent(None)
    made.deleteLater()


def test_a_busy_program_takes_no_scan_for_typing(qtbot: QtBot, stalled: tuple[ScanFilter, Stalled]) -> None:
    """The keys are handled half a second apart, but their timestamps say that they came in a burst."""
    scan_filter, clock = stalled
    edit, scans = QLineEdit(), list[str]()
    scan_filter.scanned.connect(scans.append)
    qtbot.addWidget(edit)
    show(qtbot, edit)
    for place, sign in enumerate("1164\r"):
        clock.seconds += 0.5
        send_at(edit, sign, 5_000 + 10 * place)
    assert scans == ["1164"]
    assert edit.text() == ""


def test_a_busy_program_takes_no_typing_for_a_scan(qtbot: QtBot, stalled: tuple[ScanFilter, Stalled]) -> None:
    """The keys are handled all together, but their timestamps say that a person typed them."""
    scan_filter, _ = stalled
    edit, scans = QLineEdit(), list[str]()
    scan_filter.scanned.connect(scans.append)
    qtbot.addWidget(edit)
    show(qtbot, edit)
    for place, sign in enumerate("damaged"):
        send_at(edit, sign, 5_000 + 90 * place)
    scan_filter.flush()
    assert scans == []
    assert edit.text() == "damaged"


def test_keys_that_waited_behind_the_deadline_still_belong_to_the_scan(
    qtbot: QtBot, stalled: tuple[ScanFilter, Stalled]
) -> None:
    """After a stall the timer may be heard before the keys that had come long before it ran out."""
    scan_filter, clock = stalled
    edit, scans = QLineEdit(), list[str]()
    scan_filter.scanned.connect(scans.append)
    qtbot.addWidget(edit)
    show(qtbot, edit)
    waiting = [(sign, 5_010 + 10 * place) for place, sign in enumerate("164\r")]

    def deliver() -> None:
        while waiting:
            send_at(edit, *waiting.pop(0))

    timer = scan_filter.findChild(QTimer)
    assert timer is not None
    timer.timeout.connect(deliver)
    send_at(edit, "1", 5_000)
    clock.seconds += 0.5
    qtbot.waitUntil(lambda: scans == ["1164"])
    assert edit.text() == ""


@pytest.mark.parametrize("stamps", [[0, 0, 0, 0, 0], [9, 8, 7, 6, 5], [1, 10**9, 2 * 10**9, 3, 2]])
@pytest.mark.parametrize(("gap", "wanted"), [(0.01, (["1164"], "")), (0.1, ([], "1164"))])
def test_time_stamps_that_make_no_sense_are_replaced_by_the_time_of_arrival(
    qtbot: QtBot,
    stalled: tuple[ScanFilter, Stalled],
    stamps: list[int],
    gap: float,
    wanted: tuple[list[str], str],
) -> None:
    scan_filter, clock = stalled
    edit, scans = QLineEdit(), list[str]()
    scan_filter.scanned.connect(scans.append)
    qtbot.addWidget(edit)
    show(qtbot, edit)
    for sign, stamp in zip("1164\r", stamps, strict=True):
        clock.seconds += gap
        send_at(edit, sign, stamp)
    assert (scans, edit.text()) == wanted


def send_at(widget: QWidget, sign: str, stamp_ms: int) -> None:
    key, modifiers, text = keys.stroke(sign)
    event = QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text)
    event.setTimestamp(stamp_ms)
    QCoreApplication.sendEvent(widget.windowHandle(), event)


# --- where held keys go ---------------------------------------------------------------------------


def test_a_key_behind_one_that_opened_a_dialog_goes_to_the_dialog(qtbot: QtBot, bench: Bench) -> None:
    dialog, edit = QDialog(bench.window), QLineEdit()
    QVBoxLayout(dialog).addWidget(edit)
    qtbot.addWidget(dialog)
    edit.setFocus()
    QShortcut(QKeySequence("Ctrl+N"), bench.window).activated.connect(dialog.open)
    bench.edit.setFocus()
    keys.type_text(bench.window, "\x0eok")
    assert dialog.isVisible()
    assert (edit.text(), bench.edit.text()) == ("ok", "")


def test_a_key_whose_window_is_gone_goes_to_the_window_that_has_the_focus(
    qtbot: QtBot, bench: Bench, scan_filter: ScanFilter
) -> None:
    other = QLineEdit()
    show(qtbot, other)
    keys.send_key(other, *keys.stroke("x"))
    other.close()
    other.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    show(qtbot, bench.window)
    bench.edit.setFocus()
    scan_filter.flush()
    assert bench.edit.text() == "x"


# --- settings -------------------------------------------------------------------------------------


def test_other_rules_apply_from_the_next_key_on(bench: Bench, scan_filter: ScanFilter) -> None:
    bench.edit.setFocus()
    keys.send_key(bench.window, *keys.stroke("a"))
    scan_filter.use(WedgeRules(prefix="~", suffix="!"))
    keys.scan(bench.window, "~12!")
    keys.scan(bench.window, "~1164!", "")
    assert bench.scans == ["12", "1164"]
    assert bench.edit.text() == "a"


def test_after_removal_nothing_is_held(bench: Bench, scan_filter: ScanFilter) -> None:
    bench.edit.setFocus()
    keys.send_key(bench.window, *keys.stroke("a"))
    scan_filter.remove()
    keys.send_key(bench.window, *keys.stroke("b"))
    assert bench.edit.text() == "ab"
    assert bench.scans == []


@pytest.mark.fault(97)
def test_a_very_long_code_is_one_scan(bench: Bench) -> None:
    code = "".join(string.ascii_uppercase[place % 26] for place in range(4000))
    bench.edit.setFocus()
    keys.scan(bench.window, code)
    assert bench.scans == [code]
    assert bench.edit.text() == ""
