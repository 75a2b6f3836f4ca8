"""What a site's hub gives to its benches, and what a bench says it works by. Pure; shared by both."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SITE: Final = "*"
"""The scope of what holds for every shop; no shop has this id."""

MARK_DIGITS: Final = 8


class Published(StrEnum):
    """What is given; the words are those of the wire."""

    VOCABULARY = "vocabulary"
    SETTINGS = "settings"


def mark_of(text: str) -> str:
    """Return by what a version is known besides its number.

    A hub that was restored from an older copy counts on from there, so that a number may come again with
    another text.
    """
    return hashlib.sha256(text.encode()).hexdigest()[:MARK_DIGITS]


@dataclass(frozen=True, slots=True)
class Use:
    """What a bench works by, of one kind and scope.

    Attributes:
        scope: A shop's id, or ``SITE``.
        version: 0 where nothing of the hub is in use.
        mark: As ``mark_of``, "" for none.
        is_own: The bench has a vocabulary file of its own, which goes before.
        refused: The newer version that it cannot read; 0 for none.
        refused_at: Where in it: line and key, "" if there is none.
    """

    kind: Published
    scope: str
    version: int
    mark: str
    is_own: bool = False
    refused: int = 0
    refused_at: str = ""
