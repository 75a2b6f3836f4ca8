"""How many inputs each case takes from the label on, by gun, by key and by touch."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from loopdesk.domain.outbox.stages import Stage
from loopdesk.presenters.screens.window import Signal
from loopdesk.simulator.barcodes import ups
from loopdesk.simulator.samples import SAMPLES
from loopdesk.ui import printing
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

ONE, THREE = SAMPLES["single"], SAMPLES["multi_line"]
SHARED = SAMPLES["shared_first"], SAMPLES["shared_second"]
FOREIGN, NOBODY = "5901234123457", ups(9_999_991)
WAYS = ("gun", "key", "touch")
COMMANDS = {
    "grade_a": ("LDCMDGRADEA", "1"),
    "grade_d": ("LDCMDGRADED", "4"),
    "grade_missing": ("LDCMDMISSING", "6"),
    "grade_wrong": ("LDCMDWRONG", "5"),
    "rest_a": ("LDCMDRESTA", "!"),  # Shift+1 as it arrives
    "extra_item": ("LDCMDEXTRA", "Ctrl+E"),
    "wrong_parcel": ("LDCMDELSEWHERE", "Ctrl+9"),
    "empty_box": ("LDCMDEMPTY", "Ctrl+0"),
    "flag": ("LDCMDFLAG", "F4"),
    "confirm": ("LDCMDCONFIRM", "F12"),
}
REASON = 2


class Inputs:
    """Gives inputs in one way, and counts them."""

    def __init__(self, desk: Desk, way: str) -> None:
        self.desk, self.way, self.count = desk, way, 0

    async def label(self, code: str) -> None:
        """Scan a label or an item; nothing else reads one."""
        self.count += 1
        await self.desk.hand.scan(code)
        await self.desk.at_rest()
        await self.desk.hand.look()

    async def give(self, *commands: str) -> None:
        """Give commands, one input each."""
        for command in commands:
            self.count += 1
            code, key = COMMANDS[command]
            if self.way == "gun":
                await self.desk.scan(code)
            elif self.way == "key":
                await self.desk.press(key)
            else:
                await self.desk.click(self.desk.button(command))

    async def answer(self, number: int) -> None:
        """Choose a numbered answer; a gun reads it from the screen."""
        self.count += 1
        if self.way == "gun":
            await self.read(f"LDCMDTEXT{number}")
        elif self.way == "key":
            await self.desk.press(str(number))
        else:
            await self.desk.click(self.desk.session.window.bench.prompt.templates()[number - 1])

    async def read(self, word: str) -> None:
        """Scan a command's code from the screen, where it stands beside an answer."""
        code, window = self.desk.issued(word), self.desk.session.window
        await self.desk.hand.until(
            f"the code of {word} on the screen",
            lambda: code in {text for text, _ in printing.read(window.grab().toImage())},
        )
        await self.desk.hand.scan(code)
        await self.desk.at_rest()


async def _settled(desk: Desk, return_id: str, *stages: Stage) -> None:
    assert desk.screen.band.signal is Signal.KEPT
    await desk.until_lane(return_id, *(stages or (Stage.DONE,)))


@pytest.mark.parametrize("way", WAYS)
def test_a_perfect_single_takes_three_inputs(desk: Desk, shop: SimulatorThread, way: str) -> None:
    async def body() -> None:
        await desk.synced()
        inputs = Inputs(desk, way)
        await inputs.label(ONE.tracking_number or "")
        await inputs.give("grade_a", "confirm")
        assert inputs.count == 3
        await _settled(desk, ONE.return_id)

    desk.play(body)
    assert traffic.acts(traffic.posts(shop, ONE)) == ["grade", "assess", "process"]


@pytest.mark.parametrize(
    ("way", "rest", "most"), [("gun", "rest_a", 5), ("key", "rest_a", 5), ("touch", "grade_a", 6)]
)
def test_three_lines_of_which_the_second_is_missing(
    desk: Desk, shop: SimulatorThread, way: str, rest: str, most: int
) -> None:
    async def body() -> None:
        await desk.synced()
        inputs = Inputs(desk, way)
        await inputs.label(THREE.tracking_number or "")
        await inputs.give("grade_a", "grade_missing", rest, "confirm")
        assert inputs.count == len(("label", "A", "missing", "the rest", "confirm")) <= most
        await _settled(desk, THREE.return_id)

    desk.play(body)
    assert traffic.acts(traffic.posts(shop, THREE)) == ["grade", "assess", "note", "remove"]
    graded = traffic.items(traffic.posts(shop, THREE)[0])
    assert len(graded) == 3


