"""Photos of grades: stored where anyone can open them, each once, and named by their grade, each once."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loopdesk.domain.errors import PhotoNotStored
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.photo_links import PhotoAddress, linked
from loopdesk.domain.outbox.stages import Cause, Entry, Stage, Why
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.returns import HeldCondition, Return, ReturnState, fingerprint
from loopdesk.services.ports.photos import PhotoCounts, PhotoPorts
from loopdesk.services.station.connection import LinkState
from loopdesk.services.station.events import OutboxChanged, Settled
from loopdesk.store.database import FILE_NAME
from loopdesk.store.store import Store, open_store
from tests.builders import AT, RETURN_ID, a_keep_request, a_return, actions, an_inspection, rebuild
from tests.fakes.clock import HandClock
from tests.fakes.gateway import lost_after, lost_before, refused, unsent
from tests.fakes.photo_place import ScriptedPlace, is_down, public_place
from tests.unit.services.outbox_rig import Rig

pytestmark = pytest.mark.expects_log("photos_failed", "photo_lost", "recovered", "raced", "breaker_opened")

WAIT_SECONDS = 120.0
GRADE_ONLY = (Kind.GRADE, Kind.ASSESS)


def photo_of(content: bytes) -> str:
    return f"{hashlib.sha256(content).hexdigest()[:32]}.jpg"


class Dock:
    """A rig on disk with photos in a folder and a place for them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = HandClock()
        self.place = ScriptedPlace()
        self.files: dict[str, bytes] = {}
        self.public: PhotoAddress | None = public_place()
        self.rig: Rig | None = None
        self.store: Store | None = None

    def ports(self) -> PhotoPorts:
        async def read(name: str) -> bytes | None:
            return self.files.get(name)

        return PhotoPorts(
            public=lambda: self.public, place=self.place, read=read, wait_seconds=lambda: WAIT_SECONDS
        )

    async def start(self) -> Rig:
        """Start, or start again after a crash."""
        store = self.store = await open_store(self.folder, rebuild)

        async def catch_up() -> None:
            await store.database.read(lambda connection: None)

        self.clock.catch_up = catch_up
        rig = self.rig or Rig(clock=self.clock)
        rig.outbox, rig.audit, rig.returns = store.outbox, store.audit, store.returns
        rig.photo_queue, rig.photos = store.photo_queue, self.ports()
        rig.build()
        rig.start()
        self.rig = rig
        await self.clock.turn(0.0)
        return rig

    async def crash(self) -> None:
        """End at once; what was committed stays."""
        assert self.rig is not None
        assert self.store is not None
        await self.rig.tasks.aclose()
        self.clock.catch_up = None
        self.rig.gateway.release()
        await self.store.close()

    def take(self, *contents: bytes) -> tuple[str, ...]:
        """Put photos into the folder."""
        names = tuple(map(photo_of, contents))
        self.files |= dict(zip(names, contents, strict=True))
        return names

    def link(self, photo: str) -> str:
        """The link under which a photo is to be found."""
        draft = Draft(RETURN_ID, inspections=(replace(an_inspection(), photos=(photo,)),))
        ((_, *_), (found,)) = linked(actions(Kind.GRADE), draft, public_place())
        return found.link

    def graded(self, return_id: str = RETURN_ID) -> list[list[str]]:
        """The links that each grade request of a return carried."""
        assert self.rig is not None
        sent = self.rig.gateway.requests
        return [
            list(x.payload[0]["images"]) for x in sent if x.kind is Kind.GRADE and x.return_id == return_id
        ]

    async def settle(
        self, photos: Sequence[str], *kinds: Kind, ret: Return | None = None, **fields: Any
    ) -> tuple[Entry, ...]:
        """Keep a settlement whose grade names photos, as the bench does."""
        assert self.rig is not None
        rig, ret = self.rig, ret or a_return()
        if ret.return_id not in rig.gateway.truth:
            rig.gateway.add(ret)
        line_id = ret.lines[0].line_item_id
        found = replace(an_inspection(line_id), photos=tuple(photos))
        draft = Draft(ret.return_id, inspections=(found,))
        request = a_keep_request(
            *(kinds or GRADE_ONLY),
            return_id=ret.return_id,
            seen=fingerprint(ret),
            draft=draft,
            actions=actions(*(kinds or GRADE_ONLY), target=line_id),
            decided_at=self.clock.now(),
            **{"hold_seconds": 8.0, **fields},
        )
        entries = await rig.parts.inspection.keep(request)
        rig.feed.tell(OutboxChanged(ret.return_id))
        return entries

    async def lane(self, return_id: str = RETURN_ID) -> tuple[Entry, ...]:
        """The entries of a return, as they are on disk."""
        assert self.store is not None
        return await self.store.outbox.lane(return_id)


