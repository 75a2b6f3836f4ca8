"""What stands on a printed label, and how large it is. ``presenters/bench/labels`` has the words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

_ITEM, _PARCEL, _EXTRA = "LD", "LDM", "X"
"""What tells the codes of our own labels from others; ``domain/labels/wrong_barcodes`` knows them by it."""

_LONGEST_PLACE = 7
"""With so much of the place a code still has room on a label of 57 mm, with bars that any gun reads."""


class PrintsBy(StrEnum):
    """What starts the print of an item's label, besides a press."""

    OFF = "off"
    DECIDED = "decided"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class GoodsLabel:
    """One label.

    Attributes:
        code: Printed as Code 128; printable ASCII.
        heading: Large, at the top: where the item goes, or the parcel's number.
        lines: Below the code, the most important first; what has no room is left out.
        copies: How many are printed.
    """

    code: str
    heading: str
    lines: tuple[str, ...] = ()
    copies: int = 1


@dataclass(frozen=True, slots=True)
class LabelSize:
    """The label that is in the printer, and the printer's resolution."""

    width_mm: int = 57
    height_mm: int = 32
    dpi: int = 203

    def dots(self, millimeters: float) -> int:
        """Return a length in the printer's dots."""
        return round(millimeters * self.dpi / 25.4)


def item_code(line_item_id: str, place: str) -> str:
    """Return the code of an item's label: its line and its place, in letters and digits."""
    plain = unicodedata.normalize("NFKD", place).upper()
    tight = "".join(sign for sign in plain if sign.isascii() and sign.isalnum())[:_LONGEST_PLACE]
    return f"{line_item_id}{_ITEM}{tight}"


def extra_code(return_id: str, number: int, place: str) -> str:
    """Return the code of the label of an item on no line: its return, its number there, and its place.

    It is no longer than an item's: of the place there is less.
    """
    return item_code(f"{return_id}{_EXTRA}{number}", place)[: len(item_code(return_id, "")) + _LONGEST_PLACE]


def parcel_code(number: str) -> str:
    """Return the code of a mystery parcel's label, by its number among those of the site."""
    return f"{_PARCEL}{number}"
