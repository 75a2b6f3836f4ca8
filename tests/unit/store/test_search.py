"""Search in the real store: order of what is found, notes, older files, and what a purge leaves."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from loopdesk.domain.labels.scans import Candidate, CandidateKind
from loopdesk.domain.outbox.actions import Kind
from loopdesk.services.ports.store import Indexed
from loopdesk.store.codes import WORDS_MOST, folded, question_words
from loopdesk.store.database import FILE_NAME, Database
from loopdesk.store.returns import search as searching
from loopdesk.store.returns.search import index_piece, place_of
from loopdesk.store.sql import fetch, migrations
from loopdesk.store.store import Store, open_store
from tests.builders import (
    AT,
    RETURN_ID,
    a_draft,
    a_fetched,
    a_full_draft,
    a_keep_request,
    a_parcel,
    a_return,
    rebuild,
)

BEFORE_SEARCH = tuple(step for step in migrations() if step.version < 3)


async def found(store: Store, text: str, most: int = 50) -> list[str]:
    """Search, and return the ids of what was found."""
    return [x.ret.return_id for x in await store.returns.search(text, most)]


async def save(store: Store, *returns: Any) -> None:
    """Save details of returns."""
    await store.returns.save([a_fetched(ret) for ret in returns], AT)


@pytest.mark.parametrize(
    ("text", "as_held"),
    [
        ("Zoë MUÑOZ", "zoe munoz"),
        ("Zoe\u0308", "zoe"),
        ("Søren Łukasz Straße Æsir", "soren lukasz strasse aesir"),
        ("Nguyễn Thế", "nguyen the"),
        ("１Ｚ９９９", "1z999"),
        ("İzmir ıssız", "izmir issiz"),
        ("\ud800x", "\ufffdx"),
    ],
)
def test_words_are_held_without_case_and_accents(text: str, as_held: str) -> None:
    assert folded(text) == as_held
    assert folded(folded(text)) == as_held


def test_a_question_is_cut_into_a_few_words_without_number_signs() -> None:
    assert question_words("  #1164\t#  Zoë\0zoe ") == ("1164", "zoe")
    assert len(question_words(" ".join(str(n) for n in range(500)))) == WORDS_MOST


@pytest.mark.parametrize(
    "text", ["munoz", "MUÑOZ zoe", "#20417", "20417", "1z999 aa1 0123", "0123456784", "inen shi", "zo"]
)
async def test_case_accents_signs_spaces_and_parts_do_not_matter(store: Store, text: str) -> None:
    await save(
        store,
        a_return(customer_name="Zoë Muñoz", order_name="#20417"),
        a_return("70000009", customer_name="Kim Roe", parcels=(), lines=(), order_name="#3"),
    )
    assert await found(store, text) == [RETURN_ID]


async def test_an_exact_order_stands_before_newer_returns_that_only_contain_it(store: Store) -> None:
    newer = AT + timedelta(days=1)
    parcels = (a_parcel("9400100000001164000000"),)
    await save(
        store,
        a_return("70000001", order_name="#1164", updated_at=AT),
        a_return("70000002", order_name="#11645", parcels=parcels, updated_at=newer, provider_order_id="5"),
    )
    assert await found(store, "1164") == ["70000001", "70000002"]
    assert await found(store, "#1164", most=1) == ["70000001"]
    assert await found(store, "linen #1164", most=1) == ["70000001"]


async def test_the_newest_are_found_first_in_whatever_order_they_became_known(store: Store) -> None:
    """A first fill reads the newest page first; a screenful must not be the oldest ones for that."""
    total = 3 * 20
    for n in range(total):
        await save(store, a_return(str(70_000_000 + n), updated_at=AT - timedelta(days=n)))
    assert await found(store, "linen", most=20) == [str(70_000_000 + n) for n in range(20)]
    assert await found(store, "li", most=20) == [str(70_000_000 + n) for n in range(20)]


async def test_a_return_that_changed_its_words_moves_to_its_new_day(store: Store) -> None:
    await save(store, a_return("70000001", updated_at=AT), a_return("70000002", updated_at=AT))
    later = a_return("70000001", customer_name="Robin Roe", updated_at=AT + timedelta(days=9))
    await save(store, later)
    assert await found(store, "linen", most=1) == ["70000001"]
    places = await store.database.read(lambda db: fetch(db, "SELECT rowid FROM word ORDER BY rowid"))
    assert places == [(place_of(2, AT),), (place_of(1, AT + timedelta(days=9)),)]


async def index_all(store: Store) -> None:
    """Index until nothing waits."""
    while await store.returns.index_some():
        pass


async def test_notes_written_here_are_found_before_and_after_they_are_settled(store: Store) -> None:
    await save(store, a_return(), a_return("70000002"))
    await store.drafts.save(a_full_draft())
    assert await found(store, "RED sock") == [RETURN_ID]
    await store.outbox.keep(a_keep_request(Kind.GRADE, draft=a_full_draft()))
    assert await found(store, "red sock") == []
    await index_all(store)
    assert await found(store, "red sock") == [RETURN_ID]
    assert await found(store, "1164 sock") == [RETURN_ID]


async def test_a_settlement_without_words_adds_nothing_to_the_index(store: Store) -> None:
    await save(store, a_return())
    await store.outbox.keep(a_keep_request(Kind.GRADE, draft=a_draft()))
    await index_all(store)
    assert await store.database.read(lambda db: fetch(db, "SELECT count(*) FROM noted")) == [(0,)]
    assert not await store.returns.index_some()


async def test_the_notes_of_a_purged_settlement_are_gone(store: Store) -> None:
    await store.outbox.keep(a_keep_request(Kind.GRADE, draft=a_full_draft()))
    await index_all(store)
    await store.database.write(
        lambda db: db.execute("UPDATE entry SET stage = 'withdrawn', moved_at = '2000'").fetchall()
    )
    await store.purge(AT + timedelta(days=900))
    assert await store.database.read(lambda db: fetch(db, "SELECT count(*) FROM noted")) == [(0,)]


async def test_a_purge_takes_the_words_out_of_the_index_itself(store: Store) -> None:
    """Words are only marked as removed at first; the merge that follows must leave none of them."""
    for n in range(300):
        await save(store, a_return(str(70_000_000 + n), customer_name=f"Zebulon{n}"))
    await store.purge(AT + timedelta(days=1))
    blocks = await store.database.read(lambda db: fetch(db, "SELECT block FROM word_data"))
    assert not any(b"zeb" in block or b"eb\0" in block for (block,) in blocks)
    assert sum(len(block) for (block,) in blocks) < 100
    assert await store.returns.count() == 0
    assert await store.database.integrity() == ()


async def test_the_index_is_freed_once_a_day(store: Store) -> None:
    def rows(connection: apsw.Connection) -> list[tuple[Any, ...]]:
        return fetch(connection, "SELECT removed, merged_on FROM tally")

    day = AT + timedelta(days=1)
    await save(store, a_return())
    await store.purge(day)
    assert await store.database.read(rows) == [(0, day.date().isoformat())]
    await save(store, a_return())
    await store.purge(day)
    assert (await store.database.read(rows))[0][0] == 1, "what the second purge removed waits for tomorrow"
    await store.purge(day + timedelta(days=1))
    assert (await store.database.read(rows))[0][0] == 0


async def test_counts_are_those_of_the_table(store: Store) -> None:
    await save(store, *(a_return(str(70_000_000 + n)) for n in range(7)))
    await save(store, a_return("70000001"))
    assert await store.returns.count() == 7
    await store.purge(AT + timedelta(days=1))
    assert await store.returns.count() == 0


@pytest.mark.fault(102)
@pytest.mark.parametrize(
    "text",
    [
        '"',
        '""" OR text:*',
        "NEAR(a b, 3)",
        "text : robin",
        "robin*",
        "^robin",
        "-robin",
        "#" * 199,
        "%_\\",
        "a" * 200,
        "\x1d\0\ud800",
        "💥" * 66,
        "}{][)(" * 20,
        "'; DROP TABLE word; --",
        "ſßŉ" * 60,
        "\u0301" * 50,
    ],
)
async def test_nothing_that_can_be_typed_breaks_the_search(store: Store, text: str) -> None:
    await save(store, a_return())
    assert await found(store, text) == []
    assert await found(store, "robin") == [RETURN_ID]


