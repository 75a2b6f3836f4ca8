"""What is on its way to the dock, in memory and on disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.domain.returns.parcels import UNDER_WAY, ArrivalCount, LabelState, SeenParcel
from loopdesk.domain.returns.returns import Return, ReturnState
from loopdesk.services.ports.loop import AsnRow
from tests.builders import (
    AT,
    LINE_ID,
    RETURN_ID,
    a_draft,
    a_fetched,
    a_keep_request,
    a_parcel,
    a_return,
    candidates,
)
from tests.contracts.conftest import AnyStore

NUMBER = "1Z999AA10123456784"
OTHER_ID, OTHER_NUMBER = "70000002", "9400100000000000000001"
WEEK = AT - timedelta(days=7)
HOUR = timedelta(hours=1)


def a_row(**fields: object) -> AsnRow:
    """Build a row of the advance notice about the builders' return, out for delivery since an hour."""
    own: dict[str, object] = {
        "line_item_id": LINE_ID,
        "order_name": "#1164",
        "state": ReturnState.OPEN,
        "carrier": "ups",
        "tracking_number": NUMBER,
        "label_status": "out_for_delivery",
        "scannable_id": "",
        "package_reference": "",
        "box_barcode": "",
        "rma_code": "",
        "delivered_at": None,
        "updated_at": AT,
        "label_updated_at": AT + HOUR,
    }
    return AsnRow(**(own | fields))  # type: ignore[arg-type]


def with_label(status: str, return_id: str = RETURN_ID, number: str = NUMBER, **fields: object) -> Return:
    """Build a return whose one parcel is in a state."""
    return a_return(return_id, parcels=(a_parcel(number, status=status),), **fields)


async def save(store: AnyStore, *returns: Return) -> None:
    """Keep list rows of returns."""
    await store.returns.save([a_fetched(ret, is_details=False) for ret in returns], AT)


async def saw(store: AnyStore, return_id: str, number: str, at: datetime) -> None:
    """Keep that a parcel was scanned here."""
    await store.seen_parcels.add(SeenParcel(return_id, number, at))


async def labels(store: AnyStore) -> dict[str, LabelState]:
    """Return the state of each parcel that is known to be on its way."""
    return {x.tracking_number: x.label for x in await store.arrivals.arrivals(WEEK)}


async def test_what_is_on_its_way_is_known_with_its_carrier_and_state(store: AnyStore) -> None:
    await save(store, with_label("in_transit", state="review"))
    (found,) = await store.arrivals.arrivals(WEEK)
    assert (found.return_id, found.order_name, found.state) == (RETURN_ID, "#1164", ReturnState.REVIEW)
    assert (found.carrier, found.tracking_number, found.label) == ("ups", NUMBER, LabelState.IN_TRANSIT)
    assert (found.label_at, found.delivered_at, found.seen_at, found.is_seen) == (AT, None, None, False)


@pytest.mark.parametrize("status", ["new", "pending", "", "N/A", "failure", "return_to_sender", "cancelled"])
async def test_a_label_that_brings_no_parcel_is_not_expected(store: AnyStore, status: str) -> None:
    await save(store, with_label(status))
    assert await store.arrivals.arrivals(WEEK) == ()


async def test_a_label_that_is_replaced_is_no_longer_expected(store: AnyStore) -> None:
    await save(store, with_label("in_transit"))
    await save(store, with_label("in_transit", number=OTHER_NUMBER))
    assert await labels(store) == {OTHER_NUMBER: LabelState.IN_TRANSIT}


async def test_an_older_answer_changes_nothing_about_parcels(store: AnyStore) -> None:
    await save(store, with_label("delivered", updated_at=AT))
    await save(store, with_label("in_transit", updated_at=AT - HOUR))
    assert await labels(store) == {NUMBER: LabelState.DELIVERED}


async def test_what_has_not_moved_for_months_is_not_expected(store: AnyStore) -> None:
    old = a_parcel(NUMBER, status="in_transit", updated_at=AT - timedelta(days=90))
    await save(store, a_return(parcels=(old,)))
    assert await store.arrivals.arrivals(AT - timedelta(days=365)) == ()


