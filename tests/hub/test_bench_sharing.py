"""A bench as it is composed brings its audit log to its hub by its own line, while there is a hub."""

from __future__ import annotations

import asyncio
from pathlib import Path

from loopdesk.api.sharing.audit import HubAudit
from loopdesk.api.sharing.client import HubSharedClient
from loopdesk.api.transport import Transport
from loopdesk.app.sharing import BenchSharing
from loopdesk.domain.errors import StoreError
from loopdesk.domain.operators import Operator
from loopdesk.domain.returns.vocabularies import Vocabularies
from loopdesk.hub.compose import Hub
from loopdesk.services.bench.vocabularies import VocabularyShelf
from loopdesk.services.ports.sharing import SharingPorts
from loopdesk.services.ports.station import Station
from loopdesk.services.sharing.audit import LOOK_SECONDS
from loopdesk.services.station.events import Feed, StationChanged
from loopdesk.services.station.tasks import RESTART_SECONDS, Tasks
from loopdesk.services.sync.budget import RequestBudget
from loopdesk.store.store import Store, open_store
from tests.bench_rig import VOCABULARY
from tests.builders import AT, rebuild
from tests.fakes.clock import HandClock
from tests.fakes.given_texts import PlainTexts
from tests.hub.audit_rig import links, runs
from tests.hub.running import joined, settings_for


async def _at_hub(hub: Hub) -> int:
    found = await runs(hub)
    return len(await links(hub, found[0])) if found else 0


def _ports(store: Store, line: HubSharedClient) -> SharingPorts:
    return SharingPorts(
        shares=store.shares,
        drafts=store.shared_drafts,
        presence=store.shared_presence,
        people=store.people,
        audit=store.audit_uploads,
        mysteries=store.site_mysteries,
        given=store.given,
        texts=PlainTexts(),
        hub=line,
        audit_hub=HubAudit(line),
    )


async def test_the_log_goes_to_the_hub_by_itself_once_there_is_one(hub_url: str, tmp_path: Path) -> None:
    faults: list[BaseException] = []
    clock, tasks = HandClock(), Tasks(lambda _where, failure: faults.append(failure))
    feed = Feed(lambda _where, failure: faults.append(failure))
    store = await open_store(tmp_path / "profile", rebuild)
    async with Hub(settings_for(hub_url, tmp_path)) as hub:
        transport = Transport(
            clock=clock, budget=RequestBudget(clock), base_url=f"{hub.url}/api", is_hub=False
        )
        transport.set_key(await joined(hub))
        sharing = BenchSharing(
            _ports(store, HubSharedClient(lambda: transport)),
            clock=clock,
            tasks=tasks,
            feed=feed,
            station=lambda: Station("dock", Operator(name="Ana"), "", 8.0),
            shown=lambda: "",
            random=lambda: 0.5,
            vocabularies=VocabularyShelf(Vocabularies(VOCABULARY)),
            on_fault=lambda _where, failure: faults.append(failure),
        )
        await store.audit.write("seen", AT)
        await sharing.share(on=False)
        assert "audit upload" not in tasks.names
        await transport.set_base(f"{hub.url}/api", is_hub=True)
        await sharing.share(on=True)
        await sharing.share(on=True)
        assert tasks.names.count("audit upload") == 1
        while await _at_hub(hub) < 1:
            await clock.turn(LOOK_SECONDS)
        await store.audit.write("seen", AT)
        while await _at_hub(hub) < 2:
            await clock.turn(LOOK_SECONDS)
        await transport.set_base(hub.url)
        feed.tell(StationChanged())
        await clock.turn(LOOK_SECONDS)
        await store.audit.write("seen", AT)
        await clock.turn(10 * LOOK_SECONDS)
        assert await _at_hub(hub) == 2
        await tasks.aclose()
        await transport.aclose()
    await store.close()
    assert faults == []


async def test_one_loop_that_ends_or_fails_begins_again_by_itself_and_no_other_twice(
    tmp_path: Path,
) -> None:
    begun: list[str] = []
    left, faults = asyncio.Event(), list[BaseException]()
    clock, tasks = HandClock(), Tasks(lambda _where, failure: faults.append(failure))
    store = await open_store(tmp_path / "profile", rebuild)
    transport = Transport(
        clock=clock, budget=RequestBudget(clock), base_url="http://127.0.0.1:1", is_hub=True
    )
    sharing = BenchSharing(
        _ports(store, HubSharedClient(lambda: transport)),
        clock=clock,
        tasks=tasks,
        feed=Feed(lambda _where, failure: faults.append(failure)),
        station=lambda: Station("dock", Operator(name="Ana"), "", 8.0),
        shown=lambda: "",
        random=lambda: 0.5,
        vocabularies=VocabularyShelf(Vocabularies(VOCABULARY)),
        on_fault=lambda _where, failure: faults.append(failure),
    )

    async def says() -> None:
        begun.append("says")
        if begun.count("says") == 2:
            raise StoreError
        await left.wait()

    async def beats() -> None:
        begun.append("beats")
        await asyncio.Event().wait()

    sharing._loops = {"says": says, "beats": beats}
    await sharing.share(on=True)
    await clock.settle()
    left.set()
    await clock.settle()
    assert list(tasks.names) == ["beats"], "the hub was left, and the other one has not looked yet"
    left.clear()
    await sharing.share(on=True)
    await clock.turn(RESTART_SECONDS)
    assert [type(failure) for failure in faults] == [StoreError]
    assert sorted(begun) == ["beats", "says", "says", "says"]
    assert list(tasks.names) == ["beats", "says"]
    await tasks.aclose()
    await transport.aclose()
    await store.close()
