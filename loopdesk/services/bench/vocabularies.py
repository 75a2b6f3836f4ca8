"""The vocabularies that this bench uses from now on."""

from __future__ import annotations

from dataclasses import replace

from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.domain.returns.vocabularies import Vocabularies


class VocabularyShelf:
    """Holds them. A return that is open keeps the one by which it was opened.

    Attributes:
        now: What the next return that is opened is inspected by.
    """

    def __init__(self, first: Vocabularies) -> None:
        self.now = first

    def station_has(self, vocabulary: Vocabulary, *, is_own: bool) -> None:
        """Use another file of this bench from now on."""
        self.now = replace(self.now, station=vocabulary, is_own=is_own)
