"""Scenario 25: a damaged item with its photo, and the folder of a network camera."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage

from loopdesk.domain.outbox.stages import Stage
from loopdesk.presenters.screens.window import Signal
from loopdesk.simulator.samples import SAMPLES
from loopdesk.ui import printing
from tests import pdf_text
from tests.scenarios.command import Commands
from tests.scenarios.desk import Desk
from tests.scenarios.test_24_inputs import Inputs
from tests.simulator_thread import SimulatorThread

ONE = SAMPLES["single"]


def photograph(folder: Path, name: str, color: str = "#884422") -> Path:
    """Write a photo as a camera does: under another name first."""
    image = QImage(640, 480, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    part = folder / f".{name}"
    assert image.save(str(part), "JPG")  # type: ignore[call-overload]
    return part.rename(folder / name)


def compulsory(desk: Desk) -> None:
    """Make the photo of a damaged item compulsory at this desk."""
    words = Path(__file__).parents[2] / "resources" / "vocab" / "default.toml"
    text = words.read_text(encoding="utf-8").replace("photo = true", 'photo = "required"', 1)
    desk.folder.mkdir(parents=True, exist_ok=True)
    (desk.folder / "words.toml").write_text(text, encoding="utf-8")
    desk.environ["LOOPDESK_VOCABULARY"] = "words.toml"


def test_a_damaged_item_with_its_compulsory_photo_takes_four_inputs_by_gun_with_a_network_camera(
    desk: Desk, shop: SimulatorThread, tmp_path: Path
) -> None:
    folder = tmp_path / "camera"
    folder.mkdir()
    old = photograph(folder, "before.jpg")
    compulsory(desk)

    async def body() -> None:
        await desk.synced()
        inputs = Inputs(desk, "gun")
        await inputs.label(ONE.tracking_number or "")
        await inputs.give("grade_d")
        assert desk.screen.plan is not None
        assert desk.screen.plan.button.text.startswith("Photo of ")
        assert not desk.screen.plan.button.enabled
        inputs.count += 1  # the button of the camera
        await asyncio.to_thread(photograph, folder, "IMG_0001.JPG", "#224488")
        await desk.hand.until("the photo", lambda: desk.screen.band.word == "Photo")
        await desk.hand.look()
        await inputs.give("confirm")
        assert inputs.count == 4
        assert desk.screen.band.signal is Signal.KEPT
        await desk.until_lane(ONE.return_id, Stage.DONE)
        known = await desk.runtime.store.openings.known(ONE.return_id)
        assert known is not None
        (photo,) = known.settled[0].inspections[0].photos
        assert desk.runtime.profile.photo(photo).is_file()

    desk.play(body, LOOPDESK_EVIDENCE_FOLDER=str(folder))
    assert sorted(path.name for path in folder.iterdir()) == sorted((old.name, "IMG_0001.JPG"))
    assert shop.truth(ONE.return_id)["state"] == "review"


def test_a_photo_is_opened_deleted_and_brought_back_by_hand(
    desk: Desk, shop: SimulatorThread, tmp_path: Path
) -> None:
    del shop
    photo = photograph(tmp_path, "mine.jpg")

    async def body() -> None:
        await desk.open(ONE)
        await desk.press("4")
        desk.session.photos.drop.file_came.emit(str(photo))
        await desk.hand.until("the photo", lambda: desk.screen.band.word == "Photo")
        thumb = desk.session.window.bench.item.thumbs[0]
        await desk.click(thumb)
        await desk.hand.until("the open photo", lambda: desk.screen.prompt is not None)
        await desk.press("2")
        assert desk.screen.band.word == "Photo deleted"
        assert (await desk.runtime.store.drafts.get(ONE.return_id)).inspections[0].photos == ()
        await desk.press("F10")
        assert len((await desk.runtime.store.drafts.get(ONE.return_id)).inspections[0].photos) == 1
        await desk.scan("LDCMDPHOTOS")
        await desk.hand.until("the open photo", lambda: desk.screen.prompt is not None)
        assert desk.session.window.bench.prepare().enlarged.isVisible()
        await desk.press("Esc")
        await desk.hand.until("the closed photo", lambda: desk.screen.prompt is None)

    desk.play(body)


def test_the_evidence_of_a_finished_return_is_one_press_away_and_opens_while_the_bench_goes_on(
    desk: Desk, shop: SimulatorThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del shop
    photo = photograph(tmp_path, "mine.jpg")
    opened: list[Path] = []

    def opens(path: Path) -> bool:
        opened.append(path)
        return True

    monkeypatch.setattr(printing, "open_sheet", opens)

    async def body() -> None:
        await desk.open(ONE)
        await desk.press("4")
        desk.session.photos.drop.file_came.emit(str(photo))
        await desk.hand.until("the photo", lambda: desk.screen.band.word == "Photo")
        await desk.press("F12")
        await desk.until_lane(ONE.return_id, Stage.DONE)
        await desk.press("Ctrl+H")
        window = desk.session.window
        await desk.hand.until("the list", lambda: window.shown_view() == "finished")
        view: Any = window.view("finished")
        await desk.hand.until("the return", lambda: view.choices.button("evidence") is not None)
        await desk.click(view.choices.button("evidence"))
        await desk.hand.until("the sheet", lambda: len(opened) == 1)
        await desk.hand.until("a word", lambda: "is open, and saved as" in view.message.text())
        profile = desk.runtime.profile
        assert opened == [profile.evidence(ONE.return_id)]
        assert opened[0].read_bytes().count(b"/Subtype /Image") == 1
        (kept,) = profile.photo_folder.iterdir()
        kept.unlink()
        await desk.click(view.choices.button("evidence"))
        await desk.hand.until("the lost photo", lambda: view.message.text().startswith("Photos missing"))
        assert len(opened) == 2
        opened[0].unlink()
        opened[0].parent.rmdir()
        opened[0].parent.write_bytes(b"")
        await desk.click(view.choices.button("evidence"))
        await desk.hand.until("no sheet", lambda: "was not saved" in view.message.text())
        assert len(opened) == 2

    desk.play(body)


def test_the_evidence_of_a_return_is_written_by_a_command(
    desk: Desk, shop: SimulatorThread, tmp_path: Path
) -> None:
    photo = photograph(tmp_path, "mine.jpg")

    async def body() -> None:
        await desk.open(ONE)
        await desk.press("4")
        desk.session.photos.drop.file_came.emit(str(photo))
        await desk.hand.until("the photo", lambda: desk.screen.band.word == "Photo")
        await desk.press("F12")
        await desk.until_lane(ONE.return_id, Stage.DONE)

    desk.play(body)
    commands = Commands(desk.folder, f"{shop.url}/api", shop.key)
    out = tmp_path / "sheet.pdf"
    ran = commands.run("evidence", ONE.return_id, "--out", str(out))
    assert (ran.code, ran.out.strip()) == (0, str(out)), ran.err
    read = "".join("".join(pdf_text.pages(out)).split())
    for part in (ONE.return_id, str(ONE.tracking_number), "Ada", "HTTP200", ".jpg"):
        assert part in read
    assert out.read_bytes().count(b"/Subtype /Image") == 1
    assert commands.run("evidence", "1", "--out", str(out)).code == 1
