"""GS1 element strings: what a ``(01)…(21)…`` or FNC1 barcode says about products and shipments."""

from __future__ import annotations

import re

from loopdesk.domain.labels.check_digits import has_mod10_31
from loopdesk.domain.labels.scans import Candidate, CandidateKind

GS = "\x1d"
"""The separator (FNC1) that ends a variable-length element."""

SYMBOLS = ("]C1", "]E0", "]D2", "]Q3", "]J1")
"""AIM identifiers, in upper case, of symbols that contain element strings (or, for E0, an item number)."""

_WRITTEN_SEPARATOR = re.compile(
    r"[<{\[(](?:GS|FNC1|F8|0x1D)[>}\])]|\^\]|\\x1D|\\u001D|\\035|\u241d", re.IGNORECASE
)
_TILDE_1 = re.compile(r"(?:(?<=.)|^(?=~1(?:42[01]|0[01])))~1(?=[0-9]{2})")
"""How label makers write FNC1; a tilde alone separates fields, or is a scanner's own character."""

_NEVER_IN_VALUES = str.maketrans("|^~#@$`", GS * 7)
"""Characters outside the alphabet of element strings, which scanners can be set to send instead of GS."""

_FIXED = {
    "00": 18, "01": 14, "02": 14, "03": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2,
    "402": 17,
    "410": 13, "411": 13, "412": 13, "413": 13, "414": 13, "415": 13, "416": 13, "417": 13,
    "422": 3, "424": 3, "426": 3, "7001": 13, "7003": 10, "8001": 14, "8005": 6, "8006": 18, "8017": 18,
    "8018": 18, "8026": 18, "4307": 2, "4317": 2, "4321": 1, "4322": 1, "4323": 1, "4324": 10, "4325": 10,
    "4326": 6,
}  # fmt: skip
_FIXED |= {f"{measure}{point}": 6 for measure in (*range(310, 317), *range(320, 370)) for point in range(6)}
"""Element identifiers with a fixed-length value."""

_FREE = {
    "10": 20, "21": 20, "22": 20, "30": 8, "37": 8, "90": 30, "91": 90, "92": 90, "93": 90, "94": 90,
    "95": 90, "96": 90, "97": 90, "98": 90, "99": 90, "235": 28, "240": 30, "241": 30, "242": 6, "243": 20,
    "250": 30, "251": 30, "253": 30, "254": 20, "255": 25, "400": 30, "401": 30, "403": 30, "420": 20,
    "421": 12, "423": 15, "425": 15, "427": 3, "7002": 30, "7004": 4, "7005": 12, "7006": 6, "7007": 12,
    "7008": 3, "7009": 10, "7010": 2, "7020": 20, "7021": 20, "7022": 20, "7023": 30, "710": 20, "711": 20,
    "712": 20, "713": 20, "714": 20, "7240": 20, "8002": 20, "8003": 30, "8004": 30, "8007": 34, "8008": 12,
    "8009": 50, "8010": 30, "8011": 12, "8012": 20, "8013": 25, "8019": 10, "8020": 25, "8110": 70,
    "8112": 70, "8200": 70, "4300": 35, "4301": 35, "4302": 70, "4303": 70, "4304": 70, "4305": 70,
    "4306": 70, "4308": 30, "4309": 20, "4310": 35, "4311": 35, "4312": 70, "4313": 70, "4314": 70,
    "4315": 70, "4316": 70, "4318": 20, "4319": 30, "4320": 35,
}  # fmt: skip
_FREE |= {f"{money}{point}": 18 for money in (390, 391, 392, 393) for point in range(10)}
"""Element identifiers with a variable-length value, and its maximum length."""

_OWN = "gs1_carriers_own"
_MEANS = {
    "00": (CandidateKind.TRACKING, "gs1_sscc"),
    "401": (CandidateKind.TRACKING, "gs1_consignment"),
    "402": (CandidateKind.TRACKING, "gs1_shipment"),
    "400": (CandidateKind.ORDER_NAME, "gs1_order"),
    "01": (CandidateKind.ITEM, "gs1_item"),
    "02": (CandidateKind.ITEM, "gs1_item"),
    "240": (CandidateKind.ITEM, "gs1_makers_item"),
    "241": (CandidateKind.ITEM, "gs1_customers_item"),
    "21": (CandidateKind.ITEM, "gs1_serial"),
    "250": (CandidateKind.ITEM, "gs1_serial"),
} | {f"9{digit}": (CandidateKind.TRACKING, _OWN) for digit in range(10)}
"""What each element may stand for, shipments first."""

