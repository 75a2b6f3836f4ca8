"""Properties of ``reduce`` over random sequences of events, on a store in memory."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any, TypeVar, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.errors import DiskFull, LoopdeskError, RuleBroken, StoreBusy
from loopdesk.domain.labels.classify import classify
from loopdesk.domain.labels.scans import CodeKind, CodeRead, Scan
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.stages import ParkReason
from loopdesk.domain.pictures import NO_PICTURE
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.returns import Note
from loopdesk.domain.returns.vocabularies import Vocabularies
from loopdesk.domain.scanner.wedge import Notice
from loopdesk.domain.settlement import SettlementKind
from loopdesk.presenters.bench import effects, events
from loopdesk.presenters.bench.lines import ScreenContext
from loopdesk.presenters.bench.opening import leaving
from loopdesk.presenters.bench.questions import ExtraAsked, FlagReasonAsked, Typed
from loopdesk.presenters.bench.reduce import TAKERS, reduce
from loopdesk.presenters.bench.scans import sense_of
from loopdesk.presenters.bench.screen import bench_screen
from loopdesk.presenters.bench.state import NOTES_MOST, BenchState, Here
from loopdesk.presenters.commands import COMMANDS
from loopdesk.presenters.screens.window import BenchScreen, Signal
from loopdesk.services.bench.mysteries import MysteryDesk
from loopdesk.services.bench.on_bench import By
from loopdesk.services.ports.station import Station
from loopdesk.services.station.events import (
    Feed,
    MysteryMatched,
    NeedsPerson,
    OutboxChanged,
    ReturnChanged,
    Settled,
)
from tests.bench_rig import VOCABULARY
from tests.builders import AT, a_fetched, a_line, a_parcel, a_return, lines
from tests.fakes.clock import HandClock
from tests.fakes.faults import unexpected
from tests.fakes.memory_store import MemoryStore

T = TypeVar("T")

FIRST, SECOND, NOBODYS = "1Z999AA10123456784", "1Z12345E0205271688", "1Z999AA10999999990"
RETURNS = (
    a_return("91000123", order_name="#20417", parcels=(a_parcel(FIRST),), lines=lines(2)),
    a_return("91000124", order_name="#20418", parcels=(a_parcel(SECOND),), lines=(a_line("77"),)),
)
ITEM = RETURNS[0].lines[0].barcode
CODES = (FIRST, SECOND, NOBODYS, ITEM, "0012345678905", "hello", "LOOKS-LIKE-A-SKU")
QUESTIONS = ("LDCMDNOTE", "LDCMDFLAG", "LDCMDEXTRA", "LDCMDPHOTO", "LDCMDMYSTERY", "LDCMDTYPE")
"""Commands that ask a question."""

WORDS = [command.code for command in COMMANDS]
KIM = Operator("kim", "Kim")
WHERE = Station("dock 1", KIM, "f" * 16, 8.0, "")


def done(work: Coroutine[Any, Any, T]) -> T:
    """Run work of a store in memory, which waits for nothing."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    raise AssertionError("it waits")


WRITES = (effects.Save, effects.Keep, effects.Withdraw, effects.KeepMystery, effects.KeepPhoto)


