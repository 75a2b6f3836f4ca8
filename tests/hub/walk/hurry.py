"""One hurried time for all: benches, hub processes, PostgreSQL and Loop see the same hour pass in minutes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg

from loopdesk.system.host.clock import SystemClock
from tests.torture.clock import WorldClock

LOOK_SECONDS = 0.01
"""Of the machine: how often something is looked for that nobody tells of."""


class Hurry:
    """Time that runs faster than the machine's.

    Args:
        began: Seconds since 1970 at which both showed the same.
        haste: How fast it runs.

    Attributes:
        skipped: Seconds that passed at once.
    """

    def __init__(self, began: float, haste: float) -> None:
        self.began = began
        self.haste = haste
        self.skipped = 0.0

    def now(self) -> datetime:
        """The time, aware UTC."""
        at = self.began + self.skipped + (time.time() - self.began) * self.haste
        return datetime.fromtimestamp(at, UTC)

    def skip(self, seconds: float) -> None:
        """Let time pass at once. A hub process that runs, and a database until ``install``, do not notice."""
        self.skipped += seconds

    def install(self, url: str) -> None:
        """Let a database tell this time: its own ``clock_timestamp`` comes after this one.

        Connections that are open go on with the other one.
        """
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        hurried = (
            f"to_timestamp({self.began + self.skipped!r}::float8 + {self.haste!r}::float8"
            f" * (extract(epoch FROM pg_catalog.clock_timestamp())::float8 - {self.began!r}::float8))"
        )
        function = "CREATE OR REPLACE FUNCTION hurry.clock_timestamp() RETURNS timestamptz"
        statements = (
            "CREATE SCHEMA IF NOT EXISTS hurry",
            f"{function} LANGUAGE sql VOLATILE AS $$ SELECT {hurried} $$",
            f'ALTER DATABASE "{name}" SET search_path = public, hurry, pg_catalog',
        )
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


class HurriedClock(SystemClock):
    """The machine's clock of a hub process, hurried."""

    def __init__(self, hurry: Hurry) -> None:
        super().__init__()
        self._hurry = hurry

    @property
    def skew_seconds(self) -> float:
        """Loop's clock is this one."""
        return 0.0

    def learn(self, server_now: datetime) -> None:
        """Learn nothing: Loop's clock is this one."""

    def now(self) -> datetime:
        """The time, aware UTC."""
        return self._hurry.now()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic() * self._hurry.haste + self._hurry.skipped

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds / self._hurry.haste)


class HurriedWorldClock(WorldClock):
    """What the stations' clocks go by, where nobody turns it: it runs by itself."""

    def __init__(self, hurry: Hurry) -> None:
        super().__init__()
        self._clock = HurriedClock(hurry)
        self._began = self._clock.monotonic()
        self.haste = hurry.haste

    def now(self) -> datetime:
        """The time, aware UTC."""
        return self._clock.now()

    def monotonic(self) -> float:
        """Seconds since the world began."""
        return self._clock.monotonic() - self._began

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._clock.sleep(seconds)

    async def settle(self) -> None:
        """Let the others work for a moment."""
        await asyncio.sleep(LOOK_SECONDS)

    async def turn(self, seconds: float) -> None:
        """Let time pass."""
        await self._clock.sleep(seconds)

    async def until(self, condition: Callable[[], bool], most_seconds: float = 3600.0) -> None:
        """Wait until something is true.

        Raises:
            AssertionError: It did not come true within that many seconds of this clock.
        """
        end = self.monotonic() + most_seconds
        while not condition():
            assert self.monotonic() < end, f"not so within {most_seconds} s"
            await asyncio.sleep(LOOK_SECONDS)
