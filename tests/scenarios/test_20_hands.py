"""What hands do at the bench: foreign labels, double clicks, items of no line, and views that hide it."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from loopdesk.domain.outbox.stages import Stage
from loopdesk.presenters.screens.window import Signal
from loopdesk.simulator.samples import SAMPLES
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

PARCEL, OTHER = SAMPLES["single"], SAMPLES["store_credit"]
FOREIGN = "0036000291452"
HOLD = {"LOOPDESK_HOLD_SECONDS": "2"}
LEFT = Qt.MouseButton.LeftButton


@pytest.mark.fault(149)
def test_a_shoppers_label_with_a_command_settles_nothing(desk: Desk, shop: SimulatorThread) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        await desk.press("1")
        await desk.hand.look()
        for label in ("LDCMDCONFIRM", "ldcmdconfirm", "LDCMDCONFIRMBCDEF"):
            await desk.hand.scan(label)
            await desk.at_rest()
            assert desk.screen.band.word == "No effect"
        assert await desk.lane(PARCEL.return_id) == ()
        rows = await desk.runtime.store.audit.rows("scan")
        assert [row.detail["raw"] for row in rows][-1] == "LDCMDCONFIRM•••••"

    desk.play(body)

    assert traffic.posts(shop, PARCEL) == []


@pytest.mark.fault(155)
@pytest.mark.parametrize("apart", [0.06, 0.2, 0.4])
def test_a_double_click_on_confirm_is_one_settlement_and_it_is_kept(
    desk: Desk, shop: SimulatorThread, apart: float
) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        await desk.press("1")
        await desk.hand.look()
        confirm = desk.session.window.bench.commands.confirm
        spot = confirm.mapTo(desk.session.window, confirm.rect().center())
        clicked = 0
        for _ in range(2):
            target = desk.session.window.childAt(spot)
            assert target is not None
            await desk.hand.do(lambda w=target: QTest.mouseClick(w, LEFT))  # type: ignore[misc]
            clicked += 1
            await asyncio.sleep(apart)
        await desk.at_rest()
        assert clicked == 2
        assert desk.screen.band.signal is Signal.KEPT
        await desk.until_lane(PARCEL.return_id, Stage.DONE)

    desk.play(body, **HOLD)

    assert traffic.acts(traffic.posts(shop, PARCEL)) == ["grade", "assess", "process"]


@pytest.mark.fault(153)
@pytest.mark.parametrize(("key", "word"), [("1", "Extra"), ("2", "Wrong item"), ("3", "1")])
def test_an_item_of_no_line_leaves_the_return_and_one_key_says_what_it_is(
    desk: Desk, shop: SimulatorThread, key: str, word: str
) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        await desk.scan(FOREIGN)
        await desk.hand.until("the question", lambda: desk.screen.prompt is not None)
        await desk.shown(PARCEL)
        await desk.press(key)
        await desk.hand.until(f"the answer {word!r}", lambda: desk.screen.band.word == word)
        assert desk.screen.prompt is None
        if key == "3":
            assert [link.return_id for link in desk.screen.parked] == [PARCEL.return_id]
        assert await desk.lane(PARCEL.return_id) == ()

    desk.play(body)

    assert traffic.posts(shop, PARCEL) == []


@pytest.mark.fault(154)
def test_a_code_scanned_over_another_view_shows_the_bench_before_it_settles(
    desk: Desk, shop: SimulatorThread
) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        await desk.press("1")
        await desk.hand.do(lambda: desk.session.window.show_view("queue"))
        await desk.hand.scan(desk.issued("LDCMDCONFIRM"))
        await desk.at_rest()
        assert desk.session.window.shown_view() == "bench"
        assert desk.screen.band.word == "Look first"
        assert await desk.lane(PARCEL.return_id) == ()
        await desk.scan("LDCMDCONFIRM")
        assert desk.screen.band.signal is Signal.KEPT

    desk.play(body)


def test_new_codes_make_the_old_sheet_void(desk: Desk, shop: SimulatorThread) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        old = desk.issued("LDCMDGRADEA")
        desk.session.runtime.station_secret.renew()
        await desk.hand.scan(old)
        await desk.at_rest()
        assert desk.screen.band.word == "No effect"
        await desk.scan("LDCMDGRADEA")
        assert desk.screen.lines[0].decided == "A"

    desk.play(body)
    assert traffic.posts(shop, PARCEL) == []
