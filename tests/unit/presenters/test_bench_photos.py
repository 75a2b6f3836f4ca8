"""Photos at the bench: of the item decided last, opened, taken again, deleted, and compulsory ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.returns.grading import Disposition, Grade, PhotoRule, Vocabulary
from loopdesk.presenters.bench.questions import PhotoAsked
from loopdesk.presenters.screens.returns import QuestionKind
from loopdesk.presenters.screens.window import BenchScreen, Signal
from tests.bench_rig import VOCABULARY, BenchRig
from tests.builders import a_line, a_parcel, a_return

UPS, OTHER_UPS = "1Z999AA10123456784", "1Z999AA10987654325"
RETURN_ID, SOCKS, HAT = "91000123", "30000001", "30000002"
RETURN = a_return(
    RETURN_ID,
    parcels=(a_parcel(UPS),),
    lines=(
        a_line(SOCKS, title="Trail Socks", variant_title=""),
        a_line(HAT, title="Hat", variant_title=""),
    ),
)
OTHER = a_return("91000124", parcels=(a_parcel(OTHER_UPS),), lines=(a_line("30000009"),))


@pytest.fixture
async def rig() -> AsyncIterator[BenchRig]:
    made = BenchRig(RETURN, OTHER)
    yield await made.open()
    await made.close()


def kept(name: str) -> Callable[[], Awaitable[str]]:
    async def store() -> str:
        return name

    return store


async def take(rig: BenchRig, name: str) -> BenchScreen:
    """A photo comes, from wherever."""
    rig.bench.take_photo(kept(name))
    await rig.clock.settle()
    return rig.screen


async def photos(rig: BenchRig, line_id: str) -> tuple[str, ...]:
    """The photos of a line as they are on disk."""
    draft = await rig.store.drafts.get(RETURN_ID)
    found = draft.inspection(line_id)
    return found.photos if found is not None else ()


def required(grade: Grade, *dispositions: Disposition) -> Vocabulary:
    rules = tuple(
        replace(x, photo=PhotoRule.REQUIRED if x.grade is grade else PhotoRule.NONE)
        for x in VOCABULARY.grades
    )
    return replace(VOCABULARY, grades=rules, photographed=frozenset(dispositions))


# --- which item it is of ------------------------------------------------------------------------------


async def test_a_photo_is_of_the_line_decided_last_although_the_next_one_is_in_hand(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_d")
    assert rig.screen.item is not None
    assert rig.screen.item.line_item_id == HAT
    screen = await take(rig, "a.jpg")
    assert await photos(rig, SOCKS) == ("a.jpg",)
    assert (screen.band.word, screen.band.sentence) == ("Photo", "Trail Socks: one photo is kept.")
    screen = await take(rig, "b.jpg")
    assert await photos(rig, SOCKS) == ("a.jpg", "b.jpg")
    assert screen.band.sentence == "Trail Socks: 2 photos are kept."


async def test_a_line_chosen_by_hand_is_photographed_from_then_on(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_d", "grade_c")
    rig.bench.select_line(0)
    await rig.clock.settle()
    await take(rig, "a.jpg")
    await rig.press("next_line")
    await take(rig, "b.jpg")
    assert (await photos(rig, SOCKS), await photos(rig, HAT)) == (("a.jpg",), ("b.jpg",))


async def test_an_undecided_line_chosen_by_hand_takes_no_photo(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_d", "previous_line", "next_line")
    screen = await take(rig, "a.jpg")
    assert (screen.band.signal, screen.band.sentence) == (Signal.BLOCKED, "Grade the line first.")
    assert await photos(rig, SOCKS) == ()


async def test_the_same_photo_twice_is_one(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_d")
    await take(rig, "a.jpg")
    await take(rig, "a.jpg")
    assert await photos(rig, SOCKS) == ("a.jpg",)


async def test_f8_asks_for_a_file_of_the_line_decided_last_and_any_photo_answers(rig: BenchRig) -> None:
    await rig.scan(UPS)
    screen = await rig.press("grade_d", "photo")
    assert screen.prompt is not None
    assert screen.prompt.title == "Photo of Trail Socks"
    screen = await take(rig, "a.jpg")
    assert screen.prompt is None
    assert await photos(rig, SOCKS) == ("a.jpg",)


async def test_with_nothing_open_a_photo_is_refused_in_a_sentence(rig: BenchRig) -> None:
    screen = await take(rig, "a.jpg")
    assert screen.band.sentence == "No return is open. Scan a label first."


async def test_a_photo_that_was_on_its_way_while_another_return_was_opened_is_never_of_that_one(
    rig: BenchRig,
) -> None:
    await rig.scan(UPS)
    await rig.press("grade_d")
    of = rig.bench.photo_subject()
    assert of == PhotoAsked(RETURN_ID, SOCKS, "Trail Socks")
    await rig.scan(OTHER_UPS)
    await rig.press("grade_d")
    rig.bench.attach_photo("a.jpg", of)
    await rig.clock.settle()
    assert "too late" in rig.screen.band.sentence
    other = await rig.store.drafts.get("91000124")
    assert other.inspections[0].photos == ()


async def test_a_refused_photo_leaves_everything_as_it_was(rig: BenchRig) -> None:
    async def refuse() -> str:
        raise RuleBroken("photo_heic")

    await rig.scan(UPS)
    await rig.press("grade_d")
    rig.bench.take_photo(refuse)
    await rig.clock.settle()
    assert "HEIC" in rig.screen.band.sentence
    assert await photos(rig, SOCKS) == ()


async def test_a_photo_that_comes_while_a_mystery_parcel_is_asked_about_is_of_that(rig: BenchRig) -> None:
    await rig.press("mystery")
    rig.bench.edit_prompt("blue box")
    screen = await take(rig, "box.jpg")
    assert screen.prompt is not None
    assert (screen.prompt.kind, screen.prompt.text) == (QuestionKind.MYSTERY, "blue box")
    await rig.press("confirm")
    (record,) = await rig.store.mysteries.all()
    assert (record.words, record.photo) == ("blue box", "box.jpg")


# --- opened, taken again, deleted ---------------------------------------------------------------------


async def with_two(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_d")
    await take(rig, "a.jpg")
    await take(rig, "b.jpg")


async def test_a_photo_opens_large_by_key_and_by_its_place(rig: BenchRig) -> None:
    await with_two(rig)
    screen = await rig.press("photos")
    assert screen.prompt is not None
    assert (screen.prompt.kind, screen.prompt.photo) == (QuestionKind.PHOTO_SHOWN, "/photos/b.jpg")
    assert screen.prompt.title == "Photo 2 of 2 of Trail Socks"
    screen = await rig.press("text_3")
    assert screen.prompt is not None
    assert screen.prompt.photo == "/photos/a.jpg"
    await rig.press("dismiss", "previous_line")
    rig.bench.open_photo(1)
    await rig.clock.settle()
    assert rig.screen.prompt is not None
    assert rig.screen.prompt.photo == "/photos/b.jpg"


async def test_a_deleted_photo_is_gone_from_disk_and_never_sent_and_undo_brings_it_back(
    rig: BenchRig,
) -> None:
    await with_two(rig)
    screen = await rig.press("photos", "text_2")
    assert screen.prompt is None
    assert (screen.band.signal, screen.band.word) == (Signal.TAKEN_BACK, "Photo deleted")
    assert await photos(rig, SOCKS) == ("a.jpg",)
    await rig.press("undo")
    assert await photos(rig, SOCKS) == ("a.jpg", "b.jpg")


async def test_a_photo_taken_again_stands_in_the_place_of_the_first_once_it_is_there(rig: BenchRig) -> None:
    await with_two(rig)
    screen = await rig.press("photos", "text_3", "text_1")
    assert screen.prompt is not None
    assert screen.prompt.title == "Another photo of Trail Socks"
    assert await photos(rig, SOCKS) == ("a.jpg", "b.jpg"), "it stays until the other is there"
    await take(rig, "c.jpg")
    assert await photos(rig, SOCKS) == ("c.jpg", "b.jpg")


async def test_f8_takes_the_open_photo_again(rig: BenchRig) -> None:
    await with_two(rig)
    await rig.press("photos", "photo")
    await take(rig, "c.jpg")
    assert await photos(rig, SOCKS) == ("a.jpg", "c.jpg")


@pytest.mark.parametrize("answer", ["text_1", "text_2"])
async def test_after_the_settlement_a_photo_can_be_seen_and_not_changed(rig: BenchRig, answer: str) -> None:
    await with_two(rig)
    await rig.press("grade_a", "confirm")
    assert rig.screen.band.signal is Signal.KEPT
    screen = await rig.press("photos")
    assert screen.prompt is not None
    assert screen.prompt.photo == "/photos/b.jpg"
    screen = await rig.press(answer)
    assert screen.band.signal is Signal.BLOCKED
    assert "settled with its grade" in screen.band.sentence


async def test_undo_closes_the_photo_that_it_takes_away(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_d")
    await take(rig, "a.jpg")
    screen = await rig.press("photos", "undo")
    assert screen.prompt is None
    assert await photos(rig, SOCKS) == ()


async def test_without_a_photo_opening_says_so(rig: BenchRig) -> None:
    await rig.scan(UPS)
    screen = await rig.press("photos")
    assert screen.band.sentence == "There is no photo yet. F8 takes one."


async def test_that_photos_stay_here_is_said_beside_them(rig: BenchRig) -> None:
    await with_two(rig)
    screen = await rig.press("previous_line")
    assert screen.item is not None
    assert screen.item.photo_wish == "Photos stay at this station: no place for them is set."


# --- compulsory ones ----------------------------------------------------------------------------------


async def test_a_compulsory_photo_is_named_on_confirm_and_by_the_band_and_lets_it_go_once_it_is_there(
    rig: BenchRig,
) -> None:
    rig.work_by(required(Grade.D))
    await rig.scan(UPS)
    screen = await rig.press("grade_d", "grade_a")
    assert screen.plan is not None
    assert (screen.plan.button.text, screen.plan.button.enabled) == ("Photo of Trail Socks is missing", False)
    screen = await rig.press("confirm")
    assert screen.band.signal is Signal.BLOCKED
    assert screen.band.sentence == "Photo of Trail Socks is missing"
    assert await rig.store.outbox.lane(RETURN_ID) == ()
    await rig.press("previous_line")
    screen = await take(rig, "a.jpg")
    assert screen.plan is not None
    assert screen.plan.button.enabled
    screen = await rig.press("confirm")
    assert screen.band.signal is Signal.KEPT


async def test_what_goes_to_a_place_that_needs_photos_needs_one_whatever_its_grade(rig: BenchRig) -> None:
    rig.work_by(required(Grade.D, Disposition.DONATE))
    await rig.scan(UPS)
    screen = await rig.press("grade_a", "grade_a")
    assert screen.plan is not None
    assert screen.plan.button.enabled
    screen = await rig.press("disposition_donate")
    assert screen.plan is not None
    assert screen.plan.button.text == "Photo of Hat is missing"


async def test_deleting_a_compulsory_photo_asks_for_it_again(rig: BenchRig) -> None:
    rig.work_by(required(Grade.D))
    await rig.scan(UPS)
    await rig.press("grade_d")
    await take(rig, "a.jpg")
    screen = await rig.press("grade_a", "previous_line", "photos", "text_2")
    assert screen.plan is not None
    assert screen.plan.button.text == "Photo of Trail Socks is missing"


async def test_a_flag_with_a_reason_waits_for_a_compulsory_photo_too(rig: BenchRig) -> None:
    rig.work_by(required(Grade.D))
    await rig.scan(UPS)
    screen = await rig.press("grade_d", "flag", "text_1")
    assert screen.band.sentence == "Photo of Trail Socks is missing"
    assert [x.kind for x in await rig.store.outbox.lane(RETURN_ID)] == []
    rig.bench.select_line(0)
    await rig.clock.settle()
    await take(rig, "a.jpg")
    await rig.press("confirm")
    assert Kind.FLAG in [x.kind for x in await rig.store.outbox.lane(RETURN_ID)]
