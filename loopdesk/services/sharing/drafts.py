"""Drafts between benches: what is entered here is put to the hub, what others enter is kept beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from loopdesk.services.ports.following import SharedEvent
from loopdesk.services.ports.sharing import (
    Came,
    DraftToSay,
    HubSaid,
    HubShared,
    Mark,
    SharedDrafts,
    sayable,
)
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.station.events import DraftsChanged, Feed

log = logging.getLogger("loopdesk.sharing")

_TRIES: Final = 2
"""A bench whose store was restored counts its puts from too low a number; the hub's answer puts it right."""


class DraftSharing:
    """Implements ``sharing.SharedKind`` for drafts.

    Args:
        shown: Returns the return that is on the bench, now; "" for none.
        station: Returns who works where, now.
    """

    name = "draft"

    def __init__(
        self,
        *,
        drafts: SharedDrafts,
        hub: HubShared,
        clock: Clock,
        feed: Feed,
        shown: Callable[[], str],
        station: Callable[[], Station],
    ) -> None:
        self._drafts = drafts
        self._hub = hub
        self._clock = clock
        self._feed = feed
        self._shown = shown
        self._station = station

    async def take(self, event: SharedEvent) -> None:
        """Keep what the hub tells."""
        came = await self._drafts.take(event, self._shown(), self._clock.now())
        self._tell(came, event.key.rpartition(":")[2])

    async def push(self, mark: Mark) -> bool:
        """Put what is entered for a return, or how it ended. False where a person has to choose first."""
        for _ in range(_TRIES):
            meant = await self._drafts.to_say(mark.key)
            if meant.is_held:
                return False
            said = await self._hub.ask("PUT", f"/hub/v1/drafts/{mark.key}", self._body(meant))
            value = said.value.get("value")
            came = await self._drafts.answered(
                meant,
                value if isinstance(value, dict) else None,
                is_kept=said.is_yes,
                shown=self._shown(),
                at=self._clock.now(),
            )
            self._tell(came, mark.key)
            if said.code != "late":
                return _is_done(said)
        return False

    def _body(self, meant: DraftToSay) -> dict[str, Any]:
        person = meant.person if meant.person is not None else self._station().operator
        return {
            "turn": meant.turn,
            "base": meant.base,
            "order": sayable(meant.order_name),
            "draft": meant.body,
            "content": meant.content,
            "ended": meant.ended.value,
            "person": sayable(person.name),
            "at": (meant.at or self._clock.now()).isoformat(),
        }

    def _tell(self, came: Came, return_id: str) -> None:
        if came is not Came.NOTHING:
            log.info("draft_%s return=%s", came.value, return_id)
            self._feed.tell(DraftsChanged(return_id, is_dropped=came is Came.DROPPED))


def _is_done(said: HubSaid) -> bool:
    return said.is_yes or said.code == "behind"
