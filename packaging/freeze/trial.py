"""Runs the frozen program's ``--smoke`` in bare environments, and reads its report.

    python -m freeze.trial [PROGRAM]

The folder cannot be written, the home is empty, the sources are elsewhere, and anything on standard error is
a failure. Once without a screen and, on Linux, once on a private one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from freeze import build, version

LIMIT_SECONDS = 180
NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run of ``--smoke`` ended; ``report`` is empty when none was written."""

    code: int
    err: str
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def failed(self) -> list[str]:
        """The names of the checks that failed, and of the one that it was killed at."""
        checks = self.report.get("checks", [])
        names = [check["name"] for check in checks if not check["ok"]]
        return [*names, *filter(None, [self.report.get("running")])]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run happens: an empty home, and a user who cannot write to the program's folder."""

    home: Path
    platform: str = "offscreen"
    display: str = ""

    def environ(self) -> dict[str, str]:
        """Return the program's whole environment."""
        kept = ("SYSTEMROOT", "PATH", "WINEPREFIX", "WINEDEBUG")
        environ = {name: os.environ[name] for name in kept if name in os.environ}
        environ |= {"HOME": str(self.home), "TMPDIR": str(self.home), "LANG": "C.UTF-8"}
        environ |= {"QT_QPA_PLATFORM": self.platform}
        return environ | ({"DISPLAY": self.display} if self.display else {})


def smoke(program: Path, place: Place) -> Ran:
    """Run ``--smoke`` of a program; one that does not end is killed and has failed."""
    report = place.home / "report.json"
    report.unlink(missing_ok=True)
    user = {"user": NOBODY, "group": NOBODY} if os.name == "posix" and os.getuid() == 0 else {}
    try:
        ran = subprocess.run(
            [str(program), "--smoke", "--report", str(report)],
            cwd=place.home,
            env=place.environ(),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=LIMIT_SECONDS,
            check=False,
            **user,  # type: ignore[call-overload]  # the names of two optional arguments
        )
        code, err = ran.returncode, ran.stderr
    except subprocess.TimeoutExpired:
        code, err = -1, f"did not end within {LIMIT_SECONDS} s"
    said = json.loads(report.read_text("utf-8")) if report.exists() else {}
    return Ran(code, err, said)


@contextmanager
def private_home() -> Iterator[Path]:
    """Make an empty home for whoever runs the program."""
    with tempfile.TemporaryDirectory(prefix="loopdesk-trial-") as name:
        home = Path(name)
        if os.name == "posix" and os.getuid() == 0:
            os.chown(home, NOBODY, NOBODY)
        yield home


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Copy a frozen folder to where nobody may write it and no source is near."""
    with tempfile.TemporaryDirectory(prefix="loopdesk-installed-") as name:
        copy = Path(name) / folder.name
        shutil.copytree(folder, copy, symlinks=True)
        Path(name).chmod(0o755)
        _make_writable(copy, False)
        try:
            yield copy
        finally:
            _make_writable(copy, True)


def _make_writable(folder: Path, writable: bool) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o200 if writable else mode & ~0o222)


@contextmanager
def screen() -> Iterator[str]:
    """Start a screen of our own and give its name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-ac"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def complaints(ran: Ran, wanted_version: str) -> Iterator[str]:
    """Return what is wrong with a run that should have succeeded."""
    if ran.code or not ran.report.get("ok"):
        found = {check["name"]: check["found"] for check in ran.report.get("checks", [])}
        yield from (f"{name}: {found.get(name, 'never ended')}" for name in ran.failed)
        yield f"it ended with {ran.code}"
    if ran.err.strip():
        yield f"it wrote to standard error: {ran.err.strip()}"
    if ran.report.get("frozen") is not True:
        yield "it is not the frozen program"
    if ran.report.get("version") != wanted_version:
        yield f"it is version {ran.report.get('version')}, not {wanted_version}"


def main(arguments: list[str]) -> int:
    """Run it in every environment. Returns 1 if one failed."""
    program = Path(arguments[0]).absolute() if arguments else None
    wrong = []
    with read_only(build.FROZEN) as copy, private_home() as home:
        program = program or copy / "loopdesk"
        places = [Place(home)]
        if sys.platform.startswith("linux"):
            with screen() as display:
                places.append(Place(home, "xcb", display))
                wrong = [text for place in places for text in _try(program, place)]
        else:
            wrong = [text for place in places for text in _try(program, place)]
    return 1 if wrong else 0


def _try(program: Path, place: Place) -> list[str]:
    ran = smoke(program, place)
    found = list(complaints(ran, version.read(build.ROOT)))
    checks = len(ran.report.get("checks", []))
    print(f"trial: {place.platform}: {checks} checks, {'wrong' if found else 'all well'}")
    for text in found:
        print(f"trial: {place.platform}: {text}", file=sys.stderr)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
