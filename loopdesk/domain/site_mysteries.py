"""Mystery parcels that all benches of a site share: their numbers, and how what two benches did meets. Pure.

A parcel gets its number at the bench where it lies, at once and also without the hub. So a number is that
bench's own count behind the letters of its series, which the hub gives to one bench's store alone: ``C17``.

What is written of a parcel and whether it waits are two things. The hub stamps each with a revision that
never falls, not even after an older copy of its database was restored: microseconds of its clock. Of what is
written the last word stays, field by field. Of two that end a parcel, the first at the hub has ended it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O, which are read as digits."""

JUMP: Final = len(_LETTERS)
"""So many series are passed over once an older copy of the database may have come back: benches that were
given theirs since then keep them."""

FIELDS: Final = ("words", "shelf", "photo")
"""What is written of a parcel."""


def series_letters(number: int) -> str:
    """Return the letters of the n-th series, counted from 1: A to Z, then AA."""
    letters = ""
    while number > 0:
        number, place = divmod(number - 1, len(_LETTERS))
        letters = _LETTERS[place] + letters
    return letters


def series_number(letters: str) -> int:
    """Return which series has these letters; 0 if none has."""
    number = 0
    for letter in letters:
        if letter not in _LETTERS:
            return 0
        number = number * len(_LETTERS) + _LETTERS.index(letter) + 1
    return number


@dataclass(frozen=True, slots=True)
class FoundParcel:
    """What never changes of a parcel.

    Attributes:
        uid: Drawn by the bench that found it, 32 hex digits.
        series: The letters before its number; "" while the bench has none.
        found_at: Aware UTC.
        operator: As the bench writes a person.
    """

    uid: str
    series: str
    number: int
    code: str
    found_at: datetime
    operator: str
    station: str


@dataclass(frozen=True, slots=True)
class ParcelEnd:
    """Whether a parcel waits, and who ended it.

    Attributes:
        return_id: The return that it turned out to be, "" for none.
        is_closed: Ended without a return.
        by: Who did it, as the bench writes a person; "" for the program.
        station: Where.
    """

    return_id: str = ""
    is_closed: bool = False
    by: str = ""
    station: str = ""

    def is_as(self, other: ParcelEnd) -> bool:
        """Whether it is the same end, whoever came to it."""
        return (self.return_id, self.is_closed) == (other.return_id, other.is_closed)


@dataclass(frozen=True, slots=True)
class ParcelSide:
    """What changes of a parcel, as one side has it.

    Attributes:
        written: By the names of ``FIELDS``.
        photo_at: The station where the picture lies, "" for none.
        written_rev / standing_rev: The hub's revisions; 0 for what it never had.
    """

    written: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    photo_at: str = ""
    standing: ParcelEnd = ParcelEnd()
    written_rev: int = 0
    standing_rev: int = 0


@dataclass(frozen=True, slots=True)
class MysteryPush:
    """What a bench brings.

    Attributes:
        base: What the hub told it last, from which it went on.
        written: The fields that a person changed there since.
        standing: Whether it waits, if that changed there since.
        station: The bench's station, where its pictures lie.
    """

    base: ParcelSide
    written: Mapping[str, str]
    standing: ParcelEnd | None
    station: str


def received(current: ParcelSide | None, push: MysteryPush, stamp: int) -> ParcelSide:
    """Return what the hub has after a push; the same as before if it brings nothing.

    What the hub told the bench before and has no more itself is taken back from it: the hub's database is an
    older copy then.

    Args:
        stamp: The hub's clock, in microseconds.
    """
    now = current if current is not None else ParcelSide()
    base = push.base
    if base.written_rev > now.written_rev:
        now = replace(now, written=dict(base.written), photo_at=base.photo_at, written_rev=base.written_rev)
    if base.standing_rev > now.standing_rev:
        now = replace(now, standing=base.standing, standing_rev=base.standing_rev)
    written = {name: text for name, text in push.written.items() if now.written[name] != text}
    if written or not now.written_rev:
        photo_at = push.station if "photo" in written else now.photo_at
        rev = max(stamp, now.written_rev + 1)
        now = replace(now, written={**now.written, **written}, photo_at=photo_at, written_rev=rev)
    wanted = push.standing if push.standing is not None else ParcelEnd()
    is_new = not now.standing_rev
    is_change = push.standing is not None and not wanted.is_as(now.standing)
    if is_new or (is_change and base.standing_rev >= now.standing_rev):
        now = replace(now, standing=wanted, standing_rev=max(stamp, now.standing_rev + 1))
    return now


@dataclass(frozen=True, slots=True)
class MysteryMet:
    """What a bench has after the hub told it something.

    Attributes:
        here: What is shown here.
        base: What the hub has, as far as it is known.
        is_pushed: The hub is to be told something.
        is_overruled: What was done here about its end does not stand: somebody else was first.
    """

    here: ParcelSide
    base: ParcelSide
    is_pushed: bool
    is_overruled: bool = False


def met(here: ParcelSide, base: ParcelSide, told: ParcelSide) -> MysteryMet:
    """Let what a bench has meet what the hub tells: what was changed here and not told yet stays.

    Args:
        base: What the hub told last.
    """
    is_lost = told.written_rev < base.written_rev or told.standing_rev < base.standing_rev
    if told.written_rev >= base.written_rev:
        here, base = _met_written(here, base, told)
    is_overruled = False
    if told.standing_rev >= base.standing_rev:
        standing = _met_standing(here.standing, base.standing, told.standing)
        is_overruled = not standing.is_as(here.standing) and not here.standing.is_as(base.standing)
        here = replace(here, standing=standing)
        base = replace(base, standing=told.standing, standing_rev=told.standing_rev)
    is_pushed = is_lost or bool(changed(here, base)) or not here.standing.is_as(base.standing)
    return MysteryMet(here, base, is_pushed, is_overruled)


def _met_written(here: ParcelSide, base: ParcelSide, told: ParcelSide) -> tuple[ParcelSide, ParcelSide]:
    """Take what is told of each field that was not changed here."""
    own = changed(here, base)
    is_other_photo = "photo" not in own and here.written["photo"] != told.written["photo"]
    written = {**told.written, **own}
    photo_at = told.photo_at if is_other_photo else here.photo_at
    base = replace(base, written=told.written, photo_at=told.photo_at, written_rev=told.written_rev)
    return replace(here, written=written, photo_at=photo_at), base


def _met_standing(here: ParcelEnd, base: ParcelEnd, told: ParcelEnd) -> ParcelEnd:
    """Take what is told, unless something else was done here since and nothing at the hub."""
    is_pending = not here.is_as(base)
    return here if is_pending and told.is_as(base) and not told.is_as(here) else told


def changed(here: ParcelSide, base: ParcelSide) -> dict[str, str]:
    """Return the fields that differ from what the hub told last."""
    return {name: here.written[name] for name in FIELDS if here.written[name] != base.written[name]}


def push_of(here: ParcelSide, base: ParcelSide, station: str) -> MysteryPush:
    """Return what the hub is to be told."""
    is_same = here.standing.is_as(base.standing) and base.standing_rev > 0
    return MysteryPush(base, changed(here, base), None if is_same else here.standing, station)
