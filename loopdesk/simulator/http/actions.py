"""The actions a client can request for one return, and how Loop words its refusal."""

from __future__ import annotations

import json
from typing import Any

from loopdesk.simulator.answers import (
    NO_RETURN,
    Reply,
    RoutedCall,
    accepted,
    error_message,
    errors_list,
    errors_object,
    plain_message,
)
from loopdesk.simulator.happenings import take_out
from loopdesk.simulator.http.wording import stamp
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.shop.truth import STATES, Effect, Return

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
    ret = loop.shelf.get(call.params["return_id"])
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
    ret = loop.shelf.get(call.params["return_id"])
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
    ret = loop.shelf.get(call.params["return_id"])
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
    ret = loop.shelf.get(call.params["return_id"])
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
    ret = loop.shelf.get(call.params["return_id"])
    if ret is None:
        return errors_object(NO_RETURN, "NOT_FOUND", 404)
    content = call.body.get("content") if isinstance(call.body, dict) else None
    if not isinstance(content, str) or not 1 <= len(content) <= loop.settings.note_limit:
        return errors_object("Content is required and must be less than 255 characters.", status=422)
    loop.write_note(ret, content)
    return accepted()


def notes(loop: Loop, call: RoutedCall) -> Reply:
    """The notes, oldest first; a return without notes answers 422 with a bare `false`."""
    ret = loop.shelf.peek(call.params["return_id"])
    if ret is None:
        return errors_object(NO_RETURN, "NOT_FOUND", 404)
    rows: list[dict[str, Any]] = [
        {"id": note.note_id, "content": note.content, "created_at": stamp(note.created_at)}
        for note in loop.as_of(ret, call.stale_seconds).notes
    ]
    if not rows:
        return Reply(422, False)
    return Reply(200, {"notes": rows} if loop.settings.notes_shape == "object" else rows)
