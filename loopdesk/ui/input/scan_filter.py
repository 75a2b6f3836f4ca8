"""Intercepts scans in the keyboard's stream before any widget sees them.

It works at the window stage: every key passes a ``QWindow`` before Qt looks for shortcuts, focus or default
buttons. By accepting ``ShortcutOverride`` there and holding ``KeyPress``, nothing of a scan reaches a widget,
whatever has the focus. What was not a scan is sent to the same window again, where Qt treats it as if it had
just been typed.
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
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent, QWindow

from loopdesk.domain.scanner.burst import WedgeRules
from loopdesk.domain.scanner.keys import Key
from loopdesk.domain.scanner.wedge import HOLD, WedgeDecoder, WedgeVerdict
from loopdesk.ui.input.focus import FieldBefore, field_with_focus, is_written
from loopdesk.ui.input.key_events import StreamClock, key_of, key_of_commit, name_of

log = logging.getLogger("loopdesk.scan")

_KEY_EVENTS = frozenset({QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease})
_TOUCHES = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin})
_SEEN = _KEY_EVENTS | _TOUCHES | {QEvent.Type.InputMethod}
_GRACE_MS = 2
"""One more iteration of the event loop after the deadline: keys in the system's queue come first."""


@dataclass(slots=True, eq=False)
class _Press:
    """A held key press, with its release if that has come, and the targets of both.

    Both are copies that Python frees. What ``clone`` returns nobody does: each key ever pressed would stay.
    """

    event: QKeyEvent | QInputMethodEvent
    target: QObject
    code: int
    release: QKeyEvent | None = None


