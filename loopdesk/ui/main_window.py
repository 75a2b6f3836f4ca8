"""The window: the signal band on top, the navigation rail, the current view, the status strip."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.window import FINISHED, BenchScreen, StripScreen
from loopdesk.ui import assets, texts
from loopdesk.ui.bench.view import BenchView
from loopdesk.ui.input.shortcuts import Shortcuts
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.band import SignalBand
from loopdesk.ui.widgets.choices import AskPanel
from loopdesk.ui.widgets.fitted import Message
from loopdesk.ui.widgets.keypad import FieldWithKeypad
from loopdesk.ui.widgets.nav import NavRail
from loopdesk.ui.widgets.strip import StatusStrip
from loopdesk.ui.widgets.undo import UndoBar

BENCH = "bench"
PLACES = (
    (BENCH, "scan-barcode"),
    ("queue", "arrow-up-down"),
    ("attention", "triangle-alert"),
    ("mystery", "circle-help"),
    ("search", "search"),
    ("arrivals", "truck"),
    ("health", "heart-pulse"),
    ("settings", "settings"),
)
"""(name, icon) of each view, in the order of the rail and of Alt+1 to Alt+8."""

DISMISS = "dismiss"
EVERYWHERE = ("undo", "refresh", DISMISS, "type_code", "mystery", "finished")
"""Commands whose keys act in every view; the others need the bench in front."""

_LEVELS = 6
"""How many layouts lie within each other. What changed in the innermost goes up one level at a turn of the
event loop; left to themselves, the first would be painted before the last is through, and again after it."""


def _on_rail(name: str) -> str:
    """Return the place of a view on the rail: a view of the bench's own stands with the bench."""
    return BENCH if name == FINISHED else name


