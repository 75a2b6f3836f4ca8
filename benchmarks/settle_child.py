"""The program settling parcel after parcel with real key events, and the memory that it holds then.

Asked ``{"parcels": [[code, order name], …]}``, it scans each label and the printed commands that grade every
line A and confirm, waits until Loop has confirmed all of it, and answers with its resident memory. Its clock
is ``hasty_clock``'s.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtGui import QWindow

from benchmarks.children import answer
from benchmarks.hasty_clock import HastyClock
from benchmarks.resident import resident_megabytes
from loopdesk.app.faults import Faults
from loopdesk.app.gui import new_loop
from loopdesk.app.runtime import Options, open_profile, open_runtime
from loopdesk.app.session import Session
from loopdesk.selfcheck.ui_driver import UiDriver
from loopdesk.system.host.single import ProfileLock
from loopdesk.ui.app import make_app

LIMIT_SECONDS = 300.0
LOOK_SECONDS = 0.01
COMMANDS = ("LDCMDRESTA", "LDCMDCONFIRM")


class Bench:
    """The open window, worked at."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._hand = UiDriver(self._window)

    def _window(self) -> QWindow:
        handle = self._session.window.windowHandle()
        assert handle is not None
        return handle

    async def settle(self, parcels: list[tuple[str, str]]) -> dict[str, Any]:
        """Settle parcels one after another. Raises ``RuntimeError`` when Loop did not confirm all of them."""
        session = self._session
        for code, order_name in parcels:
            await self._scan(code)
            await until(partial(self._shows, order_name))
            for command in COMMANDS:
                await until(lambda: session.bench.is_calm)
                await self._scan(session.codes.printed(command))
        await until(self._is_at_rest)
        if attention := session.strip.screen().attention:
            raise RuntimeError(f"{attention} returns need a person")
        return {"mb": resident_megabytes()}

    def _is_at_rest(self) -> bool:
        strip = self._session.strip.screen()
        return not strip.kept and not strip.sent

    def _shows(self, order_name: str) -> bool:
        return self._session.window.windowTitle().startswith(f"{order_name} ")

    async def _scan(self, code: str) -> None:
        """Scan a code and wait until it took effect."""
        session = self._session
        await self._hand.scan(code)
        await until(lambda: not session.scans.is_holding and session.program.parts.line.is_idle)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, without ``asyncio.timeout``: its timer stays until it would have ended.

    Raises:
        TimeoutError: It never did.
    """
    end = time.monotonic() + LIMIT_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError
        await asyncio.sleep(LOOK_SECONDS)


async def serve(folder: str, began: float, faults: Faults) -> None:
    """Open the window on a profile and settle until the input ends."""
    options = Options(profile=folder)
    profile = open_profile(options, os.environ)
    with ProfileLock(profile):
        runtime = await open_runtime(profile, options)
        runtime.clock = HastyClock(began)
        session = Session(make_app(sys.argv[:1]), runtime, faults)
        try:
            await session.open()
            await until(lambda: session.program.parts.prefetch.synced_at is not None)
            answer({"ready": True})
            bench = Bench(session)
            while line := await asyncio.to_thread(sys.stdin.readline):
                answer(await bench.settle(**json.loads(line)))
        finally:
            await session.close()
            await runtime.close()


def main() -> None:
    """Serve the profile named on the command line, by a clock that began at the moment named there."""
    app, faults = make_app(sys.argv[:1]), Faults()
    with asyncio.Runner(loop_factory=lambda: new_loop(app, faults)) as runner:
        runner.run(serve(sys.argv[1], float(sys.argv[2]), faults))


if __name__ == "__main__":
    main()
