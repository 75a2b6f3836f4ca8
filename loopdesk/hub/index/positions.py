"""Where a reader of the feed stands: how it says so, and whether it may go on from there. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

SITE = "*"
"""Stands where a shop does, for the feed of what the benches of all shops share. No shop has this id."""


class Extent(NamedTuple):
    """What the feed of a shop holds: the changes after ``dropped``, up to ``last``."""

    last: int
    dropped: int


def position_in(texts: Iterable[str]) -> dict[str, int] | None:
    """Read a position as readers write it: ``shop:seq``, once for each shop, and ``*:seq`` of the site.

    Returns:
        The last change that the reader has of each shop; None if it is no position.
    """
    read: dict[str, int] = {}
    for text in texts:
        shop, _, seq = text.rpartition(":")
        if not shop or shop in read or not (seq.isascii() and seq.isdigit() and len(seq) <= 18):
            return None
        read[shop] = int(seq)
    return read or None


def goes_on(
    position: Mapping[str, int], extents: Mapping[str, Extent], *, generation: str, began_in: str
) -> bool:
    """Tell whether a reader misses nothing if it goes on from its position.

    A number means something in one generation of the database only: a copy that was restored counts the same
    numbers again for other changes. Zero is the beginning of every generation.

    Args:
        extents: Of each shop in the position.
        generation: The database's now.
        began_in: The one in which the reader was told its position; "" if it does not say.
    """
    if generation != began_in and any(position.values()):
        return False
    return all(_reaches(extents[shop], shop, after) for shop, after in position.items())


def _reaches(extent: Extent, shop: str, after: int) -> bool:
    """Whether everything after a number is there; the site's feed holds whatever there is from zero on."""
    return extent.dropped <= after <= extent.last or (shop == SITE and after == 0)


def first_gap(position: Mapping[str, int], numbers: Sequence[tuple[str, int]]) -> tuple[str, int] | None:
    """Return the first number that does not follow the one before it, with its shop; None if all do.

    In the site's feed numbers only rise.
    """
    last = dict(position)
    for shop, seq in numbers:
        if seq <= last[shop] or (seq != last[shop] + 1 and shop != SITE):
            return shop, seq
        last[shop] = seq
    return None
