"""What is loaded before the window is painted: an operator waits for all of it, each morning."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

UNTIL_READY = """
import logging, os, sys

class Ready(logging.Handler):
    def emit(self, record):
        if record.msg.startswith("ready"):
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


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return what was loaded when the program said that its window is painted and takes scans."""
    profile = tmp_path_factory.mktemp("start") / "profile"
    ran = subprocess.run(
        [sys.executable, "-c", UNTIL_READY, str(profile)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.splitlines())


def test_the_window_is_painted_before_anything_is_loaded_that_it_does_not_need(loaded: set[str]) -> None:
    assert "loopdesk.ui.main_window" in loaded
    assert [name for name in sorted(loaded) if name.startswith(LATER)] == []
