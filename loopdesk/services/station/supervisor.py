"""Supervises the background loops: a failure is reported and does not end what others rely on."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeAlias

from loopdesk.domain.errors import ApiError, StoreError
from loopdesk.services.ports.station import Clock

log = logging.getLogger("loopdesk.outbox")

RESTART_SECONDS = 30.0

OnFault: TypeAlias = Callable[[str, BaseException], None]
"""Receives unexpected failures: where, and the exception. Never raises."""

P = ParamSpec("P")


async def keep_running(
    name: str, run: Callable[[], Awaitable[None]], clock: Clock, on_fault: OnFault
) -> None:
    """Run something until it returns; after any failure report it, wait, and restart.

    A restart reopens and checks the store, and whatever was cut off is asked about before it is sent. So
    neither a full disk nor a bug triggered by one odd answer stops a station for the rest of its shift.

    Args:
        name: For the fault report.
        on_fault: Called with each failure.
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
    """Wrap a listener so that its bugs are reported and do not end the caller.

    What the store or Loop refuses is not a bug: it propagates to the caller, which knows how to continue
    later.
    """

    async def listened(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await listen(*args, **kwargs)
        except (StoreError, ApiError):
            raise
        except Exception as failure:  # noqa: BLE001 - the listener's bug, not the teller's
            on_fault(name, failure)

    return listened
