"""The attention list's presenter."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from loopdesk.domain.errors import RuleBroken, Unreachable
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import NO_CAUSE, Cause, Entry, Move, ParkReason, Stage, Why
from loopdesk.domain.returns.returns import Fingerprint, Note, ReturnState
from loopdesk.presenters.pages.attention import AttentionPresenter
from loopdesk.presenters.screens.pages import AttentionScreen, CaseScreen
from loopdesk.services.ports.store import Stored
from loopdesk.services.station.events import OutboxChanged
from tests import builders
from tests.builders import AT, RETURN_ID
from tests.unit.presenters.rig import Recorder, Rig, a_rig


class FakeDesk:
    """Carries out choices on the outbox and records them."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.calls: list[tuple[object, ...]] = []
        self.failure: Exception | None = None
        self.settles = 0

    async def send_again(self, entry_ids: Sequence[str], by: Operator) -> None:
        await self._move("send_again", entry_ids, Stage.READY, by)

    async def it_is_done(self, entry_ids: Sequence[str], by: Operator) -> None:
        await self._move("it_is_done", entry_ids, Stage.DONE, by)

    async def drop(self, entry_ids: Sequence[str], reason: str, by: Operator) -> None:
        await self._move("drop", entry_ids, Stage.WITHDRAWN, by, reason)

    async def waive(self, entry_id: str, by: Operator) -> None:
        self.calls.append(("waive", entry_id, by.name))
        await self._rig.store.outbox.waive(entry_id, by, AT)

    async def check_again(self, return_id: str) -> int:
        self.calls.append(("check_again", return_id))
        if self.failure:
            raise self.failure
        return self.settles

    async def _move(
        self, name: str, entry_ids: Sequence[str], target: Stage, by: Operator, reason: str = ""
    ) -> None:
        self.calls.append((name, tuple(entry_ids), by.name, reason))
        if self.failure:
            raise self.failure
        moves = [Move(x, Stage.PARKED, target, by=by, cause=Cause(Why.DROPPED, reason)) for x in entry_ids]
        await self._rig.store.outbox.apply(moves, at=AT + timedelta(minutes=40))


class Notes:
    """The notes at Loop."""

    def __init__(self) -> None:
        self.texts: tuple[Note, ...] | None = ()
        self.asked = 0

    async def read(self, return_id: str) -> tuple[Note, ...]:
        self.asked += 1
        if self.texts is None:
            raise Unreachable
        return self.texts


Given = tuple[AttentionPresenter, Recorder[AttentionScreen], FakeDesk, Notes]


def an_attention(rig: Rig) -> Given:
    desk, notes = FakeDesk(rig), Notes()
    presenter = AttentionPresenter(
        rig.page,
        desk=desk,
        outbox=rig.store.outbox,
        cache=rig.store.returns,
        audit=rig.store.audit,
        read_notes=notes.read,
        station=rig.station,
        open_return=rig.opened.append,
        masked=lambda text: text.replace("BCDEF", "•••••"),
    )
    surface = Recorder[AttentionScreen]()
    presenter.attach(surface)
    return presenter, surface, desk, notes


async def parked(
    rig: Rig,
    *kinds: Kind,
    which: int = -1,
    reason: ParkReason = ParkReason.CONFLICT,
    found: Fingerprint | None = None,
    cause: Cause = NO_CAUSE,
    return_id: str = RETURN_ID,
    order_name: str = "#1164",
) -> tuple[Entry, ...]:
    """Keep a settlement; what stands before the one that parks is confirmed."""
    await rig.store.returns.save(
        (builders.a_fetched(builders.a_return(return_id, order_name=order_name)),), AT
    )
    request = builders.a_keep_request(*kinds, return_id=return_id, order_name=order_name)
    outbox = rig.store.outbox
    entries = await outbox.keep(request)
    await outbox.release(entries[0].settlement_id)
    stop = entries[which]
    at = AT + timedelta(seconds=9)
    for entry in entries[: entries.index(stop)]:
        await outbox.claim((entry,), "", at)
        await outbox.apply((Move(entry.entry_id, Stage.SENDING, Stage.DONE),), at=at, evidence="accepted")
    move = Move(stop.entry_id, Stage.READY, Stage.PARKED, reason, cause=cause, found=found)
    await outbox.apply((move,), at=at)
    return entries


def case_of(surface: Recorder[AttentionScreen]) -> CaseScreen:
    case = surface.last().case
    assert case is not None
    return case


async def test_nothing_needs_anybody() -> None:
    async with a_rig() as rig:
        presenter, surface, _, _ = an_attention(rig)
        presenter.show()
        await rig.settle()
        assert surface.last().summary == "Nothing needs you."
        assert surface.last().case is None


