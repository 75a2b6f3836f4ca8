"""Keeps one settlement in a profile, like an operator who goes home before it is sent.

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
from loopdesk.services.bench import on_bench as bench


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
            inspection, by = program.parts.inspection, program.parts.inspection.by
            lines = tuple(line.line_item_id for line in known.stored.ret.lines)
            here = bench.grade(bench.opened(None, known, by.vocabulary), Grade.A, lines, by)
            here = bench.dispose(here, Disposition.BACK_TO_STOCK, lines, by)
            await inspection.save(here.draft)
            request = bench.settlement(here, by.vocabulary, program.station(), by.at)
            await inspection.keep(request)
            sys.stdout.write(f"{request.kind}\n")
        finally:
            await program.stop()
    finally:
        await ground.close()


def _fail(where: str, failure: BaseException) -> None:
    raise RuntimeError(where) from failure


if __name__ == "__main__":
    asyncio.run(keep(*sys.argv[1:4]))
