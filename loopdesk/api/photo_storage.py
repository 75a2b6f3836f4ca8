"""Stores photos at the place for photos: a bucket that speaks S3, or an address for HTTP PUT (WebDAV).

It has a client of its own: nothing of Loop's key, headers, connections or budget is ever used here, and the
place's secret goes nowhere else. A request is never retried here; the queue of photos does that.
"""

from __future__ import annotations

import asyncio
import logging
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

import httpx

from loopdesk import __version__
from loopdesk.api.connections import (
    WireFactory,
    is_certificate_date,
    quiet_libraries,
    read_body,
    real_wire,
)
from loopdesk.api.sigv4 import SigningKey, signed_url
from loopdesk.domain.errors import AnswerLost, PhotoNotStored, SecretsUnavailable
from loopdesk.domain.outbox.photo_links import link_at
from loopdesk.services.ports.station import Clock

DEADLINE_SECONDS: Final = 60.0
TIMEOUTS: Final = httpx.Timeout(connect=5.0, write=20.0, read=20.0, pool=10.0)
SKEW_SECONDS: Final = 60.0
"""From this difference on, a refusal is taken for one of the clock, and the place's own time is used."""

_TOO_BUSY: Final = (408, 429)

OPENED_LIMIT: Final = 20_000_000
_JPEG: Final = b"\xff\xd8\xff"

log = logging.getLogger("loopdesk.photos")


class StorageKind(StrEnum):
    """How the place is spoken to."""

    NONE = "none"
    S3 = "s3"
    PUT = "put"


@dataclass(frozen=True, slots=True)
class StoragePlace:
    """The place for photos, by the settings.

    Attributes:
        url: Where photos are stored: the address of the bucket or folder, without a slash at the end.
        region: Of the bucket.
        proxy: As for Loop.
    """

    kind: StorageKind
    url: str
    region: str = "us-east-1"
    proxy: str = ""


