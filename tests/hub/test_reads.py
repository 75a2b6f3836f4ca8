"""What a bench reads at the hub: Loop's JSON as it came, as fresh as it was asked for, read once for all."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from loopdesk.api.versions import VERSIONS
from loopdesk.hub.budget.dealing import Klass
from loopdesk.hub.failures import InTwoShops
from loopdesk.hub.reads.copies import KnownCopies, LoopPage, keep
from loopdesk.hub.reads.flights import LOCK_ROOM, lock_key
from loopdesk.hub.reads.freshness import Freshness
from loopdesk.hub.reads.readings import details_of
from loopdesk.simulator.faults import Fault
from loopdesk.simulator.http.app import Face
from loopdesk.simulator.loop import Loop
from tests.hub.reading_rig import Process, a_shop, add_shops, first_return, process
from tests.hub.running import until

DETAILS = "/warehouse/return/details"


@pytest.fixture
def acme() -> Loop:
    """A simulated shop."""
    return a_shop("acme")


@pytest.fixture
def url(hub_url: str, acme: Loop) -> str:
    """A database with that shop."""
    add_shops(hub_url, {"acme": acme})
    return hub_url


@pytest.fixture
async def hub(url: str, acme: Loop) -> AsyncIterator[Process]:
    """One process before that shop."""
    async with process(url, {"acme": acme}) as one:
        yield one


def rows(url: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question.encode()).fetchall()


async def straight(loop: Loop, target: str) -> httpx.Response:
    """Ask the simulated Loop itself."""
    key = loop.keys[0].value
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(Face(loop)), base_url="http://127.0.0.1:1"
    ) as client:
        return await client.get(f"/api/v1{target}", headers={"X-Authorization": key})


# --- as it came, and as fresh as it was asked for -------------------------------------------------------


async def test_a_known_return_is_given_byte_for_byte_without_asking_loop(hub: Process, acme: Loop) -> None:
    return_id = first_return(acme).return_id
    first = await hub.details(return_id)
    again = await hub.details(return_id)
    loops = await straight(acme, f"{DETAILS}?return_id={return_id}")

    assert first.content == again.content == loops.content
    assert b"\\/" in first.content  # as PHP writes it
    assert first.headers["Content-Type"] == loops.headers["Content-Type"]
    assert [one.headers["X-Loopdesk-Source"] for one in (first, again)] == ["loop", "hub"]
    assert first.headers["Age"] == "0"
    assert again.headers["X-Loopdesk-Shop"] == "acme"
    assert len(acme.requests("GET", DETAILS)) == 2  # the first one, and ours


async def test_no_cache_asks_loop_and_brings_what_is_new(hub: Process, acme: Loop) -> None:
    ret = first_return(acme)
    await hub.details(ret.return_id)
    ret.order_name = "#777"
    kept = await hub.details(ret.return_id, cache="max-age=3600")
    fresh = await hub.details(ret.return_id, cache="no-cache")
    after = await hub.details(ret.return_id)

    assert kept.json()["order_name"] != "#777"
    assert fresh.json()["order_name"] == after.json()["order_name"] == "#777"
    assert fresh.headers["X-Loopdesk-Source"] == "loop"


async def test_a_hint_in_any_process_makes_old_what_was_read_before(url: str, acme: Loop) -> None:
    ret = first_return(acme)
    shops = {"acme": acme}
    async with process(url, shops) as one, process(url, shops, hours_wrong=5) as other:
        await one.details(ret.return_id)
        ret.order_name = "#778"
        await one.hint("acme", ret.return_id)
        seen = await other.details(ret.return_id, cache="max-age=86400")
        unhinted = await other.details(ret.return_id, cache="max-age=86400")

    assert seen.json()["order_name"] == "#778"
    assert unhinted.headers["X-Loopdesk-Source"] == "hub"


async def test_an_answer_about_an_order_is_old_after_any_hint_of_its_shop(hub: Process, acme: Loop) -> None:
    name = first_return(acme).order_name.lstrip("#")
    path = f"{DETAILS}?order_name={name}"
    await hub.get(path)
    before = await hub.get(path)
    await hub.hint("acme", "12345")
    after = await hub.get(path)

    assert [one.headers["X-Loopdesk-Source"] for one in (before, after)] == ["hub", "loop"]


async def test_an_older_read_that_ends_later_overwrites_nothing(hub: Process, acme: Loop) -> None:
    return_id = first_return(acme).return_id
    fresh = await hub.details(return_id, cache="no-cache")
    reading = details_of(VERSIONS["v1"], return_id)
    [[older]] = rows(hub.database.url, "SELECT read_began - interval '1 second' FROM read_copy")
    assert isinstance(older, datetime)
    async with hub.database.transaction() as connection:
        late = LoopPage(200, "application/json", b'{"id": 1, "late": true}')
        await keep(connection, "acme", reading, late, older)

    assert (await hub.details(return_id)).content == fresh.content


async def test_lists_and_probes_are_never_kept(hub: Process, acme: Loop) -> None:
    window = "/warehouse/return/list?from=2026-01-01%2000:00:00&to=2026-01-02%2000:00:00"
    for path in (window, "/warehouse/return/list?paginate=true&pageSize=1"):
        for _ in range(2):
            assert (await hub.get(path, cache="max-age=3600")).headers["X-Loopdesk-Source"] == "loop"

    assert len(acme.requests("GET", "/list")) == 4
    assert rows(hub.database.url, "SELECT count(*) FROM read_copy") == [(0,)]


async def test_what_has_been_kept_for_long_enough_is_forgotten(hub: Process, acme: Loop) -> None:
    await hub.details(first_return(acme).return_id)
    with psycopg.connect(hub.database.url, autocommit=True) as connection:
        connection.execute("UPDATE read_copy SET ends_at = clock_timestamp() - interval '1 second'")
    running = asyncio.ensure_future(hub.reads.run())
    await until(lambda: rows(hub.database.url, "SELECT count(*) FROM read_copy") == [(0,)])
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


# --- once for all ------------------------------------------------------------------------------------------


async def test_whoever_wants_the_same_return_at_once_causes_one_read_over_all_processes(
    url: str, acme: Loop
) -> None:
    return_id, shops = first_return(acme).return_id, {"acme": acme}
    acme.faults.add(Fault("slow", path=DETAILS, seconds=0.2))
    async with process(url, shops) as one, process(url, shops) as other:
        seen = await asyncio.gather(
            *(each.details(return_id, cache="max-age=60") for each in (one, other) for _ in range(15))
        )

    assert {each.status_code for each in seen} == {200}
    assert len(acme.requests("GET", DETAILS)) == 1


async def test_a_read_that_another_process_has_begun_is_waited_for_if_its_age_will_do(
    url: str, acme: Loop
) -> None:
    return_id, shops = first_return(acme).return_id, {"acme": acme}
    acme.faults.add(Fault("slow", path=DETAILS, seconds=0.2, count=1))
    async with process(url, shops) as one, process(url, shops) as other:
        early = asyncio.ensure_future(one.details(return_id, cache="max-age=60"))
        await until(lambda: bool(acme.requests("GET", DETAILS)))
        late = await other.details(return_id, cache="max-age=60")
        await early

    assert late.status_code == 200
    assert len(acme.requests("GET", DETAILS)) == 1


async def test_what_another_process_has_read_since_it_was_looked_for_is_not_read_again(
    url: str, acme: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    return_id, shops = first_return(acme).return_id, {"acme": acme}
    async with process(url, shops) as one, process(url, shops) as other:
        copies = other.reads._copies
        known = copies.known

        async def overtaken(*given: Any) -> KnownCopies:
            monkeypatch.undo()
            found = await known(*given)
            await one.details(return_id, cache="max-age=60")
            return found

        monkeypatch.setattr(copies, "known", overtaken)
        await other.details(return_id, cache="max-age=60")

    assert len(acme.requests("GET", DETAILS)) == 1


async def test_no_cache_joins_only_a_read_that_begins_later(url: str, acme: Loop) -> None:
    ret, shops = first_return(acme), {"acme": acme}
    acme.faults.add(Fault("slow", path=DETAILS, seconds=0.2, count=1))
    async with process(url, shops) as one, process(url, shops) as other:
        early = asyncio.ensure_future(one.details(ret.return_id, cache="no-cache"))
        await until(lambda: bool(acme.requests("GET", DETAILS)))
        ret.order_name = "#779"
        late = await asyncio.gather(
            *(each.details(ret.return_id, cache="no-cache") for each in (one, other) for _ in range(10))
        )
        await early

    assert {each.json()["order_name"] for each in late} == {"#779"}
    assert len(acme.requests("GET", DETAILS)) <= 3  # the early one, and one or two for all the others


async def test_a_process_that_holds_the_lock_and_never_ends_delays_a_lookup_by_a_second(
    hub: Process, acme: Loop
) -> None:
    return_id = first_return(acme).return_id
    with psycopg.connect(hub.database.url, autocommit=True) as stuck:
        taken = lock_key("acme", details_of(VERSIONS["v1"], return_id).target)
        stuck.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK_ROOM, taken))
        seen = await hub.details(return_id, cache="no-cache", X_Loopdesk_Priority="0")

    assert seen.headers["X-Loopdesk-Source"] == "loop"


async def test_a_lookup_takes_along_a_background_read_that_waits_for_its_turn(
    hub: Process, acme: Loop
) -> None:
    return_id = first_return(acme).return_id
    await hub.budget.set_pace("acme", per_second=0.001, burst=30.0, slow_seconds=60.0)
    with psycopg.connect(hub.database.url, autocommit=True) as connection:
        connection.execute("UPDATE budget_bucket SET tokens = 8")  # below the floor of background work
    slow = asyncio.ensure_future(hub.details(return_id, X_Loopdesk_Priority="4"))
    await until(lambda: rows(hub.database.url, "SELECT count(*) FROM budget_wish") == [(1,)])
    urgent = await hub.details(return_id, X_Loopdesk_Priority="0")

    assert urgent.status_code == (await slow).status_code == 200
    assert len(acme.requests("GET", DETAILS)) == 1


# --- when Loop does not answer ----------------------------------------------------------------------------


AWAY = [
    Fault("offline"),
    Fault("html_error"),
    Fault("answer", status=500),
    Fault("portal"),
    Fault("answer", status=403, body="<html>blocked</html>"),
    Fault("truncate"),
]


@pytest.mark.parametrize("fault", AWAY, ids=lambda fault: fault.kind)
async def test_without_loop_what_is_known_is_given_with_its_age_and_nothing_that_must_be_fresh(
    hub: Process, acme: Loop, fault: Fault
) -> None:
    return_id = first_return(acme).return_id
    known = await hub.details(return_id)
    with psycopg.connect(hub.database.url, autocommit=True) as connection:
        connection.execute("UPDATE read_copy SET read_began = read_began - interval '100 seconds'")
    acme.faults.add(fault)
    any_age = await hub.details(return_id)
    accepted = await hub.details(return_id, cache="max-age=10, max-stale=3600")
    too_old = await hub.details(return_id, cache="max-age=10, max-stale=20")
    fresh = await hub.details(return_id, cache="max-age=10")
    freshest = await hub.details(return_id, cache="no-cache")

    assert any_age.content == accepted.content == known.content
    assert 100 <= int(any_age.headers["Age"]) <= 110
    assert any_age.headers["X-Loopdesk-Source"] == "hub"
    for refused in (too_old, fresh, freshest):
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) >= 1
        assert refused.headers["X-Loopdesk-Source"] == "hub"
        assert return_id not in refused.text
    [[kept]] = rows(hub.database.url, "SELECT body FROM read_copy")
    assert kept == known.content


async def test_a_refusal_in_loops_own_words_goes_through_as_it_came_and_is_not_kept(
    hub: Process, acme: Loop
) -> None:
    unknown = await hub.details("999999999")
    loops = await straight(acme, f"{DETAILS}?return_id=999999999")
    acme.keys.clear()
    unauthorized = await hub.details(first_return(acme).return_id)

    assert unknown.content == loops.content
    assert unknown.headers["X-Loopdesk-Source"] == "loop"
    assert unauthorized.status_code == 401
    assert "GEN-UNAUTHORIZED" in unauthorized.text
    assert rows(hub.database.url, "SELECT count(*) FROM read_copy") == [(0,)]


@pytest.mark.expects_log("throttled shop=acme")
async def test_a_429_goes_through_and_slows_everybody_down(hub: Process, acme: Loop) -> None:
    acme.faults.add(Fault("throttle", count=1, retry_after="7"))
    seen = await hub.details(first_return(acme).return_id)
    [state] = await hub.budget.state()

    assert seen.status_code == 429
    assert seen.headers["X-Loopdesk-Source"] == "loop"
    assert state.is_slow
    assert state.tokens < 1


async def test_the_note_that_there_are_no_notes_is_kept_as_it_came(hub: Process, acme: Loop) -> None:
    path = f"/warehouse/return/{first_return(acme).return_id}/notes"
    first, again = await hub.get(path), await hub.get(path)

    assert (first.status_code, first.content) == (again.status_code, again.content) == (422, b"false")
    assert again.headers["X-Loopdesk-Source"] == "hub"


async def test_without_a_turn_in_the_budget_nothing_is_sent_and_the_bench_asks_again(
    hub: Process, acme: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub.budget, "_patience", dict.fromkeys(Klass, 0.1))
    await hub.budget.set_pace("acme", per_second=0.001, burst=30.0, slow_seconds=60.0)
    with psycopg.connect(hub.database.url, autocommit=True) as connection:
        connection.execute("UPDATE budget_bucket SET tokens = 0")
    seen = await hub.details(first_return(acme).return_id)

    assert (seen.status_code, seen.headers["X-Loopdesk-Source"]) == (503, "hub")
    assert acme.requests() == []


@pytest.mark.parametrize("path", ["/webhooks", "/warehouse/return/1/process", "/destinations?x=1"])
async def test_what_a_bench_does_not_read_is_not_asked_of_loop(hub: Process, acme: Loop, path: str) -> None:
    seen = await hub.get(path)

    assert (seen.status_code, seen.headers["X-Loopdesk-Source"]) == (400, "hub")
    assert acme.requests() == []


async def test_the_age_of_an_answer_counts_from_the_begin_of_its_read(hub: Process, acme: Loop) -> None:
    return_id = first_return(acme).return_id
    acme.faults.add(Fault("slow", path=DETAILS, seconds=1.1, count=1))
    slow = await hub.details(return_id, cache="no-cache")

    assert slow.headers["Age"] == "1"
    assert int((await hub.details(return_id)).headers["Age"]) >= 2


# --- several shops -----------------------------------------------------------------------------------------


@pytest.fixture
def shops() -> dict[str, Loop]:
    """Two shops whose orders have the same names; the first returns of one are the second's as well."""
    return {"acme": a_shop("acme", 4), "bolt": a_shop("bolt", 4, first=2)}


