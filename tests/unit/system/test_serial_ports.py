"""Real ports of this machine: opened alone, read, lost and named; shown on pseudo-terminals."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import serialx

from loopdesk.domain.scanner.serial_ports import GunState, PortTrouble
from loopdesk.system.host.scanners import SystemSerialPorts, group_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")


async def test_what_a_gun_sends_is_heard_and_a_pulled_plug_is_noticed() -> None:
    gun, port = os.openpty()
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    lost = asyncio.Event()
    opened = await SystemSerialPorts().open(os.ttyname(port), 9600, heard.put_nowait, lost.set)
    os.write(gun, b"91000123\r")
    found = b""
    while not found.endswith(b"\r"):
        found += await heard.get()
    assert found == b"91000123\r"
    os.close(gun)
    await lost.wait()
    await opened.close()
    os.close(port)


async def test_a_port_has_one_owner_and_can_be_had_when_that_one_lets_go() -> None:
    gun, port = os.openpty()
    name, ports, lost = os.ttyname(port), SystemSerialPorts(), list[str]()
    first = await ports.open(name, 9600, lambda _: None, lambda: lost.append("first"))
    with pytest.raises(PortTrouble) as held:
        await ports.open(name, 9600, lambda _: None, lambda: lost.append("second"))
    assert held.value.state is GunState.HELD
    await first.close()
    second = await ports.open(name, 9600, lambda _: None, lambda: lost.append("second"))
    await second.close()
    assert lost == []
    os.close(gun)
    os.close(port)


async def test_a_port_that_is_lost_while_it_is_opened_is_not_taken_for_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gun, port = os.openpty()
    create = serialx.create_serial_connection

    async def pulled(loop: Any, factory: Any, *where: Any, **how: Any) -> Any:
        listener, gone = factory(), asyncio.Event()
        reported = listener.connection_lost

        def report(why: Exception | None) -> None:
            reported(why)
            gone.set()

        listener.connection_lost = report
        opened = await create(loop, lambda: listener, *where, **how)
        os.close(gun)
        await gone.wait()
        return opened

    monkeypatch.setattr(serialx, "create_serial_connection", pulled)
    with pytest.raises(PortTrouble) as lost:
        await SystemSerialPorts().open(os.ttyname(port), 9600, lambda _: None, lambda: None)
    assert lost.value.state is GunState.AWAY
    os.close(port)


async def test_what_is_not_there_and_what_is_no_port_is_said(tmp_path: Path) -> None:
    file = tmp_path / "gun"
    with pytest.raises(PortTrouble) as away:
        await SystemSerialPorts().open(str(file), 9600, lambda _: None, lambda: None)
    file.touch()
    with pytest.raises(PortTrouble) as broken:
        await SystemSerialPorts().open(str(file), 9600, lambda _: None, lambda: None)
    assert (away.value.state, broken.value.state) == (GunState.AWAY, GunState.BROKEN)
    assert group_of(str(file))
    assert group_of(str(tmp_path / "none")) == ""


async def test_the_ports_of_this_machine_can_be_listed() -> None:
    assert all(port.name for port in await SystemSerialPorts().find())
