"""One trial's surroundings: a small shop, a bad network before it, a profile with a queue, and the judge.

What Loop really knows is compared with what the queue says, after everything was done to the program that
the trial does. Five things must never be found; they are the columns of the closing table.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from loopdesk.api.client import LoopClient
from loopdesk.api.translate import from_body
from loopdesk.api.transport import Transport
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Action, Kind
from loopdesk.domain.outbox.stages import Attempt, Entry, Stage
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.returns import Return, fingerprint
from loopdesk.services.ports.store import KeepRequest
from loopdesk.services.sync.budget import RequestBudget
from loopdesk.simulator.crowd import many_returns
from loopdesk.simulator.http.server import wall_clock
from loopdesk.simulator.loop import PRACTICE_KEY, LoggedRequest, Loop
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import ShopKey
from loopdesk.store.store import open_store
from loopdesk.system.host.clock import SystemClock
from tests.kinds import FINALIZERS, GATED
from tests.network import Rule, ThreadedProxy
from tests.simulator_thread import SimulatorThread
from tests.torture.processes.zygote import Running, Zygote

HASTE = {
    "LOOPDESK_STATION": "dock 1",
    "LOOPDESK_OPERATOR": "Ada",
    "LOOPDESK_HOLD_SECONDS": "0",
    "LOOPDESK_SOUND": "off",
    "LOOPDESK_SYNC_SECONDS": "5",
    "LOOPDESK_REQUESTS_PER_MINUTE": "300",
    "LOOPDESK_LIMITS_PROCESS": "2",
    "LOOPDESK_LIMITS_REMOVE": "2",
    "LOOPDESK_LIMITS_CANCEL": "2",
    "LOOPDESK_LIMITS_CLOSE": "2",
    "LOOPDESK_LIMITS_FLAG": "2",
    "LOOPDESK_LIMITS_NOTE": "2",
    "LOOPDESK_LIMITS_GRADE": "1",
    "LOOPDESK_LIMITS_ASSESS": "1",
}
"""The environment of a program whose patience is short, so that a trial ends soon."""

PROCESSING_SECONDS = 0.3

FINAL = (Kind.PROCESS, Kind.PROCESS, Kind.PROCESS, Kind.REMOVE, Kind.FLAG, Kind.CANCEL, Kind.CLOSE, None)
"""How settlements of a trial end; None for grades alone."""

EFFECT = {
    Kind.PROCESS: "processings",
    Kind.REMOVE: "removals",
    Kind.CANCEL: "cancellations",
    Kind.CLOSE: "closings",
    Kind.FLAG: "flaggings",
}
"""Where Loop's truth counts what a kind comes to."""

ENDED = (Stage.DONE, Stage.SUPERSEDED, Stage.PARKED)
"""Where an entry may rest after a healthy drain: at its end, or in front of a person."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry that was acknowledged: from here on it may not be lost."""

    entry_id: str
    return_id: str
    kind: Kind
    target: str
    marker: str
    inspected_at: str


@dataclass(slots=True)
class Verdict:
    """What a trial came to; each list names the entries of one kind of broken promise."""

    lost: list[str]
    doubled: list[str]
    reordered: list[str]
    false_green: list[str]
    stuck: list[str]
    untrue: list[str]
    parked: int = 0
    done: int = 0

    def complaints(self) -> dict[str, list[str]]:
        """Return what was broken, by its name; empty when nothing was."""
        names = ("lost", "doubled", "reordered", "false_green", "stuck", "untrue")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


