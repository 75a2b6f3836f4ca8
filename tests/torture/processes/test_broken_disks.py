"""Disks that fail in the middle of the work: the program stops, says so, and loses nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture import figures
from tests.torture.processes import killing
from tests.torture.processes.killing import TracedProgram, Trial
from tests.torture.processes.shop import TrialShop
from tests.torture.processes.zygote import Zygote

FAILURES = {
    "the disk is full": ("pwrite64", "error=ENOSPC:when={n}+"),
    "a write fails": ("pwrite64", "error=EIO:when={n}"),
    "a sync fails": ("fdatasync,fsync", "error=EIO:when={n}"),
    "all syncs fail": ("fdatasync,fsync", "error=EIO:when={n}+"),
}


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """Fork programs for every test of this file."""
    killing.require_strace()
    with Zygote() as zygote:
        yield zygote


@pytest.mark.fault(63, 64, 65)
def test_a_failing_disk_loses_nothing_and_repeats_nothing(zygote: Zygote, tmp_path: Path) -> None:
    points = figures.size("disk_points", 3, 60)
    counts = figures.begin("failing disks", figures.seed())

    def work(number: int) -> Trial | None:
        if not figures.has_time(counts):
            return None
        failure = list(FAILURES)[number % len(FAILURES)]
        folder = tmp_path / str(number)
        folder.mkdir()
        return _one_disk(zygote, folder, failure, number)

    done = killing.in_parallel(work, range(points * len(FAILURES)), 6)
    trials = [trial for trial in done if trial is not None]
    counts.end()
    counts.trials = len(trials)
    for name in figures.DAMAGE:
        setattr(counts, name, sum(len(trial.complaints.get(name, ())) for trial in trials))
    assert {trial.seed: trial.complaints for trial in trials if trial.complaints} == {}


def _one_disk(zygote: Zygote, folder: Path, failure: str, number: int) -> Trial:
    """Let a program meet the failure at some point, then let a healthy one drain, and judge."""
    trial = Trial(number)
    chance = random.Random(figures.seed() + number)
    calls, what = FAILURES[failure]
    at = chance.randrange(1, 90 if calls == "pwrite64" else 20)
    with TrialShop(folder, number, 3) as shop:
        shop.fill()
        with TracedProgram(zygote, shop, calls, what.format(n=at), "sync", "--once") as traced:
            traced.running.has_ended(6.0)
            if "Traceback" in traced.running.words():
                trial.complaints["words"] = [f"{failure} at {at}: {traced.running.words()}"]
        killing.drain(zygote, shop, trial)
        trial.complaints.update(shop.judge().complaints())
    return trial


@pytest.mark.fault(66)
@pytest.mark.parametrize(
    ("place", "calls", "error", "code", "sentence"),
    [
        ("store/loopdesk.db", "openat", "EACCES", 5, "This station's store cannot be written."),
        ("store/loopdesk.db", "openat", "EROFS", 5, "This station's store cannot be written."),
        ("", "access,faccessat,faccessat2", "EACCES", 4, "the profile folder cannot be written"),
    ],
)
def test_what_cannot_be_written_is_said_and_nothing_starts_by_halves(
    zygote: Zygote, tmp_path: Path, place: str, calls: str, error: str, code: int, sentence: str
) -> None:
    with TrialShop(tmp_path, 3, 2) as shop:
        shop.fill()
        asked = len(shop.proxy.passages)
        with TracedProgram(
            zygote, shop, calls, f"error={error}", "sync", "--once", path=shop.profile / place
        ) as traced:
            assert traced.running.wait() == code, traced.running.words()
            assert sentence in traced.running.words()
            assert "Traceback" not in traced.running.words()
        assert len(shop.proxy.passages) == asked
        killing.drain(zygote, shop, Trial(3))
        assert shop.judge().complaints() == {}
