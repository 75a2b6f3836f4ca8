"""What is on its way to the dock, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.domain.returns.parcels import (
    Arrival,
    ArrivalCount,
    LabelState,
    Sighting,
    label_state,
    sightings,
)
from loopdesk.domain.returns.returns import Return
from loopdesk.services.ports.loop import AsnRow
from tests.fakes.memory_returns import MemoryReturns

KEPT_FOR = timedelta(days=60)


class MemoryArrivals:
    """Fake of the arrivals' store.

    Args:
        is_worked_on: Whether a return has a draft or a settlement.
    """

    def __init__(self, returns: MemoryReturns, is_worked_on: Callable[[str], bool]) -> None:
        self._returns = returns
        self._is_worked_on = is_worked_on
        self._kept: dict[tuple[str, str], Arrival] = {}
        returns.noted.append(self._note)

    def _note(self, ret: Return, at: datetime) -> None:
        before = {key: x for key, x in self._kept.items() if key[0] == ret.return_id}
        for key in before:
            del self._kept[key]
        for one in sightings(ret):
            if one.label_at < at - KEPT_FOR:
                continue
            key = (ret.return_id, one.tracking_number)
            known = before.get(key)
            made = Arrival(
                ret.return_id,
                ret.order_name,
                ret.state,
                one.carrier,
                one.tracking_number,
                one.label,
                one.label_at,
                one.delivered_at,
                None,
                is_seen=False,
            )
            if known is not None and known.label_at > one.label_at:
                made = replace(made, label=known.label, label_at=known.label_at)
            if known is not None:
                delivered_at = known.delivered_at or made.delivered_at
                made = replace(made, delivered_at=delivered_at, seen_at=known.seen_at)
            self._kept[key] = made

    async def arrivals(
        self,
        since: datetime,
        *,
        labels: Collection[LabelState] = frozenset(LabelState),
        carriers: Collection[str] | None = None,
        unseen: bool = False,
        most: int = 5000,
    ) -> tuple[Arrival, ...]:
        """Return parcels whose label moved since then, latest first."""
        found = [x for x in self._since(since, labels) if carriers is None or x.carrier in carriers]
        return tuple([x for x in found if not (unseen and x.is_seen)][:most])

    async def counts(self, since: datetime) -> tuple[ArrivalCount, ...]:
        """Count parcels, most first."""
        found = Counter((x.carrier, x.label, x.is_seen) for x in self._since(since, frozenset(LabelState)))
        rows = [ArrivalCount(*key, number) for key, number in found.items()]
        return tuple(sorted(rows, key=lambda x: (-x.number, x.carrier, x.label, x.is_seen)))

    def saw(self, return_id: str, number: str, at: datetime) -> None:
        """Note that a parcel was scanned here; the store's seen parcels do it in the same commit."""
        own = [key for key in self._kept if key[0] == return_id]
        for key in own:
            known = self._kept[key]
            if known.seen_at is None and (key[1].upper() == number.upper() or len(own) == 1):
                self._kept[key] = replace(known, seen_at=at)

    async def announce(self, rows: Sequence[AsnRow]) -> int:
        """Take over rows of the advance notice."""
        joined = set()
        for row in rows:
            return_id = await self._returns.return_of_line(row.line_item_id)
            if return_id is None:
                continue
            joined.add(row.line_item_id)
            codes = (
                (row.tracking_number, CandidateKind.TRACKING),
                (row.scannable_id, CandidateKind.SCANNABLE),
                (row.package_reference, CandidateKind.PACKAGE),
                (row.box_barcode, CandidateKind.BOX),
                (row.rma_code, CandidateKind.RMA),
                (row.consolidation_tracking, CandidateKind.CONSOLIDATION),
            )
            found = [(part, kind.value, return_id) for text, kind in codes for part in text.split(",")]
            await self._returns.add_codes(found)
            self._announce(row, return_id)
        return len(joined)

    def _announce(self, row: AsnRow, return_id: str) -> None:
        label = LabelState.DELIVERED if row.delivered_at is not None else label_state(row.label_status)
        at = row.delivered_at or row.label_updated_at or row.updated_at
        if label is None or at is None or not row.tracking_number:
            return
        self.see(return_id, Sighting(row.tracking_number, row.carrier, label, at, row.delivered_at))

    def see(self, return_id: str, one: Sighting) -> None:
        """Take over what somebody says of a parcel; the newest of its label counts."""
        key = (return_id, one.tracking_number)
        ret = self._returns.kept[return_id].newest.ret
        made = Arrival(
            return_id,
            ret.order_name,
            ret.state,
            one.carrier,
            one.tracking_number,
            one.label,
            one.label_at,
            one.delivered_at,
            None,
            is_seen=False,
        )
        known = self._kept.get(key)
        if known is not None:
            newer = made if one.label_at >= known.label_at else known
            made = replace(
                known,
                label=newer.label,
                label_at=newer.label_at,
                delivered_at=one.delivered_at or known.delivered_at,
            )
        self._kept[key] = made

    async def to_fetch(
        self, since: datetime, labels: Collection[LabelState], most: int
    ) -> tuple[tuple[str, str], ...]:
        """Return returns whose details are not known as they are now, soonest to arrive first."""
        soon = (LabelState.OUT_FOR_DELIVERY, LabelState.DELIVERED)
        found: dict[str, tuple[int, float]] = {}
        for one in self._since(since, labels):
            kept = self._returns.kept[one.return_id]
            is_stale = kept.details is None or (
                one.label in soon and kept.details.updated_at != kept.newest.ret.updated_at
            )
            if one.seen_at or kept.newest.is_details or not is_stale or self._is_worked_on(one.return_id):
                continue
            rank = (soon.index(one.label) if one.label in soon else 2, -one.label_at.timestamp())
            found[one.return_id] = min(rank, found.get(one.return_id, rank))
        ids = sorted(found, key=lambda return_id: found[return_id])[:most]
        ages = ((x, self._returns.kept[x].newest.ret.updated_at) for x in ids)
        return tuple((x, "" if at is None else at.isoformat(timespec="microseconds")) for x, at in ages)

    async def forget(self, before: datetime) -> None:
        """Drop what has not changed since then."""
        self._kept = {key: x for key, x in self._kept.items() if x.label_at >= before}

    def _since(self, since: datetime, labels: Collection[LabelState]) -> list[Arrival]:
        found = [x for x in self._kept.values() if x.label_at >= since and x.label in labels]
        found.sort(key=lambda x: x.tracking_number)
        found.sort(key=lambda x: (x.label_at, x.return_id), reverse=True)
        return [
            replace(
                x,
                state=self._returns.kept[x.return_id].newest.ret.state,
                is_seen=x.seen_at is not None or self._is_the_one_worked_on(x.return_id),
            )
            for x in found
        ]

    def _is_the_one_worked_on(self, return_id: str) -> bool:
        own = [key for key in self._kept if key[0] == return_id]
        return len(own) == 1 and self._is_worked_on(return_id)
