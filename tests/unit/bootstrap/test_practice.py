"""The imitation behind practice mode misbehaves as each drill says, and stops when all is well."""

from __future__ import annotations

import pytest

from loopdesk.bootstrap.practice import Practice
from loopdesk.presenters.drills import ALL_WELL, DRILLS

KINDS = {
    ALL_WELL: [],
    "offline": ["offline"],
    "lost": ["lose_answer"],
    "slow": ["slow"],
    "errors": ["error_before"],
    "login": ["portal"],
}


@pytest.mark.parametrize("drill", [drill for drill, _, _ in DRILLS])
def test_each_drill_switches_on_its_fault_and_no_other(drill: str) -> None:
    practice = Practice()
    practice.play("slow")
    practice.play(drill)
    assert [fault.kind for fault in practice.shop.faults] == KINDS[drill]
    practice.play(ALL_WELL)
    assert list(practice.shop.faults) == []
