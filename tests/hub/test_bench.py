"""A bench, a hub and the simulated Loop, each as shipped: from the join code to what Loop shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from loopdesk.app.joining import joining_of
from loopdesk.app.program import Program
from loopdesk.app.runtime import Options, open_profile, open_runtime
from loopdesk.domain.errors import HubNotJoined, KeyRefused
from loopdesk.domain.hub_join import JoinCode
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.hub_word import HubClaim
from loopdesk.domain.outbox.stages import Entry, Stage, Why
from loopdesk.domain.returns.returns import fingerprint
from loopdesk.hub.compose import Hub
from loopdesk.hub.settings import LoopSettings
from loopdesk.services.station.connection import LinkState
from loopdesk.services.station.events import OutboxChanged
from loopdesk.simulator.samples import SAMPLES
from loopdesk.system.host.single import ProfileLock
from tests.builders import a_keep_request, an_action
from tests.fakes.key_store import KeyStore
from tests.hub.running import settings_for
from tests.simulator_thread import SimulatorThread

pytestmark = pytest.mark.expects_log("key_refused", "key_binding")
"""A bench that has not joined yet has no key; joining with a queue binds it anew."""

PARCEL = SAMPLES["single"]
PATIENCE_SECONDS = 20.0


@pytest.fixture
def shop() -> Iterator[SimulatorThread]:
    """Serve a shop."""
    with SimulatorThread() as simulator:
        yield simulator


@asynccontextmanager
async def a_hub(url: str, folder: Path, shop: SimulatorThread) -> AsyncIterator[Hub]:
    """Run a hub that holds the shop's key."""
    settings = settings_for(url, folder).model_copy(update={"loop": LoopSettings(url=shop.url)})
    async with Hub(settings) as hub:
        if not await hub.shops.shops():
            await hub.shops.add("main", "Main street", "#335577")
            await hub.shops.give_key("main", shop.key)
        yield hub


@dataclass
class Desk:
    """One bench, without its window."""

    program: Program

    async def join(self, hub: Hub, name: str) -> None:
        """Join by a code of the hub's, as it is scanned."""
        secret = await hub.benches.add(name, ())
        await joining_of(self.program).join(JoinCode(hub.url, secret).text())

    async def settle(self, *kinds: Kind, return_id: str = PARCEL.return_id) -> tuple[Entry, ...]:
        """Look a return up and keep a settlement of it."""
        fetched = await self.program.parts.gateway.details(return_id)
        ret = fetched.ret
        actions = tuple(an_action(kind, ret.lines[0].line_item_id) for kind in kinds)
        where = self.program.station()
        entries = await self.program.runtime.store.outbox.keep(
            a_keep_request(
                *kinds,
                return_id=return_id,
                seen=fingerprint(ret),
                actions=actions,
                operator=where.operator,
                station=where.station,
                key_fingerprint=where.key_fingerprint,
                hold_seconds=0.0,
            )
        )
        self.program.parts.feed.tell(OutboxChanged(return_id))
        return entries

    async def entry(self, entry: Entry) -> Entry:
        """Return an entry as it is now."""
        lane = await self.program.runtime.store.outbox.lane(entry.return_id)
        return next(x for x in lane if x.entry_id == entry.entry_id)

    async def reaches(self, entry: Entry, *stages: Stage) -> Entry:
        """Wait until an entry is in one of these stages."""
        moved = asyncio.Event()
        self.program.parts.feed.on(OutboxChanged, lambda _: moved.set())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (now := await self.entry(entry)).stage not in stages:
                await moved.wait()
                moved.clear()
        return now


@asynccontextmanager
async def a_desk(
    folder: Path, *, name: str = "dock", operator: str = "Ada", **environ: str
) -> AsyncIterator[Desk]:
    """Run a bench on a profile of its own; it has neither key nor address until it joins."""
    given = {
        "LOOPDESK_STATION": name,
        "LOOPDESK_OPERATOR": operator,
        "LOOPDESK_HOLD_SECONDS": "0",
        "LOOPDESK_SYNC_SECONDS": "0",
        **environ,
    }
    faults: list[tuple[str, BaseException]] = []
    options = Options(profile=str(folder))
    profile, store = open_profile(options, given), KeyStore()
    with ProfileLock(profile):
        runtime = await open_runtime(profile, options, given, key_store=lambda: store)
        try:
            program = Program(runtime, lambda where, failure: faults.append((where, failure)))
            await program.load_key()
            await program.start()
            try:
                yield Desk(program)
            finally:
                await program.stop()
        finally:
            await runtime.close()
    assert faults == []


