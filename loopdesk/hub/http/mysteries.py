"""``/hub/v1/mysteries``: the mystery parcels that a bench brings, and the letters of its numbers."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loopdesk.domain.site_mysteries import FIELDS, FoundParcel, MysteryPush, ParcelEnd, ParcelSide
from loopdesk.hub.http.bodies import body_of
from loopdesk.hub.http.callers import Bench, GuardedRoute, caller, refusal
from loopdesk.hub.http.description import AnswerForm, HubRefusal, Operation, refused
from loopdesk.hub.sharing.mysteries import HubMysteries

MOST_BYTES: Final = 64 * 1024

_UID: Final = 32
_HEX: Final = frozenset("0123456789abcdef")


def _storable(text: str) -> str:
    """Return a text as PostgreSQL takes it."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


StoredText = Annotated[str, Field(max_length=4000), AfterValidator(_storable)]
Revision = Annotated[int, Field(strict=True, ge=0, lt=2**62)]


class Letters(BaseModel):
    """By which a bench's store is known, and the letters that it uses, "" for none."""

    token: Annotated[str, Field(pattern=r"^[0-9a-f]{16,64}$")]
    claimed: Annotated[str, Field(pattern=r"^[A-HJ-NP-Z]{0,6}$")]


class EndedOrNot(BaseModel):
    """Whether a parcel waits, and who ended it."""

    return_id: Annotated[str, Field(pattern=r"^[0-9]{0,19}$")]
    is_closed: bool
    ended_by: StoredText
    ended_at_station: StoredText

    def standing(self) -> ParcelEnd:
        """Return it as a value."""
        return ParcelEnd(self.return_id, self.is_closed, self.ended_by, self.ended_at_station)


class ToldBefore(EndedOrNot):
    """What the hub told the bench last; revisions are 0 if it told nothing."""

    words: StoredText
    shelf: StoredText
    photo: StoredText
    photo_at: StoredText
    written_rev: Revision
    standing_rev: Revision


class BroughtMystery(Letters):
    """A parcel, and what changed at the bench since the hub told it.

    ``written`` has what a person changed, ``standing`` is null if nothing ended or reopened it there.
    """

    series: Annotated[str, Field(pattern=r"^[A-HJ-NP-Z]{0,6}$")]
    number: Annotated[int, Field(strict=True, gt=0, lt=2**31)]
    code: StoredText
    found_at: AwareDatetime
    operator: StoredText
    station: StoredText
    here: StoredText
    written: dict[str, StoredText]
    standing: EndedOrNot | None
    base: ToldBefore

    def parcel(self, uid: str) -> FoundParcel:
        """Return what never changes of it."""
        found_at = self.found_at.astimezone(UTC)
        return FoundParcel(uid, self.series, self.number, self.code, found_at, self.operator, self.station)

    def push(self) -> MysteryPush:
        """Return what changed."""
        base = self.base
        known = ParcelSide(
            written={name: getattr(base, name) for name in FIELDS},
            photo_at=base.photo_at,
            standing=base.standing(),
            written_rev=base.written_rev,
            standing_rev=base.standing_rev,
        )
        written = {name: text for name, text in self.written.items() if name in FIELDS}
        standing = self.standing.standing() if self.standing is not None else None
        return MysteryPush(known, written, standing, self.here)


class GivenLetters(BaseModel):
    """The letters before this bench's own numbers, from now on."""

    series: str


class MysteryAnswer(BaseModel):
    """A parcel as all benches have it."""

    uid: str
    series: str
    number: int
    code: str
    found_at: str
    operator: str
    station: str
    words: str
    shelf: str
    photo: str
    photo_at: str
    written_rev: int
    return_id: str
    is_closed: bool
    ended_by: str
    ended_at_station: str
    standing_rev: int


class KeptMystery(GivenLetters):
    """What became of it."""

    value: MysteryAnswer


class NumberTaken(HubRefusal, GivenLetters):
    """Another parcel has its number; it gets one behind these letters."""


_LETTER: Final = Operation(
    "Give this bench's store the letters before its own numbers of mystery parcels",
    {200: AnswerForm("its letters, for good", GivenLetters), 422: refused("`malformed`: not of that form")},
    takes=Letters,
)
_PUT: Final = Operation(
    "Bring a mystery parcel, or what was done with one; it may be brought again",
    {
        200: AnswerForm("the parcel as all benches have it: the first who ended it has", KeptMystery),
        409: AnswerForm("`number_taken`: another parcel has its number", NumberTaken),
        422: refused("`malformed`: not of that form, or too large"),
    },
    takes=BroughtMystery,
)


def routes(mysteries: HubMysteries) -> tuple[GuardedRoute, ...]:
    """Return the routes."""

    async def letter(request: Request) -> Response:
        """Give the bench's store its letters, for good."""
        asked = await body_of(request, Letters, MOST_BYTES)
        if asked is None:
            return refusal("malformed", 422)
        series = await mysteries.letter(caller(request).id, asked.token, asked.claimed)
        return JSONResponse({"series": series})

    async def put(request: Request) -> Response:
        """Answer with the parcel as all benches have it, or 409 if its number is another parcel's."""
        uid = request.path_params["uid"]
        brought = await body_of(request, BroughtMystery, MOST_BYTES)
        if brought is None or len(uid) != _UID or not set(uid) <= _HEX:
            return refusal("malformed", 422)
        try:
            parcel = brought.parcel(uid)
        except OverflowError:  # a time before the first year or after the last one
            return refusal("malformed", 422)
        found = await mysteries.push(
            caller(request).id, brought.token, brought.claimed, parcel, brought.push()
        )
        if found.value is None:
            return JSONResponse({"error": {"code": "number_taken"}, "series": found.series}, 409)
        return JSONResponse({"series": found.series, "value": found.value})

    return (
        GuardedRoute("/hub/v1/mysteries", letter, methods=("PUT",), who=Bench, does=_LETTER),
        GuardedRoute("/hub/v1/mysteries/{uid}", put, methods=("PUT",), who=Bench, does=_PUT),
    )
