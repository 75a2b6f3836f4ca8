"""A client on a mock transport, and what went over it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx

from loopdesk.api.client import LoopClient
from loopdesk.api.transport import Transport
from loopdesk.domain.errors import ApiError

PAYLOADS = Path(__file__).parents[2] / "payloads"
KEY = "canary-key-7f3a91d2c4"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
START = datetime(2026, 11, 1, tzinfo=UTC)
END = datetime(2026, 11, 5, tzinfo=UTC)

Handler = Callable[[httpx.Request], httpx.Response] | Callable[[httpx.Request], Awaitable[httpx.Response]]


class TickingClock:
    """A clock that moves a quarter of a second each time its monotonic side is asked."""

    skew_seconds: float | None = 0.0

    def __init__(self) -> None:
        self.ticks = 0

    def now(self) -> datetime:
        """Return a fixed time."""
        return NOW

    def monotonic(self) -> float:
        """Return a little more than the last time."""
        self.ticks += 1
        return self.ticks * 0.25

    async def sleep(self, seconds: float) -> None:
        """Not used by the client."""
        raise AssertionError(f"the client slept {seconds} s")


class OpenBudget:
    """A budget that lets everything through and records it."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.throttles = 0

    async def take(self, priority: int) -> None:
        """Let the request leave."""
        self.taken.append(priority)

    def throttled(self) -> None:
        """Count a 429."""
        self.throttles += 1


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as the server saw it."""

    method: str
    path: str
    raw_query: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)


def seen_of(request: httpx.Request) -> Seen:
    """Copy what a request holds while it is on the wire."""
    raw_query = request.url.query.decode("ascii")
    return Seen(
        request.method,
        request.url.path,
        raw_query,
        dict(parse_qsl(raw_query, keep_blank_values=True)),
        dict(request.headers),
        request.content,
    )


@dataclass
class Bench:
    """A client, its transport, and everything that was observed."""

    client: LoopClient
    transport: Transport
    clock: TickingClock
    budget: OpenBudget
    seen: list[Seen] = field(default_factory=list)
    told: list[ApiError | None] = field(default_factory=list)


def a_bench(*answers: httpx.Response | Exception | Handler, key: str = KEY, **settings: Any) -> Bench:
    """Build a client whose server gives these answers one after the other, the last one for ever."""
    waiting = list(answers)

    async def handle(request: httpx.Request) -> httpx.Response:
        bench.seen.append(seen_of(request))
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return copy_of(answer)
        made = answer(request)
        return await made if isinstance(made, Awaitable) else made

    def make_wire(*, keep_alive: bool, proxy: str, certificate: bytes = b"") -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(handle)

    clock, budget = TickingClock(), OpenBudget()
    transport = Transport(clock=clock, budget=budget, make_wire=make_wire, **settings)
    transport.set_key(key)
    bench = Bench(LoopClient(transport), transport, clock, budget)
    transport.on_exchange(bench.told.append)
    return bench


def copy_of(response: httpx.Response) -> httpx.Response:
    """Make a response again, since one can be read only once."""
    return httpx.Response(response.status_code, headers=response.headers, content=response.content)


def answer(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    """Make an answer with a JSON body."""
    return httpx.Response(status, json=body, headers=headers)


def text_answer(text: str | bytes, status: int = 200, **headers: str) -> httpx.Response:
    """Make an answer with any body."""
    return httpx.Response(status, content=text, headers=headers)


def stored(name: str) -> list[Any]:
    """Return the stored answers of a payload file as their JSON, or their text where that matters."""
    found = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    return list(found["answers"])


def stored_answers(name: str) -> list[httpx.Response]:
    """Return the stored answers of a payload file as responses."""
    return [
        text_answer(one["text"], one["status"]) if "text" in one else answer(one["body"], one["status"])
        for one in stored(name)
    ]
