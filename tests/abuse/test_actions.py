"""Answers to actions that are not what they seem, sent to the real program over a socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loopdesk.app.program import Program
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Cause, Entry, ParkReason, Stage, Why
from loopdesk.domain.returns.grading import Grade
from loopdesk.services.station.connection import LinkState
from tests.abuse.answerer import Answer, Answerer, Asked, says
from tests.abuse.rows import RawShop
from tests.abuse.station import a_program
from tests.inspector import Inspector

FIRST, SECOND = 91_000_001, 91_000_002
PATIENCE_SECONDS = 4.0
MOST_DRAINS = 10

PAID: dict[str, Any] = {"state": "closed", "was_processed": True}
UNPAID: dict[str, Any] = {
    "state": "closed",
    "was_processed": False,
    "refunds": [{"gateway": "paypal", "amount": "0.00"}],
    "outcomes_processed_at": {"return_processed": {}, "refund_processed": None},
    "exchange_order_id": None,
    "gift_card_order_id": "",
}

PAGES: dict[str, tuple[int, bytes]] = {
    "a gateway's 401": (401, b"<html><head><title>401 Authorization Required</title></head></html>"),
    "a filter's 403": (403, b"<!DOCTYPE html><title>Attention Required!</title>"),
    "a filter's 403 in its own JSON": (403, b'{"message":"Forbidden"}'),
    "a cache's 429": (429, b"<html>slow down</html>"),
    "an empty 403": (403, b""),
    "a proxy's 413": (413, b"<html><center><h1>413 Request Entity Too Large</h1></center></html>"),
}


class Shop(RawShop):
    """A shop that takes every action.

    Attributes:
        process: What comes of a processing, by its return.
    """

    def __init__(self) -> None:
        super().__init__()
        self.process: Callable[[int], Answer] = lambda _: says(True)

    def answer(self, asked: Asked) -> Answer:
        """Answer one request."""
        if asked.method == "GET":
            return super().answer(asked)
        if asked.words[0] == "dispositioning":
            return says(asked.json["items"])
        if asked.words[-1] == "process":
            return self.process(int(asked.words[2]))
        return says(True)


def a_shop() -> Shop:
    """Make a shop with two open returns whose answers tell of payment."""
    shop = Shop()
    for return_id in (FIRST, SECOND):
        shop.add(return_id, was_processed=False, refunds=[])
    return shop


async def settle(program: Program, return_id: int) -> None:
    """Grade everything of a return and confirm it."""
    parts = program.parts
    known = await parts.lookup.known(str(return_id))
    assert known is not None
    inspector = Inspector(parts)
    await inspector.open(known)
    await inspector.grade(Grade.A, tuple(x.line_item_id for x in known.stored.ret.lines))
    await inspector.settle()


async def drain(program: Program, *done: int) -> None:
    """Send and read back until nothing more can move for a while, and these returns are done."""
    for _ in range(MOST_DRAINS):
        await program.parts.drain.drain_once(PATIENCE_SECONDS)
        if all([(await finalizer(program, x)).stage is Stage.DONE for x in done]):
            return


async def finalizer(program: Program, return_id: int) -> Entry:
    """Return the processing that was kept for a return."""
    lane = await program.runtime.store.outbox.lane(str(return_id))
    return next(x for x in lane if x.kind is Kind.PROCESS)


@pytest.mark.fault(159)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("acts", [True, False], ids=["after the effect", "instead of it"])
async def test_a_page_in_place_of_an_answer_is_no_word_of_loops(
    tmp_path: Path, page: str, acts: bool
) -> None:
    shop = a_shop()
    status, body = PAGES[page]

    def process(return_id: int) -> Answer:
        if return_id == SECOND:
            shop.add(return_id, **PAID)
            return says(True)
        if acts:
            shop.add(return_id, **PAID)
        return Answer(body, status, headers={"Content-Type": "text/html"})

    shop.process = process
    with Answerer(shop.answer) as loop:
        async with a_program(tmp_path, loop.url) as program:
            await program.parts.prefetch.catch_up()
            for return_id in (FIRST, SECOND):
                await settle(program, return_id)
            await drain(program, SECOND, *((FIRST,) if acts else ()))
            entry, other = await finalizer(program, FIRST), await finalizer(program, SECOND)
            assert entry.stage is (Stage.DONE if acts else Stage.UNCERTAIN)
            assert other.stage is Stage.DONE
            assert program.parts.connection.link is not LinkState.KEY_REFUSED
        sent = [asked.words[2] for asked in loop.of("process", method="POST")]
        assert sorted(sent) == [str(FIRST), str(SECOND)]


@pytest.mark.fault(160, 162)
async def test_a_return_that_is_closed_and_not_paid_is_called_so_and_never_done(tmp_path: Path) -> None:
    shop = a_shop()

    def process(return_id: int) -> Answer:
        shop.add(return_id, **UNPAID)
        return says(True)

    shop.process = process
    with Answerer(shop.answer) as loop:
        async with a_program(tmp_path, loop.url) as program:
            await program.parts.prefetch.catch_up()
            await settle(program, FIRST)
            await drain(program)
            entry = await finalizer(program, FIRST)
            assert (entry.stage, entry.cause) == (Stage.SETTLING, Cause(Why.UNPAID))
            shop.add(FIRST, **UNPAID | {"refunds": [{"amount": "49.34"}]})
            await program.parts.attention.check_again(str(FIRST))
            assert (await finalizer(program, FIRST)).stage is Stage.DONE
        assert len(loop.of("process", method="POST")) == 1


@pytest.mark.fault(160, 166)
@pytest.mark.parametrize(
    "meanwhile",
    [
        UNPAID,
        {"currency": "EUR"},
        {"handling_fee": "7.00"},
        {"type": "warranty"},
        {"destination_id": 5000},
        {"refund": "9.34"},
    ],
    ids=lambda fields: next(iter(fields)),
)
async def test_what_changed_before_it_was_sent_is_in_front_of_a_person_and_nothing_leaves(
    tmp_path: Path, meanwhile: dict[str, Any]
) -> None:
    shop = a_shop()
    with Answerer(shop.answer) as loop:
        async with a_program(tmp_path, loop.url) as program:
            await program.parts.prefetch.catch_up()
            await settle(program, FIRST)
            fields: dict[str, Any] = {"was_processed": False, "refunds": [], **meanwhile}
            shop.add(FIRST, **fields)
            await drain(program)
            entry = await finalizer(program, FIRST)
            assert (entry.stage, entry.reason) == (Stage.PARKED, ParkReason.CONFLICT)
        assert loop.of("process", method="POST") == []


async def test_the_shops_own_words_go_with_a_processing_when_they_are_set(tmp_path: Path) -> None:
    shop = a_shop()

    def process(return_id: int) -> Answer:
        shop.add(return_id, **PAID)
        return says(True)

    shop.process = process
    words = json.dumps({"rmaid": "{return}", "custom1": "{operator} at {station}"})
    with Answerer(shop.answer) as loop:
        async with a_program(tmp_path, loop.url, LOOPDESK_PROCESS_BODY=words) as program:
            await program.parts.prefetch.catch_up()
            await settle(program, FIRST)
            await drain(program, FIRST)
            assert (await finalizer(program, FIRST)).stage is Stage.DONE
        (sent,) = loop.of("process", method="POST")
        assert sent.json == {"rmaid": str(FIRST), "custom1": "Ada at dock 1"}
