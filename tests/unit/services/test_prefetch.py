"""Reading Loop's list: one read for all callers, resumed where it was interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from loopdesk.domain.checks import Diagnosis
from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    ClockWrong,
    NotFound,
    Refused,
    ScopeMissing,
    Unreachable,
)
from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.domain.returns.grading import Grade
from loopdesk.domain.returns.returns import Return, ReturnState
from loopdesk.services.ports.loop import (
    AsnRow,
    Fetched,
    HappyItem,
    HappyShipment,
    ListPage,
    Priority,
    ReadingGateway,
)
from loopdesk.services.station.events import Feed, SyncProgress
from loopdesk.services.sync.arriving import AdvanceNotice
from loopdesk.services.sync.listing import PASSES, ListReader
from loopdesk.services.sync.prefetch import AHEAD, WATERMARK, Prefetch
from tests.bench_rig import BenchRig
from tests.builders import AT, a_fetched, a_return, candidates
from tests.fakes.clock import HandClock
from tests.fakes.faults import unexpected
from tests.fakes.memory_returns import MemoryReturns
from tests.fakes.memory_store import MemoryStore


class SlowList:
    """A list that is empty, and answers only when released.

    Attributes:
        asked: How many pages were asked for.
        failure: What the next pages end in; None for a good answer.
    """

    def __init__(self) -> None:
        self.asked = 0
        self.failure: Unreachable | None = None
        self.may_answer = asyncio.Event()

    async def list_page(self, **_: Any) -> ListPage:
        """Answer with an empty page."""
        self.asked += 1
        await self.may_answer.wait()
        if self.failure is not None:
            raise self.failure
        return ListPage((), "")


class Rig:
    """A prefetch with its dependencies.

    Attributes:
        told: What was told of the progress.
    """

    def __init__(self, gateway: Any = None, cache: MemoryReturns | None = None) -> None:
        self.store = MemoryStore()
        self.cache = cache or self.store.returns
        self.list = SlowList()
        self.synced = 0
        self.clock = HandClock()
        feed = Feed(unexpected)
        self.told: list[SyncProgress] = []
        feed.on(SyncProgress, self.told.append)
        loop = cast("ReadingGateway", gateway or self.list)
        self.announced = AdvanceNotice(
            cache=self.cache, arrivals=self.store.arrivals, gateway=loop, clock=self.clock, zone=UTC
        )
        reader = ListReader(
            cache=self.cache, gateway=loop, clock=self.clock, feed=feed, observe=self._observe
        )
        self.prefetch = Prefetch(
            cache=self.cache,
            reader=reader,
            announced=self.announced,
            clock=self.clock,
            feed=feed,
            after_sync=self._after,
            zone=UTC,
        )
        self.observed = 0

    async def _observe(self, _fetched: Fetched) -> None:
        self.observed += 1

    async def _after(self) -> None:
        self.synced += 1

    async def many(self, count: int) -> list[asyncio.Task[None]]:
        """Start this many concurrent syncs."""
        waiting = [asyncio.ensure_future(self.prefetch.catch_up()) for _ in range(count)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return waiting


class Shop:
    """Loop's list: open returns made one an hour, asked for in pages; remembers every question.

    Attributes:
        asked: State and cursor of each question.
        dies_at: The number of the question at which the line breaks, None for never.
        refuses: Cursors that Loop has forgotten.
        refusal: How it says so.
        broken: Ids of rows that cannot be read, in each page; "" for one without a readable id.
    """

    def __init__(self, returns: int, page: int = 10) -> None:
        self.returns = [
            a_return(str(70_000_000 + n), created_at=AT - timedelta(hours=n), parcels=())
            for n in range(returns)
        ]
        self.page = page
        self.asked: list[tuple[str, str]] = []
        self.windows: list[tuple[datetime, datetime, str, int]] = []
        self.dies_at: int | None = None
        self.refuses: set[str] = set()
        self.refusal: ApiError = Refused("The cursor is invalid.", http_status=422)
        self.broken: tuple[str, ...] = ()
        self.readable_alone: dict[str, Return] = {}
        self.asked_alone: list[str] = []
        self.notices: list[tuple[datetime, datetime]] = []
        self.rows: tuple[AsnRow, ...] = ()
        self.boxes: tuple[HappyShipment, ...] = ()
        self.items: dict[str, tuple[HappyItem, ...]] = {}
        self.opened: list[str] = []
        self.may_see_boxes = True
        self.boxes_fail: Refused | None = None
        self.boxes_asked = 0
        self.probes = 0
        self.teaches: Callable[[], None] | None = None

    async def list_page(
        self,
        *,
        start: datetime,
        end: datetime,
        filter_by: str,
        state: ReturnState | None,
        cursor: str,
        page_size: int,
        priority: int,
    ) -> ListPage:
        """Answer with the next page of open returns; nothing is in review or cancelled."""
        if self.dies_at is not None and len(self.asked) >= self.dies_at:
            raise Unreachable("no route")
        self.asked.append((state.value if state else "default", cursor))
        self.windows.append((start, end, filter_by, priority))
        if cursor in self.refuses:
            raise self.refusal
        if state is not None or filter_by == "updated_at":
            return ListPage((), "")
        first = int(cursor or 0)
        here = [x for x in self.returns if x.created_at and start <= x.created_at <= end]
        some = here[first : first + self.page]
        more = str(first + self.page) if first + self.page < len(here) else ""
        return ListPage(tuple(a_fetched(x, is_details=False) for x in some), more, self.broken)

    async def details(self, return_id: str, *, priority: int) -> Fetched:
        """Answer with a return whose row could not be read, if it can be read alone."""
        del priority
        self.asked_alone.append(return_id)
        if return_id not in self.readable_alone:
            raise AnswerLost(why="no_row_readable")
        return a_fetched(self.readable_alone[return_id])

    async def probe(self) -> None:
        """Answer; what that teaches is the test's to say."""
        self.probes += 1
        if self.teaches is not None:
            self.teaches()

    async def asn(self, start: datetime, end: datetime) -> tuple[AsnRow, ...]:
        """Answer with the rows, in the first piece only."""
        self.notices.append((start, end))
        return self.rows if len(self.notices) == 1 else ()

    async def happy_shipments(self, start: datetime, end: datetime) -> tuple[HappyShipment, ...]:
        """Answer with the boxes, or that the key may not."""
        del start, end
        self.boxes_asked += 1
        if not self.may_see_boxes:
            raise ScopeMissing("happy_returns_shipments:read")
        if self.boxes_fail is not None:
            raise self.boxes_fail
        return self.boxes

    async def happy_items(self, loop_shipment_id: str) -> tuple[HappyItem, ...]:
        """Answer with what is in a box."""
        self.opened.append(loop_shipment_id)
        return self.items[loop_shipment_id]


