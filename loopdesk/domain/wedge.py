"""Tells a scanner's burst of keys from a person's typing.

A wedge scanner is a keyboard that types a whole code in a blink. The decoder is given every key with
its time and answers what became of the keys it holds: still undecided, a scan, or typing that must be
replayed to where it was going. It knows no clock: times are seconds on any scale that never goes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

GS = "\x1d"
"""The separator between the fields of a GS1 code."""

_DATA_CONTROLS = frozenset("\x04\x1c\x1d\x1e\x1f")
"""Control characters that square codes carry as data; every other chord in a burst is dropped."""

_LATE_TERMINATOR_SECONDS = 0.25
"""After a scan that ended by silence, an Enter that the radio delayed is still the scanner's."""

_FASTEST_REPEAT_SECONDS = 0.012
"""No keyboard repeats a held key faster than this; a scanner types equal digits faster."""

_MOST_REPEATS = 12
"""So many equal characters at the speed of key repeat are a held key, not the start of a code."""


class KeyKind(Enum):
    """What a key is to the decoder."""

    CHARACTER = auto()
    """Types visible text."""
    SEPARATOR = auto()
    """Stands for GS: the control character itself, Ctrl+], or F8."""
    TERMINATOR = auto()
    """Enter, Return or Tab, with or without modifiers."""
    CHORD = auto()
    """A key with Ctrl, Alt or Meta that types no visible text."""
    MODIFIER = auto()
    """Shift, Ctrl, Alt, Caps Lock … by itself."""
    OTHER = auto()
    """Arrows, F-keys, Esc, Backspace and whatever else is no text."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key press.

    Attributes:
        kind: What it is to the decoder.
        text: What it would type; for chords the control character, "" when there is none.
        is_repeat: The keyboard says that the key is held down.
        origin: Whatever the caller wants back with a replayed key.
    """

    kind: KeyKind
    text: str = ""
    is_repeat: bool = False
    origin: object = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the keys that were held.

    Both may be set: a scan that ended by silence comes before a key that is passed on. Neither set
    means that everything is held, or that a key was swallowed with the scan before it.

    Attributes:
        scan: A whole code without prefix, suffix and terminator; None when there is none.
        replay: Keys that a person typed, in their order.
    """

    scan: str | None = None
    replay: tuple[Key, ...] = ()

    @property
    def is_hold(self) -> bool:
        """Whether there is nothing to do yet."""
        return self.scan is None and not self.replay


HOLD = Verdict()
"""Nothing to do yet."""


@dataclass(frozen=True, slots=True)
class WedgeRules:
    """What the scanner types around a code, and how fast it types.

    Attributes:
        prefix: Characters before every code; with them a burst is a scan from its third character on.
        suffix: Characters after every code, besides Enter or Tab.
        least_length: A burst of fewer characters is not a scan; at least 2.
        gap_seconds: Characters further apart than this were typed by a person.
        silence_seconds: A burst is over after this.
    """

    prefix: str = ""
    suffix: str = ""
    least_length: int = 4
    gap_seconds: float = 0.035
    silence_seconds: float = 0.08

    def __post_init__(self) -> None:
        if self.least_length < 2:
            raise ValueError("a single character is never a scan")
        if not 0 < self.gap_seconds <= self.silence_seconds:
            raise ValueError("the silence after a burst is longer than the gaps in it")


class WedgeDecoder:
    """Holds keys until it is known whose they are.

    While fewer than ``least_length`` characters came, the burst is *undecided*: a gap longer than
    ``gap_seconds`` gives every key back. From then on it is *certain*: everything up to the
    terminator, the suffix or the silence belongs to the scan and nothing of it is ever given back.

    Call ``feed`` for every key that ``takes`` says it wants and ``tick`` when ``deadline`` has passed
    and no key has come. Times must not go back.
    """

    def __init__(self, rules: WedgeRules | None = None) -> None:
        self._rules = rules or WedgeRules()
        self._held: list[Key] = []
        self._count = 0
        self._began_at = 0.0
        self._timed_at = 0.0
        self._last_at = 0.0
        self._is_certain = False
        self._swallow_until: float | None = None
        self._hot_until: float | None = None

    @property
    def is_holding(self) -> bool:
        """Whether there are keys whose owner is not known yet."""
        return bool(self._held)

    @property
    def held(self) -> tuple[Key, ...]:
        """The keys whose owner is not known yet, in their order."""
        return tuple(self._held)

    @property
    def deadline(self) -> float | None:
        """When ``tick`` decides if no key comes; None while nothing is held."""
        if not self._held:
            return None
        if self._is_certain:
            return self._last_at + self._rules.silence_seconds
        return self._timed_at + self._rules.gap_seconds

    def takes(self, key: Key, at: float) -> bool:
        """Tell whether ``feed`` would hold or swallow this key; if not, it may go its way at once.

        Changes nothing. Ask after ``tick(at)``, so that keys held before are out of the way.
        """
        if self._held or self._swallows(key, at):
            return True
        return key.kind in _OPENING and not key.is_repeat

    def feed(self, key: Key, at: float) -> Verdict:
        """Take one key press.

        Args:
            key: The key.
            at: When it was pressed, in seconds; not before the key given last.

        Returns:
            What became of the keys held before, and of this one.
        """
        before = self.tick(at)
        after = self._take(key, at)
        return Verdict(before.scan if after.scan is None else after.scan, before.replay + after.replay)

    def tick(self, at: float) -> Verdict:
        """Decide what time alone decides; harmless at any moment.

        Args:
            at: A moment up to which no further key was pressed.
        """
        deadline = self.deadline
        if deadline is None or at <= deadline:
            return HOLD
        if not self._is_certain:
            return self._give_back()
        self._swallow_until = self._last_at + _LATE_TERMINATOR_SECONDS
        return self._finish()

    def flush(self) -> Verdict:
        """Decide at once, as after a long pause: the window goes away, the program ends."""
        self._swallow_until = self._hot_until = None
        if not self._held:
            return HOLD
        return self._finish() if self._is_certain else self._give_back()

    def _take(self, key: Key, at: float) -> Verdict:
        if not self._held:
            if self._swallows(key, at):
                self._swallow_until = at + self._rules.silence_seconds
                return HOLD
            if key.kind not in _OPENING or key.is_repeat:
                return Verdict(replay=(key,))
            self._open(at)
        if self._is_certain:
            return self._continue(key, at)
        return self._weigh(key, at)

    def _open(self, at: float) -> None:
        """Begin a burst; right behind a terminator it can only be the scanner's next line."""
        self._is_certain = self._hot_until is not None and at <= self._hot_until
        self._began_at = self._timed_at = self._last_at = at
        self._swallow_until = self._hot_until = None

    def _continue(self, key: Key, at: float) -> Verdict:
        """Take a key into a burst that is a scan."""
        self._last_at = at
        if key.kind is KeyKind.TERMINATOR:
            return self._terminated(at) if any(map(_data, self._held)) else HOLD
        self._held.append(key)
        suffix = self._rules.suffix
        if suffix and key.text and _typed(self._held[-_SUFFIX_KEYS:]).endswith(suffix):
            return self._terminated(at)
        return HOLD

    def _terminated(self, at: float) -> Verdict:
        self._swallow_until = at + self._rules.silence_seconds
        self._hot_until = at + self._rules.gap_seconds
        return self._finish()

    def _weigh(self, key: Key, at: float) -> Verdict:
        """Take a key into a burst that may be a person's."""
        self._held.append(key)
        self._last_at = at
        if key.kind not in _TIMED:
            return HOLD
        self._timed_at = at
        if key.kind in _COUNTED:
            self._count += 1
        if self._is_held_down():
            return self._give_back()
        if key.kind not in _COUNTED or not (self._is_complete() or self._has_prefix()):
            return HOLD
        self._is_certain = True
        last = self._held.pop()
        return self._continue(last, at)

    def _is_complete(self) -> bool:
        """Whether there are enough characters, and not just one that is held down."""
        if self._count < self._rules.least_length:
            return False
        return len(self._signs()) > 1 or self._is_machine_repeat()

    def _has_prefix(self) -> bool:
        prefix = self._rules.prefix
        typed = _typed(self._held)
        return bool(prefix) and len(typed) >= max(3, len(prefix) + 1) and typed.startswith(prefix)

    def _signs(self) -> set[str]:
        return {key.text for key in self._held if key.kind in _COUNTED}

    def _is_machine_repeat(self) -> bool:
        """Whether equal characters came faster than any keyboard repeats a held key."""
        if self._count < self._rules.least_length:
            return False
        return self._timed_at - self._began_at <= _FASTEST_REPEAT_SECONDS * (self._count - 1)

    def _is_held_down(self) -> bool:
        """Whether this is key repeat that the system did not mark as such (remote desktops)."""
        return self._count >= _MOST_REPEATS and len(self._signs()) == 1 and not self._is_machine_repeat()

    def _swallows(self, key: Key, at: float) -> bool:
        """Whether a key is the rest of a scan's terminator: CR LF, a double Enter, a late Tab."""
        until = self._swallow_until
        return until is not None and at <= until and _ends_a_line(key)

    def _give_back(self) -> Verdict:
        keys = tuple(self._held)
        self._clear()
        return Verdict(replay=keys)

    def _finish(self) -> Verdict:
        """End a scan; a burst of nothing but dropped keys and prefix was no scan, and types nothing."""
        raw = _raw(self._held)
        rules = self._rules
        if rules.prefix and raw.startswith(rules.prefix):
            raw = raw[len(rules.prefix) :]
        if rules.suffix and raw.endswith(rules.suffix):
            raw = raw[: -len(rules.suffix)]
        self._clear()
        return Verdict(scan=raw) if raw else HOLD

    def _clear(self) -> None:
        self._held = []
        self._count = 0
        self._is_certain = False