def effects(shop: SimulatorThread, word: str, return_id: str = PARCEL.return_id) -> int:
    """Count the requests of an action that Loop got for a return."""
    return sum(f"/{return_id}/{word}" in each.path and each.method == "POST" for each in shop.requests())


async def test_a_bench_joins_looks_up_settles_and_sees_it_done_through_the_hub(
    hub_url: str, tmp_path: Path, shop: SimulatorThread
) -> None:
    async with a_hub(hub_url, tmp_path, shop) as hub, a_desk(tmp_path / "one") as desk:
        await desk.join(hub, "Dock 1")
        settings = desk.program.runtime.settings
        assert (settings.hub.used, settings.api.url) == (True, f"{hub.url}/api")
        grade, process = await desk.settle(Kind.GRADE, Kind.PROCESS)
        await desk.reaches(process, Stage.DONE)
        assert (await desk.entry(grade)).stage is Stage.DONE
        assert effects(shop, "process") == 1
        (attempt,) = await desk.program.runtime.store.outbox.attempts(process.entry_id)
        assert attempt.asked_as.startswith(f"{process.entry_id}.1@")


class CutLine:
    """The bench's line to the hub, cut once at one step of an action on a return.

    What else the bench says to the hub meanwhile passes: ``before`` loses the request of the action,
    ``after`` its answer.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, cut: str) -> None:
        self._handle: Callable[[httpx.Request], Any] = inner.handle_async_request
        self.cut = cut
        inner.handle_async_request = self._cut_once  # type: ignore[method-assign]

    async def _cut_once(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST" or not request.url.path.startswith("/api/"):
            return await self._handle(request)  # type: ignore[no-any-return]
        cut, self.cut = self.cut, ""
        trace = request.extensions["trace"]
        if cut == "before":
            await trace("http11.send_request_headers.started", {"request": None})
            raise httpx.WriteError("cut")
        response: httpx.Response = await self._handle(request)
        if cut == "after":
            await response.aclose()
            raise httpx.ReadError("cut")
        return response


@pytest.mark.fault(36, 37)
@pytest.mark.parametrize("cut", ["before", "after"])
@pytest.mark.parametrize("kind", [Kind.NOTE, Kind.GRADE, Kind.PROCESS, Kind.FLAG])
async def test_a_cut_line_to_the_hub_neither_loses_nor_doubles_an_action(
    hub_url: str, tmp_path: Path, shop: SimulatorThread, kind: Kind, cut: str
) -> None:
    async with a_hub(hub_url, tmp_path, shop) as hub, a_desk(tmp_path / "one") as desk:
        await desk.join(hub, "Dock 1")
        await desk.program.parts.gateway.probe()
        connection = desk.program.transport._connection
        assert connection is not None
        line = CutLine(connection._posts._transport, cut)
        (entry,) = await desk.settle(kind)
        done = await desk.reaches(entry, Stage.DONE)
        assert line.cut == ""
        assert done.tries == 1
        attempts = await desk.program.runtime.store.outbox.attempts(entry.entry_id)
        assert len(attempts) == (2 if cut == "before" else 1)
        assert attempts[0].evidence == "ambiguous"
        posts = [each for each in shop.requests() if each.method == "POST"]
        assert len(posts) == 1


@pytest.mark.fault(83)
async def test_of_two_benches_one_finishes_the_return_and_the_other_is_told_who(
    hub_url: str, tmp_path: Path, shop: SimulatorThread
) -> None:
    async with (
        a_hub(hub_url, tmp_path, shop) as hub,
        a_desk(tmp_path / "one", operator="Ana") as first,
        a_desk(tmp_path / "two", operator="Ben") as second,
    ):
        await first.join(hub, "Dock 1")
        await second.join(hub, "Dock 2")
        (mine,), (theirs,) = await asyncio.gather(first.settle(Kind.PROCESS), second.settle(Kind.PROCESS))
        ends = (Stage.DONE, Stage.PARKED, Stage.SUPERSEDED)
        mine, theirs = await first.reaches(mine, *ends), await second.reaches(theirs, *ends)
        assert effects(shop, "process") == 1
        told = [x for x in (mine, theirs) if x.cause.code in (Why.CLAIMED_AT_HUB, Why.FINISHED_AT_HUB)]
        for each in told:
            other = ("Dock 1", "Ana") if each is theirs else ("Dock 2", "Ben")
            claim = HubClaim.of(each.cause.value)
            assert (claim.station, claim.person) == other


@pytest.mark.fault(19)
async def test_a_revoked_bench_keeps_everything_and_says_why(
    hub_url: str, tmp_path: Path, shop: SimulatorThread
) -> None:
    async with a_hub(hub_url, tmp_path, shop) as hub, a_desk(tmp_path / "one") as desk:
        await desk.join(hub, "Dock 1")
        await desk.program.parts.gateway.probe()
        (entry,) = await desk.settle(Kind.NOTE)
        await desk.reaches(entry, Stage.DONE)
        await hub.benches.revoke("Dock 1")
        told = asyncio.Event()
        desk.program.transport.on_exchange(lambda _: told.set())
        (late,) = await _keep_without_looking(desk)
        connection = desk.program.parts.connection
        async with asyncio.timeout(PATIENCE_SECONDS):
            while connection.link is not LinkState.KEY_REFUSED:
                await told.wait()
                told.clear()
        assert connection.state.trouble == "hub_revoked"
        assert (await desk.entry(late)).stage in (Stage.HELD, Stage.READY)


async def _keep_without_looking(desk: Desk) -> tuple[Entry, ...]:
    where = desk.program.station()
    entries = await desk.program.runtime.store.outbox.keep(
        a_keep_request(
            Kind.NOTE,
            return_id=PARCEL.return_id,
            operator=where.operator,
            station=where.station,
            key_fingerprint=where.key_fingerprint,
            hold_seconds=0.0,
        )
    )
    desk.program.parts.feed.tell(OutboxChanged(PARCEL.return_id))
    return entries


async def test_a_code_is_good_once(hub_url: str, tmp_path: Path, shop: SimulatorThread) -> None:
    async with (
        a_hub(hub_url, tmp_path, shop) as hub,
        a_desk(tmp_path / "one") as first,
        a_desk(tmp_path / "two") as second,
    ):
        code = JoinCode(hub.url, await hub.benches.add("Dock 1", ())).text()
        joined, is_stored = await joining_of(first.program).join(code)
        assert ([x.name for x in joined.shops], is_stored) == (["Main street"], True)
        with pytest.raises(HubNotJoined) as failure:
            await joining_of(second.program).join(code)
        assert failure.value.why == "join_used"
        assert not second.program.runtime.settings.hub.used


async def test_what_waits_for_loop_goes_through_the_hub_that_holds_the_same_shops_key(
    hub_url: str, tmp_path: Path, shop: SimulatorThread
) -> None:
    async with (
        a_hub(hub_url, tmp_path, shop) as hub,
        a_desk(tmp_path / "one", LOOPDESK_BUDGET_REQUESTS_PER_MINUTE="240") as desk,
    ):
        program = desk.program
        saved = program.runtime.settings_file.save({"api.url": f"{shop.url}/api"})
        await program.take_settings(saved)
        await program.runtime.secrets.keep_key(shop.key)
        await program.use_key(shop.key)
        program.parts.connection.pause(3600.0)
        (entry,) = await desk.settle(Kind.NOTE)
        await desk.join(hub, "Dock 1")
        program.parts.connection._paused_until = float("-inf")
        program.parts.sender.wake()
        await desk.reaches(entry, Stage.DONE)
        (attempt,) = await program.runtime.store.outbox.attempts(entry.entry_id)
        assert attempt.asked_as


@pytest.mark.fault(19)
async def test_a_hub_without_the_shops_key_is_said_to_lack_it(
    hub_url: str, tmp_path: Path, shop: SimulatorThread
) -> None:
    settings = settings_for(hub_url, tmp_path).model_copy(update={"loop": LoopSettings(url=shop.url)})
    async with Hub(settings) as hub, a_desk(tmp_path / "one") as desk:
        await hub.shops.add("main", "Main street", "#335577")
        await desk.join(hub, "Dock 1")
        with pytest.raises(KeyRefused) as failure:
            await desk.program.parts.gateway.details(PARCEL.return_id)
        assert failure.value.why == "hub_no_shop_key"
        assert desk.program.parts.connection.state.trouble == "hub_no_shop_key"


async def test_a_bench_of_several_shops_settles_in_the_one_whose_return_it_is(
    hub_url: str, tmp_path: Path, shop: SimulatorThread
) -> None:
    async with a_hub(hub_url, tmp_path, shop) as hub, a_desk(tmp_path / "one") as desk:
        await hub.shops.add("other", "Side street", "#553377")
        await desk.join(hub, "Dock 1")
        grade, process = await desk.settle(Kind.GRADE, Kind.PROCESS)
        await desk.reaches(process, Stage.DONE)
        assert (await desk.entry(grade)).stage is Stage.DONE
