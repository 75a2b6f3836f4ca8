"""The parcels of the open return: each label that is scanned is remembered, over days and restarts."""

from __future__ import annotations

import logging
from collections.abc import Callable

from loopdesk.domain.parcels import SeenParcel, parcel_with
from loopdesk.domain.returns import Parcel
from loopdesk.services.inspection import Inspection
from loopdesk.services.ports import Clock, SeenParcels, Station

log = logging.getLogger("loopdesk.scan")


class ParcelDesk:
    """Keeps which parcels of the return on the bench were seen here.

    Args:
        station: Returns who works where, now.
    """

    def __init__(
        self,
        *,
        inspection: Inspection,
        seen_parcels: SeenParcels,
        clock: Clock,
        station: Callable[[], Station],
    ) -> None:
        self._inspection = inspection
        self._seen_parcels = seen_parcels
        self._clock = clock
        self._station = station

    async def see(self, number: str) -> Parcel | None:
        """Keep that the open return's parcel with this number is here; on disk before it is shown.

        Returns:
            The parcel; None when the open return has none with that number.
        """
        on_bench = self._inspection.on_bench
        parcel = parcel_with(on_bench.picture.ret, number) if on_bench is not None else None
        if on_bench is None or parcel is None:
            return None
        return_id, where = on_bench.picture.ret.return_id, self._station()
        seen = SeenParcel(return_id, parcel.tracking_number, self._clock.now(), where.operator, where.station)
        if await self._seen_parcels.add(seen):
            log.info("parcel_seen return=%s", return_id)
            await self._inspection.reload()
        return parcel
