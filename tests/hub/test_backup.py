"""A copy of the database, made while the hub runs and loaded again: whole, and known as an older one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from loopdesk.hub.compose import Hub
from loopdesk.hub.database.connecting import connect
from loopdesk.hub.database.sql import migrations, rows
from tests.hub.running import settings_for
from tests.hub.spare_postgres import programs
from tests.hub.test_commands import It


@pytest.fixture
def it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, hub_url: str
) -> It:
    """IT, with PostgreSQL's programs and a settings file."""
    monkeypatch.setenv("PATH", str(programs()))
    (tmp_path / "hub.toml").write_text(f'[database]\nurl = "{hub_url}"\n', "utf-8")
    return It(tmp_path / "hub.toml", capsys)


async def _names_and_generation(url: str) -> tuple[list[str], str]:
    connection = await connect(url)
    found = [each["name"] for each in await rows(connection, "benches.all")]
    [told] = await rows(connection, "living.beat")
    assert [each["version"] for each in await rows(connection, "migrations.done")] == [
        step.version for step in migrations()
    ]
    await connection.close()
    return found, told["generation"]


async def _run(url: str, statement: bytes) -> None:
    connection = await connect(url)
    await connection.execute(statement)
    await connection.close()


def test_a_copy_brings_back_what_was_and_is_known_as_older(it: It, tmp_path: Path, hub_url: str) -> None:
    assert it.types("bench", "add", "Dock 1") == 1  # the address of the hub is missing
    asyncio.run(_run(hub_url, b"INSERT INTO bench (name) VALUES ('Dock 1')"))
    copy = tmp_path / "copy.dump"
    assert it.types("backup", str(copy)) == 0, it.said
    assert oct(copy.stat().st_mode & 0o777) == "0o600"
    _, before = asyncio.run(_names_and_generation(hub_url))
    asyncio.run(_run(hub_url, b"INSERT INTO bench (name) VALUES ('Dock 2'); CREATE TABLE newer (x integer)"))
    assert it.types("restore", str(copy)) == 0, it.said
    names, after = asyncio.run(_names_and_generation(hub_url))
    assert names == ["Dock 1"]
    assert after != before
    asyncio.run(_run(hub_url, b"CREATE TABLE newer (x integer)"))  # what was not in the copy is gone


def test_nothing_is_restored_while_a_hub_works(it: It, tmp_path: Path, hub_url: str) -> None:
    copy = tmp_path / "copy.dump"
    assert it.types("backup", str(copy)) == 0, it.said

    async def restore_beside_a_hub() -> int:
        async with Hub(settings_for(hub_url, tmp_path)):
            return await asyncio.to_thread(it.types, "restore", str(copy))

    assert asyncio.run(restore_beside_a_hub()) == 1
    assert "Stop it first." in it.said


def test_what_is_no_copy_leaves_the_database_alone(it: It, tmp_path: Path, hub_url: str) -> None:
    before = asyncio.run(_names_and_generation(hub_url))
    (tmp_path / "other").write_bytes(b"PGDMP and nothing else")
    assert it.types("restore", str(tmp_path / "other")) == 1
    assert asyncio.run(_names_and_generation(hub_url)) == before


def test_a_copy_never_replaces_a_file_and_needs_the_programs(
    it: It, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there"
    there.touch()
    assert it.types("backup", str(there)) == 1
    assert "is there already" in it.said
    monkeypatch.setenv("PATH", str(tmp_path))
    assert it.types("backup", str(tmp_path / "copy")) == 1
    assert "pg_dump is not installed" in it.said
    assert not (tmp_path / "copy").exists()
