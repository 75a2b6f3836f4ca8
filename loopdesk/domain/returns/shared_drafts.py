"""What is entered for a return at several benches: which of it stands, and when a person has to choose. Pure.

Nothing is merged. What came from the other replaces it; where neither did, both stay until somebody chose.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from loopdesk.domain.operators import Operator
from loopdesk.domain.returns.grading import Draft


class DraftEnd(StrEnum):
    """How a draft ended at the hub, in its words."""

    NOT = ""
    SETTLED = "settled"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class SharedDraft:
    """What the hub told last of what is entered for a return.

    Attributes:
        revision: The hub's name for this value.
        bench, bench_id: Who wrote it last.
        person: Who entered it there.
        at: When that was entered, or ended.
        draft: None where it ended, or holds what this version does not know.
        content: A hash of what is entered; "" where it ended.
        lineage: Those of the values that it came from.
    """

    return_id: str
    revision: str
    order_name: str
    bench: str
    bench_id: str
    person: str
    at: datetime
    draft: Draft | None
    content: str
    lineage: tuple[str, ...] = ()
    ended: DraftEnd = DraftEnd.NOT

    @property
    def is_unreadable(self) -> bool:
        """Whether a newer version of the program entered something that is not known here."""
        return self.ended is DraftEnd.NOT and self.draft is None


@dataclass(frozen=True, slots=True)
class Presence:
    """A return that is open at another bench, as far as the hub told."""

    bench: str
    return_id: str
    order_name: str
    person: str
    since: datetime


class Meeting(StrEnum):
    """How what is entered here and what the hub told go together."""

    HERE = "here"
    """What is here stands."""
    THEIRS = "theirs"
    """Nothing was entered here since: the newer value replaces it."""
    BOTH = "both"
    """Neither came from the other: a person chooses."""
    OVER = "over"
    """It ended elsewhere after everything here was entered."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What is entered here.

    Attributes:
        content: A hash of it; "" for nothing.
        at: When it was changed last; None for nothing.
        base: The revision at the hub that it came from, "" for none.
        base_content: What was entered there.
    """

    content: str
    at: datetime | None
    base: str = ""
    base_content: str = ""


def meet(here: Entered, theirs: SharedDraft | None) -> Meeting:
    """Decide how what is entered here and what the hub told go together."""
    if theirs is None or theirs.revision == here.base or theirs.content == here.content != "":
        return Meeting.HERE
    is_known_there = here.content in (here.base_content, *theirs.lineage)
    match theirs.ended:
        case DraftEnd.SETTLED:
            is_older = bool(here.content) and (here.at is None or here.at <= theirs.at)
            return Meeting.OVER if is_older else Meeting.HERE
        case DraftEnd.DISCARDED:
            return Meeting.OVER if here.content and is_known_there else Meeting.HERE
    return Meeting.THEIRS if not here.content or is_known_there else Meeting.BOTH


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the other benches have of a return that is being opened.

    Attributes:
        theirs: What the hub told last, where that is another bench's.
        open_at: The benches at which the return is open.
        is_ours: This bench entered it, and its store, put back from an older copy, does not know it.
    """

    meeting: Meeting = Meeting.HERE
    theirs: SharedDraft | None = None
    open_at: tuple[Presence, ...] = ()
    is_ours: bool = False


NOWHERE = Elsewhere()
"""No other bench has anything of it, as far as is known here."""


_NO_TIME = datetime.min.replace(tzinfo=UTC)


def says_the_same(one: Draft, other: Draft) -> bool:
    """Whether two drafts decide the same, whoever entered it and when."""
    return _bare(one) == _bare(other)


def _bare(draft: Draft) -> Draft:
    found = (
        replace(x, operator=Operator(), inspected_at=_NO_TIME, is_local_time=False)
        for x in sorted(draft.inspections, key=lambda x: x.line_item_id)
    )
    extras = (replace(x, found_at=_NO_TIME, decided_at=None) for x in draft.extras)
    return replace(what_is_entered(draft), inspections=tuple(found), extras=tuple(extras))


def what_is_entered(draft: Draft) -> Draft:
    """Return a draft without what says nothing of the return: by the rest, equal ones are known."""
    return replace(draft, parked=False, selected="", updated_at=None)
