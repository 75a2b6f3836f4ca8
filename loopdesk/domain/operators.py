"""Who decides at a station: a value that goes with each decision, from the screen to the audit row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is at a station."""

    NONE = ""  # no people are set up: nobody is told apart, and everybody may do everything
    OPERATOR = "operator"
    LEAD = "lead"
    IT = "it"


@dataclass(frozen=True, slots=True)
class Operator:
    """One person, as they were when they decided.

    Attributes:
        id: Survives a change of the name; "" where no people are set up.
        name: As it is shown, and as it stands in notes, in ``return_processor`` and in the audit log.
        role: What the person was then.
    """

    id: str = ""
    name: str = ""
    role: Role = Role.NONE

    @property
    def is_named(self) -> bool:
        """Whether this is somebody who can answer for something: not the program, nor a nameless one."""
        return bool(self.name.strip())


PROGRAM = Operator()
"""Stands where no person decided, but the program itself."""
