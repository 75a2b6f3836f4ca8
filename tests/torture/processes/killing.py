"""Ways to kill the program at a chosen moment, and trials made of them."""

from __future__ import annotations

import math
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from loopdesk.domain.outbox.actions import Kind
from tests.network import Rule
from tests.torture.processes.shop import TrialShop
from tests.torture.processes.zygote import Running, Zygote

T = TypeVar("T")
R = TypeVar("R")

SYSTEM_CALLS: dict[str, int] = {
    "pwrite64": 60,
    "fdatasync,fsync": 20,
    "openat": 40,
    "sendto,sendmsg,write,writev": 40,
    "recvfrom,read": 60,
    "connect,close": 20,
    "futex": 60,
    "ftruncate,unlink,rename,fcntl": 40,
}
"""Groups of system calls, and up to which of them a program of a few seconds gets."""

PLACES = ("drop_before", "drop_after", "reset_after")
"""Where a request that changes something may be lost with the program: before Loop has it, or after."""

LIVES = (0.15, 0.4, 1.0, 2.5)
"""Up to so many seconds a program lives that is killed after a time."""

LIFE_SECONDS = 6.0
"""How long a program lives at most if its failpoint is not reached."""

BY_THE_CLOCK = " (by the clock)"
"""Suffix of the way of a kill whose moment did not come in time."""

FIRST_RETURNS = 2
"""So many settlements wait when a trial begins; before each kill one more is kept, so that there is work."""


@dataclass(slots=True)
class Trial:
    """What one trial did to the program.

    Attributes:
        kills: By the way of killing; only those that really ended a living program.
        unreached: Failpoints that the program ended or lived on without reaching.
        starts: Programs that were started.
    """

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    unreached: int = 0
    starts: int = 0
    complaints: dict[str, list[str]] = field(default_factory=dict)
    done: int = 0
    parked: int = 0


Way = Callable[[Zygote, TrialShop, random.Random, float], bool]
"""Starts a program and ends it; whether it was killed where it was to be.

The number says when: from 0, at once, to below 1, as late as the way goes.
"""

GOLDEN = (5**0.5 - 1) / 2
"""However many of its multiples are taken, modulo 1 they divide the interval evenly."""


