"""The smoke test's negative control: removes parts from copies of the program; ``--smoke`` must notice each.

python -m freeze.negative
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from freeze import build, contents
from freeze.trial import Place, Ran, private_home, smoke

AT_ONCE = 3
"""A run mostly waits, for an undo window or an answer."""


@dataclass(frozen=True, slots=True)
class Case:
    """One part that is taken out.

    Attributes:
        pattern: The files, as in ``contents.toml``.
        check: The check that must fail, or be the one that the program dies at.
        not_on: The system, as in ``contents.toml``, whose folder does not have it; "" if every one does.
    """

    part: str
    pattern: str
    check: str
    not_on: str = ""


CASES = (
    Case("keyring's description", "**/keyring-*.dist-info/*", "key store"),
    Case("the SVG plugin", "**/plugins/imageformats/{lib,}qsvg.*", "image formats"),
    Case("the WebP plugin", "**/plugins/imageformats/{lib,}qwebp.*", "image formats"),
    Case("the SVG library", "**/{libQt6Svg.so.6,Qt6Svg.dll}", "svg"),
    Case("the platform plugins", "**/plugins/platforms/*", "first paint"),
    Case("a sound", "**/resources/sounds/done.wav", "sounds"),
    Case("Qt's own words", "**/translations/qtbase_de.qm", "languages"),
    Case("a catalogue", "**/locales/de/LC_MESSAGES/loopdesk.mo", "languages"),
    Case("an icon", "**/resources/icons/check.svg", "svg"),
    Case("what draws and reads codes", "**/zxingcpp/zxingcpp.*", "printed sheet"),
    Case("what compiled libraries share", "**/_cffi_backend.*", "sounds"),
    Case("Qt's module for cameras", "**/QtMultimedia.*", "camera", not_on="linux"),
    Case("the system's way to cameras", "**/plugins/multimedia/*", "camera", not_on="linux"),
)


def cases(system: str) -> tuple[Case, ...]:
    """Return what is taken out of the folder of a system."""
    return tuple(case for case in CASES if case.not_on != system)


def take_out(folder: Path, case: Case) -> int:
    """Remove a case's files from a copy. Returns how many there were."""
    found = [place for place in contents.places(folder) if contents.matches(place, [case.pattern])]
    for place in found:
        (folder / place).unlink()
    return len(found)


def verdict(case: Case, removed: int, ran: Ran) -> str:
    """Return what is wrong with a run that should have failed; "" if it failed as it should."""
    if not removed:
        return "there was nothing to take out"
    if ran.code == 0 or ran.report.get("ok"):
        return "the program found itself whole"
    if case.check not in ran.failed:
        return f"{case.check!r} should have failed, not {ran.failed}"
    return ""


def play(case: Case) -> str:
    """Make a copy, take the part out, run it. Returns what is wrong, "" when nothing."""
    with tempfile.TemporaryDirectory(prefix="loopdesk-without-") as name, private_home() as home:
        Path(name).chmod(0o755)
        copy = Path(name) / build.FROZEN.name
        shutil.copytree(build.FROZEN, copy, symlinks=True)
        removed = take_out(copy, case)
        return verdict(case, removed, smoke(copy / "loopdesk", Place(home)))


def main() -> int:
    """Run every case. Returns 1 if the program missed one."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        verdicts = list(pool.map(play, known := cases(contents.this_system())))
    for case, wrong in zip(known, verdicts, strict=True):
        out = sys.stderr if wrong else sys.stdout
        print(f"negative: without {case.part}: {wrong or 'noticed'}", file=out)
    return 1 if any(verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
