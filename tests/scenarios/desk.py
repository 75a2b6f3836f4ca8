"""A whole desk for scenarios: the program with its window, profile and store, driven by keys and clicks.

    def test_something(desk: Desk, shop: SimulatorThread) -> None:
        async def body() -> None:
            await desk.open(SAMPLES["single"])
            await desk.hand.press("1", "F12")
            await desk.until_lane(SAMPLES["single"].return_id, Stage.DONE)

        desk.play(body)
        assert shop.truth(SAMPLES["single"].return_id)["processings"] == 1

``play`` runs the program from its start to its end in order; playing again starts it again on the same
profile. Anything unexpected (a fault, a task or a thread that is left over) fails the test.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTableView, QWidget

from loopdesk.app.faults import Faults
from loopdesk.app.gui import new_loop
from loopdesk.app.program import Program
from loopdesk.app.runtime import Options, Runtime, open_profile, open_runtime
from loopdesk.app.session import Session
from loopdesk.domain.outbox.stages import Entry, Stage
from loopdesk.presenters.commands import by_code
from loopdesk.presenters.screens.window import BenchScreen, StripScreen
from loopdesk.selfcheck.ui_driver import LOOK_SECONDS, NeverCame, UiDriver
from loopdesk.system.host.single import ProfileLock
from loopdesk.ui.app import make_app
from loopdesk.ui.widgets.buttons import KeyCapButton
from tests.fakes.key_store import KeyStore

Body = Callable[[], Awaitable[None]]
"""What a test does while the program runs; a coroutine function."""

CALM: dict[str, str] = {
    "LOOPDESK_STATION": "dock 1",
    "LOOPDESK_OPERATOR": "Ada",
    "LOOPDESK_HOLD_SECONDS": "0.5",
    "LOOPDESK_SYNC_SECONDS": "5",
    "LOOPDESK_SOUND": "off",
    "LOOPDESK_THEME": "light",
}
"""The environment of a desk, unless a test says otherwise. The sync at the start fills the store."""

DECIDING_WORDS = ("LDCMDCONFIRM", "LDCMDUNDO")
"""Commands before which a person looks."""

SIZE = (1280, 800)
THREADS_SECONDS = 5.0


class Labeled(Protocol):
    """What a scan of a parcel needs to know; ``simulator.samples.Sample`` is one."""

    @property
    def return_id(self) -> str:
        """Loop's id."""
        ...

    @property
    def order_name(self) -> str:
        """The order's name."""
        ...

    @property
    def tracking_number(self) -> str | None:
        """Of the first parcel."""
        ...


