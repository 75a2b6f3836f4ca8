"""Draws every view and every question into contact sheets, and checks each: ``make screens``.

``python -m tests.screens FOLDER [LANGUAGE…]`` walks through the whole program once for each language, and at
each place shows the window in every theme, size and scale. A sheet holds one way to show them all; a report
says what is wrong where. The samples of views, which show what a shop rarely does, are drawn the same way.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from loopdesk.i18n import catalogue
from loopdesk.i18n.languages import catalogue_of
from loopdesk.simulator.settings import Settings
from loopdesk.ui.app import make_app
from loopdesk.ui.assets import resource_root
from loopdesk.ui.main_window import MainWindow
from loopdesk.ui.theme import apply_theme
from tests.scenarios.desk import Desk
from tests.scenarios.every_screen import LANGUAGES, Way, looked_at, ways
from tests.scenarios.everywhere import everywhere
from tests.simulator_thread import SimulatorThread
from tests.ui import samples, view_samples
from tests.ui.view_rig import make_view

THUMB = QSize(480, 480)
ACROSS = 5
CAPTION = 20
GAP = 8


@dataclass
class Sheets:
    """The contact sheets of one walk: the pictures of each way, in the order in which they were taken.

    Attributes:
        wrong: What was found, and where.
    """

    folder: Path
    language: str
    pictures: dict[str, list[tuple[str, QImage]]] = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=dict)
    seen: int = 0

    def look(self, window: QWidget, name: str, shown: Sequence[Way], *, may_elide: bool = False) -> None:
        """Look at a place in every way."""
        began, before = time.monotonic(), self.seen
        for way in shown:
            found = looked_at(window, way, may_elide=may_elide)
            image = window.grab().toImage()
            for what in found:
                if may_elide and not what.isascii():
                    continue
                self.wrong.setdefault(what, []).append(f"{name} ({way.name})")
            small = image.scaled(
                THUMB, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            mark = "! " if found else ""
            self.pictures.setdefault(way.name, []).append((f"{mark}{name}", small))
            self.seen += 1
        took = time.monotonic() - began
        sys.stdout.write(f"{self.language}: {name}: {self.seen - before} looked at in {took:.0f} s\n")
        sys.stdout.flush()

    def save(self) -> None:
        """Write the sheets, and what was found."""
        for way, pictures in self.pictures.items():
            name = f"{self.language}, {way}".replace(" %", "").replace(", ", "-").replace(" ", "-")
            sheet(pictures).save(str(self.folder / f"{name}.png"))
        lines = [f"{what}: {len(where)}, as on {where[0]}" for what, where in sorted(self.wrong.items())]
        report = "\n".join([f"{self.seen} pictures, {len(lines)} findings", *lines, ""])
        (self.folder / f"report-{self.language}.txt").write_text(report, "utf-8")
        sys.stdout.write(report)


def sheet(pictures: Sequence[tuple[str, QImage]]) -> QImage:
    """Return one picture with all of them, each below its name."""
    wide = max(image.width() for _, image in pictures) + GAP
    tall = max(image.height() for _, image in pictures) + GAP + CAPTION
    rows = -(-len(pictures) // ACROSS)
    made = QImage(ACROSS * wide + GAP, rows * tall + GAP, QImage.Format.Format_RGB32)
    made.fill(QColor("#404040"))
    painter = QPainter(made)
    painter.setPen(QColor("#FFFFFF"))
    for number, (name, image) in enumerate(pictures):
        at = QPoint(GAP + number % ACROSS * wide, GAP + number // ACROSS * tall)
        painter.drawText(QRect(at, QSize(wide - GAP, CAPTION)), int(Qt.AlignmentFlag.AlignVCenter), name)
        painter.drawImage(at + QPoint(0, CAPTION), image)
    painter.end()
    return made


def walk(app: QApplication, folder: Path, language: str, shown: Sequence[Way]) -> Sheets:
    """Walk through the program in a language."""
    sheets = Sheets(folder, language)
    with tempfile.TemporaryDirectory() as profile, SimulatorThread(settings=Settings()) as shop:
        desk = Desk(app, Path(profile), f"{shop.url}/api", key=shop.key)

        async def body() -> None:
            await everywhere(desk, lambda name: sheets.look(desk.session.window, name, shown))

        desk.play(body, LOOPDESK_LANGUAGE=language, LOOPDESK_HOLD_SECONDS="8")
    return sheets


def draw_samples(app: QApplication, folder: Path, shown: Sequence[Way]) -> Sheets:
    """Draw the samples, which are English."""
    sheets = Sheets(folder, "samples")
    for name, sample in samples.all_samples().items():
        with _window(app) as window:
            window.render(sample.screen)
            window.render_strip(sample.strip)
            if sample.opened:
                window.bench.commands.open_more()
            sheets.look(window, name, shown, may_elide="hostile" in name)
    for name, (place, screen) in view_samples.SAMPLES.items():
        view, _ = make_view(place, screen)
        with _window(app) as window:
            if place == "first_run":
                window.show_first(view)
            else:
                window.add_view(place, view)
                window.show_view(place)
            sheets.look(window, f"{place}: {name}", shown, may_elide="hostile" in name)
    return sheets


@contextmanager
def _window(app: QApplication) -> Iterator[MainWindow]:
    """Show a window of its own for a sample."""
    window = MainWindow(samples.KEYS, samples.ICONS)
    window.render(samples.READY)
    window.render_strip(samples.strip())
    window.show()
    app.processEvents()
    try:
        yield window
    finally:
        app.processEvents()
        window.finish()
        window.deleteLater()


def main(arguments: list[str]) -> int:
    """Draw what is asked for; 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.screens", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("parts", nargs="*", default=[*LANGUAGES, "samples"])
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of ways")
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    app = make_app(["screens"])
    shown = tuple(way for way in ways() if not given.only or any(x in way.name for x in given.only))
    is_wrong = False
    for part in given.parts:
        if part == "samples":
            catalogue.use(catalogue_of("en", resource_root() / "locales"))
            apply_theme(app, "light")
            sheets = draw_samples(app, given.folder, shown)
        else:
            sheets = walk(app, given.folder, part, shown)
        sheets.save()
        is_wrong = is_wrong or bool(sheets.wrong)
    return int(is_wrong)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
