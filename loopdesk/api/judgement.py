"""What an answer proves. The default is ``AnswerLost``: every other verdict, a refusal too, must be earned.

E1  {"error": {"code": "401", "http_code": "GEN-UNAUTHORIZED", "message": "…"}}
E2  {"errors": "Unauthorized."}
E3  {"errors": {"message": "…", "code": "UNPROCESSABLE_RETURN"}}      (code optional; HTTP 200 from actions)
E4  {"errors": [{"message": "…"}]}                                    (403 of a removal: no such return)
E5  {"message": "…"} or {"content": "…"}                              (HTTP 200 from actions)
E6  {"message": "…", "errors": {"from": ["…"]}}                       (422, validation)
E7  {"error": {"message": "…"}}                                       (HTTP 200 from details: no such return)
E8  false, also "false", null, [] or {"notes": []}                    (422 from notes: there are none)
E9  {"errors": ["…"]} · {"code": "NOT_FOUND", "message": "…"} · {"errors": {"code": "NOT_FOUND"}}

Only Loop's own JSON counts as a word about the key, a throttle or a refusal. Filters and gateways answer
with pages of their own, also after Loop has acted: what comes in their words says nothing about the return
nor about the key.

===============================================  ==================================================
status and body                                  verdict
===============================================  ==================================================
3xx, 2xx with a page instead of JSON, 511        ``AnswerLost`` whose ``why`` is ``login_page``
400 to 429 without Loop's own JSON               a broken line: ``AnswerLost`` for an action, for a read
                                                 ``Unreachable``; their ``why`` is ``foreign``
429, any of Loop's errors                        ``Throttled``
401, explicit error or words about the key       ``KeyRefused``; ``ScopeMissing`` on an optional scope
403, the same                                    the same, but: removal with an explicit error list is
                                                 about the return; grade and assess of versions that
                                                 forbid foreign lines are refused, unless the words are
                                                 about the key
400, 404, 405, 413, 422, any JSON                ``Refused``, or ``NotFound`` for 404 about one thing
200, action, exactly ``true`` or ``"true"``      accepted
200, grade or assess, array with every line id   accepted
2xx, a recognized refusal                        ``Refused`` or ``NotFound``; ``AnswerLost`` when Loop tripped
                                                 or it is about the key, ``KeyRefused`` there for a read
2xx, read, object or array without errors        accepted
anything else                                    ``AnswerLost``
===============================================  ==================================================
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from loopdesk.api import lenient_json, strict_json
from loopdesk.api.calls import Call, Nature, Scope
from loopdesk.api.scalars import to_id
from loopdesk.api.strict_json import Unreadable
from loopdesk.api.versions import ApiVersion
from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    KeyRefused,
    NotFound,
    Refused,
    ScopeMissing,
    Throttled,
    Unreachable,
)
from loopdesk.domain.returns.returns import is_loop_id

_NOT_FOUND_CODES: Final = frozenset({"NOT_FOUND", "ORDER_NOT_FOUND", "RETURN_NOT_FOUND"})
_NOT_FOUND_WORDS: Final = re.compile(
    r"(?:\b|_)not[ _-]found(?:\b|_)"
    r"|\bno (?:return|returns|order|orders|shipment|destination|results?)\b.{0,40}\bfound\b"
    r"|\bdoes ?n[o'’]t exist\b"
    r"|\b(?:return|order)\b.{0,40}\b(?:could|can) ?n[o'’]t be (?:found|located)\b"
    r"|\b(?:could ?n[o'’]t|can ?n[o'’]t|unable to) (?:find|locate)\b.{0,20}\b(?:return|order)\b",
    re.IGNORECASE,
)
_KEY_CODES: Final = frozenset({"401", "GEN-UNAUTHORIZED", "UNAUTHORIZED", "UNAUTHENTICATED"})
_KEY_WORDS: Final = re.compile(
    r"(?:unauthori[sz]ed|unauthenticated)[.!]?\Z|.*\b(?:invalid|missing|unknown|revoked)\b.*\bapi key\b"
    r"|.*\bapi key\b.*\b(?:invalid|missing|unknown|revoked)\b",
    re.IGNORECASE | re.DOTALL,
)
_FAILURE_CODES: Final = frozenset({"UNEXPECTED_ERROR", "INTERNAL_ERROR"})
_FAILURE_WORDS: Final = re.compile(
    r"\berror was encountered\b|\bunexpected error\b|\bserver error\b", re.IGNORECASE
)
_NO_WORDS: Final = re.compile(
    r"\bcannot\b|\bcan(?:'|’)?t\b|\bcan not\b|\bcould not\b|\bunable\b|\bnot\b|\bno\b|\bnever\b|\balready\b"
    r"|\binvalid\b|\brequired\b|\bmust\b|\bfail|\berror\b|\bdenied\b|\brefus|\breject|\bunauthori|\bforbidden\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A recognized refusal.

    Attributes:
        code: Loop's code such as ``UNPROCESSABLE_RETURN``, or "".
        text: Loop's sentence; the code if there is no sentence.
        fields: For validation errors, field name to messages.
        is_explicit: It is under ``error`` or ``errors`` or has a code. A bare ``message`` could also announce
            a success.
        is_list: It is shape E4, a list of objects.
    """

    code: str
    text: str
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_explicit: bool = True
    is_list: bool = False

    @property
    def is_not_found(self) -> bool:
        """Whether it says that the thing does not exist."""
        if self.code.upper().replace("-", "_") in _NOT_FOUND_CODES:
            return True
        texts = (self.text, *(text for many in self.fields.values() for text in many))
        return any(map(_NOT_FOUND_WORDS.search, texts))

    @property
    def is_about_key(self) -> bool:
        """Whether it is about the key or its permissions, not about the return."""
        return self.code.upper() in _KEY_CODES or bool(_KEY_WORDS.match(self.text))

    @property
    def is_failure(self) -> bool:
        """Whether it reports an internal error of Loop, so that the action may have happened in part or
        whole.
        """
        return self.code.upper() in _FAILURE_CODES or bool(_FAILURE_WORDS.search(self.text))

    @property
    def says_no(self) -> bool:
        """Whether it can only be a no: explicit, or a bare sentence with a negative word."""
        return self.is_explicit or bool(_NO_WORDS.search(self.text))


