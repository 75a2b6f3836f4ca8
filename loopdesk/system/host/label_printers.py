"""Label printers: a ZPL printer on the network, and this computer's own printers, which get ZPL as it is.

The raw port of a network printer acknowledges nothing. So its status is asked before and after a label; a
printer that answers none may print all the same, and whoever stands there must look.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from loopdesk.domain.printing.labels import GoodsLabel, LabelSize
from loopdesk.domain.printing.printers import (
    HOST_STATUS,
    PRINTING,
    NotPrinted,
    PerhapsPrinted,
    PrinterState,
    host_status,
)
from loopdesk.domain.printing.zpl import LabelTooNarrow, zpl
from loopdesk.system.host.watchdog import ask_in_thread

_MOST_STATUS_BYTES = 4096


@dataclass(frozen=True, slots=True)
class PrinterPatience:
    """How long each step may take, in seconds.

    Attributes:
        status: A printer that has not answered by then answers no status.
        spooler: This computer's print service.
    """

    connect: float = 4.0
    status: float = 1.0
    send: float = 10.0
    spooler: float = 15.0


def written(labels: Sequence[GoodsLabel], size: LabelSize) -> bytes:
    """Write labels in ZPL. Raises ``NotPrinted``: a code has no room on the label."""
    try:
        return b"".join(zpl(label, size) for label in labels)
    except LabelTooNarrow as narrow:
        raise NotPrinted(PrinterState.TOO_NARROW) from narrow


# --- on the network ---------------------------------------------------------------------------------


class NetworkPrinter:
    """A ZPL printer at a TCP port."""

    def __init__(
        self, host: str, port: int, size: LabelSize, patience: PrinterPatience | None = None
    ) -> None:
        self._host = host
        self._port = port
        self._size = size
        self._patience = patience or PrinterPatience()

    async def print(self, labels: Sequence[GoodsLabel]) -> PrinterState:
        """Send labels, and return what the printer says then.

        Raises:
            NotPrinted: It is off, or cannot print now; nothing was sent.
            PerhapsPrinted: Sending broke off.
        """
        document = written(labels, self._size)
        reader, writer = await self._connect()
        try:
            before = await self._ask(reader, writer)
            if before not in PRINTING:
                raise NotPrinted(before)
            return await self._send(reader, writer, document, before)
        finally:
            writer.close()

    async def state(self) -> PrinterState:
        """Ask the printer what it can do now."""
        try:
            reader, writer = await self._connect()
        except NotPrinted as failure:
            return failure.state
        try:
            return await self._ask(reader, writer)
        except NotPrinted as failure:
            return failure.state
        finally:
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            async with asyncio.timeout(self._patience.connect):
                reader, writer = await asyncio.open_connection(self._host, self._port)
        except (OSError, TimeoutError) as failure:
            raise NotPrinted(PrinterState.UNREACHABLE) from failure
        writer.transport.set_write_buffer_limits(high=0)  # drained means handed over to the system
        return reader, writer

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> PrinterState:
        """Ask for the status; one that does not come in time is none."""
        try:
            writer.write(HOST_STATUS)
            async with asyncio.timeout(self._patience.status):
                return await _answer(writer, reader)
        except TimeoutError:
            return PrinterState.SILENT
        except OSError as failure:
            raise NotPrinted(PrinterState.UNREACHABLE) from failure

    async def _send(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        document: bytes,
        before: PrinterState,
    ) -> PrinterState:
        try:
            writer.write(document)
            async with asyncio.timeout(self._patience.send):
                await writer.drain()
        except TimeoutError as failure:
            writer.transport.abort()
            raise PerhapsPrinted(PrinterState.HANGS) from failure
        except OSError as failure:
            raise PerhapsPrinted(PrinterState.UNREACHABLE) from failure
        if before is PrinterState.SILENT:
            return before
        try:
            return await self._ask(reader, writer)
        except NotPrinted as failure:
            raise PerhapsPrinted(failure.state) from failure


async def _answer(writer: asyncio.StreamWriter, reader: asyncio.StreamReader) -> PrinterState:
    """Read a status until it is complete; silence and anything else are none."""
    await writer.drain()
    answer = b""
    while len(answer) < _MOST_STATUS_BYTES:
        piece = await reader.read(_MOST_STATUS_BYTES)
        if not piece:
            break
        answer += piece
        if (state := host_status(answer)) is not None:
            return state
    return PrinterState.SILENT


# --- CUPS -------------------------------------------------------------------------------------------

Run = Callable[[Sequence[str], bytes, float], "subprocess.CompletedProcess[bytes]"]
"""Runs a program with an input and a time limit."""


def run_program(words: Sequence[str], given: bytes, seconds: float) -> subprocess.CompletedProcess[bytes]:
    """Run one of the system's programs, with its messages in English.

    Raises:
        FileNotFoundError: There is no such program.
        subprocess.TimeoutExpired: It took longer, and was ended.
    """
    program = shutil.which(words[0])
    if program is None:
        raise FileNotFoundError(words[0])
    return subprocess.run(  # noqa: S603 - our own words; a queue's name is one argument, never a shell's
        [program, *words[1:]],
        input=given,
        capture_output=True,
        timeout=seconds,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )


class CupsPrinter:
    """A printer of macOS or Linux, by the name of its queue."""

    def __init__(
        self,
        queue: str,
        size: LabelSize,
        patience: PrinterPatience | None = None,
        run: Run = run_program,
    ) -> None:
        self._queue = queue
        self._size = size
        self._seconds = (patience or PrinterPatience()).spooler
        self._run = run

    async def print(self, labels: Sequence[GoodsLabel]) -> PrinterState:
        """Give labels to the queue. Raises as ``NetworkPrinter.print``."""
        document = written(labels, self._size)
        state = await self.state()
        if state not in PRINTING:
            raise NotPrinted(state)
        words = ("lp", "-d", self._queue, "-o", "raw", "-t", "loopdesk label", "-")
        try:
            done = await self._ask(words, document)
        except (TimeoutError, subprocess.TimeoutExpired) as failure:
            raise PerhapsPrinted(PrinterState.HANGS) from failure
        except OSError as failure:
            raise NotPrinted(PrinterState.NO_SPOOLER) from failure
        if done.returncode:
            raise NotPrinted(PrinterState.REFUSED)
        return state

    async def state(self) -> PrinterState:
        """Ask the print service for the queue.

        While it does not run, ``lpstat`` knows no queue either; so it is asked whether it does.
        """
        try:
            done = await self._ask(("lpstat", "-p", self._queue), b"")
            runs = await self._ask(("lpstat", "-r"), b"") if done.returncode else done
        except (TimeoutError, subprocess.TimeoutExpired):
            return PrinterState.HANGS
        except OSError:
            return PrinterState.NO_SPOOLER
        if done.returncode:
            is_stopped = runs.returncode or b"not running" in runs.stdout
            return PrinterState.NO_SPOOLER if is_stopped else PrinterState.NO_QUEUE
        return PrinterState.PAUSED if b" disabled " in done.stdout else PrinterState.READY

    async def _ask(self, words: Sequence[str], given: bytes) -> subprocess.CompletedProcess[bytes]:
        return await ask_in_thread(
            lambda: self._run(words, given, self._seconds),
            limit_seconds=self._seconds + 1,
            name="loopdesk-printing",
        )


# --- Windows ----------------------------------------------------------------------------------------

_ERRORS = {
    5: PrinterState.REFUSED,  # ERROR_ACCESS_DENIED
    1722: PrinterState.NO_SPOOLER,  # RPC_S_SERVER_UNAVAILABLE: the print service does not run
    1801: PrinterState.NO_QUEUE,  # ERROR_INVALID_PRINTER_NAME
}

_STATUS = (
    (0x10, PrinterState.PAPER_OUT),
    (0x400000, PrinterState.OPEN),
    (0x80 | 0x1000, PrinterState.OFFLINE),  # offline, not available
    (0x1, PrinterState.PAUSED),
    (0x2 | 0x8 | 0x40 | 0x100000, PrinterState.REFUSED),  # error, jam, paper problem, needs a person
)
"""Bits of PRINTER_INFO_6.dwStatus, as winspool.h names them."""


class _Document(ctypes.Structure):
    """DOC_INFO_1."""

    _fields_ = (
        ("name", ctypes.c_wchar_p),
        ("output", ctypes.c_wchar_p),
        ("data_type", ctypes.c_wchar_p),
    )


@dataclass(frozen=True, slots=True)
class Spooler:
    """Windows' print service: ``winspool.drv``, and how to ask for the error of its last call."""

    calls: Any
    last_error: Callable[[], int]


