"""The ports to the station itself: its clock, its key, its serial ports, and who works there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.reconcile import Patience
from loopdesk.domain.scanner.serial_ports import PortInfo


class Clock(Protocol):
    """The only source of time."""

    @property
    def skew_seconds(self) -> float | None:
        """How far Loop's clock is ahead of this machine's; None until Loop has told its time."""
        ...

    def now(self) -> datetime:
        """Return the time, aware UTC: Loop's once its ``Date`` header told it, before that this machine's."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back; holds and back-off use nothing else."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait. A test's manual clock returns once it was advanced far enough."""
        ...


class Secrets(Protocol):
    """The system's key store."""

    async def key(self) -> str | None:
        """Return the API key, or None. Raises ``SecretsUnavailable``."""
        ...

    async def keep_key(self, key: str) -> None:
        """Store the API key. Raises ``SecretsUnavailable``; the key then lives in memory only."""
        ...

    async def forget_key(self) -> None:
        """Remove the API key from the store and from memory."""
        ...


@dataclass(frozen=True, slots=True)
class Station:
    """Who works where, and what the queue is bound to; changes while the program runs.

    Attributes:
        key_fingerprint: Of the key in use and its address, see ``domain.api_key``; "" without a key.
        process_body: Keys and texts sent with each processing, with placeholders; empty for no body.
    """

    station: str = ""
    operator: Operator = PROGRAM
    key_fingerprint: str = ""
    hold_seconds: float = 8.0
    destination_id: str = ""
    process_body: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient the read-back is: what the table of kinds says, where the settings say nothing else.

    Attributes:
        by_kind: How long a kind may show no effect before a person is asked, in seconds.
        sends: How often a kind may be sent by the program itself.
        witness: How long a return may be closed without any sign that it was paid, in seconds.
        polls: When Loop is read, in seconds since the doubt began; the last one is the pace afterwards.
    """

    by_kind: Mapping[Kind, float] = field(default_factory=dict)
    sends: Mapping[Kind, int] = field(default_factory=dict)
    witness: float = 21_600.0
    polls: tuple[float, ...] = (2.0, 5.0, 10.0, 20.0, 40.0, 60.0)

    def seconds(self, kind: Kind) -> float:
        """Return how long a kind may show no effect."""
        return self.by_kind.get(kind, kind.spec.seconds)

    def patience(self, kind: Kind) -> Patience:
        """Return all limits of a kind; what can never be taken back is not sent again, whatever is set."""
        sends = 1 if kind.spec.is_final else self.sends.get(kind, kind.spec.sends)
        return Patience(self.seconds(kind), sends, self.witness)


class OpenPort(Protocol):
    """An open serial port."""

    async def close(self) -> None:
        """Close it; no callback is called afterwards."""
        ...


class SerialPorts(Protocol):
    """The serial ports of this machine."""

    async def find(self) -> Sequence[PortInfo]:
        """Return the ports that currently exist."""
        ...

    async def open(
        self, name: str, baud: int, heard: Callable[[bytes], None], lost: Callable[[], None]
    ) -> OpenPort:
        """Open a port exclusively, and leave its control lines as they are.

        Args:
            heard: Called with data as it arrives.
            lost: Called once when the port is gone, but not after ``OpenPort.close``.

        Raises:
            PortTrouble: It is not available now.
        """
        ...
