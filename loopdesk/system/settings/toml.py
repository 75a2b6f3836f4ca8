"""TOML files written by people: positions for error messages, and the last good copy.

Apart from ``toml_text``: a start without a mistake needs none of it.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loopdesk.domain.errors import SettingsWrong
from loopdesk.system.host.paths import replace_file

_PLACE = re.compile(r"(?P<what>.*?) \(at line (?P<line>\d+), column \d+\)", re.DOTALL)

_MOST_BYTES = 200_000
"""A larger file is no settings file, and parsing it would keep the window waiting."""

_MOST_LEVELS = 8
"""No setting lies as deep. The time to parse a key grows with the square of its names, and each list or table
inside another takes stack; so both are counted before anything is parsed.
"""

_TEXT = re.compile(
    r'''"""(?:\\.|[^\\])*?(?:"{3,5}|\Z)|'{3}.*?(?:'{3,5}|\Z)|"(?:\\.|[^"\\\n])*"?|'[^'\n]*'?|#[^\n]*''',
    re.DOTALL,
)
"""A string or comment of TOML, also one that does not end, so that the search never starts over."""

_STEP = re.compile(r"[.\[\]{}=,\n\0]")

Path_ = tuple[str | int, ...]
"""The path of a value: names of tables and keys, and 0-based indexes into arrays of tables."""


def read_text(file: Path) -> str:
    """Read a settings or vocabulary file as UTF-8, with or without a byte order mark.

    Raises:
        SettingsWrong: The file cannot be read, is larger than anybody writes one, or is not UTF-8.
    """
    try:
        with file.open("rb") as opened:
            raw = opened.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    except OSError as error:
        raise SettingsWrong("unreadable", file=str(file), error=error.strerror or "") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SettingsWrong("not_utf8", file=str(file), line=line) from error


def parse(text: str, file: Path | str) -> dict[str, Any]:
    """Parse TOML.

    Raises:
        SettingsWrong: With the line of the first syntax error, or of what is nested too deeply.
    """
    if deep := _too_deep(text):
        raise SettingsWrong("too_deep", file=str(file), line=deep)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        placed = _PLACE.fullmatch(str(error))
        if placed is None:  # "at end of document": the mistake is on the last line
            line = max(1, len(text.splitlines()))
            raise SettingsWrong("syntax", file=str(file), line=line, what=str(error)) from error
        raise SettingsWrong(
            "syntax", file=str(file), line=int(placed["line"]), what=placed["what"]
        ) from error


def _too_deep(text: str) -> int:
    """Return the line on which more levels lie inside one another than in any settings file; 0 for none."""
    line, names, open_ = 1, 1, 0
    for step in _STEP.findall(_bare(text)):
        match step:
            case ".":
                names += 1
            case "[" | "{":
                names, open_ = 1, open_ + 1
            case "]" | "}":
                names, open_ = 1, max(0, open_ - 1)
            case _:
                names = 1
        if max(names, open_) > _MOST_LEVELS:
            return line
        line += step in "\n\0"
    return 0


def _bare(text: str) -> str:
    """Return a text with ``_`` for each string and comment, and a NUL for each line end in one."""
    return _TEXT.sub(lambda found: "_" + "\0" * found[0].count("\n"), text)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that was probably meant, or "" if none is near."""
    import difflib  # noqa: PLC0415 - for a mistake alone

    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return near[0] if near else ""


def flatten(tree: Mapping[str, Any], tables: frozenset[str]) -> dict[str, Any]:
    """Turn nested tables into dotted keys, descending only into the tables named."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if key in tables and isinstance(value, Mapping):
            flat.update({f"{key}.{inner}": below for inner, below in value.items()})
        else:
            flat[key] = value
    return flat


_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)


def line_of(text: str, path: Path_) -> int:
    """Find the line on which a value is written.

    Args:
        text: Valid TOML.
        path: The value's path, for example ``("api", "url")`` or ``("grade", 2, "suggests")``.

    Returns:
        The 1-based line of the key; if the key itself is not written out (a missing key, or one inside an
            inline table), the line of the nearest enclosing table or key; 0 if nothing fits.
    """
    best, best_line = 0, 0
    for found in _statements(text):
        common = found.place[: len(path)]
        if common == path[: len(common)] and len(common) > best:
            best, best_line = len(common), found.line
    return best_line


