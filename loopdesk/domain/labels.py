"""Tells what a scan may stand for: candidates in order, a command, or a known wrong barcode.

Nothing is looked up here and nothing is guessed: a candidate says what a text *would* be, and the
rule that says so is shown to the operator when it led to a return.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from loopdesk.domain import gs1, label_links, layouts, wrong_barcodes
from loopdesk.domain.check_digits import has_mod10_31
from loopdesk.domain.label_rules import Match, matches
from loopdesk.domain.returns import is_loop_id
from loopdesk.domain.scans import Candidate, CandidateKind, Meaning

MOST_CODE = 64
"""No candidate is longer."""

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]", re.ASCII)
_BLANKS = "".join(map(chr, range(0x21))) + "\x7f"
_UNPRINTED = re.compile(r"[\x00-\x20\x7f]")
_LOOSENED = re.compile(r"[-./\s()]")
_COMMAND = re.compile(r"LDCMD[0-9A-Z]{1,32}", re.ASCII)
_ORDER = re.compile(r"#[0-9A-Z][0-9A-Z._/-]{0,30}", re.ASCII)
_PREFIXED = re.compile(r"[A-Z]{1,8}[-_.]?[0-9]{3,10}(?:[-.][0-9A-Z]{1,6})?", re.ASCII)
_DIVIDED = re.compile(r"[0-9]{3,10}[-.][0-9A-Z]{1,6}", re.ASCII)
_RMA = re.compile(r"(?:RMA|RETURN|LOOP)[#:-]{0,2}([0-9]{1,19})", re.ASCII)
_HAPPY = re.compile(r"HR[0-9A-Z-]{4,30}", re.ASCII)
_GTIN_LENGTHS = (8, 12, 13, 14)
_SHORT_ID = 6

_PLAIN_KINDS = (
    CandidateKind.TRACKING,
    CandidateKind.PACKAGE,
    CandidateKind.SCANNABLE,
    CandidateKind.RMA,
    CandidateKind.BOX,
    CandidateKind.CONSOLIDATION,
)
_HAPPY_KINDS = (CandidateKind.PACKAGE, CandidateKind.SCANNABLE, CandidateKind.RMA, CandidateKind.BOX)


def classify(raw: str, *, order_prefixes: Sequence[str] = ()) -> Meaning:
    """Tell what a code may stand for.

    Args:
        raw: The code as it was read; may hold an AIM identifier, separators, spaces, wrong case.
        order_prefixes: What the shop puts before its order numbers, such as "EX".

    Returns:
        Candidates in the order in which they should be looked up: item numbers with a check digit,
        carriers' numbers, the code as it is, return id, order name, provider's order id, SKU.
        Never raises, whatever the text.
    """
    stripped = raw.strip(_BLANKS)
    body = _without_aim(stripped)
    visible = _UNPRINTED.sub("", body)
    text = visible.upper() if visible.isascii() else visible
    if not text:
        return Meaning(raw, hint=wrong_barcodes.EMPTY)
    hint = wrong_barcodes.hint(stripped, text)
    if hint:
        return Meaning(raw, hint=hint)
    if _COMMAND.fullmatch(text):
        return Meaning(raw, command=text)
    if label_links.is_link(visible):
        found = label_links.candidates(visible)
        return Meaning(raw, found) if found else Meaning(raw, hint=wrong_barcodes.LINK)
    return _number(raw, body, text, order_prefixes)


def _without_aim(text: str) -> str:
    return text[3:] if _AIM.match(text) else text


def _number(raw: str, body: str, text: str, order_prefixes: Sequence[str]) -> Meaning:
    """What a text may be that is no command, no link and no known wrong barcode."""
    suspected = layouts.suspected(text)
    if not suspected:
        found = _unique(_candidates(body, text, order_prefixes))
        return Meaning(raw, found) if found else Meaning(raw, hint=wrong_barcodes.TOO_LONG)
    proven = _unique(_through_layouts(text, only_distinct=False))
    return Meaning(raw, proven) if proven else Meaning(raw, hint=wrong_barcodes.layout_hint(suspected))


def _candidates(body: str, text: str, order_prefixes: Sequence[str]) -> Iterator[Candidate]:
    """Every candidate of a plain text, most likely first; doubles are taken out by the caller."""
    tight = _LOOSENED.sub("", text)
    found = tuple(matches(tight))
    doubt = next((match for match in found if match.rule.is_distinct and not match.is_sound), None)
    yield from _goods(tight)
    yield from gs1.candidates(_gs1_text(body))
    yield from (match.candidate() for match in found if match.is_proven or _cannot_be_else(match))
    if not any(match.is_proven for match in found):
        yield from _through_layouts(text, only_distinct=True)
    yield from _named(text, order_prefixes)
    yield from (match.candidate() for match in found if match.is_sound)
    yield from _as_it_is(text, tight, doubt)
    if not any(_cannot_be_else(match) for match in found):
        yield from _numbers(text)
        yield from _orders(text)
    yield Candidate(text, CandidateKind.ITEM, "SKU, or another code of the goods")


def _cannot_be_else(match: Match) -> bool:
    """Whether nothing else has this form, and its check digit, if it has one, is right."""
    return match.is_sound and match.rule.is_distinct


def _goods(tight: str) -> Iterator[Candidate]:
    """UPC and EAN, which prove themselves by their check digit."""
    if len(tight) in _GTIN_LENGTHS and has_mod10_31(tight):
        yield Candidate(tight, CandidateKind.ITEM, "Barcode of the goods (UPC or EAN)")
        yield Candidate(
            gs1.item_number(tight), CandidateKind.ITEM, "Barcode of the goods, leading zero removed"
        )


def _gs1_text(body: str) -> str:
    """The text for element strings: separators and brackets matter there, spaces do not."""
    return "".join(sign for sign in body if sign == gs1.GS or not _UNPRINTED.match(sign)).lstrip(gs1.GS)


def _named(text: str, order_prefixes: Sequence[str]) -> Iterator[Candidate]:
    """Codes that say themselves what they are: ``#1164``, ``RMA 123``, a known prefix, a bag."""
    if _ORDER.fullmatch(text):
        yield Candidate(text, CandidateKind.ORDER_NAME, "Order name")
        yield Candidate(text[1:], CandidateKind.ORDER_NAME, "Order name without #")
    plain = text.removeprefix("#")
    for prefix in order_prefixes:
        wanted = "".join(prefix.split()).upper()
        if wanted and plain.startswith(wanted) and any(sign.isdigit() for sign in plain[len(wanted) :]):
            yield Candidate(plain, CandidateKind.ORDER_NAME, f"Order name with the prefix {wanted}")
            yield Candidate(
                f"#{plain}", CandidateKind.ORDER_NAME, f"Order name with # and the prefix {wanted}"
            )
    rma = _RMA.fullmatch(text)
    if rma:
        yield Candidate(rma[1], CandidateKind.RETURN_ID, "Return number (RMA)")
    if _HAPPY.fullmatch(text):
        yield from (Candidate(text, kind, "Happy Returns code") for kind in _HAPPY_KINDS)


