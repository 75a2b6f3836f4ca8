"""What no person can have meant: confirming what was not on screen, and pressing twice at once."""

from __future__ import annotations

from loopdesk.services.ports.station import Clock

SEEN_SECONDS = 0.5
"""So long a return must have been on screen before it can be confirmed."""

REPEAT_SECONDS = 0.5
"""Confirm and undo within so long of each other are one press."""


class Meant:
    """Knows since when a return has been before the operator's eyes, and when confirm or undo last came."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._painted: tuple[str, float] = ("", 0.0)
        self._decided_at = float("-inf")

    def painted(self, return_id: str) -> None:
        """A return was painted; only the first time counts until another one is."""
        if return_id != self._painted[0]:
            self._painted = (return_id, self._clock.monotonic())

    def hide(self) -> None:
        """What was on screen is not seen any more; its half second begins when it is painted again."""
        self._painted = ("", 0.0)

    def was_seen(self, return_id: str) -> bool:
        """Whether a return has been on screen for long enough to be confirmed."""
        shown, at = self._painted
        return bool(return_id) and shown == return_id and self._clock.monotonic() - at >= SEEN_SECONDS

    def is_repeat(self) -> bool:
        """Whether this confirm or undo belongs to the press before it; call it once for each."""
        now = self._clock.monotonic()
        before, self._decided_at = self._decided_at, now
        return now - before < REPEAT_SECONDS

    @property
    def is_calm(self) -> bool:
        """Whether a confirm or undo now would be one of its own."""
        return self._clock.monotonic() - self._decided_at >= REPEAT_SECONDS