async def test_parcels_are_found_by_age_and_state_latest_first(store: AnyStore) -> None:
    early = a_parcel(OTHER_NUMBER, status="out_for_delivery", updated_at=AT - timedelta(days=2))
    await save(store, with_label("delivered"), a_return(OTHER_ID, parcels=(early,)))
    both = await store.arrivals.arrivals(WEEK)
    assert [x.tracking_number for x in both] == [NUMBER, OTHER_NUMBER]
    assert [x.tracking_number for x in await store.arrivals.arrivals(AT - HOUR)] == [NUMBER]
    out = await store.arrivals.arrivals(WEEK, labels=[LabelState.OUT_FOR_DELIVERY])
    assert [x.tracking_number for x in out] == [OTHER_NUMBER]
    assert len(await store.arrivals.arrivals(WEEK, most=1)) == 1


async def test_the_latest_of_a_carrier_are_found_behind_any_number_of_others(store: AnyStore) -> None:
    late = a_parcel(NUMBER, carrier="UPS", status="delivered", updated_at=AT)
    early = a_parcel(OTHER_NUMBER, carrier="usps", status="delivered", updated_at=AT - HOUR)
    await save(store, a_return(parcels=(late,)), a_return(OTHER_ID, parcels=(early,)))
    for carriers, numbers in ((["usps"], [OTHER_NUMBER]), (["UPS", "usps"], [NUMBER]), ([], [])):
        found = await store.arrivals.arrivals(WEEK, carriers=carriers, most=1)
        assert [x.tracking_number for x in found] == numbers


async def test_a_scanned_parcel_is_seen_and_stays_so(store: AnyStore) -> None:
    await save(store, with_label("in_transit"))
    await saw(store, RETURN_ID, NUMBER.lower(), AT + HOUR)
    await saw(store, RETURN_ID, NUMBER, AT + 2 * HOUR)
    await save(store, with_label("delivered", updated_at=AT + HOUR))
    (found,) = await store.arrivals.arrivals(WEEK)
    assert (found.label, found.seen_at, found.is_seen) == (LabelState.DELIVERED, AT + HOUR, True)


async def test_of_two_parcels_only_the_one_scanned_is_seen(store: AnyStore) -> None:
    two = (a_parcel(NUMBER, status="delivered"), a_parcel(OTHER_NUMBER, status="in_transit"))
    await save(store, a_return(parcels=two))
    await saw(store, RETURN_ID, "#1164", AT)
    assert not any(x.is_seen for x in await store.arrivals.arrivals(WEEK))
    await saw(store, RETURN_ID, OTHER_NUMBER, AT)
    assert {x.tracking_number for x in await store.arrivals.arrivals(WEEK) if x.is_seen} == {OTHER_NUMBER}


async def test_a_number_that_loop_writes_with_spaces_is_seen_too(store: AnyStore) -> None:
    spaced = "9400 1000 0000 0000 0000 01"
    await save(
        store, a_return(parcels=(a_parcel(NUMBER, status="delivered"), a_parcel(spaced, status="delivered")))
    )
    await saw(store, RETURN_ID, spaced, AT)
    assert {x.tracking_number for x in await store.arrivals.arrivals(WEEK) if x.is_seen} == {spaced}


async def test_what_was_worked_on_here_counts_as_seen(store: AnyStore) -> None:
    await save(store, with_label("delivered"), with_label("delivered", OTHER_ID, OTHER_NUMBER))
    await store.drafts.save(a_draft(RETURN_ID))
    await store.outbox.keep(a_keep_request(return_id=OTHER_ID, draft=a_draft(OTHER_ID)))
    found = await store.arrivals.arrivals(WEEK)
    assert [(x.is_seen, x.seen_at) for x in found] == [(True, None), (True, None)]


async def test_parcels_are_counted_by_carrier_state_and_whether_seen(store: AnyStore) -> None:
    await save(
        store,
        *(with_label("delivered", str(70000010 + n), f"1Z{n}") for n in range(3)),
        with_label("in_transit", "70000020", "1Z20"),
    )
    await saw(store, "70000010", "1Z0", AT)
    assert await store.arrivals.counts(WEEK) == (
        ArrivalCount("ups", LabelState.DELIVERED, False, 2),
        ArrivalCount("ups", LabelState.DELIVERED, True, 1),
        ArrivalCount("ups", LabelState.IN_TRANSIT, False, 1),
    )


