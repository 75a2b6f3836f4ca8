"""The parcels of a return: each label that is scanned is remembered, over days and restarts."""

from __future__ import annotations

import logging
from collections.abc import Callable

from loopdesk.domain.returns.parcels import SeenParcel, parcel_with
from loopdesk.domain.returns.returns import Parcel, Return
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.ports.store import SeenParcels

log = logging.getLogger("loopdesk.scan")


class ParcelDesk:
    """Keeps which parcels were seen here.

    Args:
        station: Returns who works where, now.
    """

    def __init__(
        self,
        *,
        seen_parcels: SeenParcels,
        clock: Clock,
        station: Callable[[], Station],
    ) -> None:
        self._seen_parcels = seen_parcels
        self._clock = clock
        self._station = station

    async def see(self, ret: Return, number: str) -> Parcel | None:
        """Keep that a return's parcel with this number is here; on disk before it is shown.

        Returns:
            The parcel; None when the return has none with that number.
        """
        parcel = parcel_with(ret, number)
        if parcel is None:
            return None
        where = self._station()
        seen = SeenParcel(
            ret.return_id, parcel.tracking_number, self._clock.now(), where.operator, where.station
        )
        if await self._seen_parcels.add(seen):
            log.info("parcel_seen return=%s", ret.return_id)
        return parcel
