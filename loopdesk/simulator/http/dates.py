"""How Loop reads the dates that a client sends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_WINDOW = timedelta(days=120)

_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d")


def read(text: str) -> datetime | None:
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