@pytest.fixture
async def both(hub_url: str, shops: dict[str, Loop]) -> AsyncIterator[Process]:
    """One process before both."""
    add_shops(hub_url, shops)
    async with process(hub_url, shops) as one:
        yield one


def own(shops: dict[str, Loop], name: str) -> str:
    """A return that only this shop has."""
    ids = {shop: {ret.return_id for ret in loop.index.kept()} for shop, loop in shops.items()}
    [others] = [found for shop, found in ids.items() if shop != name]
    return min(ids[name] - others)


def doubled(shops: dict[str, Loop]) -> str:
    """A return whose number both shops have."""
    one, other = ({ret.return_id for ret in loop.index.kept()} for loop in shops.values())
    return min(one & other)


async def test_a_lookup_finds_the_shop_and_asks_no_other_one_again(
    both: Process, shops: dict[str, Loop]
) -> None:
    return_id = own(shops, "bolt")
    first = await both.details(return_id)
    again = await both.details(return_id, cache="no-cache")

    assert first.headers["X-Loopdesk-Shop"] == again.headers["X-Loopdesk-Shop"] == "bolt"
    assert len(shops["acme"].requests()) == 1
    assert len(shops["bolt"].requests()) == 2


async def test_the_notes_of_a_return_come_from_the_shop_that_has_it(
    both: Process, shops: dict[str, Loop]
) -> None:
    return_id = own(shops, "bolt")
    shops["bolt"].write_note(shops["bolt"].get(return_id), "torn box")
    seen = await both.get(f"/warehouse/return/{return_id}/notes")

    assert [note["content"] for note in seen.json()] == ["torn box"]
    assert shops["acme"].requests("GET", "/notes") == []