@asynccontextmanager
async def a_dock(folder: Path) -> AsyncIterator[Dock]:
    """Run a dock; at the end nothing may have failed unexpectedly."""
    dock = Dock(folder)
    await dock.start()
    try:
        yield dock
    finally:
        await dock.crash()
    assert dock.rig is not None
    assert dock.rig.faults == []
    assert dock.rig.gateway.overlaps == 0


async def test_a_grade_goes_once_with_the_links_of_its_photos_which_are_there_by_then(tmp_path: Path) -> None:
    async with a_dock(tmp_path) as dock:
        photos = dock.take(b"front", b"back")
        await dock.settle(photos, Kind.GRADE, Kind.PROCESS)
        await dock.clock.turn(7.9)
        assert dock.place.times == {dock.link(x).rpartition("/")[2]: 1 for x in photos}
        assert dock.graded() == []
        await dock.clock.turn(0.2)
        assert dock.graded() == [[dock.link(x) for x in photos]]
        await dock.clock.turn(600.0)
        assert dock.graded() == [[dock.link(x) for x in photos]]
        assert sorted(dock.place.there.values()) == [b"back", b"front"]


async def test_a_grade_without_a_place_for_photos_goes_without_links_and_waits_for_nothing(
    tmp_path: Path,
) -> None:
    async with a_dock(tmp_path) as dock:
        dock.public = None
        await dock.settle(dock.take(b"front"), Kind.GRADE, Kind.PROCESS)
        await dock.clock.turn(8.1)
        assert dock.graded() == [[]]
        assert dock.place.there == {}


async def test_a_settlement_waits_for_its_photos_no_longer_than_was_set_then_goes_and_links_follow(
    tmp_path: Path,
) -> None:
    async with a_dock(tmp_path) as dock:
        dock.place.fault = is_down
        photos = dock.take(b"front")
        await dock.settle(photos, Kind.GRADE, Kind.PROCESS)
        await dock.clock.turn(8.0 + WAIT_SECONDS - 1.0)
        assert dock.graded() == []
        await dock.clock.turn(2.0)
        assert dock.graded() == [[]]
        await dock.clock.turn(30.0)
        assert dock.rig is not None
        assert dock.rig.gateway.truth[RETURN_ID].ret.state is ReturnState.CLOSED
        assert [x.kind for x in dock.rig.told(Settled)] == ["process"]
        dock.place.fault = None
        await dock.clock.turn(90.0)
        assert dock.graded() == [[], [dock.link(photos[0])]]
        assert [x.stage for x in await dock.lane()] == [Stage.DONE] * 3
        assert [x.kind for x in dock.rig.told(Settled)] == ["process"], "late links are no settlement"
        await dock.clock.turn(600.0)
        assert len(dock.graded()) == 2


async def test_undo_works_while_a_settlement_waits_for_photos_and_nothing_is_stored_for_it_then(
    tmp_path: Path,
) -> None:
    async with a_dock(tmp_path) as dock:
        dock.place.fault = is_down
        entries = await dock.settle(dock.take(b"front"), Kind.GRADE, Kind.PROCESS)
        await dock.clock.turn(60.0)
        assert dock.rig is not None
        assert await dock.rig.parts.inspection.withdraw(entries[0].settlement_id) == RETURN_ID
        dock.place.fault = None
        await dock.clock.turn(600.0)
        assert dock.place.there == {}
        assert dock.graded() == []


