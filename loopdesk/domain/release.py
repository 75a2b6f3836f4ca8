"""Which version of loopdesk is wanted on a machine, and which one is running."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import total_ordering

from loopdesk.domain.errors import ValueWrong

_VERSION = re.compile(r"(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})")

MOST_NOTES = 400


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """Three numbers, as installers compare them."""

    major: int
    minor: int
    patch: int

    @staticmethod
    def of(text: str) -> Version:
        """Parse ``1.2.3``. Raises ``ValueWrong`` for anything else."""
        found = _VERSION.fullmatch(text)
        if found is None:
            raise ValueWrong("must_be_version")
        return Version(*(int(part) for part in found.groups()))

    def __lt__(self, other: Version) -> bool:
        return (self.major, self.minor, self.patch) < (other.major, other.minor, other.patch)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What IT wants to be installed.

    Attributes:
        notes: What is new, in a sentence; may be empty.
        number: Increases with each signed manifest: one with a smaller number is older.
        expires_at: When it expires; None for never.
    """

    version: Version
    notes: str = ""
    number: int = 0
    expires_at: datetime | None = None

    def has_ended(self, now: datetime) -> bool:
        """Whether it has expired."""
        return self.expires_at is not None and self.expires_at <= now


class UpdateStep(StrEnum):
    """What has to happen on this machine."""

    NONE = "none"
    FORWARD = "forward"
    BACK = "back"


def step_to(wanted: Wanted, running: Version) -> UpdateStep:
    """Compare what is wanted with what runs."""
    if wanted.version == running:
        return UpdateStep.NONE
    return UpdateStep.FORWARD if running < wanted.version else UpdateStep.BACK
