"""What acts at the bench and when: only codes with letters, only what was seen, and once per press."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from loopdesk.domain.errors import HubUnreachable, Unreachable
from loopdesk.domain.labels.command_codes import letters
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Stage
from loopdesk.domain.returns.grading import Grade
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.presenters.commands import COMMANDS, Command
from loopdesk.presenters.screens.window import Signal
from loopdesk.services.bench.intake import MOST_WRONG
from loopdesk.services.station.events import ScanKept
from tests.bench_rig import SECRET, BenchRig, issued
from tests.builders import a_fetched, a_line, a_parcel, a_return, lines
from tests.fakes.gateway import Fault

UPS, OTHER_UPS, UNKNOWN = "1Z999AA10123456784", "1Z12345E0205271688", "1Z999AA10987654329"
EAN = "0036000291452"
FIRST, SECOND = "91000123", "91000124"
VIEWS = ("queue", "attention", "mystery", "search", "arrivals", "health", "settings")


@pytest.fixture
async def rig() -> AsyncIterator[BenchRig]:
    made = BenchRig(
        a_return(FIRST, order_name="#20417", parcels=(a_parcel(UPS),), lines=lines(1)),
        a_return(SECOND, order_name="#20418", parcels=(a_parcel(OTHER_UPS),), lines=lines(2, 77)),
    )
    yield await made.open()
    await made.close()


def go_offline(rig: BenchRig, failure: Unreachable | None = None) -> None:
    """Lose the network: report an answer that never came."""
    failure = failure or Unreachable("no route")
    for call in ("probe", "details", "list", "notes"):
        rig.gateway.plant(call, *[Fault(failure, arrives=False)] * 1000)
    rig.connection.on_exchange(failure)


# --- codes ----------------------------------------------------------------------------------------------


@pytest.mark.fault(149)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
async def test_the_bare_word_is_answered_and_never_acts(rig: BenchRig, command: Command) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a")
    before = rig.screen
    rig.receive(command.code)
    await rig.clock.settle()
    assert rig.screen.band.word == "No effect"
    assert "Print this station's sheet" in rig.screen.band.sentence
    assert (rig.screen.lines, rig.screen.prompt, rig.screen.title) == (
        before.lines,
        before.prompt,
        before.title,
    )
    assert await rig.store.outbox.entries() == ()


@pytest.mark.fault(149)
async def test_letters_of_commands_and_badges_are_kept_nowhere(rig: BenchRig) -> None:
    heard: list[str] = []
    rig.feed.on(ScanKept, lambda event: heard.append(event.scan.raw))
    await rig.scan(UPS)
    own = letters("LDCMDGRADEA", SECRET)
    for raw in (issued("LDCMDGRADEA"), f"LDCMDGRADEA{own}X", f"XLDCMDGRADEA{own}", f"GRADEA{own}", own):
        await rig.scan(raw)
    await rig.scan("LDBADGESECRETLETTERSOFKIM", "LDCMDCONFIRMAAAAA")
    said = [str(screen) for screen in rig.screens]
    kept = [json.dumps(row.detail, ensure_ascii=False) for row in await rig.store.audit.rows("scan")]
    for text in (*heard, *said, *kept, *(x.code for x in await rig.store.mysteries.all())):
        assert own not in text
        assert "SECRETLETTERS" not in text
        assert "AAAAA" not in text
    assert "LDCMDGRADEA•••••" in heard
    assert UPS in heard
    assert rig.screen.lines[0].decided == "A", "the right one acted"


async def test_a_note_with_a_command_code_in_it_is_refused(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("note")
    rig.bench.answer(f"worn {issued('LDCMDCONFIRM')}")
    await rig.clock.settle()
    assert rig.screen.band.sentence == "That is a command code, not words. Take it out."
    rig.bench.edit_prompt(f"worn {issued('LDCMDCONFIRM')}")
    await rig.scan(OTHER_UPS)
    assert (await rig.store.drafts.get(FIRST)).notes == ("LDCMDCONFIRM•••••",)


@pytest.mark.fault(149)
async def test_who_guesses_letters_is_slowed_and_it_is_said(rig: BenchRig) -> None:
    await rig.scan(UPS)
    for _ in range(MOST_WRONG):
        rig.receive("LDCMDCONFIRMAAAAA")
    await rig.clock.settle()
    assert "letters are not this station's" in rig.screen.band.sentence
    rig.receive(issued("LDCMDGRADEA"))
    await rig.clock.settle()
    assert "Too many wrong codes" in rig.screen.band.sentence
    assert rig.screen.lines[0].decided == ""
    screen = await rig.press("grade_b")
    assert screen.lines[0].decided == "B", "keys go on working"
    await rig.clock.turn(60.0)
    screen = await rig.scan("LDCMDGRADEA")
    assert screen.lines[0].decided == "A"


# --- a scan throws nothing away -------------------------------------------------------------------------


@pytest.mark.fault(153)
@pytest.mark.expects_log("breaker_opened")
@pytest.mark.parametrize("code", [EAN, UNKNOWN, "NOBODY-KNOWS"])
@pytest.mark.parametrize("is_online", [True, False])
@pytest.mark.parametrize("answer", ["text_1", "text_2", "text_3"])
async def test_what_is_not_on_the_return_leaves_it_open_and_is_one_of_three(
    rig: BenchRig, code: str, is_online: bool, answer: str
) -> None:
    if not is_online:
        go_offline(rig)
    await rig.scan(UPS)
    screen = await rig.scan(code)
    assert screen.title.startswith("#20417")
    assert screen.prompt is not None
    assert screen.prompt.templates == ("Extra item", "Wrong item", "Another parcel")
    assert screen.band.word == "Not on this return"
    screen = await rig.press(answer)
    assert screen.prompt is None
    draft, mysteries = await rig.store.drafts.get(FIRST), await rig.store.mysteries.all()
    match answer:
        case "text_1":
            assert [extra.code for extra in draft.extras] == [code]
        case "text_2":
            (found,), (came,) = draft.inspections, draft.extras
            assert (found.grade, came.code, came.instead_of) == (Grade.WRONG, code, found.line_item_id)
        case _:
            assert [x.code for x in mysteries] == [code]
            assert screen.header is None
            assert [link.return_id for link in screen.parked] == [FIRST]
    assert (answer == "text_3") or (screen.title.startswith("#20417") and mysteries == ())


@pytest.mark.fault(153)
async def test_neither_confirm_nor_words_answer_the_question(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a")
    await rig.scan(EAN)
    screen = await rig.press("confirm")
    assert screen.band.signal is Signal.BLOCKED
    assert screen.prompt is not None
    rig.bench.answer("1")
    await rig.clock.settle()
    assert rig.screen.prompt is not None
    assert await rig.store.outbox.entries() == ()
    screen = await rig.press("dismiss")
    assert screen.prompt is None
    assert screen.lines[0].decided == "A"


@pytest.mark.fault(153)
async def test_the_label_of_another_known_return_puts_the_open_one_aside_graded_or_not(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.scan(OTHER_UPS)
    await rig.press("grade_b")
    screen = await rig.press("park")
    assert {link.return_id for link in screen.parked} == {FIRST, SECOND}


@pytest.mark.fault(153)
async def test_loops_late_answer_opens_nothing_under_the_operators_hands() -> None:
    rig = BenchRig(a_return(FIRST, order_name="#20417", parcels=(a_parcel(UPS),), lines=lines(1)))
    await rig.open()
    try:
        rig.gateway.add(a_return("91000200", order_name="#30000", lines=lines(1, 88)))
        await rig.scan(UPS)
        gate = rig.gateway.hold("details")
        rig.receive("91000200")
        await rig.clock.settle()
        await rig.press("grade_a")
        gate.set()
        await rig.clock.settle()
        assert rig.screen.title.startswith("#20417")
        assert rig.screen.prompt is None
        assert rig.screen.band.word == "Scan again"
        assert "#30000" in rig.screen.band.sentence
    finally:
        await rig.close()


# --- only what was seen ---------------------------------------------------------------------------------


async def test_confirming_half_a_second_after_the_return_came_is_refused_and_said(rig: BenchRig) -> None:
    rig.receive(UPS)
    await rig.clock.settle()
    for command in ("grade_a", "confirm"):
        rig.bench.command(command)
    await rig.clock.settle()
    assert "too short" in rig.screen.band.sentence
    assert await rig.store.outbox.entries() == ()
    assert rig.screen.lines[0].decided == "A", "what was decided stays"
    await rig.clock.turn(0.5)
    rig.bench.command("confirm")
    await rig.clock.settle()
    assert rig.screen.band.signal is Signal.KEPT


@pytest.mark.fault(154)
@pytest.mark.parametrize(("view", "how"), [*((view, "scan") for view in VIEWS), ("queue", "press")])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
async def test_a_command_on_another_view_brings_the_bench_and_settles_nothing(
    rig: BenchRig, view: str, command: Command, how: str
) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a")
    await rig.clock.turn(5.0)
    rig.show_view(view)
    if how == "scan":
        rig.receive(issued(command.code))
    else:
        rig.bench.command(command.id)
    await rig.clock.settle()
    assert rig.shown_view() == ("finished" if command.id == "finished" else "bench")
    assert await rig.store.outbox.entries() == ()


@pytest.mark.parametrize(
    ("asked", "needed"),
    [
        ("note", "Say it in a few words, or cancel."),
        ("extra_item", "Say it in a few words, or cancel."),
        ("photo", "Drop, paste or choose a picture, or cancel."),
        ("type_code", "Type what stands on the label, or cancel."),
    ],
)
async def test_an_empty_answer_is_told_what_the_question_needs(
    rig: BenchRig, asked: str, needed: str
) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a", asked)
    rig.bench.answer("")
    await rig.clock.settle()
    assert rig.screen.band.sentence == needed
    assert rig.screen.prompt is not None, "it stays open"


@pytest.mark.parametrize("view", ["bench", *VIEWS])
async def test_the_band_names_what_was_finished_last_only_while_it_is_shown(rig: BenchRig, view: str) -> None:
    await rig.scan(UPS)
    graded = await rig.press("grade_a")
    await rig.press("finished")
    again = await rig.press("finished")
    assert (again.band.word, rig.shown_view()) == ("Last finished", "finished")
    sounds, serial = len(rig.sounds), again.band.serial
    rig.show_view(view)
    await rig.clock.settle()
    assert replace(rig.screen.band, serial=0) == replace(graded.band, serial=0)
    assert (len(rig.sounds), rig.screen.band.serial) == (sounds, serial), "it is nothing new"


async def test_what_happened_behind_what_was_finished_last_is_said_beside_the_next_view(
    rig: BenchRig,
) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a")
    kept = await rig.press("confirm")
    await rig.press("finished")
    await rig.clock.turn(8.5)
    rig.show_view("queue")
    await rig.clock.settle()
    assert rig.screen.band.signal is not Signal.SELECTED
    assert rig.screen.band.sentence != kept.band.sentence, "it says how far it has come"


@pytest.mark.fault(154)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
async def test_no_command_acts_before_what_comes_first_is_finished(rig: BenchRig, command: Command) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a")
    rig.is_before_the_bench = True
    before = await rig.store.drafts.get("91000123")
    rig.bench.command(command.id)
    rig.receive(issued(command.code))
    await rig.clock.settle()
    assert await rig.store.outbox.entries() == ()
    assert await rig.store.drafts.get("91000123") == before
    assert rig.bench.state.on_bench is not None


@pytest.mark.fault(154)
async def test_confirming_counts_once_the_bench_is_in_sight_again(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a")
    rig.show_view("queue")
    screen = await rig.press("confirm")
    assert screen.band.word == "Look first"
    rig.bench.command("confirm")
    await rig.clock.settle()
    assert await rig.store.outbox.entries() == (), "it came too soon to have been looked at"
    await rig.clock.turn(0.6)
    screen = await rig.press("confirm")
    assert screen.band.signal is Signal.KEPT


# --- once for one press ---------------------------------------------------------------------------------


@pytest.mark.fault(155)
@pytest.mark.parametrize("apart", [0.06, 0.15, 0.25, 0.4])
@pytest.mark.parametrize("second", ["confirm", "undo"])
async def test_a_double_press_of_confirm_is_one_settlement_and_it_is_kept(
    rig: BenchRig, apart: float, second: str
) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a")
    for command in ("confirm", second, second):
        rig.bench.command(command)
        await rig.clock.settle()
        await rig.clock.turn(apart)
    assert rig.screen.band.signal is Signal.KEPT
    assert {x.stage for x in await rig.store.outbox.lane(FIRST)} == {Stage.HELD}
    await rig.clock.turn(30.0)
    assert rig.gateway.effects(Kind.PROCESS, FIRST) == 1


@pytest.mark.fault(155)
async def test_a_double_press_of_undo_takes_back_one_thing(rig: BenchRig) -> None:
    await rig.scan(OTHER_UPS)
    await rig.press("grade_a", "grade_b")
    for _ in range(3):
        rig.bench.command("undo")
        await rig.clock.settle()
        await rig.clock.turn(0.2)
    assert [line.decided for line in rig.screen.lines] == ["A", ""]


async def test_taken_back_is_never_green_and_names_its_return(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm")
    assert rig.screen.band.undo == "#20417"
    await rig.scan(OTHER_UPS)
    assert rig.screen.band.undo == "#20417", "undo says which return it is about, whatever is open"
    screen = await rig.press("undo")
    assert screen.band.signal is Signal.TAKEN_BACK
    assert "#20417" in screen.band.sentence


@pytest.mark.expects_log("breaker_opened")
async def test_what_waits_offline_can_be_undone_as_long_as_it_was_not_sent(rig: BenchRig) -> None:
    go_offline(rig)
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm")
    await rig.clock.turn(3600.0)
    screen = await rig.scan(OTHER_UPS)
    assert screen.band.countdown is None
    assert screen.band.undo == "#20417"
    screen = await rig.press("undo")
    assert screen.band.signal is Signal.TAKEN_BACK
    assert screen.title.startswith("#20417")
    assert {x.stage for x in await rig.store.outbox.lane(FIRST)} == {Stage.WITHDRAWN}
    assert screen.lines[0].decided == "A"


async def test_the_rest_is_grade_a(rig: BenchRig) -> None:
    await rig.scan(OTHER_UPS)
    await rig.press("grade_c")
    screen = await rig.scan("LDCMDRESTA")
    assert [line.decided for line in screen.lines] == ["C", "A"]
    screen = await rig.press("rest_a")
    assert screen.band.sentence == "Every line is decided."


async def test_an_items_scan_takes_the_question_away(rig: BenchRig) -> None:
    rig.gateway.change(FIRST, lines=(a_line("501", barcode="0912345678905"),))
    await rig.scan(UPS, EAN)
    assert rig.screen.prompt is not None
    screen = await rig.scan("0912345678905")
    assert screen.prompt is None
    assert screen.band.word == "Present"


# --- an answer for every act ----------------------------------------------------------------------------


async def test_every_decision_is_answered_by_its_own_word_its_line_and_what_is_next(rig: BenchRig) -> None:
    await rig.scan(OTHER_UPS)
    first, second = (line.title for line in rig.screen.lines)
    band = (await rig.press("grade_a")).band
    assert (band.signal, band.word) == (Signal.DECIDED, "As new")
    assert band.sentence == f"{first} → Back to stock"
    assert band.detail == f"Next: {second}"
    band = (await rig.press("grade_missing")).band
    assert (band.signal, band.word) == (Signal.EXCEPTION, "Missing"), "what is removed is never green"
    assert (band.sentence, band.detail) == (second, "All lines are decided.")
    await rig.scan("LDCMDPREV")
    band = (await rig.press("disposition_hold")).band
    assert (band.signal, band.word, band.sentence) == (Signal.DECIDED, "Hold for resale", first)


async def test_a_long_meaning_of_a_letter_stands_beside_it_so_that_the_letter_stays_big(
    rig: BenchRig,
) -> None:
    await rig.scan(UPS)
    band = (await rig.press("grade_c")).band
    assert (band.word, band.letter) == ("Grade C", "C")
    assert band.detail == "Worn or repackaging needed · All lines are decided."


async def test_a_grade_that_goes_to_review_is_not_green(rig: BenchRig) -> None:
    await rig.scan(UPS)
    for command, word in (("grade_d", "Damaged"), ("grade_wrong", "Wrong item"), ("grade_junk", "Junk")):
        band = (await rig.press(command)).band
        assert (band.signal, band.word) == (Signal.EXCEPTION, word)


async def test_selecting_all_says_how_many(rig: BenchRig) -> None:
    await rig.scan(OTHER_UPS)
    band = (await rig.press("select_all")).band
    assert band.word == "2 lines"
    band = (await rig.press("grade_b")).band
    assert band.sentence == "2 lines → Back to stock"


async def test_grades_are_not_offered_while_their_digits_answer_a_question(rig: BenchRig) -> None:
    await rig.scan(UPS, EAN)
    assert rig.screen.prompt is not None
    assert rig.screen.item is not None
    assert rig.screen.item.grades
    assert not any(button.enabled for button in rig.screen.item.grades)
    screen = await rig.press("dismiss")
    assert screen.item is not None
    assert all(button.enabled for button in screen.item.grades)


async def test_what_comes_after_a_kept_return_is_another_parcel(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm")
    await rig.clock.turn(2.0)
    screen = await rig.scan(UNKNOWN)
    assert screen.prompt is not None
    assert screen.prompt.kind == "mystery", "nothing more can be entered for what was kept"
    assert screen.band.undo == "#20417"


async def test_confirming_what_was_confirmed_says_where_its_settlement_is_and_blocks_nothing(
    rig: BenchRig,
) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm")
    await rig.clock.turn(2.0)
    screen = await rig.press("confirm")
    assert screen.band.sentence == "It is kept already and goes to Loop by itself."
    await rig.clock.turn(20.0)
    screen = await rig.press("confirm")
    assert screen.plan is not None
    assert (screen.band.signal, screen.band.word) == (Signal.SETTLED, "Nothing to confirm")
    assert screen.band.sentence == screen.plan.sentence == "Settled. Scan the next parcel."


@pytest.mark.expects_log("breaker_opened")
@pytest.mark.parametrize(("failure", "whose"), [(Unreachable(), "network"), (HubUnreachable(), "hub")])
async def test_what_is_kept_offline_says_whether_the_network_or_the_hub_is_away(
    rig: BenchRig, failure: Unreachable, whose: str
) -> None:
    go_offline(rig, failure)
    await rig.scan(UPS)
    screen = await rig.press("grade_a", "confirm")
    assert screen.band.sentence == f"Saved on this station. It goes to Loop when the {whose} is back."


@pytest.mark.parametrize("entered", [False, True])
async def test_a_return_that_is_over_at_loop_and_was_only_looked_at_is_not_put_aside(
    rig: BenchRig, *, entered: bool
) -> None:
    over = a_return(
        FIRST, order_name="#20417", state=ReturnState.CLOSED, parcels=(a_parcel(UPS),), lines=lines(1)
    )
    await rig.scan(UPS)
    if entered:
        await rig.press("grade_a")
    await rig.press("park")
    assert [link.return_id for link in rig.screen.parked] == [FIRST]
    await rig.store.returns.save((a_fetched(over),), rig.clock.now())
    rig.bench.command("park")
    await rig.scan(UPS)
    screen = await rig.press("park")
    assert [link.return_id for link in screen.parked] == [FIRST] * entered


async def test_a_kept_return_that_is_put_aside_is_not_promised_to_wait(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm")
    await rig.clock.turn(1.0)
    screen = await rig.press("park")
    assert screen.parked == ()
    assert screen.band.sentence == "Scan a label."
