"""The sample returns: every kind is there, every check digit is valid, and all are reproducible."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from loopdesk.simulator.barcodes import canada_post, dhl, ean13, fedex, s10, upc, ups, usps
from loopdesk.simulator.crowd import many_returns
from loopdesk.simulator.samples import SAMPLES, practice_labels, practice_loop, practice_returns
from loopdesk.simulator.truth import STATES, Return
from tests.unit.simulator.shop import NOON, HandClock

RETURNS = {ret.return_id: ret for ret in practice_returns(1, NOON)}


def sample(name: str) -> Return:
    return RETURNS[SAMPLES[name].return_id]


@pytest.mark.parametrize(
    ("made", "published"),
    [
        (usps(2_319_742_849), "9405511899223197428490"),
        (ups(5_756_712, "5R8939", "03"), "1Z5R89390357567127"),
        (ups(527_223, "12345E", "66"), "1Z12345E6605272234"),
        (fedex(98_657_878_885), "986578788855"),
        (fedex(79_953_127_448), "799531274483"),
        (dhl(331_881_002), "3318810025"),
        (dhl(848_713_550), "8487135506"),
        (canada_post(47_713_847, "7035114"), "7035114477138472"),
        (s10(12_345_678), "RB123456785GB"),
        (ean13(38_133_393, "4006"), "4006381333931"),
        (upc(3_600_029_145, "0"), "036000291452"),
    ],
)
def test_check_digits_are_those_of_published_numbers(made: str, published: str) -> None:
    assert made == published


CHECKS = {
    r"9\d{21}": lambda n: usps(int(n[11:21]), n[:11]),
    r"1Z\w{16}": lambda n: ups(int(n[10:17]), n[2:8], n[8:10]),
    r"\d{12}": lambda n: fedex(int(n[:11])),
    r"\d{10}": lambda n: dhl(int(n[:9])),
    r"\d{16}": lambda n: canada_post(int(n[7:15]), n[:7]),
    r"[A-Z]{2}\d{9}[A-Z]{2}": lambda n: s10(int(n[2:10]), n[:2], n[11:]),
}


def test_every_tracking_number_checks_and_every_carrier_is_there() -> None:
    numbers = {label.tracking_number for ret in RETURNS.values() for label in ret.labels}
    numbers |= {label.tracking_number for ret in many_returns(200, 5, NOON) for label in ret.labels}
    used = set()
    for number in numbers:
        form = next(each for each in CHECKS if re.fullmatch(each, number))
        assert CHECKS[form](number) == number
        used.add(form)
    assert used == set(CHECKS)


def test_every_barcode_checks() -> None:
    barcodes = {line.barcode for ret in RETURNS.values() for line in ret.lines} - {""}
    assert {len(each) for each in barcodes} == {12, 13}
    for each in barcodes:
        made = upc(int(each[1:11]), each[:1]) if len(each) == 12 else ean13(int(each[3:12]), each[:3])
        assert made == each


def test_every_state_and_outcome_is_there() -> None:
    assert {ret.state for ret in RETURNS.values()} == set(STATES)
    outcomes = {ret.outcome for ret in RETURNS.values()}
    assert outcomes >= {"refund", "exchange", "exchange+refund", "credit", "credit+refund", "upsell"}
    assert {ret.type for ret in RETURNS.values()} == {"standard", "warranty"}


def test_each_named_kind_is_what_its_name_says() -> None:
    assert len(sample("single").lines) == 1
    assert len(sample("multi_line").lines) == len(sample("exchange").lines) == 3
    assert (sample("carrier_scan").state, sample("carrier_scan").effects[0].by) == ("closed", "carrier")
    assert {line.resolution for line in sample("mixed").lines} == {"exchange", "refund"}
    assert sample("missing_label").labels == []
    assert sample("label_pending").labels[0].status == "pending"
    assert len(sample("several_parcels").labels) == 3
    assert SAMPLES["shared_first"].tracking_number == SAMPLES["shared_second"].tracking_number
    assert sample("happy_returns").package_reference
    assert sample("happy_returns").lines[0].consolidation_tracking is not None
    assert (
        sample("consolidated").lines[0].consolidation_tracking
        == sample("happy_returns").lines[0].consolidation_tracking
    )
    assert len(sample("huge").lines) == 200
    assert (sample("flagged_open").state, sample("flagged_open").flagged) == ("open", True)
    assert {line.outcome for line in sample("keep_and_donate").lines} == {"default", "keep", "donate"}
    assert len({line.provider_line_item_id for line in sample("quantity_three").lines}) == 1
    assert len({line.line_item_id for line in sample("quantity_three").lines}) == 3
    assert len(set(SAMPLES["duplicate_lines"].line_item_ids)) == 1
    assert max(len(line.title) for line in sample("unicode").lines) > 400
    assert "<img src=x>" in sample("hostile").lines[0].title
    assert sample("order_first").provider_order_id == sample("order_later").provider_order_id
    assert sample("prefixed").order_name == "EX20417"
    assert sample("elsewhere").destination_id != sample("single").destination_id
    assert len(sample("with_notes").notes) == 2
    assert sample("graded").lines[0].condition is not None
    assert len(sample("anywhere").provider_order_id) == 18
    assert sample("postal").lines[0].image is None


def test_ids_are_unique_where_they_have_to_be() -> None:
    rets = list(RETURNS.values())
    assert len(rets) == len(SAMPLES) + 12
    lines = [line.line_item_id for ret in rets for line in ret.lines]
    assert len(lines) - len(set(lines)) == 1, "only the one that is there twice on purpose"


def test_names_do_not_depend_on_seed_or_time() -> None:
    later = practice_returns(99, NOON + timedelta(days=400))
    by_id = {ret.return_id: ret for ret in later}
    for each in SAMPLES.values():
        ret = by_id[each.return_id]
        assert tuple(line.line_item_id for line in ret.lines) == each.line_item_ids
        assert tuple(label.tracking_number for label in ret.labels) == each.tracking_numbers


def test_the_same_seed_and_time_give_the_same_and_another_seed_gives_others() -> None:
    assert practice_returns(1, NOON) == list(RETURNS.values())
    assert practice_returns(2, NOON) != list(RETURNS.values())


def test_nothing_is_made_in_the_future() -> None:
    for ret in [*RETURNS.values(), *many_returns(300, 1, NOON)]:
        assert ret.created_at <= ret.updated_at <= NOON
        assert all(label.updated_at <= NOON for label in ret.labels)


def test_the_labels_to_print_fit_a_barcode() -> None:
    labels = practice_labels()
    codes = [code for _, code in labels]
    assert len(set(codes)) == len(codes), "one label each, also for what two returns share"
    for caption, code in labels:
        assert caption
        assert re.fullmatch(r"[ -~]{4,40}", code)
    assert any(
        code.startswith("420") and code.endswith(SAMPLES["single"].tracking_number or "") for code in codes
    )


def test_a_hundred_thousand_returns_cost_little() -> None:
    loop = practice_loop(clock=HandClock(), returns=100_000)
    assert len(loop.index) == 100_000 + len(RETURNS)
    assert len(loop.index.kept()) == len(RETURNS)
    crowd = many_returns(100_000, 1, NOON)
    one = crowd[77_777]
    found = loop.index.by_line(one.lines[0].line_item_id)
    assert found is not None
    assert found.return_id == one.return_id
    assert [ret.return_id for ret in loop.index.by_order_name(one.order_name)] == [one.return_id]
    assert [ret.return_id for ret in loop.index.by_provider_order(one.provider_order_id)] == [one.return_id]
    assert len(loop.index.kept()) == len(RETURNS) + 1, "only the one that may be changed is kept"


def test_a_crowd_is_a_sequence() -> None:
    crowd = many_returns(10, 1, NOON)
    assert crowd[-1] == crowd[9]
    assert crowd[2:4] == [crowd[2], crowd[3]]
    assert [ret.created_at for ret in crowd] == sorted((ret.created_at for ret in crowd), reverse=True)
    with pytest.raises(IndexError):
        crowd[10]
    assert crowd.by_id("nonsense") is None
    assert crowd.by_line("9") is None
