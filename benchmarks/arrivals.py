"""Arrivals with 5,000 parcels against 200: the longest stall of the window's loop, and scrolling a page."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import Series, say
from benchmarks.shop import pattern
from loopdesk.api.translate import from_body
from loopdesk.app.faults import Faults
from loopdesk.app.gui import new_loop
from loopdesk.presenters.pages.arrivals import DELIVERED, ArrivalsPresenter
from loopdesk.presenters.pages.page import PageServices
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.station.connection import ConnectionState, LinkState
from loopdesk.services.station.events import Feed
from loopdesk.services.station.tasks import Tasks
from loopdesk.store.store import Store, open_store
from loopdesk.ui.app import make_app
from loopdesk.ui.pages.arrivals import ArrivalsView

FEW, MANY = 200, 5000
TIMES = 12
FRAME_MS = 50.0
BEAT_SECONDS = 0.002
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class _Clock:
    """A wall clock that stands still; waiting takes real time."""

    skew_seconds: float | None = 0.0

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return time.perf_counter()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Line:
    """A connection that is up."""

    state = ConnectionState(LinkState.ONLINE)


async def _filled(folder: Path, count: int) -> Store:
    """Open a store in which this many parcels were delivered and never scanned."""
    store = await open_store(folder, from_body)
    own = pattern(1)
    for start in range(0, count, 500):
        page: list[Fetched] = []
        for number in range(start, min(start + 500, count)):
            at = NOW - timedelta(minutes=number)
            label = replace(own.ret.parcels[0], tracking_number=f"1Z{number:016}", status="delivered")
            parcels = (replace(label, updated_at=at),)
            ret = replace(own.ret, return_id=str(7_000_000 + number), parcels=parcels, updated_at=at)
            page.append(Fetched(ret, own.body, is_details=False))
        await store.returns.save(page, NOW)
    return store


class _Window:
    """The view with its presenter on a store."""

    def __init__(self, store: Store, count: int) -> None:
        self._count = count
        self.tasks = Tasks(_fail)
        self.presenter = ArrivalsPresenter(
            PageServices(Feed(_fail), self.tasks, _Clock(), UTC),
            arrivals=store.arrivals,
            line=_Line(),
            synced_at=lambda: NOW,
            open_return=_nothing,
        )
        self.presenter.choose_filter(DELIVERED)
        self.view = ArrivalsView(self.presenter)
        self.view.resize(1192, 662)

    async def shown(self) -> tuple[float, float]:
        """Bring the view to the front. Returns the longest silence of the loop until all rows are there, and
        how long that took, in ms.
        """
        self.view.table.show_rows(())
        self.view.hide()
        began = last = time.perf_counter()
        longest = 0.0
        self.view.show()
        while self.view.table.rows.rowCount() != self._count:
            await asyncio.sleep(BEAT_SECONDS)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        await asyncio.sleep(0)
        longest = max(longest, time.perf_counter() - last)
        return longest * 1000, (time.perf_counter() - began) * 1000

    def page_down(self) -> float:
        """Scroll a page and paint it. Returns milliseconds."""
        bar = self.view.table.verticalScrollBar()
        began = time.perf_counter()
        at = bar.value() + bar.pageStep()
        bar.setValue(at if at < bar.maximum() else 0)
        self.view.table.viewport().repaint()
        return (time.perf_counter() - began) * 1000


def _fail(where: str, failure: BaseException) -> None:
    raise RuntimeError(where) from failure


def _nothing(_return_id: str) -> None:
    """This view has no bench behind it."""


async def _measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stores = {n: await _filled(Path(folder) / str(n), n) for n in (FEW, MANY)}
        windows = {n: _Window(stores[n], n) for n in stores}
        silences: dict[int, list[float]] = {n: [] for n in windows}
        wholes: dict[int, list[float]] = {n: [] for n in windows}
        pages: dict[int, list[float]] = {n: [] for n in windows}
        for _ in range(TIMES):
            for n, window in windows.items():
                silence, whole = await window.shown()
                silences[n].append(silence)
                wholes[n].append(whole)
                pages[n] += [window.page_down() for _ in range(5)]
        for window in windows.values():
            window.presenter.hide()
            window.view.close()
            await window.tasks.aclose()
        for store in stores.values():
            await store.close()
    for name, found in (("all rows there", wholes), ("longest silence of the window", silences)):
        _show(name, found)
    _show("a page further, painted", pages)
    worst = Series(tuple(silences[MANY])).median
    verdict = "met" if worst <= FRAME_MS else "not met"
    say(f"  silence at {MANY}: {worst:.1f} ms; goal at most a frame of {FRAME_MS:.0f} ms: {verdict}")


def _show(name: str, found: dict[int, list[float]]) -> None:
    few, many = Series(tuple(found[FEW])), Series(tuple(found[MANY]))
    say(
        f"arrivals, {name}: {many.median:.1f} ms at {MANY} (least {many.least:.1f}),"
        f" {few.median:.1f} ms at {FEW} (least {few.least:.1f}); {many.median / few.median:.1f} times"
    )


def main() -> None:
    """Measure both lists in turn."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app, faults = make_app(["arrivals"]), Faults()
    with asyncio.Runner(loop_factory=lambda: new_loop(app, faults)) as runner:
        runner.run(_measure())
