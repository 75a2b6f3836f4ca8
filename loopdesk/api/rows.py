"""Arrays in Loop's answers, row by row: an error in one does not affect the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from loopdesk.domain.errors import AnswerLost

_log = logging.getLogger("loopdesk.api")
Made = TypeVar("Made")


def elements(value: Any) -> Any:
    """Return the elements of an array that PHP wrote as an object, keyed by numbers or empty; else the value.

    An array from which elements were filtered out keeps its remaining keys, and PHP then writes ``{"1": …}``.
    """
    if isinstance(value, dict) and all(name.isascii() and name.isdigit() for name in value):
        return list(value.values())
    return value


def array(value: Any) -> list[Any]:
    """Return the rows of a value that must be an array.

    Raises:
        AnswerLost: It is something else.
    """
    found = elements(value)
    if not isinstance(found, list):
        raise AnswerLost("body: no array where one belongs")
    return found


def readable(
    rows: Iterable[Any],
    make: Callable[[Any], Made],
    set_apart: Callable[[Any], object] = lambda _: None,
) -> tuple[Made, ...]:
    """Translate the rows that can be read.

    Args:
        make: Translates one; raises ``AnswerLost`` for one that cannot be read.
        set_apart: Called with each such row. However many there are, they cause a single log line.
    """
    found: list[Made] = []
    count, first = 0, ""
    for row in rows:
        try:
            found.append(make(row))
        except AnswerLost as failure:
            count, first = count + 1, first or failure.detail
            set_apart(row)
    if count:
        _log.warning("rows_unreadable count=%s first=%s", count, first)
    return tuple(found)
