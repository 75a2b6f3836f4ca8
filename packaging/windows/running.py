"""Runs the steps of a rehearsal: each with its log, its time, and a hard limit on everything it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


class Failed(Exception):
    """The rehearsal found something wrong."""


def expect(holds: object, otherwise: str) -> None:
    """Raise ``Failed`` if a condition does not hold."""
    if not holds:
        raise Failed(otherwise)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended."""

    code: int
    out: str


@dataclass(slots=True)
class Log:
    """The file of one step: every command, what it printed and how it ended."""

    file: Path

    def write(self, text: str) -> None:
        """Append a line."""
        with self.file.open("a", encoding="utf-8") as out:
            out.write(text.rstrip() + "\n")


@dataclass(slots=True)
class Runner:
    """Starts programs for the step that is under way.

    Attributes:
        log: Where everything is written down.
        environ: What programs are given besides the environment of this process.
    """

    log: Log
    environ: dict[str, str] = field(default_factory=dict)

    def run(
        self,
        *command: str,
        limit: float,
        folder: Path | None = None,
        given: str = "",
        code: int | None = 0,
    ) -> Ended:
        """Run a program to its end; with all that it started it is killed after ``limit`` seconds.

        Args:
            code: The exit code that must come; None takes any.

        Raises:
            Failed: It took too long or ended otherwise.
        """
        self.log.write(f"$ {' '.join(command)}")
        began = time.monotonic()
        process = self.start(*command, folder=folder)
        try:
            out, _ = process.communicate(given, timeout=limit)
        except subprocess.TimeoutExpired:
            end(process)
            self.log.write(f"[killed after {limit:g} s]")
            raise Failed(f"{_short(command)} did not end within {limit:g} s") from None
        self.log.write(out)
        self.log.write(f"[{process.returncode} after {time.monotonic() - began:.1f} s]")
        if code is not None and process.returncode != code:
            raise Failed(f"{_short(command)} ended with {process.returncode}, not {code}: {out[-400:]}")
        return Ended(process.returncode, out)

    def start(self, *command: str, folder: Path | None = None) -> subprocess.Popen[str]:
        """Start a program in a process group of its own; output comes by a pipe, as wine needs it."""
        return subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )


def end(process: subprocess.Popen[str]) -> None:
    """End a program that was started here, and what it started."""
    for number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 30)):
        if process.poll() is None:
            os.killpg(process.pid, number)
            try:
                process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                continue


def _short(command: Sequence[str]) -> str:
    return " ".join(Path(word).name for word in command[:3])


Step = Callable[[], str]
"""Does one thing; returns its result in a few words."""


def rehearse(steps: Mapping[str, Step], runner: Runner, logs: Path, start_at: str = "") -> bool:
    """Make the steps in their order, print each with its time, and stop at the first that fails.

    Args:
        start_at: The step to begin with; what those before it made is taken as it lies.
    """
    names = list(steps)
    first = names.index(start_at) if start_at else 0
    began = time.monotonic()
    for number, name in enumerate(names[first:], first + 1):
        runner.log = Log(logs / f"{number:02d}-{name.replace(' ', '-')}.log")
        runner.log.file.unlink(missing_ok=True)
        step_began = time.monotonic()
        try:
            said, ok = steps[name](), True
        except (Failed, RuntimeError, OSError, subprocess.SubprocessError) as failure:
            said, ok = f"FAILED: {failure}", False
        line = f"{number:2d}  {time.monotonic() - step_began:6.1f} s  {name}: {said}"
        runner.log.write(line)
        print(line, flush=True)
        if not ok:
            print(f"what was done: {runner.log.file}")
            return False
    print(f"    {time.monotonic() - began:6.1f} s  in all")
    return True
