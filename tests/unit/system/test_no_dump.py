"""A process that crashes writes no core dump, which would contain the key."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

CANARY = "CANARY-key-0123456789"

PROGRAM = f"""
import os, resource, sys
most = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
if sys.argv[1] == "forbidden":
    from loopdesk.system.host.no_dump import forbid_dumps
    forbid_dumps()
key = "".join({list(CANARY)!r})
dumpable = 3
if sys.platform == "linux":
    import ctypes
    dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
print(resource.getrlimit(resource.RLIMIT_CORE)[0], dumpable, flush=True)
os.abort()
"""


def _die(folder: Path, how: str) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], cwd=folder, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout.strip()


@pytest.mark.fault(167)
@pytest.mark.skipif(sys.platform == "win32", reason="SIGABRT and core files are POSIX's")
def test_a_process_that_aborts_writes_no_core(tmp_path: Path) -> None:
    code, said = _die(tmp_path, "forbidden")
    assert code == -signal.SIGABRT
    limit, dumpable = said.split()
    assert limit == "0"
    assert dumpable == ("0" if sys.platform == "linux" else "3")
    assert not [file for file in tmp_path.rglob("*") if CANARY.encode() in file.read_bytes()]
    if sys.platform == "linux":
        assert _die(tmp_path, "allowed")[1].split()[1] == "1", "the check sees the difference"
