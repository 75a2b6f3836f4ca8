"""The chain of an audit log: what follows what, and what does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.audit_chain import (
    BEGINNING,
    HIGHEST,
    SHA_MOST,
    ChainCheck,
    ChainFault,
    ChainLink,
    ChainRow,
    chained,
    fault_after,
    line_of,
    row_in,
    whole_part,
)


def chain(texts: list[str], after: ChainLink = BEGINNING) -> list[ChainRow]:
    """Write rows that follow each other."""
    rows: list[ChainRow] = []
    for text in texts:
        line = line_of([after.seq + 1, "at", text, "", "", "", "", "{}"])
        rows.append(ChainRow(after.seq + 1, line, chained(after.sha, line)))
        after = rows[-1].link
    return rows


def test_the_hash_of_a_row_is_what_it_was_in_every_released_version() -> None:
    line = line_of([1, "2026-03-02T09:30:00.000000Z", "scan", '{"name":"Žo"}', "dock 1", "", "", "{}"])
    assert line == (
        '[1,"2026-03-02T09:30:00.000000Z","scan","{\\"name\\":\\"\\u017do\\"}","dock 1","","","{}"]'
    )
    assert chained(b"", line).hex() == "0237b0a2342f31d051a48c61f5a2a51f491803f406cd53aa926c12aeaf2b0bdb"


@given(st.lists(st.text(), max_size=8), st.data())
def test_any_change_of_whole_rows_is_found_at_the_first_one_that_was_touched(
    texts: list[str], data: st.DataObject
) -> None:
    rows = chain(texts)
    assert whole_part(BEGINNING, rows) == (len(rows), None)
    if len(rows) < 2:
        return
    at = data.draw(st.integers(0, len(rows) - 1))
    other = [row.link for row in rows]
    match data.draw(st.sampled_from(["line", "sha", "gone", "swapped", "twice"])):
        case "line":
            line = line_of([at + 1, "at", texts[at] + "!", "", "", "", "", "{}"])
            touched = [*rows[:at], ChainRow(at + 1, line, rows[at].sha), *rows[at + 1 :]]
            assert whole_part(BEGINNING, touched) == (at, ChainFault.CHANGED)
        case "sha":
            touched = [*rows[:at], ChainRow(at + 1, rows[at].line, b"\0" * 32), *rows[at + 1 :]]
            assert whole_part(BEGINNING, touched) == (at, ChainFault.CHANGED)
        case "gone" if at < len(rows) - 1:
            assert whole_part(BEGINNING, [*rows[:at], *rows[at + 1 :]]) == (at, ChainFault.MISSING)
        case "swapped" if at < len(rows) - 1:
            touched = [*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]]
            assert whole_part(BEGINNING, touched) == (at, ChainFault.MISSING)
        case "twice":
            touched = [*rows[: at + 1], *rows[at:]]
            assert whole_part(BEGINNING, touched) == (at + 1, ChainFault.REORDERED)
    assert [row.link for row in rows] == other


def test_a_row_that_follows_another_past_does_not_follow_here() -> None:
    one, other = chain(["a", "b"]), chain(["x", "b"])
    assert fault_after(one[0].link, one[1]) is None
    assert fault_after(one[0].link, other[1]) is ChainFault.CHANGED


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_a_chain_that_ends_too_early_or_goes_on_is_not_whole(cut: int) -> None:
    rows = chain(["a", "b", "c"])
    check = ChainCheck(BEGINNING)
    for row in rows[:cut]:
        check.take(row)
    assert check.end(rows[-1].link) == (None if cut == 3 else cut + 1)


def test_the_first_broken_row_is_named_whatever_comes_after_it() -> None:
    rows = chain(["a", "b", "c", "d"])
    check = ChainCheck(BEGINNING)
    for row in (rows[0], rows[2], rows[3], rows[1]):
        check.take(row)
    assert check.end(rows[-1].link) == 2


_SEVEN = ["at", "scan", "", "", "", "", "{}"]


@pytest.mark.parametrize(
    ("line", "sha"),
    [
        ("", b""),
        ("[1", b""),
        ("1", b""),
        ('{"a":1}', b""),
        (line_of([1]), b""),
        (line_of([0, *_SEVEN]), b""),
        (line_of([-1, *_SEVEN]), b""),
        (line_of([True, *_SEVEN]), b""),
        (line_of([1.0, *_SEVEN]), b""),
        (line_of(["1", *_SEVEN]), b""),
        (line_of([HIGHEST + 1, *_SEVEN]), b""),
        (line_of([1, *_SEVEN[1:], None]), b""),
        (line_of([1, *_SEVEN, ""]), b""),
        (line_of([1, *_SEVEN]).replace("scan", "scän"), b""),
        (line_of([1, *_SEVEN]), b"\0" * (SHA_MOST + 1)),
        ("[" * 100_000, b""),
    ],
)
def test_what_is_no_row_is_not_read_as_one(line: str, sha: bytes) -> None:
    assert row_in(line, sha) is None


@given(st.integers(1, HIGHEST), st.lists(st.text(), min_size=7, max_size=7), st.binary(max_size=SHA_MOST))
def test_every_row_that_can_be_written_can_be_read(seq: int, texts: list[Any], sha: bytes) -> None:
    line = line_of([seq, *texts])
    assert row_in(line, sha) == ChainRow(seq, line, sha)
