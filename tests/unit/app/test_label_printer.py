"""Which label printer the settings stand for."""

from __future__ import annotations

import sys

import pytest

from loopdesk.app.label_printer import label_printer_of
from loopdesk.domain.errors import ValueWrong
from loopdesk.domain.printing.labels import GoodsLabel, LabelSize
from loopdesk.domain.printing.printers import PrinterState
from loopdesk.system.host.label_printers import CupsPrinter, NetworkPrinter, WindowsPrinter
from loopdesk.system.settings.model import PrinterSettings
from loopdesk.system.settings.values import host_and_port, printer_host
from tests.fakes.network_printer import a_network_printer
from tests.fakes.paper_printer import PaperPrinter


async def test_a_network_printer_is_reached_at_the_address_that_is_set() -> None:
    async with a_network_printer() as device:
        settings = PrinterSettings(label="network", host=f"127.0.0.1:{device.port}", dpi="300")
        printer = label_printer_of(settings, None)
        assert isinstance(printer, NetworkPrinter)
        assert await printer.print((GoodsLabel("LDM1", "Mystery 1"),)) is PrinterState.READY
        assert b"^PW673^LL378" in device.printed


def test_any_other_name_is_a_printer_of_this_computer() -> None:
    printer = label_printer_of(PrinterSettings(label="Zebra ZD421"), None)
    assert isinstance(printer, WindowsPrinter if sys.platform == "win32" else CupsPrinter)


def test_a_file_takes_the_place_of_a_printer_where_there_is_a_window() -> None:
    sizes: list[LabelSize] = []

    def pdf(size: LabelSize) -> PaperPrinter:
        sizes.append(size)
        return PaperPrinter()

    settings = PrinterSettings(label="pdf", width_mm=102, height_mm=51)
    assert isinstance(label_printer_of(settings, pdf), PaperPrinter)
    assert sizes == [LabelSize(102, 51, 203)]
    assert label_printer_of(settings, None) is None


@pytest.mark.parametrize("settings", [PrinterSettings(), PrinterSettings(label="network")])
def test_without_a_printer_or_its_address_there_is_none(settings: PrinterSettings) -> None:
    assert label_printer_of(settings, None) is None


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("10.0.0.40", "10.0.0.40", 9100),
        ("zebra-3.dock.example:6101", "zebra-3.dock.example", 6101),
        ("[fe80::1]:9100", "fe80::1", 9100),
        ("[::1]", "::1", 9100),
    ],
)
def test_an_address_may_name_its_port(text: str, host: str, port: int) -> None:
    assert host_and_port(text) == (host, port)
    assert printer_host(text) == text


@pytest.mark.parametrize(
    "text", ["a b", "http://zebra", "zebra:", "zebra:0", "zebra:65536", "::1", "zebra:91x"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueWrong, match="must_be_printer_host"):
        printer_host(text)


def test_no_address_is_none() -> None:
    assert printer_host("") == ""
