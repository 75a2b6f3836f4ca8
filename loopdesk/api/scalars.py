"""Normalizes Loop's many ways to write a scalar. Nothing here raises: what cannot be read is absent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_ABSENT_WORDS: Final = frozenset({"", "n/a"})
_LONGEST_ABSENT: Final = 3
_AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?\Z", re.ASCII)
_GROUPED: Final = re.compile(
    # 1,234.50 · 1 234.50 · 1'234.50, and with the separators swapped: 1.234,50
    r"([+-]?[0-9]{1,3}(?:([, '’\u00a0\u202f])[0-9]{3})(?:\2[0-9]{3}){0,3})(\.[0-9]{1,15})?\Z"
    r"|([+-]?[0-9]{1,3}(?:\.[0-9]{3}){1,4}),([0-9]{1,2})\Z"
)
_SEPARATORS: Final = str.maketrans("", "", ",.'’ \u00a0\u202f")
_YEAR_FIRST: Final = re.compile(
    # The "d" before the "T" occurs in one of Loop's own samples: 2024-03-19dT12:34:56+00:00.
    r"(\d{4})[-/](\d{2})[-/](\d{2})"
    r"(?:(?:d?T|\s)\s*(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d{1,9})?\s*([ap]\.?m\.?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?\Z",
    re.ASCII | re.IGNORECASE,
)
_PLAIN_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}\Z", re.ASCII)
"""As Loop writes nearly all of them; read in a fraction of the time of the others."""
_DAY_FIRST: Final = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})"
    r"(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap]\.?m\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?\Z",
    re.ASCII | re.IGNORECASE,
)
_OFFSET: Final = re.compile(r"([+-])(\d{2}):?(\d{2})\Z", re.ASCII)
_LONGEST_TIME: Final = 40


def to_id(value: Any) -> str:
    """Return an id as text: from an int or a text; "" for anything else.

    Never from a float: Loop's ids have up to 19 digits, a float keeps 15.
    """
    if isinstance(value, str):
        return _unless_absent(value.strip())
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if value >= 0 else ""
    return ""


def _unless_absent(text: str) -> str:
    return "" if len(text) <= _LONGEST_ABSENT and text.lower() in _ABSENT_WORDS else text


def to_other_id(value: Any) -> str:
    """Return an optional id; Loop's PHP also writes 0 for none."""
    text = to_id(value)
    return "" if text == "0" else text


def to_text(value: Any) -> str:
    """Return a text; a number as its digits; "" for null and anything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return ""


def to_said(value: Any) -> str:
    """Return a text, or "" if Loop writes ``N/A``."""
    return _unless_absent(to_text(value))


def to_joined(value: Any) -> str:
    """Return a text, or the texts of an array joined by commas (several Happy Returns bags)."""
    if isinstance(value, list):
        return ",".join(text for text in map(to_said, value) if text)
    return to_said(value)


def to_variant(value: Any) -> str:
    """Return the requested variant, or "": PHP also writes 0 for none."""
    text = to_said(value)
    return "" if text == "0" else text


def to_amount(value: Any) -> Decimal | None:
    """Return an amount exactly as written; None if it is absent or not a plain number.

    Accepts thousands separators, and ``{"amount": …, "currency": …}``, of which only the amount is read.
    """
    if isinstance(value, str):
        return _written_amount(value.strip())
    if isinstance(value, Mapping):
        return to_amount(None if isinstance(found := value.get("amount"), Mapping) else found)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return _written_amount(_plain(value))


def _written_amount(text: str) -> Decimal | None:
    if not _AMOUNT.match(text):  # which no amount with separators does
        text = _ungrouped(text)
        if not _AMOUNT.match(text):
            return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _ungrouped(text: str) -> str:
    """Remove the thousands separators; a text without any is returned unchanged."""
    found = _GROUPED.match(text)
    if found is None:
        return text
    whole, fraction = found[1] or found[4], found[3] or (f".{found[5]}" if found[5] else "")
    return whole.translate(_SEPARATORS) + fraction


def _plain(number: float) -> str:
    """Write a number without an exponent, in the fewest digits that round-trip."""
    return str(number) if isinstance(number, int) else format(Decimal(repr(number)), "f")


def to_bool(value: Any) -> bool | None:
    """Return a bool from true, false, 1, 0 or their words; None otherwise."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    return {"true": True, "1": True, "false": False, "0": False}.get(word)


def to_count(value: Any) -> int:
    """Return a nonnegative count; 0 if it cannot be read."""
    text = to_id(value)
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) else 0


def to_time(value: Any) -> datetime | None:
    """Return a time as aware UTC in whole seconds, or None if it is absent or unknown.

    Accepts ISO 8601 with ``Z``, an offset or a fraction, ``Y-m-d H:M:S``, ``Y-m-d``, ``d/m/Y`` with or
    without a time, times with AM or PM, with a trailing ``UTC``, and PHP's date object. A time without a zone
    means UTC. MySQL's zero date is no time. Fractions are dropped because one answer about a return has them
    and the other does not, and both must compare equal.
    """
    if isinstance(value, str):
        return _written_time(value.strip(), UTC) if len(value) <= _LONGEST_TIME else None
    return _php_time(value) if isinstance(value, Mapping) else None


def _written_time(text: str, zone: tzinfo) -> datetime | None:
    if _PLAIN_TIME.match(text):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
    if found := _YEAR_FIRST.match(text):
        year, month, day, hour, minute, second, half, offset = found.groups()
    elif found := _DAY_FIRST.match(text):
        day, month, year, hour, minute, second, half, offset = found.groups()
    else:
        return None
    written = _zone(offset) if offset else zone
    hours = _hours(int(hour or 0), half)
    if written is None or hours is None:
        return None
    try:
        at = datetime(
            int(year), int(month), int(day), hours, int(minute or 0), int(second or 0), tzinfo=written
        )
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _hours(hour: int, half: str | None) -> int | None:
    """Return the hour of the day; ``half`` is AM or PM in any spelling, None on a 24-hour clock."""
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        return None
    return hour % 12 + (12 if half[0] in "pP" else 0)


def _php_time(value: Mapping[str, Any]) -> datetime | None:
    text, name = value.get("date"), value.get("timezone", "UTC")
    if not isinstance(text, str) or not isinstance(name, str) or len(text) > _LONGEST_TIME:
        return None
    zone = _zone(name)
    return None if zone is None else _written_time(text.strip(), zone)


def _zone(name: str) -> tzinfo | None:
    """Return the zone of an offset, of ``Z`` or of an IANA name; None if it is unknown here."""
    if name.upper() in ("Z", "UTC", "GMT"):
        return UTC
    if found := _OFFSET.match(name):
        sign, hours, minutes = found.groups()
        span = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-span if sign == "-" else span) if span < timedelta(hours=24) else None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
