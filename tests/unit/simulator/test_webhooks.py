"""The simulated Loop's webhooks: set up by its API, told in both forms, signed as PHP writes, repeated."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from loopdesk.simulator.actors import act
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.samples import SAMPLES, practice_loop
from loopdesk.simulator.webhooks.deliveries import MOST_ATTEMPTS, Deliveries, Delivery
from loopdesk.simulator.webhooks.events import TRIGGERS
from tests.simulator_thread import SimulatorThread
from tests.unit.simulator.shop import HandClock, Shop

URL = "http://127.0.0.1:9/webhooks/loop/shop"
TITLE = "Größe 38/40 \N{JEANS}"


def told(loop: Loop, deliveries: Deliveries) -> list[Delivery]:
    """Return what is due now."""
    deliveries.collect()
    return deliveries.due()


def subscribed(loop: Loop, *topics: str) -> Deliveries:
    """Set up every fitting pair of some topics, all of them if none is given."""
    for topic in topics or TRIGGERS:
        for trigger in TRIGGERS[topic]:
            loop.subscribe(topic, trigger, f"{URL}/{topic}")
    return Deliveries(loop)


def triggers(found: list[Delivery]) -> list[str]:
    """Name what was told, in order."""
    return [json.loads(each.raw)["trigger"] for each in found]


async def test_a_webhook_is_set_up_changed_and_taken_away_by_the_api() -> None:
    shop = Shop()
    wanted = {"topic": "return", "trigger": "return.closed", "url": URL}
    made = await shop.post("/webhooks", wanted)
    assert (made.status_code, made.json()["status"]) == (201, "inactive")
    assert "secret" not in made.json()
    one = f"/api/v1/webhooks/{made.json()['id']}"
    assert (await shop.ask("PUT", one, json={**wanted, "status": "active"})).status_code == 204
    (listed,) = (await shop.get("/webhooks")).json()["webhooks"]
    assert listed == {**made.json(), "status": "active"}
    assert (await shop.ask("DELETE", one)).status_code == 204
    again = await shop.ask("DELETE", one)
    assert (again.status_code, again.json()) == (404, {"errors": {"code": "NOT_FOUND"}})
    assert (await shop.ask("PUT", one, json=wanted)).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [{"topic": "order"}, {"trigger": "return.opened"}, {"status": "on"}, {"url": "shop"}, {"topic": None}],
)
async def test_what_the_api_does_not_know_is_refused(wrong: dict[str, Any]) -> None:
    shop = Shop()
    wanted = {"topic": "return", "trigger": "return.closed", "url": URL, **wrong}
    answer = await shop.post("/webhooks", wanted)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == list(wrong)
    assert shop.loop.subscriptions == []


async def test_an_account_may_not_know_the_newest_topic() -> None:
    shop = Shop(webhook_knows_processing=False)
    wanted = {"topic": "return.processing", "trigger": "return.processing.failed", "url": URL}
    assert (await shop.post("/webhooks", wanted)).status_code == 422


def test_what_happens_at_loop_is_told_in_order() -> None:
    shop = Shop(processing_seconds=0)
    deliveries = subscribed(shop.loop)
    ret = shop.add(tracking_number="1Z1", label_status="pre_transit")
    assert triggers(told(shop.loop, deliveries)) == ["return.created", "label.created"]
    act(shop.loop, {"act": "label", "return_id": ret, "status": "in_transit"})
    act(shop.loop, {"act": "label", "return_id": ret, "status": "delivered"})
    statuses = [json.loads(each.raw).get("label_status") for each in told(shop.loop, deliveries)]
    assert statuses == ["in_transit", None, "delivered", None]  # None: the returns that were updated
    act(shop.loop, {"act": "process", "return_id": ret})
    assert triggers(told(shop.loop, deliveries)) == ["return.updated", "return.closed"]
    assert told(shop.loop, deliveries) == []


async def test_a_processing_that_fails_silently_is_told_by_a_webhook_alone() -> None:
    shop = Shop(processing_seconds=0, processing_ending="stay_open")
    deliveries = subscribed(shop.loop, "return.processing", "return")
    ret = shop.add()
    told(shop.loop, deliveries)
    assert (await shop.do("process", ret)).json() is True
    (only,) = told(shop.loop, deliveries)
    body = json.loads(only.raw)
    assert (body["trigger"], body["return_id"], body["return_state"]) == (
        "return.processing.failed",
        int(ret),
        "open",
    )


def test_a_pair_that_does_not_fit_is_sent_empty() -> None:
    shop = Shop()
    shop.loop.subscribe("label", "return.created", URL)
    deliveries = Deliveries(shop.loop)
    shop.add(tracking_number="1Z1")
    (only,) = told(shop.loop, deliveries)
    assert only.raw == b""


@pytest.mark.parametrize("form", ["new", "old"])
def test_what_is_signed_are_the_bytes_that_php_writes(form: str) -> None:
    shop = Shop(webhook_form=form)
    deliveries = subscribed(shop.loop, "return")
    secret = shop.loop.subscriptions[0].secret
    shop.add(lines=[{"title": TITLE}], tracking_number="1Z1")
    (only,) = told(shop.loop, deliveries)
    assert rb"38\/40" in only.raw
    assert only.raw.isascii()
    assert json.loads(only.raw)["line_items"][0]["title"] == TITLE
    digest = hmac.new(secret.encode(), only.raw, hashlib.sha256).digest()
    assert only.signature == base64.b64encode(digest).decode()
    rewritten = json.dumps(json.loads(only.raw), separators=(",", ":")).encode()
    assert rewritten != only.raw, "the slash trap is not set"


def test_both_forms_of_every_topic_are_told() -> None:
    forms: dict[str, dict[str, dict[str, Any]]] = {"new": {}, "old": {}}
    for form, found in forms.items():
        loop = practice_loop(clock=HandClock())
        loop.settings.change(webhook_form=form)
        deliveries = subscribed(loop)
        ret = SAMPLES["store_credit"].return_id
        loop.get(ret).lines[0].restock_location_id = "55"
        act(loop, {"act": "process", "return_id": ret})
        act(loop, {"act": "label", "return_id": ret, "tracking_number": "9Z", "status": "pending"})
        act(loop, {"act": "label", "return_id": ret, "tracking_number": "9Z", "status": "in_transit"})
        act(loop, {"act": "process_shipment", "loop_shipment_id": loop.shipments[0].loop_shipment_id})
        loop.remember(loop.get(ret), loop.now())
        loop.get(ret).failures.append(loop.now())
        found.update({(body := json.loads(each.raw))["topic"]: body for each in told(loop, deliveries)})
        assert set(found) == set(TRIGGERS)
    new, old = forms["new"], forms["old"]
    assert ("labels" in new["return"], "label_status" in new["return"]) == (True, False)
    assert ("labels" in old["return"], "label_status" in old["return"]) == (False, True)
    assert (type(new["label"]["id"]), type(old["label"]["return_id"])) == (int, str)
    assert "id" not in old["label"]
    assert (type(new["giftcard"]["return_id"]), type(old["giftcard"]["return_id"])) == (str, int)
    assert (type(new["label.request"]["id"]), type(old["label.request"]["id"])) == (str, int)
    assert (type(new["restock"]["id"]), type(old["restock"]["id"])) == (int, str)


def test_the_troubles_of_the_settings_happen() -> None:
    shop = Shop(webhook_doubled=1, webhook_unsigned=1, webhook_empty=1, webhook_late_seconds=60)
    deliveries = subscribed(shop.loop, "return")
    shop.add()
    deliveries.collect()
    assert deliveries.due() == []
    shop.clock.turn(60)
    first, second = deliveries.due()
    assert (first.raw, first.is_signed_right, first.signature) == (b"", False, second.signature)
    shop.loop.settings.change(webhook_lost=1)
    shop.add()
    deliveries.collect()
    assert (len(deliveries), deliveries.counts["lost"]) == (0, 1)


def test_a_refused_webhook_is_repeated_five_times_and_a_long_wait_ends_it() -> None:
    shop = Shop(webhook_retry_seconds=10)
    deliveries = subscribed(shop.loop, "return")
    shop.add()
    for _ in range(MOST_ATTEMPTS):
        (only,) = told(shop.loop, deliveries)
        deliveries.answered(only, 503, "3")
        assert told(shop.loop, deliveries) == []
        shop.clock.turn(10 * 2**MOST_ATTEMPTS)
    assert told(shop.loop, deliveries) == []
    assert deliveries.counts == {"503": MOST_ATTEMPTS, "given_up": 1}
    shop.add()
    (another,) = told(shop.loop, deliveries)
    deliveries.answered(another, 503, "1801")
    shop.clock.turn(3600)
    assert told(shop.loop, deliveries) == []


def test_a_wait_that_is_asked_for_is_kept() -> None:
    shop = Shop(webhook_retry_seconds=1)
    deliveries = subscribed(shop.loop, "return")
    shop.add()
    (only,) = told(shop.loop, deliveries)
    deliveries.answered(only, 503, "1800")
    shop.clock.turn(1799)
    assert told(shop.loop, deliveries) == []
    shop.clock.turn(1)
    assert told(shop.loop, deliveries) == [only]


@contextmanager
def receiver(
    statuses: list[int], enough: int
) -> Iterator[tuple[str, list[tuple[bytes, str]], Callable[[], bool]]]:
    """Serve one URL that answers with the given statuses in turn; the last one again and again."""
    got: list[tuple[bytes, str]] = []
    complete = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(statuses[min(len(got), len(statuses) - 1)])
            self.send_header("Content-Length", "0")
            self.end_headers()
            got.append((raw, self.headers["X-Loop-Signature"]))
            if len(got) >= enough:
                complete.set()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook", got, lambda: complete.wait(10)
        finally:
            server.shutdown()
            thread.join()


def test_webhooks_arrive_over_http_and_are_repeated_until_they_are_taken() -> None:
    with receiver([503, 200], 2) as (url, got, is_complete), SimulatorThread() as simulator:
        simulator.loop.settings.change(webhook_retry_seconds=0.01)
        with httpx.Client(base_url=simulator.url, headers={"X-Authorization": simulator.key}) as client:
            wanted = {"topic": "return", "trigger": "return.created", "url": url, "status": "active"}
            assert client.post("/api/v1/webhooks", json=wanted).status_code == 201
            simulator.act("add_return")
            assert is_complete()
            shown = client.get("/_control/webhooks").json()
        assert got[0] == got[1], "a repeat is the same bytes with the same signature"
        assert shown["webhooks"][0]["secret"]
