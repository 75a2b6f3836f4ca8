"""What was finished last."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from loopdesk.domain.errors import StoreError
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.hub_word import HubClaim
from loopdesk.domain.outbox.stages import NO_CAUSE, Cause, Entry, Move, Stage, Why
from loopdesk.domain.returns.vocabularies import Vocabularies
from loopdesk.presenters.pages.evidence_choice import EvidenceShown
from loopdesk.presenters.pages.finished import MOST, FinishedPresenter
from loopdesk.presenters.screens.pages import FinishedScreen
from loopdesk.services.ports.store import Stored
from loopdesk.services.station.connection import ConnectionState, LinkState
from loopdesk.services.station.events import OutboxChanged
from tests import builders
from tests.bench_rig import VOCABULARY
from tests.builders import AT
from tests.unit.presenters.rig import Evidence, Recorder, Rig, a_rig
from tests.unit.presenters.test_queue import some_rows, the_parts


def a_page(
    rig: Rig, holds: dict[str, float] | None = None, evidence: Evidence | None = None
) -> tuple[FinishedPresenter, Recorder[FinishedScreen]]:
    parts = the_parts(rig, some_rows(rig, holds=holds), evidence)
    first = replace(VOCABULARY.grades[0], label="Mint")
    shoes = replace(VOCABULARY, grades=(first, *VOCABULARY.grades[1:]))
    both = Vocabularies(VOCABULARY, given={"shoes": shoes})
    presenter = FinishedPresenter(rig.page, parts, vocabularies=lambda: both)
    surface = Recorder[FinishedScreen]()
    presenter.attach(surface)
    return presenter, surface


async def finish(rig: Rig, number: int = 0, *, release: bool = True, minutes: int = 0) -> tuple[Entry, ...]:
    """Finish a return: the default one, or the one of that number, which is not in the store."""
    return_id = f"r{number}" if number else builders.RETURN_ID
    order = f"#{number}" if number else "#1164"
    request = builders.a_keep_request(
        Kind.GRADE,
        Kind.PROCESS,
        return_id=return_id,
        order_name=order,
        draft=builders.a_full_draft(return_id),
        decided_at=AT + timedelta(minutes=minutes),
    )
    entries = await rig.store.outbox.keep(request)
    if release:
        await rig.store.outbox.release(entries[0].settlement_id)
    return entries


async def test_nothing_finished_is_an_empty_page() -> None:
    async with a_rig() as rig:
        presenter, surface = a_page(rig)
        presenter.show()
        await rig.settle()
        assert surface.last() == FinishedScreen()


async def test_the_ten_finished_last_are_listed_with_what_was_done_when_and_how_far_it_got() -> None:
    async with a_rig() as rig:
        await rig.store.returns.save((builders.a_fetched(),), AT)
        for number in range(1, MOST + 3):
            await finish(rig, number)
        sent = await finish(rig, minutes=-4)
        assert await rig.store.outbox.claim(sent[:1], "", AT)
        presenter, surface = a_page(rig)
        presenter.show()
        await rig.settle()
        rows = surface.last().rows
        assert [row.return_id for row in rows] == [builders.RETURN_ID, *(f"r{n}" for n in range(12, 3, -1))]
        latest = rows[0]
        assert (latest.what, latest.detail) == ("#1164 · Robin Doe", "Process by Ana")
        assert (latest.decided, latest.rung) == ("09:26", "Kept")
        await rig.store.outbox.apply((Move(sent[0].entry_id, Stage.SENDING, Stage.DONE),), at=AT)
        await rig.store.outbox.claim(sent[1:], "", AT)
        await rig.store.outbox.apply((Move(sent[1].entry_id, Stage.SENDING, Stage.SETTLING),), at=AT)
        rig.feed.tell(OutboxChanged(builders.RETURN_ID))
        await rig.settle()
        assert surface.last().rows[0].rung == "Accepted"


async def test_what_another_bench_finished_is_not_called_confirmed_here_and_says_where_it_was_done() -> None:
    async with a_rig() as rig:
        await rig.store.returns.save((builders.a_fetched(),), AT)
        grade, process = await finish(rig)
        claim = HubClaim("Dock 1", "Bo", AT.isoformat())
        stood = Cause(Why.CLAIMED_AT_HUB, claim.text)
        for entry, target in ((grade, Stage.DONE), (process, Stage.SUPERSEDED)):
            await rig.store.outbox.claim((entry,), "", AT)
            cause = stood if entry is process else NO_CAUSE
            await rig.store.outbox.apply((Move(entry.entry_id, Stage.SENDING, target, cause=cause),), at=AT)
        presenter, surface = a_page(rig)
        presenter.show()
        await rig.settle()
        (row,) = surface.last().rows
        assert (row.rung, row.tone) == ("Settled already", "plain")
        assert row.stage.startswith("Loop had done it already · it was finished at Dock 1 by Bo, ")


async def test_the_latest_is_shown_as_it_was_entered_and_with_what_happened_without_a_network() -> None:
    async with a_rig() as rig:
        rig.line.state = ConnectionState(LinkState.OFFLINE, since=AT)
        await rig.store.returns.save((builders.a_fetched(),), AT)
        await finish(rig)
        presenter, surface = a_page(rig)
        presenter.show()
        await rig.settle()
        shown = surface.last()
        assert (shown.selected, shown.title) == (builders.RETURN_ID, "#1164 · Robin Doe")
        assert shown.stage == "Waits for the network"
        assert shown.lines[0].what == "Linen shirt — Blue / M"
        assert "A" in shown.lines[0].found
        assert [row.what for row in shown.history] == ["Kept on dock 1 by Ana: grade 1 line, process."]


@pytest.mark.parametrize(("shop", "grade"), [("", "A"), ("other", "A"), ("shoes", "Mint")])
async def test_what_was_decided_is_said_in_the_words_of_the_returns_own_shop(
    monkeypatch: pytest.MonkeyPatch, shop: str, grade: str
) -> None:
    async with a_rig() as rig:
        await rig.store.returns.save((builders.a_fetched(),), AT)
        read = rig.store.returns.get

        async def get(return_id: str) -> Stored | None:
            stored = await read(return_id)
            return replace(stored, shop=shop) if stored is not None else None

        monkeypatch.setattr(rig.store.returns, "get", get)
        await finish(rig)
        presenter, surface = a_page(rig)
        presenter.show()
        await rig.settle()
        assert surface.last().lines[0].found.startswith(grade)


async def test_what_was_said_is_put_away_and_the_rest_of_the_page_stays() -> None:
    async with a_rig() as rig:
        await finish(rig)
        presenter, surface = a_page(rig, evidence=Evidence(EvidenceShown("/x/sheet.pdf")))
        presenter.show()
        await rig.settle()
        presenter.choose("evidence")
        await rig.settle()
        said = surface.last()
        assert "is open, and saved as" in said.message
        presenter.dismiss()
        assert surface.last() == replace(said, message="")


async def test_another_one_is_shown_when_it_is_chosen_and_the_latest_again_next_time() -> None:
    async with a_rig() as rig:
        for number in (1, 2):
            await finish(rig, number)
        presenter, surface = a_page(rig)
        presenter.show()
        presenter.select("r1")
        await rig.settle()
        assert (surface.last().selected, surface.last().title) == ("r1", "#1")
        await finish(rig, 3)
        rig.feed.tell(OutboxChanged("r3"))
        await rig.settle()
        assert surface.last().selected == "r1"
        presenter.hide()
        presenter.show()
        await rig.settle()
        assert surface.last().selected == "r3"


async def test_what_is_still_held_counts_down_and_is_undone_and_open_again() -> None:
    async with a_rig() as rig:
        holds: dict[str, float] = {}
        await finish(rig, 1)
        held = await finish(rig, 2, release=False)
        holds[held[0].settlement_id] = 5.0
        presenter, surface = a_page(rig, holds)
        presenter.show()
        await rig.settle()
        assert surface.last().stage == "Kept, undo possible for 5 seconds"
        holds[held[0].settlement_id] = 4.0
        await rig.clock.turn(1.0)
        assert surface.last().stage == "Kept, undo possible for 4 seconds"
        assert [(x.intent, x.text) for x in surface.last().choices] == [
            ("undo", "Undo #2"),
            ("open_at_bench", "Open #2 at the bench"),
            ("evidence", "Evidence of #2 as a PDF"),
        ]
        presenter.choose("undo")
        await rig.settle()
        assert {x.stage for x in await rig.store.outbox.lane("r2")} == {Stage.WITHDRAWN}
        assert (await rig.store.drafts.get("r2")) == builders.a_full_draft("r2")
        assert rig.opened == ["r2"]
        assert [row.return_id for row in surface.last().rows] == ["r1"]


async def test_what_was_sent_is_not_offered_to_be_undone_and_too_late_is_said() -> None:
    async with a_rig() as rig:
        entries = await finish(rig, 1)
        presenter, surface = a_page(rig)
        presenter.show()
        await rig.settle()
        assert [x.intent for x in surface.last().choices] == ["undo", "open_at_bench", "evidence"]
        assert await rig.store.outbox.claim(entries[:1], "", AT)
        presenter.choose("undo")
        await rig.settle()
        assert surface.last().message == "Too late to undo #1: part of it has been sent."
        assert [x.intent for x in surface.last().choices] == ["open_at_bench", "evidence"]
        assert rig.opened == []
        presenter.choose("open_at_bench")
        assert rig.opened == ["r1"]


async def test_an_undo_that_the_store_refuses_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise StoreError("the commit failed")

    async with a_rig() as rig:
        await finish(rig, 1)
        presenter, surface = a_page(rig)
        presenter.show()
        await rig.settle()
        monkeypatch.setattr(rig.store.outbox, "withdraw", fail)
        presenter.choose("undo")
        await rig.settle()
        assert surface.last().message
        assert rig.opened == []
