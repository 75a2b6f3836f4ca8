"""The count finds a hub that is broken on purpose: without this it would prove nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

import pytest

from loopdesk.api.judgement import RawAnswer
from loopdesk.hub.ledger import decisions
from loopdesk.hub.ledger.acts import Decide, Ledger
from loopdesk.hub.ledger.calls import ActionCall
from loopdesk.hub.ledger.loop_line import GatedTrace, LoopLine
from loopdesk.hub.ledger.stages import ActionKey, Proof, Ruling, StoredAnswer
from tests.hub.ledger_bench import count, rest, settle_all
from tests.hub.ledger_rig import LedgerHub, docks_of, quick_loop, return_ids, write
from tests.torture import figures
from tests.torture.figures import DAMAGE, Figures

pytestmark = pytest.mark.expects_log


class RetryingLine(LoopLine):
    """Sends a request again when its answer is lost."""

    async def send(self, shop_id: str, call: ActionCall, trace: GatedTrace) -> tuple[RawAnswer, Proof]:
        """As the line's, and once more."""
        try:
            return await super().send(shop_id, call, trace)
        except Exception:  # noqa: BLE001 - this is the mutant
            return await super().send(shop_id, call, GatedTrace(_open))


async def _open() -> None: ...


class EarlyLedger(Ledger):
    """Stores a yes as the headers begin."""

    async def act(self, key: ActionKey, decide: Decide, *, shop_id: str = "", return_id: str = "") -> Ruling:
        """As the ledger's, and more."""
        ruling = await super().act(key, decide, shop_id=shop_id, return_id=return_id)
        if isinstance(decide, partial) and decide.func is decisions.on_headers:
            yes = StoredAnswer(200, (), b"true")
            early = partial(decisions.on_answer, key, decide.args[1], yes, Proof.ACCEPTED)
            await super().act(key, early, shop_id=shop_id, return_id=return_id)
        return ruling


class UnlockedLedger(Ledger):
    """Reads in one transaction and writes in another, and looks at its claim no more before it sends.

    Attributes:
        both: Set once two requests have read.
    """

    reads = 0
    both: asyncio.Event

    async def act(self, key: ActionKey, decide: Decide, *, shop_id: str = "", return_id: str = "") -> Ruling:
        """As the ledger's, without holding its locks."""
        name = decide.func if isinstance(decide, partial) else None
        async with self._database.transaction() as connection:
            facts = await self._look(connection, key, shop_id, return_id)
        if name is decisions.on_request:
            await self._wait_for_another()
        elif name is decisions.on_headers:
            own = (claim for claim in facts.claims if claim.entry_id == key.entry_id)
            facts = replace(facts, claims=tuple(own))
        ruling = decide(facts)
        async with self._database.transaction() as connection:
            await self._write(connection, ruling)
        return ruling

    async def _wait_for_another(self) -> None:
        mutant = type(self)
        mutant.reads += 1
        if mutant.reads == 2:
            mutant.both.set()
        await mutant.both.wait()


async def _count(url: str, *, fault: str = "", **parts: Any) -> Figures:
    """Settle one return by six benches through two hubs, and count."""
    found = Figures("control")
    UnlockedLedger.reads, UnlockedLedger.both = 0, asyncio.Event()
    docks, chance = docks_of(url, 6), Random(1)
    write(url, "DROP INDEX return_claim_open")  # the database would refuse what the mutant does
    with quick_loop(1) as simulator:
        if fault:
            simulator.fault(fault, path="/process", count=1)
        hubs = [LedgerHub(url, simulator.url, simulator.key, **parts) for _ in range(2)]
        async with hubs[0], hubs[1]:
            returns = return_ids(simulator)
            tally = await settle_all(
                docks, lambda: chance.choice(hubs).url, simulator, returns, chance, at_once=1, each_by=6
            )
            await rest(hubs[0], url)
        count(simulator, url, returns, tally, found)
    await asyncio.gather(*(dock.client.aclose() for dock in docks))
    return found


@pytest.mark.parametrize(
    ("name", "fault", "parts", "damage"),
    [
        ("the hub retries by itself", "lose_answer", {"make_line": RetryingLine}, "doubled"),
        (
            "the answer is stored before the effect",
            "lose_request",
            {"make_ledger": EarlyLedger},
            "false_green",
        ),
        ("a claim is taken without a lock", "", {"make_ledger": UnlockedLedger}, "doubled"),
    ],
)
async def test_a_broken_hub_is_found(
    hub_url: str, name: str, fault: str, parts: dict[str, Any], damage: str
) -> None:
    found = figures.begin(f"control: {name}")
    broken = await _count(hub_url, fault=fault, **parts)
    for one in DAMAGE:
        setattr(found, one, getattr(broken, one))
    found.trials = broken.trials
    found.end()
    assert getattr(broken, damage) > 0


@pytest.mark.parametrize("fault", ["", "lose_answer", "lose_request"])
async def test_the_same_count_finds_nothing_in_a_sound_hub(hub_url: str, fault: str) -> None:
    sound = await _count(hub_url, fault=fault)
    assert {one: getattr(sound, one) for one in DAMAGE} == dict.fromkeys(DAMAGE, 0)
