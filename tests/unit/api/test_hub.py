"""What a client says to a hub, and what it makes of the hub's own words."""

from __future__ import annotations

import contextlib
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from loopdesk.api.connections import pinned_context
from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    HubBusy,
    HubCertificateChanged,
    HubCertificateOutOfDate,
    HubUnsent,
    KeyRefused,
    Refused,
    ReturnClaimed,
    RuleBroken,
    SettingsWrong,
    Throttled,
    Unreachable,
)
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.domain.outbox.hub_word import is_unasked
from loopdesk.services.ports.loop import Priority
from tests.unit.api.bench import END, START, Bench, Seen, a_bench, answer, text_answer
from tests.unit.api.test_tls import FOLDER, presenting
from tests.unit.api.test_wire_faults import talking

RETURN = "70000001"
KEY = HubKey("0123456789abcdef0123456789abcdef", 2, "g-1", "Zoë Müller")
DISPOSITION = {"line_item_id": "900", "disposition_outcome": "recycle"}
HUB = "https://hub.example:8443/api"
NEW_HEADERS = ("idempotency-key", "cache-control", "x-loopdesk-")


def at_hub(*answers: Any) -> Bench:
    """Build a client whose server is a hub."""
    return a_bench(*answers, base_url=HUB, is_hub=True)


def said(body: Any, status: int = 200, outcome: str = "", **headers: str) -> httpx.Response:
    """Make an answer of a hub."""
    more = {"X-Loopdesk-Outcome": outcome} if outcome else {}
    return answer(body, status, **{"X-Loopdesk-Generation": "g-1", **more, **headers})


async def failure_of(response: httpx.Response) -> ApiError:
    """Return what an action fails with."""
    with pytest.raises(ApiError) as failed:
        await at_hub(response).client.under(KEY).process(RETURN)
    return failed.value


def new_in(seen: Seen) -> dict[str, str]:
    """Return the headers that only a hub gets."""
    return {name: value for name, value in seen.headers.items() if name.startswith(NEW_HEADERS)}


# --- what is said -----------------------------------------------------------------------------------


async def test_without_a_hub_nothing_of_it_shows() -> None:
    bench = a_bench(answer(True), answer([]), answer([]))
    await bench.client.process(RETURN)
    await bench.client.asn(START, END)
    await bench.client.notes(RETURN)
    assert [new_in(seen) for seen in bench.seen] == [{}, {}, {}]
    assert not bench.client.is_hub


async def test_an_action_carries_its_key_its_person_and_the_generation_last_told() -> None:
    bench = at_hub(said(True, outcome="loop"))
    await bench.client.under(KEY).process(RETURN)
    assert bench.seen[0].path == f"/api/v1/warehouse/return/{RETURN}/process"
    assert new_in(bench.seen[0]) == {
        "x-loopdesk-priority": str(Priority.FINISH),
        "idempotency-key": "0123456789abcdef0123456789abcdef.2",
        "x-loopdesk-person": "Zo%C3%AB%20M%C3%BCller",
        "x-loopdesk-generation": "g-1",
    }


async def test_who_saw_the_other_bench_and_sends_all_the_same_says_so() -> None:
    bench = at_hub(said(True, outcome="loop"))
    await bench.client.under(HubKey(KEY.entry_id, 1, "", "Lee", takes_over=True)).process(RETURN)
    assert bench.seen[0].headers["x-loopdesk-take-over"] == "1"
    assert "x-loopdesk-generation" not in bench.seen[0].headers


async def test_a_key_is_for_the_one_action_that_it_was_made_for() -> None:
    bench = at_hub(said(True, outcome="loop"))
    bench.client.under(KEY)
    await bench.client.process(RETURN)
    assert "idempotency-key" not in bench.seen[0].headers


