"""Thousands of 2D codes of numbers and command words: nothing is kept, no line is decided."""

from __future__ import annotations

import pytest

from tests.square_codes import SquareCodes, a_bench
from tests.torture import figures

A_BENCH = 250
"""This many are scanned at one bench."""


@pytest.mark.fault(148)
async def test_no_square_code_of_thousands_keeps_anything() -> None:
    count = figures.size("square_codes", 1_000, 10_000)
    counts = figures.begin("square codes", figures.seed())
    kept = decided = 0
    for first in range(0, count, A_BENCH):
        if not figures.has_time(counts):
            break
        rig = await a_bench()
        try:
            played = await SquareCodes(rig, seed=figures.seed() + first).play(A_BENCH)
        finally:
            await rig.close()
        counts.trials, counts.steps = counts.trials + played.codes, counts.steps + played.scans
        kept, decided = kept + played.kept, decided + played.decided
    counts.end()
    counts.more = {"kept": kept, "lines decided": decided}
    assert (kept, decided) == (0, 0)
