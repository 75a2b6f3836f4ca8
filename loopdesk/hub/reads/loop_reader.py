"""One read of Loop for the hub: its answer as it came, and whether it is Loop's own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import httpx

from loopdesk.api.connections import (
    READ_LIMIT,
    TIMEOUTS,
    ClientPair,
    SendTrace,
    WireFactory,
    real_wire,
)
from loopdesk.api.judgement import RawAnswer, judge, retry_after, told_time
from loopdesk.api.transport import LARGE_BODY, ApiKey, send_once
from loopdesk.api.versions import address
from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    KeyRefused,
    NotFound,
    Refused,
    ScopeMissing,
    Throttled,
)
from loopdesk.hub.failures import LoopAway
from loopdesk.hub.reads.copies import LoopPage
from loopdesk.hub.reads.readings import LoopRead
from loopdesk.services.ports.station import Clock

log = logging.getLogger("loopdesk.hub.reads")

DEADLINE_SECONDS: Final = 20.0
"""A bench waits thirty seconds for an answer of the hub, and part of them may pass in the budget's queue."""

_OWN_WORDS: Final = (NotFound, Refused, KeyRefused, ScopeMissing, Throttled)
"""Verdicts that only Loop's own JSON brings; whatever else is no answer of Loop."""


class LoopKeys(Protocol):
    """Where the keys of Loop are."""

    async def key_of(self, shop_id: str) -> ApiKey:
        """Return a shop's key in use."""
        ...


@dataclass(frozen=True, slots=True)
class LoopAnswer:
    """What Loop said.

    Attributes:
        refusal: In its own words: no such thing, refused, the key, too many; None for what was asked for.
        value: The decoded JSON of what was asked for.
        wait_seconds: For how long a 429 asked to wait; 0 for anything else.
    """

    page: LoopPage
    refusal: ApiError | None
    value: Any = field(repr=False)
    wait_seconds: float = 0.0

    @property
    def is_absent(self) -> bool:
        """Whether Loop says that there is no such thing."""
        return isinstance(self.refusal, NotFound)


class LoopReader:
    """Sends GETs to Loop, each once.

    Args:
        base_url: Loop's address.
        clock: Learns Loop's time from its answers.
        keys: Of the shops.
        make_wire: Makes the httpx transport.
    """

    def __init__(
        self,
        base_url: str,
        clock: Clock,
        keys: LoopKeys,
        *,
        learn: Callable[[datetime], None],
        make_wire: WireFactory = real_wire,
        timeouts: httpx.Timeout = TIMEOUTS,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._deadline_seconds = deadline_seconds
        self._address = address(base_url)
        self._clock = clock
        self._keys = keys
        self._learn = learn
        self._make_wire = make_wire
        self._timeouts = timeouts
        self._clients: dict[str, ClientPair] = {}

    async def read(self, shop_id: str, reading: LoopRead) -> LoopAnswer:
        """Ask Loop once.

        Raises:
            LoopAway: Nothing that Loop itself said came back: no connection, a broken answer, a server's
                error, a page of a filter.
        """
        key = await self._keys.key_of(shop_id)
        began = self._clock.monotonic()
        try:
            raw = await self._exchange(shop_id, reading, key)
        except (httpx.HTTPError, TimeoutError, AnswerLost) as failure:
            log.info("read kind=%s shop=%s failed=%s", reading.kind, shop_id, type(failure).__name__)
            raise LoopAway(why="unreachable") from failure
        seconds = self._clock.monotonic() - began
        log.info("read kind=%s shop=%s status=%s seconds=%.3f", reading.kind, shop_id, raw.status, seconds)
        return await self._told(reading, raw, key)

    async def aclose(self) -> None:
        """Close all connections."""
        clients, self._clients = self._clients, {}
        for one in clients.values():
            await one.retire()

    async def _exchange(self, shop_id: str, reading: LoopRead, key: ApiKey) -> RawAnswer:
        pair = self._clients.get(shop_id)
        if pair is None:
            pair = self._clients[shop_id] = ClientPair(self._address, self._make_wire, self._timeouts)
        pair.begin()
        try:
            client = pair.client_for("GET")
            url = f"{self._address.root}/{reading.version.segment}{reading.call.target}"
            request = client.build_request(
                "GET", url, headers={"Accept-Encoding": "gzip"}, extensions={"trace": SendTrace()}
            )
            async with asyncio.timeout(self._deadline_seconds):
                return await send_once(client, request, key, self._clock, READ_LIMIT)
        except (TimeoutError, httpx.PoolTimeout):  # a canceled request leaks its slot in the pool
            if self._clients.get(shop_id) is pair:
                del self._clients[shop_id]
            await pair.retire()
            raise
        finally:
            await pair.end()

    async def _told(self, reading: LoopRead, raw: RawAnswer, key: ApiKey) -> LoopAnswer:
        now = self._clock.now()
        arguments = (reading.call, raw, reading.version, now, key.redact)
        if len(raw.body) <= LARGE_BODY:
            verdict = judge(*arguments)
        else:
            verdict = await asyncio.to_thread(judge, *arguments)
        failure = verdict.failure
        wait = retry_after(raw.headers, now) if raw.status in (429, 503) else 0.0
        if failure is not None and not isinstance(failure, _OWN_WORDS):
            raise LoopAway(why="no_answer", retry_after_seconds=wait, status=raw.status)
        told = told_time(raw.headers)
        if told is not None:
            self._learn(told + timedelta(seconds=int(max(0.0, self._clock.monotonic() - raw.came_at))))
        media = raw.headers.get("content-type", "application/json")
        return LoopAnswer(LoopPage(raw.status, media, raw.body), failure, verdict.value, wait)
