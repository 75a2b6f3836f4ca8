"""The watchdog that kills a process hanging in foreign code; the Windows rehearsal shows it at work too."""

from __future__ import annotations

import pytest

from loopdesk.system.host.watchdog import ended_after


def test_work_that_ends_in_time_is_left_alone() -> None:
    with ended_after(60):
        done = True
    assert done


def test_a_failure_inside_comes_out_as_it_is() -> None:
    with pytest.raises(ValueError, match="mine"), ended_after(60):
        raise ValueError("mine")
