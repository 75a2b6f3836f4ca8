"""Freezes the program for this system and inspects the result: ``python -m freeze.build``.

Nothing that was built is run; ``freeze.trial`` and ``freeze.negative`` do that.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from freeze import contents, licences, missing, needs, sbom, version

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
FROZEN = BUILD / "frozen" / ("loopdesk.app" if sys.platform == "darwin" else "loopdesk")
WARNINGS = BUILD / "work" / "loopdesk" / "warn-loopdesk.txt"


def freeze() -> None:
    """Run PyInstaller; its output is kept in a file and shown if it fails."""
    log = BUILD / "pyinstaller.log"
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(BUILD / "frozen"), "--workpath", str(BUILD / "work")]
    environ = {**os.environ, "PYTHONHASHSEED": "0"}  # the same sources, the same bytes
    with log.open("w", encoding="utf-8") as out:
        ran = subprocess.run(
            [*command, str(ROOT / "packaging" / "loopdesk.spec")],
            cwd=ROOT,
            env=environ,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if ran.returncode:
        sys.exit(f"{log.read_text('utf-8')}\nfreeze: PyInstaller ended with {ran.returncode}")


def problems(folder: Path, warnings: Path, system: str) -> Iterator[str]:
    """Return what is wrong with a frozen folder of any system.

    Args:
        warnings: What PyInstaller wrote about missing modules.
    """
    may = contents.allowed(system)
    yield from contents.problems(folder, system)
    yield from licences.absent(contents.places(folder), ROOT, system)
    yield from missing.unexpected(warnings.read_text("utf-8"), may.missing)
    if system != "macos":
        asked = needs.read(folder)
        yield from needs.dangling(asked, may.system)
        yield from needs.idle(asked)


def main() -> int:
    """Freeze and inspect. Returns 1 if something is wrong."""
    BUILD.mkdir(exist_ok=True)
    freeze()
    system = contents.this_system()
    found = list(problems(FROZEN, WARNINGS, system))
    for problem in found:
        print(f"freeze: {problem}", file=sys.stderr)
    listed = BUILD / sbom.name(version.read(ROOT), system, platform.machine())
    listed.write_text(sbom.text(ROOT), encoding="utf-8")
    files = len(contents.places(FROZEN))
    print(f"freeze: {files} files, {contents.size(FROZEN):.1f} MB in {FROZEN.relative_to(ROOT)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
