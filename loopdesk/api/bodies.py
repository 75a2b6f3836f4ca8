"""Reads a response body to its proven end, up to a size limit."""

from __future__ import annotations

import zlib
from typing import Final

import httpx

ACTION_LIMIT: Final = 2 * 1024 * 1024
READ_LIMIT: Final = 50 * 1024 * 1024

_PIECE: Final = 256 * 1024


class BodyBroken(Exception):
    """The body is truncated, too large, or in an encoding we did not ask for."""


async def read_body(response: httpx.Response, limit: int) -> bytes:
    """Read and decompress a streamed body.

    Reads the raw stream instead of ``aiter_bytes``, which decompresses a whole network chunk at once: 64 kB
    of a gzip bomb become 64 MB before anyone can count them.

    Args:
        limit: Maximum number of bytes after decompression.

    Raises:
        BodyBroken: It ended early, exceeds the limit, or is compressed other than by gzip or deflate.
        httpx.HTTPError: The connection failed.
    """
    unpack = _unpacker(response.headers.get("content-encoding", ""))
    body = bytearray()
    raw_count = 0
    async for chunk in response.stream:  # type: ignore[union-attr]  # an AsyncClient gives async streams
        raw_count += len(chunk)
        if unpack is None:
            body += chunk
        else:
            _unpack_into(body, unpack, chunk, limit)
        if len(body) > limit:
            raise BodyBroken(f"more than {limit} bytes")
    if unpack is not None and raw_count and not unpack.eof:
        raise BodyBroken("cut off")
    announced = response.headers.get("content-length", "")
    if announced.isascii() and announced.isdecimal() and int(announced[:19]) != raw_count:
        raise BodyBroken("cut off")
    return bytes(body)


def _unpacker(encoding: str) -> zlib._Decompress | None:
    word = encoding.strip().lower()
    if word in ("", "identity"):
        return None
    if word in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # detects gzip or zlib
    raise BodyBroken("packed in an unknown way")


def _unpack_into(body: bytearray, unpack: zlib._Decompress, chunk: bytes, limit: int) -> None:
    rest = chunk
    try:
        while rest and not unpack.eof:
            body += unpack.decompress(rest, _PIECE)
            rest = unpack.unconsumed_tail
            if len(body) > limit:
                raise BodyBroken(f"more than {limit} bytes")
    except zlib.error:
        raise BodyBroken("packed wrongly") from None
