"""The pages for a look back and for the lead: what was finished last, queue, health, settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loopdesk.domain.outbox.stages import Stage
from loopdesk.presenters.screens.window import Signal
from loopdesk.simulator.cases import DOCK
from loopdesk.simulator.samples import SAMPLES
from loopdesk.system.settings.model import Settings
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

FIRST, SECOND = SAMPLES["single"], SAMPLES["multi_line"]
LONG_HOLD = {"LOOPDESK_HOLD_SECONDS": "60"}


async def _settle(desk: Desk, *keys: str) -> None:
    """Decide what is open, and confirm once it has been looked at."""
    await desk.press(*keys)
    await desk.hand.until("a calm bench", lambda: desk.session.bench.is_calm)
    await desk.press("F12")
    await desk.hand.until("kept", lambda: desk.screen.band.signal is Signal.KEPT)


def _rows(view: Any) -> list[tuple[str, str]]:
    """Return what and how far, of each row of the queue or of what was finished."""
    return [(row.what, row.rung) for row in view.table.rows.rows()]


def test_what_was_finished_last_is_one_key_away_and_what_is_held_is_undone_there(
    desk: Desk, shop: SimulatorThread
) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(FIRST)
        await _settle(desk, "1")
        await desk.open(SECOND)
        await desk.refreshed(SECOND)
        await _settle(desk, "Ctrl+A", "1")
        entered = (await desk.runtime.store.overview.finished(1))[0].draft
        await desk.press("Ctrl+H")
        window = desk.session.window
        await desk.hand.until("the list", lambda: window.shown_view() == "finished")
        view: Any = window.view("finished")
        await desk.hand.until("both", lambda: view.table.rows.rowCount() == 2)
        orders = [what.split(" · ")[0] for what, _rung in _rows(view)]
        assert orders == [SECOND.order_name, FIRST.order_name]
        assert {rung for _what, rung in _rows(view)} == {"Kept"}
        assert "undo possible for" in view.selected.labels[2].text()
        await desk.click(view.choices.button("undo"))
        await desk.until_lane(SECOND.return_id, Stage.WITHDRAWN)
        await desk.hand.until("the bench", lambda: window.shown_view() == "bench")
        await desk.shown(SECOND)
        assert await desk.runtime.store.drafts.get(SECOND.return_id) == entered
        await desk.press("Ctrl+H")
        await desk.hand.until("one left", lambda: view.table.rows.rowCount() == 1)

    desk.play(body, **LONG_HOLD)

    assert traffic.posts(shop, SECOND) == []


def test_the_queue_shows_one_row_a_return_and_its_calls_by_one_press(
    desk: Desk, shop: SimulatorThread
) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(FIRST)
        await _settle(desk, "1")
        await desk.click(desk.session.window.rail.button("queue"))
        view: Any = desk.session.window.view("queue")
        await desk.hand.until("the return", lambda: view.table.rows.rowCount() == 1)
        calls = len(await desk.lane(FIRST.return_id))
        await desk.click_row(view.table, 0)
        await desk.hand.until("its calls", lambda: view.table.rows.rowCount() == 1 + calls)
        assert view.table.rows.row(0).stage.startswith("Kept, undo possible for")
        await desk.press("\r")
        await desk.hand.until("folded", lambda: view.table.rows.rowCount() == 1)
        await desk.press("\r")
        await desk.hand.until("unfolded", lambda: view.table.rows.rowCount() == 1 + calls)
        button = view.choices.button("withdraw")
        assert FIRST.order_name in button.accessibleName()

    desk.play(body, **LONG_HOLD)


def test_health_is_a_press_on_the_strip_away_and_says_what_the_station_can_do(desk: Desk) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.click(desk.session.window.strip.connection)
        window = desk.session.window
        await desk.hand.until("health", lambda: window.shown_view() == "health")
        view: Any = window.view("health")
        rows = view.table.rows
        await desk.hand.until("every check", lambda: rows.place_of("store integrity") >= 0)
        said = {row.key: row.sentence for row in rows.rows()}
        assert said["connection"] == "Loop answers, and takes this station's key."
        assert said["sync"] == "The list of returns is up to date."
        assert said["store integrity"] == "Everything that is kept here is whole."
        await desk.click(view.details)
        await desk.hand.until("the details", view.checks.isVisible)

    desk.play(body)


def test_the_destination_is_chosen_by_name_and_a_parcel_for_another_names_both(desk: Desk) -> None:
    other = SAMPLES["elsewhere"]

    async def body() -> None:
        await desk.synced()
        await desk.hand.until("the names", lambda: bool(desk.program.parts.destinations.known()))
        await desk.click(desk.session.window.rail.button("settings"))
        view: Any = desk.session.window.view("settings")
        combo = view.row("station.destination_id").editor
        names = [combo.itemText(place) for place in range(combo.count())]
        assert names == ["not chosen: no warnings", "Charity", "East dock", "Main dock"]
        await desk.hand.do(combo.setFocus)
        await desk.press("Down", "Down", "Down")
        await desk.click(view.save)
        await desk.hand.until("saved", lambda: desk.program.station().destination_id == DOCK)
        await desk.open(other)
        header = desk.screen.header
        assert header is not None
        assert "Meant for East dock, not for Main dock." in header.warnings

    desk.play(body)


def test_settings_that_nobody_saved_at_this_window_are_seen_and_heard_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    volumes: list[int] = []
    lengths: list[int] = []

    def background() -> str:
        return desk.session.app.palette().window().color().name()

    async def body() -> None:
        session, loaded, before = desk.session, desk.runtime.loaded, background()
        monkeypatch.setattr(session.sounds, "set", lambda *, enabled, volume: volumes.append(volume))
        monkeypatch.setattr(session.scans, "use", lambda rules: lengths.append(rules.least_length))
        own = loaded.settings
        given = replace(
            own,
            theme="contrast",
            sound=replace(own.sound, volume=7),
            scanner=replace(own.scanner, least_length=9),
        )
        await session.program.take_settings(replace(loaded, settings=given))  # as what the hub gives
        assert background() != before
        await session.program.take_settings(loaded)
        assert background() == before

    desk.play(body)
    assert (volumes, lengths) == ([7, 80], [9, Settings().scanner.least_length])
