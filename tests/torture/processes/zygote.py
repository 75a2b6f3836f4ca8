"""Starts the real program in a few milliseconds: a process that has imported it, and forks.

Each fork runs ``loopdesk.cli.main`` with its own arguments, environment and output, exactly as a process
that was started by hand would from that line on. The forking process has neither threads nor an event
loop, so nothing of it lives on in the fork.

The test's side is ``Zygote``; run as a program this file is the other side.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import resource
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import apsw

from loopdesk.cli import main as program
from loopdesk.domain.outbox.reconcile import Evidence, after, evidence_of
from loopdesk.domain.outbox.stages import Move, Stage
from loopdesk.services.outbox import exchange
from loopdesk.services.outbox.drain import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parents[3]

MOST_SECONDS = 2 * PATIENCE_SECONDS
"""How long a fork may take: ``sync --once`` alone waits so long for Loop to show what it accepted."""


class NeverEnded(Exception):
    """A program did not end in time; with the end of its output."""


@dataclass(slots=True)
class Running:
    """One fork of the program.

    Attributes:
        pid: Of the process; not used again before ``wait`` was called.
        said: The file for its output and standard error.
    """

    pid: int
    said: Path
    zygote: Zygote
    code: int | None = None
    handle: int = field(default=-1)

    def kill(self) -> None:
        """Kill it, like a power cut."""
        os.kill(self.pid, signal.SIGKILL)

    def signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def has_ended(self, seconds: float = 0.0) -> bool:
        """Whether it ended, waiting at most so long for that."""
        if self.code is not None:
            return True
        if self.handle < 0:
            self.handle = os.pidfd_open(self.pid)
        poll = select.poll()
        poll.register(self.handle, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def wait(self, seconds: float = MOST_SECONDS) -> int:
        """Wait for its end. Returns the exit code, or minus the signal that ended it.

        Raises:
            NeverEnded: It did not end; it is killed then.
        """
        if self.code is None:
            in_time = self.has_ended(seconds)
            if not in_time:
                self.kill()
                self.has_ended(10.0)
            os.close(self.handle)
            self.code = self.zygote.status(self.pid)
            if not in_time:
                raise NeverEnded(self.words())
        return self.code

    def words(self) -> str:
        """Return the end of its output."""
        return self.said.read_text(encoding="utf-8", errors="replace")[-3000:]


class Zygote:
    """Forks the program; may be asked from several threads. Use it in a ``with`` statement.

    Args:
        with_window: Import the window too.
    """

    def __init__(self, *, with_window: bool = False) -> None:
        self._with_window = with_window
        self._lock = threading.Lock()
        self._count = 0
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Zygote:
        command = [sys.executable, "-m", "tests.torture.processes.zygote", *["window"] * self._with_window]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._ask({"act": "hello"})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        process, self._process = self._process, None
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait(30)
        process.stdout.close()

    def run(self, arguments: list[str], environ: dict[str, str], folder: Path, **more: Any) -> Running:
        """Start the program.

        Args:
            arguments: As on the command line.
            environ: Added to the environment.
            folder: Where the file with its words is made.
            more: ``statement``: kill itself before the n-th SQL statement; ``stopped``: stop itself
                (SIGSTOP) before it begins; ``mutant``: be broken on purpose, see ``_MUTANTS``; ``memory``: so
                many megabytes more than it has at its start, and no more; ``watched``: say which files of
                the store Python itself opens.
        """
        with self._lock:
            self._count += 1
            said = folder / f"said-{self._count}.txt"
            told = {"act": "run", "arguments": arguments, "environ": environ, "said": str(said), **more}
            return Running(self._tell(told), said, self)

    def status(self, pid: int) -> int:
        """Take the exit status of a fork that ended."""
        return self._ask({"act": "status", "pid": pid})

    def _ask(self, told: dict[str, Any]) -> int:
        with self._lock:
            return self._tell(told)

    def _tell(self, told: dict[str, Any]) -> int:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        return int(json.loads(process.stdout.readline()))


# --- the other side ---------------------------------------------------------------------------------


def main() -> None:
    """Import the program, then fork as told until the input ends."""
    _import_all(with_window="window" in sys.argv[1:])
    living: set[int] = set()
    for line in sys.stdin:
        told = json.loads(line)
        answer = 0
        if told["act"] == "run":
            answer = os.fork()
            if answer == 0:
                _become(told)
            living.add(answer)
            if told.get("stopped"):
                # A SIGCONT that came before its own SIGSTOP would be lost, and it would stand for good.
                os.waitid(os.P_PID, answer, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        elif told["act"] == "status":
            answer = os.waitstatus_to_exitcode(os.waitpid(told["pid"], 0)[1])
            living.discard(told["pid"])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for pid in living:
        os.kill(pid, signal.SIGKILL)


def _import_all(*, with_window: bool) -> None:
    for name in ("api.client", "app.commands.headless", "app.program"):
        importlib.import_module(f"loopdesk.{name}")
    if with_window:
        importlib.import_module("loopdesk.app.gui")


def _become(told: dict[str, Any]) -> None:
    """Become the program; never returns."""
    code = 70
    try:
        said = os.open(told["said"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(said, 1)
        os.dup2(said, 2)
        os.environ.update(told["environ"])
        if told.get("statement"):
            _die_before(told["statement"])
        if told.get("memory"):
            _limit_memory(told["memory"])
        if told.get("watched"):
            _say_what_is_opened()
        if told.get("mutant"):
            _MUTANTS[told["mutant"]]()
        if told.get("stopped"):
            os.kill(os.getpid(), signal.SIGSTOP)
        sys.argv = ["loopdesk", *told["arguments"]]
        code = program(told["arguments"])
    except BaseException:  # noqa: BLE001 - whatever it was, it is said and the fork ends
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _die_before(number: int) -> None:
    """Kill this process before its n-th SQL statement, counted over every connection."""
    left = [number]

    def count(_cursor: object, _statement: str, _bindings: object) -> bool:
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)
        return True

    def watch(connection: apsw.Connection) -> None:
        connection.exec_trace = count

    apsw.connection_hooks.append(watch)


def _limit_memory(megabytes: int) -> None:
    """Limit this process to a little more address space than it has now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _say_what_is_opened() -> None:
    """Write a line for each file of the store that is opened by Python and not by SQLite."""

    def look(event: str, given: tuple[Any, ...]) -> None:
        if event == "open" and re.search(r"loopdesk\.db(-wal|-shm)?$", str(given[0])):
            os.write(1, f"opened {given[0]}\n".encode())

    sys.addaudithook(look)


def _take_lost_for_unsent() -> None:
    """Take every lost answer for a request that never left, and send again."""
    honest = evidence_of

    def broken(*given: Any) -> Evidence:
        found = honest(*given)
        return Evidence.NOT_SENT if found is Evidence.AMBIGUOUS else found

    vars(exchange)["evidence_of"] = broken


def _trust_a_yes() -> None:
    """Call what Loop accepted done, without reading it back."""
    honest = after

    def broken(batch: Any, evidence: Evidence, **more: Any) -> tuple[Move, ...]:
        if evidence is not Evidence.ACCEPTED:
            return honest(batch, evidence, **more)
        return tuple(Move(entry.entry_id, Stage.SENDING, Stage.DONE) for entry in batch)

    vars(exchange)["after"] = broken


_MUTANTS = {"lost is unsent": _take_lost_for_unsent, "a yes is done": _trust_a_yes}
"""The program broken on purpose: a harness that cannot find these proves nothing."""


if __name__ == "__main__":
    main()
