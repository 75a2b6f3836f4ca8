"""Checks that the frozen folder holds only what it may, within its size limit: see ``contents.toml``."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from freeze import keep

HERE = Path(__file__).resolve().parent.parent
MEGABYTE = 1_000_000
SYSTEMS = {"linux": "linux", "win32": "windows", "darwin": "macos"}


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one system's folder may be.

    Attributes:
        files: Patterns of places in the folder.
        system: Patterns of libraries that the system itself has.
        missing: Modules that may be absent, with all inside them.
    """

    megabytes: int
    files: tuple[str, ...]
    system: tuple[str, ...]
    missing: frozenset[str]


def this_system() -> str:
    """Return this system's name in ``contents.toml``."""
    return SYSTEMS[sys.platform]


def allowed(system: str) -> Allowed:
    """Read what the folder of a system may hold."""
    with (HERE / "contents.toml").open("rb") as file:
        tables: dict[str, Any] = tomllib.load(file)
    own = tables[system]
    provided = list(own["system"])
    if system == "linux":
        lines = (HERE / "linux" / "system-libraries.txt").read_text("utf-8").splitlines()
        provided += [line.split()[0] for line in lines if line and not line.startswith("#")]
    every = tables["every"]["files"] if system != "macos" else []
    missing = frozenset(tables["missing"]["names"])
    if system != "windows":
        missing |= frozenset(tables["missing"]["of_windows"])
    return Allowed(own["megabytes"], (*every, *own["files"]), tuple(provided), missing)


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    """Turn a pattern into a regular expression."""
    parts = re.split(r"(\*\*|\*|\?|\{|\}|,)", pattern)
    depth, out = 0, ""
    for part in parts:
        depth += (part == "{") - (part == "}")
        signs = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")"}
        out += "|" if part == "," and depth else signs.get(part) or re.escape(part)
    return re.compile(out, re.IGNORECASE)


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns matches a name; case-insensitive, as two of the systems are."""
    return any(_expression(pattern).fullmatch(name) for pattern in patterns)


def places(folder: Path) -> list[str]:
    """List the files of a folder by their place in it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def size(folder: Path) -> float:
    """Return how many megabytes the files of a folder hold."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / MEGABYTE


def problems(folder: Path, system: str) -> Iterator[str]:
    """Return what is in the folder but not allowed, and which patterns match nothing."""
    may = allowed(system)
    found = places(folder)
    yield from (f"{place} is named by no pattern" for place in found if not matches(place, may.files))
    if system == "macos":
        yield from _strangers_of_a_bundle(found)
    megabytes = size(folder)
    if megabytes > may.megabytes:
        yield f"the folder has {megabytes:.1f} MB, more than {may.megabytes}"


def _strangers_of_a_bundle(found: Iterable[str]) -> Iterator[str]:
    """Return what of Qt, or of the wheels' metadata, was left out and is in the bundle all the same.

    No bundle was seen yet when this was written, so its patterns allow any place in two folders.
    """
    languages = keep.shipped_languages(HERE.parent)
    for place in found:
        _, folder, inside = (*place.split("/", 2), "", "")[:3]
        if folder in ("Frameworks", "Resources") and not keep.is_kept(inside, languages):
            yield f"{place} should have been left out"
