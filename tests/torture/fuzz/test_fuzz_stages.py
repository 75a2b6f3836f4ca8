"""G10 through the whole program: whatever Loop answers, no entry ends where it does not belong."""

from __future__ import annotations

import asyncio
import json
from random import Random

import pytest

from loopdesk.simulator.faults import Fault, FaultBoard
from tests.torture import figures
from tests.torture.broken import Broken
from tests.torture.figures import Figures
from tests.torture.fuzz import inputs
from tests.torture.invariants import check_all, check_rest, watch_requests
from tests.torture.world import World
from tests.unit.api.test_any_body import DETAILS, says_yes

SHARE = 0.4
"""The share of requests that are answered with nonsense."""

ROUNDS = 12
BROKEN = (500, 502, 503, 504)
ANY = (200, 200, 200, 200, 201, 204, 302, 400, 404, 405, 409, 413, 422, *BROKEN)


class Babble(FaultBoard):
    """Answers a share of all requests with nonsense, but never with a lie that nobody could see through.

    A yes is given only for what was done, a refusal only for what was not, and what a read shows of
    another return or of none is nothing that this one could be.

    Attributes:
        given: How many such answers were given.
    """

    def __init__(self, random: Random) -> None:
        super().__init__()
        self._random = random
        self._answers = inputs.payloads()
        self._details = [json.dumps(DETAILS).encode()]
        self.is_over = False
        self.given = 0

    def clear(self, fault_id: int | None = None) -> None:
        """Stop answering with nonsense."""
        super().clear(fault_id)
        self.is_over = True

    def take(self, method: str, path: str) -> list[Fault]:
        """Draw what becomes of a request."""
        if self.is_over or self._random.random() >= SHARE:
            return []
        self.given += 1
        return [self._to_action() if method == "POST" else self._to_read(path)]

    def _to_action(self) -> Fault:
        random = self._random
        executed = random.random() < 0.5
        if executed:
            status = random.choice((200, *BROKEN))
            body = inputs.body(self._answers, random) if status != 200 else _noise(random)
        else:
            status, body = random.choice(ANY), inputs.body(self._answers, random)
        executed = executed or (status == 200 and says_yes(body))
        return _answer(status, body, executed=executed)

    def _to_read(self, path: str) -> Fault:
        random = self._random
        if path.endswith("/details") and random.random() < 0.7:
            return _answer(random.choice((200, 200, *BROKEN)), inputs.body(self._details, random))
        return _answer(random.choice((200, *BROKEN)), _noise(random))


def _noise(random: Random) -> bytes:
    """Make bytes that are no JSON object and no array."""
    return random.choice((b"", b"tru", b"<html>", b'"ok"', b"1", b"null", b"\xff\xfe", b"NaN", b"{", b"[1,"))


def _answer(status: int, body: bytes, *, executed: bool = False) -> Fault:
    text = body.decode("utf-8", "replace")
    return Fault("answer", status=status, body=text, executed=executed, count=1)


async def _babbled(found: Figures, seed: int) -> None:
    random = Random(seed)
    world = World(seed, returns=3, slow_disks=False, hold_seconds=0.0)
    babble = Babble(random)
    try:
        await world.open()
        watch_requests(world)
        world.loop.faults = babble
        for _ in range(ROUNDS):
            await world.confirm_all(0, random.randrange(9), random.randrange(20))
            await world.turn(random.choice((1.0, 9.0, 35.0, 130.0)))
            if random.random() < 0.3:
                await world.new_return()
            check_all(world)
        await world.calm()
        check_rest(world)
    except Broken as failure:
        found.broke(failure)
        failure.add_note(f"seed {seed}")
        raise
    finally:
        found.trials += 1
        found.steps += babble.given
        await world.close()


@pytest.mark.fault(18, 30, 31)
def test_whatever_is_answered_no_entry_ends_where_it_does_not_belong() -> None:
    bodies = figures.size("babbled", 400, 20_000)
    found = figures.begin("answers of any kind, to their end stages", figures.seed())
    while found.steps < bodies and figures.has_time(found):
        asyncio.run(_babbled(found, found.seed + found.trials))
    found.end()
    assert found.steps > found.trials
