"""The hub's tests over Debian's PostgreSQL, and the tests' own PostgreSQL as root and as nobody."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.architecture import ROOT
from tests.hub.spare_postgres import PROGRAMS
from tests.system.tools import debian_postgres, needs, needs_root, run

MINUTES = 90


def _run(*command: str | Path, **environ: str) -> None:
    sys.stdout.write(run(command, minutes=MINUTES, **environ).splitlines()[-1] + "\n")


def test_the_hub_keeps_its_promises_over_debians_postgresql() -> None:
    tests = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", "tests/hub"]
    _run(
        *tests, "-p", "no:cacheprovider", **{PROGRAMS: str(debian_postgres()), "QT_QPA_PLATFORM": "offscreen"}
    )


@pytest.mark.parametrize("uid", [0, 65534])
def test_the_tests_own_postgresql_runs_whoever_starts_it(uid: int, tmp_path: Path) -> None:
    needs("setpriv")
    needs_root()
    home = Path(shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("*.pyc")))
    for each in (tmp_path, *tmp_path.parents):
        if each.is_relative_to("/tmp") and each != Path("/tmp"):
            each.chmod(0o755)
    as_user = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    program = (
        "import psycopg\n"
        "from tests.hub.spare_postgres import SparePostgres\n"
        "server = SparePostgres()\n"
        "server.start()\n"
        "with psycopg.connect(server.url()) as connection:\n"
        "    print(connection.execute('SELECT version()').fetchone()[0])\n"
        "server.close()\n"
    )
    _run(*as_user, sys.executable, "-c", program, PYTHONPATH=str(home.parent), HOME=str(tmp_path))
