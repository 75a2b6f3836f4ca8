"""What a bench does with what its hub tells, and without; the hub is scripted, the clock turned by hand."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from loopdesk.domain.errors import AnswerLost, ApiError, HubUnreachable, KeyRefused
from loopdesk.domain.sync import HubContact
from loopdesk.services.ports.following import (
    FillBegun,
    HubOutdated,
    HubPosition,
    HubShopName,
    HubTold,
    HubWithout,
    LateFailure,
    SharedEvent,
    ToldReturn,
)
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.station.events import (
    Feed,
    HubContactChanged,
    ReturnChanged,
    StationChanged,
    SyncProgress,
)
from loopdesk.services.station.tasks import Tasks
from loopdesk.services.sync.following import (
    GAPS_MOST,
    OLDER_SECONDS,
    PATIENCE_SECONDS,
    SILENT_SECONDS,
    Following,
)
from tests.builders import AT, a_fetched, a_return
from tests.fakes.clock import HandClock
from tests.fakes.memory_store import MemoryStore

ACME, NORTH = HubShopName("acme", "Acme", "#336699", 0, AT), HubShopName("north", "North", "", 0, AT)


def a_told(seq: int, shop: str = "acme", return_id: str = "", **fields: object) -> ToldReturn:
    name = return_id or f"{70000000 + seq}"
    return ToldReturn(shop, name, seq, (a_fetched(a_return(name, **fields)),), AT, f"mark {name} {seq}")


@dataclass
class ScriptedHub:
    """Tells what a test has put in; ``None`` in a stream lets it wait, a failure is raised there."""

    shops_of_bench: list[HubShopName] = field(default_factory=lambda: [ACME])
    filled: list[ToldReturn] = field(default_factory=list)
    fill_breaks: list[int] = field(default_factory=list)
    generation: str = "g"
    ends: dict[str, int] = field(default_factory=lambda: {"acme": 0, "north": 0})
    streams: deque[list[tuple[HubTold, ...] | Exception | None]] = field(default_factory=deque)
    refusal: Exception | None = None
    asked: list[HubPosition] = field(default_factory=list)
    shared_from: list[int | None] = field(default_factory=list)
    fills: list[tuple[Sequence[str], Mapping[str, Mapping[str, str]]]] = field(default_factory=list)
    looks: int = 0

    async def shops(self) -> tuple[HubShopName, ...]:
        self.looks += 1
        if self.refusal is not None:
            raise self.refusal
        return tuple(self.shops_of_bench)

    async def failures(self, after: int) -> tuple[LateFailure, ...]:
        raise AssertionError(after)

    async def fill(
        self, shops: Sequence[str], held: Mapping[str, Mapping[str, str]]
    ) -> AsyncGenerator[FillBegun | tuple[ToldReturn, ...], None]:
        self.fills.append((shops, held))
        ends = {shop: self.ends[shop] for shop in shops}
        yield FillBegun(HubPosition(self.generation, ends), len(self.filled))
        sent = [x for x in self.filled if x.shop in shops and held[x.shop].get(x.return_id) != x.mark]
        breaks = self.fill_breaks.pop(0) if self.fill_breaks else None
        for n, one in enumerate(sent):
            if n == breaks:
                raise AnswerLost(why="cut_off")
            yield (one,)

    async def changes(
        self, position: HubPosition, shared: int | None
    ) -> AsyncGenerator[tuple[HubTold, ...], None]:
        self.asked.append(position)
        self.shared_from.append(shared)
        if position.generation != self.generation:
            raise HubOutdated
        yield ()
        for piece in self.streams.popleft() if self.streams else [None]:
            if isinstance(piece, Exception):
                raise piece
            if piece is None:
                await asyncio.Event().wait()
            else:
                yield piece


class Rig:
    """A bench's following service."""

    def __init__(self, hub: ScriptedHub) -> None:
        self.hub = hub
        self.clock = HandClock()
        self.store = MemoryStore()
        self.has_hub = True
        self.faults: list[BaseException] = []
        self.events: list[object] = []
        self.observed: list[Fetched] = []
        self.synced: list[datetime] = []
        self.unread: list[str] = []
        self.told: list[str] = []
        self.anew = 0
        self.tasks = Tasks(lambda _where, failure: self.faults.append(failure))
        self.feed = Feed(lambda _where, failure: self.faults.append(failure))
        for kind in (ReturnChanged, SyncProgress, StationChanged):
            self.feed.on(kind, self.events.append)
        self.following = self.built()

    def built(self) -> Following:
        """Build it as at a start of the program."""
        return Following(
            has_hub=lambda: self.has_hub,
            stream=self.hub,
            returns=self.store.hub_told,
            cache=self.store.returns,
            clock=self.clock,
            tasks=self.tasks,
            feed=self.feed,
            observe=self._observe,
            synced=self._synced,
            unread=self._unread,
            after_told=self._after_told,
            anew=self._anew,
            random=lambda: 0.999,
        )

    async def _observe(self, fetched: Fetched) -> None:
        self.observed.append(fetched)

    async def _synced(self, at: datetime) -> None:
        self.synced.append(at)

    async def _unread(self, return_ids: Sequence[str]) -> None:
        self.unread += return_ids

    async def _after_told(self, return_ids: Sequence[str]) -> None:
        self.told += return_ids

    async def _anew(self) -> None:
        self.anew += 1

    async def run(self) -> None:
        """Start, and let it come to rest."""
        self.tasks.spawn(self.following.run(), name="following")
        await self.clock.settle()

    async def kill(self) -> None:
        """End it at once, and build it anew over the same store."""
        await self.tasks.aclose()
        self.following = self.built()


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    made = Rig(ScriptedHub())
    yield made
    await made.tasks.aclose()
    assert made.faults == []


