"""What is loaded before the window is painted: an operator waits for all of it, each morning."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

UNTIL = """
import logging, os, sys

class Ready(logging.Handler):
    def emit(self, record):
        if record.msg.startswith(sys.argv[2]):
            sys.stdout.write("\\n".join(name for name, module in sys.modules.items() if module))
            sys.stdout.flush()
            os._exit(0)

logging.getLogger("loopdesk.start").addHandler(Ready())
from loopdesk.cli import main
sys.exit(main(["--profile", sys.argv[1]]))
"""

LATER = (
    "asyncio",
    "decimal",
    "httpx",
    "keyring",
    "loopdesk.api",
    "loopdesk.domain.labels",
    "loopdesk.presenters.pages",
    "loopdesk.presenters.screens.pages",
    "loopdesk.presenters.screens.returns",
    "loopdesk.services",
    "loopdesk.ui.camera",
    "pydantic",
    "PySide6.QtMultimedia",
    "PySide6.QtNetwork",
    "serialx",
    "ssl",
    "statistics",
)
"""What the first picture of the window can do without, with everything inside it."""


FOR_A_HUB = (
    "csv",
    "loopdesk.api.hub_",
    "loopdesk.api.sharing",
    "loopdesk.app.sharing",
    "loopdesk.domain.hub_pins",
    "loopdesk.domain.people",
    "loopdesk.domain.site_mysteries",
    "loopdesk.services.outbox.late_failures",
    "loopdesk.services.ports.audit",
    "loopdesk.services.ports.following",
    "loopdesk.services.ports.hub",
    "loopdesk.services.ports.people",
    "loopdesk.services.ports.publishing",
    "loopdesk.services.ports.sharing",
    "loopdesk.services.ports.site_mysteries",
    "loopdesk.services.sharing",
    "loopdesk.services.station.hub_trust",
    "loopdesk.services.sync.following",
    "loopdesk.store.audit_upload",
    "loopdesk.store.people",
    "loopdesk.store.returns.told",
    "loopdesk.store.sharing",
)
"""What only a bench with a hub needs, with everything inside it."""

SETTINGS = """\
sync_seconds = 0

[station]
name = "dock 1"
operator = "Ana"
"""

NOBODY = "http://127.0.0.1:9/api"
"""An address where nothing listens."""


def loaded_until(event: str, profile: Path, more: dict[str, str] | None = None) -> set[str]:
    """Return what was loaded when the program said that it had come so far."""
    ran = subprocess.run(
        [sys.executable, "-c", UNTIL, str(profile), event],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **(more or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.splitlines())


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return what was loaded when the program said that its window is painted and takes scans."""
    return loaded_until("ready", tmp_path_factory.mktemp("start") / "profile")


def test_the_window_is_painted_before_anything_is_loaded_that_it_does_not_need(loaded: set[str]) -> None:
    assert "loopdesk.ui.main_window" in loaded
    assert [name for name in sorted(loaded) if name.startswith(LATER)] == []


def test_a_bench_without_a_hub_loads_nothing_of_what_only_a_hub_needs(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    profile.mkdir(mode=0o700)
    (profile / "settings.toml").write_text(SETTINGS)
    more = {"LOOPDESK_API_KEY": "a-key", "LOOPDESK_API_URL": NOBODY}
    alone = loaded_until("started", profile, more)
    assert "loopdesk.services.outbox.sender" in alone
    assert [name for name in sorted(alone) if name.startswith(FOR_A_HUB)] == []
    (profile / "settings.toml").write_text(f"{SETTINGS}\n[hub]\nused = true\n")
    with_hub = loaded_until("started", profile, more)
    assert {"loopdesk.app.sharing", "loopdesk.services.sync.following", "csv"} <= with_hub
