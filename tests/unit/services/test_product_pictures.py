"""Product pictures: what is fetched when, what is not, and that nothing of it is in anybody's way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from loopdesk.domain.checks import Status
from loopdesk.domain.errors import DiskFull, PictureRefused, Unreachable
from loopdesk.domain.pictures import NoPicture, PictureState, link_of
from loopdesk.domain.returns.returns import Return
from loopdesk.presenters.words import check_words
from loopdesk.services.ports.pictures import PicturePorts
from loopdesk.services.station.connection import Connection
from loopdesk.services.station.events import Feed, PictureChanged, ReturnChanged, StationChanged
from loopdesk.services.station.tasks import Tasks
from loopdesk.services.sync import pictures
from loopdesk.services.sync.pictures import ProductPictures
from tests.builders import AT, a_fetched, a_line, a_parcel, a_return
from tests.fakes.clock import HandClock
from tests.fakes.memory_store import MemoryStore
from tests.fakes.pictures import HOST, MemoryPictures, ScriptedSource, as_it_is


def url(name: str) -> str:
    """Return the address of a picture."""
    return f"https://{HOST}/{name}"


def key_of(name: str) -> str:
    """Return the key that it is kept under."""
    link = link_of(url(name), (HOST,))
    assert link is not None
    return link.key


class Rig:
    """The pictures of a station, with a scripted source.

    Attributes:
        told: The keys that everyone was told of.
    """

    def __init__(self, *, room: int = 10_000) -> None:
        self.clock = HandClock()
        self.store = MemoryStore()
        self.source, self.kept = ScriptedSource(), MemoryPictures(self.clock)
        self.hosts: tuple[str, ...] = (HOST,)
        self.room = room
        self.faults: list[BaseException] = []
        self.tasks = Tasks(self._fault)
        self.feed = Feed(self._fault)
        self.connection = Connection(clock=self.clock, tasks=self.tasks, feed=self.feed, random=lambda: 0.5)
        self.told: list[str] = []
        self.feed.on(PictureChanged, self._told)
        self.pictures = ProductPictures(
            PicturePorts(self.source, self.kept, as_it_is, lambda: self.hosts, lambda: self.room),
            arrivals=self.store.arrivals,
            cache=self.store.returns,
            connection=self.connection,
            clock=self.clock,
            tasks=self.tasks,
            feed=self.feed,
        )

    def _fault(self, where: str, failure: BaseException) -> None:
        self.faults.append(failure)

    def _told(self, event: PictureChanged) -> None:
        self.told.append(event.key)

    async def __aenter__(self) -> Rig:
        for _ in range(pictures.WORKERS):
            self.tasks.spawn(self.pictures.run(), name="pictures")
        self.tasks.spawn(self.pictures.run_ahead(), name="ahead")
        await self.clock.settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.tasks.aclose()
        assert self.faults == []

    async def show(self, *names: str) -> None:
        """Open a return with these pictures."""
        self.pictures.show([url(name) for name in names])
        await self.clock.settle()

    async def sync(self) -> None:
        """A synchronization has ended."""
        self.pictures.wake()
        await self.clock.settle()

    async def due(self, return_id: str, label: str, *names: str) -> Return:
        """Let a return with these pictures be on its way."""
        lines = tuple(a_line(f"{return_id}{n}", image_url=url(name)) for n, name in enumerate(names))
        ret = a_return(return_id, lines=lines, parcels=(a_parcel(f"1Z{return_id}", status=label),))
        await self.store.returns.save([a_fetched(ret)], AT)
        return ret

    def state(self, name: str) -> PictureState:
        """How a line with this picture stands."""
        return self.pictures.of(url(name)).state


async def test_the_open_returns_pictures_come_in_the_order_of_its_lines_and_stay() -> None:
    async with Rig() as rig:
        assert rig.state("a.jpg") is PictureState.AWAITED
        await rig.show("a.jpg", "b.jpg", "a.jpg", "c.jpg")
        assert rig.source.asked == ["/a.jpg", "/b.jpg", "/c.jpg"]
        assert rig.state("a.jpg") is PictureState.HERE
        assert await rig.pictures.content(key_of("a.jpg")) == b"/a.jpg"
        assert rig.told == ["", key_of("a.jpg"), key_of("b.jpg"), key_of("c.jpg")]
        await rig.show("c.jpg", "a.jpg")
        assert len(rig.source.asked) == 3


async def test_what_was_kept_before_the_start_is_here_without_asking() -> None:
    rig = Rig()
    await rig.kept.put(key_of("a.jpg"), b"kept")
    async with rig:
        await rig.show("a.jpg")
        assert rig.state("a.jpg") is PictureState.HERE
        assert rig.source.asked == []


async def test_a_line_without_a_picture_that_may_be_fetched_has_none() -> None:
    async with Rig() as rig:
        assert rig.pictures.of("").state is PictureState.NONE
        rig.pictures.show(
            ["", "file:///etc/passwd", "https://evil.example/a.jpg", "http://pictures.example/a"]
        )
        await rig.clock.settle()
        assert rig.pictures.of("file:///etc/passwd").key == ""
        assert rig.source.asked == []


async def test_what_arrives_first_is_fetched_first_and_each_once() -> None:
    async with Rig() as rig:
        await rig.due("1", "in_transit", "transit.jpg", "shared.jpg")
        await rig.due("2", "delivered", "delivered.jpg")
        await rig.due("3", "out_for_delivery", "today.jpg", "shared.jpg")
        await rig.due("4", "pre_transit", "far.jpg")
        await rig.sync()
        assert rig.source.asked == ["/today.jpg", "/shared.jpg", "/delivered.jpg", "/transit.jpg"]
        await rig.sync()
        assert len(rig.source.asked) == 4
        assert rig.source.most_at_once == 1


async def test_a_scan_overtakes_everything_that_is_fetched_ahead() -> None:
    async with Rig() as rig:
        await rig.due("1", "in_transit", *(f"ahead{n}.jpg" for n in range(5)))
        rig.source.gate.clear()
        await rig.sync()
        assert rig.source.asked == ["/ahead0.jpg"]
        await rig.show("open.jpg")
        assert rig.source.asked == ["/ahead0.jpg", "/open.jpg"], "one that is on its way is not in its way"
        rig.source.gate.set()
        await rig.clock.settle()
        await rig.clock.settle()
        assert rig.source.asked[2:] == [f"/ahead{n}.jpg" for n in range(1, 5)]
        assert rig.source.most_at_once == 2


async def test_a_return_that_loop_tells_more_of_is_looked_at_again() -> None:
    async with Rig() as rig:
        ret = await rig.due("1", "in_transit")
        await rig.sync()
        assert rig.source.asked == []
        lines = (replace(ret.lines[0] if ret.lines else a_line("9"), image_url=url("new.jpg")),)
        await rig.store.returns.save([a_fetched(replace(ret, lines=lines, updated_at=AT + timedelta(1)))], AT)
        rig.feed.tell(ReturnChanged("1"))
        await rig.sync()
        assert rig.source.asked == ["/new.jpg"]


@pytest.mark.fault(181)
async def test_nothing_is_fetched_while_the_station_is_offline_and_all_of_it_afterwards() -> None:
    async with Rig() as rig:
        await rig.due("1", "delivered", "ahead.jpg")
        rig.connection.on_exchange(Unreachable("no route"))
        rig.connection.on_exchange(Unreachable("no route"))
        rig.connection.on_exchange(Unreachable("no route"))
        assert not rig.connection.is_online
        await rig.show("open.jpg")
        await rig.sync()
        await rig.clock.turn(3600.0)
        assert rig.source.asked == []
        assert rig.state("open.jpg") is PictureState.AWAITED
        rig.connection.on_exchange(None)
        await rig.clock.turn(10.0)
        assert rig.source.asked == ["/open.jpg", "/ahead.jpg"]


@pytest.mark.fault(181)
async def test_a_host_that_does_not_answer_is_left_alone_longer_each_time() -> None:
    async with Rig() as rig:
        rig.source.answers = {f"/{n}.jpg": PictureRefused("timeout", is_final=False) for n in range(50)}
        await rig.show(*(f"{n}.jpg" for n in range(50)))
        assert len(rig.source.asked) <= pictures.WORKERS
        await rig.clock.turn(3600.0)
        assert len(rig.source.asked) < 20
        assert rig.state("0.jpg") is PictureState.REFUSED, "asked for often enough"
        assert rig.state("49.jpg") is PictureState.AWAITED


async def test_a_picture_that_comes_at_the_second_time_is_shown() -> None:
    async with Rig() as rig:
        rig.source.answers["/a.jpg"] = PictureRefused("status_503", is_final=False)
        await rig.show("a.jpg")
        rig.source.answers.clear()
        await rig.clock.turn(pictures.REST_SECONDS)
        assert rig.state("a.jpg") is PictureState.HERE


@pytest.mark.fault(179)
@pytest.mark.parametrize("answer", [PictureRefused("redirect"), PictureRefused("status_404"), b"bomb"])
async def test_what_is_no_picture_is_asked_for_once_a_day(answer: bytes | Exception) -> None:
    async with Rig() as rig:
        rig.source.answers["/a.jpg"] = answer
        await rig.show("a.jpg", "b.jpg")
        await rig.show("b.jpg", "a.jpg")
        assert rig.source.asked == ["/a.jpg", "/b.jpg"]
        assert (rig.state("a.jpg"), rig.state("b.jpg")) == (PictureState.REFUSED, PictureState.HERE)
        assert await rig.kept.get(key_of("a.jpg")) == b""
        await rig.clock.turn(pictures.REFUSED_SECONDS)
        await rig.show("a.jpg")
        assert rig.source.asked == ["/a.jpg", "/b.jpg", "/a.jpg"]


async def test_a_picture_that_trips_a_bug_is_reported_once() -> None:
    rig = Rig()
    async with rig:
        rig.source.answers["/a.jpg"] = ZeroDivisionError()
        await rig.show("a.jpg")
        assert rig.state("a.jpg") is PictureState.REFUSED
        assert [type(failure) for failure in rig.faults] == [ZeroDivisionError]
        rig.faults.clear()
        await rig.show("a.jpg", "b.jpg")
        assert rig.state("b.jpg") is PictureState.HERE, "the other worker goes on"


@pytest.mark.fault(180)
async def test_a_full_disk_costs_the_pictures_only_and_they_come_when_there_is_room(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Rig() as rig:
        rig.kept.refusal = DiskFull("little room")
        await rig.show("a.jpg", "b.jpg")
        assert told(rig) == (Status.WARNING, "the disk takes no more pictures")
        asked = len(rig.source.asked)
        await rig.show("c.jpg")
        await rig.clock.turn(pictures.FULL_SECONDS - 60)
        assert len(rig.source.asked) == asked <= pictures.WORKERS
        rig.kept.refusal = None
        await rig.clock.turn(60)
        assert rig.state("c.jpg") is PictureState.HERE
    assert {record.getMessage().split()[0] for record in caplog.records} == {"picture_not_kept"}


async def test_the_open_return_gets_room_from_the_oldest_and_all_stays_within_the_budget() -> None:
    async with Rig(room=100) as rig:
        for n in range(30):
            await rig.show(f"picture{n:03}.jpg")
            await rig.clock.turn(1.0)
            kept = await rig.kept.kept()
            assert sum(one.size for one in kept.values()) <= 100
        assert rig.state("picture029.jpg") is PictureState.HERE
        assert rig.state("picture000.jpg") is PictureState.AWAITED


async def test_what_is_fetched_ahead_takes_no_room_from_what_was_fetched_lately() -> None:
    async with Rig(room=40) as rig:
        await rig.show("a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg")
        await rig.due("1", "delivered", "ahead1.jpg", "ahead2.jpg", "ahead3.jpg")
        await rig.sync()
        assert rig.source.asked[5:] == ["/ahead1.jpg"]
        assert all(rig.state(f"{name}.jpg") is PictureState.HERE for name in "abcde")
        fetched = len(rig.source.asked)
        assert fetched == 6, "what has no room is not fetched on and on"


async def test_old_pictures_make_room_for_what_arrives() -> None:
    async with Rig(room=1000) as rig:
        rig.source.answers = {f"/{name}.jpg": b"x" * 160 for name in (*"abcdef", "new")}
        await rig.show(*(f"{name}.jpg" for name in "abcdef"))
        await rig.clock.turn(31 * 86_400.0)
        ret = a_return(
            "7",
            lines=(a_line("70", image_url=url("new.jpg")),),
            parcels=(a_parcel("1Z7", status="delivered", updated_at=rig.clock.now()),),
        )
        await rig.store.returns.save([a_fetched(ret)], rig.clock.now())
        await rig.show()
        await rig.sync()
        assert rig.state("new.jpg") is PictureState.HERE
        states = [rig.state(f"{name}.jpg") for name in "abcdef"]
        assert states.count(PictureState.AWAITED) == 1


@pytest.mark.parametrize(("days", "state"), [(119, PictureState.HERE), (121, PictureState.AWAITED)])
async def test_a_picture_is_kept_for_120_days(days: int, state: PictureState) -> None:
    async with Rig() as rig:
        await rig.show("a.jpg")
        await rig.show()
        await rig.clock.turn(days * 86_400.0)
        await rig.pictures.remove_old()
        assert rig.state("a.jpg") is state
        assert bool(await rig.kept.kept()) is (state is PictureState.HERE)


async def test_an_empty_list_of_hosts_switches_everything_off_and_removes_what_was_kept() -> None:
    async with Rig() as rig:
        await rig.show("a.jpg")
        rig.hosts = ()
        rig.feed.tell(StationChanged())
        await rig.due("1", "delivered", "ahead.jpg")
        await rig.show("a.jpg", "b.jpg")
        await rig.sync()
        assert rig.pictures.of(url("a.jpg")).key == ""
        assert rig.source.asked == ["/a.jpg"]
        await rig.pictures.remove_old()
        assert not await rig.kept.kept()


async def test_a_host_that_is_allowed_later_is_asked_without_a_restart() -> None:
    rig = Rig()
    rig.hosts = ()
    async with rig:
        await rig.due("1", "delivered", "ahead.jpg")
        await rig.sync()
        rig.hosts = (HOST,)
        rig.feed.tell(StationChanged())
        await rig.clock.settle()
        assert rig.source.asked == ["/ahead.jpg"]


async def test_a_picture_whose_file_is_gone_is_fetched_again() -> None:
    async with Rig() as rig:
        await rig.show("a.jpg")
        await rig.kept.remove([key_of("a.jpg")])
        assert await rig.pictures.content(key_of("a.jpg")) == b""
        await rig.clock.settle()
        assert rig.source.asked == ["/a.jpg", "/a.jpg"]
        assert await rig.pictures.content(key_of("a.jpg")) == b"/a.jpg"


async def test_two_hundred_returns_one_after_another_leave_nothing_that_grows() -> None:
    async with Rig(room=2000) as rig:
        sizes: list[Sequence[int]] = []
        for n in range(200):
            await rig.show(*(f"{n}-{line}.jpg" for line in range(3)))
            rig.source.answers[f"/{n}-0.jpg"] = b"bomb"
            if n in (100, 199):
                sizes.append([len(vars(rig.pictures)["_kept"]), len(rig.tasks.names)])
        assert sizes[1][0] <= sizes[0][0] + 10
        assert sizes[1][1] == sizes[0][1]


def told(rig: Rig) -> tuple[Status, str]:
    """What the doctor is told."""
    check = rig.pictures.check()
    return check.status, check_words.found(check)


async def test_the_doctor_is_told_from_where_pictures_come_and_when_the_last_one_came() -> None:
    async with Rig() as rig:
        assert told(rig) == (Status.OK, f"from {HOST}; 0 are kept here")
        await rig.show("a.jpg")
        status, said = told(rig)
        assert status is Status.OK
        assert said.startswith(f"from {HOST}; 1 are kept here, the last one came ")
        rig.hosts = ()
        assert told(rig) == (Status.OK, "no host is named in pictures.hosts: none are fetched")


@pytest.mark.parametrize(
    ("refusal", "why"),
    [
        (PictureRefused(NoPicture.TIMEOUT, is_final=False), "timeout"),
        (PictureRefused("ConnectError", is_final=False), "ConnectError"),
        (PictureRefused(NoPicture.PRIVATE_ADDRESS), "private_address"),
        (PictureRefused(NoPicture.REDIRECT), "redirect"),
        (PictureRefused(NoPicture.FORMAT), ""),
        (PictureRefused(NoPicture.STATUS, status=404), ""),
    ],
)
async def test_a_host_that_cannot_be_reached_is_told_until_a_picture_comes_from_it(
    refusal: PictureRefused, why: str
) -> None:
    async with Rig() as rig:
        rig.source.answers["/a.jpg"] = refusal
        await rig.show("a.jpg")
        wanted = (Status.WARNING, f"none come from {HOST}: {why}") if why else Status.OK
        assert (told(rig) if why else told(rig)[0]) == wanted
        await rig.clock.turn(pictures.REST_MOST_SECONDS)
        await rig.show("b.jpg")
        assert told(rig)[0] is Status.OK
