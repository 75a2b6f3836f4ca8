"""One exchange step by step: what breaks between a bench, the ledger and Loop, and what is told then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

import httpx
import pytest

from loopdesk.hub.failures import DatabaseUnusable, HubFailure
from loopdesk.hub.ledger.acts import Decide, Ledger
from loopdesk.hub.ledger.stages import LEGAL, ActionKey, ActionStage, Ruling
from tests.hub.ledger_rig import (
    Dock,
    LedgerHub,
    effects,
    new_entry,
    outcome,
    quick_loop,
    return_ids,
    rows_of,
    sent_attempts,
    write,
)
from tests.simulator_thread import SimulatorThread

pytestmark = pytest.mark.expects_log("unwritten", "fault")


class BreakingLedger(Ledger):
    """Breaks around the commit of some acts.

    Attributes:
        breaks: By the name of a decision, how often its act breaks: before the commit, or ``after`` it.
    """

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self.breaks: dict[str, int] = {}

    async def act(self, key: ActionKey, decide: Decide, *, shop_id: str = "", return_id: str = "") -> Ruling:
        """As the ledger's, until it breaks."""
        name = decide.func.__name__ if isinstance(decide, partial) else ""
        self._break(name)
        ruling = await super().act(key, decide, shop_id=shop_id, return_id=return_id)
        self._break(f"{name} after")
        return ruling

    def _break(self, name: str) -> None:
        if self.breaks.get(name, 0) > 0:
            self.breaks[name] -= 1
            raise DatabaseUnusable(why="unreachable")


@pytest.fixture
async def hub(hub_url: str, simulator: SimulatorThread, dock: Dock) -> AsyncIterator[LedgerHub]:
    async with LedgerHub(hub_url, simulator.url, simulator.key, make_ledger=BreakingLedger) as running:
        yield running


def _breaks(hub: LedgerHub) -> dict[str, int]:
    assert isinstance(hub.ledger, BreakingLedger)
    return hub.ledger.breaks


@pytest.mark.parametrize("place", ["on_request", "on_request after"])
async def test_what_could_not_be_reserved_is_asked_about_and_never_sent(
    hub: LedgerHub, simulator: SimulatorThread, dock: Dock, place: str
) -> None:
    return_id, key = return_ids(simulator)[0], f"{new_entry()}.1"
    _breaks(hub)[place] = 1
    told = await dock.act(hub.url, return_id, key)
    assert (told.status_code, outcome(told)) == (503, "")
    assert outcome(await dock.ask(hub.url, key)) == "unsent"
    await hub.exchanges.settle_owed()
    assert sent_attempts(simulator) == []
    assert outcome(await dock.act(hub.url, return_id, f"{key[:-1]}2")) == "loop"


@pytest.mark.parametrize("place", ["on_headers", "on_headers after"])
async def test_a_request_whose_sending_could_not_be_committed_stays_here(
    hub: LedgerHub, simulator: SimulatorThread, dock: Dock, hub_url: str, place: str
) -> None:
    return_id, key = return_ids(simulator)[0], f"{new_entry()}.1"
    _breaks(hub)[place] = 1
    assert outcome(await dock.act(hub.url, return_id, key)) == "unsent"
    assert sent_attempts(simulator) == []
    assert rows_of(hub_url, "SELECT ended_as FROM return_claim") == [("unsent",)]
    assert outcome(await dock.act(hub.url, return_id, f"{key[:-1]}2")) == "loop"


@pytest.mark.parametrize("place", ["on_answer", "on_answer after"])
async def test_an_answer_is_stored_as_often_as_it_takes(
    hub: LedgerHub, simulator: SimulatorThread, dock: Dock, place: str
) -> None:
    return_id, key = return_ids(simulator)[0], f"{new_entry()}.1"
    _breaks(hub)[place] = 2
    assert outcome(await dock.act(hub.url, return_id, key)) == "loop"
    assert outcome(await dock.ask(hub.url, key)) == "stored"


