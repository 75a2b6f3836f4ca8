"""Which serial ports are guns, and the state of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

AUTO = "auto"
"""In the settings: every port that is known to be a scanner's."""


@dataclass(frozen=True, slots=True)
class PortInfo:
    """A serial port of this machine, as the system describes it.

    Attributes:
        name: The name to open it by: ``COM3``, ``/dev/ttyACM0``.
        vendor, product: The USB ids; None if it is not a USB port, such as a Bluetooth port.
        about: Its description of itself.
    """

    name: str
    vendor: int | None = None
    product: int | None = None
    about: str = ""


class GunState(StrEnum):
    """The state of a configured port."""

    READING = "reading"
    AWAY = "away"  # not plugged in, out of range, switched off
    HELD = "held"  # another program has it
    DENIED = "denied"  # this user may not open it
    BROKEN = "broken"


class PortTrouble(Exception):
    """A port could not be opened.

    Attributes:
        state: Why, as the state of the gun.
        detail: The system's message.
    """

    def __init__(self, state: GunState, detail: str = "") -> None:
        super().__init__(f"{state.value}: {detail}")
        self.state = state
        self.detail = detail


ONLY_SCANNERS = frozenset(
    {
        0x0536,  # Hand Held Products
        0x05E0,  # Symbol, Zebra's scanners; Zebra's printers have 0x0A5F
        0x05F9,  # PSC, Datalogic
        0x065A,  # Opticon
        0x0C2E,  # Metrologic, Honeywell's scanners
        0x11FA,  # Code Corporation
        0x1EAB,  # Newland
        0x1FBB,  # Cino
    }
)
"""USB vendors whose serial devices are scanners, except those matched by ``_NEVER``."""

_NEVER = re.compile(r"bluetooth|print|scale|weigh|modem|magellan", re.IGNORECASE)
"""What a device calls itself if it is not a scanner, or is a scanner built into a scale."""


def is_scanner(port: PortInfo) -> bool:
    """Whether a port is known to be a scanner's, so that opening it cannot disturb anything else."""
    return port.vendor in ONLY_SCANNERS and _NEVER.search(f"{port.about} {port.name}") is None


def ports_to_open(wanted: Sequence[str], found: Sequence[PortInfo]) -> tuple[str, ...]:
    """Return the ports to open, each once.

    Args:
        wanted: What the settings name: ports, and ``auto``.
        found: The ports of this machine.
    """
    own = [name for name in wanted if name.casefold() != AUTO]
    if len(own) < len(wanted):
        own += [port.name for port in found if is_scanner(port)]
    return tuple(dict.fromkeys(own))


def short_name(port: str) -> str:
    """Return a port's name as people say it: ``ttyACM0``, ``COM3``."""
    return re.split(r"[/\\]", port.rstrip("/\\"))[-1]
