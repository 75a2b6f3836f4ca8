"""A run of keys without a long pause, and evidence of who typed it."""

from __future__ import annotations

from dataclasses import dataclass, field

from loopdesk.domain.scanner.keys import Key, KeyKind, looks_like_code, signs, typed
from loopdesk.domain.scanner.rhythm import HUMAN_SECONDS, PATIENCE_SECONDS, Rhythm, pauses

PREFIX = "LDCMD"
"""Prefix of every command code; no carrier prints it."""

_FASTEST_REPEAT_SECONDS = 0.012
"""No keyboard repeats a held key faster than this; a scanner types equal digits faster."""

_MOST_REPEATS = 12
"""This many equal characters at the speed of key repeat are a held key, not the start of a code."""

_SURE_SIGNS = 8
"""This many keys in one go, no two more than a quarter of a second apart, come from a gun."""

_ROUNDING = 1e-6
"""Rounding error of summed times, in seconds."""

_STEERING = frozenset("2468")

AFFIX_KEYS = 64
"""Most keys that a prefix or suffix takes to type."""

COUNTED = frozenset({KeyKind.CHARACTER, KeyKind.COMPOSED, KeyKind.PAD, KeyKind.ALT_DIGIT, KeyKind.SEPARATOR})
_TIMED = COUNTED | {KeyKind.CHORD, KeyKind.TERMINATOR}


@dataclass(frozen=True, slots=True)
class WedgeRules:
    """What the scanner types around a code, and how fast it types.

    Attributes:
        prefix: Characters before every code; with them a burst is a scan from its third character on.
        suffix: Characters after every code, besides Enter or Tab.
        least_length: A burst of fewer characters is not a scan; at least 2.
        gap_seconds: The longest pause within a code of this station's gun.
        typical_seconds: How the gun of this station types, once learned.
        marks: Prefixes that only printed codes have; upper case.
    """

    prefix: str = ""
    suffix: str = ""
    least_length: int = 4
    gap_seconds: float = 0.035
    typical_seconds: float | None = None
    marks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.least_length < 2:
            raise ValueError("a single character is never a scan")
        if not 0 < self.gap_seconds <= PATIENCE_SECONDS:
            raise ValueError("a burst is over after a quarter of a second")

    @property
    def hold_seconds(self) -> float:
        """How long a text field waits for a typed key: one gap, but never as long as a person's."""
        return min(self.gap_seconds, HUMAN_SECONDS)


