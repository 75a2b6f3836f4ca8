"""Two stations settle the same returns at the same moment: no effect comes twice."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from loopdesk.domain.outbox.actions import Kind
from tests.torture import figures
from tests.torture.processes import killing
from tests.torture.processes.shop import EFFECT, ENDED, TrialShop
from tests.torture.processes.zygote import Running, Zygote

SEED = 17

WINDOW_SECONDS = 1.5
"""How long an accepted processing waits at Loop: so long a second one is not seen coming."""


def _settle_at_once(
    zygote: Zygote, folder: Path, returns: int, stations: int, *, has_guard: bool
) -> dict[str, list[str]]:
    """Let two benches settle all returns of a shop in the same way; return what came of each return.

    Args:
        stations: How many each of them believes there are.
        has_guard: Whether Loop refuses a second processing while the first one waits.
    """
    with TrialShop(folder, SEED, returns) as shop:
        shop.shop.loop.settings.change(guards_queued=has_guard, processing_seconds=WINDOW_SECONDS)
        running: list[Running] = []
        profiles = [folder / "first", folder / "second"]
        for profile in profiles:
            shop.profile, shop.chance = profile, random.Random(SEED)
            shop.refill()
        for number, profile in enumerate(profiles, 1):
            shop.profile = profile
            environ = {"LOOPDESK_STATION": f"dock {number}", "LOOPDESK_STATIONS": str(stations)}
            running.append(zygote.run(shop.arguments("sync", "--once"), {**shop.environ, **environ}, folder))
        for each in running:
            assert each.wait(60 + 5 * returns) in (0, 1), each.words()
        for profile in profiles:
            shop.profile = profile
            for entry, _ in shop.entries().values():
                assert entry.stage in ENDED, (entry.kind, entry.stage)
        return {return_id: _ends(shop, return_id) for return_id in shop.return_ids}


def _ends(shop: TrialShop, return_id: str) -> list[str]:
    """Name each end that a return came to at Loop."""
    truth = shop.shop.truth(return_id)
    kinds = [kind for kind in EFFECT if kind is not Kind.FLAG]
    found = [kind.value for kind in kinds for _ in range(truth[EFFECT[kind]])]
    return ["remove"] if found == ["process", "remove"] else found  # one removal takes out and pays out


SITUATIONS = {
    (2, False): "claims, no guard at Loop",
    (2, True): "claims, a guard at Loop",
    (1, False): "no claims, no guard at Loop",
    (1, True): "no claims, a guard at Loop",
}
"""How many stations each bench believes there are, and whether Loop guards a queued processing."""


@pytest.mark.fault(83)
def test_two_stations_at_once_make_no_effect_twice(tmp_path: Path) -> None:
    """Without claims all hangs on Loop's own guard: where it has none the same two benches pay out twice."""
    returns = figures.size("shared_returns", 12, 180, a_minute=12)
    counts = figures.begin("two programs at once", SEED)
    with Zygote() as zygote:

        def work(situation: tuple[int, bool]) -> list[list[str]]:
            stations, has_guard = situation
            folder = tmp_path / f"{stations}-{has_guard}"
            folder.mkdir()
            return list(_settle_at_once(zygote, folder, returns, stations, has_guard=has_guard).values())

        found = dict(zip(SITUATIONS, killing.in_parallel(work, list(SITUATIONS), 4), strict=True))
    twice = {name: sum(len(ends) > 1 for ends in found[key]) for key, name in SITUATIONS.items()}
    counts.trials = returns * len(SITUATIONS)
    counts.doubled = twice["claims, no guard at Loop"] + twice["claims, a guard at Loop"]
    counts.more["ended twice without claims and guard"] = twice["no claims, no guard at Loop"]
    counts.end()
    assert [key for key, ends in found.items() if sum(map(len, ends)) <= returns / 2] == []
    assert {name for name, times in twice.items() if times} == {"no claims, no guard at Loop"}
