"""What ``make hub`` starts is whole: PostgreSQL, simulator, shop, and a bench that works through the hub."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.hub.try_it import HubToTry, join_code, joined


def test_a_bench_works_at_a_hub_that_make_hub_starts(tmp_path: Path) -> None:
    hub = HubToTry(tmp_path)
    with hub.running():
        bench = joined(join_code(hub.command("bench", "add", "Dock 1")))
        assert bench["LOOPDESK_STATION"] == "Dock 1"
        synchronize = [
            sys.executable,
            "-m",
            "loopdesk",
            "--profile",
            str(tmp_path / "dock"),
            "sync",
            "--once",
        ]
        ended = subprocess.run(
            synchronize, env=os.environ | bench, capture_output=True, text=True, check=False
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        hub.command("bench", "revoke", "Dock 1")
        ended = subprocess.run(
            synchronize, env=os.environ | bench, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 1
        assert "revoked" in ended.stderr
