"""A return of which another bench has something too, on the bench without a window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from loopdesk.domain.outbox.hub_word import HubClaim
from loopdesk.domain.outbox.stages import Cause, Why
from loopdesk.domain.returns.grading import Draft, Grade
from loopdesk.domain.returns.shared_drafts import DraftEnd, Presence, SharedDraft, what_is_entered
from loopdesk.domain.sync import HubContact
from loopdesk.i18n import catalogue
from loopdesk.i18n.languages import catalogue_of
from loopdesk.presenters.screens.window import Signal
from loopdesk.services.station.events import (
    DraftsChanged,
    HubContactChanged,
    OpenElsewhereChanged,
    Settled,
)
from tests import catalogues
from tests.bench_rig import BenchRig
from tests.builders import AT, LINE_ID, RETURN_ID, a_draft, a_return, an_inspection
from tests.fakes.other_benches import OtherBenches

AT_TWO = AT - timedelta(minutes=28)
ANNAS = SharedDraft(
    RETURN_ID, "3@aa", "#1164", "dock 3", "b3", "Anna", AT_TWO, a_draft(parked=True, updated_at=AT_TWO), "c3"
)
THERE = Presence("dock 3", RETURN_ID, "#1164", "Anna", AT_TWO)
MINE = a_draft(inspections=(an_inspection(grade=Grade.C),))


@pytest.fixture
def others() -> OtherBenches:
    """The other benches, which have nothing yet."""
    return OtherBenches()


@pytest.fixture
async def rig(others: OtherBenches) -> AsyncIterator[BenchRig]:
    """A bench of a site."""
    rig = BenchRig(a_return(), sharing=others.ports, hub_contact=lambda: others.hub)
    others.beside(rig.store)
    yield await rig.open()
    await rig.close()


async def opened(rig: BenchRig) -> None:
    """Open the return by hand."""
    rig.bench.pick(RETURN_ID)
    await rig.clock.settle()


async def entered(rig: BenchRig) -> tuple[Grade, ...]:
    """What is entered here, on disk."""
    return tuple(x.grade for x in (await rig.store.drafts.get(RETURN_ID)).inspections)


async def test_what_was_put_aside_elsewhere_opens_with_everything_entered_and_says_whose_it_is(
    rig: BenchRig, others: OtherBenches
) -> None:
    others.theirs = ANNAS
    await opened(rig)
    assert await entered(rig) == (Grade.A,)
    assert rig.bench.state.on_bench is not None
    assert rig.bench.state.on_bench.draft.inspection(LINE_ID) is not None
    assert rig.screen.band.sentence.startswith("Entered at dock 3 by Anna, 09:02.")
    assert rig.screen.prompt is None, "nobody is asked where nobody else works on it"


async def test_what_is_open_elsewhere_is_asked_about_once(rig: BenchRig, others: OtherBenches) -> None:
    others.theirs, others.open_at = ANNAS, (THERE,)
    await opened(rig)
    assert rig.screen.prompt is not None
    assert rig.screen.prompt.hint == "Open at dock 3 since 09:02, by Anna."
    assert rig.screen.prompt.templates == ("Go on here", "Leave it there")
    rig.bench.choose_template(0)
    await rig.clock.settle()
    assert (rig.bench.state.open_id, rig.bench.state.question) == (RETURN_ID, None)
    await opened(rig)
    assert (rig.bench.state.open_id, rig.bench.state.question) == (RETURN_ID, None)


async def test_what_is_left_to_the_other_bench_is_as_it_was(rig: BenchRig, others: OtherBenches) -> None:
    others.theirs, others.open_at = replace(ANNAS, draft=a_draft(updated_at=AT_TWO)), (THERE,)
    await opened(rig)
    rig.bench.choose_template(1)
    await rig.clock.settle()
    assert rig.bench.state.open_id == ""
    assert await rig.store.drafts.get(RETURN_ID) == a_draft(updated_at=AT_TWO), "put aside by nobody"


async def test_each_bench_at_which_it_is_opened_is_said_once(rig: BenchRig, others: OtherBenches) -> None:
    others.open_at = (THERE,)
    await opened(rig)
    fourth = Presence("dock 4", RETURN_ID, "#1164", "Ben", AT)
    for others.open_at in ((THERE, fourth), (THERE,)):
        rig.feed.tell(OpenElsewhereChanged(RETURN_ID))
        await rig.clock.settle()
    assert rig.screen.band.sentence.count("Open at dock 3") == 1
    assert rig.screen.band.sentence.count("Open at dock 4") == 1


async def test_a_return_that_is_only_open_elsewhere_says_so_and_asks_nothing(
    rig: BenchRig, others: OtherBenches
) -> None:
    others.open_at = (THERE,)
    await opened(rig)
    assert rig.screen.prompt is None
    assert rig.screen.band.sentence.startswith("Open at dock 3 since 09:02, by Anna.")


@pytest.mark.parametrize(("answer", "stands"), [(0, Grade.C), (1, Grade.A)])
async def test_of_two_that_were_entered_apart_a_person_chooses(
    rig: BenchRig, others: OtherBenches, answer: int, stands: Grade
) -> None:
    await rig.store.drafts.save(MINE)
    others.theirs = ANNAS
    await opened(rig)
    assert rig.screen.prompt is not None
    assert rig.screen.prompt.templates == ("What is entered here", "What dock 3 entered")
    assert rig.screen.prompt.hint.startswith("Here: C · 09:30. dock 3: A · Anna · 09:02.")
    assert await entered(rig) == (Grade.C,), "nothing is overwritten before somebody chose"
    rig.bench.choose_template(answer)
    await rig.clock.settle()
    assert others.chosen == [answer == 1]
    assert await entered(rig) == (stands,)
    here = rig.bench.state.on_bench
    assert here is not None
    assert [x.grade for x in here.draft.inspections] == [stands]
    assert rig.screen.prompt is None


async def test_what_was_entered_here_after_an_older_copy_is_not_called_another_benchs(
    rig: BenchRig, others: OtherBenches
) -> None:
    await rig.store.drafts.save(MINE)
    others.theirs, others.is_ours = ANNAS, True
    await opened(rig)
    assert rig.screen.prompt is not None
    assert rig.screen.prompt.title == "#1164 was entered twice at this bench"
    assert rig.screen.prompt.templates == ("What is entered here", "What the hub has")


async def test_the_question_can_wait_and_blocks_nobody(rig: BenchRig, others: OtherBenches) -> None:
    await rig.store.drafts.save(MINE)
    others.theirs = ANNAS
    await opened(rig)
    rig.bench.cancel_prompt()
    await rig.clock.settle()
    assert (rig.bench.state.open_id, rig.bench.state.question) == (RETURN_ID, None)
    await opened(rig)
    assert rig.screen.prompt is not None, "it is asked again when the return is opened again"
    assert others.chosen == []


async def test_what_comes_while_nothing_is_entered_yet_is_there_at_once(
    rig: BenchRig, others: OtherBenches
) -> None:
    await opened(rig)
    others.theirs = ANNAS
    rig.feed.tell(DraftsChanged(RETURN_ID))
    await rig.clock.settle()
    here = rig.bench.state.on_bench
    assert here is not None
    assert [x.grade for x in here.draft.inspections] == [Grade.A]


async def test_what_comes_while_somebody_grades_changes_nothing_under_their_hands(
    rig: BenchRig, others: OtherBenches
) -> None:
    await opened(rig)
    rig.bench.command("grade_c")
    await rig.clock.settle()
    others.theirs = ANNAS
    rig.feed.tell(DraftsChanged(RETURN_ID))
    await rig.clock.settle()
    assert await entered(rig) == (Grade.C,)
    assert rig.screen.prompt is None, "no digit that is meant for a line answers a question"
    assert rig.screen.band.signal is Signal.ATTENTION
    assert "Scan it again to choose" in rig.screen.band.sentence


@pytest.mark.parametrize(("grade", "is_said"), [(Grade.C, False), (Grade.A, True)])
async def test_another_bench_that_went_on_is_told_only_where_it_decided_something_else(
    rig: BenchRig, others: OtherBenches, grade: Grade, *, is_said: bool
) -> None:
    await opened(rig)
    rig.bench.command("grade_c")
    await rig.clock.settle()
    here = await rig.store.drafts.get(RETURN_ID)
    theirs = replace(here, inspections=(replace(here.inspections[0], grade=grade, inspected_at=AT_TWO),))
    content = str(hash(what_is_entered(here)))
    others.theirs = replace(ANNAS, draft=theirs, lineage=(content,))
    before = rig.screen.band.sentence
    rig.feed.tell(DraftsChanged(RETURN_ID))
    await rig.clock.settle()
    assert ("has gone on with it" in rig.screen.band.sentence) is is_said
    assert (rig.screen.band.sentence == before) is not is_said


async def test_a_settlement_elsewhere_is_said_at_once(rig: BenchRig, others: OtherBenches) -> None:
    await opened(rig)
    others.theirs = replace(ANNAS, draft=None, content="", ended=DraftEnd.SETTLED)
    rig.feed.tell(DraftsChanged(RETURN_ID))
    await rig.clock.settle()
    assert rig.screen.band.sentence == "Settled at dock 3 by Anna, 09:02."


async def test_what_was_settled_elsewhere_is_greeted_by_who_did_it_and_not_as_open_there(
    rig: BenchRig, others: OtherBenches
) -> None:
    others.theirs = replace(ANNAS, draft=None, content="", ended=DraftEnd.SETTLED)
    others.open_at = (THERE,)
    await opened(rig)
    assert rig.screen.band.sentence.startswith("Settled at dock 3 by Anna, 09:02.")
    assert "Open at" not in rig.screen.band.sentence
    assert rig.screen.prompt is None


async def test_what_another_bench_finished_is_never_called_done_here(
    rig: BenchRig, others: OtherBenches
) -> None:
    await opened(rig)
    stood = Cause(Why.CLAIMED_AT_HUB, HubClaim("dock 3", "Anna", AT_TWO.isoformat()).text)
    rig.feed.tell(Settled(RETURN_ID, "#1164", "process", is_ours=False, cause=stood))
    await rig.clock.settle()
    assert (rig.screen.band.signal, rig.screen.band.word) == (Signal.SETTLED, "Settled already")
    assert rig.screen.band.sentence.startswith("It was finished at dock 3 by Anna, ")
    rig.feed.tell(Settled(RETURN_ID, "#1164", "process", is_ours=False))
    await rig.clock.settle()
    assert (rig.screen.band.signal, rig.screen.band.sentence) == (Signal.SETTLED, "Loop had done it already.")
    await rig.press("park")
    rig.feed.tell(Settled(RETURN_ID, "#1164", "process", is_ours=False, cause=stood))
    await rig.clock.settle()
    band = rig.screen.band
    assert (band.signal, band.detail) == (Signal.SETTLED, "#1164"), "nobody is sent to Attention any more"


async def test_of_what_is_finished_nobody_is_told_that_it_is_open_elsewhere(
    rig: BenchRig, others: OtherBenches
) -> None:
    await opened(rig)
    await rig.press("grade_a", "confirm")
    await rig.clock.turn(60.0)
    assert rig.screen.band.signal is Signal.DONE
    others.open_at = (THERE,)
    rig.feed.tell(OpenElsewhereChanged(RETURN_ID))
    await rig.clock.settle()
    assert "Open at" not in rig.screen.band.sentence


async def test_what_another_bench_says_of_what_was_confirmed_here_takes_nothing_back_from_the_screen(
    rig: BenchRig, others: OtherBenches
) -> None:
    await opened(rig)
    await rig.press("grade_a", "confirm")
    await rig.clock.turn(60.0)
    assert rig.screen.band.signal is Signal.DONE
    others.theirs = ANNAS
    rig.feed.tell(DraftsChanged(RETURN_ID))
    await rig.clock.settle()
    assert await entered(rig) == (), "it was settled here, and nothing was entered since"
    assert rig.screen.band.sentence == "dock 3 has gone on with it. Scan it again to take that over."


async def test_what_others_put_aside_stands_in_the_list_with_its_place(
    rig: BenchRig, others: OtherBenches
) -> None:
    others.theirs = ANNAS
    rig.feed.tell(DraftsChanged(RETURN_ID))
    await rig.clock.settle()
    [link] = rig.screen.parked
    assert "at dock 3, Anna" in link.detail


async def test_what_was_put_aside_here_and_another_bench_works_on_stands_in_the_list_once(
    rig: BenchRig, others: OtherBenches
) -> None:
    await rig.store.drafts.save(replace(MINE, parked=True))
    others.theirs, others.open_at = ANNAS, (THERE,)
    rig.feed.tell(DraftsChanged(RETURN_ID))
    await rig.clock.settle()
    [link] = rig.screen.parked
    assert "at dock 3, Anna" in link.detail


async def test_what_was_settled_elsewhere_and_only_looked_at_is_not_put_aside(
    rig: BenchRig, others: OtherBenches
) -> None:
    others.theirs = replace(ANNAS, draft=None, content="", ended=DraftEnd.SETTLED)
    await opened(rig)
    rig.bench.command("park")
    await rig.clock.settle()
    assert (rig.bench.state.open_id, rig.screen.parked) == ("", ())
    assert await rig.store.drafts.parked() == ()


async def test_what_a_newer_version_entered_is_left_there_and_said(
    rig: BenchRig, others: OtherBenches
) -> None:
    others.theirs = replace(ANNAS, draft=None)
    await opened(rig)
    assert await entered(rig) == ()
    assert "needs a newer version here" in rig.screen.band.detail


async def test_photos_that_stayed_at_the_other_bench_are_said_and_stay_named(
    rig: BenchRig, others: OtherBenches
) -> None:
    photographed = a_draft(inspections=(an_inspection(photos=("ab" * 16 + ".jpg",)),))
    others.theirs = replace(ANNAS, draft=photographed)
    await opened(rig)
    assert "1 photo is kept at dock 3." in rig.screen.band.sentence
    assert (await rig.store.drafts.get(RETURN_ID)).inspections[0].photos == ("ab" * 16 + ".jpg",)


async def test_what_is_opened_elsewhere_is_read_again_only_where_it_stands_in_the_list(
    rig: BenchRig, others: OtherBenches, monkeypatch: pytest.MonkeyPatch
) -> None:
    others.theirs = ANNAS
    rig.feed.tell(DraftsChanged(RETURN_ID))
    await rig.clock.settle()
    reads = 0
    parked = rig.store.drafts.parked

    async def counted() -> tuple[Draft, ...]:
        nonlocal reads
        reads += 1
        return await parked()

    monkeypatch.setattr(rig.store.drafts, "parked", counted)
    rig.feed.tell(OpenElsewhereChanged("79999999"))
    await rig.clock.settle()
    assert reads == 0
    rig.feed.tell(OpenElsewhereChanged(RETURN_ID))
    await rig.clock.settle()
    assert reads == 1


async def test_what_was_open_when_the_hub_fell_silent_is_said_with_its_age(
    rig: BenchRig, others: OtherBenches
) -> None:
    others.open_at, others.hub = (THERE,), HubContact(heard_at=AT - timedelta(minutes=10), is_silent=True)
    await opened(rig)
    said = "It was open at dock 3, by Anna, when the hub was heard last, 09:20."
    assert rig.screen.band.sentence.startswith(said)
    rig.bench.command("park")
    others.hub = HubContact()
    await opened(rig)
    said = "It was open at dock 3, by Anna, when the hub was heard last."
    assert rig.screen.band.sentence.startswith(said)


async def test_the_list_says_what_is_open_elsewhere_while_the_hub_can_be_heard(
    rig: BenchRig, others: OtherBenches
) -> None:
    others.theirs, others.open_at = ANNAS, (replace(THERE, bench="dock 4", person="Ben"),)
    rig.feed.tell(DraftsChanged(RETURN_ID))
    await rig.clock.settle()
    [link] = rig.screen.parked
    assert link.detail.endswith("open at dock 4, Ben")
    others.hub = HubContact(heard_at=AT, is_silent=True)
    rig.feed.tell(HubContactChanged())
    await rig.clock.settle()
    [link] = rig.screen.parked
    assert "dock 4" not in link.detail


async def test_a_return_with_nothing_entered_stands_not_among_those_put_aside(
    rig: BenchRig, others: OtherBenches
) -> None:
    others.theirs = replace(ANNAS, draft=Draft(RETURN_ID, parked=True, updated_at=AT_TWO))
    rig.feed.tell(DraftsChanged(RETURN_ID))
    await rig.clock.settle()
    assert rig.screen.parked == ()


@pytest.mark.parametrize(("answer", "bench"), [(0, "dock 1"), (1, "dock 3")])
async def test_whose_entries_stand_is_said_after_the_choice(
    rig: BenchRig, others: OtherBenches, answer: int, bench: str
) -> None:
    await rig.store.drafts.save(MINE)
    others.theirs = ANNAS
    await opened(rig)
    rig.bench.choose_template(answer)
    await rig.clock.settle()
    assert rig.screen.band.sentence == f"What was entered at {bench} stands."


async def test_two_that_differ_in_a_note_alone_are_told_apart_by_it(
    rig: BenchRig, others: OtherBenches
) -> None:
    await rig.store.drafts.save(a_draft(notes=("Torn at the seam",)))
    others.theirs = replace(ANNAS, draft=a_draft(notes=("Box was wet",), updated_at=AT_TWO))
    await opened(rig)
    assert rig.screen.prompt is not None
    assert "1 note · “Torn at the seam”" in rig.screen.prompt.hint
    assert "1 note · “Box was wet”" in rig.screen.prompt.hint


async def test_questions_of_other_benches_are_put_in_the_language_that_is_spoken_now(
    rig: BenchRig, others: OtherBenches
) -> None:
    others.theirs, others.open_at = ANNAS, (THERE,)
    await opened(rig)
    catalogue.use(catalogue_of("de", catalogues.LOCALES))
    prompt = rig.bench.screen().prompt
    catalogue.use(None)
    assert prompt is not None
    assert prompt.hint == "Offen an dock 3 seit 09:02, bei Anna."