class WatchedFaults(Faults):
    """The program's fault path, with everything that came down it.

    Attributes:
        seen: Where each came from, and what it was.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, BaseException]] = []

    def report(self, where: str, failure: BaseException) -> None:
        """Remember a failure, and handle it as the program does."""
        before = self.count
        super().report(where, failure)
        if self.count > before:
            self.seen.append((where, failure))


class Desk:
    """One bench computer.

    Args:
        app: Qt's application.
        folder: The profile's folder; made when missing.
        api_url: Loop's address without the version ("http://127.0.0.1:PORT/api").
        key: The API key given by the environment; None leaves it to the key store.
        environ: More of the environment ("LOOPDESK_HOLD_SECONDS": "2"); wins over ``CALM``.

    Attributes:
        environ: The environment of every run that follows; may be changed between runs.
        key_store: The system's key store of this computer.
        expects: Failures that may come down the fault path without failing the test.
    """

    def __init__(
        self,
        app: QApplication,
        folder: Path,
        api_url: str,
        *,
        key: str | None,
        environ: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.key_store = KeyStore()
        self.environ = {**CALM, "LOOPDESK_API_URL": api_url, **(environ or {})}
        if key is not None:
            self.environ["LOOPDESK_API_KEY"] = key
        self.expects: tuple[type[Exception], ...] = ()
        self.hand = UiDriver(self._handle, lambda: self.session.bench.is_calm)
        self._app = app
        self._session: Session | None = None

    # --- the run ------------------------------------------------------------------------------------------

    def play(self, body: Body, **environ: str) -> None:
        """Start the program, do what ``body`` does, and end the program in order.

        Args:
            environ: Of this run only, over ``self.environ``.

        Raises:
            AssertionError: Something happened that nobody expected, or something was left over.
        """
        make_app(["loopdesk"])
        faults = WatchedFaults()
        threads = set(threading.enumerate())
        loop = new_loop(self._app, faults)
        faults.install()
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                left = runner.run(self._live(faults, body, {**self.environ, **environ}))
        finally:
            faults.restore()
            _end_timers(loop)
        unexpected = [
            (where, failure) for where, failure in faults.seen if not isinstance(failure, self.expects)
        ]
        if unexpected:
            raise AssertionError(f"nobody expected {unexpected}") from unexpected[0][1]
        assert not left, f"these tasks were left over: {left}"
        _no_threads_but(threads)

    async def _live(self, faults: Faults, body: Body, environ: dict[str, str]) -> list[str]:
        """Run once. Returns the names of the tasks that were left over at the end."""
        options = Options(profile=str(self.folder))
        profile = open_profile(options, environ)
        with ProfileLock(profile):
            runtime = await open_runtime(profile, options, environ, key_store=lambda: self.key_store)
            try:
                await self._work(Session(self._app, runtime, faults), body)
            finally:
                await runtime.close()
        me = asyncio.current_task()
        return [task.get_name() for task in asyncio.all_tasks() if task is not me]

    async def _work(self, session: Session, body: Body) -> None:
        self._session = session
        session.window.setWindowState(Qt.WindowState.WindowNoState)
        session.window.resize(*SIZE)
        try:
            await session.open()
            await body()
        finally:
            await session.close()
            self._session = None

    # --- what there is while it runs -----------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The session that runs."""
        assert self._session is not None, "the program does not run"
        return self._session

    @property
    def program(self) -> Program:
        """The services."""
        return self.session.program

    @property
    def runtime(self) -> Runtime:
        """The profile, the settings and the store."""
        return self.session.runtime

    @property
    def screen(self) -> BenchScreen:
        """What the bench shows."""
        return self.session.bench.screen()

    @property
    def strip(self) -> StripScreen:
        """What the status strip shows."""
        return self.session.strip.screen()

    @property
    def title(self) -> str:
        """The window's title, as IT tools read it."""
        return self.session.window.windowTitle()

    def _handle(self) -> QWindow:
        handle = self.session.window.windowHandle()
        assert handle is not None
        return handle

    # --- what is done ---------------------------------------------------------------------------------------

    async def synced(self) -> None:
        """Wait until the store knows what Loop knows."""
        await self.hand.until("the first sync", lambda: self.program.parts.prefetch.synced_at is not None)

    async def open(self, parcel: Labeled, code: str = "") -> None:
        """Scan a parcel's label (or another code of it) and wait until its return is on screen."""
        await self.hand.scan(code or parcel.tracking_number or parcel.return_id)
        await self.shown(parcel)

    async def shown(self, parcel: Labeled) -> None:
        """Wait until the window's title names a return."""
        title = f"{parcel.order_name} · {parcel.return_id} — loopdesk"
        await self.hand.until(f"the title {title!r}", lambda: self.title == title)

    async def at_rest(self) -> None:
        """Wait until everything that was scanned and pressed so far took effect."""
        scans, line = self.session.scans, self.program.parts.line
        await self.hand.until("the bench at rest", lambda: not scans.is_holding and line.is_idle)

    async def scan(self, *codes: str) -> None:
        """Scan codes and wait until each took effect at the bench; Loop's answers may come later.

        A command's word is scanned as this station prints it.
        """
        for code in codes:
            if code.upper() in DECIDING_WORDS:
                await self.hand.look()
            await self.hand.scan(self.issued(code))
            await self.at_rest()

    def issued(self, code: str) -> str:
        """Return the code on the sheet for a command's word, in its case; any other code as it is."""
        if by_code(code.upper()) is None:
            return code
        printed = self.session.codes.printed(code.upper())
        return printed if code.isupper() else printed.lower()

    async def refreshed(self, parcel: Labeled) -> None:
        """Wait until the return on the bench is what Loop shows: details and notes were read and drawn."""
        name = f"refresh {parcel.return_id}"
        await self.hand.until("the refresh", lambda: name not in self.program.parts.tasks.names)
        await self.at_rest()

    async def press(self, *keys: str) -> None:
        """Press keys and wait until they took effect."""
        await self.hand.press(*keys)
        await self.at_rest()

    async def click(self, widget: QWidget) -> None:
        """Click the middle of a widget, as a person who sees it, and wait until it took effect.

        Raises:
            NeverCame: It did not come into sight: hidden, not enabled, or something lies over it.
        """
        await self._click_at(self._finder(widget), _center)

    async def click_row(self, view: QAbstractItemView, row: int) -> None:
        """Click a row of a list or table in its first cell, and wait until it took effect.

        Raises:
            NeverCame: It did not come into sight.
        """
        await self._click_at(view.viewport, lambda _: _spot(view, row))

    async def wheel_to_row(self, view: QAbstractItemView, row: int) -> None:
        """Turn the wheel over a list or table, notch by notch, until a row is in sight.

        Raises:
            AssertionError: The wheel moves it no further.
        """
        place, bar = view.viewport(), view.verticalScrollBar()
        over = place.mapTo(self.session.window, place.rect().center())
        await self.hand.until(
            "a laid out list", lambda: bar.maximum() > 0 or place.rect().contains(_spot(view, row))
        )
        while not place.rect().contains(_spot(view, row)):
            before = bar.value()
            notch = QPoint(0, -120 if _spot(view, row).y() > 0 else 120)
            await self.hand.do(lambda n=notch: QTest.wheelEvent(self._handle(), over, n))  # type: ignore[misc]
            assert bar.value() != before, f"row {row} cannot be reached"
        await self.at_rest()

    async def _click_at(self, find: Callable[[], QWidget], spot: Callable[[QWidget], QPoint]) -> None:
        """Click once the widget can be reached there: a layout may still be on its way."""
        widget = find()
        name = widget.accessibleName() or widget.objectName() or type(widget).__name__

        def is_reached() -> bool:
            now = find()
            return self._reaches(now, spot(now))

        if name_of(widget) in ("confirm", "undo"):
            await self.hand.look()

        def press() -> None:
            now = find()
            QTest.mouseClick(now, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot(now))

        await self.hand.until(f"{name} in reach", is_reached)
        await self.hand.do(press)
        await self.at_rest()

    def _finder(self, widget: QWidget) -> Callable[[], QWidget]:
        """Return a function that finds a widget; a button that was redrawn meanwhile is found by its
        command."""
        if not isinstance(widget, KeyCapButton):
            return lambda: widget
        command = widget.command
        return lambda: widget if shiboken6.isValid(widget) else self.button(command)

    def _reaches(self, widget: QWidget, spot: QPoint) -> bool:
        if not (widget.isVisible() and widget.isEnabled() and widget.rect().contains(spot)):
            return False
        hit = self.session.window.childAt(widget.mapTo(self.session.window, spot))
        return hit is not None and (hit is widget or widget.isAncestorOf(hit))

    def button(self, command: str) -> KeyCapButton:
        """Return the one visible button of a command.

        Raises:
            AssertionError: There is none, or more than one.
        """
        buttons = self.session.window.findChildren(KeyCapButton)
        found = [x for x in buttons if x.isVisible() and x.command == command]
        assert len(found) == 1, f"{len(found)} buttons for {command}"
        return found[0]

    # --- the queue ----------------------------------------------------------------------------------------

    async def lane(self, return_id: str) -> tuple[Entry, ...]:
        """Return every entry of a return, in the order kept."""
        return await self.runtime.store.outbox.lane(return_id)

    async def until_lane(self, return_id: str, *stages: Stage, seconds: float = 30.0) -> tuple[Entry, ...]:
        """Wait until a return has entries and all of them stand in one of these stages.

        Raises:
            NeverCame: They did not in that time; it says where they stood.
        """
        wanted = "/".join(stage.value for stage in stages)
        lane: tuple[Entry, ...] = ()

        async def holds() -> bool:
            nonlocal lane
            lane = await self.lane(return_id)
            return bool(lane) and all(entry.stage in stages for entry in lane)

        try:
            await self.until_true("", holds, seconds)
        except NeverCame:
            stood = ", ".join(
                f"{entry.kind.value} {entry.stage.value} {entry.cause.code}".strip() for entry in lane
            )
            raise NeverCame(f"the entries {wanted}; they were: {stood or 'none kept'}") from None
        return lane

    async def until_true(
        self, what: str, holds: Callable[[], Awaitable[bool]], seconds: float = 20.0
    ) -> None:
        """Wait until something that must be asked for is true.

        Raises:
            NeverCame: It did not come true in that time.
        """
        end = time.monotonic() + seconds
        while not await holds():
            if time.monotonic() > end:
                raise NeverCame(what)
            await asyncio.sleep(LOOK_SECONDS)


