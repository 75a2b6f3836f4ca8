"""Whatever a server answers, the client ends in a value or in its own errors, and never in a false yes."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loopdesk.api.client import LoopClient
from loopdesk.api.lenient_json import elements
from loopdesk.api.strict_json import Unreadable, loads
from loopdesk.domain.errors import ApiError, RuleBroken
from loopdesk.domain.returns.returns import fingerprint, is_loop_id
from loopdesk.services.ports.loop import Fetched
from tests.unit.api.bench import END, START, a_bench, answer, stored, text_answer

RETURN = "91000123"
BOUNDED = settings(max_examples=200)

Reach = Callable[[LoopClient], Awaitable[Any]]

ACTIONS: list[Reach] = [
    lambda client: client.process(RETURN),
    lambda client: client.remove(RETURN, ["4001"]),
    lambda client: client.create_note(RETURN, "x"),
    lambda client: client.grade([{"line_item_id": 4001, "description": "x"}]),
]
READS: list[Reach] = [
    lambda client: client.details(RETURN),
    lambda client: client.details_by_order_name("20417"),
    lambda client: client.list_page(start=START, end=END),
    lambda client: client.asn(START, END),
    lambda client: client.notes(RETURN),
    lambda client: client.destinations(),
    lambda client: client.happy_shipments(START, END),
    lambda client: client.happy_items("7"),
    lambda client: client.probe(),
]

words = st.sampled_from(
    [
        "error",
        "errors",
        "message",
        "content",
        "code",
        "returns",
        "nextPageUrl",
        "data",
        "notes",
        "id",
        "state",
        "line_items",
        "line_item_id",
        "labels",
        "exchanges",
        "destinations",
        "last_page",
        "tracking_number",
        "refund",
    ]
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**15, 10**25)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["true", "N/A", "", "0000-00-00", "https://x/?cursor=A", "Unauthorized.", "Return not found."]
    )
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=25,
)
statuses = st.sampled_from(
    [200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 405, 408, 409, 413, 418, 422, 429, 500, 503]
)
bodies = st.binary(max_size=200) | values.map(lambda value: json.dumps(value).encode())


async def ending(reach: Reach, response: httpx.Response) -> Any:
    """Return a call's outcome: its value, or one of our own errors. Anything else is a fault."""
    bench = a_bench(response)
    try:
        return await reach(bench.client)
    except ApiError as failure:
        return failure
    finally:
        await bench.transport.aclose()


def says_yes(body: bytes) -> bool:
    """Judge independently of the client whether a body can be a yes of an action."""
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return value is True or (isinstance(value, str) and value.strip("\"' \t\r\n").lower() == "true")


@pytest.mark.fault(18)
@BOUNDED
@given(st.sampled_from(ACTIONS[:3]), statuses, bodies)
def test_an_action_is_accepted_by_200_with_a_yes_and_by_nothing_else(
    reach: Reach, status: int, body: bytes
) -> None:
    found = asyncio.run(ending(reach, text_answer(body, status)))
    assert isinstance(found, ApiError) is not (status == 200 and says_yes(body))


@BOUNDED
@given(statuses, bodies)
def test_a_grade_is_accepted_only_by_an_echo_of_its_line(status: int, body: bytes) -> None:
    found = asyncio.run(ending(ACTIONS[3], text_answer(body, status)))
    if not isinstance(found, ApiError):
        assert status == 200
        assert any(
            str(item.get("line_item_id")) == "4001" for item in json.loads(body) if isinstance(item, dict)
        )


@pytest.mark.expects_log("rows_unreadable")
@BOUNDED
@given(st.sampled_from(READS), statuses, bodies)
def test_a_read_raises_nothing_but_our_own_errors_whatever_is_answered(
    reach: Reach, status: int, body: bytes
) -> None:
    asyncio.run(ending(reach, text_answer(body, status)))


def paths_in(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    found = [before]
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        found += paths_in(child, (*before, key))
    return found


def with_changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Copy a JSON value with another value at one place."""
    if not path:
        return new
    changed = copy.deepcopy(value)
    parent = changed
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = new
    return changed


DETAILS = stored("details_return")[0]["body"]
PLACES = paths_in(DETAILS)


@pytest.mark.fault(30)
@pytest.mark.expects_log("rows_unreadable")
@BOUNDED
@given(st.lists(st.tuples(st.sampled_from(PLACES), values), min_size=1, max_size=3))
def test_a_mutated_return_is_whole_or_not_taken_at_all(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    value = DETAILS
    for path, new in changes:
        try:
            value = with_changed(value, path, new)
        except (KeyError, IndexError, TypeError):
            continue
    found = asyncio.run(ending(READS[0], text_answer(json.dumps(value).encode())))
    if isinstance(found, ApiError):
        return
    assert isinstance(found, Fetched)
    assert found.ret.return_id == RETURN
    written = elements((value if isinstance(value, dict) else value[0])["line_items"])
    assert len(found.ret.lines) == (1 if isinstance(written, dict) else len(written or ()))
    assert all(is_loop_id(line.line_item_id) for line in found.ret.lines)
    fingerprint(found.ret)


@BOUNDED
@given(
    st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_the_reader_raises_nothing_but_unreadable_and_its_value_is_json(body: bytes) -> None:
    try:
        value = loads(body)
    except Unreadable:
        return
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")


@pytest.mark.fault(101)
@BOUNDED
@given(
    st.text(max_size=24)
    | st.from_regex(r"[0-9]{1,22}", fullmatch=True)
    | st.from_regex(r"[0-9/%.?#-]{1,12}", fullmatch=True)
)
def test_only_ids_ever_stand_in_a_path(text: str) -> None:
    async def ask() -> None:
        bench = a_bench(answer(True))
        try:
            await bench.client.process(text)
        except RuleBroken:
            assert not is_loop_id(text)
            assert bench.seen == []
        else:
            assert is_loop_id(text)
            assert bench.seen[0].path == f"/api/v1/warehouse/return/{int(text)}/process"

    asyncio.run(ask())


@pytest.mark.fault(31)
@pytest.mark.expects_log("rows_unreadable")
@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000, b'{"id": ' + b"9" * 5000 + b"}", b'"\\ud800"', b"NaN"],
)
def test_hostile_bodies_are_lost_answers_everywhere(body: bytes) -> None:
    for reach in (*ACTIONS, *READS):
        found = asyncio.run(ending(reach, text_answer(body)))
        assert isinstance(found, ApiError)
        assert found.code == "answer_lost"


@pytest.mark.fault(31)
def test_a_large_hostile_body_is_a_lost_answer_too() -> None:
    deep = b'{"returns": [' + b"[" * 200_000
    found = asyncio.run(ending(READS[2], text_answer(deep)))
    assert isinstance(found, ApiError)
    assert found.code == "answer_lost"
