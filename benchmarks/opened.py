"""Runs the program in a measured process: its window on a profile, and what answers the measuring one."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.children import answer
from loopdesk.app.faults import Faults
from loopdesk.app.gui import new_loop
from loopdesk.app.runtime import Options, Runtime, open_profile, open_runtime
from loopdesk.app.session import Session
from loopdesk.system.host.single import ProfileLock
from loopdesk.ui.app import make_app

Ask = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""Answers one question."""


def serve(
    folder: str,
    made: Callable[[Session], Ask],
    *,
    prepared: Callable[[Runtime], None] = lambda _: None,
    ready: Callable[[Session], Awaitable[None]],
) -> None:
    """Open the window on a profile, and answer questions until the input ends.

    Args:
        made: Returns what answers, at this session.
        prepared: Called with the opened profile, before there is a window.
        ready: Returns when questions may come.
    """

    async def live() -> None:
        options = Options(profile=folder)
        profile = open_profile(options, os.environ)
        with ProfileLock(profile):
            runtime = await open_runtime(profile, options)
            prepared(runtime)
            session = Session(app, runtime, faults)
            try:
                await session.open()
                await ready(session)
                answer({"ready": True})
                ask = made(session)
                while line := await asyncio.to_thread(sys.stdin.readline):
                    answer(await ask(json.loads(line)))
            finally:
                await session.close()
                await runtime.close()

    app, faults = make_app(sys.argv[:1]), Faults()
    with asyncio.Runner(loop_factory=lambda: new_loop(app, faults)) as runner:
        runner.run(live())
