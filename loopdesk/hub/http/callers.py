"""Who asks. Every route says who may, and a route that does not say it cannot be added."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from loopdesk.hub.benches.registry import KnownBench
from loopdesk.hub.http.description import FORBIDDEN, NOT_READY, UNAUTHORIZED, AnswerForm, Operation

TOKEN_HEADER = "X-Authorization"  # noqa: S105 - its name
"""Where a bench's token stands: the header in which it gives Loop's key without a hub."""


ROUTE: Final = "loopdesk.route"
"""Key of the scope under which a route leaves its path as it is declared, for measures and logs."""


@dataclass(frozen=True, slots=True)
class Nobody:
    """No token, or one that is not known: of another site, of another hub, made up."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A bench that joined.

    Attributes:
        shops: Ids of the shops that it may use, sorted.
    """

    id: UUID
    name: str
    site: UUID
    shops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Revoked:
    """A bench that was revoked."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class ItStaff:
    """Who has IT's token: a monitoring system."""


@dataclass(frozen=True, slots=True)
class Anyone:
    """What a route names that answers without looking who asks: it authenticates by itself, or says nothing
    that is not public.
    """


Caller: TypeAlias = Nobody | Bench | Revoked | ItStaff | Anyone


class TokenBook(Protocol):
    """Where tokens are looked up."""

    async def by_token(self, token: str) -> KnownBench | None:
        """Return whose token it is, None if nobody's."""
        ...


class Callers:
    """Tells who asks.

    Args:
        benches: The benches by their tokens.
        it_token_sha256: Of IT's token, in hex; "" if there is none.
    """

    def __init__(self, benches: TokenBook, it_token_sha256: str = "") -> None:
        self._benches = benches
        self._it = it_token_sha256

    async def caller_of(self, request: Request) -> Caller:
        """Return who asks: by the bench's token, or by IT's as a bearer.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        token = request.headers.get(TOKEN_HEADER, "")
        if token:
            found = await self._benches.by_token(token)
            if found is None:
                return Nobody()
            if found.is_revoked:
                return Revoked(found.id, found.name)
            return Bench(found.id, found.name, found.site, found.shops)
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        if self._it and scheme.lower() == "bearer":
            shown = hashlib.sha256(bearer.strip().encode()).hexdigest()
            if hmac.compare_digest(shown, self._it):
                return ItStaff()
        return Nobody()


Answer: TypeAlias = Callable[[Request], Awaitable[Response]]


class GuardedRoute(Route):
    """A route, who may use it, and what it does; whoever else asks gets 401, a revoked bench 403.

    The answering function finds the caller in the request's state, by ``caller``.

    Args:
        path: As Starlette writes it.
        answer: What answers.
        methods: The methods.
        who: The kinds of caller that may; ``Anyone`` alone answers without looking.
        does: What is told of it in ``docs/hub-api.json``, which ``make docs`` writes.
    """

    def __init__(
        self,
        path: str,
        answer: Answer,
        *,
        methods: Iterable[str] = ("GET",),
        who: type[Caller],
        does: Operation,
    ) -> None:
        self.who = who
        self.does = does
        self.asked_by = tuple(methods)
        super().__init__(path, _guarded(path, answer, who), methods=list(self.asked_by), name=path)

    def answers(self) -> dict[int | str, AnswerForm]:
        """Every answer, by status: those of the route, and those to whoever may not use it."""
        guarding: dict[int | str, AnswerForm] = (
            {} if self.who is Anyone else {401: UNAUTHORIZED, 403: FORBIDDEN, 503: NOT_READY}
        )
        return {**guarding, **self.does.answers}


def caller(request: Request) -> Bench:
    """Return the bench that asks, on a route that is a bench's."""
    found = request.state.caller
    assert isinstance(found, Bench)
    return found


def _guarded(path: str, answer: Answer, who: type[Caller]) -> Answer:
    async def answered(request: Request) -> Response:
        request.scope[ROUTE] = path
        if who is Anyone:
            request.state.caller = Anyone()
            return await answer(request)
        callers: Callers = request.app.state.callers
        request.state.caller = found = await callers.caller_of(request)
        if isinstance(found, who):
            return await answer(request)
        if isinstance(found, Revoked):
            return refusal("revoked", 403)
        return refusal("unauthorized" if isinstance(found, Nobody) else "forbidden", _status(found))

    return answered


def _status(found: Caller) -> int:
    return 401 if isinstance(found, Nobody) else 403


def refusal(code: str, status: int) -> JSONResponse:
    """An answer of the hub itself that says why not, by a code."""
    return JSONResponse({"error": {"code": code}}, status)