def refusal_in(value: Any) -> Refusal | None:
    """Recognize a refusal with words (E1 to E7, E9) in a decoded body; None if it is none of them."""
    if not isinstance(value, dict):
        return None
    if "errors" in value:
        found = _of_errors(value["errors"], _text(value.get("message")))
        if found is not None:
            return found
    if "error" in value:
        found = _of_error(value["error"])
        if found is not None:
            return found
    return _of_bare(value)


def says_no_notes(value: Any) -> bool:
    """Recognize what Loop answers, with 422 or 200, for a return that has no notes (E8)."""
    if isinstance(value, dict) and set(value) <= {"notes"}:
        value = value.get("notes", [])
    if isinstance(value, str):
        return value.strip().strip("\"'").strip().lower() == "false"
    return value is None or value is False or value in ([], {})


def _of_errors(errors: Any, message: str) -> Refusal | None:
    """E2, E3, E4, E6 and two of E9."""
    if isinstance(errors, str) and errors.strip():
        return Refusal("", errors.strip())
    if isinstance(errors, list):
        return _of_list(errors)
    if not isinstance(errors, dict):
        return None
    code, text = _code(errors), _text(errors.get("message"))
    fields = _fields(errors)
    if text or code:
        return Refusal(code, text or code)
    if fields:
        first = next(iter(fields.values()))[0]
        return Refusal("", message or first, fields)
    return None


def _of_list(errors: list[Any]) -> Refusal | None:
    first = errors[0] if errors else None
    if isinstance(first, dict):
        code, text = _code(first), _text(first.get("message"))
        return Refusal(code, text or code, is_list=True) if text or code else None
    text = _text(first)
    return Refusal("", text) if text else None


def _of_error(error: Any) -> Refusal | None:
    """E1, E7, and the plain text of gateways."""
    if isinstance(error, str) and error.strip():
        return Refusal("", error.strip())
    if not isinstance(error, dict):
        return None
    code, text = _text(error.get("http_code")) or _code(error), _text(error.get("message"))
    return Refusal(code, text or code) if text or code else None


def _of_bare(value: dict[str, Any]) -> Refusal | None:
    """E5 and ``code`` with ``message``; only if there is nothing else next to them."""
    if not set(value) <= {"message", "content", "code", "status", "success"}:
        return None
    code, text = _code(value), _text(value.get("message")) or _text(value.get("content"))
    if not text:
        return None
    return Refusal(code, text, is_explicit=bool(code))


