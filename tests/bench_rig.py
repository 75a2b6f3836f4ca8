"""The bench's presenter and services on twins in memory, with a hand-turned clock and a scripted Loop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

from loopdesk.bootstrap.index import build_index
from loopdesk.domain.labels import classify
from loopdesk.domain.returns import Return
from loopdesk.domain.scans import Meaning
from loopdesk.presenters.bench import BenchPresenter
from loopdesk.presenters.bench_desk import BenchParts
from loopdesk.presenters.screens import BenchScreen
from loopdesk.services.attention import Attention
from loopdesk.services.confirmer import Confirmer
from loopdesk.services.connection import Connection, Link
from loopdesk.services.destinations import Destinations
from loopdesk.services.events import Feed
from loopdesk.services.inspection import Inspection
from loopdesk.services.intake import Intake
from loopdesk.services.keys import KeyBinding
from loopdesk.services.ledger import Ledger
from loopdesk.services.mysteries import MysteryDesk
from loopdesk.services.parcels import ParcelDesk
from loopdesk.services.ports import Limits, Station
from loopdesk.services.sender import Sender
from loopdesk.services.tasks import InTurn, Tasks
from loopdesk.system.vocabulary import load_vocabulary
from tests.fakes.clock import HandClock
from tests.fakes.gateway import ScriptedGateway
from tests.fakes.memory_store import MemoryStore

VOCABULARY = load_vocabulary(Path(__file__).parent.parent / "resources" / "vocab" / "default.toml")


class _Reach:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def is_online(self) -> bool:
        return self._connection.link is Link.ONLINE

    @property
    def offline_since(self) -> object:
        return None if self.is_online else self._connection.state.since


class BenchRig:
    """Everything behind the bench; ``screen`` is the last one drawn, ``faults`` what nobody expected."""

    def __init__(self, *returns: Return, known: bool = True) -> None:
        self.clock = HandClock()
        self.feed = Feed()
        self.faults: list[BaseException] = []
        self.tasks = Tasks(self._fault)
        self.line = InTurn(self.tasks, "bench", self._fault)
        self.store = MemoryStore()
        self.gateway = ScriptedGateway(self.clock)
        self.gateway.add(*returns)
        self._known = returns if known else ()
        self.where = Station("dock 1", "Kim", "f" * 16, 8.0, "")
        self.stations = 1
        self.sounds: list[str] = []
        self.screens: list[BenchScreen] = []
        self.views: list[str] = []
        self._wire()

    def _wire(self) -> None:
        store, clock, feed = self.store, self.clock, self.feed
        self.connection = Connection(clock=clock, tasks=self.tasks, feed=feed)
        self.gateway.on_exchange = self.connection.on_exchange
        ledger = Ledger(outbox=store.outbox, clock=clock, feed=feed)
        keys = KeyBinding(
            outbox=store.outbox,
            audit=store.audit,
            clock=clock,
            connection=self.connection,
            station=self.station,
        )
        self.confirmer = Confirmer(
            outbox=store.outbox,
            cache=store.returns,
            gateway=self.gateway,
            clock=clock,
            tasks=self.tasks,
            feed=feed,
            ledger=ledger,
            connection=self.connection,
            keys=keys,
            limits=Limits,
            is_shown=self.is_shown,
        )
        self.sender = Sender(
            outbox=store.outbox,
            cache=store.returns,
            gateway=self.gateway,
            audit=store.audit,
            clock=clock,
            tasks=self.tasks,
            feed=feed,
            ledger=ledger,
            connection=self.connection,
            keys=keys,
            confirmer=self.confirmer,
            random=lambda: 0.5,
        )
        self.attention = Attention(
            outbox=store.outbox, clock=clock, feed=feed, ledger=ledger, confirmer=self.confirmer
        )
        self.mysteries = MysteryDesk(
            mysteries=store.mysteries,
            cache=store.returns,
            clock=clock,
            feed=feed,
            station=self.station,
            classify=self.classify,
        )
        index = build_index(
            store,
            self.gateway,
            clock=clock,
            feed=feed,
            tasks=self.tasks,
            zone=UTC,
            stations=lambda: self.stations,
            observe=self.confirmer.observe,
            after_sync=self.mysteries.try_again,
        )
        self.prefetch, self.lookup = index.prefetch, index.lookup
        self.inspection = Inspection(
            openings=store.openings,
            drafts=store.drafts,
            outbox=store.outbox,
            clock=clock,
            feed=feed,
            station=self.station,
            vocabulary=VOCABULARY,
        )
        self.parcels = ParcelDesk(seen_parcels=store.seen_parcels, clock=clock, station=self.station)
        parts = BenchParts(
            inspection=self.inspection,
            lookup=self.lookup,
            mysteries=self.mysteries,
            parcels=self.parcels,
            outbox=store.outbox,
            drafts=store.drafts,
            destinations=Destinations(self.gateway),
            connection=_Reach(self.connection),  # type: ignore[arg-type]
            feed=feed,
            tasks=self.tasks,
            clock=clock,
            zone=UTC,
            classify=self.classify,
            station=self.station,
            synced_at=lambda: self.prefetch.synced_at,
            read_notes=self.gateway.notes,
            hold_left=self.sender.hold_left,
            keep_photo=self._keep_photo,
        )
        self.bench = BenchPresenter(parts, self.line, self.sounds.append, self.receive)
        self.intake = Intake(
            openings=store.openings,
            feed=feed,
            clock=clock,
            line=self.line,
            station=self.station,
            taker=self.bench,
        )

    async def open(self, *, sending: bool = True) -> BenchRig:
        """Fill the store, draw the bench, and let the outbox work."""
        for ret in self._known:
            fetched = await self.gateway.details(ret.return_id)
            await self.store.returns.save((fetched,), self.clock.now())
        self.gateway.requests.clear()
        self.bench.attach(self, self.views.append)
        if sending:
            await self.sender.recover()
            self.tasks.spawn(self.sender.run(), name="sender")
            self.tasks.spawn(self.confirmer.run(), name="confirmer")
            self.tasks.spawn(self.connection.run(self.gateway.probe), name="connection")
        await self.clock.settle()
        return self

    async def close(self) -> None:
        """End everything; a failure nobody expected fails the test."""
        self.connection.stop()
        self.confirmer.stop()
        await self.tasks.aclose()
        assert self.faults == []

    def is_shown(self, return_id: str) -> bool:
        """Whether a return is on the bench."""
        return self.inspection.shows(return_id)

    def station(self) -> Station:
        """Who works where."""
        return self.where

    def classify(self, raw: str) -> Meaning:
        """What a code may stand for."""
        return classify(raw)

    def receive(self, raw: str, source: str = "gun") -> None:
        """Take a scan."""
        self.intake.receive(raw, source)

    def render(self, screen: BenchScreen) -> None:
        """Record what is drawn."""
        self.screens.append(screen)

    @property
    def screen(self) -> BenchScreen:
        """The last screen that was drawn."""
        return self.screens[-1]

    async def scan(self, *codes: str) -> BenchScreen:
        """Scan codes, two seconds apart, and let everything come to rest."""
        for code in codes:
            self.receive(code)
            await self.clock.settle()
            await self.clock.turn(2.0)
        return self.screen

    async def press(self, *command_ids: str) -> BenchScreen:
        """Run commands as keys do, and let everything come to rest."""
        for command_id in command_ids:
            self.bench.command(command_id)
            await self.clock.settle()
        return self.screen

    async def _keep_photo(self, path: str) -> str:
        return f"kept-{Path(path).name}"

    def _fault(self, where: str, failure: BaseException) -> None:
        del where
        self.faults.append(failure)


def texts(rows: Sequence[object]) -> str:
    """All of some screen rows as one text, for finding words in."""
    return " ".join(str(row) for row in rows)
