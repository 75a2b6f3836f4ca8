"""A server on loopback that answers what a test scripts, byte for byte; it shares nothing with the simulator.

The simulator knows Loop's rules, and so it can only misbehave in the ways that its authors thought of. This
one knows none: a test's function gets each request and says what goes back, whole, cut, late or never::

    def script(request: Asked) -> Answer:
        return Answer(b'{"errors": {"message": "no"}}', status=403, headers={"Content-Type": "text/html"})

    with Answerer(script) as loop:
        ...  # a program at loop.url
    assert [asked.path for asked in loop.asked] == ["/api/v1/warehouse/return/1/process"]

It runs in threads of its own and speaks HTTP/1.1 over plain sockets, as little of it as a client needs.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_PATIENCE_SECONDS = 20.0
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that arrived whole.

    Attributes:
        path: Without the query.
        query: Decoded parameters; of one that occurs twice the last.
        headers: By lower-case name.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)

    @property
    def words(self) -> tuple[str, ...]:
        """The path's segments behind the version: ``("warehouse", "return", "list")``."""
        return tuple(self.path.strip("/").split("/")[2:])


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back.

    Attributes:
        body: Bytes as they are; their length is announced unless ``headers`` announce another.
        reason: The text behind the status.
        headers: More of them; they win over those that are made here (``Content-Type``,
            ``Content-Length``, ``Date``). An empty text leaves that header out.
        date: The moment in ``Date``; None for the true one.
        cut_at: The connection is closed after this many bytes, head included.
        with_reset: ... by a TCP reset.
        after: Waited for before the first byte goes.
        then: Called after the request was read and before anything is sent: its effect at Loop.
        raw: Sent in place of all this.
    """

    body: bytes = b""
    status: int = 200
    reason: str = "Whatever"
    headers: Mapping[str, str] = field(default_factory=dict)
    date: datetime | None = None
    cut_at: int | None = None
    with_reset: bool = False
    after: threading.Event | None = None
    then: Callable[[], None] | None = None
    raw: bytes | None = None

    def bytes(self) -> bytes:
        """Return the answer as it goes on the wire."""
        if self.raw is not None:
            return self.raw
        made = {
            "Content-Type": "application/json",
            "Content-Length": str(len(self.body)),
            "Date": format_datetime(self.date or datetime.now(UTC), usegmt=True),
        }
        lines = [f"{name}: {value}" for name, value in {**made, **self.headers}.items() if value]
        head = "\r\n".join((f"HTTP/1.1 {self.status} {self.reason}", *lines))
        return head.encode("latin-1") + b"\r\n\r\n" + self.body


Script = Callable[[Asked], Answer]


def says(value: Any, status: int = 200, **more: Any) -> Answer:
    """Answer with a JSON value; for ``more`` see ``Answer``."""
    return Answer(json.dumps(value).encode(), status, **more)


class Answerer:
    """Listens on a free port of loopback for as long as the ``with`` block lasts.

    Args:
        script: Asked for each answer, in the thread of the request's connection. Its failure fails the test.

    Attributes:
        script: May be changed at any time.
        asked: Every request that arrived, in order.
    """

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self._broken: list[BaseException] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._is_closing = False
        self._port = int(self._listening.getsockname()[1])

    @property
    def url(self) -> str:
        """The base URL to configure: ``http://127.0.0.1:PORT/api``."""
        return f"http://127.0.0.1:{self._port}/api"

    def of(self, *words: str, method: str = "") -> list[Asked]:
        """Return the requests whose path contains these segments."""
        with self._lock:
            found = list(self.asked)
        return [x for x in found if set(words) <= set(x.words) and method in ("", x.method)]

    def __enter__(self) -> Answerer:
        self._spawn(self._accept, "answerer")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._is_closing = True
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self._port)).close()  # wakes who waits for the next one
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_PATIENCE_SECONDS)
        self._listening.close()
        if problem is None and self._broken:
            raise self._broken[0]

    # --- threads ----------------------------------------------------------------------------------

    def _spawn(self, work: Callable[..., None], name: str, *given: socket.socket) -> None:
        thread = threading.Thread(target=work, name=name, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            with self._lock:
                if self._is_closing:
                    connection.close()
                    return
                self._open.add(connection)
            self._spawn(self._serve, "answerer connection", connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                while self._converse(connection):
                    pass
        except OSError:
            pass  # the program has gone, or the test has
        except BaseException as failure:  # noqa: BLE001 - raised where the test looks, at its end
            self._broken.append(failure)
        finally:
            with self._lock:
                self._open.discard(connection)

    def _converse(self, connection: socket.socket) -> bool:
        """Answer one request. Returns whether the connection goes on."""
        raw = _read(connection)
        if not raw:
            return False
        asked = _asked(raw)
        with self._lock:
            self.asked.append(asked)
        answer = self.script(asked)
        if answer.then is not None:
            answer.then()
        if answer.after is not None:
            answer.after.wait(_PATIENCE_SECONDS)
        data = answer.bytes()
        connection.sendall(data[: answer.cut_at])
        if answer.with_reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        goes_on = answer.raw is None and answer.cut_at is None and not answer.with_reset
        return goes_on and asked.headers.get("connection") != "close"


def _read(connection: socket.socket) -> bytes:
    """Read one request to its end; b"" when the other side has gone."""
    raw = bytearray()
    while b"\r\n\r\n" not in raw:
        piece = connection.recv(_PIECE)
        if not piece:
            return b""
        raw += piece
    found = _LENGTH.search(raw)
    whole = raw.index(b"\r\n\r\n") + 4 + (int(found.group(1)) if found else 0)
    while len(raw) < whole:
        piece = connection.recv(_PIECE)
        if not piece:
            return b""
        raw += piece
    return bytes(raw)


def _asked(raw: bytes) -> Asked:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    url = urlsplit(target)
    headers = dict(line.split(": ", 1) for line in lines)
    return Asked(
        method,
        url.path,
        dict(parse_qsl(url.query, keep_blank_values=True)),
        {name.lower(): value for name, value in headers.items()},
        body,
    )
