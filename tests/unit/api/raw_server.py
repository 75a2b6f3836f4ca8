"""A server on loopback that sends exactly the bytes it is told to."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Act = Callable[["Visit"], Awaitable[None]]


@dataclass
class Visit:
    """One request that arrived whole, and the way back."""

    connection: int
    request: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@dataclass
class RawServer:
    """The listening server, and the requests that it received."""

    port: int = 0
    visits: list[Visit] = field(default_factory=list)
    connections: int = 0
    arrivals: asyncio.Queue[Visit] = field(default_factory=asyncio.Queue)

    @property
    def url(self) -> str:
        """Its URL."""
        return f"http://127.0.0.1:{self.port}"


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """Write an answer with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def sends(data: bytes, *, then_close: bool = False) -> Act:
    """Answer every request with the same bytes."""

    async def act(visit: Visit) -> None:
        await visit.send(data)
        if then_close:
            visit.writer.close()

    return act


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return head + (await reader.readexactly(int(length.group(1))) if length else b"")


@asynccontextmanager
async def serving(act: Act) -> AsyncIterator[RawServer]:
    """Listen on a free port of loopback for as long as the block lasts."""
    server = RawServer()
    writers: list[asyncio.StreamWriter] = []
    attending: set[asyncio.Task[None]] = set()

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        attending.add(task)
        server.connections += 1
        number = server.connections
        writers.append(writer)
        try:
            while not writer.is_closing():
                visit = Visit(number, await _read_request(reader), reader, writer)
                server.visits.append(visit)
                server.arrivals.put_nowait(visit)
                await act(visit)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client has gone, or the test has
        finally:
            attending.discard(task)
            writer.close()

    listening = await asyncio.start_server(attend, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for writer in writers:
            writer.transport.abort()
        for task in list(attending):
            task.cancel()
        await asyncio.gather(*attending)
        await listening.wait_closed()


def a_closed_port() -> int:
    """A port on loopback where nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
