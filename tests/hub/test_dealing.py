"""The rules by which a shop's requests are dealt out, as a plain function."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loopdesk.hub.budget.dealing import (
    BURST,
    PER_SECOND,
    SLOW_SECONDS,
    Klass,
    TokenBucket,
    Wish,
    deal,
    klass_named,
    throttled,
)
from loopdesk.services.ports.loop import Priority

DOCKS = [UUID(int=number + 1) for number in range(40)]
START = 1000.0


def full(tokens: float = BURST) -> TokenBucket:
    return TokenBucket(tokens, START)


class Queue:
    """A bucket, and wishes that wait for it."""

    def __init__(self, bucket: TokenBucket) -> None:
        self.bucket = bucket
        self.waiting: list[Wish] = []
        self.left: list[tuple[float, Wish]] = []
        self._numbers = 0

    def wish(self, klass: Klass, at: float, dock: UUID = DOCKS[0], times: int = 1) -> None:
        for _ in range(times):
            self._numbers += 1
            self.waiting.append(Wish(self._numbers, dock, klass, at))

    def deal(self, at: float) -> list[Wish]:
        dealt = deal(self.bucket, self.waiting, at)
        self.bucket = dealt.bucket
        self.waiting = [wish for wish in self.waiting if wish not in dealt.granted]
        self.left += [(at, wish) for wish in dealt.granted]
        return list(dealt.granted)


def test_the_classes_are_the_priorities_that_a_bench_names() -> None:
    named = {name: value for name, value in vars(Priority).items() if name.isupper()}

    assert {klass.name: int(klass) for klass in Klass} == named
    assert [klass_named(str(value)) for value in named.values()] == list(Klass)


def test_a_priority_that_is_unknown_is_background_work() -> None:
    assert {klass_named(text) for text in (None, "", "5", "-1", "lookup", "0.0")} == {Klass.BACKGROUND}


def test_a_lookup_goes_before_everything_that_waited_for_longer() -> None:
    queue = Queue(full(5.0))
    for klass in (Klass.BACKGROUND, Klass.ACTION, Klass.READ_BACK, Klass.FINISH):
        queue.wish(klass, START - 100, times=100)
    queue.wish(Klass.LOOKUP, START)

    assert queue.deal(START)[0].klass is Klass.LOOKUP


def test_with_four_hundred_actions_waiting_every_lookup_leaves_at_once() -> None:
    queue = Queue(full())
    queue.wish(Klass.ACTION, START, times=400)
    queue.deal(START)
    for second in range(1, 60):
        at = START + second
        queue.wish(Klass.LOOKUP, at, DOCKS[second % 40])
        assert Klass.LOOKUP in {wish.klass for wish in queue.deal(at)}


def test_each_class_leaves_tokens_to_those_before_it() -> None:
    left = {}
    for klass in Klass:
        queue = Queue(full())
        queue.wish(klass, START, times=100)
        queue.deal(START)
        left[klass] = queue.bucket.tokens

    assert left == {
        Klass.LOOKUP: 0.0,
        Klass.FINISH: 1.0,
        Klass.READ_BACK: 2.0,
        Klass.ACTION: 4.0,
        Klass.BACKGROUND: 12.0,
    }


def test_classes_that_all_wait_share_by_their_weights() -> None:
    queue = Queue(full(0.0))
    busy = (Klass.FINISH, Klass.READ_BACK, Klass.ACTION, Klass.BACKGROUND)
    for klass in busy:
        queue.wish(klass, START - 60, times=40)
    for step in range(1, 4 * 170):
        for wish in queue.deal(START + step / 4):
            queue.wish(wish.klass, START - 60)
    went = Counter(wish.klass for _, wish in queue.left)

    assert [round(went[klass] / went[Klass.BACKGROUND]) for klass in busy] == [8, 4, 4, 1]


@pytest.mark.parametrize("greedy", [Klass.FINISH, Klass.READ_BACK, Klass.ACTION])
@pytest.mark.parametrize("other", [Klass.READ_BACK, Klass.ACTION, Klass.BACKGROUND])
def test_no_class_stops_another_one_however_much_it_wants(greedy: Klass, other: Klass) -> None:
    queue = Queue(full())
    queue.wish(greedy, START, times=20)
    for step in range(4 * 120):
        if step % 40 == 0:
            queue.wish(other, START + step / 4, DOCKS[1])
        for _ in [wish for wish in queue.deal(START + step / 4) if wish.bench_id == DOCKS[0]]:
            queue.wish(greedy, START + step / 4)
    waited = [at - wish.asked_at for at, wish in queue.left if wish.bench_id == DOCKS[1]]

    assert len(waited) == 12
    assert max(waited) <= 4.5


def test_within_a_class_a_bench_with_a_hundred_wishes_is_one_bench() -> None:
    queue = Queue(full(4.0))
    queue.wish(Klass.ACTION, START - 50, DOCKS[0], times=100)
    for dock in DOCKS[1:4]:
        queue.wish(Klass.ACTION, START, dock, times=2)
    for step in range(1, 9):
        queue.deal(START + step / 4)

    assert Counter(wish.bench_id for _, wish in queue.left) == dict.fromkeys(DOCKS[:4], 2)


def test_a_bench_that_was_quiet_goes_next_and_makes_up_for_nothing() -> None:
    queue = Queue(full())
    for step in range(40):
        queue.wish(Klass.ACTION, START + step, DOCKS[0], times=4)
        queue.deal(START + step)
    queue.wish(Klass.ACTION, START + 40, DOCKS[0], times=40)
    queue.wish(Klass.ACTION, START + 40, DOCKS[1], times=40)
    queue.left.clear()
    for step in range(40, 45):
        queue.deal(START + step)
    went = [wish.bench_id for _, wish in queue.left]

    assert went[:2].count(DOCKS[1]) == 1
    assert abs(went.count(DOCKS[0]) - went.count(DOCKS[1])) <= 1


def test_a_throttle_closes_the_bucket_and_halves_its_rate_for_a_minute() -> None:
    bucket = throttled(full(), START)
    queue = Queue(bucket)
    queue.wish(Klass.LOOKUP, START, times=1000)
    assert queue.deal(START) == []
    queue.deal(START + SLOW_SECONDS)
    assert len(queue.left) <= SLOW_SECONDS * PER_SECOND / 2
    queue.left.clear()
    for step in range(1, 61):
        queue.deal(START + SLOW_SECONDS + step)

    assert len(queue.left) == 60 * PER_SECOND


def test_a_throttle_that_says_how_long_is_obeyed() -> None:
    queue = Queue(throttled(full(), START, 20.0))
    queue.wish(Klass.LOOKUP, START, times=10)

    assert queue.deal(START + 20) == []
    assert len(queue.deal(START + 20.5)) == 1


def test_a_clock_that_is_put_back_gives_nothing_and_stops_nothing() -> None:
    queue = Queue(full(0.0))
    queue.wish(Klass.LOOKUP, START, times=10)
    assert queue.deal(START - 3600) == []

    assert len(queue.deal(START - 3600 + 1)) == PER_SECOND


STEPS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 0.25, 1.0, 7.0, 30.0, -5.0]),
        st.lists(st.tuples(st.sampled_from(list(Klass)), st.integers(0, 3)), max_size=40),
        st.booleans(),
    ),
    max_size=40,
)


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_no_minute_takes_more_than_its_rate_and_one_burst(
    steps: list[tuple[float, list[tuple[Klass, int]], bool]],
) -> None:
    queue, at, real = Queue(full()), START, 0.0
    left: list[float] = []
    for seconds, wishes, refused in steps:
        at, real = at + seconds, real + max(0.0, seconds)  # a clock put back takes no real time
        for klass, dock in wishes:
            queue.wish(klass, at, DOCKS[dock])
        if refused:
            queue.bucket = throttled(queue.bucket, at)
        left += [real for _ in queue.deal(at)]
        assert queue.bucket.tokens <= BURST

    for began in left:
        assert sum(1 for one in left if began <= one < began + 60) <= 60 * PER_SECOND + BURST


def test_when_to_look_again_is_when_the_next_could_leave() -> None:
    bucket = replace(full(0.0), tokens=2.5)
    action = Wish(1, DOCKS[0], Klass.ACTION, START)

    assert deal(bucket, [], START).look_in is None
    assert deal(bucket, [action], START).look_in == 2.5 / PER_SECOND
    assert len(deal(bucket, [action], START + 2.5 / PER_SECOND).granted) == 1
