"""Each known oddity of Loop's answers has a payload and is taken for what it means."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from loopdesk.domain.errors import AnswerLost, ApiError, KeyRefused, NotFound, Refused, RuleBroken
from loopdesk.domain.returns.returns import LineOutcome, Money, Outcome, Return, ReturnState, fingerprint
from loopdesk.services.ports.loop import ListPage, Sent
from tests.unit.api.bench import END, PAYLOADS, START, Bench, a_bench, stored, stored_answers

AT = datetime(2026, 11, 3, 14, 5, 9, tzinfo=UTC)
RETURN = "91000123"


async def all_details(name: str, return_id: str = RETURN) -> list[Return]:
    """Ask for details once for every answer of a payload."""
    answers = stored_answers(name)
    bench = a_bench(*answers)
    return [(await bench.client.details(return_id)).ret for _ in answers]


async def first_page(bench: Bench, **asked: Any) -> ListPage:
    return await bench.client.list_page(start=START, end=END, **asked)


async def test_q01_a_refusal_with_http_200_is_a_refusal() -> None:
    answers = stored_answers("q01_refusals_with_http_200")
    bench = a_bench(*answers)
    told: list[Refused] = []
    for _ in answers:
        with pytest.raises(Refused) as refused:
            await bench.client.process(RETURN)
        told.append(refused.value)
    assert [one.refusal_code for one in told] == [
        "UNPROCESSABLE_RETURN",
        "UNPROCESSABLE_FLAGGED_RETURN",
        "",
        "",
    ]
    assert told[3].text == "Return is expired and cannot be processed."
    assert all(one.http_status == 200 for one in told)


async def test_q02_true_and_quoted_true_both_say_yes() -> None:
    answers = stored_answers("q02_true_and_quoted_true")
    bench = a_bench(*answers)
    for _ in answers:
        sent = await bench.client.flag(RETURN)
        assert (sent.http_status, sent.echoed) == (200, ())
        assert sent.seconds > 0


async def test_q03_not_found_is_understood_in_each_of_its_shapes() -> None:
    read, act, removal, plain = stored_answers("q03_not_found_in_three_shapes")
    with pytest.raises(NotFound):
        await a_bench(read).client.details(RETURN)
    with pytest.raises(NotFound):
        await a_bench(act).client.process(RETURN)
    with pytest.raises(NotFound):
        await a_bench(removal).client.remove(RETURN, ["4001"])
    with pytest.raises(NotFound):
        await a_bench(plain).client.details(RETURN)
    assert await a_bench(read).client.details_by_order_name("20417") == ()


async def test_q04_422_with_false_means_that_there_are_no_notes() -> None:
    bench = a_bench(*stored_answers("q04_no_notes_is_422_false"))
    assert await bench.client.notes(RETURN) == ()
    assert [note.text for note in await bench.client.notes(RETURN)] == ["first", "second"]
    assert [note.note_id for note in await bench.client.notes(RETURN)] == ["11"]
    assert await bench.client.notes(RETURN) == ()
    assert bench.told == [None, None, None, None]


@pytest.mark.fault(30)
async def test_q05_ids_are_the_same_texts_from_the_list_and_from_details() -> None:
    bench = a_bench(*stored_answers("q05_ids_are_texts_or_numbers"))
    listed = (await first_page(bench)).returns[0].ret
    detailed = (await bench.client.details(RETURN)).ret
    assert listed.return_id == detailed.return_id == RETURN
    assert [x.line_item_id for x in listed.lines] == [x.line_item_id for x in detailed.lines]
    assert listed.lines[0].provider_line_item_id == detailed.lines[0].provider_line_item_id
    assert fingerprint(listed) == fingerprint(detailed)


async def test_q06_order_id_is_the_providers_in_details_alone() -> None:
    bench = a_bench(*stored_answers("q06_order_id_has_two_meanings"))
    assert (await first_page(bench)).returns[0].ret.provider_order_id == ""
    assert (await bench.client.details(RETURN)).ret.provider_order_id == "5444170000001"


async def test_q07_the_order_name_is_not_made_from_the_order_number() -> None:
    (ret,) = await all_details("q07_order_number_is_not_the_name")
    assert (ret.order_name, ret.order_number) == ("#20417", "19417")


async def test_q08_a_reason_is_read_by_either_of_its_names() -> None:
    bench = a_bench(*stored_answers("q08_reason_has_two_names"))
    listed = (await first_page(bench)).returns[0].ret.lines[0]
    detailed = (await bench.client.details(RETURN)).ret.lines[0]
    assert (listed.reason, listed.parent_reason) == ("Too small", "Size")
    assert (detailed.reason, detailed.parent_reason) == ("Too small", "Size")


async def test_q09_a_time_is_read_in_each_form_and_nonsense_is_unknown() -> None:
    found = [ret.created_at for ret in await all_details("q09_times_in_every_form")]
    assert found[:9] == [AT] * 9
    assert found[9:] == [None] * 7


async def test_q10_times_with_and_without_a_zone_in_one_object_are_both_utc() -> None:
    (ret,) = await all_details("q10_one_object_two_time_forms")
    condition = ret.lines[0].condition
    assert ret.created_at == AT
    assert condition is not None
    assert condition.inspected_at == datetime(2026, 11, 5, 8, 30, tzinfo=UTC)
    assert (condition.grade, condition.processor, condition.note) == ("grade_b", "dana@dock.example", "")
    assert ret.lines[0].disposition is not None
    assert ret.lines[0].disposition.disposition == "back_to_stock"


async def test_q11_no_label_in_any_of_its_ways_is_no_parcel() -> None:
    assert [ret.parcels for ret in await all_details("q11_no_label_in_four_ways")] == [()] * 4


async def test_q12_money_is_exact_however_it_is_written() -> None:
    first, second = await all_details("q12_money_as_text_or_number")
    assert first.totals.refund == second.totals.refund == Money(Decimal("49.34"), "USD")
    assert first.totals.credit is not None
    assert first.totals.credit.amount == 0
    assert second.totals.upsell is None
    assert second.totals.handling_fee == Money(Decimal(3), "USD")
    assert (second.refunds_paid, second.refund_gateways) == (1, ("shopify_payments",))
    assert fingerprint(first).totals == fingerprint(second).totals


async def test_q13_a_destination_id_is_a_text_from_a_number_too() -> None:
    found = await all_details("q13_destination_id_as_number")
    assert [ret.destination_id for ret in found] == ["4021", "4021", ""]


async def test_q14_the_list_is_read_as_an_array_and_as_an_envelope() -> None:
    bench = a_bench(*stored_answers("q14_array_unless_paged"))
    bare, paged = await first_page(bench), await first_page(bench)
    assert bare == paged
    assert bare.cursor == ""


@pytest.mark.fault(33)
async def test_q15_only_the_cursor_is_taken_from_a_next_link() -> None:
    bench = a_bench(*stored_answers("q15_next_link_forgets_parameters"), version="2026-10")
    first = await first_page(bench, filter_by="updated_at", state=ReturnState.REVIEW)
    assert first.cursor == "eyJjcmVhdGVkX2F0IjoiMjAyNi0xMS0wMyJ9"
    second = await first_page(bench, filter_by="updated_at", state=ReturnState.REVIEW, cursor=first.cursor)
    assert second.cursor == ""  # the same cursor again: a circle
    assert bench.seen[1].path == "/api/2026-10/warehouse/return/list"
    assert bench.seen[1].headers["host"] == "api.loopreturns.com"
    assert bench.seen[1].query == {**bench.seen[0].query, "cursor": first.cursor}
    assert bench.seen[1].query["state"] == "review"
    assert (await first_page(bench)).cursor == ""  # a next link without a cursor


async def test_q16_a_state_is_asked_for_by_name_and_only_then() -> None:
    bench = a_bench(*stored_answers("q16_default_list_hides_states"))
    usual = await first_page(bench)
    review = await first_page(bench, state=ReturnState.REVIEW)
    cancelled = await first_page(bench, state=ReturnState.CANCELLED)
    assert {one.ret.state for one in usual.returns} == {
        ReturnState.OPEN,
        ReturnState.CLOSED,
        ReturnState.EXPIRED,
    }
    assert [one.ret.state for one in (*review.returns, *cancelled.returns)] == [
        ReturnState.REVIEW,
        ReturnState.CANCELLED,
    ]
    assert [seen.query.get("state") for seen in bench.seen] == [None, "review", "cancelled"]


async def test_q17_long_ids_stay_exact() -> None:
    (ret,) = await all_details("q17_long_unquoted_ids", "912345678901234567")
    assert ret.return_id == "912345678901234567"
    assert ret.lines[0].line_item_id == "4611686018427387904"
    assert ret.lines[0].provider_line_item_id == "9007199254740993"


async def test_q18_lines_with_one_id_stay_two_lines() -> None:
    (ret,) = await all_details("q18_one_line_a_unit_with_repeated_ids")
    assert [line.line_item_id for line in ret.lines] == ["4001", "4003", "4003", "4002"]
    assert [line.outcome for line in ret.lines][-1] is LineOutcome.KEEP


async def test_q19_both_spellings_of_cancelled_stay_apart() -> None:
    (ret,) = await all_details("q19_cancelled_and_canceled")
    assert ret.state is ReturnState.CANCELLED
    assert (ret.method_state, ret.rma_id, ret.scannable_id) == ("canceled", "HR1", "HRAB12")


async def test_q20_credit_with_refund_is_an_outcome() -> None:
    (ret,) = await all_details("q20_credit_and_refund")
    assert (ret.outcome, ret.outcome_raw) == (Outcome.CREDIT_REFUND, "credit+refund")
    assert ret.totals.credit == Money(Decimal("10.00"), "USD")


@pytest.mark.fault(30)
async def test_q21_nulls_are_absent_and_nothing_more() -> None:
    (ret,) = await all_details("q21_nulls_everywhere")
    line = ret.lines[0]
    assert (line.parent_reason, line.comment, line.barcode, line.sku) == ("", "", "", "")
    assert (line.condition, line.disposition) == (None, None)
    assert (ret.edited_at, ret.was_processed, ret.package_reference, ret.exchanges) == (None, None, "", ())
    assert (ret.customer_name, ret.customer_email, ret.kind) == ("", "", "standard")
    assert [parcel.tracking_number for parcel in ret.parcels] == ["9400111899223100000017"]


async def test_q22_a_date_that_loop_would_take_for_1970_is_never_sent() -> None:
    bench = a_bench(*stored_answers("q22_asn_takes_a_bad_date_for_1970"))
    rows = await bench.client.asn(START, END)
    assert bench.seen[0].query == {"from": "2026-11-01", "to": "2026-11-05"}
    assert [row.line_item_id for row in rows] == ["4001", "4002"]
    assert rows[0].updated_at == rows[1].updated_at == datetime(2026, 11, 4, 9, 0, tzinfo=UTC)
    assert rows[0].delivered_at == datetime(2026, 11, 6, 10, 0, tzinfo=UTC)
    assert (rows[0].rma_code, rows[1].tracking_number, rows[1].state) == ("", "", ReturnState.REVIEW)
    old = datetime(1970, 1, 1, tzinfo=UTC)
    for start, end in (
        (old, old),
        (END, START),
        (START, END.replace(year=2027)),
        (START.replace(tzinfo=None), END),
    ):
        with pytest.raises(RuleBroken, match="bad_window"):
            await bench.client.asn(start, end)
    assert len(bench.seen) == 1


async def test_q23_401_in_both_bodies_is_about_the_key() -> None:
    answers = stored_answers("q23_two_bodies_of_401")
    bench = a_bench(*answers)
    for _ in answers:
        with pytest.raises(KeyRefused, match="Unauthorized"):
            await bench.client.details(RETURN)


async def test_q24_a_held_grade_is_read_as_word_and_as_object() -> None:
    found = await all_details("q24_category_as_word_or_object")
    assert [ret.lines[0].condition.grade for ret in found if ret.lines[0].condition] == ["grade_b", "grade_b"]


async def test_q25_a_tracking_number_may_be_a_number() -> None:
    (ret,) = await all_details("q25_numbers_for_zip_and_tracking")
    assert [(p.tracking_number, p.carrier, p.line_item_ids) for p in ret.parcels] == [
        ("794600000012", "FedEx", ("4001", "4002"))
    ]


@pytest.mark.fault(30)
async def test_q26_fields_nobody_announced_change_nothing_and_are_kept() -> None:
    bench = a_bench(*stored_answers("q26_fields_nobody_announced"), *stored_answers("details_return"))
    strange, usual = await bench.client.details(RETURN), await bench.client.details(RETURN)
    assert strange.ret == usual.ret
    assert '"brand_new":{"deep":[1,{"x":null}]}' in strange.body


async def test_q27_escaped_slashes_are_slashes() -> None:
    (ret,) = await all_details("q27_escaped_slashes")
    assert ret.lines[0].image_url == "https://cdn.example.test/a.jpg"


def acts(bench: Bench, name: str) -> Awaitable[Sent]:
    """Start an action that needs a return's id alone."""
    asked: Awaitable[Sent] = getattr(bench.client, name)(RETURN)
    return asked


