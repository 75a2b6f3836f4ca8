"""When details are fresh enough not to be asked for again."""

from __future__ import annotations

import pytest

from tests.bench_rig import BenchRig
from tests.builders import a_return


@pytest.mark.parametrize(("jump", "asked"), [(0.0, 0), (19.0, 0), (21.0, 1), (-5.0, 1), (-86_400.0, 1)])
async def test_details_are_read_again_once_they_are_old_or_the_clock_was_set_back(
    jump: float, asked: int
) -> None:
    ret = a_return()
    rig = await BenchRig(ret).open(sending=False)
    rig.clock.jump(jump)
    rig.gateway.reads.clear()
    await rig.lookup.refresh(ret.return_id)
    assert len(rig.gateway.reads) == asked
    await rig.close()
