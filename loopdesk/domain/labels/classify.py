"""Tells what a scan may be: an ordered list of candidates, or a known wrong barcode.

Nothing is looked up here and nothing is decided: a candidate says what a text *would* be, and the rule that
says so is shown to the operator if it led to a return.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from loopdesk.domain.labels import gs1, layouts, links, names, splits, wrong_barcodes
from loopdesk.domain.labels.check_digits import has_fedex_mod11, has_gls, has_mod10_31
from loopdesk.domain.labels.rules import Match, likely, matches
from loopdesk.domain.labels.scans import Candidate, CandidateKind, Meaning, as_compared, has_aim, without_aim
from loopdesk.domain.scanner.burst import PREFIX

MOST_CODE = 128
"""No candidate is longer."""

_BLANKS = "".join(map(chr, range(0x21))) + "\x7f"
_UNPRINTED = re.compile(r"[\x00-\x20\x7f]")
_CODABAR = re.compile(r"[A-D][0-9]{10,16}[A-D]", re.ASCII)
_BETWEEN_LETTERS = re.compile(r"[A-DENT*]([0-9]{6,20})[A-DENT*]", re.ASCII)
"""Codabar's start and stop characters, in both spellings, around any number."""

_LOOSENED = re.compile(r"[-./\s()'_\x1d]")
_AROUND = "*\"'`,;:!?<>"
"""What scanners (the asterisks of Code 39) and copied text leave around a code."""

_LINE_ENDS = re.compile(r"[\r\n\x1e]+")
_FIELDS = re.compile(r"[|~]")
_COMMAND = re.compile(r"LDCMD(?:(?!LDCMD)[0-9A-Z]){1,32}", re.ASCII)
_CAPTION = re.compile(
    r"(?:USPS|FEDEX|UPS|DHL)?(?:TRK|TRACKING|PRO|AWB|WAYBILL)(?:NUMBER|NO|ID)?[#:]*(?=[0-9A-Z]{8})", re.ASCII
)
"""A printed caption that was typed along with its number."""

_POSTCODE_FIRST = re.compile(
    r"(?:(?:420[0-9A-Z]{3,9}|421[0-9]{3}[0-9A-Z]{3,9})\x1d"
    r"|(?:420|421124)(?:[A-Z][0-9]){3}|421840[0-9]{5}(?=9[1-5]))"
    r"(?P<rest>[^\x1d]{8,})(?:\x1d.*)?",
    re.IGNORECASE | re.ASCII,
)
"""A postcode, delimited by a separator or by its own form, and the number after it."""

_LETTERS_UNPROVEN = re.compile(r"[A-Z]{1,2}[0-9]{9,10}(?:[A-Z]{2})?", re.ASCII)
"""Numbers whose check digit does not cover their letters: postal numbers, waybills."""

_NOT_IN_NUMBERS = re.compile(r"[^0-9A-Z]")
_GTIN_LENGTHS = (8, 12, 13, 14)
_SHORT_GOODS = 8
_GLS = 11
_DIGITS = "0123456789"
_MOST_PIECES = 30
_MOST_FIELD_SIGNS = 4
_LEAST_TOGETHER = 19
_SMALL = "+small_letters"
_TWICE = "+read_twice"
_ONE_OF_SEVERAL = "+one_of_several"
_AT_ONCE = "+two_scanners"


def classify(raw: str, *, order_prefixes: Sequence[str] = ()) -> Meaning:
    """Tell what a code may stand for.

    Args:
        raw: The code as read; may contain an AIM identifier, separators, spaces, wrong case, the same code
            twice, or several codes of one label.
        order_prefixes: The shop's prefixes for order numbers, such as "EX".

    Returns:
        Candidates in lookup order (after those that are the whole code): item numbers with a check digit,
            carriers' numbers, the code as it is, return id, order name, provider's order id, SKU, guesses.
            Never raises, whatever the text.
    """
    shown = gs1.with_separators(raw.strip(_BLANKS))
    stripped = gs1.with_separators(layouts.folded(shown).strip(_BLANKS))
    visible = _UNPRINTED.sub("", without_aim(stripped))
    text = visible.upper() if visible.isascii() else visible
    if not text:
        return Meaning(raw, hint=wrong_barcodes.EMPTY)
    hint = wrong_barcodes.hint(stripped, text)
    if hint:
        return Meaning(raw, hint=hint)
    pieces = splits.lines(stripped)
    whole = _several(raw, pieces) if 1 < len(pieces) <= _MOST_PIECES else None
    if whole:
        return whole
    if len(stripped) > wrong_barcodes.most_characters(is_link=links.is_link(visible)):
        return Meaning(raw, hint=wrong_barcodes.TOO_LONG)
    if len(_LINE_ENDS.split(stripped)) > 2 or len(_FIELDS.findall(stripped)) > _MOST_FIELD_SIGNS:
        return Meaning(raw, hint=wrong_barcodes.STACKED)
    return _one(raw, shown, stripped, order_prefixes)


