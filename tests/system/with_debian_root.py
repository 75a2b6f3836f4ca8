"""The hub's package: made, installed in a fresh Debian, set up there, run, and purged."""

from __future__ import annotations

import sys

from tests.architecture import ROOT
from tests.system.tools import needs, needs_root, run

MINUTES = 25


def _script(*command: str) -> None:
    sys.stdout.write(run(["bash", *command], minutes=MINUTES))


def test_the_package_makes_a_hub_in_a_fresh_debian_and_goes_without_a_trace() -> None:
    needs("mmdebstrap", "dpkg-deb", "unshare")
    needs_root()
    _script("packaging/hub/package.sh")
    [package] = (ROOT / "build").glob("loopdesk-hub_*+python3.11_*.deb")
    _script("packaging/hub/check-deb.sh", str(package))
