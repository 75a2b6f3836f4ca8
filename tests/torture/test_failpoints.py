"""G2: the crash matrix. The program dies or fails before every statement and every transport step, one by
one."""

from __future__ import annotations

from random import Random

import pytest

from loopdesk.domain.outbox.actions import Kind
from tests.torture import figures
from tests.torture.matrix import OUTCOMES, Cell, run_cell

HOWS = ("kill", "error", "full")


@pytest.mark.fault(49, 50, 51, 52, 53, 54)
@pytest.mark.parametrize("how", HOWS)
def test_dying_or_failing_anywhere_breaks_no_promise(how: str) -> None:
    stride = figures.size("stride", 97, 1)
    found = figures.begin(f"crash matrix: {how}", 1)
    places = 0
    cells = [Cell(kind, outcome, how) for kind in sorted(Kind) for outcome in OUTCOMES]
    Random(figures.seed()).shuffle(cells)  # a run that is cut short has seen some of everything
    done = 0
    for number, cell in enumerate(cells):
        if not figures.has_time(found):
            break
        places += run_cell(cell, found, first=1 + number % stride, stride=stride)
        done += 1
    found.more["cells"], found.more["of"], found.more["places in them"] = done, len(cells), places
    found.end()
    assert found.trials > done
