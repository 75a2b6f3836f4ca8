"""Writes a label in ZPL II, the language of most label printers.

Foreign text is written as hexadecimal digits of its UTF-8 (``^FH``, ``^CI28``), unless it is a letter, a
digit or a space of ASCII: a title can hold what it wants, and commands nothing. The barcode is Code 128 with
a short mixture of its sets B and C, made of whole dots, as wide as the label allows.

Source of the commands: Zebra's *ZPL II Programming Guide*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from loopdesk.domain.printing.arrangement import LabelPart, arranged, copies_of, printed
from loopdesk.domain.printing.labels import GoodsLabel, LabelSize

FINEST_MM, WIDEST_MM = 0.16, 0.5
"""Bounds of the narrowest bar: a finer one is not read by every gun, a wider one is of no use."""

_MOST_LETTERS = 120
_WIDEST_DOTS = 10
"""``^BY`` takes no more."""

_QUIET, _ENDS = 10, 35
"""Modules of a quiet zone, and of start, check and stop together."""


class LabelTooNarrow(ValueError):
    """The code has no room on the label with bars that a gun can read."""


def zpl(label: GoodsLabel, size: LabelSize) -> bytes:
    """Write one label, as many times as it is wanted.

    Raises:
        LabelTooNarrow: The code is too long for the label.
        ValueError: The code is empty, or not printable ASCII.
    """
    width, height = size.dots(size.width_mm), size.dots(size.height_mm)
    fields = "".join(_fields(label, size))
    return f"^XA^CI28^PW{width}^LL{height}^LH0,0{fields}^XZ\n".encode("ascii") * copies_of(label)


def _fields(label: GoodsLabel, size: LabelSize) -> Iterator[str]:
    where = arranged(label, size)
    if where.heading is not None:
        yield _text(label.heading, where.heading)
    yield _bars(label.code, size, where.code)
    yield from map(_text, label.lines, where.lines)


def _text(text: str, where: LabelPart) -> str:
    """Write one line of text, as small as it must be to have room, and cut at the latest there."""
    shown = printed(text)[:_MOST_LETTERS].replace("\\", "/")  # a backslash breaks lines in a field block
    tall, room = where.height, where.width
    wide = min(tall, max(tall // 2, 2 * room // max(1, len(shown))))  # most letters are half as wide as high
    return f"^FO{where.left},{where.top}^A0N,{tall},{wide}^FB{room},1,0,L,0^FH_^FD{_escaped(shown)}^FS"


_PLAIN = re.compile(r"[A-Za-z0-9 ]")


def _escaped(text: str) -> str:
    """Write letters, digits and spaces as they are, and every other byte as ``_XX``."""
    signs = text.encode("utf-8", "replace")
    return "".join(chr(byte) if _PLAIN.fullmatch(chr(byte)) else f"_{byte:02X}" for byte in signs)


# --- Code 128 ---------------------------------------------------------------------------------------

_SET_B, _SET_C = ">:", ">;"
_TO_C, _TO_B = ">5", ">6"
_GREATER = ">0"


def _bars(code: str, size: LabelSize, where: LabelPart) -> str:
    """Write the barcode in the middle of the label."""
    data, modules = code_128(code)
    dot = min(where.width // (modules + 2 * _QUIET), size.dots(WIDEST_MM), _WIDEST_DOTS)
    if dot < 1 or dot * 25.4 / size.dpi < FINEST_MM:
        raise LabelTooNarrow(code)
    left, tall = (where.width - dot * modules) // 2, where.height
    return f"^BY{dot},2,{tall}^FO{left},{where.top}^BCN,{tall},N,N,N^FH_^FD{data}^FS"


def code_128(code: str) -> tuple[str, int]:
    """Write the data of a Code 128 field, starting in set B or C.

    Returns:
        The data with ZPL's invocation codes, and how many modules it is wide without quiet zones.

    Raises:
        ValueError: The code is empty, or not printable ASCII.
    """
    if not code or not (code.isascii() and code.isprintable()):
        raise ValueError("not a text for Code 128")
    out, symbols, is_pairs = list[str](), 0, False
    for run in _runs(code):
        wants_pairs = len(run) > 1
        if not out:
            out.append(_SET_C if wants_pairs else _SET_B)
        elif wants_pairs is not is_pairs:
            out.append(_TO_C if wants_pairs else _TO_B)
            symbols += 1
        is_pairs = wants_pairs
        out.append(run if is_pairs else _GREATER if run == ">" else _escaped(run))
        symbols += len(run) // 2 if is_pairs else 1
    return "".join(out), 11 * symbols + _ENDS


def _runs(code: str) -> Iterator[str]:
    """Split a code into runs of digits, of even length, that are shorter in set C, and single characters."""
    place = 0
    for is_digits, group in groupby(code, str.isdigit):
        text = "".join(group)
        place += len(text)
        at_an_end = place == len(code) or place == len(text)
        if not is_digits or len(text) < (4 if at_an_end else 6):
            yield from text
        elif place == len(text):  # at the beginning an odd digit comes last
            even = len(text) - len(text) % 2
            yield text[:even]
            yield from text[even:]
        else:
            odd = len(text) % 2
            yield from text[:odd]
            yield text[odd:]
