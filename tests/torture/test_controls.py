"""The negative controls: each way to break the program is found by the same walk that finds nothing in it."""

from __future__ import annotations

import pytest

from tests.torture import figures
from tests.torture.broken import Broken
from tests.torture.figures import Figures
from tests.torture.mutants import MUTANTS, Mutant
from tests.torture.walk import run_walk

MOST_WALKS = 60
SOUND_WALKS = 10
WEIGHTED = tuple(x for x in MUTANTS if x.often)
"""Mutants that are hunted on walks of their own kind: the program unbroken has to stand those as well."""


def _walk(mutant: Mutant, seed: int, found: Figures) -> None:
    run_walk(seed, 60, found, stations=mutant.stations, with_photos=mutant.with_photos, often=mutant.often)


def _hunt(mutant: Mutant, seed: int) -> Figures:
    """Walk until the damage that a mutant does is seen, beginning where it was seen last."""
    found = Figures(mutant.name, seed)
    for n in sorted(range(MOST_WALKS), key=lambda n: (n != mutant.seen_on, n)):
        try:
            _walk(mutant, seed + n, found)
        except Broken:
            if any(getattr(found, column) for column in mutant.damage):
                break
        except (AssertionError, RuntimeError):
            continue  # broken in yet another way; not the one that is to be seen
    return found


@pytest.mark.parametrize("mutant", MUTANTS, ids=[x.name for x in MUTANTS])
def test_a_broken_program_is_found(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.apply(monkeypatch)
    found = _hunt(mutant, figures.seed())
    table = figures.begin(f"control: {mutant.name}", found.seed)
    for name in ("trials", "steps", "kills", *figures.DAMAGE):
        setattr(table, name, getattr(found, name))
    table.began = found.began
    table.end()
    seen = {column: getattr(found, column) for column in mutant.damage}
    assert any(seen.values()), f"{mutant.name} survived {found.trials} walks"


@pytest.mark.parametrize("mutant", WEIGHTED, ids=[x.name for x in WEIGHTED])
def test_the_walks_that_find_it_find_nothing_in_the_program_itself(mutant: Mutant) -> None:
    found = figures.begin(f"the same walks, unbroken: {mutant.name}", figures.seed())
    for n in range(SOUND_WALKS):
        _walk(mutant, found.seed + n, found)
    found.end()
