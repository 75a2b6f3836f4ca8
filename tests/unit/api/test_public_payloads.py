"""Answers of Loop from documents and captures, one test each: how each is read."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from loopdesk.api.calls import Call, Nature
from loopdesk.api.judgement import RawAnswer, judge
from loopdesk.api.translate import read, to_return
from loopdesk.api.versions import VERSIONS
from loopdesk.api.wire import ReturnWire
from loopdesk.domain.errors import AnswerLost, ApiError, Refused
from loopdesk.domain.returns.returns import ReturnState, is_loop_id
from tests.unit.api.bench import END, NOW, PAYLOADS, START, Bench, a_bench, text_answer

FOLDER = PAYLOADS / "public"
STORED = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
RAW = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.rawtext"))}

WITHOUT_LINES = {"evangelist_return_example"}
"""Derived by its author and not captured: it has no lines at all, and so is set apart with its id."""


def of_kind(*kinds: str) -> list[str]:
    """Name the payloads of some kinds."""
    return [name for name, one in STORED.items() if one["kind"] in kinds]


def bench_for(name: str) -> Bench:
    """Return a client that gets this answer."""
    one = STORED[name]
    return a_bench(text_answer(json.dumps(one["body"]), one["status"]))


def rows_of(body: Any) -> list[Any]:
    """Return the rows of a list's body."""
    return list(body["returns"] if isinstance(body, dict) and "returns" in body else body)


@pytest.mark.parametrize("name", of_kind("list"))
@pytest.mark.expects_log("rows_unreadable")
async def test_a_list_is_read_row_by_row(name: str) -> None:
    page = await bench_for(name).client.list_page(start=START, end=END)
    ids = [str(row["id"]) for row in rows_of(STORED[name]["body"])]
    if name in WITHOUT_LINES:
        assert (page.returns, page.unread) == ((), tuple(ids))
        return
    assert [one.ret.return_id for one in page.returns] == ids
    assert page.unread == ()
    assert all(is_loop_id(line.line_item_id) for one in page.returns for line in one.ret.lines)
    assert all(one.ret.lines for one in page.returns)


@pytest.mark.parametrize("name", RAW)
async def test_ids_that_were_sent_without_quotes_keep_every_digit(name: str) -> None:
    page = await a_bench(text_answer(RAW[name])).client.list_page(start=START, end=END)
    quoted = await bench_for(name.removesuffix("_unquoted")).client.list_page(start=START, end=END)
    assert [one.ret for one in page.returns] == [one.ret for one in quoted.returns]


@pytest.mark.parametrize("name", of_kind("details"))
async def test_details_are_read(name: str) -> None:
    (found,) = await bench_for(name).client.details_by_order_name("1")
    body = STORED[name]["body"]
    assert found.ret.return_id == str(body["id"])
    assert [line.line_item_id for line in found.ret.lines] == [
        str(x["line_item_id"]) for x in body["line_items"]
    ]
    assert (found.ret.state is ReturnState.UNKNOWN) == (body["state"] == "<any>")


@pytest.mark.parametrize("name", of_kind("asn"))
async def test_the_advance_notice_is_read(name: str) -> None:
    rows = await bench_for(name).client.asn(START, END)
    assert [row.line_item_id for row in rows] == [str(x["return_line_item_id"]) for x in STORED[name]["body"]]


@pytest.mark.parametrize("name", of_kind("notes"))
async def test_notes_are_read_oldest_first(name: str) -> None:
    notes = await bench_for(name).client.notes("1")
    assert [int(note.note_id) for note in notes] == sorted(x["id"] for x in STORED[name]["body"])
    assert all(note.created_at for note in notes)


@pytest.mark.parametrize("name", of_kind("action.process", "action.flag", "action.cancel"))
async def test_an_action_is_accepted(name: str) -> None:
    act = getattr(bench_for(name).client, STORED[name]["kind"].partition(".")[2])
    assert (await act("1")).http_status == 200


@pytest.mark.parametrize("name", of_kind("grade", "assess"))
async def test_an_echo_of_every_line_is_accepted(name: str) -> None:
    one = STORED[name]
    body = one["body"]
    lines = body if isinstance(body, list) else body.get("items", body)
    ids = tuple(str(x["line_item_id"]) for x in lines)
    call = Call(one["kind"], "POST", "/x", Nature.VALUES, 3, expected_ids=ids)
    echo = RawAnswer(200, {}, json.dumps(lines).encode())
    assert judge(call, echo, VERSIONS["v1"], NOW).failure is None


@pytest.mark.parametrize("name", of_kind("refusal"))
async def test_a_refusal_is_named_in_loops_words_and_a_server_error_proves_nothing(name: str) -> None:
    with pytest.raises(ApiError) as failure:
        await bench_for(name).client.flag("1")
    if STORED[name]["status"] >= 500:
        assert isinstance(failure.value, AnswerLost)
    else:
        assert isinstance(failure.value, Refused)
        assert json.dumps(failure.value.text) in json.dumps(STORED[name]["body"])


READ_OTHERWISE: dict[str, Callable[[Bench], Awaitable[Any]]] = {
    "destinations": lambda bench: bench.client.destinations(),
    "happy_shipments": lambda bench: bench.client.happy_shipments(START, END),
    "happy_items": lambda bench: bench.client.happy_items("7"),
}


@pytest.mark.parametrize("name", of_kind(*READ_OTHERWISE))
async def test_what_an_optional_permission_shows_is_read(name: str) -> None:
    assert await READ_OTHERWISE[STORED[name]["kind"]](bench_for(name))


@pytest.mark.parametrize("name", of_kind("v2", "listings", "deeplink", "cart"))
async def test_an_answer_to_another_question_is_no_page_of_the_list(name: str) -> None:
    with pytest.raises(AnswerLost):
        await bench_for(name).client.list_page(start=START, end=END)


@pytest.mark.fault(124)
@pytest.mark.parametrize("name", of_kind("webhook.return"))
def test_the_body_of_a_returns_webhook_is_read_like_a_row(name: str) -> None:
    body = STORED[name]["body"]
    ret = to_return(body, False)
    assert ret.return_id == str(body["id"])
    assert len(ret.lines) == len(body["line_items"])
    assert ret.updated_at is None, "no webhook says when the return changed: it cannot replace a row"


@pytest.mark.parametrize(
    "name",
    [
        x
        for x, one in STORED.items()
        if one["kind"].startswith("webhook.") and one["kind"] != "webhook.return"
    ],
)
def test_the_body_of_another_webhook_is_no_return(name: str) -> None:
    with pytest.raises(AnswerLost):
        read(ReturnWire, STORED[name]["body"])


def test_every_payload_has_its_test_and_its_row_in_the_index() -> None:
    kinds = {one["kind"] for one in STORED.values()}
    tested = {
        *READ_OTHERWISE,
        *(
            "list",
            "details",
            "asn",
            "notes",
            "grade",
            "assess",
            "refusal",
            "v2",
            "listings",
            "deeplink",
            "cart",
        ),
    }
    assert {x for x in kinds if not x.startswith(("webhook.", "action."))} == tested
    index = (FOLDER / "INDEX.md").read_text("utf-8")
    names = [*(f"{name}.json" for name in STORED), *(f"{name}.rawtext" for name in RAW)]
    assert [name for name in names if f"| {name} |" not in index] == []
