"""An honest hub in memory between benches and the scripted Loop: a ledger, claims, lines that can be cut.

Faults at Loop are planted at ``Hub.loop``; faults of a bench's line at its ``HubbedGateway``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    HubBusy,
    HubUnsent,
    KeyRefused,
    ReturnClaimed,
    Throttled,
    Unreachable,
)
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.services.ports.loop import Sent
from tests.fakes.clock import HandClock
from tests.fakes.gateway import ScriptedGateway

GENERATION = "g-1"


@dataclass(slots=True)
class Row:
    """One attempt in the ledger; ``outcome`` is "sending", "stored", "unsent", "tombstone" or "unknown"."""

    outcome: str
    sent: Sent | None = None
    failure: ApiError | None = None


class Hub:
    """What all benches of the site share."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.loop = ScriptedGateway(clock)
        self.rows: dict[str, Row] = {}
        self.claims: dict[str, tuple[str, ReturnClaimed]] = {}
        self.questions: list[str] = []
        self.generation = GENERATION
        self.is_revoked = False

    async def act(self, key: HubKey, kind: Kind, return_id: str, send: Callable[[], Awaitable[Sent]]) -> Sent:
        """Pass one action on, at most once, and store what came of it."""
        row = self.rows.get(key.header)
        if row is not None and row.outcome != "unsent":
            return self._repeated(row)
        entry, claim = self.claims.get(return_id, (key.entry_id, None))
        if kind.spec.is_final and entry != key.entry_id and claim is not None:
            raise claim
        if kind.spec.is_final:
            at = self.clock.now().isoformat()
            self.claims[return_id] = (key.entry_id, ReturnClaimed("dock of " + key.person, key.person, at))
        self.rows[key.header] = row = Row("sending")
        try:
            row.sent = await send()
            row.outcome = "stored"
        except (Unreachable, Throttled):
            row.outcome = "unsent"
            self.claims.pop(return_id, None)
        except AnswerLost:
            row.outcome = "unknown"
        except ApiError as failure:
            row.outcome, row.failure = "stored", failure
            self.claims.pop(return_id, None)
        return self._repeated(row)

    def ask(self, key: HubKey) -> Sent:
        """Answer "did you get this?", or "who has the return?" to a key without a generation."""
        if key.generation:
            self.questions.append(key.header)
        row = Row("unknown")
        if key.generation == self.generation:
            row = self.rows.setdefault(key.header, Row("tombstone"))
        if row.outcome == "unsent":
            row.outcome = "tombstone"
        entry, claim = self.claims.get(key.return_id, (key.entry_id, None))
        if row.outcome == "unknown" and entry != key.entry_id and claim is not None:
            raise claim
        return self._repeated(row)

    @staticmethod
    def _repeated(row: Row) -> Sent:
        match row.outcome:
            case "sending":
                raise HubBusy(http_status=409)
            case "unsent" | "tombstone":
                raise HubUnsent
            case "unknown":
                raise AnswerLost(why="hub_unknown", http_status=502)
        if row.failure is not None:
            raise row.failure
        assert row.sent is not None
        return row.sent


class HubbedGateway(ScriptedGateway):
    """One bench's client of a hub; implements ``ReturnsGateway``.

    ``cuts`` are taken one a request: "before" loses the request on its way to the hub, "after" its answer,
    "late" lets the request arrive only when ``deliver`` is called.
    """

    is_hub = True

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub.clock)
        self.hub = hub
        self.truth = hub.loop.truth
        self.cuts: deque[str] = deque()
        self.is_down = False
        self.keys: list[HubKey] = []
        self._late: list[Callable[[], Awaitable[Sent]]] = []
        for name in ("details", "notes", "list_page", "probe", "destinations", "asn"):
            setattr(self, name, self._read(getattr(hub.loop, name)))

    def _read(self, read: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def over_the_line(*args: Any, **kwargs: Any) -> Any:
            self._stop_if_down()
            return await read(*args, **kwargs)

        return over_the_line

    def _stop_if_down(self) -> None:
        if self.is_down:
            self._fail(Unreachable("no hub"))
        if self.hub.is_revoked:
            self._fail(KeyRefused(why="hub_revoked"))

    async def hub_generation(self) -> str:
        """Return what the hub last told."""
        self._stop_if_down()
        return self.hub.generation

    async def ask_hub(self, key: HubKey, kind: Kind, line_item_ids: Sequence[str]) -> Sent:
        """Ask over the line."""
        self._stop_if_down()
        return self.hub.ask(key)

    def under(self, key: HubKey) -> HubbedGateway:
        """Name the next action."""
        self.keys.append(key)
        return self

    async def deliver(self) -> list[ApiError | None]:
        """Let what was late arrive at the hub; returns what it said to each."""
        said: list[ApiError | None] = []
        late, self._late = self._late, []
        for send in late:
            try:
                await send()
                said.append(None)
            except ApiError as failure:
                said.append(failure)
        return said

    async def _pass_on(self, kind: Kind, return_id: str, send: Callable[[], Awaitable[Sent]]) -> Sent:
        self._stop_if_down()
        key = self.keys[-1]

        async def arrive() -> Sent:
            return await self.hub.act(key, kind, return_id, send)

        cut = self.cuts.popleft() if self.cuts else ""
        if cut == "late":
            self._late.append(arrive)
        if cut in ("before", "late"):
            self._fail(AnswerLost("cut"))
        try:
            return await arrive()
        finally:
            if cut == "after":
                self._fail(AnswerLost("cut"))

    async def grade(self, items: Sequence[Mapping[str, Any]]) -> Sent:
        """Grade through the hub."""
        return await self._pass_on(Kind.GRADE, "", lambda: self.hub.loop.grade(items))

    async def create_note(self, return_id: str, content: str) -> Sent:
        """Add a note through the hub."""
        return await self._pass_on(
            Kind.NOTE, return_id, lambda: self.hub.loop.create_note(return_id, content)
        )

    async def flag(self, return_id: str) -> Sent:
        """Flag through the hub."""
        return await self._pass_on(Kind.FLAG, return_id, lambda: self.hub.loop.flag(return_id))

    async def process(self, return_id: str, body: Mapping[str, Any] | None = None) -> Sent:
        """Process through the hub."""
        return await self._pass_on(Kind.PROCESS, return_id, lambda: self.hub.loop.process(return_id, body))
