"""The doctor reports the scanners at serial ports, and what to do about one that is not read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from loopdesk.domain.checks import Status
from loopdesk.domain.scanner.serial_ports import GunState, PortInfo, PortTrouble
from loopdesk.presenters.words.check_words import advice, found
from loopdesk.system.doctor import check_guns
from loopdesk.system.settings.model import ScannerSettings

SCANNER = PortInfo("/dev/ttyACM0", 0x05E0, 0x1701, "Symbol Bar Code Scanner")


class _Port:
    async def close(self) -> None:
        """Give it back."""


class _Ports:
    def __init__(self, *found: PortInfo, state: GunState = GunState.READING) -> None:
        self._found, self._state = found, state

    async def find(self) -> Sequence[PortInfo]:
        """The ports that exist."""
        return self._found

    async def open(
        self, name: str, baud: int, heard: Callable[[bytes], None], lost: Callable[[], None]
    ) -> _Port:
        """Open one."""
        if self._state is not GunState.READING:
            raise PortTrouble(self._state)
        return _Port()


async def test_a_scanner_that_is_not_used_is_named() -> None:
    check = await check_guns(ScannerSettings(), _Ports(SCANNER, PortInfo("/dev/ttyS0")))
    assert (check.status, found(check)) == (Status.OK, "not used: ttyACM0; scanner.port = auto reads them")
    check = await check_guns(ScannerSettings(), _Ports(PortInfo("/dev/ttyS0")))
    assert (check.status, found(check)) == (Status.OK, "none set, none found")


async def test_auto_that_finds_nothing_needs_a_look() -> None:
    check = await check_guns(ScannerSettings(port=("auto",)), _Ports(PortInfo("/dev/ttyS0")))
    assert check.status is Status.WARNING
    assert "USB-COM" in advice(check)


@pytest.mark.parametrize(
    ("state", "said", "to_do"),
    [
        (GunState.READING, "ttyACM0 is read", ""),
        (GunState.AWAY, "ttyACM0 is not there", "Plug the scanner in"),
        (GunState.HELD, "ttyACM0 is held by another program", "Close the other program"),
        (GunState.DENIED, "ttyACM0 may not be opened by this user", "sudo usermod -aG dialout USER"),
        (GunState.BROKEN, "ttyACM0 cannot be opened", "scanner.port"),
    ],
)
@pytest.mark.parametrize("is_held_by_a_window", [True, False])
async def test_each_state_has_its_words_and_what_to_do(
    state: GunState, said: str, to_do: str, is_held_by_a_window: bool
) -> None:
    states = {SCANNER.name: state} if is_held_by_a_window else None
    check = await check_guns(
        ScannerSettings(port=("auto",)), _Ports(SCANNER, state=state), states, group=lambda _: "dialout"
    )
    assert found(check) == said
    assert to_do in advice(check)
    assert check.status is (Status.OK if state is GunState.READING else Status.WARNING)