def insert_key(text: str, section: str, name: str, literal: str) -> str | None:
    """Insert a new key where a person would: after the last key of its table, before comments about the next.

    Args:
        text: Valid TOML that does not have the key.
        section: The table, or "" for the top level.
        literal: The value in TOML syntax.

    Returns:
        The new text, or None if the table has no header of its own in the text.
    """
    lines = text.split("\n")
    table: Path_ = (section,) if section else ()
    after = None if section else _below_head(lines)
    for found in _statements(text):
        # Not api.url = …, which is written under another table
        is_own_key = not found.is_header and found.parts == 1 and found.place[:-1] == table
        if is_own_key or (found.is_header and found.place == table):
            after = found.end
    if after is None:
        return None
    end = "\r" if any(line.endswith("\r") for line in lines) else ""
    fresh = f"{name} = {literal}{end}"
    if after == len(lines):  # the last line had no line end: it gets one, and the new one has none
        return "\n".join((*lines[:-1], lines[-1] + end, fresh.removesuffix("\r")))
    return "\n".join((*lines[:after], fresh, *lines[after:]))


def _below_head(lines: list[str]) -> int:
    """Count the comment lines at the top if they are about the whole file: an empty line follows them."""
    head = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return head if head < len(lines) and not lines[head].strip() else 0


@dataclass(frozen=True, slots=True)
class _Statement:
    """One header or one key with its value.

    Attributes:
        line / end: The first and the last line, 1-based.
        parts: Number of names in the key or header itself.
    """

    place: Path_
    line: int
    end: int
    parts: int
    is_header: bool


def _statements(text: str) -> Iterator[_Statement]:
    """List the statements of valid TOML, in order."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    table: Path_ = ()
    seen: dict[Path_, int] = {}
    for at, end in _spans(text):
        if header := _HEADER.match(lines[at]):
            table = _table(header, seen)
            yield _Statement(table, at + 1, end, len(_names(header[2])), True)
        elif key := _KEY.match(lines[at]):
            names = _names(key[1])
            yield _Statement(table + names, at + 1, end, len(names), False)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """List where statements begin and end, as 0-based lines: long strings and lists span several lines."""
    begin = end = open_ = 0
    for piece in _bare(text).split("\n"):
        end += 1 + piece.count("\0")
        open_ += sum(piece.count(sign) for sign in "[{") - sum(piece.count(sign) for sign in "]}")
        if open_ <= 0:
            yield begin, end
            begin, open_ = end, 0


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


log = logging.getLogger("loopdesk.start")

Check = Callable[[str, Path], dict[str, Any]]
"""Parses and validates a file's text. Raises ``SettingsWrong``."""


class LastKnownGood:
    """The text of one file that others write, with the copy that replaces it when it is damaged.

    Args:
        file: The file itself; it may be missing.
        last_good: Where the copy is kept.
        check: Validates the text.
    """

    def __init__(self, file: Path, last_good: Path, check: Check) -> None:
        self._file = file
        self._last_good = last_good
        self._check = check

    def read(self) -> tuple[dict[str, Any], SettingsWrong | None]:
        """Read the file, or its copy, and save a copy of what worked.

        Returns:
            The tables, and why the file itself was not used; None if it was.

        Raises:
            SettingsWrong: The file cannot be used and there is no copy.
        """
        if not self._file.exists():
            return {}, None
        try:
            text, tree = self._sound()
        except SettingsWrong as problem:
            if not self._last_good.exists():
                raise
            log.warning("settings_damaged line=%d key=%s used=last_good", problem.line, problem.key)
            return self._check(read_text(self._last_good), self._last_good), problem
        self._keep_copy(text)
        return tree, None

    def base(self) -> tuple[str, bool]:
        """Return the text to change, and whether the file itself is damaged.

        Raises:
            SettingsWrong: The file cannot be used and there is no copy.
        """
        if not self._file.exists():
            return "", False
        try:
            text, _ = self._sound()
        except SettingsWrong:
            if not self._last_good.exists():
                raise
            return read_text(self._last_good), True
        return text, False

    def _sound(self) -> tuple[str, dict[str, Any]]:
        text = read_text(self._file)
        tree = self._check(text, self._file)
        self._refuse_cut(text)
        return text, tree

    def _refuse_cut(self, text: str) -> None:
        """Reject a file that is a truncated version of the last good one, cut inside a line.

        Such a file may be valid and say something else: ``hold_seconds = 60`` cut to ``hold_seconds = 6``.
        """
        if not self._last_good.exists():
            return
        whole = read_text(self._last_good)
        rest = whole[len(text) :]
        if whole.startswith(text) and rest.strip() and not text.endswith("\n"):
            line = max(1, len(text.splitlines()))
            raise SettingsWrong("cut_off", file=str(self._file), line=line)

    def _keep_copy(self, text: str) -> None:
        try:
            if not self._last_good.exists() or self._last_good.read_text(encoding="utf-8") != text:
                replace_file(self._last_good, text)
        except (
            OSError,
            UnicodeDecodeError,
        ) as error:  # the copy is a convenience; without it the file still counts
            log.warning("settings_copy_failed error=%s", type(error).__name__)
