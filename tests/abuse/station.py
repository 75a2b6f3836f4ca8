"""The program without its window on a profile of its own: settings, store, client and services as shipped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from loopdesk.app.program import Program
from loopdesk.app.runtime import Options, open_profile, open_runtime
from loopdesk.system.host.single import ProfileLock

KEY = "a-key-that-nobody-has"


@asynccontextmanager
async def a_program(folder: Path, url: str, **environ: str) -> AsyncIterator[Program]:
    """Build the program, and end it in order; ``start`` or ``work_once`` is the test's to call.

    Args:
        folder: The profile's folder, made when missing; using it again is a restart.
        url: Loop's address without the version.
        environ: Settings by their names in the environment, over those that a bench of one has.

    Raises:
        AssertionError: Something failed that nobody expected.
    """
    options = Options(profile=str(folder))
    given = {
        "LOOPDESK_API_URL": url,
        "LOOPDESK_API_KEY": KEY,
        "LOOPDESK_STATION": "dock 1",
        "LOOPDESK_OPERATOR": "Ada",
        "LOOPDESK_HOLD_SECONDS": "0.5",
        **environ,
    }
    faults: list[tuple[str, BaseException]] = []
    profile = open_profile(options, given)
    with ProfileLock(profile):
        runtime = await open_runtime(profile, options, given)
        try:
            program = Program(runtime, lambda where, failure: faults.append((where, failure)))
            await program.load_key()
            try:
                yield program
            finally:
                await program.stop()
        finally:
            await runtime.close()
    assert not faults, f"nobody expected {faults}"
