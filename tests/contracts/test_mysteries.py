"""Mystery parcels, in memory and on disk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loopdesk.domain.errors import RuleBroken
from tests.builders import RETURN_ID, a_mystery
from tests.contracts.conftest import AnyStore


async def test_records_are_numbered_whatever_number_they_bring(store: AnyStore) -> None:
    first = await store.mysteries.add(a_mystery("A", number=77, photo="ab.jpg"))
    second = await store.mysteries.add(a_mystery("B"))
    assert (first, second) == (a_mystery("A", number=1, photo="ab.jpg"), a_mystery("B", number=2))
    assert await store.mysteries.open() == (first, second)
    assert await store.mysteries.all() == (second, first)
    assert await store.mysteries.all(most=1) == (second,)


async def test_a_code_has_one_open_record(store: AnyStore) -> None:
    first = await store.mysteries.add(a_mystery("A"))
    assert await store.mysteries.add(a_mystery("A", words="again")) == first
    await store.mysteries.change(replace(first, closed=True))
    assert (await store.mysteries.add(a_mystery("A"))).number == 2


async def test_parcels_without_a_readable_code_have_a_record_each(store: AnyStore) -> None:
    assert (await store.mysteries.add(a_mystery(""))).number == 1
    assert (await store.mysteries.add(a_mystery(""))).number == 2


async def test_a_linked_record_is_no_longer_open(store: AnyStore) -> None:
    first = await store.mysteries.add(a_mystery("A"))
    linked = replace(first, linked_return_id=RETURN_ID, linked_by="Lee")
    await store.mysteries.change(linked)
    assert await store.mysteries.open() == ()
    assert await store.mysteries.all() == (linked,)


async def test_a_record_cannot_be_changed_into_a_second_open_one_or_out_of_nothing(store: AnyStore) -> None:
    first = await store.mysteries.add(a_mystery("A"))
    await store.mysteries.change(replace(first, closed=True))
    await store.mysteries.add(a_mystery("A"))
    with pytest.raises(RuleBroken, match="mystery_already_open"):
        await store.mysteries.change(first)
    with pytest.raises(RuleBroken, match="no_such_mystery"):
        await store.mysteries.change(replace(first, number=9))
