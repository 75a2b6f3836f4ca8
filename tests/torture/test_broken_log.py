"""A thousand bits turned in the log of a store that crashed: nothing kept is lost, nothing is silent."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from loopdesk.store.store import open_store
from tests.builders import rebuild
from tests.torture import figures
from tests.unit.store.test_broken_log import a_crashed_store, broken, flipped

KEPT = 12
SHARE = 12
"""Bits at each commit."""


@pytest.mark.fault(164)
@pytest.mark.expects_log("log_broken")
async def test_a_thousand_flipped_bits_in_the_log_lose_nothing(tmp_path: Path) -> None:
    crashed = await a_crashed_store(tmp_path, KEPT)
    size = crashed.with_name(f"{crashed.name}-wal").stat().st_size * 8
    source = random.Random(20261129)
    counts = figures.begin("flipped bits in the log")
    for _ in range(figures.size("flipped_bits", SHARE, 1_000)):
        if not figures.has_time(counts):
            break
        bit = source.randrange(size)
        store = await open_store(broken(crashed, tmp_path / "try", flipped(bit)).parent, rebuild)
        kept = len({entry.settlement_id for entry in await store.outbox.entries()})
        report = store.database.report
        await store.close()
        counts.trials += 1
        is_said = report.log is not None and report.log.changes >= KEPT - kept
        counts.lost += kept != KEPT and not is_said
        counts.more["saved"] = int(counts.more.get("saved", 0)) + (kept == KEPT)
        assert kept == KEPT or (is_said and kept == KEPT - 1), (bit, report)
    counts.end()
