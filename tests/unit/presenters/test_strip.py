"""The status strip: what it says of the line."""

from __future__ import annotations

from dataclasses import dataclass, field

from loopdesk.domain.errors import Unreachable
from loopdesk.domain.labels import classify
from loopdesk.presenters.screens import StripScreen
from loopdesk.presenters.strip import StripParts, StripPresenter
from loopdesk.services.connection import Connection
from loopdesk.services.mysteries import MysteryDesk
from loopdesk.services.tasks import InTurn
from tests.unit.presenters.rig import ZONE, Rig, a_rig


@dataclass
class Drawn:
    """A surface that keeps every strip drawn on it."""

    screens: list[StripScreen] = field(default_factory=list)

    def render_strip(self, screen: StripScreen) -> None:
        """Keep a strip."""
        self.screens.append(screen)


def a_strip(rig: Rig) -> tuple[Connection, Drawn]:
    """Make a strip over a connection that nothing was asked on."""
    connection = Connection(clock=rig.clock, tasks=rig.tasks, feed=rig.feed)
    parts = StripParts(
        outbox=rig.store.outbox,
        mysteries=MysteryDesk(
            mysteries=rig.store.mysteries,
            cache=rig.store.returns,
            clock=rig.clock,
            feed=rig.feed,
            station=rig.station,
            classify=classify,
        ),
        connection=connection,
        feed=rig.feed,
        clock=rig.clock,
        zone=ZONE,
        station=rig.station,
        synced_at=lambda: None,
    )
    drawn = Drawn()
    line = InTurn(rig.tasks, "strip", lambda _, failure: rig.faults.append(failure))
    StripPresenter(parts, line).attach(drawn)
    return connection, drawn


async def test_the_strip_says_online_only_once_loop_has_answered() -> None:
    async with a_rig() as rig:
        connection, drawn = a_strip(rig)
        await rig.settle()
        assert (drawn.screens[-1].connection, drawn.screens[-1].connection_tone) == ("Not asked yet", "plain")
        connection.on_exchange(None, 0.4)
        await rig.settle()
        assert (drawn.screens[-1].connection, drawn.screens[-1].connection_tone) == ("Online", "ok")


async def test_a_line_that_is_down_before_the_first_answer_is_offline() -> None:
    async with a_rig() as rig:
        connection, drawn = a_strip(rig)
        connection.on_exchange(Unreachable())
        await rig.settle()
        assert drawn.screens[-1].connection.startswith("Offline since ")
