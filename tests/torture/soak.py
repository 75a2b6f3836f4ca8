"""Works compressed shifts in the real program, offscreen, while one request in twenty fails.

    python -m tests.torture.soak --minutes 60 --svg soak.svg
    python -m tests.torture.soak --settlements 500

A shift ends after so many minutes, or after so many settlements of four scans each: the label, the label
once more as a scanner that reads twice sends it, and the printed commands that grade and confirm.

Memory, file descriptors, widgets, QObjects, tasks, the store's log and the loop's lag are measured all the
time and must not grow after the first third. The exit code is 0 when they do not and the queue came to
rest. The shop runs in a process of its own, so that what is measured is the program alone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from loopdesk.domain.outbox.stages import Stage
from loopdesk.selfcheck.ui_driver import NeverCame
from loopdesk.simulator.crowd import many_returns
from loopdesk.simulator.faults import Fault, FaultBoard
from loopdesk.simulator.http.server import wall_clock
from loopdesk.simulator.loop import PRACTICE_KEY, Loop
from loopdesk.simulator.settings import Settings
from loopdesk.ui.app import make_app
from tests.scenarios.desk import Desk
from tests.scenarios.heartbeat import Heartbeat
from tests.simulator_thread import SimulatorThread
from tests.torture.soak_plot import plot

FAULTY = 0.05
LAG_MS = 50.0
PAUSE_SECONDS = 0.25
HASTE = {
    "LOOPDESK_HOLD_SECONDS": "1",
    "LOOPDESK_SYNC_SECONDS": "20",
    "LOOPDESK_REQUESTS_PER_MINUTE": "300",
    "LOOPDESK_LIMITS_PROCESS": "8",
    "LOOPDESK_LIMITS_NOTE": "5",
}
VIEWS = ("queue", "attention", "search", "mysteries", "health", "settings", "bench")


@dataclass(slots=True)
class Measured:
    """What was measured, in the order of time; one list a quantity."""

    minutes: list[float] = field(default_factory=list)
    series: dict[str, list[float]] = field(default_factory=dict)

    def add(self, minute: float, **values: float) -> None:
        """Take one measurement."""
        self.minutes.append(minute)
        for name, value in values.items():
            self.series.setdefault(name.replace("_", " "), []).append(value)

    def growth(self, name: str) -> tuple[float, float]:
        """Return the medians of the second and of the last third."""
        values = self.series[name]
        third = max(1, len(values) // 3)
        return median(values[third : 2 * third] or values), median(values[-third:])


ALLOWED = {
    "memory MB": (0.0, 20.0),
    "descriptors": (0.0, 6.0),
    "widgets": (0.02, 25.0),
    "qobjects": (0.02, 100.0),
    "tasks": (0.0, 12.0),
    "memory blocks k": (0.10, 60.0),
    "log MB": (0.5, 5.0),
}
"""By how much the last third may lie above the second: a share, and a number."""


class Shift:
    """One bench that works parcel after parcel.

    Args:
        minutes: When it ends at the latest.
        settlements: After how many it ends sooner.
    """

    def __init__(self, desk: Desk, minutes: float, returns: int, settlements: int | None = None) -> None:
        self.desk = desk
        self.returns = returns
        self.minutes = minutes
        self.settlements = settlements
        self.scans = 0
        self.measured = Measured()
        self.settled = self.unreadable = self.done = self.parked = self.left = 0

    async def work(self) -> None:
        """Work until the time is over, then wait until the queue rests."""
        desk = self.desk
        await desk.hand.until(
            "the first sync", lambda: desk.program.parts.prefetch.synced_at is not None, 240
        )
        await self._through_the_views()
        began = time.monotonic()
        measuring = desk.program.parts.tasks.spawn(self._measure(began), name="measure")
        number = 0
        while time.monotonic() - began < self.minutes * 60 and self.settled != self.settlements:
            await self._parcel(str(200_000_000 + number % self.returns))
            number += 1
            if number % 5 == 0:
                await self._through_the_views()
            await asyncio.sleep(PAUSE_SECONDS)
        measuring.cancel()
        await self._rest()

    async def _through_the_views(self) -> None:
        """Show every view; the bench last."""
        for view in VIEWS:
            await self.desk.hand.do(lambda view=view: self.desk.session.window.show_view(view))  # type: ignore[misc]
            await asyncio.sleep(0.02)

    async def _parcel(self, return_id: str) -> None:
        try:
            await self._scan(return_id)
            await self.desk.hand.until("the return", lambda: return_id in self.desk.title, 8)
            await self._scan(return_id, "LDCMDRESTA", "LDCMDCONFIRM")
            self.settled += 1
        except NeverCame:
            self.unreadable += 1
        await self.desk.press("Esc", "F9")

    async def _scan(self, *codes: str) -> None:
        await self.desk.scan(*codes)
        self.scans += len(codes)

    async def _rest(self) -> None:
        """Wait until nothing changes any more, at most two minutes, and count the entries by stage."""
        end = time.monotonic() + 120
        moving = frozenset(Stage) - {Stage.DONE, Stage.SUPERSEDED, Stage.PARKED, Stage.WITHDRAWN}
        while True:
            entries = await self.desk.runtime.store.outbox.entries(None, 1_000_000)
            self.left = sum(entry.stage in moving for entry in entries)
            if not self.left or time.monotonic() > end:
                break
            await asyncio.sleep(1.0)
        self.done = sum(entry.stage in (Stage.DONE, Stage.SUPERSEDED) for entry in entries)
        self.parked = sum(entry.stage is Stage.PARKED for entry in entries)

    async def _measure(self, began: float) -> None:
        every = max(1.0, min(30.0, self.minutes / 2))
        log = self.desk.runtime.profile.store_folder / "loopdesk.db-wal"
        while True:
            with Heartbeat() as heart:
                await asyncio.sleep(every)
                gaps = sorted(heart.gaps)
            lag = max(0.0, gaps[int(len(gaps) * 0.99)] - 0.01)
            self.measured.add(
                (time.monotonic() - began) / 60,
                memory_MB=round(_resident_bytes() / 1e6, 1),
                descriptors=float(len(os.listdir("/proc/self/fd"))),  # noqa: PTH208 - a count is all
                widgets=float(len(QApplication.allWidgets())),
                qobjects=float(_qobjects()),
                tasks=float(len(asyncio.all_tasks())),
                memory_blocks_k=round(sys.getallocatedblocks() / 1000, 1),
                log_MB=round(log.stat().st_size / 1e6, 2) if log.exists() else 0.0,
                lag_p99_ms=round(lag * 1000, 1),
            )


def _qobjects() -> int:
    """Count every object of Qt that belongs to a window or to the application."""
    app = QApplication.instance()
    owners = [*QApplication.topLevelWidgets(), *([app] if app is not None else [])]
    return sum(1 + len(owner.findChildren(QObject)) for owner in owners)


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def verdicts(measured: Measured, lag_ms: float) -> list[str]:
    """Return what grew, and whether the loop lagged, in words; empty if all is well."""
    found = []
    for name, (share, number) in ALLOWED.items():
        before, after = measured.growth(name)
        if after > before * (1 + share) + number:
            found.append(f"{name} grew from {before:g} to {after:g}")
    lag = median(measured.series["lag p99 ms"])
    if lag > lag_ms:
        found.append(f"the loop lagged {lag:g} ms (p99, median of all intervals)")
    return found


def main() -> int:
    """Run a soak; the exit code says whether everything stayed flat."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--settlements", type=int, default=None, help="after how many it ends sooner")
    parser.add_argument("--svg", type=Path, default=None, help="where the plot is written")
    parser.add_argument("--lag-ms", type=float, default=LAG_MS, help="the most that the loop may lag (p99)")
    parser.add_argument("--shop", action="store_true")
    given = parser.parse_args()
    returns = int(300 + 120 * given.minutes)
    if given.shop:
        _keep_shop(returns)
        return 0
    command = [sys.executable, "-m", "tests.torture.soak", "--shop", "--minutes", str(given.minutes)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shop,
    ):
        assert shop.stdout is not None
        url = shop.stdout.readline().strip()
        desk = Desk(
            make_app(["loopdesk"]), Path(folder) / "profile", url, key=PRACTICE_KEY.value, environ=HASTE
        )
        shift = Shift(desk, given.minutes, returns, given.settlements)
        desk.play(shift.work)
        shop.communicate()
    return _say(shift, given.svg, given.lag_ms)


