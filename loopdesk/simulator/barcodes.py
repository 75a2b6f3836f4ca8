"""Carrier and product numbers with valid check digits."""

from __future__ import annotations

from collections.abc import Iterable


def _mod10(digits: Iterable[int], weights: tuple[int, ...]) -> int:
    """The digit that makes the weighted sum a multiple of ten; the weights cycle over the digits."""
    total = sum(digit * weights[place % len(weights)] for place, digit in enumerate(digits))
    return -total % 10


def usps(serial: int, service: str = "94055118992") -> str:
    """A 22-digit USPS number (IMpb): service and mailer, serial, check digit (3 and 1 from the right)."""
    body = f"{service}{serial:0{21 - len(service)}d}"
    return f"{body}{_mod10((int(digit) for digit in reversed(body)), (3, 1))}"


def ups(serial: int, shipper: str = "4R8E60", service: str = "90") -> str:
    """A UPS number: `1Z`, shipper, service, seven digits, check digit (a letter is its code less 63)."""
    body = f"{shipper}{service}{serial:07d}"
    values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in body]
    return f"1Z{body}{_mod10(values, (1, 2))}"


def fedex(serial: int) -> str:
    """A 12-digit FedEx number: weights 3, 1, 7, the sum modulo 11, then modulo 10."""
    body = f"{serial:011d}"
    total = sum(int(digit) * (3, 1, 7)[place % 3] for place, digit in enumerate(body))
    return f"{body}{total % 11 % 10}"


def dhl(serial: int) -> str:
    """A 10-digit DHL Express waybill: nine digits modulo 7."""
    return f"{serial:09d}{serial % 7}"


def canada_post(serial: int, customer: str = "7023210") -> str:
    """A 16-digit Canada Post number (3 and 1 from the left)."""
    body = f"{customer}{serial:0{15 - len(customer)}d}"
    return f"{body}{_mod10((int(digit) for digit in body), (3, 1))}"


def s10(serial: int, service: str = "RB", country: str = "GB") -> str:
    """A postal number by the S10 standard: weights 8 6 4 2 3 5 9 7, modulo 11."""
    body = f"{serial:08d}"
    rest = 11 - sum(int(d) * w for d, w in zip(body, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return f"{service}{body}{ {10: 0, 11: 5}.get(rest, rest) }{country}"


def ean13(serial: int, prefix: str = "200") -> str:
    """A 13-digit EAN; the prefix 200 is free for use inside a shop."""
    body = f"{prefix}{serial:0{12 - len(prefix)}d}"
    return f"{body}{_mod10((int(digit) for digit in body), (1, 3))}"


def upc(serial: int, prefix: str = "4") -> str:
    """A 12-digit UPC-A; the prefix 4 is free for use inside a shop."""
    body = f"{prefix}{serial:0{11 - len(prefix)}d}"
    return f"{body}{_mod10((int(digit) for digit in body), (3, 1))}"