class World:
    """The bench's state with a store in memory that performs its effects at once.

    Attributes:
        kept: The settlements that were kept, each with the event that led to it.
        fails: Every write fails while this is set.
    """

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.desk = MysteryDesk(
            mysteries=self.store.mysteries,
            cache=self.store.returns,
            clock=HandClock(),
            feed=Feed(unexpected),
            station=lambda: WHERE,
            classify=classify,
        )
        for ret in RETURNS:
            done(self.store.returns.save((a_fetched(ret),), AT))
        self.kept: list[events.Event] = []
        self.done: list[effects.Effect] = []
        self.fails = False
        self.minutes = 0
        self.state = BenchState(self._here())

    def _here(self) -> Here:
        at = AT + timedelta(minutes=self.minutes)
        return Here(
            by=By(KIM, at, VOCABULARY),
            vocabularies=Vocabularies(VOCABULARY),
            where=WHERE,
            seconds=self.minutes * 60.0,
            zone=UTC,
            is_online=self.minutes % 3 > 0,
            offline_since=None if self.minutes % 3 else at,
            synced_at=None,
            seen=self.state.open_id if hasattr(self, "state") else "",
        )

    def take(self, event: events.Event) -> None:
        """Take an event and everything that follows from it, as the presenter does."""
        self.minutes += 1
        self._settle(event, event)

    def _settle(self, event: events.Event, cause: events.Event) -> None:
        before = replace(self.state, here=self._here())
        state, asked = reduce(before, event)
        results: list[events.Event] = []
        try:
            for effect in asked:
                self.done.append(effect)
                if isinstance(effect, effects.Keep):
                    self.kept.append(cause)
                if (result := self._perform(effect)) is not None:
                    results.append(result)
        except LoopdeskError as failure:
            results = [events.Failed(failure)]
        else:
            self.state = state
        for result in results:
            self._settle(result, cause)

    def _perform(self, effect: effects.Effect) -> events.Event | None:
        if self.fails and isinstance(effect, WRITES):
            raise DiskFull("full")
        return self._write(effect) if isinstance(effect, WRITES) else self._read(effect)

    def _write(self, effect: effects.Effect) -> events.Event | None:
        store = self.store
        match effect:
            case effects.Save(draft):
                done(store.drafts.save(draft))
            case effects.Keep(request):
                return events.SettlementKept(request, done(store.outbox.keep(request)))
            case effects.Withdraw(settlement):
                back = done(store.outbox.withdraw(settlement.settlement_id, KIM, AT))
                return events.Withdrawn(settlement.order_name, back.return_id if back is not None else None)
            case effects.KeepMystery(told, is_said, is_offline):
                kept = done(self.desk.keep(told.code, told.words, told.shelf, told.photo))
                return events.MysteryNumbered(kept.number, is_offline) if is_said else None
            case effects.KeepPhoto(_, of):
                return events.PhotoKept("kept.jpg", of)
        return None

    def _read(self, effect: effects.Effect) -> events.Event | None:
        store = self.store
        match effect:
            case effects.Read(return_id, candidate, began, taken_back):
                known = done(store.openings.known(return_id))
                return events.ReturnRead(known, None, candidate, began, taken_back)
            case effects.ReadAgain(return_id):
                return events.Reloaded(return_id, done(store.openings.known(return_id)))
            case effects.ReadUnsent(is_undo):
                return events.UnsentRead(done(store.outbox.unsent()), is_undo)
            case effects.AskWhetherStored(_, photo):
                return events.PhotoTraced(photo, is_stored=False)
            case effects.LookUp(meaning):
                return events.LookedUp(meaning, done(store.returns.find(meaning.candidates)))
            case effects.AskLoop(_, code, is_label, over):
                return events.LoopAnswered(code, is_label, over)
            case effects.Refresh(return_id, is_aloud=is_aloud):
                return events.Refreshed(return_id, (), None, is_aloud)
            case effects.Then(event):
                return event
        return None

    def scan(self, code: str, *, word: str = "") -> None:
        """Scan a label or an item, or a printed command by its word."""
        at = AT + timedelta(minutes=self.minutes + 1)
        read = CodeRead(CodeKind.COMMAND, word, word) if word else None
        scan = Scan(word or code, at, "gun", read)
        meaning = None if word else classify(code)
        sought = sense_of(self.state, scan, meaning).sought if meaning is not None else ()
        aside = leaving(self.state) if sought else None
        taken = done(self.store.openings.take(scan, WHERE, sought, aside))
        pressed = events.Pressed(word) if word else None
        self.take(events.Scanned(scan, meaning, taken, Typed(code, code), pressed))
        self.state, _ = reduce(self.state, events.ScanDone(scan))

    def draw(self) -> BenchScreen:
        """Build the screen."""
        setting = ScreenContext(
            VOCABULARY, UTC, AT, KIM, "dock 1", "", lambda name: name, lambda _url: NO_PICTURE
        )
        return bench_screen(self.state, setting, None, practice=False)


TYPED = st.sampled_from(["", "a red sock", "Box was wet.", "LDCMDCONFIRM", "/home/kim/photo.jpg"]).map(
    lambda text: Typed(text, text, text.startswith("LDCMD"))
)
SCANS = st.sampled_from(CODES).map(lambda code: ("scan", code))
PRINTED = st.sampled_from(WORDS).map(lambda word: ("print", word))


def _not_looked_up(over: str) -> events.LookupFailed:
    return events.LookupFailed(NOBODYS, True, over, StoreBusy("locked"))


NEWS: st.SearchStrategy[events.Event] = st.one_of(
    st.sampled_from(["", "91000123", "91000124"]).map(OutboxChanged),
    st.sampled_from(["91000123", "91000124"]).map(ReturnChanged),
    st.just(Settled("91000123", "#20417", SettlementKind.PROCESS.value)),
    st.just(NeedsPerson("91000123", "#20417", ParkReason.CONFLICT)),
    st.integers(1, 3).map(lambda n: MysteryMatched(n, NOBODYS, "91000123", str(n))),
    st.sampled_from(list(Notice)).map(events.GunNoticed),
    st.just(events.PaceLearned(30)),
    st.booleans().map(lambda over: events.LoopAnswered(NOBODYS, True, "91000123" if over else "")),
    st.booleans().map(lambda over: _not_looked_up("91000123" if over else "")),
    st.just(events.UnsentRead(())),
    st.just(events.Failed(RuleBroken("too_late"))),
    st.just(events.ParkedRead(((Draft("91000123"), RETURNS[0]),))),
    st.just(events.ReturnRead(None)),
    st.just(events.Reloaded("91000124", None)),
)


