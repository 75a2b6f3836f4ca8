"""What is on its way to the dock: the advance notice, Happy Returns' boxes, details read ahead."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta, tzinfo

from loopdesk.domain.checks import found
from loopdesk.domain.errors import ApiError, NotFound, Refused, ScopeMissing, Throttled, Unreachable
from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.domain.returns.parcels import UNDER_WAY
from loopdesk.domain.sync import believed, is_night_over, slices
from loopdesk.services.ports.loop import Fetched, HappyItem, Priority, ReadingGateway
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import IndexedReturns, Notices
from loopdesk.services.station.connection import LoopTime
from loopdesk.services.station.tasks import Tasks, Wakeup

log = logging.getLogger("loopdesk.lookup")

NOTICE_REACH = timedelta(days=30)
NOTICE_STEP = timedelta(days=7)
"""The notice has no pages: 30 days are requested in slices small enough not to freeze the window."""

ROWS_AT_ONCE = 200
"""Rows of the notice that are stored in one transaction, so that a scan never waits long."""

BOXES_REACH = timedelta(days=30)
BOXES_EVERY = timedelta(hours=1)
BOXES_REMEMBERED = 1000
"""Number of latest boxes whose contents are not requested again."""

STILL = timedelta(days=60)
"""A label that has not moved for this long announces no parcel any more."""

NOTICED, BOXED, BOXES = "noticed_at", "boxed_at", "boxes"
"""The store's watermarks: the last notice, the last look for boxes, and the boxes with known contents."""


