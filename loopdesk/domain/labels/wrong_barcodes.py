"""Barcodes on a parcel that identify no return: each with what to do instead."""

from __future__ import annotations

import re

from loopdesk.domain.labels.check_digits import has_fedex_mod11, has_mod7, has_mod10_31
from loopdesk.domain.labels.gs1 import SYMBOLS

MOST_CHARACTERS = 128
MOST_LINK_CHARACTERS = 2048
"""No code or link of a return is longer; 2D codes with addresses are."""

_POSTCODE = "postcode"
_SQUARE = "square"
STACKED = "stacked"
_CARD = "card"
_ROUTING = "routing"
_OTHER_QR = "not_a_number"
_PLACE = "place"
_OUTBOUND = "outbound"
_PACKING_SLIP = "packing_slip"
_OWN_LABEL = "own_label"
TOO_LONG = "too_long"
LINK = "link"
COMMAND = "command"
EMPTY = "empty"
LAYOUT = "layout"
"""Codes of hints; ``presenters/words/scan_words`` says what to do."""


def layout_hint(layout: str) -> str:
    """Return the hint for a scanner and a computer with different keyboard layouts: ``layout:azerty``."""
    return f"{LAYOUT}:{layout}"


_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\]U.*", re.DOTALL), _SQUARE),  # AIM identifier of MaxiCode
    (re.compile(r"(?:\][A-Z].)?\[\)>.*(?:UPSN|\x1d1Z).*", re.DOTALL), _SQUARE),
    (re.compile(r"(?:\][A-Z].)?\[\)>.*", re.DOTALL), STACKED),
    (re.compile(r"[0-9].*1Z[0-9A-Z]{8}\x1d?UPSN.*", re.DOTALL), _SQUARE),  # the same, without its header
    (re.compile(r"02[0-9].*\x1dFD[EX][A-Z]?(?:\x1d.*)?", re.DOTALL), STACKED),
    (re.compile(r"JGB(?!.*[A-Z]{2}[0-9]{9}GB).{20,}", re.DOTALL), _SQUARE),  # Royal Mail without a number
    (re.compile(r"(?:\][A-Z].)?(?:@\s*)?(?:ANSI|AAMVA) ?[0-9]{6}.*", re.DOTALL), _CARD),
    (re.compile(r"@\s.*", re.DOTALL), _CARD),
    (
        re.compile(
            r"(?:\][A-Z].)?(?:(?:BEGIN|BITCOIN|BIZCARD|ETHEREUM|FACETIME|GEO|MAILTO|MATMSG|MEBKM|MECARD|SMS|SMSTO|TEL"
            r"|UPI|WHATSAPP|WIFI):|(?:SPC|BCD)\s).*",
            re.DOTALL,
        ),
        _OTHER_QR,
    ),
    (re.compile(r"\(?(?:2L)?\)?[A-Z]{2}[0-9A-Z-]{2,10}\+[0-9A-Z]{4,14}", re.ASCII), _ROUTING),  # DHL
    (re.compile(r"FBA[0-9A-Z]{9,10}(?:U[0-9]{6})?", re.ASCII), _OUTBOUND),  # carton for Amazon's store
    (re.compile(r"99[MPET][0-9A-Z]{17,21}", re.ASCII), _OUTBOUND),  # mail tray or pallet of USPS
    (re.compile(r"(?:PACKING ?SLIP|PACKLIST|PACKING ?LIST)[#:\-].*"), _PACKING_SLIP),
    (re.compile(r"(?:\(|\]C1|\]D2|\]Q3)41[0-7]\)?[0-9]{13}", re.ASCII), _PLACE),
    (re.compile(r"(?:\(403\)|\](?:C1|D2|Q3)403)[0-9A-Z+]{1,30}", re.ASCII), _ROUTING),
    (re.compile(r"V0[0-9]~.*", re.DOTALL), STACKED),  # Purolator
    # As domain/printing/labels writes them.
    (re.compile(r"[0-9]{6,19}(?:X[0-9]{1,3})?LD[A-Z0-9]{0,7}", re.ASCII), _OWN_LABEL),
    (re.compile(r"LDM[A-HJ-NP-Z]{0,6}[0-9]{1,9}", re.ASCII), _OWN_LABEL),
    (re.compile(r"403[0-9]{3}[0-9A-Z]{1,24}\+.*", re.ASCII), _ROUTING),
)
"""Unique forms, matched against the upper-case code with or without its control characters."""

_POSTCODES = re.compile(
    r"420(?:[0-9]{5}(?:[0-9]{4})?|[A-Z][0-9][A-Z][0-9][A-Z][0-9]|[A-Z]{1,2}[0-9][0-9A-Z]?[0-9][A-Z]{2})"
    r"|421(?:840|036|040|056|124|203|208|246|250|276|372|380|484|528|554|578|616|620|724|752|756|826)"
    r"(?:[0-9]{4,6}|[0-9]{9}|[A-Z][0-9][A-Z][0-9][A-Z][0-9]|[A-Z]{1,2}[0-9][0-9A-Z]{3,5})",
    re.ASCII,
)
"""Element 420 (postcode) or 421 (country and postcode) and nothing after it."""

_POSTCODE_OF_ANYWHERE = re.compile(r"420[0-9A-Z]{3,9}", re.ASCII)
"""A postcode of any country, in a symbol known to contain element strings."""

_BRACKETS = str.maketrans("", "", "()-")
_LEAST_NUMBER = 10
_PRINTED_POSTCODE = ("(420)", "(421)")
"""How a postcode starts if its element string was typed as printed."""

_CHECKS = {
    10: (has_mod7,),
    12: (has_fedex_mod11,),
    13: (has_mod10_31,),
    15: (has_mod10_31,),
}
"""The check digits of numbers whose length a long postcode may have too."""


def most_characters(*, is_link: bool) -> int:
    """Return the maximum length of a code."""
    return MOST_LINK_CHARACTERS if is_link else MOST_CHARACTERS


def hint(raw: str, text: str) -> str:
    """Return what to tell the operator about a wrong barcode, "" if it is not a known one.

    Args:
        raw: The code as read, without surrounding white space.
        text: The same in upper case, without AIM identifier, spaces and control characters.
    """
    loud = raw.upper()
    if is_postcode(loud, text):
        return _POSTCODE
    for pattern, words in _FORMS:
        if pattern.fullmatch(loud) or pattern.fullmatch(text):
            return words
    return ""


def is_postcode(loud: str, text: str) -> bool:
    """Tell whether a code is only the postcode of a shipping label.

    Ten or more digits with a valid check digit of a carrier or product count as those, because long postcodes
    are rarely printed; a symbol whose AIM identifier rules out element strings is never a postcode.
    """
    tight = text.translate(_BRACKETS)
    if loud.startswith(SYMBOLS) and _POSTCODE_OF_ANYWHERE.fullmatch(tight):
        return True
    if not _POSTCODES.fullmatch(tight):
        return False
    if loud.startswith(_PRINTED_POSTCODE):
        return True
    if loud.startswith("]"):
        return loud.startswith(SYMBOLS)
    return len(tight) < _LEAST_NUMBER or not any(check(tight) for check in _CHECKS.get(len(tight), ()))
