"""How a request to the webhooks' door can end."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Ending(StrEnum):
    """How a request to the webhooks' door ended."""

    TAKEN = "taken"
    REPEATED = "repeated"
    EMPTY = "empty"
    UNSIGNED = "unsigned"
    NO_SECRET = "no_secret"  # noqa: S105 - what is missing
    NO_SHOP = "no_shop"
    NO_TOPIC = "no_topic"
    TOO_LARGE = "too_large"
    BROKEN_OFF = "broken_off"
    BUSY = "busy"


REFUSED: Final = frozenset(
    {Ending.UNSIGNED, Ending.NO_SECRET, Ending.NO_SHOP, Ending.NO_TOPIC, Ending.TOO_LARGE}
)
"""Endings that somebody has to look at: Loop is set up wrongly, or it was not Loop."""