async def never() -> str:
    """Store a photo; the world does it in its own way."""
    raise AssertionError


INTENTS: st.SearchStrategy[events.Event] = st.one_of(
    st.tuples(st.sampled_from(WORDS), st.booleans(), st.booleans()).map(lambda x: events.Pressed(*x)),
    st.integers(-1, 3).map(events.LineChosen),
    st.sampled_from(list(SettlementKind)).map(events.SettlementChosen),
    st.sampled_from(["91000123", "91000124", "none"]).map(events.Picked),
    TYPED.map(events.Answered),
    st.integers(-1, 8).map(events.TemplateChosen),
    TYPED.map(lambda text: events.Edited(first=text)),
    TYPED.map(lambda text: events.Edited(second=text)),
    st.just(events.Dismissed()),
    st.integers(-1, 2).map(events.PhotoOpened),
    st.just(events.PhotoCame(never)),
    st.just(events.LanguageChanged()),
)
Act = tuple[str, str] | events.Event
ACTS: st.SearchStrategy[Act] = st.one_of(SCANS, PRINTED, INTENTS, NEWS)
OPENED: tuple[Act, ...] = (("scan", FIRST),)
DECIDED: tuple[Act, ...] = (*OPENED, events.Pressed("LDCMDRESTA"))
KEPT: tuple[Act, ...] = (*DECIDED, events.Pressed("LDCMDCONFIRM"))
ASKED: tuple[Act, ...] = (*DECIDED, events.Pressed("LDCMDFLAG"))


def act(world: World, one: Act) -> None:
    """Do one thing in a world."""
    match one:
        case ("scan", str(code)):
            world.scan(code)
        case ("print", str(word)):
            world.scan("", word=word)
        case tuple():
            raise AssertionError(one)
        case _:
            world.take(one)


def some(
    *beginnings: tuple[Act, ...], acts: st.SearchStrategy[Act] = ACTS, most: int = 8
) -> st.SearchStrategy[list[Act]]:
    """Give what is done from one of these beginnings on, so that decided returns are met often."""
    return st.tuples(st.sampled_from(beginnings), st.lists(acts, max_size=most)).map(lambda x: [*x[0], *x[1]])


def is_confirm(one: Act) -> bool:
    """Whether a person says yes to something: confirm, a wrong parcel, or an answer to a question."""
    match one:
        case ("print", str(word)) | events.Pressed(word):
            return word in ("LDCMDCONFIRM", "LDCMDELSEWHERE") or word.startswith("LDCMDTEXT")
        case events.Answered() | events.TemplateChosen():
            return True
    return False


@given(some((), OPENED, KEPT, ASKED, most=12))
def test_whatever_happens_the_bench_has_an_answer_and_a_screen(acts: Sequence[Act]) -> None:
    world = World()
    for one in acts:
        act(world, one)
        world.draw()


@given(some((), OPENED, DECIDED, ASKED, acts=ACTS.filter(lambda one: not is_confirm(one)), most=12))
def test_nothing_is_settled_without_a_persons_confirm(acts: Sequence[Act]) -> None:
    world = World()
    for one in acts:
        act(world, one)
    assert world.kept == []


@given(some(OPENED, DECIDED, ASKED))
def test_a_settlement_is_kept_only_by_confirm_or_by_saying_why_to_flag(acts: Sequence[Act]) -> None:
    world = World()
    for one in acts:
        asked, before = world.state.question, len(world.kept)
        act(world, one)
        if len(world.kept) > before:
            assert is_confirm(one)
            is_pressed = one == ("print", "LDCMDCONFIRM") or (
                isinstance(one, events.Pressed) and one.code == "LDCMDCONFIRM"
            )
            assert isinstance(asked, FlagReasonAsked) or (is_pressed and asked is None)


@given(some((), DECIDED, KEPT, ASKED, most=4), st.sampled_from(CODES))
def test_no_scan_of_a_label_or_an_item_settles_or_withdraws_anything(acts: Sequence[Act], code: str) -> None:
    world = World()
    for one in acts:
        act(world, one)
    world.done.clear()
    world.scan(code)
    assert not any(isinstance(x, effects.Keep | effects.Withdraw) for x in world.done)


