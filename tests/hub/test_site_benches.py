"""Benches with real stores on one real hub: mystery parcels, vocabularies and settings of the site."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from loopdesk.domain.errors import AnswerLost
from loopdesk.domain.publishing import SITE, Published
from loopdesk.hub.compose import Hub
from loopdesk.services.station.events import MysteryMatched, MysteryOverruled
from tests.builders import AT, a_fetched, a_return
from tests.hub.running import joined, settings_for
from tests.hub.site_bench import SiteBench, a_bench

DEFAULT = (Path(__file__).parents[2] / "resources" / "vocab" / "default.toml").read_text("utf-8")
OTHER = DEFAULT.replace('label = "A"', 'label = "Like new"')
VISIBLE = "1Z999AA10123456784"


@dataclass
class Site:
    """A hub and the benches that joined it."""

    hub: Hub
    url: str
    folder: Path
    stack: AsyncExitStack
    tokens: dict[str, str] = field(default_factory=dict)
    shops: dict[str, tuple[str, ...]] = field(default_factory=dict)

    async def bench(self, name: str, shops: tuple[str, ...] = ()) -> SiteBench:
        """Start a bench; under a name that was there before with what it kept."""
        if name not in self.tokens:
            self.tokens[name], self.shops[name] = await joined(self.hub, name, shops), shops
        return await self.stack.enter_async_context(
            a_bench(self.folder / name, name, self.hub.url, self.tokens[name])
        )

    async def restore(self, *benches: SiteBench, script: str) -> None:
        """Stop the hub, make an older copy of its database by a script, and start it."""
        async with self.hub.database.transaction() as connection:
            await connection.execute(script.encode())
            await connection.execute("SELECT hub_restored()")
        await self.hub.stop()
        self.hub = await self.stack.enter_async_context(Hub(settings_for(self.url, self.folder)))
        for bench in benches:
            await bench.reconnect(self.hub.url)

    async def head(self, bench: SiteBench) -> int:
        """Return the number of the newest event that a bench is told."""
        shops = self.shops.get(bench.name) or ["acme", "zeta"]
        sql = b"SELECT coalesce(max(seq), 0) AS seq FROM shared_change WHERE coalesce(shop_id, %s) = ANY (%s)"
        async with self.hub.database.transaction() as connection:
            cursor = await connection.execute(sql, (shops[0], list(shops)))
            return int((await cursor.fetchall())[0]["seq"])

    async def meet(self, *benches: SiteBench, turns: int = 3) -> None:
        """Let benches say and hear everything."""
        for _ in range(turns):
            for bench in benches:
                await bench.push()
            for bench in benches:
                await bench.follow(await self.head(bench))


@pytest.fixture
async def site(hub_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """A hub with two shops."""
    async with AsyncExitStack() as stack:
        hub = Hub(settings_for(hub_url, tmp_path))
        await hub.start()
        for shop in ("acme", "zeta"):
            await hub.shops.add(shop, shop.title(), "#335577")
        made = Site(hub, hub_url, tmp_path, stack)
        yield made
    if made.hub is hub:
        await hub.stop()


# --- mystery parcels --------------------------------------------------------------------------------


async def test_a_parcel_is_seen_at_every_dock_with_the_number_that_its_own_gave_at_once(site: Site) -> None:
    one, two = await site.bench("dock 1"), await site.bench("dock 2")
    early = await one.desk.keep(VISIBLE, "red box", "A1", "ab.jpg")
    assert early.site_number == "1"  # before the hub was heard of
    await site.meet(one, two)
    late = await one.desk.keep("X-2")
    assert late.site_number == "A2"
    assert (await two.desk.keep("X-3")).site_number == "B1"
    await site.meet(one, two)
    assert (await one.records()).keys() == (await two.records()).keys() == {"A1", "A2", "B1"}
    seen = (await two.records())["A1"]
    assert (seen.words, seen.shelf, seen.station, seen.photo_at) == ("red box", "A1", "dock 1", "dock 1")
    assert (await one.records())["A1"].photo_at == ""


async def test_a_code_that_waits_at_another_dock_gets_no_second_number(site: Site) -> None:
    one, two = await site.bench("dock 1"), await site.bench("dock 2")
    await one.desk.keep(VISIBLE)
    await site.meet(one, two)
    assert (await two.desk.keep(VISIBLE, shelf="B2")).site_number == "A1"
    await site.meet(one, two)
    assert (await one.records())["A1"].shelf == "B2"


async def test_when_its_return_appears_every_dock_is_told_once_and_it_is_ended_once(site: Site) -> None:
    one, two, three = [await site.bench(f"dock {n}") for n in (1, 2, 3)]
    await one.desk.keep("1164")
    await site.meet(one, two, three)
    for bench in (one, two):  # both are told of the return by the feed, at the same time
        await bench.store.returns.save((a_fetched(a_return(order_name="#1164")),), AT)
        await bench.desk.try_again()
    await site.meet(one, two, three)
    for bench in (one, two, three):
        assert [type(each) for each in bench.said] == [MysteryMatched], bench.name
        assert (await bench.records())["A1"].linked_return_id == a_return().return_id


@pytest.mark.fault(220)
async def test_of_two_docks_that_end_a_parcel_at_once_one_decides_and_the_other_is_told(site: Site) -> None:
    one, two = await site.bench("dock 1"), await site.bench("dock 2")
    await one.desk.keep(VISIBLE)
    await site.meet(one, two)
    number = (await two.records())["A1"].number
    await two.store.returns.save((a_fetched(a_return()),), AT)
    await two.desk.link(number, a_return().return_id)
    await one.desk.end(1)
    await site.meet(one, two)
    assert (await two.records())["A1"].closed
    assert not (await two.records())["A1"].linked_return_id
    assert two.said == [MysteryOverruled("A1", VISIBLE, "dock 1")]
    assert one.said == []


async def test_docks_without_the_hub_work_as_before_and_meet_later(site: Site) -> None:
    one, two = await site.bench("dock 1"), await site.bench("dock 2")
    await site.meet(one, two)
    one.line.is_cut = True
    kept = [await one.desk.keep(f"N-{n}") for n in range(3)]
    await one.desk.end(kept[0].number)
    with pytest.raises(AnswerLost):
        await one.push()
    await two.desk.keep("N-1")  # the same code, before anybody told
    one.line.is_cut = False
    await site.meet(one, two)
    assert (await two.records()).keys() == {"A1", "A2", "A3", "B1"}
    assert (await two.records())["A1"].closed


async def test_a_lost_answer_and_a_bench_that_is_killed_in_between_double_nothing(site: Site) -> None:
    one, two = await site.bench("dock 1"), await site.bench("dock 2")
    await one.desk.keep(VISIBLE)
    one.line.loses_answers = True
    with pytest.raises(AnswerLost):
        await one.push()
    await one.store.close()
    again = await site.bench("dock 1")
    await again.desk.end(1)
    await site.meet(again, two)
    assert (await two.records())["A1"].closed
    assert len(await again.records()) == 1


@pytest.mark.fault(221)
async def test_a_store_that_was_put_back_counts_behind_other_letters_and_gets_back_what_it_lost(
    site: Site,
) -> None:
    one, two = await site.bench("dock 1"), await site.bench("dock 2")
    await one.desk.keep("N-1")
    await site.meet(one, two)
    await one.store.database.write(lambda db: db.execute("UPDATE store SET restored = 1"))
    assert (await one.desk.keep("N-2")).site_number == "2"
    await site.meet(one, two)
    assert (await two.records()).keys() == {"A1", "C2"}


@pytest.mark.fault(221)
async def test_what_a_restored_hub_has_lost_comes_back_from_the_benches(site: Site) -> None:
    one, two = await site.bench("dock 1"), await site.bench("dock 2")
    await one.desk.keep("N-1")
    await site.meet(one, two)
    await two.desk.end((await two.records())["A1"].number)
    await one.desk.keep("N-2")
    await site.meet(one, two)
    first_meeting = (
        "DELETE FROM mystery WHERE number = 2;"
        "UPDATE mystery SET is_closed = false, standing_rev = written_rev, ended_by = ''"
    )
    await site.restore(one, two, script=first_meeting)
    await site.meet(one, two)
    for bench in (one, two):
        found = await bench.records()
        assert (found["A1"].closed, found["A2"].closed) == (True, False)
    [at_hub] = await site.hub.database.read("mysteries.told", uids=[await _uid(one, 1)])
    assert at_hub["is_closed"]


async def _uid(bench: SiteBench, number: int) -> str:
    sql = "SELECT uid FROM site_mystery WHERE number = ?"
    return str(await bench.store.database.read(lambda db: db.execute(sql, (number,)).get))


@pytest.mark.parametrize("seed", range(4))
async def test_however_benches_keep_end_lose_and_meet_no_number_is_given_twice_and_none_is_lost(
    site: Site, seed: int
) -> None:
    dice = random.Random(seed)
    benches = {name: await site.bench(name) for name in ("dock 1", "dock 2", "dock 3")}
    codes, kept = 0, Counter[str]()
    for _ in range(40):
        name = dice.choice(list(benches))
        bench = benches[name]
        match dice.randrange(8):
            case 0 | 1 | 2:
                codes += 1
                await bench.desk.keep(f"N-{codes}")
                kept[f"N-{codes}"] += 1
            case 3:
                waiting = await bench.desk.open_records()
                if waiting:
                    await bench.desk.end(dice.choice(waiting).number)
            case 4:
                bench.line.is_cut = not bench.line.is_cut
            case 5:
                bench.line.loses_answers = not bench.line.loses_answers
            case 6:
                await bench.store.close()
                benches[name] = await site.bench(name)
            case _:
                await _share(site, bench)
    for bench in benches.values():
        bench.line.is_cut = bench.line.loses_answers = False
    await site.meet(*benches.values(), turns=4)
    first, *others = [await bench.records() for bench in benches.values()]
    for other in others:
        assert other.keys() == first.keys()
        assert {n: r.closed for n, r in other.items()} == {n: r.closed for n, r in first.items()}
    assert Counter(record.code for record in first.values()) == kept


async def _share(site: Site, bench: SiteBench) -> None:
    """Say and hear, as far as the line goes."""
    try:
        await bench.push()
    except AnswerLost:
        return
    if not bench.line.is_cut:
        await bench.follow(await site.head(bench))


# --- vocabularies and settings ----------------------------------------------------------------------


async def test_each_shop_has_its_vocabulary_and_the_rest_that_of_the_site(site: Site) -> None:
    one, two = await site.bench("dock 1"), await site.bench("dock 2", ("zeta",))
    publications = site.hub.shared.publications
    await publications.give(Published.VOCABULARY, SITE, OTHER, "Ivo")
    await publications.give(Published.VOCABULARY, "acme", OTHER.replace("Like new", "Mint"), "Ivo")
    await site.meet(one, two)
    labels = {shop: one.shelf.now.of(shop).grades[0].label for shop in ("acme", "zeta", "")}
    assert labels == {"acme": "Mint", "zeta": "Like new", "": "Like new"}
    assert two.shelf.now.given.keys() == {SITE}  # nothing of a shop that is not its own
    await publications.give(Published.VOCABULARY, "acme", None, "Ivo")
    await site.meet(one, two)
    assert one.shelf.now.of("acme").grades[0].label == "Like new"


async def test_going_back_gives_the_older_text_again_and_benches_say_what_they_use(site: Site) -> None:
    one = await site.bench("dock 1")
    publications = site.hub.shared.publications
    for text in (DEFAULT, OTHER):
        await publications.give(Published.VOCABULARY, SITE, text, "Ivo")
    await publications.give_again(Published.VOCABULARY, SITE, 1, "Ada")
    await publications.give(Published.SETTINGS, SITE, "hold_seconds = 20\n", "Ivo")
    await site.meet(one)
    assert one.texts.settings == "hold_seconds = 20\n"
    [uses] = (await publications.uses()).values()
    assert [(x.kind, x.scope, x.version) for x in uses] == [("vocabulary", "*", 3), ("settings", "*", 1)]
    assert [x.by for x in await publications.versions(Published.VOCABULARY, SITE)] == ["Ada", "Ivo", "Ivo"]


@pytest.mark.fault(222)
async def test_a_version_that_a_bench_cannot_read_leaves_the_last_good_one_in_force_and_is_said(
    site: Site,
) -> None:
    one = await site.bench("dock 1")
    publications = site.hub.shared.publications
    await publications.give(Published.VOCABULARY, SITE, OTHER, "Ivo")
    await publications.give(Published.SETTINGS, SITE, "hold_seconds = 20\n", "Ivo")
    await site.meet(one)
    # What a newer hub may give: it checked it by rules that this bench does not know.
    await publications.give(Published.VOCABULARY, SITE, OTHER + "\n[smell]\nof = 1\n", "Ivo")
    await publications.give(Published.SETTINGS, SITE, 'api.url = "https://evil.example/api"\n', "Ivo")
    await site.meet(one)
    assert one.shelf.now.of("").grades[0].label == "Like new"
    assert one.texts.settings == "hold_seconds = 20\n"
    [uses] = (await publications.uses()).values()
    assert [(x.version, x.refused, x.refused_at) for x in uses] == [
        (1, 2, f"line {len(OTHER.splitlines()) + 2}, smell"),
        (1, 2, "line 1, api.url"),
    ]
    await one.store.close()
    again = await site.bench("dock 1")  # without the hub, after a restart
    assert again.shelf.now.of("").grades[0].label == "Like new"
    assert [x.wrong.version for x in again.publications.given if x.wrong is not None] == [2, 2]


async def test_a_bench_that_is_killed_before_it_kept_an_event_is_told_it_again(site: Site) -> None:
    one = await site.bench("dock 1")
    await site.hub.shared.publications.give(Published.VOCABULARY, SITE, OTHER, "Ivo")
    following = asyncio.create_task(one.follow(await site.head(one)))
    await asyncio.sleep(0)
    following.cancel()
    await asyncio.wait([following])
    await site.meet(one)
    assert one.shelf.now.of("").grades[0].label == "Like new"
