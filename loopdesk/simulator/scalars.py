"""Scalars as Loop writes them: money, ids, and times in each of its forms; and how it reads a date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any


def money(amount: Decimal) -> str:
    """Major units with two decimals, as text."""
    return f"{amount:.2f}"


def money_or_bare_zero(amount: Decimal) -> str | int:
    """The same, but zero is a bare number 0."""
    return money(amount) if amount else 0


def stamp(at: datetime) -> str:
    """ISO 8601 with an offset, to the second."""
    return f"{at:%Y-%m-%dT%H:%M:%S}+00:00"


def stamp_millis(at: datetime) -> str:
    """ISO 8601 with milliseconds and `Z`."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def naive(at: datetime) -> str:
    """Date and time without a zone; it means UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def day_first(at: datetime) -> str:
    """`dd/mm/yyyy hh:mm:ss`."""
    return f"{at:%d/%m/%Y %H:%M:%S}"


def php_date(at: datetime) -> dict[str, Any]:
    """The object that PHP makes of a time."""
    return {"date": f"{at:%Y-%m-%d %H:%M:%S.%f}", "timezone_type": 3, "timezone": "UTC"}


def number(digits: str | None) -> int | str | None:
    """An id as an unquoted number if it is one."""
    return int(digits) if digits is not None and digits.isdecimal() else digits


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_WINDOW = timedelta(days=120)

_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d")


def read_date(text: str) -> datetime | None:
    """A time in any form that Loop accepts; without a zone it means UTC. None if it is none of them."""
    for form in _FORMS:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def end_of_day(at: datetime) -> datetime:
    """The last moment of that day."""
    return at.replace(hour=23, minute=59, second=59, microsecond=999_999)
