"""Unplanned orders of events: nothing entered is lost, nothing acts unasked, the band stays true."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from loopdesk.domain.errors import DiskFull
from loopdesk.domain.outbox.stages import Stage
from loopdesk.domain.returns.grading import Grade
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.presenters.screens.returns import QuestionKind
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words.errors import title
from loopdesk.services.ports.store import HeldSettlement
from loopdesk.services.station.events import MysteryMatched, SecondBenchNoticed
from tests.bench_rig import BenchRig, issued
from tests.builders import a_line, a_parcel, a_return, lines

UPS, OTHER_UPS, UNKNOWN = "1Z999AA10123456784", "1Z12345E0205271688", "1Z999AA10987654329"
FIRST, SECOND, AT_LOOP = "91000123", "91000124", "91000200"


@pytest.fixture
async def rig() -> AsyncIterator[BenchRig]:
    made = BenchRig(
        a_return(FIRST, order_name="#20417", parcels=(a_parcel(UPS),), lines=lines(1)),
        a_return(SECOND, order_name="#20418", parcels=(a_parcel(OTHER_UPS),), lines=lines(2, 77)),
    )
    yield await made.open()
    await made.close()


def slowed(rig: BenchRig, work: Callable[..., Awaitable[Any]], seconds: float) -> Callable[..., Any]:
    """Make the store's work take that long."""

    async def slow(*args: Any) -> Any:
        await rig.clock.sleep(seconds)
        return await work(*args)

    return slow


async def full(*_: object) -> None:
    """Make the disk full."""
    raise DiskFull("full")


# --- nothing entered is lost ----------------------------------------------------------------------------


