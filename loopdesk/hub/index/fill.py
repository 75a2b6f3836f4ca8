"""Fills a bench: everything that the hub knows of its shops, in one snapshot, as compressed NDJSON.

The counters of the feed are read in the same snapshot, so that the feed goes on exactly where the fill ends.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Final

import psycopg

from loopdesk.hub.database.connecting import connect
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, Row, rows, statement
from loopdesk.hub.index.telling import line, told, told_mark

log = logging.getLogger("loopdesk.hub.index")

AT_ONCE: Final = 4
"""Fills of a process at the same time; each holds a connection of its own, and a snapshot."""

ROWS_A_CHUNK: Final = 200

GZIP: Final = 31
"""zlib's number for a window of 32 KiB in gzip's format."""

Held = Mapping[str, Mapping[str, str]]
"""What a bench holds: a mark for each return, by shop."""


class FillsBusy(Exception):
    """As many fills as may run do; it is free again soon."""


class Fills:
    """The fills of a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._running = 0

    @property
    def running(self) -> int:
        """How many are under way."""
        return self._running

    async def begin(self, shops: Sequence[str], held: Held) -> AsyncGenerator[bytes, None]:
        """Return a fill, as gzip of NDJSON. Close it.

        The first line is ``{"generation", "after", "rows"}``: how many returns follow, and after which change
        of each shop the feed goes on. Then one line a return, but for those of which the bench holds the
        mark. The last is ``{"end": true}``; whoever does not get it throws
        everything away. PostgreSQL ends the snapshot of a reader that takes nothing for ten seconds.

        Args:
            shops: Their ids.
            held: What is not sent again.

        Raises:
            FillsBusy: Too many at once.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        if self._running >= AT_ONCE:
            raise FillsBusy
        stream = self._stream(shops, held)
        await anext(stream)  # from here on closing it gives everything back
        return stream

    async def _stream(self, shops: Sequence[str], held: Held) -> AsyncGenerator[bytes, None]:
        self._running += 1
        try:
            connection = await connect(self._database.url)
            try:
                yield b""
                packer = zlib.compressobj(1, wbits=GZIP)
                async with aclosing(_lines(connection, shops, held)) as chunks:
                    async for chunk in chunks:
                        if packed := packer.compress(chunk):
                            yield packed
                yield packer.flush()
            finally:
                await connection.close()
        except psycopg.Error as failure:
            log.warning("fill_broken kind=%s", type(failure).__name__)
        finally:
            self._running -= 1


async def _lines(connection: Connection, shops: Sequence[str], held: Held) -> AsyncGenerator[bytes, None]:
    async with connection.transaction():
        await rows(connection, "fill.snapshot")
        extents = await rows(connection, "fill.extents", shops=list(shops))
        yield line(
            {
                "generation": extents[0]["generation"] if extents else "",
                "after": {each["shop"]: each["last"] for each in extents},
                "rows": sum(each["rows"] for each in extents),
            }
        )
        async with connection.cursor(name="fill") as cursor:
            cursor.itersize = ROWS_A_CHUNK
            await cursor.execute(statement("fill.all"), {"shops": list(shops)})
            while found := await cursor.fetchmany(ROWS_A_CHUNK):
                yield b"".join(line(told(row)) for row in found if not _is_held(row, held))
    yield line({"end": True})


def _is_held(row: Row, held: Held) -> bool:
    mark = held.get(row["shop"], {}).get(row["return_id"])
    return mark is not None and mark == told_mark(row)
