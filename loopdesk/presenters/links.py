"""A return as one row among several: enough words to tell it from its neighbors."""

from __future__ import annotations

from loopdesk.domain.returns import Return
from loopdesk.presenters import words
from loopdesk.presenters.return_screens import Link
from loopdesk.services.ports import Stored

ITEMS_MOST = 3
"""Most lines of a return that are named."""


def link_of(stored: Stored, what: str = "") -> Link:
    """Name a return by its order, and say whose it is and how it stands.

    Args:
        what: What is in it; how many lines when this is left away.
    """
    ret = stored.ret
    inside = what or words.lines(len(ret.lines))
    detail = words.listed((words.shopper(ret), words.state(ret.state, ret.state_raw), inside))
    return Link(ret.return_id, ret.order_name or ret.return_id, detail, words.state_tone(ret.state))


def candidate_link(stored: Stored) -> Link:
    """Name a return that a scan may stand for: what lies in the box decides, so its items are named."""
    named = link_of(stored, items(stored.ret))
    return Link(named.return_id, numbered(stored.ret), named.detail, named.tone)


def numbered(ret: Return) -> str:
    """Name a return by order and RMA number: one order may have several returns."""
    return words.listed((ret.order_name, words.say("RMA {rma}", rma=ret.return_id)))


def items(ret: Return) -> str:
    """Name the first lines of a return."""
    names = [words.line_title(line) for line in ret.lines[:ITEMS_MOST]]
    return ", ".join(names) + ("…" if len(ret.lines) > ITEMS_MOST else "")
