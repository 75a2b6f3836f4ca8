"""Mystery parcels at the hub: no number twice, none lost, each ended once."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID, uuid4

import pytest

from loopdesk.domain.site_mysteries import FoundParcel, MysteryPush, ParcelEnd, ParcelSide
from loopdesk.hub.benches.registry import BenchRegistry
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import rows
from loopdesk.hub.sharing.mysteries import HubMysteries, PushTaken, told
from tests.builders import AT

NEW = MysteryPush(ParcelSide(), {"words": "box", "shelf": "", "photo": ""}, ParcelEnd(), "dock")
TOKENS = {n: f"{n:032x}" for n in range(9)}


def a_parcel(number: int, series: str = "") -> FoundParcel:
    return FoundParcel(uuid4().hex, series, number, f"1Z{number}", AT, "Kim", "dock")


class Site:
    """A hub's mysteries, and benches that bring them.

    Attributes:
        rings: How often readers were told of a commit.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.rings = 0
        self.mysteries = HubMysteries(database, self._ring)
        self.benches: list[UUID] = []

    async def add(self, *names: str) -> None:
        registry = BenchRegistry(self.database)
        for name in names:
            await registry.add(name)
        self.benches = [each.id for each in await registry.all()]

    async def push(
        self,
        place: int,
        parcel: FoundParcel,
        push: MysteryPush = NEW,
        *,
        claimed: str = "",
        token: int | None = None,
    ) -> PushTaken:
        known = TOKENS[place if token is None else token]
        return await self.mysteries.push(self.benches[place], known, claimed, parcel, push)

    async def restore(self) -> None:
        """Do what loading an older copy does to the generation."""
        async with self.database.transaction() as connection:
            await connection.execute("SELECT hub_restored()")

    async def events(self) -> list[str]:
        async with self.database.transaction() as connection:
            found = await rows(connection, "sharing.page", after=0, most=1000)
        return [each["key"] for each in found if each["kind"] == "mystery"]

    def _ring(self) -> None:
        self.rings += 1


@pytest.fixture
async def site(hub_database: Database) -> Site:
    """A site with three benches."""
    made = Site(hub_database)
    await made.add("Dock 1", "Dock 2", "Dock 3")
    return made


def standing_of(taken: PushTaken) -> tuple[str, bool]:
    assert taken.value is not None
    return taken.value["return_id"], taken.value["is_closed"]


def base_of(taken: PushTaken) -> ParcelSide:
    value = taken.value
    assert value is not None
    return ParcelSide(
        written={name: value[name] for name in ("words", "shelf", "photo")},
        photo_at=value["photo_at"],
        standing=ParcelEnd(
            value["return_id"], value["is_closed"], value["ended_by"], value["ended_at_station"]
        ),
        written_rev=value["written_rev"],
        standing_rev=value["standing_rev"],
    )


async def test_each_store_has_letters_of_its_own_and_all_benches_are_told(site: Site) -> None:
    mine = a_parcel(17)
    found = [await site.push(0, mine), await site.push(1, a_parcel(17)), await site.push(0, a_parcel(18))]
    assert [each.series for each in found] == ["A", "B", "A"]
    assert [each.value["number"] for each in found if each.value is not None] == [17, 17, 18]
    assert len(await site.events()) == site.rings == 3
    assert (await told(site.database, [mine.uid]))[mine.uid]["words"] == "box"


async def test_a_push_that_comes_again_is_told_to_nobody_a_second_time(site: Site) -> None:
    mine = a_parcel(1)
    assert await site.push(0, mine) == await site.push(0, mine, claimed="A")
    assert site.rings == 1


async def test_a_number_that_another_parcel_has_is_refused_with_the_letters_to_take(site: Site) -> None:
    await site.push(0, a_parcel(1))
    again = await site.push(0, a_parcel(1, "A"), claimed="A", token=5)
    assert again == PushTaken("B", None)


async def test_of_two_benches_that_end_a_parcel_at_once_one_has_ended_it(site: Site) -> None:
    mine = a_parcel(1)
    base = base_of(await site.push(0, mine))
    ended = MysteryPush(base, {}, ParcelEnd(is_closed=True, by="Ada"), "dock 1")
    linked = MysteryPush(base, {}, ParcelEnd("91000123", by="Kim"), "dock 2")
    found = await asyncio.gather(site.push(0, mine, ended), site.push(1, mine, linked))
    assert len({standing_of(each) for each in found}) == 1
    assert len(await site.events()) == 1
    assert site.rings == 2


async def test_after_a_restored_copy_letters_that_it_does_not_know_are_given_to_nobody_else(
    site: Site,
) -> None:
    await site.push(0, a_parcel(1))
    await site.restore()
    assert (await site.push(1, a_parcel(1))).series == "AB"  # passed over: those of benches not heard of yet
    kept = await site.push(2, a_parcel(7, "C"), claimed="C")
    assert kept.series == "C"
    assert kept.value is not None
    assert (await site.push(2, a_parcel(8), claimed="C", token=7)).series == "AC"


async def test_what_a_restored_copy_has_lost_is_taken_back_from_any_bench(site: Site) -> None:
    mine = a_parcel(1, "A")
    first = await site.push(0, mine)
    closed = base_of(
        await site.push(0, mine, MysteryPush(base_of(first), {"shelf": "A1"}, ParcelEnd(is_closed=True), "d"))
    )
    async with site.database.transaction() as connection:
        await connection.execute("DELETE FROM mystery")
    await site.restore()
    again = await site.push(1, mine, MysteryPush(closed, {}, None, "dock 2"))
    assert base_of(again) == closed
    assert again.value is not None
    assert (again.value["series"], again.value["number"], again.value["shelf"]) == ("A", 1, "A1")


@pytest.mark.parametrize("seed", range(3))
async def test_benches_that_push_at_once_in_any_order_never_get_one_number_twice(
    site: Site, seed: int
) -> None:
    dice = random.Random(seed)
    parcels = [(place, a_parcel(number)) for place in range(3) for number in range(1, 9)]
    wanted = [one for one in parcels for _ in range(dice.randint(1, 2))]
    dice.shuffle(wanted)
    for start in range(0, len(wanted), 6):
        await asyncio.gather(*(site.push(place, parcel) for place, parcel in wanted[start : start + 6]))
    found = await told(site.database, [parcel.uid for _, parcel in parcels])
    numbers = {(each["series"], each["number"]) for each in found.values()}
    assert len(found) == len(numbers) == len(parcels)
    letters = {found[parcel.uid]["series"]: place for place, parcel in parcels}
    assert len(letters) == 3
