"""Label printers as they are: on the network, off, silent, hanging; and this computer's own."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from loopdesk.domain.printing.labels import GoodsLabel, LabelSize, item_code
from loopdesk.domain.printing.printers import NotPrinted, PerhapsPrinted, PrinterState, host_status
from loopdesk.domain.printing.zpl import zpl
from loopdesk.system.host.label_printers import (
    CupsPrinter,
    NetworkPrinter,
    PrinterPatience,
    Spooler,
    WindowsPrinter,
    run_program,
)
from tests.fakes.network_printer import GOOD, FakePrinter, a_network_printer, status

SIZE = LabelSize()
LABEL = GoodsLabel(item_code("30012345", "tote 14"), "tote 14", ("Trail Socks", "#1164"))
DOCUMENT = zpl(LABEL, SIZE)
HASTY = PrinterPatience(connect=5.0, status=0.05, send=0.2, spooler=5.0)
UNHURRIED = PrinterPatience(connect=20.0, status=20.0, send=20.0, spooler=20.0)


@pytest.fixture
async def device() -> AsyncIterator[FakePrinter]:
    async with a_network_printer() as printer:
        yield printer


def at(device: FakePrinter, patience: PrinterPatience = UNHURRIED) -> NetworkPrinter:
    return NetworkPrinter("127.0.0.1", device.port, SIZE, patience)


# --- on the network ---------------------------------------------------------------------------------


async def test_labels_reach_the_printer_as_they_are_and_its_status_is_asked_around_them(
    device: FakePrinter,
) -> None:
    assert await at(device).print((LABEL, LABEL)) is PrinterState.READY
    assert device.printed == DOCUMENT * 2
    assert device.asked == 2
    assert await at(device).state() is PrinterState.READY


@pytest.mark.fault(183)
@pytest.mark.parametrize(
    ("lines", "state"),
    [
        (GOOD.replace("030,0,", "030,1,"), PrinterState.PAPER_OUT),
        (GOOD.replace("030,0,0", "030,0,1"), PrinterState.PAUSED),
        (GOOD.replace("0256,000,0", "0256,000,1"), PrinterState.FULL),
        (GOOD.replace(" 000,0,0,", " 000,0,1,"), PrinterState.OPEN),
        (GOOD.replace(" 000,0,0,0", " 000,0,0,1"), PrinterState.RIBBON_OUT),
    ],
)
async def test_a_printer_that_says_that_it_cannot_print_gets_nothing(
    device: FakePrinter, lines: str, state: PrinterState
) -> None:
    device.answer = status(lines)
    with pytest.raises(NotPrinted) as failure:
        await at(device).print((LABEL,))
    assert failure.value.state is state
    assert await at(device).state() is state
    assert device.printed == b""


@pytest.mark.fault(183)
@pytest.mark.parametrize("answer", [b"", b"\x02garbage\x03\r\n\x02more\x03", b"\x02030,0", b"x" * 9000])
async def test_a_printer_that_answers_no_status_prints_and_is_called_silent(
    device: FakePrinter, answer: bytes
) -> None:
    device.answer = answer
    assert await at(device, HASTY).print((LABEL,)) is PrinterState.SILENT
    await device.has_got(len(DOCUMENT))
    assert device.printed == DOCUMENT


@pytest.mark.fault(183)
async def test_a_printer_that_is_off_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        printer = NetworkPrinter("127.0.0.1", taken.getsockname()[1], SIZE, UNHURRIED)
        with pytest.raises(NotPrinted) as failure:
            await printer.print((LABEL,))
        assert failure.value.state is PrinterState.UNREACHABLE
        assert await printer.state() is PrinterState.UNREACHABLE


@pytest.mark.fault(183)
async def test_a_connection_that_nobody_reads_takes_a_label_and_is_called_silent(device: FakePrinter) -> None:
    device.reads = False
    assert await at(device, HASTY).print((LABEL,)) is PrinterState.SILENT


@pytest.mark.fault(184)
async def test_a_printer_that_stops_reading_may_have_printed(device: FakePrinter) -> None:
    device.reads = False
    with pytest.raises(PerhapsPrinted) as failure:
        await at(device, HASTY).print((GoodsLabel("1", "x", copies=99),) * 2000)
    assert failure.value.state is PrinterState.HANGS


@pytest.mark.fault(184)
async def test_a_connection_that_breaks_in_a_label_may_have_printed(device: FakePrinter) -> None:
    device.resets_after = 1
    with pytest.raises(PerhapsPrinted) as failure:
        await at(device).print((LABEL,) * 3)
    assert failure.value.state is PrinterState.UNREACHABLE


@pytest.mark.fault(184)
async def test_a_slow_printer_gets_everything(device: FakePrinter) -> None:
    many = (GoodsLabel("1", "x", copies=99),) * 100
    whole = b"".join(zpl(label, SIZE) for label in many)
    assert await at(device).print(many) is PrinterState.READY
    assert device.printed == whole


async def test_a_label_that_is_too_narrow_goes_nowhere(device: FakePrinter) -> None:
    with pytest.raises(NotPrinted) as failure:
        await NetworkPrinter("127.0.0.1", device.port, LabelSize(20, 15), UNHURRIED).print((LABEL,))
    assert failure.value.state is PrinterState.TOO_NARROW
    assert (device.printed, device.asked) == (b"", 0)


@pytest.mark.parametrize("cut", range(0, len(status(GOOD)), 7))
def test_a_status_counts_once_its_two_lines_are_complete(cut: int) -> None:
    whole = status(GOOD)
    second = whole.index(b"\x03", whole.index(b"\x03") + 1)
    assert host_status(whole[:cut]) is (PrinterState.READY if cut > second else None)


# --- CUPS -------------------------------------------------------------------------------------------

IDLE = b"printer zebra is idle.  enabled since Mon Nov 30 09:00:00 2026\n"
DISABLED = b"printer zebra disabled since Mon Nov 30 09:00:00 2026 -\n\tUnplugged\n"


class Cups:
    """``lp`` and ``lpstat``, as a test wants them."""

    def __init__(
        self, told: bytes = IDLE, error: bytes = b"", lp: int | Exception = 0, *, runs: bool = True
    ) -> None:
        self.told, self.error, self.lp, self.runs = told, error, lp, runs
        self.jobs: list[tuple[Sequence[str], bytes]] = []

    def __call__(
        self, words: Sequence[str], given: bytes, seconds: float
    ) -> subprocess.CompletedProcess[bytes]:
        if tuple(words) == ("lpstat", "-r"):
            answer = b"scheduler is running\n" if self.runs else b"scheduler is not running\n"
            return subprocess.CompletedProcess(words, 0, answer, b"")
        if words[0] == "lpstat":
            return subprocess.CompletedProcess(words, int(bool(self.error)), self.told, self.error)
        if isinstance(self.lp, Exception):
            raise self.lp
        self.jobs.append((words, given))
        return subprocess.CompletedProcess(words, self.lp, b"", b"")


async def test_a_queue_gets_the_label_raw_and_by_its_name() -> None:
    cups = Cups()
    assert await CupsPrinter("-zebra; rm", SIZE, run=cups).print((LABEL,)) is PrinterState.READY
    (words, given), *rest = cups.jobs
    assert words == ("lp", "-d", "-zebra; rm", "-o", "raw", "-t", "loopdesk label", "-")
    assert (given, rest) == (DOCUMENT, [])


@pytest.mark.fault(183)
@pytest.mark.parametrize(
    ("cups", "state"),
    [
        (Cups(DISABLED), PrinterState.PAUSED),
        (Cups(b"", b'lpstat: Invalid destination name in list "zebra".\n'), PrinterState.NO_QUEUE),
        (
            Cups(b"", b'lpstat: Invalid destination name in list "zebra".\n', runs=False),
            PrinterState.NO_SPOOLER,
        ),
        (Cups(lp=1), PrinterState.REFUSED),
        (Cups(lp=FileNotFoundError("lp")), PrinterState.NO_SPOOLER),
    ],
)
async def test_a_queue_that_takes_nothing_says_why(cups: Cups, state: PrinterState) -> None:
    with pytest.raises(NotPrinted) as failure:
        await CupsPrinter("zebra", SIZE, run=cups).print((LABEL,))
    assert failure.value.state is state


@pytest.mark.fault(184)
async def test_a_print_service_that_hangs_may_have_printed() -> None:
    hangs = Cups(lp=subprocess.TimeoutExpired("lp", 1.0))
    with pytest.raises(PerhapsPrinted) as failure:
        await CupsPrinter("zebra", SIZE, run=hangs).print((LABEL,))
    assert failure.value.state is PrinterState.HANGS


@pytest.mark.skipif("sys.platform == 'win32'")
def test_a_program_is_run_with_its_input_and_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "lp"
    program.write_text('#!/bin/sh\necho "$LC_ALL $1"; cat >&2; exit 3\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    done = run_program(("lp", "a b"), b"^XA", 20.0)
    assert (done.returncode, done.stdout, done.stderr) == (3, b"C a b\n", b"^XA")
    with pytest.raises(FileNotFoundError):
        run_program(("no-such-program",), b"", 20.0)


# --- Windows ----------------------------------------------------------------------------------------


class Winspool:
    """The calls of ``winspool.drv`` that are used, with what Windows would answer."""

    def __init__(self, *, status: int = 0, error: int = 0, fails: str = "", short: int = 0) -> None:
        self.status, self.error, self.fails, self.short = status, error, fails, short
        self.calls: list[str] = []
        self.sent = b""

    def _called(self, name: str) -> int:
        self.calls.append(name)
        return int(name != self.fails)

    def OpenPrinterW(self, name: Any, handle: Any, _defaults: None) -> int:  # noqa: N802
        handle._obj.value = 7
        return self._called(f"open {name.value}") and int(self.fails != "open")

    def GetPrinterW(self, handle: Any, level: Any, out: Any, size: int, needed: Any) -> int:  # noqa: N802
        assert (handle.value, level.value, size) == (7, 6, 4)
        out._obj.value = self.status
        return self._called("status")

    def StartDocPrinterW(self, handle: Any, level: Any, about: Any) -> int:  # noqa: N802
        assert (handle.value, level.value) == (7, 1)
        assert (about._obj.data_type, about._obj.output) == ("RAW", None)
        return self._called("start")

    def WritePrinter(self, handle: Any, document: bytes, size: int, sent: Any) -> int:  # noqa: N802
        self.sent += document[:size]
        sent._obj.value = size - self.short
        return self._called("write")

    def EndDocPrinter(self, handle: Any) -> int:  # noqa: N802
        return self._called("end")

    def ClosePrinter(self, handle: Any) -> int:  # noqa: N802
        return self._called("close")


def windows(calls: Winspool) -> WindowsPrinter:
    return WindowsPrinter("Zebra ZD421", SIZE, spooler=lambda: Spooler(calls, lambda: calls.error))


async def test_windows_gets_the_label_raw_and_by_the_printers_name() -> None:
    calls = Winspool()
    assert await windows(calls).print((LABEL,)) is PrinterState.READY
    assert calls.sent == DOCUMENT
    opening = "open Zebra ZD421"
    assert calls.calls == [opening, "status", "close", opening, "start", "write", "end", "close"]


@pytest.mark.fault(183)
@pytest.mark.parametrize(
    ("calls", "state"),
    [
        (Winspool(fails="open", error=1801), PrinterState.NO_QUEUE),
        (Winspool(fails="open", error=1722), PrinterState.NO_SPOOLER),
        (Winspool(fails="open", error=87), PrinterState.REFUSED),
        (Winspool(fails="start", error=5), PrinterState.REFUSED),
        (Winspool(status=0x10), PrinterState.PAPER_OUT),
        (Winspool(status=0x80), PrinterState.OFFLINE),
        (Winspool(status=0x1), PrinterState.PAUSED),
        (Winspool(status=0x400000), PrinterState.OPEN),
        (Winspool(status=0x8), PrinterState.REFUSED),
    ],
)
async def test_windows_says_why_it_takes_nothing(calls: Winspool, state: PrinterState) -> None:
    with pytest.raises(NotPrinted) as failure:
        await windows(calls).print((LABEL,))
    assert failure.value.state is state
    assert calls.sent == b""
    assert calls.calls.count("close") == sum(x.startswith("open") for x in calls.calls) - (
        calls.fails == "open"
    )


@pytest.mark.fault(184)
@pytest.mark.parametrize("calls", [Winspool(short=1), Winspool(fails="write"), Winspool(fails="end")])
async def test_what_windows_took_in_part_may_have_been_printed(calls: Winspool) -> None:
    with pytest.raises(PerhapsPrinted):
        await windows(calls).print((LABEL,))
    assert calls.calls[-1] == "close"


async def test_a_printer_whose_status_windows_does_not_tell_is_silent() -> None:
    assert await windows(Winspool(fails="status")).print((LABEL,)) is PrinterState.SILENT


@pytest.mark.skipif("sys.platform == 'win32'")
async def test_elsewhere_windows_print_service_does_not_exist() -> None:
    assert await WindowsPrinter("zebra", SIZE).state() is PrinterState.NO_SPOOLER
