"""Two programs on one profile: one works, the other says so; whoever takes over asks before acting."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loopdesk.domain.outbox.stages import Stage
from tests.network import Rule
from tests.torture.processes import killing
from tests.torture.processes.shop import TrialShop
from tests.torture.processes.zygote import Zygote

TAKE_OVER_SECONDS = 2.0


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """Fork programs for every test of this file."""
    with Zygote() as zygote:
        yield zygote


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[TrialShop]:
    """Serve a shop with four returns that are in the queue."""
    with TrialShop(tmp_path, 7, 4) as shop:
        shop.fill()
        yield shop


@pytest.mark.fault(76, 140)
def test_a_second_program_on_the_profile_ends_with_three(zygote: Zygote, shop: TrialShop) -> None:
    shop.proxy.use(Rule("stall", match="^POST"))
    first = shop.start(zygote, "sync")
    killing.until(lambda: bool(shop.shop.requests("POST")))
    seconds = [shop.start(zygote, "sync", *more) for more in ((), ("--once",), ())]
    assert [each.wait(10) for each in seconds] == [3, 3, 3]
    assert "already" in seconds[0].words()
    assert not first.has_ended()
    first.kill()
    first.wait()


@pytest.mark.fault(76)
def test_of_many_started_at_once_one_works(zygote: Zygote, shop: TrialShop) -> None:
    started = [shop.start(zygote, "sync", "--once") for _ in range(6)]
    codes = sorted(each.wait() for each in started)
    assert codes.count(3) >= 1
    assert set(codes) <= {0, 3}
    assert shop.judge().complaints() == {}


@pytest.mark.fault(77)
def test_after_a_kill_the_next_takes_over_and_asks_before_it_acts(zygote: Zygote, shop: TrialShop) -> None:
    shop.proxy.use(Rule("stall", match=r"^POST \S+/(process|remove|cancel|close|flag)\b"))
    first = shop.start(zygote, "sync")
    killing.until(lambda: any(each.mode == "stall" for each in shop.proxy.passages))
    first.kill()
    first.wait()
    shop.good_network()
    before = len(shop.proxy.passages)
    began = time.monotonic()
    second = shop.start(zygote, "sync", "--once")
    killing.until(lambda: len(shop.proxy.passages) > before)
    assert time.monotonic() - began < TAKE_OVER_SECONDS
    assert second.wait() in (0, 1)
    assert shop.judge().complaints() == {}


@pytest.mark.fault(78, 79)
def test_while_the_holder_is_frozen_nobody_sends(zygote: Zygote, shop: TrialShop) -> None:
    shop.proxy.use(Rule("stall", match="^POST"))
    first = shop.start(zygote, "sync")
    killing.until(lambda: bool(shop.shop.requests("POST")))
    first.signal(signal.SIGSTOP)
    shop.good_network()
    before = len(shop.proxy.passages)
    assert [shop.start(zygote, "sync", "--once").wait(10) for _ in range(3)] == [3, 3, 3]
    assert len(shop.proxy.passages) == before
    first.signal(signal.SIGCONT)
    first.has_ended(1.0)
    first.kill()
    first.wait()
    assert shop.start(zygote, "sync", "--once").wait() in (0, 1)
    assert shop.judge().complaints() == {}


def test_the_queue_can_be_looked_at_while_another_works(zygote: Zygote, shop: TrialShop) -> None:
    shop.proxy.use(Rule("stall", match="^POST"))
    first = shop.start(zygote, "sync")
    killing.until(lambda: bool(shop.shop.requests("POST")))
    looking = shop.start(zygote, "queue")
    assert looking.wait(10) == 0
    assert Stage.SENDING.value in looking.words()
    first.kill()
    first.wait()


@pytest.mark.fault(59)
def test_a_plea_to_end_is_obeyed_in_time_and_leaves_nothing_undone(zygote: Zygote, shop: TrialShop) -> None:
    shop.proxy.use(Rule("stall", match="^POST"))
    first = shop.start(zygote, "sync")
    killing.until(lambda: bool(shop.shop.requests("POST")))
    began = time.monotonic()
    first.signal(signal.SIGTERM)
    assert first.wait(20) == 0
    assert time.monotonic() - began < 8.0
    assert any(entry.stage in (Stage.SENDING, Stage.UNCERTAIN) for entry, _ in shop.entries().values())
    shop.good_network()
    assert shop.start(zygote, "sync", "--once").wait() in (0, 1)
    assert shop.judge().complaints() == {}
