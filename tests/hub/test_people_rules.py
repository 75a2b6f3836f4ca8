"""What a table of people changes."""

from __future__ import annotations

import pytest

from loopdesk.domain.operators import Role
from loopdesk.domain.people import PersonFault, PersonRow
from loopdesk.hub.sharing.people_rules import KnownPerson, TableChanges, changes

ANA = KnownPerson("1", "Ana", Role.LEAD, "ana@x.example", "de", b"a")
BO = KnownPerson("2", "Bo", Role.OPERATOR)
GONE = KnownPerson("3", "Ci", Role.OPERATOR, active=False)


def hashed(badge: str) -> bytes:
    return badge.encode()


def found(*rows: PersonRow, replace: bool = False) -> TableChanges:
    result, faults = changes([ANA, BO, GONE], rows, hashed, replace=replace)
    assert faults == ()
    return result


def faults(*rows: PersonRow) -> list[tuple[int, PersonFault, str]]:
    return [(x.line, x.why, x.column) for x in changes([ANA, BO, GONE], rows, hashed, replace=False)[1]]


def test_somebody_new_is_added_and_somebody_known_keeps_what_the_table_does_not_say() -> None:
    result = found(PersonRow(2, "Di", Role.IT, badge="d"), PersonRow(3, "ANA", Role.OPERATOR))
    assert result.added == (KnownPerson("", "Di", Role.IT, badge=b"d"),)
    assert result.changed == (KnownPerson("1", "ANA", Role.OPERATOR, "ana@x.example", "de", b"a"),)


def test_the_same_table_again_changes_nothing() -> None:
    result = found(PersonRow(2, "Ana", Role.LEAD, email="ana@x.example"), PersonRow(3, "Bo", Role.OPERATOR))
    assert result == TableChanges(same=2)


def test_whoever_goes_loses_badge_and_comes_back_without_it() -> None:
    assert found(PersonRow(2, "Ana", Role.LEAD, active=False)).changed == (
        KnownPerson("1", "Ana", Role.LEAD, "ana@x.example", "de", active=False),
    )
    assert found(PersonRow(2, "Ci", Role.LEAD, id="3")).changed == (KnownPerson("3", "Ci", Role.LEAD),)
    assert found(PersonRow(2, "Nobody", Role.LEAD, active=False)) == TableChanges(same=1)


def test_a_table_that_replaces_lets_go_whoever_is_not_in_it() -> None:
    result = found(PersonRow(2, "Bo", Role.OPERATOR), replace=True)
    assert [(each.id, each.active) for each in result.changed] == [("1", False)]
    assert (result.gone, result.same) == (1, 1)


def test_two_may_change_names_with_each_other() -> None:
    result = found(PersonRow(2, "Bo", Role.LEAD, id="1"), PersonRow(3, "Ana", Role.OPERATOR, id="2"))
    assert {each.id: each.name for each in result.changed} == {"1": "Bo", "2": "Ana"}


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([PersonRow(2, "Bo", Role.LEAD, id="1")], (2, PersonFault.TAKEN, "name")),
        ([PersonRow(2, "Bo", Role.LEAD, badge="a")], (2, PersonFault.TAKEN, "badge")),
        ([PersonRow(2, "Ana", Role.LEAD, id="9")], (2, PersonFault.UNKNOWN, "id")),
        (
            [PersonRow(2, "X", Role.LEAD, id="1"), PersonRow(3, "Ana", Role.LEAD)],
            (3, PersonFault.TWICE, "name"),
        ),
    ],
)
def test_what_belongs_to_somebody_else_is_named_with_its_line(
    rows: list[PersonRow], wrong: tuple[int, PersonFault, str]
) -> None:
    assert wrong in faults(*rows)