def _one(raw: str, shown: str, stripped: str, order_prefixes: Sequence[str]) -> Meaning:
    """What a text without line ends may be: a link or a number."""
    visible = _UNPRINTED.sub("", without_aim(stripped))
    text = visible.upper() if visible.isascii() else visible
    once = splits.repeated(text)
    if PREFIX in text:
        return Meaning(raw, hint=wrong_barcodes.COMMAND)
    if links.is_link(visible):
        found = links.candidates(visible)
        is_known = any(not candidate.is_local for candidate in found)
        return Meaning(raw, found, hint="" if is_known else wrong_barcodes.LINK)
    hint = wrong_barcodes.hint(once, once) if once else ""
    return Meaning(raw, hint=hint) if hint else _number(raw, shown, stripped, order_prefixes)


def _number(raw: str, shown: str, stripped: str, order_prefixes: Sequence[str]) -> Meaning:
    """What a text may be that is neither a link nor a known wrong barcode."""
    visible = _UNPRINTED.sub("", without_aim(stripped))
    text = visible.upper()
    as_read = as_compared(without_aim(shown))
    garbled = next((x.layout for x in layouts.readings(text) if _COMMAND.fullmatch(x.text)), "")
    if garbled:
        return Meaning(raw, hint=wrong_barcodes.layout_hint(garbled))
    typed = _UNPRINTED.sub("", without_aim(shown))
    suspected = layouts.suspected(typed)
    is_garbled = bool(suspected) and not text.isascii()
    remark = _SMALL if visible == visible.lower() != text else ""
    found: Iterator[Candidate] = chain(
        _through_layouts(typed, only_distinct=False) if suspected else (),
        () if is_garbled else _candidates(stripped, text, remark, typed, order_prefixes),
        names.stored_so(as_read),
        layouts.candidates(typed),
    )
    kept = _unique(found, frozenset({as_read, *_exactly(text)}))
    if not kept:
        return Meaning(raw, hint=wrong_barcodes.TOO_LONG)
    return Meaning(raw, kept, hint=wrong_barcodes.layout_hint(suspected) if suspected else "")


def _candidates(
    stripped: str, text: str, remark: str, typed: str, order_prefixes: Sequence[str]
) -> Iterator[Candidate]:
    """Every candidate of a plain text, most likely first; the caller removes duplicates.

    Args:
        remark: Its code, appended to that of a carrier's rule.
        typed: The text as received, with its case and punctuation.
    """
    tight = _CAPTION.sub("", _LOOSENED.sub("", text))
    found = tuple(matches(tight))
    doubt = next((match for match in found if match.rule.is_distinct and not match.is_sound), None)
    is_certain = any(match.is_certain for match in found)
    body = _gs1_text(without_aim(stripped))
    is_marked = stripped[:3].upper() in gs1.SYMBOLS or gs1.GS in body
    yield from _goods(tight)
    yield from gs1.candidates(body, is_marked=is_marked)
    yield from likely(found, remark, only_certain=True)
    yield from _behind_postcode(body, remark)
    if not is_certain:
        bare = _NOT_IN_NUMBERS.sub("", tight)
        if bare != tight:  # a scanner's own characters around the code, such as the * of Code 39
            yield from likely(matches(bare), remark, only_certain=True)
        yield from _through_layouts(typed, only_distinct=True)
        yield from _without_scanners_letter(tight)
    yield from names.named(text, order_prefixes)
    yield from likely(found, remark)
    yield from _as_it_is(text, tight, doubt)
    yield from _around_check_digit(tight)
    bare = text.strip(_AROUND)
    if bare != text:
        yield Candidate(bare, CandidateKind.TRACKING, "signs_removed")
        yield Candidate(bare, CandidateKind.ORDER_NAME, "signs_removed", is_local=True)
    inner = _BETWEEN_LETTERS.fullmatch(tight)
    if inner:
        rule = "codabar"
        yield Candidate(inner[1], CandidateKind.TRACKING, rule)
    if doubt is None or splits.repeated(tight):
        yield from _in_one_scan(tight, is_certain=is_certain)
    if not any(_cannot_be_else(match) for match in found):
        yield from names.numbers(text)
        yield from names.orders(text)
    if _LETTERS_UNPROVEN.fullmatch(tight) or not any(match.is_proven for match in found):
        yield from _through_layouts(typed, only_distinct=True, only_proven=False)
    yield Candidate(text, CandidateKind.ITEM, "goods")
    expanded = gs1.upc_e_expanded(tight)
    if expanded:
        rule = "upc_e_without_check_digit"
        yield Candidate(expanded, CandidateKind.ITEM, rule)