def _fields(errors: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, complaints in errors.items():
        many = complaints if isinstance(complaints, list) else [complaints]
        texts = tuple(text for text in map(_text, many) if text)
        if texts:
            found[name] = texts
    return found


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _code(value: dict[str, Any]) -> str:
    code = value.get("code")
    return str(code) if isinstance(code, int) and not isinstance(code, bool) else _text(code)


REFUSING: Final = frozenset({400, 404, 405, 413, 422})
DOORS: Final = frozenset({401, 403, 429})
"""Statuses that are about the caller, not about the request."""
RETRY_AFTER_LEAST: Final = 1.0
RETRY_AFTER_MOST: Final = 300.0
RETRY_AFTER_UNSAID: Final = 5.0

_SECONDS: Final = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,9})?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """A complete HTTP answer: every byte was read. Its repr shows nobody's data.

    Attributes:
        headers: By lower-case name.
        body: After decompression.
        came_at: Monotonic seconds when the headers arrived; the body may take longer.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    came_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means. If Loop said yes, ``failure`` is None and ``value`` is its JSON."""

    value: Any = field(default=None, repr=False)
    failure: ApiError | None = None


def judge(
    call: Call, raw: RawAnswer, version: ApiVersion, now: datetime, redact: Callable[[str], str] = str
) -> Verdict:
    """Decide what a complete answer to a call means.

    Args:
        now: Aware UTC, for a ``Retry-After`` that is a date when the answer has no ``Date``.
        redact: Removes secrets from Loop's words.
    """
    if _is_login_page(raw):
        return Verdict(failure=AnswerLost(why="login_page", status=raw.status, http_status=raw.status))
    try:
        value = (lenient_json if call.nature is Nature.READ else strict_json).loads(raw.body)
        fault = None
    except Unreadable as error:
        value, fault = None, error.fault
    refusal = None if fault else refusal_in(value)
    if raw.status == 429 and refusal is not None:
        return Verdict(failure=Throttled(retry_after_seconds=retry_after(raw.headers, now)))
    if raw.status in (401, 403) and refusal is not None and (refusal.is_explicit or refusal.is_about_key):
        return Verdict(failure=_forbidden(call, raw.status, refusal, version, redact))
    if raw.status in DOORS or (raw.status in REFUSING and fault):
        return Verdict(failure=_foreign(call, raw.status))
    if raw.status in REFUSING:
        return _client_error(call, raw, value, refusal, redact)
    if not 200 <= raw.status < 300:
        return Verdict(failure=_tripped(raw, now))
    if fault:
        return Verdict(failure=AnswerLost(why=fault, http_status=raw.status))
    return _success(call, raw.status, value, refusal, redact)


def retry_after(headers: Mapping[str, str], now: datetime) -> float:
    """Return how long a 429 or 503 asks us to wait, in seconds, clamped to 1…300; 5 if it does not say."""
    text = headers.get("retry-after", "").strip()
    if _SECONDS.match(text):
        return _clamped(float(text))
    until = http_date(text)
    if until is None:
        return RETRY_AFTER_UNSAID
    return _clamped((until - (http_date(headers.get("date", "")) or now)).total_seconds())


def _tripped(raw: RawAnswer, now: datetime) -> AnswerLost:
    """Classify what is neither a yes nor a no; a 503 may say when to retry."""
    wait = retry_after(raw.headers, now) if raw.status == 503 and "retry-after" in raw.headers else 0.0
    return AnswerLost(why="status", status=raw.status, http_status=raw.status, retry_after_seconds=wait)


