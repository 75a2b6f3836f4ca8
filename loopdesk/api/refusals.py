"""The shapes in which Loop says no, recognized whatever the HTTP status.

E1  {"error": {"code": "401", "http_code": "GEN-UNAUTHORIZED", "message": "…"}}
E2  {"errors": "Unauthorized."}
E3  {"errors": {"message": "…", "code": "UNPROCESSABLE_RETURN"}}      (code optional; HTTP 200 from actions)
E4  {"errors": [{"message": "…"}]}                                    (403 of a removal: no such return)
E5  {"message": "…"} or {"content": "…"}                              (HTTP 200 from actions)
E6  {"message": "…", "errors": {"from": ["…"]}}                       (422, validation)
E7  {"error": {"message": "…"}}                                       (HTTP 200 from details: no such return)
E8  false, also "false", null, [] or {"notes": []}                    (422 from notes: there are none)
E9  {"errors": ["…"]} · {"code": "NOT_FOUND", "message": "…"} · {"errors": {"code": "NOT_FOUND"}}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

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
