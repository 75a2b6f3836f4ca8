"""Processes that take webhooks in and apply them, to be killed at a named place or at any moment."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess

from prometheus_client import CollectorRegistry

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection
from loopdesk.hub.http import webhooks
from loopdesk.hub.http.app import application
from loopdesk.hub.http.callers import Callers
from loopdesk.hub.http.server import HubServer
from loopdesk.hub.index.feed import ChangeFeed
from loopdesk.hub.webhooks.drain import WebhookDrain
from loopdesk.hub.webhooks.failures import FailedProcessings
from loopdesk.hub.webhooks.inbox import Inbox
from loopdesk.hub.webhooks.tally import WebhookTally
from loopdesk.services.station.tasks import Tasks
from loopdesk.system.host.clock import SystemClock
from tests.hub.webhook_rig import SEALING, NoTokens

_PATIENCE_SECONDS = 60.0


class _Dying:
    """Counts, and kills this process at a place: ``hinted:7`` or ``committed:2``."""

    def __init__(self, place: str) -> None:
        self._at, _, number = place.partition(":")
        self._left = int(number or 0)

    def pass_by(self, at: str) -> None:
        """Die, if this is the place and the time."""
        if at == self._at:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def _run(pipe: Pipe, url: str, place: str) -> None:
    asyncio.run(_serve(pipe, url, place))


async def _serve(pipe: Pipe, url: str, place: str) -> None:
    clock, tasks, dying = SystemClock(), Tasks(_fail), _Dying(place)
    database = Database(url, clock, tasks, most=8)
    tally = WebhookTally(database, clock, CollectorRegistry())

    async def hint(connection: Connection, shop_id: str, return_id: str) -> None:
        await connection.execute("INSERT INTO hinted VALUES (%s, %s)", (shop_id, return_id))
        dying.pass_by("hinted")

    async def after_turn() -> None:
        dying.pass_by("committed")
        await tally.write()

    drain = WebhookDrain(
        ChangeFeed(database, clock, tasks), SEALING, hint, clock, tasks, after_turn=after_turn
    )
    inbox = Inbox(database, SEALING, clock, drain.wake)
    app = application(
        webhooks.routes(inbox, tally.count, clock, FailedProcessings(database)),
        Callers(NoTokens()),
        now=clock.now,
        generation=lambda: "",
        on_fault=_fail,
    )
    server = HubServer(app, "127.0.0.1", 0)
    await database.open()
    tasks.spawn(drain.run(), name="webhooks")
    pipe.send(server.url)
    await server.run_until_end()


def _fail(where: str, failure: BaseException) -> None:
    raise SystemExit(f"{where}: {failure!r}")


class WebhookProcess:
    """One process.

    Attributes:
        url: Its origin.
    """

    def __init__(self, database_url: str, place: str = "") -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        here, there = context.Pipe()
        self._process: BaseProcess = context.Process(target=_run, args=(there, database_url, place))
        self._process.start()
        there.close()
        assert here.poll(_PATIENCE_SECONDS), "the process did not start"
        self.url: str = here.recv()
        here.close()

    def kill(self) -> None:
        """Kill it, as the kernel does."""
        self._process.kill()
        self.wait()

    def wait(self) -> None:
        """Wait until it is dead, by itself or killed."""
        self._process.join(_PATIENCE_SECONDS)
        assert self._process.exitcode == -signal.SIGKILL, self._process.exitcode
        self._process.close()
