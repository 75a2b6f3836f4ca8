"""Reads a hub's answer as it arrives, over a connection of its own, so that no other request waits for it."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from loopdesk.api.connections import ACTION_LIMIT, ClientPair, SendTrace, read_body
from loopdesk.api.hub import about_key
from loopdesk.api.judgement import RawAnswer
from loopdesk.api.transport import KEY_HEADER, KeyAuth, Line, failure_of
from loopdesk.domain.errors import AnswerLost, ApiError, Unreachable

SILENT_SECONDS: Final = 50.0
"""A hub beats every 15 seconds. After so long without a byte the line is half-open: nobody is there."""

_PIECE: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Streaming:
    """An answer whose headers are here.

    Attributes:
        headers: With names in lower case.
        refusal: The body of an answer that is not 200; b"" of one that is.
    """

    status: int
    headers: Mapping[str, str]
    refusal: bytes
    pieces: AsyncIterator[bytes]


@asynccontextmanager
async def streaming(
    line: Line,
    path: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    silent_seconds: float = SILENT_SECONDS,
) -> AsyncGenerator[Streaming, None]:
    """Ask, and yield the answer as soon as its headers are here; the connection ends with the block.

    Args:
        path: Of the hub's own, with its query.
        body: JSON; makes it a POST.
        silent_seconds: Nothing may come for so long.

    Raises:
        ApiError: It could not be asked, or the answer broke off; also while the block reads.
    """
    timeouts = httpx.Timeout(connect=5.0, write=30.0, read=silent_seconds, pool=5.0)
    clients = ClientPair(line.address, line.make_wire, timeouts)
    client, trace = clients.client_for("POST"), SendTrace()  # the one that keeps nothing alive
    request = client.build_request(
        "GET" if body is None else "POST",
        line.address.hub_url(path),
        content=body,
        headers=dict(headers) | ({} if body is None else {"Content-Type": "application/json"}),
        extensions={"trace": trace},
    )
    clients.begin()
    try:
        response = await client.send(request, auth=KeyAuth(line.key), stream=True)
        response.next_request = None
        try:
            yield await _begun(line, response)
        finally:
            await response.aclose()
    except (httpx.HTTPError, AnswerLost) as error:
        failure = failure_of(error, trace, line.key, line.address)
        line.tell(failure)
        raise failure from None
    finally:
        request.headers.pop(KEY_HEADER, None)
        await clients.retire()
        await clients.end()


async def _begun(line: Line, response: httpx.Response) -> Streaming:
    headers = {name.lower(): value for name, value in response.headers.items()}
    if response.status_code == httpx.codes.OK:
        line.tell(None)
        return Streaming(200, headers, b"", _current(line, _pieces(response)))
    refusal = await read_body(response, ACTION_LIMIT)
    return Streaming(response.status_code, headers, refusal, _pieces(response))


def refused(line: Line, answer: Streaming) -> ApiError:
    """Return what an answer proves that is neither what was asked for nor expected."""
    raw = RawAnswer(answer.status, answer.headers, answer.refusal, 0.0)
    failure = about_key(raw)
    if failure is not None:
        line.tell(failure)
        return failure
    return AnswerLost(why="hub_stranger", status=answer.status, http_status=answer.status)


async def _current(line: Line, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pass pieces on while the key and the address are those in use."""
    async for piece in pieces:
        if not line.is_current():
            raise Unreachable(why="replaced")
        yield piece


async def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """Yield a body in bounded pieces, decompressed; the raw stream is not unpacked by anybody else."""
    if response.headers.get("content-encoding", "").strip().lower() not in ("gzip", "x-gzip"):
        async for raw in response.stream:  # type: ignore[union-attr]  # an AsyncClient gives async streams
            yield raw
        return
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        async for raw in response.stream:  # type: ignore[union-attr]
            rest = raw
            while rest and not unpack.eof:
                piece = unpack.decompress(rest, _PIECE)
                rest = unpack.unconsumed_tail
                if piece:
                    yield piece
    except zlib.error:
        raise AnswerLost(why="packed") from None
    if not unpack.eof:
        raise AnswerLost(why="cut_off")
