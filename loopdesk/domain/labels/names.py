"""How Loop and the shop name a return or an order: names, numbers, bags, in any form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from loopdesk.domain.labels.scans import Candidate, CandidateKind
from loopdesk.domain.returns.returns import is_loop_id

_ORDER = re.compile(r"#[0-9A-Z][0-9A-Z._/-]{0,30}", re.ASCII)
_PREFIXED = re.compile(r"[A-Z]{1,8}[-_.]?[0-9]{3,10}(?:[-.][0-9A-Z]{1,6})?", re.ASCII)
_DIVIDED = re.compile(r"[0-9]{3,10}[-.][0-9A-Z]{1,6}", re.ASCII)
_ANY_ORDER = re.compile(r"(?=.*[0-9])(?=.*[^0-9A-Z])(?:[^\W_]|[-_./+&@#]){2,32}")
"""An order name in a form that only the shop knows, in any script."""

_RMA = re.compile(r"(?:RMA|RETURN|LOOP)(?:ID|NO\.?|NUMBER)?[#:-]{0,2}([0-9]{1,19})", re.ASCII)
_ORDER_CAPTION = re.compile(r"ORDER(?:ID|NO\.?|NUMBER)?[#:-]{0,2}(?=[0-9A-Z._/-]*[0-9])", re.ASCII)
_HAPPY = re.compile(r"HR[0-9A-Z-]{4,30}", re.ASCII)
_SHORT_ID = 6
_HAPPY_KINDS = (CandidateKind.PACKAGE, CandidateKind.SCANNABLE, CandidateKind.RMA, CandidateKind.BOX)


def stored_so(code: str) -> Iterator[Candidate]:
    """The whole code, in any script and form, as a number, a bag or an order's name."""
    yield Candidate(code, CandidateKind.TRACKING, "exact", is_exact=True)
    yield Candidate(code, CandidateKind.ORDER_NAME, "order_name", is_exact=True, is_local=True)


def named(text: str, order_prefixes: Sequence[str]) -> Iterator[Candidate]:
    """Codes that say what they are: ``#1164``, ``RMA 123``, a known prefix, a bag."""
    if _ORDER.fullmatch(text):
        yield Candidate(text, CandidateKind.ORDER_NAME, "order_name")
        yield Candidate(text[1:], CandidateKind.ORDER_NAME, "order_name_without_hash")
    caption = _ORDER_CAPTION.match(text)
    if caption:
        bare = text[caption.end() :]
        yield Candidate(bare, CandidateKind.ORDER_NAME, "captioned_order_name")
        yield Candidate(f"#{bare}", CandidateKind.ORDER_NAME, "captioned_order_name_with_hash")
    plain = text.removeprefix("#")
    for prefix in order_prefixes:
        wanted = "".join(prefix.split()).upper()
        if wanted and plain.startswith(wanted) and any(sign.isdigit() for sign in plain[len(wanted) :]):
            yield Candidate(plain, CandidateKind.ORDER_NAME, "prefixed_order_name")
            yield Candidate(f"#{plain}", CandidateKind.ORDER_NAME, "prefixed_order_name_with_hash")
    rma = _RMA.fullmatch(text)
    if rma:
        yield Candidate(rma[1], CandidateKind.RETURN_ID, "rma")
    if _HAPPY.fullmatch(text):
        yield from (Candidate(text, kind, "happy_returns") for kind in _HAPPY_KINDS)


def numbers(text: str) -> Iterator[Candidate]:
    """Plain digits: return id, order name, provider's order id; short ones are order names first."""
    if not is_loop_id(text):
        return
    return_id = Candidate(text, CandidateKind.RETURN_ID, "rma")
    if len(text) > _SHORT_ID:
        yield return_id
    if len(text) <= 10:
        # Without the ``#`` first: an order with the shop's prefix has that number too, and a person chooses.
        yield Candidate(text, CandidateKind.ORDER_NAME, "order_number")
        yield Candidate(f"#{text}", CandidateKind.ORDER_NAME, "order_number_with_hash")
    if len(text) <= _SHORT_ID:
        yield return_id
    if len(text) >= 9:
        yield Candidate(text, CandidateKind.PROVIDER_ORDER_ID, "shop_order_id")


def orders(text: str) -> Iterator[Candidate]:
    """Order names with letters or a part number, in a form that is not configured."""
    if _PREFIXED.fullmatch(text) or _DIVIDED.fullmatch(text):
        yield Candidate(text, CandidateKind.ORDER_NAME, "order_name")
        yield Candidate(f"#{text}", CandidateKind.ORDER_NAME, "order_name_with_hash")
    elif _ANY_ORDER.fullmatch(text):
        yield Candidate(text, CandidateKind.ORDER_NAME, "order_name")
