"""Which parcels were seen, in memory and on disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from loopdesk.domain.operators import Operator
from loopdesk.domain.returns.parcels import SeenParcel
from tests.builders import AT, RETURN_ID, a_draft, a_fetched, a_parcel, a_return
from tests.contracts.conftest import AnyStore

SEEN = SeenParcel(RETURN_ID, "1Z0001", AT, Operator(name="Kim"), "dock 1")


async def test_a_parcel_is_seen_once_and_the_first_time_stays(store: AnyStore) -> None:
    assert await store.seen_parcels.add(SEEN)
    assert not await store.seen_parcels.add(
        replace(SEEN, tracking_number="1z 0001", seen_at=AT + timedelta(1))
    )
    assert await store.seen_parcels.of_return(RETURN_ID) == (SEEN,)


async def test_parcels_are_kept_in_their_order_and_by_return(store: AnyStore) -> None:
    second = replace(SEEN, tracking_number="1Z0002")
    other = replace(SEEN, return_id="91000999")
    for one in (SEEN, other, second):
        assert await store.seen_parcels.add(one)
    assert await store.seen_parcels.of_return(RETURN_ID) == (SEEN, second)
    assert await store.seen_parcels.of_return("91000999") == (other,)
    assert await store.seen_parcels.of_return("") == ()


async def test_what_was_seen_stands_in_the_audit_log(store: AnyStore) -> None:
    await store.seen_parcels.add(SEEN)
    await store.seen_parcels.add(SEEN)
    (row,) = await store.audit.rows("parcel_seen")
    assert (row.return_id, row.operator.name, row.station, row.at) == (RETURN_ID, "Kim", "dock 1", AT)
    assert row.detail == {"tracking": "1Z0001"}
    assert await store.audit.verify() is None


async def test_a_seen_parcel_is_no_longer_one_that_was_delivered_and_not_seen(store: AnyStore) -> None:
    parcels = (a_parcel("1Z0001"), a_parcel("1Z0002"))
    await store.returns.save([a_fetched(a_return(parcels=parcels))], AT)
    await store.drafts.save(a_draft())
    await store.seen_parcels.add(SEEN)
    found = {x.tracking_number: (x.seen_at, x.is_seen) for x in await store.arrivals.arrivals(AT)}
    assert found == {"1Z0001": (AT, True), "1Z0002": (None, False)}, "the draft may be about the other box"
    unseen = await store.arrivals.arrivals(AT, unseen=True)
    assert [x.tracking_number for x in unseen] == ["1Z0002"]
    counts = await store.arrivals.counts(AT)
    assert sorted((x.is_seen, x.number) for x in counts) == [(False, 1), (True, 1)]
