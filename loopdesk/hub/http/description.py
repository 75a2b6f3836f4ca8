"""How a route describes itself: what it takes, and what it answers when. ``docs/hub-api.json`` is made of it.

Every route has an ``Operation``. Bodies are named by their types, those of requests by the very model that
reads them, so that the description cannot say anything else than the code does. What every guarded route
answers to whoever may not use it, and without a database, is added by ``GuardedRoute.answers``.

The rule of ``/hub/v1``: readers skip what they do not know. A request may have more members, and so may an
answer; neither ever loses one or gives it another meaning. What cannot be said so gets a new path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

JSON: Final = "application/json"


class HubRefusalCode(BaseModel):
    """Why not, by a code."""

    code: str = Field(pattern="^[a-z0-9_]+$")


class HubRefusal(BaseModel):
    """An answer of the hub itself that says why not."""

    error: HubRefusalCode


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a request.

    Attributes:
        about: What it says.
        place: Where it stands; those of the path are found by themselves unless described here.
        type: Its type; ``list[…]`` for one that may be repeated.
    """

    name: str
    about: str
    place: Literal["query", "header", "path"] = "query"
    type: Any = str
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """One kind of answer.

    Attributes:
        about: When it comes, and what it says.
        body: The type of its JSON; None for one that has another form, or no body.
        media: Its media type; "" without a body.
        headers: What its own headers say, by name.
    """

    about: str
    body: Any = HubRefusal
    media: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """What one route does.

    Attributes:
        summary: One line.
        answers: By status, ``"default"`` for all others. The route adds those to whoever may not use it.
        takes: The model that reads the body; None for a route that reads none, or no JSON.
        parameters: In the query, the headers and the path.
        media: Of the body; one that is not JSON has no model.
        is_optional: Whether the body may be missing.
    """

    summary: str
    answers: Mapping[int | str, AnswerForm]
    takes: Any = None
    parameters: tuple[Parameter, ...] = ()
    media: str = JSON
    is_optional: bool = False


def refused(about: str, **headers: str) -> AnswerForm:
    """Return a refusal of the hub itself, with what its headers say (``Retry_After="…"``)."""
    return AnswerForm(about, headers={name.replace("_", "-"): text for name, text in headers.items()})


UNAUTHORIZED: Final = refused("no token, or none that this hub knows: `unauthorized`")
FORBIDDEN: Final = refused("`revoked` for a bench that was revoked, `forbidden` for what is another's")
NOT_READY: Final = refused(
    "PostgreSQL cannot be reached: `database`; nothing was done",
    Retry_After="Seconds after which to ask again.",
)
