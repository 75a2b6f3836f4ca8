"""GS1 element strings: what a ``(01)…(21)…`` or FNC1 barcode says about goods and shipments."""

from __future__ import annotations

import re

from loopdesk.domain.check_digits import has_mod10_31
from loopdesk.domain.scans import Candidate, CandidateKind

GS = "\x1d"
"""The separator (FNC1) that ends an element of free length."""

_FIXED = {
    "00": 18, "01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2,
    "402": 17, "410": 13, "411": 13, "412": 13, "413": 13, "414": 13, "415": 13, "416": 13, "417": 13,
}  # fmt: skip
"""Element identifiers with a value of fixed length."""

_FREE = {
    "10": 20, "21": 20, "22": 20, "30": 8, "37": 8, "90": 30, "91": 90, "92": 90, "93": 90, "94": 90,
    "95": 90, "96": 90, "97": 90, "98": 90, "99": 90, "240": 30, "241": 30, "250": 30, "400": 30, "401": 30,
    "403": 30, "420": 20, "421": 12,
}  # fmt: skip
"""Element identifiers with a value of free length, and the most it may have."""

_MEANS = {
    "00": (CandidateKind.TRACKING, "Shipping container number (SSCC) in a GS1 code"),
    "401": (CandidateKind.TRACKING, "Consignment number in a GS1 code"),
    "402": (CandidateKind.TRACKING, "Shipment number in a GS1 code"),
    "01": (CandidateKind.ITEM, "Item number in a GS1 code"),
    "02": (CandidateKind.ITEM, "Item number in a GS1 code"),
    "240": (CandidateKind.ITEM, "Item number of the maker in a GS1 code"),
    "241": (CandidateKind.ITEM, "Item number of the customer in a GS1 code"),
    "21": (CandidateKind.ITEM, "Serial number in a GS1 code"),
}
_WITH_CHECK_DIGIT = frozenset({"00", "01", "02"})
_BRACKETED = re.compile(r"(?:\([0-9]{2,4}\)[^()]+)+", re.ASCII)
_ELEMENT = re.compile(r"\(([0-9]{2,4})\)([^()]+)", re.ASCII)
_STARTS = ("00", "01", "02")


def elements(text: str) -> tuple[tuple[str, str], ...]:
    """Split an element string into (identifier, value) pairs.

    Args:
        text: Printed form with brackets, or scanned form beginning with a container or item number,
            with GS after values of free length.

    Returns:
        Empty when the text is not wholly made of known elements, or a check digit is wrong.
    """
    if _BRACKETED.fullmatch(text):
        found = tuple(_ELEMENT.findall(text))
    elif text.startswith(_STARTS):
        found = _split(text)
    else:
        return ()
    return () if any(not _is_sound(*element) for element in found) else found


def candidates(text: str) -> tuple[Candidate, ...]:
    """Return what the elements of a GS1 code may stand for: shipments first, then goods."""
    found = elements(text)
    out = [
        Candidate(item_number(value) if kind is CandidateKind.ITEM else value.upper(), kind, rule)
        for wanted, (kind, rule) in _MEANS.items()
        for identifier, value in found
        if identifier == wanted
    ]
    return tuple(dict.fromkeys(out))


def item_number(gtin: str) -> str:
    """Take the packing zeros off a GTIN-14 or EAN-13: what is left is the EAN-13 or UPC-A on the goods."""
    while len(gtin) in (13, 14) and gtin.startswith("0") and gtin.isdigit():
        gtin = gtin[1:]
    return gtin.upper()


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


def _first(text: str) -> tuple[str, str] | None:
    for length in (2, 3):
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


def _is_sound(identifier: str, value: str) -> bool:
    if identifier in _FIXED and len(value) != _FIXED[identifier]:
        return False
    return identifier not in _WITH_CHECK_DIGIT or has_mod10_31(value)
