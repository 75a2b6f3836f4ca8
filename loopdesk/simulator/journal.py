"""The log of every request that reached the simulator, for tests and for people who watch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Seen:
    """One request: what arrived, whether it had an effect, and the response.

    Attributes:
        n: Its number, from 1, in order of arrival.
        method: The HTTP method.
        path: The path, decoded, without the query.
        query: The query string as received.
        body: The decoded JSON, the text if it was not JSON, or None.
        at: When it arrived, by the simulator's clock.
        key: The name of the key, never its value; `unknown` for an unknown key; None without a key.
        effect: Whether it changed the truth or queued processing.
        status: The HTTP status that was sent, None if none was.
        answered: Whether the whole response was handed to the network.
        fault: The kinds of the faults that struck, joined by `+`; None for none.
    """

    n: int
    method: str
    path: str
    query: str
    body: Any
    at: datetime
    key: str | None
    effect: bool = False
    status: int | None = None
    answered: bool = False
    fault: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return every field, ready for JSON."""
        return {**asdict(self), "at": self.at.isoformat()}
