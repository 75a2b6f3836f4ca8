"""An unknown parcel gets a number in two inputs, and its return is found automatically."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QImage

from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.presenters.screens.window import Signal
from loopdesk.services.ports.store import Mystery
from loopdesk.simulator.barcodes import ups
from loopdesk.simulator.samples import SAMPLES
from tests.network import ThreadedProxy
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

NOBODY = ups(9_999_991)
SINGLE = SAMPLES["single"]
SHARED = SAMPLES["shared_first"]


async def _records(desk: Desk) -> tuple[Mystery, ...]:
    return await desk.runtime.store.mysteries.all()


def _hint(desk: Desk) -> str:
    prompt = desk.screen.prompt
    return prompt.hint if prompt is not None else ""


async def _asked(desk: Desk) -> None:
    await desk.hand.until("the question", lambda: desk.screen.prompt is not None)
    await desk.at_rest()


def test_scan_and_confirm_keep_a_parcel_with_words_shelf_and_photo(
    desk: Desk, shop: SimulatorThread, tmp_path: Path
) -> None:
    del shop
    picture = tmp_path / "box.png"
    QImage(64, 48, QImage.Format.Format_RGB888).save(str(picture))

    async def body() -> None:
        await desk.synced()
        await desk.hand.scan(NOBODY)
        await _asked(desk)
        await desk.press("F12")
        (first,) = await _records(desk)
        assert (first.number, first.code, first.operator.name, first.station) == (1, NOBODY, "Ada", "dock 1")
        assert desk.screen.band.sentence == "Mystery parcel 1. Write the number on the box."

        await desk.press("Ctrl+M")
        prompt = desk.session.window.bench.prompt
        prompt.field.setPlainText("two shoes")
        prompt.second.setPlainText("M 2")
        await desk.press("F8")
        prompt.field.setPlainText(str(picture))
        await desk.press("F12")
        await desk.hand.until("the photo", lambda: "photo is attached" in _hint(desk))
        await desk.press("F12")
        second, _ = await _records(desk)
        assert (second.code, second.words, second.shelf) == ("", "two shoes", "M 2")
        assert (desk.runtime.profile.photo_folder / second.photo).is_file()

    async def later() -> None:
        assert [x.number for x in await _records(desk)] == [2, 1]
        kept = await desk.runtime.store.audit.rows("mystery_kept")
        assert [(x.operator.name, x.detail["number"]) for x in kept] == [("Ada", 1), ("Ada", 2)]
        assert await desk.runtime.store.audit.verify() is None

    desk.play(body)
    desk.play(later)


def test_a_parcel_kept_offline_finds_its_return_at_the_next_sync_and_opens_it(
    desk: Desk, shop: SimulatorThread
) -> None:
    with ThreadedProxy("127.0.0.1", shop.port) as wire:
        desk.environ["LOOPDESK_API_URL"] = f"{wire.url}/api"
        desk.environ["LOOPDESK_SCANNER_GAP_MS"] = "200"  # a busy machine must not cut a code in two
        wire.refuse()

        async def offline() -> None:
            await desk.hand.until("the strip", lambda: desk.strip.connection.startswith("Offline"))
            for number, code in enumerate((SINGLE.tracking_number, SHARED.tracking_number), start=1):
                assert code is not None
                await desk.scan(code)
                assert desk.screen.band.word == str(number), "what is written on the box is the big word"

        async def online() -> None:
            await desk.synced()

            async def is_linked() -> bool:
                return (await _records(desk))[1].linked_return_id == SINGLE.return_id

            await desk.until_true("the link", is_linked)
            await desk.hand.until("the choice", lambda: set(desk.program.parts.mysteries.unclear) == {2})
            shared, single = await _records(desk)
            assert (single.linked_by, shared.linked_return_id) == (PROGRAM, "")
            assert desk.screen.band.signal is Signal.ATTENTION
            await _open_and_choose(desk, shared.number)

        desk.play(offline)
        wire.accept()
        desk.play(online)


async def _open_and_choose(desk: Desk, unclear: int) -> None:
    """Open what was found from its record, and choose for the one that two returns carry."""
    window = desk.session.window
    await desk.click(window.rail.button("mystery"))
    view = window.view("mystery")
    assert view is not None
    rows = view.table.rows  # type: ignore[attr-defined]
    await desk.hand.until("the waiting record", lambda: rows.key_at(0) == str(unclear))
    await desk.click_row(view.table, 0)  # type: ignore[attr-defined]
    links = view.panel.links  # type: ignore[attr-defined]
    await desk.hand.until("two returns to choose from", lambda: links.model().rowCount() == 2)
    await desk.click_row(links, 0)

    async def is_chosen() -> bool:
        return (await _records(desk))[0].linked_by == Operator(name="Ada")

    await desk.until_true("the choice", is_chosen)
    await desk.hand.until("no record that waits", lambda: rows.rowCount() == 0)
    await desk.click(view.filters.button("found"))  # type: ignore[attr-defined]
    await desk.hand.until("both records", lambda: rows.rowCount() == 2)
    await desk.click_row(view.table, 1)  # type: ignore[attr-defined]
    await desk.hand.until("the button", view.panel.bench.isVisible)  # type: ignore[attr-defined]
    await desk.click(view.panel.bench)  # type: ignore[attr-defined]
    await desk.shown(SINGLE)
