"""One return is the same values whether the list, details or the store gave it."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from loopdesk.api import wire
from loopdesk.api.strict_json import dumps, loads
from loopdesk.api.translate import from_body, to_asn_row, to_destination, to_fetched, to_notes, to_return
from loopdesk.domain.errors import AnswerLost
from loopdesk.domain.returns.returns import (
    Exchange,
    LineOutcome,
    Money,
    Outcome,
    Parcel,
    ReturnState,
    fingerprint,
)
from tests.unit.api.bench import stored


def listed(**changes: Any) -> dict[str, Any]:
    """A return as the list writes it."""
    (page,) = stored("list_return")
    return {**copy.deepcopy(page["body"]["returns"][0]), **changes}


def detailed(**changes: Any) -> dict[str, Any]:
    """The same return as details write it."""
    (answer,) = stored("details_return")
    return {**copy.deepcopy(answer["body"]), **changes}


def test_the_list_and_details_have_one_fingerprint() -> None:
    from_list, from_details = to_return(listed(), False), to_return(detailed(), True)
    assert fingerprint(from_list) == fingerprint(from_details)
    assert from_list.totals == from_details.totals
    assert from_list.parcels == from_details.parcels
    assert (from_list.created_at, from_list.updated_at) == (from_details.created_at, from_details.updated_at)
    assert from_list.customer_email == from_details.customer_email == "pat@example.test"
    assert from_details.customer_name == "Pat Doe"


@pytest.mark.parametrize(
    ("in_list", "in_details"),
    [
        ({"edited_at": "2026-11-04T09:00:00.500Z"}, {"edited_at": "2026-11-04 09:00:00"}),
        ({"edited_at": None}, {"edited_at": "0000-00-00 00:00:00"}),
        ({"gift_card": "0.00"}, {"gift_card": 0}),
        ({"upsell": None}, {"upsell": 0}),
        ({"refund": "49.30"}, {"refund": 49.3}),
        ({"exchange_total": "12.00"}, {"exchange_total": None, "exchange": "12.00"}),
        (
            {"exchanges": [{"exchange_id": "9", "out_of_stock": False}]},
            {"exchanges": [{"exchange_id": 9, "out_of_stock": None}]},
        ),
        ({"exchanges": []}, {"exchanges": None}),
    ],
)
def test_two_ways_of_writing_one_thing_do_not_change_the_fingerprint(
    in_list: dict[str, Any], in_details: dict[str, Any]
) -> None:
    assert fingerprint(to_return(listed(**in_list), False)) == fingerprint(
        to_return(detailed(**in_details), True)
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "closed"},
        {"outcome": "exchange"},
        {"total": "63.31"},
        {"refund": "0.00"},
        {"gift_card": "1.00"},
        {"exchange_total": "1.00"},
        {"upsell": "1.00"},
        {"edited_at": "2026-11-04T09:00:00Z"},
        {"exchanges": [{"exchange_id": "9"}]},
        {"line_items": []},
    ],
)
def test_what_matters_to_the_operator_changes_the_fingerprint(changes: dict[str, Any]) -> None:
    assert fingerprint(to_return(listed(**changes), False)) != fingerprint(to_return(listed(), False))


@pytest.mark.parametrize("is_details", [True, False])
def test_a_return_comes_back_from_the_store_as_it_went_in(is_details: bool) -> None:
    value = detailed() if is_details else listed()
    fetched = to_fetched(value, is_details)
    assert from_body(fetched.body, is_details) == fetched.ret
    assert loads(fetched.body.encode()) == value
    assert fetched.is_details is is_details


def test_what_the_store_gives_back_broken_is_named() -> None:
    for body in ("", "null", "[]", '{"id": 1}', "\ud800", "{" * 5000):
        with pytest.raises(AnswerLost):
            from_body(body, True)


def test_every_part_of_a_return_is_translated() -> None:
    ret = to_return(
        detailed(
            outcome="exchange+refund",
            exchanges=[
                {
                    "exchange_id": 31,
                    "exchange_order_id": 77,
                    "exchange_order_name": "EX20417",
                    "sku": "TEE-L",
                    "type": "storefront",
                    "title": "Cotton tee - Large",
                    "total": 23,
                    "out_of_stock": True,
                }
            ],
            exchange_order_id="77",
            exchange_total="23.00",
            gift_card_order_id=88,
            refunds=[
                {"gateway": "paypal", "amount": "1.00"},
                {"gateway": "shopify_payments", "amount": 0.5},
                {"gateway": "paypal", "amount": "0.00"},
                {"gateway": "paypal"},
            ],
            was_processed=True,
            package_reference=["HR1", "HR2"],
            type="Warranty",
            edited_at="2026-11-04 09:00:00",
        ),
        True,
    )
    assert (ret.return_id, ret.state, ret.state_raw) == ("91000123", ReturnState.OPEN, "open")
    assert ret.outcome is Outcome.EXCHANGE_REFUND
    assert ret.exchanges == (
        Exchange(
            "31", "Cotton tee - Large", "TEE-L", "storefront", "EX20417", Money(Decimal(23), "USD"), True
        ),
    )
    assert (ret.exchange_order_ids, ret.gift_card_order_ids) == (("77",), ("88",))
    assert (ret.refund_gateways, ret.refunds_paid) == (("paypal", "shopify_payments"), 2)
    assert ret.totals.exchange == Money(Decimal("23.00"), "USD")
    assert (ret.kind, ret.package_reference, ret.was_processed) == ("warranty", "HR1,HR2", True)
    assert ret.edited_at == datetime(2026, 11, 4, 9, tzinfo=UTC)
    assert (ret.provider_order_id, ret.destination_id, ret.currency) == ("5444170000001", "4021", "USD")
    first, second = ret.lines
    assert (first.title, first.sku, first.barcode) == ("Cotton tee - Medium", "TEE-M", "0123456789012")
    assert (first.price, first.refund) == (Money(Decimal("23.00"), "USD"), Money(Decimal("24.67"), "USD"))
    assert first.image_url == "https://cdn.example.test/a.jpg"
    assert (first.comment, second.comment) == ("", "Nice but no")
    assert (first.is_expected, second.is_expected) == (True, False)


@pytest.mark.fault(30)
def test_words_that_loop_invents_keep_their_text() -> None:
    lines = [{**detailed()["line_items"][0], "outcome": "Vaporize"}]
    ret = to_return(detailed(state="Dormant", outcome="barter", line_items=lines), True)
    assert (ret.state, ret.state_raw) == (ReturnState.UNKNOWN, "Dormant")
    assert (ret.outcome, ret.outcome_raw) == (Outcome.UNKNOWN, "barter")
    assert (ret.lines[0].outcome, ret.lines[0].outcome_raw) == (LineOutcome.UNKNOWN, "Vaporize")


def test_a_capital_letter_makes_no_new_word() -> None:
    assert to_return(detailed(state="Open"), True).state is ReturnState.OPEN


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "x",
        {},
        {"id": 1, "state": "open"},
        {"id": 1, "state": "open", "line_items": "x"},
        {"id": 1, "state": "open", "line_items": {"a": 1}},
        {"id": 1, "state": "open", "line_items": [None]},
        {"id": 1, "state": "open", "line_items": [{}]},
        {"id": 1, "state": "open", "line_items": [{"line_item_id": None}]},
        {"id": 1, "state": "open", "line_items": [{"line_item_id": 4001.0}]},
        {"id": 1, "state": "open", "line_items": [{"line_item_id": "../1"}]},
        {"id": None, "state": "open", "line_items": []},
        {"id": 91000123.0, "state": "open", "line_items": []},
        {"id": "9" * 20, "state": "open", "line_items": []},
        {"id": "1/process", "state": "open", "line_items": []},
    ],
)
def test_a_return_whose_lines_cannot_be_told_apart_is_unreadable(value: Any) -> None:
    with pytest.raises(AnswerLost) as lost:
        to_return(value, True)
    assert lost.value.__context__ is None


@pytest.mark.fault(162)
@pytest.mark.parametrize(
    ("lines", "ids"),
    [
        (None, []),
        ({}, []),
        ({"0": {"line_item_id": 4001}, "2": {"line_item_id": "4002"}}, ["4001", "4002"]),
        ({"4002": {"line_item_id": "4002"}}, ["4002"]),
        ({"line_item_id": 4001}, ["4001"]),
    ],
)
def test_lines_are_read_in_every_form_in_which_php_writes_an_array(lines: Any, ids: list[str]) -> None:
    ret = to_return({"id": 1, "state": "open", "line_items": lines}, False)
    assert [line.line_item_id for line in ret.lines] == ids


@pytest.mark.fault(162)
def test_parcels_exchanges_and_refunds_in_keyed_arrays_are_all_there_and_empty_objects_are_none() -> None:
    labels = {"1": {"tracking_number": "T1", "line_items": {"3": 4001}}, "4": {"tracking_number": "T2"}}
    bare = {"id": 1, "state": "open", "line_items": [{"line_item_id": 4001}]}
    ret = to_return({**bare, "labels": labels, "exchanges": {"7": {"exchange_id": 5}}, "refunds": {}}, False)
    assert [parcel.tracking_number for parcel in ret.parcels] == ["T1", "T2"]
    assert ret.parcels[0].line_item_ids == ("4001",)
    assert [one.exchange_id for one in ret.exchanges] == ["5"]
    assert ret.refunds_paid == 0
    assert to_return({**bare, "labels": {}, "exchanges": {}}, False).parcels == ()


@pytest.mark.parametrize(
    "line",
    [
        {"properties": [{"name": "Serial", "value": "SN-9"}, None, {"name": "", "value": 1}, {"value": 2}]},
        {"properties": {"Serial": "SN-9", "Empty": None, "Nested": {"a": 1}}},
        {"line_item_properties": {"0": {"name": "Serial", "value": "SN-9"}}},
        {"custom_attributes": [{"key": "Serial", "value": "SN-9"}]},
    ],
)
def test_the_properties_of_an_orders_line_are_read_in_every_form(line: dict[str, Any]) -> None:
    ret = to_return({"id": 1, "state": "open", "line_items": [{"line_item_id": 4001, **line}]}, False)
    assert ret.lines[0].properties == (("Serial", "SN-9"),)


@pytest.mark.parametrize("name", ["serial_number", "serial", "imei"])
def test_a_serial_number_of_its_own_is_a_property(name: str) -> None:
    line = {"line_item_id": 4001, name: 356938035643809}
    ret = to_return({"id": 1, "state": "open", "line_items": [line]}, False)
    assert ret.lines[0].properties == (("serial", "356938035643809"),)


@pytest.mark.parametrize("properties", [None, "", "x", 1, [], {}, [[]], {"a": []}])
def test_without_properties_there_are_none(properties: Any) -> None:
    line = {"line_item_id": 4001, "properties": properties}
    ret = to_return({"id": 1, "state": "open", "line_items": [line]}, False)
    assert ret.lines[0].properties == ()


@pytest.mark.parametrize("state", [None, "", {}, [], False, "<any>"])
def test_a_state_that_cannot_be_read_is_unknown_and_hides_no_return(state: Any) -> None:
    ret = to_return({"id": 1, "state": state, "line_items": []}, False)
    assert ret.state is ReturnState.UNKNOWN


@pytest.mark.parametrize("variant", [0, "0", None, "", False, "N/A"])
def test_no_wished_variant_is_none_however_php_writes_it(variant: Any) -> None:
    line = {"line_item_id": 4001, "exchange_variant": variant}
    assert to_return({"id": 1, "state": "open", "line_items": [line]}, False).lines[0].exchange_variant == ""


def test_an_unreadable_return_is_named_without_its_data() -> None:
    with pytest.raises(AnswerLost) as lost:
        to_return(detailed(line_items="pat@example.test"), True)
    assert (lost.value.why, lost.value.values) == ("shape", {"where": "line_items"})
    assert "pat@" not in f"{lost.value} {lost.value.args}"


def test_each_label_is_a_parcel_of_its_own_and_the_flat_fields_repeat_one() -> None:
    labels = [
        {
            "carrier": "UPS",
            "tracking_number": "1Z999AA10123456784",
            "status": "delivered",
            "line_items": [4001],
        },
        {"carrier": None, "tracking_number": "9400111899223100000017", "status": "new", "line_items": [4002]},
        {
            "carrier": "UPS",
            "tracking_number": "1Z999AA10123456784",
            "status": "delivered",
            "line_items": [4003],
        },
        {"carrier": "UPS", "tracking_number": None, "status": "pending", "line_items": []},
        "no label at all",
    ]
    assert to_return(detailed(labels=labels), True).parcels == (
        Parcel("UPS", "1Z999AA10123456784", "delivered", None, ("4001", "4003")),
        Parcel("USPS", "9400111899223100000017", "new", None, ("4002",)),
    )
    flat = to_return(detailed(labels=labels[:1]), True).parcels
    assert [parcel.tracking_number for parcel in flat] == ["1Z999AA10123456784", "9400111899223100000017"]
    assert to_return(detailed(labels=[]), True).parcels[0].updated_at == datetime(2026, 11, 3, 15, tzinfo=UTC)


def test_a_refund_of_the_lists_own_field_is_on_record_but_not_known_to_be_paid() -> None:
    two = to_return(listed(shopify_refund_object=[{"id": 1}, {"id": 2}]), False)
    assert (two.refund_records, two.refunds_paid) == (2, 0)
    assert to_return(listed(shopify_refund_object={"id": 1}), False).refund_records == 1
    assert (
        to_return(listed(shopify_refund_object=[{"provider_refund_id": 7, "id": 1}]), False).refund_records
        == 1
    )
    assert to_return(listed(shopify_refund_object={}), False).refund_records == 0


@pytest.mark.fault(162)
@pytest.mark.parametrize(
    "refunds",
    [{}, [], [{}], [{"amount": "0.00"}], [{"amount": 0}], [{"amount": None}], [{"amount": "x"}], None],
)
def test_a_refund_of_nothing_is_none(refunds: Any) -> None:
    assert to_return(detailed(refunds=refunds), True).refunds_paid == 0


@pytest.mark.fault(162)
def test_parts_are_processed_where_they_have_a_time() -> None:
    date = {"date": "2026-11-04 09:00:00.000000", "timezone_type": 3, "timezone": "UTC"}
    stamps = {
        "return_processed": date,
        "refundProcessed": "2026-11-04T09:00:00Z",
        "gift_card_processed": {},
        "exchange_processed": None,
        "shopCashProcessedAt": date,
        "other": date,
        "x_processed": True,
    }
    ret = to_return(detailed(outcomes_processed_at=stamps), True)
    assert ret.outcomes_processed == {"return", "refund", "shop_cash"}
    nothing: tuple[Any, ...] = ({}, [], None, "x", [date])
    for empty in nothing:
        assert to_return(detailed(outcomes_processed_at=empty), True).outcomes_processed == frozenset()


def test_an_answer_tells_of_payment_where_it_has_any_such_field() -> None:
    bare = {
        k: v for k, v in detailed().items() if k not in ("was_processed", "refunds", "outcomes_processed_at")
    }
    assert not to_return(bare, True).tells_payment
    telling: tuple[dict[str, Any], ...] = (
        {"was_processed": False},
        {"refunds": []},
        {"outcomes_processed_at": {}},
    )
    for told in telling:
        assert to_return(bare | told, True).tells_payment
    assert not to_return(bare | {"was_processed": None, "refunds": None}, True).tells_payment


def test_a_customer_without_an_address_is_a_name() -> None:
    ret = to_return(listed(customer="Pat Doe"), False)
    assert (ret.customer_name, ret.customer_email) == ("Pat Doe", "")


@pytest.mark.fault(90)
def test_notes_are_ordered_by_the_servers_ids_or_else_by_time() -> None:
    by_id = [{"id": 100, "content": "b"}, {"id": "20", "content": "a"}]
    assert [note.text for note in to_notes(by_id)] == ["a", "b"]
    by_time = [
        {"content": "b", "created_at": "2026-11-04 10:00:00"},
        {"content": "a", "created_at": "2026-11-03T10:00:00Z"},
        {"content": None},
    ]
    assert [note.text for note in to_notes(by_time)] == ["", "a", "b"]


@pytest.mark.parametrize("value", ["x", 0, True, {"notes": "x"}, ["x"], [{"content": 5}], [None], {"a": 1}])
def test_notes_in_which_a_marker_could_hide_are_unreadable(value: Any) -> None:
    with pytest.raises(AnswerLost):
        to_notes(value)


def test_an_asn_row_and_a_destination_survive_anything_missing() -> None:
    assert to_asn_row({}).line_item_id == ""
    found = to_destination({"id": 7, "name": "Reno", "address": {"city": "Reno"}, "enabled": None})
    assert (found.destination_id, found.city, found.enabled) == ("7", "Reno", True)
    assert to_destination({"id": 7, "enabled": False, "address": "x"}).enabled is False
    with pytest.raises(AnswerLost):
        to_destination({"name": "Reno"})


def test_a_number_too_deep_to_write_again_is_unreadable() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(AnswerLost):
        to_fetched(detailed(brand_new=deep), True)
    assert dumps({"a": 1}) == '{"a":1}'


@pytest.mark.parametrize("model", wire.Wire.__subclasses__(), ids=lambda model: model.__name__)
def test_every_model_of_an_answer_can_be_built(model: type[wire.Wire]) -> None:
    """Each is built at its first use, where Loop's answer would be lost if it cannot be."""
    assert model.model_rebuild(force=True)
    assert model.__pydantic_complete__
