"""Every kind of return that a dock meets, one factory each; with products, lines and valid labels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from loopdesk.simulator.barcodes import canada_post, dhl, ean13, fedex, s10, upc, ups, usps
from loopdesk.simulator.truth import (
    Category,
    Condition,
    Disposition,
    Effect,
    Exchange,
    Label,
    LineItem,
    Note,
    Return,
    ReturnMethod,
)

# --- factories --------------------------------------------------------------------------------------

FIRST_RETURN = 91_000_100
DOCK = "4021"
OTHER_DOCK = "4022"
PICTURE_HOST = "images.example.test"
"""Where the shop's product pictures are; there is no such host."""


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
            "image": f"https://{PICTURE_HOST}/{product.sku}.jpg" if product.pictured else None,
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


# --- cases ------------------------------------------------------------------------------------------

BAG = "HRAB12CD34"
BOX = "HRBOX-000917"
SHARED_TRACKING = ups(1_200_777)
CONSOLIDATION_TRACKING = fedex(79_410_001_777)

LONG_TITLE = (
    "Hand-finished limited-edition travel blanket with detachable carrying strap and storage pouch " * 6
)


def single(make: Maker) -> Return:
    """One perfect item, refund."""
    return make.parcel("USPS", usps(2_231_974_101), [make.line(BEANIE, reason="Changed my mind")])


def multi_line(make: Maker) -> Return:
    """Three different items, refund."""
    lines = [
        make.line(SHIRT, reason="Too small", parent_reason="Size", comment="Sleeves too short"),
        make.line(SOCKS, reason="Not as described"),
        make.line(TOTE, reason="Changed my mind", discount=Decimal("4.00")),
    ]
    return make.parcel("UPS", ups(1_200_102), lines, handling_fee=Decimal("5.00"))


def carrier_scan(make: Maker) -> Return:
    """Closed and paid out on a carrier scan, still on its way to the bench."""
    ret = make.parcel("UPS", ups(1_200_103), [make.line(SHIRT), make.line(SCARF)], state="closed")
    ret.labels[0].status = "out_for_delivery"
    ret.process_on_scan = ret.was_processed = ret.refund_before_inspection = True
    ret.closed_at = ret.updated_at = make.ago(20)
    ret.effects.append(Effect("processed", make.ago(20), "carrier"))
    return ret


def exchange(make: Maker) -> Return:
    """Three items, all exchanged."""
    lines = [
        make.line(SNEAKER, resolution="exchange", exchange_variant="41", reason="Too large"),
        make.line(SHIRT, resolution="exchange", exchange_variant="White / L", reason="Too small"),
        make.line(SOCKS, resolution="exchange", exchange_variant="43-46", reason="Too small"),
    ]
    news = [_exchange(make, 1, SNEAKER_SMALLER), _exchange(make, 2, SHIRT_LARGE), _exchange(make, 3, SOCKS)]
    return make.parcel("FedEx", fedex(79_410_000_104), lines, outcome="exchange", exchanges=news)


def mixed(make: Maker) -> Return:
    """One item exchanged, one refunded."""
    lines = [
        make.line(SNEAKER, resolution="exchange", exchange_variant="41", reason="Too large"),
        make.line(BEANIE, reason="Changed my mind"),
    ]
    news = [_exchange(make, 1, SNEAKER_SMALLER)]
    return make.parcel("FedEx", fedex(79_410_000_105), lines, outcome="exchange+refund", exchanges=news)


def store_credit(make: Maker) -> Return:
    """Two items for store credit."""
    lines = [make.line(SCARF, resolution="credit"), make.line(MUG, resolution="credit")]
    return make.parcel("USPS", usps(2_231_974_106), lines, outcome="credit")


def credit_and_refund(make: Maker) -> Return:
    """Credit and refund in one: an undocumented outcome that does occur."""
    lines = [make.line(SCARF, resolution="credit"), make.line(MUG)]
    return make.parcel("USPS", usps(2_231_974_107), lines, outcome="credit+refund")


