"""The first seconds: scans before the program has finished starting are answered, and nothing is lost."""

from __future__ import annotations

import asyncio

import pytest

from loopdesk.domain.hub_join import JoinCode
from loopdesk.presenters.screens.window import Signal
from loopdesk.simulator.samples import SAMPLES
from loopdesk.ui.pages.first_run import FirstRunView
from tests.fakes.key_store import KeyStore
from tests.scenarios.desk import Body, Desk
from tests.simulator_thread import SimulatorThread

PARCEL = SAMPLES["single"]
CLOSED_PORT = 9
ANSWER_SECONDS = 8.0
"""After ten seconds the key store is not waited for any longer."""


class SlowKeyStore(KeyStore):
    """A key store that answers only after something else was done.

    Attributes:
        meanwhile: What is done at the desk before it answers; None for nothing.
        failed: What went wrong with that.
    """

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Body | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.failed: list[BaseException] = []

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is stored, after what is done meanwhile."""
        if self.meanwhile is not None and self.loop is not None:
            done = asyncio.run_coroutine_threadsafe(self._work(self.meanwhile), self.loop)
            try:
                done.result(ANSWER_SECONDS)
            except BaseException as failure:  # noqa: BLE001 - the test fails with it
                self.failed.append(failure)
        return super().get_password(service, username)

    @staticmethod
    async def _work(body: Body) -> None:
        await body()


@pytest.fixture
def slow(desk: Desk, shop: SimulatorThread) -> SlowKeyStore:
    """Give the desk a slow key store that holds the shop's key."""
    desk.key_store = slow = SlowKeyStore()
    desk.environ.pop("LOOPDESK_API_KEY")

    async def keep() -> None:
        await desk.runtime.secrets.keep_key(shop.key)

    desk.play(keep)
    return slow


def play(desk: Desk, slow: SlowKeyStore, meanwhile: Body, then: Body) -> None:
    """Start the program, do one thing before its key is known and another one afterwards."""
    slow.meanwhile = meanwhile
    make = desk._live

    async def live(*given: object) -> list[str]:
        slow.loop = asyncio.get_running_loop()
        return await make(*given)  # type: ignore[arg-type]

    desk._live = live  # type: ignore[method-assign, assignment]
    desk.play(then)
    assert slow.failed == []


def test_a_scan_that_only_loop_knows_waits_for_the_key_and_opens_its_return(
    desk: Desk, shop: SimulatorThread, slow: SlowKeyStore
) -> None:
    async def meanwhile() -> None:
        await desk.hand.scan(PARCEL.tracking_number or "")
        await desk.hand.until("the question", lambda: desk.screen.band.signal is Signal.WAITING)
        assert shop.requests("GET", "") == []

    async def then() -> None:
        await desk.shown(PARCEL)
        assert await desk.program.parts.mysteries.open_records() == ()

    play(desk, slow, meanwhile, then)


def test_what_the_store_knows_opens_while_the_key_store_is_still_asked(
    desk: Desk, slow: SlowKeyStore
) -> None:
    desk.play(desk.synced)

    async def meanwhile() -> None:
        await desk.open(PARCEL)

    async def then() -> None:
        await desk.refreshed(PARCEL)
        assert desk.session.program.parts.connection.is_online

    play(desk, slow, meanwhile, then)


def test_a_scan_behind_the_page_of_the_first_run_opens_nothing_and_is_answered_there(
    desk: Desk, shop: SimulatorThread
) -> None:
    desk.environ["LOOPDESK_OPERATOR"] = ""

    async def body() -> None:
        page = desk.session.window.findChild(FirstRunView)
        assert page is not None
        await desk.hand.scan(PARCEL.tracking_number or "")
        await desk.hand.until("the answer", lambda: "Nothing was opened." in page.problem.text())
        assert page.fields["operator"].text() == ""
        page.fields["operator"].setText("Ada")
        await desk.hand.click(page.begin)
        await desk.hand.until("the bench", lambda: desk.session.window.shown_view() == "bench")
        assert desk.screen.header is None
        await desk.open(PARCEL)

    desk.play(body)


def test_a_scan_before_the_page_of_the_first_run_is_answered_there(desk: Desk, slow: SlowKeyStore) -> None:
    desk.environ["LOOPDESK_OPERATOR"] = ""

    async def meanwhile() -> None:
        await desk.hand.scan(PARCEL.tracking_number or "")
        assert "still starting" in desk.session.window.band.sentence.text()

    async def then() -> None:
        page = desk.session.window.findChild(FirstRunView)
        assert page is not None
        await desk.hand.until("the answer", lambda: "Nothing was opened." in page.problem.text())

    play(desk, slow, meanwhile, then)


def test_a_hubs_code_that_is_scanned_at_work_opens_nothing_and_asks_before_it_joins(
    desk: Desk, shop: SimulatorThread
) -> None:
    code = JoinCode(f"http://127.0.0.1:{CLOSED_PORT}", bytes(range(16))).text()

    async def body() -> None:
        await desk.hand.until("the bench", lambda: desk.session.window.shown_view() == "bench")
        await desk.hand.scan(code)
        await desk.hand.until("the question", lambda: desk.session.window.shown_view() == "settings")
        screen = desk.session.pages.presenters["settings"]._screen()
        assert screen.asking is not None
        assert "127.0.0.1" in screen.asking.consequence
        rows = await desk.runtime.store.audit.rows("", 100)
        assert code not in str(rows), "the code is kept nowhere"
        assert desk.screen.header is None

    desk.play(body)
