"""Where a bench brings the rows of its audit log, as they are hashed; hashes are hex.

To an answer without ``at`` a bench brings the rows after one of the ``ends`` that is in its own log, or with
``anew`` if none is.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loopdesk.domain.audit_chain import HIGHEST, SHA_MOST, ChainFault, ChainLink, ChainRow, row_in
from loopdesk.hub.audit.record import AuditRecord, TakenRows
from loopdesk.hub.http.bodies import body_of
from loopdesk.hub.http.callers import Bench, GuardedRoute, caller, refusal
from loopdesk.hub.http.description import NOT_READY, AnswerForm, Operation, refused

ROWS_MOST: Final = 500
BYTES_MOST: Final = 8 * 1024 * 1024

Hex: TypeAlias = Annotated[str, Field(pattern="^([0-9a-f]{2})*$", max_length=2 * SHA_MOST)]
Place: TypeAlias = tuple[Annotated[int, Field(strict=True, ge=0, le=HIGHEST)], Hex]
"""A row's number and hash: the place after it. 0 and "" before the first."""


class AuditRows(BaseModel):
    """The next rows of a log: each as its line and its hash."""

    store: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    after: Place
    anew: Annotated[bool, Field(strict=True)]
    rows: Annotated[list[tuple[str, Hex]], Field(max_length=ROWS_MOST)]


class AuditRefusal(BaseModel):
    """The first row that does not follow the one before it, and why."""

    seq: int
    why: ChainFault


class AuditAnswer(BaseModel):
    """Up to where all is held; or, if the place that the rows follow is not known, what is held."""

    at: Place | None
    ends: list[Place]
    refused: AuditRefusal | None


_AUDIT: Final = Operation(
    "Bring rows of the bench's audit log; the same ones twice are held once",
    {
        200: AnswerForm("what is held then, whatever is wrong with the rows", AuditAnswer),
        422: refused("`malformed`: no rows, or too many"),
        503: NOT_READY,
    },
    takes=AuditRows,
)


def routes(record: AuditRecord) -> tuple[GuardedRoute, ...]:
    """Return the route.

    Args:
        record: Keeps the rows.
    """

    async def take(request: Request) -> Response:
        said = await body_of(request, AuditRows, BYTES_MOST)
        rows = None if said is None else _rows(said)
        if said is None or rows is None:
            return refusal("malformed", 422)
        place = _link(said.after)
        taken = await record.take(caller(request).id, said.store, place, rows, anew=said.anew)
        return JSONResponse(_told(taken).model_dump(mode="json"))

    return (GuardedRoute("/hub/v1/audit", take, methods=("POST",), who=Bench, does=_AUDIT),)


def _rows(said: AuditRows) -> tuple[ChainRow, ...] | None:
    """Read the rows; None if one of them is none."""
    rows = [row_in(line, bytes.fromhex(sha)) for line, sha in said.rows]
    known = tuple(row for row in rows if row is not None)
    return known if len(known) == len(rows) else None


def _told(taken: TakenRows) -> AuditAnswer:
    return AuditAnswer(
        at=None if taken.place is None else _place(taken.place),
        ends=[_place(end) for end in taken.ends],
        refused=None if taken.refused is None else AuditRefusal(seq=taken.refused[0], why=taken.refused[1]),
    )


def _place(link: ChainLink) -> Place:
    return link.seq, link.sha.hex()


def _link(place: Place) -> ChainLink:
    return ChainLink(place[0], bytes.fromhex(place[1]))
