"""Draws the pictures of README and the guides: ``make pictures``.

They show practice mode, with its sample returns, as a person finds it: ``python -m tests.pictures [FOLDER]``.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from loopdesk.simulator.samples import SAMPLES
from loopdesk.ui.app import make_app
from loopdesk.ui.main_window import MainWindow
from loopdesk.ui.pictures import pictures
from loopdesk.ui.theme import apply_theme
from tests.scenarios.everywhere import page_read
from tests.scenarios.practice_desk import PracticeDesk
from tests.ui.measured import laid_out

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
SIZE = (1280, 800)
PORTRAIT = (1080, 1728)
MOST_BYTES = 150_000
INSET = 4
"""Of a product's picture, in its frame."""


def keep(window: QWidget, folder: Path, name: str, size: tuple[int, int] = SIZE) -> None:
    """Save a window in its 256 most frequent colors, of which its calm surfaces need fewer.

    Raises:
        ValueError: The file is too large for a page.
    """
    laid_out(window, *size)
    if isinstance(window, MainWindow):
        window.bench.hide_codes(True)  # a command code stands in no picture
    picture = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    colors = Counter(memoryview(picture.constBits()).cast("I"))
    table = [color for color, _ in colors.most_common(256)]
    file = folder / f"{name}.png"
    picture.convertToFormat(QImage.Format.Format_Indexed8, table).save(str(file), quality=1)
    if file.stat().st_size > MOST_BYTES:
        raise ValueError(f"{file.name} has {file.stat().st_size} bytes")
    sys.stdout.write(f"{file.name}: {file.stat().st_size // 1024} KB\n")


def has_large(desk: PracticeDesk) -> bool:
    """Draw the item in hand, and say whether its picture is there in that size."""
    item, view = desk.screen.item, desk.session.window.bench.item.picture
    view.grab()
    return item is not None and not pictures().pixmap(item.picture.key, view.width() - INSET).isNull()


async def draw(desk: PracticeDesk, app: QApplication, folder: Path) -> None:
    """Work on some returns, and keep what the window shows."""
    window = desk.session.window
    await desk.synced()
    await desk.open(SAMPLES["multi_line"])
    await desk.pictured()
    await desk.press("1")
    for size in (PORTRAIT, SIZE):  # asked for in the size of the window, and read in the background
        laid_out(window, *size)
        await desk.hand.until("the large picture", lambda: has_large(desk))
    keep(window, folder, "bench")
    keep(window, folder, "bench-portrait", PORTRAIT)
    await desk.press("F4")
    apply_theme(app, "dark")
    keep(window, folder, "question-dark")
    apply_theme(app, "light")
    await desk.press("Esc", "F9")
    await desk.open(SAMPLES["single"])
    await desk.press("1", "F12")
    for place in ("queue", "health"):
        window.show_view(place)
        await desk.hand.until(f"the page {place}", lambda n=place: page_read(desk, n))  # type: ignore[misc]
        keep(window, folder, place)


def main(arguments: list[str]) -> int:
    """Draw every picture."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    app = make_app(["pictures"])
    with tempfile.TemporaryDirectory() as profile:
        desk = PracticeDesk(app, Path(profile), "http://127.0.0.1:9/api", key=None)

        async def body() -> None:
            await draw(desk, app, folder)

        desk.play(body, LOOPDESK_LANGUAGE="en", LOOPDESK_HOLD_SECONDS="30")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
