"""The file over many days, long readers and many writers: it does not grow, and nobody is locked out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Move, Stage
from loopdesk.store.open_database import WAL_BYTES
from loopdesk.store.store import Store, open_store
from tests.builders import AT, a_fetched, a_keep_request, a_line, a_return, rebuild

RETURNS_A_DAY = 8
KEPT_DAYS = 5
DAYS = 16


@pytest.mark.fault(73)
async def test_after_the_first_weeks_the_file_grows_no_more(store: Store) -> None:
    sizes = []
    for day in range(DAYS):
        at = AT + timedelta(days=day)
        for n in range(RETURNS_A_DAY):
            number = day * RETURNS_A_DAY + n
            ret = a_return(str(70_000_000 + number), updated_at=at, lines=(a_line(str(80_000_000 + number)),))
            await store.returns.save([a_fetched(ret)], at)
            request = a_keep_request(Kind.GRADE, return_id=ret.return_id, decided_at=at)
            (entry,) = await store.outbox.keep(request)
            await store.outbox.release(entry.settlement_id)
            await store.outbox.claim((entry,), "", at)
            move = Move(entry.entry_id, Stage.SENDING, Stage.DONE)
            await store.outbox.apply((move,), at=at, evidence="accepted")
        await store.purge(at - timedelta(days=KEPT_DAYS))
        pages = await store.database.read(lambda db: int(db.pragma("page_count")))
        sizes.append(pages)
    settled = sizes[KEPT_DAYS + 2 :]
    assert max(settled) <= 1.1 * settled[0]
    assert await store.database.integrity() == ()


@pytest.mark.fault(80)
async def test_a_long_reader_stops_no_writer_and_the_log_shrinks_after_it(store: Store) -> None:
    log = store.database.path.with_name(store.database.path.name + "-wal")
    reader = apsw.Connection(str(store.database.path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entry").fetchall()
        for n in range(200):
            ret = a_return(str(70_000_000 + n), lines=(a_line(str(80_000_000 + n)),))
            await store.returns.save([a_fetched(ret)], AT)
        grown = log.stat().st_size
        reader.execute("COMMIT")
        await store.database.write(lambda db: db.execute("SELECT 1").fetchall())
        for n in range(200):
            ret = a_return(str(71_000_000 + n), lines=(a_line(str(81_000_000 + n)),))
            await store.returns.save([a_fetched(ret)], AT)
    finally:
        reader.close()
    assert await store.returns.count() == 400
    assert 1_000_000 < grown < WAL_BYTES
    assert log.stat().st_size < 2 * grown
    await store.database.close()
    assert not log.exists() or log.stat().st_size == 0


@pytest.mark.fault(81)
async def test_four_writers_at_once_all_get_their_turn(tmp_path: Path) -> None:
    stores = [await open_store(tmp_path, rebuild) for _ in range(4)]

    async def hammer(number: int, store: Store) -> None:
        for n in range(25):
            await store.outbox.keep(a_keep_request(Kind.GRADE, return_id=str(7000 + number * 100 + n)))

    try:
        await asyncio.gather(*(hammer(number, store) for number, store in enumerate(stores)))
        assert len(await stores[0].outbox.entries()) == 100
        assert await stores[0].audit.verify() is None
    finally:
        for store in stores:
            await store.close()
