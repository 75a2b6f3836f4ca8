"""The actions a client can request for one return or its lines, and how Loop words its refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from loopdesk.simulator import scalars
from loopdesk.simulator.answers import (
    NO_RETURN,
    Reply,
    RoutedCall,
    accepted,
    error_message,
    errors_list,
    errors_object,
    gateway_refusal,
    invalid,
    plain_message,
)
from loopdesk.simulator.happenings import take_out
from loopdesk.simulator.http.render import condition, disposition
from loopdesk.simulator.loop import BUILT_IN_SUBJECT, GRADES, Loop
from loopdesk.simulator.scalars import stamp
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import STATES, Category, Condition, Disposition, Effect, LineItem, Return

# --- one return -------------------------------------------------------------------------------------

_DONE_WORDS = {
    "process": "processed",
    "flag": "flagged",
    "cancel": "cancelled",
    "close": "closed",
    "inspect": "inspected",
    "remove": "modified",
}

_REFUSALS: dict[str, dict[str, str]] = {
    "process": {
        "flagged": "flagged code",
        "review": "message",
        "closed": "errors",
        "cancelled": "message",
        "expired": "errors",
    },
    "flag": {
        "flagged": "errors",
        "review": "errors",
        "closed": "errors",
        "cancelled": "errors",
        "expired": "errors",
    },
    "cancel": {
        "flagged": "content",
        "review": "errors",
        "closed": "errors",
        "cancelled": "errors",
        "expired": "content",
    },
    "close": {"closed": "errors", "cancelled": "message", "expired": "errors"},
    "remove": {
        "flagged": "errors",
        "review": "errors",
        "closed": "modified",
        "cancelled": "modified",
        "expired": "errors",
    },
    "inspect": {"cancelled": "unprocessable"},
}
"""Action and standing to the shape of the refusal; any pair not listed is allowed."""


def standing(ret: Return) -> str:
    """The state, or `flagged` for an open return that carries the hidden marker."""
    return "flagged" if ret.flagged and ret.state == "open" else ret.state


def refusal_of(action: str, ret: Return, settings: Settings) -> Reply | None:
    """Why the action is refused now, or None if it is allowed.

    Args:
        action: `process`, `flag`, `cancel`, `close`, `remove` or `inspect` (grade and assess).
        ret: The return as it is now.
        settings: `allow_flagged` allows processing flagged and reviewed returns; `guards_queued` refuses
            every action while processing is queued.
    """
    where = standing(ret)
    if action == "process" and settings.allow_flagged and where in ("flagged", "review"):
        return None
    if settings.guards_queued and ret.jobs and action != "inspect":
        return errors_object("Return is being processed.", "UNPROCESSABLE_RETURN")
    shape = _REFUSALS[action].get(where)
    if shape is None and ret.state not in STATES and action != "inspect":
        shape = "errors"
    return None if shape is None else _worded(shape, action, where)


def _worded(shape: str, action: str, where: str) -> Reply:
    """The refusal in its shape; the odd wording is Loop's own."""
    text = f"Return is {where} and therefore cannot be {_DONE_WORDS[action]}."
    if shape == "flagged code":
        return errors_object(
            "Return is open and therefore cannot be processed.", "UNPROCESSABLE_FLAGGED_RETURN"
        )
    if shape == "errors":
        return errors_object(text, "UNPROCESSABLE_RETURN")
    if shape == "content":
        return plain_message(f"Return is {where} and cannot be processed.", word="content")
    if shape == "modified":
        return plain_message("Return cannot be modified.", status=422)
    if shape == "unprocessable":
        return errors_object(text, "UNPROCESSABLE_RETURN", status=422)
    return plain_message(text)


