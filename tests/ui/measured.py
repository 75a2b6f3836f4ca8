"""Measures a window: what cannot be read, reached or told from its ground, and what is too small for a glove.

``make test`` uses it on a choice of views, themes, sizes, scales and languages, ``make screens`` on all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)

from loopdesk.ui.bench.arrangement import TOUCH
from loopdesk.ui.bench.grade_button import GradeButton
from loopdesk.ui.main_window import MainWindow
from loopdesk.ui.theme import contrast, look
from loopdesk.ui.widgets.band import LEAST, SignalBand
from loopdesk.ui.widgets.buttons import KeyCapButton
from tests.ui.drawn import DrawnText
from tests.ui.legible import SLACK, illegible, is_hidden, seen_ink, settle, texts_of

USED = (QAbstractButton, QLineEdit, QComboBox, QPlainTextEdit)
"""What a person presses or writes in."""

_AROUND = 3
"""So many pixels around a text belong to its ground."""


def faults(window: QWidget, *, may_elide: bool = False) -> list[str]:
    """Return what is wrong on a window, each as a sentence; none for a good one.

    Args:
        window: A window as it is shown; its layouts are finished first.
        may_elide: Its data is too long for any screen.
    """
    found = illegible(window, may_elide=may_elide)
    texts = texts_of(window)
    found += [*pale(texts, window), *unreachable(window), *nested(window), *small(window)]
    for band in window.findChildren(SignalBand):
        found += faint(texts, band)
    if isinstance(window, MainWindow):
        found += apart(window)
    return list(dict.fromkeys(found))


# --- told from its ground -----------------------------------------------------------------------------


def pale(texts: Collection[DrawnText], window: QWidget) -> Iterator[str]:
    """Yield the texts whose ink has less contrast to what is around them than the theme promises."""
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    factor = image.devicePixelRatio()
    for text in texts:
        seen = seen_ink(text, window).adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND)
        room = QRect(
            *(round(edge * factor) for edge in (seen.x(), seen.y(), seen.width(), seen.height()))
        ).intersected(image.rect())
        if room.width() <= 2 * (_AROUND + SLACK) or room.height() <= 2 * (_AROUND + SLACK):
            continue
        if not text.words.strip():
            continue
        ground = ground_of(image, room, text.ink_color)
        ink = blended(text.ink_color, ground)
        ratio = contrast(ink, ground.name())
        if ratio < look().least_contrast - 0.05:
            yield (
                f"contrast {ratio:.1f} of {ink} on {ground.name()}: "
                f"{text.words!r} in {type(text.widget).__name__}"
            )


def blended(ink: QColor, ground: QColor) -> str:
    """Return the color that an ink has on a ground, ``#RRGGBB``."""
    parts = zip(
        (ink.red(), ink.green(), ink.blue()), (ground.red(), ground.green(), ground.blue()), strict=True
    )
    share = ink.alphaF()
    return QColor(*(round(over * share + under * (1 - share)) for over, under in parts)).name()


def ground_of(image: QImage, room: QRect, ink: QColor) -> QColor:
    """Return the color that covers most of a rectangle, besides the ink."""
    pixels = memoryview(image.constBits()).cast("I")
    pitch = image.bytesPerLine() // 4
    found: Counter[int] = Counter()
    for y in range(room.top(), room.bottom() + 1, 2):
        found.update(pixels[y * pitch + room.left() : y * pitch + room.right() + 1])
    del found[ink.rgb() | 0xFF000000]
    most = found.most_common(1)
    return QColor(most[0][0]) if most else ink


# --- reached ------------------------------------------------------------------------------------------


def unreachable(window: QWidget) -> Iterator[str]:
    """Yield what could be used, but lies outside of what is seen and no wheel brings it there, or under
    something.
    """
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, USED) or not widget.isVisible() or widget.objectName().startswith("qt_"):
            continue
        if widget.isEnabled() and widget.window() is window:
            if (lost := _lost(widget, window)) is not None:
                yield f"out of reach: {_name(widget)}, beyond {type(lost).__name__}"
            elif (over := _over(widget, window)) is not None:
                yield f"covered: {_name(widget)}, by {type(over).__name__}"


