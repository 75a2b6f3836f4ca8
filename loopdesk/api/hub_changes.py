"""What a hub tells of its own accord: the first fill as NDJSON, then the changes as server-sent events.

Nothing that arrives is trusted to have a form: what cannot be read is passed over with its number, so that
one odd event neither ends the stream nor is asked for for ever.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from loopdesk.api.hub import GENERATION
from loopdesk.api.streaming import SILENT_SECONDS, Streaming, refused, streaming
from loopdesk.api.translate import from_body
from loopdesk.api.transport import Line
from loopdesk.domain.errors import AnswerLost, ApiError
from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.domain.returns.parcels import LabelState, Sighting
from loopdesk.domain.returns.returns import is_loop_id
from loopdesk.services.ports.following import (
    FillBegun,
    HubOutdated,
    HubPosition,
    HubShopName,
    HubTold,
    HubWithout,
    LateFailure,
    SharedEvent,
    ToldReturn,
)
from loopdesk.services.ports.loop import Fetched

CHANGES: Final = "/hub/v1/changes"
FILL: Final = "/hub/v1/fill"
FAILURES: Final = "/hub/v1/failures"
SHOPS: Final = "/hub/v1/shops"

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of one event or line; Loop's largest answer with thousands of lines has a tenth of it."""

LINES_A_PIECE: Final = 200
"""Lines of a fill that are read and passed on together."""

SHARED: Final = "*"
"""Stands for no shop, but for what all benches share."""

_BEGINNING: Final = 1000
_LONGEST_TEXT: Final = 500
_COLOUR: Final = re.compile("#[0-9A-Fa-f]{6}")

log = logging.getLogger("loopdesk.api")


@dataclass(frozen=True, slots=True)
class _Filled:
    """Translated lines of a fill; the last one says that it is complete."""

    parts: tuple[FillBegun | tuple[ToldReturn, ...], ...]
    is_end: bool


class HubChanges:
    """Implements ``services.ports.following.HubStream``.

    Args:
        line: Returns the address and the token in use; raises ``ApiError`` without one.
        silent_seconds: A hub that says nothing for so long is not there.
        largest: Bytes of one event or line that are read; what is larger is passed over.
    """

    def __init__(
        self, line: Callable[[], Line], *, silent_seconds: float = SILENT_SECONDS, largest: int = LARGEST
    ) -> None:
        self._line = line
        self._silent_seconds = silent_seconds
        self._largest = largest

    async def shops(self) -> tuple[HubShopName, ...]:
        """Return the shops of this bench. See the port."""
        found = await self._listed(SHOPS, "shops")
        return tuple(_shop(each) for each in found if _text(_object(each).get("id")))

    async def failures(self, after: int) -> tuple[LateFailure, ...]:
        """Return what failed later. See the port."""
        found = await self._listed(f"{FAILURES}?after={after}", "failures")
        return tuple(failure for failure in map(_failure, found) if failure is not None)

    async def _listed(self, path: str, name: str) -> Sequence[Any]:
        """Read an array out of a JSON object."""
        line = self._line()
        async with streaming(line, path, headers={"Accept-Encoding": "identity"}) as answer:
            _check(line, answer)
            body = bytearray()
            async for piece in answer.pieces:
                body += piece
                if len(body) > self._largest:
                    raise AnswerLost(why="too_large", limit=self._largest)
        found = _object(_json(bytes(body))).get(name)
        if not isinstance(found, list):
            raise AnswerLost(why="shape", where=name)
        return found

    async def fill(
        self, shops: Sequence[str], held: Mapping[str, Mapping[str, str]]
    ) -> AsyncGenerator[FillBegun | tuple[ToldReturn, ...], None]:
        """Read everything but what is held. See the port."""
        line = self._line()
        query = urlencode([("shop", shop) for shop in shops])
        body = await asyncio.to_thread(lambda: json.dumps({"have": held}).encode())
        headers = {"Accept-Encoding": "gzip"}
        async with streaming(
            line, f"{FILL}?{query}", headers=headers, body=body, silent_seconds=self._silent_seconds
        ) as answer:
            _check(line, answer)
            made = _Filled((), is_end=False)
            async for made in _ahead(_grouped(answer.pieces, self._largest), _filled):
                for part in made.parts:
                    yield part
            if not made.is_end:
                raise AnswerLost(why="cut_off")

    async def changes(
        self, position: HubPosition, shared: int | None
    ) -> AsyncGenerator[tuple[HubTold, ...], None]:
        """Read what changes. See the port."""
        line = self._line()
        after = [("after", f"{shop}:{seq}") for shop, seq in sorted(position.after.items())]
        if shared is not None:
            after.append(("after", f"{SHARED}:{shared}"))
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
        if position.generation:
            headers[GENERATION] = position.generation
        async with streaming(
            line, f"{CHANGES}?{urlencode(after)}", headers=headers, silent_seconds=self._silent_seconds
        ) as answer:
            if answer.status == httpx.codes.GONE:
                raise HubOutdated
            _check(line, answer)
            yield ()
            splitter = Splitter(b"\n\n", self._largest)
            async for piece in answer.pieces:
                if events := splitter.feed(piece):
                    yield await asyncio.to_thread(_changed, events)