async def test_the_advance_notice_is_joined_by_line_and_tells_where_a_parcel_is(store: AnyStore) -> None:
    await save(store, with_label("in_transit"))
    row = a_row(
        scannable_id="SCAN-77", package_reference="HRAB12, HRAB13", box_barcode="BOX1", rma_code="RMA9"
    )
    assert await store.arrivals.announce([row, a_row(line_item_id="1")]) == 1
    (found,) = await store.arrivals.arrivals(WEEK)
    assert (found.label, found.label_at) == (LabelState.OUT_FOR_DELIVERY, AT + HOUR)
    for code in ("SCAN-77", "HRAB12", "HRAB13", "BOX1", "RMA9"):
        hits = await store.returns.find(candidates(code, kind=CandidateKind.PACKAGE))
        assert [hit.return_id for hit in hits] == [RETURN_ID], code


async def test_an_older_notice_takes_nothing_back(store: AnyStore) -> None:
    await save(store, with_label("delivered"))
    await store.arrivals.announce([a_row(label_status="in_transit", label_updated_at=AT - HOUR)])
    assert await labels(store) == {NUMBER: LabelState.DELIVERED}


async def test_the_day_of_delivery_comes_from_the_notice_and_outlasts_the_list(store: AnyStore) -> None:
    await save(store, with_label("in_transit"))
    row = a_row(label_status="in_transit", delivered_at=AT + HOUR)
    await store.arrivals.announce([row])
    await save(store, with_label("in_transit", updated_at=AT + 2 * HOUR))
    (found,) = await store.arrivals.arrivals(WEEK)
    assert (found.label, found.delivered_at) == (LabelState.DELIVERED, AT + HOUR)


async def test_a_parcel_that_only_the_notice_knows_is_expected(store: AnyStore) -> None:
    await save(store, a_return(parcels=()))
    await store.arrivals.announce([a_row()])
    assert await labels(store) == {NUMBER: LabelState.OUT_FOR_DELIVERY}


async def test_details_are_wanted_of_what_is_under_way_the_soonest_first(store: AnyStore) -> None:
    states = ("in_transit", "delivered", "out_for_delivery", "pre_transit")
    many = [with_label(state, str(70000030 + n), f"1Z{n}") for n, state in enumerate(states)]
    await save(store, *many)
    wanted = await store.arrivals.to_fetch(WEEK, UNDER_WAY, 10)
    assert [return_id for return_id, _ in wanted] == ["70000032", "70000031", "70000030"]
    assert len(await store.arrivals.to_fetch(WEEK, UNDER_WAY, 1)) == 1


async def test_details_that_are_known_or_no_longer_needed_are_not_wanted(store: AnyStore) -> None:
    await store.returns.save([a_fetched(with_label("in_transit"))], AT)
    await save(store, with_label("delivered", OTHER_ID, OTHER_NUMBER))
    await saw(store, OTHER_ID, OTHER_NUMBER, AT)
    assert await store.arrivals.to_fetch(WEEK, UNDER_WAY, 10) == ()


async def test_details_are_wanted_again_when_a_return_changed_before_it_arrives(store: AnyStore) -> None:
    await store.returns.save([a_fetched(with_label("in_transit"))], AT)
    await save(store, with_label("in_transit", updated_at=AT + HOUR))
    assert await store.arrivals.to_fetch(WEEK, UNDER_WAY, 10) == ()
    await save(store, with_label("out_for_delivery", updated_at=AT + 2 * HOUR))
    ((return_id, age),) = await store.arrivals.to_fetch(WEEK, UNDER_WAY, 10)
    assert (return_id, age[:19]) == (RETURN_ID, (AT + 2 * HOUR).isoformat()[:19])


async def test_what_has_not_moved_is_forgotten(store: AnyStore) -> None:
    await save(store, with_label("in_transit"))
    await store.arrivals.forget(AT)
    assert len(await store.arrivals.arrivals(WEEK)) == 1
    await store.arrivals.forget(AT + HOUR)
    assert await store.arrivals.arrivals(WEEK) == ()


async def test_a_time_that_loop_did_not_say_is_that_of_its_last_change(store: AnyStore) -> None:
    unsaid = replace(a_parcel(NUMBER, status="in_transit"), updated_at=None)
    await save(store, a_return(parcels=(unsaid,), updated_at=AT - HOUR))
    (found,) = await store.arrivals.arrivals(WEEK)
    assert found.label_at == AT - HOUR