class TrialShop:
    """A shop, the network before it, and the profile of the one bench that works for it.

    Use it in a ``with`` statement.

    Args:
        folder: For the profile and for what the programs say.
        seed: Makes everything random of the trial the same again.
        returns: How many returns there are, each with one settlement in the queue.
        mutant: How the program is broken on purpose; "" for the honest one.
        key: The API key that opens the shop.
    """

    def __init__(
        self, folder: Path, seed: int, returns: int, mutant: str = "", key: str = PRACTICE_KEY.value
    ) -> None:
        self.key = key
        self.mutant = mutant
        self.program: tuple[str, ...] = ("sync",)
        self.finals: tuple[Kind | None, ...] = FINAL
        self._filled = 0
        self.folder = folder
        self.profile = folder / "profile"
        self.chance = random.Random(seed)
        self.kept: list[Kept] = []
        loop = Loop(
            clock=wall_clock,
            keys=[ShopKey("bench", key)],
            settings=Settings(processing_seconds=PROCESSING_SECONDS, rate_limit=None),
        )
        for ret in many_returns(returns, seed, wall_clock(), 2.0):
            ret.state, ret.closed_at, ret.was_processed = "open", None, False
            ret.effects.clear()
            loop.add(ret)
        self.shop = SimulatorThread(loop)
        self.return_ids = [str(200_000_000 + n) for n in range(returns)]
        self._proxy: ThreadedProxy | None = None

    def __enter__(self) -> TrialShop:
        self.shop.__enter__()
        self._proxy = ThreadedProxy("127.0.0.1", self.shop.port)
        self._proxy.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.proxy.__exit__(kind, problem, trace)
        self.shop.__exit__(kind, problem, trace)

    @property
    def proxy(self) -> ThreadedProxy:
        """The network before the shop."""
        assert self._proxy is not None
        return self._proxy

    @property
    def environ(self) -> dict[str, str]:
        """What a program is told by its environment."""
        url = f"{self.proxy.url}/api"
        return {**HASTE, "LOOPDESK_API_URL": url, "LOOPDESK_API_KEY": self.key}

    def arguments(self, *command: str) -> list[str]:
        """Return the command line of a program on this profile."""
        return [*command, "--profile", str(self.profile)]

    def start(self, zygote: Zygote, *command: str, **more: Any) -> Running:
        """Start the program on this profile; ``more`` as for ``Zygote.run``."""
        return zygote.run(self.arguments(*command), self.environ, self.folder, mutant=self.mutant, **more)

    # --- the queue --------------------------------------------------------------------------------

    def fill(self, most: int = 1_000_000) -> None:
        """Keep a settlement for each of the next so many returns, as the bench does."""
        following = self.return_ids[self._filled : self._filled + most]
        self._filled += len(following)
        if following:
            asyncio.run(self._fill(following))

    def refill(self) -> None:
        """Keep a settlement for every return, also of those that have one elsewhere."""
        self._filled = 0
        self.fill()

    async def _fill(self, return_ids: Sequence[str]) -> None:
        clock = SystemClock()
        transport = Transport(clock=clock, budget=RequestBudget(clock), base_url=f"{self.shop.url}/api")
        transport.set_key(self.key)
        store = await open_store(self.profile / "store", from_body)
        try:
            client = LoopClient(transport)
            for return_id in return_ids:
                ret = (await client.details(return_id)).ret
                request = self._request(ret, transport.key_fingerprint())
                for entry in await store.outbox.keep(request):
                    self.kept.append(_kept(entry))
        finally:
            await store.close()
            await transport.aclose()

    def _request(self, ret: Return, key_fingerprint: str) -> KeepRequest:
        """Make a settlement of any kind that fits the return."""
        final = self.chance.choice(self.finals)
        if final is Kind.REMOVE and len(ret.lines) < 2:
            final = Kind.PROCESS
        at = datetime.now(UTC) - timedelta(seconds=self.chance.randrange(5, 500))
        return KeepRequest(
            return_id=ret.return_id,
            order_name=ret.order_name,
            kind=final.value if final else "grade_only",
            actions=tuple(self._actions(ret, final, at)),
            seen=fingerprint(ret),
            draft=Draft(ret.return_id),
            operator=Operator(name="Ada"),
            station="dock 1",
            key_fingerprint=key_fingerprint,
            hold_seconds=0.0,
            decided_at=at,
        )

    def _actions(self, ret: Return, final: Kind | None, at: datetime) -> list[Action]:
        actions = []
        stamp = at.replace(microsecond=0).isoformat()
        for line in ret.lines:
            common = {"line_item_id": line.line_item_id, "return_processor": "Ada", "inspected_at": stamp}
            graded = {**common, "condition_category": "grade_b", "description": "worn", "images": []}
            actions.append(Action(Kind.GRADE, line.line_item_id, graded))
        for line in ret.lines:
            common = {"line_item_id": line.line_item_id, "return_processor": "Ada", "inspected_at": stamp}
            actions.append(
                Action(Kind.ASSESS, line.line_item_id, {**common, "disposition_outcome": "back_to_stock"})
            )
        if self.chance.random() < 0.6:
            actions.append(Action(Kind.NOTE, "", {"content": f"torn seam, {self.chance.randrange(999)}"}))
        if final is not None:
            payload = {"line_item_ids": [ret.lines[-1].line_item_id]} if final is Kind.REMOVE else {}
            actions.append(Action(final, "", payload if final is not Kind.FLAG else {"reason": "torn"}))
        return actions

    # --- the network ------------------------------------------------------------------------------

    def bad_network(self, share: float = 0.2) -> None:
        """Let a share of the requests fail in one way or another, until ``good_network``."""
        modes = ("drop_before", "drop_after", "cut", "reset", "reset_after")
        each = share / len(modes)
        self.proxy.use(
            *(
                Rule(mode, match=self._sometimes(each), at_byte=self.chance.randrange(1, 400))
                for mode in modes
            )
        )

    def _sometimes(self, share: float) -> Callable[[str], bool]:
        chance = random.Random(self.chance.random())
        return lambda _line: chance.random() < share

    def good_network(self) -> None:
        """Let all requests through."""
        self.proxy.use()

    # --- the judge --------------------------------------------------------------------------------

    def entries(self) -> dict[str, tuple[Entry, tuple[Attempt, ...]]]:
        """Read every entry with its attempts."""
        return asyncio.run(self._entries())

    async def _entries(self) -> dict[str, tuple[Entry, tuple[Attempt, ...]]]:
        store = await open_store(self.profile / "store", from_body, repair=False)
        try:
            found = await store.outbox.entries(None, 100_000)
            return {each.entry_id: (each, await store.outbox.attempts(each.entry_id)) for each in found}
        finally:
            await store.close()

    def judge(self) -> Verdict:
        """Compare what the queue says with Loop's truth."""
        verdict = Verdict([], [], [], [], [], [])
        entries = self.entries()
        for kept in self.kept:
            if kept.entry_id not in entries:
                verdict.lost.append(f"{kept.kind} {kept.entry_id} is nowhere")
                continue
            self._judge_entry(kept, *entries[kept.entry_id], verdict)
        for return_id in self.return_ids:
            lane = [entry for entry, _ in entries.values() if entry.return_id == return_id]
            self._judge_lane(return_id, lane, verdict)
        return verdict

    def _judge_entry(self, kept: Kept, entry: Entry, attempts: tuple[Attempt, ...], verdict: Verdict) -> None:
        name = f"{kept.kind.value} of {kept.return_id} is {entry.stage.value} {entry.cause.code}"
        times = self._times_true(kept)
        verdict.done += entry.stage is Stage.DONE
        verdict.parked += entry.stage is Stage.PARKED
        if entry.stage not in ENDED:
            verdict.stuck.append(name)
        if entry.stage is Stage.DONE and not times:
            verdict.false_green.append(name)
        if entry.stage is Stage.PARKED and times:
            verdict.untrue.append(f"{name}, but it is true")
        if times > 1:
            verdict.doubled.append(f"{name}, {times} times")
        if kept.kind in FINALIZERS and len(self._wired(kept)) > 1:
            verdict.doubled.append(f"{name}, sent {len(self._wired(kept))} times")
        if len(self._wired(kept)) > len(attempts):
            verdict.untrue.append(f"{name}: more requests than attempts")

    def _times_true(self, kept: Kept) -> int:
        """Count how often what was asked for happened; a value that is held counts once."""
        truth = self.shop.truth(kept.return_id)
        if kept.kind in EFFECT:
            times = int(truth[EFFECT[kept.kind]])
            return min(times, 1) if kept.kind is Kind.FLAG else times
        if kept.kind is Kind.NOTE:
            return sum(1 for note in truth["notes"] if note["content"].endswith(kept.marker))
        name = "condition" if kept.kind is Kind.GRADE else "disposition"
        removed = kept.target in truth["removed_line_ids"]
        held = [line[name] for line in truth["lines"] if line["line_item_id"] == kept.target]
        return int(removed or any(x is not None and x["inspected_at"] == kept.inspected_at for x in held))

    def _wired(self, kept: Kept) -> list[str]:
        """Return the request lines of a gated entry that came onto the wire."""
        if kept.kind not in GATED:
            return []
        end = f"/{kept.return_id}/{kept.kind.value} "
        lines = (passage.line.replace("?", " ", 1) for passage in self.proxy.passages)
        return [line for line in lines if line.startswith("POST") and end in line]

    def _judge_lane(self, return_id: str, lane: list[Entry], verdict: Verdict) -> None:
        """Nothing decided before a finalizer is sent after it or is missing before it."""
        effects = [
            seen for seen in self.shop.requests("POST") if seen.effect and _is_about(seen, return_id, lane)
        ]
        final = next((n for n, seen in enumerate(effects) if _ends(seen)), None)
        if final is None:
            return
        if final != len(effects) - 1:
            verdict.reordered.append(f"{return_id}: {effects[-1].path} after {effects[final].path}")
        behind = [x for x in lane if x.kind not in GATED and x.stage is not Stage.DONE]
        if behind:
            verdict.reordered.append(f"{return_id}: {effects[final].path} without {behind[0].kind.value}")


def _kept(entry: Entry) -> Kept:
    at = str(entry.payload.get("inspected_at", ""))
    return Kept(entry.entry_id, entry.return_id, entry.kind, entry.target, entry.marker, at)


def _is_about(seen: LoggedRequest, return_id: str, lane: list[Entry]) -> bool:
    if f"/{return_id}/" in seen.path:
        return True
    items = seen.body.get("items", []) if isinstance(seen.body, dict) else []
    targets = {entry.target for entry in lane if entry.target}
    return any(str(item.get("line_item_id")) in targets for item in items)


def _ends(seen: LoggedRequest) -> bool:
    return seen.path.rpartition("/")[2] in {kind.value for kind in FINALIZERS}
