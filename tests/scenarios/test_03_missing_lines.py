"""A missing line is removed in one call where Loop allows it, and flagged where it does not."""

from __future__ import annotations

from decimal import Decimal

from loopdesk.domain.outbox.stages import Stage
from loopdesk.presenters.screens.returns import PlanScreen
from loopdesk.simulator.samples import SAMPLES
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

REFUND = SAMPLES["multi_line"]
EXCHANGE = SAMPLES["exchange"]
ALIKE = SAMPLES["quantity_three"]
EMPTY = SAMPLES["store_credit"]
HANDLING_FEE = Decimal("5.00")
"""Of the sample return that is refunded."""


def _plan(desk: Desk) -> PlanScreen:
    plan = desk.screen.plan
    assert plan is not None
    return plan


def test_a_missing_line_of_a_refund_is_removed_in_one_call(desk: Desk, shop: SimulatorThread) -> None:
    first, gone, last = REFUND.line_item_ids
    plans: list[PlanScreen] = []

    async def body() -> None:
        await desk.synced()
        await desk.open(REFUND)
        await desk.press("1", "6", "2")
        plans.append(_plan(desk))
        await desk.press("F12")
        await desk.until_lane(REFUND.return_id, Stage.DONE)

    desk.play(body)

    truth = shop.truth(REFUND.return_id)
    assert [effect["kind"] for effect in truth["effects"]] == ["removed", "processed"]
    assert truth["removed_line_ids"] == [gone]
    assert [line["line_item_id"] for line in truth["lines"]] == [first, last]
    assert traffic.grades(shop, REFUND) == ["grade_a", "grade_b"]
    grade, assess, note, remove = traffic.posts(shop, REFUND)
    assert traffic.acts((grade, assess, note, remove)) == ["grade", "assess", "note", "remove"]
    first_graded, first_placed = traffic.items(grade)[0], traffic.items(assess)[0]
    assert (first_graded["line_item_id"], first_graded["condition_category"]) == (gone, "missing")
    assert (first_placed["line_item_id"], first_placed["disposition_outcome"]) == (gone, "missing")
    assert remove.query == f"line_item_id={gone}"

    worth = sum(Decimal(x["price"]) - Decimal(x["discount"]) + Decimal(x["tax"]) for x in truth["lines"])
    assert plans[0].sentence == (
        f"Remove 1 missing line and process the rest. Refund becomes ${worth - HANDLING_FEE}."
    )
    grading, noting, removing = plans[0].steps
    assert grading == f"Grade and place {len(traffic.items(grade))} lines"
    assert noting == f"Note: “{note.body['content'].rpartition(' [ld:')[0]}”"
    assert removing == "Remove 1 line, process — cannot be undone at Loop"
    assert [each["content"] for each in truth["notes"]] == [note.body["content"]]


def test_a_missing_line_of_an_exchange_is_flagged_and_never_removed(
    desk: Desk, shop: SimulatorThread
) -> None:
    plans: list[PlanScreen] = []

    async def body() -> None:
        await desk.synced()
        await desk.open(EXCHANGE)
        await desk.press("1", "1", "6")
        plans.append(_plan(desk))
        assert "remove_and_process" not in {choice.kind for choice in plans[0].choices}
        await desk.press("F12")
        await desk.until_lane(EXCHANGE.return_id, Stage.DONE)

    desk.play(body)

    truth = shop.truth(EXCHANGE.return_id)
    assert truth["state"] == "review"
    assert [effect["kind"] for effect in truth["effects"]] == ["flagged"]
    assert len(truth["lines"]) == len(EXCHANGE.line_item_ids)
    assert traffic.grades(shop, EXCHANGE) == ["grade_a", "grade_a", "missing"]
    asked = traffic.posts(shop, EXCHANGE)
    assert traffic.acts(asked) == ["grade", "assess", "note", "flag"]
    assert shop.requests("POST", "/remove") == []
    assert plans[0].sentence == "Flag for review: a missing item cannot be removed from this return."
    note = asked[2].body["content"]
    assert note.startswith("Not in the parcel: ")
    assert plans[0].steps[1] == f"Note: “{note.rpartition(' [ld:')[0]}”"


def test_several_missing_lines_go_in_one_call_but_never_all_of_them(
    desk: Desk, shop: SimulatorThread
) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(REFUND)
        await desk.press("6", "6", "1")
        assert _plan(desk).sentence.startswith("Remove 2 missing lines and process the rest.")
        await desk.press("F12")
        await desk.open(ALIKE)
        await desk.press("6", "6", "6")
        assert "remove_and_process" not in {choice.kind for choice in _plan(desk).choices}
        await desk.press("F12")
        await desk.open(EMPTY)
        await desk.press("Ctrl+0", "F12")
        for parcel in (REFUND, ALIKE, EMPTY):
            await desk.until_lane(parcel.return_id, Stage.DONE)

    desk.play(body)

    truth = shop.truth(REFUND.return_id)
    assert (truth["removals"], truth["processings"]) == (1, 1)
    assert sorted(truth["removed_line_ids"]) == sorted(REFUND.line_item_ids[:2])
    assert len(shop.requests("POST", "/remove")) == 1
    for parcel in (ALIKE, EMPTY):
        truth = shop.truth(parcel.return_id)
        assert [effect["kind"] for effect in truth["effects"]] == ["flagged"]
        assert traffic.grades(shop, parcel) == ["missing"] * len(parcel.line_item_ids)
        assert len(truth["notes"]) == 1
