"""The request budget: the rate, the priorities, and that nothing starves."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loopdesk.services.ports.loop import TURN_SECONDS, Priority
from loopdesk.services.station.tasks import Tasks
from loopdesk.services.sync.budget import HEAD_START, RequestBudget
from tests.fakes.clock import HandClock
from tests.fakes.faults import unexpected


class Queue:
    """Takes from a budget on a hand-turned clock and remembers who went when."""

    def __init__(self, *, stations: int = 1, per_minute: float = 240.0) -> None:
        self.clock = HandClock()
        self.budget = RequestBudget(self.clock, per_minute=per_minute, stations=stations)
        self.faults: list[BaseException] = []
        self.tasks = Tasks(lambda name, failure: self.faults.append(failure))
        self.went: list[tuple[float, str]] = []

    def ask(self, priority: int, name: str = "") -> asyncio.Task[None]:
        """Let somebody ask for one request."""
        return self.tasks.spawn(self._ask(priority, name), name=name or "ask")

    async def _ask(self, priority: int, name: str) -> None:
        await self.budget.take(priority)
        self.went.append((self.clock.monotonic(), name))

    def always(self, priority: int, name: str, many: int = 4) -> None:
        """Keep this many callers asking without end."""

        async def ask() -> None:
            while True:
                await self._ask(priority, name)

        for _ in range(many):
            self.tasks.spawn(ask(), name=name)

    def names(self) -> list[str]:
        """Return who went so far, in order."""
        return [name for _, name in self.went]

    def most_in_a_minute(self) -> int:
        """Return the most requests in any 60 seconds."""
        times = [at for at, _ in self.went]
        return max((sum(1 for x in times if at <= x < at + 60.0) for at in times), default=0)

    async def exhaust(self) -> None:
        """Take whatever the bucket holds, for lookups too."""
        for _ in range(200):
            self.ask(Priority.LOOKUP, "filler")
        await self.clock.settle()
        await self.tasks.aclose()
        self.went.clear()


async def test_a_lookup_on_a_quiet_station_leaves_at_once() -> None:
    queue = Queue()
    queue.ask(Priority.LOOKUP)
    await queue.clock.settle()
    assert queue.went == [(0.0, "")]


@pytest.mark.parametrize("stations", [1, 2, 6])
async def test_in_any_minute_no_more_leave_than_loop_allows_all_stations(stations: int) -> None:
    queue = Queue(stations=stations, per_minute=48.0)
    for n in range(180 // stations):
        queue.ask(n % 5)
    await queue.clock.turn(150.0)
    assert queue.most_in_a_minute() <= 60 / stations
    assert len(queue.went) >= 150 / 60 * 48 / stations - 1
    await queue.tasks.aclose()


async def test_a_rested_station_stays_within_the_minute_when_it_bursts() -> None:
    queue = Queue(per_minute=48.0)
    await queue.clock.turn(600.0)
    for _ in range(180):
        queue.ask(Priority.LOOKUP)
    await queue.clock.turn(120.0)
    assert 55 <= queue.most_in_a_minute() <= 58
    await queue.tasks.aclose()


async def test_a_fifth_of_the_bucket_is_kept_for_the_operators_lookups() -> None:
    queue = Queue()
    await queue.clock.turn(600.0)
    for _ in range(100):
        queue.ask(Priority.ACTION, "action")
    await queue.clock.settle()
    assert queue.names() == ["action"] * 42
    for _ in range(20):
        queue.ask(Priority.LOOKUP, "lookup")
    await queue.clock.settle()
    assert queue.names()[42:] == ["lookup"] * 10
    await queue.tasks.aclose()


async def test_lookups_go_before_read_backs_before_actions_before_the_rest() -> None:
    queue = Queue()
    await queue.exhaust()
    for name, priority in [
        ("rest", Priority.BACKGROUND),
        ("action", Priority.ACTION),
        ("read", Priority.READ_BACK),
        ("lookup", Priority.LOOKUP),
    ]:
        queue.ask(priority, name)
    await queue.clock.turn(9.0)
    assert queue.names() == ["lookup", "read", "action", "rest"]


async def test_those_of_one_priority_go_in_the_order_in_which_they_asked() -> None:
    queue = Queue()
    await queue.exhaust()
    for n in range(8):
        queue.ask(Priority.ACTION, str(n))
    await queue.clock.turn(9.0)
    assert queue.names() == [str(n) for n in range(8)]


async def test_age_adds_priority_so_that_nobody_starves() -> None:
    queue = Queue(per_minute=60.0)
    await queue.exhaust()
    queue.ask(Priority.BACKGROUND, "old")
    for _ in range(60):
        queue.ask(Priority.READ_BACK, "new")
        queue.ask(Priority.READ_BACK, "new")
        await queue.clock.turn(1.0)
        if "old" in queue.names():
            break
    assert "old" in queue.names()
    assert queue.clock.monotonic() < 45.0
    await queue.tasks.aclose()


async def test_a_429_empties_the_bucket_and_halves_the_rate_for_a_minute() -> None:
    queue = Queue(per_minute=60.0)
    await queue.clock.turn(100.0)
    queue.budget.throttled()
    for _ in range(120):
        queue.ask(Priority.LOOKUP)
    await queue.clock.settle()
    assert queue.went == []
    await queue.clock.turn(60.5)
    assert 29 <= len(queue.went) <= 31
    await queue.clock.turn(60.0)
    assert 86 <= len(queue.went) <= 91
    await queue.tasks.aclose()


async def test_who_is_canceled_while_waiting_takes_nothing_and_blocks_nobody() -> None:
    queue = Queue()
    await queue.exhaust()
    given_up = [queue.ask(Priority.LOOKUP, "gone") for _ in range(5)]
    queue.ask(Priority.ACTION, "stays")
    await queue.clock.turn(0.1)
    for task in given_up:
        task.cancel()
    await queue.clock.turn(6.0)
    assert queue.names() == ["stays"]
    assert queue.budget.waiting == 0


async def test_the_number_of_stations_may_change_while_the_program_runs() -> None:
    clock = HandClock()
    stations = [1]
    budget = RequestBudget(clock, stations=lambda: stations[0])
    for _ in range(26):
        await budget.take(Priority.ACTION if budget.spent().left > 12 else Priority.LOOKUP)
    stations[0] = 10
    tasks = Tasks(lambda name, failure: None)
    waiting = [tasks.spawn(budget.take(Priority.LOOKUP), name="take") for _ in range(10)]
    await clock.turn(10.0)
    assert sum(task.done() for task in waiting) == 4
    await tasks.aclose()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.floats(0, 5), st.booleans(), st.booleans()), min_size=1, max_size=60
    )
)
def test_whatever_comes_nobody_waits_for_ever_and_no_minute_is_overdrawn(
    script: list[tuple[int, float, bool, bool]],
) -> None:
    async def run() -> None:
        queue = Queue()
        kept = []
        for priority, pause, cancels, throttles in script:
            task = queue.ask(priority)
            await queue.clock.turn(pause)
            if throttles:
                queue.budget.throttled()
            if cancels:
                task.cancel()
            else:
                kept.append(task)
        await queue.clock.turn(120.0)
        assert all(task.done() for task in kept)
        assert queue.budget.waiting == 0
        assert queue.most_in_a_minute() <= 300
        assert queue.faults == []

    asyncio.run(run())


async def test_what_left_in_the_last_minute_is_counted_by_who_asked_for_it() -> None:
    clock = HandClock()
    budget = RequestBudget(clock, per_minute=240, stations=4)
    await clock.turn(60.0)
    for priority, number in (
        (Priority.LOOKUP, 3),
        (Priority.READ_BACK, 2),
        (Priority.ACTION, 1),
        (Priority.BACKGROUND, 2),
    ):
        for _ in range(number):
            await budget.take(priority)
    spent = budget.spent()
    assert (spent.lookups, spent.read_backs, spent.actions, spent.index) == (3, 2, 1, 2)
    assert (spent.used, spent.allowed, spent.left, spent.waiting) == (8, 60, 5, 0)
    await clock.turn(61.0)
    assert (budget.spent().used, budget.spent().left) == (0, 13)


async def test_the_figures_say_that_loop_asked_to_slow_down() -> None:
    clock = HandClock()
    budget = RequestBudget(clock)
    budget.throttled()
    assert budget.spent().is_slowed
    assert budget.spent().left == 0
    await clock.turn(61.0)
    assert not budget.spent().is_slowed


async def test_a_lookup_never_waits_for_what_has_grown_old() -> None:
    queue = Queue(stations=20)
    for _ in range(9):
        queue.ask(Priority.ACTION, "action")
    await queue.clock.turn(40.0)
    assert queue.budget.waiting > 0
    queue.ask(Priority.LOOKUP, "lookup")
    asked = queue.clock.monotonic()
    await queue.clock.turn(2.0)
    assert [at - asked <= 2.0 for at, name in queue.went if name == "lookup"] == [True]
    await queue.tasks.aclose()


@pytest.mark.parametrize("stations", [1, 2, 10, 20, 29, 60])
async def test_what_finishes_a_return_follows_its_read_however_small_the_share(stations: int) -> None:
    queue = Queue(stations=stations)
    queue.always(Priority.ACTION, "action")
    queue.always(Priority.BACKGROUND, "index")
    await queue.clock.turn(120.0)
    queue.ask(Priority.READ_BACK, "read")
    await queue.clock.until(lambda: "read" in queue.names())
    asked = queue.clock.monotonic()
    queue.ask(Priority.FINISH, "finish")
    await queue.clock.until(lambda: "finish" in queue.names())
    assert queue.clock.monotonic() - asked < TURN_SECONDS
    await queue.tasks.aclose()


async def test_lookups_without_end_leave_the_others_a_part_of_each_minute() -> None:
    queue = Queue(per_minute=60.0)
    queue.always(Priority.ACTION, "action")
    queue.always(Priority.LOOKUP, "lookup")
    await queue.clock.turn(180.0)
    assert queue.names().count("action") >= 0.6 * 3 * 12
    assert queue.names().count("lookup") >= 0.9 * 3 * 40
    await queue.tasks.aclose()


async def test_background_work_takes_what_others_leave_and_a_quarter_while_they_wait() -> None:
    queue = Queue()
    queue.always(Priority.BACKGROUND, "index")
    await queue.clock.turn(120.0)
    assert len(queue.went) >= 0.95 * 2 * 240
    queue.always(Priority.ACTION, "action")
    await queue.clock.turn(60.0)
    queue.went.clear()
    await queue.clock.turn(120.0)
    assert queue.names().count("index") <= 2 * 60 + 1
    assert queue.names().count("action") >= 0.95 * 2 * 180
    await queue.tasks.aclose()


async def test_a_command_has_its_head_start_once_and_then_its_share() -> None:
    clock = HandClock()
    budget, went = RequestBudget(clock, stations=40, head_start=HEAD_START), list[float]()

    async def ask() -> None:
        while True:
            await budget.take(Priority.ACTION)
            went.append(clock.monotonic())

    tasks = Tasks(unexpected)
    tasks.spawn(ask(), name="ask")
    await clock.settle()
    assert len(went) >= HEAD_START - 2
    await clock.turn(60.0)
    assert len(went) <= HEAD_START + 240 / 40 + 1
    await tasks.aclose()
