"""When details are fresh enough not to be asked for again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.bench_rig import BenchRig
from tests.builders import a_parcel, a_return


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


@pytest.mark.parametrize(
    ("synced_ago", "parcels", "asked"),
    [(None, 1, 1), (30.0, 1, 0), (89.0, 1, 0), (91.0, 1, 1), (-5.0, 1, 1), (30.0, 2, 1)],
)
async def test_details_are_not_read_again_while_the_list_of_changes_is_read_each_minute(
    synced_ago: float | None, parcels: int, asked: int
) -> None:
    ret = a_return(parcels=tuple(a_parcel(f"1Z{n}") for n in range(parcels)))
    rig = await BenchRig(ret).open(sending=False)
    rig.clock.jump(3600.0)
    if synced_ago is not None:
        rig.prefetch.synced_at = rig.clock.now() - timedelta(seconds=synced_ago)
    rig.gateway.reads.clear()
    await rig.lookup.refresh(ret.return_id)
    assert len(rig.gateway.reads) == asked
    await rig.lookup.refresh(ret.return_id, force=True)
    assert len(rig.gateway.reads) == asked + 1
    await rig.close()
