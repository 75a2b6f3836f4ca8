"""A TCP proxy on loopback that imposes the faults of bad networks on requests.

It understands just enough HTTP to know where a request and an answer end, so that a fault can strike exactly
one of them. `FaultyProxy` lives in a running asyncio loop, `ThreadedProxy` brings its own.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from loopdesk.simulator.http.server import accept_no_more
from tests.loop_thread import LoopThread

LOGIN_PAGE = "<html><body><h1>Guest network</h1><form action='/login'></form></body></html>"

MODES = frozenset(
    {"pass", "drop_before", "drop_after", "cut", "stall", "drip", "login_page", "reset", "reset_after"}
)

_TURNS = 10
"""Loop iterations in which a connection is set up, or torn down once it was broken."""

Match = str | Callable[[str], bool]
"""A regular expression searched in the request line (`POST /api/v1/x HTTP/1.1`), or a function of it."""


@dataclass(slots=True)
class Rule:
    """Which fault strikes which requests.

    Attributes:
        mode: `pass`; `drop_before` (read, not forwarded, closed); `drop_after` (forwarded, answered there,
            closed here); `cut` (the answer ends after `at_byte` bytes, status line and headers included);
            `stall` (never answered); `drip` (one byte each `interval`); `login_page` (200 with HTML, not
            forwarded); `reset` (read, not forwarded, TCP reset); `reset_after` (forwarded, then reset).
        match: Which requests; empty for all.
        count: For how many; None until it is changed.
        skip: How many matching requests pass first.
        at_byte: For `cut`.
        interval: For `drip`, in seconds.
        forward: For `stall`: whether the request still reaches the other side.
        reused_only: Only requests that are not the first of their connection.
        body: For `login_page`.
    """

    mode: str
    match: Match = ""
    count: int | None = None
    skip: int = 0
    at_byte: int = 0
    interval: float = 0.01
    forward: bool = True
    reused_only: bool = False
    body: str = LOGIN_PAGE

    def __post_init__(self) -> None:
        """Refuse a mode that does not exist."""
        if self.mode not in MODES:
            raise ValueError(f"no mode is called {self.mode!r}")

    def takes(self, line: str, reused: bool) -> bool:
        """Whether it strikes this request; counts it when it does."""
        matches = self.match(line) if callable(self.match) else re.search(self.match, line) is not None
        if not matches or self.count == 0 or (self.reused_only and not reused):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.count is not None:
            self.count -= 1
        return True


@dataclass(slots=True)
class Passage:
    """One request that came to the proxy.

    Attributes:
        line: The request line.
        mode: What was done to it.
        forwarded: Whether it reached the other side.
        answered: Whether its whole answer went back.
        raw: The request's bytes.
    """

    line: str
    mode: str
    raw: bytes
    forwarded: bool = False
    answered: bool = False


class FaultyProxy:
    """Proxies `host:port` and lets faults strike.

    Attributes:
        passages: Every request that came, in order.
    """

    def __init__(self, host: str, port: int) -> None:
        self.passages: list[Passage] = []
        self._target = (host, port)
        self._rules: list[Rule] = []
        self._server: asyncio.Server | None = None
        self._port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port; it stays the same while it refuses."""
        return self._port

    @property
    def url(self) -> str:
        """The origin to use in place of the real one."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listen, on the same port as before when there was one."""
        if self._server is None:
            self._server = await asyncio.start_server(
                self._connected, "127.0.0.1", self._port, reuse_address=True
            )
            self._port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Stop listening and break what is connected: new connections are refused until `start`."""
        server, self._server = self._server, None
        if server is not None:
            accept_no_more(server)
        for _ in range(_TURNS):  # what was accepted a moment ago gets its task in the next turns
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await asyncio.sleep(0)
        if server is not None:
            server.close()
            await server.wait_closed()

    async def stop(self) -> None:
        """End for good."""
        await self.refuse()

    def use(self, *rules: Rule) -> None:
        """Replace all rules with these; the first one that matches a request applies."""
        self._rules = list(rules)

    async def replay(self, place: int) -> None:
        """Replay an earlier request to the other side; its answer is dropped."""
        await self._ask(self.passages[place].raw)

    # One connection

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._converse(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()  # the proxy ends, and waits for no one who does not read
        except (OSError, asyncio.IncompleteReadError):
            pass  # either side has gone: the connection ends with it
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reused = False
        while True:
            raw = await _read_message(reader, request=True)
            line = raw.split(b"\r\n", 1)[0].decode("latin-1")
            rule = next((each for each in self._rules if each.takes(line, reused)), Rule("pass"))
            passage = Passage(line, rule.mode, raw)
            self.passages.append(passage)
            if not await self._strike(rule, passage, reader, writer):
                return
            reused = True

    async def _strike(
        self, rule: Rule, passage: Passage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Do to one request what the rule says; whether the connection goes on."""
        answer = b""
        if rule.mode not in ("drop_before", "login_page", "reset") and not (
            rule.mode == "stall" and not rule.forward
        ):
            passage.forwarded = True
            answer = await self._ask(passage.raw)
        # Noted before the bytes go: whoever has the answer finds it here.
        passage.answered = rule.mode in ("pass", "drip", "login_page")
        if rule.mode == "stall":
            await reader.read(1)
        elif rule.mode in ("reset", "reset_after"):
            _reset(writer)
        elif rule.mode == "login_page":
            await _write(writer, _page(rule.body))
        elif rule.mode == "cut":
            await _write(writer, answer[: rule.at_byte])
        elif rule.mode == "drip":
            for place in range(len(answer)):
                await _write(writer, answer[place : place + 1])
                await asyncio.sleep(rule.interval)
            return True
        elif rule.mode == "pass":
            await _write(writer, answer)
            return True
        return False

    async def _ask(self, raw: bytes) -> bytes:
        """Send a request over a connection of its own and take the whole answer."""
        reader, writer = await asyncio.open_connection(*self._target)
        try:
            await _write(writer, raw)
            return await _read_message(reader, request=False)
        finally:
            writer.close()


