"""H1: benches that follow a hub settle through it, on a hurried clock: what each return costs at Loop."""

from __future__ import annotations

import sys

import pytest

from loopdesk.hub.budget.dealing import BURST, PER_SECOND, Klass
from tests.hub.spare_postgres import SparePostgres
from tests.hub.walk.shift import a_shift, by_kind, fullest, settled, work
from tests.torture import figures

EVERY_SECONDS = 60.0
MOST = 60 * PER_SECOND + BURST
GOAL = 4.2
SLACK = 0.8
"""For a busy machine, where a look before sending may be too old to send."""

ACTIONS = ("POST dispositioning/grade", "POST dispositioning/assess", "POST warehouse/return/N/process")

WARM = 2
"""Rounds that are not counted: before the first list was told, each bench looks for itself."""

HASTE, SHORT_HASTE = 6.0, 12.0
"""Few benches leave a busy machine more room, so the short form may hurry more."""


@pytest.mark.expects_log
async def test_a_settled_return_costs_its_actions_and_one_look_before_them(
    spare_postgres: SparePostgres, capsys: pytest.CaptureFixture[str]
) -> None:
    benches = figures.size("hub_shift_benches", 3, 40)
    each = figures.size("hub_shift_returns", 4, 60)
    spare_postgres.make("shift")
    haste = HASTE if figures.is_full() else SHORT_HASTE
    shift = a_shift(figures.seed(), spare_postgres, benches=benches, each=each, haste=haste, database="shift")
    try:
        await shift.open()
        await work(shift, range(WARM), EVERY_SECONDS)
        before, turns_before = len(shift.loop.requests()), shift.turns()
        await work(shift, range(WARM, each), EVERY_SECONDS)
        await shift.calm()
        turns = shift.turns() - turns_before
        asked, requests = by_kind(shift, before), shift.loop.requests()
        posts = {what: number for what, number in by_kind(shift, 0).items() if what.startswith("POST ")}
        assert settled(shift) == benches * each
    finally:
        await shift.close()
        spare_postgres.drop("shift")
    many = sum(number for what, number in asked.items() if what.endswith("/process"))
    own = sum(number for klass, number in turns.items() if klass is not Klass.BACKGROUND)
    most = fullest([request.at for request in requests])
    with capsys.disabled():
        sys.stdout.write(
            f"\nH1: {many} returns by {benches} benches: {own / many:.2f} requests each (goal {GOAL}), and"
            f" {turns[Klass.BACKGROUND] / many:.2f} of lists and reading ahead; {most} in the fullest minute"
            f" (most {MOST:.0f})\n    {dict(asked)}\n"
        )
    assert {request.status for request in requests} == {200}
    assert most <= MOST
    assert posts == dict.fromkeys(ACTIONS, benches * each)
    if (
        figures.is_full()
    ):  # in three minutes it hangs on how many results a list tells before they are looked for
        assert own / many <= GOAL + SLACK
