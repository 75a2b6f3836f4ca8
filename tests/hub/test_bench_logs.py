"""A bench with a hub logs nobody's data and no secret, at its loudest, whatever the hub and Loop say."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from loopdesk.api.client import LoopClient
from loopdesk.api.transport import Transport
from loopdesk.domain.errors import ApiError
from loopdesk.domain.operators import Role
from loopdesk.domain.returns.grading import Disposition, Draft, Grade, Inspection
from loopdesk.hub.compose import Hub
from loopdesk.hub.settings import IndexSettings
from loopdesk.hub.sharing.people import HubPeople
from loopdesk.system.host.clock import SystemClock
from loopdesk.system.host.logs import Logs, Redactor
from tests.hub.following_rig import following_bench, running
from tests.hub.planted import BADGE, GIVEN, LOOP_KEY, PERSONAL, found_in
from tests.hub.planted_traffic import ALL, break_database, planted_loop
from tests.hub.running import joined, until
from tests.hub.serving import settings_before
from tests.hub.sharing_rig import SHOP, SharingBench, Site, a_site
from tests.simulator_thread import SimulatorThread
from tests.unit.api.bench import OpenBudget

EVENTS: Final = ("request ", "draft_told ", "people_taken ", "filled ", "rows_unreadable ", "status=500")
"""What stands in the log of it: what is told and what goes wrong was met."""

pytestmark = pytest.mark.expects_log
"""Of faults of the hub, and of what Loop says wrongly."""


def _is_of_bench(record: logging.LogRecord) -> bool:
    """Whether a bench could have logged it: the hub and Loop of this process are others."""
    return not record.name.startswith(("loopdesk.hub", "loopdesk.simulator", "uvicorn", "psycopg"))


def _ids(loop: SimulatorThread) -> list[str]:
    return sorted(ret.return_id for ret in loop.loop.index.kept())


async def _enter(bench: SharingBench, return_id: str, grade: Grade) -> None:
    """Enter something for a line, with words and a photo."""
    await bench.clock.turn(1.0)
    entered = Inspection(
        "80000001",
        grade,
        Disposition.BACK_TO_STOCK,
        bench.operator,
        bench.clock.now(),
        note=PERSONAL["draft"],
        photos=(PERSONAL["photo"],),
    )
    draft = Draft(return_id, (entered,), parked=True, updated_at=bench.clock.now())
    await bench.store.drafts.save(draft)


async def _share(site: Site, hub: Hub, return_ids: list[str]) -> None:
    """Share drafts and people, with two who entered differently and a hub that fails."""
    people = HubPeople(hub.database, hub.sealing, ring=hub.feed.ring)
    await people.add(PERSONAL["person"], Role.LEAD, PERSONAL["person's e-mail"])
    await people.give_badge(PERSONAL["person"], BADGE)
    one, two = site.benches
    await _enter(one, return_ids[0], Grade.A)
    await _enter(two, return_ids[0], Grade.B)
    await site.sync()
    await two.choose(theirs=True, return_id=return_ids[0])
    await _enter(one, return_ids[1], Grade.C)
    await site.sync()
    await two.take_up(return_ids[1])
    await two.settle(return_ids[1])
    await site.sync()
    async with hub.database.transaction() as connection:
        await connection.execute(
            "CREATE TRIGGER spill_all BEFORE INSERT ON draft FOR EACH ROW EXECUTE FUNCTION spill()"
        )
    await _enter(one, return_ids[2], Grade.D)
    assert not await one.say()


async def _tried(asking: Awaitable[Any]) -> None:
    with suppress(ApiError):
        await asking


async def _look_up(url: str, token: str, loop: SimulatorThread) -> None:
    """Look up and act through the hub, with Loop's wrong answers among the right ones."""
    transport = Transport(clock=SystemClock(), budget=OpenBudget(), base_url=f"{url}/api", is_hub=True)
    transport.set_key(token)
    client, return_id = LoopClient(transport), _ids(loop)[0]
    rows = json.dumps([{"id": PERSONAL["e-mail"], "message": ALL}, ALL])
    ways: tuple[dict[str, Any], ...] = (
        {},
        {"kind": "answer", "status": 200, "body": rows},
        {"kind": "answer", "status": 422, "body": json.dumps({"errors": [ALL]}), "headers": {"X-It": ALL}},
        {"kind": "html_error", "status": 500, "body": f"<h1>{ALL}</h1>"},
        {"kind": "truncate"},
    )
    for n, way in enumerate(ways):
        number = loop.fault(**way) if way else 0
        for name in ("order", "e-mail", "tracking number"):
            await _tried(client.details_by_order_name(f"{PERSONAL[name]}{n}"))
        await _tried(client.details_by_order_name(f"#{PERSONAL['order']}-{n}"))
        await _tried(client.details(return_id))
        await _tried(client.notes(return_id))
        await _tried(client.create_note(return_id, PERSONAL["note"]))
        if way:
            loop.loop.faults.clear(number)
    await transport.aclose()


async def _follow(url: str, token: str, folder: Path, loop: SimulatorThread) -> None:
    """Be filled with everything."""
    async with following_bench(url, token, folder) as bench, running(bench):

        async def has_all() -> bool:
            return None not in [await bench.store.returns.get(each) for each in _ids(loop)]

        await until(has_all)


async def test_a_bench_with_a_hub_logs_nobodys_data(hub_url: str, tmp_path: Path) -> None:
    break_database(hub_url)
    folder = tmp_path / "logs"
    folder.mkdir()
    logs = Logs(folder, Redactor(), "debug")
    logs._handler.addFilter(_is_of_bench)
    with planted_loop() as loop, logs:
        settings = settings_before(hub_url, loop.url, tmp_path)
        settings = settings.model_copy(update={"index": IndexSettings(seconds=0.2)})
        async with Hub(settings) as hub:
            names = {PERSONAL["bench's name"]: PERSONAL["person"], f"{PERSONAL['shelf']} 2": "Bo"}
            async with a_site(hub, tmp_path, names) as site:
                await hub.shops.give_key(SHOP, LOOP_KEY)
                token = await joined(hub, f"{PERSONAL['person']}'s")
                await _share(site, hub, _ids(loop))
                await _look_up(hub.url, token, loop)
                await _follow(hub.url, token, tmp_path / "following", loop)
        text = logs.file.read_bytes()
        logging.getLogger("loopdesk.lookup").debug("careless %s", PERSONAL["first name"])
    words = {**PERSONAL, **GIVEN, "token": token}
    assert [event for event in EVENTS if event.encode() not in text] == []
    assert found_in(text, words) == []
    assert found_in(logs.file.read_bytes(), words) == ["first name"]  # one such line is found
