"""The ports of printed labels: the label printer, and the record of what was given to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from loopdesk.domain.printing.labels import GoodsLabel
from loopdesk.domain.printing.printers import PrinterState


class LabelPrinter(Protocol):
    """The station's label printer."""

    async def print(self, labels: Sequence[GoodsLabel]) -> PrinterState:
        """Send labels, and return what the printer says afterwards.

        Raises:
            NotPrinted: Nothing of them has reached the printer.
            PerhapsPrinted: They may have been printed.
        """
        ...

    async def state(self) -> PrinterState:
        """Return what the printer can do now; never raises, and takes seconds at most."""
        ...


class PrintStage(StrEnum):
    """What became of a label."""

    BEGUN = "begun"
    SENT = "sent"
    FAILED = "failed"
    """It never reached the printer."""

    DOUBTED = "doubted"
    """It may have been printed."""


@dataclass(frozen=True, slots=True)
class LabelSubject:
    """What a label is for.

    Attributes:
        subject: ``line:<return id>:<line id>`` or ``parcel:<mystery number>``.
        content: What was decided, as far as the label says it; another decision is another content.
        name: How a person knows it.
    """

    subject: str
    content: str
    name: str


@dataclass(frozen=True, slots=True)
class LabelPrint:
    """A label that was given to the printer; ``by_itself`` when nobody asked for it."""

    number: int
    about: LabelSubject
    began_at: datetime
    by_itself: bool = False
    stage: PrintStage = PrintStage.BEGUN


class LabelPrints(Protocol):
    """Which labels were given to the printer: by itself, only for a subject that has none yet."""

    async def begin(
        self, subjects: Sequence[LabelSubject], at: datetime, *, by_itself: bool
    ) -> tuple[LabelPrint | None, ...]:
        """Record in one commit that labels are about to be sent.

        Returns:
            One for each subject. By itself None for one that may have a label already, whatever it says, and
                for a content that was begun by itself before, whatever became of it.
        """
        ...

    async def end(self, numbers: Sequence[int], stage: PrintStage) -> None:
        """Record what became of labels that were begun; what has ended stays as it is."""
        ...

    async def doubt(self) -> int:
        """After a start: doubt whatever was begun. Returns how many labels that is."""
        ...

    async def unsure(self) -> tuple[LabelPrint, ...]:
        """Return what is doubted and was not sent since, oldest first."""
        ...

    async def latest(self, prefix: str) -> Mapping[str, str]:
        """Return the content of the latest label that may have come out, by subjects that start like this.

        Args:
            prefix: Not empty.
        """
        ...