@pytest.mark.fault(206)
async def test_an_answer_that_cannot_be_stored_is_owed_and_told_when_it_is(
    hub: LedgerHub, simulator: SimulatorThread, dock: Dock
) -> None:
    return_id, key = return_ids(simulator)[0], f"{new_entry()}.1"
    _breaks(hub)["on_answer"] = 4
    assert outcome(await dock.act(hub.url, return_id, key)) == "unknown"
    assert outcome(await dock.ask(hub.url, key)) == "in_progress"
    await hub.exchanges.settle_owed()
    assert outcome(await dock.ask(hub.url, key)) == "stored"
    assert effects(simulator, return_id) == 1


@pytest.mark.fault(203)
async def test_the_answer_of_a_process_whose_lock_was_freed_is_taken_all_the_same(
    hub: LedgerHub, simulator: SimulatorThread, dock: Dock, hub_url: str
) -> None:
    return_id, key = return_ids(simulator)[0], f"{new_entry()}.1"
    _breaks(hub)["on_answer"] = 4
    await dock.act(hub.url, return_id, key)
    write(hub_url, "UPDATE action SET stage = 'unknown'")  # as another process's sweep does then
    assert outcome(await dock.ask(hub.url, key)) == "unknown"
    await hub.exchanges.settle_owed()
    assert outcome(await dock.ask(hub.url, key)) == "stored"


@pytest.mark.fault(206)
@pytest.mark.parametrize(
    ("fault", "said"), [("lose_request", "unknown"), ("lose_answer", "unknown"), ("cut", "unknown")]
)
async def test_a_broken_line_to_loop_is_told_as_unknown_and_nothing_is_sent_again(
    hub: LedgerHub, simulator: SimulatorThread, dock: Dock, fault: str, said: str
) -> None:
    return_id, key = return_ids(simulator)[0], f"{new_entry()}.1"
    simulator.fault(fault, path="/process", count=1)
    assert outcome(await dock.act(hub.url, return_id, key)) == said
    assert outcome(await dock.ask(hub.url, key)) == said
    assert sent_attempts(simulator) == [key]


async def test_loop_away_is_proven_unsent(hub_url: str, dock: Dock) -> None:
    with quick_loop(1) as gone:
        return_id = return_ids(gone)[0]
    async with LedgerHub(hub_url, gone.url, gone.key) as hub:
        told = await dock.act(hub.url, return_id, f"{new_entry()}.1")
    assert (told.status_code, outcome(told)) == (503, "unsent")
    assert rows_of(hub_url, "SELECT stage, proof FROM action") == [("unsent", None)]


class HeldBudget:
    """Lets a request wait for its turn until it may go."""

    def __init__(self) -> None:
        self.waits, self.may_go = asyncio.Event(), asyncio.Event()

    async def take(self, _shop: str, _bench: UUID, _priority: str | None) -> None:
        """Wait."""
        self.waits.set()
        await self.may_go.wait()


@pytest.mark.fault(207)
async def test_a_bench_that_went_away_while_its_request_waited_sends_nothing(
    hub_url: str, simulator: SimulatorThread, dock: Dock
) -> None:
    return_id, key, budget = return_ids(simulator)[0], f"{new_entry()}.1", HeldBudget()
    async with LedgerHub(hub_url, simulator.url, simulator.key, take=budget.take) as hub:
        asking = asyncio.ensure_future(dock.act(hub.url, return_id, key))
        await budget.waits.wait()
        asking.cancel()
        await asyncio.wait([asking])
        await dock.client.aclose()
        budget.may_go.set()
        await hub.exchanges.wait_for_end(5.0)
    assert sent_attempts(simulator) == []
    assert rows_of(hub_url, "SELECT stage FROM action") == [("unsent",)]


