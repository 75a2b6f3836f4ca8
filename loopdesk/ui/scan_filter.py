"""Takes scans out of the keyboard's stream before any widget sees them.

Works at the window stage: every key passes a ``QWindow`` before Qt looks for shortcuts, focus or
default buttons. Accepting ``ShortcutOverride`` there and holding ``KeyPress`` lets nothing of a scan
reach a widget, whatever has the focus; what was not a scan is sent to the same window again, where
Qt treats it as if it had just been typed.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow

from loopdesk.domain.wedge import Verdict, WedgeDecoder, WedgeRules
from loopdesk.ui.key_events import StreamClock, key_of

log = logging.getLogger("loopdesk.scan")

_KEY_EVENTS = frozenset({QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease})
_GRACE_MS = 2
"""After the deadline one more turn of the event loop: keys that wait in the system's queue come first."""


@dataclass(slots=True, eq=False)
class _Press:
    """A key press that is held, with its release when that came meanwhile, and where both were going."""

    event: QKeyEvent
    window: QWindow
    code: int
    release: QKeyEvent | None = None


class ScanFilter(QObject):
    """The application's event filter that turns bursts of keys into scans.

    Keys that no code begins with (F-keys, arrows, Esc, Enter, modifiers) go their way at once while
    nothing is held. Characters and Ctrl chords wait for one gap (35 ms) until it is known whose they
    are. A two-step shortcut ("Ctrl+K, Ctrl+B") must not be used in the window: Qt looks for its second
    step before any filter is asked.

    Signals:
        scanned: One whole code as it was read (``str``), without prefix, suffix and terminator.

    Args:
        app: The application; owns the filter.
        rules: What the scanner types around a code, and how fast.
        monotonic: Seconds that never go back.
        begins: Whether it filters at once; otherwise from ``begin`` on.
    """

    scanned = Signal(object)

    def __init__(
        self,
        app: QGuiApplication,
        rules: WedgeRules | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        begins: bool = True,
    ) -> None:
        super().__init__(app)
        self.setObjectName("scan_filter")
        self._app = app
        self._monotonic = monotonic
        self._decoder = WedgeDecoder(rules)
        self._clock = StreamClock()
        self._held: list[_Press] = []
        self._swallowed: set[int] = set()
        self._replayed: list[QEvent] = []
        self._is_overdue = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._time_out)
        if begins:
            self.begin()

    @property
    def is_holding(self) -> bool:
        """Whether keys are held whose owner is not known yet."""
        return self._decoder.is_holding

    def begin(self) -> None:
        """Filter from now on."""
        self._app.installEventFilter(self)

    def use(self, rules: WedgeRules) -> None:
        """Go on with other rules; what is held is decided first."""
        self.flush()
        self._decoder = WedgeDecoder(rules)

    def flush(self) -> None:
        """Decide at once what is held: a scan ends, typing goes where it was going."""
        self._act(self._decoder.flush())

    def remove(self) -> None:
        """Stop filtering, for good. What is held is decided first."""
        self.flush()
        self._app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at key events on their way to a window; everything else passes."""
        if event.type() not in _KEY_EVENTS or not isinstance(watched, QWindow):
            return False
        if any(event is replayed for replayed in self._replayed):
            return False
        key_event = cast(QKeyEvent, event)
        if event.type() == QEvent.Type.ShortcutOverride:
            return self._override(key_event)
        if event.type() == QEvent.Type.KeyPress:
            return self._press(watched, key_event)
        return self._release(key_event)

    def _override(self, event: QKeyEvent) -> bool:
        """Keep Qt from looking for a shortcut when the key press that follows will be held."""
        at = self._clock.at(event.timestamp(), self._monotonic())
        self._act(self._decoder.tick(at))
        if not self._decoder.takes(key_of(event), at):
            return False
        event.accept()
        return True

    def _press(self, window: QWindow, event: QKeyEvent) -> bool:
        at = self._clock.note(event.timestamp(), self._monotonic())
        self._act(self._decoder.tick(at))
        code = _code(event)
        if not event.isAutoRepeat():
            self._swallowed.discard(code)
        press = _Press(event.clone(), window, code)
        key = key_of(event, press)
        if not self._decoder.takes(key, at):
            return False
        self._held.append(press)
        self._act(self._decoder.feed(key, at))
        return True

    def _release(self, event: QKeyEvent) -> bool:
        """Send a release the way of its press: held with it, swallowed with it, or on at once."""
        code = _code(event)
        held = next((press for press in reversed(self._held) if press.code == code), None)
        if held is not None:
            held.release = event.clone()
            return True
        if code not in self._swallowed:
            return False
        if not event.isAutoRepeat():
            self._swallowed.discard(code)
        return True

    def _act(self, verdict: Verdict) -> None:
        """Do what the decoder says, and set the timer for what it still holds."""
        if not (verdict.is_hold and self._decoder.is_holding):
            self._settle(verdict)
        self._is_overdue = False
        deadline = self._decoder.deadline
        if deadline is None:
            self._timer.stop()
        else:
            wait = deadline - self._clock.now(self._monotonic())
            self._timer.start(max(0, math.ceil(wait * 1000)) + 1)
        if verdict.scan is not None:
            log.debug("burst length=%s", len(verdict.scan))
            self.scanned.emit(verdict.scan)
        for key in verdict.replay:
            self._replay(cast(_Press, key.origin))

    def _settle(self, verdict: Verdict) -> None:
        """Forget the presses that are decided; the releases of a scan's keys are still to be swallowed."""
        undecided = {id(key.origin) for key in self._decoder.held}
        replayed = {id(key.origin) for key in verdict.replay}
        for press in self._held:
            if id(press) not in undecided | replayed and press.release is None:
                self._swallowed.add(press.code)
        self._held = [press for press in self._held if id(press) in undecided]

    def _replay(self, press: _Press) -> None:
        for event in (press.event, press.release):
            window = _living(press.window)
            if event is None or window is None:
                continue
            self._replayed.append(event)
            try:
                QCoreApplication.sendEvent(window, event)
            finally:
                self._replayed.pop()

    def _time_out(self) -> None:
        if not self._is_overdue:
            self._is_overdue = True
            self._timer.start(_GRACE_MS)
            return
        self._act(self._decoder.tick(self._clock.now(self._monotonic())))


def _code(event: QKeyEvent) -> int:
    """What tells which key was pressed; the symbol may change with Shift between press and release."""
    return event.nativeScanCode() or event.key()


def _living(window: QWindow) -> QWindow | None:
    """Return the window that a key now belongs to: where it was going, or what has taken its place."""
    modal = QGuiApplication.modalWindow()
    if shiboken6.isValid(window) and window.isVisible() and (modal is None or _is_above(window, modal)):
        return window
    return modal or QGuiApplication.focusWindow()


def _is_above(window: QWindow, modal: QWindow) -> bool:
    """Whether a window is the modal one, or a pop-up that it opened."""
    return window is modal or bool(window.flags() & Qt.WindowType.Popup == Qt.WindowType.Popup)
