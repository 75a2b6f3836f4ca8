"""What the other tests rely on: the answerer sends what it is told to, and the real program talks to it."""

from __future__ import annotations

import ast
import threading
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from loopdesk.domain.errors import AnswerLost, KeyRefused
from loopdesk.domain.labels.scans import Candidate, CandidateKind
from tests.abuse.answerer import Answer, Answerer, says
from tests.abuse.rows import RawShop
from tests.abuse.station import a_program


def test_it_sends_status_headers_and_body_as_they_were_scripted() -> None:
    at = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    with Answerer(lambda _: Answer(b"\x00half", 299, headers={"X-Odd": "1"}, date=at)) as loop:
        got = httpx.get(f"{loop.url}/v1/some/thing?a=1&b=x%20y", trust_env=False)
    assert (got.status_code, got.content, got.headers["x-odd"]) == (299, b"\x00half", "1")
    assert got.headers["date"] == "Tue, 06 May 2031 07:08:09 GMT"
    assert loop.asked[0].words == ("some", "thing")
    assert loop.asked[0].query == {"a": "1", "b": "x y"}


def test_it_cuts_where_it_is_told_and_makes_the_effect_before() -> None:
    done = threading.Event()
    loop = Answerer(lambda _: Answer(b"whole", cut_at=30, then=done.set))
    with loop, pytest.raises(httpx.RemoteProtocolError):
        httpx.post(f"{loop.url}/v1/x", json={"a": 1}, trust_env=False)
    assert done.is_set()
    assert loop.asked[0].json == {"a": 1}


def test_it_keeps_an_answer_back_until_the_test_says_so() -> None:
    late = threading.Event()
    with Answerer(lambda _: Answer(b"{}", after=late)) as loop:
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{loop.url}/v1/x", timeout=0.2, trust_env=False)
        late.set()


async def test_the_real_program_reads_its_answers_and_knows_the_returns_afterwards(tmp_path: Path) -> None:
    shop = RawShop()
    shop.add(91_000_001)
    with Answerer(shop.answer) as loop:
        async with a_program(tmp_path, loop.url) as program:
            assert await program.work_once()
            found = await program.parts.lookup.local([Candidate("91000001", CandidateKind.RETURN_ID, "")])
            assert [hit.return_id for hit in found.hits] == ["91000001"]


@pytest.mark.expects_log("key_refused")
async def test_what_it_answers_reaches_the_program_as_it_is(tmp_path: Path) -> None:
    with Answerer(lambda _: says({"errors": "Unauthorized."}, 401)) as loop:
        async with a_program(tmp_path, loop.url) as program:
            assert not await program.work_once()
            assert isinstance(program.sync_problem, KeyRefused)
            loop.script = lambda _: Answer(b"<html>", 200)
            with pytest.raises(AnswerLost, match="login"):
                await program.parts.gateway.probe()


def test_nothing_here_knows_the_simulator() -> None:
    for path in sorted(Path(__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.startswith("loopdesk.simulator") for name in names), path
