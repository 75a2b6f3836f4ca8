"""Guns at serial ports are opened, read, reported missing and taken again, without a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from loopdesk.domain.scanner.serial_ports import SILENCE_SECONDS, GunState, PortInfo, PortTrouble
from loopdesk.services.station.events import Feed, GunChanged, StationChanged
from loopdesk.services.station.scanners import LOOK_SECONDS, GunSettings, SerialGuns
from loopdesk.services.station.tasks import Tasks
from tests.fakes.clock import HandClock
from tests.fakes.faults import unexpected

pytestmark = pytest.mark.expects_log("gun_port")

ONE, TWO = "/dev/ttyACM0", "/dev/ttyACM1"
SCANNER = PortInfo(ONE, 0x05E0, 0x1701, "Symbol Bar Code Scanner")


class FakePort:
    """A port that is open."""

    def __init__(self, ports: FakePorts, name: str) -> None:
        self._ports, self._name = ports, name

    async def close(self) -> None:
        """Give it back."""
        self._ports.open_ones.pop(self._name)


class FakePorts:
    """Ports as a test sets them: ``trouble`` says which cannot be opened."""

    def __init__(self) -> None:
        self.found: tuple[PortInfo, ...] = ()
        self.trouble: dict[str, GunState] = {}
        self.open_ones: dict[str, tuple[int, Callable[[bytes], None], Callable[[], None]]] = {}

    async def find(self) -> Sequence[PortInfo]:
        """The ports that exist."""
        return self.found

    async def open(
        self, name: str, baud: int, heard: Callable[[bytes], None], lost: Callable[[], None]
    ) -> FakePort:
        """Open one."""
        if name in self.trouble:
            raise PortTrouble(self.trouble[name])
        assert name not in self.open_ones, "it is open already"
        self.open_ones[name] = baud, heard, lost
        return FakePort(self, name)

    def send(self, data: bytes, name: str = ONE) -> None:
        """Let a gun send."""
        self.open_ones[name][1](data)

    def pull_out(self, name: str = ONE) -> None:
        """Let a port go."""
        self.trouble[name] = GunState.AWAY
        self.open_ones.pop(name)[2]()


class Bench:
    """Guns on a hand-turned clock, and what came of them."""

    def __init__(self, *names: str) -> None:
        self.clock, self.ports = HandClock(), FakePorts()
        self.tasks, self.feed = Tasks(unexpected), Feed(unexpected)
        self.settings = GunSettings(names)
        self.scans: list[tuple[str, str]] = []
        self.rests = 0
        self.told: list[GunChanged] = []
        self.feed.on(GunChanged, self.told.append)
        self.guns = SerialGuns(
            ports=self.ports,
            clock=self.clock,
            tasks=self.tasks,
            feed=self.feed,
            settings=lambda: self.settings,
            receive=lambda raw, source: self.scans.append((raw, source)),
            tell_rest=self._rest,
        )

    def _rest(self) -> None:
        self.rests += 1

    def states(self) -> list[tuple[str, GunState]]:
        """What was told of them, in order."""
        return [(event.name, event.state) for event in self.told]

    async def use(self, settings: GunSettings) -> None:
        """Change the settings as the settings page does."""
        self.settings = settings
        self.feed.tell(StationChanged())
        await self.clock.settle()


@asynccontextmanager
async def a_bench(*names: str) -> AsyncIterator[Bench]:
    """Hold the ports; at the end every one is given back."""
    bench = Bench(*names)
    bench.tasks.spawn(bench.guns.run(), name="serial guns")
    await bench.clock.settle()
    yield bench
    await bench.tasks.aclose()
    assert bench.ports.open_ones == {}


async def test_each_code_is_a_scan_of_its_gun() -> None:
    async with a_bench(ONE, TWO) as bench:
        bench.ports.send(b"1Z999AA10123456784\r\n")
        bench.ports.send(b"0123", TWO)
        bench.ports.send(b"45678905\t", TWO)
        assert bench.scans == [("1Z999AA10123456784", "gun ttyACM0"), ("012345678905", "gun ttyACM1")]


async def test_a_gun_that_ends_nothing_is_read_after_a_silence() -> None:
    async with a_bench(ONE) as bench:
        bench.ports.send(b"1Z999AA1")
        await bench.clock.turn(SILENCE_SECONDS * 0.8)
        bench.ports.send(b"0123456784")
        await bench.clock.turn(SILENCE_SECONDS * 0.8)
        assert bench.scans == []
        await bench.clock.turn(SILENCE_SECONDS)
        assert bench.scans == [("1Z999AA10123456784", "gun ttyACM0")]


@pytest.mark.fault(149)
async def test_noise_at_full_speed_is_one_scan_and_said_once() -> None:
    async with a_bench(ONE) as bench:
        for n in range(2_000):
            bench.ports.send(bytes(range(n % 7, 256)) * 8)
            await bench.clock.turn(0.01)
        assert (len(bench.scans), bench.rests) == (1, 1)
        await bench.clock.turn(1.0)
        bench.ports.send(b"1Z999AA10123456784\r")
        assert bench.scans[1:] == [("1Z999AA10123456784", "gun ttyACM0")]


@pytest.mark.fault(149)
async def test_of_a_code_with_several_lines_only_the_first_is_a_scan() -> None:
    async with a_bench(ONE) as bench:
        bench.ports.send(b"91000123\rLDCMDGRADEA\r")
        bench.ports.send(b"LDCMDCONFIRM\r")
        assert bench.scans == [("91000123", "gun ttyACM0")]
        assert bench.rests == 1
        await bench.clock.turn(1.0)
        bench.ports.send(b"91000124\r")
        assert bench.scans[1:] == [("91000124", "gun ttyACM0")]


async def test_a_gun_that_was_pulled_out_is_missed_and_taken_again() -> None:
    async with a_bench(ONE) as bench:
        bench.ports.pull_out()
        await bench.clock.turn(5 * LOOK_SECONDS)
        del bench.ports.trouble[ONE]
        await bench.clock.turn(LOOK_SECONDS)
        bench.ports.send(b"91000123\r")
        assert bench.scans == [("91000123", "gun ttyACM0")]
        assert bench.states() == [
            ("ttyACM0", GunState.READING),
            ("ttyACM0", GunState.AWAY),
            ("ttyACM0", GunState.READING),
        ]


@pytest.mark.parametrize("state", [GunState.HELD, GunState.DENIED, GunState.AWAY, GunState.BROKEN])
async def test_a_port_that_cannot_be_had_is_said_once_and_tried_again(state: GunState) -> None:
    async with a_bench(TWO) as bench:
        bench.ports.trouble[ONE] = state
        await bench.use(GunSettings((ONE,)))
        await bench.clock.turn(5 * LOOK_SECONDS)
        assert bench.guns.states == {ONE: state}
        del bench.ports.trouble[ONE]
        await bench.clock.turn(LOOK_SECONDS)
        assert bench.states()[1:] == [("ttyACM0", state), ("ttyACM0", GunState.READING)]


async def test_auto_takes_a_known_scanner_when_it_is_plugged_in_and_misses_it_when_it_goes() -> None:
    async with a_bench("auto") as bench:
        bench.ports.found = (PortInfo("/dev/ttyS0"), SCANNER)
        await bench.clock.turn(LOOK_SECONDS)
        assert set(bench.ports.open_ones) == {ONE}
        bench.ports.found = ()
        bench.ports.pull_out()
        await bench.clock.turn(LOOK_SECONDS)
        assert bench.guns.states == {ONE: GunState.AWAY}


async def test_other_settings_are_taken_without_a_restart() -> None:
    async with a_bench(ONE) as bench:
        await bench.use(replace(bench.settings, baud=115_200, suffix="#"))
        assert bench.ports.open_ones[ONE][0] == 115_200
        bench.ports.send(b"91000123#")
        assert bench.scans == [("91000123", "gun ttyACM0")]
        await bench.use(GunSettings())
        assert bench.ports.open_ones == {}
        assert bench.guns.states == {}
