"""Random faults, crashes and other people's changes, before and after the effect: the outbox's invariants."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loopdesk.domain.outbox import reconcile
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.effects import has_effect
from loopdesk.domain.outbox.reconcile import Evidence, picture_text
from loopdesk.domain.outbox.stages import END_STAGES, Entry, Rest, Send, Stage, Step
from loopdesk.domain.returns.returns import Return, ReturnState, fingerprint
from loopdesk.services.ports.station import Limits
from tests.builders import a_line
from tests.fakes.gateway import (
    Fault,
    lost_after,
    lost_before,
    refused,
    server_error,
    swallowed,
    throttled,
    unsent,
)
from tests.kinds import FINALIZERS, GATED, VALUES
from tests.unit.services.outbox_rig import Rig, many, slow_down

pytestmark = pytest.mark.expects_log("breaker_opened", "recovered", "twice")

ENDINGS: tuple[tuple[Kind, ...], ...] = (
    (Kind.PROCESS,),
    (Kind.REMOVE,),
    (Kind.CANCEL,),
    (Kind.CLOSE,),
    (Kind.FLAG,),
    (),
)
ACTION_FAULTS = (
    unsent(),
    throttled(3.0),
    lost_before(),
    lost_after(),
    server_error(),
    server_error(acts=True),
    refused("No."),
)
READ_FAULTS = (unsent(), throttled(3.0), lost_before(), server_error())
ACTIONS = {kind.value for kind in Kind}


def faults_of(what: str) -> tuple[Fault, ...]:
    """Return what may go wrong with a call; only gated kinds are said yes to and then forgotten.

    A yes to a note, grade or disposition is taken at its word: Loop does those at once.
    """
    if what not in ACTIONS:
        return READ_FAULTS
    return (*ACTION_FAULTS, swallowed()) if Kind(what) in GATED else ACTION_FAULTS


@dataclass(frozen=True)
class Weather:
    """How bad it is: shares of calls that fail, and whether strangers and crashes happen."""

    faults: float
    strangers: bool
    crashes: bool


class Trial:
    """One run over a few returns, with everything decided by one seed."""

    def __init__(self, seed: int, weather: Weather) -> None:
        self.random = Random(seed)
        self.weather = weather
        self.rig = Rig()
        if seed % 2:
            slow_down(self.rig.store.outbox, self.rig.clock, self.random)
        self.rig.gateway.processing_seconds = self.random.choice([0.0, 3.0, 45.0, 400.0])
        self.rig.gateway.shows_inspections = self.random.random() < 0.8
        self.entries: list[Entry] = []
        self.past: dict[str, list[Return]] = {}

    def _chance(self, what: str) -> Fault | None:
        if self.random.random() >= self.weather.faults:
            return None
        return self.random.choice(faults_of(what))

    async def run(self) -> None:
        """Keep settlements while faults strike, then end the faults and let all work finish."""
        rig, random = self.rig, self.random
        rig.limits = Limits(witness=900.0)
        rig.start()
        rig.gateway.chance = self._chance
        returns = many(random.randint(1, 7))
        for ret in returns:
            second = a_line(str(int(ret.lines[0].line_item_id) + 1000))
            whole = replace(ret, lines=(*ret.lines, second))
            await self._settle_one(whole)
            await rig.clock.turn(random.uniform(0.0, 10.0))
            await self._something_happens(returns)
        for _ in range(random.randint(1, 6)):
            await rig.clock.turn(random.uniform(0.0, 120.0))
            await self._something_happens(returns)
        rig.gateway.chance = lambda what: None
        await rig.clock.turn(1100.0)
        for ret in returns:
            await rig.attention.check_again(ret.return_id)
        await rig.clock.turn(70.0)
        await rig.tasks.aclose()

    async def _settle_one(self, ret: Return) -> None:
        random = self.random
        kinds = [k for k in (Kind.GRADE, Kind.ASSESS, Kind.NOTE, Kind.NOTE) if random.random() < 0.7]
        ending = random.choice(ENDINGS) if kinds else (Kind.PROCESS,)
        self.entries += await self.rig.keep(*kinds, *ending, ret=ret, hold_seconds=random.choice([0.0, 8.0]))

    async def _something_happens(self, returns: list[Return]) -> None:
        if self.weather.crashes and self.random.random() < 0.3:
            await self.rig.crash()
            self.rig.start()
        if self.weather.strangers and self.random.random() < 0.3:
            ret = self.random.choice(returns)
            if ret.return_id in self.rig.gateway.truth:
                self.past.setdefault(ret.return_id, []).append(self.rig.gateway.truth[ret.return_id].ret)
                state = self.random.choice([ReturnState.REVIEW, ReturnState.CLOSED, ReturnState.CANCELLED])
                self.rig.gateway.change(ret.return_id, state=state)

    # --- what must hold ---------------------------------------------------------------------------

    def check(self) -> None:
        """Check everything that must hold once all work is finished."""
        assert self.rig.faults == []
        assert self.rig.gateway.overlaps == 0
        for return_id in {entry.return_id for entry in self.entries}:
            self._check_lane([self.rig.now(x) for x in self.entries if x.return_id == return_id], return_id)

    def _check_lane(self, lane: list[Entry], return_id: str) -> None:
        gateway = self.rig.gateway
        assert gateway.finalized(return_id) <= 1, "a finalizer came true twice"
        for entry in lane:
            assert entry.stage in END_STAGES or entry.stage is Stage.PARKED, f"stuck: {entry.stage}"
            requests = [x for x in gateway.requests if x.return_id == return_id and x.kind is entry.kind]
            if entry.kind in FINALIZERS:
                self._check_read_before(entry)
                assert len(requests) <= 1, "a finalizer went out twice"
            if entry.stage is Stage.DONE:
                assert self._is_true(entry), f"false green: {entry.kind}"
            if entry.kind in GATED and self._is_true(entry) and return_id not in self.past:
                assert entry.stage in (Stage.DONE, Stage.SUPERSEDED), "came true and nobody noticed"
        self._check_order(lane, return_id)

    def _check_read_before(self, entry: Entry) -> None:
        """What Loop said before each attempt is what the operator saw."""
        for attempt in self.rig.store.outbox._attempts.get(entry.entry_id, ()):
            assert entry.seen is not None
            assert attempt.before == picture_text(entry.seen), "went out although Loop had changed"

    def _is_true(self, entry: Entry) -> bool:
        truth = self.rig.gateway.truth[entry.return_id]
        if entry.kind is Kind.NOTE:
            return any(entry.marker in note.text for note in truth.notes)
        if entry.kind in VALUES:
            return (entry.kind, entry.target) in truth.effects
        return any(has_effect(entry, ret) for ret in (*self.past.get(entry.return_id, ()), truth.ret))

    def _check_order(self, lane: list[Entry], return_id: str) -> None:
        """Nothing of a settlement arrives after its finalizer, and nothing before it is missing."""
        requests = [x.kind for x in self.rig.gateway.requests if x.return_id == return_id]
        sent = [n for n, kind in enumerate(requests) if kind in FINALIZERS]
        if sent:
            assert all(kind in FINALIZERS for kind in requests[sent[0] :]), (
                "something came after the finalizer"
            )
            before = [x for x in lane if x.kind not in GATED]
            assert all(x.stage is Stage.DONE for x in before), "the finalizer went without what was before it"


def run(seed: int, weather: Weather) -> Trial:
    """Run one trial and check it."""
    trial = Trial(seed, weather)
    asyncio.run(trial.run())
    trial.check()
    return trial


WEATHER = st.builds(Weather, st.sampled_from([0.0, 0.05, 0.2, 0.4]), st.booleans(), st.booleans())


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), WEATHER)
def test_whatever_goes_wrong_nothing_is_lost_doubled_reordered_or_falsely_green(
    seed: int, weather: Weather
) -> None:
    run(seed, weather)


@pytest.mark.fault(53, 54)
@pytest.mark.parametrize(
    ("kind", "fault"), [(kind, fault) for kind in sorted(Kind) for fault in faults_of(kind.value)]
)
@pytest.mark.parametrize("is_crash", [False, True])
def test_every_kind_survives_every_evidence_with_and_without_a_crash(
    kind: Kind, fault: Fault, is_crash: bool
) -> None:
    async def one() -> Trial:
        trial = Trial(7, Weather(0.0, strangers=False, crashes=False))
        rig = trial.rig
        rig.gateway.processing_seconds = 3.0
        rig.start()
        rig.gateway.plant(kind.value, fault)
        (ret,) = many(1)
        two = replace(ret, lines=(*ret.lines, a_line("80000009")))
        trial.entries += await rig.keep(kind, ret=two)
        await rig.clock.turn(1.0)
        if is_crash:
            await rig.crash()
            rig.start()
        await rig.clock.turn(1100.0)
        await rig.tasks.aclose()
        return trial

    asyncio.run(one()).check()


def test_good_weather_needs_nobody() -> None:
    for seed in range(20):
        trial = run(seed, Weather(0.0, strangers=False, crashes=True))
        assert {trial.rig.now(x).stage for x in trial.entries} == {Stage.DONE}


# --- controls: the same trial finds what is broken on purpose ---------------------------------------


def found_in(monkeypatch: pytest.MonkeyPatch, target: str, value: object, message: str) -> bool:
    """Break one rule and tell whether any of a few stormy trials finds it."""
    monkeypatch.setattr(target, value)
    for seed in range(40):
        try:
            run(seed, Weather(0.3, strangers=True, crashes=True))
        except AssertionError as failure:
            if message in str(failure):
                return True
    return False


def test_a_blind_retry_of_finalizers_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = reconcile.verdict

    def blind(entry: Entry, *args: Any, **kwargs: Any) -> reconcile.Verdict:
        return reconcile.Again() if entry.stage is Stage.UNCERTAIN else sound(entry, *args, **kwargs)

    assert found_in(monkeypatch, "loopdesk.services.outbox.readback.verdict", blind, "went out twice")


def test_taking_every_yes_for_an_effect_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = reconcile.verdict

    def trusting(entry: Entry, *args: Any, **kwargs: Any) -> reconcile.Verdict:
        return reconcile.Done() if entry.stage is Stage.SETTLING else sound(entry, *args, **kwargs)

    assert found_in(monkeypatch, "loopdesk.services.outbox.readback.verdict", trusting, "false green")


def test_taking_a_lost_answer_for_unsent_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = reconcile.evidence_of

    def naive(*args: Any) -> Evidence:
        found = sound(*args)
        return Evidence.NOT_SENT if found is Evidence.AMBIGUOUS else found

    assert found_in(monkeypatch, "loopdesk.services.outbox.exchange.evidence_of", naive, "went out twice")


def test_sending_without_a_read_before_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def hasty(entry: Entry, now: Return, *, tells: bool) -> reconcile.Before:
        del tells
        return reconcile.Go(fingerprint(now))

    assert found_in(monkeypatch, "loopdesk.services.outbox.precheck.before", hasty, "went out although")


def test_a_finalizer_that_does_not_wait_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def eager(lane: Sequence[Entry], waived: frozenset[str] = frozenset()) -> Step:
        ready = [x for x in lane if x.stage is Stage.READY]
        busy = any(x.stage in (Stage.SENDING, Stage.UNCERTAIN, Stage.SETTLING) for x in lane)
        return Send((ready[-1],)) if ready and not busy else Rest()

    assert found_in(monkeypatch, "loopdesk.services.outbox.sender.next_step", eager, "after the finalizer")
