"""What Loop says of its own accord, or a bench reads, is at every bench: index, feed and store, all whole."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from loopdesk.hub.compose import Hub
from loopdesk.hub.index.wishes import MANY, ShopWishes, WishReader
from loopdesk.hub.settings import IndexSettings, LoopSettings
from loopdesk.services.sync.arriving import DetailPrefetch
from loopdesk.simulator.samples import SAMPLES
from loopdesk.simulator.webhooks.bodies import php_json, signature
from tests.fakes.clock import HandClock
from tests.fakes.gateway import ScriptedGateway
from tests.hub.feed_rig import say
from tests.hub.following_rig import FollowingBench, following_bench, running
from tests.hub.running import joined, settings_for, until
from tests.hub.test_webhook_hub import subscribed
from tests.hub.webhook_rig import SECRET, SHOP, run
from tests.simulator_thread import SimulatorThread

ONE = SAMPLES["single"].return_id


@asynccontextmanager
async def site(
    url: str, folder: Path, benches: int, returns: int = 0, *, every_seconds: float = 3600.0
) -> AsyncIterator[tuple[Hub, SimulatorThread, list[FollowingBench]]]:
    """A hub that has read everything once and reads the list again in an hour, and benches that follow it."""
    with SimulatorThread(returns=returns) as loop:
        settings = settings_for(url, folder).model_copy(
            update={"loop": LoopSettings(url=loop.url), "index": IndexSettings(seconds=every_seconds)}
        )
        async with Hub(settings) as hub, AsyncExitStack() as stack:
            await subscribed(hub, loop)
            await hub.budget.set_pace(SHOP, per_second=1000.0, burst=1000.0, slow_seconds=60.0)
            await hub.shops.give_key(SHOP, loop.key)
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.get(f"{loop.url}/_control")  # from the first request on webhooks are sent
            await until(partial(has_read, hub), 120)  # else a bench would hear of it 15 s later
            made = []
            for n in range(benches):
                token = await joined(hub, f"Dock {n + 1}")
                made.append(await stack.enter_async_context(following_bench(hub.url, token, folder / f"{n}")))
            for bench in made:
                await stack.enter_async_context(running(bench))
            await until(lambda: all(bench.synced for bench in made), 120)
            yield hub, loop, made


async def has_read(hub: Hub) -> bool:
    return bool(await run(hub.database, "SELECT FROM index_mark WHERE name = 'synced_until'"))


async def outcome(bench: FollowingBench, return_id: str) -> str:
    stored = await bench.store.returns.get(return_id)
    return "" if stored is None else stored.ret.outcome_raw


def asked_about(loop: SimulatorThread, return_id: str) -> int:
    """Return how often Loop was asked for the details of a return."""
    return sum(return_id in request.query for request in loop.requests("GET", "/details"))


async def tell(hub: Hub, topic: str, **body: object) -> None:
    """Bring a webhook as Loop does."""
    raw = php_json({"topic": topic, **body})
    async with httpx.AsyncClient(base_url=hub.url, trust_env=False) as client:
        answer = await client.post(
            f"/webhooks/loop/{SHOP}/{topic}",
            content=raw,
            headers={"X-Loop-Signature": signature(SECRET, raw)},
        )
    assert answer.status_code == 200


async def test_a_change_at_loop_is_at_every_bench_soon_after_its_webhook(
    hub_url: str, tmp_path: Path
) -> None:
    async with site(hub_url, tmp_path, 3) as (_hub, loop, benches):
        for value in ("refund", "exchange"):
            began = time.perf_counter()
            loop.act("edit", ONE, set={"outcome": value})
            for bench in benches:

                async def has_it(bench: FollowingBench = bench, value: str = value) -> bool:
                    return await outcome(bench, ONE) == value

                await until(has_it)
            say(f"at {len(benches)} benches {time.perf_counter() - began:.2f} s after the change")
        assert all(ONE in bench.told for bench in benches)


async def test_what_one_bench_reads_is_told_to_the_others_without_asking_loop_again(
    hub_url: str, tmp_path: Path
) -> None:
    async with site(hub_url, tmp_path, 2) as (hub, loop, (_first, second)):
        loop.loop.subscriptions.clear()  # Loop says nothing of its own accord
        await run(hub.database, "DELETE FROM index_wish")
        await until(lambda: asked_about(loop, ONE) == 1)  # the hub has read it ahead of its arrival
        loop.act("edit", ONE, set={"outcome": "refund"})
        before = asked_about(loop, ONE)
        token = await joined(hub, "Dock 7")
        async with httpx.AsyncClient(base_url=hub.url, trust_env=False) as client:
            headers = {"X-Authorization": token, "Cache-Control": "no-cache"}
            answer = await client.get(f"/api/v1/warehouse/return/details?return_id={ONE}", headers=headers)
        assert answer.json()["outcome"] == "refund"

        async def has_it() -> bool:
            return await outcome(second, ONE) == "refund"

        await until(has_it)
        assert asked_about(loop, ONE) == before + 1


async def test_the_state_of_a_label_is_in_arrivals_by_its_webhook_alone(hub_url: str, tmp_path: Path) -> None:
    async with site(hub_url, tmp_path, 1) as (hub, loop, [bench]):
        loop.fault("answer", path="/details", status=503)  # the hint is of no use meanwhile
        stored = await bench.store.returns.get(ONE)
        assert stored is not None
        number = stored.ret.parcels[0].tracking_number
        at = max(x for x in bench.synced) + timedelta(minutes=1)
        await tell(
            hub,
            "label",
            trigger="label.updated",
            return_id=ONE,
            carrier="UPS",
            tracking_number=number,
            label_status="out_for_delivery",
            label_updated_at=at.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        )

        async def is_out() -> bool:
            found = await bench.store.arrivals.arrivals(at - timedelta(days=60))
            return any((x.tracking_number, x.label.value) == (number, "out_for_delivery") for x in found)

        await until(is_out)
        assert ONE in bench.told


async def test_a_box_that_was_processed_has_its_contents_read(hub_url: str, tmp_path: Path) -> None:
    async with site(hub_url, tmp_path, 1) as (hub, loop, _benches):
        before = len(loop.requests("GET", "/happy-returns/shipments"))
        topic = "happy.returns.shipment"
        await tell(
            hub, topic, trigger="shipment.processed", loop_shipment_id=7, happy_returns_shipment_id="HR-7"
        )
        await until(lambda: len(loop.requests("GET", "/happy-returns/shipments")) > before)


async def test_many_hints_at_once_are_read_by_the_list(hub_url: str, tmp_path: Path) -> None:
    async with site(hub_url, tmp_path, 1, returns=80) as (hub, loop, [bench]):
        ids = [ret.return_id for ret in loop.loop.index.kept() if ret.state == "open"][: MANY + 15]
        assert len(ids) > MANY
        before = len(loop.requests("GET", "/return/list"))
        loop.loop.subscriptions.clear()
        for return_id in ids:
            loop.act("edit", return_id, set={"outcome": "refund"})
        async with hub.database.transaction() as connection:
            for return_id in ids:
                await hub._changed(connection, SHOP, return_id)

        async def all_there() -> bool:
            return [await outcome(bench, return_id) for return_id in ids] == ["refund"] * len(ids)

        await until(all_there)

        async def none_left() -> bool:
            return not await run(hub.database, "SELECT * FROM index_wish")

        await until(none_left)
        assert len(loop.requests("GET", "/return/list")) > before


async def test_what_a_bench_did_is_shown_by_the_list_without_a_request_of_its_own(
    hub_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read_nothing(ahead: DetailPrefetch) -> None:
        """What is read ahead of its arrival is read anew when it changed, at a moment of its own."""

    monkeypatch.setattr(DetailPrefetch, "read_all", read_nothing)
    async with site(hub_url, tmp_path, 1, every_seconds=0.5) as (hub, loop, [bench]):
        loop.loop.subscriptions.clear()
        loop.act("edit", ONE, set={"outcome": "refund"})
        before = asked_about(loop, ONE)
        async with hub.database.transaction() as connection:
            await hub._acted(connection, SHOP, ONE)

        async def is_over() -> bool:
            is_told = await outcome(bench, ONE) == "refund"
            return is_told and not await run(hub.database, "SELECT * FROM index_wish")

        await until(is_over)
        assert asked_about(loop, ONE) == before


async def nothing(*_: object) -> None:
    """Do nothing."""


async def test_a_list_that_began_before_a_hint_does_not_end_its_wish(hub_url: str, tmp_path: Path) -> None:
    async with site(hub_url, tmp_path, 1) as (hub, _loop, _benches):
        wishes = ShopWishes(SHOP, hub.database)
        reader = WishReader(
            wishes, ScriptedGateway(HandClock()), keep=nothing, catch_up=nothing, read_boxes=nothing
        )
        await run(hub.database, "DELETE FROM index_wish")
        await reader.lists()
        async with hub.database.transaction() as connection:
            await hub._acted(connection, SHOP, ONE)
        reader.showed(ONE)
        await reader.has_listed()
        assert len(await run(hub.database, "SELECT * FROM index_wish")) == 1


async def test_a_wish_lasts_until_loop_answers(
    hub_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loopdesk.hub.index.wishes.PUT_OFF_SECONDS", 0.2)
    async with site(hub_url, tmp_path, 1) as (_hub, loop, [bench]):
        fault = loop.fault("answer", path="/details", status=503)
        loop.act("edit", ONE, set={"outcome": "refund"})
        await until(lambda: asked_about(loop, ONE) >= 2)
        loop.loop.faults.clear(fault)

        async def has_it() -> bool:
            return await outcome(bench, ONE) == "refund"

        await until(has_it)
