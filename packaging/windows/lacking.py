"""Runs copies of the frozen program that each lack one part: the smoke test must notice every one of them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from freeze.negative import cases, take_out, verdict
from freeze.trial import Ran

from windows.running import expect
from windows.trial import SMOKE_SECONDS
from windows.wine import Wine, z

_CASES = cases("windows")


def try_without_each(wine: Wine, frozen: Path, work: Path) -> str:
    """Run the smoke test on each copy. Returns what was noticed."""
    for case in _CASES:
        copy = work / "lacking"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(frozen, copy, copy_function=os.link)
        removed = take_out(copy, case)
        wrong = verdict(case, removed, _smoke(wine, copy, work / "lacking.json"))
        expect(not wrong, f"without {case.part}: {wrong}")
        shutil.rmtree(copy)
    return f"without {_parts()}: each is noticed"


def _parts() -> str:
    return ", ".join(case.part for case in _CASES)


def _smoke(wine: Wine, copy: Path, report: Path) -> Ran:
    report.unlink(missing_ok=True)
    program, limit = z(copy / "loopdesk.exe"), SMOKE_SECONDS
    ended = wine.run(program, "--smoke", "--report", z(report), limit=limit, code=None)
    found = json.loads(report.read_text("utf-8")) if report.exists() else {}
    return Ran(ended.code, ended.out, found)