def upsell(make: Maker) -> Return:
    """A cheap item exchanged for an expensive one; the shopper paid the difference."""
    lines = [make.line(SHIRT, resolution="upsell", exchange_variant="Moss / S")]
    news = [_exchange(make, 1, JACKET, type="advanced")]
    return make.parcel("UPS", ups(1_200_108), lines, outcome="upsell", exchanges=news)


def warranty(make: Maker) -> Return:
    """A warranty case."""
    lines = [
        make.line(
            JACKET, resolution="exchange", reason="Zip broke", parent_reason="Defect", comment="2nd time"
        )
    ]
    news = [_exchange(make, 1, JACKET)]
    return make.parcel(
        "FedEx", fedex(79_410_000_109), lines, outcome="exchange", exchanges=news, type="warranty"
    )


def missing_label(make: Maker) -> Return:
    """No label at all: the parcel arrives with the shopper's own handwriting."""
    return make.ret([make.line(MUG)])


def label_pending(make: Maker) -> Return:
    """Just created: its label is still pending, and starts to travel within ten minutes."""
    lines = [make.line(TOTE)]
    ret = make.parcel("USPS", usps(2_231_974_111), lines, hours_ago=0.02)
    label = ret.labels[0]
    label.status, label.updated_at = "pending", ret.created_at
    steps = ("new", "pre_transit", "in_transit", "out_for_delivery", "delivered")
    label.plan = [(make.now + timedelta(minutes=2 * n), step) for n, step in enumerate(steps, 1)]
    return ret


def several_parcels(make: Maker) -> Return:
    """Four items in three parcels, each with its own label."""
    lines = [make.line(each) for each in (SHIRT, SCARF, SNEAKER, MUG)]
    labels = [
        make.label("UPS", ups(1_200_112), lines[:2]),
        make.label("UPS", ups(1_200_113), lines[2:3], status="in_transit"),
        make.label("UPS", ups(1_200_114), lines[3:], status="pre_transit"),
    ]
    return make.ret(lines, labels=labels)


def shared_first(make: Maker) -> Return:
    """One box for two returns: the first."""
    return make.parcel("UPS", SHARED_TRACKING, [make.line(SHIRT)], hours_ago=70)


def shared_second(make: Maker) -> Return:
    """One box for two returns: the second."""
    return make.parcel("UPS", SHARED_TRACKING, [make.line(SOCKS)], hours_ago=69)


def happy_returns(make: Maker) -> Return:
    """A Happy Returns bag; paid out at the drop-off."""
    lines = [
        make.line(SCARF, consolidation_tracking=CONSOLIDATION_TRACKING, consolidation_destination_id="4021")
    ]
    ret = make.ret(lines, state="closed", no_label="", package_reference=BAG, shipping_box_barcode=BOX)
    ret.return_method = ReturnMethod(
        provider="happy-returns",
        method_type="dropoff",
        state="in_transit",
        rma_id="HR7K2M9Q",
        scannable_id="HRX4T8W2",
        qr_code_url="https://happyreturns.example.test/qr/HRX4T8W2.png",
        address={"name": "Return Bar", "address1": "5 Market Street", "city": "Portland", "phone": None},
    )
    ret.was_processed = True
    ret.closed_at = ret.updated_at = make.ago(12)
    ret.effects.append(Effect("processed", make.ago(12), "carrier"))
    return ret


def consolidated(make: Maker) -> Return:
    """Another return in the same consolidated shipment, not paid out yet."""
    lines = [make.line(BEANIE, consolidation_tracking=CONSOLIDATION_TRACKING)]
    ret = make.ret(lines, no_label=None, package_reference="HRAB12CD35", shipping_box_barcode=BOX)
    ret.return_method = ReturnMethod(
        "happy-returns", "dropoff", "in_transit", rma_id="HR7K2M9R", scannable_id="HRX4T8W3"
    )
    return ret


