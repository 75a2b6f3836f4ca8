"""Starts the processes that are measured, and asks them one question at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

HOME = Path(__file__).parent.parent
NOBODY = "127.0.0.1:9"
"""An address where nothing listens: nothing leaves this machine, and the program is offline."""

SETTINGS = """\
sync_seconds = 0
theme = "light"

[station]
name = "bench 1"
operator = "somebody"

[sound]
on = false
"""


def make_profile(folder: Path) -> Path:
    """Make a profile folder with settings and without a store."""
    folder.mkdir(mode=0o700, parents=True)
    (folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    return folder


def environment(folder: Path) -> dict[str, str]:
    """Return what measured processes run in: without a screen, and with byte code, as an installed copy.

    Args:
        folder: Where the byte code is kept while the benchmark runs.
    """
    ours = ("LOOPDESK_", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return environ | {
        "QT_QPA_PLATFORM": "offscreen",
        # The key goes only to an address that whoever starts the program names, not to one in a file.
        "LOOPDESK_API_KEY": "benchmark-key",
        "LOOPDESK_API_URL": f"http://{NOBODY}/api",
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
    }


class Child:
    """A process that answers each line of JSON with one; closing its input ends it.

    Args:
        environ: As ``environment`` returns it.
        module: What it runs.
        home: The checkout whose code it runs.

    Attributes:
        said: What it reported when it was ready.
    """

    def __init__(self, environ: Mapping[str, str], module: str, *arguments: str, home: Path = HOME) -> None:
        self._module = module
        self._complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed when the process has ended
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=home,
            env={**environ, "PYTHONPATH": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
        )
        self.said = self.read()

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Ask, and wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self.read()

    def read(self) -> dict[str, Any]:
        """Read one answer.

        Raises:
            RuntimeError: The process ended; with the end of its standard error.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            code = self._process.wait()
            self._complaints.seek(0)
            raise RuntimeError(f"{self._module} ended with {code}: {self._complaints.read()[-3000:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._complaints.close()


def answer(values: Mapping[str, Any] | Sequence[Any]) -> None:
    """Answer the asking process (called in the child)."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()