@pytest.mark.parametrize("way", WAYS)
def test_an_extra_item_takes_two_more_inputs_and_is_visible(
    desk: Desk, shop: SimulatorThread, way: str
) -> None:
    async def body() -> None:
        await desk.synced()
        inputs = Inputs(desk, way)
        await inputs.label(ONE.tracking_number or "")
        await inputs.label(FOREIGN)
        await desk.hand.until("the question", lambda: desk.screen.prompt is not None)
        await inputs.answer(1)
        assert [row.title for row in desk.screen.lines[1:]] == [FOREIGN]
        await inputs.give("grade_a", "confirm")
        assert inputs.count == 3 + 2
        await _settled(desk, ONE.return_id)

    desk.play(body)
    assert traffic.acts(traffic.posts(shop, ONE)) == ["grade", "assess", "note", "flag"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("came", [(), (FOREIGN,)])
def test_a_wrong_item_takes_three_inputs_and_what_came_one_more(
    desk: Desk, shop: SimulatorThread, way: str, came: Sequence[str]
) -> None:
    async def body() -> None:
        await desk.synced()
        inputs = Inputs(desk, way)
        await inputs.label(ONE.tracking_number or "")
        await inputs.give("grade_wrong")
        for code in came:
            await inputs.label(code)
        await inputs.give("confirm")
        assert inputs.count == 3 + len(came)
        await _settled(desk, ONE.return_id)

    desk.play(body)
    (note,) = shop.truth(ONE.return_id)["notes"]
    assert ("came: 5901234123457" in note["content"]) == bool(came)


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_parcel_takes_two_inputs(desk: Desk, shop: SimulatorThread, way: str) -> None:
    async def body() -> None:
        await desk.synced()
        inputs = Inputs(desk, way)
        await inputs.label(ONE.tracking_number or "")
        await inputs.give("wrong_parcel")
        assert inputs.count == 2
        await _settled(desk, ONE.return_id)

    desk.play(body)
    assert shop.truth(ONE.return_id)["state"] == "review"
    assert traffic.acts(traffic.posts(shop, ONE)) == ["note", "flag"]


@pytest.mark.parametrize("way", WAYS)
def test_an_empty_box_takes_three_inputs(desk: Desk, shop: SimulatorThread, way: str) -> None:
    async def body() -> None:
        await desk.synced()
        inputs = Inputs(desk, way)
        await inputs.label(ONE.tracking_number or "")
        await inputs.give("empty_box", "confirm")
        assert inputs.count == 3
        await _settled(desk, ONE.return_id)

    desk.play(body)
    assert shop.truth(ONE.return_id)["state"] == "review"


@pytest.mark.parametrize("way", WAYS)
def test_a_mystery_parcel_takes_two_inputs(desk: Desk, shop: SimulatorThread, way: str) -> None:
    del shop

    async def body() -> None:
        await desk.synced()
        inputs = Inputs(desk, way)
        await inputs.label(NOBODY)
        await desk.hand.until("the question", lambda: desk.screen.prompt is not None)
        if way == "key":
            await inputs.give("confirm")
        elif way == "touch":
            inputs.count += 1
            await desk.click(desk.session.window.bench.prompt.accept)
        else:
            inputs.count += 1
            await inputs.read("LDCMDCONFIRM")
        assert inputs.count == 2
        assert [each.code for each in await desk.runtime.store.mysteries.all()] == [NOBODY]

    desk.play(body)


@pytest.mark.parametrize("way", WAYS)
def test_a_flag_with_its_reason_takes_three_inputs(desk: Desk, shop: SimulatorThread, way: str) -> None:
    async def body() -> None:
        await desk.synced()
        inputs = Inputs(desk, way)
        await inputs.label(ONE.tracking_number or "")
        await inputs.give("flag")
        await inputs.answer(REASON)
        assert inputs.count == 3
        await _settled(desk, ONE.return_id)

    desk.play(body)
    (note,) = shop.truth(ONE.return_id)["notes"]
    assert note["content"].startswith("Flagged: Signs of use beyond the policy")


@pytest.mark.parametrize("way", WAYS)
def test_one_of_several_returns_of_a_label_takes_two_inputs(
    desk: Desk, shop: SimulatorThread, way: str
) -> None:
    del shop

    async def body() -> None:
        await desk.synced()
        inputs = Inputs(desk, way)
        await inputs.label(SHARED[0].tracking_number or "")
        await desk.hand.until("the choice", lambda: desk.screen.prompt is not None)
        assert desk.screen.prompt is not None
        names = [text.split()[0] for text in desk.screen.prompt.templates]
        assert sorted(names) == sorted(each.order_name for each in SHARED)
        await inputs.answer(2)
        assert inputs.count == 2
        assert desk.screen.header is not None
        assert desk.screen.header.order_name == names[1]

    desk.play(body)


def test_a_code_is_typed_with_keyboard_and_scanner_unplugged(desk: Desk, shop: SimulatorThread) -> None:
    """Everything from the first press to the settlement is a touch."""
    del shop

    async def body() -> None:
        await desk.synced()
        await desk.click(desk.button("type_code"))
        prompt = desk.session.window.bench.prompt
        await desk.click(prompt.pad_button)
        for sign in ONE.order_name:
            await desk.click(prompt.pad.key(sign))
        await desk.click(prompt.pad.key("enter"))
        await desk.shown(ONE)
        await desk.click(desk.button("grade_a"))
        await desk.click(desk.button("confirm"))
        await _settled(desk, ONE.return_id)

    desk.play(body)