def _cannot_be_else(match: Match) -> bool:
    """Whether nothing else has this form, and its check digit, if any, is valid."""
    return match.is_sound and match.rule.is_distinct


def _around_check_digit(tight: str) -> Iterator[Candidate]:
    """GLS numbers, with and without the check digit: shops store and labels carry either form.

    Eleven digits may also be twelve with one lost, and the check digit that fits them cannot tell; then it is
    better to find nothing than a neighbor.
    """
    if not (tight.isascii() and tight.isdigit()):
        return
    if has_gls(tight):
        yield Candidate(tight[:-1], CandidateKind.TRACKING, "gls_check_digit_removed")
    elif len(tight) == _GLS:
        number = next(f"{tight}{digit}" for digit in _DIGITS if has_gls(f"{tight}{digit}"))
        longer = {f"{tight[:place]}{digit}{tight[place:]}" for place in range(_GLS + 1) for digit in _DIGITS}
        if not has_fedex_mod11(number):
            rivals = tuple(sorted(longer - {number}))
            yield Candidate(number, CandidateKind.TRACKING, "gls_check_digit_added", rivals=rivals)


def _several(raw: str, pieces: tuple[str, ...]) -> Meaning | None:
    """What codes mean that came in one scan, separated by line ends; None if nothing."""
    codes = tuple(dict.fromkeys(_tight(piece) for piece in pieces))
    if len(codes) == 1:
        again = classify(pieces[0])
        told = tuple(replace(x, rule=f"{x.rule}{_TWICE}") for x in again.candidates)
        return replace(again, raw=raw, candidates=told)
    hints = [wrong_barcodes.hint(piece, _tight(piece)) for piece in pieces]
    if all(hints):
        return Meaning(raw, hint=hints[0])
    named = tuple(dict.fromkeys(_tight(x) for x, hint in zip(pieces, hints, strict=True) if not hint))
    certain = tuple(code for code in named if splits.is_certain(code))
    others = tuple(code for code in named if code not in certain and splits.is_like_a_code(code))
    if not certain and len(others) < len(named):
        return None
    proven = _together(certain, _ONE_OF_SEVERAL, is_joint=bool(others))
    return Meaning(raw, _unique(chain(proven, _beside(others))))


def _beside(codes: tuple[str, ...]) -> Iterator[Candidate]:
    """Codes of unproven form that came in one scan with others."""
    for code in codes:
        rule = next((x.rule for x in likely(matches(code))), "as_printed")
        yield Candidate(code, CandidateKind.TRACKING, f"{rule}{_ONE_OF_SEVERAL}", is_joint=True)


def _in_one_scan(tight: str, *, is_certain: bool) -> Iterator[Candidate]:
    """The numbers in codes that were run together: one code twice, or several codes."""
    once = splits.repeated(tight)
    if once:
        yield from _together((once,), _TWICE)
        yield from _as_it_is(once, once, None, is_exact=False)
        yield from _goods(once)
    elif not is_certain and len(tight) > _LEAST_TOGETHER:
        for pieces, remark in (
            (splits.run_together(tight), _ONE_OF_SEVERAL),
            (splits.interleaved(tight), _AT_ONCE),
            (splits.inside(tight), "+inside_longer"),
        ):
            if pieces:
                yield from _together(tuple(dict.fromkeys(pieces)), remark)
                return


def _together(codes: tuple[str, ...], remark: str, *, is_joint: bool = False) -> Iterator[Candidate]:
    """The candidates of the codes of one scan; if there are several, every hit counts.

    Args:
        is_joint: The scan contains more codes.
    """
    numbers = [tuple(likely(matches(code), remark)) for code in codes]
    # FedEx prints one number in several lengths: the same ending means the same parcel.
    ends = {found[0].code[-12:] for found in numbers if found}
    for candidate in chain.from_iterable(numbers):
        yield replace(candidate, is_joint=is_joint or len(ends) > 1)


def _without_scanners_letter(tight: str) -> Iterator[Candidate]:
    """A number after the letter by which some scanners name the symbology, or between two of Codabar."""
    if tight[:1].isalpha():
        inside = matches(tight[1:-1]) if _CODABAR.fullmatch(tight) else ()
        for match in (*matches(tight[1:]), *inside):
            if match.is_certain and match.rule.proves:
                yield match.candidate("+scanners_letter_removed")


