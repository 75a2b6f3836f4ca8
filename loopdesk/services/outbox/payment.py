"""Remembers whether this shop's answers have ever contained payment fields.

Where none of them has any of the fields, a closed return is all that can be seen of its processing.
"""

from __future__ import annotations

from loopdesk.services.ports.loop import Fetched
from loopdesk.services.ports.store import ReturnCache

MARK = "tells_of_payment"


class PaymentFields:
    """Learns from every answer; what was once seen is kept with the store."""

    def __init__(self, cache: ReturnCache) -> None:
        self._cache = cache
        self._tells: bool | None = None

    async def learn(self, fetched: Fetched | None) -> bool:
        """Take notice of an answer. Returns whether this shop's answers tell of payment.

        Raises:
            StoreError: It could not be kept.
        """
        if self._tells is None:
            self._tells = await self._cache.marked(MARK) == "yes"
        if not self._tells and fetched is not None and fetched.ret.tells_payment:
            self._tells = True
            await self._cache.mark(MARK, "yes")
        return self._tells
