"""Keys, scopes, the rate limit, unknown paths, and how they are logged."""

from __future__ import annotations

from typing import Any

import pytest

from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import ALL_SCOPES, ShopKey
from tests.unit.simulator.shop import KEY, Shop

GATEWAY = {"error": {"code": "401", "http_code": "GEN-UNAUTHORIZED", "message": "Unauthorized."}}
LIST = "/api/v1/warehouse/return/list"

PATHS = {
    "returns": LIST,
    "destinations:read": "/api/v1/destinations",
    "happy_returns_shipments:read": "/api/v1/happy-returns/shipments",
}


@pytest.mark.parametrize("key", [None, "", "wrong", f"Bearer {KEY}"])
async def test_without_the_raw_key_it_is_401(key: str | None) -> None:
    shop = Shop()
    answer = await shop.ask("GET", LIST, key=key)
    assert (answer.status_code, answer.json()) == (401, GATEWAY)
    shop.loop.settings.change(unauthorized_shape="api")
    answer = await shop.ask("GET", LIST, key=key)
    assert (answer.status_code, answer.json()) == (401, {"errors": "Unauthorized."})


@pytest.mark.parametrize("missing", sorted(ALL_SCOPES))
async def test_a_missing_scope_is_401_and_the_others_work(missing: str) -> None:
    shop = Shop(keys=(ShopKey("dock", KEY, ALL_SCOPES - {missing}),))
    statuses = {scope: (await shop.ask("GET", path)).status_code for scope, path in PATHS.items()}
    assert statuses == {scope: 401 if scope == missing else 200 for scope in PATHS}


@pytest.mark.parametrize("action", ["process", "cancel", "note"])
async def test_a_refused_key_does_nothing(action: str) -> None:
    shop = Shop()
    return_id = shop.add()
    answer = await shop.do(action, return_id, {"content": "x"}, key="wrong")
    shop.clock.turn(60)
    assert answer.status_code == 401
    assert (shop.loop.get(return_id).state, shop.loop.get(return_id).notes) == ("open", [])


async def test_the_limit_is_per_key_and_minute() -> None:
    shop = Shop(rate_limit=3, keys=(ShopKey("dock", KEY), ShopKey("other", "second")))
    left = [(await shop.ask("GET", LIST)).headers["x-ratelimit-remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = await shop.ask("GET", LIST)
    assert (refused.status_code, refused.json()) == (429, {"message": "Too Many Attempts."})
    assert (refused.headers["x-ratelimit-limit"], refused.headers["x-ratelimit-remaining"]) == ("3", "0")
    assert "retry-after" not in refused.headers
    assert (await shop.ask("GET", LIST, key="second")).status_code == 200
    shop.clock.turn(61)
    assert (await shop.ask("GET", LIST)).status_code == 200


async def test_the_limit_may_say_when_to_come_back_and_may_be_off() -> None:
    shop = Shop(rate_limit=1, retry_after=True)
    await shop.ask("GET", LIST)
    shop.clock.turn(20.5)
    assert (await shop.ask("GET", LIST)).headers["retry-after"] == "40"
    shop.loop.settings.change(rate_limit=None)
    answers = [await shop.ask("GET", LIST) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert "x-ratelimit-limit" not in answers[0].headers


async def test_a_limited_request_has_no_effect() -> None:
    shop = Shop(rate_limit=1)
    return_id = shop.add()
    await shop.ask("GET", LIST)
    assert (await shop.do("cancel", return_id)).status_code == 429
    assert shop.loop.get(return_id).state == "open"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/returns", 404),
        ("GET", "/api/latest/warehouse/return/list", 404),
        ("GET", "/api/2026-04/warehouse/return/list", 404),
        ("GET", "/warehouse/return/list", 404),
        ("POST", "/api/v1/warehouse/returns/5/cancel", 404),
        ("POST", "/api/v1/warehouse/return/abc/process", 404),
        ("GET", "/api/v1/warehouse/return/5/process", 405),
        ("POST", LIST, 405),
        ("GET", "/", 404),
    ],
)
async def test_other_paths_do_not_exist(method: str, path: str, status: int) -> None:
    assert (await Shop().ask(method, path)).status_code == status


@pytest.mark.parametrize("version", ["v1", "2026-07", "2026-10"])
async def test_every_version_is_mounted(version: str) -> None:
    shop = Shop(version=version)
    return_id = shop.add()
    assert (await shop.get("/warehouse/return/details", return_id=return_id)).json()["state"] == "open"
    assert (await shop.do("flag", return_id)).json() is True


async def test_the_log_knows_every_request_and_no_key() -> None:
    shop = Shop()
    return_id = shop.add()
    await shop.do("note", return_id, {"content": "x"})
    await shop.ask("GET", LIST, key="other-canary", state="open")
    await shop.ask("GET", LIST, key=None)
    await shop.do("process", "5")
    note, strange, keyless, refused = shop.loop.log
    assert (note.n, note.method, note.path) == (1, "POST", f"/api/v1/warehouse/return/{return_id}/note")
    assert (note.body, note.key, note.effect, note.status, note.answered) == (
        {"content": "x"},
        "dock",
        True,
        200,
        True,
    )
    assert note.at == shop.clock.at
    assert (strange.query, strange.key, strange.status, strange.effect) == (
        "state=open",
        "unknown",
        401,
        False,
    )
    assert (keyless.key, keyless.body) == (None, None)
    assert (refused.status, refused.effect) == (200, False)
    text = str([seen.as_dict() for seen in shop.loop.log])
    assert KEY not in text
    assert "other-canary" not in text
    assert [seen.n for seen in shop.loop.requests("GET", "return/list", since=2)] == [3]


async def test_the_date_header_may_be_wrong_on_purpose() -> None:
    shop = Shop()
    assert (await shop.ask("GET", LIST)).headers["date"] == "Fri, 20 Nov 2026 12:00:00 GMT"
    shop.loop.settings.change(date_offset_seconds=-3600)
    assert (await shop.ask("GET", LIST)).headers["date"] == "Fri, 20 Nov 2026 11:00:00 GMT"


@pytest.mark.parametrize(
    "change",
    [
        {"no_such": 1},
        {"flag_sets": "nothing"},
        {"rate_limit": 0},
        {"rate_limit": True},
        {"string_true": "yes"},
        {"processing_seconds": "2"},
        {"foreign_links": 5},
        {"string_true": True, "no_such": 1},
    ],
)
def test_a_wrong_setting_is_refused_and_changes_nothing(change: dict[str, Any]) -> None:
    settings = Settings()
    with pytest.raises(ValueError, match=r"setting|value"):
        settings.change(**change)
    assert settings == Settings()
