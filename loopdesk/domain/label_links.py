"""Web links in QR codes: a number is read out of them, the link itself is never opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from loopdesk.domain.check_digits import has_mod10_31
from loopdesk.domain.gs1 import item_number
from loopdesk.domain.label_matches import matches
from loopdesk.domain.returns import is_loop_id
from loopdesk.domain.scans import Candidate, CandidateKind

_LINK = re.compile(
    r"(?:https?://|www\.)\S+|(?:[a-z0-9-]+\.)+(?:com|net|org|io|app|link|shop|store|co|us|ca|uk|de|fr)/\S*",
    re.IGNORECASE | re.ASCII,
)
_LOOP_HOST = "loopreturns.com"
_ID_NAMES = frozenset({"return_id", "returnid", "rma", "rma_id", "rmaid"})
_ID_NAMES_AT_LOOP = _ID_NAMES | {"id", "return"}
_ORDER_NAMES = frozenset({"order", "order_name", "ordername", "order_number"})
_ID_PARENTS = frozenset({"return", "returns", "rma", "status", "details"})
_TRACKING_NAMES = frozenset(
    [
        "inquirynumber",
        "inquirynumber1",
        "qtc_tlabels1",
        "tlabels",
        "tracking",
        "tracking-id",
        "tracking_number",
        "tracking_numbers",
        "trackingid",
        "trackingnumber",
        "tracknum",
        "tracknumbers",
        "tracknums",
        "trknbr",
    ]
)
"""What carriers call the number in the links of their tracking pages, in lower case."""

_BAG = re.compile(r"HR[0-9A-Z]{6,30}", re.ASCII)
_SSCC = 18
_Named = tuple[tuple[str, str], ...]
_TIGHT = re.compile(r"[^0-9A-Za-z]")


def is_link(text: str) -> bool:
    """Tell whether a text is a web address, with or without its scheme."""
    return _LINK.fullmatch(text) is not None


def candidates(text: str) -> tuple[Candidate, ...]:
    """Return the numbers found in a link: a return's at Loop, an order's, a carrier's, a bag's.

    Args:
        text: A text for which ``is_link`` holds.

    Returns:
        Empty when the link names nothing the dock knows, or cannot be taken apart.
    """
    try:
        link = urlsplit(text if "//" in text.partition("?")[0] else f"//{text}")
        host = (link.hostname or "").lower()
    except ValueError:
        return ()
    at_loop = host == _LOOP_HOST or host.endswith(f".{_LOOP_HOST}")
    named = tuple(_named(link))
    steps = tuple(_steps(link))
    found = [
        *_return_ids(named, steps, at_loop),
        *_order_names(named, at_loop),
        *_tracking(named, steps),
        *_bags(steps, host),
        *_goods(steps),
    ]
    return tuple(dict.fromkeys(found))


def _named(link: SplitResult) -> Iterator[tuple[str, str]]:
    """The named values of a link, behind ``?`` as well as behind ``#…?``."""
    for query in (link.query, link.fragment.partition("?")[2]):
        try:
            pairs = parse_qsl(query, max_num_fields=50)
        except ValueError:
            continue
        for name, value in pairs:
            yield name.lower(), value.strip()


def _steps(link: SplitResult) -> Iterator[str]:
    """The steps of the path, and of a path behind ``#`` as single-page sites have."""
    for path in (link.path, link.fragment.partition("?")[0]):
        for step in path.split("/"):
            if step:
                yield unquote(step)


def _return_ids(
    named: tuple[tuple[str, str], ...], steps: tuple[str, ...], at_loop: bool
) -> Iterator[Candidate]:
    names = _ID_NAMES_AT_LOOP if at_loop else _ID_NAMES
    for name, value in named:
        if name in names and is_loop_id(value):
            yield Candidate(value, CandidateKind.RETURN_ID, "Return number in a web link")
    for before, step in zip(("", *steps), steps, strict=False):
        if is_loop_id(step) and (before.lower() in _ID_PARENTS or (at_loop and len(step) >= 4)):
            yield Candidate(step, CandidateKind.RETURN_ID, "Return number in a web link")


def _order_names(named: _Named, at_loop: bool) -> Iterator[Candidate]:
    for name, value in named:
        code = value.upper().replace(" ", "")
        if at_loop and name in _ORDER_NAMES and code.isascii() and code.isprintable() and 0 < len(code) <= 32:
            yield Candidate(code, CandidateKind.ORDER_NAME, "Order name in a web link")


def _tracking(named: _Named, steps: tuple[str, ...]) -> Iterator[Candidate]:
    """Numbers that a carrier's link names, or that cannot be anything else wherever they stand."""
    texts = [(value, name in _TRACKING_NAMES) for name, value in named] + [(step, False) for step in steps]
    for value, is_named in texts:
        for match in matches(_TIGHT.sub("", value).upper()):
            if match.is_sound and (is_named or (match.is_proven and match.rule.is_distinct)):
                rule = f"{match.rule.words}, in a web link"
                yield Candidate(match.code, CandidateKind.TRACKING, rule)


def _bags(steps: tuple[str, ...], host: str) -> Iterator[Candidate]:
    if host.endswith("happyreturns.com"):
        for step in steps:
            if _BAG.fullmatch(step.upper()):
                for kind in (CandidateKind.PACKAGE, CandidateKind.SCANNABLE, CandidateKind.RMA):
                    yield Candidate(step.upper(), kind, "Happy Returns code in a web link")


def _goods(steps: tuple[str, ...]) -> Iterator[Candidate]:
    """Goods and containers in a GS1 Digital Link: steps of identifier and value by turns."""
    for identifier, value in pairwise(steps):
        if identifier == "01" and value.isdigit() and has_mod10_31(value):
            yield Candidate(item_number(value.zfill(14)), CandidateKind.ITEM, "Item number in a web link")
        if identifier == "00" and len(value) == _SSCC and has_mod10_31(value):
            rule = "Shipping container number (SSCC) in a web link"
            yield Candidate(value, CandidateKind.TRACKING, rule)