def process(loop: Loop, call: RoutedCall) -> Reply:
    """Queue processing. A body with arbitrary keys becomes a note and is attached to the orders created."""
    ret = loop.index.get(call.params["return_id"])
    no = errors_object(NO_RETURN) if ret is None else refusal_of("process", ret, loop.settings)
    if ret is None or no is not None:
        return no or errors_object(NO_RETURN)
    if isinstance(call.body, dict) and call.body:
        ret.additional_details.append(call.body)
        loop.write_note(ret, json.dumps(call.body, ensure_ascii=False), by="process")
    loop.queue(ret, "process", call)
    return accepted()


def flag(loop: Loop, call: RoutedCall) -> Reply:
    """Demand a human: set the state to review, or leave it open with the hidden marker."""
    ret = loop.index.get(call.params["return_id"])
    no = errors_object(NO_RETURN) if ret is None else refusal_of("flag", ret, loop.settings)
    if ret is None or no is not None:
        return no or errors_object(NO_RETURN)
    _change(loop, ret, "flagged")
    ret.flagged = True
    if loop.settings.flag_sets == "review":
        ret.state = "review"
    return accepted()


def cancel(loop: Loop, call: RoutedCall) -> Reply:
    """Cancel immediately."""
    return _end(loop, call, "cancel", "cancelled")


def close(loop: Loop, call: RoutedCall) -> Reply:
    """Close immediately, without any outcome."""
    return _end(loop, call, "close", "closed")


def _end(loop: Loop, call: RoutedCall, action: str, state: str) -> Reply:
    ret = loop.index.get(call.params["return_id"])
    no = errors_object(NO_RETURN) if ret is None else refusal_of(action, ret, loop.settings)
    if ret is None or no is not None:
        return no or errors_object(NO_RETURN)
    _change(loop, ret, state)
    ret.state = state
    ret.flagged = False
    if state == "closed":
        ret.closed_at = ret.updated_at
    return accepted()


def _change(loop: Loop, ret: Return, effect: str) -> None:
    now = loop.now()
    loop.remember(ret, now)
    ret.updated_at = now
    ret.effects.append(Effect(effect, now, "api"))


def remove(loop: Loop, call: RoutedCall) -> Reply:
    """Remove units and process the rest; removing every unit cancels the return.

    Only units whose outcome is refund or store credit qualify, and every id must belong to the return.
    """
    ret = loop.index.get(call.params["return_id"])
    if ret is None:
        return errors_list(NO_RETURN, 403)
    ids = tuple(dict.fromkeys(each.strip() for each in call.query.get("line_item_id", "").split(",")))
    if not any(ids):
        return error_message("The line item id field is required.", 422)
    no = refusal_of("remove", ret, loop.settings) or _unqualified(ret, ids)
    if no is not None:
        return no
    ending = call.ending or loop.settings.removal_ending
    broken = plain_message("An error was encountered during processing.", 500)
    if ending == "error":
        return broken
    if ending == "partial_error":
        loop.remember(ret, loop.now())
        take_out(ret, ids, loop.now())
        broken.effect = True
        return broken
    loop.queue(ret, "remove", call, ids)
    return accepted()


def _unqualified(ret: Return, ids: tuple[str, ...]) -> Reply | None:
    """422 if some or all of the units cannot be removed."""
    lines = [ret.line(each) for each in ids]
    good = [
        line
        for line in lines
        if line is not None and line.resolution in ("refund", "credit") and line.outcome == "default"
    ]
    if not good:
        return plain_message("There are no line items that qualify for removal", 422)
    if len(good) < len(ids):
        return plain_message("Not all line items qualify for removal", 422)
    return None


def add_note(loop: Loop, call: RoutedCall) -> Reply:
    """Write a note. It shows on the timeline and changes no state."""
    ret = loop.index.get(call.params["return_id"])
    if ret is None:
        return errors_object(NO_RETURN, "NOT_FOUND", 404)
    content = call.body.get("content") if isinstance(call.body, dict) else None
    if not isinstance(content, str) or not 1 <= len(content) <= loop.settings.note_limit:
        return errors_object("Content is required and must be less than 255 characters.", status=422)
    loop.write_note(ret, content)
    return accepted()


