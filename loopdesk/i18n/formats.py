"""How numbers, money, days and times are written for people: as ISO has it, or as the window's language.

The window puts Qt's locale data in place (``ui/language``); commands, which run without Qt, stay with ISO.
What is stored, compared or exported never comes from here; what a person types is read back by ``read``.
"""

from __future__ import annotations

from datetime import date, time
from typing import Protocol


class Formats(Protocol):
    """How one language writes values; numbers are passed in ISO's form, "-1234.50"."""

    def number(self, text: str, *, grouped: bool = True) -> str:
        """Write a number; ``grouped`` sets its thousands apart."""
        ...

    def money(self, amount: str, currency: str) -> str:
        """Write an amount; ``currency`` is its ISO code, or "" if unknown."""
        ...

    def day(self, at: date) -> str:
        """Write a day with its year."""
        ...

    def time(self, at: time, *, seconds: bool = False) -> str:
        """Write a time of day."""
        ...

    def read(self, text: str) -> str:
        """Return in ISO's form a number that a person typed in this language's form or in ISO's.

        Anything else is returned unchanged, for validation to reject.
        """
        ...


class IsoFormats:
    """ISO 8601 and 4217, and thousands set apart by a thin space (ISO 80000)."""

    def number(self, text: str, *, grouped: bool = True) -> str:
        """See ``Formats``."""
        whole, point, fraction = text.partition(".")
        is_grouped = grouped and whole.removeprefix("-").isdecimal()
        shown = f"{int(whole):,}".replace(",", "\N{THIN SPACE}") if is_grouped else whole
        return f"{shown}{point}{fraction}"

    def money(self, amount: str, currency: str) -> str:
        """See ``Formats``."""
        return f"{amount} {currency}".rstrip()

    def day(self, at: date) -> str:
        """See ``Formats``."""
        return at.isoformat()

    def time(self, at: time, *, seconds: bool = False) -> str:
        """See ``Formats``."""
        return at.isoformat("seconds" if seconds else "minutes")

    def read(self, text: str) -> str:
        """See ``Formats``."""
        return text.strip()


class _Writing:
    """The formats in use."""

    formats: Formats = IsoFormats()


def use(formats: Formats | None = None) -> None:
    """Use these formats from now on; None restores ISO."""
    _Writing.formats = formats or IsoFormats()


def current() -> Formats:
    """Return the formats in use."""
    return _Writing.formats
