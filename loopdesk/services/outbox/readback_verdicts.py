"""Judges the entries of a return by what one read of Loop showed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from loopdesk.domain.outbox.reconcile import Verdict, verdict
from loopdesk.domain.outbox.stages import Entry, Stage, overtaken_by
from loopdesk.services.outbox.doubt_schedule import DoubtSchedule
from loopdesk.services.outbox.key_binding import KeyBinding
from loopdesk.services.outbox.payment import PaymentFields
from loopdesk.services.outbox.readback import Sight
from loopdesk.services.ports.station import Limits
from loopdesk.services.ports.store import Outbox


class ReadbackVerdicts:
    """Gives each entry the verdict that follows from the age of its doubt, its limits and its lane; writes
    nothing.

    Args:
        limits: Returns the limits of each kind, now.
        payment: Whether the shop's answers contain payment fields.
    """

    def __init__(
        self,
        outbox: Outbox,
        keys: KeyBinding,
        watches: DoubtSchedule,
        limits: Callable[[], Limits],
        payment: PaymentFields,
    ) -> None:
        self._payment = payment
        self._outbox = outbox
        self._keys = keys
        self._watches = watches
        self._limits = limits

    async def verdicts(
        self, return_id: str, sight: Sight, stages: Sequence[Stage]
    ) -> list[tuple[Entry, Verdict]]:
        """Judge the entries of a return that are in these stages now, by what was read."""
        seen = sight.fetched.ret if sight.fetched else None
        is_details = sight.fetched is None or sight.fetched.is_details
        tells = await self._payment.learn(sight.fetched)
        found: list[tuple[Entry, Verdict]] = []
        lane = await self._outbox.lane(return_id)
        for entry in lane:
            was_read = sight.has_notes if entry.kind.spec.is_marked else sight.has_return
            if entry.stage not in stages or not was_read or not self._keys.fits(entry):
                continue
            elapsed = self._watches.seconds_in_doubt(entry, sight.at)
            patience = self._limits().patience(entry.kind)
            judged = verdict(
                entry,
                seen,
                sight.notes,
                elapsed,
                patience,
                is_details=is_details,
                tells=tells,
                newer=overtaken_by(entry, lane),
            )
            found.append((entry, judged))
        return found
