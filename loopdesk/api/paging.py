"""Follows Loop's pages without following its links."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

PAGES_MOST: Final = 10_000
_WALKS_MOST: Final = 16


def cursor_in(link: Any) -> str:
    """Return the ``cursor`` parameter of a next link, "" if there is no link or it has none.

    The link's host, path and other parameters are ignored: Loop's own links drop the window's start, the
    state and the paging itself, and name another version.
    """
    if not isinstance(link, str):
        return ""
    try:
        return parse_qs(urlsplit(link).query).get("cursor", [""])[-1]
    except ValueError:
        return ""


class CursorTrail:
    """Remembers which cursors of a walk were read, to end a cycle of pages.

    Requesting a page again after a failure is not a cycle: only cursors whose page was read count.
    """

    def __init__(self) -> None:
        self._read: dict[tuple[str, ...], set[str]] = {}

    def next(self, walk: tuple[str, ...], cursor: str, link: Any) -> str:
        """Record a page that was read and return the cursor of the next one, "" if it was the last.

        Args:
            walk: Identifies the walk: its parameters without the cursor.
            cursor: The cursor with which the page was requested, "" for the first.
            link: ``nextPageUrl`` as received.
        """
        if not cursor:
            self._read.pop(walk, None)
        read = self._read.setdefault(walk, set())
        read.add(cursor)
        following = cursor_in(link)
        if following and following not in read and len(read) < PAGES_MOST:
            self._forget_old(walk)
            return following
        self._read.pop(walk, None)
        return ""

    def _forget_old(self, walk: tuple[str, ...]) -> None:
        while len(self._read) > _WALKS_MOST:
            self._read.pop(next(other for other in self._read if other != walk))