@pytest.mark.parametrize(
    ("ask", "wanted"),
    [
        (lambda client: client.details(RETURN, priority=Priority.READ_BACK), "no-cache"),
        (lambda client: client.details(RETURN), "max-age=10"),
        (lambda client: client.details(RETURN, priority=Priority.BACKGROUND), "max-age=60"),
        (lambda client: client.notes(RETURN), "no-cache"),
        (lambda client: client.asn(START, END), "max-age=60"),
        (lambda client: client.list_page(start=START, end=END), "no-cache"),
        (lambda client: client.probe(), "no-cache"),
    ],
)
async def test_what_must_be_fresh_is_read_now_and_what_may_be_of_an_age_is_not(ask: Any, wanted: str) -> None:
    bench = at_hub(said([]))
    with contextlib.suppress(ApiError):
        await ask(bench.client)
    assert bench.seen[0].headers["cache-control"] == wanted
    assert bench.seen[0].headers["x-loopdesk-priority"] in "01234"


# --- what is understood -----------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["loop", "stored"])
async def test_loops_own_answers_go_to_the_old_judge(outcome: str) -> None:
    assert (await at_hub(said(True, outcome=outcome)).client.under(KEY).process(RETURN)).http_status == 200
    no = await failure_of(said({"errors": {"message": "No."}}, 422, outcome))
    assert isinstance(no, Refused)
    assert isinstance(await failure_of(said({"errors": "Slow down."}, 429, outcome)), Throttled)
    lost = await failure_of(said({"message": "oops"}, 500, outcome))
    assert isinstance(lost, AnswerLost)
    assert not is_unasked(lost)


@pytest.mark.parametrize("status", [409, 422, 500, 502, 503])
async def test_what_the_hub_proves_unsent_is_unsent_whatever_the_status(status: int) -> None:
    failure = await failure_of(said({}, status, "unsent", **{"Retry-After": "7"}))
    assert isinstance(failure, HubUnsent)
    assert failure.retry_after_seconds == 7.0


async def test_what_is_under_way_is_to_be_asked_again_later() -> None:
    failure = await failure_of(said({}, 409, "in_progress"))
    assert isinstance(failure, HubBusy)


async def test_a_claim_names_the_station_the_person_and_the_time() -> None:
    claimed = {"station": "Dock 3", "person": "Ana", "at": "2026-11-20T10:02:00+00:00", "ended": False}
    failure = await failure_of(said({"claimed": claimed}, 409, "claimed"))
    assert isinstance(failure, ReturnClaimed)
    assert (failure.station, failure.person, failure.at, failure.is_ended) == (
        "Dock 3",
        "Ana",
        "2026-11-20T10:02:00+00:00",
        False,
    )
    ended = await failure_of(said({"claimed": claimed | {"ended": True}}, 409, "claimed"))
    assert isinstance(ended, ReturnClaimed)
    assert ended.is_ended


@pytest.mark.parametrize("body", [None, [], {"claimed": 7}, {"claimed": {"station": None}}, "x"])
async def test_a_claim_that_says_no_more_is_a_claim_all_the_same(body: Any) -> None:
    failure = await failure_of(said(body, 409, "claimed"))
    assert isinstance(failure, ReturnClaimed)
    assert failure.station == ""


async def test_what_the_hub_does_not_know_only_loop_can_tell() -> None:
    failure = await failure_of(said({}, 502, "unknown"))
    assert isinstance(failure, AnswerLost)
    assert (failure.why, is_unasked(failure)) == ("hub_unknown", False)


@pytest.mark.parametrize("status", [200, 401, 404, 409, 422, 429, 500, 503])
@pytest.mark.parametrize("outcome", ["", "LOOP", "done", "loop, stored"])
async def test_an_answer_without_the_hubs_word_is_a_strangers(status: int, outcome: str) -> None:
    more = {"X-Loopdesk-Outcome": outcome} if outcome else {}
    body = True if status == 200 else {"error": {"code": "401", "message": "Unauthorized."}}
    failure = await failure_of(answer(body, status, **more))
    assert isinstance(failure, AnswerLost)
    assert failure.why == "hub_stranger"
    assert is_unasked(failure)