@given(some(*((*DECIDED, events.Pressed(word)) for word in QUESTIONS), most=2), st.sampled_from(CODES))
def test_a_question_is_not_answered_by_a_scan_that_is_no_answer(acts: Sequence[Act], code: str) -> None:
    world = World()
    for one in acts:
        act(world, one)
    question = world.state.question
    world.done.clear()
    world.scan(code)
    texts = [
        text
        for saved in world.done
        if isinstance(saved, effects.Save)
        for text in (*saved.draft.notes, saved.draft.flag_reason)
    ]
    assert code not in texts
    if not isinstance(question, ExtraAsked):
        assert not any(isinstance(x, effects.KeepPhoto | effects.LookUpTyped) for x in world.done)
        before = world.state.question
        assert (
            before is None or before == question or type(before) is not type(question) or code in str(before)
        )


@given(some((), DECIDED, most=6), ACTS)
def test_undo_restores_exactly_what_was_entered_before(acts: Sequence[Act], decision: Act) -> None:
    world = World()
    world.scan(FIRST)
    for one in acts:
        act(world, one)
    before = world.state.on_bench
    act(world, decision)
    after = world.state.on_bench
    if before is None or after is None or after.past[:-1] != before.past or len(after.past) == 0:
        return
    if after.ret.return_id != before.ret.return_id or len(after.past) != len(before.past) + 1:
        return
    world.take(events.Pressed("LDCMDUNDO"))
    restored = world.state.on_bench
    assert restored is not None
    assert (restored.draft, restored.past) == (before.draft, before.past)
    assert restored.draft.is_empty or done(world.store.drafts.get(before.ret.return_id)) == before.draft


@given(some(OPENED, DECIDED, ASKED, most=4), ACTS)
def test_what_is_not_on_disk_is_not_on_the_bench(acts: Sequence[Act], last: Act) -> None:
    world = World()
    for one in acts:
        act(world, one)
    before, world.fails = world.state, True
    world.done.clear()
    act(world, last)
    if any(isinstance(x, WRITES) for x in world.done):
        after = world.state
        assert (after.on_bench, after.question, after.unsent) == (
            before.on_bench,
            before.question,
            before.unsent,
        )
        assert after.band.signal is Signal.BLOCKED


@pytest.mark.parametrize("command", ["LDCMDGRADEA", "LDCMDEMPTY", "LDCMDRESTA"])
def test_undo_after_a_decision_gives_back_the_draft_before_it(command: str) -> None:
    """The same by example: a property that nothing fulfills would prove nothing."""
    world = World()
    world.scan(FIRST)
    before = world.state.on_bench
    world.take(events.Pressed(command))
    assert before is not None
    assert world.state.on_bench is not None
    assert world.state.on_bench.draft != before.draft
    world.take(events.Pressed("LDCMDUNDO"))
    assert world.state.on_bench.draft == before.draft


def test_confirm_settles_what_was_decided() -> None:
    world = World()
    for event in (events.Pressed("LDCMDRESTA"), events.Pressed("LDCMDCONFIRM")):
        world.scan(FIRST) if not world.state.open_id else None
        world.take(event)
    assert len(world.kept) == 1
    assert world.state.on_bench is not None
    assert world.state.on_bench.picture.held
    world.take(events.Pressed("LDCMDUNDO"))
    assert world.state.unsent == () or not world.state.on_bench.picture.held


def test_another_language_keeps_the_question_and_what_was_typed() -> None:
    world = World()
    world.scan(FIRST)
    world.take(events.Pressed("LDCMDNOTE"))
    world.take(events.Edited(first=Typed("Box was wet.", "Box was wet.")))
    asked, here, before = world.state.question, world.state.on_bench, world.draw().prompt
    world.take(events.LanguageChanged())
    prompt = world.draw().prompt
    assert (world.state.question, world.state.on_bench) == (asked, here)
    assert before is not None
    assert prompt is not None
    assert prompt.number == before.number  # the same question, whose field keeps what it holds
    world.take(events.Pressed("LDCMDCONFIRM"))
    assert world.state.on_bench is not None
    assert world.state.on_bench.draft.notes == ("Box was wet.",)


def test_the_notes_of_the_latest_returns_are_remembered_and_no_more() -> None:
    world = World()
    for n in range(NOTES_MOST + 5):
        world.take(events.Refreshed(str(n), ()))
    world.take(events.Refreshed(str(10), (Note("1", "gift"),)))
    assert list(world.state.notes) == [*map(str, range(5, 10)), *map(str, range(11, NOTES_MOST + 5)), "10"]


def test_every_event_there_is_has_somebody_who_takes_it() -> None:
    assert set(get_args(events.Event)) == set(TAKERS)
    assert all(kind.__dataclass_params__.frozen for kind in get_args(events.Event))
