"""Actions through a real hub: its face, its ledger in PostgreSQL, and Loop behind it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from loopdesk.hub.ledger.stages import LedgerLimits
from tests.hub.ledger_rig import (
    Dock,
    LedgerHub,
    effects,
    furnish,
    new_entry,
    outcome,
    quick_loop,
    return_ids,
    rows_of,
    sent_attempts,
    write,
)
from tests.simulator_thread import SimulatorThread


@pytest.fixture
def simulator() -> Iterator[SimulatorThread]:
    with quick_loop(6) as running:
        yield running


@pytest.fixture
async def hub(hub_url: str, simulator: SimulatorThread) -> AsyncIterator[LedgerHub]:
    async with LedgerHub(hub_url, simulator.url, simulator.key) as running:
        yield running


@pytest.fixture
async def docks(hub_url: str) -> AsyncIterator[list[Dock]]:
    made = [Dock(token, person) for token, person in zip(furnish(hub_url, 2), ("Ada", "Žofie"), strict=True)]
    yield made
    for dock in made:
        await dock.client.aclose()


async def test_an_action_goes_to_loop_once_and_its_answer_comes_back_as_it_came(
    hub: LedgerHub, simulator: SimulatorThread, docks: list[Dock]
) -> None:
    return_id = return_ids(simulator)[0]
    key = f"{new_entry()}.1"
    told = await docks[0].act(hub.url, return_id, key)
    assert (told.status_code, told.content, outcome(told)) == (200, b"true", "loop")
    again = await docks[0].act(hub.url, return_id, key)
    assert (again.status_code, again.content, outcome(again)) == (200, b"true", "stored")
    asked = await docks[0].ask(hub.url, key)
    assert (asked.status_code, asked.content, outcome(asked)) == (200, b"true", "stored")
    assert sent_attempts(simulator) == [key]
    assert effects(simulator, return_id) == 1


async def test_a_refusal_of_loop_comes_back_as_it_came_and_ends_the_claim(
    hub: LedgerHub, simulator: SimulatorThread, docks: list[Dock], hub_url: str
) -> None:
    return_id = return_ids(simulator)[0]
    simulator.act("set_state", return_id, state="closed")
    told = await docks[0].act(hub.url, return_id, f"{new_entry()}.1")
    assert outcome(told) == "loop"
    assert "cannot be processed" in told.text
    assert rows_of(hub_url, "SELECT ended_as FROM return_claim") == [("refused",)]


@pytest.mark.fault(204)
async def test_the_same_key_ten_times_at_once_is_sent_once(
    hub: LedgerHub, simulator: SimulatorThread, docks: list[Dock]
) -> None:
    for return_id in return_ids(simulator)[:5]:
        key = f"{new_entry()}.1"
        told = await asyncio.gather(*(docks[0].act(hub.url, return_id, key) for _ in range(10)))
        said = Counter(map(outcome, told))
        assert said["loop"] == 1
        assert said["in_progress"] + said["stored"] == 9
        assert outcome(await docks[0].act(hub.url, return_id, key)) == "stored"
        assert effects(simulator, return_id) == 1


async def test_the_same_key_with_another_payload_goes_nowhere(
    hub: LedgerHub, simulator: SimulatorThread, docks: list[Dock]
) -> None:
    first, second = return_ids(simulator)[:2]
    key = f"{new_entry()}.1"
    await docks[0].act(hub.url, first, key)
    for told in (
        await docks[0].act(hub.url, first, key, body={"other": 1}),
        await docks[0].act(hub.url, second, key),
        await docks[0].act(hub.url, first, key, "cancel"),
    ):
        assert (told.status_code, outcome(told)) == (422, "unsent")
    assert sent_attempts(simulator) == [key]


@pytest.mark.fault(204)
async def test_a_key_that_was_asked_about_is_refused_when_it_comes_late(
    hub: LedgerHub, simulator: SimulatorThread, docks: list[Dock]
) -> None:
    return_id = return_ids(simulator)[0]
    entry = new_entry()
    await docks[0].ask(hub.url, f"{new_entry()}.1")  # tells the generation
    assert outcome(await docks[0].ask(hub.url, f"{entry}.1")) == "unsent"
    assert outcome(await docks[0].act(hub.url, return_id, f"{entry}.1")) == "unsent"
    assert outcome(await docks[0].act(hub.url, return_id, f"{entry}.2")) == "loop"
    assert outcome(await docks[0].act(hub.url, return_id, f"{entry}.1")) == "unsent", "a late first attempt"
    assert sent_attempts(simulator) == [f"{entry}.2"]


async def test_a_ledger_that_may_have_lost_rows_says_that_it_does_not_know(
    hub: LedgerHub, simulator: SimulatorThread, docks: list[Dock], hub_url: str
) -> None:
    return_id = return_ids(simulator)[0]
    key = f"{new_entry()}.1"
    assert outcome(await docks[0].act(hub.url, return_id, key)) == "loop"
    docks[0].generation = "another"
    assert outcome(await docks[0].ask(hub.url, f"{new_entry()}.1")) == "unknown"
    docks[0].generation = "another"
    assert outcome(await docks[0].act(hub.url, return_ids(simulator)[1], f"{new_entry()}.1")) == "unknown"
    docks[0].generation = "another"
    assert outcome(await docks[0].act(hub.url, return_id, f"{new_entry()}.1")) == "claimed"
    docks[0].generation = ""
    assert outcome(await docks[0].ask(hub.url, key)) == "unknown", "who asks was told a generation"
    assert len(sent_attempts(simulator)) == 1
    assert rows_of(hub_url, "SELECT count(*) FROM action") == [(1,)]


async def test_a_key_is_told_to_its_own_bench_only(
    hub: LedgerHub, simulator: SimulatorThread, docks: list[Dock]
) -> None:
    return_id = return_ids(simulator)[0]
    key = f"{new_entry()}.1"
    await docks[0].act(hub.url, return_id, key)
    await docks[1].ask(hub.url, f"{new_entry()}.1")
    for told in (await docks[1].ask(hub.url, key), await docks[1].act(hub.url, return_id, key)):
        assert outcome(told) == "unknown"
        assert "true" not in told.text


async def test_who_comes_second_is_told_who_was_first(
    hub: LedgerHub, simulator: SimulatorThread, docks: list[Dock], hub_url: str
) -> None:
    return_id = return_ids(simulator)[0]
    await docks[1].act(hub.url, return_id, f"{new_entry()}.1")
    await _told_who(docks[0], hub, return_id, is_ended=False)
    simulator.loop.advance(5.0)
    write(hub_url, "UPDATE return_claim SET look_at = clock_timestamp()")
    await hub.sweep.look()
    await _told_who(docks[0], hub, return_id, is_ended=True)
    assert effects(simulator, return_id) == 1
    assert rows_of(hub_url, "SELECT ended_as FROM return_claim") == [("effect",)]


async def _told_who(dock: Dock, hub: LedgerHub, return_id: str, *, is_ended: bool) -> None:
    told = await dock.act(hub.url, return_id, f"{new_entry()}.1")
    assert (told.status_code, outcome(told)) == (409, "claimed")
    claimed = told.json()["claimed"]
    assert (claimed["station"], claimed["person"], claimed["ended"]) == ("Dock 2", "Žofie", is_ended)


async def test_a_resend_waits_until_the_attempt_before_it_is_over(
    hub_url: str, simulator: SimulatorThread, docks: list[Dock]
) -> None:
    return_id = return_ids(simulator)[0]
    entry = new_entry()
    simulator.fault("lose_request", path="/process", count=1)
    limits = LedgerLimits(deadline=timedelta(seconds=60))
    async with LedgerHub(hub_url, simulator.url, simulator.key, limits=limits) as hub:
        assert outcome(await docks[0].act(hub.url, return_id, f"{entry}.1")) == "unknown"
        told = await docks[0].act(hub.url, return_id, f"{entry}.2")
        assert outcome(told) == "unsent"
        assert 50 <= int(told.headers["Retry-After"]) <= 60
    async with LedgerHub(hub_url, simulator.url, simulator.key) as hub:  # a shorter deadline
        write(
            hub_url,
            "ALTER TABLE action DISABLE TRIGGER action_moves",  # which forbids this
            "UPDATE action SET sent_at = sent_at - interval '1 minute'",
        )
        assert outcome(await docks[0].act(hub.url, return_id, f"{entry}.3")) == "loop"
    assert sent_attempts(simulator) == [f"{entry}.1", f"{entry}.3"]