def name_of(widget: QWidget) -> str:
    """Return the command of a button, "" for every other widget."""
    return widget.command if isinstance(widget, KeyCapButton) else ""


def _spot(view: QAbstractItemView, row: int) -> QPoint:
    """Return the middle of a row's first cell that is shown, in the viewport's pixels."""
    model = view.model()
    columns = range(model.columnCount() if isinstance(view, QTableView) else 1)
    spots = [view.visualRect(model.index(row, column)) for column in columns]
    return next((rect.center() for rect in spots if not rect.isEmpty()), QPoint(-1, -1))


def _end_timers(loop: asyncio.AbstractEventLoop) -> None:
    """End the timers of a closed loop, in the thread that they belong to.

    qasync leaves them running. In a program whose one loop lives as long as it does that is harmless;
    here the next run would find them after a collection in some other thread took their owner away.
    What a thread handed to the loop at its very end is taken before: it would start a timer that is gone.
    """
    timers: QObject = vars(loop)["_timer"]
    QCoreApplication.sendPostedEvents(None, QEvent.Type.MetaCall.value)
    shiboken6.delete(timers)


def _no_threads_but(before: set[threading.Thread]) -> None:
    """Wait until the threads that came since then are gone.

    Threads of Qt that ran Python code are known to Python only as dummies that never go away.
    """
    end = time.monotonic() + THREADS_SECONDS
    for thread in set(threading.enumerate()) - before:
        if not isinstance(thread, threading._DummyThread):
            thread.join(max(0.0, end - time.monotonic()))
            assert not thread.is_alive(), f"the thread {thread.name} was left over"


def _center(widget: QWidget) -> QPoint:
    return widget.rect().center()
