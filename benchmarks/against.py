"""This checkout against an older commit of it, in interleaved pairs: start, memory, and a scan.

    python -m benchmarks.against COMMIT

Both run in this checkout's environment, so a commit with other dependencies may not start.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.children import HOME, Child, environment, make_profile
from benchmarks.figures import Result, Series, say, show
from benchmarks.start import FIGURES, Start, start

PAIRS = 20
WARM_UP = 3
RETURNS = 100
LINES = (3, 20)
GOAL = 1.05

_BUILD = """\
import json, sys
from dataclasses import astuple
from pathlib import Path
from benchmarks.scan import build
shop = build(Path(sys.argv[1]), int(sys.argv[2]))
labels = {lines: [astuple(one) for one in some] for lines, some in shop.labels.items()}
print(json.dumps([str(shop.folder), labels]))
"""
"""Run by the older commit's own code: its store is of another version."""


@contextmanager
def checkout(commit: str, folder: Path) -> Iterator[Path]:
    """Keep a worktree of a commit, with the translations that this checkout has compiled."""
    home = folder / "older"
    git = ("git", "-C", str(HOME), "worktree")
    subprocess.run([*git, "add", "-q", "--detach", str(home), commit], check=True)
    try:
        for compiled in HOME.glob("resources/**/*.mo"):
            (home / compiled.relative_to(HOME)).write_bytes(compiled.read_bytes())
        yield home
    finally:
        subprocess.run([*git, "remove", "--force", str(home)], check=True)


def starts(homes: tuple[Path, Path], environ: dict[str, str], folder: Path) -> None:
    """Start both in turn, and print time and memory."""
    profiles = [make_profile(folder / f"start-{number}") for number in (0, 1)]

    def once(number: int) -> Start:
        arguments = ("benchmarks.start_child", "--profile", str(profiles[number]))
        return start(environ, *arguments, home=homes[number])

    runs = [(once(1), once(0)) for _ in range(PAIRS + 1)][1:]
    for name, unit, figure in FIGURES:
        ours, older = zip(*((figure(one), figure(other)) for one, other in runs), strict=True)
        show(Result(name, "the older commit", unit, Series(ours), Series(older), GOAL))


def scans(homes: tuple[Path, Path], environ: dict[str, str], folder: Path) -> None:
    """Scan a label at both in turn, and print how long it took."""
    shops = [_shop(home, environ, folder / f"scan-{number}") for number, home in enumerate(homes)]
    with (
        Child(environ, "benchmarks.scan_child", shops[0][0], home=homes[0]) as older,
        Child(environ, "benchmarks.scan_child", shops[1][0], home=homes[1]) as ours,
    ):
        for lines in LINES:
            rows: list[tuple[float, float]] = []
            for number in range(WARM_UP + PAIRS):
                code, name = shops[0][1][str(lines)][number]
                asked = {"code": code, "order_name": name}
                rows.append((ours.ask(asked)["ms"], older.ask(asked)["ms"]))
            figure, beside = zip(*rows[WARM_UP:], strict=True)
            what = f"scan: last key to {lines} painted lines"
            show(Result(what, "the older commit", "ms", Series(figure), Series(beside), GOAL))


def _shop(home: Path, environ: dict[str, str], folder: Path) -> tuple[str, dict[str, list[tuple[str, str]]]]:
    folder.mkdir()
    run = subprocess.run(
        [sys.executable, "-c", _BUILD, str(folder), str(RETURNS)],
        cwd=home,
        env={**environ, "PYTHONPATH": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    name, labels = json.loads(run.stdout.splitlines()[-1])
    return name, labels


def main(commit: str) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as name:
        folder = Path(name)
        environ = environment(folder)
        with checkout(commit, folder) as older:
            say(f"ratios are this checkout's figures over those of {commit}")
            starts((older, HOME), environ, folder)
            scans((older, HOME), environ, folder)


if __name__ == "__main__":
    main(sys.argv[1])