async def test_a_new_bench_is_filled_and_goes_on_where_the_fill_ends(rig: Rig) -> None:
    rig.hub.filled = [a_told(0, return_id=f"7000{n}") for n in range(25)]
    rig.hub.ends["acme"] = 40
    rig.hub.streams.append([(a_told(41),), None])
    await rig.run()
    assert await rig.store.returns.count() == 26
    assert rig.hub.asked == [HubPosition("g", {"acme": 40})]
    assert await rig.store.hub_told.position() == HubPosition("g", {"acme": 41})
    assert rig.told == ["70000041"]
    assert rig.following.shops == {"acme": ACME}


async def test_a_fill_that_breaks_is_taken_up_again_with_what_is_held(rig: Rig) -> None:
    rig.hub.filled = [a_told(0, return_id=f"7000{n}") for n in range(9)]
    rig.hub.fill_breaks = [4]
    await rig.run()
    assert await rig.store.hub_told.position() == HubPosition()
    await rig.clock.turn(5)
    assert await rig.store.returns.count() == 9
    assert [len(held["acme"]) for _, held in rig.hub.fills] == [0, 4]
    assert len(rig.observed) == 9


async def test_a_bench_killed_between_changes_goes_on_after_the_last_that_it_kept(rig: Rig) -> None:
    rig.hub.streams.extend([[(a_told(1), a_told(2)), None], [(a_told(3),), None]])
    await rig.run()
    await rig.kill()
    await rig.run()
    assert [x.after["acme"] for x in rig.hub.asked] == [0, 2]
    assert await rig.store.hub_told.position() == HubPosition("g", {"acme": 3})
    assert len(rig.hub.fills) == 1