def huge(make: Maker) -> Return:
    """Two hundred items."""
    products = (BEANIE, SHIRT, SHIRT_LARGE, SOCKS, JACKET, TOTE, SNEAKER, SCARF, MUG)
    lines = [make.line(products[n % len(products)]) for n in range(200)]
    return make.parcel("FedEx", fedex(79_410_000_117), lines)


def closed(make: Maker) -> Return:
    """Closed by hand, without an outcome."""
    ret = make.parcel("USPS", usps(2_231_974_118), [make.line(MUG)], state="closed", closed_at=make.ago(30))
    ret.effects.append(Effect("closed", make.ago(30), "admin"))
    return ret


def cancelled(make: Maker) -> Return:
    """Cancelled, but it arrived all the same."""
    return make.parcel("USPS", usps(2_231_974_119), [make.line(TOTE)], state="cancelled")


def expired(make: Maker) -> Return:
    """Expired: the label was used after 28 days."""
    return make.parcel("USPS", usps(2_231_974_120), [make.line(SCARF)], hours_ago=40 * 24, state="expired")


def review(make: Maker) -> Return:
    """In review: waiting for a person in Loop."""
    ret = make.parcel("UPS", ups(1_200_121), [make.line(JACKET)], state="review", flagged=True)
    ret.effects.append(Effect("flagged", make.ago(10), "admin"))
    return ret


def flagged_open(make: Maker) -> Return:
    """Open by its state, but flagged by the marker that the interface does not show."""
    return make.parcel("UPS", ups(1_200_122), [make.line(SHIRT)], flagged=True)


def keep_and_donate(make: Maker) -> Return:
    """Three items: one kept, one donated, one in the parcel."""
    lines = [make.line(BEANIE), make.line(MUG, outcome="keep"), make.line(SOCKS, outcome="donate")]
    return make.parcel("USPS", usps(2_231_974_123), lines)


def quantity_three(make: Maker) -> Return:
    """Three units of one order line: three lines with the same platform id."""
    lines = [make.line(SOCKS, provider_line_item_id="13500000024001") for _ in range(3)]
    return make.parcel("USPS", usps(2_231_974_124), lines)


def duplicate_lines(make: Maker) -> Return:
    """Two lines with the same id, as Loop has been seen to send."""
    lines = [make.line(MUG, line_item_id="92025001") for _ in range(2)]
    return make.parcel("USPS", usps(2_231_974_125), lines)


def unicode(make: Maker) -> Return:
    """Right-to-left titles, combining marks, emoji, and a very long one."""
    lines = [
        make.line(BEANIE, title="قبعة صوف", variant_title="أزرق / L", comment="صغيرة جدًا"),
        make.line(SHIRT, title="חולצת פשתן \u202eabc\u202c", variant_title="לבן"),
        make.line(SOCKS, title="ソックス🧦 Ze\u0301ro\u200bwidth", variant_title="３９"),
        make.line(TOTE, title=LONG_TITLE.strip(), variant_title=None),
    ]
    return make.parcel(
        "USPS", usps(2_231_974_126), lines, customer_first_name="Łucja", customer_last_name="Ødegård"
    )


def hostile(make: Maker) -> Return:
    """Text that looks like markup, a formula, a path or a command."""
    lines = [
        make.line(
            BEANIE, title="<img src=x>", variant_title="<b>bold</b>", comment="<script>alert(1)</script>"
        ),
        make.line(SHIRT, title='=HYPERLINK("http://evil.example.test")', reason="'; DROP TABLE returns; --"),
        make.line(MUG, title="../../etc/passwd%00\u0007", comment="{0} %s $(reboot) &amp; \\u0000"),
    ]
    return make.parcel("USPS", usps(2_231_974_127), lines, customer_first_name="<a href='x'>Pat</a>")


def order_first(make: Maker) -> Return:
    """An order with two returns: the first, done."""
    ret = make.parcel("USPS", usps(2_231_974_128), [make.line(SHIRT)], hours_ago=400, state="closed")
    ret.was_processed, ret.closed_at = True, make.ago(300)
    ret.effects.append(Effect("processed", make.ago(300), "carrier"))
    return ret


