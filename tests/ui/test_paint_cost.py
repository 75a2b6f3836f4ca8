"""What a new screen costs the window: paint passes and the widgets that they draw. Counts, not times."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from loopdesk.presenters.screens.returns import LineRow
from loopdesk.presenters.screens.window import BenchScreen
from loopdesk.ui.main_window import MainWindow
from tests.ui import samples

OPEN = samples.bench()
OTHER = replace(
    OPEN,
    band=replace(OPEN.band, detail="Opened from this station in 2 ms", serial=OPEN.band.serial + 1),
    header=samples.header(return_id="91000124", order_name="#20418", rma="RMA 1180"),
    lines=tuple(
        replace(row, line_item_id=f"other{row.index}", title=f"{row.title}, linen") for row in OPEN.lines
    ),
    title="#20418",
)
"""Another return with as many lines, of which the same one is selected, as after most scans."""


class Watch(QObject):
    """Counts the events of a window's widgets.

    Attributes:
        painted: How often each widget was painted.
        told: How often each kind of event came to any widget.
        area: Device-independent pixels that were painted.
    """

    def __init__(self, app: QApplication, window: QWidget) -> None:
        super().__init__(app)
        self._window = window
        self.painted = Counter[QWidget]()
        self.told = Counter[QEvent.Type]()
        self.area = 0
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count an event."""
        if isinstance(watched, QWidget):
            self.told[event.type()] += 1
            if isinstance(event, QPaintEvent):
                self.painted[watched] += 1
                if watched is self._window:
                    self.area += sum(
                        rect.width() * rect.height()
                        for rect in event.region()  # type: ignore[attr-defined]
                    )
        return False


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot) -> MainWindow:
    made = MainWindow(samples.KEYS, samples.ICONS)
    qtbot.addWidget(made, before_close_func=lambda widget: widget.finish())
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    made.render(OPEN)
    settle()
    return made


def settle() -> None:
    """Run layouts and paint events until none are pending."""
    for _ in range(4):
        QApplication.sendPostedEvents()
        QApplication.processEvents()


def watched(app: QApplication, window: MainWindow, screen: BenchScreen) -> Watch:
    """Draw a screen, and return what it took."""
    watch = Watch(app, window)
    try:
        window.render(screen)
        settle()
    finally:
        app.removeEventFilter(watch)
    return watch


def test_another_return_is_painted_in_one_pass_and_no_widget_twice(
    dressed: QApplication, window: MainWindow
) -> None:
    watch = watched(dressed, window, OTHER)
    assert watch.told[QEvent.Type.UpdateRequest] == 1
    assert window.bench.header in watch.painted
    assert window.bench.lines.viewport() in watch.painted
    assert set(watch.painted.values()) == {1}


def test_another_return_paints_nothing_that_stays_as_it_is(dressed: QApplication, window: MainWindow) -> None:
    """Neither rail and strip nor the commands, and no grade of the decision under the selected line."""
    bench = window.bench
    watch = watched(dressed, window, OTHER)
    assert {widget for widget in watch.painted if isinstance(widget, QAbstractButton)} == set()
    still = {window.rail, window.strip, bench.commands.commands, bench.commands.plan, bench.item.decisions}
    assert still.isdisjoint(watch.painted)
    assert watch.area < window.width() * window.height() * 0.45


def test_another_return_restyles_and_shows_no_widget(dressed: QApplication, window: MainWindow) -> None:
    watch = watched(dressed, window, OTHER)
    costly = {
        QEvent.Type.Polish,
        QEvent.Type.StyleChange,
        QEvent.Type.FontChange,
        QEvent.Type.Show,
        QEvent.Type.Hide,
        QEvent.Type.FocusIn,
        QEvent.Type.ChildAdded,
    }
    assert costly.isdisjoint(watch.told)


def test_the_same_screen_again_paints_nothing(dressed: QApplication, window: MainWindow) -> None:
    again = replace(OPEN, band=replace(OPEN.band, serial=OPEN.band.serial + 1))
    watch = watched(dressed, window, again)
    assert watch.painted == {}
    assert watch.told[QEvent.Type.LayoutRequest] == 0


def test_a_grade_paints_its_line_its_buttons_and_the_plan(dressed: QApplication, window: MainWindow) -> None:
    rows = tuple(
        replace(row, decided="B", decided_detail="resale hold") if row.index == OPEN.selected else row
        for row in OPEN.lines
    )
    screen = replace(OPEN, lines=rows, item=samples.item(grades=samples.grades("grade_b")))
    watch = watched(dressed, window, screen)
    assert window.bench.lines.viewport() in watch.painted
    assert window.bench.header not in watch.painted
    assert set(watch.painted.values()) == {1}


CHANGES: dict[str, Any] = {
    "title": "Another title",
    "subtitle": "FD-9 · 0001",
    "seen": "✓ 12:00",
    "decided": "D",
    "decided_detail": "donate",
    "photos": 7,
    "is_expected": False,
    "is_marked": True,
}


@pytest.mark.parametrize("field", CHANGES)
def test_whatever_changes_in_a_line_is_on_the_screen(
    dressed: QApplication, window: MainWindow, field: str
) -> None:
    """Incremental painting shows the same as painting everything."""
    rows: tuple[LineRow, ...] = (replace(OPEN.lines[0], **{field: CHANGES[field]}), *OPEN.lines[1:])
    screen = window.screen()
    window.render(replace(OTHER, lines=rows))
    settle()
    piecewise = screen.grabWindow(window.winId()).toImage()
    window.repaint()
    assert piecewise == screen.grabWindow(window.winId()).toImage()
    assert not piecewise.isNull()
