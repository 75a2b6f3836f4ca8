"""A PostgreSQL for the tests that need one: a server a worker, and a fresh migrated database a test."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.torture import figures

if sys.platform == "win32":
    collect_ignore_glob = ["test_*.py"]  # a hub runs on Linux; there is no wheel with a server to test on
else:
    from loopdesk.hub.database.pool import Database
    from loopdesk.services.station.tasks import Tasks
    from loopdesk.system.host.clock import SystemClock
    from tests.hub.ledger_rig import Dock, docks_of, quick_loop
    from tests.hub.running import make_site
    from tests.hub.spare_postgres import FAST, SparePostgres
    from tests.simulator_thread import SimulatorThread

    TEMPLATE = "migrated"
    _numbers = itertools.count(1)

    @pytest.fixture(scope="session")
    def spare_postgres() -> Iterator[SparePostgres]:
        """The worker's server, with a template database that is migrated and has a site."""
        server = SparePostgres(settings=FAST)
        try:
            server.start()
            asyncio.run(make_site(server.make(TEMPLATE)))
            yield server
        finally:
            server.close()

    @pytest.fixture
    def own_postgres() -> Iterator[SparePostgres]:
        """A server of its own that keeps what it said was kept."""
        server = SparePostgres()
        try:
            server.start()
            yield server
        finally:
            server.close()

    @pytest.fixture
    def empty_hub_url(spare_postgres: SparePostgres) -> Iterator[str]:
        """An empty database of the test's own."""
        name = f"empty{next(_numbers)}"
        yield spare_postgres.make(name)
        spare_postgres.drop(name)

    @pytest.fixture
    def hub_url(spare_postgres: SparePostgres) -> Iterator[str]:
        """A migrated database of the test's own, with a site."""
        name = f"test{next(_numbers)}"
        yield spare_postgres.make(name, TEMPLATE)
        spare_postgres.drop(name)

    @pytest.fixture
    async def hub_database(hub_url: str) -> AsyncIterator[Database]:
        """The same, opened."""
        faults: list[tuple[str, BaseException]] = []
        tasks = Tasks(lambda where, failure: faults.append((where, failure)))
        database = Database(hub_url, SystemClock(), tasks, most=8)
        await database.open()
        yield database
        await database.close()
        await tasks.aclose()
        assert faults == []

    @pytest.fixture
    def simulator() -> Iterator[SimulatorThread]:
        """A Loop of three open returns, which queues processing for a moment."""
        with quick_loop(3) as running:
            yield running

    @pytest.fixture
    async def dock(hub_url: str) -> AsyncIterator[Dock]:
        """A bench of the test's own hub."""
        [made] = docks_of(hub_url, 1)
        yield made
        await made.client.aclose()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Write the figures of the run that ends, as for the rest of the torture."""
    figures.write_new()
