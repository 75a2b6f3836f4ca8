"""One action from a bench's request to Loop's answer: reserved, sent, answered, in three commits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import uuid4

from loopdesk.api.judgement import RawAnswer, retry_after, told_time
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.ledger import decisions
from loopdesk.hub.ledger.acts import Decide, Ledger
from loopdesk.hub.ledger.calls import ActionCall
from loopdesk.hub.ledger.loop_line import GateClosed, GatedTrace, LoopLine
from loopdesk.hub.ledger.measures import LedgerMeasures
from loopdesk.hub.ledger.stages import (
    ActionRequest,
    HubOutcome,
    Proof,
    Ruling,
    StoredAnswer,
)
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.tasks import Tasks

log = logging.getLogger("loopdesk.hub.ledger")

WRITE_PAUSES: Final = (0.0, 0.2, 1.0, 2.0)
"""Before each attempt to write what became of a request; then it is owed, and a bench is told *unknown*."""

GATE_SECONDS: Final = 5.0
"""If more passes between opening the gate and the first byte, the process was stopped: it must not send."""

_KEPT_HEADERS: Final = frozenset({"content-type", "retry-after"})


Turn = Callable[[], Awaitable[None]]
"""Waits until the budget lets one more request leave. Raises ``HubFailure`` if it does not in time."""


@dataclass(slots=True)
class _Running:
    """A request inside this process, and what is still to be written of it."""

    ask: ActionRequest
    exchange: str
    is_over: bool = False
    owed: Decide | None = None


class Exchanges:
    """All actions of this process that are under way.

    Args:
        owner: This process's number.
        learn: Told Loop's time, as its answers tell it.
        throttled: Told of a 429, by shop, with the seconds that it asks to wait.
    """

    def __init__(
        self,
        ledger: Ledger,
        line: LoopLine,
        clock: Clock,
        tasks: Tasks,
        *,
        owner: int,
        learn: Callable[[datetime], None],
        throttled: Callable[[str, float], Awaitable[None]],
        measures: LedgerMeasures,
    ) -> None:
        self._ledger = ledger
        self._line = line
        self._clock = clock
        self._tasks = tasks
        self._owner = owner
        self._learn = learn
        self._throttled = throttled
        self._measures = measures
        self._running: dict[str, _Running] = {}

    def has(self, exchange: str) -> bool:
        """Whether a request is under way in this process, or owes the ledger something."""
        return exchange in self._running

    async def perform(
        self, ask: ActionRequest, call: ActionCall, turn: Turn, is_wanted: Callable[[], Awaitable[bool]]
    ) -> Ruling:
        """Do what a bench asks for, at most once, and return what it is told.

        Once reserved the request goes its way in a task of its own: whoever cancels this one leaves it alone.

        Args:
            is_wanted: Tells whether the bench still waits for the answer.

        Raises:
            DatabaseUnusable: It could not be reserved. It will not be sent; the ledger may not know that yet.
        """
        running = _Running(ask, uuid4().hex)
        self._running[running.exchange] = running
        try:
            decide = partial(decisions.on_request, ask, owner=self._owner, exchange=running.exchange)
            ruling = await self._act(running, decide)
        except BaseException:
            running.owed = partial(decisions.on_unsent, ask.key, running.exchange)
            running.is_over = True
            raise
        if ruling.outcome is not None:
            del self._running[running.exchange]
        else:
            work = self._tasks.spawn(self._carry(running, call, turn, is_wanted), name="hub exchange")
            ruling = await asyncio.shield(work)
        assert ruling.outcome is not None, "a bench is told something"
        self._measures.told(ask.shop_id, ruling.outcome)
        return ruling

    async def settle_owed(self) -> None:
        """Write what could not be written before; as often as it takes."""
        for running in tuple(self._running.values()):
            if running.is_over and running.owed is not None:
                await self._act(running, running.owed)
                del self._running[running.exchange]

    async def wait_for_end(self, seconds: float) -> None:
        """Wait until nothing is under way any more, at most so long."""
        until = self._clock.monotonic() + seconds
        while any(not x.is_over for x in self._running.values()) and self._clock.monotonic() < until:
            await self._clock.sleep(0.05)

    async def _act(self, running: _Running, decide: Decide) -> Ruling:
        ask = running.ask
        return await self._ledger.act(ask.key, decide, shop_id=ask.shop_id, return_id=ask.return_id)

    async def _carry(
        self,
        running: _Running,
        call: ActionCall,
        turn: Turn,
        is_wanted: Callable[[], Awaitable[bool]],
    ) -> Ruling:
        began, key = self._clock.monotonic(), running.ask.key
        trace = GatedTrace(partial(self._open_gate, running, is_wanted))
        running.owed = partial(decisions.on_unsent, key, running.exchange)
        why, raw, proof = "", None, Proof.UNCLEAR
        try:
            await turn()
            raw, proof = await self._line.send(running.ask.shop_id, call, trace)
        except Exception as failure:  # noqa: BLE001 - whatever breaks, the ledger is told what it proves
            why = failure.why if isinstance(failure, HubFailure) else type(failure).__name__
            if trace.sent:
                running.owed = partial(decisions.on_lost, key, running.exchange)
        if raw is not None:
            answer = _stored(raw)
            running.owed = partial(decisions.on_answer, key, running.exchange, answer, proof)
        is_written = await self._write(running)
        running.is_over = True
        if raw is not None:
            await self._told(running.ask.shop_id, raw)
        ruling = _said(raw if is_written else None, is_sent=trace.sent, why=why)
        log.info(
            "action key=%s kind=%s shop=%s outcome=%s status=%s proof=%s why=%s seconds=%.3f",
            key,
            call.kind.value,
            running.ask.shop_id,
            ruling.outcome,
            raw.status if raw is not None else "-",
            proof.value if raw is not None else "-",
            why or "-",
            self._clock.monotonic() - began,
        )
        return ruling

    async def _open_gate(self, running: _Running, is_wanted: Callable[[], Awaitable[bool]]) -> None:
        """Commit ``sending``, or keep the request here.

        Raises:
            GateClosed: Nobody waits any more, the reservation is not ours any more, or this process was
                stopped meanwhile.
        """
        began, ask = self._clock.monotonic(), running.ask
        if not await is_wanted():
            raise GateClosed
        ruling = await self._act(running, partial(decisions.on_headers, ask.key, running.exchange))
        if ruling.row is None or self._clock.monotonic() - began > GATE_SECONDS:
            raise GateClosed

    async def _write(self, running: _Running) -> bool:
        """Write what became of a request. If that fails for long it stays owed."""
        assert running.owed is not None, "every request that was reserved owes its end"
        for pause in WRITE_PAUSES:
            try:
                if pause:
                    await self._clock.sleep(pause)
                await self._act(running, running.owed)
            except Exception as failure:  # noqa: BLE001 - whatever it is, the debt stays
                self._measures.unwritten()
                log.warning("unwritten key=%s kind=%s", running.ask.key, type(failure).__name__)
            else:
                del self._running[running.exchange]
                return True
        return False

    async def _told(self, shop_id: str, raw: RawAnswer) -> None:
        """Learn from an answer what holds for others too."""
        told = told_time(raw.headers)
        if told is not None:
            self._learn(told + timedelta(seconds=int(max(0.0, self._clock.monotonic() - raw.came_at))))
        if raw.status == 429:
            try:
                await self._throttled(shop_id, retry_after(raw.headers, self._clock.now()))
            except Exception as failure:  # noqa: BLE001 - the answer counts, and the next 429 tells the same
                log.warning("throttled_unwritten shop=%s kind=%s", shop_id, type(failure).__name__)


def _stored(raw: RawAnswer) -> StoredAnswer:
    kept = sorted((name, value) for name, value in raw.headers.items() if name in _KEPT_HEADERS)
    return StoredAnswer(raw.status, tuple(kept), raw.body)


def _said(raw: RawAnswer | None, *, is_sent: bool, why: str) -> Ruling:
    if raw is not None:
        return Ruling(HubOutcome.LOOP, answer=_stored(raw))
    if is_sent:
        return Ruling(HubOutcome.UNKNOWN, 502)
    return Ruling(HubOutcome.UNSENT, 503, retry_after=1.0, why=why)
