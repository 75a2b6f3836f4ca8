"""What was found when the store was opened, in words for whoever is there."""

from __future__ import annotations

from loopdesk.presenters.words import words
from loopdesk.store.database import OpenReport


def findings(report: OpenReport) -> tuple[str, str]:
    """Return the sentence that a person must know, and what it means here; both "" after a plain opening."""
    if report.damaged is not None:
        sentence = words.say(
            "This station's store was damaged and has been replaced. The damaged file was kept."
        )
        detail = words.counted(
            report.salvaged,
            "1 unfinished action was saved; see Attention.",
            "{n} unfinished actions were saved; see Attention.",
        )
        return sentence, detail
    if report.lost:
        return words.say(
            "This station's store was missing. What was kept in it is gone unless IT restores it."
        ), ""
    if report.log is not None and report.log.changes:
        missing = words.counted(
            report.log.changes,
            "The end of this station's store was damaged: 1 change is missing. A copy was kept.",
            "The end of this station's store was damaged: {n} changes are missing. A copy was kept.",
        )
        return missing, words.say("Loop is asked what is true before anything is sent.")
    if report.restored:
        return words.say(
            "An older copy of the store was restored. Loop is asked what is true before anything is sent."
        ), ""
    return "", ""
