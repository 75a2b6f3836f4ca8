"""Loop's answers, in memory and on disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from loopdesk.domain.labels.classify import classify
from loopdesk.domain.labels.scans import Candidate, CandidateKind
from loopdesk.domain.returns.returns import Return, ReturnState
from loopdesk.services.ports.store import Hit
from tests.builders import (
    AT,
    LINE_ID,
    RETURN_ID,
    a_fetched,
    a_line,
    a_parcel,
    a_return,
    an_exchange,
    as_listed,
    candidates,
)
from tests.contracts.conftest import AnyStore

LATER = AT + timedelta(minutes=1)
OTHER_ID = "70000002"


def another_return(**fields: object) -> Return:
    """Build a second return of another order, a minute younger."""
    own: dict[str, object] = {
        "order_name": "#2001",
        "provider_order_id": "5550002001",
        "parcels": (a_parcel("9400100000000000000001"),),
        "lines": (a_line("80000099", title="Wool hat", sku="WH-1"),),
        "customer_name": "Kim Roe",
        "customer_email": "kim@example.com",
        "updated_at": LATER,
    }
    return a_return(OTHER_ID, **(own | fields))


async def save(store: AnyStore, *returns: Return) -> None:
    """Save details of returns."""
    await store.returns.save([a_fetched(ret) for ret in returns], LATER)


async def found(store: AnyStore, code: str, kind: CandidateKind = CandidateKind.TRACKING) -> tuple[str, ...]:
    """Find the return ids that one code leads to."""
    return tuple(hit.return_id for hit in await store.returns.find(candidates(code, kind=kind)))


async def test_a_return_comes_back_as_it_was_saved(store: AnyStore) -> None:
    ret = a_return(exchanges=(an_exchange(),), edited_at=AT, lines=(a_line(), a_line("80000002")))
    await save(store, ret)
    stored = await store.returns.get(RETURN_ID)
    assert stored is not None
    assert (stored.ret, stored.fetched_at, stored.has_details) == (ret, LATER, True)
    assert await store.returns.get("1") is None
    assert await store.returns.count() == 1


async def test_saving_nothing_changes_nothing(store: AnyStore) -> None:
    await store.returns.save([], LATER)
    assert await store.returns.count() == 0


async def test_an_older_answer_never_replaces_a_newer_one(store: AnyStore) -> None:
    await save(store, a_return(state="closed", updated_at=LATER))
    await store.returns.save([a_fetched(a_return(updated_at=AT))], LATER + timedelta(minutes=1))
    stored = await store.returns.get(RETURN_ID)
    assert stored is not None
    assert (stored.ret.state, stored.fetched_at) == (ReturnState.CLOSED, LATER)


@pytest.mark.parametrize("updated_at", [AT, None])
async def test_of_two_answers_of_one_age_the_last_is_believed(store: AnyStore, updated_at: object) -> None:
    await save(store, a_return(updated_at=AT))
    await store.returns.save([a_fetched(a_return(state="closed", updated_at=updated_at))], LATER)
    stored = await store.returns.get(RETURN_ID)
    assert stored is not None
    assert stored.ret.state is ReturnState.CLOSED


async def test_two_answers_about_one_return_in_one_page_are_weighed_too(store: AnyStore) -> None:
    new, old = a_return(state="closed", updated_at=LATER), a_return(updated_at=AT)
    await save(store, new, old)
    stored = await store.returns.get(RETURN_ID)
    assert stored is not None
    assert stored.ret.state is ReturnState.CLOSED
    assert await store.returns.count() == 1


async def test_a_list_answer_of_the_same_age_keeps_names_and_pictures(store: AnyStore) -> None:
    ret = a_return(lines=(a_line(image_url="https://example.com/a.jpg"),))
    await save(store, ret)
    await store.returns.save([a_fetched(ret, is_details=False)], LATER)
    stored = await store.returns.get(RETURN_ID)
    assert stored is not None
    assert (stored.ret, stored.has_details) == (ret, True)


async def test_a_newer_list_answer_decides_the_facts_and_older_details_lend_the_names(
    store: AnyStore,
) -> None:
    ret = a_return(lines=(a_line(image_url="https://example.com/a.jpg"),))
    await save(store, ret)
    newer = replace(ret, state=ReturnState.CLOSED, state_raw="closed", updated_at=LATER)
    await store.returns.save([a_fetched(newer, is_details=False)], LATER)
    stored = await store.returns.get(RETURN_ID)
    assert stored is not None
    assert stored.ret == newer
    assert not stored.has_details, "details are outdated and must be asked for again"


async def test_older_details_only_lend_what_the_list_never_says(store: AnyStore) -> None:
    newer = a_return(state="closed", updated_at=LATER)
    await store.returns.save([a_fetched(newer, is_details=False)], LATER)
    await store.returns.save([a_fetched(a_return(updated_at=AT))], LATER)
    stored = await store.returns.get(RETURN_ID)
    assert stored is not None
    assert (stored.ret, stored.has_details) == (newer, False)


async def test_a_list_answer_alone_has_no_details(store: AnyStore) -> None:
    await store.returns.save([a_fetched(is_details=False)], LATER)
    stored = await store.returns.get(RETURN_ID)
    assert stored is not None
    assert (stored.ret, stored.has_details) == (as_listed(a_return()), False)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (CandidateKind.RETURN_ID, RETURN_ID),
        (CandidateKind.ORDER_NAME, "#EX1164"),
        (CandidateKind.ORDER_NAME, "EX1164"),
        (CandidateKind.ORDER_NAME, "1164"),
        (CandidateKind.PROVIDER_ORDER_ID, "5550001164"),
        (CandidateKind.TRACKING, "1Z999AA10123456784"),
        (CandidateKind.TRACKING, "1z 999aa1 0123456784"),
        (CandidateKind.TRACKING, "9400100000000000000002"),
        (CandidateKind.CONSOLIDATION, "CONS1"),
        (CandidateKind.PACKAGE, "HRAB1"),
        (CandidateKind.PACKAGE, "HRAB2"),
        (CandidateKind.RMA, "RMA77"),
        (CandidateKind.SCANNABLE, "SCAN88"),
    ],
)
async def test_every_code_of_a_return_leads_to_it(store: AnyStore, kind: CandidateKind, code: str) -> None:
    ret = a_return(
        order_name="#EX1164",
        parcels=(a_parcel(), a_parcel("9400 1000 0000 0000 0000 02"), a_parcel("N/A")),
        lines=(a_line(consolidation_tracking="cons1"),),
        package_reference="hrab1, HRAB2",
        rma_id="rma77",
        scannable_id="scan88",
    )
    await save(store, ret, another_return())
    assert await found(store, code, kind) == (RETURN_ID,)


async def test_a_parcel_number_is_found_whatever_kind_the_scan_takes_it_for(store: AnyStore) -> None:
    await save(store, a_return(scannable_id="SCAN88"))
    (hit,) = await store.returns.find(candidates("SCAN88"))
    assert hit.candidate == Candidate("SCAN88", CandidateKind.SCANNABLE, "as_scanned")
    assert await found(store, "SCAN88", CandidateKind.ORDER_NAME) == ()


async def test_codes_that_say_nothing_lead_nowhere(store: AnyStore) -> None:
    await save(store, a_return(parcels=(a_parcel("N/A"), a_parcel("")), rma_id="null"))
    for code in ("N/A", "", "NULL", " "):
        assert await found(store, code) == ()


async def test_a_number_that_two_orders_share_but_for_a_prefix_is_for_a_person_to_choose(
    store: AnyStore,
) -> None:
    plain, prefixed = a_return(order_name="#20417"), another_return(order_name="EX20417")
    await save(store, plain, prefixed)
    for typed, ids in (
        ("20417", {RETURN_ID, OTHER_ID}),
        ("#20417", {RETURN_ID}),
        ("EX20417", {OTHER_ID}),
    ):
        hits = await store.returns.find(classify(typed).candidates)
        assert {hit.return_id for hit in hits} == ids, typed


async def test_the_first_candidate_that_hits_gives_all_its_hits_newest_first(store: AnyStore) -> None:
    await save(store, a_return(package_reference="HRBAG"), another_return(package_reference="HRBAG"))
    hits = await store.returns.find(candidates("NOTHING", "HRBAG", RETURN_ID))
    assert [hit.return_id for hit in hits] == [OTHER_ID, RETURN_ID]
    assert hits[0].order_name == "#2001"
    assert hits[0].state is ReturnState.OPEN


async def test_a_longer_barcode_finds_the_number_inside_it(store: AnyStore) -> None:
    await save(store, a_return(parcels=(a_parcel("123456789012"),)), another_return())
    (hit,) = await store.returns.find(candidates("9622001900000000000000123456789012"))
    assert (hit.return_id, hit.candidate.code) == (RETURN_ID, "123456789012")
    assert hit.candidate.rule == "inside_number"
    assert await found(store, "42010001" + "9400100000000000000001") == (OTHER_ID,)


async def test_the_end_of_a_number_finds_it_from_twelve_digits_on(store: AnyStore) -> None:
    await save(store, a_return(parcels=(a_parcel("420100019400111899223344556677"),)))
    (hit,) = await store.returns.find(candidates("899223344556677"))
    assert (hit.return_id, hit.candidate.rule) == (RETURN_ID, "end_of_number")
    assert await found(store, "23344556677") == ()


async def test_the_end_of_two_numbers_finds_neither(store: AnyStore) -> None:
    parcels = (a_parcel("A123456789012"),)
    await save(store, a_return(parcels=parcels), another_return(parcels=(a_parcel("B123456789012"),)))
    assert await found(store, "123456789012") == ()


async def test_an_exact_hit_comes_before_any_part(store: AnyStore) -> None:
    parcels = (a_parcel("99123456789012"),)
    await save(store, a_return(parcels=parcels), another_return(parcels=(a_parcel("123456789012"),)))
    assert await found(store, "123456789012") == (OTHER_ID,)


async def test_the_scan_itself_comes_before_what_is_read_out_of_it(store: AnyStore) -> None:
    parcels = (a_parcel("92612999988208211718112"),)
    await save(store, a_return(parcels=parcels), another_return(parcels=(a_parcel("61299998820821171811"),)))
    read = candidates("61299998820821171811", "92612999988208211718112")
    assert [hit.return_id for hit in await store.returns.find(read)] == [OTHER_ID]
    told = [read[0], replace(read[1], is_exact=True)]
    assert [hit.return_id for hit in await store.returns.find(told)] == [RETURN_ID]


@pytest.mark.parametrize("scanned", ["1234456789012", "12345678901299999", "0123456789012345"])
async def test_a_stretch_of_digits_within_other_digits_is_no_number(store: AnyStore, scanned: str) -> None:
    await save(store, a_return(parcels=(a_parcel("123445678901"), a_parcel("123456789012"))))
    assert await found(store, scanned) == ()


async def test_a_number_set_off_by_other_signs_is_found_anywhere(store: AnyStore) -> None:
    await save(store, a_return(parcels=(a_parcel("123456789012"),)))
    assert await found(store, "TRK:123456789012;0201") == (RETURN_ID,)


async def test_two_numbers_one_behind_the_other_give_both_returns(store: AnyStore) -> None:
    parcels = (a_parcel("A123456789012"),)
    await save(store, a_return(parcels=parcels), another_return(parcels=(a_parcel("B999456789012"),)))
    assert set(await found(store, "A123456789012B999456789012")) == {RETURN_ID, OTHER_ID}


async def test_numbers_of_one_scan_give_every_return_that_one_of_them_leads_to(store: AnyStore) -> None:
    await save(store, a_return(), another_return(parcels=(a_parcel("986578788855"),)))
    together = [
        replace(x, is_joint=True) for x in candidates("1Z999AA10123456784", "986578788855", "NOTHING")
    ]
    assert {hit.return_id for hit in await store.returns.find(together)} == {RETURN_ID, OTHER_ID}
    nearly = [replace(x, is_joint=True) for x in candidates("00986578788855", "NOTHING")]
    assert await store.returns.find(nearly) == ()
    alone = candidates("1Z999AA10123456784", "986578788855")
    assert [hit.return_id for hit in await store.returns.find(alone)] == [RETURN_ID]


async def test_codes_from_elsewhere_wait_for_their_return(store: AnyStore) -> None:
    await store.returns.add_codes([("box 7", "box", RETURN_ID), ("  ", "box", RETURN_ID)])
    assert await found(store, "BOX7", CandidateKind.BOX) == ()
    await save(store, a_return())
    assert await found(store, "BOX7", CandidateKind.BOX) == (RETURN_ID,)


async def test_a_replaced_label_still_leads_to_its_return(store: AnyStore) -> None:
    await save(store, a_return())
    await save(store, a_return(parcels=(a_parcel("NEWLABEL1"),), updated_at=LATER))
    assert await found(store, "1Z999AA10123456784") == (RETURN_ID,)
    assert await found(store, "NEWLABEL1") == (RETURN_ID,)


async def siblings(store: AnyStore) -> tuple[Hit, ...]:
    known = await store.openings.known(RETURN_ID)
    assert known is not None
    return known.siblings


async def test_siblings_are_the_other_returns_of_the_order(store: AnyStore) -> None:
    ret = a_return()
    await save(store, ret, another_return())
    assert await siblings(store) == ()
    await save(store, another_return(provider_order_id=ret.provider_order_id))
    (hit,) = await siblings(store)
    assert (hit.return_id, hit.order_name) == (OTHER_ID, "#2001")
    await save(store, a_return("70000003", provider_order_id="", updated_at=LATER))
    assert {hit.return_id for hit in await siblings(store)} == {OTHER_ID, "70000003"}


@pytest.mark.parametrize(
    "text", ["robin", "ROBIN DOE", "example.com linen", "LS-BLU", "inen shi", "AA10123", "too small", "#1164"]
)
async def test_any_words_find_a_return(store: AnyStore, text: str) -> None:
    await save(store, a_return(), another_return(customer_email="kim@elsewhere.com", lines=()))
    assert [x.ret.return_id for x in await store.returns.search(text)] == [RETURN_ID]


@pytest.mark.parametrize(
    "text", ["", "  ", "nobody", "robin nobody", '"', "robin* OR", "a\0b'c", "\ud800\ud800xx"]
)
async def test_words_that_are_nowhere_find_nothing(store: AnyStore, text: str) -> None:
    await save(store, a_return())
    assert await store.returns.search(text) == ()


async def test_a_search_shows_the_newest_first_and_no_more_than_asked(store: AnyStore) -> None:
    await save(store, a_return(), another_return(customer_name="Robin Roe"))
    assert [x.ret.return_id for x in await store.returns.search("robin")] == [OTHER_ID, RETURN_ID]
    assert [x.ret.return_id for x in await store.returns.search("robin", most=1)] == [OTHER_ID]


async def test_the_latest_are_shown_newest_first_and_no_more_than_asked(store: AnyStore) -> None:
    assert await store.returns.latest() == ()
    await save(store, another_return(), a_return())
    assert [x.ret.return_id for x in await store.returns.latest()] == [OTHER_ID, RETURN_ID]
    assert [x.ret.return_id for x in await store.returns.latest(most=1)] == [OTHER_ID]
    newer = a_return(state="closed", updated_at=LATER + timedelta(seconds=1))
    await save(store, newer)
    assert [x.ret.return_id for x in await store.returns.latest(most=1)] == [RETURN_ID]


async def test_a_list_answer_does_not_forget_by_which_name_a_return_is_found(store: AnyStore) -> None:
    await save(store, a_return())
    newer = a_return(state="closed", updated_at=LATER)
    await store.returns.save([a_fetched(newer, is_details=False)], LATER)
    assert [x.ret.return_id for x in await store.returns.search("robin doe")] == [RETURN_ID]
    (one,) = await store.returns.search("linen")
    assert one.ret.state is ReturnState.CLOSED


async def test_a_line_leads_to_its_return(store: AnyStore) -> None:
    await save(store, a_return(), another_return())
    assert await store.returns.return_of_line(LINE_ID) == RETURN_ID
    assert await store.returns.return_of_line("80000099") == OTHER_ID
    assert await store.returns.return_of_line("1") is None


async def test_watermarks_are_kept(store: AnyStore) -> None:
    assert await store.returns.marked("updated") == ""
    await store.returns.mark("updated", "2026-03-02")
    await store.returns.mark("updated", "2026-03-03")
    assert await store.returns.marked("updated") == "2026-03-03"
    await store.returns.mark_all({"updated": "2026-03-04", "swept": "2026-03-05"})
    assert await store.returns.marked("updated") == "2026-03-04"
    assert await store.returns.marked("swept") == "2026-03-05"


@pytest.mark.fault(102)
@pytest.mark.parametrize(
    "raw", ["\0", "\x1d(01)", "\u202eabc", "\ud800", "💥" * 50, "'; DROP TABLE entry;--", "%_\\"]
)
async def test_no_scan_breaks_the_lookup(store: AnyStore, raw: str) -> None:
    await save(store, a_return())
    for kind in CandidateKind:
        assert await found(store, raw, kind) == ()
        assert await found(store, raw + "123456789012345", kind) == ()
