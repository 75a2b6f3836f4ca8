"""The real window, its scan filter and the bench behind it, on in-memory fakes."""

from __future__ import annotations

import random
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget

from loopdesk.domain.returns.returns import Return
from loopdesk.domain.scanner.burst import WedgeRules
from loopdesk.presenters.commands import COMMANDS
from loopdesk.ui.input.scan_filter import ScanFilter
from loopdesk.ui.main_window import MainWindow
from tests import guns
from tests.bench_rig import BenchRig
from tests.guns import Gun

PAUSE_MS = 1000
VIEWS = ("queue", "attention", "mystery", "search", "arrivals", "health", "settings")


class WindowRig(BenchRig):
    """A bench with its window. Key events carry times of their own.

    Attributes:
        window: The window.
        scans: What filters its keys.
        pressed: The buttons that were pressed.
        asked: The commands that keys and buttons asked for.
        raws: What was scanned.
    """

    def __init__(self, app: QApplication, *returns: Return, rules: WedgeRules | None = None) -> None:
        super().__init__(*returns)
        self.window = MainWindow([(x.id, x.key) for x in COMMANDS], {x.id: x.icon for x in COMMANDS})
        self.window.resize(1280, 800)
        self.scans = ScanFilter(app, rules)
        self.pressed: list[str] = []
        self.asked: list[str] = []
        self.raws: list[str] = []
        self.chance = random.Random(7)
        self._stamp_ms = 1_000_000
        for name in VIEWS:
            self.window.add_view(name, self._page(name))

    def _page(self, name: str) -> QWidget:
        """Make a stand-in for a view: a field to type into and a button to press."""
        page = QWidget()
        field, button = QLineEdit(page), QPushButton(name, page)
        button.clicked.connect(self._button)
        layout = QVBoxLayout(page)
        layout.addWidget(field)
        layout.addWidget(button)
        page.setFocusProxy(field)
        return page

    def _button(self) -> None:
        self.pressed.append("button")

    async def begin(self) -> WindowRig:
        """Show the window and wire it as the program does."""
        window, bench = self.window, self.bench
        window.command_requested.connect(self.asked.append)
        window.command_requested.connect(bench.command)
        view = window.bench
        view.line_selected.connect(bench.select_line)
        view.filter_chosen.connect(bench.show_lines)
        view.prompt_answered.connect(bench.answer)
        view.prompt_edited.connect(bench.edit_prompt)
        view.template_chosen.connect(bench.choose_template)
        view.prompt_cancelled.connect(bench.cancel_prompt)
        self.scans.scanned.connect(self.raws.append)
        self.scans.scanned.connect(self.receive)
        self.scans.noticed.connect(bench.say_of_gun)
        self.scans.pending_changed.connect(view.show_pending)
        await self.open(sending=False)
        window.show()
        window.activateWindow()
        window.prepare()
        bench.attach(self, window)
        await self.rest()
        return self

    async def end(self) -> None:
        """Take the window down."""
        self.scans.remove()
        self.scans.setParent(None)
        self.scans.deleteLater()
        self.window.finish()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        await self.close()

    def render(self, screen: object) -> None:
        """Draw a screen in the window, and keep it."""
        self.window.render(screen)  # type: ignore[arg-type]
        super().render(screen)  # type: ignore[arg-type]

    def shown_view(self) -> str:
        """The view in front."""
        return self.window.shown_view()

    async def rest(self) -> None:
        """Decide what is held, and let all that follows from it finish."""
        self.scans.flush()
        for _ in range(3):
            QCoreApplication.processEvents()
            await self.clock.settle()

    async def wait(self) -> None:
        """Let a while pass in which nothing is pressed."""
        await self.rest()
        self._stamp_ms += PAUSE_MS
        await self.clock.turn(2.0)
        await self.rest()

    async def type_gun(self, gun: Gun, *codes: str, apart_ms: int = 0) -> None:
        """Let a gun type codes, and let what it did take effect."""
        await self.wait()
        for code in codes:
            timed = gun.types(code, self.chance)
            for each, at in timed:
                self.send(each, round(at * 1000))
            self._stamp_ms += round(guns.seconds(timed) * 1000) + apart_ms
        await self.wait()

    async def type_person(self, text: str, gap_ms: int = 120) -> None:
        """Let a person type a text, or press its digits."""
        await self.type_gun(Gun(gap_ms / 1000, end="none"), text)

    def send(self, each: guns.Stroke, after_ms: int) -> None:
        """Send one key so long after the last pause to where the system would send it."""
        guns.send(self._target(), each, self._stamp_ms + after_ms)

    def _target(self) -> QWindow:
        modal = QApplication.activeModalWidget() or QApplication.activePopupWidget()
        return (modal or self.window).windowHandle()

    def state(self) -> tuple[object, ...]:
        """All that a gun must not change."""
        fields: Sequence[QLineEdit] = self.window.findChildren(QLineEdit)
        return (
            self.shown_view(),
            list(self.asked),
            list(self.pressed),
            [row.decided for row in self.screen.lines],
            [field.text() for field in fields],
        )

    def decided(self) -> set[str]:
        """What was decided about any line of any return."""
        return {row.decided for screen in self.screens for row in screen.lines} - {""}
