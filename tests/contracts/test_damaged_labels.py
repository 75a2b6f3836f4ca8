"""A code that was read wrongly leads to the return on the label or to none: never to a neighbor's.

Against the real store, full of numbers that differ by a digit or two, as the labels of one day do.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

import pytest

from loopdesk.domain.labels import classify
from loopdesk.domain.returns import Return
from loopdesk.services.ports import ReturnCache
from loopdesk.store.store import open_store
from tests.builders import AT, a_fetched, a_parcel, a_return, rebuild
from tests.corpus import check_digits as cd
from tests.corpus import make_labels
from tests.corpus.damaged import DAMAGED

PER_CARRIER = 300
FIRST_ID = 70_000_000


def similar() -> dict[str, list[str]]:
    """The numbers of one day, by carrier: the same shipper, one serial after another."""
    serials = range(4100, 4100 + PER_CARRIER)
    return {
        "USPS": [cd.mod10(f"94001112025558423{n:04d}") for n in serials],
        "USPS of 26": [cd.mod10(f"927489315077085130180{n:04d}") for n in serials],
        "UPS": [cd.ups(f"999AA101234{n:04d}") for n in serials],
        "FedEx Express": [cd.fedex(f"9865787{n:04d}") for n in serials],
        "FedEx Ground": [cd.mod10(f"5682836100{n:04d}") for n in serials],
        "SmartPost": [cd.mod10(f"92612999988208211{n:04d}")[2:] for n in serials],
        "DHL Express": [cd.mod7(f"33188{n:04d}") for n in serials],
        "Canada Post": [cd.mod10(f"00739380005{n:04d}") for n in serials],
        "Royal Mail": [cd.s10("RB", f"4731{n:04d}", "GB") for n in serials],
        "DPD": [f"0998000000{n:04d}" for n in serials],
    }


SIMILAR = similar()
NUMBERS = [*(number for numbers in SIMILAR.values() for number in numbers), *DAMAGED]
OWNERS = {number: str(FIRST_ID + place) for place, number in enumerate(NUMBERS)}


async def fill(folder: Path, owners: dict[str, str]) -> None:
    """Write a store in which each number is on a return of its own."""
    store = await open_store(folder, rebuild)
    try:
        await store.returns.save([a_fetched(owned(owner, number)) for number, owner in owners.items()], AT)
    finally:
        await store.close()


def owned(return_id: str, number: str) -> Return:
    """A return whose one parcel has the number."""
    return a_return(return_id, order_name=f"#R{return_id}", provider_order_id="", parcels=(a_parcel(number),))


@pytest.fixture(scope="module")
def full_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store of 3,000 returns with similar numbers, and those of the damaged labels."""
    folder = tmp_path_factory.mktemp("full")
    asyncio.run(fill(folder, OWNERS))
    return folder


@pytest.fixture
async def full_returns(full_folder: Path) -> AsyncIterator[ReturnCache]:
    """That store, opened."""
    store = await open_store(full_folder, rebuild)
    yield store.returns
    await store.close()


async def owners_found(returns: ReturnCache, scan: str) -> set[str]:
    """The returns that the bench would open or offer for a scan."""
    return {hit.return_id for hit in await returns.find(classify(scan).candidates)}


def forms(carrier: str, number: str) -> Iterator[str]:
    """What the carrier's bars hold, besides the bare number."""
    yield number
    match carrier:
        case "USPS" | "USPS of 26":
            yield f"42010023{number}"
            yield f"420100231234{number}"
        case "FedEx Express":
            yield f"1001921334250001000300{number}"
            yield f"9622001900000000000000{number}"
            yield f"1010023012840019{number}0201"
        case "FedEx Ground":
            yield f"9611020{number}"
        case "SmartPost":
            yield f"4201002392{number}"
        case "DPD":  # the bars with % hold no check sign: only what is printed under them does
            yield cd.dpd(number)
            yield cd.dpd(f"0081827{number}350276")


def damages(scan: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """One code damaged in each way a gun damages codes, at a place left to chance."""
    place = chance.randrange(len(scan) - 1)
    sign = scan[place]
    other = chance.choice([digit for digit in "0123456789" if digit != sign])
    yield "substituted", f"{scan[:place]}{other}{scan[place + 1 :]}"
    yield "transposed", f"{scan[:place]}{scan[place + 1]}{sign}{scan[place + 2 :]}"
    yield "lost", f"{scan[:place]}{scan[place + 1 :]}"
    yield "doubled", f"{scan[:place]}{sign}{scan[place:]}"
    cut = chance.randrange(1, 4)
    yield "beginning lost", scan[cut:]
    yield "end lost", scan[:-cut]
    late = len(scan) - chance.randrange(1, 5)
    yield "doubled late", f"{scan[:late]}{scan[late]}{scan[late:]}"
    yield "lost late", f"{scan[:late]}{scan[late + 1 :]}"


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
    sound = {form: owner for number, owner in OWNERS.items() for form in forms(carrier, number)}
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
        await fill(tmp_path / str(place), owners)
        store = await open_store(tmp_path / str(place), rebuild)
        for entry in labels:
            owner = owners.get(entry["find"])
            if owner and owner not in await owners_found(store.returns, entry["scan"]):
                missing.append(entry)
        await store.close()
    assert not missing
