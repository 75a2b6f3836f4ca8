"""What a hub told, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from loopdesk.services.ports.following import HubPosition, ToldReturn
from tests.fakes.memory_arrivals import MemoryArrivals
from tests.fakes.memory_returns import MemoryReturns


class MemoryTold:
    """Fake of ``ToldReturns``."""

    def __init__(self, returns: MemoryReturns, arrivals: MemoryArrivals) -> None:
        self._returns = returns
        self._arrivals = arrivals
        self._position = HubPosition()

    async def position(self) -> HubPosition:
        """Return how far the hub was followed."""
        return self._position

    async def take(
        self, told: Sequence[ToldReturn], at: datetime, position: HubPosition | None = None
    ) -> None:
        """Keep what was told, and how far that goes."""
        for one in told:
            for answer in one.answers:
                self._returns.keep(answer, one.fetched_at or at)
            known = self._returns.kept.get(one.return_id)
            if one.answers and known is not None and known.newest is one.answers[-1]:
                known.shop, known.told = one.shop, one.mark
            await self._returns.add_codes([(code, kind.value, one.return_id) for code, kind in one.codes])
            for seen in one.parcels:
                self._arrivals.see(one.return_id, seen)
        self._position = position or self._position

    async def held(self, after: str, most: int, shop: str) -> tuple[tuple[str, str, str], ...]:
        """Return a page of what is here by its mark."""
        ids = sorted(x for x in self._returns.kept if x > after)[:most]
        kept = [self._returns.kept[x] for x in ids]
        return tuple((x.shop or shop, x.newest.ret.return_id, x.told) for x in kept)
