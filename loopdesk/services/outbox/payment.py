"""Remembers whether this shop's answers have ever contained payment fields.

If none has, a closed return is all that can be seen of its processing.
"""

from __future__ import annotations

from loopdesk.services.ports.loop import Fetched
from loopdesk.services.ports.store import ReturnCache

MARK = "tells_of_payment"


class PaymentFields:
    """Learns from every answer; what was seen once is stored."""

    def __init__(self, cache: ReturnCache) -> None:
        self._cache = cache
        self._tells: bool | None = None

    async def learn(self, fetched: Fetched | None) -> bool:
        """Learn from an answer. Returns whether this shop's answers contain payment fields.

        Raises:
            StoreError: It could not be stored.
        """
        if self._tells is None:
            self._tells = await self._cache.marked(MARK) == "yes"
        if not self._tells and fetched is not None and fetched.ret.tells_payment:
            self._tells = True
            await self._cache.mark(MARK, "yes")
        return self._tells
