"""The presenter of the mystery parcels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from loopdesk.domain.errors import RuleBroken, Unreachable
from loopdesk.domain.labels.scans import CandidateKind, Meaning
from loopdesk.domain.printing.printers import NotPrinted, PrinterState
from loopdesk.presenters.pages.mysteries import MysteriesPresenter, MysteryParts
from loopdesk.presenters.screens.pages import MysteriesScreen
from loopdesk.presenters.words import errors
from loopdesk.services.bench.mysteries import MysteryDesk
from loopdesk.services.ports.store import Hit
from loopdesk.services.station.events import MysteryKept, MysteryMatched, MysteryUnclear
from tests import builders
from tests.builders import AT
from tests.unit.presenters.rig import Recorder, Rig, a_rig


def one_meaning(raw: str) -> Meaning:
    return Meaning(raw, builders.candidates(raw))


def two_meanings(raw: str) -> Meaning:
    kinds = (CandidateKind.RETURN_ID, CandidateKind.ORDER_NAME)
    return Meaning(raw, tuple(x for kind in kinds for x in builders.candidates(raw, kind=kind)))


def some_mysteries(
    rig: Rig, classify: Callable[[str], Meaning] = one_meaning
) -> tuple[MysteriesPresenter, Recorder[MysteriesScreen], MysteryDesk]:
    desk = MysteryDesk(
        mysteries=rig.store.mysteries,
        cache=rig.store.returns,
        clock=rig.clock,
        feed=rig.feed,
        station=rig.station,
        classify=classify,
    )

    async def keep_photo(path: str) -> str:
        if not path.endswith(".jpg"):
            raise RuleBroken("no_picture")
        return f"kept-{path}"

    async def ask_loop(text: str) -> None:
        if not rig.at_loop:
            raise Unreachable("no network")
        await rig.store.returns.save([x for x in rig.at_loop if text in x.ret.order_name], AT)

    parts = MysteryParts(
        desk=desk,
        labels=rig.labels,
        cache=rig.store.returns,
        ask_loop=ask_loop,
        keep_photo=keep_photo,
        photo_path=lambda name: f"/photos/{name}",
        open_return=rig.opened.append,
        new=lambda: rig.opened.append("new"),
        masked=lambda text: text.replace("BCDEF", "•••••"),
    )
    presenter = MysteriesPresenter(rig.page, parts)
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
        presenter.show_only("all")
        await rig.settle()
        assert surface.last().rows[0].match == "Found: #1164"
        assert rig.store.audit.kept[-1].operator.name == "Kim"
        presenter.select(1)
        presenter.open_at_bench()
        assert rig.opened == [builders.RETURN_ID]


async def test_returns_that_fit_one_record_are_never_offered_for_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with a_rig() as rig:
        presenter, surface, desk = some_mysteries(rig)
        await desk.keep("1Z999AA10123456784")
        await desk.keep("AAA1")
        both = (builders.a_return(), builders.a_return("70000002", order_name="#1165"))
        await rig.store.returns.save([builders.a_fetched(x) for x in both], AT)
        presenter.show()
        await rig.settle()
        choices, goes_on = desk.choices, asyncio.Event()

        async def slowly(number: int) -> tuple[Hit, ...]:
            found = await choices(number)
            await goes_on.wait()
            return found

        monkeypatch.setattr(desk, "choices", slowly)
        presenter.select(1)
        await rig.settle()
        surface.screens.clear()
        presenter.select(2)
        goes_on.set()
        await rig.settle()
        assert [screen.links for screen in surface.screens if screen.links] == []


async def test_what_is_typed_about_another_record_stays_when_a_change_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reading a photo from a share takes seconds, in which the person goes on."""
    async with a_rig() as rig:
        presenter, surface, desk = some_mysteries(rig)
        await rig.store.returns.save((builders.a_fetched(),), AT)
        await desk.keep("AAA1")
        await desk.keep("AAA2")
        presenter.show()
        await rig.settle()
        attach, goes_on = desk.attach, asyncio.Event()

        async def slowly(number: int, photo: str) -> None:
            await goes_on.wait()
            await attach(number, photo)

        monkeypatch.setattr(desk, "attach", slowly)
        presenter.select(1)
        presenter.take_photo("box.jpg")
        await rig.settle()
        presenter.select(2)
        presenter.type_link("1164")
        await rig.settle()
        goes_on.set()
        await rig.settle()
        assert [x.text for x in surface.last().links] == ["#1164"]


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
        assert surface.last().problem == "This station knows no such return. Enter asks Loop."
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
        presenter.show_only("all")
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


async def test_a_code_that_several_returns_carry_waits_for_a_person_and_is_told_once() -> None:
    async with a_rig() as rig:
        told: list[MysteryUnclear] = []
        rig.feed.on(MysteryUnclear, told.append)
        presenter, surface, desk = some_mysteries(rig)
        await desk.keep("1Z999AA10123456784")
        both = (builders.a_return(), builders.a_return("70000002", order_name="#1165"))
        await rig.store.returns.save([builders.a_fetched(x) for x in both], AT)
        presenter.show()
        await desk.try_again()
        await desk.try_again()
        await rig.settle()
        assert [(x.number, sorted(x.return_ids)) for x in told] == [(1, [builders.RETURN_ID, "70000002"])]
        (row,) = surface.last().rows
        assert (row.match, row.is_unclear, row.is_open) == ("Several returns: choose", True, True)
        presenter.select(1)
        await rig.settle()
        assert sorted(x.return_id for x in surface.last().links) == [builders.RETURN_ID, "70000002"]
        assert surface.last().problem == "2 returns carry this code. Choose the one that it is."
        presenter.link("70000002")
        await rig.settle()
        assert surface.last().rows == ()
        presenter.show_only("found")
        await rig.settle()
        assert [(x.match, x.is_unclear) for x in surface.last().rows] == [("Found: #1165", False)]


