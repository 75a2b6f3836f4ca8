"""What the bench shows while nothing behind it runs: while the services are loaded, and once they end."""

from __future__ import annotations

from dataclasses import replace

from loopdesk.i18n.catalogue import N_, _
from loopdesk.presenters.screens.window import BandScreen, BenchScreen, Signal

WORD = N_("Ready")
SENTENCE = N_("Scan a label.")


def ready_band() -> BandScreen:
    """Return the band of a bench that waits for a scan."""
    return BandScreen(Signal.READY, _(WORD), _(SENTENCE))


def ready_screen(*, practice: bool) -> BenchScreen:
    """Return the empty bench, waiting for a scan."""
    return _empty(replace(ready_band(), practice=practice))


def starting_screen(*, practice: bool) -> BenchScreen:
    """Return the bench's answer to whatever is scanned or pressed before the services are loaded."""
    sentence = _("Taken. The program is still starting; what was scanned opens in a moment.")
    return _empty(BandScreen(Signal.READY, _("Starting"), sentence, practice=practice))


def ending_screen(*, practice: bool) -> BenchScreen:
    """Return the bench's answer to whatever is scanned or pressed while the services end."""
    sentence = _("Not taken: the program is closing. Scan it again once the program is open.")
    return _empty(BandScreen(Signal.BLOCKED, _("Closing"), sentence, practice=practice))


def _empty(band: BandScreen) -> BenchScreen:
    return BenchScreen(band, None, (), -1, None, None, ())
