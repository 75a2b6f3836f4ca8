"""Actions and their effects: queued processing, removals, flags, notes."""

from __future__ import annotations

import pytest

from loopdesk.simulator.actors import act
from loopdesk.simulator.faults import Fault
from loopdesk.simulator.insight import truth
from tests.unit.simulator.shop import Shop

REFUND = {"resolution": "refund"}
EXCHANGE = {"resolution": "exchange"}


async def test_processing_is_accepted_first_and_done_later() -> None:
    shop = Shop(processing_seconds=30.0)
    return_id = shop.add()
    assert (await shop.do("process", return_id)).json() is True
    shop.clock.turn(29)
    assert truth(shop.loop, return_id)["state"] == "open"
    shop.clock.turn(2)
    done = truth(shop.loop, return_id)
    assert (done["state"], done["was_processed"], done["processings"]) == ("closed", True, 1)


async def test_the_effect_is_dated_when_it_was_due_and_not_when_it_was_looked_at() -> None:
    shop = Shop(processing_seconds=30.0)
    return_id = shop.add()
    started = shop.clock.at
    await shop.do("process", return_id)
    shop.clock.turn(9999)
    assert (shop.loop.get(return_id).updated_at - started).total_seconds() == 30


async def test_asking_twice_while_queued_pays_out_twice() -> None:
    shop = Shop()
    return_id = shop.add()
    await shop.do("process", return_id)
    assert (await shop.do("process", return_id)).json() is True
    shop.clock.turn(60)
    assert truth(shop.loop, return_id)["processings"] == 2


@pytest.mark.parametrize("second", ["process", "cancel", "close", "flag"])
async def test_a_loop_with_a_guard_refuses_what_comes_while_processing_waits(second: str) -> None:
    shop = Shop(guards_queued=True)
    return_id = shop.add()
    await shop.do("process", return_id)
    assert (await shop.do(second, return_id)).json()["errors"]["code"] == "UNPROCESSABLE_RETURN"
    shop.clock.turn(60)
    assert truth(shop.loop, return_id)["processings"] == 1
    assert truth(shop.loop, return_id)["state"] == "closed"


@pytest.mark.parametrize(("ending", "state"), [("stay_open", "open"), ("drop", "open"), ("review", "review")])
async def test_processing_may_fail_behind_the_scenes(ending: str, state: str) -> None:
    shop = Shop(processing_ending=ending)
    return_id = shop.add()
    assert (await shop.do("process", return_id)).json() is True
    shop.clock.turn(60)
    assert (truth(shop.loop, return_id)["state"], truth(shop.loop, return_id)["processings"]) == (state, 0)


async def test_what_was_cancelled_meanwhile_is_not_processed() -> None:
    shop = Shop()
    return_id = shop.add()
    await shop.do("process", return_id)
    await shop.do("cancel", return_id)
    shop.clock.turn(60)
    assert (truth(shop.loop, return_id)["state"], truth(shop.loop, return_id)["processings"]) == (
        "cancelled",
        0,
    )


async def test_closing_has_no_outcome() -> None:
    shop = Shop()
    return_id = shop.add()
    await shop.do("close", return_id)
    done = truth(shop.loop, return_id)
    assert (done["state"], done["was_processed"], done["closings"], done["processings"]) == (
        "closed",
        False,
        1,
        0,
    )


async def test_processing_makes_the_exchange_order_and_the_gift_card() -> None:
    shop = Shop()
    return_id = shop.add(lines=[{"resolution": "credit"}], outcome="credit")
    await shop.do("process", return_id)
    shop.clock.turn(60)
    answer = await shop.get("/warehouse/return/details", return_id=return_id)
    assert answer.json()["gift_card_order_name"].startswith("#")
    assert answer.json()["outcomes_processed_at"]["gift_card_processed"]["timezone_type"] == 3


async def test_free_keys_of_a_processing_become_a_note() -> None:
    shop = Shop()
    return_id = shop.add()
    await shop.do("process", return_id, {"loopdesk_op": "abc"})
    known = truth(shop.loop, return_id)
    assert known["additional_details"] == [{"loopdesk_op": "abc"}]
    assert "loopdesk_op" in known["notes"][0]["content"]


async def test_a_flag_sets_review_or_only_the_marker() -> None:
    shop = Shop()
    first, second = shop.add(), shop.add()
    await shop.do("flag", first)
    shop.loop.settings.change(flag_sets="marker")
    await shop.do("flag", second)
    assert (shop.loop.get(first).state, shop.loop.get(first).flagged) == ("review", True)
    assert (shop.loop.get(second).state, shop.loop.get(second).flagged) == ("open", True)