def _check(line: Line, answer: Streaming) -> None:
    if answer.status == httpx.codes.NOT_FOUND:
        raise HubWithout
    if answer.status != httpx.codes.OK:
        raise refused(line, answer)


# --- splitting --------------------------------------------------------------------------------------


class Splitter:
    """Cuts a body into what stands between marks; of what is too large it gives the beginning."""

    def __init__(self, mark: bytes, largest: int) -> None:
        self._mark = mark
        self._largest = largest
        self._rest = bytearray()
        self._is_over = False

    def feed(self, piece: bytes) -> list[bytes]:
        """Take the next bytes; returns what is complete by them."""
        begin = max(0, len(self._rest) - len(self._mark) + 1)
        self._rest += piece
        found: list[bytes] = []
        if self._rest.find(self._mark, begin) >= 0:
            *whole, self._rest = self._rest.split(self._mark)
            found = [bytes(x) for x in (whole[1:] if self._is_over else whole)]
            self._is_over = False
        if len(self._rest) > self._largest:
            if not self._is_over:
                found.append(bytes(self._rest[:_BEGINNING]))
            self._is_over = True
            del self._rest[: -len(self._mark)]
        return found


async def _grouped(pieces: AsyncIterator[bytes], largest: int) -> AsyncGenerator[list[bytes], None]:
    """Yield the lines of a body in groups; the last one without its mark is no line."""
    splitter, group = Splitter(b"\n", largest), list[bytes]()
    async for piece in pieces:
        group += splitter.feed(piece)
        while len(group) >= LINES_A_PIECE:
            yield group[:LINES_A_PIECE]
            group = group[LINES_A_PIECE:]
    if group:
        yield group


async def _ahead(
    groups: AsyncGenerator[list[bytes], None], make: Callable[[Sequence[bytes]], _Filled]
) -> AsyncGenerator[_Filled, None]:
    """Translate groups in another thread, each while the one before it is being kept."""
    before: asyncio.Future[_Filled] | None = None
    async with aclosing(groups):
        async for group in groups:
            following = asyncio.get_running_loop().run_in_executor(None, make, group)
            if before is not None:
                yield await before
            before = following
    if before is not None:
        yield await before


# --- translating ------------------------------------------------------------------------------------


def _filled(lines: Sequence[bytes]) -> _Filled:
    """Translate lines of a fill."""
    values = [_object(_json(line)) for line in lines]
    begun = [_begun(value) for value in values if "rows" in value]
    told = tuple(x for x in map(_told, values) if x is not None)
    return _Filled((*begun, *([told] if told else [])), is_end=values[-1].get("end") is True)


def _changed(events: Sequence[bytes]) -> tuple[HubTold, ...]:
    """Translate server-sent events, in their order."""
    return tuple(x for x in map(_event, events) if x is not None)


def _event(text: bytes) -> HubTold | None:
    """Translate one event; None for a comment, or for what has no number."""
    fields = _fields(text)
    kind, value = fields.get("event", ""), _object(_json(fields.get("data", "").encode()))
    shop, _, number = fields.get("id", "").rpartition(":")
    seq = int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else 0
    if not shop or not seq:
        return None
    if shop == SHARED:
        return SharedEvent(kind, seq, _text(value.get("key")), value.get("value"))
    told = _told({**value, "shop": shop}) if kind == "return" else None
    return ToldReturn(shop, "", seq) if told is None else replace(told, seq=seq)


