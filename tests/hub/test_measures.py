"""What ``/metrics`` shows: named by convention, listed for IT, and what is left of the budget."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from loopdesk.hub.budget.budget import HubBudget
from loopdesk.hub.budget.dealing import Klass
from loopdesk.hub.budget.measures import BudgetMeasures, ShopBudget
from loopdesk.hub.compose import Hub
from loopdesk.hub.database.pool import Database
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.services.station.tasks import Tasks
from loopdesk.system.host.clock import SystemClock
from tests.architecture import ROOT
from tests.hub.running import IT, asked, settings_for

LABELS: Final = frozenset(
    {"shop", "priority", "method", "route", "status", "outcome", "state", "topic", "ending"}
)
"""By which measures are told apart: never by what a person or a parcel is called."""

DOCK = UUID(int=1)


def sample(text: str, name: str, **labels: str) -> float | None:
    """Return what a measure shows; None if it does not."""
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            if one.name == name and one.labels == labels:
                return float(one.value)
    return None


@pytest.mark.expects_log("throttled shop=north")
async def test_what_is_left_of_each_shops_budget_is_measured(hub_url: str, tmp_path: Path) -> None:
    async with asked(settings_for(hub_url, tmp_path)) as (hub, client):
        for shop in ("acme", "north"):
            await hub.shops.add(shop, shop.title(), "#112233")
            await hub.budget.set_pace(shop, per_second=0.001, burst=30.0, slow_seconds=60.0)
        for _ in range(4):
            await hub.budget.take("acme", DOCK, Klass.LOOKUP)
        told = (await client.get("/metrics", headers={"Authorization": f"Bearer {IT}"})).text
        await hub.budget.throttled("north", 30.0)
        later = (await client.get("/metrics", headers={"Authorization": f"Bearer {IT}"})).text
    tokens, slow = "loopdesk_hub_budget_tokens", "loopdesk_hub_budget_slow"
    assert sample(told, tokens, shop="acme") == pytest.approx(11, abs=0.5)  # half a burst, less four
    assert sample(told, tokens, shop="north") == pytest.approx(15, abs=0.5)
    assert sample(told, "loopdesk_hub_budget_waiting", shop="acme") == 0
    assert [sample(text, slow, shop="north") for text in (told, later)] == [0, 1]
    assert sample(later, slow, shop="acme") == 0
    assert (sample(later, tokens, shop="north") or 0) < 0  # not before Loop's pause is over


@pytest.mark.parametrize("is_whole", [False, True])
async def test_while_the_database_is_away_no_budget_is_shown(is_whole: bool) -> None:
    async def away(_name: str) -> list[object]:
        raise DatabaseUnusable(why="unreachable")

    shown = CollectorRegistry()
    measures = BudgetMeasures(shown)
    measures.left([ShopBudget("acme", 240.0, 12.0, 3, is_slow=False)])
    assert shown.get_sample_value("loopdesk_hub_budget_tokens", {"shop": "acme"}) == 12
    listener = SimpleNamespace(on=lambda *_: None)
    database = cast("Database", SimpleNamespace(is_whole=is_whole, read=away, listener=listener))
    tasks = Tasks(lambda *_: None)
    await HubBudget(database, SystemClock(), tasks, measures).show()
    for name in ("tokens", "waiting", "slow"):
        assert shown.get_sample_value(f"loopdesk_hub_budget_{name}", {"shop": "acme"}) is None
    await tasks.aclose()


def _measures(hub: Hub) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return of each measure, by the name that IT asks for: what kind it is, and its labels."""
    found = {}
    collectors = cast("Any", hub.measures)._collector_to_names
    for collector in collectors:
        for family in collector.describe():
            name = f"{family.name}_total" if family.type == "counter" else family.name
            found[name] = (family.type, tuple(getattr(collector, "_labelnames", ())))
            assert family.documentation.endswith("."), name
    return found


def _listed() -> dict[str, tuple[str, ...]]:
    """Return the measures of the page, each with its labels."""
    text = (ROOT / "docs/hub.md").read_text("utf-8")
    rows = re.findall(r"^\| `(loopdesk_hub_\w+)` \|([^|]*)\|", text, re.MULTILINE)
    return {name: tuple(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


async def test_every_measure_is_named_by_convention_and_listed_for_it(hub_url: str, tmp_path: Path) -> None:
    async with Hub(settings_for(hub_url, tmp_path)) as hub:
        found = _measures(hub)
    assert _listed() == {name: labels for name, (_, labels) in found.items()}
    for name, (kind, labels) in found.items():
        assert re.fullmatch(r"loopdesk_hub(_[a-z]+)+", name), name
        assert (kind == "counter") == name.endswith("_total"), name
        assert kind != "histogram" or name.endswith("_seconds"), name
        assert set(labels) <= LABELS, name