@dataclass(slots=True)
class Burst:
    """Keys in order. The first ``given`` of them have already reached a text field.

    Attributes:
        is_gun: It is known to be a scan, or the rest of one.
    """

    rules: WedgeRules
    keys: list[Key] = field(default_factory=list)
    given: int = 0
    is_gun: bool = False
    began_at: float = 0.0
    last_at: float = 0.0
    timed_at: float = 0.0
    _times: list[float] = field(default_factory=list)
    _gaps: list[float] = field(default_factory=list)
    _counted: list[int] = field(default_factory=list)
    _least_gap: float = float("inf")

    @property
    def held(self) -> tuple[Key, ...]:
        """The keys that nothing has received yet."""
        return tuple(self.keys[self.given :])

    @property
    def is_text(self) -> bool:
        """Whether a text field is waiting for it."""
        return bool(self.keys) and self.keys[0].in_text

    @property
    def waits_for_text(self) -> bool:
        """Whether all held keys are text for a field."""
        return self.is_text and all(key.in_text or key.kind is KeyKind.MODIFIER for key in self.held)

    @property
    def count(self) -> int:
        """The number of characters received."""
        return self._count_from(0)

    @property
    def held_count(self) -> int:
        """The number of characters held back."""
        return self._count_from(self._given_counted)

    @property
    def rhythm(self) -> Rhythm:
        """The pauses before each key that counts, including Shift."""
        return Rhythm(tuple(self._gaps[1:]))

    @property
    def text(self) -> str:
        """The text that the keys stand for."""
        return signs(self.keys)

    def add(self, key: Key, at: float) -> None:
        """Add one key."""
        if not self.keys:
            self.began_at = self.timed_at = at
        gap, self.last_at = at - self.last_at, at
        before = self.keys[-1] if self.keys else None
        self.keys.append(key)
        if key.kind not in _TIMED:
            return
        if len(self.keys) > 1 and before is not None and key.kind is not KeyKind.COMPOSED:
            self._least_gap = min(self._least_gap, at - self.timed_at)
        self.timed_at = at
        if key.kind in COUNTED:
            self._times.append(at)
            self._gaps.append(gap)
            is_part = before is not None and before.kind is KeyKind.ALT_DIGIT
            joins = is_part and key.kind in (KeyKind.ALT_DIGIT, KeyKind.COMPOSED)
            self._counted.append(0 if joins else _worth(key))

    def give(self) -> tuple[Key, ...]:
        """Release all held keys; the burst still remembers them."""
        keys, self.given = self.held, len(self.keys)
        return keys

    def forget_given(self) -> None:
        """Forget what a field got: a person typed it, and what follows is a scan."""
        gone = sum(key.kind in COUNTED for key in self.keys[: self.given])
        del self.keys[: self.given], self._times[:gone], self._gaps[:gone], self._counted[:gone]
        self.given = 0
        self.began_at = self._times[0] if self._times else self.last_at

    # --- whose it is ----------------------------------------------------------------------------------

    @property
    def is_steering(self) -> bool:
        """Whether it consists only of keypad arrows without NumLock, at a person's speed."""
        return self._least_gap >= HUMAN_SECONDS and all(
            key.kind is KeyKind.PAD and key.text in _STEERING for key in self.keys if key.kind in COUNTED
        )

    @property
    def is_fast(self) -> bool:
        """Whether two of its keys came faster than a person presses them."""
        return self._least_gap < HUMAN_SECONDS

    @property
    def is_machine(self) -> bool:
        """Whether no person presses keys like this where keys decide."""
        if self.has_prefix or self._alt_codes() > 1:
            return True
        return self.is_fast or (self.count >= _SURE_SIGNS and not self.is_steering)

    @property
    def is_lone_alt_code(self) -> bool:
        """Whether it is a single Alt code of several digits, which is no view's shortcut."""
        return self._alt_codes() == 1

    @property
    def is_code(self) -> bool:
        """Whether the held keys are a gun's by their speed: enough characters, and not one key held down."""
        held = self.held_count
        pace = pauses(self._times[self._given_counted :])
        if (
            held < self.rules.least_length
            or max(pace.gaps, default=0.0) > self.rules.hold_seconds + _ROUNDING
        ):
            return False
        return len(self._held_signs()) > 1 or self._is_machine_repeat()

    @property
    def is_held_down(self) -> bool:
        """Whether this is key repeat that the system did not mark as such (remote desktops)."""
        held = self.held_count
        return held >= _MOST_REPEATS and len(self._held_signs()) == 1 and not self._is_machine_repeat()

    @property
    def has_prefix(self) -> bool:
        """Whether it starts with the prefix of the station's gun, and is not what a person types."""
        prefix = self.rules.prefix
        if not prefix or len(self.keys) > AFFIX_KEYS:
            return False
        is_safe = self.is_fast or not (self.is_text or prefix.isalnum())
        text = typed(self.keys)
        return is_safe and len(text) >= max(3, len(prefix) + 1) and text.startswith(prefix)

    @property
    def given_is_gun(self) -> bool:
        """Whether the keys that a field got before the scan was recognized belong to that scan."""
        pauses_before = self._gaps[1 : self._given_counted]
        is_short = self._count_to(self._given_counted) < self.rules.least_length
        return is_short or min(pauses_before) < HUMAN_SECONDS

    def is_typed_code(self, at: float | None = None) -> bool:
        """Whether a gun typed all this into a text field, slowly.

        Args:
            at: When the terminator came; None if there was none.
        """
        end = () if at is None else (at - self.last_at,)
        rhythm, text = Rhythm((*self.rhythm.gaps, *end)), self.text
        if self._is_known_gun(rhythm, text, is_ended=at is not None):
            return True
        is_code = looks_like_code(text) or self._is_marked(text)
        return at is not None and is_code and (rhythm.is_quick or rhythm.is_even)

    @property
    def may_be_typed_code(self) -> bool:
        """Whether it looks like a gun that types slowly into a text field without a terminator."""
        is_code = looks_like_code(self.text) or self._is_marked(self.text)
        return is_code and (self.rhythm.is_quick or self.rhythm.is_even)

    def _is_known_gun(self, rhythm: Rhythm, text: str, *, is_ended: bool) -> bool:
        """Whether its rhythm matches the station's gun; anything slower is not a gun."""
        if not rhythm.fits(self.rules.typical_seconds):
            return False
        if self._is_marked(text):
            return True
        return looks_like_code(text, self.rules.least_length if is_ended else _SURE_SIGNS)

    def _is_marked(self, text: str) -> bool:
        """Whether it starts as only printed codes do."""
        return len(text) >= _SURE_SIGNS and text.upper().startswith(self.rules.marks)

    @property
    def _given_counted(self) -> int:
        return sum(key.kind in COUNTED for key in self.keys[: self.given])

    def _count_from(self, place: int) -> int:
        return sum(self._counted[place:])

    def _count_to(self, place: int) -> int:
        return sum(self._counted[:place])

    def _held_signs(self) -> set[str]:
        return {sign for key in self.held if key.kind in COUNTED for sign in key.text or "\x1d"}

    def _is_machine_repeat(self) -> bool:
        """Whether equal characters came faster than any keyboard repeats a held key."""
        times = self._times[self._given_counted :]
        return times[-1] - times[0] <= _FASTEST_REPEAT_SECONDS * (len(times) - 1)

    def _alt_codes(self) -> int:
        """How many Alt codes of several digits there are, and all others once there is one."""
        runs, run = [], 0
        for key in self.keys:
            if key.kind is KeyKind.ALT_DIGIT:
                run += 1
            elif run:
                runs.append(run)
                run = 0
        runs.append(run)
        return len([run for run in runs if run]) if max(runs) > 1 else 0


def _worth(key: Key) -> int:
    """How many characters a key counts for; a word from an input method is one, a code all of its
    characters.
    """
    return len(key.text) if looks_like_code(key.text) else 1
