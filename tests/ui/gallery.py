"""Draws sample benches to PNG files, for eyes: ``python -m tests.ui.gallery FOLDER [NAME…]``.

Not a test: what it draws is looked at by a person after a change of theme or layout.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QApplication

from loopdesk.ui.app import make_app
from loopdesk.ui.main_window import MainWindow
from loopdesk.ui.theme import THEMES, apply_theme
from tests.ui import samples

SIZES = ((1280, 800), (1920, 1080))
SPECIAL = ((800, 1280, 100), (1280, 800, 150), (1280, 800, 200), (1920, 1080, 200), (1024, 700, 100))


def draw(window: MainWindow, folder: Path, name: str) -> None:
    """Lay the window out, draw it, and save the picture."""
    for _ in range(4):
        QApplication.processEvents()
    window.grab().save(str(folder / f"{name}.png"))


def show(window: MainWindow, sample: samples.Sample) -> None:
    """Show one sample in the window."""
    window.render(sample.screen)
    window.render_strip(sample.strip)
    if sample.opened:
        window.bench.commands.open_more()


def main(arguments: list[str]) -> int:
    """Draw every sample, or those named, in every theme and size."""
    if not arguments:
        sys.stderr.write("usage: python -m tests.ui.gallery FOLDER [NAME...]\n")
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    app = make_app(["gallery"])
    wanted = {
        name: sample
        for name, sample in samples.all_samples().items()
        if name in arguments[1:] or not arguments[1:]
    }
    for theme in THEMES:
        for width, height in SIZES:
            apply_theme(app, theme)
            window = MainWindow(samples.KEYS, samples.ICONS)
            window.resize(width, height)
            window.show()
            for name, sample in wanted.items():
                show(window, sample)
                draw(window, folder, f"{name}-{theme}-{width}")
            window.finish()
    for width, height, scale in SPECIAL:
        apply_theme(app, "light", scale)
        window = MainWindow(samples.KEYS, samples.ICONS)
        window.resize(width, height)
        window.show()
        for name, sample in wanted.items():
            show(window, replace(sample, opened=False))
            draw(window, folder, f"{name}-light-{width}x{height}-at-{scale}")
        window.finish()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