async def test_a_photo_of_several_grades_is_stored_once(tmp_path: Path) -> None:
    async with a_dock(tmp_path) as dock:
        photos = dock.take(b"the same box")
        other = replace(a_return("70000002"), lines=(replace(a_return().lines[0], line_item_id="80000009"),))
        await dock.settle(photos)
        await dock.settle(photos, ret=other)
        await dock.clock.turn(9.0)
        assert list(dock.place.times.values()) == [1]
        assert dock.graded() == dock.graded("70000002") == [[dock.link(photos[0])]]


async def test_after_a_crash_the_place_is_asked_before_a_photo_is_stored_again(tmp_path: Path) -> None:
    async with a_dock(tmp_path) as dock:

        def cut(what: str, name: str) -> None:
            if what == "store":
                dock.place.there[name] = b"front"
                dock.place.times[name] = 1
                raise PhotoNotStored(why="unreachable")

        dock.place.fault = cut
        photos = dock.take(b"front")
        await dock.settle(photos)
        await dock.clock.turn(0.0)
        await dock.crash()
        dock.place.fault = None
        await dock.start()
        await dock.clock.turn(60.0)
        assert dock.place.asked
        assert list(dock.place.times.values()) == [1]
        assert dock.graded() == [[dock.link(photos[0])]]


async def late(dock: Dock) -> tuple[str, ...]:
    """Bring a grade to Loop without its one photo."""
    dock.place.fault = is_down
    photos = dock.take(b"front")
    await dock.settle(photos)
    await dock.clock.turn(8.0 + WAIT_SECONDS + 5.0)
    assert dock.graded() == [[]]
    dock.place.fault = None
    return photos


@pytest.mark.fault(189)
async def test_links_are_not_sent_over_a_grade_that_somebody_else_gave_since(tmp_path: Path) -> None:
    async with a_dock(tmp_path) as dock:
        await late(dock)
        assert dock.rig is not None
        truth = dock.rig.gateway.truth[RETURN_ID].ret
        theirs = HeldCondition("grade_d", "Broken", "", "Someone", AT, 0)
        lines = tuple(replace(line, condition=theirs) for line in truth.lines)
        dock.rig.gateway.change(RETURN_ID, lines=lines)
        await dock.clock.turn(90.0)
        assert dock.graded() == [[]]
        last = (await dock.lane())[-1]
        assert (last.stage, last.cause) == (Stage.SUPERSEDED, Cause(Why.OVERTAKEN))


async def test_links_are_not_sent_over_a_newer_grade_of_our_own(tmp_path: Path) -> None:
    async with a_dock(tmp_path) as dock:
        await late(dock)
        dock.place.fault = is_down
        await dock.settle(dock.take(b"again"))
        dock.place.fault = None
        await dock.clock.turn(300.0)
        assert dock.graded() == [[], [dock.link(photo_of(b"again"))]]


@pytest.mark.parametrize("fault", [lost_before(), lost_after()])
async def test_late_links_whose_answer_is_lost_arrive_and_are_told_from_the_grade_before(
    tmp_path: Path, fault: Any
) -> None:
    async with a_dock(tmp_path) as dock:
        photos = await late(dock)
        assert dock.rig is not None
        dock.rig.gateway.plant("grade", fault)
        await dock.clock.turn(120.0)
        condition = dock.rig.gateway.truth[RETURN_ID].ret.lines[0].condition
        assert condition is not None
        assert condition.images == 1
        assert dock.graded()[-1] == [dock.link(photos[0])]
        assert (await dock.lane())[-1].stage is Stage.DONE


async def test_late_links_kept_before_a_restart_are_sent_after_it(tmp_path: Path) -> None:
    async with a_dock(tmp_path) as dock:
        photos = await late(dock)
        assert dock.store is not None
        assert dock.rig is not None
        await dock.crash()
        dock.place.fault = is_down
        await dock.start()
        (waiting,) = await dock.store.photo_queue.waiting(9)
        await dock.store.photo_queue.stored(waiting, AT)
        assert await dock.store.photo_queue.repeat_owed(AT) == (RETURN_ID,)
        await dock.crash()
        dock.rig.events.clear()
        await dock.start()
        await dock.clock.turn(60.0)
        assert dock.graded() == [[], [dock.link(photos[0])]]
        assert dock.rig.told(Settled) == [], "a grade that was confirmed long ago is not announced again"


