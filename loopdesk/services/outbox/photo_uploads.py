"""Stores the photos of kept grades at the place for photos, in the background.

It has a queue, a client and a back-off of its own: nothing of it delays a call to Loop. That storing a photo
begins is committed before its first byte; after a restart the place is asked whether the photo is there,
before it is sent again. The content of a name never changes, so even storing it twice would store the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from loopdesk.domain.errors import PhotoNotStored, StoreBusy
from loopdesk.domain.outbox.retry import backoff
from loopdesk.services.ports.photos import PhotoPorts, PhotoQueue, WaitingPhoto
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.events import Feed, OutboxChanged, PhotoStored, StationChanged
from loopdesk.services.station.tasks import Tasks, Wakeup

log = logging.getLogger("loopdesk.outbox")

AT_ONCE = 2
"""Photos stored concurrently; more would only take the dock's line from what is sent to Loop."""

BUSY_PAUSE_SECONDS = 1.0


class PhotoUploads:
    """Works on the queue of photos, oldest first, each in turn.

    Args:
        random: Returns numbers in [0, 1) for the jitter.

    Attributes:
        trouble: Why the place took nothing the last time; None if it did.
    """

    def __init__(
        self,
        ports: PhotoPorts,
        *,
        queue: PhotoQueue,
        clock: Clock,
        tasks: Tasks,
        feed: Feed,
        random: Callable[[], float],
    ) -> None:
        self._ports = ports
        self._queue = queue
        self._clock = clock
        self._tasks = tasks
        self._feed = feed
        self._random = random
        self._wakeup = Wakeup(clock, tasks, "photos")
        self._failures = 0
        self._resumes_at = 0.0
        self._url = ""
        self.trouble: PhotoNotStored | None = None
        feed.on(OutboxChanged, self._on_changed)
        feed.on(StationChanged, self._on_station)

    async def run(self) -> None:
        """Store what waits, until canceled."""
        while True:
            try:
                wait = await self.work()
            except StoreBusy as failure:
                log.warning("store_busy %s", failure)
                wait = BUSY_PAUSE_SECONDS
            await self._wakeup.wait(wait)

    async def work(self) -> float | None:
        """Do everything that can be done now.

        Returns:
            After how many seconds there may be more to do; None for not before something changes.

        Raises:
            StoreError: The queue cannot be read or written.
        """
        public = self._ports.public()
        if public is None:
            return None
        if public.url != self._url:
            moved = await self._queue.move_to(public.url)
            self._url = public.url
            log.info("photos_moved count=%s", moved)
        while self._seconds_left == 0.0:
            due = await self._queue.waiting(AT_ONCE)
            if not due:
                self.trouble = None  # what it was about is not wanted any more
                break
            self._note(await asyncio.gather(*(self._store(photo) for photo in due)))
            self._feed.tell(PhotoStored())
        for return_id in await self._queue.repeat_owed(self._clock.now()):
            log.info("links_settled return=%s", return_id)
            self._feed.tell(OutboxChanged(return_id))
        return self._seconds_left or None

    async def store_waiting(self, within_seconds: float) -> bool:
        """Store what waits, trying again after a failure for at most so long.

        Returns:
            Whether nothing is left that may be stored.

        Raises:
            StoreError: As ``work``.
        """
        end = self._clock.monotonic() + within_seconds
        while (wait := await self.work()) is not None:
            if self._clock.monotonic() + wait > end:
                return False
            await self._clock.sleep(wait)
        return True

    @property
    def _seconds_left(self) -> float:
        return max(0.0, self._resumes_at - self._clock.monotonic())

    def _note(self, results: list[PhotoNotStored | None]) -> None:
        """Learn from a round; if anything failed the whole queue backs off, since it is one place."""
        failures = [x for x in results if x is not None]
        self.trouble = failures[0] if failures else None
        if not failures:
            self._failures = 0
            return
        wait = max(0.05, backoff(self._failures, self._random))
        self._failures += 1
        self._resumes_at = self._clock.monotonic() + wait
        log.warning("photos_failed why=%s wait=%.1f", failures[0].why, wait)

    async def _store(self, photo: WaitingPhoto) -> PhotoNotStored | None:
        """Store one photo; return why that failed, if it did."""
        try:
            content = await self._ports.read(photo.photo)
            if content is None:
                log.warning("photo_lost photo=%s", photo.photo)
                await self._queue.lost(photo, self._clock.now())
                return None
            if not (photo.tries and await self._ports.place.has(photo.name, len(content))):
                await self._queue.begin(photo)
                await self._ports.place.store(photo.name, content)
        except PhotoNotStored as failure:
            return failure
        except OSError as failure:
            return PhotoNotStored(why="unreadable", error=failure.strerror or type(failure).__name__)
        await self._queue.stored(photo, self._clock.now())
        log.info("photo_stored photo=%s bytes=%s", photo.photo, len(content))
        return None

    def _on_changed(self, _: OutboxChanged) -> None:
        if self._ports.public() is not None:
            self._wakeup.wake()

    def _on_station(self, _: StationChanged) -> None:
        self._resumes_at = 0.0
        self._wakeup.wake()
