"""The presenter of the mystery parcels."""

from __future__ import annotations

from loopdesk.domain.scans import Meaning
from loopdesk.presenters.mysteries import MysteriesPresenter
from loopdesk.presenters.page_screens import MysteriesScreen
from loopdesk.services.events import MysteryKept, MysteryMatched
from loopdesk.services.mysteries import MysteryDesk
from tests import builders
from tests.builders import AT
from tests.unit.presenters.rig import ZONE, Recorder, Rig, a_rig


def some_mysteries(rig: Rig) -> tuple[MysteriesPresenter, Recorder[MysteriesScreen], MysteryDesk]:
    desk = MysteryDesk(
        mysteries=rig.store.mysteries,
        cache=rig.store.returns,
        audit=rig.store.audit,
        clock=rig.clock,
        feed=rig.feed,
        station=rig.station,
        classify=lambda raw: Meaning(raw, builders.candidates(raw)),
    )
    presenter = MysteriesPresenter(
        desk=desk,
        records=rig.store.mysteries,
        cache=rig.store.returns,
        feed=rig.feed,
        tasks=rig.tasks,
        clock=rig.clock,
        zone=ZONE,
        station=rig.station,
        open_return=rig.opened.append,
    )
    surface = Recorder[MysteriesScreen]()
    presenter.attach(surface)
    return presenter, surface, desk


async def test_waiting_parcels_are_listed_the_latest_first() -> None:
    async with a_rig() as rig:
        presenter, surface, desk = some_mysteries(rig)
        await desk.keep("AAA1", "blue box", "M1")
        await desk.keep("", "no label")
        presenter.show()
        await rig.settle()
        rows = surface.last().rows
        assert [(x.number, x.code, x.words, x.shelf) for x in rows] == [
            (2, "no code", "no label", ""),
            (1, "AAA1", "blue box", "M1"),
        ]
        assert surface.last().message == "2 parcels wait for their return."


async def test_a_parcel_that_gets_its_number_is_listed_and_counted_at_once() -> None:
    async with a_rig() as rig:
        told: list[MysteryKept] = []
        rig.feed.on(MysteryKept, told.append)
        presenter, surface, desk = some_mysteries(rig)
        presenter.show()
        await rig.settle()
        await desk.keep("AAA1")
        await rig.settle()
        assert [x.number for x in told] == [1]
        assert [x.code for x in surface.last().rows] == ["AAA1"]


async def test_a_record_is_linked_by_hand() -> None:
    async with a_rig() as rig:
        presenter, surface, desk = some_mysteries(rig)
        await desk.keep("AAA1")
        await rig.store.returns.save((builders.a_fetched(),), AT)
        presenter.show()
        await rig.settle()
        presenter.select(1)
        presenter.type_link("1164")
        await rig.settle()
        assert [x.text for x in surface.last().links] == ["#1164"]
        presenter.link(surface.last().links[0].return_id)
        await rig.settle()
        assert surface.last().rows == ()
        presenter.show_all(True)
        await rig.settle()
        assert surface.last().rows[0].match == "Found: #1164"
        assert rig.store.audit.kept[-1].operator == "Kim"
        presenter.select(1)
        presenter.open_at_bench()
        assert rig.opened == [builders.RETURN_ID]


async def test_an_unknown_return_cannot_be_linked() -> None:
    async with a_rig() as rig:
        presenter, surface, desk = some_mysteries(rig)
        await desk.keep("AAA1")
        presenter.show()
        await rig.settle()
        presenter.link("5")
        presenter.select(1)
        presenter.type_link("nobody")
        await rig.settle()
        assert surface.last().problem == "This station knows no such return."
        presenter.link("5")
        await rig.settle()
        assert surface.last().problem == "This station knows no such return."
        presenter.type_link("")
        await rig.settle()
        assert surface.last().problem == ""


async def test_words_and_shelf_can_be_written_later() -> None:
    async with a_rig() as rig:
        presenter, surface, desk = some_mysteries(rig)
        await desk.keep("AAA1")
        presenter.show()
        await rig.settle()
        presenter.select(1)
        presenter.describe(" red \n box ", "M 2")
        await rig.settle()
        assert (surface.last().rows[0].words, surface.last().rows[0].shelf) == ("red box", "M 2")


async def test_a_record_can_end_and_wait_again() -> None:
    async with a_rig() as rig:
        presenter, surface, desk = some_mysteries(rig)
        await desk.keep("AAA1")
        presenter.show()
        presenter.show_all(True)
        await rig.settle()
        presenter.select(1)
        presenter.close_record()
        await rig.settle()
        assert surface.last().rows[0].match == "Ended without a return"
        assert surface.last().message == "No parcel waits for its return."
        await desk.keep("AAA1")
        presenter.reopen_record()
        await rig.settle()
        assert surface.last().problem == "Another parcel with the same code waits already."


async def test_a_match_is_shown_at_once() -> None:
    async with a_rig() as rig:
        presenter, surface, desk = some_mysteries(rig)
        await desk.keep("1Z999AA10123456784")
        presenter.show()
        await rig.settle()
        await rig.store.returns.save((builders.a_fetched(),), AT)
        rig.feed.on(MysteryMatched, lambda _: None)
        await desk.try_again()
        await rig.settle()
        assert surface.last().rows == ()