_PICTURES = {0x2400 + n: n for n in range(0x21)} | {0x2421: 0x7F, 0xFEFF: None, 0x200B: None}
_ENDS = "".join(sign for sign in map(chr, range(0x21)) if sign != GS)
_WITH_CHECK_DIGIT = frozenset({"00", "01", "02", "402", *map(str, range(410, 418))})
_BRACKETED = re.compile(r"(?:\([0-9]{2,4}\)[^()]+)+", re.ASCII)
_ELEMENT = re.compile(r"\(([0-9]{2,4})\)([^()]+)", re.ASCII)
_STARTS = ("00", "01", "02")


def with_separators(text: str) -> str:
    """Restore the real separator where a scanner was set to spell it out, such as ``<GS>`` or ``{FNC1}``.

    Symbols for other control characters become those characters and are stripped at the ends; so are
    zero-width characters.
    """
    written = _WRITTEN_SEPARATOR.sub(GS, text).translate(_PICTURES).strip(_ENDS)
    return _TILDE_1.sub(GS, written) if written.count("~") == written.count("~1") else written


def elements(text: str, *, is_marked: bool = False) -> tuple[tuple[str, str], ...]:
    """Split an element string into (identifier, value) pairs.

    Args:
        text: Printed form with brackets, or scanned form, with GS after variable-length values.
        is_marked: The scanner said that it is an element string; otherwise only those starting with a
            container or item number are accepted, because any digits look like one.

    Returns:
        Empty if the text does not consist entirely of known elements, or a check digit is wrong.
    """
    if _BRACKETED.fullmatch(text):
        found = tuple(
            (identifier, _digits_tight(identifier, value)) for identifier, value in _ELEMENT.findall(text)
        )
    elif is_marked or text.startswith(_STARTS):
        text = text.translate(_NEVER_IN_VALUES)
        found = _split(text) or _split_item(text)
    else:
        return ()
    return () if any(not _is_sound(*element) for element in found) else found


def candidates(text: str, *, is_marked: bool = False) -> tuple[Candidate, ...]:
    """Return what the elements of a GS1 code may stand for: shipments first, then goods."""
    found = elements(text, is_marked=is_marked)
    own_count = len(found) > 1 and found[0][0] in _STARTS
    out = [
        Candidate(item_number(value) if kind is CandidateKind.ITEM else value.upper(), kind, rule)
        for wanted, (kind, rule) in _MEANS.items()
        for identifier, value in found
        if identifier == wanted and (rule != _OWN or own_count)
    ]
    return tuple(dict.fromkeys(out))


_NUMBERS = ("01", "02")

DATA = ("10", "21", "17", "15", "11")
"""What the code of an item may carry besides its number: lot, serial, expiry, best before, made."""

RUN_TOGETHER = "run"
"""Stands for an identifier where the end of a value cannot be known, because its separator was lost."""


def item_data(raw: str, *, sends_separators: bool = False) -> tuple[tuple[str, str], ...]:
    """Return what the code of an item carries besides its number.

    Args:
        raw: As read, with or without an AIM identifier, separators kept or spelled out.
        sends_separators: The scanner is known to send them: a value without one behind it is the last.

    Returns:
        Pairs of an identifier of ``DATA`` and its value, in the order of ``DATA``; a date as ``2027-03-31``,
            as ``2027-03`` where the code names no day. Where a separator may be lost, no value is guessed:
            ``RUN_TOGETHER`` comes last, with the identifier and all that follows it. Empty for anything but
            an item's element string.
    """
    found, lost = _of_item(raw), _run_together(raw, sends_separators=sends_separators)
    if lost:
        found.pop(lost[0])
    told = ((name, _told(name, found[name])) for name in DATA if name in found)
    known = tuple((name, value) for name, value in told if value)
    return (*known, (RUN_TOGETHER, "".join(lost))) if lost else known


def has_separator(raw: str) -> bool:
    """Whether a scan shows that its scanner sends separators."""
    return GS in with_separators(raw)


def _is_split(raw: str) -> bool:
    """Whether the elements of a code are told apart by separators, of whatever kind, or by brackets."""
    return GS in with_separators(raw).translate(_NEVER_IN_VALUES) or "(" in raw


_BESIDE_ITEMS = frozenset(
    {
        *("10", "11", "12", "13", "15", "16", "17", "20", "21", "22", "30"),
        *("235", "240", "241", "242", "243", "250", "251", "254"),
        *("710", "711", "712", "713", "714", "7003", "8005", "8008", "8020"),
        *(f"9{digit}" for digit in range(10)),
    }
)
"""What may follow the lot or the serial of an item."""

_DATES = frozenset({"11", "12", "13", "15", "16", "17"})


def _run_together(raw: str, *, sends_separators: bool) -> tuple[str, str] | tuple[()]:
    """Return the last element of an item's code if its value may hold further ones, empty if not."""
    found = tuple(_of_item(raw).items())
    if not found or found[-1][0] not in _FREE or _is_split(raw):
        return ()
    identifier, value = found[-1]
    if len(value) <= _FREE[identifier] and sends_separators:
        return ()
    return found[-1] if _may_hold_more(value) else ()


