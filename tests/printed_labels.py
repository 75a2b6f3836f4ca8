"""A label as a printer would print it: drawn by a reading of ZPL that is not ours, and its code read back."""

from __future__ import annotations

import zplkit
import zxingcpp
from zplkit.parse import parse

from loopdesk.domain.printing.labels import LabelSize


def commands(document: bytes) -> tuple[str, ...]:
    """Return the names of the commands that a printer finds in a document, in their order.

    Raises:
        AssertionError: It finds a control command, or anything outside a command.
    """
    elements = [
        each for each in parse(document).elements if each.data.strip() or each.kind.endswith("command")
    ]
    assert {each.kind for each in elements} == {"format_command"}
    return tuple(bytes(each)[1:3].decode("ascii") for each in elements)


def drawn(document: bytes, size: LabelSize) -> list[list[int]]:
    """Draw a document of one label, one value a dot: 0 is black, 255 white."""
    options = zplkit.Options(
        profile="specification",
        width=size.dots(size.width_mm),
        height=size.dots(size.height_mm),
        dpi=size.dpi,
    )
    (label,) = zplkit.render(document, options).labels
    raster = label.rasterize()
    pixels = bytes(raster.pixels)
    return [list(pixels[row * raster.width : (row + 1) * raster.width]) for row in range(raster.height)]


def read(rows: list[list[int]]) -> set[tuple[str, str]]:
    """Return every code in a drawn label: its text, and the identifier of its symbology."""
    image = memoryview(b"".join(map(bytes, rows))).cast("B", (len(rows), len(rows[0])))
    found = zxingcpp.read_barcodes(image, text_mode=zxingcpp.TextMode.Plain)
    return {(one.text, one.symbology_identifier) for one in found}
