"""Web links in QR codes: numbers are extracted from them, the link itself is never opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from loopdesk.domain.labels.check_digits import has_mod10_31
from loopdesk.domain.labels.gs1 import item_number
from loopdesk.domain.labels.rules import matches
from loopdesk.domain.labels.scans import Candidate, CandidateKind, as_compared
from loopdesk.domain.returns.returns import is_loop_id

_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}://|www\.)\S+"
    r"|(?:[a-z0-9-]+\.)+(?:com|net|org|info|eu|io|app|link|shop|store|group|express|global|[a-z]{2})/\S*",
    re.IGNORECASE | re.ASCII,
)
_LOOP_HOST = "loopreturns.com"
_ID_NAMES = frozenset({"return_id", "returnid", "rma", "rma_id", "rmaid"})
_ID_NAMES_AT_LOOP = _ID_NAMES | {"id", "return", "search", "query", "q"}
_ORDER_NAMES = frozenset({"order", "order_name", "ordername", "order_number"})
_ID_PARENTS = frozenset({"return", "returns", "rma", "status", "details"})
_ORDER_PARENTS = frozenset({"order", "orders"})
_SHOP_HOSTS = ("myshopify.com", "admin.shopify.com")
_LEAST_LOOP_ID = 6
_LEAST_SHOP_ID = 9
"""From this many digits on a bare number in a link is a return's at Loop, and an order's at the shop."""
_TRACKING_NAMES = frozenset(
    [
        "awb",
        "consignment",
        "id",
        "inquirynumber",
        "inquirynumber1",
        "match",
        "num",
        "number",
        "nums",
        "objects",
        "parcelnumber",
        "piececode",
        "pin",
        "pro",
        "pronumber",
        "query",
        "qtc_tlabels1",
        "searchfor",
        "searchvalue",
        "tlabels",
        "tn",
        "tracking",
        "tracking-id",
        "tracking_id",
        "tracking_number",
        "tracking_numbers",
        "trackid",
        "trackingid",
        "trackingids",
        "trackingnumber",
        "trackingnumbers",
        "tracknum",
        "tracknumber",
        "tracknumbers",
        "tracknums",
        "trk",
        "trkno",
        "trknbr",
    ]
)
"""Parameter names for the number in carriers' tracking links, in lower case."""

_TRACKING_PARENTS = frozenset(
    {"details", "p", "parcel", "parcels", "t", "track", "tracking", "tracking-results"}
)
"""Path segments before a number in such links."""

_BAG = re.compile(r"HR[0-9A-Z]{6,30}", re.ASCII)
_SSCC = 18
_Named = tuple[tuple[str, str], ...]
_BETWEEN = re.compile(r"[,;/\s]+")
_PARTS = re.compile(r"[^0-9A-Za-z]+")
_NUMBER = re.compile(r"(?=(?:[^0-9]*[0-9]){2})[^\s]{6,64}")
"""At least two digits, and too long to be a house number."""

_TIGHT = re.compile(r"[^0-9A-Za-z]")


def is_link(text: str) -> bool:
    """Tell whether a text is a web address, with or without its scheme."""
    return _LINK.fullmatch(text) is not None


def candidates(text: str) -> tuple[Candidate, ...]:
    """Return the numbers found in a link: a return's at Loop, an order's, a carrier's, a bag's.

    Args:
        text: A text for which ``is_link`` holds.

    Returns:
        Empty if the link names nothing the dock knows, or cannot be parsed.
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
        *_order_names(named, steps, at_loop),
        *_shop_orders(steps, host),
        *_tracking(named, steps),
        *_bags((*steps, *(value for _, value in named)), host),
        *_goods(steps),
        *_anything(named, steps),
    ]
    kept: dict[tuple[str, CandidateKind], Candidate] = {}
    for one in found:
        kept.setdefault((one.code, one.kind), one)
    return tuple(kept.values())


def _named(link: SplitResult) -> Iterator[tuple[str, str]]:
    """The parameters of a link, after ``?`` as well as after ``#…?`` and ``#``."""
    before, _, behind = link.fragment.partition("?")
    for query in (link.query, behind, before):
        try:
            pairs = parse_qsl(query, max_num_fields=50)
        except ValueError:
            continue
        for name, value in pairs:
            yield name.lower(), value.strip()


