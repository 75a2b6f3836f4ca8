"""The Detailed Returns List: defaults, windows, states, pages, and its misleading links."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from loopdesk.simulator.crowd import many_returns
from tests.unit.simulator.shop import NOON, Shop

LIST = "/warehouse/return/list"
DAY = 86_400
WEEK = {"from": "2026-11-13 12:00:00", "to": "2026-11-20 12:00:00"}


async def listed(shop: Shop, **params: Any) -> list[str]:
    answer = await shop.get(LIST, **params)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return [row["id"] for row in (body["returns"] if isinstance(body, dict) else body)]


async def walk(shop: Shop, **params: Any) -> list[list[str]]:
    """All pages, by the cursor alone."""
    pages: list[list[str]] = []
    more: dict[str, str] = {}
    while True:
        body = (await shop.get(LIST, paginate="true", **params, **more)).json()
        pages.append([row["id"] for row in body["returns"]])
        if body["nextPageUrl"] is None:
            return pages
        more = {"cursor": parse_qs(urlsplit(body["nextPageUrl"]).query)["cursor"][0]}
        assert len(pages) < 100


async def test_by_default_it_is_a_bare_array_of_the_last_day_newest_first() -> None:
    shop = Shop()
    old = shop.add(age_seconds=2 * DAY)
    first, second = shop.add(age_seconds=100), shop.add(age_seconds=50)
    assert await listed(shop) == [second, first]
    assert old not in await listed(shop, to="2026-11-01 00:00:00"), "`to` alone is ignored"


async def test_from_alone_means_the_day_after_it() -> None:
    shop = Shop()
    inside = shop.add(age_seconds=5.5 * DAY)
    shop.add(age_seconds=1 * DAY)
    assert await listed(shop, **{"from": "2026-11-14 12:00:00"}) == [inside]


async def test_by_default_cancelled_and_review_are_hidden() -> None:
    shop = Shop()
    ids = {state: shop.add(state=state) for state in ("open", "closed", "expired", "cancelled", "review")}
    assert set(await listed(shop)) == {ids["open"], ids["closed"], ids["expired"]}
    for state, return_id in ids.items():
        assert await listed(shop, state=state) == [return_id]


async def test_the_window_may_be_over_updates() -> None:
    shop = Shop()
    return_id = shop.add(age_seconds=30 * DAY)
    assert await listed(shop, filter="updated_at", **WEEK) == []
    await shop.do("close", return_id)
    assert await listed(shop, filter="updated_at", **WEEK) == [return_id]
    assert await listed(shop, **WEEK) == []


@pytest.mark.parametrize(
    "form", ["2026-11-19 12:00:00", "2026-11-19", "2026-11-19T12:00:00", "2026-11-19T12:00:00.000Z"]
)
async def test_dates_are_read_in_every_form_that_clients_use(form: str) -> None:
    shop = Shop()
    return_id = shop.add()
    assert await listed(shop, **{"from": form, "to": "2026-11-20T13:00:00+01:00"}) == [return_id]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"from": "soon"}, "from"),
        ({"from": "2026-11-01", "to": "later"}, "to"),
        ({"from": "2026-07-01 00:00:00", "to": "2026-11-20 00:00:00"}, "from"),
        ({"from": "2026-11-20", "to": "2026-11-10"}, "to"),
        ({"state": "open,closed"}, "state"),
        ({"state": "review "}, "state"),
        ({"filter": "closed_at"}, "filter"),
        ({"paginate": "true", "pageSize": "751"}, "pageSize"),
        ({"paginate": "true", "pageSize": "many"}, "pageSize"),
        ({"cursor": "bm9uc2Vuc2U="}, "cursor"),
    ],
)
async def test_a_wrong_parameter_is_422(params: dict[str, str], field: str) -> None:
    answer = await Shop().get(LIST, **params)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


async def test_exactly_120_days_are_fine() -> None:
    start = (NOON - timedelta(days=120)).strftime("%Y-%m-%d %H:%M:%S")
    assert (await Shop().get(LIST, **{"from": start, "to": "2026-11-20 12:00:00"})).status_code == 200


async def test_an_envelope_comes_with_paginate_and_has_100_by_default() -> None:
    shop = Shop()
    shop.loop.stock(many_returns(150, 1, NOON, spread_days=0.5))
    body = (await shop.get(LIST, paginate="true")).json()
    assert sorted(body) == ["nextPageUrl", "previousPageUrl", "returns"]
    assert (len(body["returns"]), body["previousPageUrl"]) == (100, None)
    full = await listed(shop)
    assert len(full) > 100
    assert [row["id"] for row in body["returns"]] == full[:100]


@pytest.mark.parametrize("column", ["created_at", "updated_at"])
async def test_no_return_is_lost_or_repeated_over_pages_even_in_one_second(column: str) -> None:
    shop = Shop()
    tied = [shop.add(age_seconds=500) for _ in range(23)]
    others = [shop.add(age_seconds=400 + n) for n in range(10)]
    pages = await walk(shop, pageSize="5", filter=column, **WEEK)
    seen = [each for page in pages for each in page]
    assert sorted(seen) == sorted(tied + others)
    assert all(len(page) == 5 for page in pages[:-1])


async def test_no_return_is_lost_when_fractions_of_a_second_disagree_with_the_ids() -> None:
    shop = Shop()
    ids = [shop.add() for _ in range(6)]
    for return_id in ids:
        await shop.do("flag", return_id)
    for place, return_id in enumerate(ids):
        shop.loop.get(return_id).updated_at = shop.clock.at - timedelta(milliseconds=100 * (place + 1))
    pages = await walk(shop, pageSize="1", filter="updated_at", state="review", **WEEK)
    assert sorted(each for page in pages for each in page) == sorted(ids)


async def test_ties_may_be_lost_or_repeated_as_by_the_real_cursor() -> None:
    shop = Shop(cursor_ties="lost")
    ids = [shop.add(age_seconds=500) for _ in range(4)] + [shop.add(age_seconds=900)]
    seen = [each for page in await walk(shop, pageSize="3", **WEEK) for each in page]
    assert len(seen) == 4
    assert set(seen) < set(ids)
    shop.loop.settings.change(cursor_ties="repeated")
    shop.add(age_seconds=500)
    first = (await shop.get(LIST, paginate="true", pageSize="5", **WEEK)).json()
    cursor = parse_qs(urlsplit(first["nextPageUrl"]).query)["cursor"][0]
    again = await listed(shop, cursor=cursor, pageSize="5", **WEEK)
    assert set(again) & {row["id"] for row in first["returns"]}


async def test_page_links_name_v1_and_drop_what_was_asked() -> None:
    shop = Shop(version="2026-10")
    for n in range(3):
        shop.add(state="review", age_seconds=100 + n)
    first = (await shop.get(LIST, paginate="true", pageSize="2", state="review", **WEEK)).json()
    link = urlsplit(first["nextPageUrl"])
    assert (link.netloc, link.path) == ("127.0.0.1", "/api/v1/warehouse/return/list")
    query = parse_qs(link.query)
    assert sorted(query) == ["cursor", "filter", "pageSize", "to"]
    place = json.loads(base64.b64decode(query["cursor"][0]))
    assert (place["created_at"], place["_pointsToNextItems"]) == ("2026-11-20 11:58:19", True)
    verbatim = await shop.ask("GET", f"{link.path}?{link.query}")
    assert verbatim.json()["returns"] == [], "without the state, what is in review is hidden"


async def test_pages_can_be_walked_back() -> None:
    shop = Shop()
    ids = [shop.add(age_seconds=100 + n) for n in range(7)]
    shop_pages = await walk(shop, pageSize="3", **WEEK)
    second = (await shop.get(LIST, paginate="true", pageSize="3", **WEEK)).json()["nextPageUrl"]
    cursor = parse_qs(urlsplit(second).query)["cursor"][0]
    body = (await shop.get(LIST, pageSize="3", cursor=cursor, **WEEK)).json()
    back = parse_qs(urlsplit(body["previousPageUrl"]).query)["cursor"][0]
    assert await listed(shop, pageSize="3", cursor=back, **WEEK) == shop_pages[0] == ids[:3]


async def test_links_may_lead_to_a_foreign_host() -> None:
    shop = Shop(foreign_links="http://evil.example.test")
    for n in range(2):
        shop.add(age_seconds=100 + n)
    body = (await shop.get(LIST, paginate="true", pageSize="1")).json()
    assert body["nextPageUrl"].startswith("http://evil.example.test/api/v1/")


async def test_a_crowd_is_listed_once_each_also_after_one_of_it_changed() -> None:
    shop = Shop()
    crowd = many_returns(400, 7, NOON, spread_days=6)
    shop.loop.stock(crowd)
    before = await listed(shop, state="open", **WEEK)
    await shop.do("flag", before[3])
    after = await listed(shop, state="open", **WEEK)
    assert after == before[:3] + before[4:]
    assert before[3] in await listed(shop, state="review", filter="updated_at", **WEEK)
    assert len(shop.loop.index) == 400


async def test_the_same_seed_gives_the_same_list() -> None:
    bodies = []
    for _ in range(2):
        shop = Shop()
        shop.loop.stock(many_returns(50, 3, NOON, spread_days=1))
        bodies.append((await shop.get(LIST)).json())
    assert bodies[0] == bodies[1]
    assert len(bodies[0]) > 30
