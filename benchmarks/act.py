"""From an act of the operator to the band's two answers: that it was taken, and what came of it."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from benchmarks.children import Child, environment, make_profile
from benchmarks.figures import Result, Series, say, show
from benchmarks.shop import fill

LINES = (3, 100)
ROUNDS = 20
WARM_UP = 2
GOAL = 3.0
BARE = "a bare label that says another text"
KEEPING = "the same, after a thread committed a row"

ACTS = (
    *("next_line", "previous_line", "grade_a", "undo", "grade_d", "undo", "grade_missing", "undo"),
    *("grade_wrong", "dismiss", "undo", "disposition_hold", "undo", "select_all", "rest_a", "undo"),
    *("extra_item", "dismiss", "note", "dismiss", "flag", "dismiss", "type_code", "dismiss"),
)
"""The commands of one round, which leave the return as it was."""

SPLIT = ("taken", "answered")


def measure(
    ours: Child, bare: Child, keeping: Child, folder_label: tuple[str, str]
) -> dict[str, list[Series]]:
    """Give every command in turn at the bench, and change the label of both floors as often."""
    code, order_name = folder_label
    ours.ask({"open": code, "order_name": order_name})
    rows: list[tuple[float, float, float, float]] = []
    for number in range(WARM_UP + ROUNDS):
        for command in ACTS:
            told = ours.ask({"command": command})
            ask = {"text": f"{command} {number}"}
            if number >= WARM_UP:
                rows.append((told["taken"], told["answered"], bare.ask(ask)["ms"], keeping.ask(ask)["ms"]))
    taken, answered, said, kept = (Series(values) for values in zip(*rows, strict=True))
    return {"taken": [taken, said], "answered": [answered, kept]}


def _late(series: Series) -> float:
    """Return what 99 of 100 stay below."""
    return sorted(series.values)[int(len(series.values) * 0.99)]


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as name:
        folder = Path(name)
        environ = environment(folder)
        profile = make_profile(folder / "shop")
        labels = asyncio.run(fill(profile, len(LINES), dict.fromkeys(LINES, 1)))
        for lines in LINES:
            with (
                Child(environ, "benchmarks.act_child", str(profile)) as ours,
                Child(environ, "benchmarks.act_floor") as bare,
                Child(environ, "benchmarks.act_floor", str(profile)) as keeping,
            ):
                label = labels[lines][0]
                taken = measure(ours, bare, keeping, (label.code, label.order_name))
            for split, floor in zip(SPLIT, (BARE, KEEPING), strict=True):
                figure, beside = taken[split]
                what = f"act: a command until the band shows that it was {split}, {lines} lines"
                show(Result(what, floor, "ms", figure, beside, GOAL))
                say(f"  99 of 100 below {_late(figure):.1f} ms, of the floor below {_late(beside):.1f} ms")


if __name__ == "__main__":
    main()
