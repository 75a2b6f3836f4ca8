"""What a scan is and what it may stand for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Scan:
    """One code read, exactly as it came, with its time (aware UTC).

    Attributes:
        raw: The characters as received, without the terminator; may hold GS (0x1D) and an AIM prefix.
        source: ``gun``, ``typed``, ``cli`` or ``mouse``.
    """

    raw: str
    at: datetime
    source: str = "gun"


class CandidateKind(StrEnum):
    """The kind of number a code may be; names what the store's ``codes`` index holds."""

    TRACKING = "tracking"
    PACKAGE = "package"  # Happy Returns bag
    SCANNABLE = "scannable"
    RMA = "rma"  # provider's RMA code of a Happy Returns drop-off
    BOX = "box"
    CONSOLIDATION = "consolidation"
    RETURN_ID = "return_id"
    ORDER_NAME = "order_name"
    PROVIDER_ORDER_ID = "provider_order_id"
    ITEM = "item"  # UPC, EAN or SKU


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing a scan may stand for.

    Attributes:
        code: The number as Loop would store it: upper case, no spaces.
        kind: What kind of number it would be.
        rule: Which rule found it, in words ("USPS label, ZIP removed").
        is_joint: One of several different numbers that came in one scan: no order among them, every
            return that one of them leads to is a hit.
        is_exact: The whole code as it was scanned, nothing taken off: it is looked up before the others.
    """

    code: str
    kind: CandidateKind
    rule: str
    is_joint: bool = False
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a scan may stand for, most likely first.

    Exactly one of the three is set: ``candidates`` (may be several), ``command`` (a code of the
    command table, such as ``LDCMDGRADEA``), or ``hint`` (a known wrong barcode and what to do).
    """

    raw: str
    candidates: tuple[Candidate, ...] = ()
    command: str = ""
    hint: str = ""
