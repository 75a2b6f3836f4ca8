"""A failed processing reaches the bench that asked for it, and silence is noticed: both from the ledger."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from loopdesk.hub.commands import words
from loopdesk.hub.compose import Hub
from loopdesk.hub.examination import Examination
from loopdesk.hub.settings import LoopSettings
from loopdesk.hub.webhooks.overview import overview
from loopdesk.hub.webhooks.secret_book import keep_secret
from loopdesk.hub.webhooks.signature import HEADER, signature_of
from loopdesk.simulator.webhooks.bodies import php_json
from tests.hub.running import asked, joined, settings_for, until
from tests.hub.webhook_rig import SECRET, SHOP, run, told
from tests.simulator_thread import SimulatorThread

ACTION = """
INSERT INTO action (entry_id, n, bench_id, shop_id, return_id, kind, payload_sha, stage, sent_at, ended_at,
                    proof, status, headers, body)
SELECT %(entry)s, 1, id, %(shop)s, %(return_id)s, %(kind)s, 'x', 'answered', clock_timestamp() - %(ago)s,
       clock_timestamp() - %(ago)s, %(proof)s, 200, '{}', 'true'
FROM bench WHERE name = %(bench)s
"""


async def acted(
    hub: Hub, bench: str, return_id: str, *, kind: str = "process", proof: str = "accepted", hours: float = 0
) -> str:
    """Write into the ledger what a bench did; returns its entry's id."""
    entry, ago = uuid4().hex, timedelta(hours=hours)
    await run(
        hub.database,
        ACTION,
        entry=entry,
        shop=SHOP,
        return_id=return_id,
        kind=kind,
        ago=ago,
        proof=proof,
        bench=bench,
    )
    return entry


async def fail(hub: Hub, client: httpx.AsyncClient, return_id: str) -> None:
    """Let Loop tell that a processing failed."""
    raw = php_json(told("return.processing", int(return_id), return_state="open", message="No stock"))
    headers = {HEADER: signature_of(SECRET, raw)}
    answer = await client.post(f"/webhooks/loop/{SHOP}/return.processing", content=raw, headers=headers)
    assert answer.status_code == 200

    async def is_applied() -> bool:
        return not await run(hub.database, "SELECT FROM webhook WHERE applied_at IS NULL")

    await until(is_applied)


async def opened(hub: Hub) -> None:
    """Add the shop."""
    await hub.shops.add(SHOP, "North", "#112233")
    await keep_secret(hub.database, hub.sealing, SHOP, "return.processing", "", SECRET)


async def test_a_failed_processing_reaches_the_bench_that_asked_for_it_and_no_other(
    hub_url: str, tmp_path: Path
) -> None:
    async with asked(settings_for(hub_url, tmp_path)) as (hub, client):
        await opened(hub)
        one, other = await joined(hub, "Dock 1"), await joined(hub, "Dock 2")
        await acted(hub, "Dock 2", "77", hours=3)
        entry = await acted(hub, "Dock 1", "77")
        await acted(hub, "Dock 2", "77", proof="refused")
        for return_id in ("77", "78"):
            await fail(hub, client, return_id)
        seen = await client.get("/hub/v1/failures", headers={"X-Authorization": one})
        (failure,) = seen.json()["failures"]
        assert (failure["return_id"], failure["entry"], failure["message"]) == ("77", entry, "No stock")
        assert (failure["shop"], failure["state"], failure["source"]) == (SHOP, "open", "")
        again = {"after": failure["id"]}
        later = await client.get("/hub/v1/failures", params=again, headers={"X-Authorization": one})
        assert later.json() == {"failures": []}
        elsewhere = await client.get("/hub/v1/failures", headers={"X-Authorization": other})
        assert elsewhere.json() == {"failures": []}
        odd = await client.get("/hub/v1/failures?after=x", headers={"X-Authorization": one})
        assert odd.status_code == 400


@pytest.mark.fault(199)
@pytest.mark.parametrize(
    ("hours", "proof", "kind", "is_silent"),
    [
        (3, "accepted", "process", True),
        (1, "accepted", "process", False),
        (3, "refused", "process", False),
        (3, "accepted", "note", False),
    ],
)
async def test_a_shop_is_silent_if_its_returns_changed_and_no_webhook_came(
    hub_url: str, tmp_path: Path, hours: float, proof: str, kind: str, is_silent: bool
) -> None:
    async with asked(settings_for(hub_url, tmp_path)) as (hub, client):
        await opened(hub)
        await joined(hub, "Dock 1")
        await acted(hub, "Dock 1", "77", hours=hours, proof=proof, kind=kind)
        async with hub.database.transaction() as connection:
            (shop,) = (await overview(connection)).shops
        assert (shop.silent_since is not None) is is_silent
        with SimulatorThread() as loop:
            settings = hub.settings.model_copy(update={"loop": LoopSettings(url=loop.url)})
            found = {each.check: each for each in await Examination(settings, hub.clock.now).all()}
        assert (found["webhooks"].code == "webhooks_silent") is is_silent
        assert words.finding(found["webhooks"])
        await fail(hub, client, "77")
        async with hub.database.transaction() as connection:
            (shop,) = (await overview(connection)).shops
        assert shop.silent_since is None
        assert shop.last_at is not None
