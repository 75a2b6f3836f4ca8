"""The names of Loop's destinations: asked once a run, and kept for a bench without a network."""

from __future__ import annotations

from loopdesk.domain.errors import ApiError, ScopeMissing, Unreachable
from loopdesk.domain.returns.returns import Destination
from loopdesk.services.bench.parcels import NAMES_MARK, Destinations
from tests.fakes.clock import HandClock
from tests.fakes.gateway import ScriptedGateway
from tests.fakes.memory_returns import MemoryReturns


class Told(ScriptedGateway):
    """A Loop that tells its destinations, or fails."""

    def __init__(self) -> None:
        super().__init__(HandClock())
        self.failure: ApiError | None = None

    async def destinations(self) -> tuple[Destination, ...]:
        if self.failure is not None:
            raise self.failure
        return (Destination("7", "Berlin"), Destination("12", "Reno"))


async def test_what_loop_told_is_known_by_name_in_the_next_run_without_a_network() -> None:
    cache, gateway = MemoryReturns(), Told()
    first = Destinations(gateway, cache)
    assert first.known() == ()
    await first.load()
    assert first.known() == (("7", "Berlin"), ("12", "Reno"))
    gateway.failure = Unreachable()
    second = Destinations(gateway, cache)
    await second.load()
    assert second.known() == (("7", "Berlin"), ("12", "Reno"))
    assert second.name("7") == "Berlin"
    assert not second.is_on
    assert second.state.code == "destinations_unknown"


async def test_an_empty_store_knows_no_destination() -> None:
    gateway = Told()
    gateway.failure = ScopeMissing()
    places = Destinations(gateway, MemoryReturns())
    await places.load()
    assert places.known() == ()
    assert places.name("7") == "7"
    assert places.state.code == "destinations_forbidden"


async def test_names_that_cannot_be_read_are_asked_for_again() -> None:
    for text in ("{", "[1]", '"7"'):
        cache, gateway = MemoryReturns(), Told()
        await cache.mark(NAMES_MARK, text)
        places = Destinations(gateway, cache)
        await places.load()
        assert places.name("12") == "Reno"
