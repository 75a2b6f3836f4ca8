"""A pooler of the tests' own: hands connections on, and makes up the backend's number as poolers do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_KEY_DATA = b"K\x00\x00\x00"
"""How the message begins that tells the number of the backend."""


@asynccontextmanager
async def pooler(server: Path, folder: Path) -> AsyncIterator[None]:
    """Listen in a folder, as PostgreSQL does in another."""
    running: set[asyncio.Task[None]] = set()

    async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while part := await source.read(65536):
                at = part.find(_KEY_DATA)
                if at >= 0:
                    part = part[: at + 5] + b"\x00\x00\x00\x07" + part[at + 9 :]
                target.write(part)
                await target.drain()
        target.close()

    async def accept(asked: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        reader, writer = await asyncio.open_unix_connection(server / ".s.PGSQL.5432")
        for pair in ((asked, writer), (reader, answer)):
            task = asyncio.create_task(pass_on(*pair))
            running.add(task)
            task.add_done_callback(running.discard)

    listening = await asyncio.start_unix_server(accept, folder / ".s.PGSQL.5432")
    async with listening:
        yield
    while running:
        await asyncio.wait(running)
