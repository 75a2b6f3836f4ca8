"""What a hub told, in memory and on disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.domain.returns.parcels import LabelState, Sighting
from loopdesk.services.ports.following import HubPosition, ToldReturn
from tests.builders import AT, RETURN_ID, a_fetched, a_parcel, a_return, as_listed, candidates
from tests.contracts.conftest import AnyStore

NUMBER = "1Z999AA10123456784"
HOUR = timedelta(hours=1)
PARCEL = Sighting(NUMBER, "UPS", LabelState.OUT_FOR_DELIVERY, AT, None)


def a_told(
    return_id: str = RETURN_ID, *, mark: str = "m1", shop: str = "acme", **fields: object
) -> ToldReturn:
    answer = replace(a_fetched(a_return(return_id, **fields)), shop=shop)
    return ToldReturn(shop, return_id, 1, (answer,), AT, mark)


async def test_what_was_told_is_found_with_its_position_in_one_commit(store: AnyStore) -> None:
    assert await store.hub_told.position() == HubPosition()
    here = HubPosition("g", {"acme": 7, "north": 0})
    told = replace(a_told(parcels=(a_parcel(NUMBER),)), codes=(("BAG-1", CandidateKind.PACKAGE),))
    await store.hub_told.take((told,), AT, here)
    assert await store.hub_told.position() == here
    [hit] = await store.returns.find(candidates("BAG-1", kind=CandidateKind.PACKAGE))
    assert hit.return_id == RETURN_ID
    assert await store.hub_told.held("", 10, "") == (("acme", RETURN_ID, "m1"),)


async def test_a_fill_leaves_the_position_alone_until_it_is_complete(store: AnyStore) -> None:
    await store.hub_told.take((a_told(),), AT)
    assert await store.hub_told.position() == HubPosition()
    assert await store.returns.count() == 1


async def test_the_same_told_twice_changes_nothing(store: AnyStore) -> None:
    told = replace(a_told(parcels=(a_parcel(NUMBER),)), parcels=(PARCEL,))
    for _ in range(2):
        await store.hub_told.take((told,), AT, HubPosition("g", {"acme": 1}))
    assert await store.returns.count() == 1
    [arrival] = await store.arrivals.arrivals(AT - HOUR)
    assert (arrival.label, arrival.label_at) == (LabelState.OUT_FOR_DELIVERY, AT)


async def test_an_older_answer_replaces_nothing_and_is_not_held(store: AnyStore) -> None:
    newer = a_return(order_name="#newer", updated_at=AT + HOUR)
    await store.returns.save((a_fetched(newer),), AT)
    await store.hub_told.take((a_told(order_name="#older", updated_at=AT, mark="old"),), AT)
    stored = await store.returns.get(RETURN_ID)
    assert stored is not None
    assert stored.ret.order_name == "#newer"
    assert "old" not in [mark for _, _, mark in await store.hub_told.held("", 10, "acme")]


async def test_of_a_return_that_is_told_twice_at_once_the_last_counts(store: AnyStore) -> None:
    first, last = (
        a_told(order_name="#1", updated_at=AT),
        a_told(order_name="#2", updated_at=AT + HOUR, mark="m2"),
    )
    await store.hub_told.take((first, a_told("70009999"), last), AT)
    assert await store.returns.count() == 2
    stored = await store.returns.get(RETURN_ID)
    assert stored is not None
    assert stored.ret.order_name == "#2"
    assert ("acme", RETURN_ID, "m2") in await store.hub_told.held("", 10, "")


async def test_details_lend_what_the_list_leaves_out(store: AnyStore) -> None:
    details = a_return(customer_name="Kim Roe", updated_at=AT)
    row = as_listed(replace(details, updated_at=AT + HOUR))
    answers = a_fetched(details), a_fetched(row, is_details=False)
    await store.hub_told.take((ToldReturn("acme", RETURN_ID, 1, answers, AT, "m"),), AT)
    stored = await store.returns.get(RETURN_ID)
    assert stored is not None
    assert (stored.ret.customer_name, stored.has_details) == ("Kim Roe", False)


async def test_whose_a_return_is_stays_known_when_it_is_read_here(store: AnyStore) -> None:
    await store.hub_told.take((a_told(updated_at=AT),), AT)
    await store.returns.save((a_fetched(a_return(updated_at=AT + HOUR)),), AT)
    stored = await store.returns.get(RETURN_ID)
    assert stored is not None
    assert stored.shop == "acme"


async def test_what_was_read_here_since_is_told_again(store: AnyStore) -> None:
    await store.hub_told.take((a_told(updated_at=AT),), AT)
    await store.returns.save((a_fetched(a_return(updated_at=AT + HOUR)),), AT)
    assert (await store.hub_told.held("", 10, ""))[0][2] != "m1"


async def test_the_held_come_in_pages_and_strangers_only_if_they_can_be_of_one_shop(store: AnyStore) -> None:
    ids = [str(70000000 + n) for n in range(5)]
    for each in ids[:4]:
        await store.hub_told.take((a_told(each, mark=each),), AT)
    await store.returns.save((a_fetched(a_return(ids[4])),), AT)
    first = await store.hub_told.held("", 3, "")
    second = await store.hub_told.held(first[-1][1], 3, "")
    assert [mark for _, _, mark in first + second] == [*ids[:4], ""]
    assert await store.hub_told.held(ids[4], 3, "") == ()
    assert (await store.hub_told.held(ids[3], 3, "acme"))[0][0] == "acme"
