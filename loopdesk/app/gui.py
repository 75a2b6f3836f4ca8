"""Runs the window: the only place where Qt's and asyncio's loops meet."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QtMsgType
from PySide6.QtWidgets import QApplication

from loopdesk.app.faults import Faults
from loopdesk.app.runtime import Options, Runtime, open_profile, prepare_runtime, without_secrets
from loopdesk.app.startup_tuning import shorten_thread_turns
from loopdesk.app.startup_window import StartupWindow
from loopdesk.domain.errors import AlreadyRunning
from loopdesk.system.host.paths import Profile
from loopdesk.system.host.single import ProfileLock
from loopdesk.ui.app import make_app

if TYPE_CHECKING:
    import asyncio

    from loopdesk.app.practice import Practice
    from loopdesk.app.session import Session

log = logging.getLogger("loopdesk.start")

PRACTICE_SYNC_SECONDS = "10"
"""Practice mode polls its own simulator: nobody has to wait a minute for the list to confirm."""

TOUR_HOLD_SECONDS = "3"
"""The undo window during the tour: long enough to be seen, short enough to wait for."""


WORKERS = 3
"""Threads for what blocks: Loop's pages, photos, settings. Each keeps as much memory as the largest page took
that it ever translated, and qasync starts ten on its own."""

Play = Callable[["Session", "Practice"], Awaitable[int]]
"""Plays a person in practice mode and returns the exit code."""


def run(arguments: Namespace, play: Play | None = None) -> int:
    """Open the window and return the exit code once it was closed.

    Args:
        play: Plays a person in practice mode.

    Raises:
        LoopdeskError: Settings, store or profile cannot be used, or another copy is running there.
    """
    faults = Faults()

    def from_qt(kind: QtMsgType, _context: object, text: str) -> None:
        if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
            faults.report("qt", RuntimeError(text))

    app = make_app(sys.argv[:1], from_qt)
    faults.install()
    options = Options.of(arguments)
    environ = without_secrets(os.environ)
    try:
        bench = None if options.practice else _paint_first(app, options, environ)
        return _run_loop(app, faults, _Start(options, environ), play, bench)
    finally:
        gc.enable()
        faults.restore()


@dataclass(slots=True)
class _Bench:
    """An open profile that we own, and its window."""

    lock: ProfileLock
    runtime: Runtime
    front: StartupWindow
    practice: Practice | None = None

    async def close(self) -> None:
        """Release everything; the window is closed already."""
        await self.runtime.close()
        if self.practice is not None:
            await self.practice.stop()
        self.lock.release()


@dataclass(frozen=True, slots=True)
class _Start:
    """What every session starts with.

    Attributes:
        environ: As given; the process's own no longer contains secrets.
    """

    options: Options
    environ: Mapping[str, str] = field(repr=False)


def _paint_first(app: QApplication, options: Options, environ: Mapping[str, str]) -> _Bench | None:
    """Paint the window, ready to scan, before loading anything that it does not need.

    Returns:
        The bench; None if the settings ask for practice mode.
    """
    profile, lock = _take_profile(options)
    try:
        runtime = prepare_runtime(profile, options, dict(environ))
        if runtime.settings.practice:
            runtime.logs.close()
            lock.release()
            return None
        front = _open_front(app, runtime, practice=False)
    except BaseException:
        lock.release()
        raise
    front.paint()
    log.info("ready")
    return _Bench(lock, runtime, front)


def _take_profile(options: Options) -> tuple[Profile, ProfileLock]:
    """Open the profile and lock it. Raises ``AlreadyRunning`` after notifying the other copy."""
    profile = open_profile(options, os.environ)
    lock = ProfileLock(profile)
    try:
        lock.acquire()
    except AlreadyRunning:
        from loopdesk.ui.app import knock

        knock(profile.folder)
        raise
    return profile, lock


def _open_front(app: QApplication, runtime: Runtime, *, practice: bool) -> StartupWindow:
    """Open the store and make the window. Raises ``StoreError``; then there is no window."""
    try:
        runtime.open_store()
        return StartupWindow(app, runtime.settings, practice=practice)
    except BaseException:
        runtime.logs.close()
        raise


def _run_loop(
    app: QApplication, faults: Faults, start: _Start, play: Play | None, bench: _Bench | None
) -> int:
    """Run asyncio on Qt's loop until a person leaves."""
    import asyncio

    with asyncio.Runner(loop_factory=lambda: new_loop(app, faults)) as runner:
        return runner.run(_main(app, faults, start, play, bench))


