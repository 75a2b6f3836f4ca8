"""The log of every request that reached the imitation, for tests and for whoever wants to watch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Seen:
    """One request: what came, whether it had an effect, and how it was answered.

    Attributes:
        n: Its number, from 1, in order of arrival.
        method: The HTTP method.
        path: The path, decoded, without the query.
        query: The query string as it came.
        body: The decoded JSON, or the text when it was not JSON, or None.
        at: When it arrived, by the imitation's clock.
        key: The name of the key, never its value; `unknown` for a strange key; None without a key.
        effect: Whether it changed the truth or queued processing.
        status: The HTTP status that was sent, None when none was.
        answered: Whether the whole answer is handed to the network.
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
        """All of it, ready for JSON."""
        return {**asdict(self), "at": self.at.isoformat()}
