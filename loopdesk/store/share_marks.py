"""Notes, in the transaction of a change, what the hub is to be told, and what of it was taken."""

from __future__ import annotations

import apsw

from loopdesk.store.sql import fetch, queries

_SQL = queries("sharing")


def mark(connection: apsw.Connection, kind: str, key: str) -> None:
    """Note, in the transaction of a change, that the hub is to be told; without a hub do nothing."""
    connection.execute(_SQL["mark"], (kind, key))


def took(connection: apsw.Connection, seq: int) -> bool:
    """Note, in the transaction of its effect, that an event was taken. False if it was taken before."""
    return bool(fetch(connection, _SQL["took"], (seq,)))


def own_bench(connection: apsw.Connection) -> str | None:
    """Return this bench's id at the hub, "" before that is known; None without a hub."""
    site = fetch(connection, _SQL["site"])
    return str(site[0][3]) if site else None
