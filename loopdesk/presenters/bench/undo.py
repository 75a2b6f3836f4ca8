"""The undo windows as the bench shows them: the countdown of what is held, and what undo would withdraw."""

from __future__ import annotations

import math
from collections.abc import Callable

from loopdesk.presenters.bench.state import BenchState
from loopdesk.presenters.screens.window import Countdown
from loopdesk.services.bench.on_bench import undoable
from loopdesk.services.ports.station import Clock

TICK_SECONDS = 0.2
"""How often a running countdown is polled."""


def is_holding(state: BenchState) -> bool:
    """Whether an undo window runs."""
    return any(x.is_held for x in state.unsent)


def countdown_of(
    state: BenchState, hold_left: Callable[[str], float | None], seconds: float
) -> Countdown | None:
    """The latest settlement's window: the one that undo would withdraw.

    Args:
        hold_left: Seconds left of a settlement's window; None when nobody times it.
        seconds: Now, monotonic.
    """
    for settlement in reversed(state.unsent):
        left = hold_left(settlement.settlement_id)
        if left is None and settlement == state.begins:
            left = state.began + settlement.hold_seconds - seconds
            left = left if left > 0 else None
        if left is not None:
            return Countdown(math.ceil(left), max(1, math.ceil(settlement.hold_seconds)))
    return None


def order_of(state: BenchState) -> str:
    """The order that undo is about now, "" when there is nothing to undo."""
    if state.on_bench is not None and state.on_bench.past:
        return state.on_bench.ret.order_name or state.on_bench.ret.return_id
    settlement = undoable(state.on_bench, state.unsent)
    return (settlement.order_name or settlement.return_id) if settlement is not None else ""


class Ticking:
    """Wakes the bench while a countdown runs.

    Args:
        countdown: Gives the countdown as it stands.
        is_holding: Whether any undo window runs.
        changed: Draws the bench again.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        countdown: Callable[[], Countdown | None],
        is_holding: Callable[[], bool],
        changed: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._countdown = countdown
        self._is_holding = is_holding
        self._changed = changed
        self.is_running = False

    async def run(self) -> None:
        """Draw the bench again for every second that passes, until nothing is held."""
        self.is_running = True
        try:
            shown = self._countdown()
            while self._is_holding():
                await self._clock.sleep(TICK_SECONDS)
                if (left := self._countdown()) != shown:
                    shown = left
                    self._changed()
        finally:
            self.is_running = False
            self._changed()
