"""Parses the JSON of read answers row by row: one malformed row does not hide the others.

What PHP may write and no reader should choke on is repaired on the way: half an emoji and invalid UTF-8
become U+FFFD, NaN and absurd numbers become null, control characters in strings stay. Answers to actions are
parsed by ``strict_json`` instead: there, anything odd proves nothing.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from loopdesk.api import strict_json
from loopdesk.api.strict_json import MOST_DIGITS, JsonFault, Unreadable
from loopdesk.domain.errors import AnswerLost

DEEPEST: Final = 100
"""Arrays and objects nested deeper than this become null: nothing of Loop's is a tenth as deep."""

_MOST_TRIES: Final = 10_000
"""How often a body may be searched for the row after a malformed one."""

_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
_HALVES: Final = re.compile("[\ud800-\udfff]")
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},]', re.DOTALL)
_NEXT: Final = re.compile(r",[ \t\r\n]*(?=\{)")
_ID: Final = re.compile(r'"(?:id|return_id)"\s*:\s*"?([0-9]{1,19})(?![0-9.])')


@dataclass(frozen=True, slots=True)
class Broken:
    """Takes the place of a malformed row in an array.

    Attributes:
        return_id: The id in it, if one can be recognized; else "".
    """

    return_id: str


def loads(body: bytes) -> Any:
    """Parse one JSON value; malformed elements of its outermost arrays come out as ``Broken``.

    Integers are exact (Loop sends 18-digit ids unquoted). The last value of a repeated key wins.

    Raises:
        Unreadable: It is malformed outside of the rows, truncated, or so broken that the rows after a
            malformed one cannot be found.
    """
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    if text.lstrip()[:1] not in ("[", "{"):
        return strict_json.loads(body)  # false and null mean something there: nothing else may become one
    try:
        return _Walk(text).whole()
    except (ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(JsonFault.NOT_JSON) from None


class _Walk:
    """One pass through a text; positions are indexes into it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tries = 0
        self._decode = json.JSONDecoder(
            strict=False, parse_constant=_nothing, parse_float=_finite, parse_int=_whole
        ).raw_decode

    def whole(self) -> Any:
        at = self._behind_blank(0)
        value, end = self._array_or_value(at) if self._text[at : at + 1] != "{" else self._object(at)
        if self._behind_blank(end) != len(self._text):
            raise Unreadable(JsonFault.NOT_JSON)
        return value

    def _object(self, at: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        at = self._behind_blank(at + 1)
        while not self._is("}", at):
            name, at = self._value(at)
            if not isinstance(name, str):
                raise Unreadable(JsonFault.NOT_JSON)
            at = self._behind_blank(self._behind(":", at))
            found[name], at = self._array_or_value(at)
            at = self._behind_blank(at)
            if not self._is("}", at):
                at = self._behind_blank(self._behind(",", at))
        return found, at + 1

    def _array_or_value(self, at: int) -> tuple[Any, int]:
        return self._array(at) if self._is("[", at) else self._value(at)

    def _array(self, at: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        at = self._behind_blank(at + 1)
        while not self._is("]", at):
            began = at
            try:
                one, at = self._value(began)
                at = self._behind_blank(at)
                if self._text[at : at + 1] not in (",", "]"):
                    raise Unreadable(JsonFault.NOT_JSON)
            except (ValueError, RecursionError):
                one, at = self._set_apart(began)
            found.append(one)
            if not self._is("]", at):
                at = self._behind_blank(self._behind(",", at))
        return found, at + 1

    # --- a value ----------------------------------------------------------------------------------

    def _value(self, at: int) -> tuple[Any, int]:
        text = self._text
        try:
            value, end = self._decode(text, at)
        except RecursionError:
            end = self._end_by_brackets(at)
            value, _ = self._decode(_flattened(text[at:end]))
        else:
            if text.count("[", at, end) + text.count("{", at, end) > DEEPEST:
                value, _ = self._decode(_flattened(text[at:end]))
        return (_mended(value) if _HALF.search(text, at, end) else value), end

    def _is(self, sign: str, at: int) -> bool:
        return self._text.startswith(sign, at)

    def _behind(self, sign: str, at: int) -> int:
        at = self._behind_blank(at)
        if not self._is(sign, at):
            raise Unreadable(JsonFault.NOT_JSON)
        return at + 1

    def _behind_blank(self, at: int) -> int:
        found = _BLANK.match(self._text, at)
        return found.end() if found else at

    # --- after a malformed row --------------------------------------------------------------------

    def _set_apart(self, began: int) -> tuple[Broken, int]:
        """Find where a malformed row ends: before the next one, or before the end of the array."""
        end = self._before_next_row(began)
        if end is None:
            end = self._before_end(began)
        found = _ID.search(self._text, began, end)
        return Broken(found.group(1) if found else ""), end

    def _before_next_row(self, began: int) -> int | None:
        for comma in _NEXT.finditer(self._text, began):
            self._try()
            try:
                one, end = self._value(comma.end())
            except (ValueError, RecursionError):
                continue
            if is_row(one) and self._text[self._behind_blank(end)] in ",]":
                return comma.start()
        return None

    def _before_end(self, began: int) -> int:
        """Find the bracket that closes the array: by counting, else the last one after which all is JSON."""
        end = self._behind_blank(self._end_by_brackets(began))
        if self._text[end : end + 1] in (",", "]"):
            return end
        end = len(self._text)
        while (end := self._text.rfind("]", began, end)) >= 0:
            self._try()
            rest = self._text[end + 1 :].strip()
            if not rest or _is_json(f'{{"":0{rest}'):
                return end
        raise Unreadable(JsonFault.NOT_JSON)

    def _end_by_brackets(self, at: int) -> int:
        """Return where the value that starts here ends: after its closing bracket, or before a foreign
        one.
        """
        wanted: list[str] = []
        for token in _TOKEN.finditer(self._text, at):
            sign = token.group()
            if sign in "[{":
                wanted.append("]" if sign == "[" else "}")
            elif sign in "]}" and (not wanted or wanted.pop() != sign):
                return token.start()
            elif not wanted and sign in ",]}":
                return token.start() if sign == "," else token.end()
        return len(self._text)

    def _try(self) -> None:
        self._tries += 1
        if self._tries > _MOST_TRIES:
            raise Unreadable(JsonFault.ROWS)


def is_row(value: Any) -> bool:
    """Tell whether an object can only be a row of a list: a return, or a unit of the advance notice."""
    if not isinstance(value, dict):
        return False
    is_return = "line_items" in value and not value.keys().isdisjoint(("state", "order_name"))
    return is_return or "return_line_item_id" in value


def _flattened(text: str) -> str:
    """Replace everything nested too deep with null."""
    kept: list[str] = []
    depth, copied = 0, 0
    for token in _TOKEN.finditer(text):
        sign = token.group()
        if sign in "[{":
            depth += 1
            if depth == DEEPEST + 1:
                kept.append(text[copied : token.start()])
        elif sign in "]}":
            if depth == DEEPEST + 1:
                kept.append("null")
                copied = token.end()
            depth -= 1
    return "".join((*kept, text[copied:]))


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _HALVES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(one) for one in value]
    if isinstance(value, dict):
        return {_mended(name): _mended(one) for name, one in value.items()}
    return value


def _nothing(_name: str) -> None:
    return None


def _finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _whole(text: str) -> int | None:
    return int(text) if len(text) <= MOST_DIGITS else None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


_log = logging.getLogger("loopdesk.api")
Made = TypeVar("Made")


def elements(value: Any) -> Any:
    """Return the elements of an array that PHP wrote as an object, keyed by numbers or empty; else the value.

    An array from which elements were filtered out keeps its remaining keys, and PHP then writes ``{"1": …}``.
    """
    if isinstance(value, dict) and all(name.isascii() and name.isdigit() for name in value):
        return list(value.values())
    return value


def array(value: Any) -> list[Any]:
    """Return the rows of a value that must be an array.

    Raises:
        AnswerLost: It is something else.
    """
    found = elements(value)
    if not isinstance(found, list):
        raise AnswerLost(why="shape", where="data")
    return found


def readable(
    rows: Iterable[Any],
    make: Callable[[Any], Made],
    set_apart: Callable[[Any], object] = lambda _: None,
) -> tuple[Made, ...]:
    """Translate the rows that can be read.

    Args:
        make: Translates one; raises ``AnswerLost`` for one that cannot be read.
        set_apart: Called with each such row. However many there are, they cause a single log line.
    """
    found: list[Made] = []
    count, first = 0, ""
    for row in rows:
        try:
            found.append(make(row))
        except AnswerLost as failure:
            count, first = count + 1, first or str(failure)
            set_apart(row)
    if count:
        _log.warning("rows_unreadable count=%s first=%s", count, first)
    return tuple(found)
