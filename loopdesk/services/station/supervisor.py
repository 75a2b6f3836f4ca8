"""Keeps what works behind the screens alive: a failure is told, and does not end what others rely on."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeAlias

from loopdesk.domain.errors import ApiError, StoreError
from loopdesk.services.ports.station import Clock

log = logging.getLogger("loopdesk.outbox")

RESTART_SECONDS = 30.0

OnFault: TypeAlias = Callable[[str, BaseException], None]
"""The one fault path: where something failed that nobody expected, and the failure. Never raises."""

P = ParamSpec("P")


async def keep_running(
    name: str, run: Callable[[], Awaitable[None]], clock: Clock, on_fault: OnFault
) -> None:
    """Run something until it ends by itself; after any failure tell, wait, and begin again.

    Beginning again opens and checks the store anew, and what was cut off is asked about before it is sent.
    So neither a full disk nor a bug that one odd answer hits stops a station for the rest of its shift.

    Args:
        name: For the fault.
        on_fault: Told of each failure.
    """
    while True:
        try:
            return await run()
        except Exception as failure:  # noqa: BLE001 - told, and begun again
            on_fault(name, failure)
        await clock.sleep(RESTART_SECONDS)
        log.info("begins_again name=%s", name)


def isolated(
    name: str, listen: Callable[P, Awaitable[None]], on_fault: OnFault
) -> Callable[P, Awaitable[None]]:
    """Return a listener whose bug is told and does not end whoever told it something.

    What the store or Loop refuses is no bug: it ends the teller too, which knows how to go on later.
    """

    async def listened(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await listen(*args, **kwargs)
        except (StoreError, ApiError):
            raise
        except Exception as failure:  # noqa: BLE001 - the listener's bug, not the teller's
            on_fault(name, failure)

    return listened
