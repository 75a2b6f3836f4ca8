"""Applies what was taken in: rows are the truth, a wake-up makes it quick, a sweep finds what was missed.

Several processes drain at once and none waits for another: each locks what it takes and skips what is locked.
All that a webhook causes is written in the transaction that marks it as applied, so a process that dies in
the middle leaves nothing half done and its rows to the others.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeAlias

import psycopg

from loopdesk.hub.database.sql import Connection, Row, rows
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.hub.index.feed import Batch, ChangeFeed
from loopdesk.hub.index.labels import LabelMove, move_parcels
from loopdesk.hub.index.wishes import BOXES
from loopdesk.hub.webhooks.inbox import about_body
from loopdesk.hub.webhooks.meaning import SHIPMENT, HookMeaning, ToldLabel, meaning_of
from loopdesk.hub.webhooks.secret_book import Sealing
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.tasks import Tasks, Wakeup

SWEEP_SECONDS: Final = 10.0
"""How long a webhook waits at most whose process died after storing it."""

END_OLD_SECONDS: Final = 3600.0
"""How often what was kept for long enough is deleted."""

GATHER_SECONDS: Final = 0.05
"""How long a wake-up waits for others: a burst is applied in few transactions instead of one for each."""

AGAIN_SECONDS: Final = 1.0
"""After the database failed."""

_DATABASE_AWAY: Final = (DatabaseUnusable, psycopg.OperationalError, psycopg.InterfaceError)
"""What is no fault of the webhook that was applied: the same one is applied later, in its turn."""

_UNOPENED: Final = "unopened"
_MOST_AT_ONCE: Final = 50
_MOST_ENDED: Final = 5_000

Hint: TypeAlias = Callable[[Connection, str, str], Awaitable[None]]
"""Says, in the caller's transaction, that a return of a shop changed, or its ``BOXES``: what was read before
is old.
"""

log = logging.getLogger("loopdesk.hub.webhooks")


class WebhookDrain:
    """Applies webhooks, oldest first.

    Args:
        feed: Where changes are told to the benches.
        sealing: Opens their bodies. One that cannot be opened is applied as the hint that its row is.
        hint: Makes what was read of a return old.
        clock: Paces the sweep; the database's own stamps everything.
        after_turn: Called after each turn, for what is written once in a while.
    """

    def __init__(
        self,
        feed: ChangeFeed,
        sealing: Sealing | None,
        hint: Hint,
        clock: Clock,
        tasks: Tasks,
        *,
        after_turn: Callable[[], Awaitable[None]],
    ) -> None:
        self._feed = feed
        self._sealing = sealing
        self._hint = hint
        self._clock = clock
        self._after_turn = after_turn
        self._wakeup = Wakeup(clock, tasks, "webhooks")
        self._ended_at: float | None = None

    def wake(self) -> None:
        """Look now: something was taken in."""
        self._wakeup.wake()

    async def run(self) -> None:
        """Apply what is due, until canceled. A database that is away is waited for."""
        while True:
            try:
                number = await self.turn()
                await self._after_turn()
                await self._end_old()
            except _DATABASE_AWAY as failure:
                log.warning("drain_failed kind=%s", type(failure).__name__)
                await self._clock.sleep(AGAIN_SECONDS)
                continue
            if number < _MOST_AT_ONCE:
                await self._wakeup.wait(SWEEP_SECONDS)
                await self._clock.sleep(GATHER_SECONDS)

    async def turn(self) -> int:
        """Apply the oldest that are due; returns how many rows were looked at.

        One that cannot be applied stops no other: the others are applied one by one, and it is tried again
        later.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
            psycopg.OperationalError: It failed in the middle; nothing of what was under way was done.
            psycopg.InterfaceError: Likewise.
        """
        try:
            return await self._apply(_MOST_AT_ONCE)
        except Exception as failure:  # whatever it is, one webhook must not hold up the others
            if isinstance(failure, _DATABASE_AWAY):
                raise
            log.warning("batch_failed kind=%s", type(failure).__name__)
        number = 0
        while number < _MOST_AT_ONCE and await self._apply_one():
            number += 1
        return number

    async def _apply(self, most: int) -> int:
        async with self._feed.transaction() as batch:
            connection = batch.connection
            due = await rows(connection, "webhooks.due", most=most)
            repeated = await rows(connection, "webhooks.repeats", most=most)
            if due or repeated:
                await self._write(batch, due, repeated)
        return max(len(due), len(repeated))

    async def _apply_one(self) -> bool:
        """Apply the oldest alone, or put it off; whether there was one."""
        async with self._feed.transaction() as batch:
            connection = batch.connection
            due = await rows(connection, "webhooks.due", most=1)
            if not due:
                return False
            try:
                async with connection.transaction():
                    await self._write(batch, due, [])
            except Exception as failure:
                if isinstance(failure, _DATABASE_AWAY):
                    raise
                kind = type(failure).__name__
                log.error("webhook_put_off id=%s kind=%s", due[0]["id"], kind)
                await rows(connection, "webhooks.put_off", id=due[0]["id"], trouble=kind)
        return True

    async def _write(self, batch: Batch, due: list[Row], repeated: list[Row]) -> None:
        """Write all that these webhooks cause, in an order that is the same for every process."""
        connection = batch.connection
        opened = [(row, self._meaning(row)) for row in due]
        meant = [(row, meaning) for row, meaning in opened if meaning is not None]
        hinted = {(row["shop_id"], row["return_id"]) for row in (*due, *repeated) if row["return_id"]}
        hinted |= {(row["shop_id"], BOXES) for row, meaning in meant if meaning.topic == SHIPMENT}
        await self._write_labels(batch, meant)
        for shop_id, return_id in sorted(hinted):
            await self._hint(connection, shop_id, return_id)
        failed = [(row, meaning.failed) for row, meaning in meant if meaning.failed is not None]
        if failed:
            await rows(
                connection,
                "webhooks.write_failures",
                webhooks=[row["id"] for row, _ in failed],
                states=[each.state for _, each in failed],
                messages=[each.message for _, each in failed],
                sources=[each.source for _, each in failed],
            )
            for row, _ in failed:  # the bench whose it was hears at once that there is something to ask for
                batch.note(row["shop_id"], row["return_id"])
        for trouble, is_open in ((None, True), (_UNOPENED, False)):
            ids = [row["id"] for row, meaning in opened if (meaning is not None) is is_open]
            if ids:
                await rows(connection, "webhooks.applied", ids=ids, trouble=trouble)

    def _meaning(self, row: Row) -> HookMeaning | None:
        about, sealed = about_body(row["shop_id"], bytes(row["body_hash"])), bytes(row["sealed"])
        raw = None if self._sealing is None else self._sealing.open_bytes(sealed, about)
        if raw is None:
            log.error("webhook_unopened id=%s", row["id"])
            return None
        return meaning_of(row["topic"], raw)

    async def _write_labels(self, batch: Batch, meant: list[tuple[Row, HookMeaning]]) -> None:
        told = (
            ((row["shop_id"], row["return_id"]), label) for row, meaning in meant for label in meaning.labels
        )
        newest = _newest(told)
        if not newest:
            return
        keys, labels = list(newest), list(newest.values())
        await rows(
            batch.connection,
            "webhooks.write_labels",
            shops=[shop_id for shop_id, _, _ in keys],
            numbers=[number for _, number, _ in keys],
            returns=[return_id for _, _, return_id in keys],
            carriers=[label.carrier for label in labels],
            statuses=[label.status for label in labels],
            times=[label.updated_at for label in labels],
        )
        moves = (LabelMove(*key, each.carrier, each.status, each.updated_at) for key, each in newest.items())
        await move_parcels(batch, moves)

    async def _end_old(self) -> None:
        now = self._clock.monotonic()
        if self._ended_at is not None and now - self._ended_at < END_OLD_SECONDS:
            return
        async with self._feed.transaction() as batch:
            [ended] = await rows(batch.connection, "webhooks.end_old", most=_MOST_ENDED)
        if ended["unapplied"]:
            log.error("ended_unapplied number=%s", ended["unapplied"])
        if ended["number"] < _MOST_ENDED:
            self._ended_at = now


_LabelKey: TypeAlias = tuple[str, str, str]


def _newest(told: Iterable[tuple[tuple[str, str], ToldLabel]]) -> dict[_LabelKey, ToldLabel]:
    """Return the newest state of each label by its own time, sorted; of two without a time the later one."""
    found: dict[_LabelKey, ToldLabel] = {}
    for (shop_id, return_id), label in told:
        key = (shop_id, label.tracking_number, return_id)
        known = found.get(key)
        if known is None or _is_newer(label, known):
            found[key] = label
    return dict(sorted(found.items(), key=lambda item: item[0]))


def _is_newer(label: ToldLabel, known: ToldLabel) -> bool:
    if known.updated_at is None:
        return True
    return label.updated_at is not None and label.updated_at >= known.updated_at
