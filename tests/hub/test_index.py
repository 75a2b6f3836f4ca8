"""The index in PostgreSQL: the contract of a bench's store, and one leader for each shop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import Any

import pytest

from loopdesk.domain.returns.parcels import Arrival, LabelState
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection
from loopdesk.hub.index.copies import ShopIndex
from loopdesk.hub.index.feed import ChangeFeed
from loopdesk.hub.index.leading import Deposed, Leader, Term
from loopdesk.hub.index.reading import read_shop
from loopdesk.hub.index.wishes import ShopWishes
from loopdesk.services.ports.loop import ListPage
from loopdesk.services.station.tasks import Tasks
from loopdesk.system.host.clock import SystemClock
from tests.builders import AT, a_fetched, a_parcel, a_return, rebuild
from tests.contracts import test_arrivals as parcels
from tests.contracts import test_returns as answers
from tests.fakes.clock import HandClock
from tests.fakes.faults import unexpected
from tests.hub.feed_rig import Reader, add_shops, process

_OF_RETURNS = (
    answers.test_a_return_comes_back_as_it_was_saved,
    answers.test_saving_nothing_changes_nothing,
    answers.test_an_older_answer_never_replaces_a_newer_one,
    answers.test_two_answers_about_one_return_in_one_page_are_weighed_too,
    answers.test_a_list_answer_of_the_same_age_keeps_names_and_pictures,
    answers.test_a_newer_list_answer_decides_the_facts_and_older_details_lend_the_names,
    answers.test_older_details_only_lend_what_the_list_never_says,
    answers.test_a_list_answer_alone_has_no_details,
    answers.test_watermarks_are_kept,
)
_OF_PARCELS = (
    parcels.test_what_is_on_its_way_is_known_with_its_carrier_and_state,
    parcels.test_a_label_that_is_replaced_is_no_longer_expected,
    parcels.test_an_older_answer_changes_nothing_about_parcels,
    parcels.test_what_has_not_moved_for_months_is_not_expected,
    parcels.test_an_older_notice_takes_nothing_back,
    parcels.test_the_day_of_delivery_comes_from_the_notice_and_outlasts_the_list,
    parcels.test_a_parcel_that_only_the_notice_knows_is_expected,
    parcels.test_details_are_wanted_of_what_is_under_way_the_soonest_first,
    parcels.test_details_are_wanted_again_when_a_return_changed_before_it_arrives,
    parcels.test_a_time_that_loop_did_not_say_is_that_of_its_last_change,
)

_PARCELS = b"""
    SELECT * FROM return_parcel WHERE shop_id = 'acme' AND label_at >= %s AND label = ANY (%s)
     ORDER BY label_at DESC, return_id DESC, tracking_number
"""


class Everybody:
    """Lets everybody write."""

    async def check(self, connection: Connection) -> None:
        """Check nothing."""


class PostgresStore:
    """A shop's index, where the contracts look for it; they see parcels as a bench that saw none would."""

    def __init__(self, database: Database, index: ShopIndex) -> None:
        self.returns = index
        self.arrivals = self
        self.announce = index.announce
        self.to_fetch = index.to_fetch
        self._database = database

    async def arrivals_of(self, since: datetime, labels: Collection[LabelState]) -> tuple[Arrival, ...]:
        """Return the parcels."""
        async with self._database.transaction() as connection:
            found = await (await connection.execute(_PARCELS, [since, sorted(labels)])).fetchall()
        arrived = []
        for each in found:
            stored = await self.returns.get(each["return_id"])
            assert stored is not None
            arrived.append(_arrival(each, stored.ret.order_name, stored.ret.state))
        return tuple(arrived)