async def test_all_who_wait_share_one_more_reading() -> None:
    rig = Rig()
    first = await rig.many(1)
    waiting = await rig.many(50)
    rig.list.may_answer.set()
    await asyncio.gather(*first, *waiting)
    assert rig.list.asked == 2 * len(PASSES)
    assert rig.synced == 2


async def test_who_comes_later_reads_again() -> None:
    rig = Rig()
    rig.list.may_answer.set()
    await rig.prefetch.catch_up()
    await rig.prefetch.catch_up()
    assert rig.list.asked == 2 * len(PASSES)


async def test_all_who_wait_learn_of_one_failure() -> None:
    rig = Rig()
    first = await rig.many(1)
    waiting = await rig.many(3)
    rig.list.failure = Unreachable("no route")
    rig.list.may_answer.set()
    ended = await asyncio.gather(*first, *waiting, return_exceptions=True)
    assert [type(each) for each in ended] == [Unreachable] * 4
    assert rig.list.asked == 2
    assert rig.synced == 0
    assert WATERMARK not in rig.cache.marks


async def test_a_reading_that_was_given_up_is_nobodys_answer() -> None:
    rig = Rig()
    (first,) = await rig.many(1)
    (second,) = await rig.many(1)
    first.cancel()
    rig.list.may_answer.set()
    await second
    with pytest.raises(asyncio.CancelledError):
        await first
    assert rig.synced == 1
    assert rig.cache.marks[WATERMARK]


