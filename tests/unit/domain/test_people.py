"""Tables of people: what is read, what is refused and where, and which list counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.operators import Role
from loopdesk.domain.people import (
    LONGEST_NAME,
    PEOPLE_MOST,
    ROLES,
    PeopleList,
    PeopleSource,
    PersonFault,
    badge_in,
    counting,
    name_fault,
    rows_in,
    table_of,
)

BADGE = "LDBADGEABCDEFGHIJKLMNOPQ"


def wrong(text: str) -> list[tuple[int, str, PersonFault]]:
    return [(fault.line, fault.column, fault.why) for fault in rows_in(text)[1]]


@pytest.mark.parametrize("divider", [",", ";", "\t"])
@pytest.mark.parametrize("begins", ["", "\ufeff"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_table_of_any_spreadsheet_is_read(divider: str, begins: str, ends: str) -> None:
    lines = [
        ["Name", "ROLE", "email", "badge", "active"],
        [" Žofie ", "Lead", "zofie@shop.example", BADGE.lower(), ""],
        ["", "", "", "", ""],
        ["Bo Li", "operator", "", "", "no"],
    ]
    rows, faults = rows_in(begins + ends.join(divider.join(line) for line in lines))
    assert faults == ()
    first, second = rows
    assert (first.line, first.name, first.role, first.email) == (2, "Žofie", Role.LEAD, "zofie@shop.example")
    assert (first.badge, first.active, first.language) == (BADGE, True, None)
    assert (second.line, second.email, second.active) == (4, "", False)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (",lead,,,,", [("name", PersonFault.NAME)]),
        ("x\u202ey,lead,,,,", [("name", PersonFault.NAME)]),
        ("x" * (LONGEST_NAME + 1) + ",lead,,,,", [("name", PersonFault.NAME)]),
        ("Ana,boss,,,,", [("role", PersonFault.ROLE)]),
        ("Ana,,,,,", [("role", PersonFault.ROLE)]),
        ("Ana,lead,at home,,,", [("email", PersonFault.EMAIL)]),
        ("Ana,lead,a@b c,,,", [("email", PersonFault.EMAIL)]),
        ("Ana,lead,,German,,", [("language", PersonFault.LANGUAGE)]),
        ("Ana,lead,,,maybe,", [("active", PersonFault.ACTIVE)]),
        ("Ana,lead,,,,LDBADGESHORT", [("badge", PersonFault.BADGE)]),
        ("Ana,boss,@,,,", [("role", PersonFault.ROLE), ("email", PersonFault.EMAIL)]),
        ("Ana,lead,,,", [("", PersonFault.CELLS)]),
        ("Ana,lead,,,,,", [("", PersonFault.CELLS)]),
    ],
)
def test_a_mistake_is_named_with_its_line_and_column(line: str, found: list[tuple[str, PersonFault]]) -> None:
    text = f"name,role,email,language,active,badge\nBo,operator,,,,\n{line}\n"
    assert wrong(text) == [(3, column, why) for column, why in found]


def test_a_badge_is_in_no_mistake_and_in_no_repr() -> None:
    text = f"name,role,badge\nAna,lead,{BADGE}\nBo,lead,{BADGE}\nCi,lead,LDBADGE{BADGE}1\n"
    rows, faults = rows_in(text)
    assert [(x.line, x.column, x.why, x.other) for x in faults] == [
        (4, "badge", PersonFault.BADGE, 0),
        (3, "badge", PersonFault.TWICE, 2),
    ]
    assert BADGE not in repr(rows) + repr(faults)


def test_what_stands_twice_is_named_with_both_lines() -> None:
    rows, faults = rows_in("name,role,id\nSTRASSE,lead,1\nStraße,lead,2\nBo,lead,1\n")
    assert len(rows) == 3
    assert [(x.line, x.column, x.other) for x in faults] == [(3, "name", 2), (4, "id", 2)]


@pytest.mark.parametrize("head", ["", "name", "role", "name,role,pin", "name,role,name", "\0"])
def test_a_table_without_its_columns_is_refused_whole(head: str) -> None:
    assert wrong(f"{head}\nAna,lead\n") == [(1, "", PersonFault.COLUMNS)]


def test_what_is_no_csv_is_refused_whole() -> None:
    assert wrong('name,role\n"Ana"x,lead\n') == [(2, "", PersonFault.NOT_CSV)]
    assert wrong(f'name,role\nAna,"{"x" * 200_000}"\n')[0][2] is PersonFault.NOT_CSV


def test_more_people_than_a_list_may_have_are_refused() -> None:
    lines = "\n".join(f"P{n},lead" for n in range(PEOPLE_MOST + 1))
    assert [fault.why for fault in rows_in(f"name,role\n{lines}")[1]] == [PersonFault.MANY]


_NAMES = st.text(min_size=1, max_size=LONGEST_NAME).filter(lambda name: not name_fault(name))


@given(st.lists(st.tuples(_NAMES, st.sampled_from(ROLES)), unique_by=lambda x: x[0].casefold(), max_size=6))
def test_a_written_table_is_read_as_it_was_and_no_cell_is_a_formula(people: list[tuple[str, Role]]) -> None:
    text = table_of((f"id-{n}", name, role, "", "de") for n, (name, role) in enumerate(people))
    rows, faults = rows_in(text)
    assert faults == ()
    assert [(row.name, row.role, row.id) for row in rows] == [
        (name, role, f"id-{n}") for n, (name, role) in enumerate(people)
    ]
    cells = [cell for line in text.split("\r\n")[1:] for cell in line.replace('"', "").split(",")]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t")]


def test_the_hubs_list_goes_before_its_file_before_the_benchs_also_if_it_is_empty() -> None:
    lists = [PeopleList(source) for source in (PeopleSource.BENCH, PeopleSource.FILE, PeopleSource.HUB)]
    assert counting(lists).source is PeopleSource.HUB
    assert counting(lists[:2]).source is PeopleSource.FILE
    assert counting(lists[:1]).source is PeopleSource.BENCH
    assert counting([]) == PeopleList()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (BADGE, BADGE),
        (f"  {BADGE.lower()}\r\n", BADGE),
        ("LDBADGE" + "A" * 15, None),
        ("LDBADGE" + "A" * 65, None),
        ("LDBADGE" + "Ä" * 16, None),
        ("LDCMD" + "A" * 20, None),
        ("", None),
    ],
)
def test_a_badge_is_told_from_what_is_none(text: str, found: str | None) -> None:
    assert badge_in(text) == found
