"""A million known returns against a hundred: fill, size, lookups, scans, start, memory, search while typing.

``python -m benchmarks.million --returns 20000`` takes fewer; ``--folder`` keeps the filled profiles there and
uses those that are there already.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import apsw

from benchmarks.children import Child, environment, make_profile
from benchmarks.crowd import Crowd
from benchmarks.figures import Series, say, show_same
from benchmarks.shop import NOW, Label
from benchmarks.start import FIGURES, Start, start
from loopdesk.api.translate import from_body
from loopdesk.domain.labels.scans import Candidate
from loopdesk.services.ports.store import Hit
from loopdesk.store.codes import codes_of
from loopdesk.store.database import FILE_NAME
from loopdesk.store.returns.search import TRIGRAM, find_hits
from loopdesk.store.store import Store, open_store

FEW, MANY = 100, 1_000_000
BATCH = 10_000
FILL_CACHE_KIB = 256 * 1024
LOOKUPS = 3_000
TYPED = 60
SCANS, STARTS = 25, 9
SAME = 0.2
LOOKUP_GOAL_MS, SEARCH_GOAL_MS = 2.0, 100.0


@dataclass(frozen=True, slots=True)
class Place:
    """A filled profile."""

    folder: Path
    crowd: Crowd
    returns: int

    @property
    def store(self) -> Path:
        """The folder of its store."""
        return self.folder / "store"

    def labels(self, many: int) -> list[Label]:
        """Return labels from anywhere in the store."""
        chance = random.Random(2)
        return [self.crowd.one(chance.randrange(self.returns))[1] for _ in range(many)]


async def fill(place: Place) -> None:
    """Put all returns into the store of a profile, and say how fast that went and how large it is."""
    place.store.mkdir(mode=0o700)
    store = await open_store(place.store, from_body)
    await store.database.read(lambda db: db.pragma("cache_size", -FILL_CACHE_KIB))
    began, spent = time.monotonic(), 0.0
    for first in range(0, place.returns, BATCH):
        batch = list(place.crowd.all(first, BATCH))
        at = time.monotonic()
        await store.returns.save(batch, NOW)
        spent += time.monotonic() - at
    codes = await store.database.read(lambda db: db.execute("SELECT count(*) FROM code").get)
    await store.close()
    size = (place.store / FILE_NAME).stat().st_size
    say(
        f"fill: {place.returns:,} returns with {codes:,} codes in {time.monotonic() - began:.0f} s, of which"
        f" {spent:.0f} s in the store ({place.returns / spent:,.0f} a second, {BATCH:,} a transaction);"
        f" file {size / 2**20:,.0f} MB, {size / place.returns:,.0f} bytes a return"
    )


def build(folder: Path, returns: int) -> Place:
    """Make a profile with this many known returns, or reuse the existing one."""
    place = Place(folder / f"returns-{returns}", Crowd(returns), returns)
    if not place.folder.exists():
        make_profile(place.folder)
        asyncio.run(fill(place))
    return place


def show_spread(name: str, values: Sequence[float], which: float, goal: float) -> None:
    """Print the distribution of measurements, and whether the quantile ``which`` is within the goal."""
    ordered = sorted(values)

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    verdict = "met" if at(which) <= goal else "not met"
    say(
        f"{name}: p50 {at(0.5):.2f}, p95 {at(0.95):.2f}, p99 {at(0.99):.2f}, most {ordered[-1]:.2f} ms"
        f" ({len(ordered)} times); goal p{which * 100:.0f} at most {goal:g} ms: {verdict}"
    )


@dataclass(slots=True)
class Lookups:
    """Milliseconds of lookups: in the store, of the processor there, and until the loop goes on."""

    inside: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)

    def answer(self, connection: apsw.Connection, candidates: list[Candidate]) -> tuple[Hit, ...]:
        """Look candidates up, on the store's thread."""
        began, worked = time.perf_counter(), time.thread_time()
        hits = find_hits(connection, candidates)
        self.worked.append((time.thread_time() - worked) * 1000)
        self.inside.append((time.perf_counter() - began) * 1000)
        return hits


async def look_up(store: Store, place: Place) -> Lookups:
    """Look up codes of every kind of returns from anywhere. Raises ``RuntimeError`` when one is not found."""
    chance, taken = random.Random(3), Lookups()
    for _ in range(LOOKUPS):
        ret = place.crowd.one(chance.randrange(place.returns))[0].ret
        code, kind = chance.choice(sorted(codes_of(ret)))
        ask = partial(taken.answer, candidates=[Candidate(code, kind, "")])
        began = time.perf_counter()
        hits = await store.database.read(ask)
        taken.whole.append((time.perf_counter() - began) * 1000)
        if ret.return_id not in {hit.return_id for hit in hits}:
            raise RuntimeError(f"{code} was not found")
    return taken