class PhotoStorage:
    """Stores photos and asks for them.

    Args:
        place: Returns the place, now.
        secret: Returns ``id:secret`` of a bucket's access key; of an address for PUT ``user:password`` or a
            bearer token; None if there is none. Raises ``SecretsUnavailable``.
    """

    def __init__(
        self,
        *,
        place: Callable[[], StoragePlace],
        secret: Callable[[], Awaitable[str | None]],
        clock: Clock,
        make_wire: WireFactory = real_wire,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._place = place
        self._secret = secret
        self._clock = clock
        self._make_wire = make_wire
        self._deadline_seconds = deadline_seconds
        self._skew = timedelta(0)
        self._client: httpx.AsyncClient | None = None
        self._made_for: StoragePlace | None = None

    async def store(self, name: str, content: bytes) -> None:
        """Store a photo under a name.

        Raises:
            PhotoNotStored: It is not known to be there.
        """
        answer, skew = await self._request("PUT", name, content)
        if not answer.is_success:
            raise self._failure(answer, skew)

    async def has(self, name: str, size: int) -> bool:
        """Ask whether a photo of that size is there. False also if the place does not say.

        Raises:
            PhotoNotStored: The place did not answer, is too busy to, or refused the question for its time.
        """
        answer, skew = await self._request("HEAD", name)
        failure = self._failure(answer, skew)
        if answer.is_server_error or answer.status_code in _TOO_BUSY or failure.why == "clock":
            raise failure
        return answer.status_code == httpx.codes.OK and answer.headers.get("content-length") == str(size)

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _request(
        self, method: str, name: str, content: bytes | None = None
    ) -> tuple[httpx.Response, timedelta]:
        """Send one request and read its answer's head; what the place says beyond that is not needed.

        Returns:
            The answer, and how far the request's time was from this machine's.
        """
        place = self._place()
        try:
            secret = await self._secret()
        except SecretsUnavailable:
            raise PhotoNotStored(why="no_secret") from None
        skew = self._skew
        url, headers = self._addressed(place, method, link_at(place.url, name), secret)
        if content is not None:
            headers |= {"Content-Type": "image/jpeg"}
        client = await self._client_for(place)
        try:
            async with asyncio.timeout(self._deadline_seconds):
                async with client.stream(method, url, content=content, headers=headers) as answer:
                    return answer, skew
        except TimeoutError:
            await self.aclose()  # a canceled request leaks its slot of the pool
            raise PhotoNotStored(why="silent") from None
        except httpx.HTTPError as failure:
            raise unreached(failure) from None
        finally:
            client.cookies.clear()

    def _addressed(
        self, place: StoragePlace, method: str, url: str, secret: str | None
    ) -> tuple[str, dict[str, str]]:
        """Return where a request goes, and the headers that allow it."""
        if place.kind is StorageKind.S3:
            key_id, colon, word = (secret or "").partition(":")
            if not (key_id and colon and word):
                raise PhotoNotStored(why="no_secret")
            key = SigningKey(key_id, word, place.region)
            return signed_url(method, url, key, self._clock.now() + self._skew), {}
        if not secret:
            return url, {}
        is_pair = ":" in secret
        given = b64encode(secret.encode()).decode() if is_pair else secret
        return url, {"Authorization": " ".join(("Basic" if is_pair else "Bearer", given))}

    async def _client_for(self, place: StoragePlace) -> httpx.AsyncClient:
        if self._client is not None and self._made_for != place:
            await self.aclose()
        if self._client is None:
            quiet_libraries()
            self._made_for = place
            self._client = a_client(self._make_wire, place.proxy)
        return self._client

    def _failure(self, answer: httpx.Response, skew: timedelta) -> PhotoNotStored:
        """Say why the place did not do it; learn its time if that may be why."""
        status = answer.status_code
        if status in (400, 401, 403) and self._learn_time(answer.headers.get("date", ""), skew):
            return PhotoNotStored(why="clock")
        return refusal(status)

    def _learn_time(self, date: str, used: timedelta) -> bool:
        """Take over the place's time if it differs from the one that a request was made with.

        A request that was under way at the same time may have learned it already.
        """
        try:
            theirs = parsedate_to_datetime(date).astimezone(UTC)
        except (ValueError, TypeError):
            return False
        skew = theirs - self._clock.now()
        if abs((skew - used).total_seconds()) < SKEW_SECONDS:
            return False
        self._skew = skew
        log.warning("photo_place_clock seconds=%.0f", skew.total_seconds())
        return True


def a_client(make_wire: WireFactory, proxy: str) -> httpx.AsyncClient:
    """Make a client that knows nothing of Loop."""
    return httpx.AsyncClient(
        transport=make_wire(keep_alive=True, proxy=proxy),
        timeout=TIMEOUTS,
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": f"loopdesk/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"},
    )


def refusal(status: int) -> PhotoNotStored:
    """Say why a place did not do what was asked, by the status of its answer."""
    match status:
        case 401 | 403:
            return PhotoNotStored(why="refused", status=status)
        case 404 | 405 | 409:
            return PhotoNotStored(why="no_place", status=status)
        case 413:
            return PhotoNotStored(why="too_large", status=status)
        case 507:
            return PhotoNotStored(why="full", status=status)
        case 301 | 302 | 303 | 307 | 308:
            return PhotoNotStored(why="moved", status=status)
        case _:
            return PhotoNotStored(why="status", status=status)


def unreached(failure: Exception) -> PhotoNotStored:
    """Say how reaching a place failed, without its address."""
    if isinstance(failure, httpx.TimeoutException):
        return PhotoNotStored(why="silent")
    if is_certificate_date(failure):
        return PhotoNotStored(why="certificate")
    return PhotoNotStored(why="unreachable", error=type(failure).__name__)


async def open_publicly(link: str, *, proxy: str = "", make_wire: WireFactory = real_wire) -> None:
    """Open a link as anyone would, without any credentials.

    Raises:
        PhotoNotStored: It cannot be opened, or what is there is no photo.
    """
    quiet_libraries()
    async with a_client(make_wire, proxy) as client:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS), client.stream("GET", link) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise refusal(answer.status_code)
                content = await read_body(answer, OPENED_LIMIT)
        except TimeoutError:
            raise PhotoNotStored(why="silent") from None
        except (httpx.HTTPError, AnswerLost) as failure:
            raise unreached(failure) from None
    if not content.startswith(_JPEG):
        raise PhotoNotStored(why="no_photo")
