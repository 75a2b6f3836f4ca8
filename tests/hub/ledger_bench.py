"""What a bench does with the hub's words, and the count of what became of it, made apart from the ledger."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from loopdesk.hub.ledger.sweep import LOOKS_AT_ONCE
from tests.hub.ledger_rig import Dock, LedgerHub, effects, new_entry, outcome, rows_of, sent_attempts, write
from tests.simulator_thread import SimulatorThread
from tests.torture.figures import Figures

PAUSE_SECONDS = 0.02
LOOKS_MOST = 25
PERSON_SECONDS = 2.0
"""After this long without an effect a person sends again; longer than the deadline of the rig's ledger."""


@dataclass
class Tally:
    """What benches were told.

    Attributes:
        mine: By return, the docks that call its settlement theirs.
        theirs: By return, how many were told who has it.
        unsent: Attempts that a bench was told did not go.
        resends: Attempts that a person made after a doubt.
    """

    mine: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    theirs: Counter[str] = field(default_factory=Counter)
    unsent: set[str] = field(default_factory=set)
    resends: int = 0
    said: Counter[str] = field(default_factory=Counter)


@dataclass
class _Bench:
    """One bench with one entry.

    Attributes:
        asks: Whether it asks what became of its last attempt, instead of making the next one.
    """

    dock: Dock
    any_hub: Callable[[], str]
    simulator: SimulatorThread
    return_id: str
    tally: Tally
    entry: str = field(default_factory=new_entry)
    n: int = 1
    asks: bool = False
    doubt_since: float = 0.0

    async def settle(self) -> None:
        """Finish a return as a bench does: ask the hub first, then Loop, and a person last."""
        while True:
            said = await self._hear()
            self.tally.said[said or "nothing"] += 1
            if said in ("loop", "stored"):
                self.tally.mine[self.return_id].append(self.dock.token)
                return
            if said == "claimed":
                self.tally.theirs[self.return_id] += 1
                return
            if said == "unknown" and self._sees_the_effect():
                return
            if said in ("unsent", "not connected"):
                self._again()
            self.asks = self.asks or said in ("", "in_progress")
            await asyncio.sleep(PAUSE_SECONDS)

    async def _hear(self) -> str:
        key, hub_url = f"{self.entry}.{self.n}", self.any_hub()
        try:
            if self.asks:
                told = await self.dock.ask(hub_url, key)
            else:
                told = await self.dock.act(hub_url, self.return_id, key)
        except httpx.ConnectError:
            return "" if self.asks else "not connected"  # no byte left
        except httpx.HTTPError:
            return ""
        said = outcome(told)
        assert said not in ("loop", "stored") or told.content == b"true", told.text
        if said == "unsent":
            self.tally.unsent.add(key)
        return said

    def _sees_the_effect(self) -> bool:
        if effects(self.simulator, self.return_id):
            self.tally.mine[self.return_id].append(self.dock.token)
            return True
        now = asyncio.get_running_loop().time()
        self.doubt_since = self.doubt_since or now
        if now - self.doubt_since > PERSON_SECONDS:
            self.tally.resends += 1
            self._again()
        return False

    def _again(self) -> None:
        self.n, self.asks, self.doubt_since = self.n + 1, False, 0.0


async def settle_all(
    docks: list[Dock],
    any_hub: Callable[[], str],
    simulator: SimulatorThread,
    returns: list[str],
    chance: Random,
    *,
    at_once: int,
    each_by: int,
) -> Tally:
    """Let several docks settle each return at nearly the same time, so many returns at once."""
    tally, waiting = Tally(), list(returns)

    async def work() -> None:
        while waiting:
            return_id = waiting.pop()
            chosen = chance.sample(docks, each_by)
            benches = (_Bench(dock, any_hub, simulator, return_id, tally) for dock in chosen)
            await asyncio.gather(*(bench.settle() for bench in benches))

    await asyncio.gather(*(work() for _ in range(at_once)))
    return tally


async def rest(hub: LedgerHub, url: str) -> None:
    """Let the sweep end what nobody asks for any more, for as long as a sound hub may need."""
    await hub.sweep.once()
    for _ in range(LOOKS_MOST + (await hub.ledger.counts())["open"] // LOOKS_AT_ONCE):
        write(url, "UPDATE return_claim SET look_at = clock_timestamp() WHERE ended_at IS NULL")
        await hub.sweep.look()
        if not (await hub.ledger.counts())["open"]:
            return
        await asyncio.sleep(PAUSE_SECONDS)


def count(
    simulator: SimulatorThread, url: str, returns: list[str], tally: Tally, found: Figures
) -> dict[str, Any]:
    """Count broken promises, from Loop's log and truth and from what benches were told; call it at rest."""
    sent = Counter(sent_attempts(simulator))
    stages = {f"{e}.{n}": stage for e, n, stage in rows_of(url, "SELECT entry_id, n, stage FROM action")}
    done = {return_id: effects(simulator, return_id) for return_id in returns}
    found.trials += len(returns)
    found.steps += sum(tally.said.values())
    found.doubled += sum(1 for many in done.values() if many > 1)
    found.doubled += sum(1 for many in sent.values() if many > 1)
    found.lost += sum(1 for return_id, many in done.items() if not many or not tally.mine[return_id])
    found.false_green += sum(1 for return_id in tally.mine if not done[return_id])
    found.false_green += sum(1 for docks in tally.mine.values() if len(docks) > 1)
    found.stuck += sum(1 for stage in stages.values() if stage in ("reserved", "sending"))
    [(open_claims,)] = rows_of(url, "SELECT count(*) FROM return_claim WHERE ended_at IS NULL")
    found.stuck += open_claims
    unknown_effects = [key for key in sent if stages.get(key) not in ("answered", "unknown")]
    found.lost += len(unknown_effects) + len(tally.unsent & sent.keys())
    return {
        "resends by a person": tally.resends,
        **{f"told {x or 'nothing'}": n for x, n in tally.said.items()},
    }
