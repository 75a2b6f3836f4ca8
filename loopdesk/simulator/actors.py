"""Other actors at Loop: the merchant's admin, the carrier, the shopper, and time.

Each act is a small JSON object with `act` and its arguments. Tests and practice mode send it through Python
or HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from loopdesk.simulator.happenings import pay_out, set_label
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.truth import Effect, Label, LineItem, Return

Act = dict[str, Any]
Record = TypeVar("Record", Return, LineItem)

_RETURN_FIELDS = frozenset(
    {
        "outcome",
        "type",
        "currency",
        "customer_email",
        "destination_id",
        "package_reference",
        "order_name",
        "refund_before_inspection",
        "process_on_scan",
        "no_label",
        "handling_fee",
    }
)
_LINE_FIELDS = frozenset(each.name for each in fields(LineItem)) - {"condition", "disposition"}
_MONEY = frozenset({"price", "discount", "tax", "handling_fee"})


def act(loop: Loop, what: Act) -> str:
    """Let another actor do something.

    Returns:
        The id of the return it acted on; of the first one in a shipment.

    Raises:
        KeyError: The return or line does not exist, or an argument is missing.
        ValueError: The act is unknown, or an argument has the wrong type.
    """
    if what.get("act") == "add_return":
        with loop.lock:
            ret = return_from(loop, what.get("spec", {}))
            loop.add(ret)
            return ret.return_id
    if what.get("act") == "process_shipment":
        return _process_shipment(loop, str(what["loop_shipment_id"]))
    doing = _ACTS.get(what.get("act", ""))
    if doing is None:
        known = ", ".join(("add_return", "process_shipment", *_ACTS))
        raise ValueError(f"no act is called {what.get('act')!r}; there are {known}")
    with loop.lock:
        ret = loop.get(str(what["return_id"]))
        loop.remember(ret, loop.now())
        doing(loop, ret, what)
        loop.watch(ret)
        loop.catch_up()
        return ret.return_id


def _process_shipment(loop: Loop, loop_shipment_id: str) -> str:
    """Take in a consolidated shipment, as Loop does once Happy Returns hands it over."""
    with loop.lock:
        found = next((x for x in loop.shipments if str(x.loop_shipment_id) == loop_shipment_id), None)
        if found is None:
            raise KeyError(loop_shipment_id)
        loop.processed_shipments.append(found)
        return found.items[0].return_id


def _set_state(loop: Loop, ret: Return, what: Act) -> None:
    """Set the state of a return as an admin would, optionally with `flagged`. To pay out, use `process`."""
    ret.state = str(what["state"])
    ret.flagged = bool(what.get("flagged", ret.state == "review"))
    ret.updated_at = loop.now()
    words = {"review": "flagged", "closed": "closed", "cancelled": "cancelled"}
    if ret.state in words:
        ret.effects.append(Effect(words[ret.state], loop.now(), str(what.get("by", "admin"))))
    if ret.state == "closed":
        ret.closed_at = loop.now()


def _process(loop: Loop, ret: Return, what: Act) -> None:
    """Pay out and close, as an admin or a carrier scan does."""
    pay_out(ret, loop.now(), str(what.get("by", "admin")))


def _edit(loop: Loop, ret: Return, what: Act) -> None:
    """Set fields of the return, as a shopper's edit does; with `unsaid` no timestamp changes."""
    _set_fields(ret, what["set"], _RETURN_FIELDS)
    _say_edited(loop, ret, what)


def _edit_line(loop: Loop, ret: Return, what: Act) -> None:
    """Set fields of one line; with `unsaid` no timestamp changes, as after an edit of the shop's catalog."""
    line = ret.line(str(what["line_item_id"]))
    if line is None:
        raise KeyError(what["line_item_id"])
    _set_fields(line, what["set"], _LINE_FIELDS)
    _say_edited(loop, ret, what)


def _say_edited(loop: Loop, ret: Return, what: Act) -> None:
    if not what.get("unsaid"):
        ret.edited_at = ret.updated_at = loop.now()


def _add_line(loop: Loop, ret: Return, what: Act) -> None:
    """Add a unit to the return."""
    ret.lines.append(_line_from(loop, what.get("line", {})))
    loop.index.add(ret)
    ret.edited_at = ret.updated_at = loop.now()


def _drop_line(loop: Loop, ret: Return, what: Act) -> None:
    """Remove a unit without processing anything."""
    ret.lines = [line for line in ret.lines if line.line_item_id != str(what["line_item_id"])]
    ret.edited_at = ret.updated_at = loop.now()


