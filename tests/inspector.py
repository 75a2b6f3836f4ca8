"""Inspects the open return without a screen: each call decides as the bench does, and writes immediately."""

from __future__ import annotations

from dataclasses import replace

from loopdesk.app.compose import Parts
from loopdesk.domain.returns.grading import Disposition, Grade
from loopdesk.domain.settlement import SettlementKind
from loopdesk.services.bench import on_bench as bench
from loopdesk.services.bench.on_bench import OnBench
from loopdesk.services.ports.store import HeldSettlement, Known


class Inspector:
    """Holds one open return.

    Args:
        parts: The station's services.
    """

    def __init__(self, parts: Parts) -> None:
        self._writes = parts.inspection
        self._openings, self._outbox = parts.ports.store.openings, parts.ports.store.outbox
        self._station, self._clock = parts.ports.station, parts.ports.clock
        self.on_bench: OnBench | None = None

    def shows(self, return_id: str) -> bool:
        """Whether this return is open."""
        return self._writes.shows(return_id)

    async def open(self, known: Known) -> None:
        """Put a return on the bench; another one is put aside."""
        return_id = known.stored.ret.return_id
        if not self.shows(return_id):
            await self.park()
        if known.draft.parked:
            await self._writes.save(replace(known.draft, parked=False))
        self.on_bench = bench.opened(self.on_bench, known, self._writes.vocabulary)
        self._writes.shown = return_id

    async def reload(self) -> OnBench | None:
        """Take over what changed."""
        if self.on_bench is None:
            return None
        known = await self._openings.known(self.on_bench.ret.return_id) or self.on_bench.known
        self.on_bench = bench.reloaded(self.on_bench, known, self._writes.vocabulary)
        return self.on_bench

    async def park(self) -> None:
        """Put the open return aside."""
        aside = bench.put_aside(self.on_bench, self._clock.now()) if self.on_bench is not None else None
        if aside is not None:
            await self._writes.save(aside)
        self.on_bench, self._writes.shown = None, ""

    async def _enter(self, here: OnBench) -> None:
        await self._writes.save(here.draft)
        self.on_bench = here

    async def grade(self, grade: Grade, line_ids: tuple[str, ...]) -> None:
        """Grade lines."""
        await self._enter(bench.grade(self.on_bench, grade, line_ids, self._writes.by))

    async def dispose(self, disposition: Disposition, line_ids: tuple[str, ...]) -> None:
        """Choose where graded lines go."""
        await self._enter(bench.dispose(self.on_bench, disposition, line_ids, self._writes.by))

    async def add_note(self, text: str) -> None:
        """Add a note."""
        await self._enter(bench.add_note(self.on_bench, text, self._writes.by))

    async def add_extra(self, text: str) -> None:
        """Note an item that is on no line."""
        await self._enter(bench.add_extra(self.on_bench, text, self._writes.by))

    async def empty_box(self) -> None:
        """Say that the box is empty."""
        await self._enter(bench.empty_box(self.on_bench, self._writes.by))

    async def flag_because(self, reason: str) -> None:
        """Choose to flag."""
        await self._enter(bench.flag_because(self.on_bench, reason, self._writes.by))

    async def add_photo(self, line_id: str, photo: str) -> None:
        """Attach a photo to a graded line."""
        await self._enter(bench.add_photo(self.on_bench, line_id, photo, self._writes.by))

    async def remove_photo(self, line_id: str, photo: str) -> None:
        """Take a photo away that was not settled."""
        await self._enter(bench.remove_photo(self.on_bench, line_id, photo, self._writes.by))

    async def choose(self, kind: SettlementKind) -> None:
        """Choose another legal settlement."""
        await self._enter(bench.choose(self.on_bench, kind, self._writes.by))

    async def undo_decision(self) -> bool:
        """Take the last decision back. False when there is none."""
        before = bench.undone(self.on_bench, self._writes.vocabulary) if self.on_bench is not None else None
        if before is not None:
            await self._enter(before)
        return before is not None

    async def settle(self) -> bool:
        """Keep the settlement that is proposed or chosen. True once it is on disk."""
        by = self._writes.by
        request = bench.settlement(self.on_bench, by.vocabulary, self._station(), by.at)
        entries = await self._writes.keep(request)
        assert self.on_bench is not None
        self.on_bench = bench.settled(self.on_bench, request, entries, by.vocabulary)
        return True

    async def latest_unsent(self) -> HeldSettlement | None:
        """Return the settlement that undo would withdraw."""
        return bench.undoable(self.on_bench, await self._outbox.unsent())

    async def withdraw(self, settlement_id: str) -> str | None:
        """Withdraw a settlement that was not sent."""
        return await self._writes.withdraw(settlement_id)
