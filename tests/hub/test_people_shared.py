"""The list of people at the benches of a site: whole, with its age, and gone where it has to be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from loopdesk.domain.operators import Role
from loopdesk.domain.people import PeopleList, PeopleSource, Person
from loopdesk.hub.compose import Hub
from loopdesk.hub.sharing.people import HubPeople
from loopdesk.services.ports.following import SharedEvent
from loopdesk.services.sharing.people import HEARD_SECONDS, people_in
from tests.builders import AT
from tests.hub.running import settings_for
from tests.hub.sharing_rig import SharingBench, Site, a_site


@pytest.fixture
async def site(hub_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with (
        Hub(settings_for(hub_url, tmp_path)) as hub,
        a_site(hub, tmp_path / "benches", {"Dock 1": "Ana", "Dock 2": "Bo"}) as made,
    ):
        yield made


@pytest.fixture
def people(site: Site) -> HubPeople:
    return HubPeople(site.hub.database, site.hub.sealing, site.hub.feed.ring)


async def names(bench: SharingBench) -> tuple[str, list[str]]:
    found = await bench.store.people.people()
    return found.source.value, [person.name for person in found.people]


@pytest.mark.fault(219)
async def test_all_benches_have_the_list_and_whoever_goes_is_gone_there(
    site: Site, people: HubPeople
) -> None:
    first, second = site.benches
    assert await names(first) == ("", [])
    await site.sync()
    assert await names(first) == ("hub", [])  # nobody yet, and that is the hub's word
    await people.add("Žofie", Role.LEAD, "zofie@shop.example", "de")
    await people.add("Bo", Role.OPERATOR)
    await people.give_badge("Bo", "LDBADGE" + "Q" * 20)
    second.line.is_away = True
    await site.sync()
    assert await names(first) == ("hub", ["Bo", "Žofie"])
    assert await names(second) == ("hub", [])
    bo, zofie = (await first.store.people.people()).people
    assert (zofie.role, zofie.email, zofie.language, zofie.badge) == (
        Role.LEAD,
        "zofie@shop.example",
        "de",
        "",
    )
    assert len(bo.badge) == 64
    await people.deactivate("Bo")
    second.line.is_away = False
    await site.sync()
    assert await names(first) == await names(second) == ("hub", ["Žofie"])
    await first.restart()
    assert await names(first) == ("hub", ["Žofie"])


async def test_the_copy_has_the_age_of_the_last_contact(site: Site, people: HubPeople) -> None:
    bench = site.benches[0]
    await people.add("Ana", Role.LEAD)
    await site.sync()
    began = site.clock.now()
    assert (await bench.store.people.people()).heard_at == began
    await site.clock.turn(HEARD_SECONDS - 1)
    await bench.sharing.beat()
    assert (await bench.store.people.people()).heard_at == began
    await site.clock.turn(1)
    await bench.sharing.beat()
    found = await bench.store.people.people()
    assert found.heard_at == began + timedelta(seconds=HEARD_SECONDS)


async def test_another_generation_of_the_hub_replaces_the_list_and_until_then_the_one_before_stays(
    site: Site, people: HubPeople
) -> None:
    bench = site.benches[0]
    await people.add("Ana", Role.LEAD)
    await site.sync()
    async with site.hub.database.transaction() as connection:
        await connection.execute("DELETE FROM person")  # an older copy, from before Ana
        await connection.execute("SELECT hub_restored()")
    await site.next_generation()
    await bench.sharing.begin_anew()
    assert await names(bench) == ("hub", ["Ana"])
    await bench.hear()
    assert await names(bench) == ("hub", [])


async def test_without_the_hub_its_list_goes_and_another_one_counts_again(
    site: Site, people: HubPeople
) -> None:
    bench = site.benches[0]
    own = (Person("b1", "Own", Role.OPERATOR, AT),)
    await bench.store.people.replace(PeopleSource.BENCH, own, None)
    assert await bench.store.people.people() == PeopleList(PeopleSource.BENCH, None, own)
    await people.add("Ana", Role.LEAD)
    await site.sync()
    assert await names(bench) == ("hub", ["Ana"])
    filed = (Person("f1", "Filed", Role.IT, AT, badge="00", pin="$argon2id$"),)
    await bench.store.people.replace(PeopleSource.FILE, filed, AT)
    assert await names(bench) == ("hub", ["Ana"])
    await bench.store.shares.turn(on=False)
    assert await bench.store.people.people() == PeopleList(PeopleSource.FILE, AT, filed)


async def test_a_revoked_bench_is_told_nothing_more(site: Site, people: HubPeople) -> None:
    first, second = site.benches
    await people.add("Ana", Role.LEAD)
    await site.sync()
    await site.hub.benches.revoke("Dock 1")
    await people.add("Bo", Role.OPERATOR)
    await second.hear()
    assert await names(second) == ("hub", ["Ana", "Bo"])
    async with httpx.AsyncClient(base_url=site.hub.url, trust_env=False) as client:
        answer = await client.get("/hub/v1/changes?after=*:0", headers={"X-Authorization": first._token})
    assert answer.status_code == 403


async def test_the_same_list_twice_and_an_older_one_late_change_nothing(
    site: Site, people: HubPeople
) -> None:
    bench = site.benches[0]
    await people.add("Ana", Role.LEAD)
    await site.sync()
    position = await bench.sharing.position()
    for late in (position, position - 1):
        await bench.sharing.shared(SharedEvent("people", late, "site", {"people": []}))
    assert await names(bench) == ("hub", ["Ana"])


_ANA = {"id": "1", "name": "Ana", "role": "lead", "changed_at": "2026-03-02T09:30:00+00:00"}


@pytest.mark.expects_log("people_unread")
@pytest.mark.parametrize("value", [None, {}, {"people": {}}, {"people": [{}] * 2001}])
async def test_what_is_no_list_leaves_the_one_that_is_there_and_is_not_asked_for_again(
    site: Site, people: HubPeople, value: dict[str, object] | None
) -> None:
    bench = site.benches[0]
    await people.add("Ana", Role.LEAD)
    await site.sync()
    after = await bench.sharing.position() + 1
    await bench.sharing.shared(SharedEvent("people", after, "site", value))
    assert await names(bench) == ("hub", ["Ana"])
    assert await bench.sharing.position() == after


@pytest.mark.parametrize(
    "odd",
    [
        {"role": "wizard"},
        {"role": ""},
        {"name": ""},
        {"name": "x" * 41},
        {"id": ""},
        {"changed_at": "today"},
        {"changed_at": "2026-03-02T09:30:00"},
        {"email": "no address"},
        {"pin": 7},
        {"badge": "0" * 513},
    ],
)
def test_somebody_who_cannot_be_read_is_left_out_and_the_others_are_not(odd: dict[str, object]) -> None:
    read = people_in({"people": [{**_ANA, "id": "2", **odd}, "x", _ANA]})
    assert read is not None
    assert [person.id for person in read] == ["1"]
