"""Follows the hub's certificates: trusts the next one before it is used, and forgets the one before."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from loopdesk.domain.errors import ApiError, NotFound
from loopdesk.domain.hub_pins import pins_told
from loopdesk.services.ports.hub import KnownCertificates
from loopdesk.services.ports.station import Clock

log = logging.getLogger("loopdesk.start")

EVERY_SECONDS: Final = 1800.0
"""IT waits an hour before the next certificate is used."""

AGAIN_SECONDS: Final = 300.0
"""After a hub that could not be asked."""


class HubTrust:
    """Asks the hub now and then.

    Args:
        trusted: What is trusted now (DER, one behind the other); b"" where this machine's trust store
            decides, or without a hub: then nothing is asked.
        take: Trusts these instead, for good.
    """

    def __init__(
        self,
        hub: KnownCertificates,
        clock: Clock,
        *,
        trusted: Callable[[], bytes],
        take: Callable[[bytes], Awaitable[None]],
    ) -> None:
        self._hub = hub
        self._clock = clock
        self._trusted = trusted
        self._take = take

    async def run(self) -> None:
        """Follow until canceled."""
        while True:
            await self._clock.sleep(EVERY_SECONDS if await self.follow() else AGAIN_SECONDS)

    async def follow(self) -> bool:
        """Ask once, and tell the hub at once what is trusted then. False if it could not be asked."""
        before = self._trusted()
        if not before:
            return True
        try:
            told = pins_told(await self._hub.certificates(before))
            if told and told != before:
                await self._take(told)
                log.info("hub_certificates_changed bytes=%s", len(told))
                await self._hub.certificates(self._trusted())
        except NotFound:
            return True  # an older hub
        except ApiError as failure:
            log.info("hub_certificates_unknown why=%s", failure.code)
            return False
        return True
