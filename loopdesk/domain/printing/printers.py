"""What a label printer can do now, what became of a label, and how a printer's answer is read."""

from __future__ import annotations

import re
from enum import StrEnum

HOST_STATUS = b"~HS"
"""Asks a ZPL printer for its status; answered with three lines, or not at all while it cannot print."""


class PrinterState(StrEnum):
    """The state of a label printer."""

    READY = "ready"
    SILENT = "silent"
    """It answers no status: whether it prints can only be seen."""

    PAPER_OUT = "paper_out"
    RIBBON_OUT = "ribbon_out"
    OPEN = "open"
    PAUSED = "paused"
    FULL = "full"
    UNREACHABLE = "unreachable"
    HANGS = "hangs"
    NO_QUEUE = "no_queue"
    NO_SPOOLER = "no_spooler"
    OFFLINE = "offline"
    REFUSED = "refused"
    TOO_NARROW = "too_narrow"
    NOT_SET = "not_set"
    NOT_RECORDED = "not_recorded"
    """The store did not take that it is printed, so that it could be printed twice."""


PRINTING = frozenset({PrinterState.READY, PrinterState.SILENT})
"""The states in which a label is sent."""


class NotPrinted(Exception):
    """A label was not printed: nothing of it has reached the printer."""

    def __init__(self, state: PrinterState) -> None:
        super().__init__(state.value)
        self.state = state


class PerhapsPrinted(Exception):
    """Sending had begun and did not end well: the label may have been printed."""

    def __init__(self, state: PrinterState) -> None:
        super().__init__(state.value)
        self.state = state


_LINE = re.compile(rb"\x02([^\x02\x03]*)\x03")
_FIRST, _SECOND = 12, 11
"""How many fields the first two lines of a status have."""


def host_status(answer: bytes) -> PrinterState | None:
    """Read the answer to ``~HS``; None until its first two lines are complete.

    Fields that are no flags are not looked at; an answer of another form is a printer that answers no status.
    """
    lines = [line.split(b",") for line in _LINE.findall(answer)]
    if len(lines) < 2:
        return None
    first, second = lines[0], lines[1]
    if len(first) < _FIRST or len(second) < _SECOND:
        return PrinterState.SILENT
    stops = (
        (first[1], PrinterState.PAPER_OUT),
        (second[2], PrinterState.OPEN),
        (second[3], PrinterState.RIBBON_OUT),
        (first[2], PrinterState.PAUSED),
        (first[5], PrinterState.FULL),
    )
    return next((state for flag, state in stops if flag.strip() == b"1"), PrinterState.READY)
