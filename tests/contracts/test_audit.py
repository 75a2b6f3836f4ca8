"""The audit log, in memory and on disk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import AT, OPERATOR, RETURN_ID, STATION, a_scan
from tests.contracts.conftest import AnyStore


@pytest.mark.parametrize(
    "raw", ["1Z999", "\x1d]C1420", "a\0b", "\u202eoffline", "\ud800\udc00\ud800", "💥", ""]
)
async def test_a_scan_is_kept_whole_whatever_it_holds(store: AnyStore, raw: str) -> None:
    seq = await store.audit.scan(a_scan(raw, source="typed"), OPERATOR, STATION)
    (row,) = await store.audit.rows("scan")
    assert (row.seq, row.at, row.operator, row.station) == (seq, AT, OPERATOR, STATION)
    assert row.detail["raw"].encode("utf-16", "surrogatepass") == raw.encode("utf-16", "surrogatepass")
    assert row.detail["source"] == "typed"
    assert await store.audit.verify() is None


async def test_rows_are_numbered_and_come_oldest_first(store: AnyStore) -> None:
    numbers = [
        await store.audit.write("seen", AT + timedelta(seconds=n), return_id=RETURN_ID) for n in range(5)
    ]
    await store.audit.write("other", AT)
    assert numbers == [1, 2, 3, 4, 5]
    assert [row.seq for row in await store.audit.rows("seen", most=2)] == [4, 5]
    assert [row.seq for row in await store.audit.rows(most=3)] == [4, 5, 6]
    assert [row.seq for row in await store.audit.of_return(RETURN_ID, most=2)] == [4, 5]
    assert await store.audit.of_return("1") == ()


@pytest.mark.fault(123)
async def test_a_row_says_who_what_and_about_which_entry(store: AnyStore) -> None:
    detail = {"from": "ready", "count": 2, "list": [1, None, True]}
    await store.audit.write(
        "moved", AT, operator="Ana", station="dock 1", return_id=RETURN_ID, entry_id="e1", detail=detail
    )
    (row,) = await store.audit.rows()
    assert (row.event, row.operator, row.station) == ("moved", "Ana", "dock 1")
    assert (row.return_id, row.entry_id, row.detail) == (RETURN_ID, "e1", detail)
