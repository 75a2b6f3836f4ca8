"""H4: many benches settle the same returns at once over two hub processes: each return ends once."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tests.hub.ledger_bench import count, rest, settle_all
from tests.hub.ledger_rig import LedgerHub, docks_of, quick_loop, return_ids
from tests.torture import figures


@pytest.mark.fault(205)
async def test_forty_benches_settle_the_same_returns_at_once_and_one_does_each(hub_url: str) -> None:
    found = figures.begin("H4, 40 benches on the same returns", figures.seed())
    chance = Random(figures.seed())
    benches, many = 40, figures.size("hub_settled_at_once", 3, 500)
    docks = docks_of(hub_url, benches)
    with quick_loop(many) as simulator:
        returns = return_ids(simulator)
        hubs = [LedgerHub(hub_url, simulator.url, simulator.key) for _ in range(2)]
        async with hubs[0], hubs[1]:
            tally = await settle_all(
                docks,
                lambda: chance.choice(hubs).url,
                simulator,
                returns,
                chance,
                at_once=1,
                each_by=benches,
            )
            await rest(hubs[0], hub_url)
        found.more = count(simulator, hub_url, returns, tally, found)
    await asyncio.gather(*(dock.client.aclose() for dock in docks))
    found.end()
    assert all(len(tally.mine[return_id]) == 1 for return_id in returns)
    assert all(tally.theirs[return_id] == benches - 1 for return_id in returns)
    assert (found.lost, found.doubled, found.false_green, found.stuck) == (0, 0, 0, 0)
