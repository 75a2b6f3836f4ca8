"""One running copy a profile."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from loopdesk.domain.errors import AlreadyRunning, SettingsWrong
from loopdesk.system.host.paths import Profile
from loopdesk.system.host.single import ProfileLock

HOLDER = """\
import sys
from pathlib import Path
from loopdesk.system.host.paths import Profile
from loopdesk.system.host.single import ProfileLock
with ProfileLock(Profile(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.fault(76)
def test_a_second_process_is_told_that_one_runs(tmp_path: Path) -> None:
    with another_process(tmp_path), pytest.raises(AlreadyRunning) as caught:
        ProfileLock(Profile(tmp_path)).acquire()
    assert caught.value.detail == str(tmp_path)


@pytest.mark.fault(77)
def test_the_lock_ends_with_its_process_however_it_dies(tmp_path: Path) -> None:
    with another_process(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (tmp_path / "loopdesk.lock").exists()
        ProfileLock(Profile(tmp_path)).acquire()


def test_a_second_lock_in_one_process_is_refused_too(tmp_path: Path) -> None:
    with ProfileLock(Profile(tmp_path)), pytest.raises(AlreadyRunning):
        ProfileLock(Profile(tmp_path)).acquire()


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    first = ProfileLock(Profile(tmp_path))
    first.acquire()
    first.release()
    first.release()
    with ProfileLock(Profile(tmp_path)):
        assert (tmp_path / "loopdesk.lock").stat().st_mode & 0o777 == 0o600


def test_a_child_process_does_not_inherit_the_lock(tmp_path: Path) -> None:
    lock = ProfileLock(Profile(tmp_path))
    lock.acquire()
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    ) as child:
        lock.release()
        with ProfileLock(Profile(tmp_path)):
            assert child.poll() is None
        child.kill()


def test_a_left_over_file_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "loopdesk.lock").write_text("4711")
    with ProfileLock(Profile(tmp_path)):
        assert (tmp_path / "loopdesk.lock").exists()


def test_a_folder_that_cannot_hold_a_lock_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsWrong) as caught:
        ProfileLock(Profile(tmp_path / "file")).acquire()
    assert caught.value.key == "profile"
