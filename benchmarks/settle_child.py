"""The program settling parcel after parcel with real key events, and the memory that it holds then.

Asked ``{"parcels": [[code, order name], …]}``, it scans each label and the printed commands that grade every
line A and confirm, waits until Loop has confirmed all of it, and answers with its resident memory. Its clock
is ``hasty_clock``'s.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtGui import QWindow

from benchmarks.hasty_clock import HastyClock
from benchmarks.opened import Ask, serve
from benchmarks.resident import resident_megabytes
from loopdesk.app.runtime import Runtime
from loopdesk.app.session import Session
from loopdesk.selfcheck.ui_driver import UiDriver

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


async def synced(session: Session) -> None:
    """Wait until the store knows what Loop knows."""
    await until(lambda: session.program.parts.prefetch.synced_at is not None)


def main() -> None:
    """Serve the profile named on the command line, by a clock that began at the moment named there."""

    def hasten(runtime: Runtime) -> None:
        runtime.clock = HastyClock(float(sys.argv[2]))

    def made(session: Session) -> Ask:
        bench = Bench(session)
        return lambda question: bench.settle(**question)

    serve(sys.argv[1], made, prepared=hasten, ready=synced)


if __name__ == "__main__":
    main()