# --- long readings ------------------------------------------------------------------------------------


async def test_a_first_fill_cut_off_at_any_page_goes_on_there() -> None:
    whole = Shop(95)
    await Rig(whole).prefetch.catch_up()
    for page in range(len(whole.asked)):
        shop, cache = Shop(95), MemoryReturns()
        shop.dies_at = page
        with pytest.raises(Unreachable):
            await Rig(shop, cache).prefetch.catch_up()
        shop.dies_at = None
        rig = Rig(shop, cache)
        await rig.clock.turn(3600.0)
        await rig.prefetch.catch_up()
        assert shop.asked == whole.asked, page
        assert len({window[:2] for window in shop.windows}) == 1, "the window must stay the same"
        assert await cache.count() == 95


class Killed(Exception):
    """The process is dead."""


class DyingReturns(MemoryReturns):
    """Returns whose process dies before a write.

    Attributes:
        writes: How many there were.
        dies_at: The number of that write, None for never.
    """

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        self.dies_at: int | None = None

    def _write(self) -> None:
        if self.writes == self.dies_at:
            raise Killed
        self.writes += 1

    async def save(self, fetched: Sequence[Fetched], fetched_at: datetime) -> None:
        """Keep answers, or die."""
        self._write()
        await super().save(fetched, fetched_at)

    async def mark(self, name: str, value: str) -> None:
        """Keep a watermark, or die."""
        self._write()
        await super().mark(name, value)

    async def mark_all(self, marks: Mapping[str, str]) -> None:
        """Keep several, or die."""
        self._write()
        await super().mark_all(marks)


def long_run(shop: Shop, days: int) -> list[tuple[str, str]]:
    """Return the pages of long runs over so many days that a shop was asked for."""
    asked = zip(shop.asked, shop.windows, strict=True)
    return [page for page, (start, end, by, _) in asked if by == "created_at" and (end - start).days == days]


@pytest.mark.fault(229)
async def test_a_first_fill_killed_at_any_write_reads_at_most_one_page_again() -> None:
    whole, cache = Shop(45), DyingReturns()
    await Rig(whole, cache).prefetch.catch_up()
    for n in range(cache.writes):
        shop, cache = Shop(45), DyingReturns()
        cache.dies_at = n
        with pytest.raises(Killed):
            await Rig(shop, cache).prefetch.catch_up()
        cache.dies_at = None
        rig = Rig(shop, cache)
        await rig.clock.turn(3600.0)
        await rig.prefetch.catch_up()
        assert await cache.count() == 45
        assert set(long_run(shop, 120)) == set(whole.asked)
        assert len(long_run(shop, 120)) <= len(whole.asked) + 1, n


@pytest.mark.fault(229)
async def test_a_nightly_reading_killed_at_any_write_reads_at_most_one_page_again() -> None:
    async def a_night(dies_at: int | None) -> tuple[Shop, int]:
        shop, cache = Shop(45), DyingReturns()
        await Rig(shop, cache).prefetch.catch_up()
        cache.writes, cache.dies_at = 0, dies_at
        for hour in (18, 19):
            rig = Rig(shop, cache)
            await rig.clock.turn(hour * 3600.0)
            running = asyncio.ensure_future(rig.prefetch.run(600.0))
            await rig.clock.turn(1800.0)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            cache.dies_at = None
        return shop, cache.writes

    whole, writes = await a_night(None)
    swept = long_run(whole, 30)
    assert len(swept) == len(set(swept)) == 7
    for n in range(writes):
        shop, _ = await a_night(n)
        assert set(long_run(shop, 30)) == set(swept), n
        assert len(long_run(shop, 30)) <= len(swept) + 1, n


@pytest.mark.expects_log("cursor_died")
async def test_a_cursor_that_loop_has_forgotten_begins_its_pass_anew() -> None:
    shop, cache = Shop(40), MemoryReturns()
    shop.dies_at = 2
    with pytest.raises(Unreachable):
        await Rig(shop, cache).prefetch.catch_up()
    shop.dies_at, shop.refuses = None, {"20"}
    await Rig(shop, cache).prefetch.catch_up()
    assert await cache.count() == 40
    assert [cursor for state, cursor in shop.asked if state == "default"][2:5] == ["20", "", "10"]


