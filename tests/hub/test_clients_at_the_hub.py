"""The program's own client of Loop, with a whole hub in between: both sides understand each other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from loopdesk.api.client import LoopClient
from loopdesk.api.transport import Transport
from loopdesk.domain.errors import AnswerLost, HubUnsent, Refused, ReturnClaimed
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.hub.compose import Hub
from loopdesk.hub.settings import LoopSettings
from loopdesk.system.host.clock import SystemClock
from tests.hub.ledger_rig import effects, quick_loop, return_ids
from tests.hub.running import joined, settings_for
from tests.simulator_thread import SimulatorThread
from tests.unit.api.bench import OpenBudget


@asynccontextmanager
async def a_client(hub: Hub, name: str) -> AsyncIterator[LoopClient]:
    transport = Transport(clock=SystemClock(), budget=OpenBudget(), base_url=f"{hub.url}/api", is_hub=True)
    transport.set_key(await joined(hub, name))
    try:
        yield LoopClient(transport)
    finally:
        await transport.aclose()


async def a_key(client: LoopClient, person: str, n: int = 1, entry: str = "") -> HubKey:
    return HubKey(entry or uuid4().hex, n, await client.hub_generation(), person)


@pytest.fixture
async def whole(hub_url: str, tmp_path: Path) -> AsyncIterator[tuple[Hub, SimulatorThread]]:
    with quick_loop(3) as simulator:
        settings = settings_for(hub_url, tmp_path)
        async with Hub(settings.model_copy(update={"loop": LoopSettings(url=simulator.url)})) as hub:
            await hub.shops.add("main", "Main", "#335577")
            await hub.shops.give_key("main", simulator.key)
            yield hub, simulator


async def test_two_benches_finish_one_return_and_each_is_told_what_happened(
    whole: tuple[Hub, SimulatorThread],
) -> None:
    hub, simulator = whole
    return_id = return_ids(simulator)[0]
    async with a_client(hub, "Dock 1") as first, a_client(hub, "Dock 2") as second:
        key = await a_key(first, "Žofie")
        assert (await first.under(key).process(return_id)).http_status == 200
        assert (await first.ask_hub(key, Kind.PROCESS, ())).http_status == 200
        with pytest.raises(ReturnClaimed) as claimed:
            await second.under(await a_key(second, "Bo")).process(return_id)
        assert (claimed.value.station, claimed.value.person) == ("Dock 1", "Žofie")
        with pytest.raises(AnswerLost):
            await second.ask_hub(key, Kind.PROCESS, ())  # another bench's key
    assert effects(simulator, return_id) == 1


@pytest.mark.fault(68, 83)
async def test_who_asks_about_what_the_ledger_does_not_know_is_told_who_has_the_return(
    whole: tuple[Hub, SimulatorThread],
) -> None:
    hub, simulator = whole
    return_id = return_ids(simulator)[0]
    async with a_client(hub, "Dock 1") as first, a_client(hub, "Dock 2") as second:
        await first.under(await a_key(first, "Ana")).process(return_id)
        forgotten = replace(await a_key(second, "Bo"), generation="", return_id=return_id)
        with pytest.raises(ReturnClaimed) as claimed:
            await second.ask_hub(forgotten, Kind.PROCESS, ())
        assert (claimed.value.station, claimed.value.person) == ("Dock 1", "Ana")
        elsewhere = replace(forgotten, return_id=return_ids(simulator)[1])
        with pytest.raises(AnswerLost) as told:
            await second.ask_hub(elsewhere, Kind.PROCESS, ())
        assert told.value.why == "hub_unknown"
        taken = replace(elsewhere, generation=await second.hub_generation(), person="Bo")
        assert (await second.under(taken).process(elsewhere.return_id)).http_status == 200, "nothing given up"


async def test_a_lost_answer_is_asked_about_at_the_hub_and_never_sent_again(
    whole: tuple[Hub, SimulatorThread],
) -> None:
    hub, simulator = whole
    return_id = return_ids(simulator)[0]
    async with a_client(hub, "Dock 1") as client:
        simulator.fault("lose_answer", path="/process", count=1)
        key = await a_key(client, "Ada")
        with pytest.raises(AnswerLost):
            await client.under(key).process(return_id)
        with pytest.raises(AnswerLost) as told:
            await client.ask_hub(key, Kind.PROCESS, ())
        assert told.value.why == "hub_unknown"
        with pytest.raises(HubUnsent):  # the attempt before it may still be on its way
            await client.under(await a_key(client, "Ada", 2, key.entry_id)).process(return_id)
        never = await a_key(client, "Ada")
        with pytest.raises(HubUnsent):
            await client.ask_hub(never, Kind.PROCESS, ())
        with pytest.raises(HubUnsent):  # it comes late
            await client.under(never).process(return_ids(simulator)[1])
    assert effects(simulator, return_id) == 1
    assert effects(simulator, return_ids(simulator)[1]) == 0


async def test_refusals_and_values_of_lines_come_through_as_loop_says_them(
    whole: tuple[Hub, SimulatorThread],
) -> None:
    hub, simulator = whole
    return_id = return_ids(simulator)[0]
    line = simulator.loop.get(return_id).lines[0].line_item_id
    item = {"line_item_id": line, "disposition_outcome": "recycle"}
    async with a_client(hub, "Dock 1") as client:
        key = await a_key(client, "Ada")
        assert (await client.under(key).assess([item])).echoed == (line,)
        assert (await client.ask_hub(key, Kind.ASSESS, (line,))).echoed == (line,)
        await client.under(await a_key(client, "Ada")).create_note(return_id, "Box is wet")
        simulator.act("set_state", return_id, state="closed")
        with pytest.raises(Refused, match="cannot be"):
            await client.under(await a_key(client, "Ada")).cancel(return_id)
    assert [note["content"] for note in simulator.truth(return_id)["notes"]] == ["Box is wet"]
