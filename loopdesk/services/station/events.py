"""What happened, as values, and the small in-process feed that publishes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from loopdesk.domain.camera import CameraState
from loopdesk.domain.errors import CameraUnusable, LoopdeskError
from loopdesk.domain.labels.scans import Scan
from loopdesk.domain.outbox.stages import NO_CAUSE, Cause
from loopdesk.domain.printing.printers import PrinterState
from loopdesk.domain.scanner.serial_ports import GunState
from loopdesk.services.ports.labels import PrintStage
from loopdesk.services.ports.store import HeldSettlement


@dataclass(frozen=True, slots=True)
class ScanKept:
    """A scan is in the audit log."""

    scan: Scan


@dataclass(frozen=True, slots=True)
class ReturnChanged:
    """Loop gave a newer answer about a return, and it is stored."""

    return_id: str


@dataclass(frozen=True, slots=True)
class OutboxChanged:
    """Entries of a return changed stage or were added; "" means many returns.

    Attributes:
        kept: The settlement that was added, when nothing else changed: its undo window is to be timed, but
            there is nothing to send or to read back yet.
    """

    return_id: str
    kept: HeldSettlement | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """The last entry of a settlement was confirmed by Loop.

    Attributes:
        is_said: A person said that part of it is done; Loop did not show it.
        is_ours: Whether this bench may have done it; else Loop only shows what was wished.
        cause: Which station did it instead, as far as that is known.
    """

    return_id: str
    order_name: str
    kind: str
    is_said: bool = False
    is_ours: bool = True
    cause: Cause = NO_CAUSE


@dataclass(frozen=True, slots=True)
class NeedsPerson:
    """Entries of a return were parked; ``cause`` says why where another bench of the hub has the return."""

    return_id: str
    order_name: str
    reason: str
    cause: Cause = NO_CAUSE


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """Online, offline or key state changed; read the new state from ``Connection``."""


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """Progress of filling the store's index: returns read so far in this run, and whether it is running.

    Attributes:
        of: Estimated total in a long run; None if unknown.
        seconds_left: Estimated remaining time; None as for ``of``.
    """

    read: int
    running: bool
    finished_at: datetime | None = None
    of: int | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class NextSync:
    """In how many seconds Loop's list is read for changes again; None if no such time is known.

    Attributes:
        is_shared: A hub reads it for all benches.
    """

    seconds: float | None
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class MysteryKept:
    """A parcel without a return got its number."""

    number: int


@dataclass(frozen=True, slots=True)
class MysteryMatched:
    """A return with a mystery parcel's code has appeared; ``shown`` is how people know the parcel."""

    number: int
    code: str
    return_id: str
    shown: str


@dataclass(frozen=True, slots=True)
class MysteryUnclear:
    """Several returns have a mystery parcel's code: a person must choose."""

    number: int
    code: str
    return_ids: tuple[str, ...]
    shown: str


@dataclass(frozen=True, slots=True)
class MysteryOverruled:
    """What was done here with a mystery parcel does not stand: it was ended at another station before."""

    shown: str
    code: str
    station: str


@dataclass(frozen=True, slots=True)
class MysteryRenumbered:
    """A mystery parcel has another number now, because another parcel of the site has its number."""

    before: str
    shown: str


@dataclass(frozen=True, slots=True)
class GivenChanged:
    """IT gave this bench another vocabulary or other settings through the hub, or took them back."""


@dataclass(frozen=True, slots=True)
class MysteriesTold:
    """The hub told something of mystery parcels."""


@dataclass(frozen=True, slots=True)
class PictureChanged:
    """A product's picture came, was refused, or is gone; "" means many."""

    key: str


@dataclass(frozen=True, slots=True)
class PhotoStored:
    """Photos of kept grades are at the place for photos now, or can never be; or the place failed."""


@dataclass(frozen=True, slots=True)
class PeopleChanged:
    """Another list of people came."""


@dataclass(frozen=True, slots=True)
class StationChanged:
    """Station, operator, key or settings changed."""


