"""The signal band: one state, one word, one sentence, one sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from loopdesk.presenters.screens.window import BandScreen, Countdown, Signal


class Band:
    """What the band says now.

    Args:
        play: Plays the sound of a signal; never waits, never fails.
    """

    def __init__(self, play: Callable[[str], None]) -> None:
        self._play = play
        self.screen = BandScreen(Signal.READY, "", "")

    def say(self, signal: Signal, word: str, sentence: str, detail: str = "", *, sound: bool = True) -> None:
        """Say something new; sound and announcement follow the growing serial."""
        serial = self.screen.serial + 1
        self.screen = BandScreen(signal, word, sentence, detail, serial=serial)
        if sound:
            self._play(signal.value)

    def update(self, sentence: str, detail: str = "") -> None:
        """Say the same thing in other words, without a sound (a countdown, an age)."""
        self.screen = replace(self.screen, sentence=sentence, detail=detail)

    def tick(self) -> None:
        """Answer a second press of what was just done by its sound alone: what the band says stays true."""
        self._play(Signal.DOUBLE.value)

    def shown(self, countdown: Countdown | None, *, practice: bool, undo: str = "") -> BandScreen:
        """Return the band with what runs beside it, and the order that undo is about."""
        return replace(self.screen, countdown=countdown, practice=practice, undo=undo)
