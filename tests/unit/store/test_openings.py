"""A scan is kept whatever fails while its return is looked up."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopdesk.domain.errors import StoreDamaged
from loopdesk.domain.operators import Operator
from loopdesk.domain.returns.returns import Return
from loopdesk.services.ports.station import Station
from loopdesk.services.ports.store import Taken
from loopdesk.store.store import open_store
from tests.builders import AT, RETURN_ID, a_fetched, a_parcel, a_return, a_scan, candidates


def refuse(body: str, is_details: bool) -> Return:
    raise StoreDamaged("a body cannot be unpacked")


async def test_a_scan_whose_return_cannot_be_read_is_kept_and_says_that_it_was_not_looked_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = await open_store(tmp_path, refuse)
    try:
        await store.returns.save([a_fetched(a_return(parcels=(a_parcel("1Z0001"),)))], AT)
        taken = await store.openings.take(
            a_scan("1Z0001"), Station("dock 1", Operator(name="Ana")), candidates("1Z0001")
        )
        assert taken == Taken(taken.seq)
        (row,) = await store.audit.rows("scan")
        assert row.seq == taken.seq
        assert await store.audit.verify() is None
        assert await store.seen_parcels.of_return(RETURN_ID) == ()
    finally:
        await store.close()
    assert [record.getMessage() for record in caplog.records] == [f"unlooked seq={taken.seq}"]
    caplog.clear()
