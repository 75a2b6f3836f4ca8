"""The doctor's look at scanners on serial ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from loopdesk.domain.scanner.ports import (
    GunState,
    PortInfo,
    PortTrouble,
    is_scanner,
    ports_to_open,
    short_name,
)
from loopdesk.services.ports.station import SerialPorts
from loopdesk.system.doctor import Check, Status
from loopdesk.system.host.serial_ports import group_of
from loopdesk.system.settings.model import ScannerSettings

NAME = "serial scanners"

_FOUND = {
    GunState.READING: "is read",
    GunState.AWAY: "is not there",
    GunState.HELD: "is held by another program",
    GunState.DENIED: "may not be opened by this user",
    GunState.BROKEN: "cannot be opened",
}
_ADVICE = {
    GunState.READING: "",
    GunState.AWAY: "Plug the scanner in or switch it on; loopdesk takes it by itself.",
    GunState.HELD: "Close the other program, or the loopdesk that has this scanner open.",
    GunState.BROKEN: "Look whether scanner.port names a serial port and the scanner is set to USB-COM.",
}


async def check_guns(
    scanner: ScannerSettings,
    ports: SerialPorts,
    states: Mapping[str, GunState] | None = None,
    *,
    group: Callable[[str], str] = group_of,
) -> Check:
    """Say which scanners at serial ports there are, and what to do about one that is not read.

    Args:
        states: How each is, where a window holds them; None tries each and gives it back at once.
        group: Returns the group that may open a port.
    """
    found = await ports.find()
    if not scanner.port:
        return Check(NAME, Status.OK, _unused(found))
    if states is None:
        names = ports_to_open(scanner.port, found)
        states = {name: await _try(ports, name, scanner.baud) for name in names}
    if not states:
        advice = (
            "Set the scanner to USB-COM, or name its port in scanner.port: auto takes known scanners alone."
        )
        return Check(NAME, Status.WARNING, "no scanner with a serial port was found", advice)
    said = "; ".join(f"{short_name(name)} {_FOUND[state]}" for name, state in states.items())
    to_do = dict.fromkeys(_advice(name, state, group) for name, state in states.items())
    is_well = all(state is GunState.READING for state in states.values())
    return Check(NAME, Status.OK if is_well else Status.WARNING, said, " ".join(filter(None, to_do)))


def _unused(found: Sequence[PortInfo]) -> str:
    guns = ", ".join(short_name(port.name) for port in found if is_scanner(port))
    return f"not used: {guns}; scanner.port = auto reads them" if guns else "none set, none found"


async def _try(ports: SerialPorts, name: str, baud: int) -> GunState:
    try:
        port = await ports.open(name, baud, lambda _: None, lambda: None)
    except PortTrouble as trouble:
        return trouble.state
    await port.close()
    return GunState.READING


def _advice(name: str, state: GunState, group: Callable[[str], str]) -> str:
    if state is not GunState.DENIED:
        return _ADVICE[state]
    owner = group(name)
    if not owner:
        return "IT: let this user open the port."
    return f"IT: put this user into the group {owner} (sudo usermod -aG {owner} USER), then sign in again."
