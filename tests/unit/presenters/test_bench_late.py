"""Properties of ``reduce`` when Loop's answers come late, while a person writes, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from hypothesis import example, given
from hypothesis import strategies as st

from loopdesk.domain.returns.grading import Draft
from loopdesk.presenters.bench import effects, events
from loopdesk.presenters.bench.questions import ExtraAsked, FlagReasonAsked, MysteryAsked, NoteAsked, Typed
from loopdesk.presenters.screens.window import Signal
from loopdesk.services.station.events import Settled
from tests.unit.presenters.test_bench_state import (
    ACTS,
    ASKED,
    DECIDED,
    FIRST,
    KEPT,
    NOBODYS,
    OPENED,
    QUESTIONS,
    Act,
    World,
    act,
    done,
    is_confirm,
    some,
)

LATE: st.SearchStrategy[Act] = st.integers(0, 5).map(lambda n: ("late", str(n)))
WRITTEN: st.SearchStrategy[Act] = st.sampled_from([("write", "first"), ("write", "second")])
ASKING: st.SearchStrategy[Act] = st.sampled_from(QUESTIONS).map(events.Pressed)
ANYTHING = st.one_of(ACTS, ACTS, LATE, WRITTEN, ASKING)
WORDED = (NoteAsked, FlagReasonAsked, ExtraAsked, MysteryAsked)
"""Questions whose text must never be lost."""

WRITE: Act = ("write", "first")
BEGUN: tuple[tuple[Act, ...], ...] = (
    (),
    OPENED,
    DECIDED,
    KEPT,
    ASKED,
    *((*DECIDED, events.Pressed(word), WRITE) for word in QUESTIONS),
    (("scan", NOBODYS), ("late", "0"), WRITE),
    (*OPENED, ("scan", NOBODYS)),
    (*OPENED, events.Pressed("LDCMDREFRESH"), events.Pressed("LDCMDPARK"), ("late", "1")),
    (("scan", NOBODYS), *OPENED),
    (("scan", NOBODYS), events.Pressed("LDCMDTYPE"), WRITE, ("late", "0")),
)
"""Where it begins, so that words, questions and answers that are on their way are met often."""

ASKED_TWICE = events.LoopAnswered(NOBODYS, is_label=True, over="", hits=(), is_failure=False)
"""Loop's second word about a code that was scanned twice; the first keeps the parcel, and words are added."""

GIVEN_UP = frozenset({"LDCMDDISMISS", "LDCMDUNDO"})


class LateWorld(World):
    """A world in which Loop's answers come when released, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.late: list[events.Event] = []
        self._numbers = count()

    def _read(self, effect: effects.Effect) -> events.Event | None:
        found = super()._read(effect)
        if found is not None and isinstance(effect, effects.AskLoop | effects.Refresh):
            self.late.append(found)
            return None
        return found

    def do(self, one: Act) -> None:
        """Perform one act."""
        match one:
            case ("late", str(n)):
                if self.late:
                    self.take(self.late.pop(int(n) % len(self.late)))
            case ("write", str(field)):
                words = f"words {next(self._numbers)}."
                typed = Typed(words, words)
                self.take(events.Edited(first=typed) if field == "first" else events.Edited(second=typed))
            case _:
                act(self, one)

    def draft_of(self, return_id: str) -> Draft:
        """Return what is on disk for a return."""
        return done(self.store.drafts.get(return_id))

    def holds(self, words: str) -> bool:
        """Whether words are in a field, or anywhere on disk."""
        state, store = self.state, self.store
        places = (state.first, state.second, state.question, store.drafts.kept, store.outbox.kept)
        return any(words in str(place) for place in (*places, done(store.mysteries.all())))


def gives_up(one: Act) -> bool:
    """Whether a person writes something else, answers, or closes the question."""
    match one:
        case events.Dismissed() | events.Edited() | ("write", _):
            return True
        case ("print", str(word)) | events.Pressed(word) if word in GIVEN_UP:
            return True
    return is_confirm(one)


@given(some(*BEGUN, acts=ANYTHING))
@example(acts=[("scan", NOBODYS), ("late", "0"), WRITE, ASKED_TWICE, ("scan", FIRST)])
def test_words_that_nobody_gave_up_are_somewhere(acts: Sequence[Act]) -> None:
    world = LateWorld()
    for one in acts:
        question, first, second = world.state.question, world.state.first.clean, world.state.second.clean
        world.do(one)
        if isinstance(question, WORDED) and not gives_up(one):
            assert not first.startswith("words") or world.holds(first)
            is_shelf = isinstance(question, MysteryAsked) and second.startswith("words")
            assert not is_shelf or world.holds(second)


@given(some(*BEGUN, acts=ANYTHING))
@example(acts=[*BEGUN[-3]])
def test_the_word_on_the_band_is_true(acts: Sequence[Act]) -> None:
    world = LateWorld()
    for one in acts:
        before = world.state.band
        world.done.clear()
        world.do(one)
        band, state, did = world.state.band, world.state, {type(effect) for effect in world.done}
        if band.serial == before.serial or replace(band, serial=before.serial) == before:  # said once more
            continue
        match band.signal:
            case Signal.DONE:
                assert isinstance(one, Settled)
            case Signal.KEPT:
                assert isinstance(one, Settled) or did & {effects.Keep, effects.KeepMystery}
            case Signal.TAKEN_BACK:
                assert did & {effects.Withdraw, effects.Save}
            case Signal.FOUND:
                assert state.on_bench is not None or state.picker
            case Signal.READY:
                assert state.on_bench is None


@given(some(*BEGUN, acts=ANYTHING))
def test_what_is_shown_is_on_disk_and_what_left_the_bench_stays_there(acts: Sequence[Act]) -> None:
    def entered(draft: Draft) -> Draft:
        return replace(draft, selected="", updated_at=None, parked=False)

    world = LateWorld()
    for one in acts:
        before = world.state.on_bench
        world.do(one)
        here = world.state.on_bench
        if here is not None:
            assert entered(here.draft) == entered(world.draft_of(here.ret.return_id))
        if before is not None and (here is None or here.ret.return_id != before.ret.return_id):
            kept = world.draft_of(before.ret.return_id)
            assert (kept.inspections, kept.extras) == (before.draft.inspections, before.draft.extras)
            assert set(before.draft.notes) <= set(kept.notes)


@given(some(*BEGUN, acts=ANYTHING))
@example(acts=[*BEGUN[-1]])
def test_neither_a_scan_nor_a_late_answer_takes_anything_from_under_a_persons_hands(
    acts: Sequence[Act],
) -> None:
    world = LateWorld()
    for one in acts:
        before, question, first = world.state.on_bench, world.state.question, world.state.first
        world.do(one)
        is_late = isinstance(one, tuple) and one[0] == "late"
        if (
            before is not None
            and before.takes_more
            and (is_late or (isinstance(one, tuple) and one[0] == "scan"))
        ):
            assert world.state.on_bench is not None
        if is_late and question is not None:
            assert (world.state.question, world.state.first) == (question, first)
