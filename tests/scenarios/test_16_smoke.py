"""Scenario 16: a copy of the program checks whether it is intact, and leaves no traces."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from loopdesk.system.settings.machine import MACHINE_VARIABLE

# A Windows program with a window has no standard streams at all.
WINDOWED = """
import sys
arguments = sys.argv[1:]
sys.stdin = sys.stdout = sys.stderr = None
from loopdesk.cli import main
sys.exit(main(arguments))
"""

CHECKS = [
    *("sqlite", "first paint", "interpreter", "vocabulary", "key store", "tls", "sounds", "serial ports"),
    "model",
    *("svg", "image formats", "languages", "fonts", "camera", "printed sheet"),
    *("loopback http", "practice return", "practice"),
]


def test_a_whole_copy_finds_itself_whole_and_leaves_nothing_behind(tmp_path: Path) -> None:
    home, work, report = tmp_path / "home", tmp_path / "work", tmp_path / "Bericht ü.json"
    home.mkdir()
    work.mkdir()
    machine = tmp_path / "machine.toml"
    machine.write_text("[station]\nstations = 40\n\n[budget]\nrequests_per_minute = 30\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", WINDOWED, "--smoke", "--report", str(report)],
        env={
            "HOME": str(home),
            "TMPDIR": str(work),
            "QT_QPA_PLATFORM": "offscreen",
            MACHINE_VARIABLE: str(machine),  # of a dock with many stations; practice shares nothing with them
        },
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    said = json.loads(report.read_text("utf-8"))
    assert [check["name"] for check in said["checks"]] == CHECKS, ran.stderr
    assert [check for check in said["checks"] if not check["ok"]] == []
    assert said["ok"] is True
    assert said["running"] is None
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert list(work.iterdir()) == []
    assert not report.with_name(report.name + ".stuck").exists()


def test_a_report_is_of_no_use_without_the_check() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "loopdesk", "--report", "report.json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 2
    assert "use it with --smoke" in ran.stderr