@pytest.mark.fault(158)
@pytest.mark.expects_log("cursor_died")
@pytest.mark.parametrize(
    "dead", [Refused("No.", http_status=422), NotFound(), AnswerLost("HTTP 500", http_status=500)]
)
async def test_where_every_cursor_dies_a_window_is_read_on_without_them(dead: ApiError) -> None:
    shop, cache = Shop(95), MemoryReturns()
    shop.refuses, shop.refusal = {str(n) for n in range(1, 100)}, dead
    rig = Rig(shop, cache)
    await rig.prefetch.catch_up()
    assert await cache.count() == 95
    assert cache.marks[WATERMARK]
    assert len(shop.asked) < 30


@pytest.mark.fault(157, 158)
@pytest.mark.expects_log("cursor_died")
@pytest.mark.parametrize("odd", [datetime(1970, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC), None])
async def test_an_odd_time_in_the_last_row_lets_no_other_be_passed_over(odd: datetime | None) -> None:
    shop, cache = Shop(35), MemoryReturns()
    shop.refuses = {str(n) for n in range(1, 100)}
    original = shop.list_page

    async def with_odd(**asked: Any) -> ListPage:
        page = await original(**asked)
        if not page.returns:
            return page
        *rows, last = page.returns
        return replace(page, returns=(*rows, replace(last, ret=replace(last.ret, created_at=odd))))

    shop.list_page = with_odd  # type: ignore[method-assign]
    if odd is not None and odd.year > AT.year:
        with pytest.raises(Refused):  # leads no further: said, and nothing is passed over
            await Rig(shop, cache).prefetch.catch_up()
        assert not cache.marks.get(WATERMARK)
        return
    await Rig(shop, cache).prefetch.catch_up()
    assert await cache.count() == 35


@pytest.mark.fault(158)
@pytest.mark.expects_log("cursor_died")
async def test_where_leaving_the_cursor_out_leads_no_further_the_reading_ends() -> None:
    shop, cache = Shop(40), MemoryReturns()
    shop.returns = [replace(x, created_at=AT) for x in shop.returns]
    shop.refuses = {"10"}
    with pytest.raises(Refused):
        await Rig(shop, cache).prefetch.catch_up()
    assert len(shop.asked) < 8
    assert not cache.marks.get(WATERMARK)


async def test_a_lost_answer_is_not_taken_for_a_dead_cursor() -> None:
    shop, cache = Shop(40), MemoryReturns()
    shop.refuses, shop.refusal = {"10"}, AnswerLost("cut")
    with pytest.raises(AnswerLost):
        await Rig(shop, cache).prefetch.catch_up()
    assert len(shop.asked) == 2


# --- rows that cannot be read ----------------------------------------------------------------------------


@pytest.mark.fault(157)
async def test_a_row_that_cannot_be_read_is_asked_for_alone_and_counted_until_it_can() -> None:
    shop, cache = Shop(3), MemoryReturns()
    shop.broken = ("91000001", "", "91000002")
    shop.readable_alone = {"91000002": a_return("91000002")}
    rig = Rig(shop, cache)
    await rig.prefetch.catch_up()
    assert shop.asked_alone == ["91000001", "91000002"]
    assert await cache.count() == 4
    assert await rig.prefetch.apart.ids() == ("91000001",)
    assert rig.prefetch.apart.nameless == 1
    again = Rig(shop, cache)
    assert await again.prefetch.apart.ids() == ("91000001",), "a restart forgets it not"
    shop.broken, shop.returns = (), [*shop.returns, a_return("91000001", created_at=AT)]
    cache.marks.pop("swept_at")
    await again.prefetch._do_nightly()
    assert await again.prefetch.apart.ids() == ()


@pytest.mark.fault(157)
async def test_a_row_that_cannot_be_read_alone_either_is_asked_for_once_an_hour() -> None:
    shop, cache = Shop(3), MemoryReturns()
    shop.broken = ("91000001",)
    rig = Rig(shop, cache)
    apart = rig.prefetch.apart
    page = ListPage((), "", ("91000001",))
    for _ in range(5):
        await apart.take(page)
        await rig.clock.turn(60.0)
    assert shop.asked_alone == ["91000001"]
    await rig.clock.turn(3600.0)
    await apart.take(page)
    assert shop.asked_alone == ["91000001"] * 2


