"""Carries the real client's requests to the simulator inside this process, and loses them on demand.

Everything above the socket is the product's own: building, tracing, reading and judging. The wire reports
to httpx's trace what a socket would, passes the failpoints of each step, and tells an observer of every
POST at the moment at which its first byte may leave.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from loopdesk.api.transport import ApiKey
from loopdesk.domain.outbox.actions import Kind
from loopdesk.simulator.faults import Fault
from loopdesk.simulator.http.app import ConnectionBroken, Face
from tests.torture.clock import WorldClock
from tests.torture.failpoints import Points

LONGEST_SECONDS = 30.0
"""A read that takes longer breaks off."""

DOOR = frozenset({401, 403, 429})
"""Statuses with which a request is turned away before anything is done."""

_PATH = re.compile(r"/warehouse/return/(?P<return_id>\d+)/(?P<act>\w+)$")
_CLAIM = re.compile(r"loopdesk dock \d claims \[ld:\w{6}\]")
_VALUES = re.compile(r"/dispositioning/(?P<act>grade|assess)$")


@dataclass(slots=True)
class Post:
    """One POST that began to leave a station.

    Attributes:
        n: Its place among all POSTs to the shop.
        at: True time, in seconds.
        key: The name of the API key.
        line_ids: What a grade, assess or remove is about.
        content: The text of a note.
        images: The links that a grade carries, by line.
        host: Where it goes.
        binding: The key and the address that it goes with.
        is_claim: It is a station's own note that it finishes the return, and of no entry.
        arrived: The simulator has read it.
        had_effect: The simulator did, or queued, what it asks.
        answered: Status of the answer that came back whole, None when none did.
        attempt: What names it to a hub, "" without one.
    """

    n: int
    at: float
    station: str
    key: str
    kind: Kind
    return_id: str
    host: str = ""
    binding: str = ""
    line_ids: tuple[str, ...] = ()
    content: str = ""
    images: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entry_ids: tuple[str, ...] = ()
    is_claim: bool = False
    arrived: bool = False
    had_effect: bool = False
    answered: int | None = None
    ended: bool = False
    attempt: str = ""

    @property
    def may_count(self) -> bool:
        """Whether it reached Loop and was not turned away at the door, as the client knows.

        A door's status may also come from somebody in between, after Loop has acted.
        """
        return self.arrived and (self.had_effect or self.answered not in DOOR)


@dataclass(slots=True)
class Cut:
    """One answer that ends early.

    Attributes:
        path: Of the request, a pattern.
        at_byte: So many bytes still come, status line and headers among them.
        skip: So many answers to such requests come whole before.
        length: How long the whole answer was; 0 until it came.
    """

    method: str
    path: str
    at_byte: int
    skip: int = 0
    length: int = 0

    def concerns(self, request: httpx.Request) -> bool:
        """Whether it is this request's answer that ends early."""
        fits = request.method == self.method and re.search(self.path, request.url.path) is not None
        if not fits or self.length:
            return False
        self.skip -= 1
        return self.skip < 0

    def short(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> tuple[bytes, bool]:
        """Return what is left of the body, and whether it is whole.

        Raises:
            httpx.RemoteProtocolError: Not even the headers came.
        """
        lines = [b"HTTP/1.1 %d OK" % status, *(name + b": " + value for name, value in headers)]
        head = len(b"\r\n".join(lines)) + 4
        self.length = head + len(body)
        if self.at_byte < head:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        return body[: self.at_byte - head], self.at_byte >= self.length


@dataclass(slots=True)
class Weather:
    """The state of one station's connection.

    Attributes:
        offline: Nobody can be reached.
        lose_headers: So many requests break off while their headers leave; nothing arrives.
        answer_seconds: How long each answer takes.
        cut: One answer that ends early, None for none.
        random, shares: Which share of all requests meets which kind of the simulator's faults.
    """

    offline: bool = False
    lose_headers: int = 0
    answer_seconds: float = 0.0
    cut: Cut | None = None
    random: Random | None = None
    shares: tuple[tuple[str, float], ...] = ()


@dataclass(slots=True)
class Books:
    """Every request of every station to one shop.

    Attributes:
        asked: True time and key of each request that arrived, in order.
        throttled: How often Loop itself found that there were too many requests.
        of: The POSTs about each return.
        reads: When a station last had a whole answer about a return, by station and return id.
    """

    posts: list[Post] = field(default_factory=list)
    asked: list[tuple[float, str]] = field(default_factory=list)
    throttled: int = 0
    reads: dict[tuple[str, str], float] = field(default_factory=dict)
    of: dict[str, list[Post]] = field(default_factory=lambda: defaultdict(list))

    def add(self, post: Post) -> None:
        """Enter a POST."""
        self.posts.append(post)
        self.of[post.return_id].append(post)

    def go_back_to(self, posts: Sequence[Post]) -> None:
        """Forget every POST but these."""
        self.posts.clear()
        self.of.clear()
        for post in posts:
            self.add(post)


class Wire(httpx.AsyncBaseTransport):
    """The sockets of one station.

    Args:
        faces: The simulator that answers at each host, Loop's first; at no other host anybody does.
        points: Passed at each step of each request.
        observe: Told of each POST before it leaves.
    """

    def __init__(
        self,
        faces: Mapping[str, Face],
        clock: WorldClock,
        station: str,
        points: Points,
        books: Books,
        observe: Callable[[Post], None],
    ) -> None:
        self._faces = faces
        self._home = next(iter(faces.values()))
        self._clock = clock
        self._station = station
        self._points = points
        self._books = books
        self._observe = observe
        self.weather = Weather()
        self.hosts: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request there and its answer back."""
        points, trace = self._points, request.extensions.get("trace")
        self.hosts.add(request.url.host)

        async def tell(event: str) -> None:
            if trace is not None:
                await trace(event, {"request": request})

        await tell("connection.connect_tcp.started")
        points.pass_by("net connect")
        if self.weather.offline or request.url.host not in self._faces:
            raise httpx.ConnectError("no route")
        post = self._post(request)
        if post is not None:
            self._observe(post)
        try:
            await tell("http11.send_request_headers.started")
            points.pass_by("net headers")
            if self.weather.lose_headers > 0:
                self.weather.lose_headers -= 1
                raise httpx.WriteError("broken pipe")
            points.pass_by("net body")
            return await self._exchange(request, post)
        finally:
            if post is not None:
                post.ended = True

    async def _exchange(self, request: httpx.Request, post: Post | None) -> httpx.Response:
        points = self._points
        points.pass_by("net before effect")
        self._roll()
        status, headers, body, is_whole = await self._ask(request, post)
        points.pass_by("net after effect" if post else "net after reading")
        await self._take_time()
        points.pass_by("net receive")
        if status is None:
            raise httpx.ReadError("cut")
        cut = self.weather.cut
        if cut is not None and cut.concerns(request):
            body, is_whole = cut.short(status, headers, body)
        if post is not None and is_whole:
            post.answered = status
        read_id = request.url.params.get("return_id")
        if read_id and status == 200 and is_whole and self._faces[request.url.host] is self._home:
            self._books.reads[self._station, read_id] = self._clock.monotonic()
        return httpx.Response(status, headers=headers, stream=_Body(body, is_whole))

    def _roll(self) -> None:
        """Let a share of the requests meet a fault."""
        random = self.weather.random
        if random is None:
            return
        rolled = random.random()
        for kind, share in self.weather.shares:
            if rolled < share:
                self._home.loop.faults.add(Fault(kind, count=1))
                return
            rolled -= share

    async def _take_time(self) -> None:
        seconds = self.weather.answer_seconds
        if seconds > 0:
            await self._clock.sleep(min(seconds, LONGEST_SECONDS))
            if seconds > LONGEST_SECONDS:
                raise httpx.ReadTimeout("too slow")

    async def _ask(
        self, request: httpx.Request, post: Post | None
    ) -> tuple[int | None, list[tuple[bytes, bytes]], bytes, bool]:
        """Hand the request to the simulator. Returns status (None: none), headers, body, wholeness."""
        face, books = self._faces[request.url.host], self._books
        loop = face.loop
        body = await request.aread()
        messages: list[Mapping[str, Any]] = []
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            return waiting.pop() if waiting else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            messages.append(message)

        before = len(loop.log)
        key = loop.key_for(request.headers.get("x-authorization"))
        if face is self._home:
            books.asked.append((self._clock.monotonic(), key.name if key else "unknown"))
        is_whole = True
        try:
            await face(_scope(request), receive, send)
        except ConnectionBroken:
            is_whole = False
        if post is not None:
            post.arrived = True
            post.had_effect = loop.log[before].effect
        if loop.log[before].status == 429 and loop.log[before].fault is None:
            books.throttled += 1
        if not messages:
            return None, [], b"", False
        payload = b"".join(message.get("body", b"") for message in messages[1:])
        return messages[0]["status"], messages[0]["headers"], payload, is_whole

    def _post(self, request: httpx.Request) -> Post | None:
        """Make the record of a POST, None for a read."""
        if request.method != "POST":
            return None
        key = self._home.loop.key_for(request.headers.get("x-authorization"))
        host = request.url.host
        made = Post(
            len(self._books.posts),
            self._clock.monotonic(),
            self._station,
            key.name if key else "unknown",
            Kind.NOTE,
            "",
            host,
            f"{ApiKey(key.value).fingerprint() if key else ''}@{host}",
        )
        body = json.loads(request.content) if request.content else {}
        found = _PATH.search(request.url.path)
        if found is not None:
            made.kind, made.return_id = Kind(found["act"]), found["return_id"]
            made.content = str(body.get("content", ""))
            made.is_claim = _CLAIM.fullmatch(made.content) is not None
            ids = request.url.params.get("line_item_id", "")
            made.line_ids = tuple(ids.split(",")) if ids else ()
        else:
            values = _VALUES.search(request.url.path)
            assert values is not None, f"nobody knows {request.url.path}"
            made.kind = Kind(values["act"])
            made.line_ids = tuple(str(item["line_item_id"]) for item in body["items"])
            made.images = {str(x["line_item_id"]): tuple(x.get("images") or ()) for x in body["items"]}
            owner = self._home.loop.index.by_line(made.line_ids[0])
            made.return_id = owner.return_id if owner is not None else ""
        self._books.add(made)
        return made

    async def aclose(self) -> None:
        """Nothing is open."""


class _Body(httpx.AsyncByteStream):
    """A body that breaks off when it is not whole."""

    def __init__(self, body: bytes, is_whole: bool) -> None:
        self._body = body
        self._is_whole = is_whole

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._body:
            yield self._body
        if not self._is_whole:
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


def _scope(request: httpx.Request) -> dict[str, Any]:
    url = request.url
    # Loop's name leads to this machine here; the simulator answers no other.
    headers = [(name.lower(), value) for name, value in request.headers.raw if name.lower() != b"host"]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [*headers, (b"host", b"127.0.0.1")],
        "scheme": url.scheme,
        "path": url.path,
        "raw_path": url.raw_path,
        "query_string": url.query,
        "server": (url.host, url.port or 443),
        "client": ("127.0.0.1", 1),
        "root_path": "",
    }
