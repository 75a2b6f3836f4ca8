"""Keeps what sends and reads back running: a failing disk stops it, tells a person, and ends one day."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from loopdesk.domain.errors import StoreError
from loopdesk.services.ports import Clock

log = logging.getLogger("loopdesk.outbox")

RESTART_SECONDS = 30.0


async def keep_running(
    name: str,
    run: Callable[[], Awaitable[None]],
    clock: Clock,
    on_fault: Callable[[str, BaseException], None],
) -> None:
    """Run something until it ends by itself; after a failure of the store tell, wait, and begin again.

    Beginning again opens and checks the store anew, and what was cut off is asked about before it is sent.

    Args:
        name: For the fault.
        on_fault: Told of each failure of the store.
    """
    while True:
        try:
            return await run()
        except StoreError as failure:
            on_fault(name, failure)
        await clock.sleep(RESTART_SECONDS)
        log.info("begins_again name=%s", name)