async def test_what_is_told_again_is_left_out_and_a_missing_number_begins_the_stream_anew(rig: Rig) -> None:
    again: list[tuple[HubTold, ...] | Exception | None] = [
        (a_told(1), a_told(2)),
        (a_told(2), a_told(3)),
        (a_told(5),),
    ]
    rig.hub.streams.extend([again, [(a_told(4), a_told(5)), None]])
    await rig.run()
    assert rig.told == ["70000001", "70000002", "70000003"]
    await rig.clock.turn(5)
    assert [x.after["acme"] for x in rig.hub.asked] == [0, 3]
    assert rig.told[3:] == ["70000004", "70000005"]


async def test_a_number_that_never_comes_is_not_waited_for_but_the_bench_filled_anew(rig: Rig) -> None:
    rig.hub.streams.append([(a_told(1),), (a_told(3),)])
    rig.hub.streams.extend([(a_told(3),)] for _ in range(GAPS_MOST - 1))
    await rig.run()
    rig.hub.ends["acme"] = 9
    for tried in range(1, GAPS_MOST):
        assert (len(rig.hub.asked), len(rig.hub.fills)) == (tried, 1), "what was lost on the way comes again"
        await rig.clock.turn(2)
    await rig.clock.turn(2)
    assert [sorted(held["acme"]) for _, held in rig.hub.fills] == [[], ["70000001"]], "only the rest is sent"
    assert rig.hub.asked[-1] == HubPosition("g", {"acme": 9})
    assert rig.anew == 0


async def test_numbers_that_are_missing_now_and_then_are_no_reason_to_fill(rig: Rig) -> None:
    rig.hub.streams.extend([(a_told(n),), (a_told(n + 2),)] for n in range(1, 2 * GAPS_MOST))
    await rig.run()
    await rig.clock.turn(60)
    assert len(rig.hub.asked) == 2 * GAPS_MOST
    assert len(rig.hub.fills) == 1


async def test_a_hub_that_counts_anew_fills_the_bench_with_the_rest_only(rig: Rig) -> None:
    first = a_told(1)
    rig.hub.filled = [first, a_told(0, return_id="7777")]
    rig.hub.streams.append([(first,), AnswerLost()])
    shelf = Shelf()
    shelf.number = 9
    rig.following.shared = shelf
    await rig.run()
    rig.hub.generation = "restored"
    await rig.clock.turn(10)
    assert (shelf.number, rig.anew) == (0, 1)
    assert await rig.store.hub_told.position() == HubPosition("restored", {"acme": 0})
    assert rig.hub.fills[-1][1]["acme"].keys() == {"70000001", "7777"}
    assert rig.hub.asked[-1] == HubPosition("restored", {"acme": 0})


async def test_a_broken_line_is_tried_again_less_and_less_often(rig: Rig) -> None:
    rig.hub.refusal = HubUnreachable()
    await rig.run()
    await rig.clock.turn(3600)
    assert 50 < rig.hub.looks < 80
    rig.hub.refusal = None
    await rig.clock.turn(61)
    assert rig.hub.asked
    assert rig.following.tells


async def test_a_hub_away_for_hours_is_no_reason_to_think_that_it_tells(rig: Rig) -> None:
    await rig.run()
    assert rig.following.tells
    rig.hub.refusal = HubUnreachable()
    await rig.kill()
    rig.following = rig.built()
    await rig.run()
    await rig.clock.turn(PATIENCE_SECONDS - 1)
    assert rig.following.tells
    await rig.clock.turn(2)
    assert not rig.following.tells


async def test_it_is_told_once_that_the_hub_is_heard_that_it_is_silent_and_that_it_is_heard_again(
    rig: Rig,
) -> None:
    told: list[HubContact] = []
    rig.feed.on(HubContactChanged, lambda _: told.append(rig.following.contact))
    rig.hub.streams.append([(a_told(1),), (a_told(2),), HubUnreachable()])
    assert rig.following.contact == HubContact()
    await rig.run()
    heard_at = rig.clock.now()
    assert told == [HubContact(is_heard=True, heard_at=heard_at)]
    rig.hub.refusal = HubUnreachable()
    while rig.clock.now() < heard_at + timedelta(seconds=SILENT_SECONDS - 1):
        await rig.clock.turn(1)
    assert len(told) == 1
    assert rig.following.contact.is_heard
    await rig.clock.turn(PATIENCE_SECONDS)
    assert told[1:] == [HubContact(heard_at=heard_at, is_silent=True)]
    rig.hub.refusal = None
    await rig.clock.turn(PATIENCE_SECONDS)
    assert [each.is_heard for each in told] == [True, False, True]


