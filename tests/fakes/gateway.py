"""A minimal Loop with its own truth, in which every kind of failure can be planted.

A failure is planted before or after the effect, for one call (``plant``) or by chance (``chance``).
What the fake server saw stands in ``requests``, what came true in ``effects``.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    KeyRefused,
    NotFound,
    Refused,
    Throttled,
    Unreachable,
)
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.domain.returns.returns import (
    Destination,
    HeldCondition,
    HeldDisposition,
    LineItem,
    Note,
    Return,
    ReturnState,
)
from loopdesk.services.ports.loop import AsnRow, Fetched, HappyItem, HappyShipment, ListPage, Priority, Sent
from loopdesk.services.ports.station import Clock
from tests.builders import a_body
from tests.kinds import FINALIZERS, PAYING


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call.

    Attributes:
        failure: What the caller gets; None for a good answer.
        acts: Whether the effect happens at the server all the same.
        arrives: Whether the server took the request in; a 429 or 401 turns it away at the door.
    """

    failure: BaseException | None = None
    acts: bool = False
    arrives: bool = True


def unsent() -> Fault:
    """Not one byte left."""
    return Fault(Unreachable("connect failed"), arrives=False)


def throttled(seconds: float = 5.0) -> Fault:
    """Loop says 429."""
    return Fault(Throttled(retry_after_seconds=seconds), arrives=False)


def lost_before() -> Fault:
    """The request was lost on its way: no effect, no answer."""
    return Fault(AnswerLost("cut"))


def lost_after() -> Fault:
    """The effect happened, the answer never came."""
    return Fault(AnswerLost("cut"), acts=True)


def server_error(*, acts: bool = False) -> Fault:
    """Loop answers 500, with or without having acted."""
    return Fault(AnswerLost("500", http_status=500), acts=acts)


def refused(text: str = "No.", http_status: int = 200) -> Fault:
    """Loop refuses in complete, known words."""
    return Fault(Refused(text, http_status=http_status))


def key_refused() -> Fault:
    """Loop answers 401."""
    return Fault(KeyRefused("401"), arrives=False)


def swallowed() -> Fault:
    """Loop says yes and then does nothing."""
    return Fault()


def bug(*, acts: bool = False) -> Fault:
    """Something that is not ours breaks in the middle of the call."""
    return Fault(ZeroDivisionError("bug"), acts=acts)


@dataclass(frozen=True, slots=True)
class Request:
    """One action request that the server saw."""

    kind: Kind
    return_id: str
    payload: Any
    at: float


@dataclass(slots=True)
class Truth:
    """What is true of one return at the server.

    Attributes:
        effects: What came true, in order: kind and line id, note text or "".
    """

    ret: Return
    notes: list[Note] = field(default_factory=list)
    effects: list[tuple[Kind, str]] = field(default_factory=list)
    updated_at: float = 0.0


NOT_OPEN = "Return is {state} and therefore cannot be processed."


