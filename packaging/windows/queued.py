"""Keeps one settlement in a profile, as an operator does who goes home before it is sent.

    python -m windows.queued PROFILE API_URL RETURN_ID      (the key in LOOPDESK_API_KEY)

Run by the rehearsal with the checkout's own Python, so that the installed program finds actions waiting.
"""

from __future__ import annotations

import asyncio
import os
import sys

from loopdesk.app.program import Program
from loopdesk.app.runtime import Options, open_profile, open_runtime
from loopdesk.domain.returns.grading import Disposition, Grade


async def keep(folder: str, api_url: str, return_id: str) -> None:
    """Read Loop, decide every line of a return, and keep the settlement."""
    values = {"api.url": api_url, "station.name": "rehearsal", "station.operator": "rehearsal"}
    options = Options(folder, values)
    ground = await open_runtime(open_profile(options, os.environ), options)
    try:
        program = Program(ground, _fail)
        try:
            await program.load_key()
            await program.work_once()
            known = await ground.store.openings.known(return_id)
            if known is None:
                raise LookupError(f"Loop has no return {return_id}")
            await program.parts.inspection.open(known)
            lines = tuple(line.line_item_id for line in known.stored.ret.lines)
            await program.parts.inspection.grade(Grade.A, lines)
            await program.parts.inspection.dispose(Disposition.BACK_TO_STOCK, lines)
            sys.stdout.write(f"{(await program.parts.inspection.settle()).kind}\n")
        finally:
            await program.stop()
    finally:
        await ground.close()


def _fail(where: str, failure: BaseException) -> None:
    raise RuntimeError(where) from failure


if __name__ == "__main__":
    asyncio.run(keep(*sys.argv[1:4]))
