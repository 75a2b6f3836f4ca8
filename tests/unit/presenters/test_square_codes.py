"""A shopper's 2D code with several lines opens what its first line names, and settles nothing."""

from __future__ import annotations

import pytest

from tests.square_codes import SquareCodes, a_bench

COUNT = 150
"""Here; the torture plays ten thousand."""


@pytest.mark.fault(148)
async def test_no_square_code_keeps_anything_or_decides_a_line() -> None:
    rig = await a_bench()
    try:
        played = await SquareCodes(rig, seed=9).play(COUNT)
    finally:
        await rig.close()
    assert played.codes == COUNT
    assert played.scans >= COUNT // 2, "the guns were read"
    assert (played.kept, played.decided) == (0, 0)


async def test_the_harness_would_see_what_a_real_sheet_does() -> None:
    rig = await a_bench()
    try:
        played = await SquareCodes(rig, seed=9, is_insider=True).play(20)
    finally:
        await rig.close()
    assert played.kept > 0, "the station's own codes, one pull each, settle"
