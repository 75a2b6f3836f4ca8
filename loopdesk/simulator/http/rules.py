"""Which action a return's state allows, and how Loop words the refusal.

Where Loop's documentation is silent (processing an expired return, flagging twice …) the simulator refuses: a
client that is right about the documented cases and careful about the rest works against both.
"""

from __future__ import annotations

from loopdesk.simulator.answers import Answer, errors_object, plain_message
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.shop.truth import STATES, Return

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


def refusal(action: str, ret: Return, settings: Settings) -> Answer | None:
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


def _worded(shape: str, action: str, where: str) -> Answer:
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
