"""The ports to Loop: its request budget, its answers, and the gateway, as Protocols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.domain.returns.parcels import LabelState, Sighting, label_state
from loopdesk.domain.returns.returns import Destination, Note, Return, ReturnState


class Priority:
    """The order at the request budget; smaller goes first."""

    LOOKUP = 0
    FINISH = 1
    """Right after a fresh look at the return, or not at all: it must not wait for other work."""
    READ_BACK = 2
    ACTION = 3
    BACKGROUND = 4


FRESH_SECONDS = 10.0
"""Maximum age of what was read of a return when a flag or finalizer is sent."""

TURN_SECONDS = 4.0
"""Part of it that may pass while waiting for the budget; after that the return is read again."""


class Budget(Protocol):
    """Decides when the next request may leave."""

    async def take(self, priority: int) -> None:
        """Wait until one request of that priority may leave."""
        ...

    def throttled(self) -> None:
        """Handle a 429: halve the rate for a minute."""
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """Facts about a completed exchange, for the attempt row and the status strip.

    Attributes:
        echoed: Line ids that a grade or assess answer repeated; empty for other kinds.
    """

    http_status: int
    seconds: float
    echoed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the list.

    Attributes:
        cursor: "" on the last one.
        unread: Ids of the rows that could not be read; "" for a row whose id could not be read either.
    """

    returns: tuple[Fetched, ...]
    cursor: str
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A return with the JSON text it was made from (stored as the last answer).

    Attributes:
        body: JSON of this one return as Loop gave it (re-serialized, keys untouched).
        is_details: True from details (has names and pictures), False from the list.
        shop: The id of its shop, if a hub told it; "" otherwise.
    """

    ret: Return
    body: str
    is_details: bool
    shop: str = ""


@dataclass(frozen=True, slots=True)
class AsnRow:
    """One announced unit; it does not name its return and is joined by line id."""

    line_item_id: str
    order_name: str
    state: ReturnState
    carrier: str
    tracking_number: str
    label_status: str
    scannable_id: str
    package_reference: str
    box_barcode: str
    rma_code: str
    delivered_at: datetime | None
    updated_at: datetime | None
    label_updated_at: datetime | None = None
    consolidation_tracking: str = ""

    @property
    def codes(self) -> tuple[tuple[str, CandidateKind], ...]:
        """Every code by which a scan may find the unit, as it was announced, with its kind."""
        kinds = (
            (self.tracking_number, CandidateKind.TRACKING),
            (self.scannable_id, CandidateKind.SCANNABLE),
            (self.package_reference, CandidateKind.PACKAGE),
            (self.box_barcode, CandidateKind.BOX),
            (self.rma_code, CandidateKind.RMA),
            (self.consolidation_tracking, CandidateKind.CONSOLIDATION),
        )
        parts = ((part.strip(), kind) for text, kind in kinds for part in text.split(","))
        return tuple((part, kind) for part, kind in parts if part)

    @property
    def sighting(self) -> Sighting | None:
        """What the row says about a parcel; None if it is about none that is on its way."""
        label = LabelState.DELIVERED if self.delivered_at is not None else label_state(self.label_status)
        at = self.delivered_at or self.label_updated_at or self.updated_at
        if label is None or at is None or not self.tracking_number:
            return None
        return Sighting(self.tracking_number, self.carrier, label, at, self.delivered_at)


@dataclass(frozen=True, slots=True)
class HappyShipment:
    """A consolidated shipment of Happy Returns."""

    loop_shipment_id: str
    happy_returns_shipment_id: str
    line_item_count: int
    return_count: int
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class HappyItem:
    """One unit in a consolidated shipment; here Loop does name the return."""

    return_id: str
    order_name: str
    bag_barcodes: tuple[str, ...]
    rma_id: str
    box_barcode: str
    tracking_number: str
    carrier: str
    sku: str
    title: str


class ReadingGateway(Protocol):
    """The reading half of Loop. No method changes anything at Loop.

    Every method may raise ``Unreachable``, ``Throttled``, ``AnswerLost``, ``Refused`` or ``KeyRefused``;
    optional features also ``ScopeMissing``. Nothing is retried here.
    """

    async def list_page(
        self,
        *,
        start: datetime,
        end: datetime,
        filter_by: str = "created_at",
        state: ReturnState | None = None,
        cursor: str = "",
        page_size: int = 250,
        priority: int = Priority.BACKGROUND,
    ) -> ListPage:
        """Read one page of the list; ``filter_by`` is ``created_at`` or ``updated_at``.

        Without ``state`` Loop leaves out cancelled returns and those in review.
        """
        ...

    async def details(self, return_id: str, *, priority: int = Priority.LOOKUP) -> Fetched:
        """Read one return. Raises ``NotFound``."""
        ...

    async def details_by_order_name(
        self, order_name: str, *, priority: int = Priority.LOOKUP
    ) -> tuple[Fetched, ...]:
        """Read the returns of an order by its name, without and with ``#``; empty if there are none."""
        ...

    async def details_by_order_id(
        self, order_id: str, *, priority: int = Priority.LOOKUP
    ) -> tuple[Fetched, ...]:
        """Read the returns of an order by the provider's order id; empty if there are none."""
        ...

    async def asn(self, start: datetime, end: datetime) -> tuple[AsnRow, ...]:
        """Read announced units, at most 120 days."""
        ...

    async def notes(self, return_id: str, *, priority: int = Priority.READ_BACK) -> tuple[Note, ...]:
        """Read the notes of a return, oldest first; an empty tuple if there are none."""
        ...

    async def destinations(self) -> tuple[Destination, ...]:
        """Read the warehouses. Raises ``ScopeMissing``."""
        ...

    async def happy_shipments(self, start: datetime, end: datetime) -> tuple[HappyShipment, ...]:
        """Read consolidated shipments of a window. Raises ``ScopeMissing``."""
        ...

    async def happy_items(self, loop_shipment_id: str) -> tuple[HappyItem, ...]:
        """Read the units of one consolidated shipment, all pages. Raises ``ScopeMissing``."""
        ...

    async def probe(self) -> None:
        """Send the cheapest request that needs the Returns scope."""
        ...


