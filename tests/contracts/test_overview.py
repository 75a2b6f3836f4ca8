"""The outbox by returns, in memory and on disk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.ladder import Standing
from loopdesk.domain.outbox.stages import Entry, Move, ParkReason, Stage
from loopdesk.services.ports.overview import LanePage
from tests.builders import AT, a_draft, a_keep_request
from tests.contracts.conftest import AnyStore

LATER = AT + timedelta(minutes=1)
BY = Operator(name="Kim")


async def keep(store: AnyStore, number: int, *kinds: Kind, release: bool = True) -> tuple[Entry, ...]:
    """Keep a settlement of return ``r<number>``."""
    return_id = f"r{number}"
    kinds = kinds or (Kind.NOTE,)
    request = a_keep_request(
        *kinds, return_id=return_id, order_name=f"#{number}", draft=a_draft(return_id), decided_at=AT
    )
    kept = await store.outbox.keep(request)
    if release:
        await store.outbox.release(kept[0].settlement_id)
    return await store.outbox.lane(return_id)


async def move(store: AnyStore, entry: Entry, *path: Stage, minutes: int = 1) -> None:
    """Send an entry and move it along a path of stages."""
    assert await store.outbox.claim((entry,), "", LATER)
    before = Stage.SENDING
    for stage in path:
        reason = ParkReason.REFUSED if stage is Stage.PARKED else None
        step = Move(entry.entry_id, before, stage, reason=reason)
        await store.outbox.apply((step,), at=AT + timedelta(minutes=minutes))
        before = stage


def names(page: LanePage) -> list[str]:
    return [lane[0].return_id for lane in page.lanes]


async def one_of_each(store: AnyStore) -> None:
    """Keep one return in each standing, and a second one that needs a person for longer."""
    await keep(store, 1)
    await move(store, (await keep(store, 2))[0], Stage.PARKED, minutes=5)
    await keep(store, 3, release=False)
    await move(store, (await keep(store, 4, Kind.PROCESS))[0], Stage.SETTLING)
    await move(store, (await keep(store, 5))[0], Stage.DONE)
    await move(store, (await keep(store, 6))[0], Stage.PARKED, minutes=2)
    await keep(store, 7)


async def test_what_needs_a_person_comes_first_then_what_is_held_then_the_oldest(store: AnyStore) -> None:
    await one_of_each(store)
    page = await store.overview.page(None, skip=0, most=100)
    assert names(page) == ["r6", "r2", "r3", "r1", "r4", "r7"]
    assert page.counts == {Standing.PARKED: 2, Standing.HELD: 1, Standing.READY: 2, Standing.SENT: 1}


@pytest.mark.parametrize(
    ("standing", "found"),
    [
        (Standing.PARKED, ["r6", "r2"]),
        (Standing.HELD, ["r3"]),
        (Standing.READY, ["r1", "r7"]),
        (Standing.SENT, ["r4"]),
        (Standing.ENDED, ["r5"]),
    ],
)
async def test_a_return_stands_in_one_place_only(
    store: AnyStore, standing: Standing, found: list[str]
) -> None:
    await one_of_each(store)
    page = await store.overview.page(standing, skip=0, most=100)
    assert names(page) == found
    assert page.counts[standing] == len(found)


async def test_a_page_holds_so_many_returns_with_all_their_entries(store: AnyStore) -> None:
    for number in range(1, 8):
        await keep(store, number, Kind.GRADE, Kind.NOTE)
    page = await store.overview.page(None, skip=2, most=3)
    assert names(page) == ["r3", "r4", "r5"]
    assert [[entry.kind for entry in lane] for lane in page.lanes] == [[Kind.GRADE, Kind.NOTE]] * 3
    assert page.lanes[0] == await store.outbox.lane("r3")
    assert page.counts == {Standing.READY: 7}
    assert (await store.overview.page(None, skip=7, most=3)).lanes == ()


async def test_one_parked_call_makes_its_whole_return_need_a_person(store: AnyStore) -> None:
    lane = await keep(store, 1, Kind.GRADE, Kind.NOTE, Kind.PROCESS)
    await move(store, lane[0], Stage.PARKED)
    page = await store.overview.page(Standing.PARKED, skip=0, most=9)
    assert [len(lane) for lane in page.lanes] == [3]
    assert (await store.overview.page(Standing.READY, skip=0, most=9)).lanes == ()


async def test_ended_returns_come_latest_first_and_without_those_that_go_on(store: AnyStore) -> None:
    for number in (1, 2, 3):
        await move(store, (await keep(store, number))[0], Stage.DONE)
    await keep(store, 2, Kind.GRADE)
    page = await store.overview.page(Standing.ENDED, skip=0, most=9)
    assert names(page) == ["r3", "r1"]
    assert page.counts[Standing.ENDED] == 2


async def test_the_returns_finished_last_are_told_with_what_was_entered(store: AnyStore) -> None:
    for number in range(1, 6):
        await keep(store, number, Kind.GRADE, Kind.NOTE)
    found = await store.overview.finished(3)
    assert [x.return_id for x in found] == ["r5", "r4", "r3"]
    latest = found[0]
    assert (latest.order_name, latest.kind, latest.station) == ("#5", "process", "dock 1")
    assert latest.draft == a_draft("r5")
    assert (latest.operator.name, latest.decided_at) == ("Ana", AT)
    assert latest.entries == await store.outbox.lane("r5")


async def test_what_was_taken_back_was_not_finished(store: AnyStore) -> None:
    await keep(store, 1)
    taken = await keep(store, 2, release=False)
    await store.outbox.withdraw(taken[0].settlement_id, BY, LATER)
    assert [x.return_id for x in await store.overview.finished(10)] == ["r1"]


async def test_a_return_that_was_finished_twice_is_told_once_as_it_was_last(store: AnyStore) -> None:
    await move(store, (await keep(store, 1))[0], Stage.DONE)
    await keep(store, 2)
    again = await keep(store, 1, Kind.GRADE)
    found = await store.overview.finished(10)
    assert [x.return_id for x in found] == ["r1", "r2"]
    assert found[0].settlement_id == again[-1].settlement_id
    assert len(found[0].entries) == 2
