"""Returns as varied as a large shop's: shoppers, items, carriers and days; the same in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from benchmarks.shop import NOW, Label, copy, pattern
from loopdesk.services.ports.loop import Fetched
from loopdesk.simulator.barcodes import ups

DAYS = 400
"""Over how many days the returns are spread, the newest on the last one."""

_STARTS = "bcdfghklmnprstvw"
_ENDS = "aeiouéüø"
_KINDS = ("Merino", "Linen", "Cotton", "Wool", "Silk", "Denim", "Quilted", "Ribbed", "Waxed", "Oxford")
_THINGS = ("shirt", "jacket", "hat", "scarf", "sock", "trouser", "short", "dress", "skirt", "coat", "sneaker")


def _names(chance: random.Random, many: int, parts: int) -> list[str]:
    def one() -> str:
        return "".join(chance.choice(_STARTS) + chance.choice(_ENDS) for _ in range(parts)).title()

    return [one() for _ in range(many)]


class Crowd:
    """Makes the returns of a shop, oldest first; number ``n`` is always the same one.

    Args:
        returns: How many there are.
    """

    def __init__(self, returns: int) -> None:
        chance = random.Random(1)
        self._returns = returns
        self._first, self._last = _names(chance, 400, 2), _names(chance, 6000, 3)
        self._model = pattern(1)

    def one(self, number: int) -> tuple[Fetched, Label]:
        """Make one return; its shopper is only in the index."""
        chance = random.Random(number)
        name = f"{chance.choice(self._first)} {chance.choice(self._last)}"
        title = f"{chance.choice(_KINDS)} {chance.choice(_THINGS)}"
        fetched, _ = copy(self._model, number)
        tracking = self.tracking(number)
        old_title, old_tracking = fetched.ret.lines[0].title, fetched.ret.parcels[0].tracking_number
        body = fetched.body.replace(old_title, title).replace(old_tracking, tracking)
        ret = replace(
            fetched.ret,
            customer_name=name,
            customer_email=f"{name.lower().replace(' ', '.')}{number % 97}@example.com",
            lines=tuple(replace(line, title=title) for line in fetched.ret.lines),
            parcels=tuple(replace(parcel, tracking_number=tracking) for parcel in fetched.ret.parcels),
            updated_at=NOW - timedelta(days=DAYS) * (1 - number / self._returns),
        )
        return Fetched(ret, body, is_details=True), Label(tracking, ret.order_name)

    def tracking(self, number: int) -> str:
        """Return the tracking number of a return's parcel."""
        if number % 2:
            return ups(number)
        return f"94001{random.Random(-number).randrange(10**17):017d}"

    def all(self, first: int, most: int) -> Iterator[Fetched]:
        """Make some of them in their order."""
        for number in range(first, min(first + most, self._returns)):
            yield self.one(number)[0]