class AdvanceNotice:
    """Reads the advance notice each night, and Happy Returns' boxes each hour if the key permits.

    Attributes:
        state: Whether Happy Returns' boxes can be read with this key.
        is_on: Whether they can; None if that is not known yet.
    """

    def __init__(
        self,
        *,
        cache: IndexedReturns,
        arrivals: Notices,
        gateway: ReadingGateway,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._cache = cache
        self._arrivals = arrivals
        self._gateway = gateway
        self._zone = zone
        self._time = LoopTime(gateway, clock)
        self.state = found("boxes_unasked")
        self.is_on: bool | None = None

    async def read(self) -> bool:
        """Read what is due. Returns whether anything was.

        Raises:
            ApiError: Loop could not be asked; what was read so far is kept.
        """
        read_notice = await self._read_notice()
        return await self._read_boxes() or read_notice

    async def read_boxes(self) -> None:
        """Read the boxes that are new now, whenever that was done before: Loop said that there are some.

        Raises:
            ApiError: Loop could not be asked, or the key does not permit it.
        """
        await self._read_new_boxes(await self._time.now())

    # --- the advance notice -----------------------------------------------------------------------

    async def _read_notice(self) -> bool:
        now = await self._time.now()
        if not is_night_over(believed(await self._marked(NOTICED), now), now, self._zone):
            return False
        read = joined = 0
        for start, end in slices(now - NOTICE_REACH, now, NOTICE_STEP):
            rows = await self._gateway.asn(start, end)
            for first in range(0, len(rows), ROWS_AT_ONCE):
                joined += await self._arrivals.announce(rows[first : first + ROWS_AT_ONCE])
            read += len(rows)
        await self._arrivals.forget(now - STILL)
        await self._cache.mark(NOTICED, now.isoformat())
        log.info("noticed rows=%s joined=%s", read, joined)
        return True

    # --- Happy Returns ----------------------------------------------------------------------------

    async def _read_boxes(self) -> bool:
        now = await self._time.now()
        last = believed(await self._marked(BOXED), now)
        if last is not None and now - last < BOXES_EVERY:
            return False
        try:
            known = await self._read_new_boxes(now)
        except ScopeMissing:
            self.is_on = False
            self.state = found("boxes_forbidden")
            return False
        except (Unreachable, Throttled):
            raise  # the whole sync waits, and retries soon
        except ApiError as failure:  # an optional request that fails is not repeated every minute
            self.state = found("boxes_unknown", failure=failure)
            await self._cache.mark(BOXED, now.isoformat())
            return False
        self.is_on = True
        self.state = found("boxes_known", n=known)
        await self._cache.mark(BOXED, now.isoformat())
        return True

    async def _read_new_boxes(self, now: datetime) -> int:
        """Read the contents of new boxes. Returns how many boxes are known."""
        known: list[str] = json.loads(await self._cache.marked(BOXES) or "[]")
        for box in await self._gateway.happy_shipments(now - BOXES_REACH, now):
            if box.loop_shipment_id in known:
                continue
            items = await self._gateway.happy_items(box.loop_shipment_id)
            await self._cache.add_codes(codes_of(items))
            if len(items) >= box.line_item_count:  # otherwise some are still to come
                known.append(box.loop_shipment_id)
                await self._cache.mark(BOXES, json.dumps(known[-BOXES_REMEMBERED:]))
        return len(known)

    async def _marked(self, name: str) -> datetime | None:
        text = await self._cache.marked(name)
        return datetime.fromisoformat(text) if text else None


def codes_of(items: Sequence[HappyItem]) -> list[tuple[str, str, str]]:
    """List every code by which units of a box are scanned: (code, candidate kind, return id)."""
    codes: dict[tuple[str, str, str], None] = {}
    for item in items:
        if not item.return_id:
            continue
        found = [(bag, CandidateKind.PACKAGE) for bag in item.bag_barcodes]
        found += [
            (item.box_barcode, CandidateKind.BOX),
            (item.tracking_number, CandidateKind.CONSOLIDATION),
            (item.rma_id, CandidateKind.RMA),
        ]
        codes.update({(code, kind.value, item.return_id): None for code, kind in found if code})
    return list(codes)


# --- details, before the parcel is here -------------------------------------------------------------

DETAILS_REACH = timedelta(days=21)
"""Details are not prefetched for a label that has not moved for longer than this."""

AT_ONCE = 20
"""Returns selected at once; what goes out for delivery in the meantime comes first in the next batch."""

REMEMBERED = 2000


class DetailPrefetch:
    """Uses the spare budget, one return after another, soonest to arrive first.

    Args:
        keep: Stores an answer and tells everyone who waits for it.
        is_told: Whether somebody reads ahead for us, and tells it.

    Attributes:
        read: How many details were read in this run of the program.
    """

    def __init__(
        self,
        *,
        arrivals: Notices,
        gateway: ReadingGateway,
        clock: Clock,
        tasks: Tasks,
        keep: Callable[[Sequence[Fetched]], Awaitable[None]],
        is_told: Callable[[], bool] = lambda: False,
    ) -> None:
        self._is_told = is_told
        self._arrivals = arrivals
        self._gateway = gateway
        self._clock = clock
        self._keep = keep
        self._wakeup = Wakeup(clock, tasks, "ahead")
        self._tried: dict[str, str] = {}
        self.read = 0

    def wake(self) -> None:
        """Look again: the index was updated."""
        self._wakeup.wake()

    async def run(self) -> None:
        """Prefetch after each synchronization, until canceled."""
        while True:
            await self._wakeup.wait(None)
            if self._is_told():
                continue
            try:
                await self.read_all()
            except ApiError as failure:  # the next synchronization shows when Loop is back
                log.info("ahead_stopped code=%s", failure.code)

    async def read_all(self) -> None:
        """Read everything that is due to arrive and whose details are unknown.

        Raises:
            ApiError: Loop could not be asked; what was read so far is kept.
        """
        while wanted := await self._wanted():
            for return_id, age in wanted:
                await self._read(return_id, age)

    async def _wanted(self) -> list[tuple[str, str]]:
        since, most = self._clock.now() - DETAILS_REACH, AT_ONCE + len(self._tried)
        found = await self._arrivals.to_fetch(since, UNDER_WAY, most)
        return [(x, age) for x, age in found if self._tried.get(x) != age][:AT_ONCE]

    async def _read(self, return_id: str, age: str) -> None:
        """Read one; a return that Loop does not show is not requested again until it changes."""
        try:
            fetched = await self._gateway.details(return_id, priority=Priority.BACKGROUND)
        except (NotFound, Refused) as failure:
            log.info("ahead_not_shown return=%s code=%s", return_id, failure.code)
        else:
            await self._keep((fetched,))
            self.read += 1
        if len(self._tried) >= REMEMBERED:
            self._tried.clear()
        self._tried[return_id] = age
