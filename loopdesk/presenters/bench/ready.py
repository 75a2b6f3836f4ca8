"""The first picture of the bench, before anything is known: painted while the services are loaded."""

from __future__ import annotations

from loopdesk.presenters.screens.window import BandScreen, BenchScreen, Signal
from loopdesk.presenters.words.language import say

WORD = "Ready"
SENTENCE = "Scan a label."


def ready_screen(*, practice: bool) -> BenchScreen:
    """Return the empty bench, waiting for a scan; the bench's presenter says the same when it takes over."""
    band = BandScreen(Signal.READY, say(WORD), say(SENTENCE), practice=practice)
    return BenchScreen(band, None, (), -1, (), (), None, ())
