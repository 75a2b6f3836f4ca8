"""What a client says to a hub, and what the hub's own words prove, before Loop's answer is judged.

A hub speaks Loop's interface. What it adds stands in headers: of a request its priority, how old an answer
may be, and for an action its key and its person; of an answer to an action what became of it:

===============  ==================================================================================
X-Loopdesk-
Outcome          verdict
===============  ==================================================================================
loop, stored     Loop's answer as it came, now or earlier: ``judgement`` decides
unsent           ``HubUnsent``; the hub proves that nothing went to Loop
in_progress      ``HubBusy``; it is under way, ask again later
claimed          ``ReturnClaimed``; another bench finishes the return, or did
unknown          ``AnswerLost`` whose ``why`` is ``hub_unknown``; only Loop itself can tell
none             ``AnswerLost`` whose ``why`` is ``hub_stranger``: whoever answered, it was not the hub's
                 ledger; but 401 and 403 in the hub's words are about the bench's token, before the
                 ledger was asked: ``KeyRefused``
===============  ==================================================================================

Without a hub nothing of this is said, and none of it is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from loopdesk.api import strict_json
from loopdesk.api.calls import Call, Nature
from loopdesk.api.judgement import RETRY_AFTER_UNSAID, RawAnswer, Verdict, judge, retry_after
from loopdesk.api.strict_json import Unreadable
from loopdesk.api.versions import ApiVersion
from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    HubBusy,
    HubUnsent,
    KeyRefused,
    ReturnClaimed,
)

OUTCOME: Final = "x-loopdesk-outcome"
GENERATION: Final = "x-loopdesk-generation"
SHOP: Final = "x-loopdesk-shop"

REVOKED: Final = "revoked"
UNAUTHORIZED: Final = "unauthorized"
NO_SHOP_KEY: Final = "no_shop_key"
KEY_WHY: Final = {
    REVOKED: "hub_revoked",
    UNAUTHORIZED: "hub_unauthorized",
    NO_SHOP_KEY: "hub_no_shop_key",
}
"""The hub's codes about a bench's token or its shop's key, and ours."""

SAID_NO: Final = frozenset({404, 409, 410, 413, 422})
"""The hub's answers about something shared by which it says why not."""

_ERRORS: Final = 400
_SHOP: Final = re.compile(r"[A-Za-z0-9_-]{1,64}\Z", re.ASCII)
_LONGEST: Final = 120


class HubWord(StrEnum):
    """What became of an action at the hub."""

    LOOP = "loop"
    STORED = "stored"
    UNSENT = "unsent"
    IN_PROGRESS = "in_progress"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"


def headers_for(call: Call) -> dict[str, str]:
    """Return what a request to a hub carries besides what Loop would get."""
    headers = {"X-Loopdesk-Priority": str(call.priority)}
    if call.is_at_hub:
        headers["Cache-Control"] = "no-cache"
    elif call.nature is Nature.READ:
        headers["Cache-Control"] = f"max-age={call.max_age_seconds}" if call.max_age_seconds else "no-cache"
    if call.shop:
        headers["X-Loopdesk-Shop"] = call.shop
    if call.action is not None and call.action.generation:
        headers["X-Loopdesk-Generation"] = call.action.generation
    if call.action is not None and call.is_at_hub and call.action.return_id:
        headers["X-Loopdesk-Return"] = call.action.return_id
    if call.action is not None and not call.is_at_hub:
        headers["Idempotency-Key"] = call.action.header
        headers["X-Loopdesk-Person"] = quote(call.action.person, safe="")
        if call.action.takes_over:
            headers["X-Loopdesk-Take-Over"] = "1"
    return headers


def generation_in(raw: RawAnswer) -> str:
    """Return the generation of the ledger of the hub that answered; "" if no hub did."""
    told = raw.headers.get(GENERATION, "").strip()
    return told if told.isascii() and told.isprintable() and len(told) <= _LONGEST else ""


def shop_in(raw: RawAnswer) -> str:
    """Return whose return a hub answered about; "" if it did not say, or named several shops."""
    told = raw.headers.get(SHOP, "").strip()
    return told if _SHOP.match(told) else ""


def judge_of_hub(
    call: Call, raw: RawAnswer, version: ApiVersion, now: datetime, redact: Callable[[str], str] = str
) -> Verdict:
    """Decide what an answer means where a hub is between us and Loop. Arguments as of ``judgement.judge``."""
    refused = about_key(raw)
    if refused is not None:
        return Verdict(failure=refused)
    if call.nature is Nature.SHARED:
        return _shared(raw)
    if call.nature is Nature.READ:
        return judge(call, raw, version, now, redact)
    outcome = raw.headers.get(OUTCOME, "").strip()
    if outcome in (HubWord.LOOP, HubWord.STORED):
        return judge(call, raw, version, now, redact)
    return Verdict(failure=_own_word(outcome, raw, now))


def _shared(raw: RawAnswer) -> Verdict:
    """Decide what an answer about something shared means: the hub's yes and its no are both answers."""
    said = _json(raw)
    if not generation_in(raw) or not isinstance(said, dict):
        return Verdict(failure=AnswerLost(why="hub_stranger", status=raw.status, http_status=raw.status))
    if raw.status < _ERRORS or raw.status in SAID_NO:
        return Verdict(value=said)
    return Verdict(failure=AnswerLost(why="hub_unknown", http_status=raw.status))


def _own_word(outcome: str, raw: RawAnswer, now: datetime) -> ApiError:
    match outcome:
        case HubWord.UNSENT:
            seconds = retry_after(raw.headers, now) if "retry-after" in raw.headers else RETRY_AFTER_UNSAID
            return HubUnsent(retry_after_seconds=seconds)
        case HubWord.IN_PROGRESS:
            return HubBusy(http_status=raw.status)
        case HubWord.CLAIMED:
            return _claimed(raw)
        case HubWord.UNKNOWN:
            return AnswerLost(why="hub_unknown", http_status=raw.status)
        case _:
            return AnswerLost(why="hub_stranger", status=raw.status, http_status=raw.status)


def _claimed(raw: RawAnswer) -> ReturnClaimed:
    """Read who claimed the return. The header refuses, so a body that says less is enough."""
    claimed = _object(_object(_json(raw)).get("claimed"))
    station, person, at = (_text(claimed.get(name)) for name in ("station", "person", "at"))
    return ReturnClaimed(station, person, at, is_ended=claimed.get("ended") is True)


def about_key(raw: RawAnswer) -> KeyRefused | None:
    """Return what the hub itself says about the bench's token or the shop's key, None if it is nothing."""
    if raw.status < _ERRORS or not generation_in(raw):
        return None
    if raw.headers.get(OUTCOME, "").strip() not in ("", HubWord.UNSENT):
        return None  # Loop's own words
    code = _text(_object(_object(_json(raw)).get("error")).get("code"))
    if raw.status not in (401, 403) and code != NO_SHOP_KEY:
        return None
    why = KEY_WHY.get(code)
    return KeyRefused(why=why) if why else None


def _json(raw: RawAnswer) -> Any:
    try:
        return strict_json.loads(raw.body)
    except Unreadable:
        return None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return " ".join(value.split())[:_LONGEST] if isinstance(value, str) else ""
