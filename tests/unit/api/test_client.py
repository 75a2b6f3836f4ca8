"""One method per endpoint: what it sends, what it refuses to send, how it reads the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from loopdesk.api.client import LoopClient
from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    KeyRefused,
    NotFound,
    Refused,
    RuleBroken,
    ScopeMissing,
    Unreachable,
)
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.services.ports.loop import Priority, ReturnsGateway
from tests.unit.api.bench import END, START, a_bench, answer, stored, stored_answers, text_answer

RETURN = "91000123"
GRADE = {
    "line_item_id": "4001",
    "condition_category": "grade_a",
    "description": "As new, complete",
    "return_processor": "dana",
    "note": "",
    "images": [],
    "inspected_at": "2026-11-05 08:30:00",
}
PAGE: dict[str, Any] = {"returns": [], "nextPageUrl": None, "previousPageUrl": None}
HOSTILE = [
    "",
    " ",
    "1 ",
    " 1",
    "1\n",
    "-1",
    "+1",
    "1.0",
    "1e3",
    "0x1",
    "../1",
    "1/../2",
    "1%2F2",
    "1?x=1",
    "1#",
    "1,2",
    "9" * 20,
    "١٢٣",
    "１２３",
    "1\x00",
    "null",
    "1;DROP",
    "\ud800",
]


def a_gateway(bench_client: LoopClient) -> ReturnsGateway:
    """The client is a gateway, or this does not type-check."""
    return bench_client


async def test_the_list_is_asked_with_all_of_its_parameters() -> None:
    bench = a_bench(answer(PAGE))
    page = await a_gateway(bench.client).list_page(
        start=datetime(2026, 11, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=1))),
        end=END,
        filter_by="updated_at",
        state=ReturnState.REVIEW,
        cursor="a+b/c==",
        page_size=9000,
    )
    (seen,) = bench.seen
    assert (seen.method, seen.path) == ("GET", "/api/v1/warehouse/return/list")
    assert seen.raw_query == (
        "from=2026-11-01%2001%3A03%3A04&to=2026-11-05%2000%3A00%3A00&filter=updated_at&paginate=true"
        "&pageSize=750&state=review&cursor=a%2Bb%2Fc%3D%3D"
    )
    assert page.returns == ()
    assert bench.budget.taken == [Priority.BACKGROUND]


@pytest.mark.parametrize(
    "asked",
    [
        {"start": END, "end": START},
        {"end": START + timedelta(days=120, seconds=1)},
        {"start": START.replace(tzinfo=None)},
        {"filter_by": "closed_at"},
        {"state": ReturnState.UNKNOWN},
    ],
)
async def test_a_list_that_loop_would_refuse_is_not_asked(asked: dict[str, Any]) -> None:
    bench = a_bench(answer(PAGE))
    with pytest.raises(RuleBroken):
        await bench.client.list_page(**{"start": START, "end": END, **asked})
    assert bench.seen == []


@pytest.mark.fault(33)
async def test_a_walk_through_pages_ends_when_it_turns_in_a_circle() -> None:
    following = {"": "A", "A": "B", "B": "C", "C": "A"}

    def serve(request: httpx.Request) -> httpx.Response:
        cursor = following[request.url.params.get("cursor", "")]
        return answer({**PAGE, "nextPageUrl": f"https://x.example.test/?cursor={cursor}"})

    bench = a_bench(serve)
    cursor, walked = "", []
    while True:
        cursor = (await bench.client.list_page(start=START, end=END, cursor=cursor)).cursor
        if not cursor:
            break
        walked.append(cursor)
    assert walked == ["A", "B", "C"]


async def test_a_page_asked_again_after_a_failure_is_no_circle() -> None:
    def page(cursor: str) -> httpx.Response:
        return answer({**PAGE, "nextPageUrl": f"/list?cursor={cursor}"})

    bench = a_bench(page("A"), httpx.ReadError("cut"), page("B"), page("B"), page("C"))
    assert (await bench.client.list_page(start=START, end=END)).cursor == "A"
    with pytest.raises(AnswerLost):
        await bench.client.list_page(start=START, end=END, cursor="A")
    assert (await bench.client.list_page(start=START, end=END, cursor="A")).cursor == "B"
    assert (await bench.client.list_page(start=START, end=END, cursor="A")).cursor == "B"
    assert (await bench.client.list_page(start=START, end=END, cursor="B")).cursor == "C"


@pytest.mark.parametrize("link", [None, "", 5, [], "https://x/?page=2", "https://[/", "?cursor="])
async def test_a_next_link_without_a_cursor_ends_the_walk(link: Any) -> None:
    assert (
        await a_bench(answer({**PAGE, "nextPageUrl": link})).client.list_page(start=START, end=END)
    ).cursor == ""


async def test_one_unreadable_return_does_not_hide_the_others(caplog: pytest.LogCaptureFixture) -> None:
    good = stored("list_return")[0]["body"]["returns"][0]
    broken = {**good, "line_items": [{"line_item_id": None}], "customer": "pat@example.test"}
    page = await a_bench(answer({**PAGE, "returns": [{**broken, "id": 5}, good, "x"]})).client.list_page(
        start=START, end=END
    )
    assert [one.ret.return_id for one in page.returns] == [RETURN]
    assert page.unread == ("5", "")
    assert not page.returns[0].is_details
    assert "pat@" not in caplog.text
    assert caplog.text.count("rows_unreadable count=2") == 1


async def test_a_large_page_is_read_elsewhere_and_comes_out_the_same() -> None:
    good = stored("list_return")[0]["body"]["returns"][0]
    many = [{**good, "id": str(number)} for number in range(1, 201)]
    page = await a_bench(answer({**PAGE, "returns": many})).client.list_page(start=START, end=END)
    assert [one.ret.return_id for one in page.returns] == [str(number) for number in range(1, 201)]


@pytest.mark.parametrize("body", [{}, {"returns": None}, {"returns": {"a": 1}}, {"data": []}])
async def test_a_list_of_another_shape_is_a_lost_answer(body: Any) -> None:
    with pytest.raises(AnswerLost):
        await a_bench(answer(body)).client.list_page(start=START, end=END)


async def test_details_are_asked_by_one_identifier() -> None:
    bench = a_bench(*stored_answers("details_return"))
    fetched = await bench.client.details(f"00{RETURN}")
    assert bench.seen[0].path == "/api/v1/warehouse/return/details"
    assert bench.seen[0].query == {"return_id": RETURN}
    assert (fetched.ret.return_id, fetched.is_details) == (RETURN, True)
    assert bench.budget.taken == [Priority.LOOKUP]


@pytest.mark.fault(34)
async def test_details_about_another_return_are_not_taken() -> None:
    bench = a_bench(*stored_answers("details_return"))
    with pytest.raises(AnswerLost, match="other_return"):
        await bench.client.details("91000124")


async def test_details_by_id_may_come_in_an_array() -> None:
    body = stored("details_return")[0]["body"]
    bench = a_bench(answer([{**body, "id": 5}, body]), answer([]))
    assert (await bench.client.details(RETURN)).ret.return_id == RETURN
    with pytest.raises(NotFound):
        await bench.client.details(RETURN)


async def test_an_order_name_is_tried_without_and_then_with_its_number_sign() -> None:
    missing = {"error": {"message": "No return found with this ID."}}
    body = stored("details_return")[0]["body"]
    bench = a_bench(answer(missing), answer([body, {**body, "id": 5}]))
    found = await bench.client.details_by_order_name(" #EX 20417 ")
    assert [one.ret.return_id for one in found] == [RETURN, "5"]
    assert [seen.raw_query for seen in bench.seen] == ["order_name=EX%2020417", "order_name=%23EX%2020417"]


async def test_an_order_name_that_is_found_at_once_is_asked_once() -> None:
    bench = a_bench(*stored_answers("details_return"))
    assert len(await bench.client.details_by_order_name("20417")) == 1
    assert len(bench.seen) == 1


@pytest.mark.parametrize("name", ["", " ", "#", "a\nb", "a\x00", "\ud800", "x" * 101, "a\u202eb"])
async def test_what_no_order_is_called_is_not_asked(name: str) -> None:
    bench = a_bench(answer(True))
    assert await bench.client.details_by_order_name(name) == ()
    assert bench.seen == []


async def test_an_order_id_finds_all_returns_of_the_order_or_none() -> None:
    body = stored("details_return")[0]["body"]
    bench = a_bench(
        answer([body]), answer({"error": {"message": "No return found with this ID."}}), answer({}, 404)
    )
    assert len(await bench.client.details_by_order_id("5444170000001")) == 1
    assert await bench.client.details_by_order_id("5444170000001") == ()
    assert await bench.client.details_by_order_id("5444170000001") == ()
    assert bench.seen[0].query == {"order_id": "5444170000001"}


def calls_with_an_id(client: LoopClient, text: str) -> list[Callable[[], Awaitable[object]]]:
    """Every call that carries an id."""
    return [
        lambda: client.details(text),
        lambda: client.details_by_order_id(text),
        lambda: client.notes(text),
        lambda: client.create_note(text, "x"),
        lambda: client.flag(text),
        lambda: client.process(text),
        lambda: client.cancel(text),
        lambda: client.close(text),
        lambda: client.remove(text, ["1"]),
        lambda: client.remove("1", [text]),
        lambda: client.remove("1", ["2", text]),
        lambda: client.grade([{**GRADE, "line_item_id": text}]),
        lambda: client.assess([{"line_item_id": text, "disposition_outcome": "recycle"}]),
        lambda: client.destination(text),
        lambda: client.happy_items(text),
    ]


@pytest.mark.fault(101)
@pytest.mark.parametrize("text", HOSTILE)
async def test_no_request_carries_what_is_no_id(text: str) -> None:
    bench = a_bench(answer(True))
    for call in calls_with_an_id(bench.client, text):
        with pytest.raises(RuleBroken, match="bad_id"):
            await call()
    assert bench.seen == []
    assert bench.budget.taken == []


@pytest.mark.parametrize(
    "text", [text for text in HOSTILE if text not in ("-1", "1e3", "0x1", "9" * 20, "null")]
)
async def test_a_happy_returns_id_cannot_leave_its_place_in_the_path(text: str) -> None:
    bench = a_bench(answer({}))
    with pytest.raises(RuleBroken, match="bad_id"):
        await bench.client.happy_shipment(text)
    assert bench.seen == []


async def test_actions_are_plain_posts_without_a_body() -> None:
    bench = a_bench(answer(True))
    for name in ("flag", "process", "cancel", "close"):
        sent = await getattr(bench.client, name)(RETURN)
        assert (sent.http_status, sent.echoed) == (200, ())
    assert [(s.method, s.path, s.raw_query, s.body) for s in bench.seen] == [
        ("POST", f"/api/v1/warehouse/return/{RETURN}/{name}", "", b"")
        for name in ("flag", "process", "cancel", "close")
    ]
    assert all("content-type" not in seen.headers for seen in bench.seen)
    assert set(bench.budget.taken) == {Priority.FINISH}


async def test_a_removal_names_all_units_in_one_call() -> None:
    bench = a_bench(answer(True))
    await bench.client.remove(RETURN, ["4001", "4003", "4003", "4002"])
    assert bench.seen[0].path == f"/api/v1/warehouse/return/{RETURN}/remove"
    assert bench.seen[0].raw_query == "line_item_id=4001,4003,4002"


@pytest.mark.parametrize("ids", [[], [str(n) for n in range(1, 52)]])
async def test_a_removal_of_none_or_of_too_many_is_not_sent(ids: list[str]) -> None:
    bench = a_bench(answer(True))
    with pytest.raises(RuleBroken, match="bad_batch"):
        await bench.client.remove(RETURN, ids)
    assert bench.seen == []


async def test_a_note_is_sent_as_its_content() -> None:
    bench = a_bench(answer("true"))
    await bench.client.create_note(RETURN, "Größe \U0001f600 [ld:ABCDEF]")
    (seen,) = bench.seen
    assert (seen.method, seen.path) == ("POST", f"/api/v1/warehouse/return/{RETURN}/note")
    assert seen.json == {"content": "Größe \U0001f600 [ld:ABCDEF]"}
    assert seen.headers["content-type"] == "application/json"
    assert seen.body.isascii()


@pytest.mark.parametrize("content", ["", "  ", "x" * 255])
async def test_a_note_that_is_empty_or_too_long_is_not_sent(content: str) -> None:
    bench = a_bench(answer(True))
    with pytest.raises(RuleBroken, match="bad_note"):
        await bench.client.create_note(RETURN, content)
    assert bench.seen == []
    await bench.client.create_note(RETURN, "x" * 254)


async def test_half_a_character_in_a_note_does_not_stop_it_from_leaving() -> None:
    bench = a_bench(answer(True))
    await bench.client.create_note(RETURN, "half \ud83d")
    assert bench.seen[0].body == b'{"content":"half \\ud83d"}'


async def test_a_grade_is_a_word_before_2026_10_and_an_object_from_then_on() -> None:
    named = {**GRADE, "condition_category": "grade_b", "subject": "Condition", "title": "B"}
    old = a_bench(answer([{"line_item_id": 4001}]))
    for version in ("v1", "2026-07"):
        await old.transport.set_base("https://api.loopreturns.com", version)
        sent = await old.client.grade([named])
        assert sent.echoed == ("4001",)
    expected = {
        "line_item_id": 4001,
        "description": "As new, complete",
        "return_processor": "dana",
        "inspected_at": "2026-11-05 08:30:00",
    }
    assert [seen.path for seen in old.seen] == [
        "/api/v1/dispositioning/grade",
        "/api/2026-07/dispositioning/grade",
    ]
    assert [seen.json for seen in old.seen] == [
        {"items": [{**expected, "condition_category": "grade_b"}]}
    ] * 2
    new = a_bench(answer([{"line_item_id": "4001"}]), version="2026-10")
    await new.client.grade([named])
    assert new.seen[0].json["items"][0]["condition_category"] == {
        "subject": "Condition",
        "title": "B",
        "grade": "grade_b",
    }


@pytest.mark.fault(35)
async def test_a_category_is_never_guessed_because_loop_would_create_it() -> None:
    bench = a_bench(answer([{"line_item_id": 4001}]), version="2026-10")
    await bench.client.grade([GRADE])
    assert bench.seen[0].json["items"][0]["condition_category"] == {
        "subject": "Item condition grade",
        "title": "Grade A",
        "grade": "grade_a",
    }
    for unnamed in (
        {"condition_category": "grade_b"},
        {"condition_category": "grade_b", "subject": "Condition"},
    ):
        with pytest.raises(Refused, match="grade=grade_b") as refused:
            await bench.client.grade([{**GRADE, **unnamed}])
        assert (refused.value.refusal_code, refused.value.http_status) == ("CATEGORY_UNNAMED", 422)
    assert len(bench.seen) == 1


async def test_an_assessment_sends_what_it_has_and_no_more() -> None:
    bench = a_bench(answer([{"line_item_id": 4001}, {"line_item_id": 4002}]))
    items: list[dict[str, Any]] = [
        {
            "line_item_id": "4001",
            "disposition_outcome": "recycle",
            "note": None,
            "images": ["x"],
            "secret": 1,
        },
        {"line_item_id": 4002, "disposition_outcome": "back_to_stock", "note": "n", "return_processor": ""},
    ]
    assert (await bench.client.assess(items)).echoed == ("4001", "4002")
    assert bench.seen[0].path == "/api/v1/dispositioning/assess"
    assert bench.seen[0].json == {
        "items": [
            {"line_item_id": 4001, "disposition_outcome": "recycle"},
            {"line_item_id": 4002, "disposition_outcome": "back_to_stock", "note": "n"},
        ]
    }


async def test_a_batch_holds_one_to_twenty_items() -> None:
    bench = a_bench(answer([{"line_item_id": n} for n in range(21)]))
    for size in (0, 21):
        with pytest.raises(RuleBroken, match="bad_batch"):
            await bench.client.grade([{**GRADE, "line_item_id": n} for n in range(size)])
    assert bench.seen == []
    assert len((await bench.client.grade([{**GRADE, "line_item_id": n} for n in range(20)])).echoed) == 20


async def test_an_echo_is_told_in_the_words_of_the_question() -> None:
    bench = a_bench(answer([{"line_item_id": 4001}]), answer([{"line_item_id": "004001"}]))
    for _ in range(2):
        assert (await bench.client.grade([{**GRADE, "line_item_id": "04001"}])).echoed == ("04001",)
    assert bench.seen[0].json["items"][0]["line_item_id"] == 4001


async def test_a_batch_that_is_not_wholly_echoed_may_have_happened() -> None:
    bench = a_bench(answer([{"line_item_id": 4001}]))
    with pytest.raises(AnswerLost, match="4002"):
        await bench.client.grade([GRADE, {**GRADE, "line_item_id": "4002"}])


async def test_the_probe_asks_for_one_return() -> None:
    bench = a_bench(answer(PAGE), answer({"errors": "Unauthorized."}, 401), answer({"unknown": 1}))
    await bench.client.probe()
    assert bench.seen[0].path == "/api/v1/warehouse/return/list"
    assert bench.seen[0].query == {"paginate": "true", "pageSize": "1"}
    with pytest.raises(KeyRefused):
        await bench.client.probe()
    with pytest.raises(AnswerLost):
        await bench.client.probe()


UNAUTHORIZED = {"error": {"code": "401", "http_code": "GEN-UNAUTHORIZED", "message": "Unauthorized."}}


async def test_a_missing_permission_is_told_from_a_bad_key_by_one_probe() -> None:
    bench = a_bench(answer(UNAUTHORIZED, 401), answer(PAGE), answer(True, 500))
    with pytest.raises(ScopeMissing):
        await bench.client.destinations()
    with pytest.raises(ScopeMissing):
        await bench.client.destinations()
    with pytest.raises(ScopeMissing):
        await bench.client.destination("7")
    assert [seen.path.rsplit("/", 1)[1] for seen in bench.seen] == ["destinations", "list"]
    assert [type(one) for one in bench.told] == [ScopeMissing, type(None)]


async def test_a_bad_key_is_not_taken_for_a_missing_permission() -> None:
    bench = a_bench(answer(UNAUTHORIZED, 401))
    for _ in range(2):
        with pytest.raises(KeyRefused):
            await bench.client.destinations()
    assert len(bench.seen) == 4


async def test_a_probe_that_does_not_arrive_decides_nothing() -> None:
    bench = a_bench(answer(UNAUTHORIZED, 401), httpx.ConnectError("no"), answer({"destinations": []}))
    with pytest.raises(Unreachable):
        await bench.client.destinations()
    assert await bench.client.destinations() == ()


async def test_a_key_that_is_known_to_work_needs_no_probe_and_a_new_key_starts_afresh() -> None:
    bench = a_bench(answer(PAGE), answer(UNAUTHORIZED, 401), answer({"destinations": []}))
    await bench.client.probe()
    with pytest.raises(ScopeMissing):
        await bench.client.destinations()
    assert len(bench.seen) == 2
    bench.transport.set_key("another-key")
    assert not bench.transport.returns_scope_works
    assert await bench.client.destinations() == ()


async def test_one_missing_permission_leaves_the_other_feature_on() -> None:
    bench = a_bench(answer(PAGE), answer(UNAUTHORIZED, 401), answer({"data": []}))
    await bench.client.probe()
    with pytest.raises(ScopeMissing):
        await bench.client.destinations()
    assert await bench.client.happy_shipments(START, END) == ()


async def test_destinations_are_read_from_their_object() -> None:
    dock = {"id": 4021, "type": "warehouse", "name": "Reno", "enabled": True, "address": {"city": "Reno"}}
    bench = a_bench(
        answer({"destinations": [dock, {**dock, "id": "5"}]}),
        answer(dock),
        answer({"code": "NOT_FOUND", "message": "x"}, 404),
    )
    assert [one.destination_id for one in await bench.client.destinations()] == ["4021", "5"]
    assert (await bench.client.destination("4021")).city == "Reno"
    with pytest.raises(NotFound):
        await bench.client.destination("4021")
    assert [seen.path for seen in bench.seen][:2] == ["/api/v1/destinations", "/api/v1/destinations/4021"]


async def test_consolidated_shipments_are_read_page_by_page() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["page"])
        row = {"loop_shipment_id": number, "happy_returns_shipment_id": f"HRS-{number}", "return_count": "3"}
        return answer(
            {
                "current_page": number,
                "last_page": 3,
                "data": [row],
                "next_page_url": "https://other.example.test/",
            }
        )

    bench = a_bench(serve)
    found = await bench.client.happy_shipments(START, END)
    assert [one.happy_returns_shipment_id for one in found] == ["HRS-1", "HRS-2", "HRS-3"]
    assert found[0].return_count == 3
    assert bench.seen[1].query == {"from": "2026-11-01T00:00:00Z", "to": "2026-11-05T00:00:00Z", "page": "2"}


@pytest.mark.fault(33)
async def test_endless_pages_have_an_end() -> None:
    bench = a_bench(answer({"data": [{"return_id": 5}], "next_page_url": "https://x.example.test/?page=2"}))
    assert len(await bench.client.happy_items("7")) == 100
    assert bench.seen[0].path == "/api/v1/happy-returns/shipments/7/items"


async def test_a_consolidated_item_names_its_return() -> None:
    item = {
        "return_id": 91000123,
        "order_name": "#20417",
        "happy_returns_return_bag_barcodes": ["HRAB12", "HRAB13"],
        "happy_returns_rma_id": "HR1",
        "shipping_box_barcode": "BOX1",
        "tracking_number": 794600000012,
        "carrier": "FedEx",
        "sku": "TEE-M",
        "item_title": "Cotton tee",
    }
    bench = a_bench(answer({"data": [item], "last_page": 1}))
    (found,) = await bench.client.happy_items("7")
    assert (found.return_id, found.bag_barcodes, found.tracking_number) == (
        RETURN,
        ("HRAB12", "HRAB13"),
        "794600000012",
    )


async def test_one_consolidated_shipment_is_read_by_happy_returns_id() -> None:
    bench = a_bench(answer({"loop_shipment_id": 7, "happy_returns_shipment_id": "HRS-7"}))
    assert (await bench.client.happy_shipment("HRS-7")).loop_shipment_id == "7"
    assert bench.seen[0].path == "/api/v1/happy-returns/shipments/HRS-7"


@pytest.mark.expects_log("rows_unreadable")
@pytest.mark.parametrize("body", [True, None, {"x": 1}, "x", {"data": 1}, {"destinations": 1}])
async def test_reads_of_another_shape_are_lost_answers(body: Any) -> None:
    reads: list[Callable[[LoopClient], Awaitable[object]]] = [
        lambda client: client.details(RETURN),
        lambda client: client.details_by_order_name("1"),
        lambda client: client.destinations(),
        lambda client: client.happy_shipments(START, END),
    ]
    for read in reads:
        with pytest.raises(AnswerLost):
            await read(a_bench(answer(body)).client)


async def test_a_network_that_asks_for_login_is_named() -> None:
    bench = a_bench(text_answer("<html>Guest</html>"))
    for call in (bench.client.details(RETURN), bench.client.probe(), bench.client.process(RETURN)):
        with pytest.raises(AnswerLost) as lost:
            await call
        assert lost.value.why == "login_page"


async def test_words_that_loop_never_said_are_not_made_up() -> None:
    with pytest.raises(Refused) as refused:
        await a_bench(text_answer("{}", 422)).client.process(RETURN)
    assert refused.value.text == "HTTP 422"
    assert isinstance(refused.value, ApiError)


async def test_times_given_in_another_zone_are_asked_in_utc() -> None:
    bench = a_bench(answer([]))
    late = datetime(2026, 11, 1, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    await bench.client.asn(late, late.astimezone(UTC))
    assert bench.seen[0].query == {"from": "2026-11-02", "to": "2026-11-02"}


async def test_a_processing_carries_its_body_as_json_and_nothing_without_one() -> None:
    bench = a_bench(answer(True), answer(True))
    await bench.client.process(RETURN)
    await bench.client.process(RETURN, {"rmaid": "91000123", "custom1": "dock é"})
    assert bench.seen[0].body == b""
    assert bench.seen[1].body == b'{"rmaid":"91000123","custom1":"dock \\u00e9"}'