def _steps(link: SplitResult) -> Iterator[str]:
    """The path segments, including a path after ``#`` as on single-page sites."""
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
            yield Candidate(value, CandidateKind.RETURN_ID, "link_rma")
    for before, step in pairwise(("", *steps)):
        parent = before.lower()
        is_alone = at_loop and len(step) >= _LEAST_LOOP_ID and parent not in _ORDER_PARENTS
        if is_loop_id(step) and (parent in _ID_PARENTS or is_alone):
            yield Candidate(step, CandidateKind.RETURN_ID, "link_rma")


def _order_names(named: _Named, steps: tuple[str, ...], at_loop: bool) -> Iterator[Candidate]:
    if not at_loop:
        return
    texts = [value for name, value in named if name in _ORDER_NAMES]
    texts += [step for before, step in pairwise(steps) if before.lower() in _ORDER_PARENTS]
    for text in texts:
        code = text.upper().replace(" ", "")
        if code.isascii() and code.isprintable() and 0 < len(code) <= 32:
            yield Candidate(code, CandidateKind.ORDER_NAME, "link_order_name")


def _shop_orders(steps: tuple[str, ...], host: str) -> Iterator[Candidate]:
    if host.endswith(_SHOP_HOSTS):
        for before, step in pairwise(steps):
            if before.lower() in _ORDER_PARENTS and is_loop_id(step) and len(step) >= _LEAST_SHOP_ID:
                yield Candidate(step, CandidateKind.PROVIDER_ORDER_ID, "link_shop_order_id")


def _tracking(named: _Named, steps: tuple[str, ...]) -> Iterator[Candidate]:
    """Numbers that a carrier's link names, or that cannot be anything else wherever they occur."""
    texts = [(value, name in _TRACKING_NAMES) for name, value in named]
    texts += [(step, before.lower() in _TRACKING_PARENTS) for before, step in pairwise(("", *steps))]
    several = [(part, is_named) for value, is_named in texts for part in _BETWEEN.split(value)]
    for value, is_named in several:
        for match in matches(_TIGHT.sub("", value).upper()):
            if match.is_sound and (is_named or match.rule.is_distinct):
                rule = f"{match.rule.name}+in_link"
                yield Candidate(match.code, CandidateKind.TRACKING, rule)


def _anything(named: _Named, steps: tuple[str, ...]) -> Iterator[Candidate]:
    """Anything in a link that looks like a number, as in links of carriers that nobody listed.

    It counts only if a parcel has exactly that number; among several such parcels a person chooses.
    """
    for value in (*(value for _, value in named), *steps):
        compact = "".join(value.split())
        for part in dict.fromkeys((value, *_PARTS.split(value), *_PARTS.split(compact))):
            for code in dict.fromkeys((as_compared(part), _TIGHT.sub("", part).upper())):
                if _NUMBER.fullmatch(code):
                    rule = "link_number"
                    yield Candidate(code, CandidateKind.TRACKING, rule, is_joint=True, is_local=True)


def _bags(texts: tuple[str, ...], host: str) -> Iterator[Candidate]:
    if host.endswith("happyreturns.com"):
        for text in texts:
            if _BAG.fullmatch(text.upper()):
                for kind in (CandidateKind.PACKAGE, CandidateKind.SCANNABLE, CandidateKind.RMA):
                    yield Candidate(text.upper(), kind, "link_happy_returns")


def _goods(steps: tuple[str, ...]) -> Iterator[Candidate]:
    """Products and containers in a GS1 Digital Link: alternating segments of identifier and value."""
    for identifier, value in pairwise(steps):
        if identifier == "01" and value.isdigit() and has_mod10_31(value):
            yield Candidate(item_number(value.zfill(14)), CandidateKind.ITEM, "link_item")
        if identifier in ("401", "402") and _TIGHT.sub("", value):
            rule = "link_shipment"
            yield Candidate(value.upper(), CandidateKind.TRACKING, rule)
        if identifier == "00" and len(value) == _SSCC and has_mod10_31(value):
            rule = "link_sscc"
            yield Candidate(value, CandidateKind.TRACKING, rule)
