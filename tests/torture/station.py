"""One station: the whole program below the window, wired as the program wires it, that can be killed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import httpx

from loopdesk.api.client import LoopClient
from loopdesk.api.transport import Transport
from loopdesk.api.versions import LOOP
from loopdesk.app.compose import Ports, compose, listen
from loopdesk.domain.api_key import binding_of, host_of
from loopdesk.domain.errors import StoreError
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Entry, Stage
from loopdesk.services.ports.station import Limits
from loopdesk.services.ports.station import Station as Where
from loopdesk.services.station.connection import Connection
from loopdesk.services.station.events import StationChanged
from loopdesk.services.sync.budget import RequestBudget
from loopdesk.simulator.http.app import Face
from loopdesk.store.database import FILE_NAME
from loopdesk.store.outbox.rows import entry_of
from loopdesk.store.store import Store
from tests.bench_rig import some_ports
from tests.inspector import Inspector
from tests.kinds import VALUES
from tests.torture.clock import StationClock, WorldClock
from tests.torture.disk import Disk, new_profile, open_disk
from tests.torture.failpoints import Killed, Points
from tests.torture.photo_place import Album, SharedPlace
from tests.torture.wire import Books, Post, Wire

HALF = 0.5

WATCH = """
PRAGMA temp_store = memory;
CREATE TEMP TABLE IF NOT EXISTS moved (entry_id TEXT, a TEXT, b TEXT, sha_a TEXT, sha_b TEXT, kept INTEGER);
CREATE TEMP TRIGGER IF NOT EXISTS watch AFTER UPDATE ON main.entry
BEGIN INSERT INTO moved VALUES (OLD.entry_id, OLD.stage, NEW.stage, OLD.payload_sha, NEW.payload_sha,
                                (SELECT restoring FROM main.store)); END;
