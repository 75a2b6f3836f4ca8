"""Writes the figures of a torture run into ``docs/reliability.md``.

    TORTURE_JSON=build/torture.jsonl make torture
    python -m tests.torture.report build/torture.jsonl --command "make torture"

The newest line of each run stands in the table; what is said around it in the page is left alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.architecture import ROOT

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
DAMAGE = ("lost", "doubled", "reordered", "false_green", "stuck")
RARE = 3.0
"""No failure in N trials: with 95 % certainty fewer than 3 in N fail."""


def newest(lines: list[str]) -> list[dict[str, Any]]:
    """Return the last line of each run, in the order of their first."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        told = json.loads(line.removeprefix("torture "))
        found[told["name"]] = told
    return list(found.values())


def block(runs: list[dict[str, Any]], command: str, day: str, remark: str = "") -> str:
    """Return the marked part of the page.

    Args:
        remark: What else a reader must know of the run.
    """
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}"
    )
    head = (
        "run",
        "trials",
        "steps",
        "kills",
        "lost",
        "doubled",
        "reordered",
        "false green",
        "stuck",
        "bound",
        "s",
    )
    sound = [run for run in runs if not run["name"].startswith("control")]
    controls = [run for run in runs if run["name"].startswith("control")]
    out = [BEGIN, "", f"`{command}`, {day}, {machine}.", "", *([remark, ""] if remark else [])]
    out += [_row(head), _row(["---"] + ["--:"] * (len(head) - 1)), *map(_figures, sound)]
    if controls:
        out += ["", "The program broken on purpose; each must be found:", ""]
        out += [_row(("mutant", "walks until found", *DAMAGE)), _row(["---"] + ["--:"] * 6)]
        out += [
            _row((run["name"].removeprefix("control: "), run["trials"], *(run[name] for name in DAMAGE)))
            for run in controls
        ]
    more = [f"* {run['name']}: {_more(run)}" for run in runs if run["more"]]
    return "\n".join([*out, "", *more, "", END])


def _figures(run: dict[str, Any]) -> str:
    whole = sum(run[name] for name in DAMAGE) == 0
    count = run["kills"] or run["trials"]
    bound = f"< {RARE / count:.1g}" if whole and count else ""
    numbers = (run["trials"], run["steps"], run["kills"], *(run[name] for name in DAMAGE))
    return _row((run["name"], *numbers, bound, f"{run['seconds']:.0f}"))


def _more(run: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in run["more"].items())


def _row(cells: Any) -> str:
    return f"| {' | '.join(str(cell).replace('|', ';') for cell in cells)} |"


def written(page: str, text: str) -> str:
    """Return the page with another marked part.

    Raises:
        ValueError: The page has none.
    """
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if pattern.search(page) is None:
        raise ValueError(f"the page has no part between {BEGIN} and {END}")
    return pattern.sub(lambda _: text, page)


def main() -> int:
    """Write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("lines", type=Path, nargs="+", help="files that TORTURE_JSON named")
    parser.add_argument("--command", default="make torture", help="what was run, as it stands in the page")
    parser.add_argument("--remark", default="", help="a paragraph below that")
    given = parser.parse_args()
    lines = [line for file in given.lines for line in file.read_text(encoding="utf-8").splitlines()]
    day = datetime.now(UTC).date().isoformat()
    text = block(newest(lines), given.command, day, given.remark)
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