# Remove


async def test_removing_processes_the_rest() -> None:
    shop = Shop()
    return_id = shop.add(lines=[REFUND, REFUND, REFUND])
    lines = shop.line_ids(return_id)
    answer = await shop.do("remove", return_id, line_item_id=f"{lines[0]},{lines[2]}")
    assert answer.json() is True
    assert truth(shop.loop, return_id)["state"] == "open"
    shop.clock.turn(60)
    done = truth(shop.loop, return_id)
    assert (done["state"], done["removals"], done["processings"]) == ("closed", 1, 1)
    assert done["removed_line_ids"] == [str(lines[0]), str(lines[2])]
    assert [line["line_item_id"] for line in done["lines"]] == [str(lines[1])]


async def test_removing_every_unit_cancels() -> None:
    shop = Shop()
    return_id = shop.add(lines=[REFUND, REFUND])
    await shop.do("remove", return_id, line_item_id=",".join(map(str, shop.line_ids(return_id))))
    shop.clock.turn(60)
    done = truth(shop.loop, return_id)
    assert (done["state"], done["cancellations"], done["processings"]) == ("cancelled", 1, 0)


@pytest.mark.parametrize("params", [{}, {"line_item_id": ""}, {"line_item_id": " , "}])
async def test_removing_nothing_is_422(params: dict[str, str]) -> None:
    shop = Shop()
    answer = await shop.do("remove", shop.add(), **params)
    assert answer.status_code == 422
    assert answer.json() == {"error": {"message": "The line item id field is required."}}


async def test_units_that_may_not_be_removed_are_named_in_two_ways() -> None:
    shop = Shop()
    return_id = shop.add(lines=[REFUND, EXCHANGE, {"outcome": "keep"}])
    good, exchanged, kept = shop.line_ids(return_id)
    none = await shop.do("remove", return_id, line_item_id=f"{exchanged},{kept}")
    some = await shop.do("remove", return_id, line_item_id=f"{good},{exchanged}")
    strange = await shop.do("remove", return_id, line_item_id="1")
    assert none.json() == {"message": "There are no line items that qualify for removal"}
    assert some.json() == {"message": "Not all line items qualify for removal"}
    assert (none.status_code, some.status_code, strange.status_code) == (422, 422, 422)


@pytest.mark.parametrize(
    ("ending", "status", "lines_left", "state"),
    [
        ("partial", 200, 1, "open"),
        ("partial_error", 500, 1, "open"),
        ("error", 500, 2, "open"),
        ("stay_open", 200, 2, "open"),
        ("review", 200, 2, "review"),
    ],
)
async def test_a_removal_may_end_badly(ending: str, status: int, lines_left: int, state: str) -> None:
    shop = Shop(removal_ending=ending)
    return_id = shop.add(lines=[REFUND, REFUND])
    answer = await shop.do("remove", return_id, line_item_id=str(shop.line_ids(return_id)[0]))
    assert answer.status_code == status
    if status == 500:
        assert answer.json() == {"message": "An error was encountered during processing."}
    shop.clock.turn(60)
    assert (len(shop.loop.get(return_id).lines), shop.loop.get(return_id).state) == (lines_left, state)
    assert truth(shop.loop, return_id)["processings"] == 0


# Notes


async def test_no_notes_is_422_with_a_bare_false() -> None:
    shop = Shop()
    answer = await shop.get(f"/warehouse/return/{shop.add()}/notes")
    assert (answer.status_code, answer.json()) == (422, False)


async def test_a_note_is_kept_and_moves_no_state() -> None:
    shop = Shop()
    return_id = shop.add()
    before = shop.loop.get(return_id).updated_at
    await shop.do("note", return_id, {"content": "läuft ✓"})
    rows = (await shop.get(f"/warehouse/return/{return_id}/notes")).json()
    assert [(row["content"], type(row["id"])) for row in rows] == [("läuft ✓", int)]
    assert shop.loop.get(return_id).updated_at == before


async def test_notes_come_in_two_shapes() -> None:
    shop = Shop(notes_shape="object")
    return_id = shop.add()
    await shop.do("note", return_id, {"content": "x"})
    assert [*(await shop.get(f"/warehouse/return/{return_id}/notes")).json()] == ["notes"]


@pytest.mark.parametrize(
    ("limit", "length", "status"), [(254, 254, 200), (254, 255, 422), (255, 255, 200), (254, 0, 422)]
)
async def test_a_note_has_a_longest_length(limit: int, length: int, status: int) -> None:
    shop = Shop(note_limit=limit)
    answer = await shop.do("note", shop.add(), {"content": "x" * length})
    assert answer.status_code == status
    if status == 422:
        text = "Content is required and must be less than 255 characters."
        assert answer.json() == {"errors": {"message": text}}


