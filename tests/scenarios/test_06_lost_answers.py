"""An answer that never came is read back first: each parcel is processed once and nothing is parked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from loopdesk.domain.outbox.stages import Stage
from loopdesk.services.station.events import NeedsPerson
from loopdesk.simulator.samples import SAMPLES, Sample
from tests.network import Rule, ThreadedProxy
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

PARCELS = tuple(SAMPLES[name] for name in ("single", "warranty", "elsewhere", "canada", "with_notes"))


@contextmanager
def _behind(shop: SimulatorThread, desk: Desk) -> Iterator[ThreadedProxy]:
    """Put a faulty network between the desk and the shop."""
    with ThreadedProxy("127.0.0.1", shop.port) as proxy:
        desk.environ["LOOPDESK_API_URL"] = f"{proxy.url}/api"
        yield proxy


async def _settle(desk: Desk, *parcels: Sample) -> None:
    for parcel in parcels:
        await desk.open(parcel)
        await desk.press("1", "F12")


async def _all_done(desk: Desk, *parcels: Sample) -> None:
    """Wait until everything is done; nothing may need a person on the way."""
    called: list[NeedsPerson] = []
    desk.program.parts.feed.on(NeedsPerson, called.append)
    for parcel in parcels:
        await desk.until_lane(parcel.return_id, Stage.DONE)
    assert (await desk.runtime.store.outbox.counts()).attention == 0
    assert called == []


@pytest.mark.fault(36)
def test_processing_whose_answers_are_all_lost_happens_once_each(desk: Desk, shop: SimulatorThread) -> None:
    async def body() -> None:
        await desk.synced()
        shop.fault("lose_answer", method="POST", path=r"/process$")
        await _settle(desk, *PARCELS)
        await _all_done(desk, *PARCELS)

    desk.play(body)

    for parcel in PARCELS:
        truth = shop.truth(parcel.return_id)
        assert (truth["state"], truth["processings"]) == ("closed", 1), parcel.name
        assert traffic.acts(traffic.posts(shop, parcel)) == ["grade", "assess", "process"], parcel.name
    processed = shop.requests("POST", "/process")
    assert [seen.answered for seen in processed] == [False] * len(PARCELS)


def test_a_network_that_drops_answers_makes_nobody_pay_twice(desk: Desk, shop: SimulatorThread) -> None:
    closed, reset, cut, silent = PARCELS[:4]

    async def body() -> None:
        await desk.synced()
        proxy.use(
            Rule("drop_after", f"^POST .*/{closed.return_id}/process "),
            Rule("reset_after", f"^POST .*/{reset.return_id}/process "),
            Rule("cut", f"^POST .*/{cut.return_id}/process ", at_byte=60),
            Rule("cut", f"^POST .*/{silent.return_id}/process ", at_byte=0),
        )
        await _settle(desk, closed, reset, cut, silent)
        await _all_done(desk, closed, reset, cut, silent)

    with _behind(shop, desk) as proxy:
        desk.play(body)

    for parcel in (closed, reset, cut, silent):
        assert shop.truth(parcel.return_id)["processings"] == 1, parcel.name
    struck = [each.mode for each in proxy.passages if each.line.split()[1].endswith("/process")]
    assert struck == ["drop_after", "reset_after", "cut", "cut"]


@pytest.mark.fault(43)
def test_notes_and_values_whose_answers_are_lost_are_there_once(desk: Desk, shop: SimulatorThread) -> None:
    parcel = SAMPLES["multi_line"]

    async def body() -> None:
        await desk.synced()
        shop.fault("lose_answer", method="POST", path=r"/(grade|note|remove)$", count=3)
        await desk.open(parcel)
        await desk.press("1", "6", "2", "F12")
        await _all_done(desk, parcel)

    desk.play(body)

    truth = shop.truth(parcel.return_id)
    assert [effect["kind"] for effect in truth["effects"]] == ["removed", "processed"]
    assert len(truth["notes"]) == 1
    assert traffic.grades(shop, parcel) == ["grade_a", "grade_b"]
    assert len(shop.requests("POST", "/remove")) == 1
    asked = traffic.acts(traffic.posts(shop, parcel))
    assert asked.index("remove") == len(asked) - 1
