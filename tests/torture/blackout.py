"""Sessions that end in a power loss, and what every image of the disk must still contain."""

from __future__ import annotations

import asyncio
import copy
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any

from loopdesk.domain.outbox.stages import Stage
from tests.torture.broken import Broken
from tests.torture.disk import open_disk, scratch
from tests.torture.failpoints import Points
from tests.torture.figures import Figures, has_time
from tests.torture.invariants import check_rest, watch_requests
from tests.torture.power import Recorder, recording
from tests.torture.world import World

DRAIN_EVERY = 25
"""One in this many images is not only opened and checked, but also drained by a fresh program."""


class Session:
    """One working session that the power cuts off, and the images of its disk.

    Args:
        is_control: Count what is lost instead of failing.
    """

    def __init__(self, seed: int, figures: Figures, *, is_control: bool = False) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.figures = figures
        self.is_control = is_control
        self.undone: set[str] = set()

    async def run(self, images: int) -> None:
        """Work until the power fails, then check this many images.

        Raises:
            Broken: An image lost what was acknowledged, is damaged, or led to a broken promise.
        """
        with recording() as recorder:
            world = World(self.seed, returns=3, slow_disks=False, hold_seconds=1.0)
            try:
                await world.open()
                watch_requests(world)
                await self._work(world, recorder)
                await world.stations[0].kill()
                folders = [self._image(world, recorder) for _ in range(images)]
            finally:
                if world.stations[0].points.is_dead:
                    await world.stations[0].kill()
        try:
            await self._look(world, folders)
        finally:
            await world.close()

    async def _work(self, world: World, recorder: Recorder) -> None:
        """Scan, grade, confirm, undo and send until the power fails in the middle of it."""
        station, random = world.stations[0], self.random

        def cut() -> None:
            station.points.is_dead = True

        recorder.on_cut = cut
        recorder.cut_at = recorder.operations + random.randint(5, 500)
        while not station.points.is_dead:
            await self._step(world)
            await world.clock.settle()

    def _step(self, world: World) -> Coroutine[Any, Any, None]:
        random = self.random
        n = random.randrange
        steps: list[Callable[[], Coroutine[Any, Any, None]]] = [
            lambda: world.confirm_all(0, n(9), n(20)),
            lambda: world.confirm_all(0, n(9), n(20)),
            lambda: world.undo(0),
            lambda: world.turn(random.choice((0.5, 2.0, 12.0))),
            world.new_return,
            lambda: world.strike(n(28), n(8), 1),
            lambda: self._write_back(world),
        ]
        return random.choice(steps)()

    async def _write_back(self, world: World) -> None:
        """Checkpoint the log into the database, as a long session does by itself."""
        station = world.stations[0]

        async def check_point() -> None:
            if station.disk._connection is not None:
                station.disk._connection.wal_checkpoint()

        await world._try(station, check_point())

    def _image(self, world: World, recorder: Recorder) -> Path:
        folder = scratch()
        recorder.write_image(folder, self.random)
        counter = world.stations[0].folder / "loopdesk.generation"
        if counter.exists() and self.random.random() < 0.5:
            shutil.copy(counter, folder / counter.name)
        return folder

    async def _look(self, world: World, folders: list[Path]) -> None:
        station = world.stations[0]
        truth = {ret.return_id: ret.copy() for ret in world.loop.index.kept()}
        posts, memory = list(world.books.posts), station.memory
        for n, folder in enumerate(folders):
            self.figures.trials += 1
            world.books.go_back_to(posts)
            try:
                await self._check(world, folder)
                if n % DRAIN_EVERY == 0 and not self.is_control:
                    for ret in truth.values():
                        world.loop.index.add(ret.copy())
                    world.loop._moving = {x.return_id for x in truth.values() if x.jobs}
                    station.memory = copy.deepcopy(memory)
                    await self._drain(world, folder)
            except Broken as failure:
                self.figures.broke(failure)
                failure.add_note(f"seed {self.seed}, image {n}")
                if not self.is_control:
                    raise
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    async def _check(self, world: World, folder: Path) -> None:
        """Open an image as the program does and look for everything that was acknowledged."""
        memory = world.stations[0].memory
        store = await open_disk(folder, Points())
        try:
            if store.database.report.damaged is not None or await store.database.integrity():
                raise Broken("I1", "lost", "the store is damaged")
            if await store.audit.verify() is not None:
                raise Broken("I1", "lost", "the audit log is broken")
            found = await store.outbox.entries(most=1_000_000)
        finally:
            await store.close()
        stages = {entry.entry_id: entry.stage for entry in found}
        missing = memory.acknowledged - set(stages)
        if missing:
            raise Broken("I1", "lost", f"{len(missing)} acknowledged entries are gone")
        back = [x for x in memory.dropped if stages.get(x) is not Stage.WITHDRAWN]
        if back:
            raise Broken("I8", "lost", f"{len(back)} entries that were taken back are there again")
        sent = {x for post in world.books.posts for x in post.entry_ids}
        unsent = [
            x for x in sent if stages.get(x) in (None, Stage.HELD, Stage.READY) and not self._may_be(world, x)
        ]
        if unsent:
            raise Broken("I2", "doubled", f"{len(unsent)} entries were sent and look as if they never were")

    def _may_be(self, world: World, entry_id: str) -> bool:
        """Whether an entry that was sent may rightly be ready: proven unsent, refused, to be resent."""
        own = [post for post in world.books.posts if entry_id in post.entry_ids]
        return not any(post.may_count for post in own) or own[0].kind.value in (
            "grade",
            "assess",
            "note",
            "flag",
        )

    async def _drain(self, world: World, folder: Path) -> None:
        """Let a fresh program drain an image, and check every promise."""
        station = world.stations[0]
        shutil.rmtree(station.folder)
        shutil.copytree(folder, station.folder, dirs_exist_ok=True)
        world.broken = None
        await station.start()
        self.figures.more["drained"] = int(self.figures.more.get("drained", 0)) + 1
        await world.calm()
        check_rest(world)
        await station.kill()


def run_sessions(
    images: int, seed: int, figures: Figures, *, a_cut: int = 100, is_control: bool = False
) -> None:
    """Run sessions, of each a few images, until so many images were looked at."""
    n = 0
    while figures.trials < images and has_time(figures):
        session = Session(seed + n, figures, is_control=is_control)
        asyncio.run(session.run(min(a_cut, images - figures.trials)))
        figures.kills += 1
        n += 1
    figures.more["cuts"] = n