# --- whose time it is ------------------------------------------------------------------------------------


@pytest.mark.fault(88, 156)
@pytest.mark.parametrize("wrong", [timedelta(days=-1095), timedelta(hours=-5), timedelta(days=730)])
async def test_windows_are_by_loops_time_from_the_first_one_on(wrong: timedelta) -> None:
    shop = Shop(5)
    rig = Rig(shop)
    rig.clock.skew_seconds = None
    rig.clock.jump(wrong.total_seconds())

    def teach() -> None:
        rig.clock.jump(-wrong.total_seconds())
        rig.clock.skew_seconds = -wrong.total_seconds()

    shop.teaches = teach
    await rig.prefetch.catch_up()
    assert shop.probes == 1
    assert await rig.cache.count() == 5
    assert rig.cache.marks[WATERMARK] == AT.isoformat()
    await rig.prefetch.catch_up()
    assert shop.probes == 1


@pytest.mark.fault(156)
@pytest.mark.expects_log("recheck")
@pytest.mark.parametrize("mark", [AT + timedelta(days=700), AT - timedelta(minutes=5)])
async def test_what_windows_of_a_wrong_clock_missed_is_read_once_loop_tells_its_time(mark: datetime) -> None:
    shop = Shop(5)
    rig = Rig(shop)
    rig.cache.marks |= {WATERMARK: mark.isoformat(), "swept_at": mark.isoformat()}
    await rig.prefetch.catch_up()
    windows = {(start, end, by) for start, end, by, _ in shop.windows}
    assert windows == {(AT - timedelta(days=120) + AHEAD, AT + AHEAD, "updated_at")}
    assert rig.cache.marks[WATERMARK] == AT.isoformat()
    before = len(shop.windows)
    await rig.prefetch.catch_up()
    assert shop.windows[before][0] == AT - timedelta(minutes=15), "once is enough"


@pytest.mark.fault(156)
@pytest.mark.expects_log("recheck")
async def test_a_station_that_never_learns_loops_time_reads_what_changed_by_its_own() -> None:
    shop = Shop(5)
    rig = Rig(shop)
    rig.clock.skew_seconds = None
    await rig.prefetch.catch_up()
    await rig.clock.turn(60.0)
    await rig.prefetch.catch_up()
    assert shop.windows[-1][0] == AT - timedelta(minutes=15)
    rig.clock.skew_seconds = 3600.0
    await rig.prefetch.catch_up()
    assert shop.windows[-1][1] - shop.windows[-1][0] == timedelta(days=120), "now what was missed"


@pytest.mark.fault(156)
async def test_an_impossible_clock_is_said_where_loop_tells_no_time() -> None:
    rig = Rig(Shop(5))
    rig.clock.skew_seconds = None
    rig.clock.jump(-(AT - datetime(1970, 1, 2, tzinfo=UTC)).total_seconds())
    with pytest.raises(ClockWrong, match="1970"):
        await rig.prefetch.catch_up()


@pytest.mark.fault(87)
async def test_a_machine_that_slept_reads_what_a_scan_waits_for_up_to_the_present() -> None:
    shop = Shop(5)
    rig = Rig(shop)
    await rig.prefetch.catch_up()
    before = len(shop.windows)
    original = shop.list_page

    async def wakes(**asked: Any) -> ListPage:
        page = await original(**asked)
        if len(shop.windows) == before + 1:
            rig.clock.jump(5 * 3600.0)
        return page

    shop.list_page = wakes  # type: ignore[method-assign]
    await rig.prefetch.newest[0]()
    assert shop.windows[-1][1] == AT + timedelta(hours=5) + AHEAD


async def test_a_first_fill_tells_how_much_is_left() -> None:
    shop = Shop(2400)
    shop.page = 240
    rig = Rig(shop)
    await rig.prefetch.catch_up()
    running = [x for x in rig.told if x.running and x.of is not None]
    assert running[0].read == 240
    assert all(abs((x.of or 0) - 2880) < 60 for x in running[:10])  # 120 days of one an hour
    assert not rig.told[-1].running
    assert rig.observed == 2400


