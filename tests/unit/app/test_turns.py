"""Working threads leave the interpreter to the window's thread."""

from __future__ import annotations

import sys

from loopdesk.app.startup_tuning import SWITCH_SECONDS, shorten_thread_turns


def test_threads_of_the_window_take_shorter_turns_than_python_gives_them() -> None:
    before = sys.getswitchinterval()
    try:
        sys.setswitchinterval(0.005)
        shorten_thread_turns()
        assert sys.getswitchinterval() == SWITCH_SECONDS < 0.005
    finally:
        sys.setswitchinterval(before)
