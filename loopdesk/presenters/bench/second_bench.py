"""What the bench says when another bench works with the key that was thought to be its own."""

from __future__ import annotations

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.bench.step import Step
from loopdesk.presenters.words import words


def say(step: Step, station: str) -> None:
    """Say it once, before what stands there: a narrow band cuts its end. Health says what IT does."""
    if station:
        other = _("Tell IT: another bench uses this key ({station}).", station=station)
    else:
        other = _("Tell IT: another bench uses this key.")
    step.update(step.band.sentence, words.listed((other, step.band.detail)))
