"""A place for photos on loopback: a bucket that speaks S3, or a folder that takes PUT.

It checks the signature of each request by the rules that Amazon publishes for the receiving side, from the
request as it came: nothing here is shared with what signs. What is stored can be opened by anyone.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum

from loopdesk.simulator.http.server import wall_clock

_TOLERANCE = timedelta(minutes=15)
_LONGEST_HEAD = 65_536


class BucketFault(StrEnum):
    """What becomes of a request instead of what it asks."""

    REFUSED = "refused"
    ERROR = "error"
    HANG = "hang"
    CUT = "cut"  # stored, and the connection ends without an answer


@dataclass(slots=True)
class BucketRequest:
    """One request as it came; ``path`` without the query, header names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass(slots=True)
class Bucket:
    """What is stored, and how it is asked for.

    Attributes:
        key_id / secret: What a signature is checked with; both "" for a folder without signatures.
        user: ``user:password`` that a folder asks for, "" for none.
        objects: What is stored, by path.
        puts: How often each path was stored.
        seen: Method, path and headers of every request.
        faults: What becomes of the next requests that need permission, in order.
        now: The bucket's clock.
    """

    key_id: str = ""
    secret: str = ""
    region: str = "us-east-1"
    user: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    puts: Counter[str] = field(default_factory=Counter)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    faults: deque[BucketFault] = field(default_factory=deque)
    now: Callable[[], datetime] = wall_clock
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> str:
        """Listen on a port that the system chooses; returns the address without a path."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        """End, also with requests that hang."""
        assert self._server is not None
        self._server.close()
        self._stopped.set()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            while (request := await _read(reader)) is not None:
                answer = await self.answer(request)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._tasks.discard(task)
            self._writers.discard(writer)
            writer.close()

    async def answer(self, request: BucketRequest) -> bytes | None:
        """Do what is asked. Returns the whole answer; None if the connection ends without one."""
        self.seen.append((request.method, request.path, request.headers))
        is_public = request.method == "GET" and not request.query
        fault = self.faults.popleft() if self.faults and not is_public else None
        if fault is BucketFault.HANG:
            await self._stopped.wait()
            return None
        if fault is BucketFault.ERROR:
            return self._response(500, b"<Error><Code>InternalError</Code></Error>")
        if fault is BucketFault.REFUSED or (not is_public and (wrong := self._forbids(request))):
            code = "AccessDenied" if fault else wrong
            return self._response(403, f"<Error><Code>{code}</Code></Error>".encode())
        if request.method == "PUT":
            self.objects[request.path] = request.body
            self.puts[request.path] += 1
            return None if fault is BucketFault.CUT else self._response(200)
        found = self.objects.get(request.path)
        if found is None:
            return self._response(404, b"<Error><Code>NoSuchKey</Code></Error>", request.method)
        return self._response(200, found, request.method)

    def _response(self, status: int, body: bytes = b"", method: str = "PUT") -> bytes:
        date = format_datetime(self.now(), usegmt=True)
        head = f"HTTP/1.1 {status} X\r\nDate: {date}\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + (b"" if method == "HEAD" else body)

    def _forbids(self, request: BucketRequest) -> str:
        """Say by Amazon's code why a request is refused, "" if it is not."""
        if self.user:
            given = "Basic " + base64.b64encode(self.user.encode()).decode()
            return "" if request.headers.get("authorization") == given else "AccessDenied"
        if not self.key_id:
            return ""
        asked = dict(part.partition("=")[::2] for part in request.query.split("&"))
        if asked.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256":
            return "AccessDenied"
        at = datetime.strptime(asked["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        day = f"{at:%Y%m%d}"
        if asked["X-Amz-Credential"] != f"{self.key_id}%2F{day}%2F{self.region}%2Fs3%2Faws4_request":
            return "InvalidAccessKeyId"
        if at > self.now() + _TOLERANCE:
            return "RequestTimeTooSkewed"
        if self.now() > at + timedelta(seconds=int(asked["X-Amz-Expires"])):
            return "AccessDenied"
        return (
            ""
            if hmac.compare_digest(self._signature(request, day), asked["X-Amz-Signature"])
            else ("SignatureDoesNotMatch")
        )

    def _signature(self, request: BucketRequest, day: str) -> str:
        """Compute the signature from the request as it came."""
        asked = sorted(p for p in request.query.split("&") if not p.startswith("X-Amz-Signature="))
        named = next(p for p in asked if p.startswith("X-Amz-SignedHeaders=")).partition("=")[2]
        names = named.replace("%3B", ";").split(";")
        lines = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
        parts = [request.method, request.path, "&".join(asked), lines, ";".join(names), "UNSIGNED-PAYLOAD"]
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        stamp = next(p for p in asked if p.startswith("X-Amz-Date=")).partition("=")[2]
        scope = f"{day}/{self.region}/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
        key = b"AWS4" + self.secret.encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()


async def _read(reader: asyncio.StreamReader) -> BucketRequest | None:
    """Read one request; None at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *rest = head[:_LONGEST_HEAD].decode("latin-1").rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.partition(":") for line in rest)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    path, _, query = target.partition("?")
    return BucketRequest(method, path, query, headers, body)