@pytest.mark.parametrize(
    ("status", "code", "why"),
    [
        (403, "revoked", "hub_revoked"),
        (401, "unauthorized", "hub_unauthorized"),
        (503, "no_shop_key", "hub_no_shop_key"),
        (422, "no_shop_key", "hub_no_shop_key"),
    ],
)
async def test_the_hubs_word_about_the_token_stops_the_queue_and_fails_nothing(
    status: int, code: str, why: str
) -> None:
    response = said({"error": {"code": code}}, status)
    failure = await failure_of(response)
    assert isinstance(failure, KeyRefused)
    assert (failure.why, is_unasked(failure)) == (why, True)
    with pytest.raises(KeyRefused) as read:
        await at_hub(response).client.details(RETURN)
    assert read.value.why == why


async def test_loops_own_refusal_of_the_shops_key_is_not_taken_for_the_hubs() -> None:
    failure = await failure_of(said({"error": {"code": "revoked"}}, 401, "loop"))
    assert isinstance(failure, KeyRefused)
    assert failure.why == ""


async def test_the_hubs_date_is_loops_now_however_old_its_copy() -> None:
    told: list[datetime] = []
    bench = at_hub(said([], Date="Fri, 20 Nov 2026 11:00:00 GMT", Age="55"))
    bench.transport.on_server_date(told.append)
    await bench.client.asn(START, END)
    assert told
    assert told[0] - datetime(2026, 11, 20, 11, tzinfo=UTC) < timedelta(seconds=2)


# --- asking -----------------------------------------------------------------------------------------


async def test_the_hub_is_asked_under_its_own_path_about_one_key() -> None:
    bench = at_hub(said(True, outcome="stored"))
    sent = await bench.client.ask_hub(KEY, Kind.PROCESS, [""])
    assert (sent.http_status, bench.seen[0].method) == (200, "GET")
    assert bench.seen[0].path == "/hub/v1/actions/0123456789abcdef0123456789abcdef.2"
    assert bench.seen[0].headers["x-loopdesk-generation"] == "g-1"
    assert "idempotency-key" not in bench.seen[0].headers


async def test_a_question_names_the_return_of_a_finalizer_and_is_told_who_has_it() -> None:
    claimed = {"claimed": {"station": "Dock 2", "person": "Bo", "at": "", "ended": True}}
    bench = at_hub(said(claimed, 409, "claimed"))
    with pytest.raises(ReturnClaimed) as told:
        await bench.client.ask_hub(replace(KEY, generation="", return_id=RETURN), Kind.PROCESS, ())
    assert (told.value.station, told.value.is_ended) == ("Dock 2", True)
    assert bench.seen[0].headers["x-loopdesk-return"] == RETURN
    assert "x-loopdesk-generation" not in bench.seen[0].headers


async def test_a_stored_answer_to_grades_echoes_the_lines() -> None:
    bench = at_hub(said([{"line_item_id": 900}], outcome="stored"))
    assert (await bench.client.ask_hub(KEY, Kind.GRADE, ["900"])).echoed == ("900",)
    with pytest.raises(AnswerLost) as lost:
        await bench.client.ask_hub(KEY, Kind.GRADE, ["900", "901"])
    assert not is_unasked(lost.value)


async def test_no_key_can_leave_its_place_in_the_path() -> None:
    bench = at_hub(said(True, outcome="stored"))
    with pytest.raises(RuleBroken):
        await bench.client.ask_hub(HubKey("../../api", 1, ""), Kind.PROCESS, [""])
    assert bench.seen == []


async def test_the_generation_is_learned_from_any_answer_and_asked_for_if_none_came() -> None:
    bench = at_hub(said([]))
    assert await bench.client.hub_generation() == "g-1"
    assert await bench.client.hub_generation() == "g-1"
    assert len(bench.seen) == 1
    other = at_hub(text_answer("<html>", 200))
    with pytest.raises(ApiError):
        await other.client.hub_generation()


async def test_another_address_has_another_generation() -> None:
    bench = at_hub(said([]))
    await bench.client.hub_generation()
    await bench.transport.set_base("https://other.example/api", is_hub=True)
    assert bench.transport.hub_generation == ""


async def test_a_proxy_that_is_meant_for_loop_gets_nothing_that_is_meant_for_the_hub() -> None:
    bench = a_bench(said([]), base_url=HUB, is_hub=True, proxy="http://proxy.example:3128")
    assert bench.transport._address.proxy == ""


