"""Two benches on one hub, each with its store and its services, without a window: what they share."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import httpx

from loopdesk.api.sharing.client import HubSharedClient
from loopdesk.api.transport import Transport
from loopdesk.domain.errors import Unreachable
from loopdesk.domain.operators import Operator
from loopdesk.domain.returns.grading import Disposition, Draft, Grade, Inspection
from loopdesk.domain.returns.shared_drafts import NOWHERE, Elsewhere
from loopdesk.hub.compose import Hub
from loopdesk.services.ports.following import SharedEvent
from loopdesk.services.ports.sharing import HubSaid
from loopdesk.services.ports.station import Station
from loopdesk.services.sharing.drafts import DraftSharing
from loopdesk.services.sharing.people import PeopleOfHub
from loopdesk.services.sharing.presence import PresenceSharing
from loopdesk.services.sharing.sharing import Sharing
from loopdesk.services.station.events import DraftsChanged, Feed
from loopdesk.services.station.tasks import Tasks
from loopdesk.services.sync.budget import RequestBudget
from loopdesk.store.share_marks import own_bench
from loopdesk.store.sharing.drafts import elsewhere_of
from loopdesk.store.store import Store, open_store
from tests.builders import RETURN_ID, a_keep_request, rebuild
from tests.fakes.clock import HandClock
from tests.hub.running import joined

SHOP = "acme"
GRADES = (Grade.A, Grade.B, Grade.C, Grade.D)


@dataclass
class Line:
    """The line to the hub, which can be away, or lose the answer to one request."""

    inner: HubSharedClient
    is_away: bool = False
    loses: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def is_hub(self) -> bool:
        """There is one, near or not."""
        return True

    @property
    def generation(self) -> str:
        """As last told."""
        return self.inner.generation

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> HubSaid:
        """Ask, if the line is there."""
        if self.is_away:
            raise Unreachable
        self.asked.append(path)
        said = await self.inner.ask(method, path, body)
        if self.loses:
            self.loses -= 1
            raise Unreachable
        return said


class SharingBench:
    """One bench of the site."""

    def __init__(self, name: str, person: str, folder: Path, clock: HandClock, url: str, token: str) -> None:
        self.name = name
        self.operator = Operator(name=person)
        self.clock = clock
        self.shown = ""
        self.told: list[DraftsChanged] = []
        self._folder = folder
        self._url, self._token = url, token
        self._faults: list[BaseException] = []
        self._tasks = Tasks(lambda _where, failure: self._faults.append(failure))
        self.store: Store
        self._transport: Transport

    async def open(self, *, url: str = "") -> None:
        """Begin, on whatever the store holds."""
        self._url = url or self._url
        clock, feed = self.clock, Feed(lambda _where, failure: self._faults.append(failure))
        self.feed = feed
        feed.on(DraftsChanged, self.told.append)
        self.store = await open_store(self._folder / self.name, rebuild)
        budget = RequestBudget(clock)
        self._transport = Transport(clock=clock, budget=budget, base_url=f"{self._url}/api", is_hub=True)
        self._transport.set_key(self._token)
        self.line = Line(HubSharedClient(lambda: self._transport))
        self.drafts = DraftSharing(
            drafts=self.store.shared_drafts,
            hub=self.line,
            clock=clock,
            feed=feed,
            shown=lambda: self.shown,
            station=self._station,
        )
        self.presence = PresenceSharing(
            presence=self.store.shared_presence,
            hub=self.line,
            clock=clock,
            tasks=self._tasks,
            feed=feed,
            station=self._station,
        )
        people = PeopleOfHub(people=self.store.people, shares=self.store.shares, clock=clock, feed=feed)
        self.sharing = Sharing(
            (self.drafts, self.presence, people),
            shares=self.store.shares,
            hub=self.line,
            clock=clock,
            tasks=self._tasks,
            feed=feed,
            random=lambda: 0.5,
            on_beat=people.heard,
        )
        await self.store.shares.turn(on=True)

    async def close(self) -> None:
        """End, as at a shutdown or a kill: the store is what stays."""
        await self._tasks.aclose()
        await self._transport.aclose()
        await self.store.close()
        assert self._faults == []

    async def restart(self, *, url: str = "") -> None:
        """End and begin again."""
        await self.close()
        await self.open(url=url)

    def _station(self) -> Station:
        return Station(self.name, self.operator, "kf", 8.0)

    # --- what a person does -----------------------------------------------------------------------------

    async def enter(
        self, grades: Sequence[Grade], *, parked: bool = False, return_id: str = RETURN_ID
    ) -> None:
        """Grade the first lines of a return, from what is entered here."""
        await self.clock.turn(1.0)
        found = [
            Inspection(f"8000000{n}", grade, Disposition.BACK_TO_STOCK, self.operator, self.clock.now())
            for n, grade in enumerate(grades, start=1)
        ]
        draft = Draft(return_id, tuple(found), parked=parked, updated_at=self.clock.now())
        await self.store.drafts.save(draft)

    async def discard(self, return_id: str = RETURN_ID) -> None:
        """Take everything back."""
        await self.store.drafts.save(Draft(return_id))

    async def settle(self, return_id: str = RETURN_ID) -> str:
        """Settle what is entered; returns the settlement."""
        await self.clock.turn(1.0)
        draft = await self.store.drafts.get(return_id)
        request = a_keep_request(
            return_id=return_id, draft=draft, decided_at=self.clock.now(), operator=self.operator
        )
        return (await self.store.outbox.keep(request))[0].settlement_id

    async def take_up(self, return_id: str = RETURN_ID) -> bool:
        """Open a return with what another bench has entered."""
        theirs = (await self.elsewhere(return_id)).theirs
        return theirs is not None and await self.store.shared_drafts.take_over(return_id, theirs.revision)

    async def choose(self, *, theirs: bool, return_id: str = RETURN_ID) -> bool:
        """Choose between two."""
        other = (await self.elsewhere(return_id)).theirs
        assert other is not None
        return await self.store.shared_drafts.choose(
            return_id,
            other.revision,
            theirs=theirs,
            by=self.operator,
            station=self.name,
            at=self.clock.now(),
        )

    # --- what is here -----------------------------------------------------------------------------------

    async def entered(self, return_id: str = RETURN_ID) -> tuple[Grade, ...]:
        """Return what is entered here."""
        return tuple(x.grade for x in (await self.store.drafts.get(return_id)).inspections)

    async def elsewhere(self, return_id: str = RETURN_ID) -> Elsewhere:
        """Return what is known of the other benches."""
        draft = await self.store.drafts.get(return_id)

        def read(connection: apsw.Connection) -> Elsewhere:
            bench_id = own_bench(connection)
            return NOWHERE if bench_id is None else elsewhere_of(connection, draft, bench_id)

        return await self.store.database.read(read)

    async def left_in_audit(self, event: str) -> list[tuple[Grade, ...]]:
        """Return what the audit log keeps of what did not stand."""
        rows = await self.store.audit.rows(event)
        return [
            tuple(Grade(x["grade"]) for x in json.loads(row.detail["left"])["inspections"]) for row in rows
        ]

    # --- the hub ----------------------------------------------------------------------------------------

    async def say(self) -> bool:
        """Say everything that is marked."""
        return await self.sharing.say_all()

    async def hear(self) -> None:
        """Take everything that the hub has to tell, as the stream brings it."""
        async with httpx.AsyncClient(base_url=self._url, trust_env=False) as client:
            while not await self._read(client):
                await self.sharing.begin_anew()

    async def _read(self, client: httpx.AsyncClient) -> bool:
        """Read one stream up to its end. Returns False if it can only begin anew."""
        position = await self.sharing.position()
        generation = await self.store.shares.generation()
        headers = {"X-Authorization": self._token, "X-Loopdesk-Generation": generation}
        target = f"/hub/v1/changes?after=*:{position}"
        async with client.stream("GET", target, headers=headers) as answer:
            await self.sharing.heard(answer.headers["X-Loopdesk-Generation"])
            if answer.status_code == httpx.codes.GONE:
                return False
            assert answer.status_code == httpx.codes.OK, answer.status_code
            end = await self.last_at_hub()
            at, text = position or 0, ""
            if at >= end:
                return True
            async for piece in answer.aiter_text():
                text += piece
                *events, text = text.split("\n\n")
                for one in events:
                    at = await self._take(one, at)
                if at >= end:
                    return True
        return True

    async def _take(self, text: str, at: int) -> int:
        fields = dict(line.split(": ", 1) for line in text.split("\n") if not line.startswith(":"))
        if "data" not in fields:
            return at
        data = json.loads(fields["data"])
        await self.sharing.shared(SharedEvent(fields["event"], data["seq"], data["key"], data["value"]))
        return int(data["seq"])

    async def last_at_hub(self) -> int:
        """Return the number of the newest change; set by the site."""
        raise NotImplementedError


class Site:
    """A hub, and its benches."""

    def __init__(self, hub: Hub, clock: HandClock, benches: Sequence[SharingBench]) -> None:
        self.hub = hub
        self.clock = clock
        self.benches = benches
        for bench in benches:
            bench.last_at_hub = self.last  # type: ignore[method-assign]

    async def last(self) -> int:
        """The number of the newest change that is there."""
        [found] = await self.hub.database.read("sharing.extent")
        return int(found["last"])

    async def next_generation(self) -> None:
        """Let the hub notice that its database is another one."""
        before, living = self.hub.database.generation, self.hub.database._living
        async with living.connection() as connection:
            await living._beat(connection)
        assert self.hub.database.generation != before

    async def sync(self) -> None:
        """Let every bench say and hear everything, until nothing is new."""
        for _ in range(3):
            for bench in self.benches:
                if not bench.line.is_away:
                    await bench.say()
                    await bench.hear()


@asynccontextmanager
async def a_site(hub: Hub, folder: Path, people: Mapping[str, str]) -> AsyncIterator[Site]:
    """Let benches join a hub that runs; each is named with who works there."""
    await hub.shops.add(SHOP, "Acme", "#336699")
    clock = HandClock()
    benches = [
        SharingBench(name, person, folder, clock, hub.url, await joined(hub, name))
        for name, person in people.items()
    ]
    async with AsyncExitStack() as stack:
        for bench in benches:
            await bench.open()
            stack.push_async_callback(bench.close)
        yield Site(hub, clock, benches)
