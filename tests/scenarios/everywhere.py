"""Everywhere that a person can come to in the program, one place after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any, cast

from loopdesk.domain.operators import Operator
from loopdesk.domain.returns.grading import Disposition, Draft, Grade, Inspection
from loopdesk.presenters.bench.questions import BothEntered
from loopdesk.presenters.screens.returns import Prompt, QuestionKind
from loopdesk.services.ports.following import SharedEvent
from loopdesk.simulator.samples import SAMPLES
from loopdesk.store.codecs import draft_json
from loopdesk.store.sharing.drafts import content_of
from loopdesk.ui.main_window import PLACES
from tests.scenarios.desk import Desk

Visit = Callable[[str], None]
"""Looks at the window as it is now; takes the name of the place."""

UNKNOWN_CODE = "NOT-A-CODE-THAT-ANYONE-KNOWS"

RETURNS = ("several_parcels", "keep_and_donate", "closed", "cancelled", "review", "elsewhere", "multi_line")
"""Samples of every kind of return, each looked at before and after its first grade."""

ASKED_OF_A_RETURN = {
    QuestionKind.NOTE: "F2",
    QuestionKind.FLAG: "F4",
    QuestionKind.EXTRA: "Ctrl+E",
    QuestionKind.PHOTO: "F8",
    QuestionKind.CODE: "F3",
}
"""The key that asks each question of an open return."""

ASKED_OTHERWISE = (
    QuestionKind.PHOTO_SHOWN,
    QuestionKind.STRAY,
    QuestionKind.MYSTERY,
    QuestionKind.MYSTERY_PHOTO,
    QuestionKind.RETURN,
    QuestionKind.ELSEWHERE,
)
"""The questions that come of something else: a photo that is opened, a code, known or not, another bench."""

BOTH_ENTERED = "entered at two benches"
"""The place of the second question of its kind: which of two stands."""

OPEN_THERE, ENTERED_TWICE = "canada", "warranty"
"""The samples that another bench has too."""

BEHIND_A_PRESS: dict[str, Callable[[Any], None]] = {
    "finished": lambda page: None,
    "queue": lambda page: page.unfold(SAMPLES["single"].return_id),
    "health": lambda page: page.unfold(),
    "settings": lambda page: page.choose_page("it"),
}
"""What is pressed on a page, by its name, to show the rest of it."""


def places() -> tuple[str, ...]:
    """Return the name of every place, in the order in which ``everywhere`` comes there."""
    graded = [place for name in RETURNS for place in (name, f"{name}, graded")]
    asked = [f"question {kind}" for kind in (*ASKED_OF_A_RETURN, *ASKED_OTHERWISE)]
    pages = [name for name, _icon in PLACES]
    behind = [f"{name}, behind a press" for name in BEHIND_A_PRESS]
    return ("empty", *graded, "missing", "more", *asked, BOTH_ENTERED, "kept", *pages, *behind)


async def questions(desk: Desk) -> AsyncIterator[Prompt]:
    """Ask every question, one after the other, first with a return open and then without one."""
    for key in ASKED_OF_A_RETURN.values():
        await desk.press(key)
        yield _asked(desk)
        await desk.press("Esc")
    desk.session.bench.take_photo(_photo)
    await desk.at_rest()
    await desk.scan("LDCMDPHOTOS")
    yield _asked(desk)
    await desk.press("Esc")
    await desk.scan(UNKNOWN_CODE)
    await desk.hand.until("what the stray code is", lambda: desk.screen.prompt is not None)
    yield _asked(desk)
    await desk.press("Esc", "F9")
    await desk.scan(UNKNOWN_CODE)
    await desk.hand.until("the mystery parcel", lambda: desk.screen.prompt is not None)
    yield _asked(desk)
    await desk.press("F8")
    yield _asked(desk)
    await desk.press("Esc", "Esc")
    await desk.scan(SAMPLES["shared_first"].tracking_number or "")
    await desk.hand.until("two returns to choose from", lambda: desk.screen.prompt is not None)
    yield _asked(desk)
    await desk.press("Esc")
    for name in (OPEN_THERE, ENTERED_TWICE):
        await _hear_of_another_bench(desk, name)
        await desk.scan(SAMPLES[name].tracking_number or "")
        await desk.hand.until("what is at another bench", lambda: desk.screen.prompt is not None)
        yield _asked(desk)
        await desk.press("Esc")
    await desk.runtime.store.shares.turn(on=False)


async def _hear_of_another_bench(desk: Desk, name: str) -> None:
    """Let the store of a bench that has met a hub hold what it tells of a return; no hub is needed for it."""
    store, sample, at = desk.runtime.store, SAMPLES[name], desk.runtime.clock.now() - timedelta(minutes=28)
    if name == ENTERED_TWICE:
        await store.drafts.save(_graded(name, Grade.C, at))
    theirs = _graded(name, Grade.A, at)
    there = {"return_id": sample.return_id, "order": sample.order_name, "bench": "dock 3", "bench_id": "b3"}
    told = {
        **there,
        "revision": f"1@{name}",
        "person": "Ada",
        "at": at.isoformat(),
        "draft": draft_json(theirs),
        "content": content_of(theirs),
        "lineage": [],
        "ended": "",
    }
    desk.program.parts.meet_hub()
    await store.shares.turn(on=True)
    seq = (await store.shares.position() or 0) + 1
    await store.shared_drafts.take(SharedEvent("draft", seq, f"draft:{sample.return_id}", told), "", at)
    if name == OPEN_THERE:
        since = {**there, "person": "Ada", "since": at.isoformat()}
        await store.shared_presence.take(SharedEvent("presence", seq + 1, f"presence:{name}", since))


def _graded(name: str, grade: Grade, at: datetime) -> Draft:
    sample = SAMPLES[name]
    found = Inspection(sample.line_item_ids[0], grade, Disposition.BACK_TO_STOCK, Operator(name="Ada"), at)
    return Draft(sample.return_id, (found,), updated_at=at)


async def _photo() -> str:
    """Return the name of a photo whose file is not there; a camera is drawn in its place."""
    return "00000000000000000000000000000000.jpg"


def _asked(desk: Desk) -> Prompt:
    assert desk.screen.prompt is not None
    return desk.screen.prompt


async def opened(desk: Desk, name: str) -> None:
    """Scan a sample's label and wait for its return, whatever the window's language is."""
    await desk.hand.scan(SAMPLES[name].tracking_number or "")
    await desk.hand.until(name, lambda: SAMPLES[name].return_id in desk.title)
    await desk.at_rest()


async def everywhere(desk: Desk, visit: Visit) -> None:
    """Bring every page, every question and the bench's usual pictures to the front, one after the other."""
    window, hand = desk.session.window, desk.hand
    await desk.synced()
    visit("empty")
    for name in RETURNS:
        await opened(desk, name)
        visit(name)
        await desk.press("2")
        visit(f"{name}, graded")
    await desk.press("6")
    visit("missing")
    window.bench.commands.open_more()
    visit("more")
    window.bench.commands.leave_more()
    async for asked in questions(desk):
        is_second = isinstance(desk.session.bench.state.question, BothEntered)
        visit(BOTH_ENTERED if is_second else f"question {asked.kind}")
    await opened(desk, "single")
    await desk.press("1", "F12")
    assert desk.screen.band.countdown is not None
    visit("kept")
    for place, *_rest in PLACES:
        window.show_view(place)
        await hand.until(f"the page {place}", lambda n=place: page_read(desk, n))  # type: ignore[misc]
        visit(place)
    pages = cast("dict[str, Any]", desk.session.pages.presenters)
    for place, press in BEHIND_A_PRESS.items():
        window.show_view(place)
        await hand.until(f"the page {place}", lambda n=place: page_read(desk, n))  # type: ignore[misc]
        await hand.do(lambda n=place, p=press: p(pages[n]))  # type: ignore[misc]
        visit(f"{place}, behind a press")


def page_read(desk: Desk, place: str) -> bool:
    """Say whether a page shows what it reads when it comes to the front."""
    tasks = desk.program.parts.tasks.names
    return not {f"{place} refresh", "mysteries refresh", "health checks"} & set(tasks)
