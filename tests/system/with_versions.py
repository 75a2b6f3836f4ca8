"""One version apart works both ways: old and new hub processes on one database, with old and new benches.

The older version is the commit before the last migration of the hub's database, or what
``LOOPDESK_OLDER`` names.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import httpx
import pytest

from loopdesk.domain.hub_join import JOIN_PATH, parse_join_code
from loopdesk.simulator.loop import PRACTICE_KEY
from tests.architecture import ROOT
from tests.hub.ledger_rig import quick_loop, return_ids
from tests.hub.spare_postgres import FAST, SparePostgres
from tests.hub.try_it import join_code
from tests.system.tools import needs

MIGRATIONS = "loopdesk/hub/database/migrations"
SECONDS = 60


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout


def older_version(folder: Path) -> Path:
    """Lay the older version's files out in a folder, and return it."""
    last = _git("log", "-1", "--format=%H", "--", MIGRATIONS).decode().strip()
    revision = os.environ.get("LOOPDESK_OLDER") or f"{last}^"
    with tarfile.open(fileobj=io.BytesIO(_git("archive", revision))) as files:
        files.extractall(folder, filter="data")
    return folder


@dataclass(frozen=True)
class Version:
    """The program of one version, with its settings for a hub."""

    tree: Path
    settings: Path

    def command(self, *arguments: str) -> list[str]:
        """Return what runs the program."""
        return [sys.executable, "-m", "loopdesk", *arguments]

    def run(self, *arguments: str, given: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.tree,
            env=_environ(**environ),
            input=given,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def hub(self, *arguments: str, given: str = "") -> str:
        """Run a command of the hub, which has to end well, and return what it said."""
        done = self.run("hub", "--settings", str(self.settings), *arguments, given=given)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def serving(self, log: Path) -> Iterator[str]:
        """Serve, as a process of its own that has to end well; gives its origin."""
        command = self.command("hub", "--settings", str(self.settings), "serve")
        with (
            log.open("wb") as said,
            subprocess.Popen(
                command, cwd=self.tree, env=_environ(), stdout=subprocess.PIPE, stderr=said, text=True
            ) as process,
        ):
            try:
                assert process.stdout is not None
                url = process.stdout.readline().strip()
                assert url, log.read_text("utf-8")
                yield url
                process.send_signal(signal.SIGTERM)
                assert process.wait(SECONDS) == 0, log.read_text("utf-8")
            finally:
                process.kill()  # which is over, if all went well
        assert '"event": "fault"' not in log.read_text("utf-8")


def _environ(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOOPDESK_", "PYTHON"))}
    return kept | {"QT_QPA_PLATFORM": "offscreen"} | more


class Sent(NamedTuple):
    """An action that was sent: its key, and the ledger's generation as told then."""

    key: str
    generation: str


@dataclass(frozen=True)
class Bench:
    """A bench that has joined, as far as the wire shows it."""

    token: str

    def act(self, url: str, return_id: str) -> Sent:
        """Have a return processed through a hub."""
        key = f"{uuid4().hex}.1"
        answer = self._ask("POST", f"{url}/api/v1/warehouse/return/{return_id}/process", key)
        assert (answer.status_code, answer.headers["X-Loopdesk-Outcome"]) == (200, "loop"), answer.text
        return Sent(key, answer.headers["X-Loopdesk-Generation"])

    def became(self, url: str, sent: Sent) -> str:
        """Ask a hub what became of an action."""
        answer = self._ask("GET", f"{url}/hub/v1/actions/{sent.key}", generation=sent.generation)
        return str(answer.headers.get("X-Loopdesk-Outcome"))

    def get(self, url: str, path: str) -> int:
        """Return the status of a path."""
        return self._ask("GET", f"{url}{path}").status_code

    def _ask(self, method: str, url: str, key: str = "", generation: str = "") -> httpx.Response:
        headers = {"X-Authorization": self.token, "X-Of-Another-Version": "1"}
        if key:
            headers["Idempotency-Key"] = key
        if generation:
            headers["X-Loopdesk-Generation"] = generation
        with httpx.Client(trust_env=False, timeout=60, headers=headers) as client:
            return client.request(method, url)


def joined_bench(version: Version, url: str, name: str) -> Bench:
    code = parse_join_code(join_code(version.hub("bench", "add", name)))
    asked = {"secret": code.secret.hex(), "bench": name, "of_another_version": True}
    answer = httpx.post(f"{url}{JOIN_PATH}", json=asked, trust_env=False)
    assert answer.status_code == 200, answer.text
    return Bench(answer.json()["token"])


@pytest.fixture
def database() -> Iterator[str]:
    """An empty database."""
    server = SparePostgres(settings=FAST)
    try:
        server.start()
        yield server.make("versions")
    finally:
        server.close()


def test_hubs_and_benches_one_version_apart_work_with_each_other(database: str, tmp_path: Path) -> None:
    needs("git")
    settings = tmp_path / "hub.toml"
    old = Version(older_version(tmp_path / "old"), settings)
    new = Version(ROOT, settings)
    with quick_loop(6) as loop:
        settings.write_text(
            f'[database]\nurl = "{database}"\nconnections = 4\n'
            '[http]\nport = 0\naddress = "http://127.0.0.1:1"\n'
            f'[keys]\nfile = "{tmp_path / "hub.key"}"\n[loop]\nurl = "{loop.url}"\n',
            "utf-8",
        )
        old.hub("init")
        old.hub("shop", "add", "acme", "Acme")
        old.hub("shop", "key", "acme", given=PRACTICE_KEY.value)
        first, second, third, fourth, *_ = return_ids(loop)
        with old.serving(tmp_path / "old.log") as at_old:
            bench = joined_bench(old, at_old, "Dock 1")
            before = bench.act(at_old, first)
            follows(new, bench, at_old, tmp_path / "new-bench")  # a newer bench on an older hub
            with new.serving(tmp_path / "new.log") as at_new:  # which brings the database up to date
                assert bench.became(at_new, before) == "stored"
                assert bench.became(at_new, bench.act(at_old, second)) == "stored"
                assert bench.became(at_old, bench.act(at_new, third)) == "stored"
                later = joined_bench(new, at_old, "Dock 2")
                assert later.became(at_new, later.act(at_old, fourth)) == "stored"
                for url in (at_old, at_new):
                    assert [bench.get(url, path) for path in ("/readyz", "/hub/v1/fill")] == [200, 200]
                follows(old, bench, at_new, tmp_path / "old-bench")
                follows(new, later, at_new, tmp_path / "later-bench")
        again = old.run("hub", "--settings", str(settings), "serve")
        assert again.returncode == 5, again.stdout + again.stderr
        assert "A newer hub migrated this database." in again.stderr


def follows(version: Version, bench: Bench, url: str, folder: Path) -> None:
    """A bench of a version brings itself up to date by a hub."""
    done = version.run(
        "--profile",
        str(folder),
        "sync",
        "--once",
        LOOPDESK_API_URL=f"{url}/api",
        LOOPDESK_API_KEY=bench.token,
        LOOPDESK_HUB="true",
        LOOPDESK_STATION="Dock",
        LOOPDESK_OPERATOR="Ada",
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
