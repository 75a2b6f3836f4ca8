"""The health view's presenter."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from loopdesk.domain.checks import Check, Status, found
from loopdesk.domain.errors import KeyRefused, Unreachable
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Move, ParkReason, Stage
from loopdesk.domain.scanner.rhythm import GunPace
from loopdesk.domain.sync import HubContact
from loopdesk.presenters.pages.health import Gauges, HealthPresenter
from loopdesk.presenters.screens.pages import HealthRow, HealthScreen
from loopdesk.presenters.words import check_words, health_words, hub_words
from loopdesk.services.station.connection import ConnectionState, LinkState
from loopdesk.services.station.events import ConnectionChanged, HubContactChanged, SyncProgress
from loopdesk.services.sync.budget import Spent
from tests import builders
from tests.builders import AT
from tests.unit.presenters.rig import Recorder, Rig, a_rig


class Doctor:
    """A doctor that examines when it is released."""

    def __init__(self, *checks: Check) -> None:
        self.checks = checks
        self.gate = asyncio.Event()
        self.gate.set()
        self.times = 0
        self.gauges = Gauges()
        self.asked = 0

    async def examine(self) -> Sequence[Check]:
        self.times += 1
        await self.gate.wait()
        return self.checks

    async def read(self) -> Gauges:
        self.asked += 1
        return self.gauges


def a_health(
    rig: Rig, doctor: Doctor, *, unfolded: bool = False
) -> tuple[HealthPresenter, Recorder[HealthScreen]]:
    presenter = HealthPresenter(
        rig.page,
        examine=doctor.examine,
        gauges=doctor.read,
        outbox=rig.store.outbox,
        cache=rig.store.returns,
        line=rig.line,
    )
    surface = Recorder[HealthScreen]()
    presenter.attach(surface)
    if unfolded:
        presenter.unfold()
    return presenter, surface


def a_row(surface: Recorder[HealthScreen], key: str) -> HealthRow:
    """Return one row of the last screen."""
    return next(row for row in surface.last().rows if row.key == key)


def synced() -> Gauges:
    """Return figures of a station whose list of returns is up to date."""
    return Gauges(synced_at=AT)


async def test_opening_the_page_runs_the_checks_once() -> None:
    async with a_rig() as rig:
        doctor = Doctor(Check("key", Status.OK, (found("key_present"),)))
        doctor.gate.clear()
        doctor.gauges = synced()
        presenter, surface = a_health(rig, doctor, unfolded=True)
        presenter.show()
        presenter.check()
        await rig.settle()
        assert surface.last().running
        assert surface.last().summary == "Looking at everything…"
        doctor.gate.set()
        await rig.settle()
        assert doctor.times == 1
        assert not surface.last().running
        assert surface.last().summary == "Everything is in order. Looked at 09:30."
        assert surface.last().tone == "ok"
        row = surface.last().checks[0]
        assert (row.status, row.tone, row.found) == ("In order", "ok", "Present.")


async def test_what_is_wrong_says_what_to_do() -> None:
    async with a_rig() as rig:
        doctor = Doctor(
            Check("free disk", Status.WARNING, (found("disk_free", size=1_200_000_000),)),
            Check("key", Status.FAILED, (found("no_key"),)),
        )
        doctor.gauges = synced()
        presenter, surface = a_health(rig, doctor, unfolded=True)
        presenter.show()
        await rig.settle()
        assert [x.tone for x in surface.last().checks] == ["offline", "blocked"]
        assert surface.last().checks[1].advice == "Enter the key in Settings, or set LOOPDESK_API_KEY."
        assert surface.last().summary == "2 things need a look. Looked at 09:30."
        assert surface.last().tone == "blocked"


@pytest.mark.fault(156)
@pytest.mark.parametrize(
    ("skew", "said"),
    [(None, "not known yet"), (0.4, "as Loop's"), (20.0, "This computer's clock is 20 s behind.")],
)
async def test_the_difference_of_the_clocks_is_a_figure(skew: float | None, said: str) -> None:
    async with a_rig() as rig:
        rig.clock.skew_seconds = skew
        presenter, surface = a_health(rig, Doctor(), unfolded=True)
        presenter.show()
        await rig.settle()
        assert dict(surface.last().figures)["This computer's clock"] == said


async def test_figures_are_words_and_unknown_ones_say_so() -> None:
    async with a_rig() as rig:
        doctor = Doctor()
        presenter, surface = a_health(rig, doctor, unfolded=True)
        presenter.show()
        await rig.settle()
        figures = dict(surface.last().figures)
        assert figures["Loop answers in"] == "not known yet"
        assert figures["Last sync"] == "never"
        assert figures["Waiting here"] == "nothing"
        await rig.store.returns.save((builders.a_fetched(),), AT)
        await rig.store.outbox.keep(builders.a_keep_request(Kind.NOTE))
        spent = Spent(2, 3, 4, 3, allowed=192, left=31, waiting=0, is_slowed=False)
        doctor.gauges = Gauges(AT - timedelta(minutes=1), 0.42, spent, 24_300_000, 81_000_000_000)
        rig.feed.tell(SyncProgress(1, running=False))
        await rig.settle()
        assert dict(surface.last().figures) == {
            "Returns known": "1",
            "This computer's clock": "as Loop's",
            "Last sync": "09:29",
            "Waiting here": "1 return",
            "At Loop": "nothing",
            "Needs you": "nothing",
            "Loop answers in": "0.4 s",
            "Scanner types": "not known yet",
            "Requests a minute": "12 of 192",
            "… for lookups": "2",
            "… to read back": "3",
            "… for actions": "4",
            "… for the index": "3",
            "Left at once": "31",
            "Waiting for their turn": "0",
            "Store": "24.3 MB",
            "Free disk": "81.0 GB",
        }


async def test_what_was_learned_of_the_scanner_is_shown() -> None:
    async with a_rig() as rig:
        doctor = Doctor()
        doctor.gauges = Gauges(gun_pace=GunPace(150, (100.0, 99.0, 101.0)))
        presenter, surface = a_health(rig, doctor, unfolded=True)
        presenter.show()
        await rig.settle()
        figures = dict(surface.last().figures)
        assert figures["Scanner, a character"] == "100 ms"
        assert figures["Scanner, a pause, at most"] == "150 ms"


async def test_what_slows_the_requests_is_said() -> None:
    async with a_rig() as rig:
        doctor = Doctor()
        presenter, surface = a_health(rig, doctor, unfolded=True)
        presenter.show()
        for slowed, said in ((False, "Left at once"), (True, "Left, slowed by Loop")):
            doctor.gauges = Gauges(spent=Spent(0, 0, 9, 0, allowed=12, left=0, waiting=7, is_slowed=slowed))
            rig.feed.tell(SyncProgress(1, running=False))
            await rig.settle()
            assert dict(surface.last().figures)[said] == "0"
            assert dict(surface.last().figures)["Waiting for their turn"] == "7"


async def test_a_first_fill_is_shown_with_a_count_and_an_estimate() -> None:
    async with a_rig() as rig:
        presenter, surface = a_health(rig, Doctor(), unfolded=True)
        presenter.show()
        await rig.settle()
        rig.feed.tell(SyncProgress(12_500, running=True, of=30_000, seconds_left=184.0))
        figures = dict(surface.last().figures)
        assert figures["Read, of about 30\N{THIN SPACE}000"] == "12\N{THIN SPACE}500"
        assert figures["Done in about"] == "3 min"
        rig.feed.tell(SyncProgress(30_000, running=False))
        await rig.settle()
        assert "Done in about" not in dict(surface.last().figures)


async def test_the_store_is_not_asked_for_each_page_of_a_first_fill() -> None:
    async with a_rig() as rig:
        doctor = Doctor()
        presenter, surface = a_health(rig, doctor, unfolded=True)
        presenter.show()
        await rig.settle()
        asked = doctor.asked
        for n in range(100):
            rig.feed.tell(SyncProgress(n, running=True, of=100))
        await rig.settle()
        assert doctor.asked == asked
        assert dict(surface.last().figures)["Read, of about 100"] == "99"


async def test_a_lead_reads_sentences_with_the_worst_first_and_without_names_of_components() -> None:
    async with a_rig() as rig:
        doctor = Doctor(
            Check("clock skew", Status.OK, (found("clock_right"),)),
            Check("fonts", Status.OK, (found("fonts", n=12),)),
            Check("free disk", Status.WARNING, (found("disk_free", size=1_200_000_000),)),
            Check("store integrity", Status.FAILED, (found("audit_changed", row=7),)),
        )
        doctor.gauges = synced()
        presenter, surface = a_health(rig, doctor)
        presenter.show()
        await rig.settle()
        rows = surface.last().rows
        assert [(row.group, row.sentence) for row in rows[:2]] == [
            ("What is kept here", "The record of what was done here was changed from outside."),
            ("Disk", "The disk is almost full: 1.2 GB are free."),
        ]
        assert rows[0].advice == "Stop working on this station and call IT. Delete nothing."
        assert [row.key for row in rows[2:]] == ["connection", "sync", "attention", "queue", "clock skew"]
        assert {row.tone for row in rows[2:]} == {"ok"}
        assert not any(row.since or row.advice for row in rows[2:])
        assert rows[-1].sentence == "This computer's clock is right."


async def test_a_group_is_named_once() -> None:
    async with a_rig() as rig:
        doctor = Doctor()
        doctor.gauges = synced()
        presenter, surface = a_health(rig, doctor)
        presenter.show()
        await rig.settle()
        assert [row.group for row in surface.last().rows] == ["Loop and network", "", "This station", ""]


async def test_what_is_wrong_says_since_when() -> None:
    async with a_rig() as rig:
        doctor = Doctor(Check("free disk", Status.WARNING, (found("disk_free", size=1_200_000_000),)))
        rig.line.state = ConnectionState(LinkState.OFFLINE, since=AT - timedelta(minutes=42))
        presenter, surface = a_health(rig, doctor)
        presenter.show()
        await rig.settle()
        assert a_row(surface, "connection").since == "Since 08:48."
        assert a_row(surface, "free disk").since == "First seen 09:30."
        await rig.clock.turn(300)
        presenter.check()
        await rig.settle()
        assert a_row(surface, "free disk").since == "First seen 09:30."
        doctor.checks = (Check("free disk", Status.OK, (found("disk_free", size=9_000_000_000),)),)
        presenter.check()
        await rig.settle()
        assert a_row(surface, "free disk").since == ""
        doctor.checks = (Check("free disk", Status.WARNING, (found("disk_free", size=1_000_000_000),)),)
        presenter.check()
        await rig.settle()
        assert a_row(surface, "free disk").since == "First seen 09:35."


async def test_a_lost_network_is_told_at_once_and_what_follows_from_it_is_not_told_again() -> None:
    async with a_rig() as rig:
        doctor = Doctor(
            Check("reachability", Status.FAILED, failure=Unreachable()),
            Check("clock skew", Status.WARNING, (found("clock_unknown"),)),
        )
        doctor.gauges = synced()
        presenter, surface = a_health(rig, doctor)
        presenter.show()
        await rig.settle()
        assert [row.key for row in surface.last().rows if row.tone != "ok"] == ["reachability", "clock skew"]
        rig.line.state = ConnectionState(LinkState.OFFLINE, since=AT)
        rig.feed.tell(ConnectionChanged())
        await rig.settle()
        assert [row.key for row in surface.last().rows if row.tone != "ok"] == ["connection"]


@pytest.mark.parametrize("link", LinkState)
async def test_every_state_of_the_connection_has_its_sentence(link: LinkState) -> None:
    async with a_rig() as rig:
        rig.line.state = ConnectionState(link, since=AT)
        presenter, surface = a_health(rig, Doctor())
        presenter.show()
        await rig.settle()
        row = a_row(surface, "connection")
        assert row.sentence.endswith(".")
        assert bool(row.advice) is (link is not LinkState.ONLINE)
        assert bool(row.since) is (link is not LinkState.ONLINE)


async def test_an_old_list_of_returns_and_one_that_was_never_read_are_said() -> None:
    async with a_rig() as rig:
        doctor = Doctor()
        presenter, surface = a_health(rig, doctor)
        presenter.show()
        await rig.settle()
        assert a_row(surface, "sync").sentence == "The list of returns was not read from Loop yet."
        doctor.gauges = Gauges(synced_at=AT - timedelta(hours=3))
        rig.feed.tell(ConnectionChanged())
        await rig.settle()
        assert a_row(surface, "sync").since == "Since 06:30."
        assert a_row(surface, "sync").advice


async def test_returns_that_need_a_lead_are_told_with_their_age() -> None:
    async with a_rig() as rig:
        await rig.store.returns.save((builders.a_fetched(),), AT)
        entries = await rig.store.outbox.keep(builders.a_keep_request(Kind.NOTE))
        await rig.store.outbox.release(entries[0].settlement_id)
        move = Move(entries[0].entry_id, Stage.READY, Stage.PARKED, ParkReason.REFUSED)
        await rig.store.outbox.apply([move], at=AT - timedelta(minutes=5))
        doctor = Doctor()
        doctor.gauges = synced()
        presenter, surface = a_health(rig, doctor)
        presenter.show()
        await rig.settle()
        row = surface.last().rows[0]
        assert (row.key, row.tone, row.since) == ("attention", "offline", "Since 09:25.")


@pytest.mark.parametrize("trouble", hub_words.TROUBLES)
async def test_what_is_wrong_at_the_hub_is_not_laid_at_loops_door(trouble: str) -> None:
    async with a_rig() as rig:
        link = LinkState.KEY_REFUSED if trouble == "hub_revoked" else LinkState.OFFLINE
        rig.line.state = ConnectionState(link, since=AT, trouble=trouble)
        presenter, surface = a_health(rig, Doctor())
        presenter.show()
        await rig.settle()
        told = a_row(surface, "connection")
        assert (told.sentence, told.advice) == hub_words.WORDS[trouble]
        assert "Loop" not in told.sentence


async def test_a_hub_that_falls_silent_is_said_with_its_age_and_nothing_without_a_hub() -> None:
    async with a_rig() as rig:
        doctor = Doctor()
        doctor.gauges = synced()
        presenter, surface = a_health(rig, doctor)
        presenter.show()
        await rig.settle()
        assert "hub" not in [row.key for row in surface.last().rows]
        doctor.gauges = replace(synced(), hub=HubContact(is_heard=True, heard_at=AT))
        rig.feed.tell(HubContactChanged())
        await rig.settle()
        told = a_row(surface, "hub")
        assert (told.tone, told.sentence) == (
            "ok",
            "The hub tells this bench what changes, and what other benches do.",
        )
        heard = AT - timedelta(minutes=5)
        doctor.gauges = replace(synced(), hub=HubContact(heard_at=heard, is_silent=True))
        rig.feed.tell(HubContactChanged())
        await rig.settle()
        told = a_row(surface, "hub")
        assert (told.tone, told.since) == ("offline", "Since 09:25.")
        assert told.sentence == "The hub is silent: what other benches do is not seen here."
        assert told.advice == "Go on working. If it lasts for some minutes, IT looks at the hub."


async def test_a_revoked_bench_says_not_that_its_list_is_up_to_date() -> None:
    async with a_rig() as rig:
        rig.line.state = ConnectionState(LinkState.KEY_REFUSED, since=AT, trouble="hub_revoked")
        doctor = Doctor()
        doctor.gauges = synced()
        presenter, surface = a_health(rig, doctor)
        presenter.show()
        await rig.settle()
        told = a_row(surface, "sync")
        assert (told.tone, told.sentence) == (
            "offline",
            "The list of returns stays as it is: this bench is told nothing more.",
        )


async def test_the_details_for_it_are_folded_away_and_one_press_away() -> None:
    async with a_rig() as rig:
        doctor = Doctor(Check("key", Status.OK, (found("key_present"),)))
        presenter, surface = a_health(rig, doctor)
        presenter.show()
        await rig.settle()
        assert not surface.last().is_unfolded
        assert (surface.last().checks, surface.last().figures) == ((), ())
        presenter.unfold()
        assert [row.name for row in surface.last().checks] == ["key"]
        assert surface.last().figures
        presenter.unfold()
        assert (surface.last().checks, surface.last().figures) == ((), ())


def test_every_finding_of_a_row_is_one_that_a_check_makes() -> None:
    for name, row in health_words.ROWS.items():
        assert row.behind in ("", *health_words.ROWS), name
        for code in row.by_code:
            assert code in check_words.FINDINGS, (name, code)


def test_several_findings_end_in_one_full_stop_each() -> None:
    revoked = KeyRefused(why="hub_revoked")
    check = Check("destinations", Status.WARNING, (found("destinations_unknown", failure=revoked),), revoked)
    said = "Not known yet: The hub has revoked this bench; The hub has revoked this bench."
    assert check_words.found(check) == said
