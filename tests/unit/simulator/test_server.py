"""The server: starts and stops cleanly whatever is open, in a loop, in a thread, and as a program."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading

import httpx
import pytest

from loopdesk.simulator.faults import Fault
from loopdesk.simulator.http.server import Server
from loopdesk.simulator.samples import SAMPLES, practice_loop
from tests.simulator_thread import SimulatorThread
from tests.unit.simulator.shop import HandClock, until

PATH = f"/api/v1/warehouse/return/details?return_id={SAMPLES['single'].return_id}"
KEY = {"X-Authorization": "practice-key"}

PROGRAM = textwrap.dedent(
    """
    import sys
    from loopdesk.simulator.http.server import serve
    code = serve(0, 1, 5, say=lambda line: print(line, flush=True))
    print("ended")
    sys.exit(code)
    """
)


async def test_it_stops_with_requests_and_idle_connections_open() -> None:
    loop = practice_loop(clock=HandClock())
    server = Server(loop)
    await server.start()
    async with httpx.AsyncClient(base_url=server.url, headers=KEY, trust_env=False) as client:
        assert (await client.get(PATH)).status_code == 200
        loop.faults.add(Fault("hang", count=1))
        loop.faults.add(Fault("slow", seconds=60))
        asking = [asyncio.ensure_future(client.get(PATH)) for _ in range(3)]
        await until(lambda: len(loop.log) == 4)
        async with asyncio.timeout(5):
            await server.stop()
            outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert all(isinstance(each, httpx.TransportError) for each in outcomes)


@pytest.mark.parametrize("turns", range(8))
async def test_a_connection_is_ended_at_whatever_moment_of_its_beginning_it_stops(turns: int) -> None:
    server = Server(practice_loop(clock=HandClock()))
    await server.start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        for _ in range(turns):
            await asyncio.sleep(0)
        await server.stop()
        with contextlib.suppress(ConnectionResetError):  # it was broken, or not even accepted
            assert await asyncio.to_thread(client.recv, 1) == b""


async def test_it_can_be_stopped_twice_and_before_it_started() -> None:
    server = Server(practice_loop(clock=HandClock()))
    await server.stop()
    with pytest.raises(RuntimeError, match="not started"):
        assert server.url
    await server.start()
    await server.stop()
    await server.stop()


async def test_a_fixed_port_is_used_again_and_a_taken_one_is_an_error() -> None:
    loop = practice_loop(clock=HandClock())
    async with Server(loop) as first:
        port = first.port
        with pytest.raises(OSError, match="in use"):
            await Server(loop, port).start()
    async with Server(loop, port) as again:
        assert again.port == port


async def test_it_leaves_signals_alone_and_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    caplog.set_level(logging.DEBUG)
    async with Server(practice_loop(clock=HandClock())) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"this is not HTTP\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 400")
        writer.close()
        await writer.wait_closed()
        assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before
    assert [record for record in caplog.records if record.name != "asyncio"] == []


@pytest.mark.expects_log("simulator_failed")
async def test_what_breaks_inside_is_a_500_and_is_remembered() -> None:
    loop = practice_loop(clock=HandClock())
    loop.get(SAMPLES["single"].return_id).lines[0].price = None  # type: ignore[assignment]
    async with (
        Server(loop) as server,
        httpx.AsyncClient(base_url=server.url, headers=KEY, trust_env=False) as client,
    ):
        assert (await client.get(PATH)).status_code == 500
    assert len(loop.crashes) == 1


def test_a_thread_gives_the_truth_at_hand() -> None:
    return_id = SAMPLES["single"].return_id
    with SimulatorThread(practice_loop(clock=HandClock())) as simulator:
        simulator.fault("lose_answer", path="/note", count=1)
        path = f"{simulator.url}/api/v1/warehouse/return/{return_id}/note"
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.post(path, json={"content": "x"}, headers=KEY, trust_env=False)
        assert [note["content"] for note in simulator.truth(return_id)["notes"]] == ["x"]
        simulator.act("set_state", return_id, state="review")
        assert simulator.truth(return_id)["state"] == "review"
        assert [seen.method for seen in simulator.requests(path="/note")] == ["POST"]
    assert not [each for each in threading.enumerate() if each.name == "simulator"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send to a child")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_as_a_program_it_says_one_line_and_ends_cleanly(number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        said = child.stdout.readline()
        url, _, key = said.strip().partition(" X-Authorization: ")
        answer = httpx.get(url + PATH, headers={"X-Authorization": key}, trust_env=False)
        assert answer.json()["state"] == "open"
        child.send_signal(number)
        assert child.wait(20) == 0
        assert (child.stdout.read(), child.stderr.read()) == ("ended\n", "")
