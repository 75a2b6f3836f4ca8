"""What labels are put on: the decided lines of a return, and the items that are on none. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from loopdesk.domain.printing.labels import GoodsLabel, extra_code, item_code
from loopdesk.domain.returns.grading import Draft, Grade, Inspection, Vocabulary
from loopdesk.domain.returns.places import place_for
from loopdesk.domain.returns.returns import LineItem, Return
from loopdesk.presenters.bench import item
from loopdesk.presenters.words import words
from loopdesk.services.bench.labels import LabelJob
from loopdesk.services.bench.on_bench import OnBench
from loopdesk.services.ports.labels import LabelSubject


@dataclass(frozen=True, slots=True)
class Goods:
    """A decided line, or an item on none.

    Attributes:
        subject: What its label is known by.
        number: Of an item on no line, within its return; 0 for a line.
        units: How many there are of it.
    """

    subject: str
    line: LineItem
    found: Inspection
    number: int = 0
    units: int = 1

    @property
    def is_here(self) -> bool:
        """Whether it lies in the parcel, so that a label can be put on it."""
        return self.found.grade is not Grade.MISSING

    def place(self, ret: Return, vocabulary: Vocabulary) -> str:
        """Return where it goes, "" where no place is named."""
        return place_for(vocabulary.places, self.found.disposition, ret, self.line)

    def content(self, ret: Return, vocabulary: Vocabulary) -> str:
        """Return what was decided about it, as far as its label says it; ``told`` reads it."""
        return f"{self.found.grade.value} {self.found.disposition.value} {self.place(ret, vocabulary)}"


def told(content: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """Return the grade and the place that a label says, in words."""
    grade, disposition, place = (*content.split(" ", 2), "", "")[:3]
    return words.grade(grade, vocabulary), words.goes_to(place, disposition, vocabulary)


def subjects_of(return_id: str) -> str:
    """Return how everything starts by which the labels of a return are known."""
    return f"line:{return_id}:"


def of_line(ret: Return, found: Inspection) -> Goods | None:
    """Return a decided line; None for one that Loop does not show any more."""
    line = ret.line(found.line_item_id)
    if line is None:
        return None
    units = sum(1 for unit in ret.expected_lines if unit.line_item_id == line.line_item_id)
    return Goods(f"{subjects_of(ret.return_id)}{line.line_item_id}", line, found, units=units)


def of_draft(ret: Return, draft: Draft) -> tuple[Goods, ...]:
    """Return everything that is decided in a draft. An item on no line that is noted again is another one."""
    lines = (of_line(ret, found) for found in draft.inspections)
    extras = (
        Goods(f"{subjects_of(ret.return_id)}{extra.found_at.isoformat()}", one.line, one.found, extra.number)
        for extra, one in ((extra, item.as_line(extra)) for extra in draft.extras)
        if one.found is not None
    )
    return (*(one for one in lines if one is not None), *extras)


def decided(here: OnBench) -> dict[str, Goods]:
    """Return everything that is decided, settled or not, by its subject."""
    every = (goods for draft in (*here.known.settled, here.draft) for goods in of_draft(here.ret, draft))
    return {goods.subject: goods for goods in every}


def jobs(ret: Return, every: Iterable[Goods], vocabulary: Vocabulary) -> tuple[LabelJob, ...]:
    """Return the labels; what is missing has none, units of one line have one each."""
    return tuple(_job(ret, goods, vocabulary) for goods in every if goods.is_here)


def _job(ret: Return, goods: Goods, vocabulary: Vocabulary) -> LabelJob:
    place, line, found = goods.place(ret, vocabulary), goods.line, goods.found
    goes = words.disposition(found.disposition, vocabulary)
    graded = words.grade(found.grade, vocabulary)
    title = words.line_title(line)
    code = (
        extra_code(ret.return_id, goods.number, place)
        if goods.number
        else item_code(line.line_item_id, place)
    )
    label = GoodsLabel(
        code=code,
        heading=place or words.capitalized(goes),
        lines=(title, words.listed((line.sku, graded, goes)), ret.order_name or ret.return_id),
        copies=goods.units,
    )
    about = LabelSubject(goods.subject, goods.content(ret, vocabulary), words.listed((title, ret.order_name)))
    return LabelJob(about, label)
