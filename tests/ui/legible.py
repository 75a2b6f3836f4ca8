"""Finds what a person cannot read on a window: cut off, elided, too small, overdrawn, or not drawn at all."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QLabel, QLineEdit, QWidget

from loopdesk.ui.bench.kept_photos import EnlargedPhoto
from loopdesk.ui.bench.more import MorePanel
from loopdesk.ui.theme import SMALLEST, look
from loopdesk.ui.widgets.buttons import KeyCapButton
from tests.scenarios.said import said
from tests.ui.drawn import DrawnText, all_drawn

SIZES = ((1024, 768), (1280, 800), (1920, 1080))
"""The windows in which everything must be legible, in px at 100 %."""

SLACK = 2.5
"""A glyph may extend beyond its box by this many pixels: the tail of a "j", the ring of an "Å"."""


def illegible(window: QWidget, *, may_elide: bool = False) -> list[str]:
    """Return what on a window cannot be read, each as a sentence; none for a good one.

    Args:
        window: A window as it is shown; its layouts are finished first.
        may_elide: Its data is too long for any screen.
    """
    settle()
    texts = texts_of(window)
    found = [*_cut(texts, window), *_overlapping(texts, window), *_too_small(texts)]
    if not may_elide:
        found += [*_elided(texts, window), *_missing(texts, window)]
    return list(dict.fromkeys(found))


def texts_of(window: QWidget) -> list[DrawnText]:
    """Return the texts that a window shows: all but those under a panel that lies over them on purpose."""
    return [text for text in all_drawn(window) if not is_hidden(text.widget)]


def is_hidden(widget: QWidget) -> bool:
    """Say whether a panel of further commands, or an open photo, lies over a widget or a part of it."""
    window = widget.window()
    place = QRect(widget.mapTo(window, QPoint()), widget.size())
    for panel in (*window.findChildren(MorePanel), *window.findChildren(EnlargedPhoto)):
        is_apart = panel is not widget and not panel.isAncestorOf(widget) and not widget.isAncestorOf(panel)
        over = QRect(panel.mapTo(window, QPoint()), panel.size())
        if panel.isVisible() and is_apart and place.intersects(over):
            return True
    return False


def settle() -> None:
    """Run pending layouts, without entering the program's event loop."""
    for _ in range(6):
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)


def _told(text: DrawnText) -> str:
    return f"{text.words!r} in {type(text.widget).__name__}"


def _too_small(texts: Collection[DrawnText]) -> Iterator[str]:
    """A text below the smallest size; a key cap only repeats what is printed on the key."""
    for text in texts:
        is_cap = isinstance(text.widget, KeyCapButton) and text.words in text.widget.accessibleDescription()
        if text.pixels < look().px(SMALLEST) and not is_cap:
            yield f"{text.pixels} px: {_told(text)}"


def _elided(texts: Collection[DrawnText], window: QWidget) -> Iterator[str]:
    """An "…" that no whole text of the window has there."""
    whole = [" ".join(each.split()) for each in said(window) if "…" in each]
    for text in texts:
        words = " ".join(text.words.split())
        if "…" in words and not any(words in each for each in whole):
            yield f"elided: {_told(text)}"


def _cut(texts: Collection[DrawnText], window: QWidget) -> Iterator[str]:
    """A text that is not seen whole, wherever one scrolls."""
    for text in texts:
        ink = text.ink.adjusted(SLACK, SLACK, -SLACK, -SLACK)
        if isinstance(text.widget, QLineEdit):  # a field scrolls to what is typed
            continue
        if not all(_holds(room, ink, is_reached) for room, is_reached in _rooms(text, window)):
            yield f"cut off: {_told(text)}"


def _holds(room: QRectF, ink: QRectF, is_reached: bool) -> bool:
    beside = room.left() <= ink.left() and ink.right() <= room.right()
    return beside and (is_reached or (room.top() <= ink.top() and ink.bottom() <= room.bottom()))


def _rooms(text: DrawnText, window: QWidget) -> Iterator[tuple[QRectF, bool]]:
    """Yield the viewports around a text, in its widget's pixels, and whether each scrolls vertically."""
    yield text.room, False
    widget, corner, is_reached = text.widget, QPoint(), False
    while True:
        is_reached = is_reached or _scrolls(widget)
        yield QRectF(widget.rect().translated(corner)), is_reached
        parent = widget.parentWidget()
        if widget is window or parent is None:
            return
        corner -= widget.pos()
        widget = parent


def _scrolls(widget: QWidget) -> bool:
    """Whether a widget is the viewport of something that scrolls vertically."""
    area = widget.parentWidget()
    if not isinstance(area, QAbstractScrollArea) or area.viewport() is not widget:
        return False
    return area.verticalScrollBar().maximum() > 0


def _overlapping(texts: Collection[DrawnText], window: QWidget) -> Iterator[str]:
    """Two texts that overlap, whichever widgets draw them."""
    placed = []
    for text in texts:
        box = seen_ink(text, window).adjusted(SLACK, SLACK, -SLACK, -SLACK)
        if box.width() > 0 and box.height() > 0:
            placed.append((box, text))
    placed.sort(key=lambda one: one[0].top())
    for number, (box, text) in enumerate(placed):
        for other, below in placed[number + 1 :]:
            if other.top() >= box.bottom():
                break
            is_selection = text.words == below.words and box == other  # drawn again in its color
            if box.intersects(other) and not is_selection:
                yield f"overlapping: {_told(text)} and {_told(below)}"


def seen_ink(text: DrawnText, window: QWidget) -> QRectF:
    """Return the part of a text's glyphs that is in sight, in the window's pixels."""
    seen = text.ink
    for room, _ in _rooms(text, window):
        seen &= room
    return seen.translated(text.widget.mapTo(window, QPoint()).toPointF())


def _missing(texts: Collection[DrawnText], window: QWidget) -> Iterator[str]:
    """A label or a button that does not draw all its words."""
    shown: dict[QWidget, str] = {}
    for text in texts:
        shown[text.widget] = shown.get(text.widget, "") + text.words
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, (QLabel, QAbstractButton)) or not widget.isVisible():
            continue
        if is_hidden(widget):
            continue
        wanted = _letters(widget.text().replace("&&", "\0").replace("&", "").replace("\0", "&"))
        got = _letters(shown.get(widget, ""))
        if wanted and wanted not in got and "…" not in got:
            yield f"not drawn: {widget.text()!r} in {type(widget).__name__}, only {shown.get(widget, '')!r}"


def _letters(text: str) -> str:
    return re.sub(r"\s", "", text)
