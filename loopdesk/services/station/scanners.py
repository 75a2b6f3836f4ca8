"""The station's scanners: their pace, learned from complete scans, and those at serial ports."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from loopdesk.domain.labels.scans import GUN
from loopdesk.domain.scanner.rhythm import SLOWEST_GAP_MS, GunPace, Rhythm, Trigger
from loopdesk.domain.scanner.serial_ports import (
    AUTO,
    SILENCE_SECONDS,
    Frame,
    Frames,
    GunState,
    PortTrouble,
    ports_to_open,
    short_name,
)
from loopdesk.services.ports.station import Clock, OpenPort, SerialPorts
from loopdesk.services.station.events import Feed, GunChanged, StationChanged
from loopdesk.services.station.tasks import Tasks, Wakeup

log = logging.getLogger("loopdesk.scan")


class PaceFile(Protocol):
    """Persists the pace. Losing it costs three scans."""

    def load(self) -> GunPace | None:
        """Return the stored pace; None if there is no readable one."""
        ...

    def save(self, pace: GunPace) -> None:
        """Store it. Raises ``OSError``."""
        ...


class ScannerPace:
    """Learns the gun's pace.

    Args:
        file: Persists it.
        start_ms: Returns the longest gap from the settings, the initial value.

    Attributes:
        pace: What is known now.
    """

    def __init__(self, file: PaceFile, tasks: Tasks, start_ms: Callable[[], int]) -> None:
        self._file = file
        self._tasks = tasks
        self._start_ms = start_ms
        kept = file.load() or GunPace(start_ms())
        self.pace = replace(kept, gap_ms=min(SLOWEST_GAP_MS, max(start_ms(), kept.gap_ms)))

    def learn(self, rhythm: Rhythm) -> bool:
        """Learn from one complete scan. Returns whether the gap has changed."""
        before, self.pace = self.pace, self.pace.learn(rhythm, self._start_ms())
        is_change = self.pace.gap_ms != before.gap_ms
        if is_change or (before.typical_ms is None and self.pace.typical_ms is not None):
            log.info("gun_pace typical_ms=%s gap_ms=%s", self.pace.typical_ms, self.pace.gap_ms)
            self._tasks.spawn(self._keep(self.pace), name="keep gun pace")
        return is_change

    def begin_again(self, start_ms: int) -> None:
        """Forget what was learned: the settings name another gap."""
        self.pace = GunPace(start_ms)

    async def _keep(self, pace: GunPace) -> None:
        try:
            await asyncio.to_thread(self._file.save, pace)
        except OSError as failure:
            log.warning("gun_pace_not_kept reason=%s", failure.strerror)


LOOK_SECONDS = 2.0
"""How often an unavailable port is retried and ``auto`` looks for new ones."""


@dataclass(frozen=True, slots=True)
class GunSettings:
    """The current settings of scanners at serial ports.

    Attributes:
        ports: The name of each port, or ``auto``; an empty tuple leaves all ports alone.
    """

    ports: tuple[str, ...] = ()
    baud: int = 9600
    prefix: str = ""
    suffix: str = ""


@dataclass(slots=True)
class _Gun:
    """An open port, and what has come through it.

    Attributes:
        is_rest_told: It was told that this pull sent more lines than the one that counts.
    """

    port: OpenPort
    frames: Frames
    trigger: Trigger
    is_rest_told: bool = False


class SerialGuns:
    """Holds every configured port open, and delivers one scan for each pull of a trigger.

    Args:
        settings: Read in each iteration: ports can change without a restart.
        receive: Called with a scan: the code, and which gun read it.
        tell_rest: Called once for a pull that sent more lines than the one that counts.

    Attributes:
        states: The state of each port by its name; empty if none is configured.
    """

    def __init__(
        self,
        *,
        ports: SerialPorts,
        clock: Clock,
        tasks: Tasks,
        feed: Feed,
        settings: Callable[[], GunSettings],
        receive: Callable[[str, str], None],
        tell_rest: Callable[[], None],
    ) -> None:
        self._ports = ports
        self._clock = clock
        self._tasks = tasks
        self._feed = feed
        self._settings = settings
        self._receive = receive
        self._tell_rest = tell_rest
        self._wakeup = Wakeup(clock, tasks, "serial guns")
        self._open: dict[str, _Gun] = {}
        self._used = GunSettings()
        self.states: dict[str, GunState] = {}
        feed.on(StationChanged, self._on_settings)

    def _on_settings(self, _: StationChanged) -> None:
        self._wakeup.wake()

    async def run(self) -> None:
        """Hold the ports until canceled, then release them."""
        try:
            while True:
                await self._look()
                await self._wakeup.wait(LOOK_SECONDS if self._used.ports else None)
        finally:
            for name in tuple(self._open):
                await self._open.pop(name).port.close()

    async def _look(self) -> None:
        """Open the wanted ports that are available, close those no longer wanted."""
        wanted = self._settings()
        if wanted != self._used:
            for name in tuple(self._open):
                await self._open.pop(name).port.close()
            self._used, self.states = wanted, {}
        is_auto = any(name.casefold() == AUTO for name in wanted.ports)
        names = ports_to_open(wanted.ports, await self._ports.find() if is_auto else ())
        for name in dict.fromkeys((*names, *self.states)):
            if name in self._open:
                continue
            if name in names:
                await self._take(name)
            else:  # found automatically before, and now gone
                self._tell(name, GunState.AWAY)

    async def _take(self, name: str) -> None:
        """Open a port, if it is available."""
        used = self._used
        frames = Frames(used.prefix, used.suffix)
        try:
            port = await self._ports.open(
                name, used.baud, lambda data: self._heard(name, data), lambda: self._lost(name)
            )
        except PortTrouble as trouble:
            if self.states.get(name) is not trouble.state:
                log.warning("gun_port name=%s state=%s %s", name, trouble.state.value, trouble.detail)
            self._tell(name, trouble.state)
            return
        self._open[name] = _Gun(port, frames, Trigger())
        log.info("gun_port name=%s state=reading baud=%s", name, used.baud)
        self._tell(name, GunState.READING)

    def _lost(self, name: str) -> None:
        """Handle the loss of a port: unplugged, switched off, asleep."""
        if self._open.pop(name, None) is None:
            return
        log.warning("gun_port name=%s state=away", name)
        self._tell(name, GunState.AWAY)
        self._wakeup.wake()

    def _tell(self, name: str, state: GunState) -> None:
        before = self.states.get(name)
        self.states[name] = state
        if state is not before:
            self._feed.tell(GunChanged(short_name(name), state, before))

    # --- received data --------------------------------------------------------------------------------

    def _heard(self, name: str, data: bytes) -> None:
        gun = self._open.get(name)
        if gun is None:
            return
        for frame in gun.frames.take(data, self._clock.monotonic()):
            self._pulled(name, gun, frame)
        if gun.frames.is_waiting:
            key = f"silence {name}"
            self._tasks.spawn(self._end_by_silence(name, gun), name=key, replaces=key)

    async def _end_by_silence(self, name: str, gun: _Gun) -> None:
        await self._clock.sleep(SILENCE_SECONDS)
        frame = gun.frames.silence()
        if frame is not None:
            self._pulled(name, gun, frame)

    def _pulled(self, name: str, gun: _Gun, frame: Frame) -> None:
        piece = gun.trigger.take(frame.text, frame.began_at, frame.ended_at)
        if piece.scan is not None:
            gun.is_rest_told = False
            self._receive(piece.scan, f"{GUN} {short_name(name)}")
        if piece.rest and not gun.is_rest_told:  # once for each pull: a broken gun sends thousands a second
            gun.is_rest_told = True
            self._tell_rest()


def states_by_name(states: Mapping[str, GunState]) -> dict[str, GunState]:
    """Return the state of each gun by the name that people know it by."""
    return {short_name(name): state for name, state in states.items()}
