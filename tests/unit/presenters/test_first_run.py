"""The first start."""

from __future__ import annotations

import asyncio

import pytest

from loopdesk.domain.errors import AnswerLost, ApiError, KeyRefused, ScopeMissing, Throttled, Unreachable
from loopdesk.presenters.pages.first_run import FirstRunPresenter
from loopdesk.presenters.pages.key_entry import KeyEntry, KeyVerdict, shape_problem
from loopdesk.presenters.screens.pages import FirstRunScreen
from tests.unit.presenters.rig import Recorder, Rig, a_rig
from tests.unit.presenters.test_settings import CODE, Safe


class Given:
    """The presenter with everything around it."""

    def __init__(self, rig: Rig, *, needs_key: bool = True) -> None:
        self.safe = Safe()
        self.names: list[tuple[str, str]] = []
        self.finished = 0
        self.practiced = 0
        self.verdict = KeyVerdict((), "", is_taken=False)
        self.gate = asyncio.Event()
        self.gate.set()
        self.presenter = FirstRunPresenter(
            entry=KeyEntry(check=self._check, secrets=self.safe, use=self.safe.use, join=self.safe.join),
            keep_names=self._keep,
            finished=self._finish,
            practice=self._practice,
            tasks=rig.tasks,
            station="dock 1",
            needs_key=needs_key,
        )
        self._surface = Recorder[FirstRunScreen]()
        self.presenter.attach(self._surface)

    async def _check(self, key: str) -> None:
        await self.gate.wait()
        await self.safe.check(key)

    async def _keep(self, station: str, operator: str) -> None:
        self.names.append((station, operator))

    def _finish(self, verdict: KeyVerdict) -> None:
        self.finished += 1
        self.verdict = verdict

    def _practice(self) -> None:
        self.practiced += 1

    def screen(self) -> FirstRunScreen:
        """Return what is seen."""
        return self._surface.last()


async def test_a_good_key_and_two_names_begin_the_bench() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        assert given.screen() == FirstRunScreen("dock 1", "")
        given.presenter.begin("abc123 ", " dock  1 ", "Kim")
        await rig.settle()
        assert given.finished == 1
        assert given.names == [("dock 1", "Kim")]
        assert given.safe.used == "abc123"


@pytest.mark.parametrize(
    ("key", "station", "operator", "wrong"),
    [
        ("", "dock 1", "Kim", "key"),
        ("two words", "dock 1", "Kim", "key"),
        ("abc", "  ", "Kim", "station"),
        ("abc", "d" * 41, "Kim", "station"),
        ("abc", "dock 1", "", "operator"),
        ("abc", "dock 1", "Ki\u202em", "operator"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(key: str, station: str, operator: str, wrong: str) -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.begin(key, station, operator)
        await rig.settle()
        assert given.finished == 0
        assert given.screen().wrong == wrong
        assert given.screen().problem
        assert given.screen().tone == "blocked"


@pytest.mark.parametrize(
    ("failure", "said", "may_go_on"),
    [
        (KeyRefused(), "Loop refuses this key", False),
        (ScopeMissing(), "lacks the Returns permission", False),
        (Unreachable(), "Loop cannot be reached", True),
        (Throttled(), "Loop is too busy", True),
        (AnswerLost("html"), "login page", True),
    ],
)
async def test_what_loop_says_of_the_key_is_said_in_words(
    failure: ApiError, said: str, may_go_on: bool
) -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.safe.failure = failure
        given.presenter.begin("canary123", "dock 1", "Kim")
        await rig.settle()
        assert said in given.screen().problem
        assert bool(given.screen().go_on) is may_go_on
        assert given.finished == 0
        assert given.safe.kept == ""
        assert "canary123" not in repr(given.screen())
        given.presenter.go_on("canary123", "dock 1", "Kim")
        await rig.settle()
        assert given.finished == int(may_go_on)
        assert given.safe.kept == ("canary123" if may_go_on else "")


async def test_a_broken_key_store_does_not_stop_the_bench() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.safe.broken = True
        given.presenter.begin("abc123", "dock 1", "Kim")
        await rig.settle()
        assert given.finished == 1
        assert given.safe.used == "abc123"
        assert "in memory until the program ends" in given.verdict.sentence


async def test_pressing_twice_checks_once() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.gate.clear()
        given.presenter.begin("abc123", "dock 1", "Kim")
        given.presenter.begin("abc123", "dock 1", "Kim")
        given.presenter.practice()
        await rig.settle()
        assert given.screen().checking
        given.gate.set()
        await rig.settle()
        assert (given.finished, given.practiced) == (1, 0)


async def test_a_known_key_is_not_asked_for() -> None:
    async with a_rig() as rig:
        given = Given(rig, needs_key=False)
        assert not given.screen().needs_key
        given.presenter.begin("", "dock 1", "Kim")
        await rig.settle()
        assert given.finished == 1
        assert given.safe.used == ""


async def test_one_may_practice_first() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.practice()
        assert given.practiced == 1


def test_a_pasted_page_is_no_key() -> None:
    assert str(shape_problem("x" * 513)) == "That is no key: it is far too long."
    assert shape_problem("kléy")
    assert "several lines" in str(shape_problem("abc\r\ndef"))
    assert not shape_problem("a" * 64)


# --- a hub ------------------------------------------------------------------------------------------


async def test_a_site_with_a_hub_is_asked_for_the_hubs_code_instead_of_a_key() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.choose_way()
        assert given.screen().is_hub
        given.presenter.begin("abc123", "dock 1", "Kim")
        assert given.screen().wrong == "key"
        assert "no code of a hub" in given.screen().problem
        given.presenter.begin(CODE, "dock 1", "Kim")
        await rig.settle()
        assert given.finished == 1
        assert given.safe.codes == [CODE]
        assert given.safe.used == ""


async def test_the_hubs_code_may_be_scanned_at_any_time_of_the_first_run() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.take_join_code(CODE)
        assert (given.screen().is_hub, given.screen().is_scanned) == (True, True)
        assert CODE not in given.screen().problem
        given.presenter.begin("", "", "Kim")
        assert given.screen().wrong == "station"
        given.presenter.begin("", "dock 1", "Kim")
        await rig.settle()
        assert given.finished == 1
        assert given.safe.codes == [CODE]


async def test_a_code_that_the_hub_refused_is_not_tried_again_by_itself() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.safe.not_joined = "join_expired"
        given.presenter.take_join_code(CODE)
        given.presenter.begin("", "dock 1", "Kim")
        await rig.settle()
        assert given.finished == 0
        assert "15 minutes" in given.screen().problem
        assert not given.screen().is_scanned
        given.presenter.begin("", "dock 1", "Kim")
        await rig.settle()
        assert given.safe.codes == [CODE]


async def test_who_changes_his_mind_enters_the_shops_key_again() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.take_join_code(CODE)
        given.presenter.choose_way()
        assert (given.screen().is_hub, given.screen().is_scanned) == (False, False)
        given.presenter.begin("abc123", "dock 1", "Kim")
        await rig.settle()
        assert given.safe.used == "abc123"
        assert given.safe.codes == []
