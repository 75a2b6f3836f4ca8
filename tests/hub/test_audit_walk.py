"""A bench's life at random: writing, cut lines, restarts, wiped and restored profiles, tampering.

After all of it the hub holds every row that the bench has and that was not tampered with before it was
brought; each run is unbroken, no row is held twice, and every tampering has left its mark at the hub.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from loopdesk.domain.errors import ApiError
from loopdesk.hub.audit.decisions import RunCause
from loopdesk.hub.audit.export import verified
from loopdesk.hub.audit.reading import reading
from loopdesk.hub.compose import Hub
from tests.hub.audit_rig import BenchLog, Line, bench_log, faults, links, runs
from tests.hub.running import joined, settings_for

IS_FULL = os.environ.get("TORTURE") == "full"
SEED = int(os.environ.get("TORTURE_SEED", "20261130"))
WALKS = 60 if IS_FULL else 3
STEPS = 60 if IS_FULL else 25

pytestmark = pytest.mark.expects_log(r"audit_(run|refused|row_refused|place_unknown)")


@pytest.fixture
async def hub(hub_url: str, tmp_path: Path) -> AsyncIterator[Hub]:
    async with Hub(settings_for(hub_url, tmp_path)) as running:
        yield running


class Walk:
    """One bench, and what it did.

    Attributes:
        touched: How often rows were tampered with before they were brought.
        forks: How often an older copy was put back, or what had been brought was rewritten.
        wipes: How often the profile was wiped.
    """

    def __init__(self, bench: BenchLog, folder: Path, chance: random.Random) -> None:
        self.bench = bench
        self.touched = self.forks = self.wipes = 0
        self._folder = folder
        self._random = chance
        self._copies = 0

    async def step(self) -> None:
        """Do something."""
        acts = [self.write] * 6 + [self.bring] * 6 + [self.restart] * 2 + [self.cut] * 3
        acts += [self.copy, self.put_back, self.wipe, self.touch]
        await self._random.choice(acts)()

    async def write(self) -> None:
        await self.bench.write(self._random.randint(1, 7))

    async def cut(self) -> None:
        self.bench.line.cut = self._random.choice(["", "before", "after"])

    async def bring(self) -> None:
        try:
            for _ in range(self._random.randint(1, 3)):
                await self.bench.upload.bring_some()
        except ApiError:
            pass
        if self._random.random() < 0.5:
            self.bench.line.cut = ""

    async def restart(self) -> None:
        await self.bench.restart()

    async def copy(self) -> None:
        shutil.rmtree(self._copy, ignore_errors=True)
        await self.bench.copy_to(self._copy)
        self._copies += 1

    async def put_back(self) -> None:
        if self._copies:
            await self.bench.put_back(self._copy)
            self.forks += 1

    async def wipe(self) -> None:
        await self.bench.wipe()
        self._copies = 0
        self.wipes += 1

    async def touch(self) -> None:
        """Tamper with a row that was not brought yet, and see to it that it is found when it is."""
        await self.bench.write(3)
        rows = await self.bench.rows()
        seq = rows[-2].seq
        sql = self._random.choice(
            [
                "UPDATE audit SET detail = '{{}}' WHERE seq = {seq}",
                "DELETE FROM audit WHERE seq = {seq}",
                "UPDATE audit SET at = at || '!' WHERE seq = {seq}",
                "UPDATE audit SET station = 'other', event = 'other' WHERE seq = {seq}",
            ]
        )
        await self.bench.tamper(sql.format(seq=seq))
        self.bench.line.cut = ""
        await self.settle()
        self.touched += 1

    async def settle(self) -> None:
        """Bring all there is."""
        self.bench.line.cut = ""
        assert await self.bench.bring_all()

    @property
    def _copy(self) -> Path:
        return self._folder / "copy"


@pytest.mark.parametrize("number", range(WALKS))
async def test_whatever_happens_the_hub_has_what_was_written_and_every_tampering_is_found(
    hub: Hub, tmp_path: Path, number: int
) -> None:
    chance = random.Random(SEED + number)
    async with bench_log(tmp_path / "profile", Line(hub.url, await joined(hub))) as bench:
        walk = Walk(bench, tmp_path, chance)
        for _ in range(STEPS):
            before = len(await faults(hub))
            touched = walk.touched
            await walk.step()
            if walk.touched > touched:
                assert len(await faults(hub)) > before, f"seed {SEED + number}: a tampering was not found"
        await walk.settle()
        found = await runs(hub)
        held: dict[str, set[tuple[int, bytes]]] = {}
        for run in found:
            rows = await links(hub, run)
            assert [seq for seq, _ in rows] == list(range(run.start.seq + 1, run.end.seq + 1))
            assert not held.setdefault(run.store, set()) & set(rows), "a row is held twice"
            held[run.store] |= set(rows)
        async with reading(hub.database) as all_held:
            assert all(each.broken is None for each in await verified(all_held))
        refused = {each.seq for each in await faults(hub)}
        now = {(row.seq, row.sha) for row in await bench.rows() if row.seq not in refused}
        assert now <= set().union(*held.values()), f"seed {SEED + number}: rows are lacking"
        assert len([run for run in found if run.cause is RunCause.REPLACED]) <= walk.wipes
        assert len([run for run in found if run.cause is RunCause.FORKED]) <= walk.forks
