"""The people of a site at its hub: what IT types, what the benches are told, and what is told nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loopdesk.domain.operators import Role
from loopdesk.hub.database.pool import Database
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.sharing.people import KEY, HubPeople, told
from loopdesk.hub.shops.sealing import SealingKey
from loopdesk.services.sharing.people import people_in
from tests.hub.test_commands import It, _init, it

__all__ = ("it",)

BADGE = "LDBADGEABCDEFGHIJKLMNOPQ"


@pytest.fixture
def people(hub_database: Database) -> HubPeople:
    return HubPeople(hub_database, SealingKey(b"k" * 32), ring=lambda: None)


async def _numbers(database: Database) -> list[int]:
    async with database.transaction() as connection:
        cursor = await connection.execute("SELECT seq FROM shared_change WHERE kind = 'people'")
        return [row["seq"] for row in await cursor.fetchall()]


async def _told(database: Database) -> dict[str, tuple[Role, str]]:
    value = (await told(database, [KEY])).get(KEY)
    read = people_in(value)
    assert read is not None
    return {person.name: (person.role, person.badge) for person in read}


async def test_benches_are_told_the_whole_list_each_time_something_of_it_changes(
    people: HubPeople, hub_database: Database
) -> None:
    [empty] = await _numbers(hub_database)
    assert await _told(hub_database) == {}
    await people.add("Žofie", Role.LEAD, "zofie@shop.example", "de")
    await people.add("Bo", Role.OPERATOR)
    [two] = await _numbers(hub_database)
    await people.give_badge("žofie", BADGE.lower())
    found = await _told(hub_database)
    assert list(found) == ["Bo", "Žofie"]
    assert re.fullmatch("[0-9a-f]{64}", found["Žofie"][1])
    await people.deactivate("Bo")
    [last] = await _numbers(hub_database)
    assert empty < two < last
    assert list(await _told(hub_database)) == ["Žofie"]
    assert [(entry.name, entry.active) for entry, _ in await people.all()] == [("Žofie", True), ("Bo", False)]


async def test_a_badge_opens_for_one_alone_and_is_kept_as_a_keyed_hash(
    people: HubPeople, hub_database: Database
) -> None:
    await people.add("Ana", Role.LEAD)
    await people.add("Bo", Role.OPERATOR)
    await people.give_badge("Ana", BADGE)
    with pytest.raises(HubFailure, match="person_badge_taken"):
        await people.give_badge("Bo", BADGE)
    for wrong, why in (("Nobody", "person_nobody"), ("Bo", "person_badge")):
        with pytest.raises(HubFailure, match=why):
            await people.give_badge(wrong, BADGE if wrong == "Nobody" else "LDBADGE1")
    other = HubPeople(hub_database, SealingKey(b"o" * 32), ring=lambda: None)
    before = (await _told(hub_database))["Ana"][1]
    await other.give_badge("Ana", BADGE)
    assert (await _told(hub_database))["Ana"][1] != before
    with pytest.raises(HubFailure, match="no_badge_key"):
        await HubPeople(hub_database, None, ring=lambda: None).give_badge("Ana", BADGE)
    await people.deactivate("Ana")
    await people.give_badge("Bo", BADGE)  # whoever went has none any more
    with pytest.raises(HubFailure, match="person_exists"):
        await people.add("BO", Role.LEAD)


async def test_what_changes_nothing_is_told_nobody(people: HubPeople, hub_database: Database) -> None:
    await people.add("Ana", Role.LEAD)
    before = await _numbers(hub_database)
    with pytest.raises(HubFailure):
        await people.add("ana", Role.LEAD)
    changed, faults = await people.take_table([], replace=False)
    assert (changed.added, changed.changed, faults) == ((), (), ())
    assert await _numbers(hub_database) == before


def test_it_imports_exports_and_imports_a_table_again(
    it: It, tmp_path: Path, empty_hub_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _init(it, empty_hub_url)
    table = tmp_path / "people.csv"
    table.write_text(f"name;role;badge\nŽofie;lead;{BADGE}\n=1+1;operator;\n", "utf-8")
    assert it.types("people", "list") == 0
    assert "There is nobody yet." in it.said
    assert it.types("people", "import", str(table)) == 0, it.said
    assert "2 people added" in it.said
    assert it.types("people", "list") == 0
    assert re.search(r"Žofie +lead +has a badge", it.said)
    assert it.types("people", "export", str(tmp_path / "out.csv")) == 0
    written = (tmp_path / "out.csv").read_text("utf-8")
    assert "'=1+1" in written
    assert BADGE not in written
    assert oct((tmp_path / "out.csv").stat().st_mode & 0o777) == "0o600"
    assert it.types("people", "import", "--replace", str(tmp_path / "out.csv")) == 0
    assert "2 rows changed nothing" in it.said
    table.write_text("name,role\nAna,boss\nBo,lead\nbo,lead\n", "utf-8")
    assert it.types("people", "import", str(table)) == 1
    assert "line 2, role: boss is no role" in it.said
    assert "line 4, name: the same as in line 3: bo" in it.said
    assert it.types("people", "import", str(tmp_path / "absent.csv")) == 1
    with (tmp_path / "badge").open("w+") as given:
        given.write("LDBADGE" + "Z" * 20 + "\n")
        given.seek(0)
        monkeypatch.setattr("sys.stdin", given)
        assert it.types("people", "badge", "=1+1") == 0
    assert "ZZZ" not in it.said
    table.write_text("name,role\nŽofie,operator\n", "utf-8")
    assert it.types("people", "import", "--replace", str(table)) == 0
    assert "1 person changed" in it.said
    assert "1 person deactivated" in it.said
    assert it.types("people", "add", "  Di  Li ", "--role", "it", "--email", "di@x.example") == 0
    assert it.types("people", "deactivate", "di li") == 0
    assert it.types("people", "deactivate", "di li") == 1
