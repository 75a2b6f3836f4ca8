"""A Windows machine for the rehearsal: our own wine prefix, with what wine lacks added to it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath

from windows.msi import COMPILER, HERE
from windows.running import Ended, Runner, end, expect

STUBS = {"bcryptprimitives": ("-ladvapi32",), "icuuc": (), "mscms": ()}
"""Libraries that wine 8 has not or not whole, and what ours are linked with. They go into the prefix and
never beside a program: PyInstaller would take them along."""

REFUSED = 1603 % 256
"""What is left of msiexec's "fatal error" where exit codes are bytes."""


_TEXT = re.compile(r'^"([^"]*)"="((?:[^"\\]|\\.)*)"', re.MULTILINE)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


class Wine:
    """One prefix.

    Args:
        prefix: Its folder.
        runner: Runs everything; its environment is set up here.
    """

    def __init__(self, prefix: Path, runner: Runner) -> None:
        self.prefix = prefix
        self.runner = runner
        runner.environ.update(
            WINEPREFIX=str(prefix),
            WINEARCH="win64",
            LC_ALL="C.UTF-8",
            WINEDEBUG="-all",
            WINEDLLOVERRIDES="mscoree,mshtml=;mscms=n",
        )

    @property
    def drive(self) -> Path:
        """Drive C."""
        return self.prefix / "drive_c"

    def file(self, windows_path: str) -> Path:
        """Return where a file of drive C lies."""
        return self.drive.joinpath(*PureWindowsPath(windows_path).parts[1:])

    @property
    def home(self) -> Path:
        """The folder of the only user."""
        return next(path for path in (self.drive / "users").iterdir() if path.name != "Public")

    def boot(self, stubs: Path) -> None:
        """Make the prefix: Windows 10, with the stubs compiled into ``stubs`` put into its system folder."""
        stubs.mkdir(parents=True, exist_ok=True)
        for name, linked in STUBS.items():
            source, dll = HERE / "stubs" / f"{name}.c", stubs / f"{name}.dll"
            strict = ("-O2", "-Wall", "-Wextra", "-Werror", "-fno-builtin", "-shared")
            self.runner.run(COMPILER, *strict, "-o", str(dll), str(source), *linked, limit=60)
        self.runner.run("wineboot", "-i", limit=180)
        self.runner.run("wine", "winecfg", "-v", "win10", limit=120)
        for name in STUBS:
            shutil.copy(stubs / f"{name}.dll", self.drive / "windows" / "system32")

    def run(self, *command: str, limit: float, given: str = "", code: int | None = 0) -> Ended:
        """Run a Windows program; paths are Windows' own, or this system's below drive Z."""
        return self.runner.run("wine", *command, limit=limit, given=given, code=code)

    @contextmanager
    def running(self, *command: str) -> Iterator[subprocess.Popen[str]]:
        """Keep a Windows program running during a ``with`` block."""
        self.runner.log.write(f"$ wine {' '.join(command)} &")
        process = self.runner.start("wine", *command)
        try:
            yield process
        finally:
            end(process)

    def registry(self, key: str) -> dict[str, str] | None:
        """Return the texts of a key in the registry's 64-bit view, by name; None when there is no such key.

        They come by a file: what a console prints has the characters of its code page only.
        """
        exported = self.prefix / "exported.reg"
        exported.unlink(missing_ok=True)
        self.run("reg", "export", key, z(exported), "/y", "/reg:64", limit=60, code=None)
        if not exported.exists():
            return None
        own, *_below = exported.read_text("utf-16").split("\n[")[1:]
        return {name: _unescaped(value) for name, value in _TEXT.findall(own)}

    def msiexec(self, *arguments: str, log: Path, code: int = 0, limit: float = 240) -> str:
        """Run the installer silently. Returns its log."""
        log.unlink(missing_ok=True)
        self.run("msiexec", *arguments, "/qn", "/norestart", "/l*v", z(log), limit=limit, code=code)
        expect(log.exists(), "msiexec wrote no log")
        text = log.read_bytes()
        return text.decode("utf-16" if text.startswith(b"\xff\xfe") else "utf-8", errors="replace")

    def stop(self) -> None:
        """End everything that runs in the prefix."""
        self.runner.run("wineserver", "-k", limit=60, code=None)
        self.runner.run("wineserver", "-w", limit=60, code=None)


def z(path: Path) -> str:
    """Return a path of this system as Windows programs under wine see it."""
    return "Z:" + str(path.absolute()).replace("/", "\\")
