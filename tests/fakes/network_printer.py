"""A label printer at a port of loopback, with the ways in which one misbehaves."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from loopdesk.domain.printing.printers import HOST_STATUS

GOOD = "030,0,0,0256,000,0,0,0,000,0,0,0 000,0,0,0,1,2,6,0,00000000,1,000 1234,0"
"""The three lines of a printer that can print, as in Zebra's guide."""


def status(text: str) -> bytes:
    """Frame the lines of a status as a printer sends them."""
    return b"".join(b"\x02" + line.encode("ascii") + b"\x03\r\n" for line in text.split(" "))


class FakePrinter:
    """Keeps what was printed.

    Attributes:
        answer: Sent for each ``~HS``; b"" for a printer that answers no status.
        reads: It reads what is sent.
        resets_after: It breaks the connection after so many bytes of labels; None for never.
        asked: How often its status was asked.
    """

    def __init__(self) -> None:
        self.answer = status(GOOD)
        self.reads = True
        self.resets_after: int | None = None
        self.printed = b""
        self.asked = 0
        self.port = 0
        self._let_go = asyncio.Event()
        self._got = asyncio.Condition()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take what comes in one connection."""
        with contextlib.suppress(ConnectionError):
            if not self.reads:
                await self._let_go.wait()
            while piece := await reader.read(65_536):
                await self._take(piece, writer)
        writer.close()

    async def _take(self, piece: bytes, writer: asyncio.StreamWriter) -> None:
        times = piece.count(HOST_STATUS)
        self.asked += times
        async with self._got:
            self.printed += piece.replace(HOST_STATUS, b"")
            self._got.notify_all()
        if self.resets_after is not None and len(self.printed) >= self.resets_after:
            reset = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            writer.transport.abort()
            return
        writer.write(self.answer * times)

    async def has_got(self, size: int) -> None:
        """Wait until so many bytes of labels were read."""
        async with self._got:
            await self._got.wait_for(lambda: len(self.printed) >= size)

    def let_go(self) -> None:
        """End the connections that are not read."""
        self._let_go.set()


@asynccontextmanager
async def a_network_printer() -> AsyncIterator[FakePrinter]:
    """Switch a printer on."""
    printer = FakePrinter()
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listening.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(printer.serve, sock=listening)
    printer.port = listening.getsockname()[1]
    try:
        yield printer
    finally:
        printer.let_go()
        server.close()
        await server.wait_closed()
