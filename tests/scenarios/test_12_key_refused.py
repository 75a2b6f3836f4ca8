"""A key that Loop stops accepting pauses the queue, fails nothing, and a good one lets it go on."""

from __future__ import annotations

from collections import Counter

import pytest

from loopdesk.domain.outbox.stages import Stage
from loopdesk.services.outbox.key_binding import SAME_SHOP
from loopdesk.simulator.loop import PRACTICE_KEY
from loopdesk.simulator.samples import SAMPLES
from loopdesk.simulator.truth import ShopKey
from loopdesk.ui.pages.queue import QueueView
from loopdesk.ui.pages.settings import SettingsView
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

PARCELS = tuple(SAMPLES[name] for name in ("single", "store_credit", "warranty", "credit_and_refund"))
RENEWED = ShopKey("renewed", "renewed-key-0002")
POST_SECONDS = 0.3
"""Slow enough that the key goes while much is still to be sent."""


async def _settle_all(desk: Desk) -> None:
    for parcel in PARCELS:
        await desk.open(parcel)
        await desk.press(*(["1"] * len(set(parcel.line_item_ids))), "F12")


async def _until_refused(desk: Desk, shop: SimulatorThread) -> None:
    """Let the first actions through, then take the key away."""
    await desk.hand.until("the first actions", lambda: len(shop.requests("POST")) >= 3)
    shop.loop.keys = []
    await desk.hand.until("the strip", lambda: desk.strip.connection == "Key refused", 30)

    async def rests() -> bool:
        stages = await _stages(desk)
        return not stages[Stage.HELD] and not stages[Stage.SENDING]

    await desk.until_true("the queue at rest", rests)


async def _stages(desk: Desk) -> Counter[Stage]:
    return Counter([entry.stage for parcel in PARCELS for entry in await desk.lane(parcel.return_id)])


async def _settings(desk: Desk) -> SettingsView:
    await desk.click(desk.session.window.rail.button("settings"))
    view = desk.session.window.view("settings")
    assert isinstance(view, SettingsView)
    await desk.click(view.pages.button("it"))
    await desk.hand.until("the page of lead and IT", view.key.isVisible)
    return view


async def _enter_key(desk: Desk, key: str) -> SettingsView:
    """Enter a key as a person does: in Settings, by hand."""
    view = await _settings(desk)
    await desk.click(view.key.field)
    await desk.press(*key)
    assert view.key.field.text() == key
    await desk.click(view.key.check)
    await desk.hand.until("the answer about the key", view.key.check.isVisible)
    assert view.key.field.text() == "", "the key stands nowhere on screen"
    return view


def _each_effect_once(shop: SimulatorThread) -> None:
    for parcel in PARCELS:
        truth = shop.truth(parcel.return_id)
        assert (truth["state"], truth["processings"]) == ("closed", 1), parcel.name
        assert set(traffic.grades(shop, parcel)) == {"grade_a"}


async def _all_done(desk: Desk) -> None:
    for parcel in PARCELS:
        await desk.until_lane(parcel.return_id, Stage.DONE, seconds=90)


@pytest.mark.fault(19, 117)
def test_the_queue_pauses_says_so_and_resumes_when_the_key_is_good_again(
    desk: Desk, shop: SimulatorThread
) -> None:
    shop.fault("slow", method="POST", seconds=POST_SECONDS)

    async def body() -> None:
        await desk.synced()
        await _settle_all(desk)
        await _until_refused(desk, shop)
        stages = await _stages(desk)
        assert stages[Stage.PARKED] == 0
        assert stages[Stage.READY] > 0
        assert desk.strip.attention == 0
        refused = len(shop.requests("POST"))
        await desk.click(desk.session.window.rail.button("queue"))
        view = desk.session.window.view("queue")
        assert isinstance(view, QueueView)
        await desk.hand.until("the queue's words", lambda: _says(view, "Waits: Loop refuses the key"))
        assert len(shop.requests("POST")) == refused, "nothing is sent with a key that was refused"

        shop.loop.keys = [PRACTICE_KEY]
        await _enter_key(desk, PRACTICE_KEY.value)
        await _all_done(desk)
        await desk.hand.until("the strip", lambda: desk.strip.connection == "Online", 30)
        assert desk.strip.attention == 0

    desk.play(body)

    assert any(seen.status == 401 for seen in shop.requests())
    _each_effect_once(shop)
    for parcel in PARCELS:
        done = [seen for seen in traffic.posts(shop, parcel) if seen.effect]
        assert traffic.acts(done).count("process") == 1


def _says(view: QueueView, words: str) -> bool:
    model = view.table.model()
    cells = [
        model.index(row, column) for row in range(model.rowCount()) for column in range(model.columnCount())
    ]
    return any(words in str(cell.data()) for cell in cells)


@pytest.mark.fault(116)
def test_a_renewed_key_waits_for_a_person_to_say_that_it_is_the_same_shop(
    desk: Desk, shop: SimulatorThread
) -> None:
    shop.fault("slow", method="POST", seconds=POST_SECONDS)

    async def body() -> None:
        await desk.synced()
        await _settle_all(desk)
        await _until_refused(desk, shop)
        shop.loop.keys = [RENEWED]
        view = await _enter_key(desk, RENEWED.value)
        await desk.hand.until("the question", view.key.choice.isVisible)
        sent = len(shop.requests("POST"))
        assert (await _stages(desk))[Stage.PARKED] == 0
        assert len(shop.requests("POST")) == sent, "not one action goes out with another key by itself"
        await desk.click(view.key.choice)
        await desk.click(view.ask.accept)
        await _all_done(desk)
        (row,) = await desk.runtime.store.audit.rows(SAME_SHOP)
        assert row.operator.name == "Ada"

    desk.play(body)

    _each_effect_once(shop)
    assert set(desk.key_store.kept.values()) == {RENEWED.value}
    took_effect = {seen.key for seen in shop.requests("POST") if seen.effect}
    assert took_effect == {PRACTICE_KEY.name, RENEWED.name}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [("no-such-key", "Loop refuses this key."), ("two words", "That is no key")],
)
def test_a_wrong_key_is_not_taken_and_changes_nothing(
    desk: Desk, shop: SimulatorThread, wrong: str, said: str
) -> None:
    parcel = PARCELS[0]

    async def body() -> None:
        await desk.synced()
        before = desk.program.key_fingerprint
        view = await _enter_key(desk, wrong)
        await desk.hand.until("why not", lambda: said in view.key.accessibleName())
        assert desk.program.key_fingerprint == before
        await desk.click(desk.session.window.rail.button("bench"))
        await desk.open(parcel)
        await desk.press("1", "F12")
        await desk.until_lane(parcel.return_id, Stage.DONE)

    desk.play(body)

    assert shop.truth(parcel.return_id)["processings"] == 1
    assert desk.key_store.kept == {}
