"""The settlements that can still be undone: the countdown of those that are held, and whose turn undo is."""

from __future__ import annotations

import math
from collections.abc import Callable

from loopdesk.i18n.catalogue import ngettext
from loopdesk.presenters.bench.band import Band
from loopdesk.presenters.bench.desk import BenchParts
from loopdesk.presenters.screens.window import Countdown, Signal
from loopdesk.services.ports.store import HeldSettlement

TICK_SECONDS = 0.2
"""How often a running countdown is looked at."""


class BenchUndo:
    """Knows what undo would take back, and keeps the countdown going while a settlement is held.

    Args:
        changed: Draws the bench anew.
    """

    def __init__(self, parts: BenchParts, band: Band, changed: Callable[[], None]) -> None:
        self._parts = parts
        self._band = band
        self._changed = changed
        self._begins: HeldSettlement | None = None
        self._unsent: tuple[HeldSettlement, ...] = ()
        self._ticking = False

    async def look(self) -> None:
        """Learn which settlements were not sent, and keep the countdown going while one is held."""
        self._unsent = await self._parts.outbox.unsent()
        self._follow()

    def add(self, kept: HeldSettlement) -> None:
        """Take in a settlement that was just kept; its window begins once the sender has looked."""
        self._begins = kept
        self._unsent = (*self._unsent, kept)
        self._follow()

    def _follow(self) -> None:
        if self._is_holding and not self._ticking:
            self._ticking = True
            self._parts.tasks.spawn(self._tick(), name="countdown")

    @property
    def _is_holding(self) -> bool:
        return any(x.is_held for x in self._unsent)

    async def _tick(self) -> None:
        try:
            shown = self.countdown()
            while self._is_holding:
                await self._parts.clock.sleep(TICK_SECONDS)
                self._begins = None  # the sender times it by now
                if (left := self.countdown()) != shown:
                    shown = left
                    self._changed()
        finally:
            self._ticking = False
            self._changed()

    def countdown(self) -> Countdown | None:
        """The latest settlement's window: the one that undo would withdraw."""
        for settlement in reversed(self._unsent):
            left = self._parts.hold_left(settlement.settlement_id)
            if left is None and settlement == self._begins:
                left = settlement.hold_seconds or None
            if left is not None:
                return Countdown(math.ceil(left), max(1, math.ceil(settlement.hold_seconds)))
        return None

    def say_countdown(self) -> None:
        """Let the band say how long the settlement of the shown return is held."""
        countdown, on_bench = self.countdown(), self._parts.inspection.on_bench
        if countdown is None:
            return
        is_shown = self._band.screen.signal is Signal.KEPT and on_bench is not None and on_bench.picture.held
        if not is_shown or self._parts.connection.offline_since is not None:
            return
        sentence = ngettext(
            "Goes to Loop in 1 second. Undo costs nothing until then.",
            "Goes to Loop in {n} seconds. Undo costs nothing until then.",
            countdown.left,
        )
        self._band.update(sentence, self._band.screen.detail)

    def order(self) -> str:
        """The order that undo is about now, "" when there is nothing to undo."""
        inspection = self._parts.inspection
        if inspection.on_bench is not None and inspection.can_undo_decision:
            ret = inspection.on_bench.picture.ret
            return ret.order_name or ret.return_id
        settlement = inspection.undoable(self._unsent)
        return (settlement.order_name or settlement.return_id) if settlement is not None else ""
