"""A whole hub and the simulated Loop: what changes there is known here, whatever happens on the way."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from loopdesk.hub.compose import Hub
from loopdesk.hub.settings import LoopSettings
from loopdesk.hub.webhooks.meaning import TRIGGERS
from loopdesk.hub.webhooks.secret_book import keep_secret
from loopdesk.hub.webhooks.signature import HEADER
from loopdesk.simulator.samples import SAMPLES
from tests.hub.running import IT, asked, joined, settings_for, until
from tests.hub.webhook_rig import SECRET, SHOP, run
from tests.simulator_thread import SimulatorThread

CASES = ("single", "exchange", "store_credit", "closed", "multi_line", "mixed", "upsell", "warranty")


async def everything(hub: Hub) -> dict[str, str]:
    """Return all that stands in the database by table, but for how many were refused."""
    tables = await run(hub.database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = {}
    for table in sorted(row["tablename"] for row in tables if row["tablename"] != "webhook_tally"):
        rows = await run(hub.database, f'SELECT t::text AS line FROM "{table}" AS t ORDER BY 1')
        found[table] = "\n".join(row["line"] for row in rows)
    return found


async def subscribed(hub: Hub, loop: SimulatorThread) -> None:
    """Set up every webhook of a shop, at Loop and here."""
    await hub.shops.add(SHOP, "North", "#112233")
    for topic, triggers in TRIGGERS.items():
        await keep_secret(hub.database, hub.sealing, SHOP, topic, "", SECRET)
        for trigger in triggers:
            made = loop.loop.subscribe(topic, trigger, f"{hub.url}/webhooks/loop/{SHOP}/{topic}")
            made.secret = SECRET


async def control(loop: SimulatorThread, path: str = "") -> Any:
    """Ask the simulator itself, by a client that does not take its answers for the hub's."""
    async with httpx.AsyncClient(base_url=loop.url, trust_env=False) as client:
        return (await client.get(f"/_control{path}")).raise_for_status().json()


async def hinted(hub: Hub) -> set[str]:
    """Return which returns are to be read again."""
    return {str(row["return_id"]) for row in await run(hub.database, "SELECT return_id FROM read_hint")}


async def until_hinted(hub: Hub, wanted: set[str]) -> None:
    """Wait until all of these are."""

    async def are_hinted() -> bool:
        return wanted <= await hinted(hub)

    await until(are_hinted)


@pytest.mark.parametrize("form", ["new", "old"])
async def test_what_changes_at_loop_is_to_be_read_again(hub_url: str, tmp_path: Path, form: str) -> None:
    with SimulatorThread() as loop:
        loop.loop.settings.change(webhook_form=form)
        async with asked(settings_for(hub_url, tmp_path)) as (hub, _):
            await subscribed(hub, loop)
            await control(loop)  # from the first request on webhooks are sent
            for name in CASES:
                loop.act("edit", SAMPLES[name].return_id, set={"outcome": "refund"})
            await until_hinted(hub, {SAMPLES[name].return_id for name in CASES})


async def test_what_was_kept_of_a_return_is_not_given_after_a_webhook(hub_url: str, tmp_path: Path) -> None:
    ret = SAMPLES["single"].return_id
    with SimulatorThread() as loop:
        settings = settings_for(hub_url, tmp_path).model_copy(update={"loop": LoopSettings(url=loop.url)})
        async with asked(settings) as (hub, client):
            await subscribed(hub, loop)
            await hub.shops.give_key(SHOP, loop.key)
            client.headers["X-Authorization"] = await joined(hub)

            async def details() -> tuple[str, str]:
                answer = await client.get(f"/api/v1/warehouse/return/details?return_id={ret}")
                return answer.headers["X-Loopdesk-Source"], answer.json()["state"]

            assert await details() == ("loop", "open")
            assert await details() == ("hub", "open")
            loop.act("set_state", ret, state="closed")
            await until_hinted(hub, {ret})
            assert await details() == ("loop", "closed")


async def test_doubled_late_empty_and_wrongly_signed_ones_do_no_harm(hub_url: str, tmp_path: Path) -> None:
    with SimulatorThread() as loop:
        loop.loop.settings.change(
            webhook_form="mixed",
            webhook_doubled=0.5,
            webhook_late_seconds=0.5,
            webhook_empty=0.2,
            webhook_unsigned=0.2,
            webhook_retry_seconds=0.01,
        )
        async with asked(settings_for(hub_url, tmp_path)) as (hub, client):
            await subscribed(hub, loop)
            for name in CASES:
                loop.act("edit", SAMPLES[name].return_id, set={"outcome": "refund"})
            shown = await control(loop, "/webhooks")
            async with asyncio.timeout(30):
                while shown["waiting"] or not shown["counts"]:
                    shown = await control(loop, "/webhooks")
            assert set(shown["counts"]) <= {"200", "401", "given_up"}
            told = await client.get("/metrics", headers={"Authorization": f"Bearer {IT}"})
        assert f'loopdesk_hub_webhooks_total{{ending="taken",shop="{SHOP}",topic="return"}}' in told.text


@pytest.mark.fault(193)
async def test_without_a_good_signature_nothing_in_the_database_changes(hub_url: str, tmp_path: Path) -> None:
    body = b'{"topic":"return","trigger":"return.closed","id":"77","state":"closed"}'
    async with asked(settings_for(hub_url, tmp_path)) as (hub, client):
        await hub.shops.add(SHOP, "North", "#112233")
        await keep_secret(hub.database, hub.sealing, SHOP, "return", "", SECRET)
        before = await everything(hub)
        for header in ("", "x", SECRET, "A" * 44, "sha256=" + "A" * 44):
            for topic in (*TRIGGERS, "orders", "..", "return%2f"):
                for shop in (SHOP, "south", "'; DROP TABLE shop"):
                    url = httpx.URL(f"{hub.url}/webhooks/loop/{shop}/{topic}")
                    answer = await client.post(url, content=body, headers={HEADER: header})
                    assert answer.status_code in (401, 404, 405), (header, topic, shop)
        assert await everything(hub) == before
