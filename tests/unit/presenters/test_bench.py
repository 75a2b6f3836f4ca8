"""The bench, intent by intent: what the operator sees and hears, and what is on disk then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest

from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Stage
from loopdesk.domain.returns.returns import HeldCondition, LineOutcome, Money, Outcome, Return, ReturnState
from loopdesk.domain.scanner.wedge import Notice
from loopdesk.presenters.screens.window import Signal
from tests.bench_rig import BenchRig, texts
from tests.builders import AT, a_line, a_parcel, a_return, lines
from tests.fakes.gateway import refused

UPS = "1Z999AA10123456784"
OTHER_UPS = "1Z12345E0205271688"


@pytest.fixture
async def rigs() -> AsyncIterator[list[BenchRig]]:
    opened: list[BenchRig] = []
    yield opened
    for rig in opened:
        await rig.close()


async def a_rig(rigs: list[BenchRig], *returns: Return, known: bool = True, sending: bool = True) -> BenchRig:
    rig = BenchRig(*returns, known=known)
    rigs.append(rig)
    return await rig.open(sending=sending)


def single(**fields: object) -> Return:
    return a_return("91000123", order_name="#20417", parcels=(a_parcel(UPS),), lines=lines(1), **fields)


async def test_a_scanned_label_opens_its_return_with_its_rule(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    screen = await rig.scan(UPS)
    assert screen.band.signal is Signal.FOUND
    assert "UPS" in screen.band.sentence
    assert screen.title == "#20417 · 91000123 — loopdesk"
    assert len(screen.lines) == 1
    assert screen.lines[0].decided == ""
    assert rig.sounds == ["found"]
    assert rig.views == ["bench"]


async def test_a_single_perfect_return_takes_three_inputs(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    screen = await rig.press("grade_a")
    assert screen.plan is not None
    assert screen.plan.button.enabled
    assert screen.plan.sentence.startswith("Process the return")
    screen = await rig.press("confirm")
    assert screen.band.signal is Signal.KEPT
    assert {x.stage for x in await rig.store.outbox.lane("91000123")} == {Stage.HELD}
    await rig.clock.turn(30.0)
    assert rig.gateway.effects(Kind.PROCESS, "91000123") == 1
    assert rig.screen.band.signal is Signal.DONE


async def test_the_gun_alone_does_the_same(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS, "LDCMDGRADEA", "LDCMDCONFIRM")
    await rig.clock.turn(30.0)
    assert rig.gateway.effects(Kind.PROCESS, "91000123") == 1


@pytest.mark.fault(134)
async def test_nothing_is_called_done_before_loop_confirmed_it(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm")
    await rig.clock.turn(7.0)
    signals = {screen.band.signal for screen in rig.screens}
    assert Signal.DONE not in signals
    assert rig.gateway.seen(Kind.PROCESS) == 0


async def test_the_countdown_runs_and_undo_gives_everything_back(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    await rig.press("grade_b", "confirm")
    await rig.clock.turn(3.3)
    assert rig.screen.band.countdown is not None
    assert rig.screen.band.countdown.left == 5
    assert "5 seconds" in rig.screen.band.sentence
    screen = await rig.press("undo")
    assert screen.band.word == "Taken back"
    assert screen.band.signal is Signal.TAKEN_BACK
    assert "#20417" in screen.band.sentence
    assert screen.lines[0].decided == "B"
    await rig.clock.turn(60.0)
    assert rig.gateway.seen(Kind.PROCESS) == 0
    assert rig.gateway.seen(Kind.GRADE) == 0
    assert {x.stage for x in await rig.store.outbox.lane("91000123")} == {Stage.WITHDRAWN}


async def test_drawing_and_the_countdown_change_nothing_of_the_bench(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    await rig.press("grade_b", "confirm")
    before, drawn = rig.bench.state, len(rig.screens)
    await rig.clock.turn(3.3)
    assert len(rig.screens) > drawn
    assert rig.bench.screen() == rig.screen
    rig.bench.attach(rig, rig)
    assert rig.bench.state is before


async def test_a_window_that_nobody_times_yet_counts_down_from_when_it_was_kept(rigs: list[BenchRig]) -> None:
    rig = BenchRig(single())
    rigs.append(rig)
    await rig.open(sending=False)
    await rig.scan(UPS)
    await rig.press("grade_b", "confirm")
    seen = [rig.screen.band.countdown]
    for _ in range(2):
        await rig.clock.turn(3.3)
        seen.append(rig.screen.band.countdown)
    await rig.clock.turn(3.3)
    assert [left.left for left in seen if left is not None] == [8, 5, 2]
    assert rig.screen.band.countdown is None


async def test_how_far_a_settlement_has_come_stays_said_once_nothing_of_it_is_pending(
    rigs: list[BenchRig],
) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm")
    await rig.clock.turn(30.0)
    said = [screen.band.sentence for screen in rig.screens if screen.band.signal is Signal.KEPT]
    counting = [n for n, sentence in enumerate(said) if "Goes to Loop in" in sentence]
    after = said[counting[-1] + 1 :]
    assert after, "its stages are said before it is done"
    assert not any("Undo" in sentence for sentence in after)


async def test_scanning_the_next_parcel_keeps_undo_and_does_not_shorten_the_hold(
    rigs: list[BenchRig],
) -> None:
    second = a_return("91000124", order_name="#20418", parcels=(a_parcel(OTHER_UPS),), lines=lines(1, 77))
    rig = await a_rig(rigs, single(), second)
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm")
    screen = await rig.scan(OTHER_UPS)
    assert screen.header is not None
    assert screen.header.return_id == "91000124"
    assert screen.band.countdown is not None
    assert rig.gateway.seen(Kind.PROCESS) == 0
    screen = await rig.press("undo")
    assert screen.header is not None
    assert screen.header.return_id == "91000123"


async def test_undo_takes_back_decisions_one_by_one(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, a_return("91000123", parcels=(a_parcel(UPS),), lines=lines(2)))
    await rig.scan(UPS)
    await rig.press("grade_a", "grade_d")
    screen = await rig.press("undo")
    assert [line.decided for line in screen.lines] == ["A", ""]
    screen = await rig.press("undo")
    assert [line.decided for line in screen.lines] == ["", ""]


async def test_a_second_label_parks_the_first_and_a_rescan_restores_it(rigs: list[BenchRig]) -> None:
    first = a_return("91000123", parcels=(a_parcel(UPS),), lines=lines(2))
    second = a_return("91000124", parcels=(a_parcel(OTHER_UPS),), lines=lines(1, 77))
    rig = await a_rig(rigs, first, second)
    await rig.scan(UPS)
    await rig.press("grade_c")
    await rig.scan(OTHER_UPS)
    assert [draft.return_id for draft in await rig.store.drafts.parked()] == ["91000123"]
    screen = await rig.scan(UPS)
    assert [line.decided for line in screen.lines] == ["C", ""]
    aside = [draft.return_id for draft in await rig.store.drafts.parked()]
    assert aside == ["91000124"], "what was put aside without a decision stands in the list too"


async def test_a_note_that_was_being_written_is_kept_when_another_label_is_scanned(
    rigs: list[BenchRig],
) -> None:
    second = a_return("91000124", parcels=(a_parcel(OTHER_UPS),), lines=lines(1, 77))
    rig = await a_rig(rigs, single(), second)
    await rig.scan(UPS)
    await rig.press("note")
    rig.bench.edit_prompt("sleeve torn")
    await rig.scan(OTHER_UPS)
    assert (await rig.store.drafts.get("91000123")).notes == ("sleeve torn",)


async def test_another_time_for_double_reads_counts_from_the_next_scan_on(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    rig.receive(UPS)
    await rig.clock.settle()
    rig.double_read_seconds = 0.0
    screen = await rig.scan(UPS)
    assert screen.band.signal is not Signal.DOUBLE


@pytest.mark.fault(91)
async def test_the_same_code_twice_at_once_is_one_read(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    rig.receive(UPS)
    rig.receive(UPS)
    await rig.clock.settle()
    assert rig.screen.band.signal is Signal.DOUBLE
    assert rig.sounds[-1] == "double"
    assert rig.screen.title.endswith("91000123 — loopdesk"), "and the return stays open"


@pytest.mark.fault(91)
async def test_items_count_as_often_as_the_return_expects_and_no_more_at_once(rigs: list[BenchRig]) -> None:
    pair = (a_line("501", barcode="0912345678905"), a_line("502", barcode="0912345678905"))
    rig = await a_rig(rigs, a_return("91000123", parcels=(a_parcel(UPS),), lines=pair))
    await rig.scan(UPS)
    for _ in range(3):
        rig.receive("0912345678905")
    await rig.clock.settle()
    assert [line.seen[:1] for line in rig.screen.lines] == ["✓", "✓"]
    assert rig.screen.band.signal is Signal.DOUBLE
    assert (await rig.store.drafts.get("91000123")).extras == ()


async def test_what_a_person_types_twice_is_meant_twice(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    rig.receive(UPS, "typed")
    await rig.clock.settle()
    assert rig.screen.band.signal is Signal.FOUND


@pytest.mark.fault(148)
async def test_lines_that_do_not_count_are_said_beside_what_the_first_one_found(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    rig.receive(UPS)
    rig.bench.say_of_gun(Notice.REST)
    await rig.clock.settle()
    assert rig.screen.band.signal is Signal.FOUND
    assert "only the first line counts" in rig.screen.band.detail


@pytest.mark.fault(150)
@pytest.mark.parametrize(
    ("notice", "advice"), [(Notice.SHORT, "Nothing was decided"), (Notice.SLOW, "end every code with Enter")]
)
async def test_keys_that_came_to_nothing_are_said_with_what_to_set(
    rigs: list[BenchRig], notice: Notice, advice: str
) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    rig.bench.say_of_gun(notice)
    await rig.clock.settle()
    band = rig.screen.band
    assert advice in f"{band.sentence} {band.detail}"
    assert rig.screen.lines[0].decided == ""


async def test_an_item_scan_ticks_its_line_and_one_too_many_is_extra(rigs: list[BenchRig]) -> None:
    line = a_line("501", barcode="0912345678905", sku="FD-1")
    rig = await a_rig(rigs, a_return("91000123", parcels=(a_parcel(UPS),), lines=(line,)))
    screen = await rig.scan(UPS, "912345678905")
    assert screen.lines[0].seen.startswith("✓")
    screen = await rig.scan("0912345678905")
    assert screen.band.word == "Extra"
    screen = await rig.press("grade_a")
    assert screen.plan is not None
    assert "extra item" in screen.plan.sentence


async def test_what_was_seen_stays_on_screen_when_it_is_settled_until_that_is_undone(
    rigs: list[BenchRig],
) -> None:
    line = a_line("501", barcode="0912345678905")
    other = a_return("91000124", order_name="#20418", parcels=(a_parcel(OTHER_UPS),), lines=lines(1))
    rig = await a_rig(rigs, a_return("91000123", parcels=(a_parcel(UPS),), lines=(line,)), other)
    before = (await rig.scan(UPS, "0912345678905")).lines[0].seen
    assert before.startswith("✓")
    screen = await rig.press("grade_a", "confirm")
    assert screen.band.signal is Signal.KEPT
    assert screen.lines[0].seen == before
    await rig.scan(OTHER_UPS)
    assert (await rig.scan(UPS)).lines[0].seen == before
    screen = await rig.press("undo")
    assert screen.lines[0].seen == before


async def test_missing_with_a_refund_is_removed_and_the_sentence_says_the_sum(rigs: list[BenchRig]) -> None:
    three = tuple(a_line(str(501 + n), refund=Money(Decimal("49.34"), "USD")) for n in range(3))
    ret = a_return("91000123", outcome=Outcome.REFUND, parcels=(a_parcel(UPS),), lines=three)
    rig = await a_rig(rigs, ret)
    await rig.scan(UPS)
    screen = await rig.press("grade_a", "grade_missing", "grade_a")
    assert screen.plan is not None
    assert screen.plan.sentence.startswith("Remove 1 missing line and process the rest.")
    assert "cannot be undone" in texts(screen.plan.steps)
    await rig.press("confirm")
    await rig.clock.turn(60.0)
    assert rig.gateway.effects(Kind.REMOVE, "91000123") == 1
    assert rig.gateway.effects(Kind.PROCESS, "91000123") == 0


async def test_missing_with_an_exchange_is_flagged(rigs: list[BenchRig]) -> None:
    ret = a_return("91000123", outcome=Outcome.EXCHANGE, parcels=(a_parcel(UPS),), lines=lines(2))
    rig = await a_rig(rigs, ret)
    await rig.scan(UPS)
    screen = await rig.press("grade_a", "grade_missing")
    assert screen.plan is not None
    assert screen.plan.sentence.startswith("Flag for review")
    await rig.press("confirm")
    await rig.clock.turn(60.0)
    assert rig.gateway.effects(Kind.FLAG, "91000123") == 1
    assert rig.gateway.effects(Kind.REMOVE, "91000123") == 0


async def test_an_empty_box_takes_two_inputs_and_is_flagged(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, a_return("91000123", parcels=(a_parcel(UPS),), lines=lines(2)))
    await rig.scan(UPS)
    await rig.press("empty_box", "confirm")
    await rig.clock.turn(60.0)
    assert rig.gateway.effects(Kind.FLAG, "91000123") == 1
    assert rig.gateway.effects(Kind.REMOVE, "91000123") == 0


async def test_flagging_asks_for_a_reason_and_a_scanned_template_settles_it(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    screen = await rig.press("flag")
    assert screen.prompt is not None
    assert screen.prompt.templates
    await rig.scan("LDCMDTEXT1")
    await rig.clock.turn(60.0)
    assert rig.gateway.effects(Kind.FLAG, "91000123") == 1
    assert rig.gateway.effects(Kind.PROCESS, "91000123") == 0


async def test_the_question_why_a_return_is_flagged_names_it(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    screen = await rig.press("flag")
    assert screen.header is not None
    assert screen.prompt is not None
    assert screen.prompt.title == f"Why flag {screen.header.order_name}?"


@pytest.mark.parametrize("act", [("flag", "text_1"), ("wrong_parcel",)])
async def test_a_flag_settled_by_one_press_is_taken_back_in_two_steps(
    rigs: list[BenchRig], act: tuple[str, ...]
) -> None:
    rig = await a_rig(rigs, a_return("91000123", parcels=(a_parcel(UPS),), lines=lines(2)))
    await rig.scan(UPS)
    screen = await rig.press(*act)
    assert (screen.band.progress, screen.band.progress_detail) == ("0 of 2", "2 lines left undecided")
    screen = await rig.press("undo")
    assert screen.plan is not None
    assert screen.plan.sentence.startswith("Flag for review")
    assert screen.band.undo, "the flag itself can still be taken back"
    screen = await rig.press("undo")
    assert screen.plan is not None
    assert screen.plan.sentence == "Decide 2 more lines."
    assert not screen.band.undo
    await rig.clock.turn(60.0)
    assert rig.gateway.effects(Kind.FLAG, "91000123") == 0


async def test_a_return_that_was_flagged_undecided_is_never_said_to_be_decided(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, a_return("91000123", parcels=(a_parcel(UPS),), lines=lines(2)))
    await rig.scan(UPS)
    await rig.press("grade_a", "flag", "text_1")
    await rig.clock.turn(60.0)
    assert rig.gateway.effects(Kind.FLAG, "91000123") == 1
    screen = await rig.scan(UPS)
    assert (screen.band.progress, screen.band.progress_detail) == ("1 of 2", "1 line left undecided")


async def test_an_empty_reason_is_not_accepted(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    await rig.press("flag")
    rig.bench.answer("  ")
    await rig.clock.settle()
    assert rig.screen.band.signal is Signal.BLOCKED
    assert rig.screen.prompt is not None


@pytest.mark.parametrize("state", [ReturnState.CLOSED, ReturnState.EXPIRED, ReturnState.CANCELLED])
async def test_a_flag_that_loop_would_refuse_is_not_asked_about(
    rigs: list[BenchRig], state: ReturnState
) -> None:
    rig = await a_rig(rigs, single(state=state, state_raw=state.value))
    await rig.scan(UPS)
    await rig.press("grade_a")
    screen = await rig.press("flag")
    assert screen.prompt is None
    assert screen.band.signal is Signal.BLOCKED
    await rig.clock.turn(60.0)
    assert await rig.store.outbox.entries() == ()


@pytest.mark.parametrize("state", [ReturnState.CLOSED, ReturnState.EXPIRED, ReturnState.REVIEW])
async def test_a_return_that_is_not_open_takes_grades_only(rigs: list[BenchRig], state: ReturnState) -> None:
    rig = await a_rig(rigs, single(state=state, state_raw=state.value))
    await rig.scan(UPS)
    screen = await rig.press("grade_a")
    assert screen.plan is not None
    assert "Only the grades are sent" in screen.plan.sentence
    assert screen.plan.choices == ()
    await rig.press("confirm")
    await rig.clock.turn(60.0)
    assert rig.gateway.effects(Kind.GRADE, "91000123") == 1
    assert rig.gateway.finalized("91000123") == 0


async def test_a_cancelled_return_is_set_aside_with_a_note(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single(state=ReturnState.CANCELLED, state_raw="cancelled"))
    screen = await rig.scan(UPS)
    assert "Cancelled by the shop" in texts(screen.header.warnings if screen.header else ())
    await rig.press("confirm")
    await rig.clock.turn(60.0)
    assert rig.gateway.effects(Kind.NOTE, "91000123") == 1
    assert rig.gateway.seen(Kind.GRADE) == 0


async def test_a_state_nobody_knows_blocks_settling(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single(state=ReturnState.UNKNOWN, state_raw="melted"))
    await rig.scan(UPS)
    screen = await rig.press("grade_a", "confirm")
    assert screen.band.signal is Signal.BLOCKED
    assert await rig.store.outbox.lane("91000123") == ()


async def test_nothing_undecided_is_settled_by_default(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, a_return("91000123", parcels=(a_parcel(UPS),), lines=lines(3)))
    await rig.scan(UPS)
    screen = await rig.press("grade_a", "confirm")
    assert screen.band.signal is Signal.BLOCKED
    assert screen.plan is not None
    assert screen.plan.sentence == "Decide 2 more lines."
    assert await rig.store.outbox.lane("91000123") == ()


async def test_keep_lines_are_not_to_be_decided(rigs: list[BenchRig]) -> None:
    kept = a_line("502", outcome=LineOutcome.KEEP, outcome_raw="keep")
    rig = await a_rig(rigs, a_return("91000123", parcels=(a_parcel(UPS),), lines=(a_line("501"), kept)))
    screen = await rig.scan(UPS)
    assert [line.is_expected for line in screen.lines] == [True, False]
    screen = await rig.press("grade_a")
    assert screen.plan is not None
    assert screen.plan.button.enabled


async def test_all_undecided_lines_are_graded_at_once(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, a_return("91000123", parcels=(a_parcel(UPS),), lines=lines(5)))
    await rig.scan(UPS)
    screen = await rig.press("select_all")
    assert all(line.is_marked for line in screen.lines)
    screen = await rig.press("grade_b")
    assert [line.decided for line in screen.lines] == ["B"] * 5


async def test_another_disposition_than_the_suggested_one_is_kept(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    screen = await rig.press("grade_a", "disposition_recycle")
    assert screen.lines[0].decided_detail.lower() == "recycle"


@pytest.mark.fault(34, 98)
async def test_several_returns_of_one_number_are_offered_and_chosen_by_gun(rigs: list[BenchRig]) -> None:
    one = a_return("91000123", order_name="#1", parcels=(a_parcel(UPS),), lines=lines(1))
    two = a_return("91000124", order_name="#2", parcels=(a_parcel(UPS),), lines=lines(1, 77))
    rig = await a_rig(rigs, one, two)
    screen = await rig.scan(UPS)
    asked = screen.prompt
    assert asked is not None
    assert set(asked.templates) == {"#1 · RMA 91000123", "#2 · RMA 91000124"}
    assert all("Linen shirt" in detail for detail in asked.details), "what is in the box tells them apart"
    second = asked.templates[1].split()[-1]
    screen = await rig.scan("LDCMDNEXT", "LDCMDCONFIRM")
    assert screen.header is not None
    assert screen.header.return_id == second


async def test_an_unknown_number_is_asked_at_loop_and_then_kept_as_a_mystery(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs)
    screen = await rig.scan(UPS)
    assert screen.band.signal is Signal.UNKNOWN
    assert screen.prompt is not None
    assert screen.prompt.kind == "mystery"
    assert UPS in screen.prompt.hint
    screen = await rig.scan("42090210")
    assert "postcode" in screen.band.sentence
    assert screen.prompt is not None
    assert UPS in screen.prompt.hint, "the question says which code it is about"
    assert not screen.prompt.is_hint_told, "the band speaks of something else"
    screen = await rig.scan("LDCMDCONFIRM")
    assert (screen.band.signal, screen.band.word) == (Signal.MYSTERY, "1"), "the number is the big word"
    assert [x.code for x in await rig.store.mysteries.open()] == [UPS]


async def test_a_return_loop_knows_and_this_station_does_not_is_fetched(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single(), known=False)
    screen = await rig.scan("91000123")
    assert screen.header is not None
    assert screen.header.order_name == "#20417"


async def test_a_wrong_barcode_has_its_own_hint(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs)
    screen = await rig.scan("42010001")
    assert screen.band.signal is Signal.UNKNOWN
    assert "postcode" in screen.band.sentence.lower()
    assert rig.gateway.requests == []


@pytest.mark.fault(93)
async def test_a_wrong_keyboard_is_named_only_when_what_it_made_of_a_code_leads_nowhere(
    rigs: list[BenchRig],
) -> None:
    rig = await a_rig(rigs, a_return("91000123", order_name="EX-51164", parcels=(a_parcel(UPS),)))
    screen = await rig.scan("EXß51165")
    assert screen.band.signal is Signal.UNKNOWN
    assert "keyboard" in screen.band.sentence
    assert rig.gateway.requests == []
    screen = await rig.scan("EXß51164")
    assert screen.header is not None
    assert screen.header.order_name == "EX-51164"
    assert "keyboard" not in screen.band.sentence


@pytest.mark.fault(103)
async def test_foreign_text_stays_text(rigs: list[BenchRig]) -> None:
    evil = "<img src=x> {operator} {0}"
    ret = a_return("91000123", order_name=evil, parcels=(a_parcel(UPS),), lines=(a_line("501", title=evil),))
    rig = await a_rig(rigs, ret)
    screen = await rig.scan(UPS)
    assert screen.lines[0].title.startswith(evil)
    assert screen.header is not None
    assert screen.header.order_name == evil


@pytest.mark.fault(132)
async def test_confirming_twice_keeps_one_settlement(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm", "confirm")
    lane = await rig.store.outbox.lane("91000123")
    assert [entry.kind for entry in lane].count(Kind.PROCESS) == 1


async def test_a_photo_needs_a_grade_first(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    await rig.press("photo")
    rig.bench.answer("/tmp/x.jpg")
    await rig.clock.settle()
    assert rig.screen.band.signal is Signal.BLOCKED
    await rig.press("dismiss", "grade_a", "previous_line", "photo")
    rig.bench.answer("/tmp/x.jpg")
    await rig.clock.settle()
    assert rig.screen.lines[0].photos == 1
    assert rig.screen.item is not None
    assert [path.startswith("/photos/") for path in rig.screen.item.photos] == [True]


async def test_a_wrong_parcel_is_flagged_in_two_inputs_with_nothing_graded(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, a_return("91000123", parcels=(a_parcel(UPS),), lines=lines(2)))
    await rig.scan(UPS)
    screen = await rig.press("flag")
    assert screen.prompt is not None
    place = next(n for n, text in enumerate(screen.prompt.templates) if text.startswith("Wrong parcel"))
    rig.bench.choose_template(place)
    await rig.clock.turn(60.0)
    assert rig.gateway.effects(Kind.FLAG, "91000123") == 1
    assert rig.gateway.effects(Kind.NOTE, "91000123") == 1
    assert rig.gateway.seen(Kind.GRADE) == 0


async def test_a_damaged_item_asks_for_a_photo_and_does_not_wait_for_it(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    screen = await rig.press("grade_d")
    assert screen.plan is not None
    assert "A photo is wanted" in texts(screen.plan.steps)
    assert screen.plan.button.enabled


async def test_a_return_that_took_grades_only_is_settled_and_shows_what_was_sent(
    rigs: list[BenchRig],
) -> None:
    graded = a_line("1", condition=HeldCondition("grade_b", "", "", "", None))
    ret = a_return(
        "91000123",
        parcels=(a_parcel(UPS),),
        lines=(graded,),
        state=ReturnState.CLOSED,
        state_raw="closed",
    )
    rig = await a_rig(rigs, ret)
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm")
    await rig.clock.turn(60.0)
    assert rig.screen.band.signal is Signal.DONE
    assert (rig.screen.lines[0].decided, rig.screen.lines[0].decided_detail) == ("A", "Confirmed by Loop")
    assert rig.screen.plan is not None
    assert rig.screen.plan.sentence == "Settled. Scan the next parcel."
    kept = len(await rig.store.outbox.lane("91000123"))
    screen = await rig.press("confirm")
    assert (screen.band.word, screen.band.sentence) == (
        "Nothing to confirm",
        "Settled. Scan the next parcel.",
    )
    assert len(await rig.store.outbox.lane("91000123")) == kept
    screen = await rig.press("grade_c")
    assert screen.band.sentence == "Select a line first."


async def test_what_is_done_on_a_persons_word_is_never_called_confirmed(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single(state=ReturnState.CLOSED, state_raw="closed"))
    rig.gateway.plant("grade", refused("No."))
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm")
    await rig.clock.turn(60.0)
    (grade,) = (x for x in await rig.store.outbox.lane("91000123") if x.kind is Kind.GRADE)
    assert grade.stage is Stage.PARKED
    await rig.attention.it_is_done([grade.entry_id], Operator(name="Lea"))
    await rig.clock.turn(60.0)
    assert rig.screen.band.signal is Signal.KEPT
    assert "a person’s word" in rig.screen.band.sentence
    assert rig.screen.lines[0].decided_detail == "Done on a person’s word"


async def test_what_loop_holds_is_read_again_after_grades_came_true(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single(state=ReturnState.CLOSED, state_raw="closed"))
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm")
    await rig.clock.turn(60.0)
    assert rig.screen.band.signal is Signal.DONE
    assert rig.screen.item is not None
    assert rig.screen.item.held == "at Loop: A, Back to stock"


async def test_a_cancelled_return_is_set_aside_once(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single(state=ReturnState.CANCELLED, state_raw="cancelled"))
    await rig.scan(UPS)
    await rig.press("confirm")
    await rig.clock.turn(60.0)
    assert rig.screen.plan is not None
    assert not rig.screen.plan.button.enabled
    await rig.press("confirm")
    await rig.clock.turn(60.0)
    assert rig.gateway.effects(Kind.NOTE, "91000123") == 1


async def test_an_empty_box_does_not_say_that_its_lines_will_be_removed(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, a_return("91000123", parcels=(a_parcel(UPS),), lines=lines(2)))
    await rig.scan(UPS)
    screen = await rig.press("grade_missing")
    assert screen.lines[0].decided_detail == "will be removed"
    screen = await rig.press("empty_box")
    assert screen.plan is not None
    assert screen.plan.sentence == "Flag for review: the box was empty."
    assert {row.decided_detail for row in screen.lines} == {"not in the parcel"}


@pytest.mark.parametrize("asks", ["note", "extra_item", "photo"])
async def test_a_kept_return_asks_for_nothing_more_and_the_next_label_opens(
    rigs: list[BenchRig], asks: str
) -> None:
    other = a_return("91000124", order_name="#20418", parcels=(a_parcel(OTHER_UPS),), lines=lines(1))
    rig = await a_rig(rigs, single(), other)
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm")
    screen = await rig.press(asks)
    assert screen.prompt is None
    assert screen.band.signal is Signal.BLOCKED
    rig.bench.edit_prompt("typed for nothing")
    screen = await rig.scan(OTHER_UPS)
    assert screen.title == "#20418 · 91000124 — loopdesk"


@pytest.mark.parametrize(
    ("command", "signal", "word"),
    [("note", Signal.DECIDED, "Noted"), ("extra_item", Signal.EXCEPTION, "Extra")],
)
async def test_what_was_written_is_said_back(
    rigs: list[BenchRig], command: str, signal: Signal, word: str
) -> None:
    rig = await a_rig(rigs, single())
    await rig.scan(UPS)
    screen = await rig.press("disposition_hold")
    assert screen.band.signal is Signal.BLOCKED
    await rig.press(command)
    rig.bench.answer("blue cap")
    await rig.clock.settle()
    band = rig.screen.band
    assert (band.signal, band.word, band.detail) == (signal, word, "blue cap")


async def test_a_code_can_be_typed_with_nothing_open(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    assert [button.command for button in rig.screen.commands] == ["type_code", "mystery"]
    screen = await rig.press("type_code")
    assert screen.prompt is not None


async def test_dismiss_closes_the_message(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single())
    screen = await rig.press("undo", "dismiss")
    assert (screen.band.signal, screen.band.sentence) == (Signal.READY, "Scan a label.")
    await rig.scan(UPS)
    screen = await rig.press("confirm")
    assert screen.band.signal is Signal.BLOCKED
    screen = await rig.press("dismiss")
    assert screen.band.signal is Signal.FOUND


async def test_the_parcel_in_the_hands_is_not_said_to_be_on_its_way(rigs: list[BenchRig]) -> None:
    parcels = (a_parcel(UPS, status="in_transit"), a_parcel(OTHER_UPS, status="in_transit"))
    rig = await a_rig(rigs, a_return("91000123", parcels=parcels, lines=lines(2)))
    screen = await rig.scan(UPS)
    assert screen.header is not None
    assert screen.header.warnings == (f"Not seen here yet: UPS {OTHER_UPS} (on its way).",)


async def test_a_line_whose_grade_loop_refused_is_not_called_confirmed(rigs: list[BenchRig]) -> None:
    rig = await a_rig(rigs, single(state=ReturnState.CLOSED, state_raw="closed"))
    rig.gateway.plant("grade", refused("No such grade.", http_status=422))
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm")
    await rig.clock.turn(60.0)
    assert rig.screen.lines[0].decided_detail == "Needs you"


async def test_of_two_parcels_the_scanned_one_is_noted_as_seen(rigs: list[BenchRig]) -> None:
    parcels = (a_parcel(UPS), a_parcel(OTHER_UPS, status="in_transit"))
    rig = await a_rig(rigs, a_return("91000123", parcels=parcels, lines=lines(2)))
    await rig.scan(UPS)
    found = await rig.store.arrivals.arrivals(AT - timedelta(days=1))
    assert {x.tracking_number: x.seen_at is not None for x in found} == {UPS: True, OTHER_UPS: False}
