"""Reads the signed manifest of versions: two small files published by IT, fetched without Loop's key.

``manifest.json`` holds ``{"version": "1.2.3", "number": 7, "expires": "…", "notes": "…"}`` and may hold more;
``manifest.json.sig`` holds the Ed25519 signature of its bytes in base64. ``loopdesk manifest`` writes both.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx

from loopdesk.api.connections import TIMEOUTS, WireFactory, read_body, real_wire
from loopdesk.domain.errors import AnswerLost, ManifestUnusable
from loopdesk.domain.release import MOST_NOTES, Version, Wanted

LIMIT: Final = 64 * 1024
DEADLINE_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the manifest is, and who signs it.

    Attributes:
        url: Of the manifest; "" for none. The signature is at the same URL plus ``.sig``.
        public_key: Ed25519, in base64.
        proxy: As for Loop.
    """

    url: str
    public_key: str
    proxy: str = ""


class SignedManifest:
    """The manifest at one place.

    Args:
        place: Returns the current place.
    """

    def __init__(self, place: Callable[[], Place], make_wire: WireFactory = real_wire) -> None:
        self._place = place
        self._make_wire = make_wire

    async def wanted(self) -> Wanted | None:
        """Fetch, verify and parse the manifest.

        Raises:
            ManifestUnusable: One of these failed; ``why`` says which.
        """
        place = self._place()
        if not place.url:
            return None
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                text, signature = await self._read(place)
        except (httpx.HTTPError, AnswerLost, TimeoutError) as failure:
            raise ManifestUnusable(why="unreadable", error=type(failure).__name__) from None
        verify(text, signature, place.public_key)
        return understood(text)

    async def _read(self, place: Place) -> tuple[bytes, bytes]:
        wire = self._make_wire(keep_alive=False, proxy=place.proxy)
        async with httpx.AsyncClient(transport=wire, timeout=TIMEOUTS, follow_redirects=False) as client:
            return await _get(client, place.url), await _get(client, f"{place.url}.sig")


async def _get(client: httpx.AsyncClient, url: str) -> bytes:
    async with client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response:
        if response.status_code != httpx.codes.OK:
            raise ManifestUnusable(why="status", status=response.status_code)
        return await read_body(response, LIMIT)


def verify(text: bytes, signature: bytes, public_key: str) -> None:
    """Verify that the holder of the key signed these bytes.

    Raises:
        ManifestUnusable: The signature is invalid.
    """
    # Imported late: needed minutes after startup, and only if a manifest is configured.
    from nacl.exceptions import BadSignatureError  # noqa: PLC0415
    from nacl.signing import VerifyKey  # noqa: PLC0415

    try:
        key = VerifyKey(base64.b64decode(public_key, validate=True))
        key.verify(text, base64.b64decode(signature.strip(), validate=True))
    except (BadSignatureError, binascii.Error, ValueError, TypeError):
        raise ManifestUnusable(why="signature") from None


def understood(text: bytes) -> Wanted:
    """Parse a verified manifest.

    Raises:
        ManifestUnusable: It does not have the expected form.
    """
    try:
        told: Any = json.loads(text.decode())
        notes = told.get("notes", "")
        version = Version.of(told["version"])
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise ManifestUnusable(why="version") from None
    try:
        number, expires_at = told["number"], datetime.fromisoformat(told["expires"])
        if type(number) is not int or number < 1 or expires_at.tzinfo is None:
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise ManifestUnusable(why="number") from None
    return Wanted(version, notes[:MOST_NOTES] if isinstance(notes, str) else "", number, expires_at)
