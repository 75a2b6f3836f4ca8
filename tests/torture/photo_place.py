"""The place for photos that the stations of a shop share, the wire that leads there, and a station's photos.

Everything above the socket is the product's own. The place is the simulator's bucket; it checks signatures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlsplit

import httpx

from loopdesk.api.photo_storage import PhotoStorage, StorageKind, StoragePlace
from loopdesk.domain.outbox.photo_links import PhotoAddress, link_at, name_of
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.photos import sent_photos
from loopdesk.services.ports.photos import PhotoPorts
from loopdesk.simulator.http.bucket import Bucket, BucketRequest
from tests.torture.clock import StationClock, WorldClock
from tests.torture.failpoints import Points

URL = "https://photos.example/dock"
KEY_ID, SECRET = "AKIATORTURE", "photo-secret"
WAIT_SECONDS = 120.0
"""How long a grade waits for its photos."""


@dataclass(slots=True)
class Album:
    """The photos of one station, as the people at it know them.

    Attributes:
        files: The content of each photo, by its name here.
        offered: Photos that were in a draft when somebody pressed confirm.
        named: The photos of each grade that the screen called kept, by entry id.
        restores: How often an older copy of the store was put back.
    """

    station: str
    files: dict[str, bytes] = field(default_factory=dict)
    offered: set[str] = field(default_factory=set)
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    restores: int = 0
    _number: count[int] = field(default_factory=count)

    def take(self) -> str:
        """Take a photo like no other; returns its name."""
        content = f"{self.station} photo {next(self._number)}".encode()
        name = f"{hashlib.sha256(content).hexdigest()[:32]}.jpg"
        self.files[name] = content
        return name

    @property
    def secret(self) -> str:
        """What the names at the place are made with."""
        return f"secret of {self.station}"

    def link(self, photo: str) -> str:
        """Where anyone can open a photo, once it is there."""
        return link_at(URL, name_of(photo, self.secret))

    def offer(self, draft: Draft) -> Mapping[str, tuple[str, ...]]:
        """Note that a draft is about to be settled; returns the photos that go to Loop, by line."""
        named = {x.line_item_id: sent_photos(x) for x in draft.inspections if x.photos}
        self.offered.update(photo for photos in named.values() for photo in photos)
        return named


@dataclass(slots=True)
class SharedPlace:
    """The bucket, and the line to it.

    Attributes:
        is_away: Nobody reaches it.
    """

    bucket: Bucket
    is_away: bool = False

    @classmethod
    def at(cls, clock: WorldClock) -> SharedPlace:
        """Make an empty one that goes by true time."""
        return cls(Bucket(KEY_ID, SECRET, now=clock.now))

    def mend(self) -> None:
        """Let it be reached, and answer as it should."""
        self.is_away = False
        self.bucket.faults.clear()

    def stored(self, link: str) -> bytes | None:
        """What can be opened under a link; None for nothing."""
        return self.bucket.objects.get(urlsplit(link).path)

    def times_stored(self, link: str) -> int:
        """How often something was stored under a link."""
        return self.bucket.puts[urlsplit(link).path]

    def links(self) -> set[str]:
        """Everything that can be opened."""
        return {link_at(URL, path.rpartition("/")[2]) for path in self.bucket.objects}

    def ports(self, album: Album, clock: StationClock, points: Points) -> PhotoPorts:
        """What a station depends on, until it is killed."""

        async def secret() -> str:
            return f"{KEY_ID}:{SECRET}"

        async def read(photo: str) -> bytes | None:
            return album.files.get(photo)

        def wire(*, keep_alive: bool, proxy: str, certificate: bytes = b"") -> httpx.AsyncBaseTransport:
            del keep_alive, proxy, certificate
            return PhotoWire(self, points)

        return PhotoPorts(
            public=lambda: PhotoAddress(URL, album.secret),
            place=PhotoStorage(
                place=lambda: StoragePlace(StorageKind.S3, URL), secret=secret, clock=clock, make_wire=wire
            ),
            read=read,
            wait_seconds=lambda: WAIT_SECONDS,
        )


class PhotoWire(httpx.AsyncBaseTransport):
    """A station's socket to the place."""

    def __init__(self, place: SharedPlace, points: Points) -> None:
        self._place = place
        self._points = points

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request there and its answer back."""
        self._points.pass_by("net connect")
        if self._place.is_away:
            raise httpx.ConnectError("no route")
        self._points.pass_by("net photo leaves")
        path, _, query = request.url.raw_path.decode().partition("?")
        headers = {name.decode().lower(): value.decode() for name, value in request.headers.raw}
        asked = BucketRequest(request.method, path, query, headers, await request.aread())
        answer = await self._place.bucket.answer(asked)
        self._points.pass_by("net photo stored" if request.method == "PUT" else "net photo asked")
        if answer is None:
            raise httpx.ReadError("cut")
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        pairs = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        return httpx.Response(int(first.split()[1]), headers=pairs, stream=httpx.ByteStream(body))
