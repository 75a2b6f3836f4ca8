"""Rows of Loop's list that could not be read: counted, and requested one by one."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence

from loopdesk.domain.errors import AnswerLost, ApiError, NotFound, Refused
from loopdesk.services.ports.loop import Fetched, Page, Priority, ReturnsGateway
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import ReturnCache

log = logging.getLogger("loopdesk.lookup")

ASKED_A_PAGE = 20
"""At most this many rows of a page are requested individually; the others when the page is read again."""

ASK_AGAIN_SECONDS = 3600.0
REMEMBERED = 1000

UNREAD = "unread"
"""The store's list of returns that Loop shows but that cannot be read: their ids, as a JSON array."""


class SetApart:
    """Remembers which returns Loop shows in a way that cannot be read.

    Attributes:
        nameless: The maximum number of rows without a readable id in one page.
    """

    def __init__(self, cache: ReturnCache, gateway: ReturnsGateway, clock: Clock) -> None:
        self._cache = cache
        self._gateway = gateway
        self._clock = clock
        self._ids: dict[str, None] | None = None
        self._asked: dict[str, float] = {}
        self.nameless = 0

    async def ids(self) -> tuple[str, ...]:
        """Return the ids of the returns that cannot be read, oldest first."""
        return tuple(await self._known())

    async def take(self, page: Page) -> tuple[Fetched, ...]:
        """Record a page's rows, and request those that could not be read. Returns what that brought."""
        self.nameless = max(self.nameless, page.unread.count(""))
        ids = tuple(dict.fromkeys(x for x in page.unread if x))
        before = await self._known()
        read = tuple(x for x in before if x in {y.ret.return_id for y in page.returns})
        found = await self._ask(ids) if ids else ()
        read += tuple(x.ret.return_id for x in found)
        unread = {**before, **dict.fromkeys(ids)}
        for return_id in read:
            unread.pop(return_id, None)
        if unread.keys() != before.keys():
            self._ids = dict(list(unread.items())[-REMEMBERED:])
            await self._cache.mark(UNREAD, json.dumps(list(self._ids)))
        return found

    async def _known(self) -> dict[str, None]:
        if self._ids is None:
            self._ids = dict.fromkeys(json.loads(await self._cache.marked(UNREAD) or "[]"))
        return self._ids

    async def _ask(self, ids: Sequence[str]) -> tuple[Fetched, ...]:
        """Request rows individually, each at most once an hour; if Loop cannot be asked, later."""
        now = self._clock.monotonic()
        self._asked = {x: at for x, at in self._asked.items() if now - at < ASK_AGAIN_SECONDS}
        found: list[Fetched] = []
        for return_id in [x for x in ids if x not in self._asked][:ASKED_A_PAGE]:
            try:
                found.append(await self._gateway.details(return_id, priority=Priority.BACKGROUND))
            except (NotFound, Refused, AnswerLost) as failure:
                log.info("row_unread return=%s code=%s", return_id, failure.code)
            except ApiError:
                break
            self._asked[return_id] = now
        return tuple(found)
