"""Whatever the operator does, the band answers: at once that it was taken, then what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from loopdesk.domain.returns.returns import ReturnState
from loopdesk.presenters.commands import COMMANDS
from loopdesk.presenters.screens.window import Signal
from tests.bench_rig import BenchRig
from tests.builders import a_parcel, a_return, lines

LABEL, CLOSED = "1Z999AA10123456784", "9261290336128704062441"

Reach = Callable[[BenchRig], Awaitable[object]]


async def _nothing_open(rig: BenchRig) -> None:
    del rig


async def _open(rig: BenchRig) -> None:
    await rig.scan(LABEL)


async def _one_decided(rig: BenchRig) -> None:
    await _open(rig)
    await rig.press("grade_a")


async def _all_decided(rig: BenchRig) -> None:
    await _open(rig)
    await rig.press("rest_a")


async def _kept(rig: BenchRig) -> None:
    await _all_decided(rig)
    await rig.clock.turn(1.0)
    await rig.press("confirm")


async def _note_asked(rig: BenchRig) -> None:
    await _open(rig)
    await rig.press("note")


async def _stray_asked(rig: BenchRig) -> None:
    await _open(rig)
    await rig.scan("4006381333931")


async def _mystery_asked(rig: BenchRig) -> None:
    await rig.press("mystery")


async def _settled_at_loop(rig: BenchRig) -> None:
    await rig.scan(CLOSED)


STATES: dict[str, Reach] = {
    "nothing open": _nothing_open,
    "open": _open,
    "one decided": _one_decided,
    "all decided": _all_decided,
    "kept": _kept,
    "a note is asked for": _note_asked,
    "a stray code is asked about": _stray_asked,
    "a mystery parcel is asked about": _mystery_asked,
    "settled at Loop": _settled_at_loop,
}


@pytest.fixture
async def rig() -> AsyncIterator[BenchRig]:
    one = a_return("91000123", parcels=(a_parcel(LABEL),), lines=lines(3))
    other = a_return(
        "91000124",
        parcels=(a_parcel(CLOSED),),
        lines=lines(1, 700),
        state=ReturnState.CLOSED,
        state_raw="closed",
    )
    made = await BenchRig(one, other).open(sending=False)
    yield made
    await made.close()


@pytest.mark.parametrize("command", [command.id for command in COMMANDS])
@pytest.mark.parametrize("state", STATES)
async def test_every_command_in_every_state_is_taken_at_once_and_answered(
    rig: BenchRig, state: str, command: str
) -> None:
    await STATES[state](rig)
    await rig.clock.turn(1.0)
    before = rig.screen.band
    rig.bench.command(command)
    taken = rig.screen.band.taken
    await rig.clock.settle()
    after = rig.screen.band
    assert (taken, after.taken) == (True, False), "shown before the loop turns once"
    assert after.serial > before.serial, "the band says it anew"
    assert after.word
    assert rig.sounds, "and it is heard"


@pytest.mark.parametrize("state", STATES)
async def test_every_act_by_touch_is_taken_at_once(rig: BenchRig, state: str) -> None:
    await STATES[state](rig)
    acts: tuple[Callable[[], None], ...] = (
        lambda: rig.bench.select_line(1),
        lambda: rig.bench.show_lines("to_decide"),
        lambda: rig.bench.choose_template(7),
        lambda: rig.bench.answer("words"),
        rig.bench.cancel_prompt,
    )
    for act in acts:
        before = rig.screen.band.serial
        act()
        taken = rig.screen.band.taken
        await rig.clock.settle()
        band = rig.screen.band
        assert (taken, band.taken) == (True, False)
        assert band.serial > before


async def test_what_is_taken_back_is_never_green(rig: BenchRig) -> None:
    await _one_decided(rig)
    assert rig.screen.band.signal is Signal.DECIDED
    band = (await rig.press("undo")).band
    assert (band.signal, band.word) == (Signal.TAKEN_BACK, "Taken back")


@pytest.mark.parametrize(
    ("command", "signal", "word", "letter"),
    [
        ("grade_a", Signal.DECIDED, "As new", "A"),
        ("grade_c", Signal.DECIDED, "Grade C", "C"),
        ("grade_d", Signal.EXCEPTION, "Damaged", "D"),
        ("grade_missing", Signal.EXCEPTION, "Missing", "–"),
        ("note", Signal.ASKED, "Note", ""),
        ("select_all", Signal.SELECTED, "3 lines", ""),
        ("next_line", Signal.SELECTED, "Line 2", ""),
    ],
)
async def test_each_act_has_a_word_a_signal_and_a_letter_of_its_own(
    rig: BenchRig, command: str, signal: Signal, word: str, letter: str
) -> None:
    await _open(rig)
    band = (await rig.press(command)).band
    assert (band.signal, band.word, band.letter) == (signal, word, letter)


async def test_the_progress_is_said_beside_every_answer(rig: BenchRig) -> None:
    await _open(rig)
    assert (rig.screen.band.progress, rig.screen.band.progress_detail) == ("0 of 3", "3 lines to decide")
    band = (await rig.press("grade_a")).band
    assert (band.progress, band.progress_detail) == ("1 of 3", "2 lines to decide")
    band = (await rig.press("rest_a")).band
    assert (band.progress, band.progress_detail) == ("3 of 3", "all decided")
