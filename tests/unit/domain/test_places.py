"""Which place a line is put away to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.returns.places import PlaceRule, Places, Tag, place_for
from tests.builders import a_line, a_money, a_return

STOCK, RECYCLE = "back_to_stock", "recycle"
ANY = PlaceRule("any", STOCK)
DEAR = PlaceRule("dear", STOCK, price_from=Decimal(100))
SHOP = PlaceRule("shop", STOCK, shop="EU-")
TAG = PlaceRule("tag", STOCK, tag="bulky")
SHOP_AND_DEAR = PlaceRule("shop and dear", STOCK, shop="EU-", price_from=Decimal(100))
BULKY = Tag("bulky", ("CHAIR-*", "TABLE-?"))


def place(*rules: PlaceRule, disposition: str = STOCK, order: str = "#EU-1164", **line: Any) -> str:
    return place_for(
        Places(rules, (BULKY,)), disposition, a_return(order_name=order), a_line("30000001", **line)
    )


def test_without_a_rule_no_place_is_named() -> None:
    assert place() == ""
    assert place(PlaceRule("bin", RECYCLE)) == ""


def test_a_place_belongs_to_its_disposition() -> None:
    assert place(ANY, PlaceRule("bin", RECYCLE), disposition=RECYCLE) == "bin"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((ANY, DEAR), "dear"),
        ((DEAR, SHOP), "shop"),
        ((SHOP, TAG), "tag"),
        ((TAG, SHOP_AND_DEAR), "shop and dear"),
        ((PlaceRule("first", STOCK), PlaceRule("second", STOCK)), "first"),
    ],
)
def test_the_most_specific_rule_wins_in_whatever_order_they_stand(
    rules: tuple[PlaceRule, ...], expected: str
) -> None:
    given_line: dict[str, Any] = {"sku": "chair-12", "price": a_money("120.00", "EUR")}
    assert place(*rules, **given_line) == expected
    if expected != "first":
        assert place(*reversed(rules), **given_line) == expected


@pytest.mark.parametrize(
    ("order", "fits"), [("EU-7", True), ("#eu-7", True), ("US-EU-7", False), ("", False)]
)
def test_a_shop_is_known_by_what_its_order_numbers_begin_with(order: str, fits: bool) -> None:
    assert place(SHOP, order=order) == ("shop" if fits else "")


@pytest.mark.parametrize(
    ("sku", "fits"),
    [("CHAIR-", True), ("table-1", True), ("TABLE-12", False), ("XCHAIR-1", False), ("", False)],
)
def test_a_tag_is_known_by_the_sku(sku: str, fits: bool) -> None:
    assert place(TAG, sku=sku) == ("tag" if fits else "")


@pytest.mark.parametrize(
    ("price", "fits"),
    [
        (a_money("49.99", "EUR"), False),
        (a_money("50.00", "EUR"), True),
        (a_money("199.99", "EUR"), True),
        (a_money("200.00", "EUR"), False),
        (a_money("60.00", "USD"), False),
        (None, False),
    ],
)
def test_a_price_is_within_its_bounds_and_in_its_currency(price: object, fits: bool) -> None:
    rule = PlaceRule("middle", STOCK, price_from=Decimal(50), price_below=Decimal(200), currency="EUR")
    assert place(rule, price=price) == ("middle" if fits else "")


_RULES = st.builds(
    PlaceRule,
    place=st.uuids().map(str),
    disposition=st.sampled_from((STOCK, RECYCLE)),
    shop=st.sampled_from(("", "EU-", "US-")),
    tag=st.sampled_from(("", "bulky", "fragile")),
    price_from=st.sampled_from((None, Decimal(10), Decimal(1000))),
)


@given(st.lists(_RULES, max_size=8))
def test_no_rule_that_fits_has_more_conditions_than_the_one_chosen(rules: list[PlaceRule]) -> None:
    def chosen(*tried: PlaceRule) -> str:
        return place(*tried, sku="CHAIR-1", price=a_money("120.00", "EUR"))

    def conditions(rule: PlaceRule) -> int:
        return sum((bool(rule.shop), bool(rule.tag), rule.asks_price))

    fitting = [rule for rule in rules if chosen(rule)]
    best = next((rule for rule in rules if rule.place == chosen(*rules)), None)
    assert (best is None) == (not fitting)
    assert best is None or conditions(best) == max(map(conditions, fitting))