def _lost(widget: QWidget, window: QWidget) -> QWidget | None:
    """Return what cuts a widget off for good, None if nothing does."""
    box, parent, scrolls = widget.rect(), widget, False
    while parent is not window:
        box.translate(parent.pos())
        holder = parent.parentWidget()
        assert holder is not None, "the window holds it"
        parent, area = holder, holder.parentWidget()
        if isinstance(area, QAbstractScrollArea) and area.viewport() is parent:
            scrolls = scrolls or area.verticalScrollBar().maximum() > 0
        held = parent.rect().adjusted(-1, -1, 1, 1)
        beside = held.left() <= box.left() and box.right() <= held.right()
        if not beside or (not scrolls and not held.contains(box)):
            return parent
    return None


def _over(widget: QWidget, window: QWidget) -> QWidget | None:
    """Return what lies over the middle of a widget that is in sight, None if nothing does."""
    middle = widget.rect().center()
    region = widget.visibleRegion()
    if region.isEmpty() or not region.boundingRect().contains(middle):
        return None  # scrolled away
    hit = window.childAt(widget.mapTo(window, middle))
    if hit is None or hit is widget or widget.isAncestorOf(hit):
        return None
    return None if is_hidden(widget) else hit


def nested(window: QWidget) -> Iterator[str]:
    """Yield what scrolls within something that scrolls, and what scrolls sideways."""
    for area in window.findChildren(QAbstractScrollArea):
        if not area.isVisible() or area.window() is not window:
            continue
        never = area.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if not never and _moves(area.horizontalScrollBar()):
            yield f"scrolls sideways: {type(area).__name__}"
        if not _moves(area.verticalScrollBar()) or isinstance(area, QPlainTextEdit):
            continue
        around = area.parentWidget()
        while around is not None and around is not window:
            if isinstance(around, QAbstractScrollArea) and _moves(around.verticalScrollBar()):
                yield f"scrolls within {type(around).__name__}, which scrolls: {type(area).__name__}"
                break
            around = around.parentWidget()


def _moves(bar: QScrollBar) -> bool:
    return bar.maximum() > bar.minimum()


def small(window: QWidget) -> Iterator[str]:
    """Yield the commands that a glove does not hit."""
    least = look().px(TOUCH)
    for button in window.findChildren(KeyCapButton):
        if button.isVisible() and button.window() is window and min(button.width(), button.height()) < least:
            yield f"{button.width()}x{button.height()} px: {_name(button)}"


# --- the bench ----------------------------------------------------------------------------------------


def apart(window: MainWindow) -> Iterator[str]:
    """Yield which of grade keys and Confirm cannot be seen whole, of an open return."""
    if not window.bench.isVisible() or not window.bench.header.isVisible():
        return
    confirm = window.bench.commands.confirm
    if not confirm.isVisible() and not window.bench.prompt.isVisible():
        yield "there is no Confirm"
    for button in (confirm, *window.findChildren(GradeButton)):
        if not button.isVisible():
            continue
        seen = button.visibleRegion().boundingRect()
        if seen != button.rect():
            yield f"not whole: {_name(button)}, {seen.width()}x{seen.height()} px of it"


def faint(texts: Collection[DrawnText], band: SignalBand) -> Iterator[str]:
    """Yield the word and the number of a band that cannot be read at three meters."""
    if not band.isVisible():
        return
    big = (band.word, band.progress)
    for text in texts:
        if text.widget in big and text.pixels < look().px(LEAST):
            yield f"{text.pixels} px in the band: {text.words!r}"
    for label in big:
        if label.text() and label.isVisible() and not any(text.widget is label for text in texts):
            yield f"not drawn in the band: {label.text()!r}"


def _name(widget: QWidget) -> str:
    return widget.accessibleName() or widget.objectName() or type(widget).__name__


def laid_out(window: QWidget, width: int, height: int) -> None:
    """Give a window a size, and finish what waits for its turn."""
    window.resize(width, height)
    settle()
    QApplication.sendPostedEvents()
    settle()
