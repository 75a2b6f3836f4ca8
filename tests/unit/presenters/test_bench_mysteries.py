"""Parcels without a return at the bench: two inputs, words, shelf, photo, and nothing forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from loopdesk.presenters.screens.window import Signal
from tests.bench_rig import BenchRig
from tests.builders import a_fetched, a_parcel, a_return

UNKNOWN, KNOWN = "1Z999AA10987654329", "1Z999AA10123456784"


@pytest.fixture
async def rig() -> AsyncIterator[BenchRig]:
    made = BenchRig(a_return("91000123", parcels=(a_parcel(KNOWN),)))
    yield await made.open()
    await made.close()


async def test_scan_and_confirm_give_a_number_with_code_time_and_operator(rig: BenchRig) -> None:
    await rig.scan(UNKNOWN)
    screen = await rig.press("confirm")
    (kept,) = await rig.store.mysteries.all()
    assert (kept.number, kept.code, kept.operator.name, kept.station) == (1, UNKNOWN, "Kim", "dock 1")
    assert kept.found_at <= rig.clock.now()
    assert screen.band.sentence == "Mystery parcel 1. Write the number on the box."
    assert [x.event for x in await rig.store.audit.rows("mystery_kept")] == ["mystery_kept"]


async def test_words_shelf_and_photo_can_be_told(rig: BenchRig) -> None:
    screen = await rig.scan(UNKNOWN)
    assert screen.prompt is not None
    assert screen.prompt.second == "Shelf"
    rig.bench.edit_prompt("blue box")
    rig.bench.edit_second("M 2")
    screen = await rig.press("photo")
    assert screen.prompt is not None
    assert screen.prompt.kind == "mystery_photo"
    rig.bench.answer("somewhere/box.jpg")
    await rig.clock.settle()
    screen = rig.screen
    assert screen.prompt is not None
    assert (screen.prompt.text, screen.prompt.second_text) == ("blue box", "M 2")
    assert "photo is attached" in screen.prompt.hint
    await rig.scan("LDCMDCONFIRM")
    (kept,) = await rig.store.mysteries.all()
    assert (kept.words, kept.shelf, kept.photo) == ("blue box", "M 2", "kept-box.jpg")


async def test_leaving_the_photo_goes_back_to_the_parcel(rig: BenchRig) -> None:
    await rig.scan(UNKNOWN)
    rig.bench.edit_prompt("blue box")
    screen = await rig.press("photo", "dismiss")
    assert screen.prompt is not None
    assert (screen.prompt.kind, screen.prompt.text) == ("mystery", "blue box")
    screen = await rig.press("dismiss")
    assert screen.prompt is None
    assert await rig.store.mysteries.all() == ()


async def test_a_parcel_without_a_readable_code_has_a_number_too(rig: BenchRig) -> None:
    await rig.scan(KNOWN)
    screen = await rig.scan("LDCMDMYSTERY")
    assert screen.prompt is not None
    assert screen.header is None
    assert rig.views[-1] == "bench"
    await rig.press("confirm", "mystery", "confirm")
    assert [(x.number, x.code) for x in await rig.store.mysteries.all()] == [(2, ""), (1, "")]


@pytest.mark.parametrize("in_photo", [False, True])
async def test_a_parcel_that_was_described_is_kept_when_the_operator_goes_on(
    rig: BenchRig, in_photo: bool
) -> None:
    await rig.scan(UNKNOWN)
    rig.bench.edit_prompt("blue box")
    if in_photo:
        await rig.press("photo")
    screen = await rig.scan(KNOWN)
    assert "91000123" in screen.title
    assert [(x.code, x.words) for x in await rig.store.mysteries.all()] == [(UNKNOWN, "blue box")]


async def test_a_wrong_scan_of_a_known_parcel_leaves_no_record(rig: BenchRig) -> None:
    await rig.scan(UNKNOWN, KNOWN)
    assert await rig.store.mysteries.all() == ()


async def test_a_match_is_said_with_band_and_sound_and_several_at_once_are_named(rig: BenchRig) -> None:
    third = "1Z12345E0205271688"
    for code in (UNKNOWN, third):
        await rig.scan(code)
        await rig.press("confirm")
    found = [
        a_return("70000002", parcels=(a_parcel(UNKNOWN),)),
        a_return("70000003", parcels=(a_parcel(third),)),
    ]
    await rig.store.returns.save([a_fetched(x) for x in found], rig.clock.now())
    rig.sounds.clear()
    await rig.mysteries.try_again()
    await rig.clock.settle()
    assert rig.screen.band.signal is Signal.ATTENTION
    assert rig.screen.band.sentence.startswith("Mystery parcels 1 and 2 have returns now.")
    assert rig.sounds == ["attention", "attention"]
    records = await rig.store.mysteries.all()
    assert [x.linked_return_id for x in records] == ["70000003", "70000002"]
    assert [x.operator.name for x in await rig.store.audit.rows("mystery_linked")] == ["", ""]


async def test_several_returns_for_a_parcel_are_said_and_never_guessed(rig: BenchRig) -> None:
    await rig.scan(UNKNOWN)
    await rig.press("confirm")
    found = [a_return(f"7000000{n}", parcels=(a_parcel(UNKNOWN),)) for n in (2, 3)]
    await rig.store.returns.save([a_fetched(x) for x in found], rig.clock.now())
    rig.sounds.clear()
    await rig.mysteries.try_again()
    await rig.clock.settle()
    assert rig.screen.band.sentence == "Mystery parcel 1 may be one of 2 returns. Choose in Mystery."
    assert rig.sounds == ["attention"]
    assert [x.linked_return_id for x in await rig.store.mysteries.all()] == [""]
