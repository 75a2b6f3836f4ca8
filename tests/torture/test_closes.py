"""What a long walk found: a close that was never sent was called done where an office had processed it."""

from __future__ import annotations

import asyncio

import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Stage
from loopdesk.domain.returns.returns import fingerprint
from loopdesk.services.station.events import OutboxChanged
from loopdesk.simulator.actors import act
from tests.builders import a_draft, a_keep_request, an_action
from tests.torture.invariants import check_all, check_rest, watch_requests
from tests.torture.world import World


@pytest.mark.fault(160)
def test_what_an_office_processed_is_no_close_of_ours() -> None:
    asyncio.run(_close_behind_an_office())


async def _close_behind_an_office() -> None:
    """No answer of this shop tells of payment, and the close waits offline while the office pays."""
    world = World(1, returns=1, slow_disks=False)
    world.settings.change(payment_fields="none")
    try:
        await world.open()
        watch_requests(world)
        (station,), (return_id,) = world.stations, world.return_ids
        await world.line(0, is_up=False)
        stored = await station.store.returns.get(return_id)
        assert stored is not None
        (entry,) = await station.store.outbox.keep(
            a_keep_request(
                return_id=return_id,
                seen=fingerprint(stored.ret),
                draft=a_draft(return_id),
                actions=(an_action(Kind.CLOSE, ""),),
                hold_seconds=8.0,
                station=station.name,
                key_fingerprint=station.where().key_fingerprint,
            )
        )
        station.memory.acknowledged.add(entry.entry_id)
        station.feed.tell(OutboxChanged(return_id))
        await world.turn(30.0)
        act(world.loop, {"act": "process", "return_id": return_id})
        await world.line(0, is_up=True)
        await world.turn(130.0)
        check_all(world)
        await world.calm()
        check_rest(world)
        assert [x.stage for x in station.entries()] == [Stage.PARKED]
        assert world.books.posts == []
    finally:
        await world.close()
