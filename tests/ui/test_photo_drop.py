"""Pictures that are dropped onto the window or pasted: taken, unless words are being written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from loopdesk.domain.camera import PHOTO_EDGE
from loopdesk.domain.errors import RuleBroken
from loopdesk.presenters.commands import COMMANDS
from loopdesk.presenters.screens.returns import Prompt, QuestionKind
from loopdesk.ui.bench.kept_photos import EnlargedPhoto
from loopdesk.ui.main_window import MainWindow
from loopdesk.ui.photo_drop import PhotoDrop
from loopdesk.ui.photos import keep_image
from tests.ui import samples


def a_picture(width: int = 40, height: int = 30) -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(QColor("#336699"))
    return image


def mime(*, image: QImage | None = None, paths: tuple[Path, ...] = (), text: str = "") -> QMimeData:
    data = QMimeData()
    if image is not None:
        data.setImageData(image)
    if paths:
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    if text:
        data.setText(text)
    return data


class Came:
    """What came, in order."""

    def __init__(self, drop: PhotoDrop) -> None:
        self.files: list[str] = []
        self.images: list[QImage] = []
        self.nothing = 0
        drop.file_came.connect(self._on_file)
        drop.image_came.connect(self._on_image)
        drop.nothing_came.connect(self._on_nothing)

    def _on_file(self, path: str) -> None:
        self.files.append(path)

    def _on_image(self, image: QImage) -> None:
        self.images.append(image)

    def _on_nothing(self) -> None:
        self.nothing += 1


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow([(command.id, command.key) for command in COMMANDS], samples.ICONS)
    qtbot.addWidget(made, before_close_func=MainWindow.finish)
    made.resize(1280, 800)
    made.show()
    made.activateWindow()
    qtbot.waitExposed(made)
    made.render(samples.bench())
    yield made
    dressed.clipboard().clear()


@pytest.fixture
def came(window: MainWindow) -> Came:
    drop = PhotoDrop(window)
    return Came(drop)


def drop_onto(window: MainWindow, data: QMimeData) -> bool:
    """Drag data over the window and let it go; whether it was accepted."""
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(600, 400), copy, data, left, none)
    entering.ignore()
    QApplication.sendEvent(window, entering)
    if not entering.isAccepted():
        return False
    QApplication.sendEvent(window, QDropEvent(QPoint(600, 400), copy, data, left, none))
    return True


def test_dropped_files_come_one_by_one_in_their_order(window: MainWindow, came: Came, tmp_path: Path) -> None:
    paths = (tmp_path / "a.jpg", tmp_path / "b ö.png")
    assert drop_onto(window, mime(paths=paths))
    assert [Path(path) for path in came.files] == list(paths)
    assert (came.images, came.nothing) == ([], 0)


def test_a_file_that_is_given_away_to_be_moved_is_copied(
    window: MainWindow, came: Came, tmp_path: Path
) -> None:
    """Who is told that it was moved deletes it: with Shift held that is what a file manager proposes."""
    move, left, shift = Qt.DropAction.MoveAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
    data, at = mime(paths=(tmp_path / "a.jpg",)), QPoint(600, 400)
    for event in (
        QDragEnterEvent(at, move | Qt.DropAction.CopyAction, data, left, shift),
        QDropEvent(at, move | Qt.DropAction.CopyAction, data, left, shift),
    ):
        event.setDropAction(move)
        QApplication.sendEvent(window, event)
        assert event.isAccepted()
        assert event.dropAction() is Qt.DropAction.CopyAction
    assert len(came.files) == 1


def test_web_addresses_are_not_dropped_onto_the_window(window: MainWindow, came: Came) -> None:
    data = QMimeData()
    data.setUrls([QUrl("http://127.0.0.1:9/a.jpg"), QUrl("https://192.168.1.1/b.jpg"), QUrl("smb://h/c.jpg")])
    assert not drop_onto(window, data)
    assert (came.files, came.images, came.nothing) == ([], [], 0)


def test_a_dropped_picture_without_a_file_comes_as_it_is(window: MainWindow, came: Came) -> None:
    assert drop_onto(window, mime(image=a_picture()))
    assert [image.size() for image in came.images] == [a_picture().size()]


def test_words_are_not_dropped_onto_the_window(window: MainWindow, came: Came) -> None:
    assert not drop_onto(window, mime(text="some words"))
    assert (came.files, came.images, came.nothing) == ([], [], 0)


@pytest.mark.parametrize("is_asking", [False, True])
def test_a_picture_is_pasted_at_the_bench_and_while_a_photo_is_asked_for(
    window: MainWindow, came: Came, *, is_asking: bool
) -> None:
    prompt = Prompt(QuestionKind.PHOTO, "Photo of Socks", "Choose one.") if is_asking else None
    window.render(samples.bench(prompt=prompt))
    (window.bench.prompt.field if is_asking else window.bench.lines).setFocus()
    QGuiApplication.clipboard().setImage(a_picture())
    QTest.keyClick(
        window.bench.prompt.field if is_asking else window.bench.lines,
        Qt.Key.Key_V,
        Qt.KeyboardModifier.ControlModifier,
    )
    assert len(came.images) == 1
    assert window.bench.prompt.field.toPlainText() == ""


def test_words_are_pasted_into_the_field_that_is_being_written_in(window: MainWindow, came: Came) -> None:
    window.render(samples.bench(prompt=Prompt(QuestionKind.NOTE, "Note", "Say it.")))
    window.bench.prompt.field.setFocus()
    QGuiApplication.clipboard().setText("wet box")
    QTest.keyClick(window.bench.prompt.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert window.bench.prompt.field.toPlainText() == "wet box"
    assert (came.images, came.nothing) == ([], 0)


def test_pasting_what_is_no_picture_is_said(window: MainWindow, came: Came) -> None:
    window.render(samples.bench())
    window.bench.lines.setFocus()
    QGuiApplication.clipboard().setText("words")
    QTest.keyClick(window.bench.lines, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert came.nothing == 1


def test_a_pasted_picture_is_kept_small_and_without_holes(tmp_path: Path) -> None:
    image = a_picture(PHOTO_EDGE * 2, PHOTO_EDGE)
    image.fill(Qt.GlobalColor.transparent)
    kept = QImage(str(tmp_path / keep_image(image, tmp_path)))
    assert (kept.width(), kept.height()) == (PHOTO_EDGE, PHOTO_EDGE // 2)
    assert kept.pixelColor(5, 5) == QColor("white")


def test_a_pasted_picture_of_too_many_pixels_is_refused(tmp_path: Path) -> None:
    image = QImage(10_000, 5_001, QImage.Format.Format_Mono)
    with pytest.raises(RuleBroken) as refused:
        keep_image(image, tmp_path)
    assert refused.value.detail == "photo_pixels"


def test_a_pressed_photo_opens_by_its_place(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1920, 1080)
    window.render(samples.bench(item=samples.item(photos=("one.jpg", "two.jpg"))))
    thumbs = [thumb for thumb in window.bench.item.thumbs if thumb.isVisible()]
    assert len(thumbs) == 2
    for thumb, number in zip(thumbs, (1, 0), strict=True):
        with qtbot.waitSignal(window.bench.photo_opened) as told:
            QTest.mouseClick(thumb, Qt.MouseButton.LeftButton)
        assert told.args == [number]
    with qtbot.waitSignal(window.bench.photo_opened):
        thumbs[0].setFocus()
        QTest.keyClick(thumbs[0], Qt.Key.Key_Space)


@pytest.mark.parametrize("size", [(1024, 768), (1280, 800), (1920, 1080), (1080, 1920)])
def test_the_latest_photo_can_be_opened_by_touch_in_every_size(
    window: MainWindow, size: tuple[int, int]
) -> None:
    window.resize(*size)
    window.render(samples.bench(item=samples.item(photos=("one.jpg", "two.jpg"))))
    thumb, photo = window.bench.item.thumbs[0], window.bench.item.photo
    assert thumb.isVisible()
    assert min(thumb.width(), thumb.height()) >= 56
    assert not thumb.geometry().intersects(photo.geometry())
    assert window.bench.item.rect().contains(thumb.geometry())


def test_an_open_photo_covers_the_lines_and_the_item_and_goes_with_its_question(
    window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "photo.jpg"
    assert a_picture(800, 600).save(str(path))
    shown = Prompt(
        QuestionKind.PHOTO_SHOWN, "Photo 1 of 1", "", ("Take it again",), is_choice=True, photo=str(path)
    )
    window.render(samples.bench(prompt=shown))
    large = window.bench.prepare().enlarged
    assert isinstance(large, EnlargedPhoto)
    assert large.isVisible()
    assert large.geometry().contains(window.bench.item.geometry())
    middle = large.grab().toImage()
    assert middle.pixelColor(middle.width() // 2, middle.height() // 2).blue() > 120
    window.render(samples.bench())
    assert not large.isVisible()
