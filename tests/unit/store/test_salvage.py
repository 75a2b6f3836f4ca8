"""A damaged file is moved aside, and what can be read of it is salvaged."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import apsw
import pytest

from loopdesk.domain.errors import StoreDamaged, StoreError
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.photo_links import PhotoAddress, linked
from loopdesk.domain.outbox.stages import Entry, Move, ParkReason, Stage
from loopdesk.services.ports.labels import LabelSubject
from loopdesk.store.audit import Audit
from loopdesk.store.database import Database
from loopdesk.store.label_prints import LabelPrints
from loopdesk.store.outbox.entries import Outbox
from loopdesk.store.outbox.photo_queue import PhotoQueue
from loopdesk.store.recovery.salvage import replace_damaged
from loopdesk.store.returns.drafts import Drafts
from loopdesk.store.returns.mysteries import Mysteries
from loopdesk.store.sql import fetch, migrations
from tests.builders import AT, RETURN_ID, a_draft, a_keep_request, a_mystery, ids_of

FILE = "loopdesk.db"
SOCKS = LabelSubject("line:70000099:30000001", "grade_a back_to_stock tote 14", "Trail Socks")
PAGE = 4096


async def opened(folder: Path, *, repair: bool = True) -> Database:
    """Open a store with a small reserve."""
    return await Database.open(folder / FILE, repair=repair, reserve_bytes=PAGE)


def asides(folder: Path) -> set[str]:
    """Name the damaged databases that were moved aside."""
    return {file.name for file in folder.glob("damaged-*.db")}


async def filled(folder: Path, returns: int = 3) -> tuple[Entry, ...]:
    """Make a store with settlements, one of them done, a draft and a mystery; return its entries."""
    database = await opened(folder)
    outbox = Outbox(database)
    for n in range(returns):
        await outbox.keep(a_keep_request(return_id=f"7000000{n}" if n < 10 else f"700000{n}"))
    first = (await outbox.held())[0]
    await outbox.release(first.settlement_id)
    for entry in await outbox.lane(first.return_id):
        await outbox.claim((entry,), "", AT)
        await outbox.apply((Move(entry.entry_id, Stage.SENDING, Stage.DONE),), at=AT, evidence="accepted")
    await Drafts(database).save(a_draft("70000099"))
    await Mysteries(database).add(a_mystery())
    await LabelPrints(database).begin((SOCKS,), AT, by_itself=True)
    entries = await outbox.entries()
    await database.close()
    return entries


@pytest.mark.fault(185)
async def test_labels_that_were_printed_by_itself_are_not_again_from_a_store_that_was_repaired(
    tmp_path: Path,
) -> None:
    await filled(tmp_path)
    destroy(tmp_path / FILE, await root_page(tmp_path, "waiver"))
    database = await opened(tmp_path)
    assert database.report.damaged is not None
    prints = LabelPrints(database)
    assert await prints.latest("line:70000099:") == {SOCKS.subject: SOCKS.content}
    assert await prints.begin((SOCKS,), AT, by_itself=True) == (None,)
    assert await prints.doubt() == 1, "it was about to be printed"
    await database.close()


def logs_beside(aside: Path) -> bytes:
    """Return the log that was moved together with a damaged file."""
    log = aside.with_name(f"{aside.name}-wal")
    return log.read_bytes() if log.exists() else b""


def destroy(file: Path, page: int) -> None:
    """Overwrite one page of a file."""
    with file.open("r+b") as handle:
        handle.seek(page * PAGE)
        handle.write(b"\xa5" * PAGE)


async def test_the_queue_of_photos_outlives_a_damage_beside_it(tmp_path: Path) -> None:
    photo = f"{'a' * 32}.jpg"
    found = replace(a_draft().inspections[0], photos=(photo,))
    draft = replace(a_draft(), inspections=(found,))
    request = replace(a_keep_request(Kind.GRADE, draft=draft), draft=draft)
    place = PhotoAddress("https://photos.example.test/dock", "s" * 64)
    actions, photos = linked(request.actions, draft, place)
    database = await opened(tmp_path)
    await Outbox(database).keep(replace(request, actions=actions, photos=photos))
    await Mysteries(database).add(a_mystery())
    before = await PhotoQueue(database).waiting(9)
    await database.close()
    assert [each.photo for each in before] == [photo]
    destroy(tmp_path / FILE, await root_page(tmp_path, "waiver"))
    database = await opened(tmp_path)
    assert database.report.damaged is not None
    assert await PhotoQueue(database).waiting(9) == before
    (grade,) = await Outbox(database).entries(Stage.PARKED)
    assert grade.payload["images"] == [], "a person may send it before the photo is at its place"
    assert await Outbox(database).payload_is_whole(grade)
    assert (await PhotoQueue(database).counts()).owed == 1
    await database.close()


@pytest.mark.fault(67)
async def test_a_file_that_is_no_database_is_moved_aside_and_work_goes_on(tmp_path: Path) -> None:
    await filled(tmp_path)
    (tmp_path / FILE).write_bytes(b"not a database at all" * 1000)
    database = await opened(tmp_path)
    aside = database.report.damaged
    assert aside is not None
    assert aside.read_bytes() == b"not a database at all" * 1000
    assert not database.report.restored
    await Outbox(database).keep(a_keep_request())
    assert [row.event for row in await Audit(database).rows()] == ["damaged", "kept"]
    await database.close()


async def test_a_second_process_does_not_move_a_damaged_file(tmp_path: Path) -> None:
    await filled(tmp_path)
    destroy(tmp_path / FILE, 0)
    with pytest.raises(StoreDamaged):
        await opened(tmp_path, repair=False)
    assert not asides(tmp_path)


async def test_several_damaged_files_lie_side_by_side(tmp_path: Path) -> None:
    names = set()
    for _ in range(3):
        await (await opened(tmp_path)).close()
        destroy(tmp_path / FILE, 0)
        database = await opened(tmp_path)
        assert database.report.damaged is not None
        names.add(database.report.damaged.name)
        await database.close()
    assert len(names) == 3
    assert names == asides(tmp_path)


async def root_page(folder: Path, name: str) -> int:
    """Return the first page of a table or an index, counted from 0."""
    database = await opened(folder)
    sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
    ((page,),) = await database.read(partial(fetch, sql=sql, values=(name,)))
    await database.close()
    return int(page) - 1


@pytest.mark.parametrize("broken", ["entry_by_stage", "attempt", "draft", "waiver", "mystery"])
async def test_entries_are_saved_and_parked_when_something_beside_them_is_damaged(
    tmp_path: Path, broken: str
) -> None:
    entries = await filled(tmp_path)
    destroy(tmp_path / FILE, await root_page(tmp_path, broken))
    database = await opened(tmp_path)
    assert database.report.damaged is not None
    unfinished = [entry for entry in entries if not entry.is_finished]
    assert database.report.salvaged == len(unfinished)
    outbox = Outbox(database)
    saved = await outbox.entries()
    assert ids_of(saved) == ids_of(entries)
    for was, now in zip(entries, saved, strict=True):
        if was.is_finished:
            assert now == replace(was, due_at=None)
        else:
            assert now == replace(was, stage=Stage.PARKED, reason=ParkReason.DAMAGED, due_at=None)
        assert await outbox.payload_is_whole(now)
    (row,) = await Audit(database).rows("damaged")
    assert row.detail["entries"] == list(ids_of(sorted(unfinished, key=lambda entry: entry.seq)))
    assert (await Drafts(database).get("70000099") == a_draft("70000099")) is (broken != "draft")
    assert len(await Mysteries(database).all()) == (broken != "mystery")
    assert await database.integrity() == ()
    await database.close()


async def test_an_entry_outlives_its_settlement(tmp_path: Path) -> None:
    entries = await filled(tmp_path)
    destroy(tmp_path / FILE, await root_page(tmp_path, "settlement"))
    database = await opened(tmp_path)
    saved = await Outbox(database).entries()
    assert {x.entry_id for x in saved} == {x.entry_id for x in entries}
    assert all(x.operator.name == "" for x in saved)
    await database.close()


async def test_both_ends_of_a_broken_table_are_read(tmp_path: Path) -> None:
    entries = await filled(tmp_path, returns=40)
    root = await root_page(tmp_path, "entry")
    content = (tmp_path / FILE).read_bytes()
    assert content[root * PAGE] == 5, "the table must be large enough to have inner pages"
    cells = int.from_bytes(content[root * PAGE + 3 : root * PAGE + 5], "big")
    pointer = root * PAGE + 12 + 2 * (cells // 2)
    cell = root * PAGE + int.from_bytes(content[pointer : pointer + 2], "big")
    destroy(tmp_path / FILE, int.from_bytes(content[cell : cell + 4], "big") - 1)
    database = await opened(tmp_path)
    saved = {entry.seq for entry in await Outbox(database).entries()}
    every = {entry.seq for entry in entries}
    assert min(every) in saved
    assert max(every) in saved
    assert len(every) * 0.8 < len(saved) < len(every)
    await database.close()


@pytest.mark.fault(74)
async def test_a_payload_that_rotted_is_readable_and_known_to_be_broken(tmp_path: Path) -> None:
    database = await opened(tmp_path)
    outbox = Outbox(database)
    (entry,) = await outbox.keep(a_keep_request(Kind.GRADE))
    for rotten in ('{"line_item_id":"8"}', "{", "[]"):
        await database.write(partial(fetch, sql="UPDATE entry SET payload = ?", values=(rotten,)))
        (now,) = await outbox.lane(RETURN_ID)
        assert not await outbox.payload_is_whole(now)
        assert not await outbox.payload_is_whole(entry)
    await database.close()


@pytest.mark.fault(67)
async def test_whichever_page_is_destroyed_no_entry_is_lost_without_a_word(tmp_path: Path) -> None:
    entries = {entry.entry_id: entry.stage for entry in await filled(tmp_path / "sound")}
    pages = (tmp_path / "sound" / FILE).stat().st_size // PAGE
    assert pages > 30
    moved = 0
    for page in range(pages):
        folder = tmp_path / f"page-{page}"
        shutil.copytree(tmp_path / "sound", folder)
        destroy(folder / FILE, page)
        database = await opened(folder)
        report = database.report
        try:
            now = {entry.entry_id: entry.stage for entry in await Outbox(database).entries()}
        except StoreError:
            now = {}
            assert report.damaged is None
            await database.close()
            database = await opened(folder)  # the next start looks closer
            report = database.report
            assert report.damaged is not None
        if report.damaged is None:
            assert now == entries, page
        else:
            moved += 1
            assert report.damaged.exists()
            stages = {entry.stage for entry in await Outbox(database).entries()}
            assert stages <= {Stage.PARKED, Stage.DONE}
        await database.close()
        shutil.rmtree(folder)
    assert moved > 10


@pytest.mark.parametrize("has_log", [True, False])
async def test_a_replacement_that_a_crash_left_beside_is_put_in_place(tmp_path: Path, has_log: bool) -> None:
    entries = await filled(tmp_path)
    destroy(tmp_path / FILE, await root_page(tmp_path, "entry_by_stage"))
    aside, _ = replace_damaged(tmp_path / FILE, migrations())
    aside.with_name(f"{aside.name}-wal").unlink(missing_ok=True)
    (tmp_path / FILE).rename(tmp_path / "loopdesk-fresh.db")  # as if the last rename had not happened
    if has_log:
        (tmp_path / f"{FILE}-wal").write_bytes(b"what is left of the damaged one")
    database = await opened(tmp_path)
    assert not database.report.is_new
    assert {x.entry_id for x in await Outbox(database).entries()} == {x.entry_id for x in entries}
    assert aside.exists()
    assert logs_beside(aside) == (b"what is left of the damaged one" if has_log else b"")
    await database.close()


async def test_a_definition_that_cannot_be_read_costs_no_entry(tmp_path: Path) -> None:
    entries = await filled(tmp_path)
    content = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(
        content.replace(b"CREATE INDEX entry_by_return", b"BROKEN INDEX entry_by_return")
    )
    database = await opened(tmp_path)
    assert database.report.damaged is not None
    assert ids_of(await Outbox(database).entries()) == ids_of(entries)
    await database.close()


def rot(folder: Path, sql: str) -> None:
    """Change the file as bit rot does, past every rule of the database."""
    connection = apsw.Connection(str(folder / FILE))
    connection.pragma("ignore_check_constraints", 1)
    connection.execute(sql)
    connection.close()


@pytest.mark.fault(67)
async def test_a_text_that_is_none_costs_its_entry_nothing_but_a_question(tmp_path: Path) -> None:
    entries = await filled(tmp_path)
    rot(tmp_path, "UPDATE settlement SET order_name = CAST(X'2331FF3634' AS TEXT)")
    database = await opened(tmp_path)
    with pytest.raises(StoreDamaged):
        await Outbox(database).entries()
    await database.close()
    database = await opened(tmp_path)  # the next start looks closer
    assert database.report.damaged is not None
    saved = await Outbox(database).entries()
    assert ids_of(saved) == ids_of(entries)
    assert {entry.stage for entry in saved} == {Stage.PARKED, Stage.DONE}
    assert {entry.order_name for entry in saved} == {"#1\ufffd64"}
    await database.close()


@pytest.mark.fault(67)
async def test_a_rule_that_rotted_is_noticed_at_the_next_start(tmp_path: Path) -> None:
    entries = await filled(tmp_path)
    rot(tmp_path, "UPDATE legal SET a = 'hold' WHERE a = 'held'")
    database = await opened(tmp_path)
    with pytest.raises(StoreError):
        await Outbox(database).release((await Outbox(database).held())[0].settlement_id)
    await database.close()
    database = await opened(tmp_path)
    assert database.report.damaged is not None
    assert ids_of(await Outbox(database).entries()) == ids_of(entries)
    await database.close()


@pytest.mark.fault(74)
async def test_an_entry_that_rotted_towards_another_return_is_not_whole(tmp_path: Path) -> None:
    (entry, *_) = await filled(tmp_path)
    rot(tmp_path, "DROP TRIGGER entry_is_frozen")
    rot(tmp_path, f"UPDATE entry SET return_id = '70000077' WHERE seq = {entry.seq}")
    database = await opened(tmp_path)
    (now,) = await Outbox(database).lane("70000077")
    assert not await Outbox(database).payload_is_whole(now)
    await database.close()