def notes(loop: Loop, call: RoutedCall) -> Reply:
    """The notes, oldest first; a return without notes answers 422 with a bare `false`."""
    ret = loop.index.peek(call.params["return_id"])
    if ret is None:
        return errors_object(NO_RETURN, "NOT_FOUND", 404)
    rows: list[dict[str, Any]] = [
        {"id": note.note_id, "content": note.content, "created_at": stamp(note.created_at)}
        for note in loop.as_of(ret, call.stale_seconds).notes
    ]
    if not rows:
        return Reply(422, False)
    return Reply(200, {"notes": rows} if loop.settings.notes_shape == "object" else rows)


# --- grades and dispositions ------------------------------------------------------------------------

MOST_ITEMS = 30
DISPOSITIONS = ("back_to_stock", "resale_hold", "recycle", "donate", "missing")

_MOST_IMAGES = 5
_CATEGORY_NEEDED = ("subject", "title")
_CATEGORY_FIELDS = (*_CATEGORY_NEEDED, "grade", "category_name", "category_parent")

Item = dict[str, Any]
Complaints = dict[str, str]


def grade(loop: Loop, call: RoutedCall) -> Reply:
    """Store the conditions of lines and echo them. An unknown category pair makes a new category."""

    def store(line: LineItem, item: Item) -> Item:
        line.condition = Condition(
            description=item["description"],
            category=_category(loop, item.get("condition_category")),
            return_processor=item.get("return_processor"),
            note=item.get("note"),
            images=list(item.get("images") or []),
            inspected_at=item.get("inspected_at"),
        )
        return {"line_item_id": item["line_item_id"], **condition(line.condition, call)}

    return _batch(loop, call, _check_grade, store)


def assess(loop: Loop, call: RoutedCall) -> Reply:
    """Store where lines go and echo it."""

    def store(line: LineItem, item: Item) -> Item:
        line.disposition = Disposition(
            disposition_outcome=item["disposition_outcome"],
            return_processor=item.get("return_processor"),
            note=item.get("note"),
            inspected_at=item.get("inspected_at"),
        )
        return {"line_item_id": item["line_item_id"], **disposition(line.disposition)}

    return _batch(loop, call, _check_assess, store)


def _batch(
    loop: Loop,
    call: RoutedCall,
    check: Callable[[Item, RoutedCall], Complaints],
    store: Callable[[LineItem, Item], Item],
) -> Reply:
    """Accept a batch as a whole or not at all; the last write of a line wins."""
    items = call.body.get("items") if isinstance(call.body, dict) else None
    if not isinstance(items, list) or not items:
        return invalid({"items": "The items field is required."})
    if len(items) > MOST_ITEMS:
        return invalid({"items": f"The items may not have more than {MOST_ITEMS} items."})
    complaints: Complaints = {}
    for place, item in enumerate(items):
        found = _check_common(item) if isinstance(item, dict) else {"": "The item must be an object."}
        if isinstance(item, dict):
            found |= check(item, call)
        complaints |= {f"items.{place}.{name}".rstrip("."): text for name, text in found.items()}
    if complaints:
        return invalid(complaints)
    owners = [_owner(loop, str(item["line_item_id"])) for item in items]
    no = _foreign(owners, call) or _refused(loop, owners)
    if no is not None:
        return no
    return Reply(200, _store_all(loop, items, [owner for owner in owners if owner], store), effect=True)


def _owner(loop: Loop, line_item_id: str) -> Return | None:
    """The return that has the line now; a line that was removed is nobody's."""
    owner = loop.index.by_line(line_item_id)
    return owner if owner is not None and owner.line(line_item_id) is not None else None


def _foreign(owners: list[Return | None], call: RoutedCall) -> Reply | None:
    """Lines that are not this shop's: 403 from 2026-10 on, 422 before."""
    strange = [place for place, owner in enumerate(owners) if owner is None]
    if not strange:
        return None
    if call.version == "2026-10":
        return gateway_refusal(403, "GEN-FORBIDDEN", "Forbidden.")
    return invalid(
        {f"items.{place}.line_item_id": "The selected line item id is invalid." for place in strange}
    )


