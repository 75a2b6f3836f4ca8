"""Which returns intact, damaged and unknown labels lead to among many known ones: ``… labels [returns]``.

Mostly counts: a wrong return, found by a part of a damaged number, is what nobody could see. The one time
is the processor's for telling what a label may be, beside that for the carriers' table alone.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Result, say, show, take_in_turn
from loopdesk.domain.labels.classify import classify
from loopdesk.domain.labels.rules import matches
from loopdesk.services.ports.store import ReturnCache
from loopdesk.store.store import open_store
from tests.builders import AT, a_fetched, a_parcel, a_return, rebuild
from tests.corpus import make_labels
from tests.corpus.mishaps import damages, forms, similar

RETURNS = 100_000
LABELS = 60
FIRST_ID = 70_000_000
BATCH = 2000
PACE_TIMES = 9
PACE_GOAL = 20.0


async def fill(cache: ReturnCache, numbers: list[str]) -> None:
    """Make each number the parcel of a return of its own."""
    for start in range(0, len(numbers), BATCH):
        fetched = [
            a_fetched(
                a_return(
                    str(FIRST_ID + place),
                    order_name=f"#R{place}",
                    provider_order_id="",
                    parcels=(a_parcel(numbers[place]),),
                )
            )
            for place in range(start, min(start + BATCH, len(numbers)))
        ]
        await cache.save(fetched, AT)


async def count(cache: ReturnCache, carrier: str, known: dict[str, str], unknown: list[str]) -> Counter[str]:
    """Scan intact, damaged and unknown labels of one carrier, and report what they led to."""
    chance = random.Random(carrier)
    done: Counter[str] = Counter()
    for number in chance.sample(sorted(known), LABELS):
        for scan in forms(carrier, number):
            found = await owners(cache, scan)
            done["sound, found" if found == {known[number]} else "sound, MISSED"] += 1
            for _, damaged in damages(scan, chance):
                found = await owners(cache, damaged)
                done[judged(carrier, damaged, found, known[number], known)] += 1
    for number in chance.sample(unknown, LABELS):
        for scan in forms(carrier, number):
            done["unknown, WRONG" if await owners(cache, scan) else "unknown, nothing"] += 1
    return done


def judged(carrier: str, damaged: str, found: set[str], owner: str, known: dict[str, str]) -> str:
    """Say what became of a damaged label; one that is another's in every digit cannot be told from it."""
    if not found:
        return "damaged, nothing"
    if found == {owner}:
        return "damaged, its own"
    others = (number for number, of in known.items() if of in found)
    is_theirs = any(damaged in forms(carrier, number) for number in others)
    return "damaged, another's in every digit" if is_theirs else "damaged, WRONG"


async def owners(cache: ReturnCache, scan: str) -> set[str]:
    """The returns that the bench would open or offer."""
    return {hit.return_id for hit in await cache.find(classify(scan).candidates)}


async def measure(returns: int) -> Counter[str]:
    """Fill a store and scan."""
    each = returns // len(similar(range(0)))
    known, unknown = similar(range(4100, 4100 + each)), similar(range(4100 + each, 4100 + 2 * each))
    numbers = [number for of in known.values() for number in of]
    ids = {number: str(FIRST_ID + place) for place, number in enumerate(numbers)}
    done: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        store = await open_store(Path(folder), rebuild)
        try:
            await fill(store.returns, numbers)
            for carrier, of in known.items():
                done += await count(store.returns, carrier, {x: ids[x] for x in of}, unknown[carrier])
        finally:
            await store.close()
    return done


def pace() -> Result:
    """How long the processor takes for a label of the corpus, all its candidates told."""
    scans = [entry["scan"] for entry in json.loads(make_labels.PLACE.read_text(encoding="utf-8"))["labels"]]
    tight = [scan.upper().replace(" ", "") for scan in scans]
    figure, floor = take_in_turn(
        lambda: _each(classify, scans), lambda: _each(lambda text: tuple(matches(text)), tight), PACE_TIMES
    )
    return Result("a label, what it may be", "the carriers' table alone", "µs", figure, floor, PACE_GOAL)


def _each(work: Callable[[str], object], texts: list[str]) -> float:
    """Microseconds of the processor for one text."""
    begun = time.process_time()
    for text in texts:
        work(text)
    return 1_000_000 * (time.process_time() - begun) / len(texts)


def main(returns: int = RETURNS) -> None:
    """Print how many labels led where, and how long it takes to tell what one may be."""
    show(pace())
    say(f"labels among {returns:,} known returns")
    for name, times in sorted(asyncio.run(measure(returns)).items()):
        say(f"  {name}: {times:,}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