# --- the pinned certificate -------------------------------------------------------------------------


def der(name: str) -> bytes:
    """Return a certificate of the tests as DER."""
    return ssl.PEM_cert_to_DER_cert((FOLDER / f"{name}.pem").read_text())


@pytest.mark.fault(4)
@pytest.mark.parametrize("name", ["self_made", "wrong_name", "good"])
async def test_only_the_pinned_certificate_is_trusted_under_whatever_address(name: str) -> None:
    async with (
        presenting(name) as server,
        talking(f"https://127.0.0.1:{server.port}", is_hub=True, certificate=der(name)) as (client, _),
    ):
        with pytest.raises(AnswerLost):  # the listener is no hub, but it was asked
            await client.under(KEY).process(RETURN)
    assert b"Idempotency-Key" in server.received


@pytest.mark.fault(4)
@pytest.mark.parametrize(
    ("shown", "failure"),
    [("good", HubCertificateChanged), ("wrong_name", HubCertificateChanged), ("expired", Unreachable)],
)
async def test_any_other_certificate_is_refused_before_the_token_leaves(
    shown: str, failure: type[ApiError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(FOLDER / "authority.pem"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    async with (
        presenting(shown) as server,
        talking(f"https://127.0.0.1:{server.port}", is_hub=True, certificate=der("self_made")) as (client, _),
    ):
        with pytest.raises(failure):
            await client.under(KEY).process(RETURN)
    assert server.received == b""


async def test_a_pinned_certificate_that_expired_is_said_to_have_expired() -> None:
    async with (
        presenting("expired") as server,
        talking(f"https://127.0.0.1:{server.port}", is_hub=True, certificate=der("expired")) as (client, _),
    ):
        with pytest.raises(HubCertificateOutOfDate):
            await client.under(KEY).process(RETURN)
    assert server.received == b""


def test_what_is_no_certificate_is_said_to_be_none() -> None:
    with pytest.raises(SettingsWrong, match="must_be_certificate"):
        pinned_context(b"\x30\x03no!")


# --- several shops ----------------------------------------------------------------------------------


async def test_grades_say_whose_return_they_are_about_as_the_hub_told_it() -> None:
    key = HubKey(KEY.entry_id, 1, "g-1", "Zoë", RETURN)
    found = {"id": RETURN, "order_name": "#1", "state": "open", "line_items": []}
    bench = at_hub(
        said(found, 200, "", **{"X-Loopdesk-Shop": "shoes"}), said([{"line_item_id": 900}], outcome="loop")
    )
    await bench.client.details(RETURN)
    await bench.client.under(key).assess([DISPOSITION])
    assert [seen.headers.get("x-loopdesk-shop") for seen in bench.seen] == [None, "shoes"]


async def test_a_shop_that_is_not_known_yet_is_asked_for_before_a_grade() -> None:
    key = HubKey(KEY.entry_id, 1, "g-1", "Zoë", RETURN)
    found = {"id": RETURN, "order_name": "#1", "state": "open", "line_items": []}
    bench = at_hub(
        said(found, 200, "", **{"X-Loopdesk-Shop": "shoes"}), said([{"line_item_id": 900}], outcome="loop")
    )
    await bench.client.under(key).assess([DISPOSITION])
    assert [seen.method for seen in bench.seen] == ["GET", "POST"]
    assert bench.seen[1].headers["x-loopdesk-shop"] == "shoes"


@pytest.mark.parametrize("told", ["", "one,two", "../x", "a b"])
async def test_what_names_no_single_shop_is_not_passed_on(told: str) -> None:
    key = HubKey(KEY.entry_id, 1, "g-1", "Zoë", RETURN)
    found = {"id": RETURN, "order_name": "#1", "state": "open", "line_items": []}
    bench = at_hub(
        said(found, 200, "", **{"X-Loopdesk-Shop": told}), said([{"line_item_id": 900}], outcome="loop")
    )
    await bench.client.under(key).assess([DISPOSITION])
    assert "x-loopdesk-shop" not in bench.seen[1].headers
