"""A JSON parser that either returns complete, finite, encodable values or fails."""

from __future__ import annotations

import json
import math
import re
from enum import StrEnum
from typing import Any, Final, NoReturn

_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
MOST_DIGITS: Final = 64
"""Loop's longest number has less than a third of this; parsing longer ones takes quadratic time."""


class JsonFault(StrEnum):
    """What is wrong with bytes that should be JSON; also the ``why`` of the failure that it becomes."""

    NOT_JSON = "not_json"
    NUMBER = "bad_number"
    CHARACTER = "half_character"
    DEPTH = "too_deep"
    ROWS = "too_many_broken_rows"


class Unreadable(ValueError):
    """The bytes are not JSON that can be trusted.

    Attributes:
        fault: What is wrong with them.
    """

    def __init__(self, fault: JsonFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def _refuse_constant(_name: str) -> NoReturn:
    raise Unreadable(JsonFault.NUMBER)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Unreadable(JsonFault.NUMBER)
    return value


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise Unreadable(JsonFault.NUMBER)
    return int(text)


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, parse_int=_whole)


def loads(body: bytes) -> Any:
    """Parse one JSON value.

    Integers are exact (Loop sends 18-digit ids unquoted). The last value of a repeated key wins. A UTF-8 byte
    order mark is allowed.

    Raises:
        Unreadable: Not UTF-8, not JSON, truncated, NaN or Infinity, a number beyond a float or of more than
            64 digits, a lone surrogate, or nested deeper than the interpreter can parse.
    """
    try:
        value = _DECODER.decode(body.decode("utf-8-sig"))
    except Unreadable:
        raise
    except (ValueError, RecursionError, MemoryError):
        raise Unreadable(JsonFault.NOT_JSON) from None
    if _SURROGATE.search(body) and not _is_encodable(value):
        raise Unreadable(JsonFault.CHARACTER)
    return value


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _is_encodable(value: Any) -> bool:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        texts = list(one) if isinstance(one, dict) else [one]
        if any(isinstance(text, str) and not _encodes(text) for text in texts):
            return False
        waiting.extend(_children(one))
    return True


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def dumps(value: Any) -> str:
    """Serialize a parsed value as the canonical stored text: compact, keys in Loop's order.

    Malformed rows inside it (``lenient_json.Broken``) are written as null.

    Raises:
        Unreadable: It is nested too deep to be written.
    """
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_nothing)
    except (ValueError, RecursionError):
        raise Unreadable(JsonFault.DEPTH) from None


def _nothing(_value: object) -> None:
    return None
