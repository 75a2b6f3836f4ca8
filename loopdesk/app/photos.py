"""The photo place of a station: by its settings and its secrets, wired to the files of its photos."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from loopdesk.app.startup_tuning import LazyPart
from loopdesk.domain.checks import Check, Status, found
from loopdesk.domain.errors import PhotoNotStored
from loopdesk.domain.outbox.photo_links import PhotoAddress
from loopdesk.services.ports.photos import PhotoPlace, PhotoPorts
from loopdesk.system.host.paths import read_photo

if TYPE_CHECKING:
    from loopdesk.api.photo_storage import PhotoStorage
    from loopdesk.app.runtime import Runtime


class StationPhotos:
    """Where the photos of kept grades go, now; the client is loaded when the first one goes.

    Args:
        runtime: The opened profile.
        practice: Then they go nowhere.
    """

    def __init__(self, runtime: Runtime, *, practice: bool) -> None:
        self._runtime = runtime
        self._practice = practice
        self._storage: PhotoStorage | None = None

    def public(self) -> PhotoAddress | None:
        """Where photos can be opened by anyone, now; None without a place for them, and in practice."""
        evidence = self._runtime.settings.evidence
        if self._practice or evidence.kind == "none" or not evidence.url:
            return None
        secret = self._runtime.station_secret.value()
        return PhotoAddress(evidence.public_url or evidence.url, secret) if secret else None

    def ports(self) -> PhotoPorts:
        """What the services need of it."""
        return PhotoPorts(
            public=self.public,
            place=cast("PhotoPlace", LazyPart(self._make_storage)),
            read=self._read,
            wait_seconds=lambda: self._runtime.settings.evidence.wait_seconds,
        )

    async def check(self, newest: str) -> Check:
        """Check whether what is stored can be opened by anyone.

        Args:
            newest: The link of the photo that was stored last, "" if none was.
        """
        from loopdesk.api.photo_storage import open_publicly

        name, settings = "photo place", self._runtime.settings
        if self.public() is None:
            return Check(name, Status.OK, (found("photos_stay"),))
        if not newest:
            return Check(name, Status.OK, (found("no_photo_stored"),))
        try:
            await open_publicly(newest, proxy=settings.api.proxy)
        except PhotoNotStored as failure:
            return Check(name, Status.FAILED, (found("photo_not_public"),), failure)
        return Check(name, Status.OK, (found("photo_public"),))

    async def aclose(self) -> None:
        """Close the client if it was ever used."""
        if self._storage is not None:
            await self._storage.aclose()

    async def _read(self, name: str) -> bytes | None:
        return await asyncio.to_thread(read_photo, self._runtime.profile.photo(name))

    def _make_storage(self) -> PhotoPlace:
        from loopdesk.api.photo_storage import PhotoStorage, StorageKind, StoragePlace

        def place() -> StoragePlace:
            settings = self._runtime.settings
            evidence = settings.evidence
            return StoragePlace(StorageKind(evidence.kind), evidence.url, evidence.region, settings.api.proxy)

        secret, clock = self._runtime.evidence_secret.key, self._runtime.clock
        self._storage = PhotoStorage(place=place, secret=secret, clock=clock)
        return self._storage
