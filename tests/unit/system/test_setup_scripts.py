"""The set-up on Linux: missing libraries are installed or named, and never stop it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "packaging" / "linux" / "setup-system.sh"
TOOLS = ("bash", "cat", "dirname", "find", "mktemp", "rm", "tail")


def rows() -> list[tuple[str, str]]:
    text = (SCRIPT.parent / "system-libraries.txt").read_text(encoding="utf-8")
    pairs = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return [(library, package) for library, package in pairs]


class Machine:
    """A machine made of a few stand-ins for system commands."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.home = folder / "home"
        self.called = folder / "called"
        self.bin.mkdir()
        (self.home / ".fonts").mkdir(parents=True)
        (self.home / ".fonts" / "one.ttf").touch()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found
            (self.bin / tool).symlink_to(found)
        self.command("uname", "echo Linux")
        self.user(root=True)
        self.libraries(library for library, _ in rows())

    def command(self, name: str, body: str) -> None:
        file = self.bin / name
        file.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        file.chmod(0o755)

    def user(self, *, root: bool) -> None:
        self.command("id", f"echo {0 if root else 1000}")

    def libraries(self, names: object) -> None:
        assert hasattr(names, "__iter__")
        listed = "\n".join(f"\t{name} (libc6,x86-64) => /lib/{name}" for name in names)
        self.command("ldconfig", f"cat <<'END'\n{listed}\nEND")

    def apt(self, code: int = 0) -> None:
        self.command("apt-get", f'echo "$*" >> {self.called}; exit {code}')

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        # The script adds the system's own folders behind these; a stand-in is found first.
        variables = {"PATH": str(self.bin), "HOME": str(self.home), **environ}
        return subprocess.run(
            [str(self.bin / "bash"), str(SCRIPT), *arguments],
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def apt_calls(self) -> list[str]:
        return self.called.read_text(encoding="utf-8").splitlines() if self.called.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_where_nothing_is_missing_nothing_happens(machine: Machine) -> None:
    machine.apt()
    done = machine.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert machine.apt_calls() == []


def test_root_gets_what_is_missing_installed(machine: Machine) -> None:
    machine.apt()
    machine.libraries(
        library for library, _ in rows() if library not in {"libEGL.so.1", "libxcb-cursor.so.0"}
    )
    done = machine.run("python3-venv")
    assert done.returncode == 0
    update, install = machine.apt_calls()
    assert update.endswith(" update")
    assert install.endswith(" install -y --no-install-recommends libegl1 libxcb-cursor0 python3-venv")


def test_a_library_of_a_longer_name_does_not_count(machine: Machine) -> None:
    machine.apt()
    machine.libraries(f"{library}00" for library, _ in rows())
    machine.run()
    assert " libgl1 " in machine.apt_calls()[-1]


def test_others_are_told_the_one_command(machine: Machine) -> None:
    machine.apt()
    machine.user(root=False)
    machine.libraries(())
    done = machine.run()
    assert done.returncode == 0
    assert machine.apt_calls() == []
    assert "    sudo apt-get install -y --no-install-recommends libegl1 libgl1 " in done.stderr


def test_without_a_network_the_set_up_goes_on(machine: Machine) -> None:
    machine.apt(code=100)
    machine.libraries(())
    done = machine.run()
    assert done.returncode == 0
    assert "could not install them" in done.stderr
    assert len(machine.apt_calls()) == 1


def test_wayland_is_asked_for_only_where_it_is_used(machine: Machine) -> None:
    machine.apt()
    machine.libraries(library for library, _ in rows() if not library.startswith("libwayland"))
    machine.run()
    assert machine.apt_calls() == []
    machine.run(WAYLAND_DISPLAY="wayland-0")
    assert machine.apt_calls()[-1].endswith("libwayland-client0 libwayland-cursor0")


def test_other_systems_are_left_alone(machine: Machine) -> None:
    machine.apt()
    machine.libraries(())
    machine.command("uname", "echo Darwin")
    assert (machine.run().returncode, machine.apt_calls()) == (0, [])


def test_each_library_is_listed_once_and_in_order() -> None:
    libraries = [library for library, _ in rows()]
    assert len(set(libraries)) == len(libraries) > 20
    assert {"libxcb-cursor.so.0", "libEGL.so.1", "libfontconfig.so.1", "libdbus-1.so.3"} <= set(libraries)


@pytest.mark.parametrize("name", ["packaging/setup.sh", "packaging/linux/setup-system.sh", ".ci/run"])
def test_a_script_can_be_run_and_stops_at_its_first_failure(name: str) -> None:
    file = ROOT / name
    text = file.read_text(encoding="utf-8")
    assert os.access(file, os.X_OK)
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in text
    subprocess.run(["bash", "-n", str(file)], check=True)