async def refusals(name: str, act: str = "process") -> list[ApiError]:
    """Collect what each answer of a payload becomes for an action."""
    answers = stored_answers(name)
    bench = a_bench(*answers)
    found: list[ApiError] = []
    for _ in answers:
        asked = bench.client.remove(RETURN, ["4001", "4002"]) if act == "remove" else acts(bench, act)
        with pytest.raises(ApiError) as raised:
            await asked
        found.append(raised.value)
    return found


async def test_e1_the_gateways_error_is_about_the_key_or_a_refusal() -> None:
    key, refused = await refusals("e1_gateway_error")
    assert isinstance(key, KeyRefused)
    assert isinstance(refused, Refused)
    assert (refused.refusal_code, refused.text) == ("GEN-UNPROCESSABLE", "The line cannot be changed.")


async def test_e2_errors_as_a_text_are_understood() -> None:
    key, refused = await refusals("e2_errors_as_text")
    assert isinstance(key, KeyRefused)
    assert isinstance(refused, Refused)
    assert refused.text == "Return cannot be modified."


async def test_e3_errors_as_an_object_are_understood_with_and_without_code() -> None:
    coded, plain = await refusals("e3_errors_as_object")
    assert isinstance(coded, Refused)
    assert isinstance(plain, Refused)
    assert (coded.refusal_code, plain.refusal_code) == ("UNPROCESSABLE_RETURN", "")