async def test_an_increment_costs_three_calls_and_reads_a_quarter_of_an_hour_again() -> None:
    shop = Shop(5)
    rig = Rig(shop)
    await rig.prefetch.catch_up()
    before = len(shop.asked)
    await rig.clock.turn(60.0)
    await rig.prefetch.catch_up()
    assert [state for state, _ in shop.asked[before:]] == ["default", "review", "cancelled"]
    assert set(shop.windows[before:]) == {
        (AT - timedelta(minutes=15), AT + timedelta(minutes=1) + AHEAD, "updated_at", Priority.BACKGROUND)
    }


async def test_what_a_scan_waits_for_is_read_first_and_as_a_lookup() -> None:
    shop = Shop(5)
    rig = Rig(shop)
    await rig.prefetch.catch_up()
    before, mark = len(shop.asked), rig.cache.marks[WATERMARK]
    await rig.clock.turn(60.0)
    soon, rest = rig.prefetch.newest
    await soon()
    assert [state for state, _ in shop.asked[before:]] == ["default"]
    await rest()
    assert [state for state, _ in shop.asked[before:]] == ["default", "review", "cancelled"]
    assert [window[3] for window in shop.windows[before:]] == [
        Priority.LOOKUP,
        Priority.READ_BACK,
        Priority.READ_BACK,
    ]
    assert rig.cache.marks[WATERMARK] == mark


async def test_a_scan_before_the_first_fill_waits_for_it() -> None:
    shop = Shop(5)
    rig = Rig(shop)
    await rig.prefetch.newest[0]()
    assert await rig.cache.count() == 5


@pytest.mark.expects_log("recheck")
async def test_a_clock_that_was_set_back_asks_for_no_window_that_ends_before_it_starts() -> None:
    shop = Shop(5)
    rig = Rig(shop)
    await rig.prefetch.catch_up()
    rig.clock.jump(-86_400.0)
    await rig.prefetch.catch_up()
    assert all(start <= end for start, end, _, _ in shop.windows)


# --- nights --------------------------------------------------------------------------------------------


async def a_day(rig: Rig, hours: float) -> None:
    """Let the prefetch run for so long."""
    running = asyncio.ensure_future(rig.prefetch.run(600.0))
    await rig.clock.turn(hours * 3600.0)
    running.cancel()
    await asyncio.wait([running])


