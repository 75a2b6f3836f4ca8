"""The outbox by returns, in memory."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from loopdesk.domain.outbox import ladder
from loopdesk.domain.outbox.ladder import Standing
from loopdesk.domain.outbox.stages import Entry, Stage
from loopdesk.services.ports.overview import Finished, LanePage
from tests.fakes.memory_outbox import MemoryOutbox


class MemoryOverview:
    """Fake of ``Overview``, over the fake of the outbox."""

    def __init__(self, outbox: MemoryOutbox) -> None:
        self._outbox = outbox

    def _lanes(self) -> list[tuple[Entry, ...]]:
        by_return: dict[str, list[Entry]] = {}
        for entry in sorted(self._outbox.kept.values(), key=lambda x: x.seq):
            by_return.setdefault(entry.return_id, []).append(entry)
        return [tuple(lane) for lane in by_return.values()]

    async def page(self, standing: Standing | None, *, skip: int, most: int) -> LanePage:
        """Return some returns."""
        lanes = self._lanes()
        counts = Counter(ladder.standing(lane) for lane in lanes)
        if standing is Standing.ENDED:
            chosen = [lane for lane in lanes if ladder.standing(lane) is Standing.ENDED]
            chosen.sort(key=lambda lane: -lane[-1].seq)
        else:
            del counts[Standing.ENDED]
            chosen = [lane for lane in lanes if ladder.standing(lane) is not Standing.ENDED]
            chosen = [lane for lane in chosen if standing in (None, ladder.standing(lane))]
            chosen.sort(key=_place)
        return LanePage(tuple(chosen[skip : skip + most]), dict(counts))

    async def finished(self, most: int) -> tuple[Finished, ...]:
        """Return the returns that were finished last, latest first."""
        found: dict[str, Finished] = {}
        for settlement_id, request in reversed(self._outbox.requests()):
            mine = [x for x in self._outbox.kept.values() if x.settlement_id == settlement_id]
            if request.return_id in found or all(x.stage is Stage.WITHDRAWN for x in mine):
                continue
            found[request.return_id] = Finished(
                settlement_id,
                request.return_id,
                request.order_name,
                request.kind,
                request.operator,
                request.station,
                request.decided_at,
                request.draft,
                await self._outbox.lane(request.return_id),
            )
        return tuple(found.values())[:most]


def _place(lane: tuple[Entry, ...]) -> tuple[bool, datetime | None, bool, int]:
    """Sort what needs a person first, by how long; then what is held; then by age."""
    where = ladder.standing(lane)
    parked = [x.moved_at for x in lane if x.stage is Stage.PARKED and x.moved_at is not None]
    first = min(x.seq for x in lane if not x.is_finished)
    at = min(parked) if parked else datetime.max.replace(tzinfo=lane[0].decided_at.tzinfo)
    return where is not Standing.PARKED, at, where is not Standing.HELD, first
