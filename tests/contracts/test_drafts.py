"""Drafts, in memory and on disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from loopdesk.domain.returns.grading import Draft, ExtraItem
from tests.builders import AT, RETURN_ID, a_draft, a_full_draft
from tests.contracts.conftest import AnyStore


async def test_a_return_without_a_draft_has_an_empty_one(store: AnyStore) -> None:
    assert await store.drafts.get(RETURN_ID) == Draft(RETURN_ID)


async def test_every_field_of_a_draft_comes_back(store: AnyStore) -> None:
    draft = a_full_draft()
    await store.drafts.save(draft)
    assert await store.drafts.get(RETURN_ID) == draft


async def test_a_later_draft_replaces_the_earlier_one(store: AnyStore) -> None:
    await store.drafts.save(a_full_draft())
    await store.drafts.save(a_draft())
    assert await store.drafts.get(RETURN_ID) == a_draft()


async def test_an_empty_draft_is_deleted(store: AnyStore) -> None:
    await store.drafts.save(replace(a_draft(), parked=True))
    await store.drafts.save(Draft(RETURN_ID, selected="1"))
    assert await store.drafts.get(RETURN_ID) == Draft(RETURN_ID)
    assert await store.drafts.parked() == ()


async def test_parked_drafts_come_latest_first(store: AnyStore) -> None:
    old = replace(a_draft("70000002"), parked=True)
    new = replace(a_draft("70000003"), parked=True, updated_at=AT + timedelta(hours=1))
    never = replace(a_draft("70000004"), parked=True, updated_at=None)
    for draft in (never, old, new, a_draft()):
        await store.drafts.save(draft)
    assert await store.drafts.parked() == (new, old, never)


async def test_whatever_was_scanned_as_an_extra_item_comes_back(store: AnyStore) -> None:
    draft = replace(a_draft(), extras=(ExtraItem(AT, "\x1d\0\ud800\u202e💥"),))
    await store.drafts.save(draft)
    assert await store.drafts.get(RETURN_ID) == draft


async def test_what_was_put_aside_before_anything_was_entered_is_kept(store: AnyStore) -> None:
    await store.drafts.save(Draft(RETURN_ID, parked=True, updated_at=AT))
    assert [draft.return_id for draft in await store.drafts.parked()] == [RETURN_ID]
    await store.drafts.save(Draft(RETURN_ID))
    assert await store.drafts.parked() == ()
