"""Cases from public bug reports of other programs, with the outcome required here: ``cases.json``.

Each case names its source (a repository and issue number, or where else it was seen). A case of
type ``lookup`` is a code, what Loop stores of a return, and what the code must lead to; ``window`` and
``filter`` are keys that reach the window; ``cli`` are runs of the program.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

PLACE = Path(__file__).with_name("cases.json")


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    Attributes:
        type: ``lookup``, ``window``, ``filter`` or ``cli``.
        source: Where it was reported.
        kind: What is odd about it, in a few words.
        input: What happens; its keys depend on the type.
        expected: The required outcome, in words.
        expect: The same as one of ``find``, ``pick``, ``find_or_hint``, ``hint``, ``none``; "" when only
            the words say it.
    """

    id: str
    type: str
    source: str
    kind: str
    input: dict[str, Any]
    expected: str
    expect: str = field(default="")


@cache
def every_case() -> tuple[Case, ...]:
    """Return all cases, in the order of the file."""
    return tuple(Case(**row) for row in json.loads(PLACE.read_text(encoding="utf-8")))


def of_type(*types: str) -> tuple[Case, ...]:
    """Return the cases of some types."""
    return tuple(case for case in every_case() if case.type in types)
