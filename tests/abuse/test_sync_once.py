"""``sync --once`` against a Loop that answers and lets nothing happen: it can be ended at any time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.abuse.answerer import Answer, Answerer, Asked
from tests.abuse.station import KEY, a_program
from tests.abuse.test_actions import FIRST, a_shop, settle

ROOT = Path(__file__).parent.parent.parent
PATIENCE_SECONDS = 60.0


def interrupted(folder: Path, loop: Answerer, number: signal.Signals) -> tuple[int, str]:
    """Let the command begin to look at what it would send, and send it a signal. Returns its end."""
    environ = {
        "LOOPDESK_PROFILE": str(folder),
        "LOOPDESK_API_URL": loop.url,
        "LOOPDESK_API_KEY": KEY,
        "LOOPDESK_STATION": "dock 1",
        "LOOPDESK_OPERATOR": "Ada",
        "LOOPDESK_HOLD_SECONDS": "0.5",
    }
    before = len(loop.of("details"))
    with subprocess.Popen(
        [sys.executable, "-m", "loopdesk", "sync", "--once"],
        cwd=ROOT,
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        end = time.monotonic() + PATIENCE_SECONDS
        while len(loop.of("details")) == before and time.monotonic() < end:
            assert running.poll() is None
        running.send_signal(number)
        try:
            said, _ = running.communicate(timeout=PATIENCE_SECONDS)
        finally:
            running.kill()
    return running.returncode, said


if os.name == "posix":  # elsewhere the console ends it

    @pytest.mark.fault(59)
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda x: x.name)
    async def test_a_signal_ends_it_in_order_and_what_is_left_is_said(
        tmp_path: Path, number: signal.Signals
    ) -> None:
        shop = a_shop()

        def script(asked: Asked) -> Answer:
            return Answer(b"") if "details" in asked.words else shop.answer(asked)

        with Answerer(shop.answer) as loop:
            async with a_program(tmp_path, loop.url) as program:
                await program.parts.prefetch.catch_up()
                await settle(program, FIRST)
            loop.script = script
            code, said = interrupted(tmp_path, loop, number)
            assert (code, "left in the queue: 1 kept." in said) == (1, True)
            assert "Traceback" not in said
            assert loop.of("process", method="POST") == []
