"""The mystery parcels of all benches: numbered without doubles, and each ended once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from loopdesk.domain.site_mysteries import (
    JUMP,
    FoundParcel,
    MysteryPush,
    ParcelEnd,
    ParcelSide,
    received,
    series_letters,
    series_number,
)
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, Row, row, rows
from loopdesk.hub.sharing.feed import append

KIND: Final = "mystery"


@dataclass(frozen=True, slots=True)
class PushTaken:
    """What became of a push.

    Attributes:
        series: The bench's own from now on.
        value: The parcel as benches are told it; None if its number is another parcel's: the bench gives it
            one of this series.
    """

    series: str
    value: Mapping[str, Any] | None


class HubMysteries:
    """The mystery parcels of the site. One push is decided after the other.

    Args:
        ring: Tells readers of the feed, after a commit.
    """

    def __init__(self, database: Database, ring: Callable[[], None]) -> None:
        self._database = database
        self._ring = ring

    async def letter(self, bench: UUID, token: str, claimed: str) -> str:
        """Return the letters of a bench's store. For the arguments see ``push``.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached; nothing was done.
        """
        async with self._database.transaction() as connection:
            turn = await row(connection, "mysteries.take_turn")
            assert turn is not None
            return await _series(connection, bench, token, claimed, turn)

    async def push(
        self, bench: UUID, token: str, claimed: str, parcel: FoundParcel, push: MysteryPush
    ) -> PushTaken:
        """Take what a bench brings of one parcel. It may be brought again.

        Args:
            token: By which the bench's store is known.
            claimed: The series that it uses, "" for none.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached; nothing was done.
            psycopg.Error: It broke; it may have been kept, and may be brought again.
        """
        async with self._database.transaction() as connection:
            turn = await row(connection, "mysteries.take_turn")
            assert turn is not None
            series = await _series(connection, bench, token, claimed, turn)
            found = await row(connection, "mysteries.current", uid=parcel.uid)
            place = (found["series"], found["number"]) if found else (parcel.series or series, parcel.number)
            if found is None:
                holder = await row(connection, "mysteries.holder", series=place[0], number=place[1])
                if holder is not None:
                    return PushTaken(series, None)
            before = _shared(found) if found else None
            now = received(before, push, turn["stamp"])
            if found is not None and now == before:
                return PushTaken(series, _told(found))
            [kept] = await rows(connection, "mysteries.put", **_values(parcel, place, now))
            await append(connection, KIND, [parcel.uid])
        self._ring()
        return PushTaken(series, _told(kept))


async def told(database: Database, uids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return parcels as benches are told them, by their uids."""
    found = await database.read("mysteries.told", uids=list(uids))
    return {each["uid"]: _told(each) for each in found}


async def _series(connection: Connection, bench: UUID, token: str, claimed: str, turn: Row) -> str:
    """Return the series of a bench's store. One that it uses and nobody else has is its own.

    So a bench keeps what a hub gave it of which this older copy of the database knows nothing.
    """
    found = {
        each["token"]: each["series"]
        for each in await rows(connection, "mysteries.series_of", token=token, series=claimed)
    }
    if token in found:
        return str(found[token])
    is_older_copy = turn["counted_in"] not in ("", turn["generation"])
    series, last = claimed, max(turn["last"] + is_older_copy * JUMP, series_number(claimed))
    if not series_number(claimed) or found:
        series, last = await _next(connection, last)
    await rows(connection, "mysteries.count", last=last, generation=turn["generation"])
    await rows(connection, "mysteries.give_series", token=token, series=series, bench=bench)
    return series


async def _next(connection: Connection, last: int) -> tuple[str, int]:
    """Return the letters after a number of which no parcel is known, and their number."""
    while True:
        last += 1
        series = series_letters(last)
        found = await row(connection, "mysteries.is_given", series=series)
        assert found is not None
        if not found["given"]:
            return series, last


def _shared(found: Row) -> ParcelSide:
    return ParcelSide(
        written={name: found[name] for name in ("words", "shelf", "photo")},
        photo_at=found["photo_at"],
        standing=ParcelEnd(
            found["return_id"], found["is_closed"], found["ended_by"], found["ended_at_station"]
        ),
        written_rev=found["written_rev"],
        standing_rev=found["standing_rev"],
    )


def _values(parcel: FoundParcel, place: tuple[str, int], now: ParcelSide) -> dict[str, Any]:
    return {
        "uid": parcel.uid,
        "series": place[0],
        "number": place[1],
        "code": parcel.code,
        "found_at": parcel.found_at,
        "operator": parcel.operator,
        "station": parcel.station,
        **now.written,
        "photo_at": now.photo_at,
        "written_rev": now.written_rev,
        "return_id": now.standing.return_id,
        "is_closed": now.standing.is_closed,
        "ended_by": now.standing.by,
        "ended_at_station": now.standing.station,
        "standing_rev": now.standing_rev,
    }


def _told(found: Row) -> Mapping[str, Any]:
    return {**found, "found_at": found["found_at"].isoformat()}
