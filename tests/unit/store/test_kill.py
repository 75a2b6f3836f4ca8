"""A process that is killed between any two statements loses nothing that was acknowledged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def trials(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the trials in a process of their own, which may fork because it has no threads."""
    command = [sys.executable, "-m", "tests.unit.store.kill_trials", str(folder), *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.fault(49, 50, 55, 138)
def test_a_kill_before_any_statement_loses_nothing_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    ended = trials(tmp_path)
    assert ended.returncode == 0, ended.stderr
    kills = json.loads(ended.stdout)
    assert min(kills.values()) > 20, kills


def test_the_trials_notice_a_store_without_transactions(tmp_path: Path) -> None:
    ended = trials(tmp_path, "--with-fault")
    assert ended.returncode != 0
    assert "killed before statement" in ended.stderr