class ScanFilter(QObject):
    """The application's event filter that turns bursts of keys into scans.

    Keys that cannot start a code (F-keys, arrows, Esc, Enter, modifiers) are passed on immediately while
    nothing is held. In a text field characters wait for one gap (35 ms), and what a slow gun typed there is
    removed again. Anywhere else characters, Ctrl chords, F8, and the keypad with Alt or without NumLock wait
    a quarter of a second until it is known who typed them. The window must not use two-step shortcuts
    ("Ctrl+K, Ctrl+B"): Qt looks for the second step before any filter is called.

    Signals:
        scanned(str): One complete code as read, without prefix, suffix and terminator.
        paced(Rhythm): How the gun typed that code; follows ``scanned``.
        noticed(Notice): What a person must be told about dropped keys.
        pending_changed(tuple[str, ...]): The keys that will act in a moment unless they turn out to be a
            gun's, as the table of commands writes them.

    Args:
        app: The application; owns the filter.
        rules: What the scanner types around a code, and how fast.
        monotonic: Seconds that never go back.
        begins: Whether it filters immediately; otherwise from ``begin_at`` or ``begin`` on.
    """

    scanned = Signal(object)
    paced = Signal(object)
    noticed = Signal(object)
    pending_changed = Signal(object)

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
        self._first_window: QWindow | None = None
        self._monotonic = monotonic
        self._decoder = WedgeDecoder(rules)
        self._clock = StreamClock()
        self._held: list[_Press] = []
        self._swallowed: set[int] = set()
        self._replayed: list[QEvent] = []
        self._before: FieldBefore | None = None
        self._pending: tuple[str, ...] = ()
        self._is_overdue = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._time_out)
        if begins:
            self.begin()

    @property
    def is_holding(self) -> bool:
        """Whether undecided keys are held."""
        return self._decoder.is_holding

    def begin_at(self, window: QWindow) -> None:
        """Filter the keys of one window until ``begin``.

        All keys pass the window, but only few other events do: its first paint is not slowed down, as it
        would be by filtering every event of the application.
        """
        self._first_window = window
        window.installEventFilter(self)

    def begin(self) -> None:
        """Filter every window's keys from now on."""
        self._leave_first_window()
        self._app.installEventFilter(self)

    def _leave_first_window(self) -> None:
        window, self._first_window = self._first_window, None
        if window is not None and shiboken6.isValid(window):
            window.removeEventFilter(self)

    def use(self, rules: WedgeRules) -> None:
        """Use other rules; what is held is decided first."""
        self.flush()
        self._decoder = WedgeDecoder(rules)

    def adapt(self, rules: WedgeRules) -> None:
        """Use other rules from the next burst on; what is held is unaffected."""
        self._decoder.adapt(rules)

    def flush(self) -> None:
        """Decide immediately what is held: a scan ends, typing is passed on."""
        self._act(self._decoder.flush())

    def remove(self) -> None:
        """Stop filtering for good. What is held is decided first."""
        self.flush()
        self._leave_first_window()
        self._app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle keys, commits and touches; everything else passes."""
        kind = event.type()
        if kind not in _SEEN or any(event is replayed for replayed in self._replayed):
            return False
        if kind == QEvent.Type.InputMethod:
            return self._commit(watched, cast(QInputMethodEvent, event))
        if not isinstance(watched, QWindow):
            return False
        if kind in _TOUCHES:
            self._act(self._decoder.interrupt())
            return False
        key_event = cast(QKeyEvent, event)
        if kind == QEvent.Type.ShortcutOverride:
            return self._override(key_event)
        if kind == QEvent.Type.KeyPress:
            return self._press(watched, key_event)
        return self._release(key_event)

    def _override(self, event: QKeyEvent) -> bool:
        """Keep Qt from looking for a shortcut if the key press that follows will be held."""
        at = self._clock.at(event.timestamp(), self._monotonic())
        self._act(self._decoder.tick(at))
        if not self._decoder.takes(key_of(event, in_field=self._is_written(event)), at):
            return False
        event.accept()
        return True

    def _press(self, window: QWindow, event: QKeyEvent) -> bool:
        at = self._clock.note(event.timestamp(), self._monotonic())
        self._act(self._decoder.tick(at))
        code = _code(event)
        if not event.isAutoRepeat():
            self._swallowed.discard(code)
        press = _Press(QKeyEvent(event), window, code)
        return self._take(key_of(event, press, in_field=self._is_written(event)), press, at)

    def _is_written(self, event: QKeyEvent) -> bool:
        """Whether it goes to a text field."""
        return is_written(event.text(), is_pending=bool(self._decoder.pending))

    def _commit(self, field: QObject, event: QInputMethodEvent) -> bool:
        """Handle an input method's commit like the keys it stands for."""
        at = self._clock.now(self._monotonic())
        self._act(self._decoder.tick(at))
        press = _Press(QInputMethodEvent(event), field, 0)
        key = key_of_commit(event, press)
        if key is None:
            if event.commitString() or event.preeditString():
                self._act(self._decoder.interrupt())
            return False
        return self._take(key, press, at)

    def _take(self, key: Key, press: _Press, at: float) -> bool:
        """Feed a key to the decoder. Returns whether it is held or swallowed."""
        takes = self._decoder.takes(key, at)
        if takes:
            self._held.append(press)
        verdict = self._decoder.feed(key, at)
        self._act(verdict if takes else HOLD)
        return takes

    def _release(self, event: QKeyEvent) -> bool:
        """Treat a release like its press: hold it, swallow it, or pass it on."""
        code = _code(event)
        held = next((press for press in reversed(self._held) if press.code == code), None)
        if held is not None:
            held.release = QKeyEvent(event)
            return True
        if code not in self._swallowed:
            return False
        if not event.isAutoRepeat():
            self._swallowed.discard(code)
        return True

    def _act(self, verdict: WedgeVerdict) -> None:
        """Carry out the decoder's verdict, and set the timer for what it still holds."""
        if not (verdict.is_hold and self._decoder.is_holding):
            self._settle(verdict)
        self._set_timer()
        if verdict.takes_back and self._before is not None:
            self._before.put_back()
        self._remember_field()
        if verdict.scan is not None:
            log.debug("burst length=%s", len(verdict.scan))
            self.scanned.emit(verdict.scan)
            self.paced.emit(verdict.rhythm)
        for key in verdict.replay:
            self._replay(cast(_Press, key.origin))
        if verdict.notice is not None:
            self.noticed.emit(verdict.notice)
        self._tell_pending()

    def _set_timer(self) -> None:
        self._is_overdue = False
        deadline = self._decoder.deadline
        if deadline is None:
            self._timer.stop()
        else:
            wait = deadline - self._clock.now(self._monotonic())
            self._timer.start(max(0, math.ceil(wait * 1000)) + 1)

    def _remember_field(self) -> None:
        """Save the field's state before it gets the first key of what may be a scan."""
        if not self._decoder.has_given:
            self._before = None
        elif self._before is None:
            field = field_with_focus()
            self._before = FieldBefore(field) if field is not None else None

    def _tell_pending(self) -> None:
        presses = [cast(_Press, key.origin).event for key in self._decoder.pending]
        pending = tuple(name_of(event) for event in presses if isinstance(event, QKeyEvent))
        if pending != self._pending:
            self._pending = pending
            self.pending_changed.emit(pending)

    def _settle(self, verdict: WedgeVerdict) -> None:
        """Forget the decided presses; the releases of a scan's keys still have to be swallowed."""
        undecided = {id(key.origin) for key in self._decoder.held}
        replayed = {id(key.origin) for key in verdict.replay}
        for press in self._held:
            if id(press) not in undecided | replayed and press.release is None:
                self._swallowed.add(press.code)
        self._held = [press for press in self._held if id(press) in undecided]

    def _replay(self, press: _Press) -> None:
        for event in (press.event, press.release):
            target = _living(press.target)
            if event is None or target is None:
                continue
            self._replayed.append(event)
            try:
                QCoreApplication.sendEvent(target, event)
            finally:
                self._replayed.pop()

    def _time_out(self) -> None:
        if not self._is_overdue:
            self._is_overdue = True
            self._timer.start(_GRACE_MS)
            return
        self._act(self._decoder.tick(self._clock.now(self._monotonic())))


def _code(event: QKeyEvent) -> int:
    """Identify the pressed key; the symbol may change with Shift between press and release."""
    return event.nativeScanCode() or event.key()


def _living(window: QObject) -> QObject | None:
    """Return the current target of a key: the original one, or its replacement."""
    if not isinstance(window, QWindow):  # the field that an input method types into
        return window if shiboken6.isValid(window) else None
    modal = QGuiApplication.modalWindow()
    if shiboken6.isValid(window) and window.isVisible() and (modal is None or _is_above(window, modal)):
        return window
    return modal or QGuiApplication.focusWindow()


def _is_above(window: QWindow, modal: QWindow) -> bool:
    """Whether a window is the modal one, or a pop-up opened by it."""
    return window is modal or bool(window.flags() & Qt.WindowType.Popup == Qt.WindowType.Popup)
