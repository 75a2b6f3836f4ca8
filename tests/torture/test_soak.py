"""A short soak: the program works, changes views, meets faults and does not grow; see ``make soak``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import ROOT
from tests.torture import figures
from tests.torture.soak import Measured, verdicts
from tests.torture.soak_plot import plot

LAG_MS = 400
"""Far more than ``make soak`` allows: a machine that runs tests may be busy with others."""


@pytest.mark.fault(130, 131)
def test_a_short_shift_with_faults_stays_flat(tmp_path: Path) -> None:
    counts = figures.begin("soak", 5)
    seconds = figures.size("soak_seconds", 9, 600, a_minute=60)
    command = [sys.executable, "-m", "tests.torture.soak", "--minutes", str(seconds / 60)]
    ended = subprocess.run(
        [*command, "--lag-ms", str(LAG_MS), "--svg", str(tmp_path / "soak.svg")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds + 200,
        check=False,
    )
    counts.end()
    counts.more = {"said": " | ".join(ended.stdout.splitlines())}
    assert ended.returncode == 0, ended.stdout + ended.stderr[-2000:]
    assert "still moving 0" in ended.stdout
    assert (tmp_path / "soak.svg").read_text(encoding="utf-8").count("<polyline") == 8


def test_what_grows_is_found() -> None:
    measured = Measured()
    for minute in range(30):
        flat = dict.fromkeys(
            ("descriptors", "widgets", "qobjects", "tasks", "memory_blocks_k", "log_MB"), 20.0
        )
        measured.add(minute, **flat, memory_MB=100.0 + 5 * minute, lag_p99_ms=80.0)
    found = verdicts(measured, 50.0)
    assert [sentence.split()[0] for sentence in found] == ["memory", "the"]


def test_the_plot_holds_every_quantity() -> None:
    drawn = plot("a <title>", [0.0, 1.0], {"memory MB": [1.0, 2.0], "tasks": [0.0, 0.0]})
    assert drawn.count("<polyline") == 2
    assert "a &lt;title&gt;" in drawn
