"""Looks for the effect of what an earlier run kept before sending it for the first time.

A machine restored from an image knows nothing about what it sent since: no counter is ahead, no file is a
different one. But Loop shows it. Flags and finalizers are compared with Loop before every send anyway; this
does the same for what would otherwise be sent blindly: notes by their marker, grades and dispositions by
their value.
"""

from __future__ import annotations

from collections.abc import Sequence

from loopdesk.domain.errors import Refused
from loopdesk.domain.outbox.effects import has_effect, marker_count
from loopdesk.domain.outbox.stages import Entry, Move, Stage
from loopdesk.services.outbox.key_binding import KeyBinding
from loopdesk.services.outbox.readback import Reader, Sight
from loopdesk.services.outbox.stage_writer import StageWriter
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.ports.store import Outbox

NEWEST = 2_000
"""More entries than one settlement has: among this many of the newest is the last one that was kept."""


class FirstLook:
    """Remembers what was kept before this run, and what of it was looked for."""

    def __init__(self, *, outbox: Outbox, reader: Reader, ledger: StageWriter, keys: KeyBinding) -> None:
        self._keys = keys
        self._outbox = outbox
        self._reader = reader
        self._ledger = ledger
        self._upto = 0
        self._looked: set[str] = set()

    async def begin(self) -> None:
        """Load what an earlier run has kept. Called before anything is sent."""
        newest = await self._outbox.entries(None, NEWEST)
        self._upto = max((entry.seq for entry in newest if not entry.is_finished), default=0)

    async def has_moved(self, lane: Sequence[Entry], shown: Fetched | None) -> bool:
        """Look for everything of a lane that waits to be sent, and end what Loop shows already.

        Args:
            lane: All entries of a return.
            shown: What was just read of it; None if nothing was.

        Returns:
            Whether anything moved: the lane must be looked at again.

        Raises:
            ApiError: Loop could not be asked; nothing was written.
            StageMoved, StoreError: As ``StageWriter.write``.
        """
        waiting = [entry for entry in lane if self._is_due(entry)]
        if not waiting:
            return False
        notes = [entry for entry in waiting if entry.kind.spec.is_marked]
        try:
            sight = await self._reader.look(lane[0].return_id, waiting if shown is None else notes)
        except Refused:  # Loop shows nothing of this return: it is sent as if there were no look
            sight = Sight(0.0)
        self._keys.must_fit(*waiting)
        self._looked |= {entry.entry_id for entry in waiting}
        there = _with_older([x for x in waiting if _is_there(x, shown or sight.fetched, sight)], waiting)
        if not there:
            return False
        moves = [Move(entry.entry_id, entry.stage, Stage.SUPERSEDED) for entry in there]
        await self._ledger.write(there[0], moves, saw=sight.fetched, event="found_at_loop")
        return True

    def _is_due(self, entry: Entry) -> bool:
        is_earlier = entry.seq <= self._upto and entry.entry_id not in self._looked
        return is_earlier and entry.stage is Stage.READY and not entry.kind.spec.is_gated


def _with_older(there: list[Entry], waiting: Sequence[Entry]) -> list[Entry]:
    """Add what was decided before a value that Loop already has: sent now, it would overwrite the newer
    one.
    """
    newest = {(x.kind, x.target): x.seq for x in there if x.kind.spec.sets_value}
    return [x for x in waiting if x in there or x.seq < newest.get((x.kind, x.target), 0)]


def _is_there(entry: Entry, fetched: Fetched | None, sight: Sight) -> bool:
    if entry.kind.spec.is_marked:
        return marker_count(entry, sight.notes or ()) > 0
    return fetched is not None and bool(has_effect(entry, fetched.ret))
