"""The machine's serial ports, opened exclusively for scanners, and the file that remembers a gun's pace."""

from __future__ import annotations

import asyncio
import errno
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from loopdesk.domain.scanner.rhythm import REMEMBERED, SLOWEST_GAP_MS, GunPace
from loopdesk.domain.scanner.serial_ports import GunState, PortInfo, PortTrouble
from loopdesk.system.host.paths import replace_file

if TYPE_CHECKING:
    from serialx import BaseSerialTransport, SerialPortInfo


OPEN_SECONDS = 5.0
"""Connecting to a Bluetooth device that does not answer takes longer; it is retried later."""

_STATES = {
    errno.ENOENT: GunState.AWAY,
    errno.ENXIO: GunState.AWAY,
    errno.ENODEV: GunState.AWAY,
    errno.EIO: GunState.AWAY,
    errno.EBUSY: GunState.HELD,
    # Windows denies access to a port in use; there are no permissions on its ports.
    errno.EACCES: GunState.HELD if sys.platform == "win32" else GunState.DENIED,
    errno.EPERM: GunState.DENIED,
}


class _Listener(asyncio.Protocol):
    """Forwards the data of a port."""

    def __init__(self, heard: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        self._heard: Callable[[bytes], None] | None = heard
        self._lost: Callable[[], None] | None = lost
        self.is_lost = False

    def data_received(self, data: bytes) -> None:
        """Forward received data."""
        if self._heard is not None:
            self._heard(data)

    def connection_lost(self, _: Exception | None) -> None:
        """Report once that the port is gone."""
        self.is_lost = True
        lost = self._lost
        self.forget()
        if lost is not None:
            lost()

    def forget(self) -> None:
        """Stop forwarding."""
        self._heard = self._lost = None


class _Port:
    """An open port."""

    def __init__(self, transport: BaseSerialTransport, listener: _Listener) -> None:
        self._transport = transport
        self._listener = listener

    async def close(self) -> None:
        """Close it."""
        self._listener.forget()
        self._transport.abort()
        await self._transport.wait_closed()


class SystemSerialPorts:
    """The real ports behind ``services.ports.station.SerialPorts``."""

    async def find(self) -> Sequence[PortInfo]:
        """Return the ports that currently exist."""
        from serialx import async_list_serial_ports  # noqa: PLC0415 - few stations have such a gun

        return tuple(_info(port) for port in await async_list_serial_ports())

    async def open(
        self, name: str, baud: int, heard: Callable[[bytes], None], lost: Callable[[], None]
    ) -> _Port:
        """Open a port exclusively, and leave its control lines as they are.

        Raises:
            PortTrouble: It is not available now.
        """
        from serialx import PinState, create_serial_connection  # noqa: PLC0415

        listener, alone = _Listener(heard, lost), PinState.UNDEFINED
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                transport, _ = await create_serial_connection(
                    asyncio.get_running_loop(),
                    lambda: listener,
                    name,
                    baud,
                    exclusive=True,
                    dtr_on_open=alone,
                    rts_on_open=alone,
                    dtr_on_close=alone,
                    rts_on_close=alone,
                )
        except TimeoutError as failure:
            listener.forget()
            raise PortTrouble(GunState.AWAY, type(failure).__name__) from failure
        except OSError as failure:
            listener.forget()
            state = _STATES.get(failure.errno or 0, GunState.BROKEN)
            raise PortTrouble(state, failure.strerror or type(failure).__name__) from failure
        except Exception as failure:  # termios and the library raise errors of their own
            listener.forget()
            raise PortTrouble(GunState.BROKEN, type(failure).__name__) from failure
        if listener.is_lost:  # before anybody held it, so that its loss was reported to nobody
            raise PortTrouble(GunState.AWAY, "lost")
        return _Port(transport, listener)


def group_of(name: str) -> str:
    """Return the group that may open a port, "" if there are no groups or no such port."""
    if sys.platform == "win32":
        return ""
    import grp  # noqa: PLC0415 - there is none on Windows

    try:
        return grp.getgrgid(Path(name).stat().st_gid).gr_name
    except (OSError, KeyError):
        return ""


def _info(port: SerialPortInfo) -> PortInfo:
    words = (port.manufacturer, port.product, port.interface_description, port.resolved_device)
    return PortInfo(port.device, port.vid, port.pid, " ".join(word for word in words if word))


class GunFile:
    """Stores a ``GunPace`` as JSON. A malformed file counts as missing: the station learns again."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def load(self) -> GunPace | None:
        """Return the stored pace; None if there is no readable one."""
        try:
            kept = json.loads(self._file.read_text("utf-8"))
            gap_ms, recent = int(kept["gap_ms"]), tuple(float(each) for each in kept["recent"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        is_sound = 0 < gap_ms <= SLOWEST_GAP_MS and all(0 <= each <= 1000 for each in recent)
        return GunPace(gap_ms, recent[-REMEMBERED:]) if is_sound else None

    def save(self, pace: GunPace) -> None:
        """Store it. Raises ``OSError``."""
        replace_file(self._file, json.dumps({"gap_ms": pace.gap_ms, "recent": list(pace.recent)}) + "\n")
