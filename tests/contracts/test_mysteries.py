"""Mystery parcels, in memory and on disk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.operators import Operator
from tests.builders import AT, OPERATOR, RETURN_ID, STATION, a_mystery
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
    await store.mysteries.change(replace(first, closed=True), "mystery_changed", AT)
    assert (await store.mysteries.add(a_mystery("A"))).number == 2


async def test_parcels_without_a_readable_code_have_a_record_each(store: AnyStore) -> None:
    assert (await store.mysteries.add(a_mystery(""))).number == 1
    assert (await store.mysteries.add(a_mystery(""))).number == 2


async def test_a_linked_record_is_no_longer_open(store: AnyStore) -> None:
    first = await store.mysteries.add(a_mystery("A"))
    linked = replace(first, linked_return_id=RETURN_ID, linked_by=Operator(name="Lee"))
    await store.mysteries.change(linked, "mystery_changed", AT)
    assert await store.mysteries.open() == ()
    assert await store.mysteries.all() == (linked,)


async def test_a_record_cannot_be_changed_into_a_second_open_one_or_out_of_nothing(store: AnyStore) -> None:
    first = await store.mysteries.add(a_mystery("A"))
    await store.mysteries.change(replace(first, closed=True), "mystery_changed", AT)
    await store.mysteries.add(a_mystery("A"))
    with pytest.raises(RuleBroken, match="mystery_already_open"):
        await store.mysteries.change(first, "mystery_changed", AT)
    with pytest.raises(RuleBroken, match="no_such_mystery"):
        await store.mysteries.change(replace(first, number=9), "mystery_changed", AT)


async def test_a_record_is_found_by_its_number(store: AnyStore) -> None:
    first = await store.mysteries.add(a_mystery("A"))
    assert await store.mysteries.get(1) == first
    assert await store.mysteries.get(2) is None


async def test_every_change_stands_in_the_audit_log_and_a_refused_one_does_not(store: AnyStore) -> None:
    first = await store.mysteries.add(a_mystery("A"))
    await store.mysteries.add(a_mystery("A"))
    linked = replace(first, linked_return_id=RETURN_ID)
    await store.mysteries.change(
        linked, "mystery_linked", AT, operator=Operator(name="Lee"), station="office"
    )
    with pytest.raises(RuleBroken):
        await store.mysteries.change(replace(first, number=9), "mystery_ended", AT)
    rows = await store.audit.rows()
    assert [(x.event, x.operator, x.station, x.return_id) for x in rows] == [
        ("mystery_kept", OPERATOR, STATION, ""),
        ("mystery_linked", Operator(name="Lee"), "office", RETURN_ID),
    ]
    assert [x.detail for x in rows] == [{"number": 1}, {"number": 1}]
