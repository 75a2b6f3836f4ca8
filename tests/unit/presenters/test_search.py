"""The search view's presenter."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from loopdesk.domain.errors import StoreBusy
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.presenters.pages.search import AGAIN_SECONDS, SearchPresenter, search_row
from loopdesk.presenters.screens.pages import SearchScreen
from loopdesk.presenters.words import errors
from loopdesk.services.ports.store import Indexed, Stored
from loopdesk.services.station.events import ReturnChanged, SyncProgress
from tests import builders
from tests.builders import AT
from tests.unit.presenters.rig import Recorder, Rig, a_rig


def a_search(rig: Rig) -> tuple[SearchPresenter, Recorder[SearchScreen]]:
    presenter = SearchPresenter(
        rig.page,
        cache=rig.store.returns,
        open_return=rig.opened.append,
    )
    surface = Recorder[SearchScreen]()
    presenter.attach(surface)
    return presenter, surface


async def fill(rig: Rig, *returns: tuple[str, str]) -> None:
    made = [builders.a_return(rid, order_name=name, provider_order_id=f"555{rid}") for rid, name in returns]
    await rig.store.returns.save([builders.a_fetched(ret) for ret in made], AT)


async def test_an_empty_search_says_what_is_known_and_lists_the_latest() -> None:
    async with a_rig() as rig:
        presenter, surface = a_search(rig)
        await fill(rig, ("1", "#1"), ("2", "#2"))
        later = builders.a_return("1", order_name="#1", updated_at=AT + timedelta(minutes=1))
        await rig.store.returns.save([builders.a_fetched(later)], AT)
        presenter.show()
        await rig.settle()
        assert [row.return_id for row in surface.last().rows] == ["1", "2"]
        assert surface.last().message.startswith("2 returns are known here. The latest are below.")
        presenter.open("")
        assert rig.opened == [], "Enter in the empty field means none of them"
        presenter.open(surface.last().rows[1].return_id)
        assert rig.opened == ["2"]


async def test_the_latest_are_read_again_when_loop_told_more() -> None:
    async with a_rig() as rig:
        presenter, surface = a_search(rig)
        presenter.show()
        await rig.settle()
        assert surface.last().rows == ()
        assert surface.last().message == "0 returns are known here."
        await fill(rig, ("1", "#1"))
        rig.feed.tell(SyncProgress(1, True))
        await rig.settle()
        assert surface.last().rows == ()
        rig.feed.tell(SyncProgress(1, False))
        await rig.settle()
        assert [row.return_id for row in surface.last().rows] == ["1"]


async def test_returns_are_found_by_any_words() -> None:
    async with a_rig() as rig:
        presenter, surface = a_search(rig)
        await fill(rig, ("1", "#1164"), ("2", "#2000"))
        presenter.show()
        presenter.search("linen #1164")
        assert surface.last().searching
        await rig.clock.turn(1)
        assert [row.order_name for row in surface.last().rows] == ["#1164"]
        assert surface.last().message == "1 return found."
        assert not surface.last().searching


async def test_only_the_last_of_what_is_typed_fast_is_looked_for() -> None:
    async with a_rig() as rig:
        presenter, surface = a_search(rig)
        await fill(rig, ("1", "#1164"))
        presenter.show()
        await rig.settle()
        before = len(surface.screens)
        for text in ("1", "11", "116", "1164"):
            presenter.search(text)
        await rig.clock.turn(1)
        assert [row.return_id for row in surface.last().rows] == ["1"]
        assert len(surface.screens) - before <= 6


async def test_enter_before_the_answer_opens_what_is_typed_and_not_what_was_shown() -> None:
    async with a_rig() as rig:
        presenter, surface = a_search(rig)
        await fill(rig, ("1", "#1164"), ("2", "#2000"))
        presenter.show()
        presenter.search("1164")
        await rig.clock.turn(1)
        assert [row.return_id for row in surface.last().rows] == ["1"]
        presenter.search("2000")
        presenter.open("")
        await rig.settle()
        assert rig.opened == ["2"]
        presenter.search("nowhere")
        presenter.open("")
        await rig.settle()
        assert rig.opened == ["2"]


async def test_an_answer_to_an_older_text_is_never_shown() -> None:
    async with a_rig() as rig:
        presenter, surface = a_search(rig)
        await fill(rig, ("1", "#1164"), ("2", "#2000"))
        presenter.show()
        await rig.settle()
        asked, gate, real = [], asyncio.Event(), rig.store.returns.search

        async def slow(text: str, most: int = 50) -> tuple[Stored, ...]:
            asked.append(text)
            if text == "1164":
                await gate.wait()
            return await real(text, most)

        rig.store.returns.search = slow  # type: ignore[method-assign]
        presenter.search("1164")
        await rig.clock.turn(1)
        presenter.search("2000")
        await rig.clock.turn(1)
        gate.set()
        await rig.settle()
        assert asked == ["1164", "2000"]
        shown = [[row.return_id for row in screen.rows] for screen in surface.screens]
        assert ["1"] not in shown
        assert shown[-1] == ["2"]


async def test_a_store_that_cannot_be_read_says_so_and_the_next_key_tries_again() -> None:
    async with a_rig() as rig:
        presenter, surface = a_search(rig)
        await fill(rig, ("1", "#1164"))
        presenter.show()
        await rig.settle()
        real = rig.store.returns.search

        async def broken(text: str, most: int = 50) -> tuple[Stored, ...]:
            raise StoreBusy

        rig.store.returns.search = broken  # type: ignore[method-assign]
        presenter.search("116")
        await rig.clock.turn(1)
        assert surface.last().problem == errors.told(StoreBusy)
        assert (surface.last().rows, surface.last().message) == ((), "")
        rig.store.returns.search = real  # type: ignore[method-assign]
        presenter.search("1164")
        await rig.clock.turn(1)
        assert (surface.last().problem, len(surface.last().rows)) == ("", 1)


async def test_an_older_file_says_how_far_its_index_is_until_it_is_complete() -> None:
    async with a_rig() as rig:
        presenter, surface = a_search(rig)
        await fill(rig, ("1", "#1164"))
        rig.store.returns.index = Indexed(1200, 30_000)
        presenter.show()
        await rig.settle()
        assert "Still indexing 1\N{THIN SPACE}200 of 30\N{THIN SPACE}000" in surface.last().message
        rig.store.returns.index = Indexed(30_000, 30_000)
        await rig.clock.turn(AGAIN_SECONDS)
        assert "indexing" not in surface.last().message


async def test_nothing_found_says_how_to_ask_loop() -> None:
    async with a_rig() as rig:
        presenter, surface = a_search(rig)
        presenter.show()
        presenter.search("nobody")
        await rig.clock.turn(1)
        assert "F3" in surface.last().message


async def test_a_found_return_opens_at_the_bench() -> None:
    async with a_rig() as rig:
        presenter, surface = a_search(rig)
        await fill(rig, ("1", "#1164"))
        presenter.show()
        presenter.open("")
        presenter.search("1164")
        await rig.clock.turn(1)
        presenter.open("")
        presenter.open(surface.last().rows[0].return_id)
        assert rig.opened == ["1", "1"]


async def test_a_shown_return_is_drawn_again_when_loop_changed_it() -> None:
    async with a_rig() as rig:
        presenter, surface = a_search(rig)
        await fill(rig, ("1", "#1164"))
        presenter.show()
        presenter.search("1164")
        await rig.clock.turn(1)
        closed = builders.a_return("1", order_name="#1164", state=ReturnState.CLOSED)
        await rig.store.returns.save((builders.a_fetched(closed),), AT)
        before = len(surface.screens)
        rig.feed.tell(ReturnChanged("99"))
        await rig.settle()
        assert len(surface.screens) == before
        rig.feed.tell(ReturnChanged("1"))
        await rig.settle()
        assert surface.last().rows[0].state == "Closed"


def test_a_row_names_three_items_and_counts_the_rest() -> None:
    lines = tuple(builders.a_line(str(n), title=f"Item {n}", variant_title="") for n in range(5))
    parcels = (builders.a_parcel("1Z1"), builders.a_parcel("1Z2"))
    row = search_row(builders.a_return(lines=lines, parcels=parcels, customer_name=""))
    assert row.what == "Item 0, Item 1, Item 2 and 2 more"
    assert row.tracking == "1Z1 and 1 more"
    assert row.shopper == "rob•••@example.com"
