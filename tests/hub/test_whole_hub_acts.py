"""An action through a whole hub, as it is put together for real: budget, keys, reads, ledger and sweep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from loopdesk.hub.compose import Hub
from loopdesk.hub.settings import LoopSettings
from tests.hub.ledger_rig import Dock, effects, new_entry, outcome, quick_loop, return_ids, rows_of, write
from tests.hub.running import joined, settings_for, until
from tests.simulator_thread import SimulatorThread

RIGHT_AFTER_A_LOOK = {"X-Loopdesk-Priority": "1"}


QUEUED_SECONDS = 300.0
"""So long Loop shows nothing of an action, however slow this machine is."""


@pytest.fixture
async def whole(hub_url: str, tmp_path: Path) -> AsyncIterator[tuple[Hub, SimulatorThread]]:
    with quick_loop(3, seconds=QUEUED_SECONDS) as simulator:
        settings = settings_for(hub_url, tmp_path).model_copy(
            update={"loop": LoopSettings(url=simulator.url)}
        )
        async with Hub(settings) as hub:
            await hub.shops.add("main", "Main", "#335577")
            await hub.shops.give_key("main", simulator.key)
            yield hub, simulator


async def test_a_return_is_settled_through_the_hub_and_the_hub_itself_sees_its_effect(
    whole: tuple[Hub, SimulatorThread], hub_url: str
) -> None:
    hub, simulator = whole
    first, second = Dock(await joined(hub, "Dock 1"), "Ada"), Dock(await joined(hub, "Dock 2"), "Bo")
    return_id = return_ids(simulator)[0]
    assert await _source(first, hub, return_id) == "loop"
    assert await _source(first, hub, return_id) == "hub"
    told = await first.act(hub.url, return_id, f"{new_entry()}.1", headers=RIGHT_AFTER_A_LOOK)
    assert (outcome(told), told.content) == ("loop", b"true")
    assert await _source(first, hub, return_id) == "loop", "what was read before the action is old"
    told = await second.act(hub.url, return_id, f"{new_entry()}.1", headers=RIGHT_AFTER_A_LOOK)
    assert told.json()["claimed"]["ended"] is False
    simulator.loop.advance(QUEUED_SECONDS)
    write(hub_url, "UPDATE return_claim SET look_at = clock_timestamp()")
    await _all_claims_ended(hub_url)
    told = await second.act(hub.url, return_id, f"{new_entry()}.1", headers=RIGHT_AFTER_A_LOOK)
    assert (told.json()["claimed"]["station"], told.json()["claimed"]["ended"]) == ("Dock 1", True)
    assert effects(simulator, return_id) == 1
    await asyncio.gather(first.client.aclose(), second.client.aclose())


async def test_a_shop_without_a_key_sends_nothing_and_says_so(
    whole: tuple[Hub, SimulatorThread], hub_url: str
) -> None:
    hub, simulator = whole
    await hub.shops.add("other", "Other", "#777777")
    dock, key = Dock(await joined(hub)), f"{new_entry()}.1"
    told = await dock.act(hub.url, return_ids(simulator)[0], key, headers={"X-Loopdesk-Shop": "other"})
    assert (outcome(told), told.json()["error"]["code"]) == ("unsent", "no_shop_key")
    told = await dock.act(hub.url, return_ids(simulator)[0], key, headers={"X-Loopdesk-Shop": "nobody's"})
    assert (told.status_code, outcome(told)) == (400, "unsent")
    assert rows_of(hub_url, "SELECT stage FROM action") == [("unsent",)]
    await dock.client.aclose()


async def _source(dock: Dock, hub: Hub, return_id: str) -> str:
    told = await dock.client.get(
        f"{hub.url}/api/v1/warehouse/return/details",
        params={"return_id": return_id},
        headers={"X-Authorization": dock.token, "Cache-Control": "max-age=60", "X-Loopdesk-Priority": "0"},
    )
    assert told.status_code == 200
    return told.headers["X-Loopdesk-Source"]


async def _all_claims_ended(url: str) -> None:
    await until(lambda: not rows_of(url, "SELECT 1 FROM return_claim WHERE ended_at IS NULL"))
