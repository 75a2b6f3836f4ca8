"""Scanner and computer set to different keyboards: what arrives is a garbled copy of the code.

A scanner presses the keys of a US keyboard. A computer set to another layout makes other characters
of them, always the same ones, so that the garbling can be recognized and often undone.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

AZERTY = "French (AZERTY)"
QWERTZ = "German (QWERTZ)"
DVORAK = "Dvorak"
WIDE = "an input method for full-width characters"
OTHER = "a layout without plain Latin letters"

_US = "1234567890!@#$%^&*()-_qwazQWAZ;:mM,<.>/?]}\\"
_AZERTY = "&é\"'(-è_çà1234567890)°azqwAZQWmM,?;.:/!§$£*"
_TO_US_FROM_AZERTY = str.maketrans(_AZERTY, _US)
_TO_US_KEEPING_DIGITS = {sign: us for sign, us in _TO_US_FROM_AZERTY.items() if not chr(sign).isdigit()}
_AZERTY_MAC = str.maketrans({"§": "6", "!": "8"})
_LETTERS_OF_AZERTY = str.maketrans("azqwAZQW", "qwazQWAZ")
_TO_US_FROM_QWERTZ = str.maketrans("yzYZß?üÜ+*öÖäÄ#'-_§&/()=\"", "zyZY-_[{]};:'\"\\|/?#^&*()@")
_TO_US_FROM_SWISS = str.maketrans("yzYZ'?¨!üè", "zyZY-_]}[{")
_DVORAK = "[]',.pyfgcrl/=aoeuidhtns-;qjkxbmwvz{}\"<>PYFGCRL?+AOEUIDHTNS_:QJKXBMWVZ"
_US_OF_DVORAK = "-=qwertyuiop[]asdfghjkl;'zxcvbnm,./_+QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?"
_TO_US_FROM_DVORAK = str.maketrans(_DVORAK, _US_OF_DVORAK)

_AZERTY_DIGITS = frozenset("&é\"'(-è_çà§!")
_ONLY_AZERTY = frozenset("éèçà")
_ONLY_QWERTZ = frozenset("ßöäüÖÄÜ¨")
_ONLY_DVORAK = frozenset("<>")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to undo the garbling: the layout's name and what the scanner had sent."""

    layout: str
    text: str


def suspected(text: str) -> str:
    """Name the layout that a text betrays by characters no code has; "" when it looks all right.

    Mere exchanges of letters cannot be seen here; ``readings`` offers them for a check digit to prove.
    """
    if _is_azerty_digits(text):
        return AZERTY
    if text.isascii():
        return DVORAK if _ONLY_DVORAK & set(text) else ""
    if unicodedata.normalize("NFKC", text).isascii():
        return WIDE
    signs = {sign for sign in text if not sign.isascii()}
    if signs <= _ONLY_QWERTZ:
        return QWERTZ
    return AZERTY if signs & _ONLY_AZERTY else OTHER


def readings(text: str) -> tuple[Reading, ...]:
    """Return what the scanner may have sent instead of this text, most likely first, without the text."""
    found = [
        Reading(AZERTY, text.translate(_TO_US_FROM_AZERTY)),
        Reading(AZERTY, _keeping_digits(text)),
        Reading(AZERTY, text.translate(_LETTERS_OF_AZERTY)),
        Reading(QWERTZ, text.translate(_TO_US_FROM_QWERTZ)),
        Reading(QWERTZ, text.translate(_TO_US_FROM_SWISS)),
        Reading(DVORAK, text.translate(_TO_US_FROM_DVORAK)),
    ]
    if not text.isascii():
        found.append(Reading(WIDE, unicodedata.normalize("NFKC", text)))
    return tuple(
        dict.fromkeys(reading for reading in found if reading.text != text and reading.text.isascii())
    )


def _keeping_digits(text: str) -> str:
    """Read a French keyboard that sent digits as digits; the text itself where it sent both digits and signs.

    Digits come with Shift there and the signs on their keys without: one scan has one of the two.
    """
    if any(sign.isdigit() for sign in text) and any(sign in _AZERTY_DIGITS for sign in text):
        return text
    return text.translate(_AZERTY_MAC).translate(_TO_US_KEEPING_DIGITS)


def _is_azerty_digits(text: str) -> bool:
    """Whether a text is made of the signs on the unshifted digit keys of a French keyboard."""
    signs = [sign for sign in text if not sign.isspace()]
    digits = [sign for sign in signs if sign in _AZERTY_DIGITS]
    return (
        len(digits) >= 3
        and 2 * len(digits) >= len(signs)
        and len(set(digits)) > 1
        and not any(sign.isdigit() for sign in signs)
        and all(sign.isalpha() or sign in _AZERTY_DIGITS or sign in "$?^)" for sign in signs)
    )
