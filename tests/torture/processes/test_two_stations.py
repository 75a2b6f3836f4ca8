"""Two stations settle the same returns at the same moment: no effect comes twice."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from loopdesk.domain.actions import Kind
from tests.torture import figures
from tests.torture.processes.shop import EFFECT, ENDED, TrialShop
from tests.torture.processes.zygote import Running, Zygote

SEED = 17


def _settle_at_once(zygote: Zygote, folder: Path, returns: int, stations: int) -> dict[str, list[str]]:
    """Let two benches settle all returns of a shop in the same way; return what came of each return.

    Args:
        stations: How many each of them believes there are.
    """
    with TrialShop(folder, SEED, returns) as shop:
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
        found: dict[str, list[str]] = {}
        for profile in profiles:
            shop.profile = profile
            for entry, _ in shop.entries().values():
                assert entry.stage in ENDED, (entry.kind, entry.stage)
        for return_id in shop.return_ids:
            truth = shop.shop.truth(return_id)
            found[return_id] = [
                kind.value
                for kind, name in EFFECT.items()
                if kind is not Kind.FLAG
                for _ in range(truth[name])
            ]
            if found[return_id] == ["process", "remove"]:
                found[return_id] = ["remove"]  # one removal takes out and pays out
        return found


@pytest.mark.fault(83)
def test_two_stations_at_once_make_no_effect_twice(tmp_path: Path) -> None:
    returns = figures.size("shared_returns", 8, 180)
    counts = figures.begin("two stations", SEED)
    with Zygote() as zygote:
        found = _settle_at_once(zygote, tmp_path, returns, stations=2)
    counts.trials = returns
    counts.doubled = sum(len(effects) > 1 for effects in found.values())
    counts.end()
    assert {name: effects for name, effects in found.items() if len(effects) > 1} == {}
    assert sum(len(effects) for effects in found.values()) > returns / 2


def test_without_claims_the_same_two_stations_do_it_twice(tmp_path: Path) -> None:
    with Zygote() as zygote:
        found = _settle_at_once(zygote, tmp_path, 12, stations=1)
    assert any(len(effects) > 1 for effects in found.values())
