"""The state of the connection to Loop: how it is shown, when requests are held back, how it is probed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    KeyRefused,
    NotFound,
    Refused,
    ScopeMissing,
    Throttled,
    Unreachable,
)
from loopdesk.services.station.connection import Connection, LinkState
from loopdesk.services.station.events import ConnectionChanged, Feed
from loopdesk.services.station.tasks import Tasks
from tests.builders import AT
from tests.fakes.clock import HandClock
from tests.fakes.faults import unexpected

pytestmark = pytest.mark.expects_log("breaker_opened", "key_refused")

LOGIN = AnswerLost(why="login_page", status=200, http_status=200)


class Line:
    """A connection on a hand-turned clock with a probe that answers as told."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.faults: list[BaseException] = []
        self.tasks = Tasks(lambda name, failure: self.faults.append(failure))
        self.feed = Feed(unexpected)
        self.changes = 0
        self.feed.on(ConnectionChanged, self._count)
        self.connection = Connection(clock=self.clock, tasks=self.tasks, feed=self.feed, random=lambda: 0.999)
        self.probe_fails: ApiError | None = None
        self.probes: list[float] = []
        self.better = 0
        self.connection.on_better(self._got_better)

    def shown(self) -> LinkState:
        """Return what the strip shows."""
        return self.connection.state.link

    def link(self) -> LinkState:
        """Return the state of the link."""
        return self.connection.link

    def may_ask(self) -> bool:
        """Return whether the queue may send."""
        return self.connection.may_ask

    def _count(self, _: ConnectionChanged) -> None:
        self.changes += 1

    def _got_better(self) -> None:
        self.better += 1

    async def probe(self) -> None:
        """Tell the connection as the transport does, then answer."""
        self.probes.append(self.clock.monotonic())
        self.connection.on_exchange(self.probe_fails)
        if self.probe_fails is not None:
            raise self.probe_fails

    def fail(self, times: int, failure: ApiError | None = None) -> None:
        """Report this many failed exchanges."""
        for _ in range(times):
            self.connection.on_exchange(failure or Unreachable())


@asynccontextmanager
async def a_line() -> AsyncIterator[Line]:
    """Run a connection; stop it at the end."""
    line = Line()
    running = line.tasks.spawn(line.connection.run(line.probe), name="connection")
    await line.clock.settle()
    yield line
    line.connection.stop()
    await line.clock.settle()
    assert running.done()
    await line.tasks.aclose()
    assert line.faults == []


async def test_a_line_about_which_nothing_is_known_is_taken_to_be_up() -> None:
    async with a_line() as line:
        state = line.connection.state
        assert (state.link, state.since, state.answer_seconds) == (LinkState.ONLINE, None, None)
        assert not state.has_answered
        assert line.may_ask()
        await line.clock.turn(600.0)
        assert line.probes == []


async def test_the_first_answer_is_told_whatever_it_says() -> None:
    for failure in (None, Throttled(retry_after_seconds=1.0)):
        async with a_line() as line:
            told: list[ConnectionChanged] = []
            line.feed.on(ConnectionChanged, told.append)
            line.fail(1, AnswerLost("cut"))
            seen = [line.connection.state.has_answered]
            for _ in range(2):
                line.connection.on_exchange(failure)
                seen.append(line.connection.state.has_answered)
            assert seen == [False, True, True]
            assert len(told) == 1


@pytest.mark.fault(1)
async def test_the_first_unsent_request_shows_offline_with_the_time_and_probes() -> None:
    async with a_line() as line:
        line.probe_fails = Unreachable()
        await line.clock.turn(30.0)
        line.fail(1)
        state = line.connection.state
        assert (state.link, state.since) == (LinkState.OFFLINE, AT + timedelta(seconds=30))
        assert line.may_ask()
        await line.clock.turn(2.0)
        assert line.probes


async def test_five_failures_in_thirty_seconds_hold_the_queue_back() -> None:
    async with a_line() as line:
        line.probe_fails = Unreachable()
        line.fail(4)
        assert line.may_ask()
        line.fail(1)
        assert not line.may_ask()