def _windows_spooler() -> Spooler:
    if sys.platform == "win32":
        return Spooler(ctypes.WinDLL("winspool.drv", use_last_error=True), ctypes.get_last_error)
    raise NotPrinted(PrinterState.NO_SPOOLER)


class WindowsPrinter:
    """A printer of Windows, by its name; the driver passes data of the type RAW on as it is."""

    def __init__(
        self,
        queue: str,
        size: LabelSize,
        patience: PrinterPatience | None = None,
        spooler: Callable[[], Spooler] = _windows_spooler,
    ) -> None:
        self._queue = queue
        self._size = size
        self._seconds = (patience or PrinterPatience()).spooler
        self._spooler = spooler

    async def print(self, labels: Sequence[GoodsLabel]) -> PrinterState:
        """Give labels to the queue. Raises as ``NetworkPrinter.print``."""
        document = written(labels, self._size)
        state = await self.state()
        if state not in PRINTING:
            raise NotPrinted(state)
        try:
            await self._ask(lambda spooler: _send_raw(spooler, self._queue, document))
        except TimeoutError as failure:
            raise PerhapsPrinted(PrinterState.HANGS) from failure
        return state

    async def state(self) -> PrinterState:
        """Ask the print service for the printer."""
        try:
            return await self._ask(lambda spooler: _status_of(spooler, self._queue))
        except NotPrinted as failure:
            return failure.state
        except TimeoutError:
            return PrinterState.HANGS

    async def _ask(self, work: Callable[[Spooler], PrinterState]) -> PrinterState:
        return await ask_in_thread(
            lambda: work(self._spooler()), limit_seconds=self._seconds, name="loopdesk-printing"
        )


