"""Which parcels were scanned here: rows of the audit log with the first time of each.

The arrivals are updated in the same commit.
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
"""The audit event of a parcel whose label was scanned."""

_SQL = queries("seen_parcels")
_ARRIVALS = queries("arrivals")


class SeenParcels:
    """The parcels scanned at this station."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, seen: SeenParcel) -> bool:
        """Record that a parcel was seen. False if it was recorded already; the first time is kept."""
        return await self._database.write(lambda db: add(db, seen, of_return(db, seen.return_id)))

    async def of_return(self, return_id: str) -> tuple[SeenParcel, ...]:
        """Return the seen parcels of a return, in order."""
        return await self._database.read(lambda db: of_return(db, return_id))


def add(connection: apsw.Connection, seen: SeenParcel, known: Sequence[SeenParcel]) -> bool:
    """Record a seen parcel inside the caller's transaction, unless it is among those known."""
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
    """Return the seen parcels of a return, in order, inside the caller's transaction."""
    rows = fetch(connection, _SQL["of_return"], {"return_id": storable(return_id)})
    return tuple(
        SeenParcel(return_id, number, text_time(at), operator, station)
        for number, at, operator, station in rows
    )
