"""How a hub is served: what it logs and measures, and that it ends in order, with streams open."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from loopdesk.hub.compose import Hub
from loopdesk.hub.http.callers import Anyone, GuardedRoute
from loopdesk.hub.http.description import Operation
from loopdesk.hub.logs import JsonLines
from tests.hub.running import IT, asked, settings_for


async def test_requests_are_counted_by_their_route(hub_url: str, tmp_path: Path) -> None:
    async with asked(settings_for(hub_url, tmp_path)) as (_, client):
        await client.post("/hub/v1/join", json={})
        await client.get("/returns/12345-shopper@example.com")
        told = (await client.get("/metrics", headers={"Authorization": f"Bearer {IT}"})).text
    assert 'loopdesk_hub_requests_total{method="POST",route="/hub/v1/join",status="400"} 1.0' in told
    assert 'loopdesk_hub_requests_total{method="none",route="none",status="404"} 1.0' in told
    assert "shopper" not in told


async def test_a_request_is_logged_without_its_path_or_body(
    hub_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "loopdesk.hub")
    async with asked(settings_for(hub_url, tmp_path)) as (_, client):
        await client.post("/hub/v1/join?who=shopper", json={"secret": "of-nobody", "bench": "PC of Ann"})
    [line] = [each for each in caplog.messages if each.startswith("request ")]
    assert line.startswith("request method=POST route=/hub/v1/join status=400 ms=")
    assert not any(word in caplog.text for word in ("shopper", "Ann", "of-nobody"))


def test_a_log_line_is_json_and_keeps_what_an_exception_says_to_itself() -> None:
    try:
        raise ValueError("ann@example.com lives here")
    except ValueError:
        record = logging.LogRecord(
            "loopdesk.hub", logging.ERROR, "x", 1, "fault where=%s kind=%s", ("hub face", "X"), sys.exc_info()
        )
    line = json.loads(JsonLines().format(record))
    assert (line["event"], line["where"], line["kind"]) == ("fault", "hub face", "ValueError")
    assert line["places"][0].startswith("test_serving.py:")
    assert "ann" not in json.dumps(line)
    foreign = logging.LogRecord("psycopg", logging.WARNING, "x", 1, "Key (name)=(Ann) exists", (), None)
    assert "Ann" not in JsonLines().format(foreign)


_NOTHING = Operation("Nothing that is kept", {})


class _Streaming(Hub):
    """A hub with a stream that never ends by itself."""

    def faces(self) -> tuple[GuardedRoute, ...]:
        """One more route."""
        return (*super().faces(), GuardedRoute("/stream", self._answer, who=Anyone, does=_NOTHING))

    async def _answer(self, _request: Request) -> Response:
        return StreamingResponse(self._parts())

    async def _parts(self) -> AsyncIterator[bytes]:
        yield b"begun"
        await self.closing.wait()
        yield b"ended"


async def test_an_open_stream_does_not_hold_up_the_end(hub_url: str, tmp_path: Path) -> None:
    hub = _Streaming(settings_for(hub_url, tmp_path))
    await hub.start()
    async with (
        httpx.AsyncClient(base_url=hub.url, trust_env=False) as client,
        client.stream("GET", "/stream") as answer,
    ):
        parts = answer.aiter_bytes()
        assert await anext(parts) == b"begun"
        ending = asyncio.ensure_future(hub.stop())
        assert await anext(parts) == b"ended"
        await ending


async def test_a_fault_is_reported_and_not_told(hub_url: str, tmp_path: Path) -> None:
    faults: list[str] = []
    hub = _Broken(settings_for(hub_url, tmp_path), on_fault=lambda where, failure: faults.append(where))
    async with hub, httpx.AsyncClient(base_url=hub.url, trust_env=False) as client:
        answer = await client.get("/broken")
    assert (answer.status_code, answer.json()) == (500, {"error": {"code": "broken"}})
    assert faults == ["hub face"]


class _Broken(Hub):
    """A hub with a face that fails."""

    def faces(self) -> tuple[GuardedRoute, ...]:
        """One more route."""
        return (*super().faces(), GuardedRoute("/broken", self._fail, who=Anyone, does=_NOTHING))

    async def _fail(self, _request: Request) -> Response:
        raise ValueError("ann@example.com")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_in_order(hub_url: str, tmp_path: Path, number: signal.Signals) -> None:
    settings = tmp_path / "hub.toml"
    settings.write_text(f'[database]\nurl = "{hub_url}"\n[http]\nport = 0\n', "utf-8")
    hub = [sys.executable, "-m", "loopdesk", "hub", "--settings", str(settings), "serve"]
    environment = os.environ | {"LOOPDESK_HUB_KEY": "A" * 43 + "="}
    with subprocess.Popen(
        hub, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/readyz", trust_env=False).status_code == 200
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    events = [json.loads(line)["event"] for line in said.splitlines()]
    assert (events[0], events[-1]) == ("started", "stopped")
