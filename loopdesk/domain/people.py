"""Who works at a site: the list, where it comes from, and the table in which IT keeps it. Pure.

Of a badge only a keyed hash is ever stored, of a PIN only a slow one. A list is a copy wherever it is not
written, so it has an age: the time since whoever wrote it was last heard.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from loopdesk.domain.operators import Role

LONGEST_NAME: Final = 40
"""As in the settings: it is part of every note."""

LONGEST_EMAIL: Final = 254
PEOPLE_MOST: Final = 2000
"""A list is told whole, to every bench."""

ROLES: Final = (Role.OPERATOR, Role.LEAD, Role.IT)

_BADGE: Final = re.compile(r"LDBADGE[A-Z]{16,64}\Z", re.ASCII)
_EMAIL: Final = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,253}\Z")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?\Z", re.ASCII)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_YES: Final = frozenset({"", "yes", "true", "1"})
_NO: Final = frozenset({"no", "false", "0"})


class PeopleSource(StrEnum):
    """Where a list of people comes from."""

    NONE = ""
    BENCH = "bench"
    FILE = "file"
    HUB = "hub"


PRECEDENCE: Final = (PeopleSource.HUB, PeopleSource.FILE, PeopleSource.BENCH)
"""Which list counts where there are several: never two at once, for a person who was removed from one would
stay by the other.
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works at the site.

    Attributes:
        id: Survives a change of the name.
        email: What Loop is told as who processed a return; "" without one.
        language: A code such as ``de``; "" for that of the station.
        badge: The keyed hash of the badge, hex; "" without one.
        pin: The hash of the PIN as argon2 writes it; "" without one.
        changed_at: When something of this was last changed; aware UTC.
    """

    id: str
    name: str
    role: Role
    changed_at: datetime
    email: str = ""
    language: str = ""
    badge: str = field(default="", repr=False)
    pin: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PeopleList:
    """A list of people, whole.

    Attributes:
        heard_at: When whoever wrote it was last heard; None for a list that is no copy, and for none.
        people: By their names.
    """

    source: PeopleSource = PeopleSource.NONE
    heard_at: datetime | None = None
    people: tuple[Person, ...] = ()


def counting(lists: Iterable[PeopleList]) -> PeopleList:
    """Return the list that counts: the hub's before IT's file before the bench's own, also if it is empty."""
    known = {each.source: each for each in lists}
    return next((known[source] for source in PRECEDENCE if source in known), PeopleList())


def badge_in(text: str) -> str | None:
    """Return a badge's secret as it is hashed, None if the text is no badge."""
    typed = text.strip().upper()
    return typed if _BADGE.match(typed) else None


class PersonFault(StrEnum):
    """What is wrong with what was said of a person."""

    NAME = "person_name"
    ROLE = "person_role"
    EMAIL = "person_email"
    LANGUAGE = "person_language"
    ACTIVE = "person_active"
    BADGE = "person_badge"
    TWICE = "person_twice"
    TAKEN = "person_taken"
    UNKNOWN = "person_unknown"
    COLUMNS = "person_columns"
    CELLS = "person_cells"
    NOT_CSV = "person_not_csv"
    MANY = "people_many"


