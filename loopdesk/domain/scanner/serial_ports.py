"""Guns at serial ports: which ports are guns, the state of each, and the codes in what a gun sends.

A port delivers bytes without any framing: guns send CR, LF, Tab, or characters of their own around each code,
and some send nothing but the code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from loopdesk.domain.scanner.rhythm import PATIENCE_SECONDS

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


# --- codes in a stream of bytes ---------------------------------------------------------------------

SILENCE_SECONDS = PATIENCE_SECONDS
"""After this much silence a code is complete: a radio link pauses up to 200 ms inside a code."""

MOST_BYTES = 8192
"""No code is longer: more bytes without a terminator are noise, such as from a wrong baud rate, and
dropped.
"""

_STARTS = b"\x02"
_ENDS = b"\r\n\t\x03\x04"
_DROPPED = re.compile(r"[\x00\x02\x03\x04\x7f]")


@dataclass(frozen=True, slots=True)
class Frame:
    """One code as a gun sent it.

    Attributes:
        text: Its characters, including separators (GS), without the terminator.
        began_at: When its first byte came, in seconds of any clock that never goes back.
        ended_at: When its last one came.
    """

    text: str
    began_at: float
    ended_at: float


class Frames:
    """Consumes bytes and yields complete codes. One object per gun; it reads no clock.

    Args:
        prefix, suffix: What the gun is configured to put around each code; stripped. Characters that are
            neither letters nor digits also delimit codes.
    """

    def __init__(self, prefix: str = "", suffix: str = "") -> None:
        self._prefix, self._suffix = prefix, suffix
        starts, ends = [re.escape(_STARTS)], [b"[" + re.escape(_ENDS) + b"]+"]
        if prefix and not any(sign.isalnum() for sign in prefix):
            starts.append(re.escape(prefix.encode()))
        if suffix and not any(sign.isalnum() for sign in suffix):
            ends.append(re.escape(suffix.encode()))
        self._end = re.compile(b"|".join(ends) + b"|(?=" + b"|".join(starts) + b")(?<!^)")
        self._bytes = bytearray()
        self._began_at = 0.0
        self._ended_at = 0.0
        self._is_noise = False

    @property
    def is_waiting(self) -> bool:
        """Whether bytes of an unfinished code are buffered."""
        return bool(self._bytes) or self._is_noise

    def take(self, data: bytes, at: float) -> tuple[Frame, ...]:
        """Consume bytes received at this time. Returns the codes they complete."""
        found = []
        if not self._bytes:
            self._began_at = at
        self._bytes += data
        self._ended_at = at
        *whole, rest = self._end.split(bytes(self._bytes))
        for piece in whole:
            frame = self._frame(piece, at)
            if frame is not None:
                found.append(frame)
            self._began_at = at
        self._bytes = bytearray(rest)
        if len(self._bytes) > MOST_BYTES:
            self._bytes.clear()
            self._is_noise = True
        return tuple(found)

    def silence(self) -> Frame | None:
        """Nothing came for ``SILENCE_SECONDS``: return what is buffered as a complete code."""
        data = bytes(self._bytes)
        self._bytes.clear()
        return self._frame(data, self._ended_at)

    def _frame(self, data: bytes, ended_at: float) -> Frame | None:
        if self._is_noise:  # the end of what was dropped
            self._is_noise = False
            return None
        text = _DROPPED.sub("", _decoded(data)).removeprefix(self._prefix).removesuffix(self._suffix)
        return Frame(text, self._began_at, ended_at) if text.strip() else None


def _decoded(data: bytes) -> str:
    """Decode bytes as UTF-8, or as Latin-1 if they are not, which has a character for every byte."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
