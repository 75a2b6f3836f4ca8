"""Which codes lead to a return, which words find it, and how words are compared. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain

from loopdesk.domain.labels import layouts
from loopdesk.domain.labels.scans import CandidateKind, as_compared
from loopdesk.domain.returns.parcels import numbers_in
from loopdesk.domain.returns.returns import Return

NEAR_LEAST = 12
"""Fewest digits that a part of a longer number needs to lead to a return."""

NEAR_MOST = 48
"""Longest scan whose parts are looked up; no carrier barcode is longer."""

PARCEL_KINDS = frozenset(
    {
        CandidateKind.TRACKING,
        CandidateKind.PACKAGE,
        CandidateKind.SCANNABLE,
        CandidateKind.RMA,
        CandidateKind.BOX,
        CandidateKind.CONSOLIDATION,
    }
)
"""Numbers printed on parcels. A label does not say which kind it is, so they match each other."""

NEAR_KINDS = frozenset({CandidateKind.TRACKING, CandidateKind.CONSOLIDATION})
"""Numbers that carriers embed in longer ones."""

_NOTHING = frozenset({"", "N/A", "NA", "NULL", "NONE"})
_ONLY_PRINTED = re.compile(r"[-./_()']")
_SEVERAL = re.compile(r"[,;|\s]+")
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_TOKEN = re.compile(r"[0-9A-Z]+(?:[-./_][0-9A-Z]+)*", re.ASCII)
"""Runs separated by other characters; separators printed inside a number are part of it."""


Code = tuple[str, CandidateKind]


def canonical_code(text: str) -> str:
    """Normalize a code for the index: upper case, without spaces and control characters.

    Lone surrogates become U+FFFD, since a file cannot hold them.
    """
    return as_compared(storable(text))


def storable(text: str) -> str:
    """Replace lone surrogates with U+FFFD, so that the text can be stored as UTF-8."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def kinds_answering(kind: CandidateKind) -> frozenset[CandidateKind]:
    """Return the kinds of stored codes that match a candidate of this kind."""
    return PARCEL_KINDS if kind in PARCEL_KINDS else frozenset({kind})


def codes_of(ret: Return) -> frozenset[Code]:
    """List every code that a scan may carry for this return, normalized, with its kind.

    A carrier's number that Loop writes with hyphens or dots is also listed without them: barcodes have none.
    Full-width and other variant characters are also listed in plain form. If a field holds several numbers,
    or words next to one, each number is listed.
    """
    return frozenset(
        (code, kind)
        for text, kind in _raw_codes(ret)
        for one in (text, *(numbers_in(text) if kind in NEAR_KINDS else ()))
        for code in _spellings(one, kind)
        if code not in _NOTHING
    )


def _spellings(text: str, kind: CandidateKind) -> Iterator[str]:
    plain = layouts.folded(text)
    for code in {canonical_code(text)} | ({canonical_code(plain)} if plain != text else set()):
        yield code
        if kind in NEAR_KINDS:
            yield _ONLY_PRINTED.sub("", code)


def _raw_codes(ret: Return) -> Iterator[tuple[str, CandidateKind]]:
    yield ret.return_id, CandidateKind.RETURN_ID
    yield from ((name, CandidateKind.ORDER_NAME) for name in order_names(ret.order_name))
    yield ret.provider_order_id, CandidateKind.PROVIDER_ORDER_ID
    yield from ((parcel.tracking_number, CandidateKind.TRACKING) for parcel in ret.parcels)
    yield from ((line.consolidation_tracking, CandidateKind.CONSOLIDATION) for line in ret.lines)
    # Happy Returns lists several bags in one text if a return came in several.
    yield from ((part, CandidateKind.PACKAGE) for part in _SEVERAL.split(ret.package_reference))
    yield ret.rma_id, CandidateKind.RMA
    yield ret.scannable_id, CandidateKind.SCANNABLE


def order_names(order_name: str) -> tuple[str, ...]:
    """List how people write an order name: as it is, with and without ``#``, and digits only."""
    bare = order_name.strip().removeprefix("#")
    digits = _DIGITS.search(bare)
    return tuple(
        name for name in (bare, f"#{bare}" if bare else "", digits.group() if digits else "") if name
    )


def tail_of(code: str, kind: CandidateKind) -> str | None:
    """Return a code reversed, so that an index can find it by its end; None if that is not allowed."""
    return code[::-1] if kind in NEAR_KINDS and _digit_count(code) >= NEAR_LEAST else None


def parts_of(code: str) -> tuple[str, ...]:
    """List the parts of a long code that may be the number Loop stores, longest first.

    A part has at least twelve digits and is shorter than the code. Either it ends where the code ends, since
    carriers put routing before the number, or other characters delimit it on both sides. Any other run of
    digits could turn a number with a doubled or lost digit into a neighbor's.
    """
    if len(code) > NEAR_MOST:
        return ()
    ends = (code[start:] for start in range(1, len(code) - NEAR_LEAST + 1))
    parts = {
        part
        for part in chain(ends, _TOKEN.findall(code))
        if part != code and _digit_count(part) >= NEAR_LEAST
    }
    return tuple(sorted(parts, key=lambda part: (-len(part), part)))


def beginnings_of(code: str, most: int) -> tuple[str, ...]:
    """List the prefixes of a code, longest first, that may be another number, concatenated with its end.

    Args:
        most: Maximum length of a prefix.
    """
    if len(code) > NEAR_MOST:
        return ()
    beginnings = (code[:size] for size in range(most, NEAR_LEAST - 1, -1))
    return tuple(part for part in beginnings if _digit_count(part) >= NEAR_LEAST)


def may_be_near(code: str, kind: CandidateKind) -> bool:
    """Tell whether a candidate without a hit may be tried as the end or a part of a number."""
    return kind in PARCEL_KINDS and _digit_count(code) >= NEAR_LEAST


def _digit_count(text: str) -> int:
    return sum(map(text.count, "0123456789"))


def words_of(ret: Return) -> str:
    """Collect what a person may search for: order, shopper, SKU, title, tracking number, reason; each
    once.
    """
    of_lines = chain.from_iterable(
        (x.title, x.variant_title, x.sku, x.barcode, x.reason, x.parent_reason, x.comment) for x in ret.lines
    )
    own = (ret.order_name, ret.return_id, ret.customer_name, ret.customer_email, ret.provider_order_id)
    numbers = (parcel.tracking_number for parcel in ret.parcels)
    more = (ret.package_reference, ret.rma_id, ret.scannable_id)
    texts = (storable(text).replace("\0", " ").strip() for text in chain(own, numbers, more, of_lines))
    return "\n".join(dict.fromkeys(text for text in texts if text.upper() not in _NOTHING))


WORDS_MOST = 12
"""Maximum number of words in a query; each one costs time, and no person types more."""

_SEPARATORS = re.compile(r"[\x00-\x1f\x7f\s]+")

_NO_ACCENT = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
"""Letters that Unicode does not decompose, but that people type without the mark."""


def folded(text: str) -> str:
    """Normalize a text for the index; queries are normalized the same way."""
    plain = text.isascii() and text.lower()
    if plain:
        return plain
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", storable(text)).casefold())
    return "".join(ch for ch in parts if not unicodedata.combining(ch)).translate(_NO_ACCENT)


def question_words(text: str) -> tuple[str, ...]:
    """Split a query into distinct normalized words, without the ``#`` before a number."""
    words = (word.lstrip("#") for word in _SEPARATORS.split(folded(text)))
    return tuple(dict.fromkeys(word for word in words if word))[:WORDS_MOST]
