"""A real bench's store, and its way to a real hub that can be cut at each step."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import apsw
import httpx

from loopdesk.api.sharing.audit import HubAudit
from loopdesk.domain.audit_chain import ChainRow
from loopdesk.domain.errors import AnswerLost, ApiError, HubUnreachable
from loopdesk.domain.operators import Operator
from loopdesk.hub.audit.reading import KeptFault, KeptRun, reading
from loopdesk.hub.compose import Hub
from loopdesk.services.ports.sharing import HubSaid
from loopdesk.services.sharing.audit import AuditUpload
from loopdesk.services.station.events import Feed
from loopdesk.services.station.tasks import Tasks
from loopdesk.store.database import FILE_NAME
from loopdesk.store.store import Store, open_store
from tests.builders import AT, rebuild
from tests.fakes.clock import HandClock

TRIGGERS = "DROP TRIGGER IF EXISTS audit_never_changes; DROP TRIGGER IF EXISTS audit_is_never_cut;"


class Line:
    """The line to a hub.

    Attributes:
        url: Where the hub is now.
        cut: What happens to the next requests: "" nothing, "before" they do not arrive, "after" their answers
            do not.
        asked: How many requests arrived.
    """

    is_hub = True
    generation = ""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token
        self.cut = ""
        self.asked = 0
        self.bodies: list[int] = []

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> HubSaid:
        """Ask the hub."""
        if self.cut == "before":
            raise HubUnreachable(why="test")
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            answer = await client.request(
                method, path, json=body, headers={"X-Authorization": self.token}, timeout=30
            )
        self.asked += 1
        self.bodies.append(len(json.dumps(body)))
        if self.cut == "after":
            raise AnswerLost(why="test")
        if answer.status_code != 200:
            raise AnswerLost(why="test", status=answer.status_code)
        return HubSaid(answer.status_code, answer.json())


class BenchLog:
    """A bench with its profile on disk; nothing else of it runs.

    Attributes:
        store: Its store; another one after ``restart``.
        upload: What brings its rows.
        clock: Turned by hand.
    """

    def __init__(self, folder: Path, line: Line) -> None:
        self.folder = folder
        self.line = line
        self.clock = HandClock()
        self.faults: list[BaseException] = []
        self.tasks = Tasks(lambda _where, failure: self.faults.append(failure))
        self.feed = Feed(lambda _where, failure: self.faults.append(failure))
        self.store: Store
        self.upload: AuditUpload
        self._n = 0

    async def start(self) -> None:
        """Open the profile."""
        self.store = await open_store(self.folder, rebuild)
        self.upload = AuditUpload(
            uploads=self.store.audit_uploads,
            hub=HubAudit(self.line),
            clock=self.clock,
            tasks=self.tasks,
            feed=self.feed,
            random=random.random,
        )

    async def stop(self) -> None:
        """Close it."""
        await self.tasks.aclose()
        await self.store.close()

    async def restart(self) -> None:
        """Close and open it."""
        await self.stop()
        await self.start()

    async def write(self, number: int = 1) -> None:
        """Write rows."""
        for _ in range(number):
            self._n += 1
            await self.store.audit.write(
                "seen",
                AT,
                operator=Operator(name="Žofie"),
                station="dock 1",
                detail={"n": self._n, "x": "\0\ud800"},
            )

    async def bring_all(self) -> bool:
        """Bring all that there is now. Returns whether the hub has it."""
        try:
            while await self.upload.bring_some():
                pass
        except ApiError:
            return False
        return True

    async def tamper(self, sql: str) -> None:
        """Change the log as somebody with the file in hand could."""

        def change(connection: apsw.Connection) -> None:
            connection.execute(TRIGGERS + sql)

        await self.store.database.write(change)

    async def rows(self) -> list[ChainRow]:
        """Return the bench's own rows."""

        def read(connection: apsw.Connection) -> list[ChainRow]:
            return [
                ChainRow(seq, "", bytes(sha))
                for seq, sha in connection.execute("SELECT seq, sha FROM audit ORDER BY seq")
            ]

        return await self.store.database.read(read)

    async def copy_to(self, folder: Path) -> None:
        """Copy the profile as a backup program does."""
        await self.store.close()
        shutil.copytree(self.folder, folder)
        await self.start()

    async def put_back(self, folder: Path) -> None:
        """Put the copy in the profile's place."""
        await self.store.close()
        shutil.rmtree(self.folder)
        shutil.copytree(folder, self.folder)
        await self.start()

    async def wipe(self) -> None:
        """Delete the profile, and begin with an empty one."""
        await self.store.close()
        for file in self.folder.glob(f"{Path(FILE_NAME).stem}*"):
            file.unlink()
        await self.start()


@asynccontextmanager
async def bench_log(folder: Path, line: Line) -> AsyncIterator[BenchLog]:
    """A bench, open."""
    bench = BenchLog(folder, line)
    await bench.start()
    yield bench
    await bench.stop()
    assert bench.faults == []


async def runs(hub: Hub) -> tuple[KeptRun, ...]:
    """Return the runs that the hub holds."""
    async with reading(hub.database) as held:
        return await held.runs()


async def faults(hub: Hub) -> tuple[KeptFault, ...]:
    """Return the rows that the hub refused."""
    async with reading(hub.database) as held:
        return await held.faults()


async def links(hub: Hub, run: KeptRun) -> list[tuple[int, bytes]]:
    """Return the rows of a run, by number and hash."""
    async with reading(hub.database) as held:
        return [(row.seq, row.sha) async for row in held.rows_of(run)]
