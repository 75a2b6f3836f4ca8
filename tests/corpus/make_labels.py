"""Writes ``labels.json``: what scanners deliver from labels, and the number that has to be found.

Run ``python -m tests.corpus.make_labels`` after a change here; a test compares the file with this.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.corpus import check_digits as cd
from tests.corpus.keyboards import THROUGH
from tests.corpus.wrong import WRONG

PLACE = Path(__file__).with_name("labels.json")
GS = "\x1d"
WRITTEN_GS = (
    "<GS>", "{GS}", "[GS]", "(GS)", "^]", "~1", "<FNC1>", "{FNC1}", "[FNC1]", "<F8>", "{F8}", "[F8]",
    "<0x1D>", "{0x1D}", "\\x1d", "\\u001d", "\\035", "\u241d",
)  # fmt: skip
"""How scanners and label software spell the separator out."""

AIM = tuple(f"]{letter}{digit}" for letter in "ACEFGHIKLMOPQRTXdz" for digit in "134")
"""AIM identifiers, those of symbols that no parcel carries too: a label that says so is still read."""

ZIP, ZIP4 = "10023", "100231234"

Entry = dict[str, str]


def grouped(number: str, *sizes: int, by: str = " ") -> str:
    """Write a number as it is printed under its bars: groups of the sizes, the last one repeating."""
    parts, rest, steps = [], number, list(sizes)
    while rest:
        size = steps.pop(0) if len(steps) > 1 else steps[0]
        parts.append(rest[:size])
        rest = rest[size:]
    return by.join(parts)


USPS_22 = [
    cd.mod10(body)
    for body in (
        "940011120255584233266",
        "920561234567890000001",
        "930012345678901234567",
        "950551106960504860062",
        "910123456789000000001",
        "936128987870031763379",
        "927009000000000012345",
        "940550189922300012345",
    )
]
USPS_26 = [cd.mod10("9274893150770851301805006"), cd.mod10("9261290100130739000001234")]
USPS_30 = [cd.mod10("94001129123456781234567890123")]
USPS_20 = [cd.mod10("0307179000052348374"), cd.mod10("7112345678912345678")]
UPS = [cd.ups(body) for body in ("999AA1012345678", "5R8939035756712", "4R8E60900001234", "XX3150YW4407002")]
FEDEX_12 = [cd.fedex(body) for body in ("98657878885", "79053531231", "44904430413", "77663251751")]
FEDEX_15 = [cd.mod10(body) for body in ("56828361001273", "04144176022896", "98765431234567")]
SMARTPOST = [cd.mod10("926129999882082117181")[2:], cd.mod10("920209000000123456789")[2:]]
DHL = [cd.mod7(body) for body in ("331881002", "848713550", "109925599", "7389105114")]
CANADA = [cd.mod10(body) for body in ("007393800054929", "702321000001234", "103100112233445")]
PUROLATOR = [cd.luhn(body) for body in ("32059546393", "28780946887", "33142674995")]
OLD_DOMINION = [cd.luhn(body) for body in ("0720956276", "7776755320", "7780652889", "8000328037")]
ONTRAC = [cd.ontrac("C", "1103150000187"), cd.ontrac("D", "1001135445370"), cd.ontrac("C", "1112155295306")]
POSTS = [
    (cd.s10("CP", "12345678", "US"), "USPS"),
    (cd.s10("LZ", "00123456", "US"), "USPS"),
    (cd.s10("RB", "47312482", "GB"), "Royal Mail"),
    (cd.s10("TK", "00000123", "GB"), "Royal Mail"),
    (cd.s10("CX", "47312482", "CA"), "Canada Post"),
    (cd.s10("LY", "11111111", "AU"), "Australia Post"),
    *((cd.s10("RR", f"{n:08d}", country), "Postal") for n, country in enumerate(("DE", "FR", "JP", "NL"), 9)),
]
DPD = ["09980000020033", "15976948112345", "01505000123456"]
SSCC = [cd.mod10("00012345000000002"), cd.mod10("34043416109401590")]


def _entry(form: str, scan: str, find: str, rule: str, kind: str = "tracking") -> Entry:
    return {"form": form, "scan": scan, "find": find, "kind": kind, "rule": rule}


def _as_read(form: str, number: str, rule: str, *sizes: int) -> Iterator[Entry]:
    """A number as guns deliver it: plain, with AIM identifiers, as printed, in lower case."""
    yield _entry(form, number, number, rule)
    yield _entry(f"{form}, AIM", f"]C0{number}", number, rule)
    if sizes:
        yield _entry(f"{form}, as printed", grouped(number, *sizes), number, rule)
        yield _entry(f"{form}, hyphens", grouped(number, *sizes, by="-"), number, rule)
    if number.lower() != number:
        yield _entry(f"{form}, small", number.lower(), number, rule)
        yield _entry(f"{form}, small, AIM", f"]C0{number.lower()}", number, rule)


def usps() -> Iterator[Entry]:
    """IMpb with and without ZIP, of 20, 22, 26, 28, 30, 34 and 38 digits."""
    for number in (*USPS_22, *USPS_26):
        yield from _as_read("USPS IMpb", number, "USPS", 4)
        yield _entry("USPS 420+ZIP", f"420{ZIP}{number}", number, "ZIP")
        yield _entry("USPS 420+ZIP4", f"420{ZIP4}{number}", number, "ZIP")
        yield _entry("USPS GS1-128", f"]C1420{ZIP}{GS}{number}", number, "USPS")
        yield _entry("USPS GS1-128, GS lost", f"]C1420{ZIP}{number}", number, "USPS")
        yield _entry("USPS GS1-128, ZIP4", f"]C1420{ZIP4}{GS}{number}", number, "USPS")
        yield _entry("USPS printed", f"(420) {ZIP} ({number[:4]}) {grouped(number[4:], 4)}", number, "USPS")
    for number in USPS_20:
        yield from _as_read("USPS 20", number, "USPS", 4)
        yield _entry("USPS 20, 420+ZIP", f"420{ZIP}{number}", number, "ZIP")
    for number in USPS_30:
        yield from _as_read("USPS 30", number, "USPS", 4)
        yield _entry("USPS 30, 420+ZIP", f"420{ZIP}{number}", number, "ZIP")
        yield _entry("USPS 30, 420+ZIP4", f"420{ZIP4}{number}", number, "ZIP")
    old = cd.mod10("917196901075600307738")
    yield _entry("USPS 20 under 91", old[2:], old[2:], "91")
    yield _entry("USPS 91, stored without", old, old[2:], "91")
    for written in WRITTEN_GS:
        yield _entry("USPS written GS", f"420{ZIP}{written}{USPS_22[0]}", USPS_22[0], "USPS")
        yield _entry("USPS written GS, AIM", f"]C1420{ZIP4}{written}{USPS_22[0]}", USPS_22[0], "USPS")
    yield _entry("USPS FNC1 first", f"{GS}420{ZIP}{USPS_22[0]}", USPS_22[0], "USPS")


def ups() -> Iterator[Entry]:
    """1Z, Mail Innovations, and a letter with ten digits."""
    for number in UPS:
        yield from _as_read("UPS 1Z", number, "UPS", 2, 3, 3, 2, 4)
        yield _entry("UPS 1Z, code letter", f"j{number}", number, "UPS")
    yield from _as_read("UPS MI", "MI123456000012345678", "UPS Mail Innovations")
    by_usps = cd.mod10("9274899998901234567890123")
    yield _entry("UPS MI by USPS", f"420{ZIP}{by_usps}", by_usps, "ZIP")
    yield from _as_read("UPS MI of digits", "801234567890123456", "UPS Mail Innovations", 4)
    yield _entry("UPS T", "T1234567890", "T1234567890", "UPS")
    for letter, body in (("K", "247982549"), ("V", "049011917"), ("J", "460363653")):
        yield from _as_read("UPS waybill", cd.ups_waybill(letter, body), "UPS waybill", 4)


def fedex() -> Iterator[Entry]:
    """Express 12, 34 and ASTRA 32, Ground 15, 20, 22 and 34, SmartPost 20 and 22, door tags."""
    for number in FEDEX_12:
        yield from _as_read("FedEx 12", number, "FedEx Express", 4)
        yield _entry("FedEx 34 Express", f"1001921334250001000300{number}", number, "FedEx")
        yield _entry("FedEx 34 Ground", f"9622001900000000000000{number}", number, "FedEx")
        yield _entry("FedEx 34 Ground 2", f"]C19632001560123456789900{number}", number, "FedEx")
        yield _entry("FedEx ASTRA 32", f"1010023012840019{number}0201", number, "ASTRA")
        yield _entry("FedEx with form", f"{grouped(number, 4)} 0201", number, "FedEx")
        yield _entry("FedEx as printed", f"TRK# {grouped(number, 4)}", number, "FedEx")
        yield _entry("FedEx 00 first", f"00{number}", number, "FedEx")
        yield _entry("FedEx 96 and 12", f"96110019{number}", number, "FedEx")
    for number in FEDEX_15:
        yield from _as_read("FedEx Ground 15", number, "FedEx Ground", 7, 7, 1)
        yield _entry("FedEx Ground 22", f"9611020{number}", number, "FedEx Ground")
        yield _entry("FedEx Ground 20", f"96110{number}", number, "FedEx Ground")
        yield _entry("FedEx Ground 34", f"9622001900000000000{number}", number, "FedEx Ground")
        yield _entry("FedEx Ground printed", f"(96) 11020 {grouped(number, 7, 7, 1)}", number, "FedEx Ground")
    for number in SMARTPOST:
        yield from _as_read("SmartPost 20", number, "SmartPost", 4)
        yield _entry("SmartPost 22", f"92{number}", f"92{number}", "USPS")
        yield _entry("SmartPost 22, stored as 20", f"92{number}", number, "SmartPost")
        yield _entry("SmartPost 420", f"420{ZIP}92{number}", number, "SmartPost")
        yield _entry("SmartPost 420, stored as 22", f"]C1420{ZIP}{GS}92{number}", f"92{number}", "USPS")
        yield _entry("SmartPost 20, stored as 22", number, f"92{number}", "SmartPost")
    for before in ("3297151456010244", "3381079956000000"):
        yield _entry("FedEx ASTRA 32", f"{before}{FEDEX_12[1]}2014", FEDEX_12[1], "ASTRA")
    yield from _as_read("FedEx door tag", "DT123456789012", "door tag")


def canada() -> Iterator[Entry]:
    """Canada Post, Purolator, Canpar."""
    for number in CANADA:
        yield from _as_read("Canada Post 16", number, "Canada Post", 4)
        yield _entry("Canada Post behind 421", f"]C1421124K1A0B1{GS}{number}", number, "Canada Post")
    for number in PUROLATOR:
        yield from _as_read("Purolator 12", number, "Purolator", 3)
    for number in ("KYV009956937", "JFV247545960"):
        yield from _as_read("Purolator letters", number, "Purolator", 3)
    for number in ("D576002440000001718010", "L576002440000000001004", "S576002440000000025001"):
        yield from _as_read("Canpar", number, "Canpar", 4)


def dhl() -> Iterator[Entry]:
    """Express waybill, pieces, eCommerce, Yodel which shares its JD."""
    for number in DHL:
        yield from _as_read("DHL Express", number, "DHL Express", 2, 4, 4)
    for number in ("JD014600003823456789", "JJD0099999999", "JVGL0999999990"):
        yield from _as_read("DHL piece", number, "DHL")
    yield _entry("DHL piece, barcode", "JJD014600003823456789", "JD014600003823456789", "J removed")
    yield _entry("DHL piece, stored as JJD", "JD014600003823456789", "JJD014600003823456789", "J added")
    for number in ("340434633751428115", "340434161094015902"):
        yield from _as_read("DHL Parcel", f"00{number}", "DHL Parcel", 4)
    for number in ("GM9E44608A27984866BA2D", "3387191106122423", "60120172242323"):
        yield from _as_read("DHL eCommerce", number, "DHL eCommerce")
    for number in ("GM2951173225174494", "GM295117494011169042", "GM60511234500012345678901234"):
        yield from _as_read("DHL eCommerce GM", number, "DHL eCommerce")
        yield _entry("DHL eCommerce GM, 420", f"420{ZIP}{number}", number, "DHL eCommerce")
        yield _entry("DHL eCommerce GM, GS", f"]C1420{ZIP}{GS}{number}", number, "DHL eCommerce")
    for start in ("92612901", "93748999", "94612999"):
        number = cd.mod10(f"{start}0001234567890")
        yield _entry("DHL eCommerce 420", f"420{ZIP}{number}", number, "ZIP")
        yield _entry("DHL eCommerce 420 ZIP4", f"420{ZIP4}{number}", number, "ZIP")
    for number in ("JD0002254405060992", "JJD0002257639032011"):
        yield from _as_read("Yodel", number, "Yodel", 4)


def posts() -> Iterator[Entry]:
    """S10 of any country, Australia Post."""
    for number, rule in POSTS:
        yield from _as_read("S10", number, rule, 2, 3, 3, 3, 2)
    article = "2JD541813301000870900"
    yield from _as_read("Australia Post article", article, "Australia Post")
    yield _entry("Australia Post GS1", f"]C1019931265099999891{article}{GS}8008260112101500", article, "GS1")
    yield _entry(
        "Australia Post, GS lost", f"019931265099999891{article}8008260112101500", article, "Australia"
    )
    yield _entry("Australia Post consignment", article, article[:10], "consignment")


def america() -> Iterator[Entry]:
    """OnTrac, LaserShip, Amazon, Old Dominion, Spee-Dee, GOFO, UniUni."""
    for number in ONTRAC:
        yield from _as_read("OnTrac", number, "OnTrac", 3)
    for number in ("LX17635036", "1LS717793482164", "1LSCXYZ00123456", "LS12345678"):
        yield from _as_read("LaserShip", number, "LaserShip")
    yield _entry("LaserShip -1", "1LS7119013618127-1", "1LS7119013618127-1", "LaserShip")
    yield _entry("LaserShip, hyphen lost", "1LS71190136181271", "1LS7119013618127-1", "LaserShip")
    yield _entry("LaserShip, keyboard of Spain", "1LS7119013618127'1", "1LS7119013618127-1", "LaserShip")
    for number in (
        "TBA502887274000",
        "TBC000000000123",
        "TBM123456789012",
        "TBAONT500361196",
        "UK1234567890",
    ):
        yield from _as_read("Amazon", number, "Amazon", 3, 4)
    for number in OLD_DOMINION:
        yield from _as_read("Old Dominion", number, "Old Dominion")
        yield _entry("Old Dominion PRO", f"PRO {number}", number, "Old Dominion")
    for number, rule in (
        ("SP029692510000920746", "Spee-Dee"),
        ("GFUS01011884214464", "GOFO"),
        ("UUS51A1234567890123", "UniUni"),
        ("4C003925742US", "UniUni"),
        ("BTS_7F3K9QZ2X1", "Better Trucks"),
        ("SPX1DM123456789012", "SpeedX"),
    ):
        yield from _as_read(rule, number, rule, 4)


def elsewhere() -> Iterator[Entry]:
    """DPD, Evri, Landmark, YunExpress."""
    for number in DPD:
        printed = cd.dpd(number)
        yield _entry("DPD 14", number, number, "DPD")
        yield _entry("DPD 15", printed, number, "DPD")
        yield _entry("DPD 15, stored so", grouped(printed, 4, 3, 4, 4), printed, "As printed")
        yield _entry("DPD 28", cd.dpd(f"0081827{number}350276"), number, "DPD")
        yield _entry("DPD 28, stored as 15", cd.dpd(f"0081827{number}350276"), printed, "DPD")
        yield _entry("DPD %27", f"%0081827{number}350276", number, "DPD")
        yield _entry("DPD %27, AIM", f"]C0%0081827{number}350276", number, "DPD")
    for number, rule in (
        ("LTN74207623N1", "Landmark"),
        ("YT2229521272164446", "YunExpress"),
        ("H00AB12345678901", "Evri"),
        ("H1001234567890123456", "Hermes"),
        ("LP00123456789012", "Cainiao"),
        ("CNG00798678939847", "Cainiao"),
        ("4PX3001521662170CN", "4PX"),
        ("SF6047381042488", "SF Express"),
        ("SYAE006809461", "SunYou"),
        ("BYS006086088", "Yanwen"),
        ("H06R4A1011299623", "Evri"),
        ("PBTM1234567890", "Parcelforce"),
        ("3SABCD987446630", "PostNL"),
        ("3SA5210528875", "PostNL"),
        ("323211216300000593107030", "bpost"),
        (f"6A{cd.mod10('6295736089')}", "Colissimo"),
        ("993412345612345678", "Swiss Post"),
        ("84971563697SE", "PostNord"),
        ("JJFI12345678901234567", "Posti"),
        ("Z8328162951", "Packeta"),
    ):
        yield from _as_read(rule, number, rule, 4)


def standards() -> Iterator[Entry]:
    """GS1 element strings and barcodes of goods."""
    for number in SSCC:
        yield from _as_read("SSCC", number, "SSCC")
        yield _entry("SSCC by GS1", f"]C100{number}", number, "SSCC")
        yield _entry("SSCC printed", f"(00) {number[0]} {number[1:8]} {number[8:]}", number, "SSCC")
        yield _entry("SSCC with postcode", f"]C142010023{GS}00{number}", number, "SSCC")
    gtin, upc, ean = cd.mod10("0950600013435"), cd.mod10("03600029145"), cd.mod10("400638133393")
    shipment = cd.mod10("9506000123456789")
    for scan, find, kind, rule in (
        (f"]d201{gtin}21ABC123{GS}10LOT", gtin[1:], "item", "Item number"),
        (f"]d201{gtin}21ABC123{GS}10LOT", "ABC123", "item", "Serial"),
        (f"]Q301{gtin}17261231", gtin[1:], "item", "Item number"),
        (f"(01){gtin}(21)ABC123", "ABC123", "item", "Serial"),
        (f"(01) {gtin}", gtin[1:], "item", "Item number"),
        (f"01{gtin}", gtin[1:], "item", "Item number"),
        (f"01{gtin}{{GS}}21XYZ9", gtin[1:], "item", "Item number"),
        (f"]C1402{shipment}", shipment, "tracking", "Shipment"),
        (f"(402){shipment}", shipment, "tracking", "Shipment"),
        (f"]C1401ABC123456{GS}403077", "ABC123456", "tracking", "Consignment"),
        ("(401)ABC123456", "ABC123456", "tracking", "Consignment"),
        ("(400)PO4711", "PO4711", "order_name", "Order"),
        (f"]C1400PO4711{GS}42010023", "PO4711", "order_name", "Order"),
        (upc, upc, "item", "goods"),
        (f"]E00{upc}", upc, "item", "goods"),
        (f"0{upc}", upc, "item", "goods"),
        (ean, ean, "item", "goods"),
        (f"]E0{ean}", ean, "item", "goods"),
        (grouped(ean, 1, 6), ean, "item", "goods"),
        (cd.mod10("7351353"), cd.mod10("7351353"), "item", "goods"),
        ("04252614", "042100005264", "item", "UPC-E"),
        ("]E004252614", "042100005264", "item", "UPC-E"),
        ("0425261", "042100005264", "item", "UPC-E"),
        ("425261", "042100005264", "item", "UPC-E"),
        (f"]d201{gtin}21ABC123|10LOT", "ABC123", "item", "Serial"),
        (f"]C101{gtin}21ABC123~110LOT", "ABC123", "item", "Serial"),
        (f"https://id.gs1.org/01/{gtin}/21/ABC", gtin[1:], "item", "web link"),
    ):
        yield _entry("GS1 and goods", scan, find, rule, kind)


def loop() -> Iterator[Entry]:
    """Loop's own numbers and links, orders, Happy Returns."""
    for scan, find, kind, rule in (
        ("91000101", "91000101", "return_id", "Return number"),
        ("RMA 91000101", "91000101", "return_id", "Return number"),
        ("RMA#91000101", "91000101", "return_id", "Return number"),
        ("]Q191000101", "91000101", "return_id", "Return number"),
        ("RETURN ID: 91000101", "91000101", "return_id", "Return number"),
        ("#1164", "#1164", "order_name", "Order"),
        ("Order #1164", "#1164", "order_name", "Order"),
        ("ORDER NO. EX20417", "EX20417", "order_name", "Order"),
        ("1164", "#1164", "order_name", "Order"),
        ("ex20417", "EX20417", "order_name", "Order"),
        ("#EX20417-R1", "#EX20417-R1", "order_name", "Order"),
        ("5678901234567", "5678901234567", "provider_order_id", "Order id"),
        ("HRAB12CD34", "HRAB12CD34", "package", "Happy Returns"),
        ("hrab12cd34", "HRAB12CD34", "scannable", "Happy Returns"),
        ("]Q1HRBOX-001234", "HRBOX-001234", "box", "Happy Returns"),
        ("HR7TQ2XK", "HR7TQ2XK", "rma", "Happy Returns"),
        ("https://happyreturns.com/qr/HRX4T8W2", "HRX4T8W2", "package", "Happy Returns"),
        ("https://shop.loopreturns.com/#/status/91000101?token=x", "91000101", "return_id", "web link"),
        ("HTTPS://SHOP.LOOPRETURNS.COM/RETURN/91000101", "91000101", "return_id", "web link"),
        ("https://shop.loopreturns.com/#/find?order=%231164", "#1164", "order_name", "web link"),
        (f"https://www.ups.com/track?tracknum={UPS[0]}", UPS[0], "tracking", "web link"),
        (f"https://www.fedex.com/fedextrack/?trknbr={FEDEX_12[0]}", FEDEX_12[0], "tracking", "web link"),
        (
            f"https://tools.usps.com/go/TrackConfirmAction?tLabels={USPS_22[0]}",
            USPS_22[0],
            "tracking",
            "link",
        ),
    ):
        yield _entry("Loop and Happy Returns", scan, find, rule, kind)


