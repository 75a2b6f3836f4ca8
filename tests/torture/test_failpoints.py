"""G2: the crash matrix. Dies or fails before every statement and every transport step, one by one."""

from __future__ import annotations

import pytest

from loopdesk.domain.actions import Kind
from tests.torture import figures
from tests.torture.matrix import OUTCOMES, Cell, run_cell

HOWS = ("kill", "error", "full")


@pytest.mark.parametrize("how", HOWS)
def test_dying_or_failing_anywhere_breaks_no_promise(how: str) -> None:
    stride = figures.size("stride", 97, 1)
    found = figures.begin(f"crash matrix: {how}", 1)
    places = 0
    for number, (kind, outcome) in enumerate((kind, name) for kind in sorted(Kind) for name in OUTCOMES):
        places += run_cell(Cell(kind, outcome, how), found, first=1 + number % stride, stride=stride)
    found.more["kinds"], found.more["outcomes"], found.more["places"] = len(Kind), len(OUTCOMES), places
    found.end()
    assert found.trials > len(Kind) * len(OUTCOMES)
