"""What a hub tells of returns, kept with how far that goes in one commit: nothing is lost, or taken twice."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import apsw

from loopdesk.services.ports.following import HubPosition, ToldReturn
from loopdesk.store.codecs import to_json, unpack
from loopdesk.store.database import Database
from loopdesk.store.returns.parcels import CodeRow, announced, code_rows
from loopdesk.store.returns.returns import SavableAnswer, ready, save_ready
from loopdesk.store.sql import fetch, put, queries

POSITION = "hub_position"
"""The mark under which the position is kept."""

_SQL = queries("told")
_RETURNS = queries("returns")
_ARRIVALS = queries("arrivals")


class ToldReturns:
    """Implements ``services.ports.following.HubReturns``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def position(self) -> HubPosition:
        """Return how far the hub was followed; the beginning if what is stored is none."""
        text = await self._database.read(lambda db: db.execute(_RETURNS["marked"], (POSITION,)).get)
        return _position(text or "")

    async def take(
        self, told: Sequence[ToldReturn], at: datetime, position: HubPosition | None = None
    ) -> None:
        """Keep what was told, and how far that goes, in one commit. See the port."""
        if not told and position is None:
            return
        rows = await asyncio.to_thread(_rows, told, at)
        await self._database.write(lambda db: _take(db, rows, at, position))

    async def held(self, after: str, most: int, shop: str) -> tuple[tuple[str, str, str], ...]:
        """Return a page of what is here by its mark. See the port."""
        values: dict[str, str | int] = {"after": after, "most": most, "shop": shop}
        return await self._database.read(lambda db: _held(db, values))


class _ToldRows(NamedTuple):
    """What was told, as it is written; made before the store's thread is asked, for which a scan may wait."""

    answers: Sequence[SavableAnswer]
    marks: Mapping[str, tuple[str, str, str]]
    codes: Sequence[CodeRow]
    parcels: Sequence[Mapping[str, str | None]]


def _rows(told: Sequence[ToldReturn], at: datetime) -> _ToldRows:
    marks = {x.return_id: (x.shop, x.mark, x.return_id) for x in told if x.answers and x.mark}
    return _ToldRows(
        answers=[ready(one, x.fetched_at or at) for x in told for one in x.answers],
        marks=marks,
        codes=sorted({row for x in told for row in code_rows(x.codes, x.return_id)}, key=str),
        parcels=[announced(y, x.return_id) for x in told for y in x.parcels],
    )


def _take(connection: apsw.Connection, rows: _ToldRows, at: datetime, position: HubPosition | None) -> None:
    newest = save_ready(connection, rows.answers, at)
    put(connection, _SQL["mark"], [row for return_id, row in rows.marks.items() if return_id in newest])
    put(connection, _RETURNS["add_code"], rows.codes)
    connection.executemany(_ARRIVALS["announce"], rows.parcels)
    if position is not None:
        text = to_json({"generation": position.generation, "after": dict(position.after)})
        connection.execute(_RETURNS["mark"], {"name": POSITION, "value": text})


def _position(text: str) -> HubPosition:
    try:
        found: Mapping[str, Any] = json.loads(text)
        after = {str(shop): int(seq) for shop, seq in found["after"].items()}
        return HubPosition(str(found["generation"]), after)
    except (ValueError, KeyError, TypeError, AttributeError):
        return HubPosition()


def _held(connection: apsw.Connection, values: Mapping[str, str | int]) -> tuple[tuple[str, str, str], ...]:
    found = []
    for return_id, own, told, body, details in fetch(connection, _SQL["held"], values):
        shop = own or str(values["shop"])
        found.append((shop, return_id, (told or _mark_of(body, details)) if shop else ""))
    return tuple(found)


def _mark_of(body: bytes, details: bytes | None) -> str:
    """Return the hub's mark of a return of which nothing but its answers is known."""
    texts = unpack(body), "" if details is None else unpack(details)
    raw, more = (text.encode("utf-8", "surrogatepass") for text in texts)
    return hashlib.sha256(raw + b"\0" + more).hexdigest()[:32]
