"""A process of the hub with one route more: a bare SELECT of one row by its primary key, by the same server.

    python -m benchmarks.hub_child DATABASE KEY_FILE LOOP SHOP

It says its address and serves until its input ends.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from starlette.requests import Request
from starlette.responses import Response

from benchmarks.children import answer
from loopdesk.hub.compose import Hub
from loopdesk.hub.http.callers import Anyone, GuardedRoute
from loopdesk.hub.http.description import Operation
from loopdesk.hub.settings import DatabaseSettings, HttpSettings, HubSettings, KeySettings, LoopSettings

BARE = "/bare/{target:path}"
_SELECT = b"SELECT body FROM read_copy WHERE target = %s AND shop_id = %s"


class WithFloor(Hub):
    """The hub and the floor that its lookups are measured against."""

    def __init__(self, settings: HubSettings, shop_id: str) -> None:
        super().__init__(settings)
        self._shop_id = shop_id
        self._floor: AsyncConnectionPool[AsyncConnection] = AsyncConnectionPool(
            settings.database.url,
            min_size=settings.database.connections,
            max_size=settings.database.connections,
            kwargs={"autocommit": True},
            open=False,
        )

    def faces(self) -> tuple[GuardedRoute, ...]:
        """Return the hub's, and the floor."""
        does = Operation("Select one kept answer", {})
        return (*super().faces(), GuardedRoute(BARE, self._select, who=Anyone, does=does))

    async def start(self) -> None:
        """Start both."""
        await self._floor.open(wait=True)
        await super().start()

    async def stop(self) -> None:
        """Stop both."""
        await super().stop()
        await self._floor.close()

    async def _select(self, request: Request) -> Response:
        target = f"/{request.path_params['target']}?{request.url.query}"
        async with self._floor.connection() as connection:
            cursor = await connection.execute(_SELECT, (target, self._shop_id))
            found = await cursor.fetchone()
        return Response(found[0] if found else b"", 200 if found else 404)


async def serve(database: str, key_file: Path, loop_url: str, shop_id: str) -> None:
    """Serve until the input ends."""
    settings = HubSettings(
        database=DatabaseSettings(url=database),
        http=HttpSettings(port=0),
        keys=KeySettings(file=key_file),
        loop=LoopSettings(url=loop_url),
    )
    async with WithFloor(settings, shop_id) as hub:
        answer({"url": hub.url})
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4]))
