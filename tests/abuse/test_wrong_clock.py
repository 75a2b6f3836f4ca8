"""This machine's clock is wrong and then corrected: every new return is found, and the skew is shown."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loopdesk.app.program import Program
from loopdesk.domain.labels.scans import Candidate, CandidateKind
from loopdesk.services.sync.prefetch import WATERMARK
from tests.abuse.answerer import Answer, Answerer
from tests.abuse.rows import RawShop
from tests.abuse.station import KEY, a_program

ROOT = Path(__file__).parents[2]
FIRST = 91_000_001

WRONG = [
    timedelta(days=-3 * 365),
    timedelta(days=-120),
    timedelta(days=-1),
    timedelta(hours=-2),
    timedelta(minutes=-20),
    timedelta(minutes=20),
    timedelta(hours=5),
    timedelta(days=2),
    timedelta(days=150),
    timedelta(days=2 * 365),
]


class WrongClock:
    """The machine's clock, set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
        self.by = by
        monkeypatch.setattr("loopdesk.system.host.clock._machine_time", lambda: datetime.now(UTC) + self.by)


async def knows(program: Program, return_id: int) -> bool:
    """Whether the store knows a return by its tracking number."""
    number = f"94001118992231{return_id:08d}"
    found = await program.parts.lookup.local([Candidate(number, CandidateKind.TRACKING, "")])
    return [hit.return_id for hit in found.hits] == [str(return_id)]


@pytest.mark.fault(88, 156)
@pytest.mark.parametrize("wrong", WRONG, ids=str)
async def test_a_new_return_is_found_at_once_whatever_the_clock_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: timedelta
) -> None:
    clock, shop = WrongClock(monkeypatch, wrong), RawShop()
    shop.add(FIRST)
    with Answerer(shop.answer) as loop:
        async with a_program(tmp_path, loop.url) as program:
            assert await program.work_once()
            assert await knows(program, FIRST)
            assert program.runtime.clock.skew_seconds == pytest.approx(-wrong.total_seconds(), abs=3)
        shop.add(FIRST + 1)  # while the program is closed
        async with a_program(tmp_path, loop.url) as program:
            assert await program.work_once()
            assert await knows(program, FIRST + 1)
            shop.add(FIRST + 2)  # while it runs, and then the clock is put right
            clock.by = timedelta(0)
            assert await program.work_once()
            assert await knows(program, FIRST + 2)
            assert abs(program.runtime.clock.skew_seconds or 0.0) < 3
        shop.add(FIRST + 3)
        async with a_program(tmp_path, loop.url) as program:
            assert await program.work_once()
            assert await knows(program, FIRST + 3)
        listed = loop.of("list")
        assert all("from" in x.query or x.query.get("pageSize") == "1" for x in listed)


@pytest.mark.fault(156)
@pytest.mark.expects_log("recheck")
@pytest.mark.parametrize("wrong", [timedelta(days=-30), timedelta(hours=1), timedelta(days=730)], ids=str)
async def test_what_was_missed_while_answers_told_no_time_is_read_once_they_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: timedelta
) -> None:
    """As with an earlier version, which asked for its first window before it knew Loop's time."""
    WrongClock(monkeypatch, wrong)
    shop = RawShop(with_date=False)
    with Answerer(shop.answer) as loop:
        async with a_program(tmp_path, loop.url) as program:
            await program.work_once()
            marks = program.runtime.store.returns
            made = datetime.now(UTC) + wrong
            await marks.mark(WATERMARK, made.isoformat())
        shop.add(FIRST, at=datetime.now(UTC) - timedelta(minutes=40))
        shop.with_date = True
        async with a_program(tmp_path, loop.url) as program:
            assert await program.work_once()
            assert await knows(program, FIRST)


@pytest.mark.fault(156)
async def test_an_old_date_out_of_a_cache_and_an_absurd_one_are_not_believed(tmp_path: Path) -> None:
    shop = RawShop()
    shop.add(FIRST)
    moments = [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2150, 1, 1, tzinfo=UTC),
        datetime.now(UTC) - timedelta(3),
    ]

    def script(asked: object) -> Answer:
        answer = shop.answer(asked)  # type: ignore[arg-type]
        moment = moments[len(loop.asked) % len(moments)]
        return Answer(answer.body, date=moment, headers={"Age": "259200"} if moment.year == 2026 else {})

    with Answerer(script) as loop:
        async with a_program(tmp_path, loop.url) as program:
            assert await program.work_once()
            assert program.runtime.clock.skew_seconds is None
            assert await knows(program, FIRST)


def run(folder: Path, url: str, seconds: float, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line at a wrong clock."""
    environ = {
        "LOOPDESK_PROFILE": str(folder),
        "LOOPDESK_API_URL": url,
        "LOOPDESK_API_KEY": KEY,
        "LOOPDESK_STATION": "dock 1",
        "LOOPDESK_OPERATOR": "Ada",
        "PYTHONUTF8": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "tests.abuse.at_clock", str(seconds), *arguments],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.mark.fault(156)
def test_the_command_line_finds_the_return_and_says_how_wrong_the_clock_is(tmp_path: Path) -> None:
    shop = RawShop()
    shop.add(FIRST)
    with Answerer(shop.answer) as loop:
        synced = run(tmp_path, loop.url, -3 * 365 * 86_400, "sync", "--once")
        found = run(tmp_path, loop.url, -3 * 365 * 86_400, "lookup", "--offline", str(FIRST))
    assert synced.returncode == 0
    assert "This computer's clock: 3 years behind Loop. Set the clock" in synced.stderr
    assert (found.returncode, f"RMA {FIRST}" in found.stdout) == (0, True)


@pytest.mark.fault(156)
def test_a_clock_at_1970_is_said_where_loop_tells_no_time(tmp_path: Path) -> None:
    shop = RawShop(with_date=False)
    with Answerer(shop.answer) as loop:
        synced = run(tmp_path, loop.url, -datetime.now(UTC).timestamp() + 86_400, "sync", "--once")
    assert synced.returncode == 1
    assert "The clock of this computer is wrong. Set it" in synced.stderr
    assert "bad_window" not in synced.stdout + synced.stderr