def plan(ways: Mapping[str, Way], seed: int, kills: int) -> list[tuple[str, float]]:
    """Choose way and moment of each kill of a trial, stratified over the trials of successive seeds.

    Each way is taken equally often and its moments divide the program's life evenly, so that also a small
    sample leaves out no way and no part of a life.
    """
    names = list(ways)
    numbers = range(seed * kills, (seed + 1) * kills)
    return [(names[n % len(names)], n // len(names) * GOLDEN % 1.0) for n in numbers]


def at_a_request(zygote: Zygote, shop: TrialShop, chance: random.Random, at: float) -> bool:
    """Kill at the n-th request that changes something: before Loop has it, after, or a moment later."""
    running: list[Running] = []
    number, place = divmod(int(at * 5 * len(PLACES)), len(PLACES))
    left = [number + 1]

    def strike(line: str) -> bool:
        if not running or not line.startswith("POST"):
            return False
        left[0] -= 1
        if left[0] == 0:
            running[0].kill()
        return left[0] == 0

    shop.proxy.use(Rule(PLACES[place], match=strike))
    running.append(shop.start(zygote, *shop.program))
    return _killed(running[0], LIFE_SECONDS)


def at_a_read(zygote: Zygote, shop: TrialShop, chance: random.Random, at: float) -> bool:
    """Kill while an answer to a read-back is on its way: between the read and what follows from it."""
    running: list[Running] = []
    left = [int(at * 5) + 1]

    def strike(line: str) -> bool:
        if running and line.startswith("GET") and ("/details" in line or "/notes" in line):
            left[0] -= 1
            if left[0] == 0:
                threading.Timer(chance.random() * 0.02, running[0].kill).start()
        return False

    shop.proxy.use(Rule("pass", match=strike))
    running.append(shop.start(zygote, *shop.program))
    return _killed(running[0], LIFE_SECONDS)


def at_any_time(zygote: Zygote, shop: TrialShop, chance: random.Random, at: float) -> bool:
    """Kill after a random time, on a network that loses one request in five."""
    shop.bad_network()
    running = shop.start(zygote, *shop.program)
    share, life = math.modf(at * len(LIVES))
    running.has_ended(share * LIVES[int(life)])
    running.kill()
    return running.wait() == -signal.SIGKILL


def in_a_storm(zygote: Zygote, shop: TrialShop, chance: random.Random, at: float) -> bool:
    """Kill after a while, on a network that lets the first two finalizers not through; for the controls."""
    shop.proxy.use(Rule("drop_before", match=r"^POST \S+/(process|remove|cancel|close)\b", count=2))
    running = shop.start(zygote, *shop.program)
    with suppress(TimeoutError):  # a busy machine may not come so far
        until(lambda: sum(x.mode == "drop_before" for x in shop.proxy.passages) > 1, LIFE_SECONDS)
    running.has_ended(chance.random())
    running.kill()
    return running.wait() == -signal.SIGKILL


def at_a_statement(zygote: Zygote, shop: TrialShop, chance: random.Random, at: float) -> bool:
    """Let it kill itself before its n-th SQL statement, on a network that loses one request in five."""
    shop.bad_network()
    number = int(2 ** (at * 9.5))
    running = shop.start(zygote, *shop.program, statement=number)
    return _killed(running, LIFE_SECONDS)


def in_a_system_call(calls: str) -> Way:
    """Kill inside the n-th system call of a kind; the count is of each thread."""

    def way(zygote: Zygote, shop: TrialShop, chance: random.Random, at: float) -> bool:
        del chance
        shop.bad_network(0.1)
        what = f"signal=SIGKILL:when={int(at * SYSTEM_CALLS[calls]) + 1}"
        with TracedProgram(zygote, shop, calls, what) as traced:
            return _killed(traced.running, LIFE_SECONDS)

    return way


def at_the_call(calls: str, number: int) -> Way:
    """Kill inside one system call: the n-th of a kind, on a network without faults."""

    def way(zygote: Zygote, shop: TrialShop, chance: random.Random, at: float) -> bool:
        del chance, at
        shop.good_network()
        command = ("sync", "--once")
        what = f"signal=SIGKILL:when={number}"
        with TracedProgram(zygote, shop, calls, what, *command) as traced:
            return _killed(traced.running, LIFE_SECONDS)

    return way


def while_frozen(zygote: Zygote, shop: TrialShop, chance: random.Random, at: float) -> bool:
    """Stop it in the middle of its work, let time pass, wake it, and kill it a moment later."""
    shop.bad_network()
    running = shop.start(zygote, *shop.program)
    running.has_ended(0.2 + at * 0.6)
    running.signal(signal.SIGSTOP)
    running.has_ended(0.3)
    running.signal(signal.SIGCONT)
    running.has_ended(chance.random() * 0.5)
    running.kill()
    return running.wait() == -signal.SIGKILL


WAYS: dict[str, Way] = {
    "request": at_a_request,
    "read": at_a_read,
    "time": at_any_time,
    "statement": at_a_statement,
    "frozen": while_frozen,
}
"""The ways that need nothing but a kernel."""

SYSTEM_CALL_WAYS: dict[str, Way] = {f"system call {calls}": in_a_system_call(calls) for calls in SYSTEM_CALLS}
"""The ways that need strace."""


class TracedProgram:
    """The program under strace, which does something at the n-th of some system calls.

    Use it in a ``with`` statement; the program begins only when it is traced.

    Args:
        calls: System calls, separated by commas.
        what: As after ``inject=CALLS:``, for example ``signal=SIGKILL:when=3`` or ``error=ENOSPC:when=2+``.
        path: Only calls about this file; None for all.
    """

    def __init__(
        self,
        zygote: Zygote,
        shop: TrialShop,
        calls: str,
        what: str,
        *command: str,
        path: Path | None = None,
    ) -> None:
        self.running = shop.start(zygote, *(command or shop.program), stopped=True)
        self._tracer = _trace(self.running.pid, calls, what, path)

    def __enter__(self) -> TracedProgram:
        until(lambda: _tracer_of(self.running.pid) != 0 or self._tracer.poll() is not None)
        if self._tracer.poll() is not None:
            self.running.kill()
            self.running.wait()
            raise RuntimeError(f"strace could not trace: {self._said()}")
        self.running.signal(signal.SIGCONT)
        return self

    def __exit__(self, *_: object) -> None:
        if not self.running.has_ended():
            self.running.kill()
        self.running.wait()
        self._tracer.wait(20)
        assert self._tracer.stderr is not None
        self._tracer.stderr.close()

    def _said(self) -> str:
        assert self._tracer.stderr is not None
        return self._tracer.stderr.read()


def require_strace() -> None:
    """Say plainly what is missing where system calls cannot be counted."""
    if shutil.which("strace") is None:
        raise RuntimeError("this test needs strace: apt-get install strace")


def _trace(pid: int, calls: str, what: str, path: Path | None) -> subprocess.Popen[str]:
    command = ["strace", "-f", "-qqq", "-o", os.devnull, "-e", f"trace={calls}", "-e"]
    only = ["-P", str(path)] if path is not None else []
    return subprocess.Popen(
        [*command, f"inject={calls}:{what}", *only, "-p", str(pid)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _tracer_of(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return -1
    return int(status.split("TracerPid:")[1].split()[0])


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something outside this process.

    Raises:
        TimeoutError: It did not come true.
    """
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("what was waited for never came")
        time.sleep(0.002)


def _killed(running: Running, most_seconds: float) -> bool:
    """Wait for its death; kill it if that does not come. Whether it died where it was to."""
    came = running.has_ended(most_seconds)
    if not came:
        running.kill()
    return running.wait() == -signal.SIGKILL and came


def one_trial(
    zygote: Zygote,
    folder: Path,
    seed: int,
    *,
    kills: int,
    ways: Mapping[str, Way],
    mutant: str = "",
    program: tuple[str, ...] = ("sync",),
) -> Trial:
    """Fill a queue, kill the program again and again, drain with a healthy one, and judge.

    Args:
        mutant: How every program of the trial is broken on purpose.
        program: What is killed: the sender alone, or () for the window.
    """
    trial = Trial(seed)
    chance = random.Random(seed)
    with TrialShop(folder, seed, FIRST_RETURNS + kills, mutant) as shop:
        if mutant:  # what it does wrong shows where processing is asked for and never comes
            shop.shop.loop.settings.processing_ending = "drop"
            shop.finals = (Kind.PROCESS,)
        shop.program = program
        shop.fill(FIRST_RETURNS)
        planned = plan(ways, seed, kills)
        chance.shuffle(planned)
        for name, at in planned:
            shop.fill(1)
            reached = ways[name](zygote, shop, chance, at)
            trial.starts += 1
            trial.kills[name if reached else name + BY_THE_CLOCK] += 1
            trial.unreached += not reached
        shop.good_network()
        drain(zygote, shop, trial)
        verdict = shop.judge()
        trial.complaints.update(verdict.complaints())
        trial.done, trial.parked = verdict.done, verdict.parked
    return trial


def drain(zygote: Zygote, shop: TrialShop, trial: Trial) -> None:
    """Let a fresh program work on a healthy network until nothing changes any more."""
    last = shop.start(zygote, "sync", "--once")
    trial.starts += 1
    code = last.wait(150)
    if code not in (0, 1) or "Traceback" in last.words():
        trial.complaints["drain"] = [f"ended with {code}: {last.words()}"]


def in_parallel(work: Callable[[T], R], seeds: Sequence[T], at_once: int) -> list[R]:
    """Run trials side by side; most of a trial's time is waiting."""
    with ThreadPoolExecutor(at_once, thread_name_prefix="trial") as pool:
        return list(pool.map(work, seeds))
