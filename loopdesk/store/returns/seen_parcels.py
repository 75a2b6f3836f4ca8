"""Which parcels were scanned here. They are rows of the audit log: what happened, and when first.

What is on its way to the dock is told in the same commit.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from loopdesk.domain.returns.parcels import SeenParcel, is_same_number
from loopdesk.store.chain import append
from loopdesk.store.codecs import text_time, time_text
from loopdesk.store.codes import storable
from loopdesk.store.database import Database
from loopdesk.store.sql import fetch, queries

EVENT = "parcel_seen"
"""The audit log's word for a parcel whose label was scanned."""

_SQL = queries("seen_parcels")
_ARRIVALS = queries("arrivals")


class SeenParcels:
    """SeenParcels, one a parcel."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, seen: SeenParcel) -> bool:
        """Keep that a parcel was seen. False when it was known already; the first time stays."""
        return await self._database.write(lambda db: add(db, seen, of_return(db, seen.return_id)))

    async def of_return(self, return_id: str) -> tuple[SeenParcel, ...]:
        """Return the parcels of a return that were seen, in the order in which they were."""
        return await self._database.read(lambda db: of_return(db, return_id))


def add(connection: apsw.Connection, seen: SeenParcel, known: Sequence[SeenParcel]) -> bool:
    """Keep inside the caller's transaction that a parcel was seen, unless it is among those known."""
    if any(is_same_number(x.tracking_number, seen.tracking_number) for x in known):
        return False
    append(
        connection,
        EVENT,
        seen.seen_at,
        operator=seen.operator,
        station=seen.station,
        return_id=seen.return_id,
        detail={"tracking": seen.tracking_number},
    )
    number, at = storable(seen.tracking_number), time_text(seen.seen_at)
    values = {"return_id": storable(seen.return_id), "number": number, "at": at}
    connection.execute(_ARRIVALS["saw"], values)
    return True


def of_return(connection: apsw.Connection, return_id: str) -> tuple[SeenParcel, ...]:
    """Return the parcels of a return that were seen, in their order, inside the caller's transaction."""
    rows = fetch(connection, _SQL["of_return"], {"return_id": storable(return_id)})
    return tuple(
        SeenParcel(return_id, number, text_time(at), operator, station)
        for number, at, operator, station in rows
    )
