"""What a check of the station finds, as codes and values; ``presenters/words/check_words`` has the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from loopdesk.domain.errors import LoopdeskError


class Status(StrEnum):
    """The result of a check."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was found.

    Attributes:
        code: Names its sentence and, if there is something to do, its advice.
        values: What fills them: numbers, names, and failures for their title.
    """

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


def found(code: str, **values: object) -> Diagnosis:
    """Name what was found, with its values."""
    return Diagnosis(code, values)


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: A stable word for what was looked at, also for machines.
        findings: What was found, in order.
        failure: What failed, if that says what was found and what to do.
        since: Since when it is so, if that is known.
    """

    name: str
    status: Status
    findings: tuple[Diagnosis, ...] = ()
    failure: LoopdeskError | None = None
    since: datetime | None = None


def worst(checks: Sequence[Check]) -> Status:
    """Return the worst status of all."""
    order = (Status.FAILED, Status.WARNING)
    return next((status for status in order if any(x.status is status for x in checks)), Status.OK)
