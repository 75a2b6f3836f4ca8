"""The queue view's presenter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from loopdesk.domain.errors import StoreError
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Attempt, Cause, Entry, Move, ParkReason, Stage, Why
from loopdesk.domain.returns.vocabularies import Vocabularies
from loopdesk.i18n import catalogue
from loopdesk.i18n.languages import catalogue_of
from loopdesk.presenters.pages.queue import FILTERS, PAGE, QueuePresenter
from loopdesk.presenters.pages.queue_rows import QueueRows, ReturnNames
from loopdesk.presenters.pages.return_page import ReturnPageParts
from loopdesk.presenters.screens.pages import QueueRow, QueueScreen
from loopdesk.presenters.words.queue_words import attempt_words, waiting_reason
from loopdesk.services.bench.inspection import InspectionDesk
from loopdesk.services.station.connection import ConnectionState, LinkState
from loopdesk.services.station.events import ConnectionChanged, OutboxChanged
from tests import builders, catalogues
from tests.bench_rig import VOCABULARY
from tests.builders import AT
from tests.unit.presenters.rig import ZONE, Evidence, Recorder, Rig, a_rig


class AllFit:
    """Any key fits, unless set otherwise."""

    def __init__(self) -> None:
        self.answer = True

    def fits(self, entry: Entry) -> bool:
        return self.answer


def a_desk(rig: Rig) -> InspectionDesk:
    return InspectionDesk(
        drafts=rig.store.drafts,
        outbox=rig.store.outbox,
        clock=rig.clock,
        feed=rig.feed,
        station=rig.station,
        vocabularies=lambda: Vocabularies(VOCABULARY),
        public_place=lambda: None,
    )


def some_rows(rig: Rig, keys: AllFit | None = None, holds: dict[str, float] | None = None) -> QueueRows:
    return QueueRows(
        ReturnNames(rig.store.returns),
        ZONE,
        line=rig.line,
        key_fits=(keys or AllFit()).fits,
        hold_left=({} if holds is None else holds).get,
    )


def the_parts(rig: Rig, rows: QueueRows, evidence: Evidence | None) -> ReturnPageParts:
    return ReturnPageParts(
        outbox=rig.store.outbox,
        overview=rig.store.overview,
        audit=rig.store.audit,
        rows=rows,
        withdraw=a_desk(rig).withdraw,
        open_return=rig.opened.append,
        show_evidence=(evidence or Evidence()).show,
    )


def a_queue(
    rig: Rig,
    keys: AllFit | None = None,
    holds: dict[str, float] | None = None,
    evidence: Evidence | None = None,
) -> tuple[QueuePresenter, Recorder[QueueScreen], list[str]]:
    cases: list[str] = []
    parts = the_parts(rig, some_rows(rig, keys, holds), evidence)
    presenter = QueuePresenter(rig.page, parts, show_case=cases.append)
    surface = Recorder[QueueScreen]()
    presenter.attach(surface)
    return presenter, surface, cases


def calls(surface: Recorder[QueueScreen]) -> tuple[QueueRow, ...]:
    """Return the calls on the last screen."""
    return tuple(row for row in surface.last().rows if row.is_call)


async def unfolded(rig: Rig, presenter: QueuePresenter) -> None:
    """Show the queue with the calls of the default return."""
    presenter.show()
    await rig.settle()
    presenter.unfold(builders.RETURN_ID)


async def kept(rig: Rig, *kinds: Kind, release: bool = False) -> tuple[Entry, ...]:
    await rig.store.returns.save((builders.a_fetched(),), AT)
    entries = await rig.store.outbox.keep(builders.a_keep_request(*kinds))
    if release:
        await rig.store.outbox.release(entries[0].settlement_id)
    return entries


async def test_a_hidden_queue_reads_nothing() -> None:
    async with a_rig() as rig:
        _, surface, _ = a_queue(rig)
        await kept(rig)
        rig.feed.tell(OutboxChanged(builders.RETURN_ID))
        await rig.settle()
        assert surface.last().rows == ()


async def test_a_return_is_one_row_that_unfolds_to_its_calls() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        await kept(rig)
        presenter.show()
        await rig.settle()
        (row,) = surface.last().rows
        assert row.what == "#1164 · Robin Doe"
        assert row.detail == "Grade 1 line, place 1 line, 1 note, process"
        assert (row.rung, row.steps, row.stage) == ("Kept", 1, "Kept, undo possible")
        assert not row.is_unfolded
        presenter.unfold(row.key)
        assert surface.last().rows[0].is_unfolded
        rows = calls(surface)
        assert [row.what.split(":")[0] for row in rows] == ["Grade", "Place", "Note", "Process"]
        assert rows[0].what == "Grade: Linen shirt — Blue / M → A"
        assert {row.stage for row in rows} == {"Kept, undo possible"}
        assert surface.last().summary == "1 return kept here."


async def test_a_change_is_shown_while_the_queue_is_seen() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        presenter.show()
        await rig.settle()
        assert surface.last().summary == "Everything is confirmed by Loop."
        await kept(rig)
        rig.feed.tell(OutboxChanged(builders.RETURN_ID))
        await rig.settle()
        assert len(surface.last().rows) == 1


async def test_many_changes_at_once_are_read_once_more_not_many_times() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        presenter.show()
        await rig.settle()
        before = len(surface.screens)
        for _ in range(500):
            rig.feed.tell(OutboxChanged(""))
        await rig.settle()
        assert len(surface.screens) - before <= 2


async def test_a_page_that_is_shown_twice_reads_once() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        presenter.show()
        presenter.show()
        await rig.settle()
        assert len(surface.screens) == 2


@pytest.mark.fault(145)
async def test_ages_go_on_by_themselves() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        await kept(rig)
        presenter.show()
        await rig.clock.turn(180)
        assert surface.last().rows[0].age == "3 minutes"
        presenter.hide()
        shown = len(surface.screens)
        await rig.clock.turn(180)
        assert len(surface.screens) == shown


async def test_offline_entries_wait_for_the_network() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        await kept(rig, release=True)
        rig.line.state = ConnectionState(LinkState.OFFLINE)
        await unfolded(rig, presenter)
        assert {row.stage for row in surface.last().rows} == {"Waits for the network"}
        rig.line.state = ConnectionState(LinkState.OFFLINE, trouble="hub_unreachable")
        rig.feed.tell(ConnectionChanged())
        await rig.settle()
        assert {row.stage for row in surface.last().rows} == {"Waits for the hub"}
        rig.line.state = ConnectionState(LinkState.KEY_REFUSED)
        rig.feed.tell(ConnectionChanged())
        await rig.settle()
        assert {row.stage for row in surface.last().rows} == {"Waits: Loop refuses the key"}


async def test_a_finalizer_waits_for_the_grades_before_it() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        await kept(rig, Kind.GRADE, Kind.PROCESS, release=True)
        await unfolded(rig, presenter)
        assert [row.stage for row in surface.last().rows] == [
            "Waits to be sent",
            "Waits to be sent",
            "Waits for the grades before it",
        ]


async def test_another_shops_entries_say_so() -> None:
    async with a_rig() as rig:
        keys = AllFit()
        keys.answer = False
        presenter, surface, _ = a_queue(rig, keys)
        await kept(rig, release=True)
        presenter.show()
        await rig.settle()
        assert surface.last().rows[0].stage == "Waits: it was decided with another key"


def test_a_parked_grade_holds_up_the_finalizer_but_no_note() -> None:
    grade = builders.an_entry(1, Kind.GRADE, Stage.PARKED, reason=ParkReason.REFUSED)
    note, process = builders.an_entry(2, Kind.NOTE), builders.an_entry(3, Kind.PROCESS)
    lane = (grade, note, process)
    assert waiting_reason(note, lane, LinkState.ONLINE, AT) == "Waits to be sent"
    lane = (grade, replace(note, stage=Stage.DONE), process)
    assert waiting_reason(process, lane, LinkState.ONLINE, AT) == "Waits for an earlier step that needs you"


def test_a_back_off_says_how_long() -> None:
    entry = builders.an_entry(due_at=AT + timedelta(seconds=12))
    assert waiting_reason(entry, (entry,), LinkState.ONLINE, AT) == "Tries again in 12 seconds"
    assert waiting_reason(entry, (entry,), LinkState.ONLINE, AT + timedelta(seconds=20)) == "Waits to be sent"


def test_an_uncertain_entry_holds_up_what_follows() -> None:
    unsure = builders.an_entry(1, Kind.NOTE, Stage.UNCERTAIN)
    entry = builders.an_entry(2, Kind.PROCESS)
    said = waiting_reason(entry, (unsure, entry), LinkState.ONLINE, AT)
    assert said == "Waits until Loop says what happened before"


@pytest.mark.fault(134)
def test_no_attempt_is_called_a_success() -> None:
    for evidence in ("", "not_sent", "accepted", "refused", "key", "ambiguous", "what"):
        said = attempt_words(Attempt("e", 1, "", evidence, None, "", AT, None))
        assert said.startswith("Try 1: ")
        assert "success" not in said
        assert "done" not in said


async def test_filters_show_their_stages_only() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        await kept(rig)
        presenter.show()
        presenter.choose_filter("parked")
        await rig.settle()
        assert surface.last().rows == ()
        assert surface.last().chosen_filter == "parked"
        presenter.choose_filter("held")
        await rig.settle()
        assert len(surface.last().rows) == 1
        presenter.choose_filter("no such filter")
        assert surface.last().chosen_filter == "held"
        assert [key for key, _ in surface.last().filters] == list(FILTERS)


async def test_ended_entries_are_found_behind_a_long_queue() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        entries = await kept(rig, Kind.NOTE)
        await rig.store.outbox.withdraw(entries[0].settlement_id, Operator(name="Kim"), AT)
        presenter.show()
        presenter.choose_filter("ended")
        await rig.settle()
        assert [row.stage for row in surface.last().rows] == ["Withdrawn"]
        assert surface.last().rows[0].age == ""


async def test_the_history_of_an_entry_is_told() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        (entry,) = await kept(rig, Kind.NOTE, release=True)
        await rig.store.outbox.claim((entry,), "", AT + timedelta(seconds=9))
        move = Move(
            entry.entry_id,
            Stage.SENDING,
            Stage.PARKED,
            ParkReason.REFUSED,
            cause=Cause(Why.REFUSED, "note too long"),
        )
        await rig.store.outbox.apply((move,), at=AT + timedelta(seconds=10), evidence="refused")
        await unfolded(rig, presenter)
        presenter.select(entry.entry_id)
        await rig.settle()
        assert surface.last().title == "#1164 · Robin Doe · Note: “Box was wet. Ana, dock 1”"
        assert [f"{x.when} {x.what}" for x in surface.last().history] == [
            "09:30:00 Kept on dock 1 by Ana.",
            "09:30:10 Try 1: Loop refused it.",
            "09:30:10 Loop refused: note too long.",
        ]
        assert surface.last().rows[0].stage == "Needs you · Loop refused"
        assert surface.last().rows[0].error == "Note too long."


async def test_unsent_settlements_can_be_withdrawn_after_asking() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        entries = await kept(rig, release=True)
        await unfolded(rig, presenter)
        presenter.select(entries[0].entry_id)
        await rig.settle()
        presenter.choose("withdraw")
        asking = surface.last().asking
        assert asking is not None
        assert (asking.text, asking.accept) == ("Withdraw #1164…", "Withdraw #1164")
        assert "settlement of #1164" in asking.consequence
        assert (await rig.store.outbox.entries())[0].stage is Stage.READY
        presenter.dismiss()
        assert surface.last().asking is None
        presenter.choose("withdraw")
        presenter.confirm()
        await rig.settle()
        assert {x.stage for x in await rig.store.outbox.entries()} == {Stage.WITHDRAWN}
        assert surface.last().message == "Withdrawn. What was entered is back on the bench for #1164."


async def test_what_was_said_after_an_act_is_said_in_the_language_of_now() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        entries = await kept(rig, release=True)
        await unfolded(rig, presenter)
        presenter.select(entries[0].entry_id)
        await rig.settle()
        presenter.choose("withdraw")
        presenter.confirm()
        await rig.settle()
        try:
            catalogue.use(catalogue_of("de", catalogues.LOCALES))
            presenter.speak_anew()
            german = surface.last().message
        finally:
            catalogue.use(None)
        presenter.speak_anew()
        assert "Zurückgezogen" in german
        assert surface.last().message == "Withdrawn. What was entered is back on the bench for #1164."
        await rig.settle()


async def test_what_was_sent_cannot_be_withdrawn() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        entries = await kept(rig, release=True)
        await unfolded(rig, presenter)
        presenter.select(entries[3].entry_id)
        await rig.settle()
        presenter.choose("withdraw")
        await rig.store.outbox.claim(entries[:1], "", AT)
        presenter.confirm()
        await rig.settle()
        assert surface.last().message == "Too late to withdraw: part of it has been sent."
        assert "withdraw" not in [x.intent for x in surface.last().choices]


async def test_whoever_shows_the_outbox_looks_again_after_a_withdrawal_that_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(*_: object) -> None:
        raise StoreError("the commit failed")

    async with a_rig() as rig:
        told = list[OutboxChanged]()
        rig.feed.on(OutboxChanged, told.append)
        monkeypatch.setattr(rig.store.outbox, "withdraw", fail)
        with pytest.raises(StoreError):
            await a_desk(rig).withdraw("5" * 32)
        assert told == [OutboxChanged("")]


async def test_a_row_leads_to_the_bench_and_to_its_case() -> None:
    async with a_rig() as rig:
        presenter, _, cases = a_queue(rig)
        entries = await kept(rig)
        await unfolded(rig, presenter)
        presenter.choose("open_at_bench")
        assert rig.opened == []
        presenter.select(entries[0].entry_id)
        await rig.settle()
        presenter.choose("open_at_bench")
        presenter.choose("attention")
        assert rig.opened == [builders.RETURN_ID]
        assert cases == [builders.RETURN_ID]


async def many(rig: Rig, number: int) -> None:
    """Keep one settlement each for many returns."""
    for n in range(number):
        request = builders.a_keep_request(
            Kind.GRADE,
            Kind.NOTE,
            return_id=f"r{n:04}",
            order_name=f"#{n}",
            draft=builders.a_draft(f"r{n:04}"),
        )
        entries = await rig.store.outbox.keep(request)
        await rig.store.outbox.release(entries[0].settlement_id)


async def parked(rig: Rig, return_id: str) -> None:
    """Let the first call of a return need a person."""
    entry = (await rig.store.outbox.lane(return_id))[0]
    assert await rig.store.outbox.claim((entry,), "", AT)
    move = Move(entry.entry_id, Stage.SENDING, Stage.PARKED, ParkReason.REFUSED, counts=True)
    await rig.store.outbox.apply((move,), at=AT, evidence="refused")


async def test_a_return_stands_where_the_last_of_its_calls_stands() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        first, second = await kept(rig, Kind.NOTE, Kind.NOTE, release=True)
        await rig.store.outbox.claim((first,), "", AT)
        await rig.store.outbox.apply((Move(first.entry_id, Stage.SENDING, Stage.DONE, counts=True),), at=AT)
        await unfolded(rig, presenter)
        row, one, two = surface.last().rows
        assert (row.rung, row.steps) == ("Kept", 1)
        assert [(x.rung, x.steps) for x in (one, two)] == [("Confirmed", 4), ("Kept", 1)]
        assert one.detail == "Tried once"
        await rig.store.outbox.claim((second,), "", AT)
        rig.feed.tell(OutboxChanged(builders.RETURN_ID))
        await rig.settle()
        assert (surface.last().rows[0].rung, surface.last().rows[0].steps) == ("Sent", 2)


async def test_what_needs_a_person_is_first_whatever_its_age() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        await many(rig, 5)
        await parked(rig, "r0003")
        presenter.show()
        await rig.settle()
        rows = surface.last().rows
        assert [row.return_id for row in rows] == ["r0003", "r0000", "r0001", "r0002", "r0004"]
        assert (rows[0].rung, rows[0].stage) == ("Needs you", "Needs you · Loop refused")
        assert dict(surface.last().filters)["parked"] == "Needs you 1"
        assert dict(surface.last().filters)["ready"] == "Waiting 4"


async def test_however_many_wait_a_page_of_them_is_read_and_drawn() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        await many(rig, 2 * PAGE + 7)
        presenter.show()
        await rig.settle()
        shown = surface.last()
        assert [row.return_id for row in shown.rows] == [f"r{n:04}" for n in range(PAGE)]
        assert (shown.range, shown.has_previous, shown.has_next) == ("1 to 100 of 207 returns", False, True)
        presenter.turn_page(1)
        presenter.turn_page(1)
        presenter.turn_page(1)
        await rig.settle()
        shown = surface.last()
        assert [row.return_id for row in shown.rows] == [f"r{n:04}" for n in range(200, 207)]
        assert (shown.range, shown.has_next) == ("201 to 207 of 207 returns", False)
        presenter.turn_page(-1)
        await rig.settle()
        assert surface.last().range == "101 to 200 of 207 returns"


async def test_a_last_page_that_ran_empty_gives_way_to_the_first() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        await many(rig, PAGE + 1)
        presenter.show()
        await rig.settle()
        presenter.turn_page(1)
        await rig.settle()
        assert len(surface.last().rows) == 1
        entries = await rig.store.outbox.lane(f"r{PAGE:04}")
        await rig.store.outbox.withdraw(entries[0].settlement_id, Operator(name="Kim"), AT)
        rig.feed.tell(OutboxChanged(""))
        await rig.settle()
        assert len(surface.last().rows) == PAGE
        assert surface.last().range == ""


async def test_live_changes_keep_what_is_selected_and_unfolded() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        await many(rig, 4)
        presenter.show()
        await rig.settle()
        presenter.select("r0002")
        presenter.unfold("r0002")
        await rig.settle()
        await parked(rig, "r0003")
        rig.feed.tell(OutboxChanged("r0003"))
        await rig.settle()
        shown = surface.last()
        assert [row.return_id for row in shown.rows] == ["r0003", "r0000", "r0001", *["r0002"] * 3]
        assert shown.selected == "r0002"
        assert shown.title == "#2"


async def test_a_selected_return_that_was_confirmed_meanwhile_is_still_told_of() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        (entry,) = await kept(rig, Kind.NOTE, release=True)
        presenter.show()
        await rig.settle()
        presenter.select(builders.RETURN_ID)
        await rig.settle()
        await rig.store.outbox.claim((entry,), "", AT)
        await rig.store.outbox.apply((Move(entry.entry_id, Stage.SENDING, Stage.DONE),), at=AT)
        rig.feed.tell(OutboxChanged(builders.RETURN_ID))
        await rig.settle()
        assert surface.last().rows == ()
        assert (surface.last().selected, surface.last().stage) == (builders.RETURN_ID, "Confirmed by Loop")


async def test_what_happened_to_a_whole_return_is_told() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        await kept(rig, Kind.GRADE, Kind.PROCESS)
        presenter.show()
        await rig.settle()
        presenter.select(builders.RETURN_ID)
        await rig.settle()
        assert [x.what for x in surface.last().history] == ["Kept on dock 1 by Ana: grade 1 line, process."]


async def test_the_undo_window_is_counted_down() -> None:
    async with a_rig() as rig:
        holds: dict[str, float] = {}
        presenter, surface, _ = a_queue(rig, holds=holds)
        entries = await kept(rig)
        holds[entries[0].settlement_id] = 7.6
        presenter.show()
        await rig.settle()
        assert surface.last().rows[0].stage == "Kept, undo possible for 8 seconds"
        holds[entries[0].settlement_id] = 0.8
        await rig.clock.turn(1.1)
        assert surface.last().rows[0].stage == "Kept, undo possible for 1 second"
        await rig.store.outbox.release(entries[0].settlement_id)
        rig.feed.tell(OutboxChanged(builders.RETURN_ID))
        await rig.settle()
        drawn = len(surface.screens)
        await rig.clock.turn(5)
        assert len(surface.screens) == drawn


async def test_the_arrow_to_the_left_on_a_call_folds_its_return_and_goes_there() -> None:
    async with a_rig() as rig:
        presenter, surface, _ = a_queue(rig)
        entries = await kept(rig)
        await unfolded(rig, presenter)
        presenter.select(entries[2].entry_id)
        presenter.turn(entries[2].entry_id, unfolded=False)
        await rig.settle()
        assert surface.last().selected == builders.RETURN_ID
        assert calls(surface) == ()
        presenter.turn(builders.RETURN_ID, unfolded=True)
        assert len(calls(surface)) == 4
        presenter.turn(builders.RETURN_ID, unfolded=True)
        assert len(calls(surface)) == 4
