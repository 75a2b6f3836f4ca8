"""G4: images of the disk after a power loss, each opened, and part of them worked off by a new program."""

from __future__ import annotations

import pytest

from loopdesk.store import open_database
from tests.torture import figures
from tests.torture.blackout import run_sessions


@pytest.mark.fault(61)
def test_no_power_loss_loses_or_damages_what_was_acknowledged() -> None:
    seed = figures.seed()
    found = figures.begin("power loss", seed)
    images = figures.size("images", 400, 200_000)
    run_sessions(images, seed, found, a_cut=figures.size("images_a_cut", 20, 100))
    found.end()
    assert (found.lost, found.doubled) == (0, 0)


def test_without_full_synchronization_the_same_power_losses_lose_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weak = tuple(
        ("synchronous", "normal", 1) if name == "synchronous" else (name, value, told)
        for name, value, told in open_database._PRAGMAS
    )
    monkeypatch.setattr(open_database, "_PRAGMAS", weak)
    seed = figures.seed()
    found = figures.begin("control: synchronous=NORMAL", seed)
    images = figures.size("control_images", 40, 2_000)
    a_cut = figures.size("images_a_cut", 20, 100)
    run_sessions(images, seed, found, a_cut=a_cut, is_control=True)
    found.end()
    assert found.lost > 0
