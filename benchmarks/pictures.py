"""What product pictures cost a scan: the same store with a picture of every line on the disk, and without."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage

from benchmarks.children import Child, environment, make_profile
from benchmarks.figures import Result, Series, say, show
from benchmarks.shop import Label, fill, picture_url
from loopdesk.domain.pictures import EDGE, link_of
from loopdesk.system.pictures import PictureFolder

LINES = (3, 20)
EACH = 40
PAIRS = 20
WARM_UP = 3
GOAL = 1.1
OFF = "the same, pictures switched off"
EARLY, LATE = 20, 200
GROWTH_MB = 2.0

_HOST = "pictures.example.test"


def build(folder: Path, hosts: str) -> tuple[Path, dict[int, list[Label]]]:
    """Make a profile with known returns, and a picture for each of their lines."""
    profile = make_profile(folder)
    with (profile / "settings.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[pictures]\nhosts = {hosts}\n")
    labels = asyncio.run(fill(profile, 2 * EACH, dict.fromkeys(LINES, EACH)))
    asyncio.run(_put(PictureFolder(profile / "pictures")))
    return profile, labels


async def _put(folder: PictureFolder) -> None:
    for line in range(max(LINES)):
        link = link_of(picture_url(line), (_HOST,))
        assert link is not None
        await folder.put(link.key, _picture(line))


def _picture(number: int) -> bytes:
    """Return a JPEG of the size that is kept, about as large as one of a product."""
    image = QImage(EDGE, EDGE, QImage.Format.Format_RGB32)
    image.fill(QColor.fromHsv(number * 17 % 360, 90, 220))
    for n in range(0, EDGE * EDGE, 7):
        image.setPixel(n % EDGE, n // EDGE, 0xFF000000 | (n * 2_654_435_761 % 0x404040))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPG", 60)  # type: ignore[call-overload]
    return bytes(data.data())


def scans(on: Child, off: Child, labels: list[Label]) -> tuple[Series, Series]:
    """Scan the same label at both, in turn; no picture is in memory before."""
    pairs: list[tuple[float, float]] = []
    for number in range(WARM_UP + PAIRS):
        label = labels[number % len(labels)]
        asked = {"code": label.code, "order_name": label.order_name, "cold": True}
        told = on.ask(asked)
        assert told["pictures"] > 0, "no picture was loaded"
        pairs.append((told["ms"], off.ask(asked)["ms"]))
    figures, floors = zip(*pairs[WARM_UP:], strict=True)
    return Series(figures), Series(floors)


def growth(on: Child, labels: list[Label]) -> float:
    """Open return after return. Returns the megabytes that came between the twentieth and the last."""
    early = late = 0.0
    for number in range(LATE):
        label = labels[number % len(labels)]
        told = on.ask({"code": label.code, "order_name": label.order_name, "cold": True})
        early = told["mb"] if number == EARLY - 1 else early
        late = told["mb"]
    return late - early


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as name:
        folder = Path(name)
        environ = environment(folder)
        with_pictures, labels = build(folder / "on", f'["{_HOST}"]')
        without, _ = build(folder / "off", "[]")
        with (
            Child(environ, "benchmarks.scan_child", str(with_pictures)) as on,
            Child(environ, "benchmarks.scan_child", str(without)) as off,
        ):
            for lines in LINES:
                figure, floor = scans(on, off, labels[lines])
                what = f"pictures: last key to {lines} painted lines, each with a picture"
                show(Result(what, OFF, "ms", figure, floor, GOAL))
            grown = growth(on, labels[LINES[0]])
        say(f"pictures: {LATE} returns one after another")
        verdict = "met" if grown <= GROWTH_MB else "not met"
        say(f"  memory  {grown:+.1f} MB after the first {EARLY}; goal at most {GROWTH_MB:.0f}: {verdict}")


if __name__ == "__main__":
    main()
