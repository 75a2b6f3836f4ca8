"""Two benches as shipped, without their windows, on one hub: what one does and IT gives reaches the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from loopdesk.app.examination import examine
from loopdesk.domain.publishing import SITE, Published
from loopdesk.hub.compose import Hub
from loopdesk.hub.settings import IndexSettings, LoopSettings
from loopdesk.presenters.words import check_words
from loopdesk.services.station.events import GivenChanged, MysteriesTold
from tests.hub.running import settings_for
from tests.hub.test_bench import PATIENCE_SECONDS, Desk, a_desk
from tests.simulator_thread import SimulatorThread

pytestmark = pytest.mark.expects_log("key_refused", "key_binding")
"""A bench that has not joined yet has no key."""

DEFAULT = (Path(__file__).parents[2] / "resources" / "vocab" / "default.toml").read_text("utf-8")
MINT = DEFAULT.replace('label = "A"', 'label = "Mint"')


@pytest.fixture
def shop() -> Iterator[SimulatorThread]:
    """Serve a shop."""
    with SimulatorThread() as simulator:
        yield simulator


@asynccontextmanager
async def a_site(url: str, folder: Path, shop: SimulatorThread) -> AsyncIterator[Hub]:
    """Run a hub that reads its shop's lists, so that benches follow it."""
    settings = settings_for(url, folder).model_copy(
        update={"loop": LoopSettings(url=shop.url), "index": IndexSettings(seconds=5)}
    )
    async with Hub(settings) as hub:
        await hub.shops.add("main", "Main street", "#335577")
        await hub.shops.give_key("main", shop.key)
        yield hub


async def until(desk: Desk, kind: type, is_so: Callable[[], object]) -> None:
    """Wait until something is so, which an event of a bench's feed may have made so."""
    moved = asyncio.Event()
    desk.program.parts.feed.on(kind, lambda _event: moved.set())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():
            await moved.wait()
            moved.clear()


async def numbers(desk: Desk) -> list[str]:
    """Return the numbers of the parcels that wait, as people know them."""
    return [each.site_number for each in await desk.program.parts.mysteries.open_records()]


async def until_numbered(desk: Desk, *wanted: str) -> None:
    """Wait until exactly these parcels wait at a bench."""
    moved = asyncio.Event()
    desk.program.parts.feed.on(MysteriesTold, lambda _event: moved.set())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while sorted(await numbers(desk)) != sorted(wanted):
            await moved.wait()
            moved.clear()


async def give(hub: Hub, kind: Published, text: str | None) -> None:
    """Give something to all benches, as the command does."""
    await hub.shared.publications.give(kind, SITE, text, "Ivo")
    hub.feed.ring()


async def test_a_parcel_kept_at_one_bench_is_seen_and_ended_at_the_other(
    hub_url: str, tmp_path: Path, shop: SimulatorThread
) -> None:
    async with (
        a_site(hub_url, tmp_path, shop) as hub,
        a_desk(tmp_path / "one", name="dock 1") as one,
        a_desk(tmp_path / "two", name="dock 2", operator="Bo") as two,
    ):
        await one.join(hub, "Dock 1")
        await two.join(hub, "Dock 2")
        kept = await one.program.parts.mysteries.keep("NOBODYS-1", "red box", "A1")
        [*_] = await asyncio.gather(until_seen(one), until_seen(two))
        [seen] = await two.program.parts.mysteries.open_records()
        assert (seen.code, seen.words, seen.shelf, seen.station) == ("NOBODYS-1", "red box", "A1", "dock 1")
        await two.program.parts.mysteries.end(seen.number)
        await until_numbered(one)
        record = await one.program.runtime.store.mysteries.get(kept.number)
        assert record is not None
        assert (record.closed, record.ended_station, record.site_number) == (True, "dock 2", seen.site_number)


async def until_seen(desk: Desk) -> None:
    """Wait until the one parcel has its letters at a bench."""
    moved = asyncio.Event()
    desk.program.parts.feed.on(MysteriesTold, lambda _event: moved.set())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not any(number[0].isalpha() for number in await numbers(desk)):
            await moved.wait()
            moved.clear()


async def test_what_it_gives_is_used_at_once_said_by_the_doctor_and_kept_without_the_hub(
    hub_url: str, tmp_path: Path, shop: SimulatorThread
) -> None:
    async with a_site(hub_url, tmp_path, shop) as hub, a_desk(tmp_path / "one", name="dock 1") as one:
        await one.join(hub, "Dock 1")
        parts = one.program.parts
        assert parts.sharing is not None
        publications = parts.sharing.publications
        await give(hub, Published.VOCABULARY, MINT)
        await until(one, GivenChanged, lambda: parts.inspection.vocabulary.grades[0].label == "Mint")
        await give(hub, Published.SETTINGS, "locked = true\nsync_seconds = 45\npurge_days = 12\n")
        await until(one, GivenChanged, lambda: one.program.runtime.settings.purge_days == 12)
        await give(hub, Published.VOCABULARY, MINT + "\n[smell]\n")
        await until(one, GivenChanged, lambda: any(x.wrong for x in publications.given))
        assert parts.inspection.vocabulary.grades[0].label == "Mint"
        [check] = [x for x in await examine(one.program) if x.name == "given"]
        assert "version 2 cannot be used here" in check_words.found(check)
    async with a_desk(tmp_path / "one", name="dock 1") as again:  # the hub is gone
        assert again.program.parts.inspection.vocabulary.grades[0].label == "Mint"
        assert again.program.runtime.settings.purge_days == 12
