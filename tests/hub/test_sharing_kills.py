"""A hub dies by SIGKILL between each two steps of what benches share; whoever brought it brings it again."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest

from loopdesk.hub.benches.registry import BenchRegistry
from loopdesk.hub.database.pool import Database
from tests.hub.sharing_process import COMMITTED, PLACES, SHOP, Sharing, audit_rows, die_at
from tests.torture import figures

HELD: Final = {
    "draft": "SELECT count(*) FROM draft",
    "mystery": "SELECT count(*) FROM mystery JOIN mystery_series USING (series)",
    "people": "SELECT count(*) FROM person WHERE active",
    "audit": "SELECT count(*) FROM audit_row JOIN audit_run ON audit_run.id = audit_row.run_id",
}
ROUNDS: Final = figures.size("sharing_kills", 1, 20)


@pytest.mark.fault(201)
@pytest.mark.parametrize(("kind", "place"), [(kind, place) for kind in PLACES for place in PLACES[kind]])
async def test_what_benches_share_is_kept_once_wherever_a_hub_dies(
    hub_url: str, hub_database: Database, kind: str, place: str
) -> None:
    bench, before = await _a_site(hub_url, hub_database), _last(hub_url)
    for _ in range(ROUNDS):
        await asyncio.to_thread(die_at, hub_url, kind, place, bench)
    many = len(audit_rows()) if kind == "audit" else 1
    assert _one(hub_url, HELD[kind]) == (many if place == COMMITTED else 0)
    told = 0 if kind == "audit" else 1
    assert _last(hub_url) == before + (told if place == COMMITTED else 0)
    rings: list[None] = []
    sharing = Sharing(hub_database, lambda: rings.append(None))
    first = await sharing.take(kind, bench)
    again = await sharing.take(kind, bench)
    assert _is_good(kind, first, again)
    assert _one(hub_url, HELD[kind]) == many
    assert _last(hub_url) == before + told, "one change, and no number is missing before it"
    assert len(rings) == (0 if place == COMMITTED else told)


def _is_good(kind: str, first: Any, again: Any) -> bool:
    """Whether what is brought twice after that is answered as what is held."""
    if kind == "people":
        return first in ("added", "person_exists") and again == "person_exists"
    if kind == "draft":
        return first[0] in ("kept", "same") and again == ("same", first[1])
    return bool(first == again and first[0])


async def _a_site(url: str, database: Database) -> UUID:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO shop (id, name, colour) VALUES (%s, 'Acme', '#112233')", (SHOP,))
    benches = BenchRegistry(database)
    await benches.add("Dock 1")
    [found] = await benches.all()
    return found.id


def _one(url: str, question: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(question.encode()).fetchone()
    assert found is not None
    return int(found[0])


def _last(url: str) -> int:
    """Return the number of the last change that benches are told, which is that of the counter."""
    last = _one(url, "SELECT last FROM shared_feed")
    assert last == _one(url, "SELECT coalesce(max(seq), 0) FROM shared_change")
    return last
