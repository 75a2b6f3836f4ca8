"""A misread code leads to the return on the label or to none: never to a neighbor's.

Against the real store, full of numbers that differ by a digit or two, as the labels of one day do.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from loopdesk.services.ports.store import ReturnCache
from tests.corpus import make_labels
from tests.corpus.damaged import DAMAGED
from tests.corpus.mishaps import damages, forms, similar
from tests.full_store import fill, opened, owned, owners_found

PER_CARRIER = 300
FIRST_ID = 70_000_000


SIMILAR = similar(range(4100, 4100 + PER_CARRIER))
NUMBERS = [*(number for numbers in SIMILAR.values() for number in numbers), *DAMAGED]
OWNERS = {number: str(FIRST_ID + place) for place, number in enumerate(NUMBERS)}


@pytest.fixture(scope="module")
def full_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store of 3,000 returns with similar numbers, and those of the damaged labels."""
    folder = tmp_path_factory.mktemp("full")
    asyncio.run(fill(folder, (owned(owner, number) for number, owner in OWNERS.items())))
    return folder


@pytest.fixture
async def full_returns(full_folder: Path) -> AsyncIterator[ReturnCache]:
    """That store, opened."""
    async with opened(full_folder) as store:
        yield store


def test_the_damaged_labels_are_many_and_none_is_sound() -> None:
    scans = [scan for scans in DAMAGED.values() for scan in scans]
    assert len(set(scans)) == len(scans) >= 100
    assert not set(scans) & set(NUMBERS)


@pytest.mark.parametrize("number", DAMAGED)
async def test_what_a_torn_label_gives_leads_to_its_own_return_or_to_none(
    full_returns: ReturnCache, number: str
) -> None:
    assert await owners_found(full_returns, number) == {OWNERS[number]}
    wrong = {scan: found for scan in DAMAGED[number] if (found := await owners_found(full_returns, scan))}
    assert all(found == {OWNERS[number]} for found in wrong.values()), wrong


@pytest.mark.parametrize("carrier", SIMILAR)
async def test_no_damage_makes_a_neighbors_number_of_a_code(full_returns: ReturnCache, carrier: str) -> None:
    """Where the damaged code is itself a neighbor's number with a right check digit, no one can tell."""
    chance = random.Random(carrier)
    done: Counter[str] = Counter()
    wrong = []
    sound = OWNERS | {form: OWNERS[number] for number in SIMILAR[carrier] for form in forms(carrier, number)}
    for number in chance.sample(SIMILAR[carrier], 60):
        for scan in forms(carrier, number):
            assert await owners_found(full_returns, scan) == {OWNERS[number]}, scan
            for damage, code in damages(scan, chance):
                found = await owners_found(full_returns, code)
                telling = "undetectable" if sound.get(code, OWNERS[number]) != OWNERS[number] else damage
                done[telling] += 1
                if telling == damage and not found <= {OWNERS[number]}:
                    wrong.append((damage, number, code, found))
    assert not wrong
    assert done["undetectable"] < sum(done.values()) / 10, done


@pytest.mark.parametrize("carrier", SIMILAR)
async def test_two_labels_in_one_scan_lead_to_no_third_return(
    full_returns: ReturnCache, carrier: str
) -> None:
    chance = random.Random(carrier)
    for _ in range(20):
        (first, second) = chance.sample(SIMILAR[carrier], 2)
        for one, two in zip(forms(carrier, first), forms(carrier, second), strict=True):
            found = await owners_found(full_returns, f"{one}{two}")
            assert found <= {OWNERS[first], OWNERS[second]}, (one, two)


def rounds(numbers: Iterable[str]) -> list[list[str]]:
    """Share numbers out so that none is part of another: one parcel's number in two lengths is in two."""
    shared: list[list[str]] = []
    for number in sorted(numbers):
        fitting = (one for one in shared if not any(number in other or other in number for other in one))
        chosen = next(fitting, None)
        if chosen is None:
            shared.append([number])
        else:
            chosen.append(number)
    return shared


async def test_every_tracking_number_of_the_corpus_is_found_in_the_store(tmp_path: Path) -> None:
    labels = [entry for entry in make_labels.corpus()["labels"] if entry["kind"] == "tracking"]
    missing = []
    for place, numbers in enumerate(rounds({entry["find"] for entry in labels})):
        owners = {number: str(FIRST_ID + n) for n, number in enumerate(numbers)}
        await fill(tmp_path / str(place), (owned(owner, number) for number, owner in owners.items()))
        async with opened(tmp_path / str(place)) as returns:
            for entry in labels:
                owner = owners.get(entry["find"])
                if owner and owner not in await owners_found(returns, entry["scan"]):
                    missing.append(entry)
    assert not missing
