"""What Loop accepted and then could not do, as the hub is told by a webhook; no read of Loop shows it.

Each failure parks the entry that it is about, once: how far they are known is stored in the same commit.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import suppress

from loopdesk.domain.errors import StageMoved
from loopdesk.domain.outbox.stages import Cause, Entry, ParkReason, Stage, Why, move
from loopdesk.services.outbox.stage_writer import StageWriter
from loopdesk.services.ports.following import HubStream, HubWithout, LateFailure
from loopdesk.services.ports.store import IndexedReturns, ReadingOutbox

log = logging.getLogger("loopdesk.outbox")

KNOWN = "hub_failures"
"""The store's record of the last failure that is known."""

WAITING = (Stage.UNCERTAIN, Stage.SETTLING)


class LateFailures:
    """Asks the hub which processings of this bench failed, and parks them."""

    def __init__(
        self,
        *,
        stream: HubStream,
        outbox: ReadingOutbox,
        cache: IndexedReturns,
        stage_writer: StageWriter,
    ) -> None:
        self._stream = stream
        self._outbox = outbox
        self._cache = cache
        self._stage_writer = stage_writer

    async def ask_about(self, return_ids: Collection[str]) -> None:
        """Ask if any of these returns waits to be processed; all of them if none are named.

        Raises:
            ApiError: The hub could not be asked; what was told so far is kept.
        """
        if not return_ids or await self._is_waiting(return_ids):
            await self._ask()

    async def begin_anew(self) -> None:
        """Ask for all of them the next time: the hub counts anew. What ended meanwhile is left alone."""
        await self._cache.mark(KNOWN, "0")

    async def _is_waiting(self, return_ids: Collection[str]) -> bool:
        heads = await self._outbox.lanes((*WAITING, Stage.PARKED), None)
        return any(head.return_id in return_ids for head in heads)

    async def _ask(self) -> None:
        after = await self._known()
        while True:
            try:
                found = await self._stream.failures(after)
            except HubWithout:
                return
            for failure in found:
                if failure.number <= after:
                    return  # a hub that counts anew, or says nonsense
                await self._take(failure)
                after = failure.number
            if not found:
                return

    async def _known(self) -> int:
        text = await self._cache.marked(KNOWN)
        return int(text) if text.isascii() and text.isdecimal() else 0

    async def _take(self, failure: LateFailure) -> None:
        lane = await self._outbox.lane(failure.return_id)
        entry = next((x for x in lane if x.entry_id == failure.entry_id), None)
        log.warning("failed_later return=%s entry=%s", failure.return_id, failure.entry_id)
        mark = (KNOWN, str(failure.number))
        if entry is not None and entry.kind.spec.is_final:
            cause = Cause(Why.FAILED_LATER, failure.message)
            with suppress(StageMoved):  # it was confirmed, or sent again, at this moment
                if entry.stage in WAITING:
                    await self._park(entry, cause, mark)
                    return
                if entry.stage is Stage.PARKED and entry.cause.code != Why.FAILED_LATER:
                    await self._stage_writer.remark(entry, cause, None)
        await self._cache.mark(*mark)

    async def _park(self, entry: Entry, cause: Cause, mark: tuple[str, str]) -> None:
        parked = move(entry, Stage.PARKED, source=entry.stage, reason=ParkReason.REFUSED, cause=cause)
        await self._stage_writer.write(entry, (parked,), event="parked", mark=mark)
