"""The Debian package refuses to replace a program that is open, or waits for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from freeze import deb

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc and the package")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Something that runs from a place of its own until its input ends."""
    copy = tmp_path / "lib" / "loopdesk"
    copy.parent.mkdir()
    shutil.copy(shutil.which("cat") or "/bin/cat", copy)
    return copy


@pytest.fixture
def opened(program: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b"it runs\n")
        child.stdin.flush()
        assert child.stdout.readline() == b"it runs\n"
        yield child


def ran(program: Path, moment: str, action: str, seconds: str = "") -> subprocess.Popen[str]:
    """Start one of the package's two scripts as dpkg does."""
    script = program.parent / f"loopdesk.{moment}"
    script.write_text(deb.maintainer_script(str(program)), encoding="utf-8")
    script.chmod(0o755)
    environ = {**os.environ, "LOOPDESK_WAIT_SECONDS": seconds or "0"}
    return subprocess.Popen([script, action], env=environ, text=True, stdout=-1, stderr=-1)


@pytest.mark.parametrize(
    ("moment", "action"), [("preinst", "install"), ("preinst", "upgrade"), ("prerm", "remove")]
)
def test_an_open_program_is_neither_replaced_nor_removed(
    program: Path, opened: subprocess.Popen[bytes], moment: str, action: str
) -> None:
    with ran(program, moment, action) as script:
        _, err = script.communicate(timeout=60)
    assert script.returncode == 1
    assert f"process {opened.pid}" in err
    assert "nothing was changed" in err


def test_the_older_packages_script_leaves_an_upgrade_to_the_newer_one(
    program: Path, opened: subprocess.Popen[bytes]
) -> None:
    with ran(program, "prerm", "upgrade") as script:
        script.communicate(timeout=60)
    assert script.returncode == 0


@pytest.mark.parametrize(("moment", "action"), [("preinst", "upgrade"), ("prerm", "remove")])
def test_nothing_stands_in_the_way_when_it_is_closed(program: Path, moment: str, action: str) -> None:
    with ran(program, moment, action) as script:
        out, err = script.communicate(timeout=60)
    assert (script.returncode, out, err) == (0, "", "")


def test_it_waits_for_the_window_to_be_closed(program: Path, opened: subprocess.Popen[bytes]) -> None:
    with ran(program, "preinst", "upgrade", seconds="300") as script:
        assert script.stdout is not None
        assert "waiting up to 300 s" in script.stdout.readline()
        assert opened.stdin is not None
        opened.stdin.close()
        opened.wait()
        script.communicate(timeout=60)
    assert script.returncode == 0


def test_the_scripts_name_the_program_where_the_package_puts_it(tmp_path: Path) -> None:
    frozen = tmp_path / "frozen"
    frozen.mkdir()
    (frozen / "loopdesk").touch()
    root = tmp_path / "root"
    root.mkdir()
    deb.lay_out(frozen, root)
    assert (root / deb.PROGRAM.lstrip("/")).is_file()
    assert f"program={deb.PROGRAM}\n" in deb.maintainer_script()