async def test_the_label_of_the_open_return_leaves_its_question_and_the_words_in_it(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("note")
    rig.bench.edit_prompt("Box was wet.")
    screen = await rig.scan(UPS)
    assert screen.prompt is not None
    assert screen.prompt.kind is QuestionKind.NOTE
    await rig.press("confirm")
    assert (await rig.store.drafts.get(FIRST)).notes == ("Box was wet.",)


@pytest.mark.parametrize("asked", ["note", "flag", "extra_item"])
@pytest.mark.parametrize("then", ["note", "flag", "extra_item", "photo", "type_code", "mystery", "scan"])
async def test_words_outlive_the_question_that_they_were_typed_for(
    rig: BenchRig, asked: str, then: str
) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a", asked)
    before = rig.screen.prompt
    rig.bench.edit_prompt("Box was wet.")
    screen = await (rig.scan(OTHER_UPS) if then == "scan" else rig.press(then))
    draft = await rig.store.drafts.get(FIRST)
    if asked == then:
        assert (screen.prompt, draft.notes) == (before, ()), "it is the same question"
    else:
        assert screen.prompt != before
        assert draft.notes == ("Box was wet.",)
    assert (draft.flag_reason, draft.chosen, draft.extras) == ("", "", ()), "nobody decided anything"


@pytest.mark.parametrize("then", ["note", "flag", "extra_item", "photo", "type_code", "mystery"])
async def test_a_label_that_was_asked_about_is_not_forgotten_for_another_question(
    rig: BenchRig, then: str
) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a")
    await rig.scan(UNKNOWN)
    await rig.press(then)
    assert [x.code for x in await rig.store.mysteries.all()] == [UNKNOWN]


@pytest.mark.parametrize("then", ["type_code", "mystery"])
async def test_what_was_told_of_a_mystery_parcel_outlives_its_question(rig: BenchRig, then: str) -> None:
    await rig.scan(UNKNOWN)
    rig.bench.edit_prompt("a red box")
    await rig.press(then)
    assert [(x.code, x.words) for x in await rig.store.mysteries.all()] == [(UNKNOWN, "a red box")]


async def test_a_parcel_without_a_code_is_asked_about_once(rig: BenchRig) -> None:
    await rig.press("mystery")
    rig.bench.edit_prompt("a red box")
    await rig.press("mystery", "confirm")
    assert [(x.code, x.words) for x in await rig.store.mysteries.all()] == [("", "a red box")]


async def test_words_for_a_return_that_takes_no_more_do_not_keep_the_next_one_from_opening(
    rig: BenchRig,
) -> None:
    await rig.scan(UPS)
    await rig.press("note")
    rig.bench.edit_prompt("Box was wet.")
    known = await rig.store.openings.known(FIRST)
    assert known is not None
    await rig.inspection.open(known)
    await rig.inspection.grade(Grade.A, (known.stored.ret.lines[0].line_item_id,))
    await rig.inspection.settle()  # as another window does
    await rig.press("refresh")
    screen = await rig.scan(OTHER_UPS)
    assert screen.title.startswith("#20418")


# --- nothing acts that no person meant ------------------------------------------------------------------


@pytest.mark.fault(155)
async def test_undo_withdraws_what_the_screen_named_or_nothing(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a", "confirm")
    await rig.scan(OTHER_UPS)
    await rig.press("rest_a", "confirm", "park")
    assert rig.screen.band.undo == "#20418"
    unsent = rig.store.outbox.unsent

    async def without_the_second() -> tuple[HeldSettlement, ...]:  # it was sent a moment ago
        return tuple(x for x in await unsent() if x.return_id != SECOND)

    rig.store.outbox.unsent = without_the_second  # type: ignore[method-assign]
    screen = await rig.press("undo")
    assert {x.stage for x in await rig.store.outbox.lane(FIRST)} == {Stage.HELD}
    assert (screen.band.signal, screen.band.undo) == (Signal.BLOCKED, "#20417")
    assert "Too late" in screen.band.sentence
    screen = await rig.press("undo")
    assert screen.band.signal is Signal.TAKEN_BACK, "now it is what the screen names"


@pytest.mark.fault(155)
async def test_two_reads_of_one_pull_are_one_undo_however_long_the_store_takes(rig: BenchRig) -> None:
    for label in (UPS, OTHER_UPS):
        await rig.scan(label)
        await rig.press("rest_a", "confirm")
    await rig.clock.turn(1.0)
    rig.store.openings.take = slowed(rig, rig.store.openings.take, 0.7)  # type: ignore[method-assign]
    for _ in range(2):
        rig.receive(issued("LDCMDUNDO"))
        await rig.clock.turn(0.1)
    await rig.clock.turn(3.0)
    assert {x.stage for x in await rig.store.outbox.lane(SECOND)} == {Stage.WITHDRAWN}
    assert {x.stage for x in await rig.store.outbox.lane(FIRST)} == {Stage.HELD}


@pytest.mark.fault(154)
async def test_what_loop_changed_a_moment_ago_is_not_confirmed_as_seen(rig: BenchRig) -> None:
    async def become(state: ReturnState) -> None:
        rig.gateway.change(FIRST, state=state)
        await rig.lookup.keep((await rig.gateway.details(FIRST),))
        await rig.clock.settle()

    await become(ReturnState.REVIEW)
    await rig.scan(UPS)
    await rig.press("grade_a")
    await rig.clock.turn(3.0)
    assert rig.screen.plan is not None
    assert rig.screen.plan.sentence.startswith("Only the grades are sent.")
    await become(ReturnState.OPEN)
    rig.bench.command("confirm")
    await rig.clock.settle()
    assert await rig.store.outbox.entries() == (), "a person looked at grading, and would have processed"
    assert "too short" in rig.screen.band.sentence
    await rig.press("confirm")
    assert rig.screen.band.signal is Signal.KEPT


async def test_an_answer_takes_no_question_from_under_a_persons_hands(rig: BenchRig) -> None:
    gate = rig.gateway.hold("list")
    rig.receive(UNKNOWN)
    await rig.clock.settle()
    await rig.press("type_code")
    rig.bench.edit_prompt("1164")
    gate.set()
    await rig.clock.turn(5.0)
    assert rig.screen.prompt is not None
    assert rig.screen.prompt.kind is QuestionKind.CODE
    assert [x.code for x in await rig.store.mysteries.all()] == [UNKNOWN], "and no parcel is forgotten"


async def test_an_answer_for_a_bench_that_was_empty_asks_nothing_of_the_return_that_is_open_now(
    rig: BenchRig,
) -> None:
    gate = rig.gateway.hold("list")
    await rig.scan(UNKNOWN, UPS, UNKNOWN)
    gate.set()
    await rig.clock.turn(5.0)
    assert rig.screen.title.startswith("#20417")
    assert rig.screen.prompt is not None
    assert rig.screen.prompt.kind is QuestionKind.STRAY
    assert rig.screen.band.word == "Not on this return"


# --- the band is true -----------------------------------------------------------------------------------


async def test_a_late_answer_to_ask_again_says_nothing_of_what_is_on_the_bench_now(rig: BenchRig) -> None:
    await rig.scan(UPS)
    gate = rig.gateway.hold("details")
    await rig.press("refresh", "park")
    gate.set()
    await rig.clock.settle()
    assert rig.screen.band.word == "Ready"


async def test_a_return_that_loop_found_too_late_is_named(rig: BenchRig) -> None:
    rig.gateway.add(a_return(AT_LOOP, order_name="#30000", lines=(a_line("88"),)))
    gate = rig.gateway.hold("details")
    rig.receive(AT_LOOP)
    await rig.scan(UPS)
    gate.set()
    await rig.clock.settle()
    assert rig.screen.title.startswith("#20417")
    assert rig.screen.band.word == "Scan again"
    assert "#30000" in rig.screen.band.sentence


@pytest.mark.fault(63)
async def test_an_answer_that_cannot_be_kept_is_said_as_what_it_is_and_is_asked_for_again(
    rig: BenchRig,
) -> None:
    rig.gateway.add(a_return(AT_LOOP, order_name="#30000", lines=(a_line("88"),)))
    save, rig.store.returns.save = rig.store.returns.save, full  # type: ignore[assignment, method-assign]
    band = (await rig.scan(AT_LOOP)).band
    assert (band.signal, band.word, band.sentence) == (Signal.BLOCKED, "Not kept", title(DiskFull("full")))
    assert AT_LOOP in band.detail
    assert await rig.store.mysteries.all() == (), "nothing is offline"
    rig.store.returns.save = save  # type: ignore[method-assign]
    assert (await rig.scan(AT_LOOP)).title.startswith("#30000")


@pytest.mark.fault(63)
async def test_a_parcel_is_not_forgotten_when_its_answer_cannot_be_kept_after_the_operator_went_on(
    rig: BenchRig,
) -> None:
    rig.gateway.add(a_return(AT_LOOP, order_name="#30000", lines=(a_line("88"),)))
    rig.store.returns.save = full  # type: ignore[assignment, method-assign]
    gate = rig.gateway.hold("details")
    rig.receive(AT_LOOP)
    await rig.scan(UPS)
    gate.set()
    await rig.clock.settle()
    assert (rig.screen.band.signal, rig.screen.title[:6]) == (Signal.BLOCKED, "#20417")
    assert [x.code for x in await rig.store.mysteries.all()] == [AT_LOOP]


async def test_a_bug_in_a_lookup_is_told_as_a_fault_and_the_code_can_be_scanned_again(rig: BenchRig) -> None:
    rig.gateway.add(a_return(AT_LOOP, order_name="#30000", lines=(a_line("88"),)))
    save = rig.store.returns.save

    async def odd(*_args: object) -> None:
        raise ZeroDivisionError

    rig.store.returns.save = odd  # type: ignore[assignment, method-assign]
    await rig.scan(AT_LOOP)
    assert [type(fault) for fault in rig.faults] == [ZeroDivisionError]
    assert await rig.store.mysteries.all() == ()
    rig.faults.clear()
    rig.store.returns.save = save  # type: ignore[method-assign]
    assert (await rig.scan(AT_LOOP)).title.startswith("#30000")


@pytest.mark.fault(63)
async def test_who_asks_again_hears_that_the_answer_cannot_be_kept(rig: BenchRig) -> None:
    await rig.scan(UPS)
    rig.store.returns.save = full  # type: ignore[assignment, method-assign]
    screen = await rig.press("refresh")
    assert (screen.band.signal, screen.band.word) == (Signal.BLOCKED, "Not kept")


async def test_a_mystery_parcel_is_named_once(rig: BenchRig) -> None:
    for number in (3, 3, 4):
        rig.feed.tell(MysteryMatched(number, UNKNOWN, FIRST, str(number)))
    await rig.clock.settle()
    assert rig.screen.band.sentence.startswith("Mystery parcels 3 and 4 have returns now.")


async def test_what_is_said_beside_a_match_does_not_make_the_next_one_forget_it(rig: BenchRig) -> None:
    rig.feed.tell(MysteryMatched(3, UNKNOWN, FIRST, "3"))
    rig.feed.tell(SecondBenchNoticed("dock 2"))
    rig.feed.tell(MysteryMatched(4, UNKNOWN, FIRST, "4"))
    await rig.clock.settle()
    assert rig.screen.band.sentence.startswith("Mystery parcels 3 and 4 have returns now.")
