"""The health view's presenter."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from loopdesk.domain.checks import Check, Status, found
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.scanner.rhythm import GunPace
from loopdesk.presenters.pages.health import Gauges, HealthPresenter
from loopdesk.presenters.screens.pages import HealthScreen
from loopdesk.services.station.events import SyncProgress
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


def a_health(rig: Rig, doctor: Doctor) -> tuple[HealthPresenter, Recorder[HealthScreen]]:
    presenter = HealthPresenter(
        rig.page,
        examine=doctor.examine,
        gauges=doctor.read,
        outbox=rig.store.outbox,
        cache=rig.store.returns,
    )
    surface = Recorder[HealthScreen]()
    presenter.attach(surface)
    return presenter, surface


async def test_opening_the_page_runs_the_checks_once() -> None:
    async with a_rig() as rig:
        doctor = Doctor(Check("key", Status.OK, (found("key_present"),)))
        doctor.gate.clear()
        presenter, surface = a_health(rig, doctor)
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
        presenter, surface = a_health(rig, doctor)
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
        presenter, surface = a_health(rig, Doctor())
        presenter.show()
        await rig.settle()
        assert dict(surface.last().figures)["This computer's clock"] == said


async def test_figures_are_words_and_unknown_ones_say_so() -> None:
    async with a_rig() as rig:
        doctor = Doctor()
        presenter, surface = a_health(rig, doctor)
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
        presenter, surface = a_health(rig, doctor)
        presenter.show()
        await rig.settle()
        figures = dict(surface.last().figures)
        assert figures["Scanner, a character"] == "100 ms"
        assert figures["Scanner, a pause, at most"] == "150 ms"


async def test_what_slows_the_requests_is_said() -> None:
    async with a_rig() as rig:
        doctor = Doctor()
        presenter, surface = a_health(rig, doctor)
        presenter.show()
        for slowed, said in ((False, "Left at once"), (True, "Left, slowed by Loop")):
            doctor.gauges = Gauges(spent=Spent(0, 0, 9, 0, allowed=12, left=0, waiting=7, is_slowed=slowed))
            rig.feed.tell(SyncProgress(1, running=False))
            await rig.settle()
            assert dict(surface.last().figures)[said] == "0"
            assert dict(surface.last().figures)["Waiting for their turn"] == "7"


async def test_a_first_fill_is_shown_with_a_count_and_an_estimate() -> None:
    async with a_rig() as rig:
        presenter, surface = a_health(rig, Doctor())
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
        presenter, surface = a_health(rig, doctor)
        presenter.show()
        await rig.settle()
        asked = doctor.asked
        for n in range(100):
            rig.feed.tell(SyncProgress(n, running=True, of=100))
        await rig.settle()
        assert doctor.asked == asked
        assert dict(surface.last().figures)["Read, of about 100"] == "99"
