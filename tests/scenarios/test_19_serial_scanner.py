"""A scanner at a serial port works beside a keyboard wedge; its loss is reported, and it is taken again."""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

import pytest

from loopdesk.domain.scanner.serial_ports import GunState
from loopdesk.simulator.samples import SAMPLES
from tests.scenarios.desk import Desk

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals"),
    pytest.mark.expects_log("gun_port", r"loopdesk\.(outbox|api|lookup): "),
]

ONE, OTHER = SAMPLES["single"], SAMPLES["store_credit"]


class Gun:
    """A scanner whose plug may be pulled: a pseudo-terminal behind a name that stays.

    Args:
        name: Where the program finds it while it is plugged in.
    """

    def __init__(self, name: Path) -> None:
        self.name = name
        self._ends: tuple[int, ...] = ()

    def plug_in(self) -> None:
        """Plug it in."""
        self._ends = os.openpty()
        self.name.symlink_to(os.ttyname(self._ends[1]))

    def pull_out(self) -> None:
        """Unplug it."""
        self.name.unlink()
        for end in self._ends:
            os.close(end)
        self._ends = ()

    def send(self, code: str) -> None:
        """Scan a label."""
        os.write(self._ends[0], code.encode() + b"\r\n")

    def hold(self, *, is_held: bool) -> None:
        """Let another program open it, or close it."""
        fcntl.flock(self._ends[1], fcntl.LOCK_EX if is_held else fcntl.LOCK_UN)


@pytest.fixture
def gun(tmp_path: Path) -> Gun:
    """A scanner that is not plugged in."""
    return Gun(tmp_path / "ttyGUN0")


async def _until_gun(desk: Desk, gun: Gun, state: GunState) -> None:
    await desk.hand.until(
        f"the gun {state.value}", lambda: desk.session.guns.states.get(str(gun.name)) is state
    )
    await desk.at_rest()


def test_a_serial_gun_opens_returns_beside_the_keyboards_and_comes_back_by_itself(
    desk: Desk, gun: Gun
) -> None:
    async def body() -> None:
        await desk.synced()
        await _until_gun(desk, gun, GunState.READING)
        gun.send(ONE.tracking_number or "")
        await desk.shown(ONE)
        await desk.open(OTHER)  # with the keyboard's gun
        gun.pull_out()
        await _until_gun(desk, gun, GunState.AWAY)
        assert desk.screen.band.sentence == "The scanner at ttyGUN0 is not there."
        gun.plug_in()
        await _until_gun(desk, gun, GunState.READING)
        gun.send(ONE.tracking_number or "")
        await desk.shown(ONE)
        rows = await desk.runtime.store.audit.rows()
        sources = [row.detail["source"] for row in rows if "source" in row.detail]
        assert sorted(sources) == ["gun", "gun ttyGUN0", "gun ttyGUN0"]

    gun.plug_in()
    try:
        desk.play(body, LOOPDESK_SCANNER_PORT=str(gun.name))
    finally:
        gun.pull_out()


def test_a_gun_that_another_program_holds_is_said_and_taken_when_that_lets_go(desk: Desk, gun: Gun) -> None:
    async def body() -> None:
        await desk.synced()
        await _until_gun(desk, gun, GunState.HELD)
        assert desk.screen.band.sentence == "Another program has the scanner at ttyGUN0."
        gun.hold(is_held=False)
        await _until_gun(desk, gun, GunState.READING)
        gun.send(ONE.tracking_number or "")
        await desk.shown(ONE)

    gun.plug_in()
    gun.hold(is_held=True)
    try:
        desk.play(body, LOOPDESK_SCANNER_PORT=str(gun.name))
    finally:
        gun.pull_out()


@pytest.mark.fault(149)
def test_a_serial_code_with_commands_in_it_opens_its_return_and_commands_nothing(
    desk: Desk, gun: Gun
) -> None:
    async def body() -> None:
        await desk.synced()
        await _until_gun(desk, gun, GunState.READING)
        gun.send(f"{ONE.tracking_number}\r\nLDCMDGRADEA\r\nLDCMDCONFIRM")
        await desk.shown(ONE)
        await desk.hand.until("the rest said", lambda: "only the first line" in desk.screen.band.detail)
        assert await desk.lane(ONE.return_id) == ()
        assert [row.decided for row in desk.screen.lines] == [""]

    gun.plug_in()
    try:
        desk.play(body, LOOPDESK_SCANNER_PORT=str(gun.name))
    finally:
        gun.pull_out()
