"""No answer of the hub is older than it may be; and what could go wrong with that is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from loopdesk.hub.database.sql import Connection, rows
from loopdesk.hub.reads import flights as flights_module
from loopdesk.hub.reads import reads as reads_module
from loopdesk.hub.reads.copies import KnownCopies, LoopPage, keep
from loopdesk.hub.reads.freshness import Need, ReadTime, age_of, is_fresh
from loopdesk.hub.reads.readings import LoopRead
from tests.hub.freshness_walk import SHOP, walked
from tests.hub.reading_rig import Process, a_shop, add_shops
from tests.torture import figures

MOST_WALKS = 8


@pytest.mark.parametrize("seed", range(figures.size("hub_walks", 2, 200)))
async def test_no_answer_is_older_than_a_hint_or_than_its_question_allows(hub_url: str, seed: int) -> None:
    loop = a_shop(SHOP)
    add_shops(hub_url, {SHOP: loop})
    tally = await walked(hub_url, loop, seed)

    assert tally.asked == 240
    assert tally.stale == []
    assert tally.kept > 0
    assert tally.read < tally.asked


def _age_from_the_answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Process], None]:
    """Keep answers with the end of their read."""

    async def kept_late(
        connection: Connection, shop_id: str, reading: LoopRead, page: LoopPage, began: datetime
    ) -> None:
        [now] = await rows(connection, "reads.now")
        await keep(connection, shop_id, reading, page, now["at"])

    monkeypatch.setattr(flights_module, "keep", kept_late)
    return lambda one: None


def _kept_answers_for_no_cache(monkeypatch: pytest.MonkeyPatch) -> Callable[[Process], None]:
    """Answer what must be fresh from what is kept."""

    def lax(seen: ReadTime, need: Need, now: datetime) -> bool:
        return is_fresh(seen, replace(need, max_age=max(need.max_age, 60.0)), now)

    monkeypatch.setattr(reads_module, "is_fresh", lax)
    return lambda one: None


def _the_process_s_own_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[Process], None]:
    """Tell the time of a question by the machine's clock instead of the database's."""

    def alter(one: Process) -> None:
        copies = one.reads._copies
        known = copies.known

        async def by_own_clock(reading: LoopRead, shops: Sequence[str]) -> KnownCopies:
            return replace(await known(reading, shops), at=one.clock.now())

        monkeypatch.setattr(copies, "known", by_own_clock)

    return alter


def _hints_ignored(monkeypatch: pytest.MonkeyPatch) -> Callable[[Process], None]:
    """Go by age alone."""

    def by_age(seen: ReadTime, need: Need, now: datetime) -> bool:
        return seen.began >= need.asked or (need.max_age > 0 and age_of(seen.began, now) <= need.max_age)

    monkeypatch.setattr(reads_module, "is_fresh", by_age)
    return lambda one: None


def _any_read_under_way_will_do(monkeypatch: pytest.MonkeyPatch) -> Callable[[Process], None]:
    """Join reads that have begun."""

    def alter(one: Process) -> None:
        flights = one.reads._flights
        join = flights.join

        async def join_any(*given: object) -> object:
            running = flights.running(*given[:2])  # type: ignore[arg-type]
            return await running if running is not None else await join(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(flights, "join", join_any)

    return alter


@pytest.mark.parametrize(
    "mutant",
    [
        _age_from_the_answer,
        _kept_answers_for_no_cache,
        _the_process_s_own_clock,
        _hints_ignored,
        _any_read_under_way_will_do,
    ],
)
async def test_a_hub_that_is_broken_on_purpose_is_found(
    hub_url: str, monkeypatch: pytest.MonkeyPatch, mutant: Callable[..., Callable[[Process], None]]
) -> None:
    loop = a_shop(SHOP)
    add_shops(hub_url, {SHOP: loop})
    alter = mutant(monkeypatch)
    for seed in range(MOST_WALKS):  # who meets whom depends on the machine
        if (await walked(hub_url, loop, seed, alter)).stale:
            return
    pytest.fail("not found")