async def test_e4_a_403_with_a_list_of_errors_at_a_removal_is_not_about_the_key() -> None:
    gone, refused = await refusals("e4_errors_as_list_of_objects", "remove")
    assert isinstance(gone, NotFound)
    assert isinstance(refused, Refused)
    elsewhere, _ = await refusals("e4_errors_as_list_of_objects", "process")
    assert isinstance(elsewhere, KeyRefused)


async def test_e5_a_bare_message_or_content_that_says_no_is_a_refusal_but_not_with_500() -> None:
    message, content, invalid, tripped = await refusals("e5_bare_message_or_content")
    assert isinstance(message, Refused)
    assert isinstance(content, Refused)
    assert isinstance(invalid, Refused)
    assert invalid.http_status == 422
    assert isinstance(tripped, AnswerLost)


async def test_e6_complaints_are_kept_by_field() -> None:
    with pytest.raises(Refused) as refused:
        await first_page(a_bench(*stored_answers("e6_validation")))
    assert refused.value.text == "The given data was invalid."
    assert refused.value.fields["to"] == ("The to must be after from.", "The range is too long.")


async def test_e7_an_error_with_a_message_alone_is_understood() -> None:
    gone, refused = await refusals("e7_error_with_message", "remove")
    assert isinstance(gone, NotFound)
    assert isinstance(refused, Refused)
    assert refused.text == "The line item id field is required."


