"""A JSON parser that either returns complete, finite, encodable values or fails."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
MOST_DIGITS: Final = 64
"""Loop's longest number has less than a third of this; parsing longer ones takes quadratic time."""


class Unreadable(ValueError):
    """The bytes are not JSON that can be trusted; the message says why without quoting them."""


def _refuse_constant(_name: str) -> NoReturn:
    raise Unreadable("a number that is not finite")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Unreadable("a number that is not finite")
    return value


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise Unreadable("a number with too many digits")
    return int(text)


def loads(body: bytes) -> Any:
    """Parse one JSON value.

    Integers are exact (Loop sends 18-digit ids unquoted). The last value of a repeated key wins. A UTF-8 byte
    order mark is allowed.

    Raises:
        Unreadable: Not UTF-8, not JSON, truncated, NaN or Infinity, a number beyond a float or of more than
            64 digits, a lone surrogate, or nested deeper than the interpreter can parse.
    """
    try:
        value = json.loads(
            body.decode("utf-8-sig"),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except Unreadable:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(f"not JSON ({type(error).__name__})") from None
    if _SURROGATE.search(body) and not _is_encodable(value):
        raise Unreadable("half a character")
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
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"cannot be written again ({type(error).__name__})") from None


def _nothing(_value: object) -> None:
    return None
