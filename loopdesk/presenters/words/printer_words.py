"""What a label printer can do now, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from loopdesk.domain.printing.printers import PrinterState
from loopdesk.i18n.catalogue import N_, _

STATES: Mapping[PrinterState, str] = {
    PrinterState.READY: N_("The label printer is ready."),
    PrinterState.SILENT: N_("The printer answers no status: look whether the label came out."),
    PrinterState.PAPER_OUT: N_("The label printer has no labels left."),
    PrinterState.RIBBON_OUT: N_("The label printer has no ribbon left."),
    PrinterState.OPEN: N_("The label printer is open."),
    PrinterState.PAUSED: N_("The label printer is paused."),
    PrinterState.FULL: N_("The label printer has too much to print already."),
    PrinterState.UNREACHABLE: N_("The label printer cannot be reached: is it on, and in the network?"),
    PrinterState.HANGS: N_("The label printer stopped answering."),
    PrinterState.NO_QUEUE: N_("This computer has no printer of the name in the settings."),
    PrinterState.NO_SPOOLER: N_("This computer's print service does not run."),
    PrinterState.OFFLINE: N_("The label printer is offline."),
    PrinterState.REFUSED: N_("The label printer did not take it: look at its display."),
    PrinterState.TOO_NARROW: N_("The label in the settings is too narrow for its barcode."),
    PrinterState.NOT_SET: N_("No label printer is set."),
    PrinterState.NOT_RECORDED: N_("This station could not keep that it is printed."),
}


def state(state: PrinterState) -> str:
    """Say what a label printer can do now."""
    return _(STATES[state])