class ScriptedGateway:
    """Implements ``ReturnsGateway`` over its own truth.

    Args:
        clock: Decides when queued work is done.
        on_exchange: Told of every exchange, as the transport tells it.
    """

    def __init__(
        self, clock: Clock, on_exchange: Callable[[ApiError | None, float], None] | None = None
    ) -> None:
        self._clock = clock
        self.on_exchange = on_exchange
        self.truth: dict[str, Truth] = {}
        self.requests: list[Request] = []
        self.reads: list[tuple[str, str]] = []
        self.chance: Callable[[str], Fault | None] = lambda what: None
        self.processing_seconds: float | None = 0.0
        self.bodies: list[Mapping[str, Any] | None] = []
        self.pays = True  # what processing comes to: False closes the return and shows no payment
        self.tells = True  # whether answers have a field that tells of payment
        self.shows_inspections = True
        self.in_flight: dict[str, int] = defaultdict(int)
        self.most_at_once = 0
        self.overlaps = 0
        self._planted: dict[str, deque[Fault]] = defaultdict(deque)
        self._gates: dict[str, asyncio.Event] = {}
        self._queued: list[tuple[float, Callable[[], None]]] = []

    # --- what tests do ----------------------------------------------------------------------------

    def add(self, *returns: Return) -> None:
        """Let the server know these returns."""
        for ret in returns:
            self.truth[ret.return_id] = Truth(ret)

    def plant(self, what: str, *faults: Fault) -> None:
        """Let the next calls of a kind (``process``, ``details``, ``list``, …) go wrong, one each."""
        self._planted[what].extend(faults)

    def hold(self, what: str) -> asyncio.Event:
        """Let calls of a kind hang until the returned event is set."""
        self._gates[what] = asyncio.Event()
        return self._gates[what]

    def release(self) -> None:
        """Let no call hang any more; those that hung are gone with their caller."""
        self._gates.clear()

    def change(self, return_id: str, **fields: Any) -> None:
        """Let somebody else change a return at the server; ``state`` also sets its raw word."""
        truth = self.truth[return_id]
        state = fields.get("state")
        if state is not None:
            fields["state_raw"] = ReturnState(state).value
        truth.ret = replace(truth.ret, **fields)
        truth.updated_at = self._clock.monotonic()

    def seen(self, kind: Kind, return_id: str | None = None) -> int:
        """Count the requests of a kind that the server saw."""
        return sum(1 for x in self.requests if x.kind is kind and return_id in (None, x.return_id))

    def effects(self, kind: Kind, return_id: str) -> int:
        """Count how often a kind came true for a return."""
        self._ripen()
        return sum(1 for x, _ in self.truth[return_id].effects if x is kind)

    def finalized(self, return_id: str) -> int:
        """Count the irreversible effects on a return."""
        return sum(self.effects(kind, return_id) for kind in FINALIZERS)

    # --- reading ----------------------------------------------------------------------------------

    async def details(self, return_id: str, *, priority: int = Priority.LOOKUP) -> Fetched:
        """Read one return."""
        self.reads.append(("details", return_id))
        fault = await self._meet("details")
        if fault.failure is not None:
            self._fail(fault.failure)
        self._ripen()
        self._tell(None)
        if return_id not in self.truth:
            raise NotFound("No return found with this ID.")
        return self._fetched(return_id, is_details=True)

    async def notes(self, return_id: str, *, priority: int = Priority.READ_BACK) -> tuple[Note, ...]:
        """Read the notes of a return."""
        self.reads.append(("notes", return_id))
        fault = await self._meet("notes")
        if fault.failure is not None:
            self._fail(fault.failure)
        self._tell(None)
        if return_id not in self.truth:
            raise NotFound("No return found with this ID.")
        return tuple(self.truth[return_id].notes)

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
        """Read one page of the list; without a state, cancelled and review are left out."""
        self.reads.append(("list", state.value if state else ""))
        fault = await self._meet("list")
        if fault.failure is not None:
            self._fail(fault.failure)
        self._ripen()
        self._tell(None)
        hidden = (ReturnState.CANCELLED, ReturnState.REVIEW)
        wanted = [
            return_id
            for return_id, truth in self.truth.items()
            if (truth.ret.state is state if state else truth.ret.state not in hidden)
            and (filter_by == "created_at" or truth.updated_at > 0)
        ]
        first = int(cursor or 0)
        rows = tuple(self._fetched(x, is_details=False) for x in wanted[first : first + page_size])
        more = first + page_size < len(wanted)
        return ListPage(rows, str(first + page_size) if more else "")

    async def details_by_order_name(
        self, order_name: str, *, priority: int = Priority.LOOKUP
    ) -> tuple[Fetched, ...]:
        """Read the returns of an order by its name."""
        wanted = order_name.lstrip("#")
        return self._matching(lambda ret: ret.order_name.lstrip("#") == wanted)

    async def details_by_order_id(
        self, order_id: str, *, priority: int = Priority.LOOKUP
    ) -> tuple[Fetched, ...]:
        """Read the returns of an order by the provider's id."""
        return self._matching(lambda ret: ret.provider_order_id == order_id)

    def _matching(self, wanted: Callable[[Return], bool]) -> tuple[Fetched, ...]:
        return tuple(self._fetched(x, is_details=True) for x, t in self.truth.items() if wanted(t.ret))

    async def asn(self, start: datetime, end: datetime) -> tuple[AsnRow, ...]:
        """Nothing is announced here."""
        return ()

    async def destinations(self) -> tuple[Destination, ...]:
        """There is one warehouse."""
        return (Destination("11", "Dock"),)

    async def happy_shipments(self, start: datetime, end: datetime) -> tuple[HappyShipment, ...]:
        """There are no consolidated shipments."""
        return ()

    async def happy_items(self, loop_shipment_id: str) -> tuple[HappyItem, ...]:
        """There are no consolidated units."""
        return ()

    async def probe(self) -> None:
        """Answer whether the line and the key are good."""
        self.reads.append(("probe", ""))
        fault = await self._meet("probe")
        if fault.failure is not None:
            self._fail(fault.failure)
        self._tell(None)

    # --- a hub ------------------------------------------------------------------------------------

    is_hub = False
    """There is none between this fake and whoever asks it."""

    async def hub_generation(self) -> str:
        """Not called without a hub."""
        raise AssertionError("no hub")

    async def ask_hub(self, key: HubKey, kind: Kind, line_item_ids: Sequence[str]) -> Sent:
        """Not called without a hub."""
        raise AssertionError("no hub")

    def under(self, key: HubKey) -> ScriptedGateway:
        """Not called without a hub."""
        raise AssertionError("no hub")

    # --- acting -----------------------------------------------------------------------------------

    async def grade(self, items: Sequence[Mapping[str, Any]]) -> Sent:
        """Grade lines of one return."""
        return await self._set_values(Kind.GRADE, items)

    async def assess(self, items: Sequence[Mapping[str, Any]]) -> Sent:
        """Set dispositions of lines of one return."""
        return await self._set_values(Kind.ASSESS, items)

    async def _set_values(self, kind: Kind, items: Sequence[Mapping[str, Any]]) -> Sent:
        ids = tuple(str(item["line_item_id"]) for item in items)
        return_id = next(
            (x for x, t in self.truth.items() if any(line.line_item_id == ids[0] for line in t.ret.lines)),
            "",
        )

        def act() -> None:
            for item in items:
                self._set_value(kind, return_id, item)

        sent = await self._act(kind, return_id, [dict(item) for item in items], act)
        return replace(sent, echoed=ids)

    def _set_value(self, kind: Kind, return_id: str, item: Mapping[str, Any]) -> None:
        truth = self.truth[return_id]
        at = datetime.strptime(item["inspected_at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        target = str(item["line_item_id"])
        processor, note = str(item["return_processor"]), str(item["note"])

        def changed(line: LineItem) -> LineItem:
            if line.line_item_id != target:
                return line
            if kind is Kind.GRADE:
                links = len(item["images"])
                held = HeldCondition(
                    item["condition_category"], item["description"], note, processor, at, links
                )
                return replace(line, condition=held)
            put = HeldDisposition(item["disposition_outcome"], note, processor, at)
            return replace(line, disposition=put)

        truth.ret = replace(truth.ret, lines=tuple(changed(line) for line in truth.ret.lines))
        truth.effects.append((kind, target))

    async def create_note(self, return_id: str, content: str) -> Sent:
        """Add a note."""

        def act() -> None:
            truth = self.truth[return_id]
            truth.notes.append(Note(str(len(truth.notes) + 1), content, self._clock.now()))
            truth.effects.append((Kind.NOTE, content))

        return await self._act(Kind.NOTE, return_id, content, act)

    async def flag(self, return_id: str) -> Sent:
        """Send a return to review."""
        return await self._end(Kind.FLAG, return_id, ReturnState.REVIEW, 0.0)

    async def process(self, return_id: str, body: Mapping[str, Any] | None = None) -> Sent:
        """Queue the processing of a return."""
        self.bodies.append(body)
        return await self._end(Kind.PROCESS, return_id, ReturnState.CLOSED, self.processing_seconds)

    async def remove(self, return_id: str, line_item_ids: Sequence[str]) -> Sent:
        """Remove units and process the rest."""
        gone = frozenset(line_item_ids)
        return await self._end(Kind.REMOVE, return_id, ReturnState.CLOSED, self.processing_seconds, gone)

    async def cancel(self, return_id: str) -> Sent:
        """Cancel a return."""
        return await self._end(Kind.CANCEL, return_id, ReturnState.CANCELLED, 0.0)

    async def close(self, return_id: str) -> Sent:
        """Close a return without outcomes."""
        return await self._end(Kind.CLOSE, return_id, ReturnState.CLOSED, 0.0)

    async def _end(
        self,
        kind: Kind,
        return_id: str,
        state: ReturnState,
        seconds: float | None,
        gone: frozenset[str] = frozenset(),
    ) -> Sent:
        """Ask for an end state; it comes ``seconds`` later, never when that is None."""

        def finish() -> None:
            truth = self.truth[return_id]
            kept = tuple(line for line in truth.ret.lines if line.line_item_id not in gone)
            paid = {"was_processed": self.pays} if kind in PAYING and self.tells else {}
            self.change(return_id, state=state, lines=kept, **paid)
            truth.updated_at = max(self._clock.monotonic(), 0.001)
            truth.effects.append((kind, ""))

        def act() -> None:
            if seconds is not None:
                self._queued.append((self._clock.monotonic() + seconds, finish))

        return await self._act(kind, return_id, sorted(gone), act, needs_open=True)

    async def _act(
        self, kind: Kind, return_id: str, payload: Any, act: Callable[[], None], *, needs_open: bool = False
    ) -> Sent:
        self.in_flight[return_id] += 1
        self.most_at_once = max(self.most_at_once, sum(self.in_flight.values()))
        self.overlaps += self.in_flight[return_id] > 1
        try:
            fault = await self._meet(kind.value)
            if fault.arrives:
                self.requests.append(Request(kind, return_id, payload, self._clock.monotonic()))
            self._ripen()
            if fault.failure is None:
                self._refuse_unfit(return_id, needs_open=needs_open)
            if fault.acts and self._fits(return_id, needs_open=needs_open):
                act()
            self._ripen()
            if fault.failure is not None:
                self._fail(fault.failure)
            self._tell(None)
            return Sent(200, 0.1)
        finally:
            self.in_flight[return_id] -= 1

    # --- the rest ---------------------------------------------------------------------------------

    async def _meet(self, what: str) -> Fault:
        """Return what goes wrong with this call; a fault without a failure is a good answer."""
        gate = self._gates.get(what)
        if gate is not None:
            await gate.wait()
        planted = self._planted[what]
        fault = planted.popleft() if planted else self.chance(what)
        return fault if fault is not None else Fault(acts=True)

    def _fits(self, return_id: str, *, needs_open: bool) -> bool:
        truth = self.truth.get(return_id)
        return truth is not None and (not needs_open or truth.ret.state is ReturnState.OPEN)

    def _refuse_unfit(self, return_id: str, *, needs_open: bool) -> None:
        if return_id not in self.truth:
            self._fail(NotFound("No return found with this ID."))
        if needs_open and not self._fits(return_id, needs_open=True):
            state = self.truth[return_id].ret.state_raw
            self._fail(Refused(NOT_OPEN.format(state=state), refusal_code="UNPROCESSABLE_RETURN"))

    def _fail(self, failure: BaseException) -> None:
        if isinstance(failure, ApiError):
            self._tell(failure)
        raise failure

    def _tell(self, failure: ApiError | None) -> None:
        if self.on_exchange is not None:
            self.on_exchange(failure, 0.1)

    def _ripen(self) -> None:
        """Let queued work that is due come true."""
        now = self._clock.monotonic()
        ripe = [job for due, job in self._queued if due <= now]
        self._queued = [(due, job) for due, job in self._queued if due > now]
        for job in ripe:
            job()

    def _fetched(self, return_id: str, *, is_details: bool) -> Fetched:
        ret = self.truth[return_id].ret
        if not self.shows_inspections:
            bare = tuple(replace(line, condition=None, disposition=None) for line in ret.lines)
            ret = replace(ret, lines=bare)
        if not self.tells:
            ret = replace(ret, tells_payment=False)
        return Fetched(ret, a_body(ret), is_details)
