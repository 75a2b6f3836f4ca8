"""The wanted version: polled now and then, announced once, and not forgotten because of a bad answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loopdesk.domain.errors import ManifestUnusable
from loopdesk.domain.release import UpdateStep, Version, Wanted
from loopdesk.services.station.events import Feed, StationChanged
from loopdesk.services.station.tasks import Tasks
from loopdesk.services.station.updates import EVERY_SECONDS, FIRST_SECONDS, Updates
from tests.fakes.clock import HandClock
from tests.fakes.faults import unexpected
from tests.fakes.memory_audit import MemoryAudit

RUNNING = Version.of("1.3.0")


class Shelf:
    """Answers with what it was given."""

    def __init__(self, told: Wanted | ManifestUnusable | None) -> None:
        self.told = told
        self.asked = 0

    async def wanted(self) -> Wanted | None:
        self.asked += 1
        if isinstance(self.told, ManifestUnusable):
            raise self.told
        return self.told


class Rig:
    """Updates on a hand-turned clock."""

    def __init__(self, told: Wanted | ManifestUnusable | None) -> None:
        self.shelf = Shelf(told)
        self.clock = HandClock()
        self.feed = Feed(unexpected)
        self.told: list[StationChanged] = []
        self.feed.on(StationChanged, self.told.append)
        self.audit = MemoryAudit()
        self.start()

    def step(self) -> UpdateStep:
        """What has to happen now."""
        return self.updates.step

    def start(self) -> None:
        """Start a run of the program."""
        self.updates = Updates(
            manifests=self.shelf, running=RUNNING, clock=self.clock, feed=self.feed, audit=self.audit
        )


@pytest.mark.parametrize(("text", "step"), [("1.4.0", UpdateStep.FORWARD), ("1.2.0", UpdateStep.BACK)])
async def test_another_version_is_told(text: str, step: UpdateStep) -> None:
    rig = Rig(Wanted(Version.of(text)))
    await rig.updates.look()
    assert rig.updates.step is step
    assert len(rig.told) == 1


@pytest.mark.parametrize("told", [None, Wanted(RUNNING)])
async def test_when_nothing_is_to_do_nothing_is_told(told: Wanted | None) -> None:
    rig = Rig(told)
    await rig.updates.look()
    assert rig.updates.step is UpdateStep.NONE
    assert rig.told == []


@pytest.mark.expects_log("manifest_unusable")
async def test_a_bad_answer_forgets_nothing_and_says_why() -> None:
    rig = Rig(Wanted(Version.of("1.4.0")))
    await rig.updates.look()
    rig.shelf.told = ManifestUnusable("its signature does not fit")
    await rig.updates.look()
    assert rig.updates.problem is rig.shelf.told
    assert rig.updates.step is UpdateStep.FORWARD


@pytest.mark.expects_log("manifest_unusable")
async def test_a_good_answer_ends_the_problem() -> None:
    rig = Rig(ManifestUnusable("it was answered with 404"))
    await rig.updates.look()
    rig.shelf.told = Wanted(RUNNING)
    await rig.updates.look()
    assert rig.updates.problem is None


async def test_it_is_looked_for_soon_after_the_start_and_a_few_times_a_day() -> None:
    rig = Rig(None)
    tasks = Tasks(lambda _where, _failure: None)
    tasks.spawn(rig.updates.run(), name="updates")
    await rig.clock.turn(FIRST_SECONDS - 1)
    assert rig.shelf.asked == 0
    await rig.clock.turn(1.0)
    assert rig.shelf.asked == 1
    await rig.clock.turn(2 * EVERY_SECONDS)
    assert rig.shelf.asked == 3
    await tasks.aclose()


@pytest.mark.fault(168)
@pytest.mark.expects_log("manifest_unusable")
@pytest.mark.parametrize("restarts", [False, True])
async def test_an_older_manifest_that_was_put_back_is_refused(restarts: bool) -> None:
    rig = Rig(Wanted(Version.of("1.4.0"), number=8))
    await rig.updates.look()
    if restarts:
        rig.start()
    rig.shelf.told = Wanted(Version.of("1.2.0"), number=7)
    await rig.updates.look()
    assert rig.updates.problem is not None
    assert rig.updates.problem.why == "older"
    assert rig.step() is (UpdateStep.NONE if restarts else UpdateStep.FORWARD)
    rig.shelf.told = Wanted(Version.of("1.2.0"), number=9)
    await rig.updates.look()
    assert rig.step() is UpdateStep.BACK, "going back on purpose is signed anew"


@pytest.mark.fault(168)
@pytest.mark.expects_log("manifest_unusable")
async def test_a_manifest_says_nothing_after_its_end() -> None:
    rig = Rig(None)
    end = rig.clock.now() + timedelta(days=1)
    rig.shelf.told = Wanted(Version.of("1.4.0"), number=1, expires_at=end)
    await rig.updates.look()
    assert rig.step() is UpdateStep.FORWARD
    await rig.clock.turn(86_400.0)
    await rig.updates.look()
    assert rig.updates.problem is not None
    assert rig.updates.problem.why == "ended"
    assert rig.step() is UpdateStep.NONE
