"""The parcels of returns: on their way to the dock according to Loop, and seen here.

What is on its way is written in the same commit as the answer that told of it. What was seen are rows of the
audit log: what happened, and when first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

import apsw

from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.domain.returns.parcels import (
    Arrival,
    ArrivalCount,
    LabelState,
    SeenParcel,
    Sighting,
    is_same_number,
    sightings,
)
from loopdesk.domain.returns.returns import Return, ReturnState
from loopdesk.services.ports.loop import AsnRow
from loopdesk.store.chain import append
from loopdesk.store.codecs import (
    optional_text_time,
    optional_time_text,
    text_operator,
    text_time,
    time_text,
    to_json,
)
from loopdesk.store.codes import canonical_code, storable, tail_of
from loopdesk.store.database import Database
from loopdesk.store.sql import fetch, put, queries

_SQL = queries("arrivals")
_RETURNS = queries("returns")

KEPT_FOR = timedelta(days=60)
"""A label that has not moved for this long no longer announces a parcel."""

Row = tuple[str, str, str, str, str, str | None, str | None]


def note_parcels(connection: apsw.Connection, returns: Sequence[Return], at: datetime) -> None:
    """Store what answers say about the parcels of their returns, inside the caller's transaction.

    Args:
        returns: Each the newest answer about its return.
        at: When they arrived; labels that had not moved for long by then are left out.
    """
    if not returns:
        return
    ids = {"ids": to_json([ret.return_id for ret in returns])}
    known = {(row[0], row[1]): row[2:] for row in fetch(connection, _SQL["known"], ids)}
    rows = {
        (ret.return_id, storable(one.tracking_number)): _row(ret.return_id, one, known)
        for ret in returns
        for one in sightings(ret)
        if one.label_at >= at - KEPT_FOR
    }
    if known:
        connection.execute(_SQL["forget"], ids)
    put(connection, _SQL["add"], list(rows.values()))


def _row(
    return_id: str,
    one: Sighting,
    known: dict[tuple[str, str], tuple[str, str, str | None, str | None]],
) -> Row:
    """Make the row of a parcel, keeping what the advance notice or a scan said before."""
    number, carrier = storable(one.tracking_number), storable(one.carrier)
    label, label_at = one.label.value, time_text(one.label_at)
    delivered_at, seen_at = optional_time_text(one.delivered_at), None
    before = known.get((return_id, number))
    if before is not None:
        if before[1] > label_at:
            label, label_at = before[0], before[1]
        delivered_at, seen_at = before[2] or delivered_at, before[3]
    return return_id, number, carrier, label, label_at, delivered_at, seen_at


class Arrivals:
    """What is on its way to the dock; implements the port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def arrivals(
        self,
        since: datetime,
        *,
        labels: Collection[LabelState] = frozenset(LabelState),
        carriers: Collection[str] | None = None,
        unseen: bool = False,
        most: int = 5000,
    ) -> tuple[Arrival, ...]:
        """Return parcels whose label entered one of these states since then, latest first."""
        values: dict[str, object] = {
            "since": time_text(since),
            "labels": to_json(sorted(labels)),
            "carriers": None if carriers is None else to_json(sorted(carriers)),
            "unseen": int(unseen),
            "most": most,
        }
        return await self._database.read(lambda db: _arrivals(db, values))

    async def counts(self, since: datetime) -> tuple[ArrivalCount, ...]:
        """Count the parcels whose label moved since then, most first."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["counts"], {"since": time_text(since)}))
        return tuple(
            ArrivalCount(carrier, LabelState(label), bool(is_seen), number)
            for carrier, label, is_seen, number in rows
        )

    async def announce(self, rows: Sequence[AsnRow]) -> int:
        """Store rows of the advance notice. Returns how many belong to a known return."""
        return await self._database.write(lambda db: _announce(db, rows)) if rows else 0

    async def to_fetch(
        self, since: datetime, labels: Collection[LabelState], most: int
    ) -> tuple[tuple[str, str], ...]:
        """Return returns on their way whose details are unknown, soonest first, with their age."""
        values = {"since": time_text(since), "labels": to_json(sorted(labels)), "most": most}
        rows = await self._database.read(lambda db: fetch(db, _SQL["to_fetch"], values))
        return tuple((return_id, updated_at) for return_id, updated_at in rows)

    async def forget(self, before: datetime) -> None:
        """Delete parcels whose label has not moved since then."""
        await self._database.write(lambda db: _run(db, "forget_old", {"before": time_text(before)}))


def _arrivals(connection: apsw.Connection, values: dict[str, object]) -> tuple[Arrival, ...]:
    """Convert on the store's thread, where thousands of rows do not block the window."""
    return tuple(
        Arrival(
            return_id=row[0],
            order_name=row[1],
            state=ReturnState(row[2]),
            carrier=row[3],
            tracking_number=row[4],
            label=LabelState(row[5]),
            label_at=text_time(row[6]),
            delivered_at=optional_text_time(row[7]),
            seen_at=optional_text_time(row[8]),
            is_seen=bool(row[9]),
        )
        for row in fetch(connection, _SQL["arrivals"], values)
    )