async def test_what_no_shop_has_is_absent_only_if_every_shop_says_so(
    both: Process, shops: dict[str, Loop]
) -> None:
    absent = await both.details("999999999")
    shops["bolt"].faults.add(Fault("offline"))
    unsure = await both.details("999999999")
    found = await both.details(own(shops, "acme"))

    assert "No return found" in absent.text
    assert unsure.status_code == 503
    assert (found.status_code, found.headers["X-Loopdesk-Missing-Shop"]) == (200, "bolt")


@pytest.mark.expects_log("return_in_two_shops")  # as in the simulation orders and returns have one number
async def test_orders_of_one_name_in_two_shops_are_joined_without_writing_them_anew(
    both: Process, shops: dict[str, Loop]
) -> None:
    name = shops["acme"].get(doubled(shops)).order_name.lstrip("#")
    path = f"{DETAILS}?order_name={name}"
    parts = {shop: (await straight(loop, path)).content for shop, loop in shops.items()}
    seen = await both.get(path)

    assert seen.content == b"[" + parts["acme"] + b"," + parts["bolt"] + b"]"
    assert seen.headers["X-Loopdesk-Shop"] == "acme,bolt"


@pytest.mark.expects_log("return_in_two_shops", "return_shop_chosen")
async def test_a_number_in_two_shops_is_noticed_and_refused_until_a_lead_says_which(
    both: Process, shops: dict[str, Loop]
) -> None:
    return_id = doubled(shops)
    seen = await both.details(return_id)
    with pytest.raises(InTwoShops):
        await both.reads.homes.shop_of(return_id, ("acme", "bolt"))
    again = await both.details(return_id)
    named = await both.details(return_id, X_Loopdesk_Shop="bolt")
    await both.reads.homes.choose(return_id, "acme", "Ada")
    chosen = await both.details(return_id)

    assert [one.status_code for one in (seen, again)] == [422, 422]
    assert json.loads(seen.content)["error"]["code"] == "in_two_shops"
    assert named.headers["X-Loopdesk-Shop"] == "bolt"
    assert chosen.headers["X-Loopdesk-Shop"] == "acme"
    assert await both.reads.homes.shop_of(return_id, ("acme", "bolt")) == "acme"


