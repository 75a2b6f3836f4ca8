"""A shop at the simulated Loop, the stations in front of it, and everything that may happen to them.

Every method below ``what people do`` and ``what happens`` is one step. Choices are plain numbers, so that
Hypothesis and a seeded walk can make the same steps.
"""

from __future__ import annotations

import asyncio
import copy
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from loopdesk.api.versions import LOOP
from loopdesk.domain.api_key import host_of
from loopdesk.domain.errors import ApiError, DiskFull, RuleBroken, StageMoved, StoreError
from loopdesk.domain.labels.scans import Scan
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.effects import targets_of
from loopdesk.domain.outbox.reconcile import picture_text
from loopdesk.domain.outbox.stages import END_STAGES, Entry, Stage, agreed
from loopdesk.domain.returns.grading import Disposition, Grade
from loopdesk.services.ports.station import Limits
from loopdesk.services.ports.store import Counts
from loopdesk.services.station.events import NextSync, OutboxChanged
from loopdesk.services.sync.listing import ListReader, Window
from loopdesk.simulator.actors import act, return_from
from loopdesk.simulator.faults import Fault
from loopdesk.simulator.http.app import Face
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import Return, ShopKey
from loopdesk.store.sql import queries
from tests.kinds import GATED
from tests.torture.clock import WorldClock
from tests.torture.disk import scratch
from tests.torture.failpoints import Killed
from tests.torture.photo_place import SharedPlace
from tests.torture.station import Station
from tests.torture.wire import Books

KEYS = (ShopKey("first", "canary-key-9f31c0d27a"), ShopKey("renewed", "canary-key-55b2e41d08"))
"""Two keys of the same shop: IT renews one."""

MOVED, OTHER_SHOP, NOBODY = (f"https://{x}.example/api" for x in ("moved", "other-shop", "nobody"))
"""Addresses that somebody may set: where the same shop answers, where another does, where nobody does."""

ADDRESSES = (LOOP, LOOP, MOVED, OTHER_SHOP, NOBODY)

_COUNTS = queries("outbox")["counts"]

LANE_SECONDS = 1400.0
"""The limits of all kinds that one lane may wait for one after another, and a minute."""


_NO = '{"errors":{"message":"Return cannot be changed."}}'


LISTED = timedelta(hours=4)
"""How far back a reading of the list of changes goes."""


@dataclass(frozen=True, slots=True)
class Blow:
    """A fault by name: what the simulator does to the next requests that match."""

    name: str
    kind: str
    more: tuple[tuple[str, Any], ...] = ()

    def fault(self, method: str, path: str, count: int, skip: int = 0) -> Fault:
        """Make the fault."""
        return Fault(self.kind, method=method, path=path, count=count, skip=skip, **dict(self.more))


BLOWS: tuple[Blow, ...] = (
    Blow("request lost", "lose_request"),
    Blow("answer lost", "lose_answer"),
    Blow("500 before", "error_before"),
    Blow("500 after", "error_after"),
    Blow("503 before", "error_before", (("status", 503),)),
    Blow("502 page before", "html_error", (("executed", False),)),
    Blow("502 page after", "html_error", (("executed", True),)),
    Blow("answer cut", "cut", (("at_byte", 1),)),
    Blow("answer truncated", "truncate", (("at_byte", 2),)),
    Blow("empty 200", "answer", (("body", ""), ("executed", True))),
    Blow("strange 200", "answer", (("body", '"ok"'), ("executed", True))),
    Blow("strange 200, nothing done", "answer", (("body", "{}"), ("executed", False))),
    Blow("login page", "portal"),
    Blow("redirect", "redirect"),
    Blow("throttled", "throttle"),
    Blow("throttled long", "throttle", (("retry_after", "20"),)),
    Blow("quoted yes", "string_true"),
    Blow("hang", "hang"),
    Blow("hang, nothing done", "hang", (("executed", False),)),
    Blow(
        "refused",
        "answer",
        (
            ("body", '{"errors":{"message":"Return cannot be changed."}}'),
            ("status", 422),
            ("executed", False),
        ),
    ),
)
PAGES: tuple[Blow, ...] = tuple(
    Blow(f"page with {status} {when}", "html_error", (("status", status), ("executed", when == "after")))
    for status in (401, 403, 429)
    for when in ("after", "before")
)
"""What filters and gateways answer in Loop's place, after it has acted and before."""

