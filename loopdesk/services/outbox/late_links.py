"""Looks at Loop before a grade is sent once more with the links of its photos.

It may go after the finalizer and long after the first time, so somebody may have graded the line again
meanwhile. It is sent only while Loop still shows our own grade.
"""

from __future__ import annotations

from collections.abc import Sequence

from loopdesk.domain.errors import NotFound, Refused
from loopdesk.domain.outbox.effects import shows_another
from loopdesk.domain.outbox.stages import Cause, Entry, Move, Stage, Why
from loopdesk.services.outbox.key_binding import KeyBinding
from loopdesk.services.outbox.precheck import MISSING_PAUSE_SECONDS, Later, MissingReads, Moved
from loopdesk.services.outbox.stage_writer import StageWriter
from loopdesk.services.ports.loop import FRESH_SECONDS, TURN_SECONDS, Fetched, Priority, ReadingGateway
from loopdesk.services.ports.station import Clock


class LateLinks:
    """Ends repeated grades that would overwrite somebody else's."""

    def __init__(
        self, *, gateway: ReadingGateway, clock: Clock, stage_writer: StageWriter, keys: KeyBinding
    ) -> None:
        self._gateway = gateway
        self._clock = clock
        self._stage_writer = stage_writer
        self._keys = keys
        self._missing = MissingReads()

    def leave(self, return_id: str) -> None:
        """Drop what is known of a return: nothing of it is to be sent now."""
        self._missing.forget(return_id)

    async def check(self, batch: Sequence[Entry]) -> Moved | Later | None:
        """Look whether a batch may be sent.

        Returns:
            None if it may, or is no repetition.

        Raises:
            ApiError: Loop could not be asked; nothing was written.
            StageMoved, StoreError: As ``StageWriter.write``.
        """
        if not batch[0].repeats:
            return None
        began = self._clock.monotonic()
        return_id = batch[0].return_id
        fetched: Fetched | None
        try:
            fetched = await self._gateway.details(return_id, priority=Priority.READ_BACK)
        except (NotFound, Refused):
            fetched = None
        self._keys.must_fit(*batch)
        if fetched is not None:
            self._missing.forget(return_id)
        elif (later := self._missing.missed(return_id)) is not None:
            return later
        foreign = [x for x in batch if fetched is None or shows_another(x, fetched.ret)]
        if foreign:
            cause = Cause(Why.OVERTAKEN)
            moves = [Move(x.entry_id, x.stage, Stage.SUPERSEDED, cause=cause) for x in foreign]
            await self._stage_writer.write(foreign[0], moves, saw=fetched, event="overtaken")
            return Moved()
        is_fresh = self._clock.monotonic() - began <= FRESH_SECONDS - TURN_SECONDS
        return None if is_fresh else Later(MISSING_PAUSE_SECONDS)