def _opened(spooler: Spooler, queue: str) -> ctypes.c_void_p:
    handle = ctypes.c_void_p()
    if not spooler.calls.OpenPrinterW(ctypes.c_wchar_p(queue), ctypes.byref(handle), None):
        raise NotPrinted(_ERRORS.get(spooler.last_error(), PrinterState.REFUSED))
    return handle


def _status_of(spooler: Spooler, queue: str) -> PrinterState:
    handle = _opened(spooler, queue)
    try:
        status, needed = ctypes.c_uint32(), ctypes.c_uint32()
        told = spooler.calls.GetPrinterW(
            handle, ctypes.c_uint32(6), ctypes.byref(status), ctypes.sizeof(status), ctypes.byref(needed)
        )
    finally:
        spooler.calls.ClosePrinter(handle)
    if not told:
        return PrinterState.SILENT
    return next((state for bits, state in _STATUS if status.value & bits), PrinterState.READY)


def _send_raw(spooler: Spooler, queue: str, document: bytes) -> PrinterState:
    calls, handle = spooler.calls, _opened(spooler, queue)
    try:
        about = _Document("loopdesk label", None, "RAW")
        if not calls.StartDocPrinterW(handle, ctypes.c_uint32(1), ctypes.byref(about)):
            raise NotPrinted(_ERRORS.get(spooler.last_error(), PrinterState.REFUSED))
        sent = ctypes.c_uint32()
        is_sent = calls.WritePrinter(handle, document, len(document), ctypes.byref(sent))
        is_ended = calls.EndDocPrinter(handle)
    finally:
        calls.ClosePrinter(handle)
    if not is_sent or sent.value != len(document) or not is_ended:
        raise PerhapsPrinted(PrinterState.REFUSED)
    return PrinterState.READY


def queue_printer(queue: str, size: LabelSize) -> CupsPrinter | WindowsPrinter:
    """Return this computer's printer of that name."""
    return WindowsPrinter(queue, size) if sys.platform == "win32" else CupsPrinter(queue, size)
