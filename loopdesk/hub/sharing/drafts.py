"""What is entered for a return and not settled, as the bench that wrote it last has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, Row, row, rows
from loopdesk.hub.sharing.draft_rules import (
    Current,
    Ended,
    Put,
    PutOutcome,
    Revision,
    decide,
    lineage_after,
)
from loopdesk.hub.sharing.feed import append

KIND: Final = "draft"

ENDED_DAYS: Final = 120
"""How long it is remembered that a draft ended: a bench that was off for longer may bring it back."""


@dataclass(frozen=True, slots=True)
class Written:
    """What goes with a put, for people.

    Attributes:
        body: What is entered, JSON; None where it ended.
    """

    order_name: str
    person: str
    body: str | None


class HubDrafts:
    """The drafts of all shops.

    Args:
        ring: Tells readers of the feed, after a commit.
    """

    def __init__(self, database: Database, ring: Callable[[], None]) -> None:
        self._database = database
        self._ring = ring

    async def put(
        self, shop: str, return_id: str, put: Put, written: Written
    ) -> tuple[PutOutcome, Mapping[str, Any] | None]:
        """Put a draft, or how it ended.

        Returns:
            What becomes of it, and what the hub has then, as it is told; None for nothing.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached; nothing was done.
            psycopg.Error: It broke; it may have been kept, and may be put again.
        """
        key = f"{shop}:{return_id}"
        async with self._database.transaction() as connection:
            await rows(connection, "drafts.take_turn", key=key)
            found = await row(connection, "drafts.current", shop=shop, return_id=return_id)
            assert found is not None
            current = _current(found)
            outcome = decide(current, put)
            if outcome is PutOutcome.KEPT:
                await _write(connection, (shop, return_id), put, written, current, found["now"])
                await append(connection, KIND, [key], shop=shop)
        if outcome is PutOutcome.KEPT:
            self._ring()
        return outcome, (await told(self._database, [key])).get(key)

    async def drop_ended(self) -> None:
        """Forget what ended long ago."""
        async with self._database.transaction() as connection:
            for each in await rows(connection, "drafts.drop_ended", days=ENDED_DAYS):
                await append(
                    connection, KIND, [f"{each['shop']}:{each['return_id']}"], shop=each["shop"], gone=True
                )


async def told(database: Database, keys: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return drafts as benches are told them, by ``shop:return id``."""
    found = await database.read("drafts.told", keys=list(keys))
    return {f"{each['shop']}:{each['return_id']}": _told(each) for each in found}


def _told(found: Row) -> Mapping[str, Any]:
    return {
        "shop": found["shop"],
        "return_id": found["return_id"],
        "revision": str(Revision(found["number"], found["generation"])),
        "order": found["order_name"],
        "draft": found["body"],
        "content": found["content"],
        "lineage": found["lineage"],
        "ended": found["ended"] or "",
        "bench_id": str(found["bench_id"]),
        "bench": found["bench"],
        "turn": found["turn"],
        "person": found["person"],
        "at": found["at"].isoformat(),
    }


def _current(found: Row) -> Current | None:
    if found["number"] is None:
        return None
    return Current(
        revision=Revision(found["number"], found["generation"]),
        bench=found["bench_id"],
        content=found["content"],
        lineage=tuple(found["lineage"]),
        turn=found["turn"],
        ended=Ended(found["ended"]) if found["ended"] else None,
        at=found["at"],
    )


async def _write(
    connection: Connection,
    of: tuple[str, str],
    put: Put,
    written: Written,
    current: Current | None,
    generation: str,
) -> None:
    before = max(current.revision.number if current else 0, put.base.number if put.base else 0)
    await rows(
        connection,
        "drafts.put",
        shop=of[0],
        return_id=of[1],
        number=before + 1,
        generation=generation,
        order_name=written.order_name,
        body=written.body if put.ended is None else None,
        content=put.content,
        lineage=list(lineage_after(current)),
        ended=put.ended,
        bench=put.bench,
        turn=put.turn,
        person=written.person,
        at=put.at,
    )
