"""Odd and broken rows of Loop's list against the real program: neighbors are found, and Health counts
them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loopdesk.app.examination import examine
from loopdesk.app.program import Program
from loopdesk.domain.labels.scans import Candidate, CandidateKind
from loopdesk.presenters.words import check_words
from tests.abuse.answerer import Answer, Answerer, Asked
from tests.abuse.rows import NOT_FOUND, RawShop, a_row
from tests.abuse.station import a_program

FIRST = 91_000_001


async def finds(program: Program, return_id: int) -> bool:
    """Whether the store knows a return by its id."""
    found = await program.parts.lookup.local([Candidate(str(return_id), CandidateKind.RETURN_ID, "")])
    return [hit.return_id for hit in found.hits] == [str(return_id)]


@pytest.mark.fault(157)
@pytest.mark.parametrize("odd", [r'"Pat \ud83d"', "NaN", "1e999", "9" * 80, '"a\nb\u0007"', '"\udcff"'])
async def test_an_odd_value_hides_no_new_return(tmp_path: Path, odd: str) -> None:
    shop = RawShop()
    for number in (FIRST, FIRST + 1, FIRST + 2):
        text = json.dumps(a_row(number, datetime.now(UTC)))
        shop.add(number, text=text.replace('"pat@example.test"', odd) if number == FIRST + 1 else text)

    def script(asked: Asked) -> Answer:
        answer = shop.answer(asked)
        return Answer(
            answer.body.replace("\udcff".encode("utf-8", "surrogatepass"), b"\xff"), date=answer.date
        )

    with Answerer(script) as loop:
        async with a_program(tmp_path, loop.url) as program:
            assert await program.work_once()
            assert [await finds(program, FIRST + n) for n in range(3)] == [True, True, True]


@pytest.mark.fault(157)
@pytest.mark.expects_log("rows_unreadable")
async def test_a_row_that_cannot_be_read_is_named_by_the_check_up_and_asked_for_alone(tmp_path: Path) -> None:
    shop = RawShop()
    shop.add(FIRST)
    shop.add(FIRST + 1, text=json.dumps(a_row(FIRST + 1, datetime.now(UTC))).replace('"49.34"', "undefined"))
    shop.add(FIRST + 2)
    with Answerer(shop.answer) as loop:
        async with a_program(tmp_path, loop.url) as program:
            assert await program.work_once()
            assert [await finds(program, FIRST + n) for n in range(3)] == [True, False, True]
            (check,) = [x for x in await examine(program) if x.name == "unreadable rows"]
            assert (check.status, check_words.found(check)) == ("warning", f"1 ({FIRST + 1})")
        assert [x.query["return_id"] for x in loop.of("details")] == [str(FIRST + 1)]
        shop.add(FIRST + 1)
        async with a_program(tmp_path, loop.url) as program:
            assert await program.work_once()
            assert await finds(program, FIRST + 1)
            assert await program.parts.prefetch.apart.ids() == ()


@pytest.mark.fault(158)
@pytest.mark.expects_log("cursor_died")
@pytest.mark.parametrize("status", [404, 422, 500])
async def test_a_cursor_that_dies_for_good_keeps_no_return_from_being_found(
    tmp_path: Path, status: int
) -> None:
    shop = RawShop()
    for number in range(650):
        shop.add(FIRST + number, at=datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=number))

    def script(asked: Asked) -> Answer:
        return Answer(NOT_FOUND, status) if "cursor" in asked.query else shop.answer(asked)

    with Answerer(script) as loop:
        async with a_program(tmp_path, loop.url) as program:
            assert await program.work_once()
            assert [await finds(program, FIRST + n) for n in (0, 299, 300, 301, 649)] == [True] * 5
            assert len(loop.of("list")) < 12