def new_loop(app: QApplication, faults: Faults) -> asyncio.AbstractEventLoop:
    """Make asyncio's loop on Qt's."""
    from qasync import QEventLoop, QThreadExecutor

    shorten_thread_turns()
    loop: asyncio.AbstractEventLoop = QEventLoop(app)
    loop.set_default_executor(QThreadExecutor(WORKERS))
    loop.set_exception_handler(faults.handle_loop)
    return loop


async def _main(
    app: QApplication, faults: Faults, start: _Start, play: Play | None, bench: _Bench | None
) -> int:
    """Run sessions until a person leaves; switching practice mode starts another session."""
    practice = start.options.practice or bench is None
    while True:
        start = replace(start, options=replace(start.options, practice=practice))
        bench = bench or await _open_bench(app, start, is_played=play is not None)
        try:
            session = await _open_session(app, faults, bench)
            wants_practice, code = await _live(session, bench.practice, play)
        finally:
            await bench.close()
        if wants_practice is None:
            return code
        practice, bench = wants_practice, None


async def _open_bench(app: QApplication, start: _Start, *, is_played: bool) -> _Bench:
    """Open a profile and make its window, in practice mode with a simulator behind it."""
    options = start.options
    profile, lock = _take_profile(options)
    practice = None
    try:
        if options.practice:
            from loopdesk.app.practice import Practice, forget_last_time

            forget_last_time(profile)
            practice = Practice()
            await practice.start()
            more = {"sync_seconds": PRACTICE_SYNC_SECONDS}
            if is_played:
                more["hold_seconds"] = TOUR_HOLD_SECONDS
            options = options.in_practice(practice.api_url, more)
        runtime = prepare_runtime(profile, options, dict(start.environ))
        front = _open_front(app, runtime, practice=options.practice)
    except BaseException:
        if practice is not None:
            await practice.stop()
        lock.release()
        raise
    return _Bench(lock, runtime, front, practice)


async def _open_session(app: QApplication, faults: Faults, bench: _Bench) -> Session:
    """Load the services in a thread, so that the window stays responsive, and build the session behind it.

    Raises:
        SettingsWrong: The vocabulary cannot be used; the window is gone.
    """
    import asyncio

    try:
        await asyncio.to_thread(_load_session, has_hub=bench.runtime.settings.hub.used)
        from loopdesk.app.session import Session

        return Session(app, bench.runtime, faults, practice=bench.practice, front=bench.front)
    except BaseException:
        bench.front.abandon()
        raise


def _load_session(*, has_hub: bool) -> None:
    program = importlib.import_module("loopdesk.app.program")
    if has_hub:
        program.load_hub_side()
    importlib.import_module("loopdesk.app.session")


async def _live(session: Session, practice: Practice | None, play: Play | None) -> tuple[bool | None, int]:
    """Show the window until a person, the system or ``play`` ends it."""
    from loopdesk.ui.app import Door

    door = Door(session.runtime.profile.folder)
    ending = _Foreground(session)
    door.knocked.connect(ending.raise_window)
    _end_on_signals(session.closed.set)
    session.app.commitDataRequest.connect(ending.end_with_system)
    await session.open()
    if not gc.isenabled():
        gc.freeze()  # the loaded modules stay: the garbage collector need not look at them again
        gc.enable()
    code = 0
    try:
        if play is not None and practice is not None:
            code = await play(session, practice)
        else:
            await session.closed.wait()
    finally:
        door.close()
        await session.close()
    return session.wants_practice, code


class _Foreground:
    """What the system and a second copy ask of the window."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def raise_window(self) -> None:
        """Show, raise, and demand attention."""
        window = self._session.window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        self._session.app.alert(window)

    def end_with_system(self, _manager: object) -> None:
        """Shut down in order when the user logs out; everything entered is on disk already."""
        self._session.closed.set()


def _end_on_signals(end: Callable[[], None]) -> None:
    """Shut down in order on Ctrl+C, logout and shutdown."""
    import asyncio

    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            with suppress(NotImplementedError, ValueError, RuntimeError):
                loop.add_signal_handler(number, end)