LATE: tuple[Blow, ...] = tuple(
    Blow(f"processing {ending} after {seconds:g} s", "processing", (("ending", ending), ("seconds", seconds)))
    for ending, seconds in (
        ("close", 0.0),
        ("close", 45.0),
        ("close", 500.0),
        ("close", 1800.0),
        ("stay_open", 1.0),
        ("drop", 1.0),
        ("review", 5.0),
        ("partial", 3.0),
    )
)
"""Ways in which accepted processing may end."""

UNPAID: tuple[Blow, ...] = tuple(
    Blow(f"processing fails after {seconds:g} s", "processing", (("ending", "unpaid"), ("seconds", seconds)))
    for seconds in (0.0, 45.0)
)
"""Accepted processing that closes the return and pays nothing."""

UNDER_WAY = (Stage.SENDING, Stage.SETTLING, Stage.UNCERTAIN)
"""What was sent, or may have been, and has no answer that counts yet."""

WITNESS_SECONDS = 1200.0
"""How long these stations wait for a sign of payment, so that a run comes to rest in its time."""

PATHS = ("", "/process$", "/remove$", "/notes?$", "/dispositioning", "/details", "/flag$", "/list$")


class World:
    """Everything there is, driven by one seed.

    At another address a copy of the shop answers in which every second return was paid long ago.

    Args:
        seed: Decides what is random besides the steps themselves.
        stations: How many stations share the shop.
        returns: How many returns it has.
        slow_disks: Stations whose disks let everything else run in between.
        with_photos: There is a place for photos.

    Attributes:
        broken: The first promise that was broken inside a request, None so far.
        lags: Reads may show an older truth: then a note may honestly come to stand there twice.
        station_kind: What its stations are.
        look_seconds: How often it is asked whether all has come to rest.
    """

    station_kind: type[Station] = Station
    look_seconds = 100.0

    def __init__(
        self,
        seed: int,
        *,
        stations: int = 1,
        returns: int = 3,
        slow_disks: bool = True,
        settings: Settings | None = None,
        limits: Limits | None = None,
        hold_seconds: float = 8.0,
        with_photos: bool = False,
    ) -> None:
        self.random = Random(seed)
        self.clock = self._make_clock()
        self.settings = settings or Settings()
        self.loop = Loop(clock=self.clock.now, seed=seed, keys=KEYS, settings=self.settings)
        self.face = Face(self.loop)
        self.other = Loop(clock=self.clock.now, seed=seed, keys=KEYS)
        faces = {host_of(LOOP): self.face, host_of(MOVED): self.face, host_of(OTHER_SHOP): Face(self.other)}
        self.books = Books()
        self.place = SharedPlace.at(self.clock) if with_photos else None
        self.folder = scratch()
        self.limits = limits or Limits(witness=WITNESS_SECONDS)
        self.broken: AssertionError | None = None
        self.lags = False
        self.copies: set[str] = set()
        self.kills = 0
        self.steps = 0
        self.return_ids = [self._make_return(n) for n in range(returns)]
        self.stations = [
            self.station_kind(
                f"dock {n + 1}",
                self.folder / f"dock-{n + 1}",
                faces=faces,
                clock=self.clock,
                books=self.books,
                key=KEYS[0].value,
                random=Random(seed + n) if slow_disks else None,
                stations=stations,
                hold_seconds=hold_seconds,
                limits=self.limits,
                place=self.place,
            )
            for n in range(stations)
        ]

    def _make_clock(self) -> WorldClock:
        return WorldClock()

    def _make_return(self, n: int) -> str:
        random = self.random
        lines = [{"sku": f"S-{n}-{k}", "resolution": "refund"} for k in range(random.randint(1, 3))]
        outcome = "refund"
        if random.random() < 0.2:
            outcome, lines[0]["resolution"] = "store credit", "credit"
        spec = {"lines": lines, "outcome": outcome, "tracking_number": f"1Z999AA1012345678{n}"}
        made = return_from(self.loop, spec)
        self.other.add(copy.deepcopy(made))
        self.loop.add(made)
        if n % 2:
            act(self.other, {"act": "process", "return_id": made.return_id})
        return made.return_id

    async def open(self) -> World:
        """Start every station and let each know the shop's returns."""
        for station in self.stations:
            await station.start()
            for return_id in self.return_ids:
                await self._value(station, self._learn(station, return_id))
        await self.clock.settle()
        return self

    async def _learn(self, station: Station, return_id: str) -> None:
        fetched = await station.client.details(return_id)
        await station.store.returns.save((fetched,), station.clock.now())

    async def close(self) -> None:
        """Drop everything."""
        for station in self.stations:
            await station.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def station(self, name: str) -> Station:
        """Return a station by its name."""
        return next(x for x in self.stations if x.name == name)

    def _at(self, n: int) -> Station:
        return self.stations[n % len(self.stations)]

    def _return_id(self, n: int) -> str:
        return self.return_ids[n % len(self.return_ids)]

    # --- what people do -----------------------------------------------------------------------------

    async def scan(self, at: int, which: int) -> None:
        """Scan a parcel: the return opens, with what Loop says when it can be asked."""
        station, return_id = self._at(at), self._return_id(which)
        await self._try(
            station,
            station.store.openings.take(Scan(return_id, station.clock.now()), station.where()),
        )
        await self._try(station, station.lookup.refresh(return_id))
        await self._try(station, _open(station, return_id))

    async def decide(self, at: int, grade: int, line: int) -> None:
        """Grade one line or, with a high number, all of them."""
        station = self._at(at)
        bench = station.inspection.on_bench
        if bench is None:
            return
        ids = [x.line_item_id for x in bench.picture.ret.expected_lines]
        if ids:
            chosen = ids if line >= len(ids) else [ids[line]]
            grades = list(Grade)
            await self._try(station, station.inspection.grade(grades[grade % len(grades)], tuple(chosen)))

    async def edit(self, at: int, how: int, what: int) -> None:
        """Change what was entered: a disposition, a note, an extra item, an empty box, a flag, undo."""
        station = self._at(at)
        inspection, bench = station.inspection, station.inspection.on_bench
        if bench is None:
            return
        ids = tuple(x.line_item_id for x in bench.picture.ret.expected_lines)
        legal = bench.proposal.legal
        edits: tuple[Callable[[], Any], ...] = (
            lambda: inspection.dispose(list(Disposition)[what % len(Disposition)], ids[:1]),
            lambda: inspection.add_note(f"note {what} " + "x" * (what * 40 % 300)),
            lambda: inspection.add_extra("a red sock"),
            inspection.empty_box,
            lambda: inspection.flag_because("looks worn"),
            inspection.undo_decision,
            lambda: inspection.choose(legal[what % len(legal)]) if legal else inspection.park(),
            inspection.reload,
        )
        await self._try(station, edits[how % len(edits)]())

    async def settle(self, at: int) -> None:
        """Press confirm. What the screen then calls kept must never be lost."""
        station = self._at(at)
        inspection = station.inspection
        if inspection.on_bench is None or station.url in (OTHER_SHOP, NOBODY):
            return  # nobody works for a shop that is not theirs
        await self._try(station, inspection.reload())
        return_id = inspection.on_bench.picture.ret.return_id
        before = {x.entry_id for x in station.lane(return_id)}
        named = station.album.offer(inspection.on_bench.draft)
        if await self._try(station, inspection.settle()):
            kept = [x for x in station.lane(return_id) if x.entry_id not in before]
            station.memory.acknowledged |= {x.entry_id for x in kept}
            station.album.named |= {
                x.entry_id: named[x.target] for x in kept if x.kind is Kind.GRADE and x.target in named
            }

    async def confirm_all(self, at: int, which: int, chosen: int) -> None:
        """Scan, grade everything and confirm in one go, as a practiced operator does."""
        await self.scan(at, which)
        await self.decide(at, chosen % 3, 99)
        if chosen % 5 == 4:
            await self.decide(at, 5, 0)  # one line is missing
        if chosen % 2:
            await self.edit(at, 1, chosen)
        if chosen % 4 == 3:
            await self.edit(at, 6, chosen)
        await self.settle(at)

    async def undo(self, at: int) -> None:
        """Take the latest settlement back that was not sent."""
        station = self._at(at)
        settlement = await self._value(station, station.inspection.latest_unsent())
        if settlement:
            settlement_id = settlement.settlement_id
            own = {x.entry_id for x in station.entries() if x.settlement_id == settlement_id}
            if await self._value(station, station.inspection.withdraw(settlement_id)):
                station.memory.dropped |= own

    async def resolve(self, at: int, how: int, which: int) -> None:
        """Deal with what needs a person: send again, it is done, drop, waive, look again."""
        station = self._at(at)
        parked = [x for x in station.entries() if x.stage is Stage.PARKED]
        if not parked:
            return
        entry = parked[which % len(parked)]
        ids = [entry.entry_id]
        if how >= 5:  # the whole settlement at once, as the attention page offers
            ids = [x.entry_id for x in parked if x.settlement_id == entry.settlement_id]
        memory, attention, by = station.memory, station.attention, Operator(name=f"lead {station.name}")
        match how % 5:
            case 0:
                before = dict(memory.resends)
                memory.resends |= {x: memory.resends.get(x, 0) + 1 for x in ids}
                if not await self._try(station, attention.send_again(ids, by)):
                    memory.resends = before
            case 1:
                memory.said_done.update(ids)
                await self._try(station, attention.it_is_done(ids, by))
            case 2:
                memory.waived.update(ids)
                memory.dropped.update(ids)
                await self._try(station, attention.drop(ids, "not needed", by))
            case 3:
                was_waived = entry.entry_id in memory.waived
                memory.waived.add(entry.entry_id)
                if not await self._try(station, attention.waive(entry.entry_id, by)) and not was_waived:
                    memory.waived.discard(entry.entry_id)
            case _:
                await self._try(station, attention.check_again(entry.return_id))

    async def change_key(self, at: int, says_same: bool) -> None:
        """IT renews the key; a person may say that it is the same shop's."""
        station = self._at(at)
        other = KEYS[1] if station.key == KEYS[0].value else KEYS[0]
        station.use_key(other.value)
        await self.clock.settle()
        if says_same and station.url in (LOOP, MOVED):
            await self._try(station, station.same_shop(Operator(name="lead")))

    async def change_address(self, at: int, which: int, says_same: bool) -> None:
        """Another address is set, or Loop's again; a person may say that it is the same shop where it is."""
        station = self._at(at)
        await station.go_to(ADDRESSES[which % len(ADDRESSES)])
        await self.clock.settle()
        if says_same and station.url in (LOOP, MOVED):
            await self._try(station, station.same_shop(Operator(name="lead")))

    # --- what happens -------------------------------------------------------------------------------

    async def turn(self, seconds: float) -> None:
        """Let time pass."""
        await self.clock.turn(seconds)

    async def line(self, at: int, is_up: bool) -> None:
        """The network goes, or comes back."""
        self._at(at).wire.weather.offline = not is_up

    async def read_list(self, at: int) -> None:
        """The list of changes is read, as each minute; confirmations then wait for the next one."""
        station = self._at(at)
        await self._try(station, _read_list(station))

    async def slow_down(self, at: int, seconds: float) -> None:
        """Answers take so long from now on."""
        self._at(at).wire.weather.answer_seconds = seconds

    async def strike(self, blow: int, path: int, count: int) -> None:
        """A fault strikes the next requests that match."""
        every = (*BLOWS, *LATE)
        one = every[blow % len(every)]
        method = "POST" if one in LATE else ""
        self.loop.faults.add(one.fault(method, PATHS[path % len(PATHS)], count))

    async def lose_headers(self, at: int, count: int) -> None:
        """The next requests break off while they leave."""
        self._at(at).wire.weather.lose_headers += count

    async def lag(self, seconds: float) -> None:
        """Reads show what was true a while ago, for a few requests."""
        self.lags = True
        self.loop.faults.add(Fault("stale", method="GET", count=4, seconds=seconds))

    async def stranger(self, which: int, what: int) -> None:
        """Somebody else at Loop closes, cancels, flags, releases, edits or pays out a return."""
        return_id = self._return_id(which)
        ret = self.loop.get(return_id)
        acts: list[dict[str, Any]] = [{"act": "edit", "set": {"destination_id": str(4000 + what)}}]
        acts.append({"act": "add_note", "content": "from the office"})
        acts.append({"act": "hurry"})
        if ret.lines:
            line_id = ret.lines[0].line_item_id
            acts.append({"act": "edit_line", "line_item_id": line_id, "set": {"reason": f"why {what}"}})
        if ret.state == "open":
            acts.append({"act": "process"})
            acts.extend({"act": "set_state", "state": x} for x in ("closed", "cancelled", "review"))
        if ret.state == "review":
            acts.append({"act": "set_state", "state": "open"})
        act(self.loop, acts[what % len(acts)] | {"return_id": return_id})

    async def close_unpaid(self, which: int) -> None:
        """A person at Loop closes a return with one click: nothing is paid."""
        return_id = self._return_id(which)
        if self.loop.get(return_id).state in ("open", "review"):
            act(self.loop, {"act": "set_state", "state": "closed", "return_id": return_id})

    async def change_unsaid(self, which: int, what: int) -> None:
        """Something that a person decided by changes, and no time of an edit tells of it."""
        return_id = self._return_id(which)
        ret = self.loop.get(return_id)
        edits: list[dict[str, Any]] = [
            {"currency": "EUR"},
            {"handling_fee": f"{what}.50"},
            {"type": "warranty"},
        ]
        acts: list[dict[str, Any]] = [{"act": "edit", "set": each} for each in edits]
        if ret.lines:
            line_id = ret.lines[0].line_item_id
            goods = [
                {"sku": f"T-{what}"},
                {"product_id": f"{what}"},
                {"variant_id": f"{what}"},
                {"price": "7.00"},
            ]
            acts.extend({"act": "edit_line", "line_item_id": line_id, "set": each} for each in goods)
        act(self.loop, acts[what % len(acts)] | {"return_id": return_id, "unsaid": True})

    async def strike_page(self, blow: int, path: int, count: int) -> None:
        """A filter between here and Loop answers the next requests that match with pages of its own."""
        self.loop.faults.add(PAGES[blow % len(PAGES)].fault("", PATHS[path % len(PATHS)], count))

    async def fail_processing(self, blow: int) -> None:
        """The next processing is accepted, and closes the return without paying."""
        self.loop.faults.add(UNPAID[blow % len(UNPAID)].fault("POST", "/(process|remove)$", 1))

    async def new_return(self) -> None:
        """A shopper makes another return."""
        return_id = self._make_return(len(self.return_ids))
        self.return_ids.append(return_id)

    async def kill(self, at: int) -> None:
        """kill -9, and start again."""
        self.kills += 1
        await self._at(at).restart()

    async def kill_within(self, at: int, passes: int) -> None:
        """kill -9 in the middle of something: before the n-th statement or transport step from now."""
        self._at(at).points.arm(passes, "kill")

    async def kill_after_effect(self, at: int, requests: int) -> None:
        """kill -9 as soon as the n-th request from now that acts has acted: its answer meets nobody."""
        self._at(at).points.arm(requests, "kill", "net after effect")

    async def fail_within(self, at: int, passes: int, how: str) -> None:
        """The n-th statement or transport step from now fails: ``error`` or ``full``."""
        station = self._at(at)
        station.points.arm(passes, how)
        station.is_disk_full = True

    async def bury(self) -> None:
        """Start again whatever died."""
        for station in self.stations:
            if station.points.is_dead:
                self.kills += 1
                await station.restart()

    async def jump(self, at: int, seconds: float) -> None:
        """Somebody sets the wall clock; I10: at that moment no stage changes."""
        station = self._at(at)
        await self.clock.settle()
        before = [(x.entry_id, x.stage) for x in station.entries()]
        station.clock.jump(seconds)
        await self.clock.settle()
        after = [(x.entry_id, x.stage) for x in station.entries()]
        if before != after:
            self.broken = self.broken or AssertionError("I10: a stage changed because the wall clock did")

    async def reboot(self, at: int) -> None:
        """The machine reboots: its monotonic clock starts at zero."""
        station = self._at(at)
        self.kills += 1
        await station.kill()
        station.clock.boot()
        await station.start()

    async def back_up(self, at: int) -> None:
        """A backup program copies the store."""
        station = self._at(at)
        self.copies.add(f"copy-{station.name}")
        station.copy_files(self.folder / f"copy-{station.name}")

    async def restore(self, at: int) -> None:
        """Somebody puts the copy back. What was kept since is gone from this store, and only that."""
        station = self._at(at)
        await self._restore(station, self.folder / f"copy-{station.name}", station.put_back)

    async def back_up_folder(self, at: int) -> None:
        """An image of the whole profile is made."""
        station = self._at(at)
        self.copies.add(f"image-{station.name}")
        station.copy_folder(self.folder / f"image-{station.name}")

    async def restore_folder(self, at: int) -> None:
        """Somebody puts the image back, with whatever lies beside the store."""
        station = self._at(at)
        await self._restore(station, self.folder / f"image-{station.name}", station.put_back_folder)

    async def _restore(self, station: Station, copy: Path, put_back: Callable[[Path], None]) -> None:
        if copy.name not in self.copies:
            return
        known = {x.entry_id: x for x in station.entries()}
        self.kills += 1
        await station.kill()
        put_back(copy)
        await station.start()
        entries = station.entries()
        left = {x.entry_id for x in entries}
        # Also what was under way when the copy was made: no move tells of it, what it became is lost. The
        # start that would have made it uncertain may have died of an armed kill.
        station.memory.doubted |= {x.entry_id for x in entries if x.stage in UNDER_WAY}
        station.album.restores += 1
        station.memory.forgotten |= {x: known[x] for x in known.keys() - left}
        station.memory.acknowledged -= known.keys() - left

    async def fill_disk(self, at: int, pages: int) -> None:
        """Somebody else fills the disk."""
        station = self._at(at)
        if station.disk._connection is not None:
            station.disk.limit_pages(pages)
            station.is_disk_full = True

    async def free_disk(self, at: int) -> None:
        """There is room again; a program that stopped because of it is started again."""
        station = self._at(at)
        station.points.disarm()
        await self._mend_disk(station)

    async def _mend_disk(self, station: Station) -> None:
        if station.disk._connection is not None:
            station.disk.limit_pages(None)
        station.is_disk_full = False
        await self.clock.settle()
        station.forgive_storage()
        await station.revive()

    async def calm(self) -> None:
        """Everything is well again, nobody acts: let all come to rest."""
        self.loop.faults.clear()
        self.settings.processing_ending = self.settings.removal_ending = "close"
        self.settings.payment_seconds = 0.0
        if self.place is not None:
            self.place.mend()
        await self.bury()
        for station in self.stations:
            station.points.disarm()
            station.wire.weather.offline = False
            station.wire.weather.lose_headers = 0
            station.wire.weather.answer_seconds = 0.0
            await self._go_home(station)
            await self._mend_disk(station)
            await self._accept_keys(station)
        for _ in range(int((LANE_SECONDS + self.limits.witness) / self.look_seconds)):
            if self._is_at_rest():
                break
            await self.clock.turn(self.look_seconds)
        await self.clock.turn(1.0)

    async def _go_home(self, station: Station) -> None:
        """Let a station work with the key and at the address that it began with."""
        if station.url != LOOP:
            await station.go_to(LOOP)
        if station.key != KEYS[0].value:
            station.use_key(KEYS[0].value)

    def _is_at_rest(self) -> bool:
        ended = all(x.stage in END_STAGES or x.stage is Stage.PARKED for x in self._all_entries())
        return ended and not any(station.unstored() or station.owed() for station in self.stations)

    async def _accept_keys(self, station: Station) -> None:
        """Entries of the renewed key are left: somebody says that it is the same shop's."""
        await self.clock.settle()
        await station.keys.refresh()
        if station.connection.state.foreign_keys:
            await station.same_shop(Operator(name="lead"))

    def _all_entries(self) -> list[Entry]:
        return [entry for station in self.stations for entry in station.entries()]

    async def _try(self, station: Station, doing: Any) -> bool:
        """Do something as a person at a screen: a refusal is read, not a failure. Returns whether it went."""
        return await self._value(station, doing, True) is not None

    async def _value(self, station: Station, doing: Any, otherwise: Any = None) -> Any:
        task = asyncio.ensure_future(doing)
        await self.clock.until(task.done, 7200.0)  # a person waits for the answer
        try:
            found = task.result()
        except (RuleBroken, StageMoved, DiskFull, ApiError, StoreError, ValueError, Killed):
            return None
        finally:
            station.feed.tell(OutboxChanged(""))
        return otherwise if found is None else found

    # --- what is true -------------------------------------------------------------------------------

    def note_broken(self, check: Callable[[], None]) -> None:
        """Run a check inside a request: what it finds is kept for the end of the step."""
        try:
            check()
        except AssertionError as failure:
            self.broken = self.broken or failure

    def last_read(self, station: Station, return_id: str) -> float | None:
        """When a station last had a whole answer about a return, in true seconds."""
        return self.books.reads.get((station.name, return_id))

    def agrees(self, station: Station, entry: Entry) -> bool:
        """Whether the picture that the latest attempt was made on is the one a person agreed to.

        Refunds may be told late, so they are no change: a picture has them to tell earlier from later ones.
        """
        rows = station.disk.peek(
            "SELECT before FROM attempt WHERE entry_id = ? ORDER BY n DESC LIMIT 1", (entry.entry_id,)
        )
        wanted = agreed(entry)
        return wanted is not None and _but_refunds(rows[0][0]) == _but_refunds(picture_text(wanted))

    def resends_of(self, return_id: str) -> int:
        """How many more ends of a return people answer for.

        They sent a finalizer again, gave one up or called it done that had left, or had to decide anew what
        a restored copy no longer knows.
        """
        sent = {x for post in self.books.of[return_id] for x in post.entry_ids}
        count = 0
        for station in self.stations:
            memory = station.memory
            lane = {x.entry_id for x in station.lane(return_id) if x.kind in GATED}
            count += sum(n for entry_id, n in memory.resends.items() if entry_id in lane)
            count += len(sent & (memory.forgotten.keys() | (lane & (memory.dropped | memory.said_done))))
        return count

    def resent_notes(self, return_id: str) -> int:
        """How often a note of a return may be there once more: a person sent it again."""
        ids = {
            x.entry_id for station in self.stations for x in station.lane(return_id) if x.kind is Kind.NOTE
        }
        return sum(n for station in self.stations for x, n in station.memory.resends.items() if x in ids)

    def expect_counts(self, station: Station, wanted: Counts) -> None:
        """Fail unless the strip's figures are those."""
        rows = station.disk.peek(_COUNTS)
        if rows:
            found = rows[0][:3]
            assert found == (wanted.kept, wanted.sent, wanted.attention), f"I12: {found} shown, {wanted} true"

    def came_true(self, station: Station, entry: Entry) -> bool:
        """Whether what an entry asks for was ever so at Loop, whoever did it."""
        ret = self.loop.get(entry.return_id)
        kinds = {effect.kind for effect in ret.effects}
        states = {ret.state, *(old.state for _, old in ret.past)}
        match entry.kind:
            case Kind.PROCESS:
                return self._was_paid(ret)
            case Kind.REMOVE:
                gone = not targets_of(entry) & {line.line_item_id for line in ret.lines}
                return gone and self._was_paid(ret)
            case Kind.CANCEL:
                return "cancelled" in kinds or "cancelled" in states
            case Kind.CLOSE:
                return "closed" in kinds
            case Kind.FLAG:
                return "flagged" in kinds or "review" in states
            case Kind.NOTE:
                return any(entry.marker in note.content for note in ret.notes)
            case _:
                return self._was_set(station, entry)

    def _was_paid(self, ret: Return) -> bool:
        """Whether what was promised was paid; where no answer ever tells of that, closed is all there is."""
        was_closed = ret.state == "closed" or any(old.state == "closed" for _, old in ret.past)
        return ret.count("processed", by=None) > 0 or (self.settings.payment_fields == "none" and was_closed)

    def _was_set(self, station: Station, entry: Entry) -> bool:
        """Whether this very value was set, be it by a duplicate of the same second or by one lost with its
        store."""
        forgotten = (x for x in station.memory.forgotten.values() if x.return_id == entry.return_id)
        twins = {
            x.entry_id
            for x in (*station.lane(entry.return_id), *forgotten)
            if (x.kind, x.target) == (entry.kind, entry.target) and x.payload == entry.payload
        }
        return any(x.had_effect and twins & set(x.entry_ids) for x in self.books.of[entry.return_id])

    def is_effect_of(self, station: Station, entry: Entry) -> bool:
        """Whether a request of this very entry came true at Loop."""
        own = [x for x in self.books.of[entry.return_id] if entry.entry_id in x.entry_ids and x.had_effect]
        if not own:
            return False
        ret = self.loop.get(entry.return_id)
        ours = {effect.kind for effect in ret.effects if effect.by == "api"}
        match entry.kind:
            case Kind.PROCESS:
                return "processed" in ours and ret.state == "closed" and "removed" not in ours
            case Kind.REMOVE:
                return {"processed", "removed"} <= ours and ret.state == "closed"
            case Kind.CANCEL:
                return "cancelled" in ours and ret.state == "cancelled"
            case Kind.CLOSE:
                return "closed" in ours and ret.state == "closed"
            case Kind.FLAG:
                return "flagged" in ours and ret.state == "review"
            case _:
                return self.came_true(station, entry)


def _but_refunds(picture: str) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(picture)
    del shown["paid"]
    return shown


async def _open(station: Station, return_id: str) -> None:
    """Put a return on a station's bench, if its store knows it."""
    known = await station.lookup.known(return_id)
    if known is not None:
        await station.inspection.open(known)


async def _read_list(station: Station) -> None:
    """Let a station read what changed, and plan to do so again in a minute."""
    reader = ListReader(
        cache=station.store.returns,
        gateway=station.client,
        clock=station.clock,
        feed=station.feed,
        observe=station.confirmer.observe,
    )
    end = station.clock.now()
    try:
        await reader.read(Window(end - LISTED, end, "updated_at"))
    except ApiError:
        station.feed.tell(NextSync(None))
        raise
    station.feed.tell(NextSync(60.0))
