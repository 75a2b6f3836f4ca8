"""Which parcels of a return were seen here, kept over days and restarts; and the names of warehouses."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

from loopdesk.domain.checks import found
from loopdesk.domain.errors import ApiError, ScopeMissing
from loopdesk.domain.returns.parcels import SeenParcel, parcel_with
from loopdesk.domain.returns.returns import Parcel, Return
from loopdesk.services.ports.loop import ReadingGateway
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.ports.store import ReturnCache, SeenParcels

log = logging.getLogger("loopdesk.scan")


class ParcelDesk:
    """Remembers which parcels were seen here.

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


NAMES_MARK = "destinations"
"""Under this name the store has what Loop called its destinations last."""


class Destinations:
    """Names of warehouses by id, read once per run; until then those that Loop told before.

    Attributes:
        state: What was found when they were read.
        is_on: Whether they could be read with this key.
    """

    def __init__(self, gateway: ReadingGateway, cache: ReturnCache) -> None:
        self._gateway = gateway
        self._cache = cache
        self._names: dict[str, str] = {}
        self.state = found("destinations_unasked")
        self.is_on = False

    async def load(self) -> None:
        """Read the warehouses; without the permission the feature stays off and says so."""
        if not self._names:
            self._names = _names_of(await self._cache.marked(NAMES_MARK))
        try:
            places = await self._gateway.destinations()
        except ScopeMissing:
            self.state = found("destinations_forbidden")
        except ApiError as failure:
            self.state = found("destinations_unknown", failure=failure)
        else:
            self.is_on = True
            self._names = {place.destination_id: place.name for place in places}
            await self._cache.mark(NAMES_MARK, json.dumps(self._names, ensure_ascii=False))
            self.state = found("destinations_known", n=len(places))
        log.info("destinations known=%s", len(self._names))

    def known(self) -> tuple[tuple[str, str], ...]:
        """Return every warehouse that is known: its id and name."""
        return tuple(self._names.items())

    def name(self, destination_id: str) -> str:
        """Return a warehouse's name, its id when the name is not known."""
        return self._names.get(destination_id, destination_id)


def _names_of(text: str) -> dict[str, str]:
    """Read what was stored; nothing if it cannot be read, because Loop tells it again."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return {str(key): str(name) for key, name in found.items()} if isinstance(found, dict) else {}
