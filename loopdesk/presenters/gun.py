"""What the bench says of the scanner itself: keys that came to nothing, and how to set it."""

from __future__ import annotations

from loopdesk.domain.wedge import Notice
from loopdesk.presenters import words
from loopdesk.presenters.band import Band
from loopdesk.presenters.screens import Signal


def say(band: Band, notice: Notice) -> None:
    """Say what became of keys that were no scan and no person's."""
    match notice:
        case Notice.REST:
            rest = words.say("The code holds several lines: only the first line counts.")
            detail = band.screen.detail
            if rest not in detail:
                band.update(band.screen.sentence, words.listed((detail, rest)))
        case Notice.SHORT:
            band.say(
                Signal.BLOCKED,
                words.say("Not taken"),
                words.say("Keys came as from a scanner, but too few for a code. Nothing was decided."),
                words.say(
                    "Press one key after another. If it was the scanner: scan again, and let it send whole "
                    "codes, ended by Enter."
                ),
            )
        case Notice.SLOW:
            band.say(
                Signal.ATTENTION,
                words.say("Scanner?"),
                words.say("The text field may hold what a slow scanner typed. Clear it and scan again."),
                words.say(
                    "Set the scanner to end every code with Enter, without a delay between its characters."
                ),
            )


def say_pace(band: Band, gap_ms: int) -> None:
    """Say, beside what was scanned, that the station has learned how fast its scanner types."""
    learned = words.say(
        "This scanner was found to pause up to {ms} ms between characters; the station waits for it now.",
        ms=gap_ms,
    )
    band.update(band.screen.sentence, words.listed((band.screen.detail, learned)))
