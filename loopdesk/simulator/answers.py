"""Requests and responses inside the simulator, and the many shapes of Loop's refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from loopdesk.simulator.truth import ShopKey

NO_RETURN = "No return found with this ID."


@dataclass(slots=True)
class RoutedCall:
    """One request as the rules see it, after routing and before it is judged.

    `body` is the decoded JSON, or None if there was none or it was not JSON. `stale_seconds` is the age of
    the data that a read returns; `ending` and `processing_seconds` override the settings for this request.
    """

    method: str
    path: str
    version: str
    query: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    body: Any = None
    key: ShopKey | None = None
    base_url: str = ""
    stale_seconds: float = 0.0
    ending: str | None = None
    processing_seconds: float | None = None

    @property
    def categories_are_objects(self) -> bool:
        """Whether a condition category is an object (2026-10 and later) rather than a string."""
        return self.version == "2026-10"


@dataclass(slots=True)
class Reply:
    """A status with a JSON body. `effect` says whether the truth changed or processing was queued."""

    status: int
    body: Any
    effect: bool = False
    headers: dict[str, str] = field(default_factory=dict)


def accepted() -> Reply:
    """The plain success response of every action."""
    return Reply(200, True, effect=True)


def gateway_refusal(status: int, code: str, message: str) -> Reply:
    """The gateway's shape: `code` holds the HTTP number as text, `http_code` the text code."""
    return Reply(status, {"error": {"code": str(status), "http_code": code, "message": message}})


def unauthorized(shape: str) -> Reply:
    """401 for a missing or unknown key, and for a missing scope; `shape` is `gateway` or `api`."""
    if shape == "api":
        return Reply(401, {"errors": "Unauthorized."})
    return gateway_refusal(401, "GEN-UNAUTHORIZED", "Unauthorized.")


def errors_object(message: str, code: str | None = None, status: int = 200) -> Reply:
    """`errors` with a message and an optional code: a refusal that comes with status 200 by default."""
    errors = {"message": message} if code is None else {"message": message, "code": code}
    return Reply(status, {"errors": errors})


def errors_list(message: str, status: int) -> Reply:
    """`errors` as a list of objects: how a removal refuses a return that does not exist."""
    return Reply(status, {"errors": [{"message": message}]})


def plain_message(message: str, status: int = 200, word: str = "message") -> Reply:
    """A bare `message` or `content`."""
    return Reply(status, {word: message})


def invalid(errors: dict[str, str]) -> Reply:
    """422 as Laravel writes it: a list of messages per field."""
    return Reply(
        422,
        {
            "message": "The given data was invalid.",
            "errors": {field_name: [complaint] for field_name, complaint in errors.items()},
        },
    )


def error_message(message: str, status: int = 200) -> Reply:
    """`error` with a message: details that found nothing (200), a removal without ids (422)."""
    return Reply(status, {"error": {"message": message}})


def not_found(message: str = "The requested resource was not found.") -> Reply:
    """404 with a text code."""
    return Reply(404, {"code": "NOT_FOUND", "message": message})
