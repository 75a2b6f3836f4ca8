"""Tells a scanner's keys from a person's.

A wedge scanner acts as a keyboard. The decoder is fed every key with its time and decides about the keys it
holds: still undecided, a scan, or a person's, to be replayed to where they were going. It reads no clock:
times are seconds on any scale that never goes back.

There are two kinds of places. Where keys decide (the bench, a button, a list), every key waits a quarter of a
second for the next one, because the slowest gun pauses that long: until then it triggers nothing. In a text
field a person's keys are passed on after one short gap, and if they turn out to be a slow gun's, the field is
restored.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from loopdesk.domain.scanner.burst import AFFIX_KEYS, COUNTED, Burst, WedgeRules
from loopdesk.domain.scanner.keys import Key, KeyKind, typed
from loopdesk.domain.scanner.rhythm import HUMAN_SECONDS, PATIENCE_SECONDS, Rhythm, Trigger


class Notice(Enum):
    """What a person must be told about keys that were dropped."""

    REST = auto()
    """One pull of the trigger sent more lines; they were dropped."""
    SHORT = auto()
    """Keys came as from a scanner, but too few for a code; they were dropped."""
    SLOW = auto()
    """A text field may contain what a slow scanner typed without Enter at its end."""


@dataclass(frozen=True, slots=True)
class WedgeVerdict:
    """The decision about the keys that were held.

    Several fields may be set: a scan that ended by silence precedes a key that is passed on. If none is set,
    everything is held, or a key was swallowed with the scan before it.

    Attributes:
        scan: A complete code without prefix, suffix and terminator; None if there is none.
        replay: Keys that a person typed, in order.
        takes_back: The field that received keys of this burst must be restored to its state before them.
        notice: What else to tell the person.
        rhythm: How a scan was typed.
    """

    scan: str | None = None
    replay: tuple[Key, ...] = ()
    takes_back: bool = False
    notice: Notice | None = None
    rhythm: Rhythm | None = None

    @property
    def is_hold(self) -> bool:
        """Whether there is nothing to do yet."""
        return self == HOLD


HOLD = WedgeVerdict()
"""Nothing to do yet."""


class WedgeDecoder:
    """Holds keys until it is known who typed them.

    A burst is *undecided* until a key, or the lack of one, decides: then all of it is replayed, or it is *a
    gun's* and none of it is ever given back. A gun's burst ends with its terminator, its suffix, or a quarter
    of a second of silence; what follows sooner belongs to the same pull of the trigger.

    Call ``feed`` for every key press, and ``tick`` when ``deadline`` has passed without a key. Times must not
    go back.
    """

    def __init__(self, rules: WedgeRules | None = None) -> None:
        self._rules = rules or WedgeRules()
        self._trigger = Trigger(PATIENCE_SECONDS)
        self._burst = Burst(self._rules)
        self._swallow_until: float | None = None
        self._pull_until: float | None = None

    def adapt(self, rules: WedgeRules) -> None:
        """Use other rules from the next burst on."""
        self._rules = rules
        if not self._burst.keys:
            self._burst = Burst(rules)

    @property
    def is_holding(self) -> bool:
        """Whether there are undecided keys."""
        return bool(self._burst.held)

    @property
    def held(self) -> tuple[Key, ...]:
        """The undecided keys, in order."""
        return self._burst.held

    @property
    def has_given(self) -> bool:
        """Whether a field received keys that may yet turn out to be a scanner's."""
        return self._burst.given > 0

    @property
    def pending(self) -> tuple[Key, ...]:
        """Those of them that will trigger something unless a gun is recognized; to be shown in a neutral
        form.
        """
        return () if self._burst.is_gun or self._burst.is_text else self._burst.held

    @property
    def deadline(self) -> float | None:
        """When ``tick`` decides if no key comes; None if there is nothing to decide."""
        burst = self._burst
        if not burst.keys:
            return None
        if burst.held and not burst.is_gun and burst.waits_for_text:
            return burst.timed_at + self._rules.hold_seconds
        return burst.last_at + PATIENCE_SECONDS

    def takes(self, key: Key, at: float) -> bool:
        """Tell whether ``feed`` will hold or swallow this key; if not, it can be delivered immediately.

        Has no side effects. Call it after ``tick(at)``, so that earlier keys are decided.
        """
        burst = self._burst
        if burst.is_gun or burst.held:
            return True
        if key.ends_line and burst.keys:
            return burst.is_typed_code(at)
        if not burst.keys and self._swallows(key, at):
            return True
        return key.kind in _OPENING and not key.is_repeat

    def feed(self, key: Key, at: float) -> WedgeVerdict:
        """Consume one key press.

        Args:
            key: The key.
            at: When it was pressed, in seconds; not before the previous key.

        Returns:
            The decision about the keys held before, and about this one; only a replay of this one if
                ``takes`` is False.
        """
        before = self.tick(at)
        after = self._take(key, at)
        told = before if after.scan is None and before.scan is not None else after
        return WedgeVerdict(
            told.scan,
            before.replay + after.replay,
            before.takes_back or after.takes_back,
            after.notice or before.notice,
            told.rhythm,
        )

    def tick(self, at: float) -> WedgeVerdict:
        """Decide what time alone decides; harmless at any moment.

        Args:
            at: A time up to which no further key was pressed.
        """
        burst, deadline = self._burst, self.deadline
        if deadline is None or at <= deadline:
            return HOLD
        if at > burst.last_at + PATIENCE_SECONDS:
            return self._fall_silent()
        return WedgeVerdict(replay=burst.give())

    def interrupt(self) -> WedgeVerdict:
        """Decide for a person who does something else in the meantime, such as touching the screen.

        What may still be a gun's code continues.
        """
        burst = self._burst
        if burst.is_gun or (not burst.is_text and burst.count >= self._rules.least_length):
            return HOLD
        return WedgeVerdict(replay=burst.give()) if burst.is_text else self._give_back()

    def flush(self) -> WedgeVerdict:
        """Decide immediately, as after a long pause: the window goes away, the program ends."""
        verdict = self._fall_silent() if self._burst.keys else HOLD
        self._swallow_until = self._pull_until = None
        self._trigger = Trigger(PATIENCE_SECONDS)
        return verdict

    # --- keys -----------------------------------------------------------------------------------------

    def _take(self, key: Key, at: float) -> WedgeVerdict:
        burst = self._burst
        if not burst.keys:
            if self._swallows(key, at):
                self._swallow_until = at + PATIENCE_SECONDS
                self._stay_in_pull(at)
                return HOLD
            if key.kind not in _OPENING or key.is_repeat:
                return WedgeVerdict(replay=(key,))
            burst.is_gun = self._pull_until is not None and at <= self._pull_until
            self._swallow_until = None
        if burst.is_gun:
            return self._continue(key, at)
        if burst.keys and key.ends_line:
            return self._end(key, at)
        if burst.keys and _is_of_person(key):
            return self._hand_on(key)
        if burst.keys and not burst.held and key.kind not in _OPENING:
            return self._pass(key, at)
        return self._weigh(key, at)

    def _weigh(self, key: Key, at: float) -> WedgeVerdict:
        """Add a key to a burst that may be a person's."""
        burst = self._burst
        burst.add(key, at)
        if not burst.is_text:
            burst.is_gun = burst.is_machine
        elif key.kind in COUNTED and burst.is_held_down:
            return WedgeVerdict(replay=burst.give())
        elif key.kind in COUNTED and (burst.is_code or burst.has_prefix):
            burst.is_gun = True
            if burst.given and not burst.given_is_gun:
                burst.forget_given()
        return self._suffixed(at) if burst.is_gun else HOLD

    def _continue(self, key: Key, at: float) -> WedgeVerdict:
        """Add a key to a burst that is a scan."""
        burst = self._burst
        if key.ends_line and any(sign not in "\n\t" for sign in burst.text):
            return self._finish(at)
        if key.ends_line:  # nothing came before it
            burst.last_at = at
            return HOLD
        if not key.is_repeat:
            burst.add(key, at)
        return self._suffixed(at)

    def _suffixed(self, at: float) -> WedgeVerdict:
        suffix = self._rules.suffix
        if not suffix:
            return HOLD
        last = typed(self._burst.keys[-AFFIX_KEYS:])
        return self._finish(at) if last.endswith(suffix) else HOLD

    def _end(self, key: Key, at: float) -> WedgeVerdict:
        """Add Enter or Tab to a burst that may be a person's."""
        burst = self._burst
        if burst.is_text:
            is_quick = bool(burst.held) and at <= burst.timed_at + self._rules.hold_seconds
            if burst.is_typed_code(at) or (is_quick and burst.held_count >= self._rules.least_length):
                # Also equal digits, since a held key is not followed by Enter this soon
                return self._finish(at)
            if is_quick:
                burst.add(key, at)  # a short first line, or fingers rolling over Enter
                return HOLD
            return self._hand_on(key)
        is_fast = burst.count > 0 and at - burst.timed_at < HUMAN_SECONDS
        is_move = burst.is_steering and burst.count < self._rules.least_length
        if is_fast or (burst.count > 1 and not is_move):
            return self._finish(at)
        return self._hand_on(key)

    def _pass(self, key: Key, at: float) -> WedgeVerdict:
        """Pass a key on where a field has the rest already; only Shift goes with the typing."""
        if key.kind is KeyKind.MODIFIER:
            self._burst.last_at = at
        else:
            self._burst = Burst(self._rules)
        return WedgeVerdict(replay=(key,))

    # --- ends -----------------------------------------------------------------------------------------

    def _fall_silent(self) -> WedgeVerdict:
        """Decide a burst followed by silence."""
        burst = self._burst
        if burst.is_gun or (burst.is_text and burst.is_typed_code()):
            self._swallow_until = burst.last_at + 2 * PATIENCE_SECONDS
            return self._finish(burst.last_at, is_ended=False)
        notice = Notice.SLOW if burst.is_text and burst.may_be_typed_code else None
        given_back = self._give_back()
        return WedgeVerdict(replay=given_back.replay, notice=notice or given_back.notice)

    def _finish(self, at: float, *, is_ended: bool = True) -> WedgeVerdict:
        """End a gun's line: it is the scan of its pull, the rest of one, or too short."""
        burst, rules, raw = self._burst, self._rules, self._burst.text.strip("\r\n\t")
        has_prefix = burst.has_prefix
        raw = raw.removeprefix(rules.prefix).removesuffix(rules.suffix)
        takes_back = burst.given > 0
        self._burst = Burst(rules)
        if is_ended:
            self._swallow_until = at + PATIENCE_SECONDS
            self._stay_in_pull(at)
        while "\n" in raw and raw.index("\n") < rules.least_length:
            raw = raw[raw.index("\n") + 1 :]  # a 2D code's mark on a line of its own
        if not raw:
            return WedgeVerdict(takes_back=takes_back)
        if len(raw) < rules.least_length and not has_prefix:
            return WedgeVerdict(takes_back=takes_back, notice=Notice.SHORT)
        piece = self._trigger.take(raw, burst.began_at, at)
        notice = Notice.REST if piece.rest else None
        rhythm = burst.rhythm if piece.scan is not None else None
        return WedgeVerdict(piece.scan, takes_back=takes_back, notice=notice, rhythm=rhythm)

    def _stay_in_pull(self, at: float) -> None:
        """What comes soon after this belongs to the same pull of the trigger."""
        self._pull_until = at + PATIENCE_SECONDS

    def _hand_on(self, key: Key) -> WedgeVerdict:
        """Replay everything: a person pressed all of it, and this key after it."""
        given_back = self._give_back()
        return WedgeVerdict(replay=(*given_back.replay, key), notice=given_back.notice)

    def _give_back(self) -> WedgeVerdict:
        """Replay what is held; of an Alt code only its character counts, since its digits are no view's
        keys.
        """
        burst, self._burst = self._burst, Burst(self._rules)
        if burst.is_text or not burst.is_lone_alt_code:
            return WedgeVerdict(replay=burst.held)
        keys = tuple(key for key in burst.held if key.kind is not KeyKind.ALT_DIGIT)
        has_sign = any(key.kind is KeyKind.COMPOSED for key in keys)
        return WedgeVerdict(replay=keys, notice=None if has_sign else Notice.SHORT)

    def _swallows(self, key: Key, at: float) -> bool:
        """Whether a key belongs to a scan's terminator: CR LF, a double Enter, a late Tab."""
        until = self._swallow_until
        return until is not None and at <= until and key.ends_line


_OPENING = COUNTED | {KeyKind.CHORD}


def _is_of_person(key: Key) -> bool:
    """Whether no gun presses such a key inside a code, unless the burst is known to be one."""
    return key.kind is KeyKind.OTHER or (key.is_repeat and key.kind is not KeyKind.MODIFIER)
