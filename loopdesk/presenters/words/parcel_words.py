"""What the bench says about the parcels of a return. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.projection import LinePicture, Picture
from loopdesk.domain.returns.parcels import is_same_number
from loopdesk.domain.returns.returns import LineItem, Parcel, ReturnState
from loopdesk.i18n.catalogue import _, ngettext
from loopdesk.presenters.words import words


def progress(picture: Picture) -> str:
    """Say how many parcels were seen ("2 of 3 seen"), "" for a return in one parcel."""
    every = len(picture.parcels)
    if every < 2:
        return ""
    seen = sum(x.seen_at is not None for x in picture.parcels)
    if seen == every:
        return _("all {n} seen", n=every)
    return _("{seen} of {all} seen", seen=seen, all=every)


def place(picture: Picture, number: str) -> str:
    """Say which parcel this is ("parcel 2 of 3"), how many there are when it is none of them, or ""."""
    every = len(picture.parcels)
    if every < 2:
        return ""
    for n, one in enumerate(picture.parcels, start=1):
        if is_same_number(one.parcel.tracking_number, number):
            return _("parcel {n} of {all}", n=n, all=every)
    return _("{all} parcels", all=every)


def not_seen(picture: Picture) -> str:
    """Name the parcels that were not seen here, "" when there are none."""
    if not picture.awaited:
        return ""
    return _("Not seen here yet: {parcels}.", parcels=words.joined(_named(x) for x in picture.awaited))


def _named(parcel: Parcel) -> str:
    number = f"{words.carrier(parcel.carrier)} {words.spaced(parcel.tracking_number)}".strip()
    status = words.label_status(parcel.status)
    return _("{number} ({state})", number=number, state=status) if status else number


def waiting_sentence(picture: Picture) -> str:
    """Say that the other parcels are waited for."""
    return ngettext(
        "1 parcel was not seen yet. What you enter is remembered until it comes.",
        "{n} parcels were not seen yet. What you enter is remembered until they come.",
        len(picture.awaited),
    )


def arrived(picture: Picture, number: str) -> str:
    """Say in a sentence which parcel was scanned and how many were seen; "" for a return in one parcel."""
    seen = progress(picture)
    return words.sentence(_("{parcel}, {seen}", parcel=place(picture, number), seen=seen)) if seen else ""


def _left_by_flag(picture: Picture, expected: Sequence[LinePicture]) -> list[LinePicture]:
    """Return the lines of which nothing was said before the return was flagged."""
    is_flagged = picture.ret.state is ReturnState.REVIEW or any(x.kind is Kind.FLAG for x in picture.pending)
    return [x for x in expected if is_flagged and x.stands is None and not (x.found or _is_known(x.line))]


def _is_known(line: LineItem) -> bool:
    """Whether Loop holds a grade or a disposition for a line."""
    return bool(
        (line.condition and line.condition.grade) or (line.disposition and line.disposition.disposition)
    )


def decided(picture: Picture, number: str) -> tuple[str, str]:
    """Say how many of the expected lines are decided ("2 of 3"), and what is left of lines and parcels.

    Args:
        number: The tracking number that was scanned, "" when the return was opened otherwise.
    """
    expected = [one for one in picture.lines if one.is_expected]
    if not expected:
        return "", ""
    is_over = picture.is_finished
    left = len(_left_by_flag(picture, expected) if is_over else [x for x in expected if x.found is None])
    done = len(expected) - left
    what = _("all decided")
    if left and is_over:
        what = ngettext("1 line left undecided", "{n} lines left undecided", left)
    elif left:
        what = ngettext("1 line to decide", "{n} lines to decide", left)
    return (
        _("{n} of {all}", n=done, all=len(expected)),
        words.listed((what, place(picture, number))),
    )
