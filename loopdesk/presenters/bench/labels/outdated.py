"""Labels that say something else than what is decided now: shown until they are printed again. Pure.

A label may be on its item already, so no second one is printed by itself: two labels of one item, of which
one is wrong, are worse than one that a person is told of.
"""

from __future__ import annotations

from collections.abc import Mapping

from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.bench.labels import goods
from loopdesk.presenters.bench.labels.goods import Goods
from loopdesk.presenters.bench.state import BenchState, Step
from loopdesk.presenters.words import words
from loopdesk.services.bench.on_bench import OnBench

_MOST_NAMES = 3


def outdated(here: OnBench, labels: Mapping[str, str], vocabulary: Vocabulary) -> tuple[Goods, ...]:
    """Return what has a label that is not right any more, in the order in which it was decided.

    What was taken back and not decided otherwise keeps its label.

    Args:
        labels: What the latest label says, by subject.
    """
    every = goods.decided(here).items() if labels else ()
    return tuple(
        one
        for subject, one in every
        if subject in labels and labels[subject] != one.content(here.ret, vocabulary)
    )


def warning(here: OnBench, labels: Mapping[str, str], vocabulary: Vocabulary) -> str:
    """Say which labels of a return are not right any more, "" for none."""
    every = outdated(here, labels, vocabulary)
    if len(every) == 1:
        return _one(here, every[0], labels, vocabulary)
    if not every:
        return ""
    names = [words.line_title(one.line) for one in every]
    more = "…" if len(names) > _MOST_NAMES else ""
    return _(
        "{n} labels say something else than what is decided now: {names}. Throw them away; Print label "
        "prints the right ones.",
        n=len(names),
        names=", ".join(names[:_MOST_NAMES]) + more,
    )


def _one(here: OnBench, one: Goods, labels: Mapping[str, str], vocabulary: Vocabulary) -> str:
    name = words.line_title(one.line)
    grade, place = goods.told(labels[one.subject], vocabulary)
    new_grade, new_place = goods.told(one.content(here.ret, vocabulary), vocabulary)
    said, now = (grade, new_grade) if place == new_place else (place, new_place)
    if not one.is_here:
        return _(
            "Throw away the label of {line}: it says {old}, and the item is missing.", line=name, old=said
        )
    return _(
        "The label of {line} says {old}, not {new}. Throw it away; Print label prints the right one.",
        line=name,
        old=said,
        new=now,
    )


def warn(step: Step, before: BenchState) -> None:
    """Say it on the band as soon as a decision makes a label wrong, before what else is to be said."""
    here, labels, vocabulary = step.state.on_bench, step.state.here.labels, step.state.here.by.vocabulary
    if here is None or not labels or before.on_bench is None or before.open_id != step.state.open_id:
        return
    known = {one.subject: one.found for one in outdated(before.on_bench, labels, vocabulary)}
    new = [one for one in outdated(here, labels, vocabulary) if known.get(one.subject) != one.found]
    if new:
        step.warn(warning(here, labels, vocabulary))
