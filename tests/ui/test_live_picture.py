"""The live picture: where it stands, that its light is seen, and that no frame outlives it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from loopdesk.presenters.screens.returns import LiveScreen, Prompt, QuestionKind
from loopdesk.ui.bench.live import LivePicture
from loopdesk.ui.bench.view import BenchView
from loopdesk.ui.theme import apply_theme, look
from tests.ui import samples

ON = LiveScreen("Camera on", "F8 takes the photo")
ASIDE = replace(ON, is_large=False)
SIZES = ((944, 560), (1192, 662), (1280, 600), (1832, 930), (640, 900), (1080, 1700))


def frame(color: str = "#336699", width: int = 1920, height: int = 1080) -> QImage:
    """Paint what the camera sees."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    return image


@pytest.fixture
def bench(dressed: QApplication, qtbot: QtBot) -> BenchView:
    view = BenchView(samples.ICONS)
    qtbot.addWidget(view)
    view.resize(1192, 662)
    view.show()
    return view


@pytest.fixture
def live(dressed: QApplication, qtbot: QtBot) -> LivePicture:
    widget = LivePicture()
    qtbot.addWidget(widget)
    widget.resize(480, 300)
    return widget


def place(part: QWidget, view: BenchView) -> QRect:
    """Return where a part stands in the bench."""
    return QRect(part.mapTo(view, part.rect().topLeft()), part.size())


def _is_light(seen: QColor) -> bool:
    wanted = look().color("blocked")
    return max(abs(seen.red() - wanted.red()), abs(seen.green() - wanted.green())) < 40


def has_light(widget: LivePicture) -> bool:
    """Whether the light is seen in the upper left corner."""
    image = widget.grab().toImage()
    edge = look().px(60)
    return any(
        _is_light(image.pixelColor(x, y))
        for x in range(min(edge, image.width()))
        for y in range(min(edge, image.height()))
    )


@pytest.mark.parametrize("scale", [100, 150, 200])
@pytest.mark.parametrize("size", SIZES)
def test_it_stands_over_the_item_and_over_no_button(
    bench: BenchView, size: tuple[int, int], scale: int, dressed: QApplication
) -> None:
    apply_theme(dressed, "light", scale)
    bench.resize(*size)
    bench.render(samples.bench(live=ON))
    QApplication.sendPostedEvents()
    parts = bench.prepare()
    where = place(parts.live, bench)
    assert parts.live.isVisible()
    assert where.width() >= look().px(200)
    assert where.height() >= look().px(120)
    covered = [
        each for each in bench.item.buttons() if each.isVisible() and where.intersects(place(each, bench))
    ]
    assert covered == []
    assert not bench.item.picture.isVisible()
    apply_theme(dressed, "light", 100)


@pytest.mark.parametrize("size", SIZES)
def test_while_nobody_aims_it_stands_in_the_pictures_place_and_what_is_known_can_be_read(
    bench: BenchView, size: tuple[int, int]
) -> None:
    bench.resize(*size)
    bench.render(samples.bench(live=ASIDE))
    QApplication.sendPostedEvents()
    parts = bench.prepare()
    where = place(parts.live, bench)
    assert where == place(bench.item.picture, bench)
    assert not where.intersects(place(bench.item.facts, bench))
    assert has_light(parts.live)


def test_while_nobody_aims_it_leaves_the_invitation_to_be_read(bench: BenchView) -> None:
    bench.render(replace(samples.READY, live=ASIDE))
    parts, room = bench.prepare(), bench.empty.geometry()
    assert room.contains(parts.live.geometry())
    assert parts.live.width() * parts.live.height() * 8 < room.width() * room.height()


@pytest.mark.fault(191)
@pytest.mark.parametrize("live_now", [ON, ASIDE])
@pytest.mark.parametrize("size", SIZES)
def test_a_photo_that_is_open_hides_no_light(
    bench: BenchView, size: tuple[int, int], live_now: LiveScreen
) -> None:
    answers = ("Take it again", "Delete it")
    shown = Prompt(QuestionKind.PHOTO_SHOWN, "Photo 1 of 1", "", answers, is_choice=True, photo="a.jpg")
    bench.resize(*size)
    bench.render(samples.bench(live=live_now, prompt=shown))
    QApplication.sendPostedEvents()
    live = bench.prepare().live
    assert live.isVisible()
    for spot in (live.rect().topLeft(), live.rect().center(), live.rect().bottomRight()):
        assert bench.childAt(live.mapTo(bench, spot)) is live
    assert has_light(live)


def test_the_products_picture_is_back_when_the_camera_is_off(bench: BenchView) -> None:
    for live_now, is_shown in ((None, True), (ON, False), (None, True)):
        bench.render(samples.bench(live=live_now))
        assert bench.item.picture.isVisible() is is_shown
    bench.render(samples.bench(live=ON))
    bench.render(samples.bench(live=ON, item=samples.done_item()))
    assert not bench.item.picture.isVisible()


def test_without_a_return_it_takes_the_place_of_the_invitation(bench: BenchView) -> None:
    bench.render(samples.READY)
    bench.render(replace(samples.READY, live=ON))
    parts = bench.prepare()
    assert parts.live.isVisible()
    assert parts.live.geometry() == bench.empty.geometry()


@pytest.mark.fault(191)
def test_the_light_is_on_before_the_first_frame_and_on_every_frame(live: LivePicture) -> None:
    live.render(ON)
    assert live.isVisibleTo(live.parentWidget() or live)
    assert has_light(live)
    for color in ("#000000", "#ffffff", "#b3261e"):
        live.show_frame(frame(color))
        assert has_light(live)
    assert (live.accessibleName(), live.accessibleDescription()) == ("Camera on", "F8 takes the photo")


def test_a_frame_is_drawn_whole_in_its_own_proportions(live: LivePicture) -> None:
    live.render(ON)
    live.show_frame(frame(width=400, height=400))
    image = live.grab().toImage()
    middle, ratio = image.height() // 2, image.height() / 300
    assert image.pixelColor(image.width() // 2, image.height() - round(12 * ratio)).name() == "#336699"
    assert image.pixelColor(round(40 * ratio), middle).name() == look().color("ground").name()


@pytest.mark.fault(191)
def test_no_frame_is_held_or_shown_once_the_camera_is_off(live: LivePicture) -> None:
    live.render(ON)
    live.show_frame(frame())
    live.render(None)
    assert live.isHidden()
    live.show_frame(frame())  # one that was on its way
    live.render(ON)
    image = live.grab().toImage()
    assert image.pixelColor(image.width() // 2, image.height() // 2).name() == look().color("ground").name()


def test_frames_before_the_bench_has_its_parts_are_dropped(dressed: QApplication, qtbot: QtBot) -> None:
    view = BenchView(samples.ICONS)
    qtbot.addWidget(view)
    view.show_frame(frame())
    view.render(samples.bench(live=ON))
    view.show_frame(frame())
    assert not view.prepare().live._frame.isNull()
