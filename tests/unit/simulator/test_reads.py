"""Details, the notice, destinations, shipments: what finds them, and in which of the many forms."""

from __future__ import annotations

from typing import Any

import pytest

from loopdesk.simulator.samples import SAMPLES, practice_destinations, practice_returns, practice_shipments
from tests.unit.simulator.shop import NOON, Shop

DETAILS = "/warehouse/return/details"
ASN = "/warehouse/reporting/asn"
NOTHING = {"error": {"message": "No return found with this ID."}}
LAST_MONTHS = {"from": "2026-08-20", "to": "2026-11-20"}


def practice(**settings: Any) -> Shop:
    shop = Shop(**settings)
    for ret in practice_returns(1, NOON):
        shop.loop.add(ret)
    shop.loop.destinations = practice_destinations()
    shop.loop.shipments = practice_shipments(NOON)
    return shop


async def in_list(shop: Shop, return_id: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for state in ("open", "closed", "review", "cancelled", "expired"):
        window = {"from": "2026-09-01 00:00:00", "to": "2026-11-20 12:00:00"}
        rows += (await shop.get("/warehouse/return/list", state=state, **window)).json()
    return next(row for row in rows if row["id"] == return_id)


async def details(shop: Shop, name: str) -> dict[str, Any]:
    body = (await shop.get(DETAILS, return_id=SAMPLES[name].return_id)).json()
    assert isinstance(body, dict)
    return body


# Details


@pytest.mark.parametrize(
    "query", [{"return_id": "5"}, {"order_id": "5"}, {"order_name": "5"}, {"return_id": "9" * 18}]
)
async def test_nothing_found_is_200_with_an_error(query: dict[str, str]) -> None:
    answer = await practice().get(DETAILS, **query)
    assert (answer.status_code, answer.json()) == (200, NOTHING)


@pytest.mark.parametrize("query", [{}, {"return_id": "abc"}, {"return_id": "5", "order_id": "5"}])
async def test_no_or_two_or_wrong_identifiers_are_422(query: dict[str, str]) -> None:
    assert (await practice().get(DETAILS, **query)).status_code == 422


@pytest.mark.parametrize("name", ["20401", "#20401", " 20401"])
async def test_an_order_name_is_found_with_and_without_its_sign(name: str) -> None:
    assert (await practice().get(DETAILS, order_name=name)).json()["order_name"] == "#20401"


@pytest.mark.parametrize(("form", "found"), [("bare", "20401"), ("hash", "#20401")])
async def test_a_shop_may_know_one_spelling_only(form: str, found: str) -> None:
    shop = practice(order_name_form=form)
    for name in ("20401", "#20401"):
        body = (await shop.get(DETAILS, order_name=name)).json()
        assert ("error" in body) == (name != found)


async def test_an_order_with_two_returns_gives_an_array_or_hides_one() -> None:
    shop = practice()
    first, later = SAMPLES["order_first"], SAMPLES["order_later"]
    assert first.order_name == later.order_name
    by_name = (await shop.get(DETAILS, order_name=first.order_name)).json()
    by_order = (await shop.get(DETAILS, order_id=str(by_name[0]["order_id"]))).json()
    assert [row["id"] for row in by_name] == [int(later.return_id), int(first.return_id)]
    assert by_order == by_name
    shop.loop.settings.change(order_lookup="newest")
    newest = (await shop.get(DETAILS, order_name=first.order_name)).json()
    assert newest["id"] == int(later.return_id)


async def test_list_and_details_disagree_as_the_real_ones_do() -> None:
    shop = practice()
    listed = await in_list(shop, SAMPLES["multi_line"].return_id)
    detailed = await details(shop, "multi_line")
    assert listed["id"] == str(detailed["id"])
    assert isinstance(detailed["id"], int)
    assert (listed["order_id"], detailed["order_id"]) == ("55500002", 5_444_170_000_002)
    assert (listed["provider_order_id"], detailed["provider_order_id"]) == (
        "5444170000002",
        5_444_170_000_002,
    )
    assert (listed["order_number"], detailed["order_number"]) == ("19402", 19402)
    assert (listed["created_at"], detailed["created_at"]) == (
        "2026-11-18T00:00:00+00:00",
        "2026-11-18 00:00:00",
    )
    line, same = listed["line_items"][0], detailed["line_items"][0]
    assert line["returned_at"] == "2026-11-18 00:00:00"
    assert (line["line_item_id"], same["line_item_id"]) == ("92002001", 92_002_001)
    assert (line["return_reason"], same["reason"]) == ("Too small", "Too small")
    assert "reason" not in line
    assert "return_reason" not in same
    assert (listed["gift_card"], detailed["gift_card"]) == ("0.00", 0)
    assert (listed["destination_id"], detailed["destination_id"]) == (4021, 4021)
    assert isinstance(listed["label_rate"], float)


async def test_the_money_adds_up() -> None:
    body = await details(practice(), "multi_line")
    lines = body["line_items"]
    assert (body["return_product_total"], body["return_discount_total"], body["handling_fee"]) == (
        "96.50",
        "4.00",
        "5.00",
    )
    tax = round(sum(float(line["tax"]) for line in lines), 2)
    assert body["return_total"] == f"{96.50 - 4 + tax:.2f}"
    assert body["refund"] == f"{96.50 - 4 + tax - 5:.2f}"
    assert sum(float(line["refund"]) for line in lines) == pytest.approx(float(body["return_total"]))


@pytest.mark.parametrize(
    ("style", "carrier", "number", "status"),
    [
        ("N/A", "N/A", "N/A", "N/A"),
        ("", "", "", ""),
        (None, None, None, None),
        ("pending", "", "N/A", "pending"),
    ],
)
async def test_no_label_is_said_in_four_ways(
    style: str | None, carrier: str | None, number: str | None, status: str | None
) -> None:
    shop = Shop()
    return_id = shop.add(no_label=style)
    body = (await shop.get(DETAILS, return_id=return_id)).json()
    assert (body["carrier"], body["tracking_number"], body["label_status"]) == (carrier, number, status)
    assert body["labels"] == []


async def test_a_label_in_the_making_travels_by_itself() -> None:
    shop = practice()
    seen = []
    for _ in range(7):
        seen.append((await details(shop, "label_pending"))["label_status"])
        shop.clock.turn(120)
    expected = ["pending", "new", "pre_transit", "in_transit", "out_for_delivery", "delivered", "delivered"]
    assert seen == expected
    number = (await details(shop, "label_pending"))["tracking_number"]
    assert number == SAMPLES["label_pending"].tracking_number


async def test_a_label_change_moves_updated_at_only_where_that_is_set() -> None:
    shop = practice()
    before = (await details(shop, "label_pending"))["updated_at"]
    shop.clock.turn(130)
    assert (await details(shop, "label_pending"))["updated_at"] == before
    shop.loop.settings.change(label_bumps_updated=True)
    shop.clock.turn(130)
    assert (await details(shop, "label_pending"))["updated_at"] != before


async def test_parcels_name_their_lines_as_numbers() -> None:
    body = await details(practice(), "several_parcels")
    assert [label["status"] for label in body["labels"]] == ["delivered", "in_transit", "pre_transit"]
    covered = [each for label in body["labels"] for each in label["line_items"]]
    assert covered == [line["line_item_id"] for line in body["line_items"]]


async def test_ids_of_eighteen_digits_are_unquoted_numbers() -> None:
    shop = practice()
    body = await details(shop, "anywhere")
    assert body["line_items"][0]["product_id"] == 703_687_441_776_640_017
    assert body["line_items"][0]["sku"] is None
    by_order = await shop.get(DETAILS, order_id="703687441776640134")
    assert by_order.json()["id"] == int(SAMPLES["anywhere"].return_id)


async def test_slashes_may_be_escaped_and_fields_may_be_new() -> None:
    shop = practice(escaped_slashes=True, extra_fields=True)
    answer = await shop.get(DETAILS, return_id=SAMPLES["single"].return_id)
    assert "https:\\/\\/labels.example.test\\/" in answer.text
    assert answer.json()["label_url"].startswith("https://labels.example.test/")
    assert "loyalty_tier" in answer.json()
    assert "unit_origin" in answer.json()["line_items"][0]


async def test_the_list_may_write_milliseconds() -> None:
    row = await in_list(practice(list_dates="millis"), SAMPLES["single"].return_id)
    assert row["created_at"] == "2026-11-18T00:00:00.000Z"


async def test_inspections_may_be_missing_from_reads() -> None:
    shop = practice(inspections_in_reads=False)
    assert "condition" not in (await details(shop, "graded"))["line_items"][0]


# The notice


async def test_the_notice_has_a_row_per_line_and_every_state() -> None:
    shop = practice()
    rows = (await shop.get(ASN, **LAST_MONTHS)).json()
    assert {row["state"] for row in rows} == {"open", "closed", "cancelled", "expired", "review"}
    own = [row for row in rows if row["order_name"] == SAMPLES["several_parcels"].order_name]
    assert [row["return_line_item_id"] for row in own] == list(SAMPLES["several_parcels"].line_item_ids)
    tracking = SAMPLES["several_parcels"].tracking_numbers
    assert [row["tracking_number"] for row in own] == [tracking[0], tracking[0], tracking[1], tracking[2]]
    assert [row["date_delivered"] is not None for row in own] == [True, True, False, False]
    assert own[0]["destination_name"] == "Main dock"


async def test_a_row_id_of_the_notice_is_no_return_id() -> None:
    shop = practice()
    rows = (await shop.get(ASN, **LAST_MONTHS)).json()
    returns = {ret.return_id for ret in shop.loop.index.kept()}
    assert not {str(row["id"]) for row in rows} & returns


async def test_the_notice_is_of_the_last_week_by_default() -> None:
    shop = Shop()
    shop.add(age_seconds=8 * 86_400)
    inside = shop.add(age_seconds=6 * 86_400)
    rows = (await shop.get(ASN)).json()
    assert [row["order_name"] for row in rows] == [shop.loop.get(inside).order_name]


async def test_a_date_that_cannot_be_read_becomes_the_epoch() -> None:
    shop = Shop()
    shop.add(age_seconds=300 * 86_400)
    answer = await shop.get(ASN, **{"from": "last tuesday", "to": "2026-11-20"})
    assert (answer.status_code, len(answer.json())) == (200, 1)
    assert (await shop.get(ASN, **{"from": "2026-11-01", "to": "today"})).json() == []


@pytest.mark.parametrize(("version", "status"), [("v1", 200), ("2026-07", 200), ("2026-10", 422)])
async def test_the_notice_is_limited_to_120_days_from_2026_10_on(version: str, status: int) -> None:
    answer = await Shop(version=version).get(ASN, **{"from": "2026-07-22", "to": "2026-11-20"})
    assert answer.status_code == status
    within = await Shop(version=version).get(ASN, **{"from": "2026-07-23", "to": "2026-11-20"})
    assert within.status_code == 200


async def test_the_notice_may_be_written_the_old_way() -> None:
    shop = practice(asn_style="old")
    rows = (await shop.get(ASN, **{"from": "2026/11/10", "to": "2026/11/20"})).json()
    row = next(each for each in rows if each["order_name"] == SAMPLES["single"].order_name)
    assert (row["created_at"], row["label_updated_at"]) == ("18/11/2026 00:00:00", "20/11/2026")
    assert isinstance(row["return_line_item_id"], int)


# Places


async def test_destinations_are_listed_and_found() -> None:
    shop = practice()
    rows = (await shop.get("/destinations")).json()["destinations"]
    assert [row["id"] for row in rows] == [4021, 4022, 4023]
    assert (await shop.get("/destinations/4022")).json()["address"]["city"] == "Newark"
    missing = await shop.get("/destinations/1")
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")


async def test_shipments_lead_from_a_bag_to_its_return() -> None:
    shop = practice()
    page = (await shop.get("/happy-returns/shipments")).json()
    (row,) = page["data"]
    assert (page["per_page"], page["total"], page["next_page_url"]) == (200, 1, None)
    one = await shop.get(f"/happy-returns/shipments/{row['happy_returns_shipment_id']}")
    assert one.json() == row
    items = (await shop.get(f"/happy-returns/shipments/{row['loop_shipment_id']}/items")).json()["data"]
    assert items[0]["happy_returns_return_bag_barcodes"] == ["HRAB12CD34"]
    assert items[0]["return_id"] == int(SAMPLES["happy_returns"].return_id)
    assert (await shop.get("/happy-returns/shipments/nope")).status_code == 404
    assert (await shop.get("/happy-returns/shipments/1/items")).status_code == 404


async def test_shipment_items_come_in_pages_of_two_hundred() -> None:
    shop = practice()
    shipment = shop.loop.shipments[0]
    shipment.items = shipment.items * 150
    path = f"/happy-returns/shipments/{shipment.loop_shipment_id}/items"
    first, second = (await shop.get(path)).json(), (await shop.get(path, page="2")).json()
    assert (len(first["data"]), len(second["data"]), first["last_page"]) == (200, 100, 2)
    assert first["next_page_url"].endswith("/items?page=2")
    assert (second["from"], second["to"], second["next_page_url"]) == (201, 300, None)


async def test_shipments_of_a_window_are_found_and_nonsense_is_422() -> None:
    shop = practice()
    old = await shop.get("/happy-returns/shipments", **{"from": "2026-11-01", "to": "2026-11-02"})
    assert old.json()["data"] == []
    assert (await shop.get("/happy-returns/shipments", **{"from": "x"})).status_code == 422
