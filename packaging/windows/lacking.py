"""Copies of the frozen program that each lack one part: the smoke test must see every one of them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from windows.running import expect
from windows.trial import SMOKE_SECONDS
from windows.wine import Wine, z

PARTS = {
    "key store": "keyring-*.dist-info",
    "SVG": "Qt6Svg.dll",
    "platform": "qwindows.dll",
    "sound": "resources/sounds/*.wav",
    "translation": "qtbase_*.qm",
}
"""What is taken away, by the name of the trial: the first that fits the pattern."""


def try_without_each(wine: Wine, frozen: Path, work: Path) -> str:
    """Run the smoke test on each copy. Returns how many were seen through."""
    for name, pattern in PARTS.items():
        copy = work / "lacking"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(frozen, copy, copy_function=os.link)
        part = next(iter(sorted((copy / "_internal").rglob(pattern))), None)
        expect(part, f"there is no {pattern} to take away")
        assert part is not None
        shutil.rmtree(part) if part.is_dir() else part.unlink()
        report = z(work / f"without-{name.replace(' ', '-')}.json")
        ended = wine.run(
            z(copy / "loopdesk.exe"), "--smoke", "--report", report, limit=SMOKE_SECONDS, code=None
        )
        expect(ended.code != 0, f"without its {name} the program says that it is whole")
        shutil.rmtree(copy)
    return f"without {', '.join(PARTS)}: each is noticed"
