"""What a window shows and tells a screen reader, and which of its words were not translated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QLabel, QLineEdit, QWidget

_WORD = re.compile(r"(?<![^\W\d_])[A-Za-z]{3,}(?![^\W\d_])")
_TAG = re.compile(r"</?p[^>]*>|\{[^{}]*\}")


def said(window: QWidget) -> list[str]:
    """Return every text of a window that can be seen or is read aloud, each once."""
    found: dict[str, None] = {}
    for widget in (window, *window.findChildren(QWidget)):
        if widget.isVisible():
            found.update(dict.fromkeys(text for text in _texts(widget) if text))
    return list(found)


def _texts(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, (QLabel, QAbstractButton)):
        yield widget.text()
    if isinstance(widget, QLineEdit):
        yield widget.placeholderText()
    if isinstance(widget, QComboBox):
        yield from (widget.itemText(row) for row in range(widget.count()))
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        yield from _cells(widget.model())
    yield widget.toolTip()
    spoken = QAccessible.queryAccessibleInterface(widget)
    if spoken is not None:
        yield spoken.text(QAccessible.Text.Name)
        yield spoken.text(QAccessible.Text.Description)


def _cells(model: QAbstractItemModel) -> Iterator[str]:
    # A list's count of columns is private to Qt.
    columns = range(1 if isinstance(model, QAbstractListModel) else model.columnCount())
    for column in columns:
        yield str(model.headerData(column, Qt.Orientation.Horizontal) or "")
    for row in range(model.rowCount()):
        for column in columns:
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
                yield str(model.index(row, column).data(role) or "")


def words_in(texts: Iterable[str]) -> set[str]:
    """Return the words of plain letters in texts, in lower case."""
    return {word.lower() for text in texts for word in _WORD.findall(_TAG.sub(" ", text))}