def _as_it_is(text: str, tight: str, doubt: Match | None) -> Iterator[Candidate]:
    """The whole code, exactly: also numbers of carriers that no rule knows."""
    for code, rule in ((text, "Exactly as printed"), (tight, "As printed, without spaces and hyphens")):
        if doubt:
            rule = f"Looks like a misread {doubt.rule.words}: the check digit is wrong"
        yield from (Candidate(code, kind, rule) for kind in _PLAIN_KINDS)


def _numbers(text: str) -> Iterator[Candidate]:
    """Plain digits: return id, order name, provider's order id; short ones are order names first."""
    if not is_loop_id(text):
        return
    return_id = Candidate(text, CandidateKind.RETURN_ID, "Return number (RMA)")
    if len(text) > _SHORT_ID:
        yield return_id
    if len(text) <= 10:
        yield Candidate(f"#{text}", CandidateKind.ORDER_NAME, "Order number with #")
        yield Candidate(text, CandidateKind.ORDER_NAME, "Order number")
    if len(text) <= _SHORT_ID:
        yield return_id
    if len(text) >= 9:
        yield Candidate(text, CandidateKind.PROVIDER_ORDER_ID, "Order id of the shop")


def _orders(text: str) -> Iterator[Candidate]:
    """Order names with letters or a part number, which nobody told the bench about."""
    if _PREFIXED.fullmatch(text) or _DIVIDED.fullmatch(text):
        yield Candidate(text, CandidateKind.ORDER_NAME, "Order name")
        yield Candidate(f"#{text}", CandidateKind.ORDER_NAME, "Order name with #")


def _through_layouts(text: str, *, only_distinct: bool) -> Iterator[Candidate]:
    """Numbers that a wrong keyboard garbled and a check digit proves.

    Args:
        only_distinct: Take only forms that nothing else has: the text itself does not look garbled.
    """
    for reading in layouts.readings(text):
        tight = _LOOSENED.sub("", _without_aim(reading.text)).upper()
        for match in matches(tight):
            if match.is_proven and (match.rule.is_distinct or not only_distinct):
                rule = f"{match.rule.words}, typed through {reading.layout}"
                yield Candidate(match.code, CandidateKind.TRACKING, rule)


def _unique(candidates: Iterator[Candidate]) -> tuple[Candidate, ...]:
    """Keep the first candidate of each number and kind, and only such as may stand in a lookup."""
    kept: dict[tuple[str, CandidateKind], Candidate] = {}
    for one in candidates:
        if 0 < len(one.code) <= MOST_CODE and one.code.isascii() and one.code.isprintable():
            kept.setdefault((one.code, one.kind), one)
    return tuple(kept.values())


def item_codes_equal(a: str, b: str) -> bool:
    """Tell whether two codes of goods are the same.

    Case and spaces do not count; a UPC-A equals the EAN-13 with a leading zero, and both equal the
    GTIN-14 with leading zeros. Two empty codes are not the same: nothing was compared.
    """
    first, second = _item_key(a), _item_key(b)
    return bool(first) and first == second


def _item_key(code: str) -> str:
    return gs1.item_number("".join(_without_aim(code.strip()).split()).upper())
