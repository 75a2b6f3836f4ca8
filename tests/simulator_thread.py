"""The simulator of Loop in a thread of its own, with its truth at hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any

from loopdesk.simulator.actors import act
from loopdesk.simulator.faults import Fault
from loopdesk.simulator.http.server import Server, wall_clock
from loopdesk.simulator.insight import truth
from loopdesk.simulator.loop import PRACTICE_KEY, LoggedRequest, Loop
from loopdesk.simulator.samples import practice_loop
from loopdesk.simulator.settings import Settings
from tests.loop_thread import LoopThread


class SimulatorThread:
    """Serves a simulated Loop over TCP while a test drives the program in its own thread.

    Every method may be called from the test's thread; the simulator takes its own lock.

    Args:
        loop: What to serve; the practice shop by the wall clock when not given.
        returns: How many more ordinary returns the practice shop has.
        settings: The switches of the practice shop.
        clock: The clock of the practice shop.

    Attributes:
        loop: The simulated Loop and its truth.
        key: The API key that opens it.
    """

    key = PRACTICE_KEY.value

    def __init__(
        self,
        loop: Loop | None = None,
        *,
        returns: int = 0,
        settings: Settings | None = None,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:
        made = loop if loop is not None else practice_loop(clock=clock, returns=returns, settings=settings)
        self.loop = made
        self._thread = LoopThread("simulator")
        self._server = Server(made)
        self._url = ""

    @property
    def url(self) -> str:
        """The origin: `http://127.0.0.1:PORT`."""
        return self._url

    @property
    def port(self) -> int:
        """The port."""
        return int(self._url.rpartition(":")[2])

    def __enter__(self) -> SimulatorThread:
        self._thread.start()
        self._thread.wait_for(self._server.start())
        self._url = self._server.url
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.wait_for(self._server.stop())
        self._thread.stop()
        assert self.loop.crashes == [], "the simulator itself broke"

    def truth(self, return_id: str) -> dict[str, Any]:
        """Everything true about a return now."""
        return truth(self.loop, return_id)

    def act(self, what: str, return_id: str = "", **more: Any) -> str:
        """Let another actor at Loop act; the id of the return."""
        return act(self.loop, {"act": what, "return_id": return_id, **more})

    def fault(self, kind: str, **more: Any) -> int:
        """Switch a fault on; returns its id, for `loop.faults.clear`."""
        return self.loop.faults.add(Fault(kind, **more))

    def requests(self, method: str = "", path: str = "", since: int = 0) -> list[LoggedRequest]:
        """The logged requests."""
        return self.loop.requests(method, path, since)