def _fields(text: bytes) -> dict[str, str]:
    """Read the fields of an event; a repeated one is joined by line ends, as the standard says."""
    fields: dict[str, str] = {}
    for line in text.decode("utf-8", "replace").split("\n"):
        name, _, value = line.partition(":")
        if name:
            value = value.removeprefix(" ").removesuffix("\r")
            fields[name] = f"{fields[name]}\n{value}" if name in fields else value
    return fields


def _begun(value: Mapping[str, Any]) -> FillBegun:
    after, rows = _object(value.get("after")), value.get("rows")
    if not isinstance(rows, int) or not all(isinstance(seq, int) for seq in after.values()):
        raise AnswerLost(why="shape", where="after")
    return FillBegun(HubPosition(_text(value.get("generation")), {str(x): y for x, y in after.items()}), rows)


def _told(value: Mapping[str, Any]) -> ToldReturn | None:
    """Translate what is told of a return; None if it names none."""
    shop, return_id = _text(value.get("shop")), _text(value.get("return_id"))
    if not shop or not is_loop_id(return_id):
        return None
    body, details, fetched_at = value.get("body"), value.get("details"), _time(value.get("fetched_at"))
    if body is None:
        return ToldReturn(shop, return_id)
    is_details = value.get("is_details") is True
    try:
        answers: tuple[Fetched, ...] = (
            (_fetched(details, return_id, shop, is_details=True),) if details is not None else ()
        )
        answers += (_fetched(body, return_id, shop, is_details=is_details),)
    except (ApiError, ValueError, TypeError) as failure:
        log.info("told_unread return=%s kind=%s", return_id, type(failure).__name__)
        return ToldReturn(shop, return_id, is_unread=True)
    return ToldReturn(
        shop,
        return_id,
        answers=answers,
        fetched_at=fetched_at,
        mark=_text(value.get("mark")),
        codes=tuple(filter(None, map(_code, _list(value.get("codes"))))),
        parcels=tuple(filter(None, map(_parcel, _list(value.get("parcels"))))),
    )


def _fetched(body: Any, return_id: str, shop: str, *, is_details: bool) -> Fetched:
    """Translate Loop's JSON.

    Raises:
        AnswerLost: It cannot be read, or is about another return.
    """
    if not isinstance(body, str):
        raise AnswerLost(why="shape", where="body")
    ret = from_body(body, is_details)
    if ret.return_id != return_id:
        raise AnswerLost(why="shape", where="id")
    return Fetched(ret, body, is_details, shop)


def _code(value: Any) -> tuple[str, CandidateKind] | None:
    match value:
        case [str(code), str(kind)] if kind in set(CandidateKind):
            return code, CandidateKind(kind)
    return None


def _parcel(value: Any) -> Sighting | None:
    match value:
        case [str(number), str(carrier), str(label), at, delivered] if label in set(LabelState):
            label_at = _time(at)
            if label_at is not None:
                return Sighting(number, carrier, LabelState(label), label_at, _time(delivered))
    return None


def _shop(value: Any) -> HubShopName:
    told = _object(value)
    last = told.get("last")
    return HubShopName(
        _text(told.get("id")),
        _text(told.get("name")),
        _colour(told.get("colour")),
        last if isinstance(last, int) else 0,
        _time(told.get("synced_at")) if isinstance(last, int) else None,
    )


def _failure(value: Any) -> LateFailure | None:
    match value:
        case {"id": int(number), "return_id": str(return_id), "entry": str(entry_id)}:
            return LateFailure(number, return_id, entry_id, _text(value.get("message")))
    return None


def _colour(value: Any) -> str:
    return value.lower() if isinstance(value, str) and _COLOUR.fullmatch(value) else ""


def _time(value: Any) -> datetime | None:
    """Read an aware time; None for anything else."""
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, TypeError, OverflowError):
        return None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _text(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= _LONGEST_TEXT else ""