async def test_who_changes_the_key_is_asked_about_grades_that_are_still_owed_their_links(
    tmp_path: Path,
) -> None:
    """Not only when the photos arrive: then nobody may be there who knows why the key was changed."""
    async with a_dock(tmp_path) as dock:
        photos = await late(dock)
        assert dock.rig is not None
        rig = dock.rig
        dock.place.fault = is_down
        rig.station = replace(rig.station, key_fingerprint="kf-renewed")
        rig.sender.resume()
        await dock.clock.turn(6.0)
        assert rig.connection.state.foreign_keys == {"kf-0001"}
        await rig.keys.same_shop(Operator(name="Lea"))
        dock.place.fault = None
        await dock.clock.turn(90.0)
        assert dock.graded() == [[], [dock.link(photos[0])]]
        assert rig.connection.state.link is LinkState.ONLINE


async def test_nobody_is_asked_about_a_key_any_more_for_links_that_are_not_to_be_sent(tmp_path: Path) -> None:
    async with a_dock(tmp_path) as dock:
        photos = await late(dock)
        assert dock.rig is not None
        rig = dock.rig
        dock.place.fault = is_down
        rig.station = replace(rig.station, key_fingerprint="kf-renewed")
        rig.sender.resume()
        await dock.clock.turn(6.0)
        await dock.settle((), key_fingerprint="kf-renewed")
        await dock.clock.turn(60.0)
        assert rig.connection.state.foreign_keys == {"kf-0001"}
        dock.place.fault = None
        await dock.clock.turn(90.0)
        assert dock.link(photos[0]).rpartition("/")[2] in dock.place.times
        assert dock.graded() == [[], []]
        assert rig.connection.state.link is LinkState.ONLINE


async def test_a_grade_that_a_person_drops_is_owed_nothing_any_more(tmp_path: Path) -> None:
    async with a_dock(tmp_path) as dock:
        assert dock.rig is not None
        assert dock.store is not None
        rig = dock.rig
        rig.gateway.plant("grade", refused("No."))
        dock.place.fault = is_down
        entries = await dock.settle(dock.take(b"front"))
        await dock.clock.turn(8.0 + WAIT_SECONDS + 5.0)
        assert [x.stage for x in await dock.lane()] == [Stage.PARKED, Stage.DONE]
        assert (await dock.store.photo_queue.counts()).owed == 1
        await rig.parts.attention.drop([entries[0].entry_id], "not needed", Operator(name="Lea"))
        await dock.clock.turn(90.0)
        assert (await dock.store.photo_queue.counts()).owed == 0


@pytest.mark.fault(68, 187)
@pytest.mark.parametrize("was_sent", [True, False])
async def test_a_grade_held_in_an_older_copy_that_is_put_back_names_no_photo_before_it_is_there(
    tmp_path: Path, was_sent: bool
) -> None:
    async with a_dock(tmp_path) as dock:
        assert dock.rig is not None
        if not was_sent:
            dock.rig.gateway.chance = lambda what: unsent() if what == "grade" else None
        dock.place.fault = is_down
        photos = dock.take(b"front")
        await dock.settle(photos)
        await dock.clock.turn(1.0)
        await dock.crash()
        copy = shutil.copy(tmp_path / FILE_NAME, tmp_path / "copy.db")
        await dock.start()
        await dock.clock.turn(8.0 + WAIT_SECONDS + 5.0)
        await dock.crash()
        shutil.move(copy, tmp_path / FILE_NAME)
        dock.rig.gateway.chance = lambda what: None
        await dock.start()
        await dock.clock.turn(120.0)
        assert dock.graded()
        assert not any(dock.graded())
        dock.place.fault = None
        await dock.clock.turn(120.0)
        assert dock.graded()[-1] == [dock.link(photos[0])]