async def test_each_night_the_last_weeks_are_read_again_by_their_making() -> None:
    shop = Shop(60)
    rig = Rig(shop)
    await a_day(rig, 12.0)
    sweeps = [x for x in shop.windows if x[2] == "created_at" and x[1] - x[0] == timedelta(days=30) + AHEAD]
    assert sweeps == []
    assert len(shop.notices) == 5
    await a_day(rig, 24.0)
    sweeps = [x for x in shop.windows if x[2] == "created_at" and x[1] - x[0] == timedelta(days=30) + AHEAD]
    assert {(x[1] - AHEAD - AT) // timedelta(hours=1) for x in sweeps} == {16}  # two in the morning
    assert len(sweeps) == 8
    assert len(shop.notices) == 10


async def test_a_nightly_reading_that_was_cut_off_goes_on_there() -> None:
    shop, cache = Shop(60), MemoryReturns()
    await a_day(Rig(shop, cache), 1.0)
    shop.dies_at = len(shop.asked) + 3 + 2  # the changes, then two pages of the night
    rig = Rig(shop, cache)
    await rig.clock.turn(18 * 3600.0)
    await a_day(rig, 0.5)
    shop.dies_at = None
    before = len(shop.asked)
    rig = Rig(shop, cache)
    await rig.clock.turn(19 * 3600.0)
    await a_day(rig, 0.5)
    pages = [cursor for state, cursor in shop.asked[before:] if state == "default" and cursor]
    assert pages == ["20", "30", "40", "50"]


# --- what is announced ---------------------------------------------------------------------------------


def a_box(loop_shipment_id: str, units: int) -> HappyShipment:
    """Build a consolidated shipment."""
    return HappyShipment(loop_shipment_id, f"HR{loop_shipment_id}", units, units, AT)


def a_unit(return_id: str, bag: str) -> HappyItem:
    """Build a unit in one."""
    return HappyItem(return_id, "#1164", (bag,), "HRRMA", "HRBOX7", "1Z7", "ups", "SKU", "Shirt")


async def found(rig: Rig, code: str) -> list[str]:
    """Return the returns that a code on a parcel leads to."""
    hits = await rig.cache.find(candidates(code, kind=CandidateKind.PACKAGE))
    return sorted(hit.return_id for hit in hits)


async def test_bags_and_boxes_lead_to_their_returns_and_are_opened_once() -> None:
    shop = Shop(2)
    shop.boxes = (a_box("9", 2),)
    shop.items = {"9": (a_unit("70000000", "HRBAG1"), a_unit("70000001", "HRBAG2"))}
    rig = Rig(shop)
    await a_day(rig, 3.0)
    assert shop.opened == ["9"]
    assert await found(rig, "HRBAG1") == ["70000000"]
    assert await found(rig, "HRBOX7") == ["70000000", "70000001"]
    assert await found(rig, "1Z7") == ["70000000", "70000001"]
    assert (rig.announced.is_on, rig.announced.state) == (True, Diagnosis("boxes_known", {"n": 1}))


async def test_a_box_that_is_still_being_filled_is_looked_into_again() -> None:
    shop = Shop(2)
    shop.boxes = (a_box("9", 2),)
    shop.items = {"9": (a_unit("70000000", "HRBAG1"),)}
    rig = Rig(shop)
    await a_day(rig, 2.5)
    assert len(shop.opened) == 3


async def test_without_the_permission_boxes_are_off_and_the_rest_goes_on() -> None:
    shop = Shop(2)
    shop.may_see_boxes = False
    rig = Rig(shop)
    await a_day(rig, 0.5)
    assert rig.announced.is_on is False
    assert rig.announced.state == Diagnosis("boxes_forbidden")
    assert len(shop.notices) == 5
    assert rig.prefetch.synced_at is not None


async def test_boxes_that_cannot_be_read_are_asked_for_once_an_hour_and_stop_nothing() -> None:
    shop = Shop(2)
    shop.boxes_fail = Refused("gone")
    rig = Rig(shop)
    await a_day(rig, 2.5)
    assert shop.boxes_asked == 3
    assert rig.announced.state.code == "boxes_unknown"
    assert rig.prefetch.synced_at is not None


async def test_the_id_of_a_row_of_the_notice_is_never_taken_for_a_return() -> None:
    shop = Shop(2)
    line = shop.returns[1].lines[0].line_item_id
    shop.returns[0] = replace(shop.returns[0], lines=())
    shop.rows = (_row(line, "9400100000000000000077"), _row("70000000", "9400100000000000000088"))
    rig = Rig(shop)
    await a_day(rig, 0.5)
    assert await found(rig, "9400100000000000000077") == ["70000001"]
    assert await found(rig, "9400100000000000000088") == []


def _row(line_item_id: str, number: str) -> AsnRow:
    return AsnRow(
        line_item_id, "#1", ReturnState.OPEN, "usps", number, "in_transit", "", "", "", "", None, AT
    )


# --- what was decided meanwhile ----------------------------------------------------------------------------


@pytest.mark.fault(89, 156)
async def test_what_was_decided_before_loop_told_its_time_is_marked() -> None:
    ret = a_return()
    rig = BenchRig(ret)
    await rig.open(sending=False)
    known = await rig.lookup.known(ret.return_id)
    assert known is not None
    await rig.inspection.open(known)
    rig.clock.skew_seconds = None
    line = (ret.lines[0].line_item_id,)
    await rig.inspection.grade(Grade.A, line)
    draft = await rig.store.drafts.get(ret.return_id)
    assert [x.is_local_time for x in draft.inspections] == [True]
    rig.clock.skew_seconds = 7200.0
    await rig.inspection.grade(Grade.B, line)
    draft = await rig.store.drafts.get(ret.return_id)
    assert [x.is_local_time for x in draft.inspections] == [False]
    await rig.close()
