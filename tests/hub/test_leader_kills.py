"""The process that leads a shop is killed, or stopped, while another one waits: real ones, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import psycopg
import pytest

from tests.hub.leader_process import SHOP

_HOME = Path(__file__).parents[2]
SECONDS = 90


class Candidate:
    """A process that would lead."""

    def __init__(self, url: str, name: str) -> None:
        command = [sys.executable, "-m", "tests.hub.leader_process", url, name, "3"]
        self.process = subprocess.Popen(command, cwd=_HOME, stdout=subprocess.PIPE, text=True)
        self.said: Queue[str] = Queue()
        self._listening = threading.Thread(target=self._listen)
        self._listening.start()
        assert self.hears() == "ready"

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.put(line.strip())

    def hears(self) -> str:
        """Return what it says next."""
        return self.said.get(timeout=SECONDS)

    def signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.process.pid, number)

    def close(self) -> None:
        """End it, whatever state it is in."""
        self.process.kill()
        self.process.wait(SECONDS)
        self._listening.join(SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def two_candidates(url: str) -> Iterator[tuple[Candidate, Candidate]]:
    """Two processes of which the first leads."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO shop (id, name, colour) VALUES (%s, 'Acme', '#112233')", (SHOP,))
    made: list[Candidate] = []
    try:
        made.append(Candidate(url, "first"))
        assert made[0].hears() == "leads 1"
        made.append(Candidate(url, "second"))
        yield made[0], made[1]
    finally:
        for each in made:
            each.close()


def written(url: str) -> str:
    """Return which leader wrote last."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT value FROM index_mark WHERE name = 'leader'").fetchone()
    assert found is not None
    return str(found[0])


@pytest.mark.fault(210)
async def test_a_killed_leader_is_followed_by_the_one_that_waits(hub_url: str) -> None:
    with two_candidates(hub_url) as (first, second):
        first.signal(signal.SIGKILL)
        assert second.hears() == "leads 2"
        first.process.wait(SECONDS)
        while written(hub_url) != "2 second":
            pass


@pytest.mark.fault(211)
async def test_a_stopped_leader_is_deposed_and_its_late_writes_are_refused(hub_url: str) -> None:
    with two_candidates(hub_url) as (first, second):
        first.signal(signal.SIGSTOP)
        assert second.hears() == "leads 2"
        while written(hub_url) != "2 second":
            pass
        first.signal(signal.SIGCONT)
        seen: set[str] = set()
        with psycopg.connect(hub_url, autocommit=True) as connection:
            for _ in range(300):
                found = connection.execute(
                    "SELECT value, pg_sleep(0.01) FROM index_mark WHERE name = 'leader'"
                ).fetchone()
                assert found is not None
                seen.add(str(found[0]))
        assert seen == {"2 second"}
        assert first.process.poll() is None