def http_date(text: str) -> datetime | None:
    """Parse an HTTP date as aware UTC; None if it is none."""
    try:
        at = parsedate_to_datetime(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def told_time(headers: Mapping[str, str], *, is_hub: bool = False) -> datetime | None:
    """Return the server's time when it answered, aware UTC; None if it is not credible.

    A cache's ``Age`` says that the answer, and so its ``Date``, is old; but a hub's ``Date`` is Loop's time
    now, however old what it answers with. An absurd year says that the server's own clock is wrong.
    """
    at = http_date(headers.get("date", ""))
    is_fresh = is_hub or headers.get("age", "0").strip() in ("", "0")
    return at if at is not None and is_fresh and 2024 <= at.year < 2100 else None


def _clamped(seconds: float) -> float:
    if math.isnan(seconds):
        return RETRY_AFTER_UNSAID
    return min(RETRY_AFTER_MOST, max(RETRY_AFTER_LEAST, seconds))


def _is_login_page(raw: RawAnswer) -> bool:
    """Tell whether a network between us and Loop answered in its place.

    Decided by the body, not by the content type: PHP labels JSON as HTML by default.
    """
    if 300 <= raw.status < 400 or raw.status == 511:
        return True
    return 200 <= raw.status < 300 and _is_page(raw.body)


def _is_page(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _foreign(call: Call, status: int) -> ApiError:
    """Return the failure for an answer from somebody between us and Loop: an action may have happened, a read
    did not.
    """
    if call.nature is Nature.READ:
        return Unreachable(why="foreign", status=status)
    return AnswerLost(why="foreign", status=status, http_status=status)


def _forbidden(
    call: Call, status: int, refusal: Refusal, version: ApiVersion, redact: Callable[[str], str]
) -> ApiError:
    if status == 403 and not refusal.is_about_key:
        if call.name == "remove" and refusal.is_list:
            return _no(call, status, refusal, redact)
        if call.nature is Nature.VALUES and version.forbids_foreign_lines:
            return _no(call, status, refusal, redact)
    words = redact(refusal.text)
    return KeyRefused(words) if call.scope is Scope.RETURNS else ScopeMissing(words)


def _client_error(
    call: Call, raw: RawAnswer, value: Any, refusal: Refusal | None, redact: Callable[[str], str]
) -> Verdict:
    if call.name == "notes" and raw.status == 422 and says_no_notes(value):
        return Verdict(value=[])
    if refusal is not None and refusal.is_failure and call.nature is not Nature.READ:
        return Verdict(failure=AnswerLost(redact(refusal.text), http_status=raw.status))
    if refusal is None:
        words = value.get("message") if isinstance(value, dict) else None
        refusal = Refusal("", words if isinstance(words, str) and words else f"HTTP {raw.status}")
    if raw.status == 404 and call.nature is not Nature.VALUES:
        return Verdict(failure=NotFound(redact(refusal.text)))
    if call.nature is Nature.READ:
        return Verdict(failure=_no(call, raw.status, refusal, redact))
    return Verdict(failure=_refused(raw.status, refusal, redact))


def _success(
    call: Call, status: int, value: Any, refusal: Refusal | None, redact: Callable[[str], str]
) -> Verdict:
    if refusal is not None and refusal.says_no:
        if refusal.is_about_key:
            words = redact(refusal.text)
            if call.nature is not Nature.READ:  # no proof: such words belong to 401 and 403
                return Verdict(failure=AnswerLost(words, http_status=status))
            return Verdict(failure=KeyRefused(words) if call.scope is Scope.RETURNS else ScopeMissing(words))
        if refusal.is_failure and call.nature is not Nature.READ:
            return Verdict(failure=AnswerLost(redact(refusal.text), http_status=status))
        return Verdict(failure=_no(call, status, refusal, redact))
    if call.nature is Nature.ACTION:
        if status == 200 and _is_yes(value):
            return Verdict(value=True)
        return Verdict(failure=AnswerLost(why="no_yes", http_status=status))
    if call.nature is Nature.VALUES:
        return _echo(call, status, value)
    if call.name == "notes" and says_no_notes(value):
        return Verdict(value=[])
    if refusal is not None or not isinstance(value, dict | list):
        return Verdict(failure=AnswerLost(why="shape", where="body", http_status=status))
    return Verdict(value=value)


def _is_yes(value: Any) -> bool:
    """JSON ``true``, or a string that says so; the number 1 is not a yes."""
    if value is True:
        return True
    return isinstance(value, str) and value.strip().strip("\"'").strip().lower() == "true"


def _echo(call: Call, status: int, value: Any) -> Verdict:
    if status != 200 or not isinstance(value, list):
        return Verdict(failure=AnswerLost(why="no_echo", http_status=status))
    ids = (to_id(item.get("line_item_id")) for item in value if isinstance(item, dict))
    echoed = {str(int(one)) for one in ids if is_loop_id(one)}
    missing = [line_id for line_id in call.expected_ids if line_id not in echoed]
    if missing:
        lines = ", ".join(missing)
        return Verdict(failure=AnswerLost(why="lines_missing", lines=lines, http_status=status))
    return Verdict(value=value)


def _no(call: Call, status: int, refusal: Refusal, redact: Callable[[str], str]) -> ApiError:
    if refusal.is_not_found and call.nature is not Nature.VALUES:
        return NotFound(redact(refusal.text))
    return _refused(status, refusal, redact)


def _refused(status: int, refusal: Refusal, redact: Callable[[str], str]) -> Refused:
    return Refused(
        redact(refusal.text),
        refusal_code=redact(refusal.code),
        fields={
            redact(name): tuple(redact(text) for text in texts) for name, texts in refusal.fields.items()
        },
        http_status=status,
    )