@pytest.fixture
async def old_folder(tmp_path: Path) -> Path:
    """A store of the version before the search, with 130 returns and a settlement with notes."""
    database = await Database.open(tmp_path / FILE_NAME, steps=BEFORE_SEARCH, reserve_bytes=4096)

    def fill(connection: apsw.Connection) -> None:
        for n in range(130):
            at = f"2026-0{1 + n % 3}-01T00:00:00.000000+00:00"
            words = f"#{1000 + n}\nZoë Muñoz {n}\nLinen shirt"
            connection.execute(
                "INSERT INTO return (return_id, body, is_details, details_at, has_details, state, order_name,"
                " provider_order_id, updated_at, fetched_at) VALUES (?, ?, 1, ?, 1, 'open', ?, '', ?, ?)",
                (str(70_000_000 + n), _body(n), at, f"#{1000 + n}", at, at),
            )
            connection.execute("INSERT INTO word (rowid, text) VALUES (?, ?)", (n + 1, words))

    await database.write(fill)
    await database.close()
    return tmp_path


def _body(number: int) -> bytes:
    from loopdesk.store.codecs import pack  # noqa: PLC0415 - beside its only use

    return pack(a_fetched(a_return(str(70_000_000 + number), order_name=f"#{1000 + number}")).body)