@pytest.mark.parametrize("failure", [AnswerLost("HTTP 503", http_status=503), AnswerLost("cut")])
async def test_server_errors_and_lost_answers_count_like_unsent_requests(failure: ApiError) -> None:
    async with a_line() as line:
        line.probe_fails = failure
        line.fail(4, failure)
        assert line.may_ask()
        line.fail(1, failure)
        assert not line.may_ask()
        assert line.link() is LinkState.OFFLINE


async def test_a_503_that_says_when_to_come_back_holds_the_queue_so_long() -> None:
    async with a_line() as line:
        line.fail(1, AnswerLost("HTTP 503", http_status=503, retry_after_seconds=30.0))
        assert line.connection.pause_seconds == 30.0
        assert not line.may_ask()


async def test_answers_that_were_lost_among_good_ones_hold_nothing_back() -> None:
    async with a_line() as line:
        for _ in range(50):
            line.fail(4, AnswerLost("cut"))
            line.connection.on_exchange(None)
        assert line.may_ask()
        assert line.link() is LinkState.ONLINE


@pytest.mark.parametrize(
    "answer", [None, Refused("No."), NotFound(), ScopeMissing(), KeyRefused(), Throttled()]
)
async def test_any_answer_of_loop_itself_means_that_the_line_is_up(answer: ApiError | None) -> None:
    async with a_line() as line:
        line.probe_fails = Unreachable()
        line.fail(5)
        line.connection.on_exchange(answer)
        assert line.link() in (LinkState.ONLINE, LinkState.KEY_REFUSED)
        assert line.better == 1


async def test_probes_back_off_but_never_beyond_eight_seconds() -> None:
    async with a_line() as line:
        line.probe_fails = Unreachable()
        line.fail(5)
        await line.clock.turn(120.0)
        gaps = [b - a for a, b in zip(line.probes, line.probes[1:], strict=False)]
        assert max(gaps) <= 8.0
        assert gaps[0] < gaps[-1]
        assert len(line.probes) < 25


async def test_a_probe_that_succeeds_lets_the_queue_go_on() -> None:
    async with a_line() as line:
        line.probe_fails = Unreachable()
        line.fail(5)
        await line.clock.turn(60.0)
        line.probe_fails = None
        await line.clock.turn(8.0)
        assert line.may_ask()
        assert line.shown() is LinkState.ONLINE
        assert line.better == 1
        probes = len(line.probes)
        await line.clock.turn(600.0)
        assert len(line.probes) == probes


@pytest.mark.fault(6)
async def test_a_login_page_holds_everything_back_at_once_and_is_named() -> None:
    async with a_line() as line:
        line.probe_fails = LOGIN
        line.fail(1, LOGIN)
        assert line.shown() is LinkState.LOGIN_PAGE
        assert not line.may_ask()
        line.probe_fails = None
        await line.clock.turn(20.0)
        assert line.shown() is LinkState.ONLINE


@pytest.mark.fault(14)
async def test_the_strip_changes_no_faster_than_every_five_seconds() -> None:
    async with a_line() as line:
        for n in range(30):
            line.connection.on_exchange(None if n % 2 else Unreachable())
            await line.clock.turn(1.0)
        assert line.changes <= 7
        line.connection.on_exchange(None)
        await line.clock.turn(5.1)
        assert line.shown() is LinkState.ONLINE


async def test_a_change_that_was_held_back_is_shown_later_without_another_exchange() -> None:
    async with a_line() as line:
        line.probe_fails = Unreachable()
        line.fail(1)
        await line.clock.turn(1.0)
        line.connection.on_exchange(None)
        assert line.link() is LinkState.ONLINE
        assert line.shown() is LinkState.OFFLINE
        await line.clock.turn(4.1)
        assert line.shown() is LinkState.ONLINE


