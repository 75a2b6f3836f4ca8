"""What the bench says about the parcels of a return. Pure."""

from __future__ import annotations

from loopdesk.domain.projection import Picture
from loopdesk.domain.returns.parcels import is_same_number
from loopdesk.domain.returns.returns import Parcel
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


def decided(picture: Picture, number: str) -> tuple[str, str]:
    """Say how many of the expected lines are decided ("2 of 3"), and what is left of lines and parcels.

    Args:
        number: The tracking number that was scanned, "" when the return was opened otherwise.
    """
    expected = [one for one in picture.lines if one.is_expected]
    if not expected:
        return "", ""
    decided_here = sum(one.found is not None for one in expected)
    done = len(expected) if picture.is_finished else decided_here
    left = len(expected) - done
    what = ngettext("1 line to decide", "{n} lines to decide", left) if left else _("all decided")
    return (
        _("{n} of {all}", n=done, all=len(expected)),
        words.listed((what, place(picture, number))),
    )
