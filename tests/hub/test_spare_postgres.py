"""The tests' own PostgreSQL ends with whoever started it, however that ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from tests.architecture import ROOT

_START = """
import sys
from tests.hub.spare_postgres import SparePostgres
server = SparePostgres()
server.start()
print(server.pid, flush=True)
sys.stdin.read()
"""


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_server_whose_starter_was_killed_ends() -> None:
    command = [sys.executable, "-c", _START]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert _runs(pid)
        starter.kill()
    while _runs(pid):
        time.sleep(0.05)
