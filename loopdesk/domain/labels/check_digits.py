"""Check digits of carriers and manufacturers, so that a misread code is not looked up.

Every function takes the whole number, check digit included, and tells whether it is valid. Text outside the
expected alphabet is never valid; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST_DIGITS = 64
"""No carrier prints more; longer texts are invalid."""

_ALPHABET_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _digits(text: str) -> list[int] | None:
    if not (text.isascii() and text.isdigit() and 1 < len(text) <= MOST_DIGITS):
        return None
    return [ord(sign) - 48 for sign in text]


def _weighted(values: Sequence[int], weights: Sequence[int]) -> int:
    """The sum of values times weights; the weights cycle over the values from the left."""
    return sum(value * weights[place % len(weights)] for place, value in enumerate(values))


def has_mod10_31(text: str) -> bool:
    """Weights 3 and 1 from the right, modulo 10: GTIN, SSCC, GSIN, GLN, USPS, FedEx Ground, Canada Post."""
    digits = _digits(text)
    return digits is not None and _weighted(digits[::-1], (1, 3)) % 10 == 0


def has_luhn(text: str) -> bool:
    """Every second digit from the right doubled, its digits summed, modulo 10: Purolator, Old Dominion."""
    digits = _digits(text)
    if digits is None:
        return False
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(digits[::-1])]
    return sum(doubled) % 10 == 0


def has_mod7(text: str) -> bool:
    """The number before the last digit, modulo 7: DHL Express waybills."""
    digits = _digits(text)
    return digits is not None and int(text[:-1]) % 7 == digits[-1]


def has_fedex_mod11(text: str) -> bool:
    """Weights 1, 3, 7 from the digit before the last leftwards, modulo 11, then 10: FedEx Express."""
    digits = _digits(text)
    return digits is not None and _weighted(digits[-2::-1], (1, 3, 7)) % 11 % 10 == digits[-1]


def has_s10(text: str) -> bool:
    """Eight digits and a check digit by weights 8 6 4 2 3 5 9 7, modulo 11: the postal unions' S10."""
    digits = _digits(text[2:11])
    if digits is None or len(digits) != 9:
        return False
    rest = 11 - _weighted(digits[:8], (8, 6, 4, 2, 3, 5, 9, 7)) % 11
    return {10: 0, 11: 5}.get(rest, rest) == digits[8]


def has_ups(text: str) -> bool:
    """After ``1Z``: letters count as their code minus 63 modulo 10, even positions double, modulo 10."""
    body = text[2:]
    if len(body) != 16 or any(sign not in _ALPHABET_36 for sign in body) or not body[-1].isdigit():
        return False
    values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in body[:-1]]
    return -_weighted(values, (1, 2)) % 10 == int(body[-1])


def has_ups_waybill(text: str) -> bool:
    """A letter and ten digits; of the digits every second double, modulo 10."""
    digits = _digits(text[1:])
    return digits is not None and -_weighted(digits[:-1], (1, 2)) % 10 == digits[-1]


def has_ontrac(text: str) -> bool:
    """A letter and fourteen digits; C stands for a 4 and D for a 5, even positions double, modulo 10."""
    first = {"C": 4, "D": 5}.get(text[:1])
    digits = _digits(text[1:])
    if first is None or digits is None:
        return False
    return -_weighted([first, *digits[:-1]], (1, 2)) % 10 == digits[-1]


def has_mod37_36(text: str) -> bool:
    """ISO 7064 MOD 37,36 over digits and upper-case letters: the printed form of DPD."""
    return len(text) > 1 and text[-1] == mod37_36_sign(text[:-1])


def mod37_36_sign(text: str) -> str:
    """Return the check character that ISO 7064 MOD 37,36 appends to a text; "" if it has other characters."""
    if not text or len(text) > MOST_DIGITS or any(sign not in _ALPHABET_36 for sign in text):
        return ""
    rest = 36
    for sign in text:
        rest = (_ALPHABET_36.index(sign) + rest) % 36 or 36
        rest = rest * 2 % 37
    return _ALPHABET_36[(37 - rest) % 36]


def has_gls(text: str) -> bool:
    """GLS: twelve digits, weights 3 and 1 from the right before the last, one added, modulo 10."""
    digits = _digits(text)
    return digits is not None and len(digits) == 12 and (_weighted(digits[::-1], (1, 3)) + 1) % 10 == 0
