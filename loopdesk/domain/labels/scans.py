"""What a scan is and what it may stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]", re.ASCII)
"""The prefix that a scanner may send before a code: its symbology identifier (ISO/IEC 15424)."""


class CodeKind(StrEnum):
    """What a recognized code is to this station."""

    COMMAND = "command"  # printed with the right secret
    BARE = "bare"  # the word alone: anyone's, or from a sheet printed before there were letters
    WRONG = "wrong"  # wrong letters: another station's sheet, a misread, or an attempt to guess
    SEVERAL = "several"  # more than one code in one scan
    SLOWED = "slowed"  # not checked: too many wrong ones came before
    BADGE = "badge"


@dataclass(frozen=True, slots=True)
class CodeRead:
    """A scan that is, or claims to be, a command code or a badge.

    Attributes:
        word: The command's word in the table of commands, "" if none can be named.
        masked: The scan as it may be stored: by name, never with its letters.
    """

    kind: CodeKind
    word: str
    masked: str


GUN, TYPED = "gun", "typed"
"""Where a scan comes from."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One code read, exactly as received, with its time (aware UTC).

    Attributes:
        raw: The characters as received, without the terminator; may contain GS (0x1D) and an AIM prefix. Of a
            command code or badge only its name: the letters are never stored.
        source: ``GUN`` for a scanner that types, ``gun ttyACM0`` for the one at that serial port, ``TYPED``
            for a person.
        code: Set if it is a command code, a badge, or close to one.
        read_at: When it was read, monotonic seconds.
    """

    raw: str
    at: datetime
    source: str = GUN
    code: CodeRead | None = None
    read_at: float = 0.0


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
        rule: The code of the rule that found it, or of several that fit, apart by ``|``; after each ``+``
            what was done to find it, and after ``:`` the layout or rule in question:
            ``ups_label+typed:azerty``. The words are in ``presenters/words/scan_words``.
        is_joint: One of several different numbers in one scan: they are unordered, and every return that one
            of them leads to is a hit.
        is_exact: The whole code as scanned, with nothing removed: looked up before the others.
        is_guess: What the number may be after undoing another keyboard or a misread character: looked up
            last, and every return that a guess leads to is a hit.
        is_local: Never asked of Loop: any text is compared with what is stored, but few are worth a request.
        rivals: Numbers that the scan may be instead, if misread. If one of them is stored, this is no hit.
    """

    code: str
    kind: CandidateKind
    rule: str
    is_joint: bool = False
    is_exact: bool = False
    is_guess: bool = False
    is_local: bool = False
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a scan may stand for, most likely first.

    Either ``candidates`` is set (possibly several), or ``hint`` (the code of a known wrong barcode), or
    both: then the hint is for the case that no candidate leads anywhere, because neither labels nor shops
    print such a code. Command codes are recognized before (``command_codes``).
    """

    raw: str
    candidates: tuple[Candidate, ...] = ()
    hint: str = ""


def as_compared(code: str) -> str:
    """Normalize a code for comparison with stored ones: upper case, without spaces and invisible
    characters.
    """
    if code.isprintable():  # of the printable characters only the space itself is one
        return code.replace(" ", "").upper()
    return "".join(sign for sign in code if sign.isprintable() and not sign.isspace()).upper()


def has_aim(text: str) -> bool:
    """Whether a code starts with an AIM identifier."""
    return _AIM.match(text) is not None


def without_aim(text: str) -> str:
    """Strip an AIM identifier."""
    return text[3:] if has_aim(text) else text