async def test_a_hub_that_was_not_heard_since_the_start_falls_silent_too(rig: Rig) -> None:
    told: list[HubContact] = []
    rig.feed.on(HubContactChanged, lambda _: told.append(rig.following.contact))
    rig.hub.refusal = HubUnreachable()
    await rig.run()
    assert rig.following.contact == HubContact()
    await rig.clock.turn(PATIENCE_SECONDS)
    assert told == [HubContact(is_silent=True)]


async def test_an_older_hub_tells_nothing_and_is_asked_again_now_and_then(rig: Rig) -> None:
    rig.hub.refusal = HubWithout()
    await rig.run()
    assert not rig.following.tells
    await rig.clock.turn(OLDER_SECONDS - 1)
    assert rig.hub.looks == 1
    rig.hub.refusal = None
    await rig.clock.turn(2)
    assert rig.following.tells


@pytest.mark.parametrize("failure", [KeyRefused(why="hub_revoked"), AnswerLost(why="hub_stranger")])
async def test_a_refusal_ends_nothing_but_the_stream(rig: Rig, failure: ApiError) -> None:
    rig.hub.refusal = failure
    await rig.run()
    rig.hub.refusal = None
    await rig.clock.turn(5)
    assert rig.hub.asked


async def test_a_shop_that_is_no_longer_the_benchs_is_left_out(rig: Rig) -> None:
    rig.hub.shops_of_bench = [ACME, NORTH]
    rig.hub.streams.append([(a_told(1, "north"), a_told(1, "acme", "71")), AnswerLost()])
    await rig.run()
    rig.hub.shops_of_bench = [ACME]
    rig.hub.streams.append([(a_told(2, "north", "72"), a_told(2, "acme", "73")), None])
    await rig.clock.turn(5)
    assert rig.hub.asked[-1] == HubPosition("g", {"acme": 1})
    assert rig.told == ["70000001", "71", "73"]


async def test_a_shop_that_comes_later_is_filled_by_itself(rig: Rig) -> None:
    rig.hub.streams.append([(a_told(1),), AnswerLost()])
    await rig.run()
    rig.hub.shops_of_bench = [ACME, NORTH]
    rig.hub.filled = [a_told(0, "north", "77")]
    rig.hub.ends["north"] = 12
    await rig.clock.turn(5)
    assert [shops for shops, _ in rig.hub.fills] == [["acme"], ["north"]]
    assert rig.hub.asked[-1] == HubPosition("g", {"acme": 1, "north": 12})


async def test_a_new_shop_is_noticed_while_the_stream_goes_on(rig: Rig) -> None:
    rig.hub.streams.append([()])
    rig.hub.streams.append([None])
    await rig.run()
    rig.hub.shops_of_bench = [ACME, NORTH]
    await rig.clock.turn(20)
    assert rig.hub.asked[-1].after.keys() == {"acme", "north"}


async def test_everything_is_known_only_when_all_is_stored_that_the_hub_had(rig: Rig) -> None:
    late = AT + timedelta(minutes=1)
    rig.hub.shops_of_bench = [replace(ACME, last=2, synced_at=late), replace(NORTH, last=0, synced_at=AT)]
    rig.hub.streams.append([(a_told(1),)])
    await rig.run()
    assert rig.synced == []
    rig.hub.streams.append([(a_told(2),), None])
    await rig.clock.turn(5)
    assert set(rig.synced) == {AT}