async def test_a_list_is_of_one_shop_which_the_bench_names(both: Process, shops: dict[str, Loop]) -> None:
    path = "/warehouse/return/list?paginate=true&pageSize=5"
    unnamed = await both.get(path)
    named = await both.get(path, X_Loopdesk_Shop="bolt")
    foreign = await both.get(path, X_Loopdesk_Shop="other")

    assert [one.status_code for one in (unnamed, named, foreign)] == [400, 200, 400]
    assert shops["acme"].requests() == []


async def test_a_list_tells_the_hub_which_returns_are_of_the_shop(
    both: Process, shops: dict[str, Loop]
) -> None:
    for ret in shops["bolt"].index.kept():
        ret.created_at = shops["bolt"].now() - timedelta(hours=1)
    await both.get("/warehouse/return/list?paginate=true&pageSize=50", X_Loopdesk_Shop="bolt")

    seen = {one for [one] in rows(both.database.url, "SELECT return_id FROM return_home")}
    assert seen >= {
        ret.return_id for ret in shops["bolt"].index.kept() if ret.state in ("open", "closed", "expired")
    }


async def test_loops_time_is_learned_from_its_answers(url: str, acme: Loop) -> None:
    told: list[object] = []
    async with process(url, {"acme": acme}) as one:
        one.reads._loop._learn = told.append
        await one.details(first_return(acme).return_id)
        await one.details(first_return(acme).return_id)

    assert len(told) == 1


async def test_an_age_that_a_kind_has_is_used_where_a_bench_names_none(hub: Process, acme: Loop) -> None:
    return_id = first_return(acme).return_id
    await hub.details(return_id)
    with psycopg.connect(hub.database.url, autocommit=True) as connection:
        connection.execute("UPDATE read_copy SET read_began = read_began - interval '61 seconds'")

    assert (await hub.details(return_id)).headers["X-Loopdesk-Source"] == "loop"
    assert Freshness().max_age is None