def links() -> Iterator[Entry]:
    """The pages of carriers, shops and Loop, as square codes carry them."""
    for link, number in (
        ("https://track.amazon.com/tracking/{}", "TBA502887274000"),
        ("https://t.17track.net/en#nums={}", UPS[0]),
        ("https://www.ontrac.com/tracking/?number={}", ONTRAC[0]),
        ("https://www.dhl.com/us-en/home/tracking.html?tracking-id={}&submit=1", DHL[0]),
        ("https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={}", CANADA[0]),
        ("https://www.purolator.com/en/shipping/tracker?pin={}", PUROLATOR[0]),
        ("https://www.royalmail.com/track-your-item#/tracking-results/{}", POSTS[2][0]),
        ("https://tracking.dpd.de/status/en_US/parcel/{}", DPD[0]),
        ("https://wwwapps.ups.com/WebTracking/track?track=yes&trackNums={}", UPS[2]),
        ("HTTPS://WWW.FEDEX.COM/FEDEXTRACK/?TRKNBR={}", FEDEX_12[1]),
    ):
        yield _entry("link", link.format(number), number, "web link")
    for link, find, kind in (
        ("https://app.loopreturns.com/returns?search=91000101", "91000101", "return_id"),
        ("https://brand.loopreturns.com/#/order/1164/10023", "1164", "order_name"),
        ("https://brand.myshopify.com/admin/orders/5678901234567", "5678901234567", "provider_order_id"),
        ("https://happyreturns.com/?code=HRX4T8W2", "HRX4T8W2", "package"),
    ):
        yield _entry("link", link, find, "web link", kind)


