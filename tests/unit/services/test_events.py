"""A listener's exception is reported, and affects neither the other listeners nor the publisher."""

from __future__ import annotations

import pytest

from loopdesk.services.station.events import Event, Feed, MysteryKept, OutboxChanged
from tests.bench_rig import BenchRig
from tests.builders import a_return
from tests.fakes.faults import unexpected


def _break(_: Event) -> None:
    raise ValueError("a view broke")


@pytest.mark.fault(128)
def test_a_listener_that_breaks_is_told_and_the_others_hear_the_event() -> None:
    told: list[tuple[str, BaseException]] = []
    heard: list[Event] = []
    feed = Feed(lambda where, failure: told.append((where, failure)))
    feed.on(MysteryKept, _break)
    feed.on(MysteryKept, heard.append)
    feed.tell(MysteryKept(7))
    assert heard == [MysteryKept(7)]
    assert [(where, str(failure)) for where, failure in told] == [("on MysteryKept", "a view broke")]


def test_events_go_to_who_asked_for_their_type_until_they_leave() -> None:
    heard: list[Event] = []
    feed = Feed(unexpected)
    feed.on(MysteryKept, heard.append)
    feed.tell(OutboxChanged("1"))
    feed.tell(MysteryKept(1))
    feed.off(heard.append)
    feed.tell(MysteryKept(2))
    assert heard == [MysteryKept(1)]


@pytest.mark.fault(128)
async def test_a_return_is_settled_at_loop_while_every_view_breaks() -> None:
    ret = a_return("91000123")
    rig = await BenchRig(ret).open()
    rig.feed.on(OutboxChanged, _break)
    await rig.scan(ret.return_id)
    await rig.press("grade_a", "confirm")
    await rig.clock.turn(60.0)
    faults, rig.faults = rig.faults, []
    await rig.close()
    assert {type(x) for x in faults} == {ValueError}
    entries = rig.store.outbox.kept.values()
    assert entries
    assert {x.stage.value for x in entries} == {"done"}