async def test_a_photo_whose_file_is_gone_holds_nothing_up_and_is_counted(tmp_path: Path) -> None:
    async with a_dock(tmp_path) as dock:
        photos = dock.take(b"front", b"back")
        del dock.files[photos[0]]
        await dock.settle(photos)
        await dock.clock.turn(8.1)
        assert dock.graded() == [[dock.link(photos[1])]]
        assert dock.store is not None
        counts = await dock.store.photo_queue.counts()
        assert (counts.waiting, counts.owed, counts.lost) == (0, 0, 1)


async def test_a_photo_that_is_refused_again_and_again_does_not_keep_the_others_waiting(
    tmp_path: Path,
) -> None:
    async with a_dock(tmp_path) as dock:
        bad, *good = dock.take(b"bad", b"one", b"two", b"three")
        bad_name = dock.link(bad).rpartition("/")[2]

        def refuse(_what: str, name: str) -> None:
            if name == bad_name:
                raise PhotoNotStored(why="refused", status=403)

        dock.place.fault = refuse
        await dock.settle((bad, *good))
        await dock.clock.turn(60.0)
        assert sorted(dock.place.there.values()) == [b"one", b"three", b"two"]


async def test_photos_that_wait_follow_the_place_to_another_address(tmp_path: Path) -> None:
    async with a_dock(tmp_path) as dock:
        photos = await late(dock)
        old = dock.link(photos[0])
        dock.public = replace(public_place(), url="https://new.example.test")
        await dock.clock.turn(90.0)
        assert dock.graded() == [
            [],
            [old.replace("https://photos.example.test/dock", "https://new.example.test")],
        ]


async def test_a_photo_is_named_where_it_is_when_the_place_moves_away_and_back(tmp_path: Path) -> None:
    """The same photo was stored before the place moved, so that its old link is there already."""
    async with a_dock(tmp_path) as dock:
        home, away = public_place(), replace(public_place(), url="https://new.example.test")
        photos = dock.take(b"front")
        other = replace(a_return("70000002"), lines=(replace(a_return().lines[0], line_item_id="80000009"),))
        await dock.settle(photos)
        await dock.clock.turn(60.0)
        dock.place.fault, dock.public = is_down, away
        await dock.settle(photos, ret=other)
        await dock.clock.turn(WAIT_SECONDS + 60.0)
        dock.place.fault, dock.public = None, home
        await dock.clock.turn(600.0)
        assert dock.graded(other.return_id) == [[], [dock.link(photos[0])]]
        assert dock.store is not None
        assert await dock.store.photo_queue.counts() == PhotoCounts()


async def test_nothing_of_a_photo_outlives_the_settlements_that_name_it(tmp_path: Path) -> None:
    async with a_dock(tmp_path) as dock:
        await dock.settle(dock.take(b"front"))
        await dock.clock.turn(600.0)
        assert dock.store is not None
        await dock.store.purge(dock.clock.now())
        rows = await dock.store.database.read(
            lambda db: (
                db.execute("SELECT (SELECT count(*) FROM photo) + (SELECT count(*) FROM grade_link)").get
            )
        )
        assert rows == 0


RETURNS, EACH = 40, 5


def _shift(dock: Dock) -> dict[str, tuple[str, ...]]:
    """The photos of a shift by return: 200, five a grade."""
    return {
        str(71000001 + n): dock.take(*(f"return {n} photo {x}".encode() for x in range(EACH)))
        for n in range(RETURNS)
    }


class Weather:
    """A place that is gone after some photos, and that loses the answer to every seventh."""

    def __init__(self, dock: Dock, good_for: int) -> None:
        self.place, self.left, self.count = dock.place, good_for, 0
        self.contents = {dock.link(x).rpartition("/")[2]: content for x, content in dock.files.items()}

    def __call__(self, what: str, name: str) -> None:
        if self.left <= 0:
            raise PhotoNotStored(why="unreachable")
        if what == "store":
            self.left -= 1
            self.count += 1
            if self.count % 7 == 0:
                self.place.there[name] = self.contents[name]
                self.place.times[name] = self.place.times.get(name, 0) + 1
                raise PhotoNotStored(why="silent")


