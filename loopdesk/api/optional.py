"""Reads that need an optional permission: warehouses and Happy Returns' consolidated shipments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from loopdesk.api.calls import Call, Nature, Scope
from loopdesk.api.rows import array, readable
from loopdesk.api.transport import Answer, Transport
from loopdesk.domain.errors import ScopeMissing
from loopdesk.services.ports.loop import Priority

PAGES_MOST: Final = 100
"""Laravel pages hold up to 200 rows; 20,000 rows in one answer exceed any dock's need."""

Query = tuple[tuple[str, str], ...]
Made = TypeVar("Made")


class OptionalReads:
    """Tells a missing permission from a bad key, and keeps a feature off once its permission is missing."""

    def __init__(self, transport: Transport, probe: Callable[[], Awaitable[None]]) -> None:
        """Take the transport, and a call that needs only the Returns permission."""
        self._transport = transport
        self._probe = probe

    async def read(self, name: str, path: str, scope: Scope, query: Query = ()) -> Answer:
        """Read something under an optional permission.

        Loop answers 401 both for a bad key and for a missing permission. A call that needs only the Returns
        permission tells them apart: if it works, the feature is turned off until the key changes.

        Raises:
            ScopeMissing: The key works but lacks this permission; if that is known already, nothing is sent.
            KeyRefused: The key itself is not accepted.
        """
        if self._transport.is_scope_off(scope):
            raise ScopeMissing(scope.value)
        key_before = self._transport.key_fingerprint()
        call = Call(name, "GET", path, Nature.READ, Priority.BACKGROUND, scope, query)
        try:
            return await self._transport.request(call)
        except ScopeMissing:
            pass
        if not self._transport.returns_scope_works:
            await self._probe()
        if self._transport.key_fingerprint() == key_before:
            self._transport.turn_scope_off(scope)
        raise ScopeMissing(scope.value)

    async def pages(
        self, name: str, path: str, scope: Scope, query: Query, make: Callable[[Any], Made]
    ) -> tuple[Made, ...]:
        """Read Laravel pages by number up to the last one (at most 100), never by their links."""
        made: list[Made] = []
        for number in range(1, PAGES_MOST + 1):
            answer = await self.read(name, path, scope, (*query, ("page", str(number))))
            rows = array(answer.value.get("data") if isinstance(answer.value, dict) else answer.value)
            made.extend(readable(rows, make))
            if not rows or not isinstance(answer.value, dict) or not _has_next(answer.value, number):
                break
        return tuple(made)


def _has_next(page: dict[str, Any], number: int) -> bool:
    last = page.get("last_page")
    if isinstance(last, int):
        return number < last
    return bool(page.get("next_page_url"))
