"""The audit log, in memory and on disk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loopdesk.domain.operators import Operator
from tests.builders import AT, RETURN_ID
from tests.contracts.conftest import AnyStore


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
        "moved",
        AT,
        operator=Operator(name="Ana"),
        station="dock 1",
        return_id=RETURN_ID,
        entry_id="e1",
        detail=detail,
    )
    (row,) = await store.audit.rows()
    assert (row.event, row.operator.name, row.station) == ("moved", "Ana", "dock 1")
    assert (row.return_id, row.entry_id, row.detail) == (RETURN_ID, "e1", detail)
