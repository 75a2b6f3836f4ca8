"""How the band answers a decision: its meaning, its lines, where they go, and what is next. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from loopdesk.domain.returns.grading import Disposition, Draft, Grade, Vocabulary, undecided_ids
from loopdesk.domain.returns.places import place_for
from loopdesk.domain.returns.returns import Return
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words import words

_LETTERS = 2
"""So short a label is a letter, and stands in the band's shape; the word is what it means."""

_BIG = 18
"""As many characters are still big in the band."""

_SIGNS = {Grade.WRONG: "≠", Grade.MISSING: "–", Grade.JUNK: "×"}
"""What stands in the shape for a grade whose label is no letter."""

_GOES = "→"
"""What stands in the shape for the choice of a place."""


@dataclass(frozen=True, slots=True)
class BandText:
    """What the band is to say, as ``Step.say`` takes it."""

    signal: Signal
    word: str
    sentence: str
    detail: str
    letter: str


def graded(
    ret: Return, draft: Draft, line_ids: tuple[str, ...], grade: Grade, vocabulary: Vocabulary
) -> BandText:
    """Answer a grade. Only what keeps the return on its way is green.

    Args:
        draft: As it is after the decision.
        line_ids: The lines that were graded.
    """
    rule = next(x for x in vocabulary.grades if x.grade is grade)
    is_letter = len(rule.label) <= _LETTERS
    meaning = _(rule.description)
    short = meaning.split(",", 1)[0]
    word, note = _(rule.label), ""
    if is_letter and len(short) <= _BIG:
        word = short
    elif is_letter:
        word, note = _("Grade {letter}", letter=rule.label), meaning
    is_good = not rule.review and grade is not Grade.MISSING
    places = () if grade is Grade.MISSING else _places(ret, line_ids, rule.suggests, vocabulary)
    disposition = "" if grade is Grade.MISSING else words.disposition(rule.suggests, vocabulary)
    return BandText(
        Signal.DECIDED if is_good else Signal.EXCEPTION,
        word,
        _placed(ret, line_ids, words.listed((disposition, *places))),
        words.listed((note, _next(ret, draft))),
        rule.label if is_letter else _SIGNS.get(grade, rule.label[:1]),
    )


def disposed(
    ret: Return, draft: Draft, line_ids: tuple[str, ...], disposition: Disposition, vocabulary: Vocabulary
) -> BandText:
    """Answer the choice of a place."""
    word = words.disposition(disposition, vocabulary)
    places = words.listed(_places(ret, line_ids, disposition, vocabulary))
    return BandText(
        Signal.DECIDED,
        words.capitalized(word),
        _placed(ret, line_ids, places),
        _next(ret, draft),
        _GOES,
    )


def _places(
    ret: Return, line_ids: tuple[str, ...], disposition: Disposition, vocabulary: Vocabulary
) -> tuple[str, ...]:
    """Return the different places that lines go to, in the order of the lines."""
    lines = (ret.line(line_id) for line_id in line_ids)
    found = (place_for(vocabulary.places, disposition, ret, line) for line in lines if line is not None)
    return tuple(dict.fromkeys(place for place in found if place))


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