async def test_a_hub_that_has_not_read_everything_yet_says_nothing_of_it(rig: Rig) -> None:
    rig.hub.shops_of_bench = [ACME, replace(NORTH, synced_at=None)]
    await rig.run()
    assert rig.synced == []


async def test_what_cannot_be_read_is_counted_and_asked_for(rig: Rig) -> None:
    odd = ToldReturn("acme", "70000001", 1, is_unread=True)
    nameless = ToldReturn("acme", "", 2)
    gone = ToldReturn("acme", "70000009", 3)
    rig.hub.streams.append([(odd, nameless, gone, a_told(4)), None])
    await rig.run()
    assert rig.unread == ["70000001"]
    assert await rig.store.hub_told.position() == HubPosition("g", {"acme": 4})
    assert await rig.store.returns.count() == 1


class Shelf:
    """Takes shared events."""

    def __init__(self) -> None:
        self.events: list[SharedEvent] = []
        self.number = self.beats = 0

    async def position(self) -> int:
        return self.number

    async def shared(self, event: SharedEvent) -> None:
        self.events.append(event)
        self.number = event.seq

    async def beat(self) -> None:
        self.beats += 1

    async def begin_anew(self) -> None:
        self.number = 0


async def test_what_the_benches_share_is_handed_on_in_its_order(rig: Rig) -> None:
    shelf = Shelf()
    rig.following.shared = shelf
    first, second = SharedEvent("draft", 1, "7", {"a": 1}), SharedEvent("of tomorrow", 2, "8", None)
    rig.hub.streams.extend([[(first, a_told(1), second), AnswerLost()], [None]])
    await rig.run()
    await rig.clock.turn(5)
    assert shelf.events == [first, second]
    assert shelf.beats > 0
    assert rig.hub.shared_from == [0, 2]


@pytest.mark.parametrize("other", [[ACME, NORTH], [NORTH]])
async def test_with_other_shops_all_that_the_benches_share_is_told_anew_once(
    rig: Rig, other: list[HubShopName]
) -> None:
    shelf = Shelf()
    rig.following.shared = shelf
    rig.hub.streams.extend([[(SharedEvent("draft", 7, "7", {}),), AnswerLost()], [AnswerLost()], [None]])
    await rig.run()
    rig.hub.shops_of_bench = other
    await rig.clock.turn(3)
    assert rig.hub.shared_from[:2] == [0, 0], "one count tells nothing of one shop: what of it came before?"
    shelf.number = 9
    await rig.clock.turn(20)
    assert rig.hub.shared_from[2:] == [9]


async def test_without_a_taker_shared_events_are_not_asked_for(rig: Rig) -> None:
    rig.hub.streams.append([(SharedEvent("draft", 1, "7", None),), None])
    await rig.run()
    assert rig.hub.shared_from == [None]


async def test_without_a_hub_nothing_is_asked_until_there_is_one(rig: Rig) -> None:
    rig.has_hub = False
    await rig.run()
    await rig.clock.turn(7200)
    assert (rig.hub.looks, rig.following.tells) == (0, False)
    rig.has_hub = True
    rig.feed.tell(StationChanged())
    await rig.clock.settle()
    assert rig.hub.asked


async def test_the_open_return_hears_of_its_change_and_progress_is_shown(rig: Rig) -> None:
    rig.hub.filled = [a_told(0, return_id="71"), a_told(0, return_id="72")]
    rig.hub.streams.append([(a_told(1, return_id="71", order_name="#new"),), None])
    await rig.run()
    assert rig.events.count(ReturnChanged("71")) == 2
    assert SyncProgress(1, running=True, of=2) in rig.events
    assert SyncProgress(2, running=False) in rig.events


async def test_the_names_of_the_shops_outlive_the_program(rig: Rig) -> None:
    await rig.run()
    await rig.kill()
    rig.hub.refusal = HubUnreachable()
    await rig.run()
    assert rig.following.shops == {"acme": ACME}
