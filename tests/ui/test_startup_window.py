"""The window's first seconds: scans and keys are kept, answered, and handed on to the session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QWidget

from loopdesk.app.startup_window import StartupWindow
from loopdesk.domain.scanner.wedge import Notice
from loopdesk.system.settings.model import Settings
from tests.ui.keys import stroke

UPS = "1Z999AA10123456784"


@dataclass
class Taken:
    """What was handed on, in its order."""

    all: list[tuple[str, object]] = field(default_factory=list)

    def by(self, front: StartupWindow) -> None:
        """Take over everything from a startup window."""

        def to(kind: str) -> Callable[[object], None]:
            return lambda what: self.all.append((kind, what))

        front.hand_over(
            scan=to("scan"),
            notice=to("notice"),
            command=to("command"),
            leave=lambda: self.all.append(("leave", "")),
        )


class AtShow(QObject):
    """Types keys when the window appears, before it is painted for the first time."""

    def __init__(self, front: StartupWindow, signs: str) -> None:
        super().__init__(front.window)
        self._front, self._signs = front, signs
        self.painted_before: list[bool] = []
        front.window.installEventFilter(self)
        front.window.first_painted.connect(lambda: self.painted_before.append(True))

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Type at the window's show event."""
        if event.type() == QEvent.Type.Show and self._signs:
            signs, self._signs = self._signs, ""
            assert self.painted_before == []
            type_keys(handle_of(self._front), signs)
        return False


@pytest.fixture
def front(dressed: QApplication) -> Iterator[StartupWindow]:
    """Make the window of the start, not yet shown."""
    made = StartupWindow(dressed, Settings(), practice=False)
    yield made
    made.abandon()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def handle_of(front: StartupWindow) -> QWindow:
    """The system's window."""
    handle = front.window.windowHandle()
    assert handle is not None
    return handle


def type_keys(window: QWindow, signs: str, at_ms: int = 1_000_000) -> None:
    """Send keys, each a hundredth of a second after the one before."""
    for place, sign in enumerate(signs):
        key, modifiers, text = stroke(sign)
        for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, modifiers, text)
            event.setTimestamp(at_ms + 10 * place)
            QCoreApplication.sendEvent(window, event)


def said(front: StartupWindow) -> str:
    """The sentence of the band."""
    return front.window.band.sentence.text()


@pytest.mark.parametrize("early", [1, 9, len(UPS) + 1])
def test_keys_typed_before_the_first_paint_are_part_of_their_scan(front: StartupWindow, early: int) -> None:
    gun, taken, code = AtShow(front, f"{UPS}\r"[:early]), Taken(), f"{UPS}\r"
    front.paint()
    type_keys(handle_of(front), code[early:], 1_000_000 + 10 * early)
    taken.by(front)
    assert gun.painted_before == [True]
    assert taken.all == [("scan", UPS)]


def test_what_is_scanned_and_pressed_while_the_services_load_is_answered_at_once_and_kept_in_order(
    front: StartupWindow,
) -> None:
    front.paint()
    assert "Scan a label." in said(front)
    type_keys(handle_of(front), f"{UPS}\r")
    assert "Taken. The program is still starting" in said(front)
    front.scans.noticed.emit(Notice.SHORT)
    front.window.command_requested.emit("type_code")
    front.window.close()
    taken = Taken()
    taken.by(front)
    assert taken.all == [("scan", UPS), ("notice", Notice.SHORT), ("command", "type_code"), ("leave", "")]


def test_a_view_wanted_before_there_is_one_is_shown_once_there_is(front: StartupWindow) -> None:
    front.paint()
    front.window.show_view("queue")
    assert front.window.shown_view() == "bench"
    assert "Taken. The program is still starting" in said(front)
    front.window.add_view("queue", QWidget)
    Taken().by(front)
    assert front.window.shown_view() == "queue"


def test_a_place_that_stays_without_a_view_is_asked_for_once(front: StartupWindow) -> None:
    front.paint()
    front.window.show_view("queue")
    Taken().by(front)
    front.window.show_view("queue")
    assert front.window.shown_view() == "bench"


def test_a_scan_while_the_services_end_is_refused_in_words_and_types_nothing(front: StartupWindow) -> None:
    front.paint()
    taken = Taken()
    taken.by(front)
    front.end()
    type_keys(handle_of(front), f"{UPS}\r")
    assert taken.all == []
    assert "Not taken: the program is closing." in said(front)