def surrounded() -> Iterator[Entry]:
    """Characters that a scanner was set to send around a code."""
    for before, after in (
        ("*", "*"),
        ("#", ""),
        ("%", ""),
        ("", ";"),
        ("\x02", "\x03"),
        ("~", ""),
        ("", ","),
    ):
        for number in (UPS[1], USPS_22[1], POSTS[2][0]):
            yield _entry("signs around it", f"{before}{number}{after}", number, "")
    yield _entry("Canada Post, GS lost", f"421124K1A0B1{CANADA[0]}", CANADA[0], "postcode removed")
    yield _entry("USPS by 421", f"42184010023{USPS_22[0]}", USPS_22[0], "postcode removed")


def several() -> Iterator[Entry]:
    """One code twice, and a label's codes concatenated."""
    for number in (UPS[0], USPS_22[0], FEDEX_12[0], FEDEX_15[0], POSTS[2][0], CANADA[0], "TBA502887274000"):
        for form, scan in (
            ("twice", number * 2),
            ("three times", number * 3),
            ("twice, line end", f"{number}\r{number}"),
            ("twice, space", f"{number} {number}"),
        ):
            yield _entry(form, scan, number, "twice")
    routed = f"420{ZIP}{USPS_22[0]}"
    for scan, find in (
        (f"{routed}{routed}", USPS_22[0]),
        (f"420{ZIP}{routed}", USPS_22[0]),
        (f"{routed}036000291452", USPS_22[0]),
        (f"{USPS_22[1]}{UPS[3]}", UPS[3]),
        (f"{USPS_22[1]}{UPS[3]}", USPS_22[1]),
        (f"420{ZIP}{UPS[0]}", UPS[0]),
        (f"{UPS[0]}420{ZIP}", UPS[0]),
        (f"{UPS[0]}{UPS[1]}", UPS[1]),
        (f"9622001900000000000000{FEDEX_12[3]}{FEDEX_12[3]}", FEDEX_12[3]),
        (f"{FEDEX_12[0]}{FEDEX_12[1]}", FEDEX_12[1]),
        (f"{DHL[0]}2LUS60563+48000001JD014600003823456789", DHL[0]),
        (f"]C0{UPS[0]}]C1{routed}", UPS[0]),
        (f"{UPS[0]}\t{ZIP}\t{UPS[0]}", UPS[0]),
        (f"{POSTS[0][0]}036000291452", POSTS[0][0]),
        (f"{FEDEX_12[0]}{routed}", FEDEX_12[0]),
        (f"{FEDEX_12[0]}{routed}", USPS_22[0]),
        (f"TBM502887274000{FEDEX_12[0]}", "TBM502887274000"),
        (f"{DHL[0]}{FEDEX_12[1]}", DHL[0]),
        (f"{UPS[0]},{FEDEX_15[0]}", FEDEX_15[0]),
        (f"KYV009956937\r{UPS[0]}", "KYV009956937"),
        (f"H06R4A1011299623\r420{ZIP}", "H06R4A1011299623"),
        (f"{UPS[0]}|DtAAAKx5AAAA|E1|LAS2|3837 Bay Lake Trail|89193", UPS[0]),
    ):
        yield _entry("several in one scan", scan, find, "scan")


