"""One step of the bench while it is worked out: the state as it becomes, and what is to be done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from loopdesk.presenters.bench.effects import Effect, Play
from loopdesk.presenters.bench.questions import EMPTY, Question, Typed
from loopdesk.presenters.bench.state import BenchState
from loopdesk.presenters.screens.window import BandScreen, Signal


class Step:
    """Collects what an event makes of a state; lives no longer than one call of ``reduce``."""

    def __init__(self, state: BenchState) -> None:
        self.state = state
        self.effects: list[Effect] = []

    def become(self, **changes: Any) -> None:
        """Change fields of the state."""
        self.state = replace(self.state, **changes)

    def do(self, *effects: Effect) -> None:
        """Ask for something, after what was asked for before."""
        self.effects.extend(effects)

    def ask(self, question: Question, first: str = "", second: str = "") -> None:
        """Put a question to the operator."""
        first_typed, second_typed = Typed(first, first), Typed(second, second)
        self.become(question=question, first=first_typed, second=second_typed, filled=(first, second))

    def close_question(self) -> None:
        """Close the question."""
        self.become(question=None, first=EMPTY, second=EMPTY)

    # --- the signal band: one state, one word, one sentence, one sound --------------------------------

    @property
    def band(self) -> BandScreen:
        """What the band says."""
        return self.state.band

    def say(self, signal: Signal, word: str, sentence: str, detail: str = "", *, sound: bool = True) -> None:
        """Say something new; sound and announcement follow the growing serial."""
        self.become(band=BandScreen(signal, word, sentence, detail, serial=self.band.serial + 1))
        if sound:
            self.do(Play(signal))

    def update(self, sentence: str, detail: str = "") -> None:
        """Say the same thing in other words, without a sound."""
        self.become(band=replace(self.band, sentence=sentence, detail=detail))

    def tick(self) -> None:
        """Answer a second press of what was just done by its sound alone: what the band says stays true."""
        self.do(Play(Signal.DOUBLE))
