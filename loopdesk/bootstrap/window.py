"""Runs the window: the only place where Qt's loop and asyncio meet."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QtMsgType
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from loopdesk.bootstrap.faults import Faults
from loopdesk.bootstrap.front import Front
from loopdesk.bootstrap.ground import Ground, Options, lay_ground, open_profile
from loopdesk.domain.errors import AlreadyRunning
from loopdesk.system.single import ProfileLock
from loopdesk.ui.app import make_app

if TYPE_CHECKING:
    from loopdesk.bootstrap.session import Session

log = logging.getLogger("loopdesk.start")

TOUR_HOLD_SECONDS = "3"
"""The undo window while the tour plays: long enough to be seen, short enough to wait for."""


def run(arguments: Namespace) -> int:
    """Open the window and return the exit code when it was left.

    Raises:
        LoopdeskError: Settings, store or profile cannot be used, or another copy runs there.
    """
    faults = Faults()

    def from_qt(kind: QtMsgType, _context: object, text: str) -> None:
        if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
            faults.report("qt", RuntimeError(text))

    app = make_app(sys.argv[:1], from_qt)
    faults.install()
    try:
        with asyncio.Runner(loop_factory=lambda: new_loop(app, faults)) as runner:
            return runner.run(_main(app, faults, arguments))
    finally:
        gc.enable()
        faults.restore()


def new_loop(app: QApplication, faults: Faults) -> asyncio.AbstractEventLoop:
    """Make asyncio's loop on Qt's."""
    loop: asyncio.AbstractEventLoop = QEventLoop(app)
    loop.set_exception_handler(faults.handle_loop)
    return loop


async def _main(app: QApplication, faults: Faults, arguments: Namespace) -> int:
    """Run sessions until a person leaves; switching practice on or off is another session."""
    options = Options.of(arguments)
    is_chosen = options.practice
    while True:
        wants_practice, code = await _run_once(app, faults, options, arguments, is_chosen=is_chosen)
        if wants_practice is None:
            return code
        options = replace(options, practice=wants_practice)
        is_chosen = True


async def _run_once(
    app: QApplication, faults: Faults, options: Options, arguments: Namespace, *, is_chosen: bool
) -> tuple[bool | None, int]:
    """Run one session.

    Args:
        is_chosen: A person said whether to practice; otherwise the settings may say it.

    Returns:
        Whether another session in (True) or out of (False) practice follows, or None; and the exit code.
    """
    profile = open_profile(options, os.environ)
    lock = ProfileLock(profile)
    try:
        lock.acquire()
    except AlreadyRunning:
        from loopdesk.ui.knock import knock

        knock(profile.folder)
        raise
    practice = None
    try:
        if options.practice:
            from loopdesk.bootstrap.practice import Practice, forget_last_time

            forget_last_time(profile)
            practice = Practice()
            await practice.start()
            values = {**_practice_names(), **(options.values or {}), "api.url": practice.api_url}
            if getattr(arguments, "tour", False):
                values.setdefault("hold_seconds", TOUR_HOLD_SECONDS)
            options = replace(options, values=values)
        ground = lay_ground(profile, options)
        try:
            if ground.loaded.settings.practice and not is_chosen:
                return True, 0
            key = practice.key if practice is not None else None
            front = await _open_front(app, ground, practice=key is not None)
            session = await _open_session(app, ground, faults, front, key)
            return await _live(session, practice, arguments)
        finally:
            await ground.close()
    finally:
        if practice is not None:
            await practice.stop()
        lock.release()


async def _open_front(app: QApplication, ground: Ground, *, practice: bool) -> Front:
    """Paint the window while the store is opened on its own thread; from then on scans are taken.

    Raises:
        StoreError: The store cannot be opened; there is no window.
    """
    fronts: list[Front] = []

    async def show() -> None:
        front = Front(app, ground.loaded.settings, practice=practice)
        fronts.append(front)
        front.window.show()

    try:
        await asyncio.gather(ground.open_store(), show())
    except BaseException:
        for front in fronts:
            front.abandon()
        raise
    await fronts[0].painted()
    log.info("ready")
    return fronts[0]


async def _open_session(
    app: QApplication, ground: Ground, faults: Faults, front: Front, practice_key: str | None
) -> Session:
    """Load the services in a thread, so that the window goes on, and build the session behind the window.

    Raises:
        SettingsWrong: The vocabulary cannot be used; the window is gone.
    """
    try:
        await asyncio.to_thread(importlib.import_module, "loopdesk.bootstrap.session")
        from loopdesk.bootstrap.session import Session

        return Session(app, ground, faults, practice_key=practice_key, front=front)
    except BaseException:
        front.abandon()
        raise


def _practice_names() -> dict[str, str]:
    return {"station.name": "practice dock", "station.operator": "you"}


async def _live(session: Session, practice: object, arguments: Namespace) -> tuple[bool | None, int]:
    """Show the window until a person, the system or the tour ends it."""
    from loopdesk.ui.knock import Door

    door = Door(session.ground.profile.folder)
    ending = _Foreground(session)
    door.knocked.connect(ending.raise_window)
    _end_on_signals(session.closed.set)
    session.app.commitDataRequest.connect(ending.end_with_system)
    await session.open()
    if not gc.isenabled():
        gc.freeze()  # what was loaded stays: the collector need not look at it again
        gc.enable()
    code = 0
    try:
        if getattr(arguments, "tour", False) and practice is not None:
            from loopdesk.bootstrap.practice import Practice
            from loopdesk.bootstrap.tour import play

            assert isinstance(practice, Practice)
            code = await play(session, practice, arguments.tour_dir)
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
        """Show, raise, and ask for attention."""
        window = self._session.window
        window.showNormal() if window.isMinimized() else window.show()
        window.raise_()
        window.activateWindow()
        self._session.app.alert(window)

    def end_with_system(self, _manager: object) -> None:
        """End in order when the user logs out; everything entered is on disk already."""
        self._session.closed.set()


def _end_on_signals(end: Callable[[], None]) -> None:
    """End in order on Ctrl+C, logout and shutdown."""
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            with suppress(NotImplementedError, ValueError, RuntimeError):
                loop.add_signal_handler(number, end)
