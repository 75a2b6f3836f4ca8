"""When details are fresh enough not to be read again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from loopdesk.domain.returns.returns import Parcel, ReturnState
from tests.bench_rig import BenchRig
from tests.builders import a_line, a_parcel, a_return


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


ONE = (a_parcel("1Z0", line_item_ids=("80000001", "80000002")),)
SOME = (a_parcel("1Z0", line_item_ids=("80000001",)),)
UNNAMED = (a_parcel("1Z0"),)
TWO = (*ONE, a_parcel("1Z1"))
CLOSED = {"state": ReturnState.CLOSED, "state_raw": "closed"}


@pytest.mark.parametrize(
    ("synced_ago", "parcels", "more", "stations", "asked"),
    [
        (None, ONE, {}, 1, 1),
        (30.0, ONE, {}, 1, 0),
        (89.0, ONE, {}, 4, 0),
        (91.0, ONE, {}, 1, 1),
        (-5.0, ONE, {}, 1, 1),
        (30.0, SOME, {}, 1, 1),
        (30.0, UNNAMED, {}, 1, 1),
        (30.0, TWO, {}, 1, 1),
        (30.0, (), {}, 1, 1),
        (30.0, ONE, CLOSED, 1, 0),
        (30.0, ONE, CLOSED, 2, 1),
    ],
)
async def test_what_the_list_of_changes_would_have_named_is_not_asked_for(
    synced_ago: float | None, parcels: tuple[Parcel, ...], more: dict[str, Any], stations: int, asked: int
) -> None:
    """A label or a grade may be made without a change of the return: who could meet one asks."""
    ret = a_return(lines=(a_line("80000001"), a_line("80000002")), parcels=parcels, **more)
    rig = await BenchRig(ret).open(sending=False)
    rig.stations = stations
    rig.clock.jump(3600.0)
    if synced_ago is not None:
        rig.prefetch.synced_at = rig.clock.now() - timedelta(seconds=synced_ago)
    rig.gateway.reads.clear()
    await rig.lookup.refresh(ret.return_id)
    assert len(rig.gateway.reads) == asked
    await rig.lookup.refresh(ret.return_id, force=True)
    assert len(rig.gateway.reads) == asked + 1
    await rig.close()