async def test_asking_about_a_request_that_waits_for_its_turn_keeps_it_here(
    hub_url: str, simulator: SimulatorThread, dock: Dock
) -> None:
    return_id, key, budget = return_ids(simulator)[0], f"{new_entry()}.1", HeldBudget()
    async with LedgerHub(hub_url, simulator.url, simulator.key, take=budget.take) as hub:
        asking = asyncio.ensure_future(dock.act(hub.url, return_id, key))
        await budget.waits.wait()
        assert outcome(await dock.ask(hub.url, key)) == "unsent"
        budget.may_go.set()
        assert outcome(await asking) == "unsent"
    assert sent_attempts(simulator) == []


async def test_no_turn_in_the_budget_is_proven_unsent_and_says_why(
    hub_url: str, simulator: SimulatorThread, dock: Dock
) -> None:
    async def take(_shop: str, _bench: UUID, _priority: str | None) -> None:
        raise HubFailure(why="budget")

    async with LedgerHub(hub_url, simulator.url, simulator.key, take=take) as hub:
        told = await dock.act(hub.url, return_ids(simulator)[0], f"{new_entry()}.1")
    assert (outcome(told), told.json()) == ("unsent", {"error": {"code": "budget"}})
    assert sent_attempts(simulator) == []


async def test_without_a_database_nothing_is_said_of_an_action_and_nothing_sent(
    hub: LedgerHub, simulator: SimulatorThread, dock: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> Ruling:
        raise DatabaseUnusable(why="unreachable")

    monkeypatch.setattr(hub.ledger, "act", away)
    told = await dock.act(hub.url, return_ids(simulator)[0], f"{new_entry()}.1")
    assert (told.status_code, outcome(told)) == (503, "")
    assert sent_attempts(simulator) == []
    monkeypatch.undo()
    await hub.exchanges.settle_owed()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/warehouse/return/1/refund", 404),
        ("/api/v1/warehouse/return/1%2F2/process", 404),
        ("/api/latest/warehouse/return/1/process", 404),
        ("/api/v1/warehouse/return/12345678901234567890/process", 404),
        ("/api/v1/developers/webhooks", 404),
    ],
)
async def test_what_is_no_action_of_a_bench_is_not_passed_on(
    hub: LedgerHub, simulator: SimulatorThread, dock: Dock, path: str, status: int
) -> None:
    headers = {"X-Authorization": dock.token, "Idempotency-Key": f"{new_entry()}.1"}
    told = await dock.client.post(httpx.URL(f"{hub.url}{path}"), headers=headers)
    assert told.status_code == status
    assert simulator.requests() == []


@pytest.mark.parametrize("key", ["", "x", "a.1", f"{'a' * 32}.0", f"{'A' * 32}.1", f"{'a' * 32}.1234567"])
async def test_an_action_without_a_key_is_not_passed_on(
    hub: LedgerHub, simulator: SimulatorThread, dock: Dock, key: str
) -> None:
    told = await dock.act(hub.url, return_ids(simulator)[0], key)
    assert (told.status_code, outcome(told)) == (400, "unsent")
    assert simulator.requests() == []


async def test_nobody_else_may_act_or_ask(hub: LedgerHub, hub_url: str, simulator: SimulatorThread) -> None:
    stranger = Dock("somebody's token")
    key = f"{new_entry()}.1"
    for told in (
        await stranger.act(hub.url, return_ids(simulator)[0], key),
        await stranger.ask(hub.url, key),
    ):
        assert told.status_code == 401
    await stranger.client.aclose()
    assert rows_of(hub_url, "SELECT count(*) FROM action") == [(0,)]


async def test_the_database_holds_the_same_table_of_moves(hub_url: str) -> None:
    found = {
        (ActionStage(a), ActionStage(b))
        for a in ActionStage
        for b in ActionStage
        if rows_of(hub_url, "SELECT action_move_is_legal(%s, %s)", a.value, b.value) == [(True,)]
    }
    assert found == LEGAL
