"""An odd value anywhere in a row hides no neighbor and ends no read, and hides its row only if in its ids."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from loopdesk.api.client import LoopClient
from loopdesk.api.transport import Transport
from loopdesk.app.runtime import _rebuild
from loopdesk.domain.errors import AnswerLost
from loopdesk.domain.labels.scans import Candidate, CandidateKind
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.station.events import Feed
from loopdesk.services.sync.listing import ListReader, Window
from loopdesk.store.store import Store, open_store
from tests.abuse.answerer import Answer, Answerer, Asked
from tests.builders import AT
from tests.fakes.clock import HandClock
from tests.scenarios.command import Commands
from tests.torture import figures
from tests.torture.poison import ODD, Place, a_rich_row, has_its_ids, places, poisoned
from tests.unit.api.bench import OpenBudget

FIRST = 91_000_000
EVERY_PLACE = list(places(a_rich_row(FIRST)))
READINGS = 3
"""At most twenty rows of a page are asked for alone each time it is read."""


@dataclass
class Shop:
    """Answers with the page and the details that it was given."""

    rows: list[bytes] = field(default_factory=list)
    details: dict[str, bytes] = field(default_factory=dict)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        query = request.url.params
        if "return_id" in query:
            return httpx.Response(200, content=self.details[query["return_id"]])
        rows = b",".join(self.rows if "state" not in query else [])
        return httpx.Response(200, content=b'{"returns":[' + rows + b'],"nextPageUrl":null}')


@dataclass
class Bench:
    """The real client and the real store, and what brings the list from one to the other."""

    shop: Shop
    client: LoopClient
    store: Store
    clock: HandClock

    async def read(self) -> None:
        """Read the list as the program does."""
        reader = ListReader(
            cache=self.store.returns,
            gateway=self.client,
            clock=self.clock,
            feed=Feed(_unexpected),
            observe=_nobody,
        )
        for _ in range(READINGS):
            await reader.read(Window(AT - timedelta(days=1), AT, "updated_at"))

    async def finds(self, number: int) -> bool:
        """Whether the store knows a return by its id."""
        hits = await self.store.returns.find([Candidate(str(number), CandidateKind.RETURN_ID, "")])
        return [hit.return_id for hit in hits] == [str(number)]


def _unexpected(where: str, failure: BaseException) -> None:
    raise AssertionError(where) from failure


async def _nobody(_fetched: Fetched) -> None:
    return None


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Set one up."""
    shop, clock = Shop(), HandClock()

    def make_wire(*, keep_alive: bool, proxy: str, certificate: bytes = b"") -> httpx.AsyncBaseTransport:
        del keep_alive, proxy, certificate
        return httpx.MockTransport(shop.answer)

    transport = Transport(clock=clock, budget=OpenBudget(), make_wire=make_wire)
    transport.set_key("a-key-that-nobody-has")
    store = await open_store(tmp_path / "store", _rebuild)
    yield Bench(shop, LoopClient(transport), store, clock)
    await transport.aclose()
    await store.close()


def chosen_places(name: str, each: int) -> list[Place]:
    """Return every place in a full run, else a sample at even intervals."""
    return EVERY_PLACE[:: figures.size(name, each, 1)]


@pytest.mark.fault(30, 31, 157, 162)
@pytest.mark.expects_log("rows_unreadable")
async def test_an_odd_value_at_any_place_of_the_list_hides_nothing_but_rows_without_ids(bench: Bench) -> None:
    counts = figures.begin("odd values in the list")
    number = FIRST
    for place in chosen_places("poison", 9):
        if not figures.has_time(counts):
            break
        good, odd = {}, {}
        bench.shop.rows = []
        for name, text in ODD.items():
            good[number + 1], odd[number + 2] = place, name
            bench.shop.rows += [poisoned(number + 1, (), ""), poisoned(number + 2, place, text)]
            bench.shop.details[str(number + 2)] = poisoned(number + 2, (), "")
            number += 2
        await bench.read()
        counts.trials += len(odd)
        for one in good:
            assert await bench.finds(one), f"a neighbor of {place}"
        for one, name in odd.items():
            found = await bench.finds(one)
            counts.steps += found
            assert found or place == ("id",), f"{name} at {place}"
    counts.more["not found, because their own id is odd"] = counts.trials - counts.steps
    counts.end()


@pytest.mark.fault(30, 31, 157, 162)
@pytest.mark.expects_log("rows_unreadable")
async def test_an_odd_value_at_any_place_of_details_is_read_or_leaves_what_was_known(bench: Bench) -> None:
    counts = figures.begin("odd values in details")
    number = FIRST + 500_000
    for place in chosen_places("poison", 9):
        if not figures.has_time(counts):
            break
        for name, text in ODD.items():
            number += 1
            counts.trials += 1
            bench.shop.details[str(number)] = poisoned(number, place, text)
            try:
                fetched = await bench.client.details(str(number))
            except AnswerLost:
                assert not has_its_ids(place, name), f"{name} at {place}"
                continue
            await bench.store.returns.save((fetched,), AT)
            assert await bench.finds(number), f"{name} at {place}"
            counts.steps += 1
    counts.more["not read, because an id is odd or it is no JSON"] = counts.trials - counts.steps
    counts.end()


def test_there_are_forty_odd_values_and_every_place_of_a_row() -> None:
    assert len(ODD) == 40
    assert len(EVERY_PLACE) > 70
    assert ("line_items", 0, "condition", "images", 0) in EVERY_PLACE


SYNC = """
import resource, sys
from loopdesk import cli
code = cli.main(["sync", "--once"])
print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def synced_with(rows: int, folder: Path) -> tuple[int, int, str]:
    """Let the command line read one page of so many empty rows.

    Returns:
        Its exit code, the most memory that it had in kB, and what its log says of rows.
    """
    body = b'{"returns":[' + b",".join([b"{}" + b" " * 45] * rows) + b'],"nextPageUrl":null}'
    nothing = b'{"returns":[],"nextPageUrl":null}'

    def script(asked: Asked) -> Answer:
        is_page = asked.words[-1] == "list" and "from" in asked.query and "state" not in asked.query
        return Answer(body if is_page else nothing)

    with Answerer(script) as loop:
        ran = Commands(folder, loop.url, "a-key-that-nobody-has").run_python(SYNC)
    code, most = ran.out.split()[-2:]
    logs = [path.read_text("utf-8") for path in folder.rglob("*.log*")]
    return int(code), int(most), "\n".join(x for x in "\n".join(logs).splitlines() if "rows_unreadable" in x)


if sys.platform != "win32":

    @pytest.mark.fault(176)
    def test_a_page_of_empty_rows_takes_bounded_memory_and_one_line_of_the_log(tmp_path: Path) -> None:
        counts = figures.begin("empty rows")
        rows = figures.size("rows", 100_000, 1_000_000)
        _, usual, none = synced_with(0, tmp_path / "usual")
        code, most, said = synced_with(rows, tmp_path / "rows")
        assert code == 0
        assert none == ""
        assert said.count("rows_unreadable") == 1
        assert f"count={rows}" in said
        counts.trials, counts.more["MB more than usual"] = rows, round((most - usual) / 1000)
        counts.end()
        assert most - usual < rows * 48 * 7 / 1000