def _may_hold_more(value: str) -> bool:
    """Whether what follows some first character of a value can be read as elements."""
    return any(_follows(value[place:]) for place in range(1, len(value) - 2))


def _follows(text: str) -> bool:
    found = _split(text)
    return bool(found) and all(
        name in _BESIDE_ITEMS and _is_sound(name, value) and (name not in _DATES or bool(_told(name, value)))
        for name, value in found
    )


def item_in(raw: str) -> str:
    """Return the number of the item that an element string is of, "" for any other code; ``raw`` as above."""
    found = _of_item(raw)
    return next((item_number(found[name]) for name in _NUMBERS if name in found), "")


def _of_item(raw: str) -> dict[str, str]:
    """Return the elements of an item's code by their identifiers, empty for any other code."""
    text = with_separators(raw).lstrip(GS)
    is_marked = text[:3].upper() in SYMBOLS
    found = dict(elements((text[3:] if is_marked else text).lstrip(GS), is_marked=is_marked))
    return found if found.keys() & set(_NUMBERS) else {}


def _told(name: str, value: str) -> str:
    if name in ("10", "21"):
        return value if value.isprintable() else ""
    if not (value.isascii() and value.isdigit()):
        return ""
    year, month, day = f"20{value[:2]}", int(value[2:4]), int(value[4:])
    if not (1 <= month <= 12 and day <= 31):
        return ""
    return f"{year}-{month:02}-{day:02}" if day else f"{year}-{month:02}"


def item_number(gtin: str) -> str:
    """Strip the padding zeros of a GTIN-14 or EAN-13: the rest is the EAN-13 or UPC-A on the product."""
    while len(gtin) in (13, 14) and gtin.startswith("0") and gtin.isdigit():
        gtin = gtin[1:]
    return gtin.upper()


def is_gtin(text: str) -> bool:
    """Whether a text is the number of an item: 8, 12, 13 or 14 digits with their check digit."""
    return len(text) in (8, 12, 13, 14) and text.isascii() and text.isdigit() and has_mod10_31(text)


def upc_e_expanded(text: str) -> str:
    """Expand a short UPC-E to the UPC-A it stands for; "" if it is none.

    Args:
        text: Eight digits, or shortened by the scanner: seven without the check digit, six also without the
            leading zero.
    """
    if not (6 <= len(text) <= 8 and text.isascii() and text.isdigit()):
        return ""
    if len(text) < 8:
        six = text.zfill(7)
        return next((full for n in range(10) if (full := upc_e_expanded(f"{six}{n}"))), "")
    if text[0] not in "01":
        return ""
    system, body, check = text[0], text[1:7], text[7]
    last = body[5]
    if last in "012":
        full = f"{body[:2]}{last}0000{body[2:5]}"
    elif last == "3":
        full = f"{body[:3]}00000{body[3:5]}"
    elif last == "4":
        full = f"{body[:4]}00000{body[4]}"
    else:
        full = f"{body[:5]}0000{last}"
    expanded = f"{system}{full}{check}"
    return expanded if has_mod10_31(expanded) else ""


def _split(text: str) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    rest = text
    while rest:
        element = _first(rest)
        if element is None:
            return ()
        identifier, value = element
        found.append(element)
        rest = rest[len(identifier) + len(value) :].removeprefix(GS)
    return tuple(found)


def _split_item(text: str) -> tuple[tuple[str, str], ...]:
    """Split an item's code whose separators were lost: its last value is too long, and holds further ones."""
    found: list[tuple[str, str]] = []
    rest = text if text.startswith(_NUMBERS) and GS not in text else ""
    while rest and (element := _first(rest)) is not None:
        found.append(element)
        rest = rest[len("".join(element)) :]
    if found and rest[:2] in ("10", "21") and _may_hold_more(rest[2:]):
        return (*found, (rest[:2], rest[2:]))
    return ()


def _first(text: str) -> tuple[str, str] | None:
    for length in (2, 3, 4):
        identifier = text[:length]
        rest = text[length:]
        fixed = _FIXED.get(identifier)
        if fixed is not None:
            value = rest[:fixed]
            return (identifier, value) if len(value) == fixed and value.isdigit() else None
        if identifier in _FREE:
            value = rest.split(GS, 1)[0]
            return (identifier, value) if 0 < len(value) <= _FREE[identifier] else None
    return None


def _digits_tight(identifier: str, value: str) -> str:
    """Strip spaces and hyphens from a printed value that consists of digits only."""
    return re.sub(r"[ -]", "", value) if identifier in _FIXED else value.strip()


def _is_sound(identifier: str, value: str) -> bool:
    if identifier in _FIXED and len(value) != _FIXED[identifier]:
        return False
    return identifier not in _WITH_CHECK_DIGIT or has_mod10_31(value)