@pytest.fixture
async def old_store(old_folder: Path) -> AsyncIterator[Store]:
    store = await open_store(old_folder, rebuild)
    yield store
    await store.close()


@pytest.mark.fault(137)
async def test_an_older_file_is_copied_and_searched_before_it_is_indexed_anew(old_store: Store) -> None:
    assert old_store.database.report.backup is not None
    assert await old_store.returns.count() == 130
    assert await old_store.returns.indexed() == Indexed(0, 130)
    assert await found(old_store, "munoz 129") == ["70000129"]
    assert len(await found(old_store, "linen")) == 50


async def test_an_older_file_is_indexed_piece_by_piece_and_goes_on_where_it_stopped(
    old_folder: Path,
) -> None:
    store = await open_store(old_folder, rebuild)
    assert await store.returns.index_some()
    assert await store.returns.indexed() == Indexed(searching.MOVED_AT_ONCE, 130)
    await save(store, a_return("70000129", customer_name="Kim Roe", updated_at=AT + timedelta(days=400)))
    await save(store, a_return("79999999", updated_at=AT))
    await store.close()

    store = await open_store(old_folder, rebuild)
    assert store.database.report.backup is None
    assert await store.returns.indexed() == Indexed(searching.MOVED_AT_ONCE, 130)
    await index_all(store)
    assert await store.returns.indexed() == Indexed(130, 130)
    assert (await store.returns.indexed()).is_complete
    assert await found(store, "munoz 128") == ["70000128"]
    assert await found(store, "linen", most=1) == ["70000129"]
    rows = await store.database.read(
        lambda db: fetch(
            db, "SELECT count(*) FROM word AS w JOIN return AS r ON r.place = w.rowid AND r.number < w.rowid"
        )
    )
    assert rows == [(131,)]
    assert await store.database.integrity() == ()
    await store.close()


@pytest.mark.fault(137)
async def test_codes_that_an_older_program_did_not_list_are_listed_piece_by_piece(old_store: Store) -> None:
    """As those of two numbers in one field."""

    def forget(connection: apsw.Connection) -> None:
        connection.execute("DELETE FROM code")

    await old_store.database.write(forget)
    wanted = [Candidate("#1129", CandidateKind.ORDER_NAME, "")]
    assert await old_store.returns.find(wanted) == ()
    await index_all(old_store)
    assert [hit.return_id for hit in await old_store.returns.find(wanted)] == ["70000129"]
    assert not await old_store.returns.index_some()


async def test_a_kill_between_two_pieces_loses_none_and_doubles_none(
    old_folder: Path, tmp_path: Path
) -> None:
    store = await open_store(old_folder, rebuild)
    await store.returns.index_some()

    def cut_off(connection: apsw.Connection) -> None:
        index_piece(connection)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await store.database.write(cut_off)
    copy = shutil.copytree(old_folder, tmp_path / "copy", ignore=shutil.ignore_patterns("backups", "copy"))
    await store.close()
    store = await open_store(copy, rebuild)
    await index_all(store)
    counts = await store.database.read(lambda db: fetch(db, "SELECT count(*) FROM word"))
    assert counts == [(130,)]
    assert await store.database.integrity() == ()
    await store.close()
