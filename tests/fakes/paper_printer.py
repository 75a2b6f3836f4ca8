"""A label printer that keeps what it was given."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from loopdesk.domain.printing.labels import GoodsLabel
from loopdesk.domain.printing.printers import PrinterState


class PaperPrinter:
    """Twin of a label printer.

    Attributes:
        labels: What was printed.
        answer: What it says after a print; an exception is raised instead.
        is_stuck: A print does not end.
    """

    def __init__(self) -> None:
        self.labels: list[GoodsLabel] = []
        self.answer: PrinterState | Exception = PrinterState.READY
        self.is_stuck = False

    async def print(self, labels: Sequence[GoodsLabel]) -> PrinterState:
        """Print labels."""
        if self.is_stuck:
            await asyncio.Event().wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        self.labels.extend(labels)
        return self.answer

    async def state(self) -> PrinterState:
        """Return what it can do now."""
        return self.answer if isinstance(self.answer, PrinterState) else PrinterState.UNREACHABLE
