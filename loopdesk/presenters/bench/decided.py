"""What the band answers to a decision: the decision by its own word, its line, and what is next."""

from __future__ import annotations

from dataclasses import dataclass

from loopdesk.domain.returns.grading import Disposition, Draft, Grade, Vocabulary, undecided_ids
from loopdesk.domain.returns.returns import Return
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words import words

_LETTERS = 2
"""So short a label is a letter: what it means is said, too."""

_BIG = 16
"""As many characters are still big in the band."""


@dataclass(frozen=True, slots=True)
class BandText:
    """What the band is to say, as ``Band.say`` takes it."""

    signal: Signal
    word: str
    sentence: str
    detail: str


def graded(
    ret: Return, draft: Draft, line_ids: tuple[str, ...], grade: Grade, vocabulary: Vocabulary
) -> BandText:
    """Answer a grade. Only what keeps the return on its way is green.

    Args:
        draft: As it is after the decision.
        line_ids: The lines that were graded.
    """
    rule = next(x for x in vocabulary.grades if x.grade is grade)
    meaning, _, _ = rule.description.partition(",")
    both = words.listed((rule.label, meaning))
    word = both if len(rule.label) <= _LETTERS and len(both) <= _BIG else rule.label
    note = rule.description if len(word) <= _LETTERS else ""
    is_good = not rule.review and grade is not Grade.MISSING
    place = "" if grade is Grade.MISSING else words.disposition(rule.suggests, vocabulary)
    return BandText(
        Signal.FOUND if is_good else Signal.ATTENTION,
        word,
        _placed(ret, line_ids, place),
        words.listed((note, _next(ret, draft))),
    )


def disposed(
    ret: Return, draft: Draft, line_ids: tuple[str, ...], disposition: Disposition, vocabulary: Vocabulary
) -> BandText:
    """Answer the choice of a place."""
    place = words.disposition(disposition, vocabulary)
    return BandText(
        Signal.FOUND, place[:1].upper() + place[1:], _placed(ret, line_ids, ""), _next(ret, draft)
    )


def _placed(ret: Return, line_ids: tuple[str, ...], place: str) -> str:
    """Name the lines, and where they go."""
    line = ret.line(line_ids[0]) if len(line_ids) == 1 else None
    name = words.line_title(line) if line is not None else words.lines(len(line_ids))
    return f"{name} → {place}" if place else name


def _next(ret: Return, draft: Draft) -> str:
    """Say which line is next, or that none is left."""
    left = undecided_ids(ret, draft)
    line = ret.line(draft.selected) if draft.selected in left else None
    if line is None:
        return "" if left else _("All lines are decided.")
    return _("Next: {line}", line=words.line_title(line))
