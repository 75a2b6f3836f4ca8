"""The built-in simulator that practice mode works against; nothing leaves this machine."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime

from loopdesk.presenters.pages.settings import Drill
from loopdesk.simulator.faults import Fault
from loopdesk.simulator.http.server import Server
from loopdesk.simulator.loop import PRACTICE_KEY, Loop
from loopdesk.simulator.samples import practice_loop
from loopdesk.system.host.clock import SystemClock
from loopdesk.system.host.paths import Profile

SLOW_SECONDS = 5.0

_FAULTS = {
    Drill.WELL: None,
    Drill.OFFLINE: Fault("offline"),
    Drill.LOST: Fault("lose_answer", method="POST"),
    Drill.SLOW: Fault("slow", seconds=SLOW_SECONDS),
    Drill.ERRORS: Fault("error_before"),
    Drill.LOGIN: Fault("portal"),
}
"""The simulator's fault for each drill."""


def forget_last_time(profile: Profile) -> None:
    """Empty the store of the practice profile: the simulated shop starts over too.

    Raises:
        ValueError: It is not the practice profile; nothing was removed.
    """
    if profile != profile.practice:
        raise ValueError("only practice forgets")
    shutil.rmtree(profile.store_folder, ignore_errors=True)
    profile.create()


class Practice:
    """A simulated shop, served on loopback inside the program's own loop.

    Attributes:
        shop: The simulator with its truth.
        key: Its API key.
    """

    key = PRACTICE_KEY.value

    def __init__(self) -> None:
        clock = SystemClock()

        def now() -> datetime:
            return clock.now()

        self.shop: Loop = practice_loop(clock=now)
        self._server = Server(self.shop)

    @property
    def api_url(self) -> str:
        """The URL of the simulator's API, without the version."""
        return f"{self._server.url}/api"

    def play(self, drill: Drill) -> None:
        """Misbehave in this way only, from now on.

        Raises:
            ValueError: There is no such drill; it goes on as before.
        """
        fault = _FAULTS[Drill(drill)]
        self.shop.faults.clear()
        if fault is not None:
            self.shop.faults.add(replace(fault))

    async def start(self) -> None:
        """Start serving."""
        await self._server.start()

    async def stop(self) -> None:
        """Stop serving, even with open connections."""
        await self._server.stop()
