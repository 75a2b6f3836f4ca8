"""Which label printer the settings stand for; what speaks to it is loaded when there is one."""

from __future__ import annotations

from collections.abc import Callable

from loopdesk.domain.printing.labels import LabelSize
from loopdesk.services.ports.labels import LabelPrinter
from loopdesk.system.settings.model import PrinterSettings
from loopdesk.system.settings.values import host_and_port


def label_printer_of(
    printer: PrinterSettings, pdf: Callable[[LabelSize], LabelPrinter] | None
) -> LabelPrinter | None:
    """Return the label printer that is set; None without one.

    Args:
        pdf: Makes the printer that is a file; None without a window.
    """
    if not printer.label:
        return None
    from loopdesk.system.host.label_printers import NetworkPrinter, queue_printer

    size = LabelSize(printer.width_mm, printer.height_mm, int(printer.dpi))
    match printer.label:
        case "network":
            return NetworkPrinter(*host_and_port(printer.host), size) if printer.host else None
        case "pdf":
            return pdf(size) if pdf is not None else None
        case queue:
            return queue_printer(queue, size)
