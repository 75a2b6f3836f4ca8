"""Reads what a hub gives, by the program's own rules, and remembers which settings are in use."""

from __future__ import annotations

from pathlib import Path

from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.system.settings.pushed import checked_settings
from loopdesk.system.settings.vocabulary import checked_vocabulary


class PlainTexts:
    """Fake of ``GivenTexts``.

    Attributes:
        settings: Those in use.
    """

    def __init__(self) -> None:
        self.settings = ""

    def vocabulary(self, text: str, name: str) -> Vocabulary:
        """Read a vocabulary."""
        return checked_vocabulary(text, Path(name))

    def check_settings(self, text: str, name: str) -> None:
        """Check settings."""
        checked_settings(text, Path(name))

    async def use_settings(self, text: str) -> None:
        """Remember them."""
        self.settings = text
