"""From exec to a painted window that takes scans: the frozen program against the same one unfrozen.

``python -m benchmarks.frozen``, after ``make package``. Both are run as a person runs them and log the moment
at which they are ready; what is compared is what each added to the time of its exec.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.children import HOME, environment, make_profile
from benchmarks.figures import Result, show, take_in_turn

FROZEN = HOME / "build" / "frozen" / "loopdesk" / "loopdesk"
TIMES = 11
GOAL = 1.3
LIMIT_SECONDS = 60.0
LOOK_SECONDS = 0.05

_READY = re.compile(r"^(?P<at>\S+Z) INFO loopdesk\.start ready", re.MULTILINE)


def start(command: Sequence[str], environ: dict[str, str], profile: Path) -> float:
    """Start the program, read in its log when it was ready, and end it. Returns milliseconds.

    Raises:
        RuntimeError: It was not ready in time.
    """
    log = profile / "logs" / "loopdesk.log"
    log.unlink(missing_ok=True)
    began = datetime.now(UTC)
    process = subprocess.Popen([*command, "--profile", str(profile)], cwd="/", env=environ)
    try:
        end = time.monotonic() + LIMIT_SECONDS
        while process.poll() is None and time.monotonic() < end:
            found = _READY.search(log.read_text("utf-8")) if log.exists() else None
            if found is not None:
                return (datetime.fromisoformat(found["at"]) - began).total_seconds() * 1000
            time.sleep(LOOK_SECONDS)
        raise RuntimeError(f"{command[0]} was not ready within {LIMIT_SECONDS:g} s")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(LIMIT_SECONDS)


def measure(times: int = TIMES) -> Result:
    """Start both in turn."""
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as folder:
        profile = make_profile(Path(folder) / "bench")
        environ = environment(Path(folder))
        plain = (sys.executable, "-m", "loopdesk")
        inside = environ | {"PYTHONPATH": str(HOME)}

        def frozen() -> float:
            return start([str(FROZEN)], environ, profile)

        def unfrozen() -> float:
            return start(plain, inside, profile)

        take_in_turn(frozen, unfrozen, 1)  # makes the store and the byte code
        ours, floor = take_in_turn(frozen, unfrozen, times)
    return Result(
        "start: frozen, from exec to a painted, scan-ready window",
        "the same program unfrozen",
        "ms",
        ours,
        floor,
        GOAL,
    )


def main() -> None:
    """Measure and print."""
    if not FROZEN.exists():
        sys.exit(f"{FROZEN} is not there; run: make package")
    show(measure())


if __name__ == "__main__":
    main()
