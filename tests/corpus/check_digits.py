"""Check digits as the carriers compute them; written independently of the program, so that they can
disagree."""

from __future__ import annotations

from collections.abc import Iterable

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def mod10(body: str, weights: tuple[int, ...] = (3, 1)) -> str:
    """Append the digit that makes the sum, weighted from the right, a multiple of ten."""
    total = sum(int(sign) * weights[place % len(weights)] for place, sign in enumerate(reversed(body)))
    return f"{body}{-total % 10}"


def luhn(body: str) -> str:
    """Append Luhn's digit: Purolator, Old Dominion."""
    total = sum(
        sum(map(int, str(int(sign) * (2 if place % 2 == 0 else 1))))
        for place, sign in enumerate(reversed(body))
    )
    return f"{body}{-total % 10}"


def mod7(body: str) -> str:
    """Append the remainder by seven: DHL Express."""
    return f"{body}{int(body) % 7}"


def fedex(body: str) -> str:
    """Append the digit of FedEx Express: weights 1, 3, 7 from the right, modulo 11, then 10."""
    total = sum(int(sign) * (1, 3, 7)[place % 3] for place, sign in enumerate(reversed(body)))
    return f"{body}{total % 11 % 10}"


def s10(service: str, serial: str, country: str) -> str:
    """Make a postal number: eight digits, weights 8 6 4 2 3 5 9 7, modulo 11."""
    rest = 11 - sum(int(a) * b for a, b in zip(serial, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return f"{service}{serial}{ {10: 0, 11: 5}.get(rest, rest) }{country}"


def ups(body: str) -> str:
    """Make a UPS number of shipper, service and serial; a letter counts as its code less 63."""
    return f"1Z{body}{_by_places(int(x) if x.isdigit() else (ord(x) - 63) % 10 for x in body)}"


def ups_waybill(letter: str, serial: str) -> str:
    """Make the number of a UPS waybill: a letter, which does not count, nine digits and theirs."""
    return f"{letter}{serial}{_by_places(map(int, serial))}"


def ontrac(letter: str, serial: str) -> str:
    """Make an OnTrac number: the letter counts as 4 or 5."""
    return f"{letter}{serial}{_by_places([{'C': 4, 'D': 5}[letter], *map(int, serial)])}"


def dpd(body: str) -> str:
    """Append the check character of ISO 7064 MOD 37,36."""
    rest = 36
    for sign in body:
        rest += SIGNS.index(sign)
        rest = (rest - 36 if rest > 36 else rest) * 2
        rest = rest - 37 if rest > 36 else rest
    return f"{body}{SIGNS[(37 - rest) % 36]}"


def _by_places(values: Iterable[int]) -> int:
    return -sum(value * (1 + place % 2) for place, value in enumerate(values)) % 10


def gls(body: str) -> str:
    """Append the digit of GLS: weights 3 and 1 from the right, one added, modulo 10."""
    return f"{body}{(int(mod10(body)[-1]) - 1) % 10}"
