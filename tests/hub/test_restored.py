"""An older copy of the ledger goes on: what finishes a return waits until Loop shows what was lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopdesk.hub.examination import Examination
from loopdesk.hub.settings import LedgerSettings
from loopdesk.system.host.clock import SystemClock
from tests.hub.ledger_rig import (
    Dock,
    LedgerHub,
    effects,
    new_entry,
    outcome,
    return_ids,
    rows_of,
    write,
)
from tests.hub.running import asked, settings_for
from tests.simulator_thread import SimulatorThread

BY_COMMAND = "SELECT hub_restored()"
BY_OTHER_MEANS = "UPDATE site SET restored = gen_random_uuid()"
"""As a standby or a loaded dump: the generation is another one, and nobody said why."""

LATER = "UPDATE ledger_generation SET since = since - interval '15 minutes'"


def _restore(url: str, statement: str, dock: Dock) -> None:
    """Let an older copy go on; the bench has heard of it by something else than an action."""
    write(url, statement)
    [(dock.generation,)] = rows_of(url, "SELECT hub_generation()")


@pytest.mark.fault(228)
@pytest.mark.parametrize("restore", [BY_COMMAND, BY_OTHER_MEANS], ids=["by the command", "by other means"])
async def test_nothing_finishes_a_return_until_loop_shows_what_the_lost_hub_sent(
    hub_url: str, simulator: SimulatorThread, dock: Dock, restore: str
) -> None:
    return_id, entry = return_ids(simulator)[0], new_entry()
    async with LedgerHub(hub_url, simulator.url, simulator.key) as hub:
        await hub.sweep.once()
    _restore(hub_url, restore, dock)
    async with LedgerHub(hub_url, simulator.url, simulator.key) as hub:
        for n, word in enumerate(("process", "cancel", "close", "remove"), 1):
            told = await dock.act(hub.url, return_id, f"{entry}.{n}", word)
            assert (told.status_code, outcome(told)) == (503, "unsent")
            assert told.json() == {"error": {"code": "restored"}}
            assert 0 < int(told.headers["Retry-After"]) <= 900
        assert rows_of(hub_url, "SELECT count(*) FROM return_claim") == [(0,)], "nobody is kept from it later"
    async with LedgerHub(hub_url, simulator.url, simulator.key) as again:
        await again.sweep.once()
        told = await dock.act(again.url, return_id, f"{entry}.5")
        assert outcome(told) == "unsent", "a restart shortens nothing"
        write(hub_url, LATER)
        assert outcome(await dock.act(again.url, return_id, f"{entry}.4")) == "unsent", (
            "what was said stays so"
        )
        assert outcome(await dock.act(again.url, return_id, f"{entry}.6")) == "loop"
        assert outcome(await dock.act(again.url, return_id, f"{entry}.6")) == "stored"
    assert effects(simulator, return_id) == 1


async def test_what_finishes_nothing_waits_for_nothing(
    hub_url: str, simulator: SimulatorThread, dock: Dock
) -> None:
    return_id = return_ids(simulator)[0]
    _restore(hub_url, BY_COMMAND, dock)
    async with LedgerHub(hub_url, simulator.url, simulator.key) as hub:
        told = await dock.act(hub.url, return_id, f"{new_entry()}.1", "note", body={"note": "seen"})
        assert outcome(told) == "loop"


async def test_the_first_generation_waits_for_nothing_and_is_noticed_once(
    hub_url: str, simulator: SimulatorThread, dock: Dock
) -> None:
    async with LedgerHub(hub_url, simulator.url, simulator.key) as hub:
        assert await hub.ledger.seconds_to_wait() == 0.0
        assert outcome(await dock.act(hub.url, return_ids(simulator)[0], f"{new_entry()}.1")) == "loop"
    noticed = rows_of(hub_url, "SELECT generation = hub_generation(), since FROM ledger_generation")
    assert noticed == [(True, None)]


async def test_a_clock_that_was_set_back_lets_nobody_wait_for_longer(
    hub_url: str, simulator: SimulatorThread
) -> None:
    async with LedgerHub(hub_url, simulator.url, simulator.key) as hub:
        write(hub_url, BY_COMMAND, "UPDATE ledger_generation SET since = since + interval '9 days'")
        assert await hub.ledger.seconds_to_wait() == 900.0


async def test_who_watches_is_told_that_it_waits(hub_url: str, tmp_path: Path) -> None:
    settings = settings_for(hub_url, tmp_path)

    async def doctor_says(minutes: int) -> list[tuple[str, dict[str, str | int]]]:
        waiting = settings.model_copy(update={"ledger": LedgerSettings(restored_minutes=minutes)})
        found = await Examination(waiting, SystemClock().now).all()
        return [(each.code, dict(each.values)) for each in found if each.check == "ledger"]

    async with asked(settings) as (hub, client):
        assert (await client.get("/readyz")).json() == {"ready": True, "restored_seconds": 0}
        assert await doctor_says(15) == [("ok", {})]
        write(hub_url, BY_OTHER_MEANS)
        assert await doctor_says(15) == [("restored", {"n": 15})]
        ready = await client.get("/readyz")
        assert ready.status_code == 200
        assert 0 < ready.json()["restored_seconds"] <= 900
        write(hub_url, "UPDATE ledger_generation SET since = since - interval '10 minutes'")
        [(code, values)] = await doctor_says(15)
        assert (code, values["n"] in range(1, 6)) == ("restored", True)
        assert await doctor_says(0) == [("ok", {})]
        write(hub_url, LATER)
        assert (await client.get("/readyz")).json() == {"ready": True, "restored_seconds": 0}
        assert hub.database.is_whole