@dataclass(frozen=True, slots=True)
class TableFault:
    """A mistake in a table of people.

    Attributes:
        line: Its line, from 1.
        column: The column's name, "" if it is about the whole line.
        value: What stands there; "" for a badge, which is a secret.
        other: For something that stands there twice, the line of the first.
    """

    line: int
    why: PersonFault
    column: str = ""
    value: str = ""
    other: int = 0


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What a line of the table says of a person.

    Attributes:
        line: Its line, from 1.
        id: "" for whoever has this name, or somebody new.
        email, language: None if the table has no such column: it stays as it is.
        badge: The badge's secret; "" if it stays as it is.
        active: False for somebody who is to go.
    """

    line: int
    name: str
    role: Role
    id: str = ""
    email: str | None = None
    language: str | None = None
    badge: str = field(default="", repr=False)
    active: bool = True


COLUMNS: Final = ("id", "name", "role", "email", "language", "active", "badge")
_NEEDED: Final = frozenset({"name", "role"})


def name_fault(name: str) -> bool:
    """Whether a text is no name of a person: empty, too long, or not printable."""
    return not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or name != " ".join(name.split())


def email_fault(email: str) -> bool:
    """Whether a text is no e-mail address, nor none."""
    return bool(email) and (len(email) > LONGEST_EMAIL or not _EMAIL.match(email) or not email.isprintable())


def language_fault(language: str) -> bool:
    """Whether a text is no code of a language, nor none."""
    return bool(language) and not _LANGUAGE.match(language)


def rows_in(text: str) -> tuple[tuple[PersonRow, ...], tuple[TableFault, ...]]:
    """Read a table of people: CSV with a line of column names, divided by commas, semicolons or tabs.

    Returns:
        The rows and the mistakes; with any mistake nothing of the table should be used.
    """
    text = text.removeprefix("\ufeff")
    head = text.split("\n", 1)[0]
    divider = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider, strict=True)
    rows: list[PersonRow] = []
    faults: list[TableFault] = []
    try:
        columns = [cell.strip().lower() for cell in next(reader, [])]
        if wrong := _wrong_columns(columns):
            return (), (TableFault(1, PersonFault.COLUMNS, value=", ".join(wrong)),)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                _read(reader.line_num, columns, cells, rows, faults)
    except csv.Error:
        return (), (TableFault(reader.line_num, PersonFault.NOT_CSV),)
    if len(rows) > PEOPLE_MOST:
        faults.append(TableFault(reader.line_num, PersonFault.MANY, value=str(PEOPLE_MOST)))
    return tuple(rows), (*faults, *_twice(rows))


def _wrong_columns(columns: Sequence[str]) -> list[str]:
    """Return the columns that are unknown, doubled or lacking."""
    wrong = [each for each in columns if each not in COLUMNS or columns.count(each) > 1]
    return sorted({*wrong, *(_NEEDED - set(columns))})


def _read(
    line: int, columns: Sequence[str], cells: Sequence[str], rows: list[PersonRow], faults: list[TableFault]
) -> None:
    if len(cells) != len(columns):
        faults.append(TableFault(line, PersonFault.CELLS, value=str(len(cells)), other=len(columns)))
        return
    found = {column: _plain(cell) for column, cell in zip(columns, cells, strict=True)}
    wrong = [TableFault(line, why, column, value) for column, why, value in _cell_faults(found)]
    faults += wrong
    if not wrong:
        rows.append(
            PersonRow(
                line=line,
                id=found.get("id", ""),
                name=found["name"],
                role=Role(found["role"].lower()),
                email=found.get("email"),
                language=found.get("language"),
                badge=badge_in(found.get("badge", "")) or "",
                active=found.get("active", "").lower() in _YES,
            )
        )


def _cell_faults(found: Mapping[str, str]) -> Iterable[tuple[str, PersonFault, str]]:
    name, role, email = found["name"], found["role"], found.get("email", "")
    language, active = found.get("language", ""), found.get("active", "")
    if name_fault(name):
        yield "name", PersonFault.NAME, name[:LONGEST_NAME]
    if role.lower() not in ROLES:
        yield "role", PersonFault.ROLE, role[:LONGEST_NAME]
    if email_fault(email):
        yield "email", PersonFault.EMAIL, email[:LONGEST_NAME]
    if language_fault(language):
        yield "language", PersonFault.LANGUAGE, language[:LONGEST_NAME]
    if active.lower() not in _YES | _NO:
        yield "active", PersonFault.ACTIVE, active[:LONGEST_NAME]
    if found.get("badge") and badge_in(found["badge"]) is None:
        yield "badge", PersonFault.BADGE, ""


def _twice(rows: Sequence[PersonRow]) -> tuple[TableFault, ...]:
    first: dict[tuple[str, str], int] = {}
    faults = []
    for row in rows:
        for column, value in (("id", row.id), ("name", row.name.casefold()), ("badge", row.badge)):
            if not value:
                continue
            before = first.setdefault((column, value), row.line)
            if before != row.line:
                shown = "" if column == "badge" else getattr(row, column)
                faults.append(TableFault(row.line, PersonFault.TWICE, column, shown, before))
    return tuple(faults)


def table_of(people: Iterable[tuple[str, str, Role, str, str]]) -> str:
    """Write people as a table that ``rows_in`` reads, without badges and PINs.

    No cell begins a formula in a spreadsheet: one that would has an apostrophe before it.

    Args:
        people: Id, name, role, e-mail address and language of each.
    """
    written = io.StringIO(newline="")
    table = csv.writer(written)
    table.writerow(COLUMNS[:5])
    table.writerows([_safe(cell) for cell in each] for each in people)
    return written.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith((*_FORMULA, "'")) else cell


def _plain(cell: str) -> str:
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:2] in (*_FORMULA, "'") else text
