"""The windows in which effects are looked for are Loop's, whatever wrote the time they begin with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.sync import LONGEST
from loopdesk.services.outbox.readback import SWEEP_REACH, Reader
from loopdesk.services.ports.loop import ListPage, ReadingGateway
from tests.builders import AT
from tests.fakes.clock import HandClock


class Asked:
    """Answers with empty pages, and remembers the windows."""

    def __init__(self) -> None:
        self.windows: list[tuple[datetime, datetime]] = []

    async def list_page(self, *, start: datetime, end: datetime, **_: Any) -> ListPage:
        """Take note of a window."""
        self.windows.append((start, end))
        return ListPage((), "")


@pytest.mark.fault(88, 156)
@pytest.mark.parametrize(
    ("since", "start"),
    [
        (AT - timedelta(minutes=5), AT - timedelta(minutes=5) - SWEEP_REACH),
        (AT - timedelta(days=1095), AT + SWEEP_REACH - LONGEST),
        (AT + timedelta(days=730), AT + SWEEP_REACH - LONGEST),
    ],
    ids=["known", "by a clock years behind", "by a clock years ahead"],
)
async def test_no_window_is_refused_or_empty_over_a_time_that_a_wrong_clock_wrote(
    since: datetime, start: datetime
) -> None:
    asked = Asked()
    reader = Reader(cast("ReadingGateway", asked), HandClock())
    await reader.rows([Kind.PROCESS], since, frozenset({"1"}))
    assert asked.windows == [(start, AT + SWEEP_REACH)]
    assert asked.windows[0][1] - asked.windows[0][0] <= LONGEST
