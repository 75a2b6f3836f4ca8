"""Ends what nobody asks for any more: attempts of dead processes, claims whose effect shows, own debts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final, Protocol

from loopdesk.domain.returns.returns import ReturnState
from loopdesk.hub.failures import DatabaseUnusable, HubFailure
from loopdesk.hub.ledger import claims, decisions
from loopdesk.hub.ledger.acts import ClaimPlace, Ledger
from loopdesk.hub.ledger.exchange import Exchanges
from loopdesk.hub.ledger.measures import LedgerMeasures
from loopdesk.hub.ledger.stages import ActionKey, LedgerFacts, Ruling
from loopdesk.services.ports.station import Clock

log = logging.getLogger("loopdesk.hub.ledger")

SWEEP_SECONDS: Final = 30.0
TICK_SECONDS: Final = 1.0
LOOKS_AT_ONCE: Final = 8
"""Returns that one process looks at in one tick."""


class ReturnSight(Protocol):
    """Looks at Loop."""

    async def state_of(self, place: ClaimPlace) -> ReturnState:
        """Return the state of a claimed return as Loop shows it now; unknown if it does not show it.

        Raises:
            HubFailure: Loop cannot be asked at the moment.
        """
        ...


class Sweep:
    """Looks after the ledger while the process runs.

    Args:
        owner: This process's number.
    """

    def __init__(
        self,
        ledger: Ledger,
        exchanges: Exchanges,
        sight: ReturnSight,
        clock: Clock,
        *,
        owner: int,
        on_fault: Callable[[str, BaseException], None],
        measures: LedgerMeasures,
    ) -> None:
        self._ledger = ledger
        self._exchanges = exchanges
        self._sight = sight
        self._clock = clock
        self._owner = owner
        self._on_fault = on_fault
        self._measures = measures

    async def run(self) -> None:
        """Sweep now and every half minute, look every second, until canceled."""
        due = self._clock.monotonic()
        while True:
            try:
                await self._exchanges.settle_owed()
                if self._clock.monotonic() >= due:
                    due = self._clock.monotonic() + SWEEP_SECONDS
                    await self.once()
                await self.look()
            except DatabaseUnusable as failure:
                log.warning("sweep_failed kind=%s", type(failure).__name__)
            except Exception as failure:  # noqa: BLE001 - the next sweep goes on
                self._on_fault("hub sweep", failure)
            await self._clock.sleep(TICK_SECONDS)

    async def once(self) -> None:
        """End the attempts that no process has any more, and let claims of revoked benches be taken over.

        Raises:
            DatabaseUnusable: It stopped in between; sweeping again is harmless.
        """
        if seconds := await self._ledger.seconds_to_wait():
            log.info("ledger_restored seconds=%.0f", seconds)
        for key, owner, exchange in await self._ledger.under_way(self._owner):
            if not self._exchanges.has(exchange):
                ruling = await self._ledger.act(key, partial(_ended, key, owner == self._owner))
                if ruling.row is not None:
                    log.info("swept key=%s stage=%s", key, ruling.row.stage.value)
        for place in await self._ledger.of_revoked():
            await self._ledger.on_claim(place, claims.on_revoked)
        counts = await self._ledger.counts()
        self._measures.claims(counts["open"], counts["stale"])

    async def look(self) -> None:
        """Look at the returns whose time has come.

        Raises:
            DatabaseUnusable: It stopped in between; what was not looked at comes again.
        """
        for place in await self._ledger.take_looks(LOOKS_AT_ONCE):
            try:
                state = await self._sight.state_of(place)
            except HubFailure as failure:
                log.info("not_seen return=%s why=%s", place.return_id, failure.why)
            else:
                await self.saw(place, state)

    async def saw(self, place: ClaimPlace, state: ReturnState) -> None:
        """Take in what Loop shows of a claimed return.

        Raises:
            DatabaseUnusable: It was not taken in.
        """
        seen = await self._ledger.on_claim(place, lambda claim, facts: claims.on_sight(claim, state, facts))
        if seen is not None and (not seen.is_open or seen.stale_at is not None):
            log.info("claim return=%s ended=%s stale=%s", place.return_id, seen.end, seen.is_open)


def _ended(key: ActionKey, is_ours: bool, facts: LedgerFacts) -> Ruling:
    """End an attempt that nobody has: of a dead process, or one of ours whose request is no more.

    Ours has no living request, so its own lock proves nothing for it.
    """
    row = facts.row(key.n)
    if row is None:
        return Ruling()
    if is_ours:
        facts = replace(facts, living=facts.living - {row.owner})
    return decisions.on_abandoned(row, facts)
