"""Whether Loop still shows what a person decided by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.reconcile import Conflict, Go, before
from loopdesk.domain.outbox.stages import Stage
from loopdesk.domain.returns.returns import Fingerprint, Return, Totals, fingerprint, has_changed
from tests.builders import AT, a_line, a_money, a_return, an_entry, an_exchange

LINE = a_line(
    product_id="700", variant_id="710", sku="TEE-M", price=a_money("46.00"), refund=a_money("46.00")
)
RET = a_return(
    lines=(LINE,),
    exchanges=(an_exchange(),),
    totals=Totals(a_money("46.00"), a_money("46.00"), None, None, None, a_money("1.00")),
)
SEEN = fingerprint(RET)


def line(**fields: Any) -> Return:
    return replace(RET, lines=(replace(LINE, **fields),))


CHANGES = {
    "product": line(product_id="701"),
    "variant": line(variant_id="711"),
    "sku": line(sku="TEE-L"),
    "price": line(price=a_money("45.00")),
    "line's refund": line(refund=a_money("0.00")),
    "line's outcome": line(outcome_raw="keep"),
    "another line": replace(RET, lines=(LINE, replace(LINE, line_item_id="80000009"))),
    "state": replace(RET, state_raw="review"),
    "outcome": replace(RET, outcome_raw="credit"),
    "currency": replace(RET, currency="EUR"),
    "destination": replace(RET, destination_id="12"),
    "type": replace(RET, kind="warranty"),
    "fee": replace(RET, totals=replace(RET.totals, handling_fee=a_money("5.00"))),
    "refund": replace(RET, totals=replace(RET.totals, refund=a_money("40.00"))),
    "exchange": replace(RET, exchanges=(replace(RET.exchanges[0], sku="OTHER"),)),
    "no exchange": replace(RET, exchanges=()),
    "edited": replace(RET, edited_at=AT),
}


@pytest.mark.fault(166)
@pytest.mark.parametrize("change", CHANGES)
def test_whatever_a_person_decided_by_is_compared_before_anything_leaves(change: str) -> None:
    entry = an_entry(1, Kind.PROCESS, Stage.READY, seen=SEEN)
    assert before(entry, RET) == Go(SEEN)
    assert before(entry, CHANGES[change]) == Conflict(fingerprint(CHANGES[change]))


@pytest.mark.parametrize("untold", ["product_id", "variant_id", "sku", "price", "refund"])
def test_what_one_answer_leaves_out_is_no_change(untold: str) -> None:
    fields: dict[str, Any] = {untold: None if untold in ("price", "refund") else ""}
    there = replace(LINE, **fields)
    left = fingerprint(replace(RET, lines=(there,)))
    assert not has_changed(SEEN, left)
    assert not has_changed(left, SEEN)


@pytest.mark.fault(166)
def test_an_entry_of_an_older_version_is_compared_by_what_it_knew() -> None:
    old = replace(
        SEEN,
        lines=tuple(
            replace(x, product_id="", variant_id="", sku="", price="", refund="") for x in SEEN.lines
        ),
        exchanges=tuple((x, "", "") for x, _, _ in SEEN.exchanges),
        currency="",
        handling_fee="",
        destination_id="",
        kind="",
        version=1,
    )
    entry = an_entry(1, Kind.PROCESS, Stage.READY, seen=old)
    assert isinstance(before(entry, RET), Go)
    assert isinstance(before(entry, CHANGES["sku"]), Go)
    assert isinstance(before(entry, CHANGES["line's outcome"]), Conflict)
    assert isinstance(before(entry, CHANGES["refund"]), Conflict)
    assert isinstance(before(entry, CHANGES["edited"]), Conflict)


def an_older(seen: Fingerprint, **fields: Any) -> Fingerprint:
    """Return what the first version kept of a picture."""
    bare = (replace(x, product_id="", variant_id="", sku="", price="", refund="") for x in seen.lines)
    plain: dict[str, Any] = {"currency": "", "handling_fee": "", "destination_id": "", "kind": ""}
    return replace(seen, **{"lines": tuple(bare), "exchanges": (), "version": 1, **plain, **fields})


def test_what_an_older_version_read_wrongly_is_no_change() -> None:
    large = a_money("1049.34")
    ret = replace(RET, exchanges=(), totals=Totals(large, large, None, None, None, None))
    seen = an_older(fingerprint(ret), totals=("0.00",) * 5)
    seen = replace(seen, lines=tuple(replace(x, exchange_variant="0") for x in seen.lines))
    assert not has_changed(seen, fingerprint(ret))
    assert has_changed(replace(seen, version=2), fingerprint(ret))
    small = replace(ret, totals=Totals(a_money("999.99"), None, None, None, None, None))
    assert has_changed(seen, fingerprint(small))
    exchange = replace(ret, lines=(replace(LINE, exchange_variant="White / L"),))
    assert has_changed(seen, fingerprint(exchange))