def _run(connection: apsw.Connection, name: str, values: dict[str, str]) -> None:
    connection.execute(_SQL[name], values)


def _announce(connection: apsw.Connection, rows: Sequence[AsnRow]) -> int:
    """Join rows by line id, the only id in them that is known to be Loop's."""
    lines = {"lines": to_json(list({row.line_item_id for row in rows}))}
    owners: dict[str, list[str]] = {}
    for line_item_id, return_id in fetch(connection, _SQL["owners"], lines):
        owners.setdefault(line_item_id, []).append(return_id)
    joined = [(row, return_id) for row in rows for return_id in owners.get(row.line_item_id, ())]
    codes = {code for row, return_id in joined for code in code_rows(row.codes, return_id)}
    put(connection, _RETURNS["add_code"], sorted(codes, key=str))
    for row, return_id in joined:
        if row.sighting is not None:
            connection.execute(_SQL["announce"], announced(row.sighting, return_id))
    return len({row.line_item_id for row, _ in joined})


CodeRow = tuple[str, str, str, str | None]


def code_rows(codes: Iterable[tuple[str, CandidateKind]], return_id: str) -> set[CodeRow]:
    """Return the rows of codes by which a return is found."""
    known = ((canonical_code(text), kind) for text, kind in codes)
    return {(code, kind.value, storable(return_id), tail_of(code, kind)) for code, kind in known if code}


def announced(seen: Sighting, return_id: str) -> dict[str, str | None]:
    """Return the values of a parcel that is on its way, as somebody else than Loop's answers tells it."""
    return {
        "return_id": storable(return_id),
        "tracking_number": storable(seen.tracking_number),
        "carrier": storable(seen.carrier),
        "label": seen.label.value,
        "label_at": time_text(seen.label_at),
        "delivered_at": optional_time_text(seen.delivered_at),
    }


EVENT = "parcel_seen"
"""The audit event of a parcel whose label was scanned."""

_SEEN_SQL = queries("seen_parcels")
_ARRIVALS = queries("arrivals")


class SeenParcels:
    """The parcels scanned at this station."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, seen: SeenParcel) -> bool:
        """Record that a parcel was seen. False if it was recorded already; the first time is kept."""
        return await self._database.write(lambda db: add_seen(db, seen, seen_of_return(db, seen.return_id)))

    async def of_return(self, return_id: str) -> tuple[SeenParcel, ...]:
        """Return the seen parcels of a return, in order."""
        return await self._database.read(lambda db: seen_of_return(db, return_id))


def add_seen(connection: apsw.Connection, seen: SeenParcel, known: Sequence[SeenParcel]) -> bool:
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


def seen_of_return(connection: apsw.Connection, return_id: str) -> tuple[SeenParcel, ...]:
    """Return the seen parcels of a return, in order, inside the caller's transaction."""
    rows = fetch(connection, _SEEN_SQL["of_return"], {"return_id": storable(return_id)})
    return tuple(
        SeenParcel(return_id, number, text_time(at), text_operator(operator), station)
        for number, at, operator, station in rows
    )
