"""Fetches product pictures: those of the open return first, then those of what is due to arrive.

They are a convenience beside the work. So they have their own client and take nothing of Loop's request
budget, rest while the station is offline, and whatever fails leaves a line without its picture, nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from loopdesk.domain.checks import Check, Status, found
from loopdesk.domain.errors import PictureRefused, StoreError
from loopdesk.domain.pictures import (
    KEPT_FOR,
    NO_PICTURE,
    SETTLED_AFTER,
    KeptPicture,
    NoPicture,
    PictureLink,
    PictureState,
    ProductPicture,
    leaving,
    link_of,
)
from loopdesk.domain.returns.parcels import LabelState
from loopdesk.services.ports.pictures import PicturePorts
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import Arrivals, ReturnCache
from loopdesk.services.station.connection import Connection
from loopdesk.services.station.events import (
    ConnectionChanged,
    Feed,
    PictureChanged,
    ReturnChanged,
    StationChanged,
)
from loopdesk.services.station.tasks import Tasks, Wakeup

log = logging.getLogger("loopdesk.lookup")

WORKERS = 2
"""Pictures on their way at once: of those fetched ahead only one, and none beside another."""

ARRIVALS_REACH = timedelta(days=21)
"""Nothing is fetched ahead for a label that has not moved for longer than this."""

SOONEST = (
    frozenset({LabelState.OUT_FOR_DELIVERY}),
    frozenset({LabelState.DELIVERED, LabelState.AVAILABLE_FOR_PICKUP}),
    frozenset({LabelState.IN_TRANSIT}),
)
"""What arrives first, first."""

ARRIVALS_MOST = 1000
READ_MOST = 300
AHEAD_MOST = 100
"""Most parcels of one kind that are looked at, returns read, and pictures listed in one look ahead."""

REST_SECONDS, REST_MOST_SECONDS = 15.0, 900.0
"""So long a host that failed is left alone, doubled with each further failure."""

FULL_SECONDS = 600.0
"""So long nothing is fetched after the disk refused a picture."""

REFUSED_SECONDS = 86_400.0
REFUSED_MOST = 2000
"""So long, and for so many pictures, it is remembered that asking again would not help."""

_OF_THE_HOST = frozenset({NoPicture.PRIVATE_ADDRESS, NoPicture.REDIRECT})
"""What says something about the way to a host and not about one picture, besides what may pass."""

TRIES = 3
"""A picture that did not come so often is given up for as long."""

LINKS_MOST = 4000
"""Addresses of answers that are taken apart once."""


class ProductPictures:
    """The product pictures of this station.

    Attributes:
        fetched: How many were fetched in this run of the program.
    """

    def __init__(
        self,
        ports: PicturePorts,
        *,
        arrivals: Arrivals,
        cache: ReturnCache,
        connection: Connection,
        clock: Clock,
        tasks: Tasks,
        feed: Feed,
    ) -> None:
        self._ports = ports
        self._arrivals = arrivals
        self._cache = cache
        self._connection = connection
        self._clock = clock
        self._feed = feed
        self._hosts = _Hosts(clock)
        self._wakeup = Wakeup(clock, tasks, "pictures")
        self._sync = Wakeup(clock, tasks, "pictures ahead")
        self._loading = asyncio.Lock()
        self._is_loaded = asyncio.Event()
        self._decoding = asyncio.Lock()  # what is decoded takes up to 100 MB for a moment
        self._links: dict[str, PictureLink | None] = {}
        self._linked_hosts: Collection[str] = ()
        self._kept: dict[str, KeptPicture] = {}
        self._used = 0
        self._refused: dict[str, float] = {}
        self._tries: dict[str, int] = {}
        self._full_until = float("-inf")
        self._shown: tuple[PictureLink, ...] = ()
        self._ahead: deque[PictureLink] = deque()
        self._in_flight: dict[str, bool] = {}
        self._looked: set[str] = set()
        self.fetched = 0
        self._fetched_at: datetime | None = None
        self._trouble: tuple[str, str] | None = None
        feed.on(ConnectionChanged, self._on_connection)
        feed.on(ReturnChanged, self._on_return)
        feed.on(StationChanged, self._on_station)

    def check(self) -> Check:
        """Say for the doctor from where pictures come, when one came last, and what is in their way."""
        name, hosts = "product pictures", ", ".join(sorted(self._ports.hosts()))
        if not hosts:
            return Check(name, Status.OK, (found("pictures_off"),))
        if self._clock.monotonic() < self._full_until:
            return Check(name, Status.WARNING, (found("pictures_no_room"),))
        if self._trouble is not None:
            host, why = self._trouble
            return Check(name, Status.WARNING, (found("pictures_trouble", host=host, why=why),))
        if self._fetched_at is None:
            return Check(name, Status.OK, (found("pictures_from", hosts=hosts, n=len(self._kept)),))
        last = found("pictures_came", hosts=hosts, n=len(self._kept), at=self._fetched_at)
        return Check(name, Status.OK, (last,))

    # --- what the bench asks; never waits ---------------------------------------------------------------

    def of(self, url: str) -> ProductPicture:
        """Say how a line stands with its picture.

        Args:
            url: As it stands in Loop's answer.
        """
        link = self._link(url)
        if link is None:
            return NO_PICTURE
        if link.key in self._kept:
            return ProductPicture(link.key, PictureState.HERE)
        return ProductPicture(
            link.key, PictureState.REFUSED if self._is_refused(link.key) else PictureState.AWAITED
        )

    def show(self, urls: Sequence[str]) -> None:
        """Fetch these before all others: the lines of the return that is open now, in their order."""
        links = (self._link(url) for url in urls)
        self._shown = tuple({link.key: link for link in links if link is not None}.values())
        self._wakeup.wake()

    async def content(self, key: str) -> bytes:
        """Return a picture that is here, a JPEG; empty if it is gone, which is told to everyone."""
        content = await self._ports.kept.get(key)
        if not content and self._drop(key):
            self._feed.tell(PictureChanged(key))
            self._wakeup.wake()
        return content

    def _link(self, url: str) -> PictureLink | None:
        if not url:
            return None
        hosts = self._ports.hosts()
        if hosts != self._linked_hosts or len(self._links) >= LINKS_MOST:
            self._links.clear()
            self._linked_hosts = hosts
        if url not in self._links:
            self._links[url] = link_of(url, hosts)
        return self._links[url]

    # --- life -------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Fetch what is wanted, until canceled. ``WORKERS`` of these run at once."""
        async with self._loading:
            if not self._is_loaded.is_set():
                await self._load()
        while True:
            link = self._next()
            if link is None:
                await self._wakeup.wait(self._seconds_to_next())
            else:
                await self._fetch(link)

    async def _load(self) -> None:
        kept = await self._ports.kept.kept()
        self._kept, self._used = dict(kept), sum(one.size for one in kept.values())
        self._is_loaded.set()
        self._feed.tell(PictureChanged(""))

    async def run_ahead(self) -> None:
        """Look after each synchronization for what is due to arrive, until canceled."""
        await self._is_loaded.wait()
        while True:
            await self._look_ahead()
            await self._sync.wait(None)

    def wake(self) -> None:
        """Look ahead again: the index was updated."""
        self._sync.wake()

    async def remove_old(self) -> None:
        """Remove what was kept for long enough; everything once no host may be asked any more."""
        if not self._is_loaded.is_set():
            return
        oldest = (self._clock.now() - KEPT_FOR).timestamp()
        is_off = not self._ports.hosts()
        old = [key for key, one in self._kept.items() if is_off or one.at < oldest]
        await self._remove(old)
        log.info("pictures_purged removed=%s kept=%s bytes=%s", len(old), len(self._kept), self._used)

    # --- fetching ---------------------------------------------------------------------------------------

    def _next(self) -> PictureLink | None:
        """Choose what is fetched now."""
        if not self._connection.is_online or self._clock.monotonic() < self._full_until:
            return None
        for link in self._shown:
            if self._is_wanted(link) and self._hosts.may_ask(link.host):
                self._in_flight[link.key] = False
                return link
        if self._in_flight:
            return None
        while self._ahead:
            link = self._ahead.popleft()
            if self._is_wanted(link) and self._hosts.may_ask(link.host):
                self._in_flight[link.key] = True
                return link
        return None

    def _is_wanted(self, link: PictureLink) -> bool:
        return not (link.key in self._kept or link.key in self._in_flight or self._is_refused(link.key))

    def _is_refused(self, key: str) -> bool:
        until = self._refused.get(key)
        return until is not None and self._clock.monotonic() < until

    def _seconds_to_next(self) -> float | None:
        """Seconds until the open return's pictures may be asked for again; None if there is nothing to."""
        if not self._connection.is_online:
            return None
        waits = [self._hosts.seconds_left(link.host) for link in self._shown if self._is_wanted(link)]
        if not waits:
            return None
        return max(min(waits), self._full_until - self._clock.monotonic(), 0.0) or None

    async def _fetch(self, link: PictureLink) -> None:
        """Fetch one picture, make it small, and keep it; a failure is remembered and ends nothing."""
        try:
            content = await self._ports.source.fetch(link)
            self._hosts.answered(link.host)
            self._fetched_at = self._clock.now()
            if self._trouble is not None and self._trouble[0] == link.host:
                self._trouble = None
            async with self._decoding:
                small = await self._ports.shrink(content)
            await self._keep(link.key, small)
        except PictureRefused as refusal:
            self._refuse(link, refusal)
        except StoreError as failure:  # the disk is full, or is not to be filled by pictures
            log.warning("picture_not_kept key=%s code=%s", link.key, failure.code)
            self._full_until = self._clock.monotonic() + FULL_SECONDS
        except Exception:
            self._refuse(link, PictureRefused(NoPicture.FAULT))  # told once, not with every attempt
            raise
        finally:
            self._in_flight.pop(link.key, None)
            self._wakeup.wake()
            self._feed.tell(PictureChanged(link.key))

    def _refuse(self, link: PictureLink, refusal: PictureRefused) -> None:
        """Remember why a picture did not come."""
        log.info("picture_refused key=%s why=%s", link.key, refusal)
        if not refusal.is_final or refusal.detail in _OF_THE_HOST:
            self._trouble = link.host, refusal.detail
        tries = self._tries.pop(link.key, 0) + 1
        if refusal.is_final or tries >= TRIES:
            _bound(self._refused, REFUSED_MOST)
            self._refused[link.key] = self._clock.monotonic() + REFUSED_SECONDS
        else:
            _bound(self._tries, REFUSED_MOST)
            self._tries[link.key] = tries
        if refusal.is_final:
            self._hosts.answered(link.host)
        else:
            self._hosts.failed(link.host)

    async def _keep(self, key: str, small: bytes) -> None:
        is_ahead = self._in_flight.get(key, False) and all(link.key != key for link in self._shown)
        over = self._used + len(small) - self._ports.most_bytes()
        if over > 0:
            if is_ahead:
                self._ahead.clear()
                return
            await self._remove(leaving(self._kept.values(), over + self._spare))
        kept = await self._ports.kept.put(key, small)
        self._drop(key)
        self._kept[key] = kept
        self._used += kept.size
        self._tries.pop(key, None)
        self.fetched += 1

    # --- room -------------------------------------------------------------------------------------------

    @property
    def _spare(self) -> int:
        """A twentieth of all room: so much is made free at once, and kept free for what arrives."""
        return self._ports.most_bytes() // 20

    async def _remove(self, keys: Collection[str]) -> None:
        if not keys:
            return
        await self._ports.kept.remove(keys)
        for key in keys:
            self._drop(key)
        self._looked.clear()
        self._feed.tell(PictureChanged(""))

    def _drop(self, key: str) -> bool:
        gone = self._kept.pop(key, None)
        self._used -= gone.size if gone is not None else 0
        return gone is not None

    # --- ahead of arrival -------------------------------------------------------------------------------

    async def _look_ahead(self) -> None:
        """List the pictures of what is due to arrive, the soonest first."""
        if not self._ports.hosts():
            self._ahead.clear()
            return
        over = self._used + self._spare - self._ports.most_bytes()
        if over > 0:
            arrived = (self._clock.now() - SETTLED_AFTER).timestamp()
            await self._remove(leaving(self._kept.values(), over, before=arrived))
        wanted: dict[str, PictureLink] = {}
        due = await self._due()
        self._looked &= due.keys()
        for return_id in [x for x in due if x not in self._looked][:READ_MOST]:
            links = await self._links_of(return_id)
            if not links:
                self._looked.add(return_id)
            wanted.update({link.key: link for link in links})
            if len(wanted) >= AHEAD_MOST:
                break
        self._ahead = deque(wanted.values())
        self._wakeup.wake()

    async def _due(self) -> dict[str, None]:
        """Return the returns with parcels on their way, in the order in which they come."""
        since = self._clock.now() - ARRIVALS_REACH
        due: dict[str, None] = {}
        for labels in SOONEST:
            found = await self._arrivals.arrivals(since, labels=labels, unseen=True, most=ARRIVALS_MOST)
            due.update(dict.fromkeys(one.return_id for one in found))
        return due

    async def _links_of(self, return_id: str) -> list[PictureLink]:
        """Return what is still to be fetched of a return."""
        stored = await self._cache.get(return_id)
        lines = stored.ret.expected_lines if stored is not None else ()
        links = (self._link(line.image_url) for line in lines)
        return [link for link in links if link is not None and self._is_wanted(link)]

    # --- what happens around ----------------------------------------------------------------------------

    def _on_connection(self, _event: ConnectionChanged) -> None:
        if self._connection.is_online:
            self._hosts.forget()
            self._wakeup.wake()

    def _on_return(self, event: ReturnChanged) -> None:
        self._looked.discard(event.return_id)

    def _on_station(self, _event: StationChanged) -> None:
        if self._ports.hosts() != self._linked_hosts:
            self._looked.clear()
            self._sync.wake()


class _Hosts:
    """Which hosts are left alone for a while because they failed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._resting: dict[str, tuple[int, float]] = {}

    def may_ask(self, host: str) -> bool:
        """Whether a host may be asked now."""
        return self.seconds_left(host) <= 0

    def seconds_left(self, host: str) -> float:
        """Seconds until it may be asked."""
        _, until = self._resting.get(host, (0, 0.0))
        return max(0.0, until - self._clock.monotonic())

    def answered(self, host: str) -> None:
        """It answered, whatever it was."""
        self._resting.pop(host, None)

    def failed(self, host: str) -> None:
        """It did not answer, or not with what was asked for."""
        failures = self._resting.get(host, (0, 0.0))[0] + 1
        seconds = min(REST_SECONDS * 2 ** (failures - 1), REST_MOST_SECONDS)
        self._resting[host] = failures, self._clock.monotonic() + seconds

    def forget(self) -> None:
        """The network is another one, or is back."""
        self._resting.clear()


def _bound(memory: dict[str, float] | dict[str, int], most: int) -> None:
    """Forget the oldest entry of a memory that is full."""
    if len(memory) >= most:
        memory.pop(next(iter(memory)))