def at_once() -> Iterator[Entry]:
    """Two guns that type into one window at the same time, their characters alternating."""
    for first, second, lead in (
        (UPS[0], USPS_22[0], 0),
        (USPS_22[0], UPS[1], 5),
        (UPS[2], FEDEX_12[0], 3),
        (POSTS[2][0], UPS[3], 1),
        (UPS[0], UPS[0], 0),
    ):
        scan = by_turns(first, second, lead)
        for number in dict.fromkeys((first, second)):
            yield _entry("two guns at once", scan, number, "two scanners")


def named_by_scanners() -> Iterator[Entry]:
    """Every AIM identifier before a number, in upper case and, with Caps Lock, in lower case."""
    for aim in AIM:
        yield _entry("AIM", f"{aim}{UPS[1]}", UPS[1], "UPS")
        yield _entry("AIM, Caps Lock", f"{aim.lower()}{UPS[1].lower()}", UPS[1], "UPS")


def by_turns(first: str, second: str, lead: int) -> str:
    """Interleave two codes as two keyboards do; the first has typed some characters when the second
    begins."""
    mixed, rest = first[:lead], first[lead:]
    while rest or second:
        mixed += second[:1] + rest[:1]
        rest, second = rest[1:], second[1:]
    return mixed


def keyboards() -> Iterator[Entry]:
    """Numbers garbled by the wrong keyboard layout."""
    numbers = (UPS[0], UPS[1], f"420{ZIP}{USPS_22[0]}", POSTS[2][0], FEDEX_12[0], "TBA502887274000")
    finds = (UPS[0], UPS[1], USPS_22[0], POSTS[2][0], FEDEX_12[0], "TBA502887274000")
    for layout in ("AZERTY", "QWERTZ", "Dvorak"):
        for number, find in zip(numbers, finds, strict=True):
            scan = number.translate(THROUGH[layout])
            if scan != number:
                yield _entry(f"through {layout}", scan, find, layout)
    for layout, digits in (
        ("QWERTZ", FEDEX_12[1]),
        ("QWERTZ", CANADA[0]),
        ("Dvorak", DHL[0]),
        ("Swiss", DHL[1]),
    ):
        yield _entry(
            f"AIM through {layout}", f"]C0{digits}".translate(THROUGH[layout]), digits, "typed through"
        )
    for layout, number in (("Dvorak", cd.s10("RL", "40255279", "PT")), ("QWERTZ", "KYV009956937")):
        yield _entry(f"through {layout}", number.translate(THROUGH[layout]), number, layout)
    yield _entry("through QWERTZ", "ZT2229521272164446", "YT2229521272164446", "QWERTZ")


FORMS = (
    usps, ups, fedex, canada, dhl, posts, america, elsewhere, standards, loop, links, surrounded,
    several, at_once, named_by_scanners, keyboards,
)  # fmt: skip


def corpus() -> dict[str, list[Entry]]:
    """Everything that the file holds."""
    labels = [entry for form in FORMS for entry in form()]
    return {"labels": labels, "wrong": [{"scan": scan, "hint": hint} for scan, hint in WRONG]}


def text() -> str:
    """The file: one label a line."""
    parts = (
        f'"{name}": [\n' + ",\n".join(f"  {json.dumps(entry)}" for entry in entries) + "\n]"
        for name, entries in corpus().items()
    )
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    PLACE.write_text(text(), encoding="utf-8")
