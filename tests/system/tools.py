"""The tools that the system tests need, and the one command that installs them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.architecture import ROOT

WINDOWS: Final = ("xvfb", "openbox", "xdotool", "dbus-daemon", "at-spi2-core")
"""What real windows need, of Debian's packages."""

PACKAGES: Final = ("mmdebstrap", "postgresql", "buildah", *WINDOWS)
"""Debian's packages."""

INSTALL: Final = f"sudo apt-get install -y --no-install-recommends {' '.join(PACKAGES)}"


def run(command: Sequence[str | Path], *, minutes: float, **environ: str) -> str:
    """Run a command at the root of the checkout to its end, and return what it said; fails as it does.

    Args:
        minutes: Long after a slow machine is done, so that a command that hangs ends here.
        environ: What its environment has besides this process's.
    """
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=minutes * 60,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def needs(*programs: str) -> None:
    """Fail with the command that installs them, unless these programs are there."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    missing = [each for each in programs if shutil.which(each, path=path) is None]
    assert not missing, f"{', '.join(missing)} is missing. Run: {INSTALL}"


def needs_root() -> None:
    """Fail unless this is root: roots and users of one's own need it."""
    assert os.geteuid() == 0, "this part needs root. Run: sudo make system-test"


def debian_postgres() -> Path:
    """Return the folder of Debian's newest PostgreSQL's programs; fails without one of 15 or newer."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda each: int(each.parts[-3]))
    assert found, f"Debian's PostgreSQL is missing. Run: {INSTALL}"
    assert int(found[-1].parts[-3]) >= 15, f"{found[-1]} is too old"
    return found[-1].parent
