"""``queue --machine`` counts what waits in the stores of all users, and touches none of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopdesk.app.commands import machine
from loopdesk.store.database import FILE_NAME
from loopdesk.store.store import open_store
from loopdesk.system.host.paths import Profile, bench_profiles, homes
from tests.builders import a_keep_request, rebuild


async def _keep(profile: Profile, return_ids: list[str]) -> None:
    profile.create()
    store = await open_store(profile.store_folder, rebuild)
    for return_id in return_ids:
        await store.outbox.keep(a_keep_request(return_id=return_id))
    await store.close()


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_what_waits_is_counted_over_all_who_work_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ann, bob, new = (Profile(tmp_path / name) for name in ("ann", "bob", "new"))
    await _keep(ann, ["70000001"])
    await _keep(bob, [])
    before = _contents(ann.folder)

    assert machine.count_machine_queue([ann, bob, new]) == 1

    entries = len(a_keep_request().actions)
    said = capsys.readouterr().out.splitlines()
    assert said == [
        f"{entries} actions are still waiting at this machine",
        f"{ann.folder}: {entries} actions are still waiting",
    ]
    after = _contents(ann.folder)
    assert {name: after[name] for name in before} == before


async def test_nothing_waiting_is_said_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await _keep(Profile(tmp_path / "bob"), [])
    assert machine.count_machine_queue([Profile(tmp_path / "bob")]) == 0
    assert capsys.readouterr().out == "0 actions are still waiting at this machine\n"


def test_a_store_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torn = Profile(tmp_path / "torn")
    torn.create()
    (torn.store_folder / FILE_NAME).write_bytes(b"no database at all" * 100)
    assert machine.count_machine_queue([torn]) == 1
    assert f"{torn.folder}: cannot be read" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("platform", "below"),
    [
        ("win32", "AppData/Local/loopdesk/bench"),
        ("darwin", "Library/Application Support/loopdesk/bench"),
        ("linux", ".local/share/loopdesk/bench"),
    ],
)
def test_a_profile_is_looked_for_where_the_system_keeps_it(tmp_path: Path, platform: str, below: str) -> None:
    (tmp_path / "ann" / below).mkdir(parents=True)
    (tmp_path / "bob").mkdir()
    found = bench_profiles([tmp_path / "bob", tmp_path / "ann", tmp_path / "ann"], platform)
    assert [profile.folder for profile in found] == [tmp_path / "ann" / below]


def test_the_one_who_asks_is_among_the_users() -> None:
    assert Path("~").expanduser() in homes()
