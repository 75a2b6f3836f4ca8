"""What happened, as values, and the small feed that hands them round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from loopdesk.domain.labels.scans import Scan
from loopdesk.domain.scanner.ports import GunState


@dataclass(frozen=True, slots=True)
class ScanKept:
    """A scan is in the audit log."""

    scan: Scan


@dataclass(frozen=True, slots=True)
class ReturnChanged:
    """Loop gave a newer answer for a return, and it is stored."""

    return_id: str


@dataclass(frozen=True, slots=True)
class OutboxChanged:
    """Entries of a return changed stage or were added; "" stands for many."""

    return_id: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The last entry of a settlement was confirmed by Loop.

    Attributes:
        is_said: A person said of a part of it that it is done; Loop was not seen to be so.
    """

    return_id: str
    order_name: str
    kind: str
    is_said: bool = False


@dataclass(frozen=True, slots=True)
class NeedsPerson:
    """Entries of a return were parked."""

    return_id: str
    order_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """Online, offline or key state changed; ask ``Connection`` for the picture."""


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How the store's index is filled: returns read so far in this run, and whether it still runs.

    Attributes:
        of: About how many there will be, in a long reading; None when nothing can be said.
        seconds_left: About how long it will take; None as for ``of``.
    """

    read: int
    running: bool
    finished_at: datetime | None = None
    of: int | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class NextSync:
    """In how many seconds Loop's list is read for changes again; None when that is not to be counted on."""

    seconds: float | None


@dataclass(frozen=True, slots=True)
class MysteryKept:
    """A parcel that no return was found for has its number."""

    number: int


@dataclass(frozen=True, slots=True)
class MysteryMatched:
    """A return with a mystery parcel's number has appeared."""

    number: int
    code: str
    return_id: str


@dataclass(frozen=True, slots=True)
class MysteryUnclear:
    """Several returns carry a mystery parcel's number: a person must choose."""

    number: int
    code: str
    return_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StationChanged:
    """Station, operator, key or settings changed."""


@dataclass(frozen=True, slots=True)
class GunChanged:
    """A scanner at a serial port came, went, or cannot be had.

    Attributes:
        before: How it was; None when it was never looked for.
    """

    name: str
    state: GunState
    before: GunState | None


@dataclass(frozen=True, slots=True)
class SecondBenchNoticed:
    """Another bench works with the key although the settings say that there is none: "" when nameless."""

    station: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A bug or a storage failure that a person must hear of once."""

    number: str
    title: str
    advice: str


Event = (
    ScanKept
    | ReturnChanged
    | OutboxChanged
    | Settled
    | NeedsPerson
    | ConnectionChanged
    | SyncProgress
    | NextSync
    | MysteryKept
    | MysteryMatched
    | MysteryUnclear
    | StationChanged
    | GunChanged
    | SecondBenchNoticed
    | Fault
)

E = TypeVar("E")


class Feed:
    """Hands each event to those who asked for its type, in the order they asked, at once.

    Args:
        on_fault: Told of a listener that failed, by the event's name. The others hear of the event all the
            same, and whoever told it goes on: a view that breaks must not stop what sends.
    """

    def __init__(self, on_fault: Callable[[str, BaseException], None]) -> None:
        self._on_fault = on_fault
        self._listeners: dict[type, list[Callable[..., None]]] = {}

    def on(self, kind: type[E], listener: Callable[[E], None]) -> None:
        """Call ``listener`` with every later event of exactly that type."""
        self._listeners.setdefault(kind, []).append(listener)

    def off(self, listener: Callable[..., None]) -> None:
        """Stop calling a listener."""
        for listeners in self._listeners.values():
            if listener in listeners:
                listeners.remove(listener)

    def tell(self, event: Event) -> None:
        """Hand an event round."""
        for listener in tuple(self._listeners.get(type(event), ())):
            try:
                listener(event)
            except Exception as failure:  # noqa: BLE001 - the listener's bug, not the teller's
                self._on_fault(f"on {type(event).__name__}", failure)
