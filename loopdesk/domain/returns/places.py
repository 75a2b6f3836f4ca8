"""Where the goods go: which place, tote or lane a decided line is put away to. Pure.

Loop's answers name neither a shop nor a product's tags. So a shop is known by what it puts before its order
numbers, and a tag by the SKUs that the vocabulary lists for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase

from loopdesk.domain.returns.returns import LineItem, Money, Return


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """Names a place, and what must hold for it; an empty condition holds for everything.

    Attributes:
        place: As people call it ("tote 14").
        disposition: Loop's word for where the item goes.
        shop: What the order's name starts with, in any case, after a ``#``.
        tag: The product has this tag.
        price_from / price_below: Bounds of the item's price, the upper one excluded; None for no bound.
        currency: The currency of these bounds, "" for any.
    """

    place: str
    disposition: str
    shop: str = ""
    tag: str = ""
    price_from: Decimal | None = None
    price_below: Decimal | None = None
    currency: str = ""

    @property
    def asks_price(self) -> bool:
        """Whether the price decides."""
        return self.price_from is not None or self.price_below is not None


@dataclass(frozen=True, slots=True)
class Tag:
    """A product tag, and the SKUs that have it: ``*`` stands for anything, ``?`` for one character."""

    name: str
    skus: tuple[str, ...]

    def marks(self, sku: str) -> bool:
        """Whether a product with this SKU has the tag."""
        return bool(sku) and any(fnmatchcase(sku.casefold(), each.casefold()) for each in self.skus)


@dataclass(frozen=True, slots=True)
class Places:
    """The station's places, in the order of its vocabulary, and its tags."""

    rules: tuple[PlaceRule, ...] = ()
    tags: tuple[Tag, ...] = ()


def place_for(places: Places, disposition: str, ret: Return, line: LineItem) -> str:
    """Return the place of the most specific rule that fits a line, "" if none does.

    The more conditions a rule has, the more specific it is. Of as many, a tag is more specific than a shop, a
    shop more than a price; then the rule that comes first in the vocabulary wins.

    Args:
        disposition: Loop's word for where the item goes.
    """
    tags = frozenset(tag.name for tag in places.tags if tag.marks(line.sku))
    fitting = [rule for rule in places.rules if _fits(rule, disposition, ret, line, tags)]
    return max(fitting, key=_specificity).place if fitting else ""  # max returns the first of equals


def _fits(rule: PlaceRule, disposition: str, ret: Return, line: LineItem, tags: Iterable[str]) -> bool:
    return (
        rule.disposition == disposition
        and ret.order_name.lstrip("#").casefold().startswith(rule.shop.casefold())
        and (not rule.tag or rule.tag in tags)
        and (not rule.asks_price or _is_within(rule, line.price))
    )


def _is_within(rule: PlaceRule, price: Money | None) -> bool:
    """Whether a price is within the rule's bounds; an unknown one is within none."""
    if price is None or (rule.currency and rule.currency != price.currency):
        return False
    is_enough = rule.price_from is None or price.amount >= rule.price_from
    return is_enough and (rule.price_below is None or price.amount < rule.price_below)


def _specificity(rule: PlaceRule) -> tuple[int, bool, bool, bool]:
    asked = (bool(rule.tag), bool(rule.shop), rule.asks_price)
    return (sum(asked), *asked)
