"""Writes the feed of what benches share: one counter for the site, and the newest change of each key."""

from __future__ import annotations

from collections.abc import Sequence

from loopdesk.hub.database.sql import Connection, rows

GONE_DAYS = 14
"""A bench that was off for longer is told everything anew: what is gone is not told for longer."""


async def append(
    connection: Connection, kind: str, keys: Sequence[str], *, shop: str | None = None, gone: bool = False
) -> None:
    """Give changes their numbers, as the last statement of a transaction; after the commit tell readers.

    The counter's row stays locked until then, so that nobody commits a higher number before. Where the same
    transaction takes numbers of a shop's feed too, those come first.

    Args:
        keys: Each once.
        shop: Whose benches are told; None for all.
        gone: There is no value any more.
    """
    if keys:
        await rows(connection, "sharing.append", kind=kind, keys=list(keys), shop=shop, gone=gone)


async def drop_gone(connection: Connection) -> None:
    """Forget what has been gone for so long that every bench was told."""
    await rows(connection, "sharing.take_counter")  # first, as whoever appends takes it
    await rows(connection, "sharing.drop_gone", days=GONE_DAYS)
