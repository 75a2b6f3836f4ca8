"""The counts and the sizes of the torture.

A test makes one ``Figures`` with ``figures.begin(name, seed)`` and counts while it runs. At the end of the
session all of them are printed as one table and as one line of JSON each (``torture {...}``), so that the
reliability page can quote them. ``TORTURE_JSON`` names a file that a line is appended to when its run ends.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.torture.broken import Broken

DAMAGE = ("lost", "doubled", "reordered", "false_green", "stuck")
"""The five columns that must be zero everywhere but in the controls."""


@dataclass(slots=True)
class Figures:
    """The counts of one run.

    Attributes:
        name: Of the run, as in the table.
        seed: Where its random part began.
        trials: Independent runs in it.
        steps: Things that happened in them; requests, statements or images where that says more.
        kills: How often the program was killed.
        lost, doubled, reordered, false_green, stuck: Broken promises by kind; zero in a sound program.
        more: Other figures by name.
    """

    name: str
    seed: int = 0
    trials: int = 0
    steps: int = 0
    kills: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    false_green: int = 0
    stuck: int = 0
    seconds: float = 0.0
    more: dict[str, float | int | str] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter, repr=False)
    is_written: bool = False

    @contextmanager
    def trial(self, where: Callable[[], str]) -> Iterator[None]:
        """Count one trial, and a broken promise in its column; whatever fails says where it was."""
        try:
            yield
        except BaseException as failure:
            if isinstance(failure, Broken):
                self.broke(failure)
            failure.add_note(where())
            raise
        finally:
            self.trials += 1

    def broke(self, failure: Broken) -> None:
        """Count a broken promise in its column."""
        setattr(self, failure.damage, getattr(self, failure.damage) + 1)

    def end(self) -> None:
        """Stop the time of the run."""
        self.seconds = round(time.perf_counter() - self.began, 1)

    def as_line(self) -> str:
        """Write them as one line of JSON."""
        values = asdict(self)
        del values["began"], values["is_written"]
        return "torture " + json.dumps(values, sort_keys=True)


ALL: list[Figures] = []
"""The figures of this session, in the order in which their runs began."""


def begin(name: str, seed: int = 0) -> Figures:
    """Begin the figures of a run; they appear in the closing table."""
    made = Figures(name, seed)
    ALL.append(made)
    return made


def is_full() -> bool:
    """Whether the long sizes were asked for."""
    return os.environ.get("TORTURE", "") == "full"


def size(name: str, short: int, full: int, a_minute: int = 0) -> int:
    """Return how large something is: ``TORTURE_<NAME>`` when it is set, else short or full.

    Args:
        a_minute: For a run that cannot stop in between: so much of it fits into each of the minutes that
            ``TORTURE_MINUTES`` grants.
    """
    given = os.environ.get(f"TORTURE_{name.upper()}", "")
    if given:
        return int(given)
    minutes = os.environ.get("TORTURE_MINUTES", "")
    if is_full() and a_minute and minutes:
        return max(short, min(full, int(a_minute * float(minutes))))
    return full if is_full() else short


def has_time(one: Figures) -> bool:
    """Whether a run may go on: ``TORTURE_MINUTES`` bounds each; without it only its size does."""
    minutes = os.environ.get("TORTURE_MINUTES", "")
    return not minutes or time.perf_counter() - one.began < float(minutes) * 60.0


def seed() -> int:
    """Return the seed of the random parts."""
    return int(os.environ.get("TORTURE_SEED", "20260320"))


def table() -> list[str]:
    """Write the closing table, one line a run."""
    head = ("run", "seed", "trials", "steps", "kills", *DAMAGE, "seconds")
    rows = [head, *(_row(each) for each in ALL)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
    lines = [
        "  ".join(_cell(text, width, n) for n, (text, width) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]
    return lines + [f"{each.name}: {_more(each)}" for each in ALL if each.more]


def _more(one: Figures) -> str:
    return ", ".join(f"{name} {value}" for name, value in one.more.items())


def _cell(text: str, width: int, n: int) -> str:
    return text.ljust(width) if n == 0 else text.rjust(width)


def _row(one: Figures) -> tuple[str, ...]:
    numbers = (one.seed, one.trials, one.steps, one.kills, *(getattr(one, name) for name in DAMAGE))
    return (one.name, *(str(number) for number in numbers), f"{one.seconds:.1f}")


def write_new() -> None:
    """Append what was not written yet to the file that ``TORTURE_JSON`` names."""
    target = os.environ.get("TORTURE_JSON", "")
    fresh = [each for each in ALL if not each.is_written]
    if target and fresh:
        with Path(target).open("a", encoding="utf-8") as file:
            file.write("".join(f"{each.as_line()}\n" for each in fresh))
        for each in fresh:
            each.is_written = True
