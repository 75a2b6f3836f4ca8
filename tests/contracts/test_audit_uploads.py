"""How far the audit log was brought to the hub, in memory and on disk."""

from __future__ import annotations

from loopdesk.domain.audit_chain import BEGINNING, ChainFault, ChainLink, fault_after, whole_part
from tests.builders import AT
from tests.contracts.conftest import AnyStore


async def test_rows_come_in_order_and_follow_each_other(store: AnyStore) -> None:
    assert (await store.audit_uploads.unsent(10)).rows == ()
    for _ in range(5):
        await store.audit.write("seen", AT, station="dock")
    unsent = await store.audit_uploads.unsent(3)
    assert (unsent.place, unsent.anew, [row.seq for row in unsent.rows]) == (BEGINNING, False, [1, 2, 3])
    assert whole_part(unsent.place, unsent.rows) == (3, None)
    await store.audit_uploads.move(unsent.rows[-1].link)
    rest = await store.audit_uploads.unsent(3)
    assert (rest.place, [row.seq for row in rest.rows]) == (unsent.rows[-1].link, [4, 5])
    assert fault_after(rest.place, rest.rows[0]) is None


async def test_a_refused_row_is_passed_and_remembered(store: AnyStore) -> None:
    for _ in range(3):
        await store.audit.write("seen", AT)
    rows = (await store.audit_uploads.unsent(3)).rows
    await store.audit_uploads.refuse(rows[1], ChainFault.CHANGED, AT)
    after = await store.audit_uploads.unsent(3)
    assert (after.place, after.anew, [row.seq for row in after.rows]) == (rows[1].link, True, [3])
    [refused] = await store.audit_uploads.refusals()
    assert (refused.seq, refused.why, refused.at) == (2, ChainFault.CHANGED, AT)
    await store.audit_uploads.move(rows[2].link)
    assert (await store.audit_uploads.unsent(3)).anew is False


async def test_of_the_places_that_the_hub_offers_the_first_known_one_is_taken_else_the_beginning(
    store: AnyStore,
) -> None:
    for _ in range(3):
        await store.audit.write("seen", AT)
    rows = (await store.audit_uploads.unsent(3)).rows
    await store.audit_uploads.move(rows[2].link)
    strange = ChainLink(2, b"strange")
    await store.audit_uploads.seek([strange, rows[1].link, rows[0].link])
    found = await store.audit_uploads.unsent(3)
    assert (found.place, found.anew) == (rows[1].link, False)
    await store.audit_uploads.seek([strange])
    found = await store.audit_uploads.unsent(3)
    assert (found.place, found.anew, len(found.rows)) == (BEGINNING, True, 3)
