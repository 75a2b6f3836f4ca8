"""A return as one row among several: enough words to tell it from the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.returns import Return
from loopdesk.domain.returns.shared_drafts import SharedDraft
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import Link
from loopdesk.presenters.words import words
from loopdesk.services.ports.store import Hit, Stored

ITEMS_MOST = 3
"""Maximum number of lines named for a return."""


def link_of(stored: Stored, what: str = "") -> Link:
    """Name a return by its order, with its shopper and state.

    Args:
        what: Its contents; by default the number of lines.
    """
    ret = stored.ret
    inside = what or words.lines(len(ret.lines))
    detail = words.listed((words.shopper(ret), words.state(ret.state, ret.state_raw), inside))
    return Link(ret.return_id, ret.order_name or ret.return_id, detail, words.state_tone(ret.state))


def candidate_link(stored: Stored) -> Link:
    """Name a candidate of a scan by its items, since what is in the box decides."""
    named = link_of(stored, items(stored.ret))
    return Link(named.return_id, numbered(stored.ret), named.detail, named.tone)


def sibling_links(hits: Sequence[Hit]) -> tuple[Link, ...]:
    """Name the other returns of an order by their numbers, since the order's name is the same."""
    return tuple(_sibling_link(hit) for hit in hits)


def _sibling_link(hit: Hit) -> Link:
    state = words.state(hit.state)
    text = _("Also RMA {rma}, {state}", rma=hit.return_id, state=state.lower())
    return Link(hit.return_id, text, "", words.state_tone(hit.state))


def parked_link(draft: Draft, ret: Return, zone: tzinfo, now: datetime, beside: str = "") -> Link:
    """Name a return that was put aside, with its progress and since when.

    Args:
        beside: What else is said of it.
    """
    progress = _("{done} of {all} lines decided", done=len(draft.inspections), all=len(ret.expected_lines))
    when = words.moment(draft.updated_at, zone, now)
    return Link(draft.return_id, numbered(ret), words.listed((progress, when, beside)))


def elsewhere_link(theirs: SharedDraft, ret: Return, zone: tzinfo, now: datetime, beside: str = "") -> Link:
    """Name a return that another bench has put aside or left, with its progress, where, and since when.

    Args:
        beside: As of ``parked_link``.
    """
    done = len(theirs.draft.inspections) if theirs.draft is not None else 0
    progress = _("{done} of {all} lines decided", done=done, all=len(ret.expected_lines))
    where = _("at {bench}, {person}", bench=theirs.bench, person=theirs.person)
    when = words.moment(theirs.at, zone, now)
    return Link(theirs.return_id, numbered(ret), words.listed((progress, where, when, beside)))


def numbered(ret: Return) -> str:
    """Name a return by order and RMA number: one order may have several returns."""
    return words.listed((ret.order_name, _("RMA {rma}", rma=ret.return_id)))


def items(ret: Return) -> str:
    """Name the first lines of a return."""
    names = [words.line_title(line) for line in ret.lines[:ITEMS_MOST]]
    return ", ".join(names) + ("…" if len(ret.lines) > ITEMS_MOST else "")
