"""Drafts between two benches on one hub: entered at one, opened at the other; none lost, none merged."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loopdesk.domain.returns.grading import Grade
from loopdesk.domain.returns.shared_drafts import Meeting
from loopdesk.hub.compose import Hub
from loopdesk.services.ports.following import SharedEvent
from loopdesk.services.ports.sharing import HubSaid
from tests.builders import RETURN_ID
from tests.hub.running import settings_for
from tests.hub.sharing_rig import SharingBench, Site, a_site

A, B, C = Grade.A, Grade.B, Grade.C


@pytest.fixture
async def site(hub_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """A hub with two benches."""
    people = {"dock 1": "Anna", "dock 3": "Ben"}
    async with Hub(settings_for(hub_url, tmp_path)) as hub, a_site(hub, tmp_path, people) as found:
        yield found


@pytest.fixture
def one(site: Site) -> SharingBench:
    """Anna's bench."""
    return site.benches[0]


@pytest.fixture
def three(site: Site) -> SharingBench:
    """Ben's bench."""
    return site.benches[1]


async def test_a_return_put_aside_at_one_dock_opens_at_another_with_everything_entered(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    await one.enter([A, B], parked=True)
    before = await one.store.drafts.get(RETURN_ID)
    await site.sync()
    [listed] = await three.store.shared_drafts.elsewhere()
    assert (listed.bench, listed.person, listed.draft) == ("dock 1", "Anna", before)
    assert await three.entered() == (), "nothing comes among what is entered here by itself"
    assert await three.take_up()
    assert await three.store.drafts.get(RETURN_ID) == before
    await three.enter([A, B, C], parked=True)
    await site.sync()
    assert (await one.elsewhere()).meeting is Meeting.THEIRS
    assert await one.take_up()
    assert await one.entered() == (A, B, C)
    assert await one.store.shared_drafts.elsewhere() == await three.store.shared_drafts.elsewhere() == ()


async def test_what_was_opened_here_and_left_to_the_other_dock_stands_in_the_list_once(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    await one.enter([A])
    await site.sync()
    assert await three.take_up()
    await one.store.drafts.save(replace(await one.store.drafts.get(RETURN_ID), parked=True))
    await site.sync()
    [listed] = await three.store.shared_drafts.elsewhere()
    assert (listed.bench, listed.return_id) == ("dock 1", RETURN_ID)
    await three.store.drafts.save(replace(await three.store.drafts.get(RETURN_ID), parked=True))
    assert await three.store.shared_drafts.elsewhere() == (), "it stands among those put aside here"
    assert await one.store.shared_drafts.elsewhere() == ()


@pytest.mark.fault(223)
async def test_two_that_were_entered_apart_are_both_there_until_a_person_chooses(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    one.line.is_away = three.line.is_away = True
    await one.enter([A])
    await three.enter([B])
    assert not await one.say()
    one.line.is_away = three.line.is_away = False
    await site.sync()
    assert (await one.entered(), await three.entered()) == ((A,), (B,))
    met = await three.elsewhere()
    assert met.meeting is Meeting.BOTH
    assert met.theirs is not None
    assert met.theirs.person == "Anna"
    assert not await three.take_up(), "what neither came from the other is taken over by nobody"
    assert await three.choose(theirs=False)
    assert await three.left_in_audit("draft_chosen") == [(A,)]
    await site.sync()
    assert (await one.elsewhere()).meeting is Meeting.THEIRS, "a person has seen both, and chosen"
    assert await one.take_up()
    await site.sync()
    assert (await one.entered(), await three.entered()) == ((B,), (B,))


async def test_what_both_entered_alike_is_no_question(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    await one.enter([A], parked=True)
    await three.store.drafts.save(await one.store.drafts.get(RETURN_ID))
    await site.sync()
    assert (await three.elsewhere()).meeting is Meeting.HERE
    assert (await one.elsewhere()).meeting is Meeting.HERE


@pytest.mark.fault(224)
async def test_a_draft_of_a_settled_return_is_dropped_with_its_reason_and_never_comes_back(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    three.line.is_away = True
    await three.enter([B], parked=True)
    await one.enter([A])
    await one.settle()
    await site.sync()
    three.line.is_away = False
    await site.sync()
    assert await three.entered() == ()
    assert await three.left_in_audit("draft_dropped") == [(B,)]
    [row] = await three.store.audit.rows("draft_dropped")
    assert (row.detail["bench"], row.detail["person"], row.detail["ended"]) == ("dock 1", "Anna", "settled")
    assert three.told[-1].is_dropped
    assert await one.store.shared_drafts.elsewhere() == await three.store.shared_drafts.elsewhere() == ()


async def test_a_return_that_was_only_looked_at_does_not_stay_put_aside_once_it_is_settled_elsewhere(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    await three.enter([], parked=True)
    await site.sync()
    assert len(await three.store.drafts.parked()) == 1
    await one.enter([A])
    await one.settle()
    await site.sync()
    assert await three.store.drafts.parked() == ()
    assert await three.left_in_audit("draft_dropped") == [], "nothing was entered"


async def test_a_draft_that_is_open_is_not_taken_from_under_the_hands(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    await three.enter([B])
    three.shown = RETURN_ID
    await one.enter([A])
    await one.settle()
    await site.sync()
    assert await three.entered() == (B,)
    assert (await three.elsewhere()).meeting is Meeting.OVER


async def test_what_is_settled_here_is_told_though_another_bench_said_first_what_it_had_entered(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    await one.enter([A])
    await site.sync()
    assert await three.take_up()
    await three.enter([B])
    await one.settle()
    one.shown = RETURN_ID
    await three.say()
    await one.hear()
    assert (await one.elsewhere()).meeting is Meeting.HERE, "it was settled here, and this the hub will hear"
    assert not await one.take_up()
    assert await one.entered() == ()
    await site.sync()
    assert (await three.entered(), await three.left_in_audit("draft_dropped")) == ((), [(B,)])
    assert await one.store.shared_drafts.elsewhere() == await three.store.shared_drafts.elsewhere() == ()


async def test_a_settlement_that_is_taken_back_gives_its_draft_back_to_all(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    await one.enter([A], parked=True)
    settlement = await one.settle()
    await site.sync()
    assert await three.store.shared_drafts.elsewhere() == ()
    await one.store.outbox.withdraw(settlement, one.operator, site.clock.now())
    await site.sync()
    assert await one.entered() == (A,)
    assert await three.take_up()
    assert await three.entered() == (A,)


@pytest.mark.parametrize("lost", [1, 2])
async def test_an_answer_that_is_lost_changes_nothing(
    site: Site, one: SharingBench, three: SharingBench, lost: int
) -> None:
    await one.enter([A])
    one.line.loses = lost
    while not await one.say():
        await one.enter([A, B][:lost], parked=True)
    await site.sync()
    assert (await one.elsewhere()).meeting is Meeting.HERE
    assert await three.take_up()
    assert await three.entered() == (A, B)[:lost]


async def test_what_was_not_said_before_the_end_is_said_after_the_start(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    one.line.is_away = True
    await one.enter([A, C], parked=True)
    assert not await one.say()
    await one.restart()
    await site.sync()
    assert await three.take_up()
    assert await three.entered() == (A, C)


async def test_what_is_discarded_goes_everywhere_unless_somebody_went_on_with_it(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    await one.enter([A], parked=True)
    await site.sync()
    assert await three.take_up()
    await one.discard()
    await site.sync()
    assert await three.entered() == (), "nobody had changed it"
    await one.enter([A], parked=True)
    await site.sync()
    assert await three.take_up()
    await three.enter([A, B])
    await one.discard()
    await site.sync()
    assert await three.entered() == (A, B)
    assert (await one.elsewhere()).meeting is Meeting.THEIRS


@pytest.mark.fault(225)
async def test_a_hub_that_was_restored_from_an_older_copy_is_told_everything_again(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    await one.enter([A], parked=True)
    await site.sync()
    async with site.hub.database.transaction() as connection:
        await connection.execute(b"CREATE TABLE older AS SELECT * FROM draft")
    await one.enter([A, B], parked=True)
    await three.enter([C], parked=True, return_id="70000002")
    await site.sync()
    async with site.hub.database.transaction() as connection:
        await connection.execute(b"DELETE FROM draft")
        await connection.execute(b"INSERT INTO draft SELECT * FROM older")
        await connection.execute(b"DELETE FROM shared_change WHERE key LIKE '%70000002'")
        await connection.execute(b"DELETE FROM shared_change WHERE kind <> 'draft'")
        await connection.execute(b"UPDATE shared_feed SET last = 1")
        await connection.execute(b"UPDATE shared_change SET seq = 1")
        await connection.execute(b"SELECT hub_restored()")
    await site.next_generation()
    await site.sync()
    assert await three.take_up()
    assert await three.entered() == (A, B)
    assert await one.take_up("70000002")
    assert await one.entered("70000002") == (C,)


async def test_a_bench_that_leaves_the_hub_keeps_its_drafts_and_nothing_of_the_others(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    await one.enter([A], parked=True)
    await three.enter([B], parked=True, return_id="70000002")
    await site.sync()
    await three.store.shares.turn(on=False)
    assert await three.entered("70000002") == (B,)
    assert await three.store.shared_drafts.elsewhere() == ()
    await three.enter([C], return_id="70000003")
    assert await three.store.shares.pending() == (), "without a hub nothing is remembered of it"


async def test_a_draft_with_words_of_a_newer_version_is_kept_whole_and_taken_over_by_nobody(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    await one.enter([A], parked=True)
    await site.sync()
    async with site.hub.database.transaction() as connection:
        await connection.execute(
            b"UPDATE draft SET body = replace(body, 'grade_a', 'grade_x'), number = number + 1, content = 'x'"
        )
        await connection.execute(b"UPDATE shared_change SET seq = seq + 1")
        await connection.execute(b"UPDATE shared_feed SET last = last + 1")
    await three.hear()
    met = await three.elsewhere()
    assert met.theirs is not None
    assert met.theirs.is_unreadable
    assert not await three.take_up()


@pytest.mark.fault(225)
async def test_an_older_copy_of_a_benchs_store_takes_nothing_back_that_was_entered_since(
    site: Site, one: SharingBench, three: SharingBench, tmp_path: Path
) -> None:
    await one.enter([A])
    await site.sync()
    await one.enter([A, B])
    await one.close()
    shutil.copytree(tmp_path / one.name, tmp_path / "older")
    await one.open()
    await site.sync()
    await one.enter([A, B, C])
    await site.sync()
    await one.close()
    shutil.rmtree(tmp_path / one.name)
    shutil.copytree(tmp_path / "older", tmp_path / one.name)
    await one.open()
    assert await one.say(), "it says what it has before it hears what it had"
    await site.sync()
    assert (await one.elsewhere()).meeting is Meeting.THEIRS
    assert await three.take_up()
    assert await three.entered() == (A, B, C)
    assert await one.take_up()
    assert await one.entered() == (A, B, C)


async def _put_back(bench: SharingBench, copy: Path) -> None:
    """Let the store be what it was when it was copied."""
    await bench.close()
    store = copy.parent / bench.name
    shutil.rmtree(store)
    shutil.copytree(copy, store)
    await bench.open()


async def _copied(bench: SharingBench, to: Path) -> Path:
    """Copy the store of a bench as it is now."""
    await bench.close()
    shutil.copytree(to.parent / bench.name, to)
    await bench.open()
    return to


@pytest.mark.fault(225)
@pytest.mark.parametrize("hears_first", [False, True])
@pytest.mark.parametrize("tries", [1, 3])
async def test_what_is_entered_in_an_older_copy_stands_beside_what_the_lost_one_had(
    site: Site, one: SharingBench, three: SharingBench, tmp_path: Path, *, hears_first: bool, tries: int
) -> None:
    await one.enter([A])
    await site.sync()
    copy = await _copied(one, tmp_path / "older")
    await one.enter([A, B])
    await one.say()
    await _put_back(one, copy)
    for n in range(3):  # by the count of its puts the older copy is past the lost one
        await one.enter([C], return_id=f"7000001{n}")
        await one.say()
    await one.enter([A, C])
    if hears_first:
        await one.hear()
    for _ in range(tries):
        one.line.loses = 1
        await one.say()
        await one.enter([A, C])
    await site.sync()
    met = await one.elsewhere()
    assert met.meeting is Meeting.BOTH
    assert met.theirs is not None
    assert met.is_ours
    assert met.theirs.draft is not None
    assert [x.grade for x in met.theirs.draft.inspections] == [A, B]
    assert await three.take_up()
    assert await three.entered() == (A, B), "the newer one is at the hub until a person has chosen"
    assert await one.choose(theirs=False)
    assert await one.left_in_audit("draft_chosen") == [(A, B)]
    await site.sync()
    assert await three.take_up()
    assert await three.entered() == (A, C)


@pytest.mark.fault(225)
async def test_what_an_older_copy_has_discarded_stays_where_it_was_begun_again_since(
    site: Site, one: SharingBench, three: SharingBench, tmp_path: Path
) -> None:
    await one.enter([A])
    await site.sync()
    await one.discard()
    copy = await _copied(one, tmp_path / "older")
    await one.enter([A, B])
    await one.say()
    await _put_back(one, copy)
    for n in range(3):
        await one.enter([C], return_id=f"7000001{n}")
    await site.sync()
    assert await three.take_up()
    assert await three.entered() == (A, B)
    assert await one.take_up()
    assert await one.entered() == (A, B)


async def test_what_is_discarded_after_an_answer_was_lost_is_gone_everywhere(
    site: Site, one: SharingBench, three: SharingBench
) -> None:
    await one.enter([A])
    one.line.loses = 1
    assert not await one.say()
    await one.discard()
    await site.sync()
    assert await one.store.shared_drafts.elsewhere() == await three.store.shared_drafts.elsewhere() == ()


@pytest.mark.fault(226)
@pytest.mark.parametrize("photo", ["../settings.toml", "/etc/hostname", r"\\host\share\x.jpg", "", "x.jpg/"])
async def test_a_photo_that_is_named_as_no_bench_names_one_is_taken_over_by_nobody(
    site: Site, one: SharingBench, three: SharingBench, photo: str
) -> None:
    await one.enter([A], parked=True)
    draft = await one.store.drafts.get(RETURN_ID)
    sly = replace(draft, inspections=(replace(draft.inspections[0], photos=(photo,)),))
    await one.store.drafts.save(sly)
    await site.sync()
    assert not await three.take_up(), "a settlement would send that file to the place for photos"
    assert await three.entered() == ()


@pytest.mark.fault(215)
@pytest.mark.expects_log("event_not_taken")
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("draft", ["of no form"]),
        ("draft", {"return_id": RETURN_ID, "revision": "1@a", "at": "yesterday"}),
        ("presence", {"bench_id": "b", "bench": "B", "return_id": RETURN_ID, "since": "yesterday"}),
        ("presence", "of no form"),
        ("people", 7),
    ],
)
async def test_what_nobody_can_take_is_passed_over_and_the_next_is_taken(
    site: Site, one: SharingBench, three: SharingBench, kind: str, value: Any
) -> None:
    number = await three.sharing.position()
    await three.sharing.shared(SharedEvent(kind, number + 1, RETURN_ID, value))
    assert await three.sharing.position() == number + 1, (
        "it would be told again for ever, and nothing after it"
    )
    await one.enter([A], parked=True)
    await one.enter([B], parked=True, return_id="70000002")
    await site.sync()
    assert await three.take_up("70000002")


@pytest.mark.expects_log("mark_not_said")
async def test_what_nobody_can_say_is_held_and_the_next_is_said(
    one: SharingBench, three: SharingBench, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await one.enter([A], parked=True)
    await one.enter([B], parked=True, return_id="70000002")
    ask = one.line.ask

    async def odd(method: str, path: str, body: Mapping[str, Any] | None = None) -> HubSaid:
        if path.endswith(RETURN_ID):
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "no text")
        return await ask(method, path, body)

    monkeypatch.setattr(one.line, "ask", odd)
    assert await one.say()
    assert await one.store.shares.pending() == ()
    await three.hear()
    assert await three.take_up("70000002")
    monkeypatch.setattr(one.line, "ask", ask)
    await one.enter([A, C], parked=True)
    await site.sync()
    assert await three.take_up(), "it is said with its next change"
