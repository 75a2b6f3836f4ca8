"""Where things stand in TOML that people write: for naming a mistake's line, and for writing a new key.

Apart from ``toml_text``: a start without a mistake needs none of it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from loopdesk.system.settings.toml_text import Path_

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)


def line_of(text: str, path: Path_) -> int:
    """Find the line on which a value is written.

    Args:
        text: TOML that parses.
        path: Where the value stands, for example ``("api", "url")`` or ``("grade", 2, "suggests")``.

    Returns:
        The 1-based line of the key; where the key itself is not written out (a missing key, or one
        inside an inline table), the line of the nearest table or key around it; 0 when nothing fits.
    """
    best, best_line = 0, 0
    for found in _statements(text):
        common = found.place[: len(path)]
        if common == path[: len(common)] and len(common) > best:
            best, best_line = len(common), found.line
    return best_line


def insert_key(text: str, section: str, name: str, literal: str) -> str | None:
    """Write a new key where a person would: after the last key of its table, before comments about the next.

    Args:
        text: TOML that parses and does not have the key.
        section: The table, or "" for the top level.
        literal: The value as TOML writes it.

    Returns:
        The new text, or None when the table has no header of its own in the text.
    """
    lines = text.split("\n")
    table: Path_ = (section,) if section else ()
    after = None if section else _below_head(lines)
    for found in _statements(text):
        # not api.url = …, which is written under another table
        is_own_key = not found.is_header and found.parts == 1 and found.place[:-1] == table
        if is_own_key or (found.is_header and found.place == table):
            after = found.end
    if after is None:
        return None
    end = "\r" if any(line.endswith("\r") for line in lines) else ""
    fresh = f"{name} = {literal}{end}"
    if after == len(lines):  # the last line had no end of its own: it gets one, and the new one has none
        return "\n".join((*lines[:-1], lines[-1] + end, fresh.removesuffix("\r")))
    return "\n".join((*lines[:after], fresh, *lines[after:]))


def _below_head(lines: list[str]) -> int:
    """Count the comment lines at the top if they speak of the whole file: an empty line follows them."""
    head = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return head if head < len(lines) and not lines[head].strip() else 0


@dataclass(frozen=True, slots=True)
class _Statement:
    """One header or one key with its value.

    Attributes:
        line / end: The first and the last line, 1-based.
        parts: How many names stand in the key or header itself.
    """

    place: Path_
    line: int
    end: int
    parts: int
    is_header: bool


def _statements(text: str) -> Iterator[_Statement]:
    """List the statements of TOML that parses, in order."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    table: Path_ = ()
    seen: dict[Path_, int] = {}
    at = 0
    while at < len(lines):
        end = at + 1
        if header := _HEADER.match(lines[at]):
            table = _table(header, seen)
            yield _Statement(table, at + 1, end, len(_names(header[2])), True)
        elif key := _KEY.match(lines[at]):
            names = _names(key[1])
            end = _end(lines, at)
            yield _Statement(table + names, at + 1, end, len(names), False)
        at = end


def _end(lines: list[str], start: int) -> int:
    """Return after how many lines a statement is whole: long strings and lists go over several."""
    for end in range(start + 1, len(lines) + 1):
        try:
            tomllib.loads("\n".join(lines[start:end]))
        except tomllib.TOMLDecodeError:
            continue
        return end
    return start + 1


def _table(header: re.Match[str], seen: dict[Path_, int]) -> Path_:
    names = _names(header[2])
    place: Path_ = ()
    for name in names[:-1]:  # a table under an array of tables belongs to its latest element
        place = (*place, name)
        if place in seen:
            place = (*place, seen[place])
    place = (*place, names[-1])
    if header[1] == "[[":
        seen[place] = seen.get(place, -1) + 1
        return (*place, seen[place])
    return place


def _names(dotted: str) -> tuple[str, ...]:
    parts = re.findall(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""", dotted)
    return tuple(part.strip("\"'") for part in parts)
