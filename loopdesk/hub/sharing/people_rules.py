"""What a table of people changes: who is new, who is another, who goes. Pure.

A table is taken whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from loopdesk.domain.operators import Role
from loopdesk.domain.people import PersonFault, PersonRow, TableFault


def name_key(name: str) -> str:
    """Return a name without regard to case."""
    return name.casefold()


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """What is stored of a person.

    Attributes:
        id: "" for somebody new.
        badge: The hash; b"" for none.
    """

    id: str
    name: str
    role: Role
    email: str = ""
    language: str = ""
    badge: bytes = field(default=b"", repr=False)
    active: bool = True


@dataclass(frozen=True, slots=True)
class TableChanges:
    """What is to be written.

    Attributes:
        added: Without ids.
        changed: As they are to be; those who go too.
        same: How many rows of the table change nothing.
    """

    added: tuple[KnownPerson, ...] = ()
    changed: tuple[KnownPerson, ...] = ()
    same: int = 0

    @property
    def gone(self) -> int:
        """How many of the changed go."""
        return sum(not each.active for each in self.changed)


def changes(
    known: Sequence[KnownPerson],
    rows: Sequence[PersonRow],
    hashed: Callable[[str], bytes],
    *,
    replace: bool,
) -> tuple[TableChanges, tuple[TableFault, ...]]:
    """Decide what a table changes.

    Args:
        known: Everybody, also those who went.
        hashed: Returns what is stored of a badge.
        replace: Whoever is not in the table goes.

    Returns:
        The changes and the mistakes; with any mistake nothing is to be changed.
    """
    by_id = {each.id: each for each in known}
    by_name = {name_key(each.name): each for each in known if each.active}
    added: list[KnownPerson] = []
    after: dict[str, KnownPerson] = {}
    lines: dict[str, int] = {}
    faults: list[TableFault] = []
    same = 0
    for row in rows:
        if row.id and row.id not in by_id:
            faults.append(TableFault(row.line, PersonFault.UNKNOWN, "id", row.id[:36]))
            continue
        before = by_id[row.id] if row.id else by_name.get(name_key(row.name))
        wanted = _wanted(row, before, hashed)
        if before is not None and before.id in lines:
            faults.append(TableFault(row.line, PersonFault.TWICE, "name", row.name, lines[before.id]))
        elif before is None:
            added += [wanted] if row.active else []
        else:
            after[before.id], lines[before.id] = wanted, row.line
        same += wanted == before or (before is None and not row.active)
    if replace:
        after |= {each.id: _gone(each) for each in known if each.active and each.id not in after}
    found = TableChanges(tuple(added), tuple(each for each in after.values() if each != by_id[each.id]), same)
    faults += _taken([*(by_id | after).values(), *added], rows)
    return found, tuple(faults)


def _wanted(row: PersonRow, before: KnownPerson | None, hashed: Callable[[str], bytes]) -> KnownPerson:
    base = before or KnownPerson("", row.name, row.role)
    wanted = KnownPerson(
        id=base.id,
        name=row.name,
        role=row.role,
        email=base.email if row.email is None else row.email,
        language=base.language if row.language is None else row.language,
        badge=hashed(row.badge) if row.badge else base.badge,
        active=row.active,
    )
    return wanted if row.active else _gone(wanted)


def _gone(person: KnownPerson) -> KnownPerson:
    return KnownPerson(person.id, person.name, person.role, person.email, person.language, active=False)


def _taken(everybody: Sequence[KnownPerson], rows: Sequence[PersonRow]) -> list[TableFault]:
    """Find names and badges that two would have, of whom one may not be in the table."""
    active = [each for each in everybody if each.active]
    lines = {name_key(row.name): row.line for row in rows}
    faults = []
    names: set[str] = set()
    badges: set[bytes] = set()
    for each in active:
        key = name_key(each.name)
        if key in names:
            faults.append(TableFault(lines.get(key, 0), PersonFault.TAKEN, "name", each.name))
        if each.badge and each.badge in badges:
            faults.append(TableFault(lines.get(key, 0), PersonFault.TAKEN, "badge", ""))
        names.add(key)
        badges |= {each.badge} if each.badge else set()
    return faults