async def test_the_most_likely_meaning_of_a_code_is_a_guess_when_another_leads_elsewhere() -> None:
    async with a_rig() as rig:
        _, _, desk = some_mysteries(rig, two_meanings)
        await desk.keep("1166")
        named = builders.a_return("1166", parcels=(), order_name="#9")
        other = builders.a_return("70000002", parcels=(), order_name="1166")
        await rig.store.returns.save([builders.a_fetched(x) for x in (named, other)], AT)
        await desk.try_again()
        assert [x.linked_return_id for x in await desk.all_records()] == [""]
        assert set(desk.unclear[1]) == {"1166", "70000002"}


async def test_an_order_that_is_not_known_here_is_asked_for_at_loop() -> None:
    async with a_rig() as rig:
        presenter, surface, desk = some_mysteries(rig)
        await desk.keep("AAA1")
        presenter.show()
        await rig.settle()
        presenter.select(1)
        presenter.type_link("1164")
        presenter.ask_loop()
        await rig.settle()
        assert surface.last().problem.startswith(errors.title(Unreachable))
        rig.at_loop = (builders.a_fetched(builders.a_return("70000002", order_name="#9", parcels=())),)
        presenter.ask_loop()
        await rig.settle()
        assert surface.last().problem == "Neither this station nor Loop knows such a return."
        rig.at_loop = (builders.a_fetched(),)
        presenter.ask_loop()
        await rig.settle()
        assert [x.text for x in surface.last().links] == ["#1164"]
        assert surface.last().problem == ""


async def test_a_photo_can_be_given_later() -> None:
    async with a_rig() as rig:
        presenter, surface, desk = some_mysteries(rig)
        await desk.keep("AAA1")
        presenter.show()
        await rig.settle()
        presenter.select(1)
        presenter.take_photo("box.txt")
        await rig.settle()
        assert "not a picture" in surface.last().problem
        presenter.take_photo("box.jpg")
        await rig.settle()
        assert surface.last().rows[0].photo == "/photos/kept-box.jpg"


async def test_what_is_told_of_a_code_that_waits_already_is_added_to_its_record() -> None:
    async with a_rig() as rig:
        _, _, desk = some_mysteries(rig)
        await desk.keep("AAA1")
        await desk.keep("AAA1", "blue box", "M1")
        again = await desk.keep("AAA1", "wet", "", "ab.jpg")
        assert (again.number, again.words, again.shelf, again.photo) == (1, "blue box; wet", "M1", "ab.jpg")
        assert await desk.all_records() == (again,)


async def test_everything_done_to_a_record_stands_in_the_audit_log() -> None:
    async with a_rig() as rig:
        presenter, _, desk = some_mysteries(rig)
        await desk.keep("AAA1")
        presenter.show()
        await rig.settle()
        presenter.show_only("all")
        presenter.select(1)
        await rig.settle()
        for act in (presenter.close_record, presenter.reopen_record):
            act()
            await rig.settle()
        presenter.describe("red box", "M 2")
        await rig.settle()
        rows = [(x.event, x.operator.name) for x in rig.store.audit.kept]
        told = ["mystery_kept", "mystery_ended", "mystery_reopened", "mystery_described"]
        assert rows == [(event, "Kim") for event in told]


async def test_the_letters_of_a_command_code_are_neither_kept_nor_asked_for() -> None:
    async with a_rig() as rig:
        presenter, surface, desk = some_mysteries(rig)
        await desk.keep("AAA1")
        rig.at_loop = (builders.a_fetched(builders.a_return(order_name="LDCMDCONFIRMBCDEF")),)
        presenter.show()
        await rig.settle()
        presenter.select(1)
        presenter.describe("LDCMDCONFIRMBCDEF", "LDCMDPARKBCDEF")
        await rig.settle()
        kept = await desk.all_records()
        assert [(x.words, x.shelf) for x in kept] == [("LDCMDCONFIRM•••••", "LDCMDPARK•••••")]
        presenter.type_link("LDCMDCONFIRMBCDEF")
        await rig.settle()
        presenter.ask_loop()
        await rig.settle()
        assert surface.last().links == ()
        assert surface.last().problem.startswith("That is a command")


async def test_a_parcel_without_a_code_is_kept_at_the_bench() -> None:
    async with a_rig() as rig:
        presenter, _, _ = some_mysteries(rig)
        presenter.new_record()
        assert rig.opened == ["new"]


async def test_the_label_of_a_parcel_is_printed_and_what_came_of_it_is_said() -> None:
    async with a_rig() as rig:
        presenter, surface, desk = some_mysteries(rig)
        await desk.keep("AAA1", "blue box", "M1")
        presenter.show()
        await rig.settle()
        presenter.print_label()
        await rig.settle()
        assert rig.printer.labels == []
        presenter.select(1)
        await rig.settle()
        presenter.print_label()
        assert surface.last().prints
        assert surface.last().problem == "To the printer: Mystery 1."
        await rig.settle()
        (label,) = rig.printer.labels
        assert (label.code, label.heading) == ("LDM1", "Mystery 1")
        assert label.lines[1:] == ("M1 · blue box", "AAA1")
        assert surface.last().problem == "Sent to the printer: Mystery 1."
        rig.printer.answer = NotPrinted(PrinterState.OPEN)
        presenter.print_label()
        await rig.settle()
        assert surface.last().problem.startswith("Not printed: Mystery 1.")
        assert "is open" in surface.last().problem