_COUNTED = frozenset({KeyKind.CHARACTER, KeyKind.SEPARATOR})
_TIMED = _COUNTED | {KeyKind.CHORD, KeyKind.TERMINATOR}
_OPENING = frozenset({KeyKind.CHARACTER, KeyKind.SEPARATOR, KeyKind.CHORD})
_LINE_ENDS = frozenset("\r\n\t")
_SUFFIX_KEYS = 64


def _ends_a_line(key: Key) -> bool:
    return key.kind is KeyKind.TERMINATOR or (key.kind is KeyKind.CHORD and key.text in _LINE_ENDS)


def _typed(keys: list[Key]) -> str:
    """Everything that a prefix or suffix may be made of."""
    return "".join(_data(key) or key.text for key in keys)


def _raw(keys: list[Key]) -> str:
    """The characters of a scan: visible text, separators, line ends; other keys are dropped."""
    return "".join(_data(key) for key in keys)


def _data(key: Key) -> str:
    match key.kind:
        case KeyKind.CHARACTER:
            return key.text
        case KeyKind.SEPARATOR:
            return GS
        case KeyKind.TERMINATOR:
            return "\t" if key.text == "\t" else "\n"
        case KeyKind.CHORD if key.text in _DATA_CONTROLS:
            return key.text
    return ""