class ThreadedProxy:
    """A `FaultyProxy` in a thread of its own, for tests that drive a program with its own loop."""

    def __init__(self, host: str, port: int) -> None:
        self._thread = LoopThread("proxy")
        self._proxy = FaultyProxy(host, port)

    @property
    def url(self) -> str:
        """The origin to use in place of the real one."""
        return self._proxy.url

    @property
    def port(self) -> int:
        """The port."""
        return self._proxy.port

    @property
    def passages(self) -> list[Passage]:
        """Every request that came so far, in order; a copy."""
        return list(self._proxy.passages)

    def use(self, *rules: Rule) -> None:
        """Replace all rules with these. None: everything passes."""

        async def change() -> None:
            self._proxy.use(*rules)

        self._thread.wait_for(change())

    def refuse(self) -> None:
        """Stop listening and break what is connected."""
        self._thread.wait_for(self._proxy.refuse())

    def accept(self) -> None:
        """Listen again on the same port."""
        self._thread.wait_for(self._proxy.start())

    def replay(self, place: int) -> None:
        """Replay an earlier request to the other side."""
        self._thread.wait_for(self._proxy.replay(place))

    def __enter__(self) -> ThreadedProxy:
        self._thread.start()
        self.accept()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.wait_for(self._proxy.stop())
        self._thread.stop()


# HTTP, as little as needed


async def _read_message(reader: asyncio.StreamReader, *, request: bool) -> bytes:
    """One whole request or answer, as it came.

    Raises:
        asyncio.IncompleteReadError: The connection ended before the message did.
    """
    head = await reader.readuntil(b"\r\n\r\n")
    fields = head.lower()
    length = re.search(rb"\r\ncontent-length:\s*(\d+)", fields)
    if b"\r\ntransfer-encoding: chunked" in fields:
        return head + await _read_chunks(reader)
    if length is not None:
        return head + await reader.readexactly(int(length.group(1)))
    if request or re.match(rb"http/1\.[01] (1\d\d|204|304)", fields):
        return head
    return head + await reader.read()


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    parts = bytearray()
    while True:
        size = await reader.readuntil(b"\r\n")
        count = int(size.split(b";")[0], 16)
        parts += size + await reader.readexactly(count + 2)
        if count == 0:
            return bytes(parts)


def _page(body: str) -> bytes:
    data = body.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(data)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + data


async def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End the connection with a TCP reset."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
