"""Prints of labels in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from loopdesk.services.ports.labels import LabelPrint, LabelSubject, PrintStage


class MemoryLabelPrints:
    """Twin of the prints of labels."""

    def __init__(self) -> None:
        self.kept: dict[int, LabelPrint] = {}

    async def begin(
        self, subjects: Sequence[LabelSubject], at: datetime, *, by_itself: bool
    ) -> tuple[LabelPrint | None, ...]:
        """Record that labels are about to be sent; None for what must not be printed again."""
        return tuple(self._begin(subject, at, by_itself=by_itself) for subject in subjects)

    def _begin(self, about: LabelSubject, at: datetime, *, by_itself: bool) -> LabelPrint | None:
        mine = [x for x in self.kept.values() if x.about.subject == about.subject]
        may_be_there = any(x.stage is not PrintStage.FAILED for x in mine)
        if by_itself and (
            may_be_there or any(x.by_itself and x.about.content == about.content for x in mine)
        ):
            return None
        begun = LabelPrint(len(self.kept) + 1, about, at, by_itself=by_itself)
        self.kept[begun.number] = begun
        return begun

    async def end(self, numbers: Sequence[int], stage: PrintStage) -> None:
        """Record what became of labels that were begun."""
        for number in numbers:
            if self.kept[number].stage is PrintStage.BEGUN:
                self.kept[number] = replace(self.kept[number], stage=stage)

    async def doubt(self) -> int:
        """Doubt whatever was begun."""
        begun = [x for x in self.kept.values() if x.stage is PrintStage.BEGUN]
        await self.end([x.number for x in begun], PrintStage.DOUBTED)
        return len(begun)

    async def unsure(self) -> tuple[LabelPrint, ...]:
        """Return what is doubted and was not sent since."""
        sent = {x.about.subject: x.number for x in self.kept.values() if x.stage is PrintStage.SENT}
        doubted = (x for x in self.kept.values() if x.stage is PrintStage.DOUBTED)
        return tuple(x for x in doubted if sent.get(x.about.subject, 0) < x.number)

    async def latest(self, prefix: str) -> dict[str, str]:
        """Return what the latest labels say that may have come out."""
        printed = (x for x in self.kept.values() if x.stage is not PrintStage.FAILED)
        return {x.about.subject: x.about.content for x in printed if x.about.subject.startswith(prefix)}
