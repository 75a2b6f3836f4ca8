"""A station configured to be alone notices another by its marker, and never by its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loopdesk.domain.errors import DiskFull
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.claims import claim_text
from loopdesk.domain.outbox.stages import Stage, marker_of
from loopdesk.domain.returns.returns import Note
from loopdesk.services.outbox.claims import NOTICED_MARK
from loopdesk.services.station.events import SecondBenchNoticed
from tests.builders import RETURN_ID, a_return
from tests.unit.services.outbox_rig import Rig, running

WHOLE = (Kind.NOTE, Kind.PROCESS)
OTHER = marker_of("elsewhere")


def write(rig: Rig, text: str, ago: timedelta = timedelta()) -> None:
    """Add a note to the return at Loop."""
    if RETURN_ID not in rig.gateway.truth:
        rig.gateway.add(a_return())
    notes = rig.gateway.truth[RETURN_ID].notes
    notes.append(Note(str(len(notes) + 1), text, rig.clock.now() - ago))


def claims(rig: Rig) -> int:
    """Count the claims at Loop."""
    return sum(" claims " in note.text for note in rig.gateway.truth[RETURN_ID].notes)


@pytest.mark.fault(174)
async def test_from_another_benchs_mark_on_claims_are_made_and_the_budget_is_shared() -> None:
    async with running() as rig:
        heard: list[SecondBenchNoticed] = []
        rig.feed.on(SecondBenchNoticed, heard.append)
        await rig.clock.turn(120.0)
        write(rig, f"Box torn {OTHER}")
        await rig.parts.read_notes(RETURN_ID)
        await rig.parts.read_notes(RETURN_ID)
        assert heard == [SecondBenchNoticed("")]
        assert rig.parts.second_bench.stations() == 2
        assert [row.event for row in await rig.audit.rows("second_bench")] == ["second_bench"]
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(30.0)
        assert rig.stages(*entries) == (Stage.DONE, Stage.DONE)
        assert claims(rig) == 1


@pytest.mark.fault(174)
async def test_the_budget_is_divided_from_then_on() -> None:
    async with running() as rig:
        before = rig.parts.budget.spent().allowed
        await rig.clock.turn(120.0)
        write(rig, claim_text("dock 3", OTHER))
        await rig.parts.read_notes(RETURN_ID)
        assert rig.parts.budget.spent().allowed == before // 2


@pytest.mark.fault(174)
async def test_what_was_noticed_holds_after_a_crash_until_it_has_said_how_many_there_are() -> None:
    async with running() as rig:
        await rig.clock.turn(120.0)
        write(rig, claim_text("dock 3", OTHER))
        await rig.parts.read_notes(RETURN_ID)
        await rig.crash()
        assert await rig.parts.second_bench.count() == 2
        noticed = rig.parts.second_bench.noticed
        assert noticed is not None
        assert (noticed.station, noticed.return_id, noticed.marker) == ("dock 3", RETURN_ID, OTHER)
        rig.stations = 3
        assert await rig.parts.second_bench.count() == 3
        rig.stations = 1
        assert await rig.parts.second_bench.count() == 1
        await rig.parts.read_notes(RETURN_ID)
        assert rig.parts.second_bench.stations() == 1  # what it was told about before is no news
        await rig.clock.turn(120.0)
        write(rig, claim_text("dock 3", marker_of("newer")))
        await rig.parts.read_notes(RETURN_ID)
        assert rig.parts.second_bench.stations() == 2


@pytest.mark.fault(174)
async def test_its_own_marks_raise_no_alarm_under_a_new_name_either() -> None:
    async with running() as rig:
        await rig.clock.turn(120.0)
        rig.stations = 2
        entries = await rig.keep(*WHOLE)
        await rig.clock.turn(30.0)
        assert claims(rig) == 1
        rig.stations, rig.station = 1, rig.station.__class__("renamed", Operator(name="Lee"))
        await rig.clock.turn(120.0)
        await rig.parts.read_notes(RETURN_ID)
        await rig.crash()
        await rig.clock.turn(120.0)
        await rig.parts.read_notes(RETURN_ID)
        assert rig.stages(*entries) == (Stage.DONE, Stage.DONE)
        assert await rig.parts.second_bench.count() == 1


@pytest.mark.fault(174)
@pytest.mark.parametrize("lost", ["purged", "put back"])
async def test_its_own_marks_that_its_store_no_longer_knows_raise_no_alarm(lost: str) -> None:
    async with running() as rig:
        await rig.clock.turn(120.0)
        await rig.keep(*WHOLE)
        await rig.clock.turn(30.0)
        assert rig.gateway.truth[RETURN_ID].notes
        if lost == "purged":
            await rig.clock.turn(25 * 3600.0)
        else:
            await rig.crash()
            await rig.clock.turn(7200.0)
        rig.store.outbox.kept.clear()
        await rig.parts.read_notes(RETURN_ID)
        assert await rig.parts.second_bench.count() == 1


@pytest.mark.fault(174)
async def test_a_mark_that_a_person_copied_to_another_return_raises_no_alarm() -> None:
    async with running() as rig:
        await rig.clock.turn(120.0)
        other = a_return(return_id="70000077")
        (note,) = await rig.keep(Kind.NOTE, ret=other)
        write(rig, f"as on the other one: {note.marker}")
        await rig.parts.read_notes(RETURN_ID)
        assert await rig.parts.second_bench.count() == 1


@pytest.mark.fault(174)
async def test_a_mark_that_cannot_be_kept_is_noticed_at_the_next_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as rig:
        await rig.clock.turn(120.0)
        write(rig, claim_text("dock 3", OTHER))

        async def full(name: str, value: str) -> None:
            raise DiskFull

        with monkeypatch.context() as patch:
            patch.setattr(rig.returns, "mark", full)
            assert await rig.parts.read_notes(RETURN_ID)
        assert rig.parts.second_bench.noticed is None
        await rig.parts.read_notes(RETURN_ID)
        assert await rig.returns.marked(NOTICED_MARK)
        assert rig.parts.second_bench.stations() == 2


@pytest.mark.fault(174)
async def test_where_loops_time_is_not_known_nothing_is_concluded() -> None:
    async with running() as rig:
        await rig.clock.turn(120.0)
        write(rig, claim_text("dock 3", OTHER))
        rig.clock.skew_seconds = None
        await rig.parts.read_notes(RETURN_ID)
        assert rig.parts.second_bench.stations() == 1
