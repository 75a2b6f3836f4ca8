"""From exec to a window that is painted and takes scans, and the memory it holds, against a bare window."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.children import HOME, environment, make_profile
from benchmarks.figures import Result, Series, show

TIMES = 20
GOAL = 2.0


@dataclass(frozen=True, slots=True)
class Start:
    """What one run reported.

    Attributes:
        milliseconds: From exec to ``ready``.
        worked: Processor time until ``ready``, in milliseconds; other load on the machine hardly affects it.
        ready / rest: Resident megabytes then, and after two seconds in which nothing was done.
    """

    milliseconds: float
    worked: float
    ready: float
    rest: float


FIGURES: tuple[tuple[str, str, Callable[[Start], float]], ...] = (
    ("start: from exec to a painted, scan-ready window", "ms", lambda x: x.milliseconds),
    ("start: processor time until then", "ms", lambda x: x.worked),
    ("memory: resident when ready", "MB", lambda x: x.ready),
    ("memory: resident after 2 s at rest", "MB", lambda x: x.rest),
)


def start(environ: dict[str, str], module: str, *arguments: str, home: Path = HOME) -> Start:
    """Run a module in a process of its own until it ends.

    Args:
        home: The checkout whose code it runs.

    Raises:
        RuntimeError: It failed, or did not report what it should.
    """
    began = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=home,
        env={**environ, "PYTHONPATH": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    told = {line.split()[0]: [float(x) for x in line.split()[1:]] for line in run.stdout.splitlines()}
    if run.returncode or not {"ready", "rest"} <= told.keys():
        raise RuntimeError(f"{module} ended with {run.returncode}: {run.stderr.strip()}")
    at, worked, megabytes = told["ready"]
    return Start((at - began) * 1000, worked * 1000, megabytes, told["rest"][2])


def measure(
    times: int = TIMES, *, more: dict[str, str] | None = None, goal: float = GOAL
) -> tuple[Result, ...]:
    """Start both in turn. Returns time, processor time, memory when ready, and memory at rest.

    Args:
        more: What the environment has besides, such as where to draw.
    """
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as folder:
        profile = make_profile(Path(folder) / "bench")
        environ = environment(Path(folder)) | (more or {})
        ours = ("benchmarks.start_child", "--profile", str(profile))
        runs = [(start(environ, *ours), start(environ, "benchmarks.start_floor")) for _ in range(times + 1)][
            1:
        ]  # the first one makes the store and the byte code
    return tuple(
        Result(
            name,
            "a bare PySide6 main window with an empty table",
            unit,
            Series(tuple(figure(ours) for ours, _ in runs)),
            Series(tuple(figure(floor) for _, floor in runs)),
            goal,
        )
        for name, unit, figure in FIGURES
    )


def main() -> None:
    """Measure and print."""
    for result in measure():
        show(result)


if __name__ == "__main__":
    main()
