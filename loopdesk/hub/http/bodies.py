"""The body of a request: of a bounded size, as it came or as a model reads it.

One that breaks off raises ``ClientDisconnect``, which ``http.app`` takes for no fault.
"""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

M = TypeVar("M", bound=BaseModel)


async def whole(request: Request, most_bytes: int) -> bytes | None:
    """Read the body; None if it is too large.

    Raises:
        ClientDisconnect: The line broke before it was whole.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most_bytes:
            return None
    return bytes(body)


async def body_of(request: Request, model: type[M], most_bytes: int) -> M | None:
    """Read the body; None if it is too large, or not of that form.

    Raises:
        ClientDisconnect: As ``whole``.
    """
    body = await whole(request, most_bytes)
    try:
        return None if body is None else model.model_validate_json(body)
    except ValidationError:
        return None
