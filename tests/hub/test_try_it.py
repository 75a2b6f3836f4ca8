"""What ``make hub`` starts is whole: PostgreSQL, simulator, shop, and a bench that works through the hub."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.hub.try_it import HubToTry, join, join_code


def test_a_bench_works_at_a_hub_that_make_hub_starts(tmp_path: Path) -> None:
    hub = HubToTry(tmp_path)
    with hub.running():
        profile = tmp_path / "dock"
        bench = join(join_code(hub.command("bench", "add", "Dock 1")), profile)
        given = set(bench) - set(os.environ)
        assert given == {"LOOPDESK_API_URL", "LOOPDESK_API_KEY"}, "all else can be changed in Settings"
        assert 'name = "Dock 1"' in (profile / "settings.toml").read_text("utf-8")
        synchronize = [
            sys.executable,
            "-m",
            "loopdesk",
            "--profile",
            str(profile),
            "sync",
            "--once",
        ]
        ended = subprocess.run(synchronize, env=bench, capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stderr) == (0, "")
        hub.command("bench", "revoke", "Dock 1")
        ended = subprocess.run(synchronize, env=bench, capture_output=True, text=True, check=False)
        assert ended.returncode == 1
        assert "revoked" in ended.stderr
    assert "started" in hub.log.read_text("utf-8"), "it does not talk over what is said to the person"
