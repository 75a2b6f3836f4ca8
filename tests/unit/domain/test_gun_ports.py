"""``auto`` opens ports of known scanners, and nothing that could be another device."""

from __future__ import annotations

import pytest

from loopdesk.domain.scanner.serial_ports import PortInfo, is_scanner, ports_to_open, short_name

ZEBRA = PortInfo("/dev/ttyACM0", 0x05E0, 0x1701, "Symbol Technologies, Inc. Symbol Bar Code Scanner")
HONEYWELL = PortInfo("COM5", 0x0C2E, 0x0B6A, "Honeywell Granit 1981i")


@pytest.mark.parametrize("port", [ZEBRA, HONEYWELL], ids=lambda port: port.about)
def test_a_known_scanner_is_one(port: PortInfo) -> None:
    assert is_scanner(port)


@pytest.mark.parametrize(
    "port",
    [
        PortInfo("/dev/ttyS0"),
        PortInfo("COM7", about="Standard Serial over Bluetooth link"),
        PortInfo("/dev/cu.Bluetooth-Incoming-Port"),
        PortInfo("COM3", 0x0A5F, 0x0081, "Zebra ZD420 printer"),
        PortInfo("COM3", 0x0922, 0x8009, "DYMO M25 scale"),
        PortInfo("COM4", 0x05F9, 0x2601, "Datalogic Magellan scanner scale"),
        PortInfo("COM4", 0x05F9, 0x4901, "Datalogic Bluetooth dongle"),
        PortInfo("/dev/ttyUSB0", 0x0403, 0x6001, "FTDI FT232R USB UART"),
        PortInfo("/dev/ttyUSB1", 0x1A86, 0x7523, "USB Serial"),
    ],
    ids=lambda port: f"{port.name} {port.about}",
)
def test_whatever_else_has_a_port_is_left_alone(port: PortInfo) -> None:
    assert not is_scanner(port)


def test_the_settings_name_ports_or_auto_or_both() -> None:
    found = (PortInfo("/dev/ttyS0"), ZEBRA)
    assert ports_to_open((), found) == ()
    assert ports_to_open(("COM3", "COM4"), found) == ("COM3", "COM4")
    assert ports_to_open(("Auto",), found) == ("/dev/ttyACM0",)
    assert ports_to_open(("/dev/ttyACM0", "auto"), found) == ("/dev/ttyACM0",)


def test_people_know_a_port_by_the_end_of_its_name() -> None:
    assert [short_name(x) for x in ("COM3", "/dev/ttyACM0", r"\\.\COM11")] == ["COM3", "ttyACM0", "COM11"]
