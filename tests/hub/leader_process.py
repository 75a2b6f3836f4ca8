"""A process that leads a shop if it can, and writes its number into the index again and again."""

from __future__ import annotations

import asyncio
import sys

from loopdesk.hub.database.pool import Database
from loopdesk.hub.index.copies import ShopIndex
from loopdesk.hub.index.feed import ChangeFeed
from loopdesk.hub.index.leading import Deposed, Leader, Term
from loopdesk.services.station.tasks import Tasks
from loopdesk.system.host.clock import SystemClock
from tests.builders import rebuild

SHOP = "acme"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _fail(where: str, failure: BaseException) -> None:
    _say(f"fault {where} {failure!r}")


async def _serve(url: str, name: str, silent_seconds: float) -> None:
    clock, tasks = SystemClock(), Tasks(_fail)
    database = Database(url, clock, tasks, most=4)
    feed = ChangeFeed(database, clock, tasks)
    await database.open()

    async def work(term: Term) -> None:
        index = ShopIndex(SHOP, database, feed, rebuild, term)
        _say(f"leads {term.number}")
        try:
            while True:
                await index.mark("leader", f"{term.number} {name}")
                await asyncio.sleep(0.01)
        except Deposed:
            _say(f"refused {term.number}")
            raise

    leader = Leader(SHOP, database, clock, tasks, work, silent_seconds=silent_seconds)
    _say("ready")
    await leader.run()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], sys.argv[2], float(sys.argv[3])))
