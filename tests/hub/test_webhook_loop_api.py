"""Setting webhooks up through Loop's API, and what is said when Loop does not."""

from __future__ import annotations

import httpx
import pytest

from loopdesk.api.transport import ApiKey
from loopdesk.hub.webhooks.loop_api import LoopRefused, LoopWebhooks
from loopdesk.hub.webhooks.registering import HookStanding, compared, wanted_hooks
from loopdesk.simulator.http.app import Face
from loopdesk.simulator.truth import ShopKey
from tests.unit.simulator.shop import KEY, Shop

WANTED = wanted_hooks("https://hub.example.com", "north")


def asked(shop: Shop, key: str = KEY) -> LoopWebhooks:
    """A client of the simulated Loop."""
    return LoopWebhooks("http://127.0.0.1", ApiKey(key), httpx.ASGITransport(Face(shop.loop)))


def answering(*answers: httpx.Response | Exception) -> LoopWebhooks:
    """A client that gets these answers in turn."""
    left = list(answers)

    def answer(_request: httpx.Request) -> httpx.Response:
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    return LoopWebhooks("http://loop.example", ApiKey(KEY), httpx.MockTransport(answer))


async def test_what_is_made_is_active_although_the_default_is_not() -> None:
    shop = Shop(webhook_default_status="inactive")
    async with asked(shop) as loop:
        for each in WANTED:
            await loop.create(each)
        found = compared(WANTED, await loop.listed())
    assert {each.standing for each in found} == {HookStanding.ACTIVE}


async def test_an_inactive_one_is_switched_on_and_not_made_again() -> None:
    shop = Shop()
    made = shop.loop.subscribe(WANTED[0].topic, WANTED[0].trigger, WANTED[0].url, "inactive")
    async with asked(shop) as loop:
        (found,) = compared(WANTED[:1], await loop.listed())
        assert found.standing is HookStanding.INACTIVE
        assert found.at_loop is not None
        await loop.activate(found.at_loop, found.wanted)
    assert (made.status, len(shop.loop.subscriptions)) == ("active", 1)


@pytest.mark.parametrize("tells", [True, False])
async def test_a_secret_is_taken_if_loop_tells_one(tells: bool) -> None:
    shop = Shop(webhook_tells_secret=tells)
    async with asked(shop) as loop:
        made = await loop.create(WANTED[0])
    assert made.secret == (shop.loop.subscriptions[0].secret if tells else "")
    assert made.secret not in repr(made) or not tells


async def test_an_account_without_the_newest_topic_says_what_it_knows() -> None:
    shop = Shop(webhook_knows_processing=False)
    processing = next(each for each in WANTED if each.topic == "return.processing")
    async with asked(shop) as loop:
        with pytest.raises(LoopRefused) as refused:
            await loop.create(processing)
    assert refused.value.why == "webhook_refused"
    assert refused.value.detail.startswith("Must be one of the following values:return,")


async def test_a_key_without_the_scope_is_named() -> None:
    shop = Shop(keys=(ShopKey("dock", KEY, frozenset({"returns"})),))
    async with asked(shop) as loop:
        with pytest.raises(LoopRefused) as refused:
            await loop.listed()
    assert (refused.value.why, refused.value.detail) == ("webhook_key", "Unauthorized.")
    async with asked(shop, "another-key") as loop:
        with pytest.raises(LoopRefused) as refused:
            await loop.listed()
    assert refused.value.why == "webhook_key"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (httpx.Response(429, json={"message": "Too Many Attempts."}), "webhook_throttled"),
        (httpx.Response(200, html="<html>Sign in</html>"), "webhook_unread"),
        (httpx.Response(200, json={"webhooks": "none"}), "webhook_unread"),
        (httpx.Response(302, headers={"Location": "http://login.example"}), "webhook_unread"),
        (httpx.Response(502, html="<html>"), "webhook_unread"),
        (httpx.ConnectError("no route"), "webhook_unreachable"),
        (httpx.ReadTimeout("slow"), "webhook_unreachable"),
        (httpx.Response(422, json={"errors": {"code": "FAILED_TO_GET_WEBHOOKS"}}), "webhook_refused"),
    ],
)
async def test_every_way_to_fail_has_its_word_and_none_shows_the_key(
    answer: httpx.Response | Exception, why: str
) -> None:
    async with answering(answer) as loop:
        with pytest.raises(LoopRefused) as refused:
            await loop.listed()
    assert refused.value.why == why
    assert KEY not in f"{refused.value!r} {refused.value}"


async def test_a_list_may_be_bare_and_its_ids_texts() -> None:
    row = {"id": "7", "topic": "return", "trigger": "return.closed", "url": "https://x", "status": "Active"}
    async with answering(httpx.Response(200, json=[row, None])) as loop:
        (found,) = await loop.listed()
    assert (found.id, found.status) == ("7", "active")
