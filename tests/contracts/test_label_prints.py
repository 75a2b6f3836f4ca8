"""Prints of labels, in memory and on disk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loopdesk.services.ports.labels import LabelPrint, LabelSubject, PrintStage
from tests.builders import AT
from tests.contracts.conftest import AnyStore

SOCKS = LabelSubject("line:91000123:30000001", "grade_a back_to_stock tote 14", "Trail Socks, #1164")
PARCEL = LabelSubject("parcel:17", "", "17")


async def begun(store: AnyStore, subject: LabelSubject, *, by_itself: bool) -> LabelPrint | None:
    (one,) = await store.label_prints.begin((subject,), AT, by_itself=by_itself)
    return one


async def test_a_label_is_recorded_before_it_is_sent(store: AnyStore) -> None:
    found = await store.label_prints.begin((SOCKS, PARCEL), AT, by_itself=True)
    assert found == (
        LabelPrint(1, SOCKS, AT, by_itself=True),
        LabelPrint(2, PARCEL, AT, by_itself=True),
    )


@pytest.mark.fault(185)
@pytest.mark.parametrize("stage", PrintStage)
async def test_what_was_printed_by_itself_is_not_again_whatever_became_of_it(
    store: AnyStore, stage: PrintStage
) -> None:
    first = await begun(store, SOCKS, by_itself=True)
    assert first is not None
    await store.label_prints.end((first.number,), stage)
    assert await store.label_prints.begin((PARCEL, SOCKS), AT, by_itself=True) == (
        LabelPrint(2, PARCEL, AT, by_itself=True),
        None,
    )


async def test_a_person_prints_again_as_often_as_they_want(store: AnyStore) -> None:
    assert await begun(store, SOCKS, by_itself=True)
    assert await begun(store, SOCKS, by_itself=False)
    assert await begun(store, SOCKS, by_itself=False)
    assert await begun(store, SOCKS, by_itself=True) is None


OTHERWISE = replace(SOCKS, content="grade_d recycle bin 3")


@pytest.mark.fault(185)
@pytest.mark.parametrize("stage", [PrintStage.BEGUN, PrintStage.SENT, PrintStage.DOUBTED])
async def test_what_may_have_a_label_gets_no_second_one_by_itself_whatever_was_decided_since(
    store: AnyStore, stage: PrintStage
) -> None:
    first = await begun(store, SOCKS, by_itself=False)
    assert first is not None
    if stage is not PrintStage.BEGUN:
        await store.label_prints.end((first.number,), stage)
    assert await begun(store, OTHERWISE, by_itself=True) is None
    assert await begun(store, OTHERWISE, by_itself=False)


async def test_another_decision_is_printed_by_itself_when_the_label_before_did_not_come_out(
    store: AnyStore,
) -> None:
    first = await begun(store, SOCKS, by_itself=True)
    assert first is not None
    await store.label_prints.end((first.number,), PrintStage.FAILED)
    assert await begun(store, OTHERWISE, by_itself=True)


async def test_the_latest_label_that_may_have_come_out_is_told_by_its_subject(store: AnyStore) -> None:
    prints = store.label_prints
    other = replace(SOCKS, subject="line:910001234:30000001")
    await prints.begin((SOCKS, PARCEL, other), AT, by_itself=True)
    again = await begun(store, OTHERWISE, by_itself=False)
    assert again is not None
    assert await prints.latest("line:91000123:") == {SOCKS.subject: OTHERWISE.content}
    await prints.end((again.number,), PrintStage.FAILED)
    assert await prints.latest("line:91000123:") == {SOCKS.subject: SOCKS.content}
    assert await prints.latest("line:9100012:") == {}


@pytest.mark.fault(185)
async def test_what_was_begun_when_the_program_ended_is_doubted_until_it_is_sent_again(
    store: AnyStore,
) -> None:
    prints = store.label_prints
    await prints.begin((SOCKS, PARCEL), AT, by_itself=True)
    await prints.end((2,), PrintStage.SENT)
    assert await prints.unsure() == ()
    assert await prints.doubt() == 1
    assert await prints.doubt() == 0
    assert await prints.unsure() == (LabelPrint(1, SOCKS, AT, by_itself=True, stage=PrintStage.DOUBTED),)
    again = await begun(store, SOCKS, by_itself=False)
    assert again is not None
    assert len(await prints.unsure()) == 1
    await prints.end((again.number,), PrintStage.FAILED)
    assert len(await prints.unsure()) == 1
    once_more = await begun(store, SOCKS, by_itself=False)
    assert once_more is not None
    await prints.end((once_more.number,), PrintStage.SENT)
    assert await prints.unsure() == ()


async def test_what_has_ended_stays_as_it_is(store: AnyStore) -> None:
    await begun(store, SOCKS, by_itself=True)
    await store.label_prints.end((1,), PrintStage.DOUBTED)
    await store.label_prints.end((1,), PrintStage.SENT)
    assert [x.stage for x in await store.label_prints.unsure()] == [PrintStage.DOUBTED]
