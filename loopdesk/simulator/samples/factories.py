"""Factories for the sample returns: products, lines, labels, all with valid check digits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from loopdesk.simulator.shop.barcodes import ean13, upc
from loopdesk.simulator.shop.truth import Label, LineItem, Return

FIRST_RETURN = 91_000_100
DOCK = "4021"
OTHER_DOCK = "4022"


@dataclass(frozen=True, slots=True)
class Product:
    """Something the merchant sells."""

    title: str
    variant: str | None
    sku: str
    barcode: str
    price: Decimal
    number: int
    pictured: bool = True


def _product(number: int, title: str, variant: str | None, price: str, european: bool = False) -> Product:
    barcode = ean13(1000 + number) if european else upc(1000 + number)
    return Product(title, variant, f"LD-{number:03d}", barcode, Decimal(price), number)


BEANIE = _product(1, "Merino Beanie", "Charcoal", "46.00")
SHIRT = _product(2, "Linen Shirt", "White / M", "58.00")
SHIRT_LARGE = _product(3, "Linen Shirt", "White / L", "58.00")
SOCKS = _product(4, "Trail Socks", "39-42", "14.50", european=True)
JACKET = _product(5, "Rain Shell", "Moss / S", "189.00")
TOTE = _product(6, "Canvas Tote", None, "24.00")
SNEAKER = _product(7, "Court Sneaker", "42", "119.00", european=True)
SNEAKER_SMALLER = _product(8, "Court Sneaker", "41", "119.00", european=True)
SCARF = _product(9, "Wool Scarf", "Rust", "39.00")
MUG = _product(10, "Enamel Mug", None, "12.00")


@dataclass(slots=True)
class Maker:
    """Makes one numbered sample return: ids derive from the number, times from `now`.

    Attributes:
        number: The sample's number, from 1.
        now: The time that the sample is made for.
    """

    number: int
    now: datetime
    lines_made: int = 0

    @property
    def return_id(self) -> str:
        """The return's id."""
        return str(FIRST_RETURN + self.number)

    def line(self, product: Product, **more: Any) -> LineItem:
        """A unit of a product; `more` sets fields of the line."""
        self.lines_made += 1
        given: dict[str, Any] = {
            "line_item_id": str(92_000_000 + self.number * 1000 + self.lines_made),
            "provider_line_item_id": str(13_500_000_000_000 + self.number * 1000 + self.lines_made),
            "product_id": str(7_200_000_000_000 + product.number),
            "variant_id": str(4_200_000_000_000 + product.number),
            "title": product.title,
            "variant_title": product.variant,
            "sku": product.sku,
            "barcode": product.barcode,
            "image": f"https://images.example.test/{product.sku}.jpg" if product.pictured else None,
            "price": product.price,
            "tax": (product.price * Decimal("0.0725")).quantize(Decimal("0.01")),
        }
        return LineItem(**(given | more))

    def ret(self, lines: list[LineItem], hours_ago: float = 60, **more: Any) -> Return:
        """The return around its lines; `more` sets fields of the return."""
        made_at = self.ago(hours_ago)
        given: dict[str, Any] = {
            "return_id": self.return_id,
            "order_id": str(55_500_000 + self.number),
            "order_name": f"#{20_400 + self.number}",
            "provider_order_id": str(5_444_170_000_000 + self.number),
            "created_at": made_at,
            "updated_at": made_at,
            "lines": lines,
            "destination_id": DOCK,
        }
        return Return(**(given | more))

    def label(self, carrier: str, tracking_number: str, lines: list[LineItem], **more: Any) -> Label:
        """A delivered label that covers those lines; `more` sets fields of the label."""
        given: dict[str, Any] = {
            "tracking_number": tracking_number,
            "carrier": carrier,
            "status": "delivered",
            "updated_at": self.ago(3),
            "url": f"https://labels.example.test/{self.return_id}.pdf",
            "rate": Decimal("4.50"),
            "line_item_ids": list(dict.fromkeys(line.line_item_id for line in lines)),
        }
        return Label(**(given | more))

    def parcel(
        self, carrier: str, tracking_number: str, lines: list[LineItem], hours_ago: float = 60, **more: Any
    ) -> Return:
        """A return with one delivered label over all its lines."""
        label = self.label(carrier, tracking_number, lines)
        return self.ret(lines, hours_ago, labels=[label], **more)

    def ago(self, hours: float) -> datetime:
        """A time before now, to the second."""
        return (self.now - timedelta(hours=hours)).replace(microsecond=0)
