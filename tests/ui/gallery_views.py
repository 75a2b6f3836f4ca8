"""Draws the views beside the bench to PNG files: ``python -m tests.ui.gallery_views FOLDER [NAME…]``.

Not a test: what it draws is looked at by a person after a change of theme or layout.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from loopdesk.ui.app import make_app
from loopdesk.ui.main_window import MainWindow
from loopdesk.ui.theme import THEMES, apply_theme
from tests.ui import samples, view_samples
from tests.ui.view_rig import make_view

SIZES = ((1280, 800), (1920, 1080))
SPECIAL = ((800, 1280, 100), (1280, 800, 150), (1280, 800, 200), (1024, 700, 100))


def save(widget: QWidget, folder: Path, name: str) -> None:
    """Lay a window out, draw it, and save the picture."""
    for _ in range(6):
        QApplication.processEvents()
    widget.grab().save(str(folder / f"{name}.png"))


def draw(name: str, width: int, height: int, folder: Path, suffix: str) -> None:
    """Draw one sample, within the window unless it is the first start."""
    place, screen = view_samples.SAMPLES[name]
    view, _ = make_view(place, screen)
    if place == "first_run":
        view.resize(width, height)
        view.show()
        save(view, folder, f"{name}-{suffix}")
        view.close()
        view.deleteLater()
        return
    window = MainWindow(samples.KEYS, samples.ICONS)
    window.render(samples.READY)
    window.render_strip(samples.strip())
    window.add_view(place, view)
    window.resize(width, height)
    window.show()
    window.show_view(place)
    save(window, folder, f"{name}-{suffix}")
    window.finish()
    window.deleteLater()


def main(arguments: list[str]) -> int:
    """Draw every sample, or those named, in every theme and size."""
    if not arguments:
        sys.stderr.write("usage: python -m tests.ui.gallery_views FOLDER [NAME...]\n")
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    app = make_app(["gallery"])
    wanted = arguments[1:] or list(view_samples.SAMPLES)
    for theme in THEMES:
        apply_theme(app, theme)
        for name in wanted:
            for width, height in SIZES:
                draw(name, width, height, folder, f"{theme}-{width}")
    for width, height, scale in SPECIAL:
        apply_theme(app, "light", scale)
        for name in wanted:
            draw(name, width, height, folder, f"light-{width}x{height}-at-{scale}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
