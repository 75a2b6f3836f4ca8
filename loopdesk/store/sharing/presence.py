"""Which returns are open at the other benches, as the hub told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import apsw

from loopdesk.services.ports.following import SharedEvent
from loopdesk.services.ports.sharing import LONGEST_TEXT
from loopdesk.store.codecs import text_time, time_text
from loopdesk.store.codes import storable
from loopdesk.store.database import Database
from loopdesk.store.share_marks import own_bench, took
from loopdesk.store.sql import fetch, queries

_SQL = queries("shared_drafts")
_SHARING = queries("sharing")


class KeptPresence:
    """Implements ``services.ports.sharing.SharedPresence``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, event: SharedEvent) -> frozenset[str]:
        """Take what the hub tells. See the port."""

        def work(connection: apsw.Connection) -> frozenset[str]:
            if not took(connection, event.seq):
                return frozenset()
            before = _open_by(connection, event.key)
            if event.value is None:
                connection.execute(_SQL["absent"], (event.key,))
            else:
                connection.execute(_SQL["present"], _values(event.key, event.value))
            return before | _open_by(connection, event.key)

        return await self._database.write(work)

    async def learn_self(self, bench_id: str) -> None:
        """Learn which bench this is."""
        if await self._database.read(own_bench) != bench_id:
            await self._database.write(lambda db: fetch(db, _SHARING["learn_self"], (bench_id,)))


def _open_by(connection: apsw.Connection, key: str) -> frozenset[str]:
    """Return what is open under a key, unless it is this bench's."""
    return frozenset(str(return_id) for (return_id,) in fetch(connection, _SQL["open_by"], (key,)))


def _values(key: str, told: Mapping[str, Any]) -> dict[str, str]:
    names = {"order": "order_name"}
    texts = {
        names.get(name, name): storable(str(told.get(name, "")))[:LONGEST_TEXT]
        for name in ("bench_id", "bench", "return_id", "order", "person")
    }
    return {**texts, "key": key, "since": time_text(text_time(str(told.get("since", ""))))}