class _Parcels:
    """The reading half of arrivals, for contracts that look at it."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self.announce = store.announce
        self.to_fetch = store.to_fetch

    async def arrivals(
        self, since: datetime, *, labels: Collection[LabelState] = frozenset(LabelState)
    ) -> tuple[Arrival, ...]:
        """Return the parcels."""
        return await self._store.arrivals_of(since, labels)


def _arrival(found: dict[str, Any], order_name: str, state: ReturnState) -> Arrival:
    return Arrival(
        return_id=found["return_id"],
        order_name=order_name,
        state=state,
        carrier=found["carrier"],
        tracking_number=found["tracking_number"],
        label=LabelState(found["label"]),
        label_at=found["label_at"],
        delivered_at=found["delivered_at"],
        seen_at=None,
        is_seen=False,
    )


def _index(database: Database, feed: ChangeFeed, guard: Any = None) -> ShopIndex:
    return ShopIndex("acme", database, feed, rebuild, guard or Everybody())


@pytest.fixture
async def store(hub_url: str) -> AsyncIterator[Any]:
    """An empty index of a shop."""
    async with process(hub_url) as (database, feed, _tail):
        await add_shops(database, "acme")
        made: Any = PostgresStore(database, _index(database, feed))
        made.arrivals = _Parcels(made)
        yield made


_BY_AGE = answers.test_of_two_answers_of_one_age_the_last_is_believed
_CASES: list[tuple[Callable[..., Awaitable[None]], dict[str, Any]]] = [
    *((promise, {}) for promise in (*_OF_RETURNS, *_OF_PARCELS)),
    (_BY_AGE, {"updated_at": AT}),
    (_BY_AGE, {"updated_at": None}),
]


@pytest.mark.parametrize(("promise", "values"), _CASES, ids=lambda x: getattr(x, "__name__", None))
async def test_the_index_keeps_the_contract_of_a_bench(
    store: Any, promise: Callable[..., Awaitable[None]], values: dict[str, Any]
) -> None:
    await promise(store, **values)


# --- what the feed tells ----------------------------------------------------------------------------


async def test_only_what_changed_takes_a_number(hub_url: str) -> None:
    async with process(hub_url) as (database, feed, tail):
        await add_shops(database, "acme")
        index = _index(database, feed)
        await index.save([a_fetched(), a_fetched(a_return("70000002"))], AT)
        await index.save([a_fetched(), a_fetched(a_return("70000002", state="closed"))], AT)
        await index.add_codes([("BOX7", "box", "70000001"), (" ", "box", "70000002")])
        await index.add_codes([("BOX7", "box", "70000001")])
        reader = Reader({"acme": 0})
        await reader.follow_until(tail, "", {"acme": 4})
        [end] = await database.read("changes.feeds", shops=["acme"])
    assert (end["last"], reader.jumps, reader.doubled) == (4, 0, 0)
    assert {return_id for _, return_id in reader.bodies} == {"70000001", "70000002"}


class OnePage:
    """A shop with one return, whose list is one page."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def list_page(self, **asked: Any) -> ListPage:
        """Answer with the return, or with nothing."""
        self.asked.set()
        ret = a_return(parcels=(a_parcel(status="in_transit"),))
        return ListPage((a_fetched(ret, is_details=False),) if asked["state"] is None else (), "")

    async def details(self, return_id: str, **_: Any) -> Any:
        """Answer with the details of the return."""
        return a_fetched(a_return(return_id, parcels=(a_parcel(status="in_transit"),)))

    async def probe(self, **_: Any) -> None:
        """Answer."""

    async def asn(self, *_: Any, **__: Any) -> tuple[Any, ...]:
        """Announce nothing."""
        return ()

    async def happy_shipments(self, *_: Any, **__: Any) -> tuple[Any, ...]:
        """Have no boxes."""
        return ()


async def test_the_services_of_a_bench_fill_the_index_and_read_details_ahead(hub_url: str) -> None:
    faults: list[BaseException] = []
    async with process(hub_url) as (database, feed, _tail):
        await add_shops(database, "acme")
        index, clock = _index(database, feed), HandClock()
        tasks = Tasks(lambda _where, failure: faults.append(failure))
        gateway: Any = OnePage()
        reading = tasks.spawn(
            read_shop(
                index,
                gateway,
                clock,
                tasks,
                zone=UTC,
                on_fault=unexpected,
                every_seconds=60,
                wishes=ShopWishes("acme", database),
                wished=asyncio.Event(),
            ),
            name="reading",
        )
        async with asyncio.timeout(60):
            while True:
                stored = await index.get("70000001")
                if stored is not None and stored.has_details:
                    break
        reading.cancel()
        await asyncio.wait([reading])
        await tasks.aclose()
        assert await index.marked("synced_until")
    assert faults == []