class MainWindow(QWidget):
    """The window of the program; ``app`` shows it and is the only one to close it.

    Args:
        commands: (command id, key) of each command, for the keyboard.
        icons: Icon name by command id, for the bench's buttons.

    Signals:
        command_requested(str): A command was chosen by key or button; carries its id.
        view_shown(str): Another view came to the front; carries its name.
        view_missed(str): A view was requested that has no factory yet; carries its name.
        close_requested(): A person wants to leave; nothing is closed yet.
        first_painted(): The window was drawn for the first time.
    """

    command_requested = Signal(str)
    view_shown = Signal(str)
    view_missed = Signal(str)
    close_requested = Signal()
    first_painted = Signal()

    def __init__(
        self,
        commands: Sequence[tuple[str, str]] = (),
        icons: Mapping[str, str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        assets.hold_icons()
        self.setObjectName("window")
        self._views: dict[str, QWidget] = {}
        self._makers: dict[str, Callable[[], QWidget]] = {}
        self._shown = BENCH
        self._first: QWidget | None = None
        self._is_painted = False
        self._is_leaving = False
        self.band = SignalBand(self)
        self.rail = NavRail(PLACES, self)
        self.bench = BenchView(icons, self)
        self.strip = StatusStrip(self)
        self.undo = UndoBar(self)
        self.undo.requested.connect(self.command_requested)
        self.undo.hide()
        self._build_layout()
        self._bind_keys(commands)
        self.bench.command_requested.connect(self.command_requested)
        self.bench.place_wanted.connect(self.show_view)
        self.rail.chosen.connect(self.show_view)
        self.strip.place_wanted.connect(self.show_view)
        self.add_view(BENCH, self.bench)
        self.rail.mark_shown(BENCH)
        self.retranslate()
        self._space()
        self.bench.setFocus()
        self.set_title(_("Ready — loopdesk"))

    def _build_layout(self) -> None:
        """Stack band, middle and strip."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.band)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        self._stack = QStackedWidget(self)
        middle.addWidget(self.rail)
        beside = QVBoxLayout()
        beside.setSpacing(0)
        beside.addWidget(self._stack, 1)
        self._foot = QHBoxLayout()  # takes no room while undo is hidden
        self._foot.addWidget(self.undo)
        self._foot.addStretch(1)
        beside.addLayout(self._foot)
        middle.addLayout(beside, 1)
        column.addLayout(middle, 1)
        column.addWidget(self.strip)

    def _bind_keys(self, commands: Sequence[tuple[str, str]]) -> None:
        """Bind the commands' keys, and Alt with a digit for the views."""
        self.keys = Shortcuts(self, commands, EVERYWHERE)
        self.keys.requested.connect(self._command_by_key)
        undo = next((key for command, key in commands if command == "undo"), "F10")
        for bar in (self.bench.undo, self.undo):
            bar.set_key(undo)
        for number, (name, _key) in enumerate(PLACES, start=1):
            shortcut = QShortcut(QKeySequence(f"Alt+{number}"), self)
            shortcut.setProperty("view", name)
            shortcut.activated.connect(self._view_by_key)

    def add_view(self, name: str, view: QWidget | Callable[[], QWidget]) -> None:
        """Register a view, or its factory for the first time it is shown.

        Args:
            name: One of ``PLACES``.
        """
        if isinstance(view, QWidget):
            self._views[name] = view
            self._stack.addWidget(view)
        else:
            self._makers[name] = view

    def view(self, name: str) -> QWidget | None:
        """Return a view, making it if necessary; None if it has neither view nor factory."""
        if name not in self._views and name in self._makers:
            self.add_view(name, self._makers.pop(name)())
        return self._views.get(name)

    def show_view(self, name: str) -> None:
        """Bring a view to the front, unless the first run is in front."""
        if self._first is not None:
            return
        view = self.view(name)
        if view is None:
            self.rail.mark_shown(_on_rail(self._shown))
            self.view_missed.emit(name)
            return
        self.rail.mark_shown(_on_rail(name))
        if name == self._shown:
            return
        self._shown = name
        self._stack.setCurrentWidget(view)
        self.keys.show_bench(name == BENCH)
        self._show_undo()
        self.view_shown.emit(name)

    def shown_view(self) -> str:
        """Return the name of the view in front; "" for the first run."""
        return self._shown if self._first is None else ""

    def render(self, screen: BenchScreen) -> None:  # type: ignore[override]
        """Draw the bench, its signal in the band, and the window's title."""
        self.band.render(screen.band)
        self.bench.render(screen)
        self.undo.render(screen.band)
        self._show_undo()
        self.set_title(screen.title or _("Ready — loopdesk"))
        for _level in range(_LEVELS):
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)

    def _show_undo(self) -> None:
        """Offer undo beside every view; the bench has its own place for it."""
        self.undo.setVisible(self._shown != BENCH and self.undo.has_any)

    def render_strip(self, screen: StripScreen) -> None:
        """Draw the status strip and the badges of the rail."""
        self.strip.render_strip(screen)
        self.rail.button("attention").show_badge(screen.attention)
        self.rail.button("mystery").show_badge(screen.mysteries, "unknown")

    def show_first(self, view: QWidget) -> None:
        """Show only the first run's page, until ``end_first``."""
        self._first = view
        self._stack.addWidget(view)
        self._stack.setCurrentWidget(view)
        self.keys.show_bench(False)
        self.rail.hide()
        self.band.hide()
        self.strip.hide()

    def end_first(self) -> None:
        """Show the bench for the first time."""
        if self._first is None:
            return
        self._stack.setCurrentWidget(self.bench)
        self._stack.removeWidget(self._first)
        self._first.deleteLater()
        self._first = None
        self.keys.show_bench(self._shown == BENCH)
        self.rail.show()
        self.band.show()
        self.strip.show()

    def set_title(self, title: str) -> None:
        """Set the window's title; IT tools and tests read it."""
        shown = texts.title(title)
        if shown != self.windowTitle():
            self.setWindowTitle(shown)

    def finish(self) -> None:
        """Close for good: the program has shut down in order."""
        self._is_leaving = True
        self.close()

    def _command_by_key(self, command: str) -> None:
        """Request a command; Esc first closes what shows it on the current view."""
        leave = self.bench.leave_more if self._shown == BENCH else self._leave_question
        if command != DISMISS or not leave():
            self.command_requested.emit(command)

    def _leave_question(self) -> bool:
        """Close the current view's question, keypad or message, wherever the focus is. False without any."""
        view = self._views[self._shown]
        panels = view.findChildren(AskPanel)
        asking = next((panel for panel in panels if panel.isVisible()), None)
        if asking is not None:
            asking.leave()
            return True
        left = [pad.leave() for pad in view.findChildren(FieldWithKeypad)]
        if not any(left):
            left = [message.leave() for message in view.findChildren(Message)]
        return any(left)

    def _view_by_key(self) -> None:
        """Show the view of the key that was pressed."""
        shortcut = self.sender()
        if isinstance(shortcut, QShortcut):
            self.show_view(str(shortcut.property("view")))

    def retranslate(self) -> None:
        """Set the rail's words in the window's language."""
        words = (
            _("Bench"),
            _("Queue"),
            _("Attention"),
            _("Mystery"),
            _("Search"),
            _("Arrivals"),
            _("Health"),
            _("Settings"),
        )
        for number, ((name, _key), word) in enumerate(zip(PLACES, words, strict=True), start=1):
            self.rail.button(name).show_words(word, texts.key_name(f"Alt+{number}"))
        self.rail.share(self.width())

    def _space(self) -> None:
        """Set the minimum size for the scale."""
        now = look()
        self.setMinimumSize(min(now.px(640), 1000), min(now.px(460), 640))
        self.rail.share(self.width())
        self._foot.setContentsMargins(now.px(16), 0, now.px(16), now.px(12))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the width of the rail."""
        super().resizeEvent(event)
        self._space()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Report the request; only ``finish`` closes."""
        if self._is_leaving:
            event.accept()
            return
        event.ignore()
        self.close_requested.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Report the first paint once it is over."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self._after_first_paint)

    def _after_first_paint(self) -> None:
        """Add the icons, and let the rest of the program load what it has not needed so far."""
        assets.release_icons()
        self.update()
        self.first_painted.emit()

    def prepare(self) -> None:
        """Make what the first return will need; the first paint does without it."""
        self.bench.prepare()

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
