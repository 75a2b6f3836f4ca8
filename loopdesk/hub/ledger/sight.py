"""Sees at Loop whether a claimed return has ended, by the reads that all benches share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from loopdesk.api import lenient_json
from loopdesk.api.lenient_json import readable
from loopdesk.api.strict_json import Unreadable
from loopdesk.api.translate import to_fetched
from loopdesk.api.versions import VERSIONS
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.hub.budget.dealing import Klass
from loopdesk.hub.ledger.acts import ClaimPlace
from loopdesk.hub.reads.flights import Asker
from loopdesk.hub.reads.freshness import Freshness
from loopdesk.hub.reads.readings import details_of
from loopdesk.hub.reads.reads import Reads

MOST_AGE_SECONDS: Final = 2.0
"""What a bench read a moment ago, after the action's end, is as good as a look of our own."""


@dataclass(frozen=True, slots=True)
class LoopSight:
    """Reads the details of a return."""

    reads: Reads

    async def state_of(self, place: ClaimPlace) -> ReturnState:
        """Return the state of a claimed return; unknown if Loop does not show the return.

        Raises:
            HubFailure: Loop cannot be asked at the moment.
        """
        given = await self.reads.answer(
            details_of(VERSIONS["v1"], place.return_id),
            Freshness(max_age=MOST_AGE_SECONDS, max_stale=0.0),
            Asker(UUID(place.bench_id), Klass.READ_BACK),
            (place.shop_id,),
        )
        return state_in(given.page.body, place.return_id)


def state_in(body: bytes, return_id: str) -> ReturnState:
    """Return the state of a return in an answer with its details; unknown if it is not in it."""
    try:
        value = lenient_json.loads(body)
    except Unreadable:
        return ReturnState.UNKNOWN
    found = readable(value if isinstance(value, list) else [value], lambda one: to_fetched(one, True))
    states = (one.ret.state for one in found if str(int(one.ret.return_id)) == return_id)
    return next(states, ReturnState.UNKNOWN)
