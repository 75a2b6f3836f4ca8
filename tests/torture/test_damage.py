"""One byte of the store is corrupt, anywhere: nothing is lost or changed silently."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from loopdesk.domain.errors import StoreError
from loopdesk.domain.outbox.stages import Entry, Move, Stage
from loopdesk.store.database import Database, OpenReport
from loopdesk.store.outbox.entries import Outbox
from tests.builders import AT, a_keep_request
from tests.torture import figures
from tests.torture.disk import scratch

FILE = "loopdesk.db"
LOG = f"{FILE}-wal"
RESERVE = 4096

GONE = frozenset({Stage.SENDING, Stage.UNCERTAIN, Stage.SETTLING, Stage.DONE})
"""What may have left; it may never stand there as if it had not."""

PATHS = ("", "ready", "sending", "settling", "done", "uncertain")
"""How far the settlements of the store have come."""


@dataclass(slots=True)
class Found:
    """The outcome of a start on a damaged copy."""

    report: OpenReport
    entries: dict[str, Entry]
    rotten: set[str] = field(default_factory=set)


async def _advance(outbox: Outbox, entry: Entry, way: str) -> None:
    """Bring one entry of a released settlement as far as a path says."""
    if way in ("", "ready"):
        return
    await outbox.claim((entry,), "", AT)
    if way != "sending":
        move = Move(entry.entry_id, Stage.SENDING, Stage(way))
        await outbox.apply((move,), at=AT, evidence="accepted")


async def _fill(folder: Path) -> dict[str, Entry]:
    """Make a store with settlements at every stage, part of it in the database and part in its log."""
    database = await Database.open(folder / FILE, reserve_bytes=RESERVE)
    outbox = Outbox(database)
    for n in range(24):
        way = PATHS[n % len(PATHS)]
        kept = await outbox.keep(a_keep_request(return_id=str(7_000_000 + n)))
        if way:
            await outbox.release(kept[0].settlement_id)
            await _advance(outbox, kept[0], way)
        if n == 11:
            await database.read(lambda db: db.wal_checkpoint())
    entries = {entry.entry_id: entry for entry in await outbox.entries(None, 1_000)}
    for name in (FILE, LOG, "loopdesk.generation"):
        shutil.copy(folder / name, folder / f"kept-{name}")
    await database.close()
    for name in (FILE, LOG, "loopdesk.generation"):
        (folder / f"kept-{name}").replace(folder / name)
    (folder / f"{FILE}-shm").unlink(missing_ok=True)
    return entries


async def _start(folder: Path) -> Found:
    """Start on a copy as the program does; what it finds wrong while it works it mends at the next start."""
    words = ""
    for _ in range(2):
        database = await Database.open(folder / FILE, reserve_bytes=RESERVE)
        outbox = Outbox(database)
        try:
            await outbox.recover(AT)
            entries = {entry.entry_id: entry for entry in await outbox.entries(None, 1_000)}
            found = Found(database.report, entries)
            for entry in entries.values():
                if not await outbox.payload_is_whole(entry):
                    found.rotten.add(entry.entry_id)
        except StoreError as failure:
            words = str(failure)
            continue
        finally:
            await database.close()
        return found
    raise AssertionError(f"damaged at the second start too: {words}")


def _judge(before: dict[str, Entry], found: Found, counts: figures.Figures) -> list[str]:
    """Compare, and say what nobody was told."""
    report = found.report
    was_told = report.damaged is not None or report.restored
    wrong = []
    by_place = {entry.seq: entry for entry in found.entries.values()}  # its id may be what changed
    for old in before.values():
        now = by_place.get(old.seq)
        if now is None:
            counts.lost += not was_told
            wrong += [] if was_told else [f"{old.kind} {old.stage} is gone"]
            continue
        if old.stage in GONE and now.stage in (Stage.HELD, Stage.READY):
            counts.doubled += 1
            wrong.append(f"{old.kind} was {old.stage} and is {now.stage}")
        expected = Stage.UNCERTAIN if old.stage is Stage.SENDING else old.stage
        is_same = (now.stage, now.payload, now.kind, now.return_id) == (
            expected,
            old.payload,
            old.kind,
            old.return_id,
        )
        if not (is_same or was_told or now.entry_id in found.rotten):
            counts.false_green += now.stage is Stage.DONE
            wrong.append(f"{old.kind} {old.stage} changed to {now.stage} without a word")
    return wrong


def _flip(file: Path, place: int, random: Random) -> None:
    with file.open("r+b") as handle:
        handle.seek(place)
        old = handle.read(1)[0]
        handle.seek(place)
        handle.write(bytes([old ^ random.randrange(1, 256)]))


@pytest.mark.fault(67, 74)
def test_one_wrong_byte_anywhere_is_noticed_or_harmless() -> None:
    found = figures.begin("damaged bytes", figures.seed())
    asyncio.run(_try_places(found, figures.size("damaged_bytes", 100, 1_000)))
    found.end()


async def _try_places(counts: figures.Figures, places: int) -> None:
    random = Random(counts.seed)
    whole, tried = scratch(), scratch()
    try:
        before = await _fill(whole)
        sizes = {name: (whole / name).stat().st_size for name in (FILE, LOG)}
        told = 0
        for n in range(places):
            if not figures.has_time(counts):
                break
            shutil.rmtree(tried)
            shutil.copytree(whole, tried)
            name = LOG if n % 4 == 3 else FILE
            place = n % 120 if n % 8 == 0 else random.randrange(sizes[name])  # the headers more often
            _flip(tried / name, place, random)
            found = await _start(tried)
            counts.trials += 1
            report = found.report
            told += report.damaged is not None or report.restored or report.log is not None
            wrong = _judge(before, found, counts)
            assert wrong == [], (name, place, found.report, wrong)
        counts.more["noticed at the start"] = told
        assert told > counts.trials / 20
    finally:
        shutil.rmtree(whole)
        shutil.rmtree(tried, ignore_errors=True)
