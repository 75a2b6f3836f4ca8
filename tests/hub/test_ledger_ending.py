"""What the ledger keeps for how long, and that nothing is sent twice because it went."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from loopdesk.hub.ledger.ending import MOST, LedgerEnding
from tests.hub.ledger_rig import (
    Dock,
    LedgerHub,
    docks_of,
    new_entry,
    outcome,
    quick_loop,
    return_ids,
    rows_of,
    sent_attempts,
    write,
)
from tests.simulator_thread import SimulatorThread

KNOWN = "SELECT stage, proof, body IS NULL FROM action ORDER BY stage"


@pytest.fixture
async def settled(hub_url: str) -> AsyncIterator[tuple[LedgerHub, SimulatorThread, Dock, str]]:
    """A hub through which one bench has settled a return; with the key."""
    [dock] = docks_of(hub_url, 1)
    with quick_loop(2) as simulator:
        async with LedgerHub(hub_url, simulator.url, simulator.key) as hub:
            key = f"{new_entry()}.1"
            assert outcome(await dock.act(hub.url, return_ids(simulator)[0], key)) == "loop"
            yield hub, simulator, dock, key
    await dock.client.aclose()


def _age(url: str, days: int) -> None:
    """Put the ends of all attempts back, which nothing may do but a test."""
    write(
        url,
        "ALTER TABLE action DISABLE TRIGGER action_moves",
        f"UPDATE action SET ended_at = ended_at - interval '{days} days'",
        "ALTER TABLE action ENABLE TRIGGER action_moves",
    )


def _ending(hub: LedgerHub) -> LedgerEnding:
    return LedgerEnding(hub.database, hub.clock, answers_days=30, days=400)


@pytest.mark.fault(209)
async def test_an_answer_loses_its_words_and_its_key_is_sent_no_second_time(
    settled: tuple[LedgerHub, SimulatorThread, Dock, str], hub_url: str
) -> None:
    hub, simulator, dock, key = settled
    _age(hub_url, 29)
    await _ending(hub).once()
    assert outcome(await dock.ask(hub.url, key)) == "stored"
    _age(hub_url, 2)
    await _ending(hub).once()
    assert rows_of(hub_url, KNOWN) == [("answered", "accepted", True)]
    assert outcome(await dock.ask(hub.url, key)) == "unknown"
    assert outcome(await dock.act(hub.url, return_ids(simulator)[0], key)) == "unknown"
    assert sent_attempts(simulator) == [key]


async def test_an_attempt_goes_when_it_is_very_old_and_nobody_claims_its_return(
    settled: tuple[LedgerHub, SimulatorThread, Dock, str], hub_url: str
) -> None:
    hub, *_ = settled
    _age(hub_url, 401)
    await _ending(hub).once()
    assert rows_of(hub_url, KNOWN) == [("answered", "accepted", True)], "its claim is open"
    write(hub_url, "UPDATE return_claim SET ended_at = clock_timestamp(), ended_as = 'effect'")
    await _ending(hub).once()
    assert rows_of(hub_url, KNOWN) == []
    assert rows_of(hub_url, "SELECT ended_as FROM return_claim") == [("effect",)]
    write(hub_url, "UPDATE return_claim SET ended_at = ended_at - interval '401 days'")
    await _ending(hub).once()
    assert rows_of(hub_url, "SELECT FROM return_claim") == []


async def test_what_may_have_acted_and_nobody_knows_is_kept_for_good(
    settled: tuple[LedgerHub, SimulatorThread, Dock, str], hub_url: str
) -> None:
    hub, simulator, dock, _ = settled
    simulator.fault("lose_answer", path="/process", count=1)
    key = f"{new_entry()}.1"
    assert outcome(await dock.act(hub.url, return_ids(simulator)[1], key)) == "unknown"
    write(hub_url, "UPDATE return_claim SET ended_at = clock_timestamp(), ended_as = 'effect'")
    _age(hub_url, 4000)
    await _ending(hub).once()
    assert rows_of(hub_url, KNOWN) == [("unknown", None, True)]
    assert outcome(await dock.ask(hub.url, key)) == "unknown"


async def test_much_that_is_old_goes_in_helpings(hub_url: str) -> None:
    docks_of(hub_url, 1)
    write(
        hub_url,
        "INSERT INTO action (entry_id, n, bench_id, stage, ended_at)"
        f" SELECT lpad(to_hex(g), 32, '0'), 1, bench.id, 'unsent', clock_timestamp() - interval '2 years'"
        f" FROM bench, generate_series(1, {MOST + 1}) AS g",
    )
    with quick_loop(1) as simulator:
        async with LedgerHub(hub_url, simulator.url, simulator.key) as hub:
            assert await _ending(hub).once()
            assert not await _ending(hub).once()
    assert rows_of(hub_url, "SELECT FROM action") == []
