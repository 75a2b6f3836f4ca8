"""Barcodes that a parcel carries and that name no return: each with what to do instead."""

from __future__ import annotations

import re

from loopdesk.domain.check_digits import has_fedex_mod11, has_mod10_31

MOST_CHARACTERS = 128
"""No code of a return is longer; square codes with addresses are."""

_POSTCODE = "That is the postcode. Scan the long barcode above or below it."
_SQUARE = "That is the square code for the carrier's sorting machines. Scan the long barcode."
_STACKED = "That is the carrier's wide code of many small bars. Scan the long barcode with one row of bars."
_CARD = "That is a driver's license or identity card. Do not scan it; scan the parcel's label."
_ROUTING = "That is the carrier's routing code. Scan the barcode with the tracking number."
_OTHER_QR = (
    "That code holds an address, a contact or a setting, not a parcel's number. Scan the long barcode."
)
TOO_LONG = "That code is too long for a parcel's number. Scan the long barcode with one row of bars."

LINK = "That is a web link without a return's number. Scan the long barcode of the carrier's label."
EMPTY = "The scanner sent an empty code. Scan it once more."


def layout_hint(layout: str) -> str:
    """Say that scanner and computer disagree about the keyboard."""
    return (
        f"Scanner and computer disagree about the keyboard: it looks like {layout}. "
        "Ask IT to set both to US English, then scan again."
    )


_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\]U.*", re.DOTALL), _SQUARE),  # AIM identifier of MaxiCode
    (re.compile(r"(?:\][A-Z].)?\[\)>.*(?:UPSN|1Z).*", re.DOTALL), _SQUARE),
    (re.compile(r"(?:\][A-Z].)?\[\)>.*", re.DOTALL), _STACKED),
    (re.compile(r"(?:\][A-Z].)?(?:@\s*)?(?:ANSI ?|AAMVA ?|AAMVA)[0-9]{6}.*", re.DOTALL), _CARD),
    (re.compile(r"@\s.*", re.DOTALL), _CARD),
    (
        re.compile(
            r"(?:\][A-Z].)?(?:BEGIN:|MECARD:|WIFI:|MAILTO:|TEL:|SMSTO:|GEO:|BITCOIN:|SPC\s).*", re.DOTALL
        ),
        _OTHER_QR,
    ),
    (re.compile(r"2L[A-Z]{2}[0-9A-Z-]{2,10}\+[0-9A-Z]{4,14}", re.ASCII), _ROUTING),  # DHL
    (re.compile(r"403[0-9]{3}[0-9A-Z]{1,24}\+.*", re.ASCII), _ROUTING),
)
"""Forms that nothing else has, over the upper-case code with or without its control characters."""

_POSTCODES = re.compile(
    r"420(?:[0-9]{5}(?:[0-9]{4})?|[A-Z][0-9][A-Z][0-9][A-Z][0-9])"
    r"|421(?:840[0-9]{5}(?:[0-9]{4})?|124[A-Z][0-9][A-Z][0-9][A-Z][0-9]|826[A-Z][0-9A-Z]{4,6}"
    r"|(?:250|276|380|724)[0-9]{5})",
    re.ASCII,
)
"""Element 420 (postcode) or 421 (country and postcode) and nothing behind it."""

_GS1_SYMBOLS = ("]C1", "]E0", "]D2", "]Q3", "]J1")
"""AIM identifiers, in upper case, of symbols that hold element strings."""


def hint(raw: str, text: str) -> str:
    """Return what to tell the operator about a wrong barcode, "" when it is not a known one.

    Args:
        raw: The code as it was read, without white space around it.
        text: The same in upper case, without AIM identifier, spaces and control characters.
    """
    loud = raw.upper()
    if is_postcode(loud, text):
        return _POSTCODE
    for pattern, words in _FORMS:
        if pattern.fullmatch(loud) or pattern.fullmatch(text):
            return words
    if len(raw) > MOST_CHARACTERS:
        return TOO_LONG
    return _STACKED if len(re.split(r"[\r\n\x1e]+", raw)) > 2 else ""


def is_postcode(loud: str, text: str) -> bool:
    """Tell whether a code is only the postcode of a shipping label.

    Twelve digits with the check digit of goods or of FedEx are taken for those, because a postcode
    with four further digits is rare; a symbol that says by its AIM identifier that it holds no
    element strings is never a postcode.
    """
    if not _POSTCODES.fullmatch(text.replace("-", "")):
        return False
    if loud.startswith("]"):
        return loud.startswith(_GS1_SYMBOLS)
    return not (len(text) == 12 and (has_mod10_31(text) or has_fedex_mod11(text)))