"""


@dataclass(slots=True)
class Memory:
    """What the people at a station know, whatever the program forgets.

    Attributes:
        acknowledged: Ids of entries that the screen called kept.
        resends: How often a person sent an entry again.
        said_done: Entries that a person declared to be done.
        dropped: Entries that a person gave up, or withdrew before they were sent.
        forgotten: Entries that were kept after the copy that was put back, with what they asked.
        waived: Entries that a person allowed to be left behind.
        doubted: Entries that a restored copy made uncertain.
        hosts: Where a person ever let this station go.
        same: Bindings, of key and address, that a person called the same shop's: kept with, and sent with.
    """

    acknowledged: set[str] = field(default_factory=set)
    resends: dict[str, int] = field(default_factory=dict)
    said_done: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    forgotten: dict[str, Entry] = field(default_factory=dict)
    waived: set[str] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=lambda: {host_of(LOOP)})
    same: set[tuple[str, str]] = field(default_factory=set)


class Station:
    """A bench computer in front of a shop.

    Args:
        random: Decides how slow its disk is; None for one that answers at once.
        stations: How many stations share the key's budget.
        key: The API key's value.
        faces: As ``Wire``.
        place: Where its photos go; None for nowhere.

    Attributes:
        is_at_hub: A hub answers it, not Loop itself.
    """

    is_at_hub = False

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        faces: Mapping[str, Face],
        clock: WorldClock,
        books: Books,
        key: str,
        random: Random | None = None,
        stations: int = 1,
        hold_seconds: float = 8.0,
        limits: Limits | None = None,
        place: SharedPlace | None = None,
    ) -> None:
        self.name = name
        self.folder = folder
        self.world = clock
        self.clock = StationClock(clock)
        self.books = books
        self.faces = faces
        self.key = key
        self.url = LOOP
        self.random = random
        self.stations = stations
        self.limits = limits or Limits()
        self.memory = Memory()
        self.place = place
        self.album = Album(name)
        self.faults: list[tuple[str, BaseException]] = []
        self.observers: list[Callable[[Station, Post], None]] = []
        self.hold_seconds = hold_seconds
        self.points = Points()
        self.halts = 0
        self.is_disk_full = False
        new_profile(folder)

    # --- life ---------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the program: open the store, recover, work.

        Raises:
            Killed: A failpoint killed it while it started.
            StoreError: It could not be opened.
        """
        self.points.is_dead = False
        self.store: Store = await open_disk(self.folder, self.points, self.random)
        self.disk.peek("SELECT 1")
        self._watch()
        self._wire()
        self.parts.start_sending()

    @property
    def disk(self) -> Disk:
        """The database."""
        found = self.store.database
        assert isinstance(found, Disk)
        return found

    def _watch(self) -> None:
        """Note every change of stage, in a table that dies with the connection."""
        connection = self.disk._connection
        assert connection is not None
        trace, connection.exec_trace = connection.exec_trace, None
        connection.execute(WATCH)
        connection.exec_trace = trace

    def where(self) -> Where:
        """Who works where, and with which key."""
        binding = binding_of(self.transport.key_fingerprint(), self.url)
        return Where(self.name, Operator(name=f"op-{self.name}"), binding, self.hold_seconds, "")

    def _wire(self) -> None:
        self.wire = self._make_line()
        ports = some_ports(self.store, self._connect, self.clock, self._fault, self.where)
        if self.place is not None:
            ports = replace(ports, photos=self.place.ports(self.album, self.clock, self.points))
        self.parts = parts = compose(
            replace(
                self._furnished(ports),
                stations=lambda: self.stations,
                limits=lambda: self.limits,
                random=lambda: HALF,
            )
        )
        self.feed, self.tasks, self.connection = parts.feed, parts.tasks, parts.connection
        self.keys, self.sender, self.confirmer = parts.keys, parts.sender, parts.confirmer
        self.attention, self.drain, self.budget = parts.attention, parts.drain, parts.budget
        self.lookup, self.inspection = parts.lookup, Inspector(parts)

    def _make_line(self) -> Wire:
        """Make what carries requests; nothing of an earlier run is left in it."""
        return Wire(self.faces, self.world, self.name, self.points, self.books, self._observe)

    def _furnished(self, ports: Ports) -> Ports:
        """Give a station more than every one has."""
        return ports

    def _connect(self, budget: RequestBudget, connection: Connection) -> LoopClient:
        self.transport = Transport(
            clock=self.clock,
            budget=budget,
            base_url=self.url,
            is_hub=self.is_at_hub,
            make_wire=self._make_wire,
            on_fault=self._fault,
        )
        self.transport.set_key(self.key)
        listen(self.transport, connection)
        self.client = LoopClient(self.transport)
        return self.client

    def _make_wire(
        self, *, keep_alive: bool, proxy: str, certificate: bytes = b""
    ) -> httpx.AsyncBaseTransport:
        del keep_alive, proxy, certificate
        return self.wire

    def _observe(self, post: Post) -> None:
        for observer in self.observers:
            observer(self, post)

    def _fault(self, name: str, failure: BaseException) -> None:
        if self.points.is_dead and isinstance(failure, Killed):
            return
        if isinstance(failure, StoreError) and self.is_disk_full:
            return  # told to the operator; what was being written is read back later
        self.faults.append((name, failure))

    async def kill(self) -> None:
        """End as kill -9 does: nothing more is written or sent, everything in memory is gone."""
        self.points.is_dead = True
        if hasattr(self, "store"):
            self.disk.cut()
        if hasattr(self, "tasks"):
            await self.tasks.aclose()
        self.points = Points()
        self.is_disk_full = False

    async def restart(self) -> None:
        """Kill it and start it again."""
        await self.kill()
        await self.start()

    async def end(self) -> None:
        """End in order, as the program does."""
        self.connection.stop()
        self.sender._stopping = True
        self.confirmer.stop()
        await self.tasks.aclose()
        await self.transport.aclose()
        await self.disk.close()

    async def revive(self) -> None:
        """Run again what a failing disk has stopped, as starting the program again does."""
        names = set(self.tasks.names)
        if "sender" not in names or "confirmer" not in names:
            self.halts += 1
            await self.restart()

    def forgive_storage(self) -> None:
        """Drop faults that a failing disk explains."""
        self.faults = [x for x in self.faults if not isinstance(x[1], StoreError)]

    def use_key(self, key: str) -> None:
        """Switch to another key, as the settings page does."""
        self.key = key
        self.transport.set_key(key)
        self.feed.tell(StationChanged())
        self.sender.resume()

    async def go_to(self, url: str) -> None:
        """Switch to another address, as the program does when other settings are saved."""
        self.memory.hosts.add(host_of(url))
        self.transport.set_key(None)
        self.url = url
        await self.transport.set_base(url)
        self.transport.set_key(self.key)
        self.feed.tell(StationChanged())

    async def same_shop(self, by: Operator) -> None:
        """A person says that what locks the queue was kept for the same shop."""
        in_use = self.where().key_fingerprint
        self.memory.same |= {(x, in_use) for x in self.connection.state.foreign_keys}
        await self.keys.same_shop(by)
        self.sender.resume()

    # --- looking on ---------------------------------------------------------------------------------

    def entries(self) -> list[Entry]:
        """All entries as they are committed, in the order of keeping."""
        return [_read(row) for row in self.disk.peek("SELECT * FROM kept ORDER BY seq")]

    def lane(self, return_id: str) -> list[Entry]:
        """The entries of a return."""
        rows = self.disk.peek("SELECT * FROM kept WHERE return_id = ? ORDER BY seq", (return_id,))
        return [_read(row) for row in rows]

    def claimed_for(self, post: Post) -> list[Entry]:
        """The entries that this request carries, by what is committed: sending, with an open attempt."""
        sending = [x for x in self.lane(post.return_id) if x.stage is Stage.SENDING and x.kind is post.kind]
        attempts = self.disk.peek("SELECT entry_id FROM attempt WHERE ended_at IS NULL")
        open_ones = {row[0] for row in attempts}
        found = [x for x in sending if x.entry_id in open_ones]
        if post.kind in VALUES:
            return [x for x in found if x.target in post.line_ids]
        if post.kind is Kind.NOTE:
            return [x for x in found if x.payload["content"] == post.content]
        return found

    def unstored(self) -> list[str]:
        """The links of photos that a grade names that was not withdrawn, and that are not called stored."""
        rows = self.disk.peek(
            "SELECT DISTINCT p.link FROM photo AS p JOIN grade_link AS g ON g.link = p.link"
            " JOIN entry AS e ON e.entry_id = g.entry_id"
            " WHERE p.stored_at IS NULL AND e.stage <> 'withdrawn'"
        )
        return [str(row[0]) for row in rows]

    def owed(self) -> list[str]:
        """The ended grades that are still to be sent once more with their links."""
        rows = self.disk.peek(
            "SELECT DISTINCT e.entry_id FROM grade_link AS g JOIN entry AS e ON e.entry_id = g.entry_id"
            " WHERE g.owed AND e.stage IN ('done', 'superseded', 'withdrawn')"
        )
        return [str(row[0]) for row in rows]

    def moves(self) -> list[tuple[Any, ...]]:
        """Changes of stage since the last call."""
        if self.disk._connection is None:
            return []
        if not self.disk.peek("SELECT 1 FROM temp.sqlite_schema WHERE name = 'moved'"):
            self._watch()  # the handle is a new one
        found = self.disk.peek("SELECT * FROM temp.moved")
        if found:
            self.disk.peek("DELETE FROM temp.moved")
        return found

    # --- copies -------------------------------------------------------------------------------------

    def copy_files(self, target: Path) -> None:
        """Copy the store as a backup program does: the database and its log, not the counter beside it."""
        target.mkdir(parents=True, exist_ok=True)
        for name in (FILE_NAME, FILE_NAME + "-wal"):
            (target / name).unlink(missing_ok=True)
            if (self.folder / name).exists():
                shutil.copy(self.folder / name, target / name)

    def copy_folder(self, target: Path) -> None:
        """Copy the whole profile as a machine's image does, whatever lies in it."""
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.folder, target, ignore=shutil.ignore_patterns("*-shm"))

    def put_back_folder(self, source: Path) -> None:
        """Put the whole profile back; the program must not be running."""
        shutil.rmtree(self.folder)
        shutil.copytree(source, self.folder)

    def put_back(self, source: Path) -> None:
        """Put a copy back; the program must not be running."""
        for name in (FILE_NAME, FILE_NAME + "-wal", FILE_NAME + "-shm"):
            (self.folder / name).unlink(missing_ok=True)
        for name in (FILE_NAME, FILE_NAME + "-wal"):
            if (source / name).exists():
                shutil.copy(source / name, self.folder / name)


_read = lru_cache(maxsize=65_536)(entry_of)
"""Reads a row once: the invariants look at the same rows after every step."""