class HubGateway(Protocol):
    """What there is to ask of a hub between us and Loop. Nothing is asked where there is none."""

    @property
    def is_hub(self) -> bool:
        """Whether a hub answers, not Loop itself."""
        ...

    async def hub_generation(self) -> str:
        """Return the generation of the hub's ledger as last told, which it asks for if need be.

        Raises:
            ApiError: It could not be asked.
        """
        ...

    async def ask_hub(self, key: HubKey, kind: Kind, line_item_ids: Sequence[str]) -> Sent:
        """Ask what became of an action: "did you get this?". Whatever of it has not left the hub by then
        never leaves it.

        Args:
            line_item_ids: For a grade or assessment, the lines that were sent.

        Returns:
            Loop said yes.

        Raises:
            HubUnsent: Nothing of it went to Loop.
            HubBusy: It is under way.
            ReturnClaimed: Another bench finishes the return, or did.
            AnswerLost: With the ``why`` ``hub_unknown`` only Loop itself can tell; see also
                ``hub_word.is_unasked``.
            ApiError: Loop's stored answer, judged as at the time; or the hub could not be asked.
        """
        ...


class ActingGateway(Protocol):
    """The acting half of Loop: one method for each kind of action, named in ``actions.KINDS``.

    Only the outbox has it, so that nothing reaches Loop that was not kept first. Every method may raise the
    errors of ``ReadingGateway``. Nothing is retried here.
    """

    async def grade(self, items: Sequence[Mapping[str, Any]]) -> Sent:
        """Grade line items of one return (payloads of ``Kind.GRADE``), as many as one call takes."""
        ...

    async def assess(self, items: Sequence[Mapping[str, Any]]) -> Sent:
        """Set dispositions of line items of one return, as many as one call takes."""
        ...

    async def create_note(self, return_id: str, content: str) -> Sent:
        """Add a note, 1 to 254 characters."""
        ...

    async def flag(self, return_id: str) -> Sent:
        """Send a return to review."""
        ...

    async def process(self, return_id: str, body: Mapping[str, Any] | None = None) -> Sent:
        """Queue the processing of a return, with an optional body of free keys. Irreversible."""
        ...

    async def remove(self, return_id: str, line_item_ids: Sequence[str]) -> Sent:
        """Remove units and process the rest. Irreversible."""
        ...

    async def cancel(self, return_id: str) -> Sent:
        """Cancel a return. Irreversible."""
        ...

    async def close(self, return_id: str) -> Sent:
        """Close a return without outcomes. Irreversible."""
        ...


class KeyedGateway(ActingGateway, Protocol):
    """The acting half, whose actions a hub can tell apart by a key."""

    def under(self, key: HubKey) -> ActingGateway:
        """Return a gateway whose next action a hub knows by this key. Not called without a hub."""
        ...


class ReturnsGateway(ReadingGateway, KeyedGateway, HubGateway, Protocol):
    """Both halves and the hub's part, as an adapter implements them; only ``app.compose`` takes it, to pass
    on each separately.
    """