async def test_e8_a_bare_false_means_no_notes_and_that_only_for_notes() -> None:
    bench = a_bench(*stored_answers("e8_bare_false"))
    assert await bench.client.notes(RETURN) == ()
    assert await bench.client.notes(RETURN) == ()
    refused, lost = await refusals("e8_bare_false", "flag")
    assert isinstance(refused, Refused)
    assert isinstance(lost, AnswerLost)


async def test_e9_the_remaining_shapes_are_understood() -> None:
    invalid, gone, bare = await refusals("e9_other_shapes")
    assert isinstance(invalid, Refused)
    assert invalid.text == "The order name is invalid."
    assert isinstance(gone, NotFound)
    assert isinstance(bare, NotFound)


def test_every_payload_belongs_to_a_test() -> None:
    names = {path.stem.split("_")[0] for path in PAYLOADS.glob("[qe][0-9]*.json")}
    wanted = {f"q{n:02}" for n in range(1, 28)} | {f"e{n}" for n in range(1, 10)}
    assert names == wanted
    tested = {name.split("_")[1] for name in globals() if name.startswith(("test_q", "test_e"))}
    assert wanted <= tested


def test_no_payload_holds_a_secret() -> None:
    for path in PAYLOADS.glob("*.json"):
        stored(path.stem)
        assert "authorization" not in path.read_text(encoding="utf-8").lower()
