"""PostgreSQL goes while a hub is at work: it waits calmly, says so, ends when told, and goes on after it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import httpx

from tests.hub.running import make_site, until
from tests.hub.serving import set_up, settings_before, write_settings
from tests.hub.spare_postgres import SparePostgres
from tests.simulator_thread import SimulatorThread

WATCHED_SECONDS = 4.0
"""How long its processor time is counted."""

MOST_SHARE = 0.5
"""Of one processor, while it waits; one that asks in a circle takes what it gets."""

MOST_LINES = 40
"""That it logs in a second while it waits."""

END_SECONDS = 60
BENCHES = 3
LOOKUPS = 6
"""Of each bench, of as many returns: far more than the budget has, so that most wait for a turn."""

_HOME = Path(__file__).parents[2]


class _Process:
    """``loopdesk hub serve``, with what it logs in a file."""

    def __init__(self, settings_file: Path, log: Path) -> None:
        self._log = log
        command = [sys.executable, "-m", "loopdesk", "hub", "--settings", str(settings_file), "serve"]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("LOOPDESK_")}
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command, cwd=_HOME, env=environ, stdout=subprocess.PIPE, stderr=out, text=True
            )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url, log.read_text("utf-8")

    def used_seconds(self) -> float:
        """Return the processor time that it has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def lines(self) -> list[str]:
        """Return what it logged."""
        return self._log.read_text("utf-8").splitlines()

    def end(self) -> int:
        """Tell it to end, as the system does. Returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(END_SECONDS)


@contextmanager
def _running(settings_file: Path, log: Path) -> Iterator[_Process]:
    made = _Process(settings_file, log)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.wait(END_SECONDS)
        assert made.process.stdout is not None
        made.process.stdout.close()


@asynccontextmanager
async def _busy(url: str, tokens: list[str], return_ids: list[str]) -> AsyncIterator[list[asyncio.Task[int]]]:
    """Benches that follow the feed and look returns up, more often than turns come; gives the lookups."""

    async def look_up(client: httpx.AsyncClient, return_id: str) -> int:
        path = f"/api/v1/warehouse/return/details?return_id={return_id}"
        answer = await client.get(
            path, headers={"Cache-Control": "no-cache", "X-Loopdesk-Priority": "lookup"}
        )
        return answer.status_code

    async with AsyncExitStack() as stack:
        asking = []
        for token in tokens:
            client = httpx.AsyncClient(
                base_url=url, headers={"X-Authorization": token}, trust_env=False, timeout=60
            )
            await stack.enter_async_context(client)
            stream = await stack.enter_async_context(client.stream("GET", "/hub/v1/changes?after=*:0"))
            assert stream.status_code == 200
            asking += [asyncio.ensure_future(look_up(client, each)) for each in return_ids]
        try:
            yield asking
        finally:
            for each in asking:
                each.cancel()
            await asyncio.wait(asking)


async def _watch(process: _Process) -> None:
    """Show that it takes little, and says little, while there is nothing that it could do."""
    used, lines = process.used_seconds(), len(process.lines())
    await asyncio.sleep(WATCHED_SECONDS)
    assert process.used_seconds() - used < MOST_SHARE * WATCHED_SECONDS
    said = process.lines()[lines:]
    assert len(said) < MOST_LINES * WATCHED_SECONDS, said[:20]


async def test_a_hub_without_its_database_is_calm_goes_on_after_it_and_ends_when_told(
    own_postgres: SparePostgres, tmp_path: Path
) -> None:
    url = own_postgres.url()
    await make_site(url)
    with SimulatorThread(returns=LOOKUPS) as loop:
        return_ids = [ret.return_id for ret in loop.loop.index.kept()][:LOOKUPS]
        settings = settings_before(url, loop.url, tmp_path)
        names = [f"Dock {n}" for n in range(BENCHES)]
        tokens = await set_up(settings, names, per_second=0.01, burst=1.0, slow_seconds=60)
        with _running(write_settings(settings, tmp_path), tmp_path / "log") as process:
            async with (
                httpx.AsyncClient(base_url=process.url, trust_env=False) as outside,
                _busy(process.url, tokens, return_ids) as asking,
            ):

                async def is_ready() -> bool:
                    return (await outside.get("/readyz")).status_code == 200

                async def is_not_ready() -> bool:
                    return not await is_ready()

                await until(is_ready)
                await asyncio.to_thread(own_postgres.stop, hard=True)
                for each in asking[::2]:
                    each.cancel()  # their benches hang up, and nobody can be told that their wishes are void
                await until(is_not_ready)
                assert (await outside.get("/healthz")).status_code == 200
                await _watch(process)
                await asyncio.to_thread(own_postgres.start)
                await until(is_ready)
                await asyncio.wait(asking)
                assert {each.result() for each in asking if not each.cancelled()} <= {200, 503}
                await _watch(process)
                await asyncio.to_thread(own_postgres.stop, hard=True)
                await until(is_not_ready)
            assert await asyncio.to_thread(process.end) == 0
            assert not [line for line in process.lines() if '"fault"' in line]