@dataclass(frozen=True, slots=True)
class GunChanged:
    """A scanner at a serial port came, went, or is not available.

    Attributes:
        before: Its previous state; None if it was never looked for.
    """

    name: str
    state: GunState
    before: GunState | None


@dataclass(frozen=True, slots=True)
class CameraChanged:
    """The station's camera became live, was closed, or gives no picture.

    Attributes:
        failure: Why it gives none; None while it works, or was closed.
    """

    state: CameraState
    failure: CameraUnusable | None = None


@dataclass(frozen=True, slots=True)
class SecondBenchNoticed:
    """Another bench uses the key although the settings rule that out; "" if its name is unknown."""

    station: str


@dataclass(frozen=True, slots=True)
class LabelsEnded:
    """Labels were sent to the printer, or were not.

    Attributes:
        names: How a person knows what they are for.
        state: What the printer said then, or why they were not sent.
        by_itself: Nobody asked for them.
    """

    names: tuple[str, ...]
    stage: PrintStage
    state: PrinterState
    by_itself: bool


@dataclass(frozen=True, slots=True)
class LabelsDoubted:
    """These labels were about to be printed when the program last ended."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelsRead:
    """What the labels say that the open return has already was read."""


@dataclass(frozen=True, slots=True)
class SharedHere:
    """Something changed here of which the hub is to be told."""


@dataclass(frozen=True, slots=True)
class ReturnShown:
    """Another return is on the bench now; "" for none."""

    return_id: str
    order_name: str


@dataclass(frozen=True, slots=True)
class DraftsChanged:
    """What the other benches have of a return is something else now.

    Attributes:
        is_dropped: What was entered here had ended elsewhere, and is in the audit log.
    """

    return_id: str
    is_dropped: bool = False


@dataclass(frozen=True, slots=True)
class OpenElsewhereChanged:
    """A return was opened at another bench, or is open there no longer."""

    return_id: str


@dataclass(frozen=True, slots=True)
class HubContactChanged:
    """The hub is heard again, or has fallen silent."""


@dataclass(frozen=True, slots=True)
class FaultFound:
    """A bug, or a failure that nothing expected, that a person must be told about once.

    Attributes:
        failure: What failed; None for a bug.
    """

    number: str
    failure: LoopdeskError | None = None


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
    | MysteryOverruled
    | MysteryRenumbered
    | MysteriesTold
    | GivenChanged
    | PictureChanged
    | PhotoStored
    | PeopleChanged
    | StationChanged
    | GunChanged
    | CameraChanged
    | SecondBenchNoticed
    | LabelsEnded
    | LabelsDoubted
    | LabelsRead
    | SharedHere
    | ReturnShown
    | DraftsChanged
    | OpenElsewhereChanged
    | HubContactChanged
    | FaultFound
)

E = TypeVar("E")


class Feed:
    """Publishes each event to the subscribers of its type, synchronously, in order of subscription.

    Args:
        on_fault: Called with the event's name and the exception of a failed listener. The others still get
            the event, and the publisher continues: a broken view must not stop the sender.
    """

    def __init__(self, on_fault: Callable[[str, BaseException], None]) -> None:
        self._on_fault = on_fault
        self._listeners: dict[type, list[Callable[..., None]]] = {}

    def on(self, kind: type[E], listener: Callable[[E], None]) -> None:
        """Call ``listener`` with every later event of exactly that type."""
        self._listeners.setdefault(kind, []).append(listener)

    def off(self, listener: Callable[..., None]) -> None:
        """Unsubscribe a listener."""
        for listeners in self._listeners.values():
            if listener in listeners:
                listeners.remove(listener)

    def tell(self, event: Event) -> None:
        """Publish an event."""
        for listener in tuple(self._listeners.get(type(event), ())):
            try:
                listener(event)
            except Exception as failure:  # noqa: BLE001 - the listener's bug, not the teller's
                self._on_fault(f"on {type(event).__name__}", failure)
