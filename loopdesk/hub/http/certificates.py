"""``GET /hub/v1/certificates``: which certificates of the hub a bench shall trust from now on.

It is answered over a line that one of them proves already. Two are told while one is about to take the
other's place; none where an authority signed the hub's, or a reverse proxy has it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Final, Protocol
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loopdesk.domain.hub_pins import CERTIFICATES_PATH, TRUSTS
from loopdesk.hub.http.callers import Bench, GuardedRoute, caller
from loopdesk.hub.http.description import AnswerForm, Operation, Parameter, refused


class Certificates(BaseModel):
    """The certificates to trust, in base64 (DER), the one in use first."""

    certificates: list[str]


_CERTIFICATES: Final = Operation(
    "Say which certificates of the hub a bench shall trust",
    {200: AnswerForm("all of them; none: what it trusts already", Certificates), 400: refused("`trusts`")},
    parameters=(
        Parameter(TRUSTS, "SHA-256, in hex, of those that it trusts, one behind the other in this order."),
    ),
)


class KeepsTrust(Protocol):
    """Where it is kept which certificates a bench trusts."""

    async def keep_trust(self, bench_id: UUID, mark: bytes) -> None:
        """Keep what it told."""
        ...


def routes(benches: KeepsTrust, announced: Callable[[], Sequence[bytes]]) -> tuple[GuardedRoute, ...]:
    """Return the route.

    Args:
        announced: The certificates to trust (DER).
    """

    async def certificates(request: Request) -> Response:
        try:
            mark = bytes.fromhex(request.query_params.get(TRUSTS, ""))
        except ValueError:
            mark = b"?"
        if mark and len(mark) != 32:
            return JSONResponse({"error": {"code": "trusts"}}, 400)
        if mark:
            await benches.keep_trust(caller(request).id, mark)
        told = [base64.b64encode(each).decode("ascii") for each in announced()]
        return JSONResponse(Certificates(certificates=told).model_dump())

    return (GuardedRoute(CERTIFICATES_PATH, certificates, who=Bench, does=_CERTIFICATES),)