# --- one leader -------------------------------------------------------------------------------------


class _Works:
    """What a leader does in these tests: it writes whenever it is asked to."""

    def __init__(self, database: Database, feed: ChangeFeed) -> None:
        self._database, self._feed = database, feed
        self.terms: list[Term] = []
        self.begun = asyncio.Event()

    async def work(self, term: Term) -> None:
        """Work until canceled."""
        self.terms.append(term)
        self.begun.set()
        await asyncio.Event().wait()

    async def write(self, value: str) -> None:
        """Write for the newest term of this process."""
        await _index(self._database, self._feed, self.terms[-1]).mark("writer", value)


async def _leading(works: _Works) -> None:
    async with asyncio.timeout(60):
        await works.begun.wait()


def _leader(database: Database, works: _Works, tasks: Tasks, silent_seconds: float = 15.0) -> Leader:
    clock = SystemClock()
    return Leader("acme", database, clock, tasks, works.work, silent_seconds=silent_seconds)


async def test_one_of_two_processes_leads_and_the_other_takes_over_when_it_ends(hub_url: str) -> None:
    faults: list[BaseException] = []
    tasks = Tasks(lambda _where, failure: faults.append(failure))
    async with process(hub_url) as (database, feed, _tail):
        await add_shops(database, "acme")
        second = _Works(database, feed)
        async with process(hub_url) as (dying, dying_feed, _other):
            first = _Works(dying, dying_feed)
            running = tasks.spawn(_leader(dying, first, tasks).run(), name="first")
            await _leading(first)
            tasks.spawn(_leader(database, second, tasks).run(), name="second")
            await first.write("first")
            assert not second.begun.is_set()
            running.cancel()
            await asyncio.wait([running])
        await _leading(second)
        await second.write("second")
        assert second.terms[0].number == first.terms[0].number + 1
        assert await _index(database, feed).marked("writer") == "second"
        await tasks.aclose()
    assert faults == []


@pytest.mark.expects_log("silent_leader_ended", "lock_lost", "lock_taken_again", "deposed")
async def test_a_leader_that_was_stopped_is_replaced_and_writes_nothing_when_it_wakes(hub_url: str) -> None:
    faults: list[BaseException] = []
    tasks = Tasks(lambda _where, failure: faults.append(failure))
    async with process(hub_url) as (database, feed, _tail), process(hub_url) as (other, other_feed, _):
        await add_shops(database, "acme")
        stopped, next_one = _Works(database, feed), _Works(other, other_feed)
        leader = _leader(database, stopped, tasks)
        running = tasks.spawn(leader.run(), name="stopped")
        await _leading(stopped)
        running.cancel()  # it holds its lock and beats no more, as a process does that was stopped
        await asyncio.wait([running])
        tasks.spawn(_leader(other, next_one, tasks, silent_seconds=0.5).run(), name="next")
        await _leading(next_one)
        await next_one.write("next")
        with pytest.raises(Deposed):
            await stopped.write("deposed")
        assert await _index(other, other_feed).marked("writer") == "next"
        await tasks.aclose()
    assert faults == []


async def test_a_term_cannot_end_within_a_write_of_it(hub_url: str) -> None:
    faults: list[BaseException] = []
    tasks = Tasks(lambda _where, failure: faults.append(failure))
    async with process(hub_url) as (database, feed, _tail), process(hub_url) as (other, _feed, _):
        await add_shops(database, "acme")
        works = _Works(database, feed)
        running = tasks.spawn(_leader(database, works, tasks).run(), name="first")
        await _leading(works)
        taking = b"SELECT FROM lead WHERE shop_id = 'acme' FOR UPDATE NOWAIT"
        async with feed.transaction() as batch:
            await works.terms[0].check(batch.connection)
            with pytest.raises(Exception, match="could not obtain lock"):
                async with other.transaction() as connection:
                    await connection.execute(taking)
            await works.terms[0].beat(database)  # its own beat waits for nobody
        running.cancel()
        await asyncio.wait([running])
        await tasks.aclose()
    assert faults == []
