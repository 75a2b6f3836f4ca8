"""The one fault path: every unexpected failure is logged with a number and shown to the operator once."""

from __future__ import annotations

import logging
import sys
import threading
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from loopdesk.domain.errors import LoopdeskError

if TYPE_CHECKING:
    import asyncio

    from loopdesk.services.station.events import FaultFound

log = logging.getLogger("loopdesk.fault")


class Faults:
    """Takes failures from every place that Python, asyncio and Qt know.

    Args:
        tell: Shows a fault to the operator; set once there is a screen.
    """

    def __init__(self) -> None:
        self.tell: Callable[[FaultFound], None] | None = None
        self.count = 0
        self._told: set[str] = set()
        self._before = _hooks()

    def install(self) -> None:
        """Take over the hooks of the interpreter."""
        self._before = _hooks()
        sys.excepthook = self._from_main
        threading.excepthook = self._from_thread
        sys.unraisablehook = self._from_nowhere

    def restore(self) -> None:
        """Give the hooks back to anyone who had them."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before

    def handle_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Take what the asyncio loop could not place."""
        failure = context.get("exception") or RuntimeError(str(context.get("message", "")))
        self.report("loop", failure)

    def report(self, where: str, failure: BaseException) -> None:
        """Log a failure with its number; tell the operator the first time it is of this kind.

        Never raises: anyone who reports continues.
        """
        # Imported late: the window is painted without a loop, and a startup rarely has faults.
        import asyncio
        import secrets

        from loopdesk.services.station.events import FaultFound

        if isinstance(failure, (KeyboardInterrupt, SystemExit, asyncio.CancelledError)):
            return
        self.count += 1
        number = secrets.token_hex(3).upper()
        log.error("fault number=%s where=%s", number, where, exc_info=failure)
        kind = f"{where} {type(failure).__name__}"
        if kind in self._told or self.tell is None:
            return
        self._told.add(kind)
        try:
            self.tell(FaultFound(number, failure if isinstance(failure, LoopdeskError) else None))
        except Exception:
            log.exception("fault_not_shown number=%s", number)

    def _from_main(
        self, _kind: type[BaseException], failure: BaseException, _trace: types.TracebackType | None
    ) -> None:
        self.report("main", failure)

    def _from_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.report("thread", args.exc_value)

    def _from_nowhere(self, args: Any) -> None:
        if args.exc_value is not None:
            self.report("unraisable", args.exc_value)


def _hooks() -> tuple[Any, Any, Any]:
    """Return who takes unexpected failures now."""
    return sys.excepthook, threading.excepthook, sys.unraisablehook
