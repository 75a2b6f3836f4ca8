"""What the program says about another bench on its key, and how IT resolves it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from loopdesk.app.examination import examine
from loopdesk.app.program import Program
from loopdesk.presenters.words import check_words
from loopdesk.services.outbox.claims import NOTICED_MARK
from tests.abuse.answerer import Answerer
from tests.abuse.rows import RawShop
from tests.abuse.station import a_program

NOTICED = {
    "station": "dock 3",
    "return_id": "91000123",
    "marker": "[ld:ABC234]",
    "at": "2026-11-20T12:00:00+00:00",
}


async def said(program: Program) -> tuple[str, str, str]:
    """Return what the doctor says about the stations."""
    (check,) = [x for x in await examine(program) if x.name == "stations"]
    return check.status, check_words.found(check), check_words.advice(check)


@pytest.mark.fault(174)
async def test_another_bench_stands_in_the_check_up_until_the_settings_know_of_it(tmp_path: Path) -> None:
    with Answerer(RawShop().answer) as loop:
        async with a_program(tmp_path, loop.url) as program:
            assert await said(program) == ("ok", "one, and no other was noticed", "")
            await program.runtime.store.returns.mark(NOTICED_MARK, json.dumps(NOTICED))
        async with a_program(tmp_path, loop.url) as program:
            status, found, advice = await said(program)
            assert status == "warning"
            assert all(x in found for x in ("dock 3", "91000123", "[ld:ABC234]", "2026-11-20, 12:00 UTC"))
            assert "station.stations" in advice
            assert program.parts.second_bench.stations() == 2
        async with a_program(tmp_path, loop.url, LOOPDESK_STATIONS="3") as program:
            assert await program.work_once()
            assert await said(program) == ("ok", "3 on this key", "")
        async with a_program(tmp_path, loop.url) as program:
            assert await said(program) == ("ok", "one, and no other was noticed", "")


@pytest.mark.fault(174)
async def test_saying_two_and_then_one_while_it_runs_ends_the_message(tmp_path: Path) -> None:
    with Answerer(RawShop().answer) as loop:
        async with a_program(tmp_path, loop.url) as program:
            await program.runtime.store.returns.mark(NOTICED_MARK, json.dumps(NOTICED))
            assert await program.parts.second_bench.count() == 2
            for stations in (2, 1):
                await take_stations(program, stations)
                assert program.parts.second_bench.noticed is None
                assert program.parts.second_bench.stations() == stations
            rows = await program.runtime.store.audit.rows("second_bench_settled")
            assert len(rows) == 1


async def take_stations(program: Program, stations: int) -> None:
    """Save another number of stations, as the settings page does."""
    loaded = program.runtime.loaded
    station = replace(loaded.settings.station, stations=stations)
    await program.take_settings(replace(loaded, settings=replace(loaded.settings, station=station)))
