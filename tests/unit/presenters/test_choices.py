"""Answers by their numbers: nine at a time, however many there are."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from loopdesk.presenters.screens.returns import Prompt
from loopdesk.presenters.screens.window import BenchScreen, Signal
from tests.bench_rig import BenchRig
from tests.builders import a_parcel, a_return, lines

UPS = "1Z999AA10123456784"
ELEVEN = [f"{91_000_001 + n}" for n in range(11)]


@pytest.fixture
async def rig() -> AsyncIterator[BenchRig]:
    returns = [
        a_return(each, order_name=f"#{n}", parcels=(a_parcel(UPS),), lines=lines(1, 100 * n))
        for n, each in enumerate(ELEVEN, start=1)
    ]
    opened = await BenchRig(*returns).open()
    yield opened
    await opened.close()


def asked(screen: BenchScreen) -> Prompt:
    assert screen.prompt is not None
    return screen.prompt


def ids(screen: BenchScreen) -> list[str]:
    return [text.split()[-1] for text in asked(screen).templates]


async def test_nine_returns_of_a_number_are_shown_at_a_time(rig: BenchRig) -> None:
    first = await rig.scan(UPS)
    assert len(ids(first)) == 9
    assert asked(first).more == "More: 1 to 9 of 11 are shown"
    second = await rig.scan("LDCMDTEXT0")
    assert second.band.word == "2 of 2"
    assert sorted(ids(first) + ids(second)) == ELEVEN
    again = await rig.press("text_more")
    assert ids(again) == ids(first)


@pytest.mark.parametrize("way", ["code", "touch"])
async def test_a_number_opens_what_stands_beside_it_on_the_page_that_is_shown(
    rig: BenchRig, way: str
) -> None:
    await rig.scan(UPS)
    shown = await rig.press("text_more")
    if way == "code":
        screen = await rig.scan("LDCMDTEXT2")
    else:
        rig.bench.choose_template(1)
        await rig.clock.settle()
        screen = rig.screen
    assert screen.header is not None
    assert screen.header.return_id == ids(shown)[1]
    assert screen.prompt is None


async def test_what_the_band_says_of_a_question_is_not_said_twice(rig: BenchRig) -> None:
    screen = await rig.press("type_code")
    assert asked(screen).hint == screen.band.sentence
    assert asked(screen).is_hint_told
    screen = await rig.press("text_1")
    assert asked(screen).hint != screen.band.sentence
    assert not asked(screen).is_hint_told


async def test_a_number_without_an_answer_opens_nothing(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("text_more")
    screen = await rig.scan("LDCMDTEXT3")
    assert screen.band.signal is Signal.BLOCKED
    assert (screen.header, len(ids(screen))) == (None, 2)


async def test_the_marked_return_is_in_sight_and_confirm_opens_it(rig: BenchRig) -> None:
    screen = await rig.scan(UPS)
    assert asked(screen).chosen == 0
    for _ in range(9):
        screen = await rig.press("next_line")
    assert (asked(screen).chosen, len(ids(screen))) == (0, 2), "it is the first of the second page"
    marked = ids(screen)[0]
    screen = await rig.scan("LDCMDCONFIRM")
    assert screen.header is not None
    assert screen.header.return_id == marked


async def test_a_choice_is_left_without_opening_anything(rig: BenchRig) -> None:
    screen = await rig.scan(UPS)
    assert asked(screen).cancel == "None of these"
    rig.bench.cancel_prompt()
    await rig.clock.settle()
    screen = rig.screen
    assert (screen.prompt, screen.header, screen.band.signal) == (None, None, Signal.READY)
    assert (await rig.scan("LDCMDTEXT1")).band.signal is Signal.BLOCKED


async def test_a_question_of_nine_answers_or_fewer_has_no_more(rig: BenchRig) -> None:
    await rig.scan(UPS, "LDCMDTEXT1")
    screen = await rig.press("flag")
    assert asked(screen).more == ""
    screen = await rig.press("text_more")
    assert screen.band.signal is Signal.BLOCKED
    assert screen.prompt is not None
