"""Serial numbers: what a unit was sold with, where Loop's data names it, against what its code carries. Pure.

Loop's answers have no field for a serial number. A shop that sells by serial may have it among the properties
of the order's line, under a name of its own; where an answer has such properties, they are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from loopdesk.domain.returns.returns import LineItem

SERIAL = "21"
"""The GS1 identifier of a serial number."""

_NAMES = frozenset(
    {"serial", "serials", "serialnumber", "serialnumbers", "serialno", "sn", "imei", "imeinumber"}
)
_APART = re.compile(r"[,;\n]")
_NOT_COMPARED = re.compile(r"[\W_]+")


def sold_serials(line: LineItem, names: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the serial numbers that a line was sold with, empty if nothing says so.

    Args:
        names: What the station calls such a property, besides the usual names.
    """
    known = _NAMES.union(_compared(name) for name in names)
    values = (value for name, value in line.properties if _compared(name) in known)
    texts = (text.strip() for value in values for text in _APART.split(value))
    return tuple(dict.fromkeys(text for text in texts if _compared(text)))


def unlike_sold(
    line: LineItem, carried: Iterable[tuple[str, str]], names: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the serial numbers that a line's codes carried and that it was not sold with.

    Case and punctuation do not matter. Empty where nothing says what it was sold with.
    """
    sold = {_compared(text) for text in sold_serials(line, names)}
    found = dict.fromkeys(value for name, value in carried if name == SERIAL)
    return tuple(value for value in found if sold and _compared(value) not in sold)


def owner(lines: Sequence[LineItem], carried: Iterable[tuple[str, str]], names: Iterable[str] = ()) -> str:
    """Return the line that was sold with a serial number that a code carries, "" for none."""
    found = {_compared(value) for name, value in carried if name == SERIAL} - {""}
    has = (line for line in lines if found & {_compared(text) for text in sold_serials(line, names)})
    return next((line.line_item_id for line in has), "")


def _compared(text: str) -> str:
    return _NOT_COMPARED.sub("", text).casefold()