def _say(shift: Shift, target: Path | None, lag_ms: float) -> int:
    measured = shift.measured
    for name, values in measured.series.items():
        before, after = measured.growth(name)
        sys.stdout.write(f"{name:18} second third {before:g}, last third {after:g}, most {max(values):g}\n")
    sys.stdout.write(
        f"scans {shift.scans}, settled {shift.settled}, not opened {shift.unreadable}, done {shift.done}, "
        f"parked {shift.parked}, still moving {shift.left}\n"
    )
    if target is not None:
        title = f"Soak: {shift.settled} settlements in {shift.minutes:g} minutes, 5 % of requests fail"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(plot(title, measured.minutes, dict(measured.series)), encoding="utf-8")
    wrong = verdicts(measured, lag_ms) + ([f"{shift.left} entries never came to rest"] if shift.left else [])
    for sentence in wrong:
        sys.stdout.write(f"NOT FLAT: {sentence}\n")
    return 1 if wrong else 0


# --- the shop's process -----------------------------------------------------------------------------


class OftenFaulty(FaultBoard):
    """Lets one request in twenty fail, in any way."""

    def __init__(self) -> None:
        super().__init__()
        self._chance = random.Random(5)

    def take(self, method: str, path: str) -> list[Fault]:
        """Draw whether this request fails, and how."""
        if self._chance.random() >= FAULTY:
            return []
        kind = self._chance.choice(("lose_answer", "lose_request", "error_before", "error_after", "cut"))
        return [Fault(kind, status=502 if kind.startswith("error") else 0, at_byte=3)]


def _keep_shop(returns: int) -> None:
    """Serve a shop until the input ends, and forget its log now and then."""
    settings = Settings(processing_seconds=0.5, rate_limit=None)
    loop = Loop(clock=wall_clock, settings=settings)
    for ret in many_returns(returns, 1, wall_clock(), 10.0):
        ret.state, ret.closed_at, ret.was_processed = "open", None, False
        ret.effects.clear()
        loop.add(ret)
    loop.faults = OftenFaulty()
    with SimulatorThread(loop) as shop:
        sys.stdout.write(f"{shop.url}/api\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    sys.exit(main())