def _add_note(loop: Loop, ret: Return, what: Act) -> None:
    """Write a note as an admin does, of any length."""
    loop.write_note(ret, str(what["content"]), by=str(what.get("by", "admin")))


def _label(loop: Loop, ret: Return, what: Act) -> None:
    """Advance a label (the first, or the one with `tracking_number`); create it if it does not exist."""
    number = what.get("tracking_number")
    found = next((each for each in ret.labels if number in (None, each.tracking_number)), None)
    status = str(what.get("status", "in_transit"))
    if found is not None:
        found.plan.clear()
        set_label(loop, ret, found, status, loop.now())
        return
    ids = [str(each) for each in what.get("line_item_ids", [line.line_item_id for line in ret.lines])]
    carrier = str(what.get("carrier", "USPS"))
    url = f"https://labels.example.test/{ret.return_id}.pdf"
    made = Label(str(number), carrier, "new", loop.now(), url, line_item_ids=ids)
    ret.labels.append(made)
    set_label(loop, ret, made, status, loop.now())


def _hurry(loop: Loop, ret: Return, _what: Act) -> None:
    """Make every queued job of the return due now."""
    for job in ret.jobs:
        job.due = loop.now()


_ACTS: dict[str, Callable[[Loop, Return, Act], None]] = {
    "set_state": _set_state,
    "process": _process,
    "edit": _edit,
    "edit_line": _edit_line,
    "add_line": _add_line,
    "drop_line": _drop_line,
    "add_note": _add_note,
    "label": _label,
    "hurry": _hurry,
}


def return_from(loop: Loop, spec: dict[str, Any]) -> Return:
    """Make a return from a short description; everything left out gets a default.

    Args:
        loop: Supplies free ids and the time.
        spec: `return_id`, `order_name`, `provider_order_id`, `state`, `flagged`, `lines` (each with any field
            of a line), `tracking_number`, `carrier`, `label_status`, `age_seconds`, and any of the return's
            editable fields (`outcome`, `destination_id` …).
    """
    given = dict(spec)
    serial = loop.next_serial()
    made_at = (loop.now() - timedelta(seconds=float(given.pop("age_seconds", 3600)))).replace(microsecond=0)
    lines = [_line_from(loop, each) for each in given.pop("lines", [{}])]
    ret = Return(
        return_id=str(given.pop("return_id", 95_000_000 + serial)),
        order_id=str(56_000_000 + serial),
        order_name=str(given.pop("order_name", f"#{50_000 + serial}")),
        provider_order_id=str(given.pop("provider_order_id", 5_600_000_000_000 + serial)),
        created_at=made_at,
        updated_at=made_at,
        lines=lines,
        state=str(given.pop("state", "open")),
        flagged=bool(given.pop("flagged", False)),
    )
    number = given.pop("tracking_number", None)
    carrier, status = str(given.pop("carrier", "USPS")), str(given.pop("label_status", "delivered"))
    if number is not None:
        ids = [line.line_item_id for line in lines]
        url = f"https://labels.example.test/{ret.return_id}.pdf"
        ret.labels.append(Label(str(number), carrier, status, made_at, url, line_item_ids=ids))
    _set_fields(ret, given, _RETURN_FIELDS)
    return ret


def _line_from(loop: Loop, given: dict[str, Any]) -> LineItem:
    serial = loop.next_serial()
    line = LineItem(
        line_item_id=str(960_000_000 + serial),
        provider_line_item_id=str(14_000_000_000_000 + serial),
        title=f"Sample Item {serial}",
        price=Decimal("20.00"),
        sku=f"SAMPLE-{serial}",
    )
    _set_fields(line, given, _LINE_FIELDS)
    return line


def _set_fields(record: Record, given: dict[str, Any], allowed: frozenset[str]) -> None:
    """Set fields by name; money is parsed from text.

    Raises:
        ValueError: A name is not allowed, or money is not a number.
    """
    for name, value in given.items():
        if name not in allowed:
            raise ValueError(f"{name!r} cannot be set; only {sorted(allowed)}")
        if name in _MONEY:
            try:
                value = Decimal(str(value))
            except InvalidOperation as problem:
                raise ValueError(f"{value!r} is no amount of money") from problem
        elif name.endswith("_id") and value is not None:
            value = str(value)
        setattr(record, name, value)