def _refused(loop: Loop, owners: list[Return | None]) -> Reply | None:
    answers = (refusal_of("inspect", owner, loop.settings) for owner in owners if owner is not None)
    return next((answer for answer in answers if answer is not None), None)


def _store_all(
    loop: Loop, items: list[Item], owners: list[Return], store: Callable[[LineItem, Item], Item]
) -> list[Item]:
    now = loop.now()
    for owner in {id(each): each for each in owners}.values():
        loop.remember(owner, now)
        if loop.settings.grade_bumps_updated:
            owner.updated_at = now
    echoes: list[Item] = []
    for owner, item in zip(owners, items, strict=True):
        twins = [line for line in owner.lines if line.line_item_id == str(item["line_item_id"])]
        echoes.append([store(line, item) for line in twins][-1])
    return echoes


# What is checked


def _check_common(item: Item) -> Complaints:
    wrong: Complaints = {}
    line_item_id = item.get("line_item_id")
    if not isinstance(line_item_id, int) or isinstance(line_item_id, bool):
        wrong["line_item_id"] = "The line item id must be an integer."
    wrong |= _check_text(item, "return_processor", 100)
    wrong |= _check_text(item, "note", 65_535)
    inspected_at = item.get("inspected_at")
    if inspected_at is not None and not (isinstance(inspected_at, str) and scalars.read_date(inspected_at)):
        wrong["inspected_at"] = "The inspected at is not a valid date."
    return wrong


def _check_text(item: Item, name: str, most: int, required: bool = False) -> Complaints:
    value = item.get(name)
    words = name.replace("_", " ")
    if value is None or value == "":
        return {name: f"The {words} field is required."} if required else {}
    if not isinstance(value, str):
        return {name: f"The {words} must be a string."}
    return {name: f"The {words} may not be greater than {most} characters."} if len(value) > most else {}


def _check_grade(item: Item, call: RoutedCall) -> Complaints:
    wrong = _check_text(item, "description", 255, required=True)
    images = item.get("images")
    if images is not None:
        if not isinstance(images, list) or len(images) > _MOST_IMAGES:
            wrong["images"] = f"The images may not have more than {_MOST_IMAGES} items."
        elif not all(_is_link(each) for each in images):
            wrong["images"] = "The images format is invalid."
    category = item.get("condition_category")
    if category is not None:
        wrong |= _check_category(category, call)
    return wrong


def _is_link(text: Any) -> bool:
    return isinstance(text, str) and text.startswith(("http://", "https://")) and len(text) <= 2048


def _check_category(category: Any, call: RoutedCall) -> Complaints:
    if not call.categories_are_objects:
        known = isinstance(category, str) and category in GRADES
        return {} if known else {"condition_category": "The selected condition category is invalid."}
    if not isinstance(category, dict):
        return {"condition_category": "The condition category must be an object."}
    wrong: Complaints = {}
    for name in _CATEGORY_FIELDS:
        wrong |= _check_text(category, name, 100, required=name in _CATEGORY_NEEDED)
    return {f"condition_category.{name}": text for name, text in wrong.items()}


def _check_assess(item: Item, _call: RoutedCall) -> Complaints:
    if item.get("disposition_outcome") in DISPOSITIONS:
        return {}
    return {"disposition_outcome": "The selected disposition outcome is invalid."}


def _category(loop: Loop, given: Any) -> Category | None:
    """The category that is meant; an unknown pair of subject and title makes a new one."""
    if given is None:
        return None
    if isinstance(given, str):
        named = (each for (subject, _), each in loop.categories.items() if subject == BUILT_IN_SUBJECT)
        return next(each for each in named if each.grade == given)
    pair = (given["subject"], given["title"])
    if pair not in loop.categories:
        loop.categories[pair] = Category(**{name: given.get(name) for name in _CATEGORY_FIELDS})
    return loop.categories[pair]