def order_later(make: Maker) -> Return:
    """An order with two returns: the later one."""
    same_order = {
        "order_id": str(55_500_000 + make.number - 1),
        "order_name": f"#{20_400 + make.number - 1}",
        "provider_order_id": str(5_444_170_000_000 + make.number - 1),
    }
    return make.parcel("USPS", usps(2_231_974_129), [make.line(SCARF)], hours_ago=50, **same_order)


def prefixed(make: Maker) -> Return:
    """An order name with the merchant's prefix and without `#`."""
    return make.parcel("UPS", ups(1_200_130), [make.line(SNEAKER)], order_name="EX20417")


def elsewhere(make: Maker) -> Return:
    """Meant for another dock."""
    return make.parcel("UPS", ups(1_200_131), [make.line(JACKET)], destination_id=OTHER_DOCK)


def with_notes(make: Maker) -> Return:
    """Notes of the merchant and of an earlier day."""
    notes = [
        Note(410_001, "VIP: please inspect with care", make.ago(30), "admin"),
        Note(410_002, "Shopper wrote again, asks when", make.ago(20), "admin"),
    ]
    return make.parcel("USPS", usps(2_231_974_132), [make.line(JACKET)], notes=notes)


def graded(make: Maker) -> Return:
    """Already inspected at another bench."""
    category = Category("Item condition grade", "Grade B", "grade_b")
    inspected_at = f"{make.ago(2):%Y-%m-%d %H:%M:%S}"
    line = make.line(
        SHIRT,
        condition=Condition("Light wear, saleable", category, "kim@example.test", inspected_at=inspected_at),
        disposition=Disposition("back_to_stock", "kim@example.test", inspected_at=inspected_at),
    )
    return make.parcel("USPS", usps(2_231_974_133), [line], state="closed", closed_at=make.ago(24))


def anywhere(make: Maker) -> Return:
    """An order from another platform, with 18-digit ids."""
    line = make.line(
        TOTE, product_id="703687441776640017", variant_id="703687441776640018", sku=None, barcode=""
    )
    return make.parcel("DHL", dhl(331_881_134), [line], provider_order_id="703687441776640134")


def canada(make: Maker) -> Return:
    """From Canada, in Canadian dollars."""
    abroad: dict[str, Any] = {"country": "Canada", "country_code": "CA", "currency": "CAD"}
    return make.parcel("CanadaPost", canada_post(47_713_135), [make.line(BEANIE)], **abroad)


def postal(make: Maker) -> Return:
    """By registered mail from abroad; no photos, no barcodes, no SKU."""
    line = make.line(SCARF, image=None, barcode="", sku="", variant_title=None)
    abroad: dict[str, Any] = {"country": "United Kingdom", "country_code": "GB", "currency": "GBP"}
    return make.parcel("RoyalMail", s10(12_345_136), [line], **abroad)


def moving(make: Maker) -> Return:
    """Still in transit; the next carrier scan will pay it out."""
    lines = [make.line(SNEAKER)]
    ret = make.parcel("FedEx", fedex(79_410_000_137), lines, hours_ago=30, process_on_scan=True)
    label = ret.labels[0]
    label.status = "pre_transit"
    label.plan = [
        (make.now + timedelta(minutes=5), "in_transit"),
        (make.now + timedelta(hours=8), "delivered"),
    ]
    return ret


def _exchange(make: Maker, n: int, product: Product, **more: Any) -> Exchange:
    """A new item that is shipped in exchange."""
    given: dict[str, Any] = {
        "exchange_id": str(93_000_000 + make.number * 10 + n),
        "title": product.title,
        "sku": product.sku,
        "price": product.price,
        "tax": (product.price * Decimal("0.0725")).quantize(Decimal("0.01")),
        "product_id": str(7_200_000_000_000 + product.number),
        "variant_id": str(4_200_000_000_000 + product.number),
    }
    return Exchange(**(given | more))