async def test_what_is_asked_about_a_case_that_just_went_is_not_done_to_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The list has moved on, and the next case is being read, while the one that went is still shown."""
    async with a_rig() as rig:
        presenter, surface, desk, _ = an_attention(rig)
        first = await parked(rig, Kind.PROCESS)
        await parked(rig, Kind.PROCESS, return_id="70000002", order_name="#1165")
        presenter.show()
        await rig.settle()
        assert "#1164" in case_of(surface).title
        read, goes_on = rig.store.returns.get, asyncio.Event()

        async def slowly(return_id: str) -> Stored | None:
            await goes_on.wait()
            return await read(return_id)

        monkeypatch.setattr(rig.store.returns, "get", slowly)
        done = Move(first[-1].entry_id, Stage.PARKED, Stage.DONE)
        await rig.store.outbox.apply((done,), at=AT + timedelta(minutes=40))
        rig.feed.tell(OutboxChanged(RETURN_ID))
        await rig.settle()
        presenter.choose("drop")
        goes_on.set()
        await rig.settle()
        assert "#1165" in case_of(surface).title
        assert surface.last().asking is None
        presenter.confirm("gone")
        await rig.settle()
        assert desk.calls == []


async def test_a_conflict_shows_both_pictures_with_the_differences_marked() -> None:
    async with a_rig() as rig:
        presenter, surface, _, notes = an_attention(rig)
        notes.texts = (
            Note("1", "gift", AT - timedelta(days=1)),
            Note("2", "Box was wet. [ld:ABCDEF]", AT + timedelta(seconds=5)),
            Note("3", "customer disputes item", AT + timedelta(seconds=6)),
        )
        await parked(rig, found=builders.a_fingerprint(state="review"))
        await rig.clock.turn(39 * 60 + 9)
        presenter.show()
        await rig.settle()
        case = case_of(surface)
        assert case.title == "#1164 — changed at Loop meanwhile"
        assert case.advice == "A person at Loop must clear the review first."
        assert case.then_title == "When Ana decided · 09:30"
        assert [x.text for x in case.then] == [
            "Open",
            "1 line",
            "Refund 49.34 USD",
            "1 note",
        ]
        assert [(x.text, x.differs) for x in case.now] == [
            ("In review", True),
            ("1 line", False),
            ("Refund 49.34 USD", False),
            ("Note: “customer disputes item”", True),
        ]
        assert surface.last().cases[0].waited == "39 minutes"
        assert surface.last().oldest == "The oldest has waited 39 minutes."


async def test_the_case_says_what_went_and_what_did_not() -> None:
    async with a_rig() as rig:
        presenter, surface, _, _ = an_attention(rig)
        await parked(rig, found=builders.a_fingerprint(state="review"))
        presenter.show()
        await rig.settle()
        assert case_of(surface).subtitle == (
            "Ana asked at 09:30: grade 1 line, place 1 line, 1 note, process. "
            "Confirmed by Loop: grade 1 line, place 1 line, 1 note. Not confirmed: process."
        )


async def test_the_history_is_told_in_words() -> None:
    async with a_rig() as rig:
        presenter, surface, _, _ = an_attention(rig)
        found = builders.a_fingerprint(state="review")
        await parked(rig, Kind.GRADE, Kind.PROCESS, cause=Cause(Why.CHANGED), found=found)
        presenter.show()
        await rig.settle()
        assert [f"{x.when} {x.what}" for x in case_of(surface).history] == [
            "09:30:00 Kept on dock 1 by Ana: grade 1 line, process.",
            "09:30:09 Sent to Loop: grade 1 line.",
            "09:30:09 Confirmed by Loop: grade 1 line.",
            "09:30:09 Asked Loop again (process). The return was “In review”, not “Open”. Stopped.",
        ]


async def test_unknown_notes_leave_no_row_and_are_not_asked_for_again_and_again() -> None:
    async with a_rig() as rig:
        presenter, surface, _, notes = an_attention(rig)
        notes.texts = None
        await parked(rig, found=builders.a_fingerprint(state="review"))
        presenter.show()
        await rig.clock.turn(100)
        assert notes.asked == 1
        assert not any("ote" in x.text for x in case_of(surface).now)


async def test_send_anyway_says_the_consequence_and_waits_for_a_yes() -> None:
    async with a_rig() as rig:
        presenter, surface, desk, _ = an_attention(rig)
        entries = await parked(rig, found=builders.a_fingerprint(state="review"))
        presenter.show()
        await rig.settle()
        presenter.choose("send_again")
        await rig.settle()
        asking = surface.last().asking
        assert asking is not None
        assert asking.text == "Send anyway…"
        assert "Loop can never take it back." in asking.consequence
        assert desk.calls == []
        presenter.confirm()
        await rig.settle()
        assert desk.calls == [("send_again", (entries[-1].entry_id,), "Kim", "")]
        assert surface.last().asking is None
        assert surface.last().case is None


async def test_a_question_can_be_left_without_doing_anything() -> None:
    async with a_rig() as rig:
        presenter, surface, desk, _ = an_attention(rig)
        await parked(rig)
        presenter.show()
        await rig.settle()
        presenter.choose("it_is_done")
        presenter.dismiss()
        presenter.confirm()
        await rig.settle()
        assert desk.calls == []
        assert surface.last().asking is None


async def test_dropping_needs_a_reason() -> None:
    async with a_rig() as rig:
        presenter, surface, desk, _ = an_attention(rig)
        entries = await parked(rig)
        presenter.show()
        await rig.settle()
        presenter.choose("drop")
        presenter.confirm("   ")
        await rig.settle()
        assert desk.calls == []
        assert surface.last().asking is not None
        assert surface.last().message == "Say why: a few words are enough."
        presenter.confirm("parcel went\nback")
        await rig.settle()
        assert desk.calls == [("drop", (entries[-1].entry_id,), "Kim", "parcel went back")]
        assert surface.last().summary == "Nothing needs you."
        assert surface.last().message == "#1164: dropped."


async def test_dropping_takes_what_waits_behind_it_along() -> None:
    async with a_rig() as rig:
        presenter, _, desk, _ = an_attention(rig)
        entries = await parked(rig, Kind.GRADE, Kind.PROCESS, which=0, reason=ParkReason.REFUSED)
        behind = Move(entries[1].entry_id, Stage.READY, Stage.PARKED, ParkReason.DEPENDENCY)
        await rig.store.outbox.apply((behind,), at=AT)
        presenter.show()
        await rig.settle()
        presenter.choose("drop")
        presenter.confirm("wrong shop")
        await rig.settle()
        assert desk.calls == [("drop", tuple(x.entry_id for x in entries), "Kim", "wrong shop")]


async def test_a_refused_grade_can_be_left_behind_by_name() -> None:
    async with a_rig() as rig:
        presenter, surface, desk, _ = an_attention(rig)
        entries = await parked(
            rig,
            Kind.GRADE,
            Kind.PROCESS,
            which=0,
            reason=ParkReason.REFUSED,
            cause=Cause(Why.REFUSED, "line item not found"),
        )
        presenter.show()
        await rig.settle()
        assert case_of(surface).advice == "Loop said: Line item not found."
        presenter.choose("waive")
        presenter.confirm()
        await rig.settle()
        assert desk.calls == [("waive", entries[0].entry_id, "Kim")]
        assert "waive" not in [x.intent for x in case_of(surface).choices]


@pytest.mark.parametrize(
    ("cause", "advice"),
    [
        (Cause(Why.REFUSED), "Loop refused it."),
        (Cause("bad_id"), "This return has a number that must not be sent. Ask a lead."),
        (Cause(Why.NOT_FOUND), "Loop says that it knows no such return."),
    ],
)
async def test_what_loop_did_not_say_is_not_told_as_its_words(cause: Cause, advice: str) -> None:
    async with a_rig() as rig:
        presenter, surface, _, _ = an_attention(rig)
        await parked(rig, Kind.PROCESS, reason=ParkReason.REFUSED, cause=cause)
        presenter.show()
        await rig.settle()
        assert case_of(surface).advice == advice


async def test_a_finalizer_itself_can_not_be_left_behind() -> None:
    async with a_rig() as rig:
        presenter, surface, _, _ = an_attention(rig)
        await parked(rig)
        presenter.show()
        await rig.settle()
        assert [x.intent for x in case_of(surface).choices] == [
            "check_again",
            "it_is_done",
            "send_again",
            "drop",
            "open_at_bench",
        ]


async def test_a_damaged_entry_is_never_sent_again() -> None:
    async with a_rig() as rig:
        presenter, surface, _, _ = an_attention(rig)
        await parked(rig, reason=ParkReason.DAMAGED)
        presenter.show()
        await rig.settle()
        assert "send_again" not in [x.intent for x in case_of(surface).choices]
        presenter.choose("send_again")
        assert surface.last().asking is None


async def test_an_undecided_finalizer_warns_of_a_second_time() -> None:
    async with a_rig() as rig:
        presenter, surface, _, _ = an_attention(rig)
        await parked(rig, reason=ParkReason.UNDECIDED)
        presenter.show()
        await rig.settle()
        presenter.choose("send_again")
        asking = surface.last().asking
        assert asking is not None
        assert asking.text == "Send again…"
        assert "a second time" in asking.consequence


async def test_check_again_asks_loop_and_says_what_came() -> None:
    async with a_rig() as rig:
        presenter, surface, desk, notes = an_attention(rig)
        await parked(rig)
        presenter.show()
        await rig.settle()
        presenter.choose("check_again")
        assert surface.last().busy
        await rig.settle()
        assert desk.calls == [("check_again", RETURN_ID)]
        assert not surface.last().busy
        assert surface.last().message == "Asked Loop at 09:30: nothing has changed that would settle it."
        assert notes.asked == 2
        desk.settles = 1
        presenter.choose("check_again")
        await rig.settle()
        assert surface.last().message == "Asked Loop at 09:30: something has moved on."


async def test_no_network_is_said_and_breaks_nothing() -> None:
    async with a_rig() as rig:
        presenter, surface, desk, _ = an_attention(rig)
        await parked(rig)
        desk.failure = Unreachable()
        presenter.show()
        await rig.settle()
        presenter.choose("check_again")
        await rig.settle()
        assert surface.last().message.startswith("Loop cannot be reached.")
        assert surface.last().message_tone == "offline"
        desk.failure = RuleBroken("closed_for_changes")
        presenter.choose("it_is_done")
        presenter.confirm()
        await rig.settle()
        assert surface.last().message_tone == "blocked"


async def test_a_case_that_settles_itself_leaves_the_screen_with_its_question() -> None:
    async with a_rig() as rig:
        presenter, surface, _, _ = an_attention(rig)
        (entry,) = await parked(rig, Kind.PROCESS)
        presenter.show()
        await rig.settle()
        presenter.choose("drop")
        await rig.store.outbox.apply((Move(entry.entry_id, Stage.PARKED, Stage.DONE),), at=AT)
        rig.feed.tell(OutboxChanged(RETURN_ID))
        await rig.settle()
        assert surface.last().asking is None
        assert surface.last().cases == ()
        presenter.confirm("too late")
        await rig.settle()


async def test_cases_are_one_a_return_the_oldest_first() -> None:
    async with a_rig() as rig:
        presenter, surface, _, _ = an_attention(rig)
        await parked(rig, return_id="70000002", order_name="#2")
        await parked(rig, return_id="70000003", order_name="#3")
        presenter.show()
        await rig.settle()
        assert [x.title for x in surface.last().cases] == ["#2", "#3"]
        assert surface.last().selected == "70000002"
        presenter.select("70000003")
        await rig.settle()
        assert case_of(surface).title.startswith("#3")
        presenter.choose("open_at_bench")
        assert rig.opened == ["70000003"]


async def test_a_fresher_copy_of_loop_replaces_the_picture_of_then() -> None:
    async with a_rig() as rig:
        presenter, surface, _, _ = an_attention(rig)
        await parked(rig, found=builders.a_fingerprint(state="review"))
        later = AT + timedelta(minutes=5)
        closed = builders.a_return(state=ReturnState.CLOSED, updated_at=later)
        await rig.store.returns.save((builders.a_fetched(closed),), later)
        presenter.show()
        await rig.settle()
        case = case_of(surface)
        assert case.now[0].text == "Closed"
        assert case.now_title == "At Loop · 09:35"


async def test_a_return_that_is_no_longer_known_still_shows_its_case() -> None:
    async with a_rig() as rig:
        presenter, surface, _, _ = an_attention(rig)
        await parked(rig)
        rig.store.returns.kept.clear()
        presenter.show()
        await rig.settle()
        case = case_of(surface)
        assert case.now_title == "At Loop · not known here"
        assert case.now == ()
        assert case.then[0].text == "Open"


async def test_a_case_of_values_alone_has_one_picture() -> None:
    async with a_rig() as rig:
        presenter, surface, _, _ = an_attention(rig)
        await parked(rig, Kind.GRADE, reason=ParkReason.REFUSED)
        presenter.show()
        await rig.settle()
        case = case_of(surface)
        assert case.then == ()
        assert case.now[0].text == "Open"


async def test_the_reason_of_a_drop_keeps_no_letters_of_a_command_code() -> None:
    async with a_rig() as rig:
        presenter, _, desk, _ = an_attention(rig)
        await parked(rig)
        presenter.show()
        await rig.settle()
        presenter.choose("drop")
        presenter.confirm("LDCMDCONFIRMBCDEF")
        await rig.settle()
        assert [call[-1] for call in desk.calls] == ["LDCMDCONFIRM•••••"]
