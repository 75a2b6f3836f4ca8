"""Kills of the real program: whatever the moment, nothing is lost, doubled, reordered or lied about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.torture import figures
from tests.torture.processes import killing
from tests.torture.processes.killing import Trial
from tests.torture.processes.zygote import Zygote

KILLS_A_TRIAL = 8
AT_ONCE = 10

SAMPLE = 40
"""Kills in the short form: each way eight times, spread over the program's life."""


@pytest.mark.parametrize("first", [0, 7, 20_260_320])
def test_a_small_sample_leaves_out_no_way_and_no_quarter_of_a_life(first: int) -> None:
    trials = range(first, first + SAMPLE // KILLS_A_TRIAL)
    planned = [each for seed in trials for each in killing.plan(killing.WAYS, seed, KILLS_A_TRIAL)]
    quarters = Counter((way, int(at * 4)) for way, at in planned)
    assert set(quarters) == {(way, quarter) for way in killing.WAYS for quarter in range(4)}
    assert set(Counter(way for way, _ in planned).values()) == {SAMPLE // len(killing.WAYS)}


@pytest.mark.fault(49, 50, 51, 52, 53, 54)
def test_kills_at_any_moment_break_no_promise(tmp_path: Path) -> None:
    kills = figures.size("kills", SAMPLE, 10_000)
    _run("kills of the process", tmp_path, kills, killing.WAYS)


@pytest.mark.fault(52, 56)
def test_kills_inside_system_calls_break_no_promise(tmp_path: Path) -> None:
    killing.require_strace()
    kills = figures.size("system_calls", 32, 2_000)
    _run("kills in system calls", tmp_path, kills, killing.SYSTEM_CALL_WAYS)


STEP = 16
"""In the short form one place in so many is struck, and the first of them only."""

MISSES = 3
"""After so many places that no program reached, a kind of call has no more of them."""


@pytest.mark.fault(52, 56)
def test_kills_at_each_system_call_break_no_promise(tmp_path: Path) -> None:
    """From the first call of each kind to the last that a whole drain makes; in short a few of the first."""
    killing.require_strace()
    step = figures.size("system_call_step", STEP, 1)
    last = figures.size("system_call_last", 2 * STEP, 1_000_000)
    counts = figures.begin("kills at each system call", figures.seed())
    with Zygote() as zygote:

        def work(calls: str) -> list[Trial]:
            trials: list[Trial] = []
            number, missed = 1, 0
            while number <= last and missed < MISSES and figures.has_time(counts):
                own = tmp_path / f"{calls.partition(',')[0]}-{number}"
                own.mkdir()
                ways = {calls: killing.at_the_call(calls, number)}
                trial = killing.one_trial(zygote, own, number, kills=1, ways=ways)
                trials.append(trial)
                missed = missed + 1 if trial.unreached else 0
                number += step
            return trials

        every = killing.in_parallel(work, list(killing.SYSTEM_CALLS), len(killing.SYSTEM_CALLS))
    trials = [trial for some in every for trial in some]
    _count(counts, trials)
    assert {trial.seed: trial.complaints for trial in trials if trial.complaints} == {}
    assert counts.kills > len(killing.SYSTEM_CALLS) / 2


MUTANTS = (("lost is unsent", "doubled"), ("a yes is done", "false_green"))
"""How the program is broken, and what must be found then."""


ROUNDS = 6
"""So often the broken programs are tried before they count as not found; a busy machine hides them longer."""


def test_a_broken_program_is_found_out(tmp_path: Path) -> None:
    """Each mutant is tried a few times at once, until it is found."""
    ways = {"storm": killing.in_a_storm}
    wanted, found = {mutant for mutant, _ in MUTANTS}, set[str]()
    with Zygote() as zygote:

        def work(number: int) -> str:
            mutant, damage = MUTANTS[number % len(MUTANTS)]
            own = tmp_path / f"trial-{number}"
            own.mkdir()
            trial = killing.one_trial(zygote, own, number, kills=1, ways=ways, mutant=mutant)
            return mutant if damage in trial.complaints else ""

        for first in range(0, 6 * ROUNDS, 6):
            found.update(killing.in_parallel(work, range(first, first + 6), 6))
            if wanted <= found:
                break
    assert wanted - found == set(), "survived"


@pytest.mark.fault(58)
def test_kills_of_the_window_break_no_promise(tmp_path: Path) -> None:
    kills = figures.size("window_kills", 8, 800)
    _run("kills of the window", tmp_path, kills, killing.WAYS, program=())


def _run(
    name: str,
    folder: Path,
    kills: int,
    ways: Mapping[str, killing.Way],
    program: tuple[str, ...] = ("sync",),
) -> None:
    """Run as many trials as give so many kills, and count what they came to."""
    counts = figures.begin(name, figures.seed())
    seeds = [figures.seed() + n for n in range(-(-kills // KILLS_A_TRIAL))]
    with Zygote(with_window=not program) as zygote:

        def work(seed: int) -> Trial | None:
            if not figures.has_time(counts):
                return None
            own = folder / f"trial-{seed}"
            own.mkdir()
            return killing.one_trial(zygote, own, seed, kills=KILLS_A_TRIAL, ways=ways, program=program)

        trials = [trial for trial in killing.in_parallel(work, seeds, AT_ONCE) if trial is not None]
    _count(counts, trials)
    struck = {name.removesuffix(killing.BY_THE_CLOCK) for trial in trials for name in trial.kills}
    assert struck == set(ways)
    broken = {trial.seed: trial.complaints for trial in trials if trial.complaints}
    assert not broken, broken
    assert sum(trial.unreached for trial in trials) < counts.kills / 2, counts.more
    assert counts.more["done"]


def _count(counts: figures.Figures, trials: list[Trial]) -> None:
    counts.end()
    counts.trials = len(trials)
    counts.steps = sum(trial.starts for trial in trials)
    counts.kills = sum(sum(trial.kills.values()) for trial in trials)
    for name in figures.DAMAGE:
        setattr(counts, name, sum(len(trial.complaints.get(name, ())) for trial in trials))
    ways: Counter[str] = Counter()
    for trial in trials:
        ways.update(trial.kills)
    counts.more = {
        **ways,
        "done": sum(trial.done for trial in trials),
        "parked": sum(trial.parked for trial in trials),
    }
