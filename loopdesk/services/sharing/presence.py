"""Which return is open here, for the other benches, and which are open there.

It is said again while it stays open, and ends by itself where a bench says nothing any more. It blocks
nobody, and nothing waits for it: what cannot be said is said with the next turn.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from loopdesk.domain.errors import ApiError
from loopdesk.services.ports.following import SharedEvent
from loopdesk.services.ports.sharing import HubShared, Mark, SharedPresence, sayable
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.station.events import Feed, OpenElsewhereChanged, ReturnShown
from loopdesk.services.station.tasks import Tasks, Wakeup

log = logging.getLogger("loopdesk.sharing")

BEAT_SECONDS: Final = 30.0
"""So often it is said again; the hub takes a bench for silent after three times as long."""


class PresenceSharing:
    """Implements ``sharing.SharedKind`` for what is open, and says what is open here.

    Args:
        station: Returns who works where, now.
    """

    name = "presence"

    def __init__(
        self,
        *,
        presence: SharedPresence,
        hub: HubShared,
        clock: Clock,
        tasks: Tasks,
        feed: Feed,
        station: Callable[[], Station],
    ) -> None:
        self._presence = presence
        self._hub = hub
        self._clock = clock
        self._feed = feed
        self._station = station
        self._wakeup = Wakeup(clock, tasks, "presence")
        self._shown = ReturnShown("", "")
        self._since: datetime | None = None
        self._said: ReturnShown | None = None
        feed.on(ReturnShown, self._on_shown)

    async def take(self, event: SharedEvent) -> None:
        """Keep what the hub tells."""
        for return_id in sorted(await self._presence.take(event)):
            self._feed.tell(OpenElsewhereChanged(return_id))

    async def push(self, mark: Mark) -> bool:
        """Do nothing: what is open outlives no restart, so it has no marks."""
        return bool(mark)

    async def run(self) -> None:
        """Say what is open, when it changes and now and then, until canceled, or until there is no hub."""
        while self._hub.is_hub:
            if self._shown.return_id or self._shown != self._said:
                await self._say()
            await self._wakeup.wait(BEAT_SECONDS)

    async def _say(self) -> None:
        """Say it once; a hub that cannot be told now is told with the next beat."""
        shown = self._shown
        try:
            said = await self._hub.ask("PUT", "/hub/v1/presence", self._body())
        except ApiError as failure:
            log.info("presence_not_said code=%s", failure.code)
            return
        self._said = shown
        bench_id = said.value.get("bench_id")
        if isinstance(bench_id, str):
            await self._presence.learn_self(bench_id)

    def _body(self) -> dict[str, Any]:
        if not self._shown.return_id:
            return {"return_id": ""}
        return {
            "return_id": self._shown.return_id,
            "order": sayable(self._shown.order_name),
            "person": sayable(self._station().operator.name),
            "since": (self._since or self._clock.now()).isoformat(),
        }

    def _on_shown(self, event: ReturnShown) -> None:
        if event.return_id != self._shown.return_id:
            self._since = self._clock.now()
            self._shown = event
            self._wakeup.wake()
