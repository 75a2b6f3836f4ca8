"""The program's commands as a person or a script runs them: in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output; anything beside it fails the test."""
        return json.loads(self.out)


class Commands:
    """Runs commands on one profile.

    Args:
        folder: The profile's folder.
        api_url: Loop's address without the version.
        key: The API key, given by the environment; None for none.
    """

    def __init__(self, folder: Path, api_url: str, key: str | None) -> None:
        self.environ = {
            "LOOPDESK_PROFILE": str(folder),
            "LOOPDESK_API_URL": api_url,
            "LOOPDESK_STATION": "dock 1",
            "LOOPDESK_OPERATOR": "Ada",
        }
        if key is not None:
            self.environ["LOOPDESK_API_KEY"] = key

    def run(self, *arguments: str, **environ: str) -> Ran:
        """Run ``loopdesk`` with these arguments to its end.

        Args:
            environ: More of the environment.
        """
        return self._run([sys.executable, "-m", "loopdesk", *arguments], environ)

    def run_python(self, program: str, **environ: str) -> Ran:
        """Run a few lines of Python in the same surroundings."""
        return self._run([sys.executable, "-c", program], environ)

    def start(self, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        """Start ``loopdesk`` and leave it running; standard output and error are pipes."""
        return subprocess.Popen(
            [sys.executable, "-m", "loopdesk", *arguments],
            cwd=ROOT,
            env=self._environ(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def _run(self, command: list[str], environ: dict[str, str]) -> Ran:
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=self._environ(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return Ran(ended.returncode, ended.stdout, ended.stderr)

    def _environ(self, more: dict[str, str]) -> dict[str, str]:
        return {**os.environ, "PYTHONUTF8": "1", **self.environ, **more}
