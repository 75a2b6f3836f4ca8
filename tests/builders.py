"""Builders of domain values for tests: sensible defaults, any field by keyword.

Every function returns a whole, valid value; a test names only what it is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from loopdesk.domain.labels.scans import Candidate, CandidateKind, Scan
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Action, Kind, canonical, marked, payload_sha
from loopdesk.domain.outbox.stages import Entry, Stage, marker_of
from loopdesk.domain.returns.grading import Disposition, Draft, ExtraItem, Grade, Inspection
from loopdesk.domain.returns.returns import (
    Exchange,
    Fingerprint,
    LineItem,
    Money,
    Outcome,
    Parcel,
    Return,
    ReturnState,
    Totals,
    fingerprint,
)
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.ports.store import KeepRequest, Mystery
from tests.kinds import GATED, VALUES

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""The moment at which tests take place."""

RETURN_ID = "70000001"
LINE_ID = "80000001"
OPERATOR = Operator(name="Ana")
STATION = "dock 1"
KEY_FINGERPRINT = "kf-0001"


def a_money(amount: str = "49.34", currency: str = "USD") -> Money:
    """Build an exact amount."""
    return Money(Decimal(amount), currency)


def a_line(line_item_id: str = LINE_ID, **fields: Any) -> LineItem:
    """Build a line item: one T-shirt to be refunded."""
    line = LineItem(
        line_item_id=line_item_id,
        title="Linen shirt",
        variant_title="Blue / M",
        sku="LS-BLU-M",
        barcode="4006381333931",
        price=a_money(),
        refund=a_money(),
        reason="Too small",
        outcome_raw="default",
        provider_line_item_id=f"9{line_item_id}",
    )
    return replace(line, **fields)


def lines(count: int, first: int = int(LINE_ID), **fields: Any) -> tuple[LineItem, ...]:
    """Build several lines with ids that follow one another."""
    return tuple(a_line(str(first + n), **fields) for n in range(count))


def a_parcel(tracking_number: str = "1Z999AA10123456784", **fields: Any) -> Parcel:
    """Build a parcel that was delivered."""
    return replace(Parcel("ups", tracking_number, status="delivered", updated_at=AT), **fields)


def an_exchange(exchange_id: str = "60000001", **fields: Any) -> Exchange:
    """Build an item that the shopper gets in exchange."""
    exchange = Exchange(exchange_id, "Linen shirt", sku="LS-BLU-L", kind="product", total=a_money())
    return replace(exchange, **fields)


def a_return(return_id: str = RETURN_ID, **fields: Any) -> Return:
    """Build an open return with one line, one parcel and a refund; ``state`` also sets its raw word."""
    state = ReturnState(fields.pop("state", ReturnState.OPEN))
    outcome = Outcome(fields.pop("outcome", Outcome.REFUND))
    ret = Return(
        return_id=return_id,
        state=state,
        state_raw=state.value,
        order_name="#1164",
        outcome=outcome,
        outcome_raw=outcome.value,
        lines=(a_line(),),
        parcels=(a_parcel(),),
        totals=Totals(total=a_money(), refund=a_money()),
        currency="USD",
        customer_name="Robin Doe",
        customer_email="robin@example.com",
        order_number="164",
        provider_order_id="5550001164",
        destination_id="11",
        tells_payment=True,
        created_at=AT,
        updated_at=AT,
    )
    return replace(ret, **fields)


def an_inspection(line_item_id: str = LINE_ID, **fields: Any) -> Inspection:
    """Build a decision: grade A, back to stock."""
    found = Inspection(line_item_id, Grade.A, Disposition.BACK_TO_STOCK, OPERATOR, AT)
    return replace(found, **fields)


def a_draft(return_id: str = RETURN_ID, **fields: Any) -> Draft:
    """Build a draft with one line decided and seen."""
    draft = Draft(return_id, (an_inspection(),), seen=((LINE_ID, AT),), selected=LINE_ID, updated_at=AT)
    return replace(draft, **fields)


def a_full_draft(return_id: str = RETURN_ID) -> Draft:
    """Build a draft in which every field says something."""
    return Draft(
        return_id=return_id,
        inspections=(
            an_inspection(note="a scratch", photos=("ab12.jpg",)),
            an_inspection("80000002", grade=Grade.MISSING, disposition=Disposition.MISSING),
        ),
        seen=((LINE_ID, AT), (LINE_ID, AT.replace(microsecond=250))),
        carried=((LINE_ID, "10", "LOT7"),),
        extras=(ExtraItem(AT, words="a red sock"),),
        notes=("box was wet",),
        flag_reason="looks worn",
        empty_box=True,
        wrong_parcel=True,
        not_waiting=True,
        chosen="flag",
        selected=LINE_ID,
        parked=True,
        updated_at=AT,
    )


def a_paid_return(return_id: str = RETURN_ID, **fields: Any) -> Return:
    """Build a closed return that Loop says it processed."""
    paid = {"state": ReturnState.CLOSED, "was_processed": True}
    return a_return(return_id, **paid | fields)


def a_fingerprint(**fields: Any) -> Fingerprint:
    """Build the fingerprint of the default return."""
    return replace(fingerprint(a_return()), **fields)


