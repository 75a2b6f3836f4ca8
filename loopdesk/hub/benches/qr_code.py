"""A join code as a QR code: for a terminal, and as an SVG file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import zxingcpp

_QUIET: Final = 4
"""Modules of white around the code; scanners need them."""

_HALVES: Final = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
"""Two modules above each other, by whether each is black; drawn white on the terminal's dark."""


def modules(text: str) -> list[list[bool]]:
    """Return the rows of a code with its quiet zone; True is a black module."""
    image: Any = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(add_quiet_zones=False)
    rows: Any = memoryview(image).tolist()
    drawn = [[not level for level in row] for row in rows]
    width = len(drawn[0]) + 2 * _QUIET
    side, rim = [False] * _QUIET, [[False] * width for _ in range(_QUIET)]
    return [*rim, *([*side, *row, *side] for row in drawn), *rim]


def for_terminal(text: str) -> list[str]:
    """Return the lines of a code, two rows of modules in each, on a terminal whose ground is dark.

    The quiet zone is drawn too, so that it can be scanned wherever white is lighter than the ground.
    """
    found = modules(text)
    if len(found) % 2:
        found.append([False] * len(found[0]))
    return [
        "".join(_HALVES[above, below] for above, below in zip(*found[at : at + 2], strict=True))
        for at in range(0, len(found), 2)
    ]


def write_svg(text: str, file: Path) -> None:
    """Write a code as a picture, readable by its owner alone.

    Raises:
        OSError: It cannot be written.
    """
    found = modules(text)
    size = len(found)
    black = "".join(
        f"M{x},{y}h1v1h-1z" for y, row in enumerate(found) for x, is_black in enumerate(row) if is_black
    )
    file.touch(mode=0o600)
    file.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size * 8}">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{black}" fill="#000"/></svg>\n',
        "utf-8",
    )
