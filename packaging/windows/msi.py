"""Makes the MSI from a frozen folder with wixl, finishes it where wixl cannot, and reads it back.

    python -m windows.msi FROZEN_FOLDER MSI [--version X.Y.Z]

runs on Linux, also for the release: the tool that is rehearsed is the tool that ships.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from freeze import version

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WXS = HERE / "installer" / "loopdesk.wxs"
ACTIONS = HERE / "installer" / "actions.c"
ICON = HERE.parent / "icon" / "loopdesk.ico"
COMPILER = "x86_64-w64-mingw32-gcc"
UPGRADE_CODE = "{E8916508-AA0B-40D8-A338-9245298433B0}"
"""Says to Windows which installers are versions of one another; never changed."""

MSI_MB = 50.0
"""The largest size allowed for the MSI; the folder's limit is in ``contents.toml``."""

CONDITIONS = {"Station": "STATION", "SettingsFile": "SETTINGSFILE", "Autostart": 'AUTOSTART = "1"'}
"""When a component is installed; wixl has no conditions of components."""

PROPERTIES = ("STATION", "SETTINGSFILE", "AUTOSTART", "WAITSECONDS")
"""What may be given to ``msiexec``; named to it as safe to hand to its service."""

SEQUENCE = {
    # Former values are read by AppSearch (50) and stand in for what was not given.
    "KeepStation": 61,
    "KeepSettingsFile": 62,
    "KeepAutostart": 63,
    # After the folders are known (1000), before anything is looked at or changed.
    "RefuseWhileRunning": 1310,
    "NameGuarded": 1410,
    "NameLeft": 1411,
    "NameCounter": 1412,
    # Inside the transaction (1500 to 6600): a failure puts the former version back. The former version
    # goes before anything else is written into the script.
    "RemoveExistingProducts": 1505,
    "TellWaiting": 1510,
    "GuardMachineFolder": 1511,
    "LeaveMachineFolder": 6590,
}
"""The place of every action that is not a standard one; wixl would choose places by itself."""


def build(folder: Path, msi: Path, numbers: str, icon: Path = ICON, actions: Path | None = None) -> None:
    """Make an MSI of a frozen folder.

    Args:
        numbers: The version, three numbers.
        actions: The compiled actions; compiled when None.

    Raises:
        RuntimeError: wixl printed anything at all.
    """
    version.three(numbers)
    with tempfile.TemporaryDirectory(prefix="loopdesk-msi-") as name:
        work = Path(name)
        # wixl takes every path from the folder that it runs in.
        (work / "frozen").symlink_to(folder.absolute())
        shutil.copy(icon, work / "loopdesk.ico")
        shutil.copy(actions, work / "actions.dll") if actions else compile_actions(work / "actions.dll")
        shutil.copy(WXS, work / "loopdesk.wxs")
        (work / "files.wxs").write_text(file_list(folder), encoding="utf-8")
        values = {
            "Win64": "yes",
            "Version": numbers,
            "SourceDir": "frozen",
            "Icon": "loopdesk.ico",
            "Actions": "actions.dll",
        }
        defined = [word for key, value in values.items() for word in ("-D", f"{key}={value}")]
        said = _run("wixl", "-a", "x64", *defined, "-o", "out.msi", "loopdesk.wxs", "files.wxs", folder=work)
        if said.strip():
            raise RuntimeError(f"wixl: {said}")
        finish(work / "out.msi")
        shutil.move(work / "out.msi", msi)


def compile_actions(dll: Path) -> None:
    """Compile what the installer does besides copying files; it needs nothing but Windows itself."""
    strict = ("-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-static", "-s")
    _run(COMPILER, *strict, "-o", str(dll), str(ACTIONS), "-lmsi", "-ladvapi32")


def file_list(folder: Path) -> str:
    """Return the fragment that names every file; the same file has the same component in every version."""
    names = sorted(f"./{path.relative_to(folder).as_posix()}" for path in folder.rglob("*"))
    order = (
        "--component-group",
        "Frozen",
        "--var",
        "var.SourceDir",
        "--directory-ref",
        "INSTALLDIR",
        "--win64",
    )
    # It looks at each name, to tell a folder from a file.
    return _run("wixl-heat", "-p", "./", *order, folder=folder, given="\n".join(names) + "\n")


def finish(msi: Path) -> None:
    """Add to the tables what wixl cannot."""
    statements = [
        f"UPDATE `Component` SET `Condition` = '{condition}' WHERE `Component` = '{name}'"
        for name, condition in CONDITIONS.items()
    ]
    statements += [
        f"UPDATE `InstallExecuteSequence` SET `Sequence` = {place} WHERE `Action` = '{name}'"
        for name, place in SEQUENCE.items()
    ]
    secure = ";".join(("WIX_UPGRADE_DETECTED", "WIX_DOWNGRADE_DETECTED", *PROPERTIES))
    statements.append(
        f"UPDATE `Property` SET `Value` = '{secure}' WHERE `Property` = 'SecureCustomProperties'"
    )
    _run("msibuild", str(msi), "-q", *statements)


def table(msi: Path, name: str) -> list[list[str]]:
    """Return the rows of a table; empty when the MSI has no such table."""
    lines = _run("msiinfo", "export", str(msi), name).replace("\r", "").splitlines()
    return [line.split("\t") for line in lines[3:]]


def properties(msi: Path) -> Mapping[str, str]:
    """Return the properties of an MSI."""
    return {row[0]: row[1] for row in table(msi, "Property")}


def extract(msi: Path, folder: Path) -> Path:
    """Take an MSI's files out. Returns the folder that would be the installed one."""
    _run("msiextract", "-C", str(folder), str(msi))
    return next(path.parent for path in folder.rglob("loopdesk.exe"))


def _run(*command: str, folder: Path | None = None, given: str | None = None) -> str:
    """Run a tool and return what it printed, standard error included."""
    done = subprocess.run(
        command,
        cwd=folder,
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        timeout=300,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stdout}")
    return done.stdout


def main() -> None:
    """Make an MSI of a folder that was frozen and signed before."""
    parser = argparse.ArgumentParser(description="Make the MSI of a frozen folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("msi", type=Path)
    parser.add_argument("--version", default=version.read(ROOT))
    parser.add_argument("--actions", type=Path, help="the compiled and signed actions")
    chosen = parser.parse_args()
    build(chosen.folder, chosen.msi, chosen.version, actions=chosen.actions)


if __name__ == "__main__":
    main()
