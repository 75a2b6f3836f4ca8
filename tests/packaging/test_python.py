"""Which interpreter a build takes: the one that was named, by its command or by its version."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import ROOT

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the scripts of the shell are not for Windows"
)

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
EXACTLY = ".".join(map(str, sys.version_info[:3]))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder of commands that holds this Python as ``python3``, and a Python that is too old."""
    for name in ("bash", "env"):
        found = subprocess.check_output(["which", name], text=True).strip()
        (tmp_path / name).symlink_to(found)
    (tmp_path / "python3").symlink_to(sys.executable)
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    return tmp_path


def chosen(path: Path, wanted: str) -> tuple[int, str]:
    environ = {"PATH": str(path), "PYTHON": wanted, "HOME": os.environ.get("HOME", "/")}
    script = str(ROOT / "packaging" / "python.sh")
    ran = subprocess.run([path / "bash", script], env=environ, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout.strip() or ran.stderr.strip()


@pytest.mark.parametrize("wanted", ["", "python3", HERE, EXACTLY])
def test_a_python_is_found_by_its_command_and_by_its_version(path: Path, wanted: str) -> None:
    assert chosen(path, wanted) == (0, "python3")


def test_the_command_that_a_version_is_called_by_comes_first(path: Path) -> None:
    (path / f"python{HERE}").symlink_to(sys.executable)
    assert chosen(path, HERE) == (0, f"python{HERE}")


@pytest.mark.parametrize("wanted", ["3.99", "python3.9", "3.9", "2.7", "/nowhere/python"])
def test_a_python_that_is_not_there_or_too_old_ends_the_build_by_its_name(path: Path, wanted: str) -> None:
    code, said = chosen(path, wanted)
    assert code == 1
    assert f"PYTHON is {wanted}" in said


def test_no_machine_without_a_python_gets_further(path: Path) -> None:
    (path / "python3").unlink()
    code, said = chosen(path, "")
    assert code == 1
    assert "needs Python 3.11" in said


def test_a_workflow_sets_no_name_for_all_its_steps_that_a_script_reads() -> None:
    """``PYTHON: "3.13"`` for the workflow was taken for the interpreter by the scripts that it ran."""
    scripts = [*ROOT.glob("packaging/**/*.sh"), *ROOT.glob("packaging/**/*.ps1"), ROOT / "Makefile"]
    texts = [file.read_text("utf-8") for file in scripts]
    for workflow in (ROOT / ".github" / "workflows").glob("*.yml"):
        head = workflow.read_text("utf-8").partition("\njobs:")[0].partition("\nenv:\n")[2]
        for name in re.findall(r"^  ([A-Z_]+):", head, re.MULTILINE):
            used = re.compile(rf"\$\{{?{name}\b|\$env:{name}\b|\$\({name}\)")
            assert not [text for text in texts if used.search(text)], f"{workflow.name}: {name}"


STAND_IN = """\
#!/bin/sh
# Makes an environment of another such stand-in, and is this Python for everything else.
if [ "$2" = venv ]; then
    echo "$*" >>"{made}"
    mkdir -p .venv/bin
    cp "{inner}" .venv/bin/python
    exit
fi
exec "{python}" "$@"
"""

INNER = """\
#!/bin/sh
case "$*" in *sys.version*) printf '%s\\n' {version} ;; esac
"""


@pytest.mark.parametrize("same", [True, False])
def test_an_environment_of_another_python_is_made_anew(tmp_path: Path, same: bool) -> None:
    """What was set up with one Python is not taken for what another one was asked for."""
    root, made, inner = tmp_path / "checkout", tmp_path / "made", tmp_path / "inner"
    (root / "packaging" / "linux").mkdir(parents=True)
    (root / "requirements").mkdir()
    for name in ("setup.sh", "python.sh"):
        shutil.copy(ROOT / "packaging" / name, root / "packaging" / name)
    for empty in ("packaging/linux/setup-system.sh", "requirements/dev.txt", "pyproject.toml"):
        (root / empty).touch()
    before = root / ".venv" / "bin"
    before.mkdir(parents=True)
    _write(inner, INNER.format(version=shlex.quote(sys.version)))
    _write(before / "python", INNER.format(version=shlex.quote(sys.version if same else "3.9.1 of before")))
    (before / "pip").write_text(f"#!{before}/python\n")
    _write(tmp_path / "wanted", STAND_IN.format(made=made, inner=inner, python=sys.executable))
    ended = subprocess.run(
        ["bash", "packaging/setup.sh"],
        cwd=root,
        env={**os.environ, "PYTHON": str(tmp_path / "wanted")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert made.exists() is not same


def _write(file: Path, script: str) -> None:
    file.write_text(script, encoding="utf-8")
    file.chmod(0o755)