def _behind_postcode(body: str, remark: str) -> Iterator[Candidate]:
    """The number after a postcode, whatever its form."""
    found = _POSTCODE_FIRST.fullmatch(body)
    if not found:
        return
    tight = _tight(found["rest"])
    yield from likely(matches(tight), f"+postcode_removed{remark}")
    yield Candidate(tight, CandidateKind.TRACKING, "behind_postcode")


def _tight(text: str) -> str:
    """A code without AIM identifier, spaces and punctuation printed only for readability."""
    return _LOOSENED.sub("", _UNPRINTED.sub("", without_aim(text))).upper()


def _goods(tight: str) -> Iterator[Candidate]:
    """UPC and EAN, which are proven by their check digit."""
    if len(tight) in _GTIN_LENGTHS and has_mod10_31(tight):
        yield Candidate(tight, CandidateKind.ITEM, "gtin")
        yield Candidate(gs1.item_number(tight), CandidateKind.ITEM, "gtin_zero_removed")
    expanded = gs1.upc_e_expanded(tight) if len(tight) == _SHORT_GOODS else ""
    if expanded:
        yield Candidate(tight, CandidateKind.ITEM, "upc_e")
        yield Candidate(expanded, CandidateKind.ITEM, "upc_e_written_out")


def _gs1_text(body: str) -> str:
    """The text for element strings: separators and brackets matter there, spaces do not."""
    return "".join(sign for sign in body if sign == gs1.GS or not _UNPRINTED.match(sign)).lstrip(gs1.GS)


def _as_it_is(text: str, tight: str, doubt: Match | None, *, is_exact: bool = True) -> Iterator[Candidate]:
    """The whole code, exactly: including carriers' numbers that no rule knows."""
    for code, rule in ((text, "exact"), (tight, "exact_tight")):
        if doubt:
            rule = f"misread:{doubt.rule.name}"
        yield Candidate(code, CandidateKind.TRACKING, rule, is_exact=is_exact)


def _through_layouts(text: str, *, only_distinct: bool, only_proven: bool = True) -> Iterator[Candidate]:
    """Numbers that a wrong keyboard layout garbled.

    An AIM identifier that appears after undoing a layout proves that the layout was wrong, so any number
    after it counts.

    Args:
        only_distinct: Accept only forms that nothing else has: the text itself does not look garbled.
        only_proven: Leave out forms without a check digit. Swapping the check character of a form that has
            one does not make it valid.
    """
    if text.isdigit():  # no layout turns something else into digits only
        return
    is_marked = has_aim(text)
    for reading in layouts.readings(text):
        tight = _LOOSENED.sub("", without_aim(reading.text)).upper()
        is_wrong = not is_marked and has_aim(reading.text)
        for match in matches(tight):
            is_one = match.is_certain and (match.rule.is_distinct or not only_distinct)
            is_last = not only_proven and not match.rule.proves and not tight.isdigit()
            if is_one or is_last or (is_wrong and match.is_sound):
                rule = f"{match.rule.name}+typed:{reading.layout}"
                yield Candidate(match.code, CandidateKind.TRACKING, rule)


def _exactly(text: str) -> frozenset[str]:
    """The whole code, as read and without punctuation printed only for readability."""
    return frozenset({text, _LOOSENED.sub("", text)})


def _unique(candidates: Iterator[Candidate], whole: frozenset[str] = frozenset()) -> tuple[Candidate, ...]:
    """Keep the first candidate of each number and kind, and only those safe in a lookup.

    Args:
        whole: The codes that are the scan itself.
    """
    kept: dict[tuple[str, CandidateKind], Candidate] = {}
    for one in candidates:  # the first rule that leads to a number is the likeliest
        named = (one.code, one.kind)
        if named not in kept and 0 < len(one.code) <= MOST_CODE and one.code.isprintable():
            is_whole = not one.is_exact and one.code in whole and one.kind is not CandidateKind.ITEM
            kept[named] = replace(one, is_exact=True) if is_whole else one
    return tuple(kept.values())


def item_codes_equal(a: str, b: str) -> bool:
    """Tell whether two product codes are the same.

    Case and spaces do not matter; a UPC-A equals the EAN-13 with a leading zero, and both equal the GTIN-14
    with leading zeros. Two empty codes are not the same: nothing was compared.
    """
    first, second = item_key(a), item_key(b)
    return bool(first) and first == second


def item_key(code: str) -> str:
    """Return the common key of all codes of the same product; "" if the code names none."""
    return gs1.item_number("".join(without_aim(code.strip()).split()).upper())
