"""What Loop says in answers to reads: no such return, no notes, come back later."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loopdesk.api.versions import VERSIONS, address
from loopdesk.domain.errors import AnswerLost, NotFound, Refused, SettingsWrong, ValueWrong
from loopdesk.presenters.words import errors
from loopdesk.system.settings.values import API_VERSIONS, api_url
from tests.unit.api.bench import a_bench, answer, stored, text_answer

RETURN = "91000123"

NO_SUCH: list[tuple[int, Any]] = [
    (200, {"error": {"message": "No return found with this ID."}}),
    (200, {"errors": {"message": "No return found with this ID."}}),
    (200, {"errors": {"code": "ORDER_NOT_FOUND"}}),
    (200, {"errors": {"message": "Nothing.", "code": "order-not-found"}}),
    (200, {"code": "NOT_FOUND", "message": "Gone."}),
    (400, {"errors": ["ORDER_NOT_FOUND"]}),
    (400, {"errors": ["order-not-found"]}),
    (404, {"errors": [{"message": "Not found."}]}),
    (404, {"message": "Nothing here."}),
    (422, {"message": "The given data was invalid.", "errors": {"order_name": ["Order not found."]}}),
    (200, {"error": {"message": "Order could not be found."}}),
    (200, {"message": "Unable to find the return."}),
    (200, []),
    (200, {}),
]


@pytest.mark.fault(20)
@pytest.mark.parametrize(("status", "body"), NO_SUCH)
async def test_an_order_that_is_not_found_in_any_words_is_asked_for_with_its_number_sign(
    status: int, body: Any
) -> None:
    bench = a_bench(answer(body, status), answer(stored("details_return")[0]["body"]))
    found = await bench.client.details_by_order_name("20417")
    assert [one.ret.return_id for one in found] == [RETURN]
    assert [seen.query["order_name"] for seen in bench.seen] == ["20417", "#20417"]


@pytest.mark.fault(20)
@pytest.mark.parametrize(("status", "body"), [x for x in NO_SUCH if x[1] != {}])
async def test_a_return_that_is_not_found_in_any_words_is_not_found(status: int, body: Any) -> None:
    with pytest.raises(NotFound):
        await a_bench(answer(body, status)).client.details(RETURN)


@pytest.mark.parametrize(
    "body",
    [
        {"errors": {"message": "The order name is invalid."}},
        {"errors": {"message": "Carts are not enabled."}},
    ],
)
async def test_other_refusals_of_a_read_stay_refusals(body: Any) -> None:
    with pytest.raises(Refused):
        await a_bench(answer(body, 422)).client.details(RETURN)


@pytest.mark.fault(44)
@pytest.mark.parametrize("status", [200, 422])
@pytest.mark.parametrize(
    "body",
    ["false", '"false"', '"False"', "null", "[]", "{}", '{"notes":[]}', '{"notes":null}', '{"notes":false}'],
)
async def test_no_notes_are_none_in_every_form(status: int, body: str) -> None:
    assert await a_bench(text_answer(body, status)).client.notes(RETURN) == ()


@pytest.mark.parametrize("body", ["true", '"no"', "0", '""', '{"notes":"x"}', '{"count":0}'])
async def test_what_does_not_say_that_there_are_no_notes_is_a_lost_answer(body: str) -> None:
    with pytest.raises(AnswerLost):
        await a_bench(text_answer(body)).client.notes(RETURN)


async def test_notes_in_a_keyed_array_are_all_read() -> None:
    notes = {"3": {"id": 2, "content": "b"}, "7": {"id": 1, "content": "a"}}
    for body in (notes, {"notes": notes}):
        found = await a_bench(answer(body)).client.notes(RETURN)
        assert [note.text for note in found] == ["a", "b"]


@pytest.mark.fault(23)
@pytest.mark.parametrize(
    ("said", "seconds"), [("30", 30.0), ("9999", 300.0), ("0", 1.0), ("Fri, 20 Nov 2026 12:00:20 GMT", 20.0)]
)
async def test_a_503_says_when_to_come_back(said: str, seconds: float) -> None:
    with pytest.raises(AnswerLost) as lost:
        await a_bench(text_answer("", 503, **{"Retry-After": said})).client.details(RETURN)
    assert lost.value.retry_after_seconds == seconds


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_other_server_errors_say_nothing_of_it(status: int) -> None:
    headers = {} if status == 503 else {"Retry-After": "30"}
    with pytest.raises(AnswerLost) as lost:
        await a_bench(text_answer("", status, **headers)).client.details(RETURN)
    assert lost.value.retry_after_seconds == 0.0


@pytest.mark.fault(35)
@pytest.mark.parametrize("segment", ["2027-01", "2025-12", "v2", "v10", "latest", "unstable"])
def test_an_address_with_a_version_that_nobody_knows_is_refused_in_words(segment: str) -> None:
    url = f"https://api.loopreturns.com/api/{segment}"
    said = f"names version {segment} of Loop's API, which is not known here"
    with pytest.raises(SettingsWrong) as caught:
        address(url)
    assert said in errors.reason(caught.value)
    with pytest.raises(ValueWrong) as wrong:
        api_url(url)
    assert said in errors.reason(SettingsWrong(wrong.value, file="settings"))


@pytest.mark.parametrize("segment", ["v1", "2026-07", "2026-10"])
def test_the_settings_know_the_versions_that_the_client_speaks(segment: str) -> None:
    assert tuple(VERSIONS) == API_VERSIONS
    assert api_url(f"https://api.loopreturns.com/api/{segment}/").endswith(segment)


@pytest.mark.expects_log("rows_unreadable count=1")
async def test_a_return_among_others_that_cannot_be_read_is_still_found() -> None:
    good = stored("details_return")[0]["body"]
    bench = a_bench(text_answer(f'[{{"id": 5, "x": undefined}}, {json.dumps(good)}]'))
    assert [one.ret.return_id for one in await bench.client.details_by_order_name("20417")] == [RETURN]
