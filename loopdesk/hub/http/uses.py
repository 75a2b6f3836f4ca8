"""``PUT /hub/v1/uses``: a bench says which vocabularies and settings it works by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Protocol
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loopdesk.domain.publishing import MARK_DIGITS, Published, Use
from loopdesk.hub.http.bodies import body_of
from loopdesk.hub.http.callers import Bench, GuardedRoute, caller, refusal
from loopdesk.hub.http.description import AnswerForm, Operation, refused

PATH: Final = "/hub/v1/uses"

_LONGEST_BODY: Final = 64 * 1024

Version = Annotated[int, Field(strict=True, ge=0, lt=2**31)]
Plain = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class UsedVersion(BaseModel):
    """What a bench works by, of one kind and scope; ``version`` 0 where nothing of the hub is in use."""

    kind: Published
    scope: Annotated[str, Field(pattern=r"^(\*|[a-z0-9][a-z0-9-]{0,39})$")]
    version: Version
    mark: Annotated[str, Field(pattern=rf"^([0-9a-f]{{{MARK_DIGITS}}})?$")]
    own: bool = False
    refused: Version = 0
    refused_at: Plain = ""

    def use(self) -> Use:
        """Return it as a value."""
        return Use(
            kind=self.kind,
            scope=self.scope,
            version=self.version,
            mark=self.mark,
            is_own=self.own,
            refused=self.refused,
            refused_at=self.refused_at,
        )


class Uses(BaseModel):
    """All that a bench works by, in place of what it said before."""

    uses: Annotated[list[UsedVersion], Field(max_length=200)]


class UsesKept(BaseModel):
    """How many uses are kept."""

    kept: int


_SAY: Final = Operation(
    "Say which vocabularies and settings this bench works by, in place of what it said before",
    {200: AnswerForm("kept", UsesKept), 422: refused("`malformed`: not of that form, or too large")},
    takes=Uses,
)


class KeepsUses(Protocol):
    """Where it is kept."""

    async def say_uses(self, bench: UUID, uses: Sequence[Use]) -> None:
        """Keep what a bench works by."""
        ...


def routes(uses: KeepsUses) -> tuple[GuardedRoute, ...]:
    """Return the route."""

    async def say(request: Request) -> Response:
        said = await body_of(request, Uses, _LONGEST_BODY)
        if said is None:
            return refusal("malformed", 422)
        found = {(one.kind, one.scope): one.use() for one in said.uses}
        await uses.say_uses(caller(request).id, tuple(found.values()))
        return JSONResponse({"kept": len(found)})

    return (GuardedRoute(PATH, say, methods=("PUT",), who=Bench, does=_SAY),)