async def test_a_refused_key_holds_the_queue_back_until_a_new_one_is_told() -> None:
    async with a_line() as line:
        line.probe_fails = KeyRefused()
        line.fail(1, KeyRefused())
        assert line.shown() is LinkState.KEY_REFUSED
        assert not line.may_ask()
        await line.clock.turn(30.0)
        line.connection.on_exchange(None)
        assert not line.may_ask()
        line.connection.resume()
        assert line.may_ask()
        assert line.better == 1


async def test_a_refused_key_is_tried_again_each_minute() -> None:
    async with a_line() as line:
        line.probe_fails = KeyRefused()
        line.fail(1, KeyRefused())
        await line.clock.turn(185.0)
        assert line.probes == [60.0, 120.0, 180.0]
        line.probe_fails = None
        await line.clock.turn(60.0)
        assert line.shown() is LinkState.ONLINE


@pytest.mark.fault(22)
async def test_a_429_pauses_the_queue_for_as_long_as_loop_asks() -> None:
    async with a_line() as line:
        line.connection.on_exchange(Throttled(retry_after_seconds=20.0))
        line.connection.pause(5.0)
        assert not line.may_ask()
        assert line.connection.pause_seconds == 20.0
        await line.clock.turn(20.1)
        assert line.may_ask()
        assert line.shown() is LinkState.ONLINE


async def test_another_keys_queue_is_shown_as_locked_and_unlocks() -> None:
    async with a_line() as line:
        line.connection.lock(frozenset({"kf-1"}))
        assert line.shown() is LinkState.LOCKED
        assert line.connection.state.foreign_keys == {"kf-1"}
        assert line.may_ask()
        line.connection.lock(frozenset())
        assert line.better == 1
        await line.clock.turn(5.1)
        assert line.shown() is LinkState.ONLINE


@pytest.mark.parametrize(
    ("failure", "is_locked", "is_online", "is_away"),
    [
        (None, False, True, False),
        (None, True, True, False),  # the queue waits for a person, lookups do not
        (KeyRefused(), False, False, False),
        (Unreachable(), False, False, True),
        (LOGIN, False, False, True),
    ],
)
async def test_loop_is_asked_while_the_key_is_good_and_a_refused_key_is_no_missing_network(
    failure: ApiError | None, is_locked: bool, is_online: bool, is_away: bool
) -> None:
    async with a_line() as line:
        line.probe_fails = failure
        line.connection.on_exchange(failure, 0.2)
        line.connection.lock(frozenset({"kf-1"}) if is_locked else frozenset())
        assert line.connection.is_online is is_online
        assert (line.connection.offline_since is not None) is is_away


async def test_loops_speed_is_the_median_of_the_latest_answers() -> None:
    async with a_line() as line:
        for seconds in (0.2, 0.3, 9.0):
            line.connection.on_exchange(None, seconds)
        line.connection.on_exchange(Unreachable(), 5.0)
        assert line.connection.state.answer_seconds == 0.3
        for _ in range(20):
            line.connection.on_exchange(None, 1.0)
        assert line.connection.state.answer_seconds == 1.0


@pytest.mark.fault(85)
async def test_the_wall_clock_decides_nothing_about_the_line() -> None:
    async with a_line() as line:
        line.probe_fails = Unreachable()
        line.fail(5)
        line.clock.jump(-86_400.0)
        line.probe_fails = None
        await line.clock.turn(2.0)
        assert line.may_ask()


@pytest.mark.fault(15)
async def test_a_line_that_breaks_off_is_probed_and_then_called_offline() -> None:
    async with a_line() as line:
        line.probe_fails = AnswerLost("cut")
        line.fail(1, AnswerLost("cut"))
        assert line.link() is LinkState.ONLINE
        await line.clock.turn(10.0)
        assert line.link() is LinkState.OFFLINE
        line.probe_fails = None
        await line.clock.turn(20.0)
        assert line.link() is LinkState.ONLINE


async def test_one_lost_answer_on_a_good_line_changes_nothing() -> None:
    async with a_line() as line:
        line.fail(1, AnswerLost("cut"))
        await line.clock.turn(10.0)
        assert line.link() is LinkState.ONLINE
        assert len(line.probes) == 1
