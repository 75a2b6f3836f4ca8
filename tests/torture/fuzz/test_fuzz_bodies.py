"""Whatever Loop answers: a value or one of our own errors, and never a false yes."""

from __future__ import annotations

import json
import random

import httpx
import pytest

from loopdesk.domain.errors import ApiError
from tests.torture import figures
from tests.torture.fuzz import inputs
from tests.unit.api.test_any_body import ACTIONS, DETAILS, READS, ending, says_yes

STATUSES = (200, 200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503)


@pytest.mark.fault(18, 30, 31)
async def test_whatever_is_answered_ends_in_a_value_or_in_our_own_errors() -> None:
    bodies = figures.size("bodies", 2_000, 200_000)
    counts = figures.begin("answers of any kind", figures.seed())
    chance = random.Random(figures.seed())
    originals, details = inputs.payloads(), json.dumps(DETAILS).encode()
    for number in range(bodies):
        if not figures.has_time(counts):
            break
        counts.trials += 1
        body, status = inputs.body(originals, chance), chance.choice(STATUSES)
        if number % 3 == 1:
            found = await ending(READS[0], httpx.Response(200, content=inputs.body([details], chance)))
        elif number % 3 == 2:
            found = await ending(chance.choice(READS), httpx.Response(status, content=body))
        else:
            found = await ending(chance.choice(ACTIONS[:3]), httpx.Response(status, content=body))
            counts.false_green += not isinstance(found, ApiError) and not (status == 200 and says_yes(body))
        counts.steps += isinstance(found, ApiError)
    counts.end()
    assert counts.false_green == 0
    assert counts.trials / 10 < counts.steps < counts.trials * 0.95