def a_payload(kind: Kind, target: str = LINE_ID) -> dict[str, Any]:
    """Build the payload that a kind of action carries."""
    stamp = AT.strftime("%Y-%m-%d %H:%M:%S")
    about = {"line_item_id": target, "return_processor": OPERATOR.name, "note": "", "inspected_at": stamp}
    match kind:
        case Kind.GRADE:
            grade = {"condition_category": "grade_a", "description": "As new, complete", "images": []}
            return about | grade
        case Kind.ASSESS:
            return about | {"disposition_outcome": "back_to_stock"}
        case Kind.NOTE:
            return {"content": f"Box was wet. {OPERATOR.name}, {STATION}"}
        case Kind.REMOVE:
            return {"line_item_ids": [target]}
        case Kind.FLAG:
            return {"reason": "looks worn"}
        case _:
            return {}


def an_action(kind: Kind = Kind.GRADE, target: str = LINE_ID, **fields: Any) -> Action:
    """Build an action with the payload of its kind."""
    action = Action(kind, target if kind in VALUES else "", a_payload(kind, target))
    return replace(action, **fields)


def actions(*kinds: Kind, target: str = LINE_ID) -> tuple[Action, ...]:
    """Build one action of each kind, in that order."""
    return tuple(an_action(kind, target) for kind in kinds)


def a_keep_request(*kinds: Kind, **fields: Any) -> KeepRequest:
    """Build a settlement on its way into the outbox: grade, assess, note and process by default."""
    return_id = fields.get("return_id", RETURN_ID)
    request = KeepRequest(
        return_id=return_id,
        order_name="#1164",
        kind="process",
        actions=actions(*(kinds or (Kind.GRADE, Kind.ASSESS, Kind.NOTE, Kind.PROCESS))),
        seen=a_fingerprint(),
        draft=a_draft(return_id),
        operator=OPERATOR,
        station=STATION,
        key_fingerprint=KEY_FINGERPRINT,
        hold_seconds=8.0,
        decided_at=AT,
    )
    return replace(request, **fields)


def an_entry(seq: int = 1, kind: Kind = Kind.GRADE, stage: Stage = Stage.READY, **fields: Any) -> Entry:
    """Build an entry of the default return; payload, hash and marker fit together."""
    entry_id = fields.pop("entry_id", f"{seq:032x}")
    target = fields.pop("target", LINE_ID if kind in VALUES else "")
    marker = marker_of(entry_id) if kind is Kind.NOTE else ""
    payload = fields.pop("payload", None)
    if payload is None:
        payload = a_payload(kind, target or LINE_ID)
        if kind is Kind.NOTE:
            payload["content"] = marked(payload["content"], marker)
    entry = Entry(
        seq=seq,
        entry_id=entry_id,
        settlement_id=f"{1:032x}",
        return_id=RETURN_ID,
        order_name="#1164",
        kind=kind,
        target=target,
        payload=payload,
        payload_sha=payload_sha(canonical(payload)),
        marker=marker,
        stage=stage,
        reason=None,
        seen=a_fingerprint() if kind in GATED else None,
        found=None,
        operator=OPERATOR,
        station=STATION,
        key_fingerprint=KEY_FINGERPRINT,
        hold_seconds=8.0,
        decided_at=AT,
        moved_at=AT,
    )
    return replace(entry, **fields)


_RETURNS = TypeAdapter(Return)


def as_listed(ret: Return) -> Return:
    """Leave out what Loop's list never tells: the shopper's name, pictures and variant titles."""
    bare = tuple(replace(line, image_url="", variant_title="") for line in ret.lines)
    return replace(ret, customer_name="", lines=bare)


def a_body(ret: Return) -> str:
    """Build a stand-in for Loop's JSON of a return; ``rebuild`` reads it."""
    return _RETURNS.dump_json(ret).decode()


def rebuild(body: str, is_details: bool) -> Return:
    """Make a return from ``a_body``'s text; stands in for the translation of Loop's JSON."""
    ret = _RETURNS.validate_json(body)
    return ret if is_details else as_listed(ret)


def a_fetched(ret: Return | None = None, *, is_details: bool = True) -> Fetched:
    """Build Loop's answer about a return, from details or from the list."""
    ret = ret or a_return()
    ret = ret if is_details else as_listed(ret)
    return Fetched(ret, a_body(ret), is_details)


def a_scan(raw: str = "1Z999AA10123456784", **fields: Any) -> Scan:
    """Build a scan by the gun."""
    return replace(Scan(raw, AT), **fields)


def candidates(*codes: str, kind: CandidateKind = CandidateKind.TRACKING) -> tuple[Candidate, ...]:
    """Build candidates of one kind, most likely first."""
    return tuple(Candidate(code, kind, "as_scanned") for code in codes)


def a_mystery(code: str = "1Z999AA10999999999", **fields: Any) -> Mystery:
    """Build a parcel that no return was found for."""
    return replace(Mystery(0, code, AT, OPERATOR, STATION, words="blue box", shelf="M1"), **fields)


def ids_of(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the ids of entries, in their order."""
    return tuple(entry.entry_id for entry in entries)
