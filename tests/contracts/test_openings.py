"""The way from a scan to an open return, in memory and on disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.returns.grading import Draft
from loopdesk.services.ports.station import Station
from loopdesk.services.ports.store import Taken
from tests.builders import (
    AT,
    OPERATOR,
    RETURN_ID,
    STATION,
    a_draft,
    a_fetched,
    a_full_draft,
    a_keep_request,
    a_parcel,
    a_return,
    a_scan,
    candidates,
)
from tests.contracts.conftest import AnyStore

HERE = Station(STATION, OPERATOR)
LABEL = "1Z999AA10123456784"
OTHER_ID = "91000999"


async def take(store: AnyStore, *codes: str, kind: CandidateKind = CandidateKind.TRACKING) -> Taken:
    return await store.openings.take(a_scan(), HERE, candidates(*codes, kind=kind))


@pytest.mark.parametrize(
    "raw", ["1Z999", "\x1d]C1420", "a\0b", "\u202eoffline", "\ud800\udc00\ud800", "💥", ""]
)
async def test_a_scan_is_kept_whole_whatever_it_holds(store: AnyStore, raw: str) -> None:
    taken = await store.openings.take(a_scan(raw, source="typed"), HERE)
    (row,) = await store.audit.rows("scan")
    assert (row.seq, row.at, row.operator, row.station) == (taken.seq, AT, OPERATOR, STATION)
    assert row.detail["raw"].encode("utf-16", "surrogatepass") == raw.encode("utf-16", "surrogatepass")
    assert row.detail["source"] == "typed"
    assert await store.audit.verify() is None


async def test_a_scan_that_asks_for_nothing_is_only_kept(store: AnyStore) -> None:
    await store.returns.save([a_fetched()], AT)
    taken = await take(store)
    assert taken == Taken(taken.seq)
    assert await store.seen_parcels.of_return(RETURN_ID) == ()


async def test_a_code_that_nobody_knows_was_looked_up_all_the_same(store: AnyStore) -> None:
    taken = await take(store, LABEL)
    assert taken == Taken(taken.seq, hits=())


async def test_a_label_brings_all_that_is_known_of_its_return_and_its_parcel_is_seen(store: AnyStore) -> None:
    ret = a_return(parcels=(a_parcel(LABEL), a_parcel("1Z0002")))
    await store.returns.save([a_fetched(ret)], AT)
    await store.outbox.keep(a_keep_request(Kind.GRADE))
    await store.drafts.save(a_draft())
    taken = await take(store, "1Z0009", LABEL)
    assert taken.known is not None
    known = taken.known
    assert known == await store.openings.known(RETURN_ID)
    assert known.stored == await store.returns.get(RETURN_ID)
    assert known.draft == await store.drafts.get(RETURN_ID) == a_draft()
    assert known.entries == await store.outbox.lane(RETURN_ID)
    assert len(known.entries) == 1
    assert taken.parcel == a_parcel(LABEL)
    (seen,) = known.seen
    assert (seen.tracking_number, seen.seen_at, seen.operator, seen.station) == (LABEL, AT, OPERATOR, STATION)
    assert await store.seen_parcels.of_return(RETURN_ID) == known.seen
    assert await store.audit.verify() is None


async def test_a_parcel_that_was_seen_keeps_its_first_time(store: AnyStore) -> None:
    await store.returns.save([a_fetched(a_return(parcels=(a_parcel(LABEL),)))], AT)
    first = await take(store, LABEL)
    scan = replace(a_scan(), at=AT + timedelta(1))
    again = await store.openings.take(scan, Station(STATION, Operator(name="Kim")), candidates(LABEL))
    assert first.known is not None
    assert again.known is not None
    assert again.known.seen == first.known.seen
    assert again.parcel == first.parcel
    assert len(await store.audit.rows("parcel_seen")) == 1


async def test_a_code_that_is_no_label_sees_no_parcel(store: AnyStore) -> None:
    await store.returns.save([a_fetched(a_return(parcels=(a_parcel(LABEL),)))], AT)
    taken = await take(store, RETURN_ID, kind=CandidateKind.RETURN_ID)
    assert taken.known is not None
    assert (taken.parcel, taken.known.seen) == (None, ())


async def test_several_returns_are_hits_and_none_is_opened_or_seen(store: AnyStore) -> None:
    for return_id in (RETURN_ID, OTHER_ID):
        await store.returns.save([a_fetched(a_return(return_id, parcels=(a_parcel(LABEL),)))], AT)
    taken = await take(store, LABEL)
    assert {hit.return_id for hit in taken.hits or ()} == {RETURN_ID, OTHER_ID}
    assert (taken.known, taken.parcel) == (None, None)
    assert await store.audit.rows("parcel_seen") == ()


async def test_of_a_return_that_is_not_here_nothing_is_known(store: AnyStore) -> None:
    assert await store.openings.known(RETURN_ID) is None


async def test_what_was_entered_for_settlements_is_known_until_they_are_withdrawn(store: AnyStore) -> None:
    async def settled() -> tuple[Draft, ...]:
        known = await store.openings.known(RETURN_ID)
        assert known is not None
        return known.settled

    await store.returns.save([a_fetched(a_return()), a_fetched(a_return(OTHER_ID))], AT)
    assert await settled() == ()
    first = await store.outbox.keep(a_keep_request(Kind.GRADE, draft=a_full_draft()))
    await store.outbox.keep(a_keep_request(Kind.GRADE, return_id=OTHER_ID))
    assert await settled() == (a_full_draft(),)
    await store.outbox.withdraw(first[0].settlement_id, OPERATOR, AT)
    assert await settled() == ()
    await store.outbox.keep(a_keep_request(Kind.GRADE))
    assert await settled() == (a_draft(),)


async def two_returns(store: AnyStore) -> tuple[Draft, Draft]:
    """Know two returns, and return what is entered for the labeled one and for the other."""
    for ret in (a_return(parcels=(a_parcel(LABEL),)), a_return(OTHER_ID, parcels=())):
        await store.returns.save([a_fetched(ret)], AT)
    entered = replace(a_draft(), parked=True)
    return entered, replace(entered, return_id=OTHER_ID)


async def test_a_scan_puts_the_open_return_aside_for_the_one_that_it_opens(store: AnyStore) -> None:
    _, open_one = await two_returns(store)
    taken = await store.openings.take(a_scan(), HERE, candidates(LABEL), open_one)
    assert taken.left == OTHER_ID
    assert await store.drafts.parked() == (open_one,)


async def test_a_return_that_was_put_aside_is_taken_up_by_the_scan_that_opens_it(store: AnyStore) -> None:
    entered, _ = await two_returns(store)
    await store.drafts.save(entered)
    taken = await take(store, LABEL)
    assert taken.known is not None
    assert taken.known.draft == await store.drafts.get(RETURN_ID) == replace(entered, parked=False)
    assert await store.drafts.parked() == ()


@pytest.mark.parametrize("codes", [(LABEL,), ("1Z0009",)], ids=["the same return", "no return"])
async def test_a_scan_that_opens_no_other_return_leaves_the_open_one(
    store: AnyStore, codes: tuple[str, ...]
) -> None:
    open_one, _ = await two_returns(store)
    taken = await store.openings.take(a_scan(), HERE, candidates(*codes), open_one)
    assert taken.left == ""
    assert await store.drafts.get(RETURN_ID) == Draft(RETURN_ID)
