"""Two benches on one hub, with cuts and restarts: no draft is lost, none is merged, none comes back."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

import pytest

from loopdesk.domain.returns.grading import Grade
from loopdesk.domain.returns.shared_drafts import Meeting
from loopdesk.hub.compose import Hub
from tests.hub.feed_rig import IS_FULL, say
from tests.hub.running import settings_for
from tests.hub.sharing_rig import GRADES, SharingBench, Site, a_site

STEPS = 400 if IS_FULL else 60
SEEDS = range(11, 41) if IS_FULL else (11,)
Entries: TypeAlias = tuple[Grade, ...]

RETURNS = ("70000001", "70000002", "70000003")


class Walk:
    """One walk, and what was entered in it.

    Attributes:
        written: All that anybody ever entered for a return, at any bench.
        settled: The returns that are settled: nothing is entered for them any more.
        before: What somebody saw when they entered something else, by return and that.
    """

    def __init__(self, site: Site, chance: random.Random) -> None:
        self.site = site
        self.chance = chance
        self.written: dict[str, set[Entries]] = {each: set() for each in RETURNS}
        self.settled: set[str] = set()
        self.before: dict[tuple[str, Entries], set[Entries]] = {}

    async def step(self) -> None:
        """Do one thing at one bench."""
        bench, return_id = self.chance.choice(self.site.benches), self.chance.choice(RETURNS)
        match self.chance.randrange(10):
            case 0 | 1 | 2 if return_id not in self.settled:
                await self._enter(bench, return_id)
            case 3:
                bench.line.is_away = not bench.line.is_away
            case 4 | 5 if not bench.line.is_away:
                bench.line.loses = self.chance.randrange(2)
                await bench.say()
            case 6 | 7 if not bench.line.is_away:
                await bench.hear()
            case 8:
                is_away = bench.line.is_away
                await bench.restart()
                bench.line.is_away = is_away
            case 9:
                await self._meet(bench, return_id)
        await self.check()

    async def _enter(self, bench: SharingBench, return_id: str) -> None:
        """Go on with what is entered there, with a line more or one that is graded anew."""
        before = await bench.entered(return_id)
        grades = (*before, self.chance.choice(GRADES))[-3:]
        await bench.enter(grades, parked=self.chance.random() < 0.5, return_id=return_id)
        self.written[return_id].add(grades)
        self.before.setdefault((return_id, grades), set()).add(before)

    def led_to(self, return_id: str, ends: Iterable[Entries]) -> set[Entries]:
        """Return these, and all that somebody saw when they entered them, and so on."""
        found, left = set[Entries](), list(ends)
        while left:
            one = left.pop()
            if one not in found:
                found.add(one)
                left += self.before.get((return_id, one), ())
        return found

    async def _meet(self, bench: SharingBench, return_id: str) -> None:
        """Open a return as a person does: take over, or choose."""
        met = await bench.elsewhere(return_id)
        if met.meeting is Meeting.THEIRS:
            await bench.take_up(return_id)
        elif met.meeting is Meeting.BOTH:
            await bench.choose(theirs=self.chance.random() < 0.5, return_id=return_id)

    async def check(self) -> None:
        """Nothing is anywhere that nobody entered: neither merged nor made up."""
        for bench in self.site.benches:
            for return_id in RETURNS:
                grades = await bench.entered(return_id)
                assert grades == () or grades in self.written[return_id], f"{bench.name} {return_id}"

    async def settle_one(self, return_id: str) -> None:
        """Settle a return at one bench while the other one is away, and let both come together."""
        one, other = self.chance.sample(list(self.site.benches), 2)
        await self._enter(one, return_id)
        other.line.is_away = True
        await one.settle(return_id)
        self.settled.add(return_id)

    async def end(self) -> None:
        """Let everybody meet, and somebody choose, until all agree."""
        for bench in self.site.benches:
            bench.line.is_away, bench.line.loses = False, 0
        for _ in range(6):
            await self.site.sync()
            for bench in self.site.benches:
                for return_id in RETURNS:
                    await self._meet(bench, return_id)


async def _everything_left(site: Site) -> set[Entries]:
    """All that is in some audit log because it did not stand."""
    left: set[Entries] = set()
    for bench in site.benches:
        for event in ("draft_chosen", "draft_dropped"):
            left |= set(await bench.left_in_audit(event))
    return left


@pytest.mark.parametrize("seed", [int(os.environ["SHARED_SEED"])] if "SHARED_SEED" in os.environ else SEEDS)
async def test_no_draft_is_lost_or_merged_or_comes_back(hub_url: str, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    say(f"shared drafts: seed {seed}, {STEPS} steps")
    people = {"dock 1": "Anna", "dock 3": "Ben"}
    async with Hub(settings_for(hub_url, tmp_path)) as hub, a_site(hub, tmp_path, people) as site:
        walk = Walk(site, chance)
        for _ in range(STEPS):
            await walk.step()
        newest = {(bench.name, each): await bench.entered(each) for bench in site.benches for each in RETURNS}
        await walk.end()
        one, other = site.benches
        for return_id in RETURNS:
            assert await one.entered(return_id) == await other.entered(return_id), return_id
        left = await _everything_left(site)
        for (name, return_id), grades in newest.items():
            kept = walk.led_to(return_id, {await one.entered(return_id), *left})
            assert grades in kept | {()}, f"{name} lost {grades} of {return_id}"
        await walk.settle_one(RETURNS[0])
        await walk.end()
        assert [await bench.entered(RETURNS[0]) for bench in site.benches] == [(), ()]
        for bench in site.benches:
            await bench.restart()
            assert await bench.entered(RETURNS[0]) == ()
            listed = {each.return_id for each in await bench.store.shared_drafts.elsewhere()}
            assert RETURNS[0] not in listed
