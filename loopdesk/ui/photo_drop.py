"""Pictures that are dropped onto the window, or pasted where nothing is being written."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeySequence,
    QPixmap,
    QShortcut,
)
from PySide6.QtWidgets import QWidget


class PhotoDrop(QObject):
    """Takes pictures of the window, whichever part of it they are dropped onto.

    Text fields keep what can be written in them: they take ``Ctrl+V`` first, and a dropped text.

    Args:
        window: Of which nothing else takes what is dropped.

    Signals:
        file_came(str): The path of a local file, picture or not.
        image_came(QImage): A picture that is in no file.
        nothing_came(): What was pasted is no picture.
    """

    file_came = Signal(str)
    image_came = Signal(QImage)
    nothing_came = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self._paste = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), window)
        self._paste.activated.connect(self._on_paste)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept files and pictures, and take them when they are let go."""
        if event.type() is QEvent.Type.DragEnter and isinstance(event, QDragEnterEvent):
            if _has_picture(event.mimeData()):
                _copy(event)
                return True
        elif event.type() is QEvent.Type.Drop and isinstance(event, QDropEvent):
            _copy(event)
            self._take(event.mimeData())
            return True
        return super().eventFilter(watched, event)

    def _on_paste(self) -> None:
        self._take(QGuiApplication.clipboard().mimeData())

    def _take(self, data: QMimeData) -> None:
        """Report what is in it: each local file, else the picture itself."""
        paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
        image = data.imageData() if data.hasImage() and not paths else None
        if isinstance(image, QPixmap):
            image = image.toImage()
        for path in paths:
            self.file_came.emit(path)
        if isinstance(image, QImage) and not image.isNull():
            self.image_came.emit(image)
        elif not paths:
            self.nothing_came.emit()


def _copy(event: QDropEvent) -> None:
    """Take a copy, whatever was proposed: who gives a file away to be moved deletes it afterwards."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


def _has_picture(data: QMimeData) -> bool:
    return data.hasImage() or any(url.isLocalFile() for url in data.urls())
