"""G8: answers that end early, at any byte, in the whole program: nothing doubled, no false green."""

from __future__ import annotations

from random import Random

import pytest

from tests.torture import figures
from tests.torture.cuts import cases, run_case


@pytest.mark.fault(10)
def test_an_answer_that_ends_at_any_byte_doubles_and_fakes_nothing() -> None:
    stride = figures.size("cut_stride", 900, 1)
    found = figures.begin("answers cut at every byte", figures.seed())
    every = list(cases())
    Random(found.seed).shuffle(every)  # a run that is cut short has seen some of everything
    done = size = 0
    for number, case in enumerate(every):
        if not figures.has_time(found):
            break
        size += run_case(case, found, first=(7 * number) % stride % 150, stride=stride)
        done += 1
    found.more["answers"], found.more["of"], found.more["bytes in them"] = done, len(every), size
    found.end()
    assert (found.doubled, found.false_green, found.lost, found.stuck) == (0, 0, 0, 0)
    assert found.trials >= done
