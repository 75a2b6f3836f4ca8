"""The bench's presenter and services on in-memory fakes, with a hand-turned clock and a scripted Loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path

from loopdesk.app.bench import compose_bench
from loopdesk.app.compose import Kept, Ports, compose
from loopdesk.domain.labels.classify import classify
from loopdesk.domain.labels.command_codes import printed
from loopdesk.domain.labels.scans import Meaning
from loopdesk.domain.operators import Operator
from loopdesk.domain.printing.labels import PrintsBy
from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.domain.returns.returns import Return
from loopdesk.domain.returns.vocabularies import Vocabularies
from loopdesk.domain.sync import HubContact
from loopdesk.presenters.commands import COMMANDS, by_code
from loopdesk.presenters.screens.window import BenchScreen
from loopdesk.services.bench.intake import CodeSecrets, CommandCodes
from loopdesk.services.ports.labels import LabelPrinter
from loopdesk.services.ports.loop import ReturnsGateway
from loopdesk.services.ports.pictures import PicturePorts
from loopdesk.services.ports.sharing import SharingPorts
from loopdesk.services.ports.station import Clock, Limits, Station
from loopdesk.services.station.camera import LiveCamera
from loopdesk.services.station.connection import Connection
from loopdesk.services.station.tasks import OnFault
from loopdesk.services.sync.budget import RequestBudget
from loopdesk.system.settings.vocabulary import load_vocabulary
from tests.fakes.camera import DESK, DeskCamera, PaintingCameras
from tests.fakes.clock import HandClock
from tests.fakes.gateway import ScriptedGateway
from tests.fakes.memory_store import MemoryStore
from tests.fakes.photo_place import no_photo_place
from tests.fakes.pictures import some_pictures
from tests.inspector import Inspector

VOCABULARY = load_vocabulary(Path(__file__).parent.parent / "resources" / "vocab" / "default.toml")


def some_ports(
    store: Kept,
    connect: Callable[[RequestBudget, Connection], ReturnsGateway],
    clock: Clock,
    on_fault: OnFault,
    station: Callable[[], Station],
) -> Ports:
    """What the services of a rig depend on; ``replace`` turns what is to be different."""
    return Ports(
        store=store,
        connect=connect,
        clock=clock,
        on_fault=on_fault,
        station=station,
        stations=lambda: 1,
        limits=Limits,
        printer=lambda: None,
        prints_by=lambda: PrintsBy.OFF,
        classify=classify,
        vocabulary=VOCABULARY,
        pictures=some_pictures(clock),
        photos=no_photo_place(),
        zone=UTC,
        random=lambda: 0.5,
    )


SECRET = "the secret of dock 1"
"""What the command codes of a rig are made with."""


def issued(code: str) -> str:
    """Return the code that a rig's sheet has for a command's word; any other code as it is."""
    return printed(code, SECRET) if by_code(code) is not None else code


class BenchRig:
    """Everything behind the bench; ``screen`` is the last one drawn, ``faults`` what nobody expected."""

    def __init__(
        self,
        *returns: Return,
        known: bool = True,
        pictures: PicturePorts | None = None,
        sharing: SharingPorts | None = None,
        hub_contact: Callable[[], HubContact] | None = None,
    ) -> None:
        self.clock = HandClock()
        self.faults: list[BaseException] = []
        self.store = MemoryStore()
        self.gateway = ScriptedGateway(self.clock)
        self.gateway.add(*returns)
        self._known = returns if known else ()
        self._sharing, self._hub_contact = sharing, hub_contact
        self._pictures = pictures or some_pictures(self.clock)
        self.where = Station("dock 1", Operator(name="Kim"), "f" * 16, 8.0, "")
        self.stations = 1
        self.is_before_the_bench = False
        self.printer: LabelPrinter | None = None
        self.prints_by = PrintsBy.OFF
        self.double_read_seconds = 1.5
        self.cameras = PaintingCameras(DESK)
        self.sounds: list[str] = []
        self.screens: list[BenchScreen] = []
        self.views: list[str] = []
        self._wire()

    def _wire(self) -> None:
        self.codes = CommandCodes(
            words=[x.code for x in COMMANDS], secrets=lambda: CodeSecrets(SECRET), clock=self.clock
        )
        ports = some_ports(self.store, self._connect, self.clock, self._fault, self.station)
        ports = replace(
            ports, stations=lambda: self.stations, classify=self.classify, pictures=self._pictures
        )
        ports = replace(ports, printer=lambda: self.printer, prints_by=lambda: self.prints_by)
        if (shared := self._sharing) is not None:
            ports = replace(ports, sharing=lambda: shared, has_hub=lambda: True)
        self.parts = parts = compose(ports)
        if self._hub_contact is not None:
            parts.hub_contact = self._hub_contact  # type: ignore[method-assign]
        self.feed, self.tasks, self.line = parts.feed, parts.tasks, parts.line
        self.connection, self.sender, self.confirmer = parts.connection, parts.sender, parts.confirmer
        self.attention, self.mysteries, self.parcels = parts.attention, parts.mysteries, parts.parcels
        self.prefetch, self.lookup, self.inspection = parts.prefetch, parts.lookup, Inspector(parts)
        live = LiveCamera(
            self.cameras, clock=self.clock, tasks=parts.tasks, feed=parts.feed, wanted=lambda: ""
        )
        self.camera = DeskCamera(live)
        self.bench, self.intake = compose_bench(
            parts,
            self.codes,
            play=self.sounds.append,
            keep_photo=self._keep_photo,
            photo_path=lambda name: f"/photos/{name}",
            camera=self.camera,
            double_read_seconds=lambda: self.double_read_seconds,
        )

    def _connect(self, _budget: RequestBudget, connection: Connection) -> ScriptedGateway:
        self.gateway.on_exchange = connection.on_exchange
        return self.gateway

    def work_by(self, vocabulary: Vocabulary) -> None:
        """Use this vocabulary for the next return that is opened."""
        self.parts.vocabularies.now = Vocabularies(vocabulary)

    async def open(self, *, sending: bool = True) -> BenchRig:
        """Fill the store, draw the bench, and let the outbox work."""
        for ret in self._known:
            fetched = await self.gateway.details(ret.return_id)
            await self.store.returns.save((fetched,), self.clock.now())
        self.gateway.requests.clear()
        self.bench.attach(self, self)
        if sending:
            self.parts.start_sending()
        await self.clock.settle()
        return self

    async def close(self) -> None:
        """End everything; a failure nobody expected fails the test."""
        self.connection.stop()
        self.confirmer.stop()
        await self.tasks.aclose()
        assert self.faults == []

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
        """Record what is drawn; a return counts as painted immediately while the bench is in front."""
        self.screens.append(screen)
        if screen.header is not None and self.shown_view() == "bench":
            self.bench.painted(screen.header.return_id)

    def show_view(self, name: str) -> None:
        """Bring a view to the front, and tell the bench of it, as the window does."""
        is_other = name != self.shown_view()
        self.views.append(name)
        if self.screens:
            self.render(self.screen)
        if is_other:
            self.bench.view_shown(name)

    def shown_view(self) -> str:
        """The view in front."""
        if self.is_before_the_bench:
            return ""
        return self.views[-1] if self.views else "bench"

    @property
    def screen(self) -> BenchScreen:
        """The last screen that was drawn."""
        return self.screens[-1]

    async def scan(self, *codes: str) -> BenchScreen:
        """Scan codes, two seconds apart, and let all work finish.

        A command's word is scanned as this station prints it.
        """
        for code in codes:
            self.receive(issued(code))
            await self.clock.settle()
            await self.clock.turn(2.0)
        return self.screen

    async def press(self, *command_ids: str) -> BenchScreen:
        """Run commands as keys do, as slowly as a person, and let all work finish."""
        for command_id in command_ids:
            if not self.bench.is_calm:
                await self.clock.turn(0.5)
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
