"""The ports to what IT gives to this bench through the hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from loopdesk.domain.publishing import Published
from loopdesk.domain.returns.grading import Vocabulary


@dataclass(frozen=True, slots=True)
class Wrong:
    """A newer version that cannot be read here.

    Attributes:
        at: Line and key.
        why / values: What is wrong there, as ``SettingsWrong`` has it.
    """

    version: int
    at: str
    why: str
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GivenVersion:
    """What was given, of one kind and scope.

    Attributes:
        scope: A shop's id, or ``SITE``.
        version: The last that can be read here; 0 for none, and then ``mark`` and ``text`` are "".
        mark: As ``mark_of``.
        by, at: Who gave it and when, as the hub says it.
        wrong: A newer one that cannot; None if there is none.
    """

    kind: Published
    scope: str
    version: int = 0
    mark: str = ""
    text: str = field(default="", repr=False)
    by: str = ""
    at: str = ""
    wrong: Wrong | None = None


class GivenShelf(Protocol):
    """Where it is kept. Each method is one commit."""

    async def all(self) -> tuple[GivenVersion, ...]:
        """Return everything that was given and not taken back."""
        ...

    async def put(self, given: GivenVersion, seq: int) -> bool:
        """Keep what an event told, in place of what there was.

        Args:
            seq: The event's number.

        Returns:
            False if it was taken before; nothing changed.
        """
        ...

    async def drop(self, kind: Published, scope: str, seq: int) -> bool:
        """Forget what was taken back. Returns as ``put``."""
        ...

    async def say_use(self) -> None:
        """Note that the hub is to be told what this bench works by."""
        ...


class GivenTexts(Protocol):
    """Reads and applies texts, by the same rules as files of this computer."""

    def vocabulary(self, text: str, name: str) -> Vocabulary:
        """Read a vocabulary.

        Args:
            name: What a mistake is said to be in.

        Raises:
            SettingsWrong: It cannot be read here.
        """
        ...

    def check_settings(self, text: str, name: str) -> None:
        """Check settings. Raises ``SettingsWrong``: they cannot be used here."""
        ...

    async def use_settings(self, text: str) -> None:
        """Use these settings of the site from now on, "" for none. Using the same again does nothing.

        Raises:
            SettingsWrong: They cannot be stored, or a file of this computer is wrong now.
        """
        ...