@pytest.mark.parametrize("body", [None, {}, {"note": "x"}, {"content": 5}, ["x"]])
async def test_a_note_without_content_is_422(body: object) -> None:
    shop = Shop()
    assert (await shop.do("note", shop.add(), body)).status_code == 422


async def test_actions_may_say_true_in_quotes() -> None:
    shop = Shop(string_true=True)
    answer = await shop.do("note", shop.add(), {"content": "x"})
    assert answer.text == '"true"'


# Faults that change the outcome alone


async def test_one_processing_may_end_differently_from_the_others() -> None:
    shop = Shop()
    shop.loop.faults.add(Fault("processing", path="/process$", count=1, ending="review", seconds=5))
    first, second = shop.add(), shop.add()
    await shop.do("process", first)
    await shop.do("process", second)
    shop.clock.turn(60)
    assert (shop.loop.get(first).state, shop.loop.get(second).state) == ("review", "closed")


async def test_stale_reads_show_what_was_true_before() -> None:
    shop = Shop()
    return_id = shop.add()
    shop.clock.turn(100)
    await shop.do("note", return_id, {"content": "new"})
    await shop.do("flag", return_id)
    shop.loop.faults.add(Fault("stale", method="GET", seconds=20))
    details = await shop.get("/warehouse/return/details", return_id=return_id)
    notes = await shop.get(f"/warehouse/return/{return_id}/notes")
    listed = await shop.get("/warehouse/return/list", state="review")
    assert (details.json()["state"], notes.status_code, listed.json()) == ("open", 422, [])
    shop.clock.turn(21)
    details = await shop.get("/warehouse/return/details", return_id=return_id)
    notes = await shop.get(f"/warehouse/return/{return_id}/notes")
    listed = await shop.get("/warehouse/return/list", state="review")
    assert (details.json()["state"], notes.status_code, len(listed.json())) == ("review", 200, 1)


# Other actors


def test_the_admin_decides_a_review_and_the_carrier_pays_out() -> None:
    shop = Shop()
    return_id = shop.add(state="review")
    act(shop.loop, {"act": "set_state", "return_id": return_id, "state": "open"})
    act(shop.loop, {"act": "process", "return_id": return_id, "by": "carrier"})
    known = truth(shop.loop, return_id)
    assert (known["state"], known["processings"], known["effects"][-1]["by"]) == ("closed", 0, "carrier")


def test_the_first_carrier_scan_pays_out_where_the_shop_wants_it() -> None:
    shop = Shop()
    return_id = shop.add(process_on_scan=True, tracking_number="1Z4R8E609000000005", label_status="new")
    act(shop.loop, {"act": "label", "return_id": return_id, "status": "pre_transit"})
    assert shop.loop.get(return_id).state == "open"
    act(shop.loop, {"act": "label", "return_id": return_id, "status": "in_transit"})
    assert shop.loop.get(return_id).state == "closed"


def test_the_shopper_edits_the_return() -> None:
    shop = Shop()
    return_id = shop.add(lines=[{}, {}])
    first, second = map(str, shop.line_ids(return_id))
    edit = {"act": "edit_line", "return_id": return_id, "line_item_id": first, "set": {"outcome": "keep"}}
    act(shop.loop, edit)
    act(shop.loop, {"act": "drop_line", "return_id": return_id, "line_item_id": second})
    act(shop.loop, {"act": "add_line", "return_id": return_id, "line": {"title": "Mug", "price": "3.50"}})
    act(shop.loop, {"act": "edit", "return_id": return_id, "set": {"outcome": "exchange"}})
    known = truth(shop.loop, return_id)
    assert [line["outcome"] for line in known["lines"]] == ["keep", "default"]
    assert (known["lines"][1]["title"], known["outcome"]) == ("Mug", "exchange")
    assert known["edited_at"] is not None


def test_an_act_that_does_not_exist_is_refused() -> None:
    shop = Shop()
    return_id = shop.add()
    with pytest.raises(ValueError, match="no act"):
        act(shop.loop, {"act": "bless", "return_id": return_id})
    with pytest.raises(ValueError, match="cannot be set"):
        act(shop.loop, {"act": "edit", "return_id": return_id, "set": {"state": "closed"}})
    with pytest.raises(KeyError):
        act(shop.loop, {"act": "process", "return_id": "5"})
