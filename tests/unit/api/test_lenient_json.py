"""Answers to reads, row by row: odd values are repaired, broken rows are set apart, neighbors are read."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from loopdesk.api.lenient_json import DEEPEST, Broken, loads
from loopdesk.api.strict_json import Unreadable, dumps

ROW = '{"id":%s,"state":"open","order_name":"#%s","line_items":[{"line_item_id":%s1}]}'
GOOD = [json.loads(ROW % (n, n, n)) for n in (1, 2, 3)]


def page(*rows: str) -> bytes:
    """Write a page of the list around rows as they are."""
    link = '"https:\\/\\/elsewhere.test\\/x?cursor=abc"'
    return f'{{"returns":[{",".join(rows)}],"nextPageUrl":{link}}}'.encode("utf-8", "surrogatepass")


def row(number: int) -> str:
    """Write one good row."""
    return ROW % (number, number, number)


@pytest.mark.fault(157)
@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'"\ud83d"', "\ufffd"),
        (r'"a\udc00b"', "a\ufffdb"),
        (r'"\ud83d\ude00"', "\U0001f600"),
        ('"a\ud83db"', "a\ufffd\ufffd\ufffdb"),
        ("NaN", None),
        ("-Infinity", None),
        ("1e999", None),
        ("9" * 80, None),
        ("9" * 10_000, None),
        ("123456789012345678", 123456789012345678),
        ('"line\nend\x00\x1b[31m"', "line\nend\x00\x1b[31m"),
        (r'{"\ud83d":[1]}', {"\ufffd": [1]}),
    ],
)
def test_an_odd_value_is_mended_and_its_row_and_neighbors_are_read(written: str, read: Any) -> None:
    odd = row(2).replace('"#2"', written)
    value = loads(page(row(1), odd, row(3)))
    assert value["returns"] == [GOOD[0], {**GOOD[1], "order_name": read}, GOOD[2]]
    assert value["nextPageUrl"].endswith("cursor=abc")
    assert json.loads(dumps(value)) == value


@pytest.mark.fault(157)
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    "broken",
    [
        row(7).replace('"#7"', "undefined"),
        row(7).replace('"#7"', "1.2.3"),
        row(7).replace('"#7"', "'x'"),
        row(7).replace('"#7"', '"5" pipe"'),
        row(7).replace('"#7"', '"'),
        row(7).replace('"#7"', ""),
        row(7)[:-1],
        row(7)[:-20],
        row(7) + "}",
        row(7) + " junk",
        "undefined",
        "[1,}",
        '{"id":7,"a":' * 3,
    ],
)
def test_a_row_that_is_no_json_is_set_apart_wherever_it_stands(broken: str, place: int) -> None:
    rows = [row(1), row(2), row(3)][: 2 if place == 2 else 3]
    rows.insert(place, broken)
    value = loads(page(*rows))
    read = [one for one in value["returns"] if not isinstance(one, Broken)]
    assert read == GOOD[: len(rows) - 1]
    assert [one.return_id for one in value["returns"] if isinstance(one, Broken)] in (["7"], [""])
    assert value["nextPageUrl"].endswith("cursor=abc")


@pytest.mark.fault(157)
@pytest.mark.parametrize("depth", [DEEPEST + 1, 900, 20_000])
def test_what_is_too_deep_is_nothing_and_the_row_stays(depth: int) -> None:
    for deep in ("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth):
        value = loads(page(row(1), row(2).replace('"#2"', deep), row(3)))
        assert [one["id"] for one in value["returns"]] == [1, 2, 3]
        assert len(dumps(value)) < 2_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"[1",
        b'{"a"',
        b'{"a":1',
        b"{1:2}",
        b"[1] [2]",
        b"<html>",
        b"nul",
        b'{"a":undefined}',
        b"{x," * 5_000,
        page(row(1), row(2))[:-60],
    ],
)
def test_what_is_cut_off_or_no_json_outside_of_the_rows_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        loads(body)


def test_broken_rows_without_end_cost_no_more_than_a_few() -> None:
    with pytest.raises(Unreadable, match="too_many_broken_rows"):
        loads(b"[" + b",".join([b"{x"] * 50_000) + b"]")


@pytest.mark.parametrize(
    "value", [[], {}, [1, "x", None], {"a": [], "b": {"c": [1]}}, {"notes": [{"id": 1}]}]
)
def test_good_json_comes_out_as_any_reader_reads_it(value: Any) -> None:
    assert loads(json.dumps(value, indent=1).encode()) == value
    assert loads(b"\xef\xbb\xbf" + json.dumps(value).encode()) == value


@pytest.mark.fault(176)
def test_a_hundred_thousand_empty_rows_stay_within_bounded_memory() -> None:
    body = b'{"returns":[' + b",".join([b"{}" + b" " * 45] * 100_000) + b"]}"
    tracemalloc.start()
    try:
        value = loads(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(value["returns"]) == 100_000
    assert peak < 5 * len(body)
