"""The mystery parcels of the other benches beside this one's, and what the hub told last of each."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import apsw

from loopdesk.domain.operators import PROGRAM
from loopdesk.domain.site_mysteries import FIELDS, FoundParcel, ParcelEnd, ParcelSide, met, push_of
from loopdesk.services.ports.site_mysteries import MysteryNews, MysteryToSay, Series, ToldMystery
from loopdesk.services.ports.store import Mystery
from loopdesk.store.chain import append
from loopdesk.store.codecs import operator_text, text_operator, to_json
from loopdesk.store.codes import storable
from loopdesk.store.database import Database
from loopdesk.store.returns.mysteries import KIND, mystery_of, values_of
from loopdesk.store.share_marks import mark, took
from loopdesk.store.sql import fetch, queries

_SQL = queries("mysteries")


class KeptSiteMysteries:
    """Implements ``services.ports.site_mysteries.SiteMysteries``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def series(self) -> Series:
        """Return this store's letters."""
        [row] = await self._database.read(lambda db: fetch(db, _SQL["series"]))
        return Series(*row)

    async def learn_series(self, letters: str) -> None:
        """Use these letters from now on. See the port."""

        def work(connection: apsw.Connection) -> None:
            connection.execute(_SQL["learn_series"], {"series": letters})
            connection.execute(_SQL["letter_own"], {"series": letters})

        if (await self.series()).letters != letters:
            await self._database.write(work)

    async def to_say(self, uid: str, station: str) -> MysteryToSay | None:
        """Return what the hub is to be told of a parcel; None if there is no such one."""
        return await self._database.read(lambda db: _to_say(db, uid, station))

    async def take(self, told: ToldMystery, at: datetime, seq: int | None = None) -> MysteryNews | None:
        """Let what the hub has meet what is here. See the port."""

        def work(connection: apsw.Connection) -> MysteryNews | None:
            if seq is not None and not took(connection, seq):
                return None
            return _take(connection, told, at)

        return await self._database.write(work)

    async def number_again(self, uid: str) -> MysteryNews | None:
        """Put an own parcel behind this store's letters. See the port."""

        def work(connection: apsw.Connection) -> MysteryNews | None:
            before = _of(connection, uid)
            series = fetch(connection, _SQL["series"])[0][1]
            if before is None or not fetch(connection, _SQL["number_again"], {"uid": uid, "series": series}):
                return None
            mark(connection, KIND, uid)
            after = _of(connection, uid)
            assert after is not None
            return replace(_news(after), renumbered_from=before.site_number)

        return await self._database.write(work)


def _of(connection: apsw.Connection, uid: str) -> Mystery | None:
    found = fetch(connection, _SQL["of_uid"], {"uid": uid})
    return mystery_of(fetch(connection, _SQL["get"], found[0])[0]) if found else None


def _to_say(connection: apsw.Connection, uid: str, station: str) -> MysteryToSay | None:
    record = _of(connection, uid)
    if record is None:
        return None
    [(_, series, in_series, photo_at, *ended, base)] = fetch(
        connection, _SQL["of_site"], {"number": record.number}
    )
    here = _shared(record, photo_at, ended)
    parcel = FoundParcel(
        uid=uid,
        series=series,
        number=in_series,
        code=record.code,
        found_at=record.found_at,
        operator=operator_text(record.operator),
        station=record.station,
    )
    return MysteryToSay(parcel, push_of(here, _base(base), station), is_own=not record.is_foreign)


def _take(connection: apsw.Connection, told: ToldMystery, at: datetime) -> MysteryNews | None:
    before, parcel = _of(connection, told.parcel.uid), told.parcel
    if before is None:
        return _add(connection, told)
    [(_, _, _, photo_at, *ended, base)] = fetch(connection, _SQL["of_site"], {"number": before.number})
    here, known = _shared(before, photo_at, ended), _base(base)
    found = met(here, known, told.shared)
    after = _with(before, found.here)
    fetch(connection, _SQL["change"], values_of(after))
    _put(connection, after.number, parcel, found.here, found.base)
    if found.is_pushed:
        mark(connection, KIND, parcel.uid)
    news = _news(_of(connection, parcel.uid) or after)
    if not found.here.standing.is_as(here.standing):
        _audit(connection, after, found.here.standing, at)
        is_found = bool(after.linked_return_id) and not found.is_overruled
        station = found.here.standing.station or "?"
        news = replace(
            news,
            found=after.linked_return_id if is_found else "",
            overruled_at=station if found.is_overruled else "",
        )
    return news if found.here != here else None


def _add(connection: apsw.Connection, told: ToldMystery) -> MysteryNews:
    parcel = told.parcel
    [(number,)] = fetch(connection, _SQL["next_foreign"])
    bare = Mystery(number, parcel.code, parcel.found_at, text_operator(parcel.operator), parcel.station)
    added = _with(bare, told.shared)
    connection.execute(_SQL["add_foreign"], values_of(added))
    _put(connection, number, parcel, told.shared, told.shared)
    connection.execute(_SQL["pass_number"], {"series": parcel.series, "in_series": parcel.number})
    found = _of(connection, parcel.uid)
    assert found is not None
    return _news(found)


def _put(
    connection: apsw.Connection, number: int, parcel: FoundParcel, here: ParcelSide, base: ParcelSide
) -> None:
    values = {
        "number": number,
        "uid": parcel.uid,
        "series": parcel.series,
        "in_series": parcel.number,
        "photo_at": storable(here.photo_at),
        "ended_by": storable(here.standing.by),
        "ended_station": storable(here.standing.station),
        "base": _base_json(base),
    }
    connection.execute(_SQL["put_site"], values)


def _with(record: Mystery, shared: ParcelSide) -> Mystery:
    """Return a record with what changes of it."""
    standing = shared.standing
    return replace(
        record,
        words=shared.written["words"],
        shelf=shared.written["shelf"],
        photo=shared.written["photo"],
        linked_return_id=standing.return_id,
        linked_by=text_operator(standing.by) if standing.return_id and standing.by else PROGRAM,
        closed=standing.is_closed,
    )


def _shared(record: Mystery, photo_at: str, ended: list[str]) -> ParcelSide:
    by, station = ended
    return ParcelSide(
        written={name: getattr(record, name) for name in FIELDS},
        photo_at=photo_at,
        standing=ParcelEnd(record.linked_return_id, record.closed, by, station),
    )


def _audit(connection: apsw.Connection, record: Mystery, standing: ParcelEnd, at: datetime) -> None:
    """Record what another bench did with a parcel."""
    append(
        connection,
        "mystery_told",
        at,
        operator=text_operator(standing.by) if standing.by else PROGRAM,
        station=standing.station,
        return_id=record.linked_return_id,
        detail={"number": record.number, "closed": record.closed},
    )


def _news(record: Mystery) -> MysteryNews:
    return MysteryNews(record.number, record.site_number, record.code)


def _base_json(base: ParcelSide) -> str:
    standing = base.standing
    return to_json(
        {
            "written": dict(base.written),
            "photo_at": base.photo_at,
            "standing": [standing.return_id, standing.is_closed, standing.by, standing.station],
            "revisions": [base.written_rev, base.standing_rev],
        }
    )


def _base(text: str) -> ParcelSide:
    if not text:
        return ParcelSide()
    found: dict[str, Any] = json.loads(text)
    return ParcelSide(found["written"], found["photo_at"], ParcelEnd(*found["standing"]), *found["revisions"])
