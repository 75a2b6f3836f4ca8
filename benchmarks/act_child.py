"""The program at a filled store, given one command after another.

Asked ``{"open": code, "order_name": …}``, it scans a label. Asked ``{"command": id}``, it gives that command
as its button does and answers with the milliseconds until the band was painted twice: that it was taken, and
what came of it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.opened import serve
from benchmarks.painted import Painted
from benchmarks.scan_child import LIMIT_SECONDS, ready
from benchmarks.scan_child import Bench as ScannedBench
from loopdesk.app.session import Session
from loopdesk.presenters.screens.window import BandScreen

REST_SECONDS = 0.05


class Bench:
    """The open window that is given commands."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Open a return, or give a command."""
        if "open" in question:
            await ScannedBench(self._session).scan(question["open"], question["order_name"])
            await until(lambda: self._session.bench.is_calm)
            return {"open": True}
        return await self.give(question["command"])

    async def give(self, command: str) -> dict[str, float]:
        """Give a command. Returns the milliseconds until it was painted as taken, and its answer."""
        await until(lambda: self._session.bench.is_calm)
        loop, band = asyncio.get_running_loop(), self._session.window.band
        before = band.shown.serial if band.shown else 0
        moments: dict[str, asyncio.Future[float]] = {
            "taken": loop.create_future(),
            "answered": loop.create_future(),
        }

        def watch(name: str, holds: Callable[[BandScreen], bool]) -> Painted:
            def over() -> None:
                loop.call_soon(lambda: moments[name].set_result(time.perf_counter()))

            return Painted(band, lambda: band.shown is not None and holds(band.shown), over)

        watches = (
            watch("taken", lambda shown: shown.taken or shown.serial > before),
            watch("answered", lambda shown: not shown.taken and shown.serial > before),
        )
        began = 0.0

        def press() -> None:
            nonlocal began
            began = time.perf_counter()
            self._session.bench.command(command)

        try:
            loop.call_soon(press)  # outside of any task, as a click comes
            async with asyncio.timeout(LIMIT_SECONDS):
                return {name: (await moment - began) * 1000 for name, moment in moments.items()}
        finally:
            for one in watches:
                one.remove()
            await asyncio.sleep(REST_SECONDS)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while not holds():  # noqa: ASYNC110 - what it waits for tells nobody
            await asyncio.sleep(REST_SECONDS)


def main() -> None:
    """Serve the profile named on the command line."""
    serve(sys.argv[1], lambda session: Bench(session).ask, ready=ready)


if __name__ == "__main__":
    main()
