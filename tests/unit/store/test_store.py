"""The store as a whole: many returns, purging, hostile input."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind, payload_sha
from loopdesk.domain.outbox.stages import Move, Stage
from loopdesk.services.ports.labels import LabelSubject, PrintStage
from loopdesk.store.sql import fetch
from loopdesk.store.store import Purged, Store
from tests.builders import (
    AT,
    RETURN_ID,
    a_draft,
    a_fetched,
    a_full_draft,
    a_keep_request,
    a_line,
    a_parcel,
    a_return,
    an_action,
    candidates,
)

LATER = AT + timedelta(days=30)


async def done(store: Store, return_id: str) -> None:
    """Settle a return by one grade that is done."""
    (entry,) = await store.outbox.keep(a_keep_request(Kind.GRADE, return_id=return_id))
    await store.outbox.release(entry.settlement_id)
    await store.outbox.claim((entry,), "", AT)
    await store.outbox.apply((Move(entry.entry_id, Stage.SENDING, Stage.DONE),), at=AT, evidence="accepted")


async def test_two_thousand_returns_are_each_found_by_their_label(store: Store) -> None:
    total, page = 2_000, 250
    for first in range(0, total, page):
        fetched = [
            a_fetched(
                a_return(
                    str(70_000_000 + n),
                    order_name=f"#{100_000 + n}",
                    provider_order_id=str(5_000_000_000 + n),
                    customer_name=f"Shopper {n}",
                    customer_email=f"s{n}@example.com",
                    lines=(a_line(str(80_000_000 + n)),),
                    parcels=(a_parcel(f"94001{n * 7919:017d}"),),
                ),
                is_details=False,
            )
            for n in range(first, first + page)
        ]
        await store.returns.save(fetched, AT)
    assert await store.returns.count() == total
    for n in (0, 1, 499, 1_999):
        return_id, label = str(70_000_000 + n), f"94001{n * 7919:017d}"
        for code in (label, f"42010001{label}"):
            assert [hit.return_id for hit in await store.returns.find(candidates(code))] == [return_id]
        by_name = await store.returns.find(candidates(f"{100_000 + n}", kind=CandidateKind.ORDER_NAME))
        assert [hit.return_id for hit in by_name] == [return_id]
        assert [x.ret.return_id for x in await store.returns.search(f"s{n}@example.com")][:1] == [return_id]
        assert await store.returns.return_of_line(str(80_000_000 + n)) == return_id
    assert len(await store.returns.search("linen shirt")) == 50
    assert await store.database.integrity() == ()


@pytest.mark.fault(73, 121)
async def test_what_is_old_and_ended_is_removed_and_the_rest_stays(store: Store) -> None:
    old = [a_return(str(70_000_000 + n), order_name=f"#{n}", lines=(a_line(f"8{n}"),)) for n in range(1, 5)]
    await store.returns.save([a_fetched(ret) for ret in old], AT)
    await store.returns.save([a_fetched(a_return("70000009", updated_at=LATER))], LATER)
    await done(store, "70000001")
    await store.outbox.keep(a_keep_request(Kind.GRADE, return_id="70000002"))
    await store.drafts.save(a_draft("70000003"))
    await store.audit.write("today", LATER)
    rows = len(await store.audit.rows())

    purged = await store.purge(AT + timedelta(days=1))

    assert purged == Purged(settlements=1, returns=2, audit_rows=rows - 1)
    known = [bool(await store.returns.get(str(70_000_000 + n))) for n in (1, 2, 3, 4, 9)]
    assert known == [False, True, True, False, True]
    assert await store.outbox.lane("70000001") == ()
    assert len(await store.outbox.lane("70000002")) == 1
    assert await store.returns.return_of_line("81") is None
    assert await store.returns.find(candidates("70000004", kind=CandidateKind.RETURN_ID)) == ()
    assert {x.ret.return_id for x in await store.returns.search("robin")} == {
        "70000002",
        "70000003",
        "70000009",
    }
    assert [row.event for row in await store.audit.rows()] == ["today"]
    assert await store.audit.verify() is None
    await store.audit.write("after", LATER)
    assert await store.audit.verify() is None
    assert await store.purge(AT + timedelta(days=1)) == Purged(0, 0, 0)
    assert await store.database.integrity() == ()


async def test_what_was_printed_long_ago_is_forgotten_and_what_is_being_printed_is_not(store: Store) -> None:
    ended, begun = (LabelSubject(f"line:1:{name}", "", name) for name in ("socks", "watch"))
    await store.label_prints.begin((ended, begun), AT, by_itself=True)
    await store.label_prints.end((1,), PrintStage.SENT)
    await store.purge(AT)
    assert await store.label_prints.begin((ended,), AT, by_itself=True) == (None,)
    await store.purge(AT + timedelta(days=1))
    again = await store.label_prints.begin((ended, begun), AT, by_itself=True)
    assert [one is not None for one in again] == [True, False]


@pytest.mark.fault(121)
async def test_a_shopper_who_was_purged_is_in_no_page_of_the_file(store: Store) -> None:
    await store.returns.save([a_fetched(a_return(customer_name="Zebulon Quixote"))], AT)
    await store.purge(LATER)
    await store.database.read(lambda db: db.cache_flush())
    await store.close()
    assert b"Zebulon" not in store.database.path.read_bytes()


@pytest.mark.fault(102)
@pytest.mark.parametrize("text", ["\ud800", "\0", "\x1d'", '"; DROP TABLE entry; --', "\u202e", "💥" * 60])
async def test_hostile_words_of_an_operator_are_kept_and_can_be_undone(store: Store, text: str) -> None:
    draft, who = a_full_draft(), Operator(name=text)
    note = an_action(Kind.NOTE, payload={"content": text})
    request = a_keep_request(actions=(note,), draft=draft, operator=who, station=text, order_name=text)
    (entry,) = await store.outbox.keep(request)
    assert entry.payload["content"] == f"{text} {entry.marker}".replace("\ud800", "\ufffd")
    assert await store.outbox.payload_is_whole(entry)
    assert await store.outbox.withdraw(entry.settlement_id, who, AT) == draft
    assert await store.audit.verify() is None


async def test_undo_over_a_newer_draft_puts_that_one_into_the_audit_log(store: Store) -> None:
    (entry,) = await store.outbox.keep(a_keep_request(Kind.FLAG, draft=a_draft()))
    await store.drafts.save(a_full_draft())
    assert await store.outbox.withdraw(entry.settlement_id, Operator(name="Ana"), AT) == a_draft()
    assert await store.drafts.get(RETURN_ID) == a_draft()
    (row,) = await store.audit.rows("withdrawn")
    assert "a red sock" in row.detail["replaced_draft"]


async def test_a_hash_is_stored_beside_the_bytes_that_will_be_sent(store: Store) -> None:
    await store.outbox.keep(a_keep_request())
    rows = await store.database.read(partial(fetch, sql="SELECT payload, payload_sha FROM entry"))
    assert len(rows) == 4
    assert all(payload_sha(text) == sha for text, sha in rows)
