"""The built-in simulator that practice mode works against; nothing leaves this machine."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime

from loopdesk.simulator.faults import Fault
from loopdesk.simulator.http.server import Server
from loopdesk.simulator.loop import PRACTICE_KEY, Loop
from loopdesk.simulator.samples import practice_loop
from loopdesk.system.host.clock import SystemClock
from loopdesk.system.host.paths import Profile

SLOW_SECONDS = 5.0

_FAULTS = {
    "offline": Fault("offline"),
    "lost": Fault("lose_answer", method="POST"),
    "slow": Fault("slow", seconds=SLOW_SECONDS),
    "errors": Fault("error_before"),
    "login": Fault("portal"),
}
"""The simulator's faults for each drill of ``presenters.pages.settings``; "all is well" has none."""


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

    def play(self, drill: str) -> None:
        """Misbehave in this way only, from now on."""
        self.shop.faults.clear()
        if drill in _FAULTS:
            self.shop.faults.add(replace(_FAULTS[drill]))

    async def start(self) -> None:
        """Start serving."""
        await self._server.start()

    async def stop(self) -> None:
        """Stop serving, even with open connections."""
        await self._server.stop()