def questions(place: Place) -> list[str]:
    """What is in the field after each key, for orders, names, items, numbers and parts of numbers."""
    chance = random.Random(4)
    typed = []
    for _ in range(TYPED):
        ret = place.crowd.one(chance.randrange(place.returns))[0].ret
        number, line = ret.parcels[0].tracking_number, ret.lines[0]
        first, last = ret.customer_name.split()
        whole = (
            ret.order_name,
            ret.return_id,
            f"{last} {first}",
            f"{line.title} {last}",
            number,
            number[-8:],
        )
        typed += [text[:end] for text in whole for end in range(1, len(text) + 1)]
    return typed


@dataclass(frozen=True, slots=True)
class Typed:
    """One search while typing: what is in the field, and the milliseconds of clock and processor."""

    text: str
    ms: float
    worked: float


async def search(store: Store, place: Place) -> list[Typed]:
    """Search after each key, through the store's own door, so that rows are made into returns too."""
    taken = []
    for text in questions(place):
        began, worked = time.perf_counter(), time.process_time()
        await store.returns.search(text)
        taken.append(Typed(text, (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000))
    return taken


async def ask(place: Place) -> None:
    """Measure what the store answers."""
    store = await open_store(place.store, from_body)
    try:
        name = f"{place.returns:,} returns"
        for which in ("first time", "again"):
            taken = await look_up(store, place)
            what = f"lookup by any code, {which}, {name}"
            show_spread(f"{what}: in the store", taken.inside, 0.99, LOOKUP_GOAL_MS)
            show_spread(f"{what}: processor time", taken.worked, 0.99, LOOKUP_GOAL_MS)
            show_spread(f"{what}: until the loop goes on", taken.whole, 0.99, LOOKUP_GOAL_MS)
        typed = await search(store, place)
        short = [x.ms for x in typed if len(x.text) < TRIGRAM]
        show_spread(f"search after each key, {name}", [x.ms for x in typed], 0.95, SEARCH_GOAL_MS)
        show_spread(f"  processor time, {name}", [x.worked for x in typed], 0.95, SEARCH_GOAL_MS)
        show_spread(f"  of one or two characters, {name}", short, 0.95, SEARCH_GOAL_MS)
    finally:
        await store.close()


def compare_scans(few: Place, many: Place, environ: dict[str, str]) -> None:
    """Scan in turn in two programs, one at each store."""
    module = "benchmarks.scan_child"
    labels = list(zip(few.labels(SCANS + 3), many.labels(SCANS + 3), strict=True))
    with Child(environ, module, str(few.folder)) as one, Child(environ, module, str(many.folder)) as other:
        told = [
            (
                one.ask({"code": a.code, "order_name": a.order_name}),
                other.ask({"code": b.code, "order_name": b.order_name}),
            )
            for a, b in labels
        ][3:]
    for key, name in (("ms", "scan: last key to painted lines"), ("mb", "memory: resident after scans")):
        first, second = (Series(tuple(float(x[key]) for x in side)) for side in zip(*told, strict=True))
        what = f"{name}, {few.returns:,} and {many.returns:,} returns alike"
        show_same(what, first, second, key.upper() if key == "mb" else key, SAME)


def compare_starts(few: Place, many: Place, environ: dict[str, str]) -> None:
    """Start the program in turn on each store."""

    def run(place: Place) -> Start:
        return start(environ, "benchmarks.start_child", "--profile", str(place.folder))

    runs = [(run(few), run(many)) for _ in range(STARTS + 1)][1:]  # the first makes the byte code
    for name, unit, figure in FIGURES:
        one, other = (Series(tuple(figure(x) for x in side)) for side in zip(*runs, strict=True))
        show_same(f"{name}, {few.returns:,} and {many.returns:,} returns alike", one, other, unit, SAME)


def measure(folder: Path, returns: int) -> None:
    """Build both shops and measure them."""
    few, many = build(folder, FEW), build(folder, returns)
    environ = environment(folder)
    for place in (few, many):
        asyncio.run(ask(place))
    compare_scans(few, many, environ)
    compare_starts(few, many, environ)


def main(arguments: Sequence[str] = ()) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.million")
    parser.add_argument("--returns", type=int, default=MANY, help="known returns of the large shop")
    parser.add_argument(
        "--folder", type=Path, help="keep the filled profiles here, or use those that are here"
    )
    asked = parser.parse_args(list(arguments))
    if asked.folder:
        asked.folder.mkdir(parents=True, exist_ok=True)
        measure(asked.folder.resolve(), asked.returns)
        return
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as name:
        measure(Path(name), asked.returns)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
