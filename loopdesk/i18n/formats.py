"""How numbers with fractions are written: with ISO's point, or as the language of the window has it.

The window takes the sign from Qt's own locale data; commands, which run without Qt, stay plain.
"""

from __future__ import annotations

PLAIN = "."
"""What parts whole from fraction where nothing else was said."""


class _Writing:
    """The one way in which all numbers are written."""

    point = PLAIN


def use(point: str = PLAIN) -> None:
    """Part whole and fraction by this sign from now on."""
    _Writing.point = point


def decimal(text: str) -> str:
    """Write a decimal number, given as ISO has it ("49.34"), as the language has it ("49,34")."""
    return text.replace(PLAIN, _Writing.point)