@pytest.mark.fault(186)
async def test_200_photos_taken_offline_with_two_crashes_are_stored_once_and_named_once(
    tmp_path: Path,
) -> None:
    async with a_dock(tmp_path) as dock:
        shift = _shift(dock)
        dock.place.fault = is_down
        assert dock.rig is not None
        dock.rig.gateway.chance = lambda _what: unsent()
        line = a_return().lines[0]
        for n, (return_id, photos) in enumerate(shift.items()):
            ret = replace(a_return(return_id), lines=(replace(line, line_item_id=str(81000001 + n)),))
            await dock.settle(photos, Kind.GRADE, Kind.PROCESS, ret=ret)
        await dock.clock.turn(600.0)
        for good_for in (70, 60):
            dock.place.fault = Weather(dock, good_for)
            await dock.clock.turn(90.0)
            await dock.crash()
            await dock.start()
        dock.place.fault = Weather(dock, 10_000)
        dock.rig.gateway.chance = lambda _what: None
        for _ in range(60):  # every turn lets some rounds of the store's thread pass
            await dock.clock.turn(15.0)
        assert len(dock.place.times) == RETURNS * EACH
        assert set(dock.place.times.values()) == {1}, "each photo is stored once"
        for return_id, photos in shift.items():
            wanted, sent = [dock.link(x) for x in photos], dock.graded(return_id)
            assert sent[-1] == wanted, "none is lost"
            assert sum(x == wanted for x in sent) == 1, "each link goes with its grade once"
            assert len(sent) <= 2
            assert {x.stage for x in await dock.lane(return_id)} == {Stage.DONE}
        assert dock.store is not None
        assert await dock.store.photo_queue.counts() == PhotoCounts()


async def test_whether_a_photo_may_be_at_the_place_is_known_from_the_first_byte_on(tmp_path: Path) -> None:
    async with a_dock(tmp_path) as dock:
        (photo,) = dock.take(b"front")
        assert dock.store is not None
        queue = dock.store.photo_queue
        dock.public = None
        await dock.settle((photo,))
        assert not await queue.was_begun(RETURN_ID, photo), "nothing of it goes anywhere"
        dock.public = public_place()
        dock.place.fault = is_down
        (other,) = dock.take(b"back")
        await dock.settle((other,), ret=a_return("70000002"))
        await dock.clock.turn(1.0)
        assert await queue.was_begun("70000002", other)
        assert not await queue.was_begun(RETURN_ID, other)


async def test_a_photo_that_was_deleted_after_undo_is_not_stored_with_the_next_settlement(
    tmp_path: Path,
) -> None:
    async with a_dock(tmp_path) as dock:
        dock.place.fault = is_down
        front, back = dock.take(b"front", b"back")
        entries = await dock.settle((front, back))
        await dock.clock.turn(1.0)
        assert dock.rig is not None
        await dock.rig.parts.inspection.withdraw(entries[0].settlement_id)
        await dock.settle((back,))
        dock.place.fault = None
        await dock.clock.turn(600.0)
        assert list(dock.place.there.values()) == [b"back"]
        assert dock.graded() == [[dock.link(back)]]


async def test_a_run_without_a_window_stores_what_waits_and_gives_up_in_time(tmp_path: Path) -> None:
    async with a_dock(tmp_path) as dock:
        assert dock.rig is not None
        uploads, down = dock.rig.parts.uploads, [True]

        def at_first(what: str, name: str) -> None:
            if down:
                is_down(what, name)

        dock.place.fault = at_first
        await dock.settle(dock.take(b"front"))
        running = asyncio.create_task(uploads.store_waiting(30.0))
        await dock.clock.turn(60.0)
        assert not await running
        assert uploads.trouble is not None
        down.clear()
        running = asyncio.create_task(uploads.store_waiting(600.0))
        await dock.clock.turn(600.0)
        assert await running
        assert list(dock.place.there.values()) == [b"front"]
