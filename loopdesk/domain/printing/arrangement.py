"""Where heading, code and lines stand on a label: the same from a label printer and from a file. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from loopdesk.domain.printing.labels import GoodsLabel, LabelSize

_MARGIN_MM, _GAP_MM = 1.5, 0.8
_HEADING_MM, _LINE_MM, _CODE_MM = 5.0, 2.8, 8.0
_TALLEST_CODE_MM = 15.0
_MOST_COPIES = 99


@dataclass(frozen=True, slots=True)
class LabelPart:
    """A part of a label, in dots from its upper left corner."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class LabelArrangement:
    """Where everything stands.

    Attributes:
        heading: None for a label without one.
        code: As wide as the label; the code stands in its middle.
        lines: Of the lines that have room, in their order.
    """

    heading: LabelPart | None
    code: LabelPart
    lines: tuple[LabelPart, ...]


def arranged(label: GoodsLabel, size: LabelSize) -> LabelArrangement:
    """Arrange a label. The code takes what is left, within bounds; a line without room is left out."""
    margin, gap, line = size.dots(_MARGIN_MM), size.dots(_GAP_MM), size.dots(_LINE_MM)
    width, height = size.dots(size.width_mm), size.dots(size.height_mm)
    room, top = width - 2 * margin, margin
    heading = LabelPart(margin, top, room, size.dots(_HEADING_MM)) if label.heading else None
    if heading is not None:
        top += heading.height + gap
    left = height - margin - top - len(label.lines) * (line + gap) - gap
    code = LabelPart(0, top, width, max(size.dots(_CODE_MM), min(left, size.dots(_TALLEST_CODE_MM))))
    top += code.height + 2 * gap
    fitting = min(len(label.lines), max(0, (height - top + gap) // (line + gap)))
    lines = (LabelPart(margin, top + number * (line + gap), room, line) for number in range(fitting))
    return LabelArrangement(heading, code, tuple(lines))


def printed(text: str) -> str:
    """Return a text as it is printed: on one line, with spaces for what is no sign."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def copies_of(label: GoodsLabel) -> int:
    """Return how many copies are printed: what is wanted, within reason."""
    return max(1, min(label.copies, _MOST_COPIES))
