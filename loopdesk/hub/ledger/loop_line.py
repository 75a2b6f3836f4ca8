"""Sends one action to Loop, once, and lets its first byte leave only when a gate opens for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

import httpx

from loopdesk.api.connections import (
    ACTION_LIMIT,
    TIMEOUTS,
    ClientPair,
    SendTrace,
    WireFactory,
    real_wire,
)
from loopdesk.api.judgement import RawAnswer, judge
from loopdesk.api.transport import ApiKey, send_once
from loopdesk.api.versions import address
from loopdesk.domain.errors import (
    KeyRefused,
    NotFound,
    Refused,
    ScopeMissing,
    Throttled,
)
from loopdesk.hub.ledger.calls import ActionCall
from loopdesk.hub.ledger.stages import Proof
from loopdesk.services.ports.station import Clock

DEADLINE_SECONDS: Final = 55.0
"""From the first look for a connection to the last byte; less than the ledger's deadline."""

_NO_EFFECT: Final = (Refused, NotFound, KeyRefused, ScopeMissing, Throttled)


class ShopKeys(Protocol):
    """Where the keys of Loop are."""

    async def key_of(self, shop_id: str) -> ApiKey:
        """Return a shop's key in use."""
        ...


class GateClosed(Exception):
    """The request must not leave."""


class GatedTrace(SendTrace):
    """Runs a gate as sending the request's header is about to start, before any of its bytes.

    ``sent`` tells whether the gate has let it through: from then on it may have reached Loop.
    """

    __slots__ = ("_gate",)

    def __init__(self, gate: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._gate = gate

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """Handle one of httpcore's trace events.

        Raises:
            GateClosed: The gate did not open, or the header is about to be sent a second time.
        """
        request = info.get("request")
        if event.endswith("send_request_headers.started") and getattr(request, "method", b"") != b"CONNECT":
            if self.sent:
                raise GateClosed
            await self._gate()
        await super().__call__(event, info)


class LoopLine:
    """The line to Loop for actions: a fresh connection each, no redirect, no retry.

    Args:
        base_url: Loop's address.
        keys: Of the shops.
        make_wire: Makes the httpx transport.
    """

    def __init__(
        self,
        base_url: str,
        clock: Clock,
        keys: ShopKeys,
        *,
        make_wire: WireFactory = real_wire,
        timeouts: httpx.Timeout = TIMEOUTS,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._address = address(base_url)
        self._clock = clock
        self._keys = keys
        self._make_wire = make_wire
        self._timeouts = timeouts
        self._deadline_seconds = deadline_seconds
        self._pair: ClientPair | None = None

    async def send(self, shop_id: str, call: ActionCall, trace: GatedTrace) -> tuple[RawAnswer, Proof]:
        """Send it and read the answer to its end.

        Raises:
            Exception: Whatever broke. ``trace.sent`` tells whether it may have reached Loop.
        """
        key = await self._keys.key_of(shop_id)
        pair = self._pair = self._pair or ClientPair(self._address, self._make_wire, self._timeouts)
        pair.begin()
        try:
            async with asyncio.timeout(self._deadline_seconds):
                raw = await self._exchange(pair.client_for("POST"), call, key, trace)
        except (TimeoutError, httpx.PoolTimeout):
            await self._replace(pair)  # a canceled request leaks its slot in the pool
            raise
        finally:
            await pair.end()
        return raw, self._proof(call, raw, key)

    async def aclose(self) -> None:
        """Close it, once what is on its way has ended."""
        if self._pair is not None:
            await self._replace(self._pair)

    async def _replace(self, pair: ClientPair) -> None:
        if self._pair is pair:
            self._pair = None
        await pair.retire()

    async def _exchange(
        self, client: httpx.AsyncClient, call: ActionCall, key: ApiKey, trace: GatedTrace
    ) -> RawAnswer:
        headers = {"Accept-Encoding": "identity", "Connection": "close"}
        if call.body:
            headers["Content-Type"] = "application/json"
        request = client.build_request(
            "POST",
            f"{self._address.root}/{call.version.segment}{call.target}",
            content=call.body or None,
            headers=headers,
            extensions={"trace": trace},
        )
        return await send_once(client, request, key, self._clock, ACTION_LIMIT)

    def _proof(self, call: ActionCall, raw: RawAnswer, key: ApiKey) -> Proof:
        failure = judge(call.judged_as, raw, call.version, self._clock.now(), key.redact).failure
        if failure is None:
            return Proof.ACCEPTED
        return Proof.REFUSED if isinstance(failure, _NO_EFFECT) else Proof.UNCLEAR
